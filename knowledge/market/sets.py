"""Many sets of cards at once: of each the machine that holds it and costs least whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from knowledge.prices.offer import Offer, OfferFilter
from knowledge.prices.queries import HISTORY_DAYS, OLD_DAYS
from knowledge.prices.store import Machine, Store


def _by_age(store: Store, wanted: OfferFilter, now: datetime) -> tuple[OfferFilter, ...]:
    """The same question of fresh prices, of those near the newest, of older ones, and of all."""
    newest = store.newest() or now
    return (
        wanted._replace(fresh_at=now),
        *(
            wanted._replace(seen_since=newest - timedelta(days=days))
            for days in (OLD_DAYS, HISTORY_DAYS)
        ),
        wanted,
    )


def host(store: Store, vcpus: int, now: datetime) -> Offer | None:
    """The cheapest machine without accelerator that has at least so many vCPUs, on demand; a price
    much older than the newest only where there is no newer one."""
    wanted = OfferFilter(without_accelerator=True, min_vcpus=vcpus, billing="on-demand")
    for having in _by_age(store, wanted, now):
        if found := store.offers(having, 1):
            return found[0]
    return None


def machines(
    store: Store, sets: Sequence[Sequence[Machine]], wanted: OfferFilter, now: datetime
) -> dict[int, Offer]:
    """By place in `sets`, each smallest first: the cheapest of the set's machines, where one is
    offered.

    A price much older than the newest leads only where there is no newer one, or none but of a
    machine of twice the size that costs more.
    """
    found: dict[int, Offer] = {}
    for having in _by_age(store, wanted, now):
        missing = [
            place
            for place, machines in enumerate(sets)
            if place not in found or found[place].count >= 2 * machines[0][2]
        ]
        if not missing:
            break
        offered = store.machines(having, [sets[place] for place in missing])
        for at, offer in offered.items():
            known = found.get(missing[at])
            smaller = known is not None and offer.count < known.count
            if known is None or (smaller and offer.price_usd_per_hour < known.price_usd_per_hour):
                found[missing[at]] = offer
    return found


def age_of(as_of: datetime, newest: datetime) -> int:
    """0 for a price near the newest that is known, 1 or 2 for one much older: it ranks after them."""
    behind = (newest - as_of).days
    return (behind > OLD_DAYS) + (behind > HISTORY_DAYS)
