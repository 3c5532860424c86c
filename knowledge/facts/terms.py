"""What providers' terms say, in their sources' words (data/terms.csv): billing step, stopped
machines, minimum, prepayment, tax. Figures that sums are made of stand in `knowledge.facts.charges`."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from knowledge.facts import bundled


class Term(NamedTuple):
    """One stated fact; empty text means that the source does not say."""

    provider: str
    topic: str
    """`billing_granularity`, `stopped_instance`, `minimum_spend`, `capacity_block` and so on."""
    term: str
    value: str
    unit: str
    condition: str
    source_url: str
    source_date: str
    """ISO day, month or year; empty when the copy that was read carries no date."""
    note: str


@cache
def _by_provider() -> dict[str, tuple[Term, ...]]:
    found: dict[str, list[Term]] = {}
    for record in bundled.records("terms", Term):
        found.setdefault(record.provider, []).append(record)
    return {name: tuple(terms) for name, terms in found.items()}


def of(provider: str, *topics: str) -> tuple[Term, ...]:
    """A provider's terms on these topics, on all without any; empty where none was read."""
    return tuple(
        term for term in _by_provider().get(provider, ()) if not topics or term.topic in topics
    )
