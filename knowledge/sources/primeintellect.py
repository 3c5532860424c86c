"""Prime Intellect's API: machines of many clouds that can be rented through it now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Literal

from knowledge.feeds.asking import PAGES, bearer, too_many_pages
from knowledge.feeds.reading import amount, json_of, list_at, quantity, whole
from knowledge.feeds.rows import dig, items, label, offered, uncontradicted, unpriced, word
from knowledge.feeds.source import Http, NotUnderstood, Payload, PerInstance, RawOffer, Row, Source
from knowledge.prices.offer import Stock

PAGE = "https://docs.primeintellect.ai/api-reference"
_PER_PAGE = 100
_FORMS = {"SXM": "SXM", "PCI": "PCIe", "NVL": "NVL", "OAM": "OAM"}


async def fetch(http: Http) -> Sequence[Payload]:
    """Every page, by the total the feed states; without one, until a page is empty."""
    found: list[Payload] = []
    seen = 0
    bodies: set[bytes] = set()
    for number in range(1, PAGES + 1):
        page = await http.get(
            "/api/v1/availability/gpus",
            params={"page": str(number), "page_size": str(_PER_PAGE)},
            headers=bearer(http.key()),
        )
        data = json_of(page)
        here = len(items(dig(data, "items")))
        total = whole(dig(data, "totalCount"))
        if page.body in bodies:
            return found  # a server that counts no pages sends the first again
        bodies.add(page.body)
        found.append(page)
        seen += here
        if not here or (total is not None and seen >= total):
            return found
    raise too_many_pages("availability")


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """Offers of Prime Intellect, each naming the cloud behind it."""
    rows: list[Row] = []
    unsaid: list[Row] = []
    for payload in payloads:
        for place, item in enumerate(list_at(json_of(payload), "items", name="availability")):
            # Not said whether spot: a spot price among them shows as a second price.
            (rows if isinstance(dig(item, "isSpot"), bool) else unsaid).extend(_item(item, place))
    return offered([*rows, *uncontradicted(unsaid)], "primeintellect")


def _item(item: Any, place: int) -> Iterator[Row]:
    cloud = word(dig(item, "provider"))
    machine = word(dig(item, "cloudId"))
    card = word(dig(item, "gpuType"))
    count = whole(dig(item, "gpuCount"))
    if cloud is None or machine is None or card is None or count is None:
        yield NotUnderstood(label(machine or card, f"item {place}"), "no cloud, name, GPU or count")
        return
    if card.upper().startswith("CPU"):
        return  # a machine without GPU, counted in GPUs all the same
    if not isinstance(dig(item, "isSpot"), bool | None):
        yield NotUnderstood(card, f"{machine}: spot is {dig(item, 'isSpot')!r:.20}")
        return
    currency = (word(dig(item, "prices", "currency")) or "USD").upper()
    community = dig(item, "security") == "community_cloud"
    # The price of the whole machine; documented without its unit, see the facts of this feed.
    price = amount(dig(item, "prices", "onDemand")) or (
        amount(dig(item, "prices", "communityPrice")) if community else None
    )
    if price is None or currency != "USD":
        yield unpriced(card, dig(item, "prices", "onDemand"), f"{machine}: no price in USD")
        return
    socket = (word(dig(item, "socket")) or "").upper()
    country = word(dig(item, "country"))
    notes = [f"runs on {cloud}"]
    if community:
        notes.append("community host")
    stock = _stock(word(dig(item, "stockStatus")), dig(item, "provisioningTime"))
    if stock.state == "sold_out":
        notes.append("none free when read")
    yield RawOffer(
        provider="primeintellect",
        instance_type=f"{cloud}:{machine}",
        accelerator_name=card,
        count=count,
        price=PerInstance(price),
        billing="spot" if dig(item, "isSpot") is True else "on-demand",
        memory_gb=quantity(dig(item, "gpuMemory")),
        form_factor=_FORMS.get(socket[:3]),
        vcpus=quantity(dig(item, "vcpu", "defaultCount")),
        ram_gb=quantity(dig(item, "memory", "defaultCount")),
        region=word(dig(item, "dataCenter")),
        country=country.upper() if country and len(country) == 2 and country.isascii() else None,
        source_url=PAGE,
        starting_at=dig(item, "prices", "isVariable") is True,
        note="; ".join(notes),
        stock=stock,
    )


_LEVELS: dict[str, Literal["available", "scarce", "sold_out"]] = {
    "high": "available", "medium": "available", "available": "available", "low": "scarce",
    "out of stock": "sold_out", "unavailable": "sold_out",
}  # fmt: skip


def _stock(level: str | None, minutes: Any) -> Stock:
    """Their own levels; `provisioningTime` is in minutes."""
    wait = amount(minutes)
    state = _LEVELS.get((level or "").lower())
    return Stock(state or "unknown", lead_days=round(wait / 1440, 3) if wait else None)


SOURCE = Source(
    name="primeintellect",
    title="Prime Intellect API",
    page=PAGE,
    base_url="https://api.primeintellect.ai",
    good_for=timedelta(hours=1),
    providers=("primeintellect",),
    fetch=fetch,
    parse=parse,
    comes_and_goes=True,
    first_party=True,
    key_setting="QUARTERMASTER_SOURCE_KEY_PRIMEINTELLECT",
)
