"""DigitalOcean's API: droplet sizes, GPU memory as the total of the droplet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from knowledge.feeds.asking import PAGES, bearer, too_many_pages
from knowledge.feeds.reading import amount, json_of, list_at, quantity, whole
from knowledge.feeds.rows import dig, offered, places, unpriced, word, words
from knowledge.feeds.source import Http, NotUnderstood, Payload, PerInstance, RawOffer, Row, Source
from knowledge.prices.offer import Stock

PAGE = "https://www.digitalocean.com/pricing/gpu-droplets"


async def fetch(http: Http) -> Sequence[Payload]:
    """The sizes, page after page by the feed's own links."""
    found: list[Payload] = []
    path = "/v2/sizes?per_page=500"
    for _ in range(PAGES):
        page = await http.get(path, headers=bearer(http.key()))
        found.append(page)
        following = word(dig(json_of(page), "links", "pages", "next"))
        if following is None:
            return found
        path = following
    raise too_many_pages("sizes")


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """One offer for each region a size can be ordered in."""
    rows: list[Row] = []
    for payload in payloads:
        for place, size in enumerate(list_at(json_of(payload), "sizes", name="sizes")):
            rows += _size(size, place)
    return offered(rows, "digitalocean")


def _size(size: Any, place: int) -> Iterator[Row]:
    slug = word(dig(size, "slug"))
    if slug is None:
        yield NotUnderstood(f"size {place}", "no slug")
        return
    info = dig(size, "gpu_info")
    card = word(dig(info, "model"))
    count = whole(dig(info, "count")) if info is not None else 0
    price = amount(dig(size, "price_hourly"))
    if count is None or (count == 0) != (card is None) or (slug.startswith("gpu-") and not count):
        yield NotUnderstood(slug, "no GPU name or count")
        return
    if price is None:
        yield unpriced(slug, dig(size, "price_hourly"), "no hourly price")
        return
    memory = None
    if word(dig(info, "vram", "unit")) in {"gib", "gb"}:
        memory = quantity(dig(info, "vram", "amount"))
    ram = quantity(dig(size, "memory"))
    regions = words(dig(size, "regions")) if dig(size, "available") is not False else []
    notes = ["liquid-cooled"] if "-lc" in slug else []
    for region in places(regions):
        yield RawOffer(
            provider="digitalocean",
            instance_type=slug,
            accelerator_name=card,
            count=count,
            price=PerInstance(price),
            billing="spot" if "-spot" in slug else "on-demand",
            memory_gb=memory / count if memory and count else None,
            vcpus=quantity(dig(size, "vcpus")),
            ram_gb=ram / 1024 if ram else None,
            region=region,
            source_url=PAGE,
            note="; ".join(notes if region else [*notes, "not to be ordered when read"]) or None,
            stock=Stock("available" if region else "sold_out"),
        )


SOURCE = Source(
    name="digitalocean",
    title="DigitalOcean API",
    page=PAGE,
    base_url="https://api.digitalocean.com",
    good_for=timedelta(hours=24),
    providers=("digitalocean",),
    fetch=fetch,
    parse=parse,
    comes_and_goes=True,
    first_party=True,
    complete=True,
    key_setting="QUARTERMASTER_SOURCE_KEY_DIGITALOCEAN",
)
