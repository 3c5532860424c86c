"""Shadeform's API: machines of some twenty clouds, in whole cents. Off until an operator opts in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from knowledge.facts import providers
from knowledge.facts.regions import city_country, country_named, geo_of
from knowledge.feeds.reading import amount, json_of, list_at, quantity, whole
from knowledge.feeds.rows import dig, items, label, offered, unpriced, word
from knowledge.feeds.source import Http, NotUnderstood, Payload, PerInstance, RawOffer, Row, Source
from knowledge.prices.offer import Stock

PAGE = "https://docs.shadeform.ai/api-reference"


async def fetch(http: Http) -> Sequence[Payload]:
    """One body with every type of every cloud."""
    return [
        await http.get("/v1/instances/types", headers={"X-API-KEY": http.key()}, tag="types"),
    ]


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """Offers of the cloud behind each type, marked as coming through Shadeform."""
    rows: list[Row] = []
    for payload in payloads:
        for place, kind in enumerate(list_at(json_of(payload), "instance_types", name="types")):
            rows += _kind(kind, place)
    return offered(rows, "shadeform")


def _kind(kind: Any, place: int) -> Iterator[Row]:
    said = word(dig(kind, "cloud"))
    cloud = providers.resolve(said) if said else None
    name = word(dig(kind, "shade_instance_type"))
    # Some answers nest what the machine is, some do not.
    machine = dig(kind, "configuration") if dig(kind, "configuration") is not None else kind
    gpus = dig(machine, "num_gpus")
    count = 0 if gpus == 0 else whole(gpus)
    card = word(dig(machine, "gpu_type"))
    cents = whole(dig(kind, "hourly_price"))
    if said is not None and cloud is None:
        yield NotUnderstood(said, "no such provider in providers.csv")
        return
    if cloud is None or name is None or count is None or (count and card is None):
        yield NotUnderstood(label(name or card, f"type {place}"), "no cloud, name, GPU or count")
        return
    if cents is None:
        # A fraction would mean that the field is no longer in cents.
        yield NotUnderstood(f"{said} {name}", "no price in whole cents")
        return
    for region in items(dig(kind, "availability")) or [None]:
        free = dig(region, "available")
        spot = word(dig(region, "rental_type")) == "spot"
        price = _dollars(dig(region, "hourly_price")) if spot else cents / 100
        if price is None:
            yield unpriced(f"{said} {name}", dig(region, "hourly_price"), "no spot price")
            continue
        code = word(dig(region, "region"))
        yield RawOffer(
            provider=cloud,
            instance_type=f"shadeform:{said}_{name}",
            accelerator_name=card if count else None,
            count=count,
            price=PerInstance(price),
            billing="spot" if spot else "on-demand",
            # `interconnect` is sometimes wrong: the form factor stays open.
            memory_gb=quantity(dig(machine, "vram_per_gpu_in_gb")) if count else None,
            vcpus=quantity(dig(machine, "vcpus")),
            ram_gb=quantity(dig(machine, "memory_in_gb")),
            region=code,
            country=_country(code, word(dig(region, "display_name"))),
            source_url=PAGE,
            note="through Shadeform" + ("" if free is not False else "; none free when read"),
            via="shadeform",
            stock=Stock(
                "available" if free is True else "sold_out" if free is False else "unknown"
            ),
        )


def _dollars(value: Any) -> float | None:
    """A price of one place: dollars when it is a text with a point, whole cents as a number."""
    price = amount(value)
    if price is None:
        return None
    return price / 100 if isinstance(value, int) else price


def _country(code: str | None, shown: str | None) -> str | None:
    """By the region's own code ("dulles-usa-1"), else "US, Dulles, VA" or "Montreal, Canada"."""
    if code and (found := city_country(code)):
        return found
    parts = [part.strip() for part in shown.split(",")] if shown else []
    if parts and len(parts[0]) == 2 and parts[0].isupper() and geo_of(parts[0]):
        return parts[0]
    return country_named(parts[-1]) if parts else None


SOURCE = Source(
    name="shadeform",
    title="Shadeform",
    page=PAGE,
    base_url="https://api.shadeform.ai",
    good_for=timedelta(hours=1),
    # The clouds behind it; their own feeds win over this one.
    providers=tuple(
        "lambda crusoe hyperstack massedcompute nebius scaleway denvr vultr paperspace "
        "digitalocean verda".split()
    ),
    fetch=fetch,
    parse=parse,
    attribution="Shadeform",
    comes_and_goes=True,
    key_setting="QUARTERMASTER_SOURCE_KEY_SHADEFORM",
    opt_in=(
        "Shadeform's terms of 2026-08-06 forbid systematic retrieval to build a database, and "
        "robots without its permission"
    ),
)
