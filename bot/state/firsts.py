"""Firsts in groups: many that come at once share one transaction.

A transaction that survives a power cut costs milliseconds; a busy service must not pay them with
every message.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.state.rows import StateFault

if TYPE_CHECKING:
    from bot.state import State

log = logging.getLogger(__name__)

MAX_GROUP = 200
_Waiting = tuple[str, timedelta, asyncio.Future[bool]]


class Firsts:
    """Whether something happens for the first time, across replicas."""

    def __init__(self, state: State, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def first(self, key: str, ttl: timedelta) -> bool:
        """True exactly once per key until `ttl` has passed; also when the database is away."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, ttl, answer))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await answer

    async def _write(self) -> None:
        while self._waiting:
            # One key twice in a group: the second waits for the next, and learns that it is one.
            group: dict[str, _Waiting] = {}
            later: list[_Waiting] = []
            for one in self._waiting:
                full = len(group) >= MAX_GROUP or one[0] in group
                (later.append(one) if full else group.setdefault(one[0], one))
            self._waiting = later
            try:
                fresh = await asyncio.to_thread(self._written, list(group.values()))
            except StateFault as fault:
                log.warning("state cannot be written, repeats may pass: %s", fault)
                fresh = set(group)
            except Exception:
                log.exception("state could not be written, repeats may pass")
                fresh = set(group)
            for key, _, answer in group.values():
                if not answer.done():
                    answer.set_result(key in fresh)

    def _written(self, group: list[_Waiting]) -> set[str]:
        now = self._clock()
        fresh: set[str] = set()
        for ttl in {ttl for _, ttl, _ in group}:
            keys = [key for key, each, _ in group if each == ttl]
            fresh |= self._state.first_times(keys, now, ttl)
        return fresh
