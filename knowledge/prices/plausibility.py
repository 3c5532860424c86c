"""What a price or a whole set of prices can be: outside of it, something is broken, not cheap.

Bounds come from the bundled, dated list: fifty times below or twenty times above what a card has
ever cost is a wrong unit (cents, a whole term, one card of eight), not a bargain.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from knowledge.facts import bundled, providers
from knowledge.prices.offer import Offer

BELOW = 50
ABOVE = 20
ANY_CARD_USD = (0.003, 300.0)
"""Per GPU-hour, for a card whose price nobody wrote down yet."""
VCPU_USD = 0.12
RAM_GB_USD = 0.015
"""Hourly, generous: what a large host may add to a small card."""
HOST_FLOOR_USD = (0.002, 0.0003)
"""Hourly, for a vCPU and for a GB of RAM: no machine costs less, whatever card is in it."""
OWN = 6
"""Times above and below its own usual price: what one provider asks for a card in its dearest
region and for its longest term stays within five."""
OWN_SPOT = 40
CPU_ONLY_USD = (0.0005, 300.0)
"""Per hour, for a machine without accelerators."""


@cache
def _usual() -> dict[str, float]:
    """The median USD per GPU-hour of each card in the bundled list and history."""
    prices: dict[str, list[float]] = {}
    for row in bundled.rows("offers"):
        if row["accelerator"]:
            price = float(row["price_usd_per_hour"]) / int(row["count"])
            prices.setdefault(row["accelerator"], []).append(price)
    for row in bundled.rows("history"):
        prices.setdefault(row["accelerator"], []).append(float(row["price_usd_per_gpu_hour"]))
    return {card: statistics.median(known) for card, known in prices.items()}


LIKE = 3
"""So many cards most like it stand for a card whose price nobody wrote down."""


def _of_like_cards(accelerator: str) -> float | None:
    """The median of the priced cards nearest in what is known of it: memory, bandwidth, year."""
    from knowledge.facts.accelerators import Accelerator, variants

    def apart(card: Accelerator, other: Accelerator) -> float | None:
        known = [
            math.log(mine / its)
            for mine, its in (
                (card.memory_gb, other.memory_gb),
                (card.memory_bandwidth_gbps, other.memory_bandwidth_gbps),
            )
            if mine and its
        ]
        if card.launch_year and other.launch_year:
            # Four years weigh as much as a memory e times the size.
            known.append((card.launch_year - other.launch_year) / 4)
        # Cards that can hardly be compared are not near.
        return math.hypot(*known) + (3 - len(known)) if known else None

    near = sorted(
        (distance, price)
        for name, price in _usual().items()
        if (distance := apart(variants(accelerator)[0], variants(name)[0])) is not None
    )
    return statistics.median(price for _, price in near[:LIKE]) if near else None


@cache
def usual_of(
    provider: str, accelerator: str, billing: str, memory_gb: float | None = None
) -> float | None:
    """The median USD per GPU-hour, host included, of a provider's card in the bundled list."""
    prices = [
        float(row["price_usd_per_hour"]) / int(row["count"])
        for row in bundled.rows("offers")
        if (row["provider"], row["accelerator"], row["billing"]) == (provider, accelerator, billing)
        and row["host_included"] == "yes"
        and (memory_gb is None or row["memory_gb"] == f"{memory_gb:g}")
    ]
    return statistics.median(prices) if prices else None


FLEX_SHARE = 0.6
"""Google's flex-start costs about half of on-demand; between the regions of one card lies less."""


def is_flex_start(accelerator: str, memory_gb: float | None, usd_each: float) -> bool:
    """Whether what a catalogue calls Google's on-demand price of a card (USD per GPU-hour, host
    included) is far below the list: then it is that of another product (DWS, flex-start)."""
    usual = usual_of("gcp", accelerator, "on-demand", memory_gb)
    return usual is not None and usd_each < FLEX_SHARE * usual


@lru_cache(maxsize=512)
def bounds(accelerator: str) -> tuple[float, float]:
    """The lowest and highest believable USD per GPU-hour, host aside."""
    usual = _usual().get(accelerator) or _of_like_cards(accelerator)
    return (usual / BELOW, usual * ABOVE) if usual else ANY_CARD_USD


def price_bounds(
    accelerator: str | None, count: int, vcpus: float | None, ram_gb: float | None
) -> tuple[float, float]:
    """The lowest and highest believable USD per hour of a whole machine."""
    host = _host(vcpus, ram_gb)
    if accelerator is None:
        low, high = CPU_ONLY_USD
        return low, high + host
    low, high = bounds(accelerator)
    low *= count
    usual = _usual().get(accelerator)
    floor = (vcpus or 0) * HOST_FLOOR_USD[0] + (ram_gb or 0) * HOST_FLOOR_USD[1]
    # A host of a stranger's with an old card may cost next to nothing, a tenth of the card's price.
    low = max(low, floor if usual is None else min(floor, usual * count / 10))
    return low, high * count + host


def _host(vcpus: float | None, ram_gb: float | None) -> float:
    """USD per hour that a host may add."""
    return (vcpus or 0) * VCPU_USD + (ram_gb or 0) * RAM_GB_USD


def own_bounds(
    provider: str,
    accelerator: str,
    count: int,
    billing: str,
    vcpus: float | None = None,
    ram_gb: float | None = None,
) -> tuple[float, float] | None:
    """The lowest and highest believable USD per hour, host included, beside what the bundled list
    knows of the provider's own card: eight times off is a price of one card of eight, or of eight
    taken for one. None where it knows nothing, or the provider is a market of many sellers."""
    row = providers.provider(provider)
    usual = usual_of(provider, accelerator, "on-demand")
    if usual is None or row is None or row.kind == "marketplace":
        return None
    usual *= count
    # Spot falls further; neither it nor a term costs more than on demand, region for region. A
    # large host may cost more than its small card.
    low = usual / (OWN_SPOT if billing == "spot" else OWN)
    high = usual * (OWN if billing == "on-demand" else OWN / 2)
    return low, max(high, 2 * usual + _host(vcpus, ram_gb))


def out_of_bounds(
    accelerator: str | None, usd_per_hour: float, count: int, low: float, high: float
) -> str:
    """Why a price outside its bounds (USD per hour of the machine) is none."""
    if accelerator is None:
        return f"USD {usd_per_hour:,.4g} an hour for a machine without a card"
    return (
        f"USD {usd_per_hour / count:,.4g} a GPU-hour for {accelerator}, believable is "
        f"{low / count:.2g} to {high / count:.4g}"
    )


# -- a whole set -----------------------------------------------------------------------------

MOST_LOST = 1 / 3
"""A source that lost more than this share of its machines is broken; 40 % is."""
MOST_LOST_OF_STOCK = 0.8
"""The same where offers come and go with capacity."""
MOST_OUT_OF_BOUNDS = 0.1
JUMP = 3.0
"""A price that grew or fell by more than this between two refreshes jumped."""
MOST_JUMPED = 0.2
FEWEST = 5
"""Shares of fewer offers than this say nothing, except when all are gone."""


CLOCKS_APART = timedelta(days=1)
"""A stamp further ahead than this is no difference between two clocks."""


class Seen(NamedTuple):
    """What is compared of an offer from one refresh to the next."""

    provider: str
    instance_type: str
    region: str | None
    accelerator: str | None
    memory_gb: float | None
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    billing: str
    term_months: int | None


def seen(offer: Offer) -> Seen:
    return Seen(
        offer.provider, offer.instance_type, offer.region, offer.accelerator, offer.memory_gb,
        offer.count, offer.billing, offer.term_months,
    )  # fmt: skip


def set_fault(
    before: dict[Seen, float],
    offers: Sequence[Offer],
    *,
    now: datetime,
    out_of_bounds: int = 0,
    no_price: int = 0,
    not_understood: int = 0,
    comes_and_goes: bool = False,
    trust_changes: bool = False,
) -> str | None:
    """Why a source's new set cannot be believed, in one line; None when it can.

    `before`: the set it would replace, with USD per hour. `out_of_bounds`, `no_price`: rows whose
    price no such machine has, or that is no price at all. `trust_changes`: an operator looked at
    it, so what was lost or jumped is no fault.
    """
    if not offers:
        more = f"; {not_understood:,} rows were not understood" if not_understood else ""
        return f"no offer in it{more}"
    if _too_many(out_of_bounds, len(offers)):
        return (
            f"{out_of_bounds:,} of {out_of_bounds + len(offers):,} prices are no price of such a "
            "machine; a wrong unit?"
        )
    if _too_many(no_price, len(offers)):
        return f"{no_price:,} of {no_price + len(offers):,} prices are no price (negative, or no number)"
    late = max(offer.as_of for offer in offers)
    if late > now + CLOCKS_APART:
        return f"its prices are dated {late:%Y-%m-%d}, in the future"
    if trust_changes:
        return None
    prices = {seen(offer): offer.price_usd_per_hour for offer in offers}
    return _lost_fault(
        before, prices, not_understood, comes_and_goes=comes_and_goes
    ) or _jump_fault(before, prices)


def _too_many(bad: int, good: int) -> bool:
    """Whether so many bad prices beside good ones are a fault of all: of few, when they are most."""
    enough = bad >= FEWEST or 1 < bad >= good
    return enough and bad > MOST_OUT_OF_BOUNDS * (bad + good)


def provider_faults(before: dict[Seen, float], offers: Sequence[Offer]) -> dict[str, str]:
    """Providers of a catalogue whose part of it cannot be believed, and why; the rest may stand."""
    had: dict[str, dict[Seen, float]] = {}
    has: dict[str, dict[Seen, float]] = {}
    for key, price in before.items():
        had.setdefault(key.provider, {})[key] = price
    for offer in offers:
        has.setdefault(offer.provider, {})[seen(offer)] = offer.price_usd_per_hour
    found = {}
    for provider, old in had.items():
        new = has.get(provider, {})
        fault = _lost_fault(old, new, 0, comes_and_goes=False) or _jump_fault(old, new)
        if fault is not None:
            found[provider] = fault
    return found


def _lost_fault(
    before: dict[Seen, float], now: dict[Seen, float], not_understood: int, *, comes_and_goes: bool
) -> str | None:
    """What counts are offers with an accelerator: machines without are many, and nobody's question."""
    cards = {key: price for key, price in before.items() if key.accelerator is not None}
    if cards:
        before = cards
        now = {key: price for key, price in now.items() if key.accelerator is not None}
        if not now and (len(before) >= FEWEST or not comes_and_goes):
            return f"every one of its {len(before):,} offers with an accelerator is gone"
    if len(before) < FEWEST:
        return None
    # Where stock comes and goes, a machine counts as lost when it is gone everywhere.
    whole: Callable[[Iterable[Seen]], set[Any]] = (
        (lambda keys: {key._replace(region=None) for key in keys}) if comes_and_goes else set
    )
    had, has = whole(before), whole(now)
    lost = len(had - has)
    most = MOST_LOST_OF_STOCK if comes_and_goes else MOST_LOST
    # What was renamed is not lost as long as as much came in its place, card for card.
    if lost <= most * len(had) or (len(has) >= len(had) and _same_cards(had, has)):
        return None
    more = f", and {not_understood:,} rows were not understood" if not_understood else ""
    return f"{lost:,} of {len(had):,} offers ({lost / len(had):.0%}) are gone{more}"


def _same_cards(had: Iterable[Seen], has: Iterable[Seen]) -> bool:
    return {key.accelerator for key in had} <= {key.accelerator for key in has}


def _jump_fault(before: dict[Seen, float], now: dict[Seen, float]) -> str | None:
    common = before.keys() & now.keys()
    jumped = [key for key in common if not 1 / JUMP <= now[key] / before[key] <= JUMP]
    if len(common) < FEWEST or len(jumped) <= MOST_JUMPED * len(common):
        return None
    worst = max(jumped, key=lambda key: max(now[key] / before[key], before[key] / now[key]))
    return (
        f"{len(jumped):,} of {len(common):,} prices jumped by more than {JUMP:g}x, e.g. "
        f"{worst.provider} {worst.instance_type} from USD {before[worst]:,.4g} to {now[worst]:,.4g}"
    )
