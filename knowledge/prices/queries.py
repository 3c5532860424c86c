"""Questions to the price store: one indexed statement each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from knowledge.prices.conditions import Doubt, price_order, where
from knowledge.prices.offer import Best, Offer, OfferFilter, Priced
from knowledge.prices.rows import COLUMNS, offer_of
from knowledge.prices.schema import OFFER_COLUMNS, text_of

Variant = Literal["accelerator", "memory_gb", "form_factor", "count", "instance_type"]
Machine = tuple[str, float | None, int]
"""A machine by what it holds: accelerator, memory of one in GB, how many."""
VARIANTS: tuple[Variant, ...] = ("accelerator", "memory_gb", "form_factor")
"""What makes one card another: never merged where cards are set side by side."""
OLD_DAYS, HISTORY_DAYS = 90, 200
"""How many days behind the newest like price make a price old, and a matter of history."""


class SellersLow(NamedTuple):
    """A provider's lowest complete public price of one kind of a card."""

    memory_gb: float | None
    billing: str
    tier: str
    provider: str
    usd_per_gpu_hour: float


class Queries(ABC):
    """One set of offers, public or negotiated."""

    @abstractmethod
    def _rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]: ...

    @abstractmethod
    def _doubts(self, wanted: OfferFilter) -> Sequence[Doubt]: ...

    def _condition(self, wanted: OfferFilter) -> tuple[str, list[Any]]:
        return where(wanted, self._doubts(wanted))

    def offers(self, wanted: OfferFilter, limit: int | None = None) -> list[Offer]:
        """Every matching offer, cheapest first."""
        condition, values = self._condition(wanted)
        sql = (
            f"SELECT {COLUMNS} FROM offers WHERE {condition} ORDER BY {price_order(wanted)} LIMIT ?"
        )
        return [offer_of(row) for row in self._rows(sql, (*values, -1 if limit is None else limit))]

    def prices(self, wanted: OfferFilter) -> list[Priced]:
        """What each matching complete machine costs for a GPU-hour, in no order: for ranges over
        thousands of offers, which are not needed whole."""
        condition, values = self._condition(wanted)
        sql = (
            "SELECT provider, owner, accelerator, memory_gb, form_factor, price_usd_per_gpu_hour, "
            f"source_url, as_of FROM offers WHERE {condition} AND host_included = 1 AND count > 0"
        )
        return [Priced._make(row) for row in self._rows(sql, values)]

    def machines(self, wanted: OfferFilter, sets: Sequence[Sequence[Machine]]) -> dict[int, Offer]:
        """Of each set, by its place, the complete machine that costs least whole, where offered.

        One statement, one indexed step for each machine; `wanted` says what else must hold.
        """
        stated = [(place, *machine) for place, machines in enumerate(sets) for machine in machines]
        if not stated:
            return {}
        cards = tuple(sorted({card for _, card, _, _ in stated}))
        condition, values = where(wanted, self._doubts(wanted._replace(accelerators=cards)))
        # SQLite takes the offer's columns from the row that holds the minimum.
        sql = (
            f"WITH one (place, card, memory, cards) AS (VALUES {_tuples(stated)}) "
            f"SELECT {COLUMNS}, place, min(price_usd_per_hour) FROM one JOIN offers ON id = ("
            "SELECT id FROM offers WHERE accelerator = card AND memory_gb = memory "
            f"AND count = cards AND host_included = 1 AND {condition} "
            "ORDER BY price_usd_per_gpu_hour LIMIT 1) GROUP BY place"
        )
        rows = self._rows(sql, (*(value for machine in stated for value in machine), *values))
        return {row[-2]: offer_of(row) for row in rows}

    def market(
        self, wanted: OfferFilter, now: datetime, apart: Sequence[Variant] = ()
    ) -> list[Best]:
        """The best of each (provider, billing, term, host, freshness, age, owner), cheapest first.

        `apart` names what else is never merged. One query: the whole market of a card fits in a
        few dozen rows.
        """
        condition, values = self._condition(wanted)
        price = price_order(wanted)
        # Every size of a card: the index that holds all of it, where SQLite would fetch each row.
        by = "INDEXED BY offers_placed " if wanted.accelerators and wanted.count is None else ""
        # SQLite takes the bare `id` from the row that holds the minimum.
        sql = (
            f"SELECT {', '.join('o.' + name for name in OFFER_COLUMNS)}, o.tier, g.n, g.stale "
            f"FROM (SELECT id, min({price}) AS best, count(*) AS n, fresh_until < ? AS stale "
            f"FROM offers {by}WHERE {condition} "
            "GROUP BY billing, provider, term_months, host_included, owner, fresh_until"
            f"{''.join(f', {name}' for name in apart)}) g "
            "JOIN offers o ON o.id = g.id ORDER BY g.best"
        )
        found = [
            Best(offer_of(row), row[-2], row[-3], bool(row[-1]))
            for row in self._rows(sql, (text_of(now), *values))
        ]
        return _merged(found, apart)

    def lows(self, accelerator: str) -> list[SellersLow]:
        """Each provider's lowest complete public price of every kind of a card."""
        return [
            SellersLow._make(row)
            for row in self._rows(
                "SELECT memory_gb, billing, tier, provider, min(price_usd_per_gpu_hour) FROM offers "
                "WHERE shown = 1 AND accelerator = ? AND host_included = 1 "
                "AND +owner IS NULL GROUP BY memory_gb, billing, tier, provider",
                (accelerator,),
            )
        ]


_GROUP = ("provider", "billing", "term_months", "host_included", "owner")


def _merged(found: Sequence[Best], apart: Sequence[Variant]) -> list[Best]:
    """Rows come cheapest first: the first of a group is its best, the rest only count."""
    group_of = itemgetter(*(OFFER_COLUMNS.index(name) for name in (*_GROUP, *apart)))
    days = [best.offer.as_of.toordinal() for best in found]
    newest: dict[str, int] = {}
    for best, day in zip(found, days, strict=True):
        if best.offer.owner is None and day > newest.get(best.offer.billing, 0):
            newest[best.offer.billing] = day
    groups: dict[tuple[Any, ...], Best] = {}
    for best, day in zip(found, days, strict=True):
        offer = best.offer
        # A contract holds until it runs out, however long ago it was signed.
        behind = 0 if offer.owner else newest[offer.billing] - day
        age = (behind > OLD_DAYS) + (behind > HISTORY_DAYS)
        key = (best.stale, age, group_of(offer))
        known = groups.get(key)
        groups[key] = (
            known._replace(offers=known.offers + best.offers)
            if known
            else best._replace(age=age)
            if age
            else best
        )
    return list(groups.values())


def public(wanted: OfferFilter) -> OfferFilter:
    """The same question without anybody's contract prices."""
    return wanted if wanted.owner is None else wanted._replace(owner=None)


def ranked(offer: Offer, wanted: OfferFilter) -> float:
    """The figure this question ranks by."""
    per_hour = offer.price_usd_per_hour
    return per_hour if wanted.without_accelerator else per_hour / (offer.count or 1)


def cheapest_of(first: dict[int, Offer], second: Iterable[tuple[int, Offer]]) -> dict[int, Offer]:
    """Of two answers of `machines` the cheaper machine of each set."""
    both = dict(first)
    for place, offer in second:
        known = both.get(place)
        if known is None or offer.price_usd_per_hour < known.price_usd_per_hour:
            both[place] = offer
    return both


def _tuples(values: Sequence[Sequence[Any]]) -> str:
    return ",".join(f"({','.join('?' * len(value))})" for value in values)
