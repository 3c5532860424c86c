"""Short memories of one process: what was just seen, who just asked. Nothing here must last."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from typing import Generic, TypeVar

REMEMBERED = 4096
K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The `most` newest entries; for the loop and its worker threads alike."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        return self._kept.get(key)

    def put(self, key: K, value: V) -> None:
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def pop(self, key: K) -> None:
        with self._lock:
            self._kept.pop(key, None)

    def first(self, key: K, value: V) -> bool:
        """Puts it and says True, unless it is there already."""
        with self._lock:
            if key in self._kept:
                return False
        self.put(key, value)
        return True


class Allowance:
    """How often each of many may ask in any 60 seconds."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._asked: Recent[str, deque[float]] = Recent()

    def spent(self, who: str) -> bool:
        """True when `who` asked too often; otherwise this one is counted."""
        now = time.monotonic()
        asked = self._asked.get(who) or deque(maxlen=self._per_minute)
        if len(asked) == self._per_minute and now - asked[0] < 60:
            return True
        asked.append(now)
        self._asked.put(who, asked)
        return False
