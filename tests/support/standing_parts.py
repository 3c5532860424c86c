"""What tests of standing orders share: a clock to turn, a place, a poster that records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from offers import offer

from bot.conversation.posting import PlaceGone, Poster, PostLater
from bot.core.answer import Answer
from bot.standing.pace import Pace
from bot.standing.ticker import Refresh, Standing
from bot.state import Place, State
from bot.state.tables import delivery
from knowledge.prices.store import Store

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FAST = Pace(tick=0.02, lease=6.0, send_timeout=0.5, share=0.05, stop=5.0, retry_refresh=60.0)


class Clock:
    """A clock that tests turn."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def turn(self, **length: float) -> None:
        self.at += timedelta(**length)


def place(name: str = "C1", workspace: str = "slack:T1", **changes: object) -> Place:
    plain = Place(
        f"{workspace}:{name}",
        workspace.split(":", maxsplit=1)[0],
        workspace,
        workspace.split(":")[1],
        name,
    )
    return plain._replace(**changes)  # type: ignore[arg-type]


class Platform:
    """A platform in memory that keeps what was posted, and fails as it is told."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, Answer, str]] = []
        self.faults: list[BaseException] = []
        self.gone: set[str] = set()
        self.looked = 0
        self.slow = 0.0
        self.most_at_once = 0
        self._now = 0

    async def post(self, place: Place, answer: Answer, delivery_id: str) -> str:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            await asyncio.sleep(self.slow)
            if place.id in self.gone:
                raise PlaceGone("channel_not_found")
            if self.faults:
                fault = self.faults.pop(0)
                if not isinstance(fault, PostLater | PlaceGone):
                    self.posts.append((place.id, answer, delivery_id))  # posted, then silence
                raise fault
            self.posts.append((place.id, answer, delivery_id))
            return f"m{len(self.posts)}"
        finally:
            self._now -= 1

    async def posted(self, place: Place, delivery_id: str) -> str | None:
        self.looked += 1
        for number, (where, _, what) in enumerate(self.posts, 1):
            if (where, what) == (place.id, delivery_id):
                return f"m{number}"
        return None


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  other threads make it true
            await asyncio.sleep(0.01)


class Week:
    """A price store in which one card stood at $2.49 for a week; this morning's refresh finds it
    at $1.79 while a digest is due."""

    ORDERS = ("digest weekly tuesday 09:30 UTC h100", "watch h100 < 2.00")
    """What people write, in a place of any platform."""
    DELIVERIES = ("digest-1@20261124T093000Z", "watch-1@20261124T092959Z")

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.clock = clock
        self.store = Store.open(folder / "prices.db", START - timedelta(days=40))
        self.store.replace("bundled", (), START - timedelta(days=40))
        with self.store.writing() as db:
            db.execute("DELETE FROM daily")
        for days in range(8, 0, -1):
            self._price(2.49, START - timedelta(days=days))

    def _price(self, price: float, at: datetime) -> None:
        found = offer(
            provider="voltagepark", instance_type="h100", accelerator="H100", memory_gb=80, count=1,
            source="feed", source_url="https://prices.example/h100", price_usd_per_hour=price,
            as_of=at, fetched_at=at, fresh_until=at + timedelta(days=2),
        )  # fmt: skip
        self.store.replace("feed", [found], at)

    async def arrives(
        self,
        state: State,
        posters: Mapping[str, Poster],
        failing: int = 0,
        mend: Callable[[], object] = bool,
        send_timeout: float = 10.0,
    ) -> None:
        """09:30 by a replica's own schedule: refresh, digest, watch; then an hour in which nothing
        more may come. When so many have failed, `mend` is called."""

        async def refreshed() -> bool:
            self._price(1.79, self.clock())
            return True

        pace = FAST._replace(send_timeout=send_timeout)
        standing = Standing(state, self.store, posters, Refresh(refreshed), pace=pace)

        def planned() -> int:
            return sum(state.deliveries.counts().values())

        self.clock.at = START + timedelta(minutes=29, seconds=59)
        await standing.start()
        try:
            await until(lambda: planned() == 1)  # the watch, as the price has fallen
            self.clock.turn(seconds=1)
            await until(lambda: planned() == 2)
            if failing:
                await self._passes(state, lambda: len(faults(state)) == failing)
                mend()
            await self._passes(state, lambda: state.deliveries.counts() == {"sent": 2})
            self.clock.turn(hours=1)
            await asyncio.sleep(5 * pace.tick)
        finally:
            await standing.stop()
        assert state.deliveries.counts() == {"sent": 2}

    async def _passes(self, state: State, done: Callable[[], object]) -> None:
        """Time goes on until `done`, but not while something is under way: no lease runs out."""
        async with asyncio.timeout(20):
            while (busy := under_way(state)) or not done():
                if not busy:
                    self.clock.turn(seconds=1)
                await asyncio.sleep(0.05)


def under_way(state: State) -> bool:
    """Whether a replica holds a delivery now."""
    with state.reading() as db:
        held = sa.exists().where(delivery.c.state == "open", delivery.c.owner.is_not(None))
        return bool(db.scalar(sa.select(held)))


def faults(state: State) -> list[str]:
    """What went wrong with deliveries that are still open."""
    with state.reading() as db:
        rows = db.execute(
            sa.select(delivery.c.fault).where(delivery.c.state == "open", delivery.c.tries > 0)
        )
        return [row.fault for row in rows if row.fault]
