"""Voltage Park: its public locations (bare metal, per GPU) and its virtual machine presets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from knowledge.feeds.asking import if_there
from knowledge.feeds.reading import amount, json_of, list_at, quantity, whole
from knowledge.feeds.rows import dig, items, label, offered, unpriced, word
from knowledge.feeds.source import (
    Http,
    NotUnderstood,
    ParseFault,
    Payload,
    PerAccelerator,
    PerInstance,
    RawOffer,
    Row,
    Source,
)
from knowledge.prices.offer import Stock

PAGE = "https://www.voltagepark.com/pricing"
_LOCATIONS = "/api/v1/bare-metal/locations"
_PRESETS = "/api/v1/instant-deploy-presets/"
_COUNTRY = "US"
"""Every site of theirs is in the United States (https://www.voltagepark.com)."""
_FABRICS = ("ethernet", "infiniband")


async def fetch(http: Http) -> Sequence[Payload]:
    """The locations, and the presets while they exist (the API calls them deprecated)."""
    locations = await http.get(_LOCATIONS, tag="locations")
    return [locations, *await if_there(http.get(_PRESETS, tag="presets"))]


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """Prices stay when nothing is free: the count of free GPUs is no part of a price."""
    rows: list[Row] = []
    for payload in payloads:
        data = json_of(payload)
        if payload.tag == "presets":
            rows += _presets(data)
        else:
            rows += _locations(data)
    return offered(rows, "voltagepark")


def _locations(data: Any) -> Iterator[Row]:
    for place, location in enumerate(list_at(data, "results", name="locations")):
        specs = dig(location, "specs_per_node")
        model = word(dig(specs, "gpu_model"))
        count = whole(dig(specs, "gpu_count"))
        if model is None or count is None:
            yield NotUnderstood(label(model, f"location {place}"), "no GPU model or count")
            continue
        for fabric in _FABRICS:
            # Per GPU-hour, although machines are sold whole.
            price = amount(dig(location, f"gpu_price_{fabric}"))
            if price is None:
                stated = dig(location, f"gpu_price_{fabric}")
                yield unpriced(f"{model} {fabric}", stated)
                continue
            free = amount(dig(location, f"gpu_count_{fabric}"))
            yield RawOffer(
                provider="voltagepark",
                instance_type=f"bare metal {count}x {model} {fabric}",
                accelerator_name=model,
                count=count,
                price=PerAccelerator(price),
                billing="on-demand",
                ram_gb=quantity(dig(specs, "ram_gb")),
                # Locations have ids and no names; two at two prices stay two.
                region=word(dig(location, "id")),
                country=_COUNTRY,
                source_url=PAGE,
                note=None if free else "none free when read",
                stock=_stock(dig(location, f"gpu_count_{fabric}"), count),
            )
    # A price that has no place here yet would go missing in silence.
    for location in items(data["results"]):
        for key in location if isinstance(location, dict) else ():
            if "price" in key and key not in {f"gpu_price_{fabric}" for fabric in _FABRICS}:
                yield NotUnderstood(key, "a price column that is new")
    if data.get("has_next") is True:
        yield NotUnderstood("has_next", "there are more locations than the first page shows")


def _stock(free: Any, size: int) -> Stock:
    """Whole machines out of a count of GPUs."""
    if isinstance(free, bool) or not isinstance(free, int):
        return Stock("unknown")
    return Stock("available" if free >= size else "sold_out", units=free // size)


def _presets(data: Any) -> Iterator[Row]:
    if not isinstance(data, list):
        raise ParseFault("presets: the body is no list")
    for place, preset in enumerate(data):
        resources = dig(preset, "resources")
        gpus = dig(resources, "gpus")
        name = f"preset {place}"
        if not isinstance(gpus, dict) or len(gpus) != 1:
            yield NotUnderstood(label(dig(preset, "id"), name), "not one kind of GPU")
            continue
        model, count = next((word(key), whole(dig(value, "count"))) for key, value in gpus.items())
        price = amount(dig(preset, "compute_rate_hourly"))
        if model is None or count is None or price is None:
            yield NotUnderstood(label(model, name), "no GPU model, count or price")
            continue
        free = dig(preset, "location_ids_with_availability")
        yield RawOffer(
            provider="voltagepark",
            instance_type=f"VM {count}x {model}",
            accelerator_name=model,
            count=count,
            price=PerInstance(price),
            billing="on-demand",
            vcpus=quantity(dig(resources, "vcpu_count")),
            ram_gb=quantity(dig(resources, "ram_gb")),
            country=_COUNTRY,
            source_url=PAGE,
            note=None if free else "none free when read",
            stock=Stock("available" if free else "sold_out" if free == [] else "unknown"),
        )


SOURCE = Source(
    name="voltagepark",
    title="Voltage Park",
    page=PAGE,
    base_url="https://cloud-api.voltagepark.com",
    good_for=timedelta(hours=24),
    providers=("voltagepark",),
    fetch=fetch,
    parse=parse,
    first_party=True,
    complete=True,
)
