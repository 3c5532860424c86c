"""Market statistics over like offers: each provider counts once, by its best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from knowledge.offer import Best


def median(values: Sequence[float]) -> float:
    """The middle value; of an even number, the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def best_prices(bests: Iterable[Best]) -> dict[str, float]:
    """Each provider's lowest USD per GPU-hour among complete offers.

    A cloud with forty regions must not outvote the market.
    """
    prices: dict[str, float] = {}
    for best in bests:
        price = best.offer.price_usd_per_gpu_hour
        if price is None or not best.offer.host_included:
            continue
        provider = best.offer.provider
        prices[provider] = min(price, prices.get(provider, price))
    return prices


def percentile(price: float, prices: Iterable[float]) -> float:
    """Share of the market that is cheaper, 0..1: the lowest price stands at 0."""
    known = list(prices)
    return sum(other < price for other in known) / len(known) if known else 0.0
