"""Azure Retail Prices: Microsoft's own price list, filtered to GPU sizes and followed page by page.

The feed names the size and nothing in it; `machines.csv` knows the cards. Windows, Low Priority
(Batch), DevTest and products that are no plain virtual machine share the service's name and are
dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from knowledge.facts.machines import is_accelerated, machine
from knowledge.facts.units import MONTH
from knowledge.feeds.reading import amount, is_no_price, json_of, list_at, moment, name_of
from knowledge.feeds.source import (
    FetchFault,
    Http,
    NotUnderstood,
    ParseFault,
    Payload,
    PerInstance,
    RawOffer,
    Row,
    Source,
)
from knowledge.prices.offer import Billing

_HOST = "prices.azure.com"
_PATH = "/api/retail/prices"
_PAGE = "https://azure.microsoft.com/en-us/pricing/details/virtual-machines/linux/"
_SERVICE = "Virtual Machines"
_KINDS = ("Consumption", "Reservation")
_MOST_PAGES = 200
"""All GPU sizes take about twenty; a paging that does not end is a fault."""


async def _fetch(http: Http) -> Sequence[Payload]:
    found: list[Payload] = []
    for kind in _KINDS:
        page = await http.get(
            _PATH,
            params={
                "currencyCode": "USD",
                "$filter": f"serviceName eq '{_SERVICE}' and priceType eq '{kind}' "
                "and contains(armSkuName,'Standard_N')",
            },
            tag=kind,
        )
        found.append(page)
        seen: set[str] = set()
        while link := _next(page):
            if link in seen or len(found) > _MOST_PAGES:
                raise FetchFault(f"azure: the pages of {kind} prices do not end")
            seen.add(link)
            page = await http.get(link, tag=f"{kind} page {len(seen) + 1}")
            found.append(page)
    return found


def _next(page: Payload) -> str | None:
    """The feed's own link to the next page: of its own host the path, of another as it is."""
    try:
        body = json_of(page)
    except ParseFault as fault:
        raise FetchFault(str(fault)) from fault
    link = body.get("NextPageLink") if isinstance(body, dict) else None
    if not isinstance(link, str) or not link:
        return None
    parts = urlsplit(link)
    if parts.hostname in (_HOST, None):
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return link


def _parse(payloads: Sequence[Payload]) -> Iterable[Row]:
    if not payloads:
        raise ParseFault("azure: no page")
    newest: dict[tuple[Any, ...], tuple[datetime, RawOffer]] = {}
    for payload in payloads:
        for item in list_at(json_of(payload), "Items", name=name_of(payload)):
            if not isinstance(item, dict):
                raise ParseFault(f"{name_of(payload)}: an item that is no object")
            begins, ends = (
                moment(item.get("effectiveStartDate")),
                moment(item.get("effectiveEndDate")),
            )
            if begins is not None and begins > payload.fetched_at:
                continue  # announced
            if ends is not None and ends <= payload.fetched_at:
                continue  # over
            if amount(item.get("tierMinimumUnits")) is not None:
                continue  # from so many hours on: nobody's first hour
            read = _row(item, payload.fetched_at)
            if not isinstance(read, RawOffer):
                if read is not None:
                    yield read
                continue
            # Of two entries of one meter in force, the later one replaced the other.
            meter = item.get("meterId") or item.get("meterName")
            key = (str(meter), read.instance_type, read.region, read.billing, read.term_months)
            since = begins or datetime.min.replace(tzinfo=UTC)
            if key not in newest or since > newest[key][0]:
                newest[key] = (since, read)
    yield from (read for _, read in newest.values())


def _row(item: dict[str, Any], seen_at: datetime) -> Row | None:
    try:
        instance, region = item["armSkuName"], item["armRegionName"]
        product, meter, sku = item["productName"], item["meterName"], item["skuName"]
        kind, unit, price = item["type"], item["unitOfMeasure"], amount(item["retailPrice"])
    except KeyError as fault:
        raise ParseFault(f"azure: an item without {fault}") from None
    words = (instance, region, product, meter, sku, kind, unit)
    if not all(isinstance(word, str) for word in words):
        raise ParseFault(f"azure: an item whose names are no text ({instance!r:.40})")
    if is_no_price(item["retailPrice"]):
        return NotUnderstood(f"azure {instance}", "no price", no_price=True)
    if (
        price is None
        or not instance
        or kind not in _KINDS
        or _other_product(product)
        or "Low Priority" in f"{meter} {sku}"
        or item.get("serviceName", _SERVICE) != _SERVICE  # managed services name the same sizes
        or region.lower().endswith("euap")  # canaries of Microsoft's own
    ):
        return None
    if item.get("currencyCode", "USD") != "USD":
        raise ParseFault(f"azure: prices in {item['currencyCode']!r:.10}, USD was asked for")
    if unit != "1 Hour":
        return NotUnderstood(f"azure {instance}", f"priced per {unit!r:.20}")
    billing: Billing = "on-demand"
    months = None
    if kind == "Reservation":
        billing, months = "reserved", _term(item.get("reservationTerm"))
        if months is None:
            return NotUnderstood(
                f"azure {instance}", f"reserved for {item.get('reservationTerm')!r:.20}"
            )
        # The price of the whole term, whatever the unit says.
        price /= months * MONTH
    elif "Spot" in f"{meter} {sku}":
        billing = "spot"
    if not region.strip() or not product.strip():
        return NotUnderstood(f"azure {instance}", "no region or product is named")
    found = machine("azure", instance.removesuffix("_Promo"))
    if found is None:
        why = "not in machines.csv" if is_accelerated("azure", instance) else "no GPU size"
        return NotUnderstood(f"azure {instance}", why)
    return RawOffer(
        provider="azure",
        instance_type=instance,
        accelerator_name=found.accelerator,
        count=found.count,
        price=PerInstance(price),
        billing=billing,
        source_url=_PAGE,
        term_months=months,
        memory_gb=found.memory_gb,
        form_factor=found.form_factor,
        vcpus=found.vcpus,
        ram_gb=found.ram_gb,
        region=region.lower() or None,
        as_of=seen_at,
    )


_WINDOWS = re.compile(r" Win(?:dows)?\b")
_NO_VM = ("Cloud Services", "CloudServices", "Dedicated")


def _other_product(product: str) -> bool:
    """Windows is also written "Win"; Cloud Services and hosts of one's own are other products."""
    return _WINDOWS.search(product) is not None or any(word in product for word in _NO_VM)


_TERM = re.compile(r"^(\d{1,2}) Years?$")


def _term(text: Any) -> int | None:
    found = _TERM.match(text) if isinstance(text, str) else None
    return int(found[1]) * 12 or None if found else None


SOURCE = Source(
    name="azure",
    title="Azure Retail Prices",
    page=_PAGE,
    base_url=f"https://{_HOST}",
    good_for=timedelta(hours=24),
    providers=("azure",),
    fetch=_fetch,
    parse=_parse,
    first_party=True,
)
