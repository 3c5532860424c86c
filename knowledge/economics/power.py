"""Energy of cards, and carbon where the grid's intensity is openly published (data/grid.csv)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from knowledge.facts import bundled


class Grid(NamedTuple):
    """A country's electricity, a year's mean."""

    country: str
    grams_per_kwh: float
    year: int
    source_url: str


@cache
def _by_country() -> dict[str, Grid]:
    return {one.country: one for one in bundled.records("grid", Grid)}


def grid(country: str | None) -> Grid | None:
    """Of an ISO code in upper case; None where no open figure is known."""
    return _by_country().get(country or "")


def most_kwh(tdp_watts: float, cards: int, hours: float) -> float:
    """kWh of the cards at their rated power: host, cooling and idle time are not in it."""
    return tdp_watts * cards * hours / 1000
