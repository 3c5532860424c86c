"""What was handled already, agreed on by all replicas: many requests share one transaction.

A transaction that survives a power cut costs milliseconds, and even a look costs a thread and a
statement; a busy service must not pay either with every message.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from bot.state.rows import StateFault

if TYPE_CHECKING:
    from bot.state import State

log = logging.getLogger(__name__)

SEEN_FOR = timedelta(hours=2)
"""Slack repeats an event for about six minutes, Teams an activity within one; a signature is good
for five."""
REMEMBERED = 5_000
"""Names this process holds itself; the database knows the older ones."""
MAX_GROUP = 200
GATHER = 0.003
"""Seconds in which looks that somebody waits for gather: one costs as much as ten."""
MOMENT = 0.2
"""The same for marks that nobody waits for."""
PATIENCE = 1.0
"""Seconds an answer waits to learn whether another replica gave it already."""


class Asked(NamedTuple):
    """Names of one thing that was sent to us, and for how long it may be sent again."""

    keys: tuple[str, ...]
    ttl: timedelta


class Firsts:
    """Whether something happens for the first time. Without a state, in this process."""

    def __init__(self, state: State | None, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._here: OrderedDict[str, datetime] = OrderedDict()
        self._marks = _Grouped(state.people.first_times, clock) if state is not None else None
        self._looks = _Grouped(state.people.unseen, clock) if state is not None else None

    async def first(self, *keys: str, ttl: timedelta = SEEN_FOR, reads: bool = False) -> bool:
        """True exactly once for these keys until `ttl` has passed, across replicas; one key seen
        before is enough. Also True when the database is away.

        What only `reads` looks, and is marked without waiting for the disk: two replicas given
        the same request in the same instant may both say True, which then does no harm.
        """
        asked = Asked(tuple(filter(None, keys)), ttl)
        if not self._first_here(asked):
            return False
        if self._marks is None or self._looks is None or not asked.keys:
            return True
        if not reads:
            return await self._marks.new(asked, within=0.0)
        new = await self._looks.new(asked, within=GATHER)
        if new:
            self._marks.join(asked, within=MOMENT)
        return new

    async def finish(self) -> None:
        """Returns when everything is written."""
        if self._marks is not None:
            await self._marks.finish()

    def _first_here(self, asked: Asked) -> bool:
        """Whether this process sees them for the first time."""
        now = self._clock()
        if any((until := self._here.get(key)) and until > now for key in asked.keys):
            return False
        for key in asked.keys:
            self._here[key] = now + asked.ttl
            self._here.move_to_end(key)
        while len(self._here) > REMEMBERED:
            self._here.popitem(last=False)
        return True


class _Grouped:
    """Those who ask within a moment, or while a group is on its way to the database, make up the
    next one."""

    def __init__(
        self,
        work: Callable[[list[str], datetime, timedelta], set[str]],
        clock: Callable[[], datetime],
    ) -> None:
        """`work` gets keys, now and how long they count, in a thread; returns the new ones."""
        self._work = work
        self._clock = clock
        self._waiting: list[tuple[Asked, asyncio.Future[bool]]] = []
        self._worker: asyncio.Task[None] | None = None
        self._due = float("inf")
        """When the next group leaves, by the loop's time."""

    async def new(self, asked: Asked, *, within: float) -> bool:
        """Whether all its keys are new, or the database does not say so in time."""
        try:
            return await asyncio.wait_for(self.join(asked, within=within), PATIENCE)
        except TimeoutError:
            return True  # a database that hangs keeps nobody waiting; repeats may pass

    def join(self, asked: Asked, *, within: float) -> asyncio.Future[bool]:
        """Leaves with the next group, in so many seconds at most."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((asked, answer))
        due = loop.time() + within
        if due < self._due:
            self._due = due
            loop.call_later(within, self._begin)
        return answer

    def _begin(self) -> None:
        if not self._waiting:
            return
        self._due = 0.0
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._run())

    async def finish(self) -> None:
        self._begin()
        while self._worker is not None and not self._worker.done():
            await asyncio.shield(self._worker)

    async def _run(self) -> None:
        while self._waiting and self._due == 0.0:
            group, self._waiting = self._waiting[:MAX_GROUP], self._waiting[MAX_GROUP:]
            if not self._waiting:
                self._due = float("inf")
            try:
                new = await asyncio.to_thread(self._worked, [asked for asked, _ in group])
            except StateFault as fault:
                log.warning("state cannot be reached, repeats may pass: %s", fault)
                new = None
            except Exception:
                log.exception("state could not be asked, repeats may pass")
                new = None
            for asked, answer in group:
                if not answer.done():
                    answer.set_result(new is None or new.issuperset(asked.keys))

    def _worked(self, group: list[Asked]) -> set[str]:
        now = self._clock()
        new: set[str] = set()
        for ttl in {asked.ttl for asked in group}:
            keys = [key for asked in group if asked.ttl == ttl for key in asked.keys]
            new |= self._work(keys, now, ttl)
        return new
