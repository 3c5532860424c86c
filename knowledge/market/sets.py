"""Many sets of cards at once: of each the machine that holds it and costs least whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from knowledge.prices.offer import Offer, OfferFilter
from knowledge.prices.queries import HISTORY_DAYS, OLD_DAYS
from knowledge.prices.store import Machine, Store


def machines(
    store: Store, sets: Sequence[Sequence[Machine]], wanted: OfferFilter, now: datetime
) -> dict[int, Offer]:
    """By place in `sets`: the cheapest of the set's machines, where one is offered.

    A price much older than the newest leads only where there is no newer one.
    """
    found: dict[int, Offer] = {}
    newest = store.newest() or now
    for having in (
        wanted._replace(fresh_at=now),
        *(
            wanted._replace(seen_since=newest - timedelta(days=days))
            for days in (OLD_DAYS, HISTORY_DAYS)
        ),
        wanted,
    ):
        missing = [place for place in range(len(sets)) if place not in found]
        if not missing:
            break
        offered = store.machines(having, [sets[place] for place in missing])
        found |= {missing[place]: offer for place, offer in offered.items()}
    return found
