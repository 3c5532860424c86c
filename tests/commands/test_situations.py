"""Golden answers: realistic situations in both languages, worked out by hand before the code.

The market is small and fixed (tests/golden/), so that every figure can be checked on paper.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW
from golden_market import GOLDEN, small_store

from bot.core.answer import Answer
from bot.core.desk import Asker
from bot.render.terminal import plain
from bot.reply.reply import reply
from knowledge.prices.store import Store

SITUATIONS: list[dict[str, Any]] = tomllib.loads((GOLDEN / "situations.toml").read_text("utf-8"))[
    "situation"
]


@pytest.fixture(scope="module")
def small(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The golden market alone."""
    store = small_store(seeded, tmp_path_factory.mktemp("golden"))
    yield store
    store.close()


def _portuguese(figure: str) -> str:
    """A figure as a Brazilian reads it."""
    swapped = figure.replace(",", "\0").replace(".", ",").replace("\0", ".")
    return swapped.replace("$", "US$ ")


def _holds(answer: Answer, figure: str, lang: str) -> bool:
    english, _, portuguese = figure.partition("|")
    wanted = english if lang == "en" else portuguese or _portuguese(english)
    return wanted in " ".join(plain(answer, 400).split()) + " "


@pytest.mark.parametrize("lang", ["en", "pt"])
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one["en"])
def test_a_situation_gets_its_answer(small: Store, situation: dict[str, Any], lang: str) -> None:
    """The verdict, the figures behind it, and the rules that must speak."""
    answer = reply(situation[lang], Asker(), NOW, small)
    assert answer.lang == lang
    assert answer.headline.startswith(situation[f"verdict_{lang}"])
    for figure in situation.get("shows", ()):
        assert _holds(answer, figure, lang), figure
    spoke = [note.rule for note in answer.notes]
    assert set(situation.get("says", ())) <= set(spoke), spoke
    assert len(spoke) <= 2


@pytest.mark.parametrize("lang", ["en", "pt"])
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one["en"])
def test_an_answer_is_one_a_buyer_can_act_on(
    small: Store, situation: dict[str, Any], lang: str
) -> None:
    """It fits a terminal, its prices have sources, and a verdict says what would change it."""
    answer = reply(situation[lang], Asker(), NOW, small)
    assert all(len(line) <= 80 for line in plain(answer).splitlines())
    assert bool(answer.evidence) or answer.tone == "caution"
    assert len(answer.lines) <= 7
    if answer.question and answer.question.intent == "advise" and answer.tone == "plain":
        change = "What would change this" if lang == "en" else "O que mudaria isso"
        told = " ".join((*answer.lines, *(fact.label for fact in answer.facts)))
        assert change in told or answer.question.topic == "quote"


def test_there_are_enough_of_them_and_of_every_kind() -> None:
    """Forty at least, in both languages, with other facts and another verdict for each subject."""
    assert len(SITUATIONS) >= 40
    assert all(one["en"] != one["pt"] for one in SITUATIONS)
