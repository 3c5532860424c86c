"""A sheet of offers into stored rows, fast: what a cell means is worked out once, not once a line.

A list of fifty thousand offers repeats a few hundred cards, places and dates. Columns that are
judged together form a group; the first line with a new group of cells goes through `OfferRow`,
and what it made of them is kept. A line of nothing but known groups needs its price and its
instance type looked at, no more. `OfferRow` stays the one judge: a test compares both ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count as count_from
from operator import itemgetter
from typing import Any

from pydantic import ValidationError

from knowledge.facts.providers import tier_of
from knowledge.prices.csv_rows import OfferRow, RowFault, told
from knowledge.prices.rows import StoredOffer, stored
from knowledge.prices.schema import text_of

# Columns judged together -> the stored columns they decide. Every check of OfferRow lies in one
# group; instance type and price stand alone.
_GROUPS = (
    (("provider", "region", "country"), ("provider", "region", "country", "geo", "tier")),
    (
        ("accelerator", "memory_gb", "count", "form_factor"),
        ("accelerator", "memory_gb", "count", "form_factor"),
    ),
    (("vcpus", "ram_gb"), ("vcpus", "ram_gb")),
    (("billing", "term_months"), ("billing", "term_months")),
    (("as_of", "valid_until"), ("as_of", "fresh_until")),
    (("source_url",), ("source_url",)),
    (("host_included", "starting_at", "note"), ("host_included", "starting_at", "note")),
)
_PLAIN_PRICE = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_PLAIN_NAME = re.compile(r"\S(?:.{0,198}\S)?")
_LINES_NAMED = 10

Cells = Sequence[str]
Row = tuple[Any, ...]


def stored_rows(
    name: str,
    header: Sequence[str],
    lines: Iterable[Cells],
    *,
    source: str,
    fetched_at: datetime,
    good_for: timedelta,
    owner: str | None,
    numbers: Iterable[int] | None = None,
) -> list[StoredOffer]:
    """Every line as a stored offer; raises RowFault naming the first bad lines.

    `numbers`: the lines' numbers in their file, where they are not 2, 3, 4...
    """
    fetched = text_of(fetched_at)
    places = {column: place for place, column in enumerate(header)}
    price_at, type_at = places["price_usd_per_hour"], places["instance_type"]
    parts = [_part([places[name] for name in given if name in places]) for given, _ in _GROUPS]
    kept = [tuple(StoredOffer._fields.index(name) for name in made) for _, made in _GROUPS]
    known: list[dict[Any, Row]] = [{} for _ in _GROUPS]
    seller, card, host, term, dates, page, flags = known
    of_seller, of_card, of_host, of_term, of_dates, of_page, of_flags = parts
    out: list[StoredOffer] = []
    faults: list[str] = []
    bad = 0
    for number, cells in zip(numbers or count_from(2), lines):  # noqa: B905  the first is endless
        price, kind = cells[price_at], cells[type_at]
        try:
            provider, region, country, geo, tier = seller[of_seller(cells)]
            accelerator, memory, count, form = card[of_card(cells)]
            vcpus, ram = host[of_host(cells)]
            billing, months = term[of_term(cells)]
            as_of, until = dates[of_dates(cells)]
            (url,) = page[of_page(cells)]
            included, starting, note = flags[of_flags(cells)]
            plain = _PLAIN_PRICE.fullmatch(price) and _PLAIN_NAME.fullmatch(kind)
        except KeyError:
            plain = None
        usd = float(price) if plain else 0.0
        if usd > 0:
            out.append(StoredOffer(
                provider, kind, accelerator, memory, count, form, vcpus, ram, region, country, geo,
                billing, months, usd, as_of, source, url, fetched, until, included, starting,
                None, owner, note, usd / count if count else None, tier,
            ))  # fmt: skip
            continue
        try:
            row = _judged(header, cells, source, fetched_at, good_for, owner)
        except ValidationError as fault:
            bad += 1
            if bad <= _LINES_NAMED:
                faults.append(f"{name}:{number}: {told(fault.errors(include_url=False)[0], 0)}")
            continue
        for part, columns, group in zip(parts, kept, known, strict=True):
            group[part(cells)] = tuple(row[column] for column in columns)
        out.append(row)
    if bad:
        raise RowFault(faults, bad - len(faults))
    return out


def _part(places: list[int]) -> Callable[[Cells], Any]:
    """The cells of one group; a sheet without any of its columns has one group for all lines."""
    return itemgetter(*places) if places else lambda _: ()


def _judged(
    header: Sequence[str],
    cells: Cells,
    source: str,
    fetched_at: datetime,
    good_for: timedelta,
    owner: str | None,
) -> StoredOffer:
    """One line through OfferRow; raises pydantic's ValidationError."""
    given = {column: cell for column, cell in zip(header, cells, strict=True) if cell != ""}
    row = OfferRow.model_validate(given)
    made = stored(row.offer(source=source, fetched_at=fetched_at, good_for=good_for, owner=owner))
    return made._replace(tier=tier_of(row.provider))  # kept for other lines of the seller
