"""The database is full, locked, or gone: nothing is lost, orders catch up, answers go on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import NOW
from standing_parts import FAST, Clock, Platform, place, until

from bot.core.desk import Asker
from bot.reply.reply import reply
from bot.standing.ticker import Standing
from bot.state import Place, State, StateFault
from bot.state.rows import Rule
from knowledge.prices.store import Store

WORDS = {"accelerators": ["H100"]}


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    opened.places.save(place())
    yield opened
    opened.close()


def test_a_full_disk_is_one_clear_line(state: State) -> None:
    """What stood there still stands; prices are still answered."""
    limit: dict[str, int] = {}

    @sa.event.listens_for(state.engine, "begin")
    def _limit(db: Any) -> None:
        for name, pages in limit.items():
            db.exec_driver_sql(f"PRAGMA {name}={pages}")

    made = state.digests.add(place().id, None, Rule(), WORDS, "en")
    limit["max_page_count"] = 1
    with pytest.raises(StateFault, match="full"):
        state.people.set_preference("slack:T1:U1", "lang", "x" * 1_000_000)
    limit["max_page_count"] = 1_000_000
    assert state.digests.get(made.id) is not None
    state.people.set_preference("slack:T1:U1", "lang", "pt")


async def test_posts_wait_for_a_locked_database_to_be_recorded(
    state: State, store: Store, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Posted once; written down when the lock is gone; the part says meanwhile what is wrong."""
    locked = asyncio.Event()
    real = state.deliveries.sent

    def unreachable(*args: Any) -> Any:
        if not locked.is_set():
            raise StateFault("The state database does not answer: gone")
        return real(*args)

    monkeypatch.setattr(state.deliveries, "sent", unreachable)
    state.digests.send_now(state.digests.add(place().id, None, Rule(), WORDS, "en"))
    standing = Standing(state, store, {"slack": platform}, pace=FAST)
    await standing.start()
    await until(lambda: platform.posts)
    await asyncio.sleep(0.5)
    assert state.deliveries.counts() == {"open": 1}
    locked.set()
    await until(lambda: state.deliveries.counts() == {"sent": 1})
    await standing.stop()
    assert len(platform.posts) == 1
    assert platform.looked == 0


async def test_a_post_that_waits_longer_than_its_lease_is_not_posted_again(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database came back before the record did, on a platform that cannot be searched."""

    class Blind(Platform):
        async def posted(self, place: Place, delivery_id: str) -> str | None:
            await super().posted(place, delivery_id)
            return None

    clock, platform = Clock(), Blind()
    state = State.open(f"sqlite:///{tmp_path / 'orders.db'}", clock=clock)
    state.places.save(place())
    real, locked = state.deliveries.sent, asyncio.Event()
    claims = 0

    def unreachable(*args: Any) -> Any:
        if not locked.is_set():
            raise StateFault("The state database does not answer: gone")
        return real(*args)

    def claim(*args: Any) -> Any:
        nonlocal claims
        found = type(state.deliveries).claim(state.deliveries, *args)
        claims += len(found)
        return found

    monkeypatch.setattr(state.deliveries, "sent", unreachable)
    monkeypatch.setattr(state.deliveries, "claim", claim)
    state.digests.send_now(state.digests.add(place().id, None, Rule(), WORDS, "en"))
    standing = Standing(state, store, {"slack": platform}, pace=FAST)
    await standing.start()
    await until(lambda: platform.posts)
    clock.turn(seconds=FAST.lease + 1)
    await until(lambda: claims == 2)
    locked.set()
    await until(lambda: state.deliveries.counts() == {"sent": 1})
    await standing.stop()
    state.close()
    assert len(platform.posts) == 1


async def test_a_ticker_outlives_its_database(
    state: State, store: Store, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says why it does not run, then goes on by itself."""
    away = asyncio.Event()
    real = state.digests.plan

    def plan() -> Any:
        if not away.is_set():
            raise StateFault("The state database does not answer: gone")
        return real()

    monkeypatch.setattr(state.digests, "plan", plan)
    state.digests.send_now(state.digests.add(place().id, None, Rule(), WORDS, "en"))
    standing = Standing(state, store, {"slack": platform}, pace=FAST)
    await standing.start()
    await until(standing.not_ready)
    assert "does not answer" in (standing.not_ready() or "")
    away.set()
    await until(lambda: platform.posts)
    await until(lambda: standing.not_ready() is None)
    await standing.stop()


def test_prices_are_answered_without_a_database(store: Store, tmp_path: Path) -> None:
    """A watch says that it cannot be kept just now; a price needs no state."""
    path = tmp_path / "state.db"
    state = State.open(f"sqlite:///{path}")
    state.close()
    path.unlink()
    path.mkdir()  # nothing can be opened there any more
    asker = Asker("slack", place=place().id, user="slack:T1:U1")
    assert reply("cheapest h100", asker, NOW, store, state=state).tone != "fault"
    answer = reply("watch h100 < 2", asker, NOW, store, state=state)
    assert answer.tone == "fault"
    assert "cannot be reached" in answer.headline
