"""Google Cloud machine prices as gcloud-compute.com publishes them, read by header.

For machines that come with their cards (A2, A3, G2, G4) the price is the whole machine; N1 is the
VM alone. Commitments are prices of a month.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from knowledge.facts.machines import is_accelerated, machine, sold_on_demand
from knowledge.facts.units import MONTH
from knowledge.feeds.reading import amount, csv_rows, name_of, quantity, stamp_of, text_of, whole
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
from knowledge.prices.plausibility import is_flex_start

_PAGE = "https://gcloud-compute.com/"
_COLUMNS = ("name", "region", "hour", "acceleratorCount", "acceleratorType")
_COMMITMENTS = (("month1yCud", 12), ("month3yCud", 36))


async def _fetch(http: Http) -> Sequence[Payload]:
    return [await http.get("/machine-types-regions.csv", expect="csv", tag="machine types")]


def _parse(payloads: Sequence[Payload]) -> Iterable[Row]:
    if not payloads:
        raise ParseFault("gcp: no file")
    for payload in payloads:
        for row in csv_rows(text_of(payload), _COLUMNS, name_of(payload)):
            yield from _offers(row, stamp_of(payload))


_SIZE = re.compile(r"-(\d+)gb$")


def _offers(row: dict[str, str], made: datetime) -> Iterator[Row]:
    instance, card = row["name"], row["acceleratorType"]
    stated = amount(row["acceleratorCount"])
    count = 0 if stated is None else whole(row["acceleratorCount"])
    listed = machine("gcp", instance)
    if listed is not None and not card and not count:
        # A machine of ours that lost its cards in the file would sell an H100 for a dollar.
        card, count = listed.accelerator, listed.count
    if count is None or bool(card) != bool(count) or (listed and listed.count != count):
        yield NotUnderstood(f"gcp {instance}", f"{row['acceleratorCount']!r:.20} x {card!r:.40}")
        return
    if not card and is_accelerated("gcp", instance):
        yield NotUnderstood(f"gcp {instance}", "no card is stated and it is not in machines.csv")
        return
    said = _SIZE.search(card)
    memory = float(said[1]) if said else None
    offer = RawOffer(
        provider="gcp",
        instance_type=instance,
        accelerator_name=listed.accelerator if listed else (_SIZE.sub("", card) or None),
        count=count,
        price=PerInstance(0),
        billing="on-demand",
        source_url=_PAGE,
        memory_gb=listed.memory_gb if listed else memory,
        form_factor=listed.form_factor if listed else None,
        vcpus=quantity(row.get("vCpus")) or (listed.vcpus if listed else None),
        ram_gb=quantity(row.get("memoryGB")) or (listed.ram_gb if listed else None),
        region=row["region"] or None,
        as_of=made,
    )
    hour, spot = amount(row["hour"]), amount(row.get("hourSpot"))
    if hour is not None and sold_on_demand("gcp", instance):
        if listed and is_flex_start(listed.accelerator, listed.memory_gb, hour / listed.count):
            yield NotUnderstood(f"gcp {instance}", "far below Google's list price")
        else:
            yield offer._replace(price=PerInstance(hour))
    if spot is not None and row.get("spot", "1").strip() not in ("", "0", "0.0"):
        yield offer._replace(price=PerInstance(spot), billing="spot")
    month = amount(row.get("month")) or (hour or 0) * MONTH
    for column, months in _COMMITMENTS:
        committed = amount(row.get(column))
        # Where a machine has no commitment its on-demand month stands there once more.
        if committed is not None and committed < month * 0.999:
            price = PerInstance(committed / MONTH)
            yield offer._replace(price=price, billing="reserved", term_months=months)


SOURCE = Source(
    name="gcp",
    title="Google Cloud machine prices (gcloud-compute.com)",
    page=_PAGE,
    base_url="https://gcloud-compute.com",
    good_for=timedelta(hours=48),
    providers=("gcp",),
    fetch=_fetch,
    parse=_parse,
    licence="Apache-2.0",
    attribution="gcloud-compute.com",
)
