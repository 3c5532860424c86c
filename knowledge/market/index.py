"""Prices over time, like for like: every seller beside itself, chained from day to day.

A day's lowest price moves when somebody cheap falls silent or appears; this does not. From one day
to the next only sellers known on both count, each by its own price of one card, memory and billing
(a Jevons index: the geometric mean of their changes). Marketplaces stay outside: single hosts come
and go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from knowledge.facts.providers import tier_of
from knowledge.market.stats import median
from knowledge.prices.belief import floor

Path = Sequence[tuple[str, float]]
"""(ISO day, USD per GPU-hour) as seen, oldest first."""
Paths = Mapping[tuple[str, float], Path]
"""Of each (provider, memory in GB)."""

MOVED = 0.05
"""Default: less than this is no move of a seller."""
JUMP = 2.5
"""Default: a step beyond this is another product or tier under the same name, not a new price."""
SILENT_DAYS = 150
"""Default: a seller unseen for longer begins anew; its change in between has no date."""
THIN = 3
"""Fewer sellers than this make a stretch thin."""


class Move(NamedTuple):
    """A seller's own change over the window."""

    provider: str
    memory_gb: float
    since: str
    before: float
    until: str
    after: float

    @property
    def change(self) -> float:
        return self.after / self.before - 1


class Index(NamedTuple):
    """The chained level of each day, in USD per GPU-hour: scaled to the last day's median."""

    days: tuple[tuple[date, float, int], ...]
    """Day, level, and how many sellers stand behind it."""
    moves: tuple[Move, ...]
    """Of each seller that was seen at least twice, the largest change first."""

    @property
    def change(self) -> float:
        return self.days[-1][1] / self.days[0][1] - 1

    @property
    def rose(self) -> int:
        return sum(move.change > MOVED for move in self.moves)

    @property
    def fell(self) -> int:
        return sum(move.change < -MOVED for move in self.moves)

    @property
    def rising(self) -> bool:
        return self.change >= MOVED or self._broad(self.rose, self.fell)

    @property
    def falling(self) -> bool:
        return self.change <= -MOVED or self._broad(self.fell, self.rose)

    def _broad(self, many: int, few: int) -> bool:
        """Whether a quarter of the sellers went one way, and twice as many as the other."""
        return many >= max(THIN, len(self.moves) / 4) and many >= 2 * few


def matched(paths: Paths, since: date, until: date) -> Index | None:
    """The index between two days; None when no seller was seen twice."""
    stretches = _stretches(paths, since)
    if not stretches:
        return None
    first = date.fromisoformat(min(prices[0][0] for _, prices in stretches))
    last = min(until, date.fromisoformat(max(prices[-1][0] for _, prices in stretches)))
    if last <= first:
        return None
    changes = [
        (
            provider,
            {day: math.log(after / before) for (_, before), (day, after) in pairwise(prices)},
        )
        for provider, prices in stretches
    ]
    level = 0.0
    days: list[tuple[date, float, int]] = []
    for step in range((last - first).days + 1):
        today = first + timedelta(days=step)
        day = today.isoformat()
        # A seller of several memory sizes counts once, by the mean of them.
        sellers: dict[str, list[float]] = {}
        for (provider, prices), (_, moved) in zip(stretches, changes, strict=True):
            if prices[0][0] <= day <= prices[-1][0]:
                sellers.setdefault(provider, []).append(moved.get(day, 0.0))
        if sellers:
            level += sum(sum(steps) / len(steps) for steps in sellers.values()) / len(sellers)
        days.append((today, level, len(sellers)))
    scale = _last_median(paths, last) / math.exp(level)
    return Index(
        tuple((day, math.exp(level) * scale, sellers) for day, level, sellers in days),
        _moves(paths, since),
    )


def _stretches(paths: Paths, since: date) -> list[tuple[str, list[tuple[str, float]]]]:
    """(provider, its prices without a break) of every seller."""
    return [
        (provider, stretch)
        for (provider, _), path in _credible(paths).items()
        for stretch in _unbroken(path, since)
    ]


def _unbroken(path: Path, since: date) -> list[list[tuple[str, float]]]:
    """A path in parts, broken where nobody looked for long or the price jumped; prices before the
    window count as of its first day, and a part of one price says nothing."""
    parts: list[list[tuple[str, float]]] = []
    for day, price in path:
        if (
            not parts
            or _apart(parts[-1][-1][0], day) > SILENT_DAYS
            or _jumps(parts[-1][-1][1], price)
        ):
            parts.append([])
        parts[-1].append((day, price))
    return [inside for part in parts if len(inside := _within(part, since)) > 1]


def _within(stretch: list[tuple[str, float]], since: date) -> list[tuple[str, float]]:
    start = since.isoformat()
    before = [price for day, price in stretch if day <= start]
    after = [(day, price) for day, price in stretch if day > start]
    return [(start, before[-1]), *after] if before else after


def _credible(paths: Paths) -> Paths:
    """Sellers with a contract, without the prices that lie far below everybody else's."""
    kept = {key: path for key, path in paths.items() if tier_of(key[0]) != "marketplace"}
    prices = sorted(min(price for _, price in path) for path in kept.values() if path)
    bottom = floor(prices) or 0.0
    return {
        key: sound
        for key, path in kept.items()
        if (sound := [(day, price) for day, price in path if price >= bottom])
    }


def _jumps(before: float, after: float) -> bool:
    return not 1 / JUMP < after / before < JUMP


def _apart(first: str, second: str) -> int:
    return (date.fromisoformat(second) - date.fromisoformat(first)).days


def _last_median(paths: Paths, last: date) -> float:
    """What the sellers ask on the last day, as far as each was seen lately."""
    recent = (last - timedelta(days=SILENT_DAYS)).isoformat()
    prices = [path[-1][1] for path in _credible(paths).values() if path[-1][0] >= recent]
    return median(prices) if prices else 1.0


def _moves(paths: Paths, since: date) -> tuple[Move, ...]:
    """One a provider: of its stretches the one that moved most."""
    best: dict[str, Move] = {}
    for (provider, memory), path in _credible(paths).items():
        for stretch in _unbroken(path, since):
            move = Move(provider, memory, *stretch[0], *stretch[-1])
            known = best.get(provider)
            if known is None or abs(move.change) > abs(known.change):
                best[provider] = move
    return tuple(sorted(best.values(), key=lambda move: (-abs(move.change), move.provider)))
