"""Lambda's Cloud API: instance types in whole cents, with the regions that have some free."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from knowledge.facts.machines import form_in
from knowledge.feeds.asking import bearer
from knowledge.feeds.reading import dict_at, json_of, quantity, whole
from knowledge.feeds.rows import dig, items, offered, places, word
from knowledge.feeds.source import Http, NotUnderstood, Payload, PerInstance, RawOffer, Row, Source
from knowledge.prices.offer import Stock

PAGE = "https://lambda.ai/pricing"
_TYPE = re.compile(r"^gpu_(\d+)x_(\w+)$", re.IGNORECASE)
_PLAIN = {"A100": 40.0, "GH200": 96.0}
"""Cards of several sizes: the one Lambda means when it names none."""
_SAYS_SIZE = re.compile(r"\d\s*GB", re.IGNORECASE)


async def fetch(http: Http) -> Sequence[Payload]:
    """One body, no pages; about one request a second is allowed."""
    return [await http.get("/api/v1/instance-types", headers=bearer(http.key()))]


def parse(payloads: Sequence[Payload]) -> list[Row]:
    """One offer for each region with some free; a type sold out everywhere keeps its price."""
    rows: list[Row] = []
    for payload in payloads:
        for name, entry in dict_at(json_of(payload), "data", name="instance-types").items():
            rows += _type(name, entry)
    return offered(rows, "lambda")


def _type(name: str, entry: Any) -> Iterator[Row]:
    kind = dig(entry, "instance_type")
    cents = whole(dig(kind, "price_cents_per_hour"))
    gpus = dig(kind, "specs", "gpus")
    count = 0 if gpus == 0 else whole(gpus)
    named = word(dig(kind, "name")) or name
    card = word(dig(kind, "gpu_description")) or _card_in(named, count)
    if cents is None:
        # A fraction would mean that the field is no longer in cents.
        yield NotUnderstood(name, "no price in whole cents")
        return
    if count is None or (count and card is None):
        yield NotUnderstood(name, "no GPU name or count")
        return
    told = dig(entry, "regions_with_capacity_available")
    free = items(told)
    for region in places([code for one in free if (code := word(dig(one, "name")))]):
        yield RawOffer(
            provider="lambda",
            instance_type=named,
            accelerator_name=card if count else None,
            count=count,
            price=PerInstance(cents / 100),
            billing="on-demand",
            memory_gb=_plain_size(card) if card else None,
            form_factor=form_in(named) if count else None,
            vcpus=quantity(dig(kind, "specs", "vcpus")),
            ram_gb=quantity(dig(kind, "specs", "memory_gib")),
            region=region,
            source_url=PAGE,
            note=None if region else "none free when read",
            stock=Stock("available" if region else "sold_out" if told == [] else "unknown"),
        )


def _plain_size(card: str) -> float | None:
    if _SAYS_SIZE.search(card):
        return None
    return next((gb for name, gb in _PLAIN.items() if card.upper().startswith(name)), None)


def _card_in(name: str, count: int | None) -> str | None:
    """The card a type's own name states ("gpu_8x_h100_sxm5"), when it states the count as well."""
    found = _TYPE.match(name)
    return found[2].replace("_", " ") if found and int(found[1]) == count else None


SOURCE = Source(
    name="lambda",
    title="Lambda Cloud API",
    page=PAGE,
    base_url="https://cloud.lambda.ai",
    good_for=timedelta(hours=24),
    providers=("lambda",),
    fetch=fetch,
    parse=parse,
    comes_and_goes=True,
    first_party=True,
    complete=True,
    key_setting="QUARTERMASTER_SOURCE_KEY_LAMBDA",
)
