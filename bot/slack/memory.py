"""What was handled already, agreed on by all replicas: many requests share one transaction.

A transaction that survives a power cut costs milliseconds; a busy workspace must not pay them
once a click.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.state import StateFault

if TYPE_CHECKING:
    from bot.state import State

log = logging.getLogger(__name__)

SEEN_FOR = timedelta(hours=2)
"""Slack repeats an event for about six minutes; a signature is good for five."""
REMEMBERED = 20_000
MAX_GROUP = 200


PATIENCE = 1.0
"""Seconds an answer waits to learn whether another replica gave it already."""


class Memory:
    """Firsts on their way into the state database."""

    def __init__(self, state: State | None, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock
        self._here: OrderedDict[str, None] = OrderedDict()
        self._asked: list[tuple[tuple[str, ...], asyncio.Future[bool]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def first(self, *keys: str) -> bool:
        """True exactly once for these keys, across replicas; one key seen before is enough."""
        keys = tuple(key for key in keys if key)
        if not self._first_here(keys):
            return False
        if self._state is None or not keys:
            return True
        try:
            return await asyncio.wait_for(self._marked(keys), PATIENCE)
        except TimeoutError:
            return True  # a database that hangs keeps nobody waiting; repeats may pass

    async def fresh(self, *keys: str) -> bool:
        """As `first`, for what changes nothing: looks, and marks without making anybody wait for
        the disk. Two replicas given the same request in the same instant may both say True."""
        keys = tuple(key for key in keys if key)
        if not self._first_here(keys):
            return False
        if self._state is None or not keys:
            return True
        try:
            look = asyncio.to_thread(self._state.seen_any, keys, self._clock())
            seen = await asyncio.wait_for(look, PATIENCE)
        except TimeoutError:
            return True
        except StateFault as fault:
            log.warning("state cannot be read, repeats may pass: %s", fault)
            return True
        if not seen:
            self._marked(keys)
        return not seen

    def _first_here(self, keys: tuple[str, ...]) -> bool:
        """Whether this process sees them for the first time."""
        if any(key in self._here for key in keys):
            return False
        for key in keys:
            self._here[key] = None
        while len(self._here) > REMEMBERED:
            self._here.popitem(last=False)
        return True

    def _marked(self, keys: tuple[str, ...]) -> asyncio.Future[bool]:
        """Written with others, soon; the future says whether all of them were new."""
        waiting: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked.append((keys, waiting))
        self._write_soon()
        return waiting

    async def finish(self) -> None:
        """Returns when everything is written."""
        while self._writer is not None and not self._writer.done():
            await asyncio.shield(self._writer)

    def _write_soon(self) -> None:
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._asked:
            asked, self._asked = self._asked[:MAX_GROUP], self._asked[MAX_GROUP:]
            try:
                fresh = await asyncio.to_thread(self._written, [keys for keys, _ in asked])
            except StateFault as fault:
                log.warning("state cannot be written, repeats may pass: %s", fault)
                fresh = None
            except Exception:
                log.exception("state could not be written")
                fresh = None
            for keys, waiting in asked:
                if not waiting.done():
                    waiting.set_result(fresh is None or fresh.issuperset(keys))

    def _written(self, asked: list[tuple[str, ...]]) -> set[str]:
        if self._state is None:
            return set()
        keys = [key for one in asked for key in one]
        return self._state.first_times(keys, self._clock(), SEEN_FOR)
