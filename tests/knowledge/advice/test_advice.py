"""Advice rules: every example is tried, a broken rule is named, and no facts make one raise."""

from __future__ import annotations

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from bot.language import LANGS
from knowledge.advice import rulebook, rules
from knowledge.advice.facts import ABOUT, FACTS, Kind
from knowledge.advice.rule import AdviceFault, Rule
from knowledge.advice.rulebook import parse
from knowledge.advice.rules import fired, load

RULES = load()
GOOD = """\
[two-words]
when = ["months >= 3 or gpu_count >= 16", "tier in microcloud, marketplace"]
advice.en = "Ask {provider}."
advice.pt = "Pergunte à {provider}."
advice.es = "Pregunta a {provider}."
why.en = "Because."
why.pt = "Porque sim."
why.es = "Porque sí."
source = "https://example.org/page"
reviewed = 2026-11-22
fires = { months = 6, tier = "microcloud", provider = "Lambda" }
silent = { months = 1, tier = "microcloud", provider = "Lambda" }
"""
CLAIMS = 19
"""The claims of the mission's source article, counting a two-sided one for each side."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_fires_on_its_first_example_and_not_on_its_second(rule: Rule) -> None:
    """Both examples go through the front door, among all rules."""
    assert rule.id in {one.rule.id for one in fired(dict(rule.fires))}
    assert rule.id not in {one.rule.id for one in fired(dict(rule.silent))}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_note_is_short_enough_to_stand_under_an_answer(rule: Rule) -> None:
    """Two or three lines of a terminal, and a reason that is no essay."""
    for _, text in rule.advices:
        assert len(text) <= 210, len(text)
    for _, text in rule.whys:
        assert len(text) <= 330, len(text)
    assert len({text for _, text in rule.advices}) == len(LANGS)
    assert len({text for _, text in rule.whys}) == len(LANGS)


def test_the_rules_speak_the_languages_of_the_bot() -> None:
    """knowledge knows no packs, so its own list is compared with theirs."""
    assert rulebook.LANGUAGES == LANGS


def test_every_claim_of_the_article_has_a_rule() -> None:
    """Claims are named in the file, so that none is lost when a rule goes."""
    assert len(RULES) >= 45
    assert len({rule.claim for rule in RULES} - {""}) == CLAIMS


def test_cautions_come_first_then_what_is_more_specific() -> None:
    """And the file's order stands among equals."""
    facts = {
        **dict(_rule("supply-consistency").fires),
        "price_age_days": 45,
        "price_date": "10 Oct",
    }
    found = fired(facts)
    ranks = [(rules.SEVERITIES.index(one.severity), -len(one.rule.when)) for one in found]
    assert ranks == sorted(ranks)
    assert found[0].severity == "caution"
    assert len(found[0].rule.when) > len(found[-1].rule.when)


def test_a_severity_rises_with_the_facts() -> None:
    """A price of a week is a matter of course, of a month a caution."""
    rule = _rule("verify-before-you-sign")
    for days, severity in ((2, "info"), (8, "consider"), (31, "caution")):
        (found,) = fired({"price_age_days": days, "price_date": "x"}, [rule])
        assert found.severity == severity


def test_a_commitment_below_its_break_even_is_a_caution() -> None:
    """Two facts are compared with each other."""
    rule = _rule("reserve-break-even")
    facts = {"break_even": 70.0, "about": "billing"}
    assert fired({**facts, "utilisation": 60.0}, [rule])[0].severity == "caution"
    assert fired({**facts, "utilisation": 90.0}, [rule])[0].severity == "consider"
    assert fired(facts, [rule])[0].severity == "consider"


def test_a_good_rule_is_read() -> None:
    """What the faults below are variations of."""
    (rule,) = parse(GOOD, "rules.toml")
    assert rule.severity == "consider"
    assert rule.needs == ("provider",)
    assert rule.advice("pt") == "Pergunte à {provider}."


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("months >= 3", "month >= 3"), 'unknown fact "month", perhaps "months"'),
        (("months >= 3", "months => 3"), 'unknown comparison "=>"'),
        (("months >= 3", "months >="), "is no condition"),
        (("months >= 3", "months >= soon"), "neither a number nor a fact"),
        (("months >= 3", "months >= 2 x tier"), "neither a number nor a fact"),
        (("months >= 3", "months in 3, 4"), "months is a number"),
        (("months >= 3", "buying = maybe"), "buying is compared as"),
        (("months >= 3", "compliance = HIPAA"), 'compared with "includes"'),
        (("months >= 3", "provider = Lambda"), "cannot be compared"),
        (("months >= 3", "egress_tb is there"), 'after "is" comes "known"'),
        (("microcloud, marketplace", "microclouds"), '"microclouds" is no value of tier'),
        (('advice.pt = "Pergunte à {provider}."\n', ""), "advice.pt is missing"),
        (('why.en = "Because."', 'why.en = ""'), "why.en is missing"),
        (('why.es = "Porque sí."', "why.es = 3"), "why.es must be text"),
        (("why.es", "why.it"), "why.es is missing"),
        (('why.es = "Porque sí."', 'why.es = "Sí."\nwhy.it = "Sì."'), "unknown language why.it"),
        (("Because.", "Because {provider}."), "why.en takes no placeholders"),
        (("Ask {provider}.", "Ask {seller}."), "placeholder without a value: seller"),
        (("Ask {provider}.", "Ask {provider}. {"), "stray brace"),
        (("Ask {provider}.", "Ask."), "placeholder provider is not in every language"),
        (("https://example.org/page", "the web"), "is no web address"),
        (('"https://example.org/page"', "[3]"), "is no web address"),
        (("reviewed = 2026-11-22", 'reviewed = "today"'), "reviewed must be a date"),
        (("reviewed = ", "reviwed = "), "reviewed is missing"),
        (("reviewed = ", "note = 1\nreviewed = "), "unknown key note"),
        (("reviewed = ", 'severity = "grave"\nreviewed = '), "'grave' is none of"),
        (("months = 6", "months = 2"), "`fires` does not call it up"),
        ((', provider = "Lambda" }\nsilent', " }\nsilent"), "the advice also needs provider"),
        (("months = 1", "months = 9"), "`silent` calls it up"),
        (("months = 6", 'months = "6"'), "months cannot be '6'"),
        (("months = 6", "month = 6"), 'fires: unknown fact "month"'),
        (("[two-words]", "[TwoWords]"), "an id is words in lower case"),
        (("[two-words]", "[two-words"), "at line 1"),
    ],
)
def test_a_broken_rule_is_named_with_its_file(change: tuple[str, str], told: str) -> None:
    """One line that a person who writes no Python can act on."""
    assert change[0] in GOOD
    with pytest.raises(AdviceFault) as raised:
        parse(GOOD.replace(*change, 1), "rules.toml")
    assert str(raised.value).startswith("rules.toml")
    assert told in str(raised.value)


def test_the_worked_example_is_a_rule_of_twelve_lines() -> None:
    """What a newcomer copies works as it stands."""
    guide = (ROOT / "docs" / "extend.md").read_text("utf-8")
    block = guide[guide.index("[preview-hardware]") :].split("\n\n")[0]
    assert len(block.splitlines()) == 12
    (rule,) = parse(block, "extend.md")
    assert rule.id == "preview-hardware"


def test_every_fault_is_told_at_once() -> None:
    """Two broken rules, two lines."""
    broken = GOOD.replace("months >= 3", "month >= 3")
    text = broken + broken.replace("two-words", "other-words").replace("tier in", "teir in")
    with pytest.raises(AdviceFault) as raised:
        parse(text, "rules.toml")
    assert [line.split(": ")[1] for line in str(raised.value).splitlines()] == [
        "two-words",
        "other-words",
    ]


def _values(kind: Kind) -> st.SearchStrategy[object]:
    if kind.numeric:
        return st.one_of(st.integers(-5, 10**6), st.floats(allow_nan=True))
    if kind.name == "flag":
        return st.booleans()
    if kind.name == "words":
        return st.lists(st.sampled_from(["HIPAA", "SOC 2"])).map(tuple)
    return st.sampled_from(kind.allowed) if kind.allowed else st.text(max_size=8)


@given(
    st.fixed_dictionaries({}, optional={name: _values(kind) for name, kind in FACTS.items()}),
)
def test_no_combination_of_facts_raises(facts: dict[str, object]) -> None:
    """And what fires has every value that its advice needs."""
    for one in fired(facts):  # type: ignore[arg-type]
        assert all(facts.get(name) is not None for name in one.rule.needs)
        assert one.severity in rules.SEVERITIES


@given(st.sampled_from(RULES), st.data())
def test_a_fact_less_never_makes_a_caution_of_nothing(rule: Rule, data: st.DataObject) -> None:
    """With a needed fact gone, the rule is silent: unknown is not a reason for advice."""
    if not rule.needs:
        return
    gone = data.draw(st.sampled_from(rule.needs))
    facts = {name: value for name, value in rule.fires if name != gone}
    assert rule.id not in {one.rule.id for one in fired(facts)}


def test_every_fact_has_a_use() -> None:
    """The list of facts is what rules ask about or fill in, not a wish list."""
    used: set[str] = set()
    for rule in RULES:
        used.update(rule.needs)
        for clause in (*rule.when, *rule.unless, *rule.consider_when, *rule.caution_when):
            for name, _, _, _, other in clause:
                used.update(filter(None, (name, other)))
    assert set(FACTS) - used == set()
    assert set(FACTS["about"].allowed) == set(ABOUT)


def _rule(rule_id: str) -> Rule:
    return next(rule for rule in RULES if rule.id == rule_id)
