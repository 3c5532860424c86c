"""A feed that does not exist: machines as JSON. For tests of what all sources have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from knowledge.feeds.reading import json_of
from knowledge.feeds.source import Http, NotUnderstood, Payload, PerInstance, RawOffer, Row, Source


def source(name: str, **changes: Any) -> Source:
    """Asks `/<name>` for a list of {name, usd} with gpu, gpus, provider, region, currency, via."""

    async def fetch(http: Http) -> Sequence[Payload]:
        return [await http.get(f"/{name}")]

    def parse(payloads: Sequence[Payload]) -> Iterable[Row]:
        for entry in json_of(payloads[0]):
            if "usd" not in entry:
                yield NotUnderstood(entry["name"], "no price")
                continue
            yield RawOffer(
                provider=entry.get("provider", "coreweave"), instance_type=entry["name"],
                accelerator_name=entry.get("gpu", "H100"), count=entry.get("gpus", 8),
                price=PerInstance(entry["usd"], entry.get("currency", "USD")), billing="on-demand",
                source_url="https://feed.example/prices", memory_gb=80, region=entry.get("region"),
                via=entry.get("via"),
            )  # fmt: skip

    made = Source(
        name=name, title=f"The {name} feed", page="https://feed.example", fetch=fetch, parse=parse,
        base_url="https://feed.example", good_for=timedelta(hours=24), providers=("coreweave",),
    )  # fmt: skip
    return replace(made, **changes)
