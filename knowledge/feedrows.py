"""Rows of a feed: values out of records that may be anything, and rows settled before they leave.

Pure. A record of a feed is whatever somebody's server sent: nothing here trusts its types.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from knowledge.source import NotUnderstood, ParseFault, PerAccelerator, RawOffer, Row


def dig(record: Any, *keys: str) -> Any:
    """`record[key]...`, or None where a step is missing or no object."""
    for key in keys:
        if not isinstance(record, dict):
            return None
        record = record.get(key)
    return record


def word(value: Any) -> str | None:
    """A text that says something, without the spaces around it; None for anything else."""
    return (value.strip() or None) if isinstance(value, str) else None


def items(value: Any) -> list[Any]:
    """A list as it is, and nothing for what is no list."""
    return value if isinstance(value, list) else []


def words(value: Any) -> list[str]:
    """The texts of a list: region codes, tags."""
    return [text for one in items(value) if (text := word(one))]


def places(codes: list[str]) -> Sequence[str | None]:
    """Where an offer is to be had; one place unknown when nothing is said."""
    return codes or (None,)


def label(value: Any, otherwise: str) -> str:
    """What a row that was not understood is called by: its name, else its place in the feed."""
    return word(value) or otherwise


def settled(rows: Iterable[Row], name: str) -> list[Row]:
    """Every row, but of offers that differ in nothing except the price only the cheapest.

    A seller with three sites and one price list says the same thing three times. Raises ParseFault
    when there is no offer at all: then the feed is not what it was.
    """
    kept: dict[object, RawOffer] = {}
    missed: list[NotUnderstood] = []
    for row in rows:
        if isinstance(row, NotUnderstood):
            missed.append(row)
            continue
        key = (
            row.provider, row.instance_type, row.accelerator_name, row.memory_gb, row.count,
            row.region, row.country, row.billing, row.term_months, row.price.currency,
        )  # fmt: skip
        known = kept.get(key)
        if known is None or _whole_price(row) < _whole_price(known):
            kept[key] = row
    if not kept:
        because = (
            f"; the first of {len(missed)}: {missed[0].name}: {missed[0].why}" if missed else ""
        )
        raise ParseFault(f"{name}: no row of it is an offer{because}")
    return [*kept.values(), *missed]


def _whole_price(row: RawOffer) -> float:
    amount = row.price.amount
    return amount * row.count if isinstance(row.price, PerAccelerator) else amount
