"""The comparison as a file: XLSX or CSV, one row a quote, cells that no program runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

COLUMNS = (
    "seller", "reseller", "card", "form_factor", "memory_gb", "count", "machine", "gpus_per_machine", "interconnect", "place",
    "billing", "term", "start", "price", "currency", "unit", "kind", "per_gpu_h", "all_in_usd_gpu_h", "discount_pct", "tax",
    "tax_pct", "included", "prepayment", "min_commitment", "sla_pct", "notice_days", "renewal", "price_rise",
    "valid_until", "quote_number", "date", "doubts", "file",
)  # fmt: skip
"""Names of the contract of `quote --json`; a price is in its own currency, `all_in` in US dollars."""


def rows(readings: Iterable[dict[str, Any]]) -> list[list[str | float | int | None]]:
    """One row a quote, cells as numbers or text."""
    return [
        [_value(name, quote, str(reading.get("file") or "")) for name in COLUMNS]
        for reading in readings
        for quote in reading["quotes"]
    ]


def _value(name: str, quote: dict[str, Any], file: str) -> str | float | int | None:
    price = quote["price"] or {}
    if name == "file":
        return file
    if name == "price":
        amount, high = price.get("amount"), price.get("high")
        return f"{amount}-{high}" if high else float(amount) if amount else None
    if name in {"currency", "unit", "kind"}:
        found = price.get(name)
        return str(found) if found else None
    held = quote.get(name)
    if name == "per_gpu_h":
        held = (held or {}).get("amount")
    if isinstance(held, dict):
        if set(held) == {"value", "unit"}:
            return f"{held['value']} {held['unit']}"
        return ", ".join(f"{key} {value}" for key, value in held.items())
    if isinstance(held, list):
        return ", ".join(map(str, held)) or None
    return held


def safe(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula, marked as text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" else cell


def as_csv(readings: Iterable[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(
        [["" if cell is None else safe(cell) for cell in row] for row in rows(readings)]
    )
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(readings: Iterable[dict[str, Any]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    page = book.active
    assert page is not None  # noqa: S101  a new workbook has a sheet
    page.title = "Quotes"
    page.append(list(COLUMNS))
    for cell in page[1]:
        cell.font = Font(bold=True)
    for row in rows(readings):
        page.append([safe(cell) for cell in row])
    page.freeze_panes = "B2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
