"""A Table as Slack's table block, and as aligned plain text for clients that refuse it.

https://docs.slack.dev/reference/block-kit/blocks/table-block
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.core.answer import Column, Table, TableRow
from bot.core.text import clean, shorten
from bot.render.columns import telling
from bot.slack.text import literal, web_address

MAX_ROWS = 100
"""Slack's, the header included."""
MAX_COLUMNS = 20
"""Slack's."""
SHOWN_COLUMNS = 5
"""Ours: what a message shows without scrolling sideways."""
MAX_CELL = 120
ONE_LINE = 18
"""Ours: a column of shorter cells is not wrapped, so that a date stays in one line."""
PLAIN_WIDTH = 76
MAX_PLAIN = 2800
"""Ours: a code block inside a section of 3,000 characters."""
LONG = 8
"""Ours: a table of more rows, its header included, is worth sorting."""
PAGE = 20
"""Ours: rows that a reader sees at once; Slack's own is five."""
MAX_CAPTION = 200
_FIGURE = re.compile(r"-?\d{1,3}(,\d{3})*(\.\d+)?|-?\d+(\.\d+)?")
EMPTY = "–"
"""An empty cell is refused."""
Block = dict[str, Any]


def table_block(table: Table, rows: tuple[TableRow, ...]) -> Block:
    """Header and rows; numbers to the right, the name linked to where its price can be checked."""
    kept = telling(table.columns, rows, SHOWN_COLUMNS)
    name = _name_column(table.columns, kept)
    head = [{"type": "raw_text", "text": _cell(table.columns[at].title)} for at in kept]
    long = {at for at in kept for row in rows if len(_worded(row, at, kept)) > ONE_LINE}
    return {
        "type": "table",
        "column_settings": [
            {"align": table.columns[at].align, "is_wrapped": at in long} for at in kept
        ],
        "rows": [head, *([_rich(row, at, name, kept) for at in kept] for row in rows)],
    }


def sorted_tables(message: Mapping[str, Any]) -> dict[str, Any] | None:
    """The message with its long table as one that readers sort and page through; None without one.
    https://docs.slack.dev/reference/block-kit/blocks/data-table-block"""
    blocks = message.get("blocks") or []
    long = [one for one in blocks if one["type"] == "table" and len(one["rows"]) > LONG]
    if not long:
        return None
    caption = shorten(clean(str(message.get("text") or "")), MAX_CAPTION) or EMPTY
    made = [_sorted(one, caption) if one in long else one for one in blocks]
    return {**message, "blocks": made}


def _sorted(table: Block, caption: str) -> Block:
    """`caption` is what screen readers call it."""
    right = [one["align"] == "right" for one in table["column_settings"]]
    head, *rows = table["rows"]
    return {
        "type": "data_table",
        "caption": caption,
        "rows": [head, *([_value(cell, number) for cell, number in zip(row, right, strict=True)] for row in rows)],
        "page_size": min(len(rows), PAGE),
        "row_header_column_index": 0,
    }  # fmt: skip


def _value(cell: Block, number: bool) -> Block:
    """A figure by its value, so that 9.50 comes before 10.00."""
    text = str(cell.get("text") or "")
    if not number or cell["type"] != "raw_text" or not _FIGURE.fullmatch(text):
        return cell
    return {"type": "raw_number", "value": float(text.replace(",", "")), "text": text}


def plain_table(table: Table, rows: tuple[TableRow, ...]) -> str:
    """Aligned text for a code block; columns that do not fit go, least essential first."""
    kept = telling(table.columns, rows, SHOWN_COLUMNS)
    lines = [[_cell(table.columns[at].title) for at in kept]]
    lines += [[_worded(row, at, kept) for at in kept] for row in rows]
    widths = [min(24, max(len(line[n]) for line in lines)) for n in range(len(kept))]
    while len(kept) > 1 and sum(widths) + 2 * (len(widths) - 1) > PLAIN_WIDTH:
        away = max(range(len(kept)), key=lambda n: (not table.columns[kept[n]].essential, n))
        for line in lines:
            del line[away]
        del kept[away], widths[away]
    out: list[str] = []
    for line in lines:
        parts = []
        for at, cell, width in zip(kept, line, widths, strict=True):
            text = shorten(cell, width)
            right = table.columns[at].align == "right"
            parts.append(text.rjust(width) if right else text.ljust(width))
        out.append("  ".join(parts).rstrip())
    text = "\n".join(out)
    while len(text) > MAX_PLAIN and len(out) > 2:
        out.pop()
        text = "\n".join(out)
    return text.replace("`", "'")


def _name_column(columns: tuple[Column, ...], kept: list[int]) -> int:
    return next((at for at in kept if columns[at].align == "left"), kept[0])


def _rich(row: TableRow, at: int, name: int, kept: list[int]) -> Block:
    text = _worded(row, at, kept)
    address = web_address(row.url) if at == name else None
    if address is None or text == EMPTY:
        return {"type": "raw_text", "text": text}
    piece = {"type": "link", "url": address, "text": text}
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [piece]}],
    }


def _worded(row: TableRow, at: int, kept: list[int]) -> str:
    """The cell's words; a price older than its source vouches for is marked in its last column."""
    text = clean(row.cells[at]) if at < len(row.cells) else ""
    if row.stale and at == kept[-1]:
        text = f"{text} ~".strip()
    return _cell(text)


def _cell(text: str) -> str:
    text = literal(text, MAX_CELL)
    return EMPTY if text in ("", "-") else text
