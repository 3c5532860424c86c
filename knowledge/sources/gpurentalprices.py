"""gpurentalprices.com: a daily open dataset of what some thirty clouds show on their price pages.

CC BY 4.0, so its name stands beside its prices. Every price is for one GPU; `min_gpus` says how
many must be rented together, `region`, `instance` and `commitment` what and where, where known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Literal

from knowledge.facts import providers
from knowledge.facts.regions import country_named
from knowledge.feeds.reading import (
    amount,
    dict_at,
    json_of,
    list_at,
    moment,
    name_of,
    stamp_of,
    whole,
)
from knowledge.feeds.rows import dig, unpriced, word
from knowledge.feeds.source import (
    Http,
    NotUnderstood,
    ParseFault,
    Payload,
    PerAccelerator,
    RawOffer,
    Row,
    Source,
)
from knowledge.prices.offer import Billing, Stock

_PAGE = "https://gpurentalprices.com"
_KINDS: dict[str, Billing] = {
    "on-demand": "on-demand",
    "ondemand": "on-demand",
    "secure": "on-demand",
    "community": "on-demand",
    "marketplace": "on-demand",
    "spot": "spot",
    "interruptible": "spot",
    "preemptible": "spot",
    "reserved": "reserved",
}
_MARKETPLACE = "marketplace"
"""Single hosts at their own prices: on demand, each a machine of its own."""
_TIERS = {"secure", "community"}
"""Two products of one seller at two prices: they must not become one offer."""
_INTERRUPTIBLE = {"salad"}
"""Sellers whose every machine may go at any time, whatever the kind is called."""
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
    if provider in _INTERRUPTIBLE and billing == "on-demand":
        billing = "spot"
    count = whole(item.get("min_gpus")) or 1
    counted = "min_gpus" in item or item.get("gpu_count_reported") is True
    said = word(item.get("instance")) or ""
    commitment = item.get("commitment")
    months = whole(dig(commitment, "months")) if billing == "reserved" else None
    region, country = _place(word(item.get("region")))
    stock = _STOCK.get(word(item.get("availability")) or "")
    notes = []
    if kind == _MARKETPLACE:
        notes.append("a marketplace host")
    elif kind == "community":
        notes.append("community host")
    if billing == "reserved" and months is None:
        notes.append("term not published")
    if stock == "sold_out":
        notes.append("none free when read")
    if not counted:
        notes.append("price of one GPU; the seller may rent whole machines only")
    return RawOffer(
        provider=provider,
        instance_type=_instance(said, card, count, kind),
        accelerator_name=card,
        count=count,
        price=PerAccelerator(dollars),
        billing=billing,
        term_months=months,
        # Theirs, not the seller's: it is where we read it, and the licence asks for their name.
        source_url=_PAGE,
        memory_gb=amount(item.get("vram_gb")),
        vcpus=amount(item.get("vcpus")),
        ram_gb=amount(item.get("ram_gib")),
        region=region,
        country=country,
        host_included=provider not in _CARD_ALONE and _APART.search(said) is None,
        starting_at=word(item.get("rate_basis")) in _FROM,
        note="; ".join(notes) or None,
        stock=Stock(stock) if stock else None,
    )


_STOCK: dict[str, Literal["available", "scarce", "sold_out", "unknown"]] = {
    "in-stock": "available",
    "available": "available",
    "limited": "scarce",
    "out-of-stock": "sold_out",
    "sold-out": "sold_out",
    "not-reported": "unknown",
}
_FROM = {"starting-at", "starting_at", "from"}
_APART = re.compile(r"gpu rate only|billed separately", re.IGNORECASE)
_NODE = re.compile(r"^marketplace node (\S+?);", re.IGNORECASE)


def _instance(said: str, card: str, count: int, kind: str) -> str:
    """The seller's own name where it stands there, else the card's, told apart by its tier."""
    if found := _NODE.match(said):
        return f"{count}x {card} (node {found[1]})"
    name = said.split(";", maxsplit=1)[0].strip() or card
    return f"{name} ({kind})" if kind in _TIERS else name


def _place(region: str | None) -> tuple[str | None, str | None]:
    """ "eastus" is a code; "Helsinki, Finland" names its country; "United States" is no region."""
    if region is None:
        return None, None
    if country := country_named(region):
        return None, country
    return region, country_named(region.rsplit(",", 1)[-1]) if "," in region else None


SOURCE = Source(
    name="gpurentalprices",
    title="gpurentalprices.com",
    page=_PAGE,
    base_url=_PAGE,
    good_for=timedelta(hours=48),
    providers=(
        "aws", "azure", "coreweave", "crusoe", "digitalocean", "gcp", "gmicloud", "hotaisle",
        "daytona", "hyperstack", "jarvislabs", "lambda", "latitude", "lium", "massedcompute", "modal", "nebius", "ovh",
        "primeintellect", "runpod", "salad", "scaleway", "sfcompute", "spheron", "tensordock",
        "thundercompute", "together", "verda", "voltagepark", "vultr",
    ),
    fetch=_fetch,
    parse=_parse,
    licence="CC BY 4.0",
    attribution="GPU rental price data by gpurentalprices.com",
)  # fmt: skip
