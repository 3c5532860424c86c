"""Market statistics over like offers: each provider counts once, by its best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from knowledge.prices.offer import Best


def median(values: Sequence[float]) -> float:
    """The middle value; of an even number, the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def quartile(values: Sequence[float]) -> float:
    """The lower quartile: a quarter of the values lie at or below it."""
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 4]


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


class TierPair(NamedTuple):
    """The cheapest of each tier for one variant of a card, under one billing kind and term."""

    microcloud: Best
    hyperscaler: Best

    @property
    def gap(self) -> float:
        """How far the GPU cloud is below the hyperscaler, as a share; negative when above."""
        return 1 - _price(self.microcloud) / _price(self.hyperscaler)


def tier_pair(bests: Iterable[Best]) -> TierPair | None:
    """Like with like across tiers, for the variant that most providers offer; None without one.

    Alike are card, memory, form factor, billing and term.
    """
    kinds: dict[tuple[object, ...], list[Best]] = {}
    for best in bests:
        offer = best.offer
        if offer.host_included and offer.count:
            kind = (
                offer.accelerator, offer.memory_gb, offer.form_factor, offer.billing,
                offer.term_months,
            )  # fmt: skip
            kinds.setdefault(kind, []).append(best)
    pairs: list[tuple[int, float, TierPair]] = []
    for rows in kinds.values():
        small = min((row for row in rows if row.tier == "microcloud"), key=_order, default=None)
        large = min((row for row in rows if row.tier == "hyperscaler"), key=_order, default=None)
        if small and large:
            sellers = len({row.offer.provider for row in rows})
            pairs.append((sellers, -_price(large), TierPair(small, large)))
    return max(pairs, key=lambda pair: pair[:2])[2] if pairs else None


def _order(best: Best) -> tuple[bool, int, float]:
    """A much older price speaks only where there is no newer one."""
    return best.stale, best.age, _price(best)


def _price(best: Best) -> float:
    return best.offer.price_usd_per_hour / best.offer.count
