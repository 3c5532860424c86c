"""OVHcloud: its public order catalogue (the European book, EUR before tax)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from knowledge.feeds.reading import amount, at, json_of, list_at, name_of, quantity, whole
from knowledge.feeds.rows import dig, items, label, offered, word, words
from knowledge.feeds.source import (
    Http,
    NotUnderstood,
    ParseFault,
    Payload,
    PerInstance,
    RawOffer,
    Row,
    Source,
)

PAGE = "https://www.ovhcloud.com/en/public-cloud/prices/"
_BOOK = {"FR": "EUR"}
"""Subsidiary -> the currency its book must be in; another currency is another book."""
_UNIT = 10**8
"""A price is a whole number of these parts of a currency unit."""
_HOURLY = re.compile(r"^(.+)\.consumption(?:\.(3AZ|LZ(?:\.[A-Z]+)?))?$")
"""A plan by the hour; with the kind of region it is for, where that has a price of its own."""
_SHOWN = re.compile(r"^\D*(\d+(?:[.,]\d{1,2})?)\D*$")


async def fetch(http: Http) -> Sequence[Payload]:
    """One body of several megabytes for each book."""
    return [
        await http.get(
            "/1.0/order/catalog/public/cloud",
            params={"ovhSubsidiary": code},
            tag=f"{code} catalogue",
        )
        for code in _BOOK
    ]


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """The machines with a GPU, by the hour, with Linux, on sale.

    Managed AI services carry a GPU too, but are priced per minute. Windows twins and monthly plans
    are other products and no rows.
    """
    rows: list[Row] = []
    for payload in payloads:
        data = json_of(payload)
        name = name_of(payload)
        code, currency = (
            at(data, "locale", key, name=name) for key in ("subsidiary", "currencyCode")
        )
        if not isinstance(code, str) or _BOOK.get(code) != currency:
            raise ParseFault(f"{name}: is the book of {code!r} in {currency!r}")
        for addon in list_at(data, "addons", name=name):
            blobs = dig(addon, "blobs")
            if dig(blobs, "commercial", "brick") == "gpu" or dig(blobs, "technical", "gpu"):
                rows += _addon(addon, currency)
    return offered(rows, "ovhcloud")


def _addon(addon: Any, currency: str) -> Iterator[Row]:
    plan = label(dig(addon, "planCode"), "a plan without a code")
    technical = dig(addon, "blobs", "technical")
    tags = words(dig(addon, "blobs", "tags"))
    card = word(dig(technical, "gpu", "model"))
    count = whole(dig(technical, "gpu", "number"))
    price = _price(items(dig(addon, "pricings")))
    hourly = _HOURLY.match(plan)
    # A plan that is sold may be marked "coming_soon" for further regions.
    if (
        dig(addon, "product") not in (None, "publiccloud-instance")
        or hourly is None
        or plan.startswith("win-")
        or dig(technical, "os", "family") != "linux"
        or "active" not in tags
    ):
        return
    if card is None or count is None:
        yield NotUnderstood(plan, "no GPU name or count")
    elif isinstance(price, str):
        yield NotUnderstood(plan, price)
    else:
        yield RawOffer(
            provider="ovh",
            instance_type=word(dig(technical, "name")) or hourly[1],
            accelerator_name=card,
            count=count,
            price=PerInstance(price, currency),
            billing="on-demand",
            memory_gb=quantity(dig(technical, "gpu", "memory", "size")),
            vcpus=quantity(dig(technical, "cpu", "cores")),
            ram_gb=quantity(dig(technical, "memory", "size")),
            # One price for every region of its kind; none is named.
            region=hourly[2] or "global",
            source_url=PAGE,
        )


def _price(pricings: list[Any]) -> float | str:
    """The hourly price in currency units, or why there is none."""
    hourly = [
        one
        for one in pricings
        if "consumption" in words(dig(one, "capacities"))
        and dig(one, "intervalUnit") in (None, "hour")
    ]
    if len(hourly) != 1:
        return f"{len(hourly)} hourly prices"
    parts = dig(hourly[0], "price")
    if not isinstance(parts, int) or amount(parts) is None:
        return "no price"
    price = parts / _UNIT
    # The catalogue prints the same price for people: it proves the unit.
    shown = word(dig(hourly[0], "formattedPrice"))
    if shown is not None:
        found = _SHOWN.match(shown)
        if found is None or abs(float(found.group(1).replace(",", ".")) - price) > 0.0051:
            return f"{price:g} stands beside {shown!r}: the unit is not the documented one"
    return price


SOURCE = Source(
    name="ovhcloud",
    title="OVHcloud",
    page=PAGE,
    base_url="https://eu.api.ovh.com",
    good_for=timedelta(hours=24),
    providers=("ovh",),
    fetch=fetch,
    parse=parse,
    first_party=True,
    complete=True,
)
