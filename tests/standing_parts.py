"""What tests of standing orders share: a clock to turn, a place, a poster that records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.answer import Answer
from bot.posting import PlaceGone, PostLater
from bot.standing.pace import Pace
from bot.state import Place

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
