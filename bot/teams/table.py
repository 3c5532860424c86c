"""A Table as Adaptive Card elements: every column on wide hosts, at most four on the others.

Hosts say how wide they are by `targetWidth`; on the narrow one the columns that do not fit
stand in small print under the first, so nothing essential is lost on a telephone.
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#responsive
"""

from __future__ import annotations

from typing import Any

from bot.core.answer import Column, Table, TableRow
from bot.core.text import clean
from bot.render.columns import telling
from bot.teams.markdown import escape, link

NARROW_COLUMNS = 4
WIDE_COLUMNS = 6
MAX_CELL = 120
Element = dict[str, Any]


def tables(table: Table, rows: tuple[TableRow, ...]) -> list[Element]:
    """One Table, or a wide and a narrow one of which a host shows one."""
    if len(table.columns) <= NARROW_COLUMNS:
        every = list(range(len(table.columns)))
        return [_table(table, rows, every, [])]
    wide = telling(table.columns, rows, WIDE_COLUMNS)
    kept, stacked = narrow_columns(table.columns)
    return [
        {**_table(table, rows, wide, []), "targetWidth": "Wide"},
        {**_table(table, rows, kept, stacked), "targetWidth": "atMost:Standard"},
    ]


def narrow_columns(columns: tuple[Column, ...]) -> tuple[list[int], list[int]]:
    """Columns that stand on their own on a narrow host, and those stacked under the first."""
    essential = [index for index, column in enumerate(columns) if column.essential]
    first = essential[0] if essential else 0
    others = [index for index in essential if index != first]
    # Numbers are compared down a column; words read well enough in small print.
    others.sort(
        key=lambda index: (columns[index].align != "right", index != len(columns) - 1, index)
    )
    kept = sorted([first, *others[: NARROW_COLUMNS - 1]])
    if kept[0] != first:
        kept.remove(first)
        kept.insert(0, first)
    stacked = [
        index
        for index, column in enumerate(columns)
        if index not in kept and (column.essential or column.align == "left")
    ]
    return kept, stacked


def _table(
    table: Table, rows: tuple[TableRow, ...], kept: list[int], stacked: list[int]
) -> Element:
    columns = table.columns
    name = next((index for index in kept if columns[index].align == "left"), kept[0])
    body: list[Element] = [
        {
            "type": "TableRow",
            "style": "emphasis",
            "cells": [
                _cell(_text(escape(columns[index].title, MAX_CELL), weight="Bolder"))
                for index in kept
            ],
        }
    ]
    for row in rows:
        cells = []
        for index in kept:
            cell = row.cells[index] if index < len(row.cells) else ""
            text = link(cell, row.url, MAX_CELL) if index == name else escape(cell, MAX_CELL)
            if row.stale and index == kept[-1]:
                text = f"{text} \\~".strip()
            items = [_text(text)]
            if stacked and index == kept[0]:
                small = " · ".join(
                    part
                    for at in stacked
                    if at < len(row.cells) and (part := clean(row.cells[at])) not in ("", "-")
                )
                if small:
                    items.append(
                        _text(
                            escape(small, 2 * MAX_CELL), size="Small", isSubtle=True, spacing="None"
                        )
                    )
            cells.append(_cell(*items))
        body.append({"type": "TableRow", "cells": cells})
    return {
        "type": "Table",
        "showGridLines": False,
        "columns": [
            {
                "width": _width(columns[index], rows, index, bool(stacked) and index == kept[0]),
                "horizontalCellContentAlignment": columns[index].align.capitalize(),
            }
            for index in kept
        ],
        "rows": body,
    }


def _width(column: Column, rows: tuple[TableRow, ...], index: int, stacked: bool) -> int:
    """Share of the width, by the longest cell; a column with small print needs some room."""
    longest = max((len(row.cells[index]) for row in rows if index < len(row.cells)), default=0)
    # Titles are bold, and a short one must not break: "GPUs" in the room of four characters does.
    weight = min(max(longest + 2, len(column.title) + 3, 7), 20)
    return max(weight, 14) if stacked else weight


def _cell(*items: Element) -> Element:
    return {"type": "TableCell", "items": list(items)}


def _text(text: str, **more: Any) -> Element:
    return {"type": "TextBlock", "text": text or " ", "wrap": True, **more}
