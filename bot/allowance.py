"""How often each person or place may ask in any 60 seconds."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_right
from collections.abc import Callable

from bot.recent import Recent
from bot.wording import Wording

WINDOW = 60.0


def too_many(say: Wording) -> str:
    """What everybody beyond our capacity is told."""
    return say.t("Many questions arrived at once. Please ask again in a few seconds.")


class Allowance:
    """For the event loop; memory is bounded."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = max(1, per_minute)
        self._clock = clock
        self._asked: Recent[str, array[float]] = Recent(WINDOW, clock=clock)
        self._told: Recent[str, None] = Recent(WINDOW, clock=clock)

    def spent(self, key: str) -> bool:
        """Counts one question; True when the minute is full (and it does not count)."""
        now = self._clock()
        asked = self._asked.get(key) or array("d")
        del asked[: bisect_right(asked, now - WINDOW)]
        if len(asked) >= self._most:
            return True
        asked.append(now)
        self._asked.put(key, asked)
        return False

    def tell(self, key: str) -> bool:
        """True once a minute: the kind message itself must not become a flood."""
        if key in self._told:
            return False
        self._told.put(key, None)
        return True
