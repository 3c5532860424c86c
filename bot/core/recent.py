"""Short memories of one process: what was just looked up, said or made. Nothing here must last."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from bot.core.answer import Answer

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

REMEMBERED = 20_000


class Recent(Generic[K, V]):
    """The `most` newest values by key, each for some seconds; for the loop and threads alike."""

    def __init__(
        self,
        seconds: float = float("inf"),
        most: int = REMEMBERED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        found = self._kept.get(key)
        if found is None or found[0] <= self._clock():
            return None
        return found[1]

    def __contains__(self, key: K) -> bool:
        found = self._kept.get(key)
        return found is not None and found[0] > self._clock()

    def put(self, key: K, value: V, seconds: float | None = None) -> None:
        until = self._clock() + (self._seconds if seconds is None else seconds)
        with self._lock:
            self._kept[key] = (until, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def drop(self, key: K) -> None:
        with self._lock:
            self._kept.pop(key, None)


class Rendered(Generic[V]):
    """What was made of the newest Answers. The core gives one Answer to many who ask alike: it is
    rendered once."""

    def __init__(self, make: Callable[[Answer], V], most: int = 256) -> None:
        self._make = make
        # An Answer is kept beside what was made of it, so that its id stays its own.
        self._made: Recent[int, tuple[Answer, V]] = Recent(most=most)

    def of(self, answer: Answer) -> V:
        made = self._made.get(id(answer))
        if made is None:
            made = (answer, self._make(answer))
            self._made.put(id(answer), made)
        return made[1]
