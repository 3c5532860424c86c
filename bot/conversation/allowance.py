"""How often each person or place may ask in any 60 seconds."""

from __future__ import annotations

import ipaddress
import time
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable

from bot.core.recent import Recent
from bot.core.wording import Wording

WINDOW = 60.0


def too_many(say: Wording) -> str:
    """What everybody beyond our capacity is told."""
    return say.t("Many questions arrived at once. Please ask again in a few seconds.")


def network(address: str) -> str:
    """Whom an address belongs to: of IPv6 everybody has 2**64 of them."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))


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

    def full(self, key: str) -> bool:
        """Whether the minute is full; counts nothing."""
        asked = self._asked.get(key)
        if asked is None or len(asked) < self._most:
            return False
        return asked[-self._most] > self._clock() - WINDOW

    def left(self, key: str) -> tuple[int, int]:
        """How many more may come now, and whole seconds until one more than that may."""
        now = self._clock()
        asked = self._asked.get(key) or array("d")
        first = bisect_right(asked, now - WINDOW)
        inside = len(asked) - first
        seconds = asked[first] + WINDOW - now if inside else WINDOW
        return max(0, self._most - inside), max(1, round(seconds))

    def tell(self, key: str) -> bool:
        """True once a minute: the kind message itself must not become a flood."""
        if key in self._told:
            return False
        self._told.put(key, None)
        return True


class Shares:
    """Who asked how much of all that was asked in the last seconds. For the event loop."""

    SECONDS = 5.0
    MOST = 5000
    FEW = 20

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._now: Counter[str | None] = Counter()
        self._before: Counter[str | None] = Counter()
        self._until = clock() + self.SECONDS

    def count(self, key: str | None) -> None:
        self._turn()
        if key in self._now or len(self._now) < self.MOST:
            self._now[key] += 1

    def much(self, key: str | None) -> bool:
        """Whether this one asked as much as the average, or more; of few questions nobody can tell."""
        self._turn()
        names = len(self._now.keys() | self._before.keys())
        total = self._now.total() + self._before.total()
        return total < self.FEW or (self._now[key] + self._before[key]) * names >= total

    def _turn(self) -> None:
        now = self._clock()
        if now >= self._until:
            stale = now >= self._until + self.SECONDS
            self._before, self._now = (Counter() if stale else self._now), Counter()
            self._until = now + self.SECONDS
