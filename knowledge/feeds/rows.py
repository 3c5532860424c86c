"""Rows of a feed: values out of records that may be anything, and the rows they became.

Pure. A record of a feed is whatever somebody's server sent: nothing here trusts its types.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from knowledge.feeds.reading import is_no_price
from knowledge.feeds.source import NotUnderstood, ParseFault, RawOffer, Row

BY_REGION = frozenset({"aws", "azure", "gcp"})
"""Clouds whose every price is of one region: a row without its region is of none."""


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


def unpriced(name: str, value: Any, why: str = "no price") -> NotUnderstood:
    """The row of a machine without a price, by what stood in the price's place."""
    return NotUnderstood(name, why, no_price=is_no_price(value))


def uncontradicted(rows: Iterable[Row]) -> list[Row]:
    """Every row but those of a machine with cards that costs two prices at one place: neither is
    trusted."""
    found = list(rows)
    lowest: dict[tuple[Any, ...], float] = {}
    torn: set[tuple[Any, ...]] = set()
    for row in found:
        if isinstance(row, RawOffer) and row.count:
            key, usd = _machine(row), row.price.amount
            known = lowest.setdefault(key, usd)
            if not known / _ALIKE <= usd <= known * _ALIKE:
                torn.add(key)
    if not torn:
        return found
    return [
        NotUnderstood(row.instance_type, f"two {row.billing} prices at one place")
        if isinstance(row, RawOffer) and row.count and _machine(row) in torn
        else row
        for row in found
    ]


_ALIKE = 1.001
_machine = itemgetter(
    *map(RawOffer._fields.index, (
        "provider", "instance_type", "accelerator_name", "count", "billing", "term_months",
        "memory_gb", "form_factor", "vcpus", "ram_gb", "region", "country", "via",
    ))
)  # fmt: skip
"""What of an offer is neither its price nor said beside it."""


def offered(rows: Iterable[Row], name: str) -> list[Row]:
    """Every row; raises ParseFault when none is an offer: then the feed is not what it was."""
    found = list(rows)
    if not any(isinstance(row, RawOffer) for row in found):
        first = next((row for row in found if isinstance(row, NotUnderstood)), None)
        because = f"; the first of {len(found)}: {first.name}: {first.why}" if first else ""
        raise ParseFault(f"{name}: no row of it is an offer{because}")
    return found
