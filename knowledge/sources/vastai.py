"""Vast.ai's marketplace search: single hosts, verified ones only. Off until an operator opts in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from knowledge.feeds.reading import amount, json_of, list_at, quantity, whole
from knowledge.feeds.rows import dig, label, offered, unpriced, word
from knowledge.feeds.source import Http, NotUnderstood, Payload, PerInstance, RawOffer, Row, Source

PAGE = "https://vast.ai/pricing"
CARDS = (
    "B200", "H200", "H100 SXM", "H100 PCIE", "H100 NVL", "A100 SXM4", "A100 PCIE", "L40S",
    "RTX 5090", "RTX 4090",
)  # fmt: skip
"""Asked for one by one: an answer is cut at 64 offers or so, and ten questions a minute are allowed."""


async def fetch(http: Http) -> Sequence[Payload]:
    """One search for each card, cheapest first."""
    return [
        await http.post(
            "/api/v0/bundles/",
            json={
                "gpu_name": {"eq": card},
                "verified": {"eq": True},
                "rentable": {"eq": True},
                "rented": {"eq": False},
                "external": {"eq": False},
                "type": "on-demand",
                "order": [["dph_total", "asc"]],
                "limit": 1000,
            },
            tag=card,
        )
        for card in CARDS
    ]


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """Every verified host that is free. Offers of one machine overlap: none is added up."""
    rows: list[Row] = []
    for payload in payloads:
        for place, offer in enumerate(list_at(json_of(payload), "offers", name=payload.tag)):
            rows += _offer(offer, place)
    return offered(rows, "vastai")


def _offer(offer: Any, place: int) -> Iterator[Row]:
    card = word(dig(offer, "gpu_name"))
    count = whole(dig(offer, "num_gpus"))
    if card is None or count is None:
        yield NotUnderstood(label(card, f"offer {place}"), "no GPU name or count")
        return
    if (
        dig(offer, "verification") != "verified"
        or dig(offer, "rentable") is False
        or dig(offer, "rented") is True
    ):
        return  # a host nobody verified, or one that is taken: the search asked for neither
    # MiB of one card; `dph_base` leaves the storage out, so the total it is.
    memory = amount(dig(offer, "gpu_ram"))
    cores = amount(dig(offer, "cpu_cores"))
    ours = amount(dig(offer, "cpu_cores_effective"))
    ram = amount(dig(offer, "cpu_ram"))
    where = word(dig(offer, "geolocation"))
    country = where.rsplit(",", 1)[-1].strip() if where else ""
    prices = {"on-demand": dig(offer, "dph_total"), "spot": dig(offer, "min_bid")}
    for billing, value in prices.items():
        price = amount(value)
        if price is None:
            if billing == "on-demand":
                yield unpriced(card, value)
            continue
        if billing == "spot" and price >= (amount(dig(offer, "dph_total")) or price):
            continue  # a copy of the other price: nothing is bid for
        yield RawOffer(
            provider="vastai",
            instance_type=f"{count}x {card}",
            accelerator_name=card,
            count=count,
            price=PerInstance(price),
            billing=billing,  # type: ignore[arg-type]  # one of the two words above
            memory_gb=memory / 1024 if memory else None,
            vcpus=quantity(ours),
            ram_gb=round(ram * ours / cores / 1024, 1) if ram and ours and cores else None,
            region=where,
            country=country
            if len(country) == 2 and country.isalpha() and country.isupper()
            else None,
            source_url=PAGE,
            note="the lowest bid that runs now" if billing == "spot" else None,
        )


SOURCE = Source(
    name="vastai",
    title="Vast.ai",
    page=PAGE,
    base_url="https://console.vast.ai",
    good_for=timedelta(hours=1),
    providers=("vastai",),
    fetch=fetch,
    parse=parse,
    comes_and_goes=True,
    first_party=True,
    opt_in=(
        "Vast.ai's terms of 2026-09-01 forbid robots, and the use of its data in an index or price "
        "comparison, without a written agreement (data@vast.ai)"
    ),
)
