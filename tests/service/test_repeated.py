"""Advice that stands in the answer before is not said again in its thread."""

from __future__ import annotations

from conftest import NOW

from bot.core.answer import Answer
from bot.core.desk import TERMINAL
from bot.core.question import Question
from bot.render.terminal import plain
from bot.reply.reply import reply
from knowledge.prices.store import Store

FIRST = Question("cheapest", accelerators=("H100",))


def _ask(store: Store, question: Question, last: Question | None = None) -> Answer:
    return reply(question, TERMINAL, NOW, store, last)


def test_a_caution_of_the_answer_before_is_not_repeated(store: Store) -> None:
    """The same words, word for word; what is new is said."""
    second = FIRST._replace(region="us")
    alone = {note.text for note in _ask(store, second).notes}
    before = {note.text for note in _ask(store, FIRST).notes}
    assert alone & before
    assert {note.text for note in _ask(store, second, FIRST).notes} == alone - before


def test_without_a_thread_every_caution_stands(store: Store) -> None:
    assert _ask(store, FIRST).notes == _ask(store, FIRST, None).notes != ()


def test_no_rule_is_named_at_the_terminal(store: Store) -> None:
    """ "Why?" is a button elsewhere."""
    answer = _ask(store, FIRST)
    shown = plain(answer)
    assert answer.notes
    assert not [note.rule for note in answer.notes if note.rule in shown]
