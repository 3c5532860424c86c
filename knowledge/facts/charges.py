"""What a provider charges beside the machine, as figures (data/charges.csv): traffic and storage.

A charge that nobody stated is None and is said; it is never taken for nothing.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import NamedTuple

from knowledge.facts import bundled


class _Row(NamedTuple):
    provider: str
    kind: str
    rates: str
    currency: str
    unit: str
    free_gb: float
    condition: str
    source_url: str
    source_date: str
    note: str


class Step(NamedTuple):
    """A rate, and up to how many billed GB it holds; None: for all that is left."""

    until_gb: Decimal | None
    rate: Decimal


class Charge(NamedTuple):
    """One stated charge. Its amounts are in `currency`, per GB, per GB-month or per month."""

    provider: str
    kind: str
    """`egress`, `block`, `file`, `object`, `stopped` (disk of a stopped machine) or `ip`."""
    steps: tuple[Step, ...]
    currency: str
    unit: str
    free_gb: float
    """Free each month before the first step."""
    condition: str
    source_url: str
    source_date: str
    note: str

    @property
    def is_free(self) -> bool:
        return all(step.rate == 0 for step in self.steps)

    def cost(self, gb: float) -> Decimal | None:
        """What that many GB a month cost, in `currency`, unrounded; None beyond the stated steps."""
        left = max(Decimal(0), Decimal(str(gb)) - Decimal(str(self.free_gb)))
        total, below = Decimal(0), Decimal(0)
        for step in self.steps:
            room = left if step.until_gb is None else min(left, step.until_gb - below)
            total += room * step.rate
            left -= room
            below = step.until_gb or below
        return total if left == 0 else None


def _steps(rates: str) -> tuple[Step, ...]:
    parts = [part.rpartition(":") for part in rates.split(";")]
    return tuple(Step(Decimal(until) if until else None, Decimal(rate)) for until, _, rate in parts)


@cache
def _by_provider() -> dict[tuple[str, str], Charge]:
    return {
        (row.provider, row.kind): Charge(row.provider, row.kind, _steps(row.rates), *row[3:])
        for row in bundled.records("charges", _Row)
    }


def charge(provider: str, kind: str) -> Charge | None:
    """What a provider states for one kind of charge; None when nothing was read."""
    return _by_provider().get((provider, kind))


STORAGE = ("block", "file", "object")


def storage(provider: str) -> Charge | None:
    """The disk that a machine keeps its data on: block storage, else files, else objects."""
    found = (charge(provider, kind) for kind in STORAGE)
    return next((charge for charge in found if charge is not None), None)


def egress_usd(provider: str, gb: float) -> float | None:
    """USD for so many GB out in a month, step by step; what lies beyond the stated steps at the rate of
    the last one. None where nothing was read in dollars."""
    known = charge(provider, "egress")
    if known is None or known.currency != "USD":
        return None
    last = known.steps[-1]
    whole = known._replace(steps=(*known.steps[:-1], last._replace(until_gb=None)))
    cost = whole.cost(gb)
    return None if cost is None else float(cost)
