"""Offers from a file and to a file: all rows or none, each bad row named by its line.

People keep prices in months and years, in their own currency and with commas: what a column says
is converted, what leaves a doubt is asked about by its line, and nothing is guessed.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NamedTuple

from knowledge.facts.accelerators import resolve_feed_name, settled_memory, variants
from knowledge.facts.units import MONTH, YEAR
from knowledge.prices.currencies import exchange
from knowledge.prices.offer import Offer, OfferFilter
from knowledge.prices.plausibility import out_of_bounds, price_bounds
from knowledge.prices.rows import StoredOffer
from knowledge.prices.schema import text_of
from knowledge.prices.store import SourceInfo, Store
from knowledge.refresh.normalising import broken_sizes, contradiction, size_family
from knowledge.refresh.spreadsheet import FigureFault, Table, figure

HEADER = (
    "provider instance_type accelerator memory_gb count form_factor vcpus ram_gb region country billing "
    "price_usd_per_hour as_of source_url"
).split()
NOT_NEEDED = ("memory_gb", "form_factor", "vcpus", "ram_gb", "region", "country")
"""Columns of the header that may be left out: what they would say is then not stated."""
OPTIONAL = ("term_months", "host_included", "starting_at", "valid_until", "note")
GOOD_FOR = timedelta(days=30)
"""An imported list is kept by hand: good for a month unless a row says until when."""


class ImportFault(Exception):
    """The file cannot be used; nothing was changed. The message names lines and what to mend."""


class Imported(NamedTuple):
    """What an import changed, in offers, and what it has to say of single lines."""

    offers: int
    new: int
    gone: int
    changed: int
    notes: tuple[str, ...] = ()


HOURS = {"hour": 1.0, "month": MONTH, "year": YEAR}
"""Hours in what a price is for; a month is a twelfth of a year."""
_PERIODS = {
    "hour": "hour", "hourly": "hour", "h": "hour", "hr": "hour", "hora": "hour", "por hora": "hour",
    "month": "month", "monthly": "month", "mo": "month", "mês": "month", "mes": "month",
    "mensal": "month", "mensual": "month",
    "year": "year", "yearly": "year", "annual": "year", "yr": "year", "ano": "year", "año": "year",
    "anual": "year",
}  # fmt: skip
_PRICE_COLUMN = re.compile(
    r"price(?:_(?P<currency>(?!per)[a-z]{3}))?(?P<gpu>_per_gpu)?_(?:per_)?(?P<period>hour|month|year)"
)
"""What a price is for, its currency and whether it is one card's, by the column's name."""
_ALSO = {"memory_mib": "memory_gb"}
"""Names that people write -> ours; `_memory` tells mebibytes from gigabytes."""
_EXTRA = ("currency", "period")
_LINES_NAMED = 10


def import_csv(
    path: Path, store: Store, *, source: str, owner: str | None, now: datetime,
    dry_run: bool = False,
) -> Imported:  # fmt: skip
    """Replaces what `source` held with the file's offers (CSV or XLSX), or changes nothing.

    Raises ImportFault: nothing was changed, and the message names the lines. `dry_run`: the same
    judgement and figures, and nothing is stored.
    """
    from knowledge.prices.csv_rows import RowFault
    from knowledge.refresh.sheet import stored_rows
    from knowledge.refresh.spreadsheet import TableFault, read_table

    try:
        table = read_table(path)
        sheet = _Sheet(path.name, table, store)
        lines = [sheet.canonical(number, cells) for number, cells in table.lines]
        sheet.raise_faults()
        numbers = [number for number, _ in table.lines]
        rows = stored_rows(
            path.name, sheet.header, lines, source=source, fetched_at=now, good_for=GOOD_FOR,
            owner=owner, numbers=numbers,
        )  # fmt: skip
    except TableFault as fault:
        raise ImportFault(str(fault)) from fault
    except RowFault as fault:
        raise ImportFault(f"Nothing was imported. Mend these rows:\n{fault}") from fault
    if not rows:
        raise ImportFault(f"{path.name} has no rows below its header. Nothing was imported.")
    tomorrow = text_of(now + timedelta(days=1))
    late = [row.as_of for row in rows if row.as_of > tomorrow]
    if late:
        raise ImportFault(
            f"Nothing was imported: {len(late)} rows are dated in the future, the first {late[0][:10]}."
        )
    rows = (
        [row._replace(fx=fx) if fx else row for row, fx in zip(rows, sheet.fx, strict=True)]
        if any(sheet.fx)
        else rows
    )
    rows, notes = _believed(path.name, rows, numbers)
    if dry_run:
        return _compared(store, source, owner, rows, notes)
    info = SourceInfo(source, f"Import: {path.name}", path.name, GOOD_FOR)
    done = store.replace_rows(source, rows, now, owner=owner, info=info)
    return Imported(done.offers, done.new, done.gone, done.changed, tuple(notes))


class _Sheet:
    """The cells of a table as the import header has them: dollars an hour, ISO days, gigabytes."""

    def __init__(self, name: str, table: Table, store: Store) -> None:
        self.name = name
        self._store = store
        self._commas = table.comma_for_decimals
        self._faults: list[str] = []
        self._bad = 0
        self.fx: list[str | None] = []
        given = [column.strip().lower().replace(" ", "_") for column in table.header]
        given = [_ALSO.get(column, column) for column in given]
        prices = [c for c in given if c == "price" or _PRICE_COLUMN.fullmatch(c)]
        wanted = [column for column in HEADER if column not in (_PRICE, *NOT_NEEDED)]
        missing = [column for column in wanted if column not in given]
        unknown = [c for c in given if c not in (*HEADER, *OPTIONAL, *_EXTRA, *prices)]
        if missing or unknown or len(prices) != 1:
            raise ImportFault(_wrong_header(name, missing, unknown, prices))
        (self._price,) = prices
        said = _PRICE_COLUMN.fullmatch(self._price)
        self._period = said["period"] if said else ""  # "": the column `period` says
        self._per_gpu = bool(said and said["gpu"])
        self._currency = (said["currency"] or "").upper() if said else ""
        self.header = [_PRICE if column == self._price else column for column in given]
        self._at = {column: place for place, column in enumerate(self.header)}
        self._kept = [place for place, c in enumerate(self.header) if c not in _EXTRA]
        self._figures = [
            self._at[column]
            for column in ("memory_gb", "count", "vcpus", "ram_gb", "term_months")
            if column in self._at
        ]
        self._days = [self._at[c] for c in ("as_of", "valid_until") if c in self._at]
        self._day_first = _day_first(
            cells[place] for _, cells in table.lines for place in self._days
        )
        self.header = [self.header[place] for place in self._kept]

    def raise_faults(self) -> None:
        """RowFault with the first lines that leave a doubt."""
        from knowledge.prices.csv_rows import RowFault

        if self._bad:
            raise RowFault(self._faults, self._bad - len(self._faults))

    def canonical(self, number: int, cells: list[str]) -> list[str]:
        """One line; a fault of it is kept for `raise_faults`."""
        out = list(cells)
        fx = None
        try:
            for place in self._days:
                out[place] = _iso_day(out[place], day_first=self._day_first)
            for place in self._figures:
                if out[place] and not _WHOLE.fullmatch(out[place]):
                    out[place] = self._figure(out[place])
            at = self._at.get("memory_gb")
            if at is not None and out[at]:
                out[at] = _memory(out[self._at["accelerator"]], out[at], out[self._at["count"]])
            out[self._at[_PRICE]], fx = self._dollars(out)
        except ValueError as fault:
            self._bad += 1
            if self._bad <= _LINES_NAMED:
                self._faults.append(f"{self.name}:{number}: {fault}")
        self.fx.append(fx)
        return [out[place] for place in self._kept]

    def _figure(self, cell: str) -> str:
        """A figure with its unit: "81920 MiB" as gigabytes. What is no figure is judged later."""
        found = _UNIT.match(cell.strip())
        if found is None:
            return cell
        text = figure(found[1], comma_for_decimals=self._commas).text
        unit = (found[2] or "").lower()
        if unit.startswith("m"):
            return f"{float(text) / 1024:g}"
        return text

    def _dollars(self, cells: list[str]) -> tuple[str, str | None]:
        """USD an hour for the whole machine, and how a foreign price became that."""
        cell = cells[self._at[_PRICE]].strip()
        if not cell or not any(char.isdigit() for char in cell):
            return cell, None
        hourly = self._price == _PRICE and "currency" not in self._at and "period" not in self._at
        if hourly and _POINTED.fullmatch(cell) and not self._commas:
            return cell, None
        try:
            read = figure(cell, comma_for_decimals=self._commas)
        except FigureFault as fault:
            raise ValueError(f"{self._price}: {fault}") from None
        stated = cells[self._at["currency"]].strip() if "currency" in self._at else ""
        stated = stated or ("" if self._currency == "USD" else self._currency)
        currency = _CURRENCIES.get(stated.upper(), stated.upper()) or read.currency or "USD"
        if read.currency and stated and read.currency != currency:
            raise ValueError(f"{self._price}: {cell!r} beside the currency {stated!r}")
        if self._currency == "USD" and not stated and currency != "USD":
            raise ValueError(f"{self._price}: {cell!r} is not in dollars; add a column `currency`")
        usd, fx = float(read.text), None
        if usd <= 0 or not math.isfinite(usd):
            return read.text, None
        period = self._period
        if "period" in self._at and (said := cells[self._at["period"]].strip().lower()):
            if said not in _PERIODS:
                raise ValueError(f"period: {said!r} is not hour, month or year")
            period = _PERIODS[said]
        if not period:
            raise ValueError("period: say whether the price is for an hour, a month or a year")
        usd /= HOURS[period]
        if self._per_gpu:
            count = cells[self._at["count"]].strip()
            usd *= int(count) if count.isdigit() and int(count) else 1
        if currency != "USD":
            rate = exchange(currency, self._store)
            if rate is None:
                raise ValueError(f"currency: no rate for {currency}")
            usd = rate.to_usd(usd)
            by = "ECB" if rate.official else rate.source
            fx = f"{currency} 1 = USD {rate.usd_per_unit:.5g}, {by} {rate.day.isoformat()}"
        return f"{usd:.10g}", fx


_PRICE = "price_usd_per_hour"
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_POINTED = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_UNIT = re.compile(r"^(-?[\d.,\s]*\d)\s*(gib|gb|g|mib|mb)?$", re.IGNORECASE)
_CURRENCIES = {"R$": "BRL", "US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}


def _wrong_header(name: str, missing: list[str], unknown: list[str], prices: list[str]) -> str:
    parts = []
    if missing:
        parts.append(f"misses {', '.join(missing)}")
    if not prices:
        parts.append(
            f"misses {_PRICE} (or price_usd_per_month, price_usd_per_year, price_eur_per_month ...)"
        )
    elif len(prices) > 1:
        parts.append(f"has several prices, {', '.join(prices)}")
    if unknown:
        parts.append(f"has unknown columns {', '.join(unknown)}")
    return (
        f"{name}: the header {' and '.join(parts)}. It should be: {','.join(HEADER)}; "
        f"{', '.join(NOT_NEEDED)} may be left out."
    )


# -- days ------------------------------------------------------------------------------------

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:$|[T ])")
_COMPACT = re.compile(r"(20\d\d)(0[1-9]|1[0-2])([0-3]\d)")
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")


def _day_first(cells: Iterable[str]) -> bool | None:
    """Whether the file writes 20/11 or 11/20, by the days that can be one alone; None: unknown."""
    first = second = False
    for cell in cells:
        if (found := _SLASHED.fullmatch(cell.strip())) is not None:
            first |= int(found[1]) > 12
            second |= int(found[2]) > 12
    return None if first == second else first


@lru_cache(maxsize=4096)
def _iso_day(cell: str, *, day_first: bool | None) -> str:
    """A day as ISO writes it; ValueError for one that may be two days."""
    text = cell.strip()
    if not text or _ISO.match(text):
        return text
    if (found := _COMPACT.fullmatch(text)) or (found := _YEAR_FIRST.fullmatch(text)):
        year, month, day = (int(part) for part in found.groups())
    elif found := _SLASHED.fullmatch(text):
        one, other, year = (int(part) for part in found.groups())
        first = one > 12 or (day_first is True and other <= 12) or one == other
        if not first and other <= 12 and day_first is None:
            raise ValueError(f"as_of: {text!r} may be two days; write it as {year}-MM-DD")
        day, month = (one, other) if first else (other, one)
    elif text.replace(".", "").isdigit():
        raise ValueError(f"as_of: {text!r} is no day; write it as 2026-11-20")
    else:
        return text  # judged with the row
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise ValueError(f"as_of: {text!r} is no day") from None


# -- cards and prices that can be ----------------------------------------------------------------


@lru_cache(maxsize=4096)
def _memory(card: str, memory: str, count: str) -> str:
    """Gigabytes of one card, where those of all cards or mebibytes stand there."""
    named = resolve_feed_name(card) if card else None
    try:
        stated, cards = float(memory), int(count)
    except ValueError:
        return memory
    sizes = (
        {variant.memory_gb for variant in variants(named.canonical) if variant.memory_gb}
        if named
        else set()
    )
    if named is None or not sizes or not math.isfinite(stated) or stated <= 0:
        return memory
    for size in (stated, stated / max(1, cards), stated / 1024, stated / 1024 / max(1, cards)):
        if settled_memory(named.canonical, size) in sizes:
            return f"{size:g}"
    known = ", ".join(f"{size:g}" for size in sorted(sizes))
    raise ValueError(f"memory_gb: no {named.canonical} has {stated:g} GB; it has {known}")


def _believed(
    name: str, rows: list[StoredOffer], numbers: Sequence[int]
) -> tuple[list[StoredOffer], list[str]]:
    """The rows once each, as the refresh would believe them; RowFault's words as an ImportFault."""
    faults: list[str] = []
    notes: list[str] = []
    seen: dict[tuple[Any, ...], tuple[int, StoredOffer]] = {}
    kept: list[StoredOffer] = []
    for number, row in zip(numbers, rows, strict=True):
        if (why := _unbelievable(row)) is not None:
            faults.append(f"{name}:{number}: {why}")
            continue
        key = (*row[:2], *row[2:6], row.region, row.country, row.billing, row.term_months)
        first = seen.setdefault(key, (number, row))
        if first[0] == number:
            kept.append(row)
        elif abs(first[1].price_usd_per_hour - row.price_usd_per_hour) < 0.005:
            notes.append(f"line {number} repeats line {first[0]}; it is kept once")
        else:
            faults.append(
                f"{name}:{number}: line {first[0]} states the same machine at "
                f"${first[1].price_usd_per_hour:,.2f} and this one at "
                f"${row.price_usd_per_hour:,.2f}; keep one, or tell them apart by instance_type"
            )
    if not faults:
        faults = _same_for_all_sizes(name, rows, numbers)
    if faults:
        more = len(faults) - _LINES_NAMED
        listed = faults[:_LINES_NAMED] + ([f"... and {more} more"] if more > 0 else [])
        raise ImportFault("Nothing was imported. Mend these rows:\n" + "\n".join(listed))
    return kept, notes


def _unbelievable(row: StoredOffer) -> str | None:
    """Why a row cannot be, by the rules of the feeds; None when it can."""
    why = contradiction(row.provider, row.instance_type, row.accelerator, row.count)
    if why is not None:
        return f"{row.instance_type}: {why}"
    low, high = _bounds(row.accelerator, row.count, row.vcpus, row.ram_gb)
    usd = row.price_usd_per_hour
    if low <= usd <= high:
        return None
    hint = ""
    for period in ("month", "year"):
        if usd > high and low <= usd / HOURS[period] <= high:
            each = usd / HOURS[period] / max(1, row.count)
            hint = (
                f". As the price of a {period} it is ${each:,.2f} a GPU-hour: then call the column "
                f"price_usd_per_{period}"
            )
            break
    return out_of_bounds(row.accelerator, usd, row.count, low, high) + hint


_bounds = lru_cache(maxsize=4096)(price_bounds)


def _same_for_all_sizes(name: str, rows: list[StoredOffer], numbers: Sequence[int]) -> list[str]:
    """Sizes of one machine at one price: a price for each card, or for the whole machine?"""
    broken = broken_sizes(rows)
    return [
        f"{name}:{number}: {' and '.join(f'{size}x' for size in broken[family])} "
        f"{row.accelerator} cost the same ${row.price_usd_per_hour:,.2f}: is it for one card?"
        for number, row in zip(numbers, rows, strict=True)
        if broken and row.count and (family := size_family(row)) in broken
    ]


def _compared(
    store: Store, source: str, owner: str | None, rows: list[StoredOffer], notes: list[str]
) -> Imported:
    """What storing these rows would change; the first changes in words."""
    from knowledge.prices.plausibility import Seen

    names = [StoredOffer._fields.index(field) for field in Seen._fields]
    if owner is None:
        before = store.held(source)
    else:
        before = {
            Seen(*(getattr(offer, field) for field in Seen._fields)): offer.price_usd_per_hour
            for offer in store.offers(OfferFilter(owner=owner))
            if offer.owner == owner and offer.source == source
        }
    after = {Seen._make(row[place] for place in names): row.price_usd_per_hour for row in rows}
    new, gone = after.keys() - before.keys(), before.keys() - after.keys()
    changed = [k for k in after.keys() & before.keys() if abs(after[k] - before[k]) > 1e-9]

    def said(key: Seen) -> str:
        return " ".join(filter(None, (key.provider, key.instance_type, key.region, key.billing)))

    words = [f"new: {said(key)} ${after[key]:,.2f}" for key in sorted(new, key=str)]
    words += [
        f"changed: {said(key)} from ${before[key]:,.2f} to ${after[key]:,.2f}"
        for key in sorted(changed, key=str)
    ]
    words += [f"gone: {said(key)} ${before[key]:,.2f}" for key in sorted(gone, key=str)]
    if len(words) > _SHOWN:
        words[_SHOWN:] = [f"... and {len(words) - _SHOWN:,} more"]
    return Imported(len(rows), len(new), len(gone), len(changed), (*notes, *words))


_SHOWN = 20


def export_rows(store: Store) -> Iterator[dict[str, Any]]:
    """The current public offers as rows of the import header, CPU-only machines included."""
    for wanted in (OfferFilter(), OfferFilter(without_accelerator=True)):
        for offer in store.offers(wanted):
            yield offer_row(offer)


def offer_row(offer: Offer) -> dict[str, Any]:
    """An offer as a row of the import header."""
    midnight = offer.as_of.time().isoformat() == "00:00:00"
    return {
        **{name: _cell(getattr(offer, name)) for name in HEADER if name != "as_of"},
        "as_of": offer.as_of.date().isoformat() if midnight else offer.as_of.isoformat(),
        "term_months": _cell(offer.term_months),
        "host_included": "yes" if offer.host_included else "no",
        "starting_at": "yes" if offer.starting_at else "no",
        "source": offer.source,
    }


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) and value.is_integer() else value


def write_csv(rows: Iterable[dict[str, Any]], out: IO[str]) -> None:
    writer = csv.DictWriter(
        out,
        [*HEADER, "term_months", "host_included", "starting_at"],
        extrasaction="ignore",
        lineterminator="\n",
    )
    writer.writeheader()
    writer.writerows(rows)
