"""Reads the project's own data files. Cheap: no validation model, one pass, numbers converted.

`knowledge.rows.check_bundled` validates every row with pydantic; the tests and `doctor` run it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).parent / "data"


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
