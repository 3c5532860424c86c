"""What a part of the service does again and again, as long as it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

AFTER_STUMBLE = 5.0
"""Seconds until the next try, after a fault that nobody foresaw."""


class Repeated:
    """One task that runs `step` until stopped; each step returns the seconds until the next. What
    nobody foresaw is logged, and it goes on: a task that ended would be missed by nobody."""

    def __init__(self, name: str, step: Callable[[], Awaitable[float]]) -> None:
        self.name = name
        self._step = step
        self._task: asyncio.Task[None] | None = None

    def start(self, after: float = 0.0) -> None:
        """The first step is taken in so many seconds."""
        self._task = asyncio.create_task(self._run(after), name=self.name)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, pause: float) -> None:
        while True:
            await asyncio.sleep(pause)
            try:
                pause = await self._step()
            except Exception:
                log.exception("%s stumbled", self.name)
                pause = AFTER_STUMBLE
