"""One replica ticking: what is due is posted once, late ones say so, a lost place is told once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from standing_parts import FAST, Clock, Platform, faults, place, until

from bot.conversation.posting import PostLater
from bot.slack.talk import HOST
from bot.standing import pricestore
from bot.standing.ticker import Refresh, Standing
from bot.state import State, StateFault
from bot.state.rows import Rule
from knowledge.prices.store import RunRecord, Store

WEEKLY = Rule("weekly", 1, 1, "09:30", "UTC")
WORDS = {"accelerators": ["H100"]}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path, clock: Clock) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}", clock=clock)
    opened.places.save(place())
    yield opened
    opened.close()


@pytest.fixture
def platform() -> Platform:
    return Platform()


@asynccontextmanager
async def running(
    state: State, store: Store, platform: Platform, refresh: Refresh | None = None, **changes: Any
) -> AsyncIterator[Standing]:
    standing = Standing(state, store, {"slack": platform}, refresh, pace=FAST, **changes)
    await standing.start()
    try:
        yield standing
    finally:
        await standing.stop()


async def test_a_digest_arrives_once(
    state: State, store: Store, platform: Platform, clock: Clock
) -> None:
    """At its time, in the place's language, with its delivery's id; recorded with the post's."""
    state.digests.add(place().id, None, WEEKLY, WORDS, "pt")
    heard: list[tuple[str, float]] = []
    async with running(state, store, platform, heard=lambda *one: heard.append(one)):
        clock.turn(minutes=30)
        await until(lambda: state.deliveries.counts() == {"sent": 1})
        clock.turn(minutes=30)
        await asyncio.sleep(0.1)
    ((where, answer, delivery),) = platform.posts
    assert (where, answer.lang) == (place().id, "pt")
    assert delivery == "digest-1@20261124T093000Z"
    assert not any("Atras" in line for line in answer.lines)
    assert ("sent", 1) in heard


async def test_a_late_digest_says_so(
    state: State, store: Store, platform: Platform, clock: Clock
) -> None:
    """Three weeks down: one arrives, delayed; two are counted."""
    made = state.digests.add(place().id, None, WEEKLY, WORDS, "en")
    clock.turn(days=15)
    async with running(state, store, platform):
        await until(lambda: platform.posts)
    ((_, answer, _),) = platform.posts
    assert answer.lines[0].startswith("Delayed: it was due")
    kept = state.digests.get(made.id)
    assert kept is not None
    assert kept.skipped == 2


async def test_silence_after_a_post_is_looked_into(
    state: State, store: Store, platform: Platform, clock: Clock
) -> None:
    """The platform took it and never answered: found on the next try, not posted again."""
    platform.faults.append(ConnectionError("reset"))
    state.digests.send_now(state.digests.add(place().id, None, WEEKLY, WORDS, "en"))
    async with running(state, store, platform):
        await until(lambda: platform.posts)
        await until(lambda: "ConnectionError" in (state.digests.of(place().id)[0].last_fault or ""))
        clock.turn(seconds=31)
        await until(lambda: state.deliveries.counts() == {"sent": 1})
    assert len(platform.posts) == 1
    assert platform.looked == 1


async def test_words_of_a_fault_stay_in_the_log(
    state: State, store: Store, platform: Platform
) -> None:
    """What a library says may hold a token; channels read why the last try failed."""
    platform.faults = [RuntimeError("Authorization: Bearer abc")]
    state.digests.send_now(state.digests.add(place().id, None, WEEKLY, WORDS, "en"))
    async with running(state, store, platform):
        await until(lambda: faults(state))
    assert faults(state) == ["RuntimeError"]
    assert state.digests.of(place().id)[0].last_fault == "RuntimeError"


async def test_patience_is_kept(
    state: State, store: Store, platform: Platform, clock: Clock
) -> None:
    """Retry-After 90: nothing for 90 seconds, also not the place's other messages."""
    platform.faults.append(PostLater(90))
    for number in range(3):
        state.digests.send_now(
            state.digests.add(place().id, None, WEEKLY, {"accelerators": [f"L{number}"]}, "en")
        )
    async with running(state, store, platform) as standing:
        await until(lambda: not platform.faults)
        await until(lambda: not standing._sending)
        before = len(platform.posts)
        clock.turn(seconds=80)
        await asyncio.sleep(0.2)
        assert len(platform.posts) == before
        clock.turn(seconds=60)
        await until(lambda: state.deliveries.counts() == {"sent": 3})
    assert platform.looked == 0


async def test_a_lost_place_is_told_to_its_owner_once(
    state: State, store: Store, platform: Platform, clock: Clock
) -> None:
    """Nothing is tried there any more; whoever set it up hears of it in person, by the way that their
    platform declares."""
    state.reaches["slack"] = HOST.reach
    platform.gone.add(place().id)
    for cards in (["H100"], ["A100"]):
        state.digests.add(place().id, "slack:T1:U7", WEEKLY, {"accelerators": cards}, "en")
    clock.turn(minutes=30)
    async with running(state, store, platform):
        await until(lambda: platform.posts)
        clock.turn(days=8)
        await asyncio.sleep(0.2)
    ((where, answer, _),) = platform.posts
    assert where == "direct:slack:T1:U7"
    assert "not there any more" in " ".join(answer.lines)
    found = state.places.get(place().id)
    assert found is not None
    assert found.disabled_reason == "channel_not_found"


async def test_a_stop_lets_posts_end(
    state: State, store: Store, platform: Platform, clock: Clock
) -> None:
    """What is under way is posted and recorded; nothing new is claimed."""
    platform.slow = 0.3
    state.digests.send_now(state.digests.add(place().id, None, WEEKLY, WORDS, "en"))
    async with running(state, store, platform):
        await until(lambda: platform.most_at_once)
    assert state.deliveries.counts() == {"sent": 1}


async def test_a_stopped_digest_is_not_posted(
    state: State, store: Store, platform: Platform, clock: Clock
) -> None:
    """Not even when its delivery was planned already."""
    made = state.digests.add(place().id, None, WEEKLY, WORDS, "en")
    state.digests.send_now(made)
    state.digests.stop(place().id)
    async with running(state, store, platform):
        await asyncio.sleep(0.2)
    assert platform.posts == []
    assert state.deliveries.counts() == {"late": 1}


async def test_a_thousand_wait_for_their_turn(
    state: State, store: Store, platform: Platform, clock: Clock
) -> None:
    """One workspace, sixty at once, and no more posts at a time than allowed; what piled up while
    nobody sent keeps the pace too."""
    for number in range(60):
        other = place(f"D{number}")
        state.places.save(other)
        state.digests.add(other.id, None, WEEKLY, WORDS, "en")
    clock.turn(minutes=30)
    state.digests.plan()
    clock.turn(minutes=30)  # nobody was there
    async with running(state, store, platform):
        await until(lambda: platform.posts)
        await asyncio.sleep(0.3)
        early = len(platform.posts)
        assert early <= 4
        for _ in range(2000):  # a slow machine misses turns, and gets new ones
            if state.deliveries.counts() == {"sent": 60}:
                break
            clock.turn(seconds=1)
            await asyncio.sleep(0.03)
        assert state.deliveries.counts() == {"sent": 60}
    assert platform.most_at_once <= FAST.sends


async def test_a_refresh_is_done_by_one_and_told_to_the_others(
    tmp_path: Path, store: Store, platform: Platform, clock: Clock
) -> None:
    """Two replicas: one refreshes, the other takes its prices over; a fault is tried again soon."""
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    runs: list[datetime] = []

    async def run() -> bool:
        runs.append(clock())
        if len(runs) == 1:
            raise RuntimeError("every source failed")
        store.replace("empty", (), clock())
        return True

    other = Store.open(tmp_path / "other.db", clock())
    states = [State.open(url, clock=clock) for _ in range(2)]
    refresh = Refresh(run, timedelta(hours=6))
    async with (
        running(states[0], store, platform, refresh),
        running(states[1], other, platform),
    ):
        await until(lambda: len(runs) == 1)
        await asyncio.sleep(0.2)
        assert len(runs) == 1
        assert states[0].prices.version() == 0
        clock.turn(seconds=61)
        await until(lambda: states[0].prices.version() == 1)
        await until(lambda: pricestore.holds(other.path) == 1)
        clock.turn(hours=5)
        await asyncio.sleep(0.2)
        assert len(runs) == 2
        clock.turn(hours=2)
        await until(lambda: len(runs) == 3)
    other.close()
    for one in states:
        one.close()


async def test_a_refresh_that_was_cut_off_is_told_by_the_next(
    state: State, store: Store, platform: Platform, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prices are stored, the database goes before they are published: the next run finds nothing
    due, and tells what is there; when a run brought nothing, there is nothing to tell."""
    runs = 0

    async def run() -> bool:
        nonlocal runs
        runs += 1
        if runs == 1:
            went = RunRecord("feed", clock(), 1.0, True)
            store.replace("feed", (), clock(), run=went)
        if runs in {3, 4}:
            raise RuntimeError("every source failed")
        return runs == 1

    with monkeypatch.context() as away:
        away.setattr(state.prices, "publish", Mock(side_effect=StateFault("gone")))
        async with running(state, store, platform, Refresh(run)):
            await until(lambda: runs == 1)
    assert state.prices.version() == 0
    clock.turn(hours=1)
    async with running(state, store, platform, Refresh(run)):
        await until(lambda: state.prices.version() == 1)
        async with asyncio.timeout(20):
            while runs < 6:
                clock.turn(hours=1)
                await asyncio.sleep(0.02)
    assert state.prices.version() == 1
