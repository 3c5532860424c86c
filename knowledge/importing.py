"""Offers from a file and to a file: all rows or none, each bad row named by its line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from knowledge.offer import Offer, OfferFilter
from knowledge.schema import text_of
from knowledge.store import Replaced, SourceInfo, Store

HEADER = (
    "provider instance_type accelerator memory_gb count form_factor vcpus ram_gb region country billing "
    "price_usd_per_hour as_of source_url"
).split()
OPTIONAL = ("term_months", "host_included", "starting_at", "valid_until", "note")
GOOD_FOR = timedelta(days=30)
"""An imported list is kept by hand: good for a month unless a row says until when."""
MAX_BYTES = 200 * 1024 * 1024


class ImportFault(Exception):
    """The file cannot be used; nothing was changed. The message names lines and what to mend."""


def import_csv(
    path: Path, store: Store, *, source: str, owner: str | None, now: datetime
) -> Replaced:
    """Replaces what `source` held with the file's offers, or changes nothing (ImportFault)."""
    from knowledge.rows import RowFault
    from knowledge.sheet import stored_rows

    if path.stat().st_size > MAX_BYTES:
        raise ImportFault(
            f"{path.name} is larger than {MAX_BYTES // 1024 // 1024} MB. Split it by source."
        )
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, lines = _lines(file, path.name)
            rows = stored_rows(
                path.name, header, lines, source=source, fetched_at=now, good_for=GOOD_FOR,
                owner=owner,
            )  # fmt: skip
    except UnicodeDecodeError as fault:
        raise ImportFault(
            f"{path.name} is not UTF-8 text (byte {fault.start}). Save it as CSV UTF-8."
        ) from fault
    except csv.Error as fault:
        raise ImportFault(f"{path.name} is not a CSV: {fault}.") from fault
    except RowFault as fault:
        raise ImportFault(f"Nothing was imported. Mend these rows:\n{fault}") from fault
    if not rows:
        raise ImportFault(f"{path.name} has no rows below its header. Nothing was imported.")
    tomorrow = text_of(now + timedelta(days=1))
    late = [as_of for row in rows if (as_of := row.as_of) > tomorrow]
    if late:
        raise ImportFault(
            f"Nothing was imported: {len(late)} rows are dated in the future, the first {late[0][:10]}."
        )
    info = SourceInfo(source, f"Import: {path.name}", path.name, GOOD_FOR)
    return store.replace_rows(source, rows, now, owner=owner, info=info)


def _lines(file: IO[str], name: str) -> tuple[list[str], Iterator[list[str]]]:
    """The header, checked, and the cells of each line below it."""
    reader = csv.reader(file, strict=True)
    given = [column.strip() for column in next(reader, [])]
    missing = [column for column in HEADER if column not in given]
    unknown = [column for column in given if column not in (*HEADER, *OPTIONAL)]
    if missing or unknown:
        parts = []
        if missing:
            parts.append(f"misses {', '.join(missing)}")
        if unknown:
            parts.append(f"has unknown columns {', '.join(unknown)}")
        raise ImportFault(
            f"{name}: the header {' and '.join(parts)}. It should be: {','.join(HEADER)}"
        )

    def lines() -> Iterator[list[str]]:
        width = len(given)
        for cells in reader:
            if len(cells) == width:
                yield cells
            elif cells:
                raise ImportFault(
                    f"{name}:{reader.line_num}: the number of cells differs from the header."
                )

    return given, lines()


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
