"""Oracle's list prices: one price per GPU-hour, the same in every commercial region.

The list names cards, not machines; the cost estimator's shapes say which machine has how many.
Without the shapes (another host, less documented) each card is one quote of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from knowledge.feeds.reading import amount, dict_at, json_of, list_at, name_of, quantity, whole
from knowledge.feeds.rows import items
from knowledge.feeds.source import (
    FetchFault,
    Http,
    NotUnderstood,
    ParseFault,
    Payload,
    PerAccelerator,
    RawOffer,
    Row,
    Source,
)

_PAGE = "https://www.oracle.com/cloud/price-list/"
_PRODUCTS = "products"
_SHAPES = "shapes"

_CODED = {
    "B88517": ("P100", 16.0, None),  # "Bare Metal GPU Standard - X7": BM.GPU2.2
    "B88518": ("P100", 16.0, None),  # "Virtual Machine GPU Standard - X7": VM.GPU2.1
    "B89734": ("V100", 16.0, "SXM"),  # "GPU Standard - V2": BM.GPU3.8 and its parts
    "B92740": ("A100", 40.0, "SXM"),  # "GPU - E3": BM.GPU4.8
    "B93544": ("A100", 40.0, "SXM"),  # "GPU - E4": BM.GPU4.8 too
    "B95907": ("A100", 80.0, "SXM"),  # "GPU - A100 - v2": BM.GPU.A100-v2.8
    "B98415": ("H100", 80.0, "SXM"),  # BM.GPU.H100.8
    "B109480": ("H100", 80.0, None),  # "GPU - H100T"
}
"""Part numbers whose names say a generation and no card, or no size: card, memory of one, form."""
_HALF = 0.5
"""Preemptible capacity costs half, by Oracle's rule."""


async def _fetch(http: Http) -> Sequence[Payload]:
    found = [
        await http.get(
            "/pls/apex/cetools/api/v1/products/", params={"currencyCode": "USD"}, tag=_PRODUCTS
        )
    ]
    try:
        path = "/a/ocom/docs/cloudestimator2/data/shapes.json"
        found.append(await http.get(path, tag=_SHAPES, base="https://www.oracle.com"))
    except FetchFault as fault:
        # Gone for good, the prices stand without it; failing today, yesterday's machines stand.
        if fault.status not in (403, 404):
            raise
    return found


def _parse(payloads: Sequence[Payload]) -> Iterable[Row]:
    products = next((one for one in payloads if one.tag == _PRODUCTS), None)
    if products is None:
        raise ParseFault("oci: no price list")
    shapes = next((one for one in payloads if one.tag == _SHAPES), None)
    machines = _machines(shapes) if shapes is not None else {}
    for item in list_at(json_of(products), "items", name=name_of(products)):
        read = _card(item, products.fetched_at)
        if isinstance(read, RawOffer):
            yield from _offers(read, machines.get(item["partNumber"], ()))
        elif read is not None:
            yield read


_GPU = re.compile(r"\bgpu\b", re.IGNORECASE)
_LOOK_ALIKES = re.compile(
    r"nvidia ai|cloud@customer|software|licen[cs]e|roving|dedicated", re.IGNORECASE
)
_NAME = re.compile(
    r"^.*?(bare metal|virtual machine)?\s*\bGPU(?: Standard)?\s*[-–]\s*(.+)$", re.IGNORECASE
)
_VERSION = re.compile(r"\s*[-–]\s*v\d+$", re.IGNORECASE)


def _card(item: Any, seen_at: datetime) -> Row | None:
    """One product as a card's own quote; None for what is no rental of a card."""
    try:
        part, label = item["partNumber"], item["displayName"]
        metric, localized = item["metricName"], item["currencyCodeLocalizations"]
    except (TypeError, KeyError):
        raise ParseFault("products: an item without part number, names or prices") from None
    if not all(isinstance(word, str) for word in (part, label, metric)):
        raise ParseFault(f"products: an item whose names are no text ({part!r:.40})")
    if not _GPU.search(label) and not _GPU.search(metric):
        return None
    if _LOOK_ALIKES.search(label) or not _GPU.search(label):
        return None  # licences and appliances share the category and the unit
    if " ".join(metric.split()).lower() != "gpu per hour":
        return NotUnderstood(label, f"priced as {metric!r:.40}")
    dollars = _dollars(localized)
    if dollars is None:
        return None
    said = _NAME.match(" ".join(label.split()))
    if part not in _CODED and said is None:
        return NotUnderstood(label, "names no card")
    shown = _VERSION.sub("", said[2]) if said else part
    name, memory, form = _CODED.get(part, (shown, None, None))
    if said and said[1]:
        shown = f"{said[1]} {shown}"
    return RawOffer(
        provider="oci",
        instance_type=f"GPU {shown} (per GPU)",
        accelerator_name=name,
        count=1,
        price=PerAccelerator(dollars),
        billing="on-demand",
        source_url=_PAGE,
        memory_gb=memory,
        form_factor=form,
        region="global",  # one price in every commercial region
        as_of=seen_at,
    )


def _dollars(localized: Any) -> float | None:
    """The first tier's pay-as-you-go price in USD."""
    for place in items(localized):
        if not isinstance(place, dict) or place.get("currencyCode") != "USD":
            continue
        prices = [one for one in items(place.get("prices")) if isinstance(one, dict)]
        payg = [one for one in prices if one.get("model") == "PAY_AS_YOU_GO"]
        payg.sort(key=lambda one: amount(one.get("rangeMin")) or 0)
        if payg:
            return amount(payg[0].get("value"))
    return None


class _Shape:
    """A machine of the cost estimator's list."""

    def __init__(self, item: dict[str, Any], count: int) -> None:
        self.name: str = item["name"]
        self.count = count
        total = amount(item.get("gpuMemoryQty"))
        self.memory_gb = total / count if total else None
        self.ram_gb = quantity(item.get("bundleMemoryQty"))
        self.preemptible = item.get("allowPreemptible") is True


def _machines(payload: Payload) -> dict[str, list[_Shape]]:
    """Part number of a card -> the machines it is in."""
    found: dict[str, list[_Shape]] = {}
    for item in list_at(json_of(payload), "items", name=name_of(payload)):
        if not isinstance(item, dict) or not isinstance(item.get("name"), str):
            raise ParseFault(f"{name_of(payload)}: a shape without its name")
        count = whole(item.get("gpuQty"))
        if count is None or item.get("hidden") is True or item.get("status") != "ACTIVE":
            continue
        for product in list_at(item, "products", name=item["name"]):
            kind = product.get("type") if isinstance(product, dict) else None
            if isinstance(kind, dict) and kind.get("value") == "ocpu":
                part = dict_at({"product": product}, "product", name=item["name"]).get("partNumber")
                found.setdefault(str(part), []).append(_Shape(item, count))
    return found


def _offers(card: RawOffer, shapes: Sequence[_Shape]) -> Iterator[RawOffer]:
    if not shapes:
        yield card
    for shape in shapes:
        whole_machine = card._replace(
            instance_type=shape.name,
            count=shape.count,
            memory_gb=card.memory_gb or shape.memory_gb,
            ram_gb=shape.ram_gb,
        )
        yield whole_machine
        if shape.preemptible:
            yield whole_machine._replace(
                billing="spot",
                price=PerAccelerator(card.price.amount * _HALF),
                note="half of the on-demand price, by Oracle's rule for preemptible capacity",
            )


SOURCE = Source(
    name="oci",
    title="Oracle Cloud price list",
    page=_PAGE,
    base_url="https://apexapps.oracle.com",
    good_for=timedelta(hours=24),
    providers=("oci",),
    fetch=_fetch,
    parse=_parse,
    first_party=True,
    complete=True,
    extra_hosts=("www.oracle.com",),
)
