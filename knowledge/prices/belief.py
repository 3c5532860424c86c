"""Prices that are too low to be believed, learned from the sellers of the same thing.

A missing zero, a part of a card or a bid passes every global bound. It does not pass the other
sellers: none of the honest lists seen lies below half of what the cheaper quarter of them asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from knowledge.prices.conditions import Doubt
from knowledge.prices.queries import SellersLow

ENOUGH = 5
"""Fewer sellers of a kind teach nothing: then all tiers, or all memory sizes, stand together."""
SHARE = 0.45
"""Of the lower quartile of the sellers' lowest prices; below, a price is not believed."""
SPOT_SHARE = 0.15
"""The same of the on-demand prices, where too few sell spot."""


def doubts(accelerator: str, lows: Sequence[SellersLow]) -> tuple[Doubt, ...]:
    """The kinds of a card that hold a price not to be believed, each with its floor."""
    kinds: dict[tuple[float | None, str, str], float] = {}
    for low in lows:
        kind = (low.memory_gb, low.billing, low.tier)
        kinds[kind] = min(low.usd_per_gpu_hour, kinds.get(kind, low.usd_per_gpu_hour))
    return tuple(
        Doubt(accelerator, *kind, bottom)
        for kind, lowest in kinds.items()
        if (bottom := _floor_of(*kind, lows)) is not None and lowest < bottom
    )


def _floor_of(
    memory: float | None, billing: str, tier: str, lows: Sequence[SellersLow]
) -> float | None:
    """The lowest believable price of a kind, by the narrowest group that has enough sellers."""
    alike = [low for low in lows if low.billing == billing]
    same = [low for low in alike if low.memory_gb == memory]
    groups = ([low for low in same if low.tier == tier], same, alike)
    for group in groups:
        if (bottom := floor(_by_seller(group))) is not None:
            return bottom
    if billing != "spot":
        return None
    bottom = _floor_of(memory, "on-demand", tier, lows)
    return bottom and bottom / SHARE * SPOT_SHARE


def _by_seller(lows: Iterable[SellersLow]) -> list[float]:
    best: dict[str, float] = {}
    for low in lows:
        best[low.provider] = min(low.usd_per_gpu_hour, best.get(low.provider, low.usd_per_gpu_hour))
    return sorted(best.values())


def floor(prices: Sequence[float]) -> float | None:
    """The lowest believable price beside these (sorted); None where they are too few.

    Prices below it do not count when it is reckoned, so that a broken one does not vouch for
    another.
    """
    believed = list(prices)
    while len(believed) >= ENOUGH:
        bottom = SHARE * believed[len(believed) // 4]
        if believed[0] >= bottom:
            return bottom
        believed = [price for price in believed if price >= bottom]
    return None
