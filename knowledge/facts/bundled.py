"""Reads the project's own data files. Cheap: no validation model, one pass, numbers converted.

`knowledge.prices.csv_rows.check_bundled` validates every row with pydantic; the tests and `doctor` run it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

DATA = Path(__file__).parent.parent / "data"


def rows(name: str) -> Iterator[dict[str, str]]:
    """Rows of `data/<name>.csv`, header names as keys, empty cells as ""."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def number(cell: str) -> float | None:
    return float(cell) if cell else None


def whole(cell: str) -> int | None:
    return int(cell) if cell else None


def names(cell: str) -> tuple[str, ...]:
    """A cell with several names, separated by semicolons."""
    return tuple(part.strip() for part in cell.split(";") if part.strip())


_CELLS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "float": float,
    "int": int,
    "float | None": number,
    "int | None": whole,
    "tuple[str, ...]": names,
    "bool": lambda cell: cell == "yes",
}
Record = TypeVar("Record", bound=tuple[Any, ...])


def records(name: str, kind: type[Record]) -> tuple[Record, ...]:
    """Rows of `data/<name>.csv` as a named tuple: its fields are the columns it takes, and their
    annotations how a cell is read."""
    # A named tuple of a module with postponed annotations holds them as forward references.
    fields = {
        field: _CELLS[str(getattr(note, "__forward_arg__", note))]
        for field, note in kind.__annotations__.items()
    }
    return tuple(
        kind(**{field: cell(row[field]) for field, cell in fields.items()}) for row in rows(name)
    )
