"""What an owned GPU-hour costs (F11), with every input in the open.

owned = [capital x (1 - residual) / (GPUs x 8760 x years) + kW x PUE x kWh price + colocation] / use

Figures for a node of 8 x H100, read 2026-11-22 in vendors' guides:
https://ai-infrastructure.net/build-vs-rent-gpu-cost-model/ and
https://mercatus-ai.com/blog/buy-vs-rent-gpus give ranges, the middle is the default.
"""

from __future__ import annotations

from typing import NamedTuple

from knowledge.facts.units import MONTH, YEAR

PAGE = "https://ai-infrastructure.net/build-vs-rent-gpu-cost-model/"


CAPITAL_RATE = 0.10
"""Default: what money costs in a year, or would earn elsewhere."""


class Inputs(NamedTuple):
    """Everything the sum leans on; a default unless the question says otherwise."""

    node_usd: float = 325_000.0
    network: float = 0.12
    """Network and cabling, as a share of the hardware."""
    residual: float = 0.30
    """What the hardware is worth at the end, as a share of the price."""
    years: float = 3.0
    node_kw: float = 10.2
    pue: float = 1.3
    """Power of the site over power of the machines: our default."""
    kwh_usd: float = 0.09
    colocation_usd_per_kw_month: float = 200.0
    use: float = 0.7
    """Share of the hours in use: our default."""
    gpus: int = 8


LOW = {
    "node_usd": 300_000.0,
    "network": 0.10,
    "residual": 0.35,
    "colocation_usd_per_kw_month": 150.0,
}
HIGH = {
    "node_usd": 400_000.0,
    "network": 0.15,
    "residual": 0.25,
    "colocation_usd_per_kw_month": 250.0,
}
"""The ends of the published ranges."""


def usd_per_useful_hour(given: Inputs) -> float:
    """USD per GPU-hour in use, before staff."""
    return usd_per_hour(given) / given.use


def usd_per_hour(given: Inputs) -> float:
    """USD per GPU and hour of the calendar, in use or not."""
    capital = given.node_usd * (1 + given.network) * (1 - given.residual)
    capital /= given.gpus * YEAR * given.years
    power = given.node_kw / given.gpus * given.pue * given.kwh_usd
    colocation = given.node_kw / given.gpus * given.colocation_usd_per_kw_month / MONTH
    return capital + power + colocation


def with_capital_usd(given: Inputs, rate: float = CAPITAL_RATE) -> float:
    """USD per useful hour with interest on what is bound in the hardware: on average half of the way
    from its price to what it is worth at the end."""
    bound = given.node_usd * (1 + given.network) * (1 + given.residual) / 2
    return usd_per_useful_hour(given) + bound * rate / (given.gpus * YEAR) / given.use


def span(given: Inputs, stated: frozenset[str]) -> tuple[float, float]:
    """USD per useful hour at both ends of the published ranges, stated inputs held fast."""
    low = given._replace(**{name: value for name, value in LOW.items() if name not in stated})  # type: ignore[arg-type]
    high = given._replace(**{name: value for name, value in HIGH.items() if name not in stated})  # type: ignore[arg-type]
    return usd_per_useful_hour(low), usd_per_useful_hour(high)
