"""Shadeform's API: machines of some twenty clouds, in whole cents. Off until an operator opts in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from knowledge import providers
from knowledge.feedrows import dig, items, label, offered, word
from knowledge.reading import amount, json_of, list_at, quantity, whole
from knowledge.regions import country_named
from knowledge.source import Http, NotUnderstood, Payload, PerInstance, RawOffer, Row, Source

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
    machine = dig(kind, "configuration")
    gpus = dig(machine, "num_gpus")
    count = 0 if gpus == 0 else whole(gpus)
    card = word(dig(machine, "gpu_type"))
    cents = dig(kind, "hourly_price")
    if said is not None and cloud is None:
        yield NotUnderstood(said, "no such provider in providers.csv")
        return
    if cloud is None or name is None or count is None or (count and card is None):
        yield NotUnderstood(label(name or card, f"type {place}"), "no cloud, name, GPU or count")
        return
    if not isinstance(cents, int) or amount(cents) is None:
        # A fraction would mean that the field is no longer in cents.
        yield NotUnderstood(f"{said} {name}", "no price in whole cents")
        return
    for region in items(dig(kind, "availability")) or [None]:
        free = dig(region, "available")
        shown = word(dig(region, "display_name"))
        # "Montreal, Canada"
        country = country_named(shown.rsplit(",", 1)[-1]) if shown else None
        yield RawOffer(
            provider=cloud,
            instance_type=f"shadeform:{said}_{name}",
            accelerator_name=card if count else None,
            count=count,
            price=PerInstance(cents / 100),
            billing="on-demand",
            # `interconnect` is sometimes wrong: the form factor stays open.
            memory_gb=quantity(dig(machine, "vram_per_gpu_in_gb")) if count else None,
            vcpus=quantity(dig(machine, "vcpus")),
            ram_gb=quantity(dig(machine, "memory_in_gb")),
            region=word(dig(region, "region")),
            country=country,
            source_url=PAGE,
            note="through Shadeform" + ("" if free is not False else "; none free when read"),
            via="shadeform",
        )


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
