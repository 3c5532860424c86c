"""The same question within a minute on the same prices is answered from memory."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW
from slack_parts import real_core

from bot.core.answer import Answer
from bot.core.desk import Asker
from bot.core.question import Question
from bot.service.remembered import MOMENT, MOST, Remembered
from bot.state import State
from knowledge.prices.store import Store

VERSION = 7
ANSWER = Answer("x", question=Question("cheapest"))


def test_it_is_the_same_answer_until_prices_change_or_a_minute_is_over() -> None:
    known, key = Remembered(), Remembered.key("cheapest a100", Asker())
    known.put(key, VERSION, ANSWER, NOW)
    assert known.get(key, VERSION, NOW) is ANSWER
    assert known.get(key, VERSION, NOW + timedelta(seconds=59)) is ANSWER
    assert known.get(key, VERSION, NOW + timedelta(minutes=1)) is None
    assert known.get(key, VERSION, NOW - timedelta(seconds=1)) is None, "the clock was set back"
    assert known.get(key, VERSION + 1, NOW) is None


def test_the_loop_believes_a_version_only_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    known, key = Remembered(), Remembered.key("cheapest a100", Asker())
    known.put(key, VERSION, ANSWER, NOW)
    assert known.lately(key, NOW) is None, "nobody has looked yet"
    assert known.ageing(key, NOW)
    known.seen(VERSION)
    assert known.lately(key, NOW) is ANSWER
    assert not known.ageing(key, NOW)
    assert known.ageing(key, NOW + timedelta(seconds=50)), "made anew while it is still given"
    began = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: began + MOMENT * 0.6)
    assert known.lately(key, NOW) is ANSWER, "looked at again while it is still believed"
    assert known.ageing(key, NOW)
    monkeypatch.setattr(time, "monotonic", lambda: began + MOMENT * 1.1)
    assert known.lately(key, NOW) is None


@pytest.mark.parametrize(
    "other",
    [Asker(lang="pt"), Asker(region="eu"), Asker(billing="spot"), Asker(tz="Europe/Lisbon"), Asker(workspace="slack:T2")],
)  # fmt: skip
def test_other_people_may_get_other_answers(other: Asker) -> None:
    known = Remembered()
    known.put(Remembered.key("cheapest a100", Asker(workspace="slack:T1")), VERSION, ANSWER, NOW)
    assert known.get(Remembered.key("cheapest a100", other), VERSION, NOW) is None


def test_who_may_not_see_contracts_never_gets_an_answer_that_holds_them() -> None:
    known, ours = Remembered(), Asker(workspace="slack:T1")
    known.put(Remembered.key("cheapest a100", ours), VERSION, ANSWER, NOW)
    guest = ours._replace(may_see_contracts=False)
    assert known.get(Remembered.key("cheapest a100", guest), VERSION, NOW) is None


@pytest.mark.parametrize("answer", [ANSWER._replace(question=Question("watches")), ANSWER._replace(question=Question("watch")), ANSWER._replace(tone="fault"), ANSWER._replace(question=None)])  # fmt: skip
def test_what_depends_on_more_than_prices_is_never_remembered(answer: Answer) -> None:
    known, key = Remembered(), Remembered.key("x", Asker())
    known.put(key, VERSION, answer, NOW)
    assert known.get(key, VERSION, NOW) is None


def test_memory_is_bounded() -> None:
    known = Remembered()
    for number in range(MOST + 10):
        known.put(number, VERSION, ANSWER, NOW)
    assert known.get(0, VERSION, NOW) is None
    assert known.get(MOST + 9, VERSION, NOW) is ANSWER


@pytest.mark.parametrize("follow_up", ["in europe?", "why?"])
async def test_what_stands_alone_answers_no_follow_up(
    tmp_path: Path, store: Store, follow_up: str
) -> None:
    """Words without a subject mean something else in every conversation: also when they were typed
    into a search, which is none, the answer is not kept for others."""
    state = State.open(f"sqlite:///{tmp_path / 'state.db'}", clock=lambda: NOW)
    searching = Asker(platform="teams", user="u1", may_see_contracts=False)
    talking = searching._replace(user="u2", thread="u2:chat")
    async with real_core(state, store) as core:
        await core("cheapest h100", talking)
        alone = await core(follow_up, searching)
        narrowed = await core(follow_up, talking)
    state.close()
    assert narrowed.headline != alone.headline
