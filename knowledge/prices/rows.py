"""An offer as a row of the table `offers`, and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from knowledge.facts.providers import tier_of
from knowledge.prices.offer import Offer
from knowledge.prices.schema import OFFER_COLUMNS, text_of

COLUMNS = ", ".join(OFFER_COLUMNS)


COMMUNITY = "community host"
"""How the note of an offer begins that is not run by the seller itself."""


class StoredOffer(NamedTuple):
    """A row without its id: the Offer's fields, moments as text, and what is derived of them."""

    provider: str
    instance_type: str
    accelerator: str | None
    memory_gb: float | None
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    form_factor: str | None
    vcpus: float | None
    ram_gb: float | None
    region: str | None
    country: str | None
    geo: str | None
    billing: str
    term_months: int | None
    price_usd_per_hour: float
    as_of: str
    source: str
    source_url: str
    fetched_at: str
    fresh_until: str
    host_included: bool
    starting_at: bool
    fx: str | None
    owner: str | None
    note: str | None
    price_usd_per_gpu_hour: float | None
    tier: str


def stored(offer: Offer) -> StoredOffer:
    """The row of an offer."""
    # By slices: a hundred thousand rows of a catalogue go through here.
    return StoredOffer._make((
        *offer[:_AS_OF], text_of(offer.as_of), offer.source, offer.source_url,
        text_of(offer.fetched_at), text_of(offer.fresh_until), *offer[_HOST:],
        offer.price_usd_per_hour / offer.count if offer.count else None,
        # Single hosts behind a seller's name: not what the seller itself runs.
        "marketplace" if (offer.note or "").startswith(COMMUNITY) else tier_of(offer.provider),
    ))  # fmt: skip


def offer_of(row: Sequence[Any]) -> Offer:
    """The offer of a row's first columns (`COLUMNS`)."""
    values = list(row[: len(OFFER_COLUMNS)])
    for place in (_AS_OF, _FETCHED_AT, _FRESH_UNTIL):
        values[place] = datetime.fromisoformat(values[place])
    values[_HOST] = bool(values[_HOST])
    values[_STARTING] = bool(values[_STARTING])
    return Offer._make(values)


_AS_OF = OFFER_COLUMNS.index("as_of")
_FETCHED_AT = OFFER_COLUMNS.index("fetched_at")
_FRESH_UNTIL = OFFER_COLUMNS.index("fresh_until")
_HOST = OFFER_COLUMNS.index("host_included")
_STARTING = OFFER_COLUMNS.index("starting_at")
