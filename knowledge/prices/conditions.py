"""What a question asks of the price store, as an SQL condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from knowledge.facts import footprint
from knowledge.facts.accelerators import variants
from knowledge.facts.providers import all_providers
from knowledge.facts.regions import geo_of
from knowledge.prices.offer import OfferFilter
from knowledge.prices.schema import text_of


class Doubt(NamedTuple):
    """Prices of one group that lie too far below every other seller to be believed."""

    accelerator: str
    memory_gb: float | None
    billing: str
    tier: str
    below: float
    """USD per GPU-hour."""


class Sellers(NamedTuple):
    """Providers by what their sites say of a price without a place."""

    anywhere: tuple[str, ...]
    """At least one site lies where it is wanted: a price for any region holds there."""
    surely: tuple[str, ...]
    """Every site lies there: a price that names no region does too."""
    nowhere: tuple[str, ...]
    """Every site is known, and none lies there."""


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))


def price_order(wanted: OfferFilter) -> str:
    """The column that ranks."""
    return "price_usd_per_hour" if wanted.without_accelerator else "price_usd_per_gpu_hour"


def asks_place(wanted: OfferFilter) -> bool:
    return bool(wanted.geos or wanted.countries or wanted.exclude_geos or wanted.exclude_countries)


@lru_cache(maxsize=256)
def _sellers(
    geos: tuple[str, ...],
    countries: tuple[str, ...],
    out_geos: tuple[str, ...],
    out_countries: tuple[str, ...],
) -> Sellers:
    def lies(country: str) -> bool:
        geo = geo_of(country)
        if country in out_countries or geo in out_geos:
            return False
        return not (geos or countries) or country in countries or geo in geos

    anywhere, surely, nowhere = [], [], []
    for provider in all_providers():
        inside = [lies(country) for country in footprint.countries(provider.id)]
        if not inside:
            continue
        if any(inside):
            anywhere.append(provider.id)
        else:
            nowhere.append(provider.id)
        if all(inside):
            surely.append(provider.id)
    return Sellers(tuple(anywhere), tuple(surely), tuple(nowhere))


def sellers(wanted: OfferFilter) -> Sellers:
    """Who has sites where the question asks."""
    return _sellers(wanted.geos, wanted.countries, wanted.exclude_geos, wanted.exclude_countries)


_NO_PLACE = "geo IS NULL AND country IS NULL"


def _stated_place(wanted: OfferFilter) -> tuple[str, list[Any]]:
    """Rows that state their place, and state a wanted one."""
    parts: list[str] = []
    values: list[Any] = []
    if wanted.geos or wanted.countries:
        either = []
        for column, names in (("geo", wanted.geos), ("country", wanted.countries)):
            if names:
                either.append(f"{column} IN ({_marks(names)})")
                values += names
        parts.append(f"({' OR '.join(either)})")
    for column, names in (
        ("geo", wanted.exclude_geos),
        ("country", wanted.exclude_countries),
    ):
        if names:
            parts.append(f"{column} NOT IN ({_marks(names)})")
            values += names
    return " AND ".join(parts), values


def _place(wanted: OfferFilter) -> tuple[str, list[Any]]:
    """A stated place decides; a price for any region holds where its provider has a site, and one
    without a word where all of them lie."""
    sql, values = _stated_place(wanted)
    known = sellers(wanted)
    condition = (
        f"({sql} OR ({_NO_PLACE} AND (provider IN ({_marks(known.surely)}) "
        f"OR (region = 'global' AND provider IN ({_marks(known.anywhere)})))))"
    )
    return condition, [*values, *known.surely, *known.anywhere]


def _unplaced(wanted: OfferFilter) -> tuple[str, list[Any]]:
    """Rows that might lie there: no place stated, and a provider that is not known to be elsewhere."""
    known = sellers(wanted)
    condition = (
        f"{_NO_PLACE} AND provider NOT IN ({_marks((*known.surely, *known.nowhere))}) "
        f"AND NOT (region IS NOT NULL AND region = 'global' AND provider IN ({_marks(known.anywhere)}))"
    )
    return condition, [*known.surely, *known.nowhere, *known.anywhere]


def _whole_cards(accelerators: Iterable[str]) -> tuple[str, list[Any]] | None:
    """Memory sizes that the cards are made with: a slice of a card is no card."""
    sizes = sorted(
        {card.memory_gb for name in accelerators for card in variants(name) if card.memory_gb}
    )
    if not sizes:
        return None
    return f"(memory_gb IS NULL OR memory_gb IN ({_marks(sizes)}))", list(sizes)


def where(wanted: OfferFilter, doubts: Sequence[Doubt] = ()) -> tuple[str, list[Any]]:
    """The condition and its values; every value is bound, never written into the SQL.

    Public offers, or with an owner that owner's alone. Prices in `doubts` are left out, or with
    `doubtful_only` nothing else is found.
    """
    parts = ["shown = 1"]
    values: list[Any] = []

    def add(sql: str, *bound: Any) -> None:
        parts.append(sql)
        values.extend(bound)

    def among(column: str, names: Sequence[Any], *, negated: bool = False) -> None:
        if names:
            if len(names) == 1 and not negated:
                add(f"{column} = ?", names[0])
            else:
                add(f"{column} {'NOT ' if negated else ''}IN ({_marks(names)})", *names)

    if wanted.without_accelerator:
        add("accelerator IS NULL AND count = 0")
    elif wanted.accelerators:
        among("accelerator", wanted.accelerators)
    else:
        # True for every offer of a card. The plus keeps SQLite from choosing the index by this column.
        add("+count > 0")
    if wanted.memory_gb is not None:
        add("memory_gb = ?" if wanted.accelerators else "memory_gb >= ?", wanted.memory_gb)
    elif wanted.accelerators and (whole := _whole_cards(wanted.accelerators)):
        add(whole[0], *whole[1])
    if asks_place(wanted):
        sql, bound = (_unplaced if wanted.unplaced_only else _place)(wanted)
        add(sql, *bound)
    elif wanted.unplaced_only:
        add("0")  # nothing is left out for want of a place where none is asked
    for condition, value in _single(wanted):
        if value is not None:
            add(condition, value)
    among("billing", wanted.exclude_billing, negated=True)
    among("provider", wanted.providers)
    among("provider", wanted.exclude_providers, negated=True)
    among("tier", wanted.tiers)
    among("tier", wanted.exclude_tiers, negated=True)
    if wanted.owner is None:
        # The plus: seen as a constant, the column would make SQLite sort what the index
        # offers_placed holds in order already.
        add("+owner IS NULL")
    else:
        add("owner = ?", wanted.owner)
    _believed(wanted, doubts, add)
    return " AND ".join(parts), values


def _single(wanted: OfferFilter) -> Iterator[tuple[str, Any]]:
    """Conditions on one value each; None asks for nothing."""
    yield "form_factor = ?", wanted.form_factor
    yield "count = ?", wanted.count
    yield "count >= ?", wanted.min_count
    yield "count <= ?", wanted.max_count
    yield "billing = ?", wanted.billing
    yield "price_usd_per_gpu_hour <= ?", wanted.max_price_usd_per_gpu_hour
    yield "fresh_until >= ?", text_of(wanted.fresh_at) if wanted.fresh_at else None
    yield "as_of >= ?", text_of(wanted.seen_since) if wanted.seen_since else None
    yield "vcpus >= ?", wanted.min_vcpus
    yield "ram_gb >= ?", wanted.min_ram_gb


def _believed(wanted: OfferFilter, doubts: Sequence[Doubt], add: Callable[..., None]) -> None:
    """Leaves out the prices that are doubted, or leaves only them."""
    if not doubts:
        if wanted.doubtful_only:
            add("0")
        return
    groups: list[str] = []
    values: list[Any] = []
    for doubt in doubts:
        groups.append(
            "(accelerator = ? AND memory_gb IS ? AND billing = ? AND tier = ? "
            "AND price_usd_per_gpu_hour < ?)"
        )
        values += doubt
    add(f"{'' if wanted.doubtful_only else 'NOT '}({' OR '.join(groups)})", *values)
