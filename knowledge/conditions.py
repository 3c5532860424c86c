"""What a question asks of the price store, as an SQL condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knowledge.offer import OfferFilter
from knowledge.schema import text_of


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))


def price_order(wanted: OfferFilter) -> str:
    """The column that ranks."""
    return "price_usd_per_hour" if wanted.without_accelerator else "price_usd_per_gpu_hour"


def where(wanted: OfferFilter) -> tuple[str, list[Any]]:
    """The condition and its values; every value is bound, never written into the SQL.

    Public offers, or with an owner that owner's alone.
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
        # The plus: every offer of a card has some, and the index has a better use for the column.
        add("+count > 0")
    if wanted.memory_gb is not None:
        add("memory_gb = ?" if wanted.accelerators else "memory_gb >= ?", wanted.memory_gb)
    if wanted.form_factor is not None:
        add("form_factor = ?", wanted.form_factor)
    if wanted.count is not None:
        add("count = ?", wanted.count)
    if wanted.min_count is not None:
        add("count >= ?", wanted.min_count)
    if wanted.unplaced_only:
        # "global" is one price for every region: a place is stated, it is everywhere.
        add("geo IS NULL AND country IS NULL AND (region IS NULL OR region <> 'global')")
    elif wanted.geos or wanted.countries:
        if wanted.geos and wanted.countries:
            add(
                f"(geo IN ({_marks(wanted.geos)}) OR country IN ({_marks(wanted.countries)}))",
                *wanted.geos,
                *wanted.countries,
            )
        else:
            among("geo", wanted.geos)
            among("country", wanted.countries)
    if wanted.exclude_geos:
        add(f"geo NOT IN ({_marks(wanted.exclude_geos)})", *wanted.exclude_geos)
    if wanted.exclude_countries:
        add(f"country NOT IN ({_marks(wanted.exclude_countries)})", *wanted.exclude_countries)
    if wanted.billing is not None:
        add("billing = ?", wanted.billing)
    among("billing", wanted.exclude_billing, negated=True)
    among("provider", wanted.providers)
    among("provider", wanted.exclude_providers, negated=True)
    among("tier", wanted.tiers)
    among("tier", wanted.exclude_tiers, negated=True)
    if wanted.max_price_usd_per_gpu_hour is not None:
        add("price_usd_per_gpu_hour <= ?", wanted.max_price_usd_per_gpu_hour)
    if wanted.fresh_at is not None:
        add("fresh_until >= ?", text_of(wanted.fresh_at))
    if wanted.min_vcpus is not None:
        add("vcpus >= ?", wanted.min_vcpus)
    if wanted.min_ram_gb is not None:
        add("ram_gb >= ?", wanted.min_ram_gb)
    if wanted.owner is None:
        # The plus keeps SQLite from taking the column for a constant, which would make it sort
        # what offers_placed already holds in order.
        add("+owner IS NULL")
    else:
        add("owner = ?", wanted.owner)
    return " AND ".join(parts), values
