"""What each place asks about, counted in memory and written now and then: an answer never waits
for the database because of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.state import State

MOST = 5000
"""Pairs of place and card kept while the database is away; more are forgotten."""


class Interest:
    """Safe to share between threads."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def note(self, place: str | None, accelerators: Iterable[str]) -> None:
        """A question about these cards was asked in this place."""
        if place is None:
            return
        with self._lock:
            for card in accelerators:
                if len(self._counts) < MOST or (place, card) in self._counts:
                    self._counts[place, card] += 1

    def flush(self, state: State) -> int:
        """Writes what was counted; keeps it when the database does not answer."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return 0
        try:
            state.add_interest(counts)
        except BaseException:
            with self._lock:
                self._counts.update(counts)
            raise
        return len(counts)
