"""How many requests are inside, and whether the event loop still keeps up with them."""

from __future__ import annotations

import asyncio
import time

BEAT = 0.02
LATE = 0.03
"""Seconds by which the loop runs late when more came than it can answer."""


class Pressure:
    """Many inside alone are no pressure: where something else is slow, they wait for it, and late is
    better than never."""

    def __init__(self) -> None:
        self.inside = 0
        self._late = 0.0
        self._due = float("inf")

    @property
    def late(self) -> float:
        """Seconds by which the event loop ran late just now."""
        return max(self._late, time.monotonic() - self._due)

    def presses(self, most: int) -> bool:
        """Whether more than `most` are inside, and wait for the loop."""
        return self.inside > most and self.late > LATE

    async def watch(self) -> None:
        """Measures how late the loop runs, until cancelled."""
        while True:
            self._due = time.monotonic() + BEAT
            await asyncio.sleep(BEAT)
            self._late = time.monotonic() - self._due
