"""Vultr: its public plans of virtual machines and of bare metal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from knowledge.facts.accelerators import resolve_feed_name, variants
from knowledge.feeds.asking import PAGES, too_many_pages
from knowledge.feeds.reading import amount, json_of, list_at, quantity, whole
from knowledge.feeds.rows import dig, label, offered, places, unpriced, word, words
from knowledge.feeds.source import Http, NotUnderstood, Payload, PerInstance, RawOffer, Row, Source
from knowledge.prices.offer import Stock

PAGE = "https://www.vultr.com/pricing/"
_LISTS = {"plans": "/v2/plans", "plans_metal": "/v2/plans-metal"}
_METAL = re.compile(r"-(?:(\d+)-)?([a-z][a-z0-9]+)-gpu$")
_CARD_GB = {"A100": 80.0, "H100": 80.0}
"""The variant Vultr sells, of cards that exist with several sizes."""


async def fetch(http: Http) -> Sequence[Payload]:
    """Both lists, page after page."""
    found: list[Payload] = []
    for name, path in _LISTS.items():
        params = {"per_page": "500", **({"type": "all"} if name == "plans" else {})}
        for _ in range(PAGES):
            page = await http.get(path, params=params, tag=name)
            found.append(page)
            cursor = word(dig(json_of(page), "meta", "links", "next"))
            if cursor is None:
                break
            params = {**params, "cursor": cursor}
        else:
            raise too_many_pages(name)
    return found


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """One offer for each place a plan is sold at; a plan sold out keeps its price."""
    rows: list[Row] = []
    for payload in payloads:
        key = "plans_metal" if payload.tag == "plans_metal" else "plans"
        for place, plan in enumerate(list_at(json_of(payload), key, name=payload.tag)):
            rows += _plan(plan, place, metal=key == "plans_metal")
    return offered(rows, "vultr")


def _plan(plan: Any, place: int, *, metal: bool) -> Iterator[Row]:
    name = word(dig(plan, "id"))
    if name is None:
        yield NotUnderstood(f"plan {place}", "no id")
        return
    memory: float | None = None
    shared: float | None = None
    if metal:
        found = _METAL.search(name)
        card = found.group(2) if found else None
        count = whole(found.group(1)) if found else None
        if count is None and card == "gh200":
            count = 1  # a superchip is a machine of its own
        if found is None and "gpu" not in name:
            count = 0
        memory = _card_size(card) if card else None
    else:
        card = word(dig(plan, "gpu_type"))
        shared = amount(dig(plan, "gpu_vram_gb"))
        memory = _card_size(card) if card else None
        # The memory is that of all cards, or of a slice of one: only whole cards are cards.
        count = _cards(shared, memory) if card else (None if shared else 0)
    if count is None:
        if memory is None or shared is None or shared >= memory:
            yield NotUnderstood(label(card, name), f"{name}: number of cards not known")
        return  # less than a card is a slice, which is no card
    prices = {
        "on-demand": amount(dig(plan, "hourly_cost")),
        "spot": amount(dig(plan, "hourly_cost_preemptible")),
    }
    if prices["on-demand"] is None:
        # `monthly_cost` is a cap and no hourly price times 730.
        yield unpriced(name, dig(plan, "hourly_cost"), "no hourly price")
    ram = quantity(dig(plan, "ram"))
    regions = words(dig(plan, "locations"))
    for billing, price in prices.items():
        for region in places(regions) if price is not None else ():
            yield RawOffer(
                provider="vultr",
                instance_type=name,
                accelerator_name=card,
                count=count,
                price=PerInstance(price or 0),
                billing=billing,  # type: ignore[arg-type]  # one of the two words above
                memory_gb=memory,
                vcpus=quantity(dig(plan, "cpu_threads" if metal else "vcpu_count")),
                ram_gb=ram / 1024 if ram else None,
                region=region,
                source_url=PAGE,
                note=None if region else "sold out when read",
                stock=Stock("available" if region else "sold_out"),
            )


def _card_size(card: str) -> float | None:
    """Memory of one card, GB; None for a card we do not know or that comes in several sizes."""
    named = resolve_feed_name(card)
    if named is None:
        return None
    sizes = {one.memory_gb for one in variants(named.canonical) if one.memory_gb}
    return _CARD_GB.get(named.canonical) or (sizes.pop() if len(sizes) == 1 else None)


def _cards(total: float | None, size: float | None) -> int | None:
    if not total or not size:
        return None
    count = round(total / size)
    return count if count >= 1 and abs(total - count * size) <= 0.08 * count * size else None


SOURCE = Source(
    name="vultr",
    title="Vultr",
    page=PAGE,
    base_url="https://api.vultr.com",
    good_for=timedelta(hours=24),
    providers=("vultr",),
    fetch=fetch,
    parse=parse,
    comes_and_goes=True,
    first_party=True,
    complete=True,
)
