"""Advice under an answer: the rules that its facts call up, at most two, each naming itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.answers.facts import facts_of
from bot.core.answer import Note
from bot.core.desk import Desk
from bot.core.phrase import phrase
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.advice.facts import FACTS, Value
from knowledge.advice.rule import Fired
from knowledge.advice.rules import fired
from knowledge.prices.offer import Best

if TYPE_CHECKING:
    from bot.core.answer import Answer

MOST = 2
TOO_OLD = "verify-before-you-sign"
"""Said whenever it is a caution, whatever else is: nobody signs on old prices unwarned."""


def notes_for(
    question: Question,
    desk: Desk,
    about: str,
    shown: Sequence[Best] = (),
    pool: Sequence[Best] = (),
    more: Mapping[str, Value | None] | None = None,
) -> tuple[Note, ...]:
    """Cautions first, then by how specific a rule is; `more` are facts the command worked out."""
    facts = facts_of(question, desk, about, shown, pool)
    facts.update(more or {})
    return notes_of(facts, desk.say)


def notes_of(facts: Mapping[str, Value | None], say: Wording) -> tuple[Note, ...]:
    """The notes these facts call up, worded."""
    found = [
        one for one in fired(facts) if one.severity != "info" or not _is_list(facts.get("about"))
    ]
    said = found[:MOST]
    old = next((one for one in found if one.rule.id == TOO_OLD), None)
    if old is not None and old.severity == "caution" and old not in said:
        said[-1] = old
    return tuple(worded(one, facts, say) for one in said)


def _is_list(about: Value | None) -> bool:
    """Under a list only what is worth considering stands."""
    from bot.core.command import BY_NAME

    return isinstance(about, str) and about in BY_NAME and BY_NAME[about].is_list


def worded(one: Fired, facts: Mapping[str, Value | None], say: Wording) -> Note:
    """A fired rule in the reader's language, its placeholders filled."""
    values = {name: value_of(name, facts[name], say) for name in one.rule.needs}
    return Note(
        "caution" if one.severity == "caution" else "tip",
        one.rule.id,
        one.rule.advice(say.lang).format(**values),
    )


def value_of(name: str, value: Value | None, say: Wording) -> str:
    """A fact as a reader reads it, by its kind."""
    kind = FACTS[name].name
    if isinstance(value, tuple):
        return say.listing(value)
    if isinstance(value, str) and kind == "date":
        return say.iso_date(value)
    if isinstance(value, str) or value is None:
        return value or "-"
    if kind == "usd":
        return say.money(value, 0)
    if kind == "usd_rate":
        return say.money(value)
    if kind == "percent":
        return say.percent(value / 100)
    number = say.number(round(value, 1 if abs(value) < 100 else 0))
    return f"{number} GB" if kind == "gb" else number


def asks_why(answer: Answer, say: Wording) -> Answer:
    """The answer with "why?" among its next questions, when a rule speaks in it."""
    from bot.core.answer import FollowUp
    from knowledge.advice.rules import load

    known = {rule.id for rule in load()}
    spoke = [note.rule for note in answer.notes if note.rule in known]
    if not spoke:
        return answer
    rule = next((one for one in spoke if one != TOO_OLD), spoke[0])
    question = phrase(Question("advise", topic="why", rules=(rule,)), say.lang)
    return answer._replace(follow_ups=(*answer.follow_ups[:4], FollowUp(say.t("Why?"), question)))
