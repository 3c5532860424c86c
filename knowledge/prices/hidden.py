"""Which offers are held and not shown, and which shown offer stands for each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from operator import itemgetter
from typing import Any, NamedTuple

from knowledge.prices.store import Store


class Hidden(NamedTuple):
    """An offer that steps back."""

    provider: str
    instance_type: str
    region: str | None
    country: str | None
    accelerator: str | None
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    billing: str
    term_months: int | None
    price_usd_per_hour: float
    as_of: str
    """As the store writes it: UTC, ISO."""
    source: str
    instead: str
    """Source of the offer that is shown for it; empty when that one is gone since."""
    instead_usd_per_hour: float | None
    """What is shown costs for as many accelerators."""


_SAME = itemgetter(0, 1, 2, 6, 7)
"""The provider's own name for one offer: type, region, billing, term."""
_CARD = itemgetter(0, 4, 6)


def hidden(store: Store, sources: Collection[str] = ()) -> Iterator[Hidden]:
    """Every public offer that steps back, of these sources or of all, with who stands for it.

    The same offer of another source first; else the same card, the like count and place first.
    """
    rows = store.shown_and_hidden()
    shown = [row[:-1] for row in rows if row[-1]]
    same = {_SAME(row): row for row in shown}
    of_card: dict[Any, list[tuple[Any, ...]]] = {}
    for row in shown:
        of_card.setdefault(_CARD(row), []).append(row)
    for *cells, is_shown in rows:
        row = tuple(cells)
        if is_shown or (sources and row[10] not in sources):
            continue
        instead = same.get(_SAME(row)) or max(
            (offer for offer in of_card.get(_CARD(row), ()) if offer[10] != row[10]),
            key=lambda offer: (
                offer[5] == row[5],
                offer[2] == row[2],
                offer[3] == row[3],
                offer[9],
            ),
            default=None,
        )
        name = instead[10] if instead else ""
        usd = instead[8] / (instead[5] or 1) * (row[5] or 1) if instead else None
        yield Hidden._make((*row, name, usd))
