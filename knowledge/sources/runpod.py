"""RunPod's GraphQL API: GPU types, prices per GPU-hour. Off until an operator opts in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from knowledge.feeds.reading import amount, json_of, list_at, quantity, whole
from knowledge.feeds.rows import dig, items, label, offered, unpriced, word
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

PAGE = "https://www.runpod.io/pricing"
QUERY = """query Prices { gpuTypes {
  id displayName memoryInGb maxGpuCount secureCloud communityCloud securePrice communityPrice
  secureSpotPrice communitySpotPrice oneMonthPrice threeMonthPrice sixMonthPrice
  lowestPrice(input: {gpuCount: 1, secureCloud: true}) { minVcpu minMemory stockStatus } } }"""
_SIZES = (1, 2, 4, 8)
_TERMS = {"oneMonthPrice": 1, "threeMonthPrice": 3, "sixMonthPrice": 6}
_SLICE = re.compile(r"\bMIG\b", re.IGNORECASE)


async def fetch(http: Http) -> Sequence[Payload]:
    """One question; it is answered without a key."""
    return [await http.post("/graphql", json={"query": QUERY}, tag="gpuTypes")]


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """Two products that are never merged: the secure cloud and community hosts."""
    rows: list[Row] = []
    for payload in payloads:
        data = json_of(payload)
        errors = items(dig(data, "errors"))
        if errors:
            raise ParseFault(
                f"gpuTypes: the API says {label(dig(errors[0], 'message'), 'no')!r:.120}"
            )
        for place, kind in enumerate(list_at(data, "data", "gpuTypes", name="gpuTypes")):
            rows += _kind(kind, place)
    return offered(rows, "runpod")


def _kind(kind: Any, place: int) -> Iterator[Row]:
    ident = label(dig(kind, "id"), f"type {place}")
    card = word(dig(kind, "displayName")) or ident
    if ident == "unknown" or _SLICE.search(f"{ident} {card}"):
        return  # their placeholder; a slice of a card, which is no card
    most = whole(dig(kind, "maxGpuCount")) or 1
    found = 0
    for product in ("secure", "community"):
        listed = amount(dig(kind, f"{product}Price"))
        if listed is None or dig(kind, f"{product}Cloud") is False:
            continue
        found += 1
        prices: list[tuple[str, int | None, float]] = [("on-demand", None, listed)]
        spot = amount(dig(kind, f"{product}SpotPrice"))
        if spot is not None and spot < listed:  # equal means that there is no spot market
            prices.append(("spot", None, spot))
        if product == "secure":
            for name, months in _TERMS.items():
                price = amount(dig(kind, name))
                if price is not None and price > listed:
                    yield NotUnderstood(card, f"{name} {price:g} is no price of an hour")
                elif price is not None:
                    prices.append(("reserved", months, price))
        for count in _SIZES:
            if count <= most:
                yield from _offers(kind, card, product, count, prices)
    if not found:
        yield unpriced(card, dig(kind, "securePrice") or dig(kind, "communityPrice"))


def _offers(
    kind: Any, card: str, product: str, count: int, prices: list[tuple[str, int | None, float]]
) -> Iterator[RawOffer]:
    for billing, months, price in prices:
        yield RawOffer(
            provider="runpod",
            instance_type=f"{count}x {card} ({product})",
            accelerator_name=card,
            count=count,
            price=PerAccelerator(price),
            billing=billing,  # type: ignore[arg-type]  # one of the words above
            term_months=months,
            memory_gb=quantity(dig(kind, "memoryInGb")),
            vcpus=quantity(dig(kind, "lowestPrice", "minVcpu")) if count == 1 else None,
            ram_gb=quantity(dig(kind, "lowestPrice", "minMemory")) if count == 1 else None,
            source_url=PAGE,
            note="community host" if product == "community" else None,
        )


SOURCE = Source(
    name="runpod",
    title="RunPod",
    page=PAGE,
    base_url="https://api.runpod.io",
    good_for=timedelta(hours=24),
    providers=("runpod",),
    fetch=fetch,
    parse=parse,
    first_party=True,
    opt_in=(
        "RunPod's terms of 2026-03-24 forbid access by automated means and systematic retrieval "
        "into a database"
    ),
)
