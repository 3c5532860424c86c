"""Other currencies: dated reference rates, bundled and renewed by the `ecb` source; both ways.

The European Central Bank's rates are official. A few currencies that it does not publish are
bundled from another list and say so. A currency without a rate is not guessed.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from knowledge.facts import bundled

if TYPE_CHECKING:
    from knowledge.prices.store import Store

ECB = "European Central Bank"
ECB_PAGE = (
    "https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/"
)
OLD_DAYS = 5
"""A rate is published every working day: one older than this is said to be old."""


class Exchange(NamedTuple):
    """What one currency is worth on one day."""

    currency: str
    usd_per_unit: float
    day: date
    source: str
    page: str
    official: bool
    largest_month_move_pct: float | None = None
    """The largest move against the dollar within a month of the last year, when known."""

    def to_usd(self, amount: float) -> float:
        return amount * self.usd_per_unit

    def from_usd(self, usd: float) -> float:
        return usd / self.usd_per_unit

    @property
    def as_of(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)


class _Row(NamedTuple):
    currency: str
    usd_per_unit: float
    date: str
    source: str
    official: bool
    largest_month_move_pct: float | None
    source_url: str


@cache
def _bundled() -> dict[str, Exchange]:
    return {
        row.currency: Exchange(
            row.currency,
            row.usd_per_unit,
            date.fromisoformat(row.date),
            ECB if row.official else row.source,
            row.source_url,
            row.official,
            row.largest_month_move_pct,
        )
        for row in bundled.records("currencies", _Row)
    }


def official() -> tuple[date, dict[str, float]]:
    """The newest day of the bundled reference rates, and what a euro was worth on it."""
    rates = [rate for rate in _bundled().values() if rate.official]
    day = max(rate.day for rate in rates)
    euro = _bundled()["EUR"].usd_per_unit
    return day, {rate.currency: euro / rate.usd_per_unit for rate in rates if rate.day == day}


def known() -> tuple[str, ...]:
    """ISO codes of all currencies with a rate, the dollar left out."""
    return tuple(name for name in _bundled() if name != "USD")


def exchange(currency: str, store: Store | None = None) -> Exchange | None:
    """The newest rate held of a currency: a refreshed one of `store`, else the bundled one."""
    held = _bundled().get(currency)
    live = _refreshed(currency, store) if store is not None else None
    if live is None or (held is not None and held.day > live.day):
        return held
    return live._replace(largest_month_move_pct=held.largest_month_move_pct) if held else live


def _refreshed(currency: str, store: Store) -> Exchange | None:
    """What the last refresh kept (`knowledge.refresh`), when it knows the currency."""
    try:
        kept = json.loads(store.noted("rates") or "null")
        if kept is None or currency not in kept["per_euro"]:
            return None
        rate = kept["per_euro"]["USD"] / kept["per_euro"][currency]
        return Exchange(currency, rate, date.fromisoformat(kept["day"]), ECB, ECB_PAGE, True)
    except (ValueError, KeyError, TypeError, ZeroDivisionError):
        return None  # kept by another version
