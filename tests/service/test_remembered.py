"""The same question in the same minute on the same prices is answered from memory."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conftest import NOW

from bot.answer import Answer
from bot.desk import Asker
from bot.question import Question
from bot.service.remembered import MOST, Remembered, Stamp

STAMP = Stamp(7, NOW)
ANSWER = Answer("x", question=Question("cheapest"))


def test_it_is_the_same_answer_until_prices_or_the_minute_change() -> None:
    known, key = Remembered(), Remembered.key("cheapest a100", Asker())
    known.put(key, STAMP, ANSWER)
    assert known.get(key, STAMP) is ANSWER
    assert known.get(key, STAMP._replace(prices=8)) is None
    assert known.get(key, STAMP._replace(minute=NOW + timedelta(minutes=1))) is None


@pytest.mark.parametrize(
    "other",
    [Asker(lang="pt"), Asker(region="eu"), Asker(billing="spot"), Asker(tz="Europe/Lisbon"), Asker(workspace="slack:T2")],
)  # fmt: skip
def test_other_people_may_get_other_answers(other: Asker) -> None:
    known = Remembered()
    known.put(Remembered.key("cheapest a100", Asker(workspace="slack:T1")), STAMP, ANSWER)
    assert known.get(Remembered.key("cheapest a100", other), STAMP) is None


def test_who_may_not_see_contracts_never_gets_an_answer_that_holds_them() -> None:
    known, ours = Remembered(), Asker(workspace="slack:T1")
    known.put(Remembered.key("cheapest a100", ours), STAMP, ANSWER)
    guest = ours._replace(may_see_contracts=False)
    assert known.get(Remembered.key("cheapest a100", guest), STAMP) is None


@pytest.mark.parametrize("answer", [ANSWER._replace(question=Question("watches")), ANSWER._replace(question=Question("watch")), ANSWER._replace(tone="fault"), ANSWER._replace(question=None)])  # fmt: skip
def test_what_depends_on_more_than_prices_is_never_remembered(answer: Answer) -> None:
    known, key = Remembered(), Remembered.key("x", Asker())
    known.put(key, STAMP, answer)
    assert known.get(key, STAMP) is None


def test_memory_is_bounded() -> None:
    known = Remembered()
    for number in range(MOST + 10):
        known.put(number, STAMP, ANSWER)
    assert known.get(0, STAMP) is None
    assert known.get(MOST + 9, STAMP) is ANSWER
