"""Firsts in groups: each key once, whoever asks and however many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.state import State, StateFault
from bot.state.firsts import MAX_GROUP, Firsts
from bot.state.people import People

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SOON = timedelta(minutes=15)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    yield opened
    opened.close()


async def test_each_key_is_first_once(state: State) -> None:
    """The same key asked three times at once, by two replicas: one yes."""
    one, other = Firsts(state, lambda: NOW), Firsts(state, lambda: NOW)
    asked = [each.first(f"key-{n}", ttl=SOON) for n in range(20) for each in (one, one, other)]
    found = await asyncio.gather(*asked)
    assert [sum(found[at : at + 3]) for at in range(0, 60, 3)] == [1] * 20


async def test_many_share_a_transaction(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hundred at once cost a few writes, and a key is first again when its time is over."""
    groups: list[int] = []
    written = People.first_times

    def counted(self: People, keys: Any, now: datetime, ttl: timedelta) -> set[str]:
        groups.append(len(keys))
        return written(self, keys, now, ttl)

    monkeypatch.setattr(People, "first_times", counted)
    now = NOW
    firsts = Firsts(state, lambda: now)
    assert all(await asyncio.gather(*(firsts.first(f"k{n}", ttl=SOON) for n in range(300))))
    assert groups == [MAX_GROUP, 300 - MAX_GROUP]
    assert not await firsts.first("k7", SOON)
    now += SOON
    assert await firsts.first("k7", ttl=timedelta(minutes=5))


async def test_without_the_database_answers_go_on(
    state: State, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A repeat may pass; nobody waits for ever, and the log says why."""

    def away(*_: Any) -> set[str]:
        raise StateFault("away")

    monkeypatch.setattr(People, "first_times", away)
    assert await Firsts(state, lambda: NOW).first("a", ttl=SOON)
    assert "repeats may pass" in caplog.text
