"""why?: after an answer or by a rule's name, in both languages: reason, source, date."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import NOW

from bot.core.answer import Answer
from bot.core.command import COMMANDS, Command
from bot.core.desk import Asker
from bot.language import LANGS
from bot.render.terminal import plain
from bot.reply.reply import reply
from knowledge.advice.rules import load
from knowledge.prices.store import Store

Asked = Callable[..., Answer]


@pytest.mark.parametrize("rule", load(), ids=lambda rule: rule.id)
def test_every_rule_explains_itself_in_both_languages(ask: Asked, rule: object) -> None:
    """By name: its reason, every source, the day it was reviewed."""
    for lang, words in (("en", f"why {rule.id}?"), ("pt", f"por que {rule.id}?")):  # type: ignore[attr-defined]
        answer = ask(words)
        assert answer.lang == lang
        assert answer.headline == rule.why(lang)  # type: ignore[attr-defined]
        assert {item.page for item in answer.evidence} == set(rule.sources)  # type: ignore[attr-defined]
        assert all(item.as_of.date().isoformat() == rule.reviewed for item in answer.evidence)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("should we use spot for inference?", "why?"),
        ("cheapest A100", "why is that?"),
        ("vale a pena usar spot para inferência?", "por quê?"),
        ("A100 mais barata", "pq?"),
        ("fit llama 3 70b", "why?"),
        ("provider voltage park", "why?"),
    ],
)
def test_a_plain_why_is_about_the_answer_before_it(store: Store, before: str, after: str) -> None:
    """The rules that spoke in it, all of them; and asked again, the same."""
    first = reply(before, Asker(), NOW, store)
    spoke = {note.rule for note in first.notes}
    assert spoke
    second = reply(after, Asker(), NOW, store, first.question)
    told = " ".join(fact.value for fact in second.facts)
    assert all(rule in told for rule in spoke)
    assert second.lang == first.lang
    third = reply(after, Asker(), NOW, store, lambda: second.question)
    assert third.headline == second.headline


def test_why_of_nothing_asks_back(ask: Asked) -> None:
    """With an example that works."""
    answer = ask("why?")
    assert answer.tone == "caution"
    assert ask(answer.follow_ups[0].question).evidence


def test_an_answer_with_advice_offers_the_question(ask: Asked) -> None:
    """As its last follow-up, and it leads to a reason."""
    answer = ask("should we use spot for inference?")
    assert answer.follow_ups[-1].label == "Why?"
    assert "spot-unfit" in answer.follow_ups[-1].question
    assert "best effort" in plain(ask(answer.follow_ups[-1].question))


def test_other_questions_with_why_are_not_taken(ask: Asked) -> None:
    """Only a rule's name or nothing at all follows."""
    for words in ("why is the sky blue", "why-not-this", "why so-called-thing"):
        assert ask(words).question.topic != "why"  # type: ignore[union-attr]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_at_most_two_notes_each_of_a_rule(ask: Asked, command: Command) -> None:
    """Whatever is asked: cautions first, and every note names a rule that exists."""
    known = {rule.id for rule in load()}
    for lang in LANGS:
        words = command.example(lang)
        notes = ask(words).notes
        assert len(notes) <= 2
        assert [note.kind for note in notes] == sorted(note.kind for note in notes)
        assert {note.rule for note in notes} <= known
