"""A Table as Slack's table block, and as aligned plain text for clients that refuse it.

https://docs.slack.dev/reference/block-kit/blocks/table-block
"""

from __future__ import annotations

from typing import Any

from bot.answer import Column, Table, TableRow
from bot.slack.text import literal, web_address
from bot.text import clean, shorten
from bot.wording import Wording

MAX_ROWS = 100
"""Slack's, the header included."""
MAX_COLUMNS = 20
"""Slack's."""
SHOWN_COLUMNS = 7
"""Ours: what a laptop shows without scrolling sideways."""
MAX_CELL = 120
ONE_LINE = 18
"""Ours: a column of shorter cells is not wrapped, so that a date stays in one line."""
PLAIN_WIDTH = 76
MAX_PLAIN = 2800
"""Ours: a code block inside a section of 3,000 characters."""
EMPTY = "–"
"""An empty cell is refused."""
Block = dict[str, Any]


def table_block(table: Table, rows: tuple[TableRow, ...], say: Wording) -> Block:
    """Header and rows; numbers to the right, the name linked to where its price can be checked."""
    kept = columns_kept(table.columns)
    name = _name_column(table.columns, kept)
    head = [{"type": "raw_text", "text": _cell(table.columns[at].title)} for at in kept]
    long = {at for at in kept for row in rows if len(_worded(row, at, kept, say)) > ONE_LINE}
    return {
        "type": "table",
        "column_settings": [
            {"align": table.columns[at].align, "is_wrapped": at in long} for at in kept
        ],
        "rows": [head, *([_rich(row, at, name, kept, say) for at in kept] for row in rows)],
    }


def columns_kept(columns: tuple[Column, ...]) -> list[int]:
    """Indexes of the columns shown: the essential first; a rank goes, the number that people name
    a watch by stays."""
    order = sorted(
        range(len(columns)),
        key=lambda at: (not columns[at].essential, columns[at].title in ("#", ""), at),
    )
    most = min(max(SHOWN_COLUMNS, sum(one.essential for one in columns)), MAX_COLUMNS)
    named = [at for at in order if columns[at].essential or columns[at].title != "#"] or order
    return sorted(named[:most])


def plain_table(table: Table, rows: tuple[TableRow, ...], say: Wording) -> str:
    """Aligned text for a code block; columns that do not fit go, least essential first."""
    kept = columns_kept(table.columns)
    lines = [[_cell(table.columns[at].title) for at in kept]]
    lines += [[_worded(row, at, kept, say) for at in kept] for row in rows]
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


def _rich(row: TableRow, at: int, name: int, kept: list[int], say: Wording) -> Block:
    text = _worded(row, at, kept, say)
    address = web_address(row.url) if at == name else None
    if address is None or text == EMPTY:
        return {"type": "raw_text", "text": text}
    piece = {"type": "link", "url": address, "text": text}
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [piece]}],
    }


def _worded(row: TableRow, at: int, kept: list[int], say: Wording) -> str:
    """The cell's words; a price older than its source vouches for says so in its last column."""
    text = clean(row.cells[at]) if at < len(row.cells) else ""
    if row.stale and at == kept[-1]:
        text = f"{text}, {say.t('old')}" if text else say.t("old")
    return _cell(text)


def _cell(text: str) -> str:
    text = literal(text, MAX_CELL)
    return EMPTY if text in ("", "-") else text
