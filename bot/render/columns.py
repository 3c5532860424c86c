"""Which columns of a table a narrow renderer shows: those that tell the rows apart, and the date."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.answer import Column, TableRow
from bot.core.text import clean


def telling(columns: Sequence[Column], rows: Sequence[TableRow], most: int) -> list[int]:
    """Indexes of at most `most` columns, in their order. A running number, what is empty in every
    row, a count of one in every row and the same figures twice tell nothing; the first name and the
    last essential column, which is the price's date, are never left out."""
    worth = [at for at in range(len(columns)) if columns[at].essential or columns[at].title != "#"]
    worth = worth or list(range(len(columns)))
    first = next((at for at in worth if columns[at].align == "left"), worth[0])
    last = next((at for at in reversed(worth) if columns[at].essential), worth[-1])
    if len(worth) > most:
        worth = _distinct(columns, rows, worth, {first, last})
    order = sorted(
        worth,
        key=lambda at: (at not in (first, last), not columns[at].essential, columns[at].title in ("#", ""), at),
    )  # fmt: skip
    return sorted(order[:most])


def _distinct(
    columns: Sequence[Column], rows: Sequence[TableRow], worth: list[int], kept: set[int]
) -> list[int]:
    cells = {
        at: tuple(clean(row.cells[at]) if at < len(row.cells) else "" for row in rows)
        for at in worth
    }
    out: list[int] = []
    for at in worth:
        said = cells[at]
        empty = all(cell in ("", "-") for cell in said)
        ones = columns[at].align == "right" and all(cell == "1" for cell in said)
        again = columns[at].align == "right" and any(
            said == cells[other]
            for other in worth
            if other > at and columns[other].align == "right"
        )
        if at in kept or not (empty or ones or again):
            out.append(at)
    return out
