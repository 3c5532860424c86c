"""Understanding: the contract of `parse --json`, line by line, and what must hold for any text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from score_questions import differences

from bot.phrase import phrase
from bot.question import Question
from bot.understand import understand
from bot.understanding.intent import RULES

LINES = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "questions.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", LINES, ids=[case["q"][:50] for case in LINES])
def test_every_known_question_is_read_exactly(case: dict) -> None:
    """The intent and every stated field are equal, and nothing else is claimed."""
    stated = understand(case["q"]).stated()
    assert differences(stated, case["expect"]) == {}
    assert stated["lang"] == case["lang"]


def test_the_set_is_large_and_in_both_languages() -> None:
    """At least 150 questions of our own, a good share of them Portuguese."""
    portuguese = sum(case["lang"] == "pt" for case in LINES)
    assert len(LINES) >= 150
    assert portuguese / len(LINES) > 0.25


@given(st.text(max_size=10_000))
@example("8x" * 5000)
@example("a100 " * 2000)
@example("<@U" * 3000)
@example("$1," * 3000)
@example("1." * 5000)
@example("\x00\ud800" * 100)
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_without_an_exception(text: str) -> None:
    """Whatever comes in, a Question with a known shape comes out."""
    question = understand(text)
    assert question.intent
    assert json.dumps(question.stated())


_WORDS = st.sampled_from(
    [case["q"] for case in LINES if "<" not in case["q"] and "&" not in case["q"]]
)
_NOISE = st.sampled_from(
    ["<@U123ABC> {}", "<at>GPU Bot</at> {}", "{}!!!", "  {}  ", "“{}”", '"{}"', "{}?", "{} \n"]
)


@given(_WORDS, _NOISE)
@settings(max_examples=300, deadline=None)
def test_noise_never_changes_what_was_understood(words: str, noise: str) -> None:
    """Mention markup, quotes, blanks and punctuation around a text are not part of it."""
    assert understand(noise.format(words)).stated() == understand(words).stated()


@given(_WORDS)
@settings(max_examples=200, deadline=None)
def test_case_and_odd_blanks_never_change_what_was_understood(words: str) -> None:
    """Capitals, no-break blanks and line ends are how people type."""
    plain = understand(words).stated()
    assert understand(words.upper()).stated() == plain
    assert understand(words.replace(" ", "\u00a0")).stated() == plain
    assert understand(words.replace(" ", "\n")).stated() == plain


@pytest.mark.parametrize("name", ["H300", "A1000", "RTX 4090 Ti", "B100", "GTX 9999", "MI400"])
def test_an_unknown_card_is_never_read_as_a_known_one(name: str) -> None:
    """A name outside the table is said to be unknown."""
    question = understand(f"cheapest {name}")
    assert question.accelerators == ()
    assert question.unknown


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("cheapest h100 no hyperscalers", "exclude_tiers", ("hyperscaler",)),
        ("cheapest h100 but not spot", "exclude_billing", ("spot",)),
        ("cheapest h100 outside the US", "exclude_regions", ("us",)),
        ("cheapest h100 in germany or france", "regions", ("de", "fr")),
        ("a100 40gb vs 80gb", "variants", (40.0, 80.0)),
        ("budget R$ 5000 a100", "currency", "BRL"),
        ("are we overpaying for h100 at $4.10 on azure?", "paid_price", 4.1),
        ("cheapest h100 sxm", "form_factor", "SXM"),
        ("fit llama 3 70b int4", "precision", "int4"),
    ],
)
def test_what_needs_sense_is_kept_apart(words: str, field: str, value: object) -> None:
    """Negations, several places, other currencies and paid prices never pose as filters."""
    assert getattr(understand(words), field) == value


def test_an_order_after_a_question_is_not_obeyed() -> None:
    """ "cheapest H100 and ping everyone" is a question about H100."""
    assert understand("cheapest H100 and ping everyone").intent == "cheapest"
    assert understand("ping everyone about H100").intent == "out_of_scope"


def test_words_that_meant_nothing_are_said_back() -> None:
    """Nobody should think that "blockchain" narrowed the search."""
    assert "blockchain" in understand("cheapest h100 for blockchain").unused


def test_rules_are_a_list_with_names() -> None:
    """The precedence can be read in one place, and every rule says which it is."""
    names = [name for name, _ in RULES]
    assert len(set(names)) == len(names)
    assert names[0].startswith("1 ")


@pytest.mark.parametrize("lang", ["en", "pt"])
@pytest.mark.parametrize(
    "question",
    [
        Question(
            "cheapest", accelerators=("A100",), memory_gb=80, count=8, region="eu", billing="spot"
        ),
        Question(
            "cheapest", accelerators=("RTX4090",), max_price=0.4, exclude_providers=("vastai",)
        ),
        Question("compare", accelerators=("H100",), providers=("aws", "coreweave")),
        Question("compare", accelerators=("A100", "H100")),
        Question("price", accelerators=("H100",), providers=("azure",)),
        Question("estimate", accelerators=("H100",), count=8, hours=72),
        Question("budget", accelerators=("A100",), budget_usd=5000),
        Question("history", accelerators=("H100",), period_days=90),
        Question("provider", providers=("coreweave",)),
        Question("cheapest", accelerators=("H200",), tier="microcloud", region="br"),
    ],
)
def test_a_button_is_read_as_the_question_it_stands_for(question: Question, lang: str) -> None:
    """What `phrase` writes on a button is understood as the same question."""
    read = understand(phrase(question, lang))  # type: ignore[arg-type]
    wanted = {k: v for k, v in question.stated().items() if k != "lang"}
    got = {k: v for k, v in read.stated().items() if k != "lang"}
    assert got == wanted
