"""Together AI's price page: GPU clusters, per GPU-hour, on demand and reserved by the length of term.

Its APIs price dedicated inference, which is another product; the page prices both, in tables that
look alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from knowledge.feeds.pages import Cell, anchor, dollars, elements, grid, is_hidden, page, shown
from knowledge.feeds.rows import offered
from knowledge.feeds.source import (
    Http,
    NotUnderstood,
    ParseFault,
    Payload,
    PerAccelerator,
    RawOffer,
    Row,
    Source,
)

PAGE = "https://www.together.ai/pricing"
LEAST = 8
"""GPUs of the smallest cluster."""
_UNIT = "per gpu per hour"
_DAYS = re.compile(r"(\d+)\s*(?:[-–—]\s*(\d+)|\+)\s*days?", re.IGNORECASE)
_NOT_SOLD = {"", "-", "–", "—"}


class _Column(NamedTuple):
    billing: str
    days: int | None = None
    """Shortest term of a reserved column."""
    label: str = ""


async def fetch(http: Http) -> Sequence[Payload]:
    """One page."""
    return [await http.get("/pricing", expect="html", tag="pricing")]


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """The tables a reader sees in the section of GPU clusters, and in no other."""
    rows: list[Row] = []
    for payload in payloads:
        nodes = elements(page(payload))
        start = anchor(nodes, "gpu-clusters", payload.tag)
        end = anchor(nodes, "sandbox", payload.tag)
        section = nodes[start:end]
        if not any(_UNIT in shown(node).lower() for node in section if node.tag in {"p", "div"}):
            raise ParseFault(f"{payload.tag}: no longer says that its prices are {_UNIT}")
        for node in section:
            if node.tag == "table" and not is_hidden(node):
                rows += _table(node)
    _check_single(rows)
    return offered(rows, "together")


def _table(table: LexborNode) -> Iterator[Row]:
    header, body = grid(table)
    width = max((len(line) for line in header), default=0)
    labels = [
        " ".join(dict.fromkeys(line[at].text for line in header if at < len(line)))
        for at in range(width)
    ]
    columns = [_column(label) for label in labels]
    if not labels or "hardware" not in labels[0].lower() or not any(columns):
        yield NotUnderstood(" | ".join(labels)[:80] or "a table", "a table that is new")
        return
    for label, column in zip(labels[1:], columns[1:], strict=True):
        if column is None:
            yield NotUnderstood(label or "a column without a name", "a column that is new")
    for line in body:
        if len(line) != width:
            yield NotUnderstood(line[0].text if line else "a row", "other columns than the header")
        else:
            yield from _line(line, columns)


def _column(label: str) -> _Column | None:
    low = label.lower()
    if days := _DAYS.search(low):
        return _Column("reserved", int(days.group(1)), days.group(0))
    if "preempt" in low or "spot" in low:
        return _Column("spot")
    if "on-demand" in low or "on demand" in low or "pay as you go" in low:
        return _Column("on-demand")
    return None


def _line(line: list[Cell], columns: list[_Column | None]) -> Iterator[Row]:
    name = line[0].text
    refused: list[str] = []
    for cell, column in zip(line[1:], columns[1:], strict=True):
        if column is None or cell.text in _NOT_SOLD:
            continue
        price = dollars(cell.text)
        if price.amount is None:
            refused.append(price.why)
        elif cell.width > 1:
            refused.append(f"{cell.text} stands for {cell.width} terms at once")
        elif not name:
            refused.append("a price without a name")
        else:
            months = column.days // 30 or None if column.days else None
            yield RawOffer(
                provider="together",
                instance_type=f"GPU cluster {name}",
                accelerator_name=name,
                count=LEAST,
                price=PerAccelerator(price.amount),
                billing=column.billing,  # type: ignore[arg-type]  # one of the three kinds
                # A term is as long as it must be for its price: 31-90 days is one month.
                term_months=months,
                form_factor="SXM" if "HGX" in name.upper().split() else None,
                source_url=PAGE,
                starting_at=price.starting_at,
                note=f"reserved for {column.label}" if column.days else None,
            )
    for why in dict.fromkeys(refused):
        yield NotUnderstood(name or "a row without a name", why)


def _check_single(rows: list[Row]) -> None:
    """Two prices for one thing mean that a look-alike table came in: then neither is trusted."""
    seen: dict[object, float] = {}
    for row in rows:
        if isinstance(row, RawOffer):
            key = (row.instance_type, row.billing, row.term_months)
            if seen.setdefault(key, row.price.amount) != row.price.amount:
                raise ParseFault(f"pricing: two {row.billing} prices for {row.accelerator_name}")


SOURCE = Source(
    name="together",
    title="Together AI price page",
    page=PAGE,
    base_url="https://www.together.ai",
    good_for=timedelta(hours=48),
    providers=("together",),
    fetch=fetch,
    parse=parse,
    first_party=True,
    complete=True,
    min_interval=timedelta(hours=6),
)
