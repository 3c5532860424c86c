"""Scaleway: its public server products, zone by zone. EUR before tax."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Literal

from knowledge.feeds.asking import PAGES, if_there, too_many_pages
from knowledge.feeds.reading import amount, dict_at, json_of, whole
from knowledge.feeds.rows import dig, offered, unpriced, word
from knowledge.feeds.source import Http, NotUnderstood, Payload, PerInstance, RawOffer, Row, Source
from knowledge.prices.offer import Stock

PAGE = "https://www.scaleway.com/en/pricing/gpu/"
ZONES = tuple(f"{region}-{zone}" for region in ("fr-par", "nl-ams", "pl-waw") for zone in (1, 2, 3))
_PER_PAGE = 100
_STOCK = " stock"
"""Ends the tag of what a zone says of stock."""
_SLICE = re.compile(r"\d+M\b|\bMIG\b", re.IGNORECASE)


async def fetch(http: Http) -> Sequence[Payload]:
    """Every zone until a page is empty or repeats another; a zone that closed is left out.

    A page shorter than asked for may have another behind it: the server has bounds of its own.
    """
    found: list[Payload] = []
    for zone in ZONES:
        known: set[str] = set()
        for number in range(1, PAGES + 1):
            pages = await if_there(
                http.get(
                    f"/instance/v1/zones/{zone}/products/servers",
                    params={"per_page": str(_PER_PAGE), "page": str(number)},
                    tag=zone,
                )
            )
            here = dig(json_of(pages[0]), "servers") if pages else None
            if pages and (number == 1 or (isinstance(here, dict) and here.keys() - known)):
                found += pages
            if not isinstance(here, dict) or not here.keys() - known:
                break
            known |= here.keys()
        else:
            raise too_many_pages(zone)
        if known:
            found += await if_there(
                http.get(
                    f"/instance/v1/zones/{zone}/products/servers/availability",
                    params={"per_page": str(_PER_PAGE)},
                    tag=f"{zone}{_STOCK}",
                )
            )
    return found


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """The types of each zone; memory comes in bytes."""
    rows: list[Row] = []
    stocks = {
        payload.tag.removesuffix(_STOCK): dig(json_of(payload), "servers")
        for payload in payloads
        if payload.tag.endswith(_STOCK)
    }
    for payload in payloads:
        if payload.tag.endswith(_STOCK):
            continue
        servers = dict_at(json_of(payload), "servers", name=payload.tag)
        for name, server in servers.items():
            rows += _server(name, server, payload.tag, stocks.get(payload.tag))
    return offered(rows, "scaleway")


def _server(name: str, server: Any, zone: str, stocks: Any) -> Iterator[Row]:
    # CPU types leave the field out or say null.
    gpus = dig(server, "gpu")
    count = 0 if gpus in (0, None) else whole(gpus)
    card = word(dig(server, "gpu_info", "gpu_name"))
    price = amount(dig(server, "hourly_price"))
    if dig(server, "end_of_service") is True or _SLICE.search(f"{name} {card or ''}"):
        return  # no longer sold; or a slice of a card, which is no card
    if price is None:
        # `monthly_price` is another product: it is not read.
        yield unpriced(name, dig(server, "hourly_price"), "no hourly price")
    elif count is None or (count == 0) != (card is None):
        yield NotUnderstood(card or name, f"{name}: GPU name and count do not agree")
    else:
        yield RawOffer(
            provider="scaleway",
            instance_type=name,
            accelerator_name=card,
            count=count,
            price=PerInstance(price, "EUR"),
            billing="on-demand",
            memory_gb=_gigabytes(dig(server, "gpu_info", "gpu_memory")) if count else None,
            vcpus=amount(dig(server, "ncpus")),
            ram_gb=_gigabytes(dig(server, "ram")),
            region=zone,
            source_url=PAGE,
            stock=_stock(dig(stocks, name, "availability")) if stocks is not None else None,
        )


_STATES: dict[str, Literal["available", "scarce", "sold_out"]] = {
    "available": "available",
    "scarce": "scarce",
    "shortage": "sold_out",
}


def _stock(said: Any) -> Stock:
    return Stock(_STATES.get(word(said) or "", "unknown"))


def _gigabytes(value: Any) -> float | None:
    size = amount(value)
    return size / 2**30 if size else None


SOURCE = Source(
    name="scaleway",
    title="Scaleway",
    page=PAGE,
    base_url="https://api.scaleway.com",
    good_for=timedelta(hours=24),
    providers=("scaleway",),
    fetch=fetch,
    parse=parse,
    first_party=True,
    complete=True,
)
