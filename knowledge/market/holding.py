"""How many GPUs together are rented: one machine, or whole machines of one kind.

Single cards of different machines share no NVLink and often no fast network: whoever needs eight
together cannot use them, so they are never added up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from knowledge.facts import fabric
from knowledge.market.selection import gpu_hour
from knowledge.prices.offer import Best, Offer

NODE = 8
"""GPUs of the usual whole machine."""
SMALLEST_NODE = 4
"""Machines of fewer are no nodes of a cluster; those of superchips hold four."""


class Plan(NamedTuple):
    """Enough machines of one kind to hold the wanted GPUs."""

    best: Best
    machines: int
    fabric: str | None = None
    """What joins the machines; None for a single one, and where it is not known."""

    @property
    def offer(self) -> Offer:
        return self.best.offer

    @property
    def stale(self) -> bool:
        return self.best.stale

    @property
    def gpus(self) -> int:
        return self.machines * self.offer.count

    @property
    def usd_per_hour(self) -> float:
        return self.machines * self.offer.price_usd_per_hour


class Holding(NamedTuple):
    """What holds so many GPUs, cheapest first, and who names only prices of single ones."""

    plans: tuple[Plan, ...]
    single: tuple[Best, ...]
    """Sellers without a machine that holds them: a price per GPU, to be asked about."""
    unfit: tuple[Plan, ...] = ()
    """Machines joined by another fabric than the one that is asked for."""


def holding(
    bests: Sequence[Best], gpus: int, *, interconnect: str | None = None, nodes: int | None = None
) -> Holding:
    """Each provider's cheapest machine, or set of like machines, of at least `gpus` GPUs.

    Ranked by the price of the whole, because that is what is paid: a bigger machine than needed is
    priced whole. One of twice the size or more is no like offer: however fresh, it comes after those
    that fit, unless it costs less. Machines whose fabric is known come before those whose is not.
    """
    complete = [best for best in bests if best.offer.host_included and best.offer.count]
    single = [] if nodes and nodes > 1 else [best for best in complete if best.offer.count >= gpus]
    if single:
        plans = [Plan(best, 1) for best in single]
    else:
        plans = [
            Plan(
                best,
                math.ceil(gpus / best.offer.count),
                _fabric(best.offer),
            )
            for best in _nodes(complete, gpus)
        ]
    unfit = [plan for plan in plans if _other_fabric(plan, interconnect)]
    fitting = [plan for plan in plans if not _other_fabric(plan, interconnect)]
    chosen = _cheapest(fitting, gpus)
    sellers = {plan.offer.provider for plan in plans}
    single = [] if gpus == 1 else [best for best in complete if best.offer.provider not in sellers]
    return Holding(tuple(chosen), tuple(_one_each(single)), tuple(_cheapest(unfit, gpus)))


def _fabric(offer: Offer) -> str | None:
    return fabric.between(offer.provider, offer.instance_type, offer.accelerator, offer.count)


def _nodes(complete: Sequence[Best], gpus: int) -> list[Best]:
    """Whole machines for a cluster: of eight, else the largest there are."""
    if gpus <= 1:
        return []
    whole = [best for best in complete if best.offer.count >= NODE]
    return whole or [best for best in complete if best.offer.count >= SMALLEST_NODE]


def _other_fabric(plan: Plan, interconnect: str | None) -> bool:
    """Joined by something else than what is asked for; what is not known may still be it."""
    if interconnect in (None, "nvlink") or plan.machines == 1 or plan.fabric is None:
        return False
    return plan.fabric.lower() != interconnect


def plan_key(plan: Plan) -> tuple[bool, int, bool, float, float, bool, str]:
    return (
        plan.stale,
        plan.best.age,
        plan.machines > 1 and plan.fabric is None,
        plan.usd_per_hour,
        gpu_hour(plan.offer),
        plan.offer.form_factor is None,
        plan.offer.provider,
    )


def _cheapest(plans: Sequence[Plan], gpus: int) -> list[Plan]:
    """Each provider's best plan; far bigger ones than wanted last, unless they cost less whole."""
    fitted = min((plan for plan in plans if plan.gpus < 2 * gpus), key=plan_key, default=None)

    def key(plan: Plan) -> tuple[object, ...]:
        dear = (
            fitted is not None and plan.gpus >= 2 * gpus and plan.usd_per_hour > fitted.usd_per_hour
        )
        return dear, *plan_key(plan)

    best_of: dict[tuple[str, bool], Plan] = {}
    for plan in sorted(plans, key=key):
        best_of.setdefault((plan.offer.provider, plan.offer.owner is not None), plan)
    return list(best_of.values())


def _one_each(bests: Iterable[Best]) -> list[Best]:
    best_of: dict[str, Best] = {}
    for best in bests:
        best_of.setdefault(best.offer.provider, best)
    return list(best_of.values())
