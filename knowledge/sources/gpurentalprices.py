"""gpurentalprices.com: a daily open dataset of what some thirty clouds show on their price pages.

CC BY 4.0, so its name stands beside its prices. Every price is for one GPU, `min_gpus` says how
many must be rented together where it is known, and nothing says where the machine stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from knowledge import providers
from knowledge.feedrows import unpriced
from knowledge.offer import Billing
from knowledge.reading import amount, dict_at, json_of, list_at, moment, name_of, stamp_of, whole
from knowledge.source import (
    Http,
    NotUnderstood,
    ParseFault,
    Payload,
    PerAccelerator,
    RawOffer,
    Row,
    Source,
)

_PAGE = "https://gpurentalprices.com"
_KINDS: dict[str, Billing] = {
    "on-demand": "on-demand",
    "ondemand": "on-demand",
    "secure": "on-demand",
    "community": "on-demand",
    "spot": "spot",
    "interruptible": "spot",
    "preemptible": "spot",
    "reserved": "reserved",
}
_TIERS = {"secure", "community"}
"""Two products of one seller at two prices: they must not become one offer."""
_NO_MACHINE = {"serverless"}
_CARD_ALONE = {"gcp", "tensordock"}
"""Sellers whose pages price the card apart from its host."""


async def _fetch(http: Http) -> Sequence[Payload]:
    return [await http.get("/api/latest.json", tag="latest.json")]


def _parse(payloads: Sequence[Payload]) -> Iterable[Row]:
    if not payloads:
        raise ParseFault("gpurentalprices: no file")
    for payload in payloads:
        name, body = name_of(payload), json_of(payload)
        offers = list_at(body, "offers", name=name)
        stale = {
            seller
            for seller, state in dict_at(body, "providers", name=name).items()
            if isinstance(state, dict) and state.get("stale") is True
        }
        made = moment(body.get("generated_at")) or stamp_of(payload)
        for item in offers:
            if not isinstance(item, dict):
                raise ParseFault(f"{name}: an offer that is no object")
            read = _row(item, name)
            if not isinstance(read, RawOffer):
                if read is not None:
                    yield read
                continue
            # What a stale seller showed has the age of its row, never of the file.
            seen_at = moment(item.get("fetched_at"))
            if seen_at is None and item["provider"] in stale:
                yield NotUnderstood(f"{read.provider} {read.accelerator_name}", "stale, undated")
                continue
            yield read._replace(as_of=min(seen_at or made, payload.fetched_at))


def _row(item: dict[str, Any], name: str) -> Row | None:
    try:
        seller, card, kind, price = item["provider"], item["gpu"], item["kind"], item["usd_hr"]
    except KeyError as fault:
        raise ParseFault(f"{name}: an offer without {fault}") from None
    if not all(isinstance(word, str) for word in (seller, card, kind)):
        raise ParseFault(f"{name}: an offer whose names are no text ({seller!r:.40})")
    dollars, kind = amount(price), kind.strip().lower()
    if kind in _NO_MACHINE:
        return None
    if dollars is None:
        return unpriced(f"{seller} {card}", price)
    billing = _KINDS.get(kind)
    if billing is None:
        return NotUnderstood(f"{seller} {card}", f"kind {kind!r:.30}")
    provider = providers.resolve(seller)
    if provider is None:
        return NotUnderstood(f"{seller} {card}", "no such provider in providers.csv")
    together = whole(item.get("min_gpus"))
    return RawOffer(
        provider=provider,
        instance_type=f"{card} ({kind})" if kind in _TIERS else card,
        accelerator_name=card,
        count=together or 1,
        price=PerAccelerator(dollars),
        billing=billing,
        # Theirs, not the seller's: it is where we read it, and the licence asks for their name.
        source_url=_PAGE,
        memory_gb=amount(item.get("vram_gb")),
        host_included=provider not in _CARD_ALONE,
        note=None if together else "price of one GPU; the seller may rent whole machines only",
    )


SOURCE = Source(
    name="gpurentalprices",
    title="gpurentalprices.com",
    page=_PAGE,
    base_url=_PAGE,
    good_for=timedelta(hours=48),
    providers=(
        "aws", "azure", "coreweave", "crusoe", "digitalocean", "gcp", "gmicloud", "hotaisle",
        "hyperstack", "jarvislabs", "lambda", "latitude", "massedcompute", "modal", "nebius", "ovh",
        "primeintellect", "runpod", "salad", "scaleway", "sfcompute", "spheron", "tensordock",
        "thundercompute", "together", "verda", "voltagepark", "vultr",
    ),
    fetch=_fetch,
    parse=_parse,
    licence="CC BY 4.0",
    attribution="GPU rental price data by gpurentalprices.com",
)  # fmt: skip
