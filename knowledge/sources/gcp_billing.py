"""Google's Cloud Billing Catalog (with a key): prices of parts, added up to the machines we know.

Cards are priced per GPU-hour, cores per vCPU-hour, memory per GiB-hour, local SSD per GiB-month;
a B200 is sold by the slice with its machine. A part without a price makes no machine price.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

from knowledge.facts.machines import Machine, of_provider, sold_on_demand
from knowledge.facts.units import MONTH
from knowledge.feeds.reading import json_of, list_at, moment, name_of
from knowledge.feeds.rows import words
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

_PAGE = "https://cloud.google.com/skus/"
_PATH = "/v1/services/6F81-5844-456A/skus"
_ALWAYS = datetime.min.replace(tzinfo=UTC)
_MOST_PAGES = 100


async def _fetch(http: Http) -> Sequence[Payload]:
    params = {"key": http.key(), "currencyCode": "USD", "pageSize": "5000"}
    found: list[Payload] = []
    while len(found) < _MOST_PAGES:
        page = await http.get(_PATH, params=params, tag=f"SKUs, page {len(found) + 1}")
        found.append(page)
        try:
            body = json_of(page)
        except ParseFault as fault:
            raise FetchFault(str(fault)) from fault
        token = body.get("nextPageToken") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            return found
        params = {**params, "pageToken": token}
    raise FetchFault("gcp_billing: the pages do not end")


class _Usage(NamedTuple):
    billing: Billing
    term_months: int | None = None


_ON_DEMAND = _Usage("on-demand")
_USAGES = {
    "OnDemand": _ON_DEMAND,
    "Preemptible": _Usage("spot"),
    "Commit1Yr": _Usage("reserved", 12),
    "Commit3Yr": _Usage("reserved", 36),
}
_Prices = dict[tuple[str, _Usage, str], float]
"""(part, usage, region) -> USD per hour of one unit."""


@dataclass
class _Catalogue:
    cards: _Prices = field(default_factory=dict)
    hosts: _Prices = field(default_factory=dict)
    """Parts "a3 core" and "a3 ram"."""
    disks: _Prices = field(default_factory=dict)
    regions: defaultdict[str, set[tuple[_Usage, str]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    """Card -> where and how it is sold."""


def _parse(payloads: Sequence[Payload]) -> Iterable[Row]:
    if not payloads:
        raise ParseFault("gcp_billing: no SKUs")
    known = _Catalogue()
    for payload in payloads:
        for sku in list_at(json_of(payload), "skus", name=name_of(payload)):
            odd = _add(known, sku, name_of(payload), payload.fetched_at)
            if odd is not None:
                yield odd
    seen_at = payloads[0].fetched_at
    for listed in of_provider("gcp"):
        yield from _machine(known, listed, seen_at)
    for card in sorted(_ATTACHED & known.regions.keys()):
        yield from _alone(known, card, seen_at)


_OTHER_PRODUCTS = re.compile(
    r"sole tenancy|reserved|premium|custom|suspended|dws|flex|calendar|virtual workstation|vws|"
    r"licensing fee|vertex|notebook|colab|dataproc",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^(?:spot preemptible|preemptible|commitment v\d+:)\s+", re.IGNORECASE)
_HOST = re.compile(
    r"^([a-z]\d+\w*?)(?: ?(ultra|plus))?(?: instance)? (core|cpu|ram)\b", re.IGNORECASE
)
_SLICE = re.compile(r"nvidia (\w+) \(1 gpu slice\)", re.IGNORECASE)
_CARD = re.compile(r"^(?:nvidia )?(?:tesla )?(.+?) gpu\b", re.IGNORECASE)
_DISK = re.compile(r"^(?:ssd backed local storage|local ssd)\b", re.IGNORECASE)

_CARD_NAMES = {
    "a100": "A100",
    "a100 80gb": "A100-80GB",
    "h100 80gb": "H100",
    "h100 80gb mega": "H100-MEGA",
    "h100 mega 80gb": "H100-MEGA",
    "h100 80gb plus": "H100-MEGA",
    "h200 141gb": "H200",
    "l4": "L4",
    "t4": "T4",
    "v100": "V100",
    "p100": "P100",
    "p4": "P4",
}
"""A SKU's words -> how we tell Google's cards apart."""
_ATTACHED = {"T4", "V100", "P100", "P4"}
"""Cards that go into an N1 machine of one's choice, which costs extra."""


_COMMITMENT = re.compile(r"^commitment\b.*?(?:\bfor (\d+) years?)?$", re.IGNORECASE)


def _said(label: str, usage: _Usage) -> _Usage | None:
    """The usage by its description, which decides against a label that contradicts it."""
    if "spot preemptible" in label.lower() or label.lower().startswith("preemptible"):
        return _USAGES["Preemptible"]
    if (found := _COMMITMENT.match(label)) is not None:
        if found[1]:
            return _Usage("reserved", 12 * int(found[1]))
        return usage if usage.billing == "reserved" else None
    return usage


def _add(known: _Catalogue, sku: Any, name: str, now: datetime) -> NotUnderstood | None:
    """Files a SKU's price under its part; None unless it is a card's and not understood."""
    try:
        label, category = sku["description"], sku["category"]
        group, kind = category["resourceGroup"], category["usageType"]
        places, pricing = sku["serviceRegions"], sku["pricingInfo"]
    except (TypeError, KeyError):
        raise ParseFault(f"{name}: a SKU without description, category, regions or price") from None
    if not isinstance(label, str) or not isinstance(kind, str) or not isinstance(places, list):
        raise ParseFault(f"{name}: a SKU whose names are no text ({label!r:.40})")
    usage = _USAGES.get(kind)
    if usage is None or _OTHER_PRODUCTS.search(label):
        return None
    usage = _said(label, usage)
    if usage is None:
        return NotUnderstood(f"gcp {label}", f"a commitment of no stated length, labelled {kind}")
    part = _PREFIX.sub("", label)
    into, unit = known.hosts, "h"
    if (found := _SLICE.search(part)) is not None:
        key, into = f"{found[1].upper()} slice", known.cards
    elif group == "GPU":
        found = _CARD.match(part)
        card = _CARD_NAMES.get(" ".join(found[1].lower().split())) if found else None
        if "rtx 6000 96gb" in label.lower():
            card = "RTXPRO6000"  # not every region's SKU says GPU after it
        if card is None:
            return NotUnderstood(f"gcp {label}", "a card we do not know")
        key, into = card, known.cards
    elif (found := _HOST.match(part)) is not None:
        key = f"{found[1].lower()}{(found[2] or '').lower()} {'ram' if found[3].lower() == 'ram' else 'core'}"
        unit = "GiBy.h" if key.endswith("ram") else "h"
    elif _DISK.match(part):
        key, into, unit = "disk", known.disks, "GiBy.mo"
    else:
        return None
    price = _price(pricing, unit, now)
    if price is None:
        return NotUnderstood(f"gcp {label}", f"has no price per {unit}") if group == "GPU" else None
    for place in words(places):
        into[key, usage, place] = price
        if into is known.cards:
            known.regions[key].add((usage, place))
    return None


def _price(pricing: Any, unit: str, now: datetime) -> float | None:
    """USD of the first tier in force, per unit; None when it is priced otherwise or not at all."""
    try:
        since = [(moment(one.get("effectiveTime")) or _ALWAYS, one) for one in pricing]
        _, held = max((pair for pair in since if pair[0] <= now), key=itemgetter(0))
        expression = held["pricingExpression"]
        tiers = expression["tieredRates"]
        money = min(tiers, key=lambda tier: tier.get("startUsageAmount") or 0)["unitPrice"]
        if expression["usageUnit"] != unit or money.get("currencyCode", "USD") != "USD":
            return None
        # Both parts always stand there: without one of them a part of the price went missing.
        units, nanos = money["units"], money["nanos"]
        if isinstance(units, bool) or isinstance(nanos, bool) or int(units) < 0 or int(nanos) < 0:
            return None
        price = int(units) + int(nanos) / 1e9
    except (TypeError, KeyError, IndexError, ValueError, AttributeError, OverflowError):
        return None
    return price if price > 0 else None


_FAMILIES = {
    "a2-highgpu": ("A100", "a2", 0),
    "a2-megagpu": ("A100", "a2", 0),
    "a2-ultragpu": ("A100-80GB", "a2", 375),
    "a3-highgpu": ("H100", "a3", 750),
    "a3-edgegpu": ("H100", "a3", 750),
    "a3-megagpu": ("H100-MEGA", "a3plus", 750),
    "a3-ultragpu": ("H200", "a3ultra", 0),
    "g2-standard": ("L4", "g2", 0),
    "g4-standard": ("RTXPRO6000", "g4", 0),
}
"""Machine family -> its card, the family in a host's SKU, GiB of local SSD that come with a card."""


def _machine(known: _Catalogue, listed: Machine, seen_at: datetime) -> Iterator[Row]:
    if listed.instance_type.startswith("a4-"):
        for usage, region in sorted(known.regions.get(f"{listed.accelerator} slice", ())):
            price = known.cards[f"{listed.accelerator} slice", usage, region] * listed.count
            yield from _offer(listed, usage, region, price, seen_at)
        return
    family = _FAMILIES.get(listed.instance_type.rpartition("-")[0])
    if family is None or listed.vcpus is None or listed.ram_gb is None:
        return
    card, host, disk_gib = family
    complete = False
    sold = sorted(known.regions.get(card, ()))
    for usage, region in sold:
        core = known.hosts.get((f"{host} core", usage, region))
        ram = known.hosts.get((f"{host} ram", usage, region))
        disk = known.disks.get(("disk", usage, region)) or known.disks.get(
            ("disk", _ON_DEMAND, region)
        )
        if core is None or ram is None or (disk_gib and disk is None):
            continue
        complete = True
        price = (
            listed.count * known.cards[card, usage, region]
            + listed.vcpus * core
            + listed.ram_gb * ram
            + listed.count * disk_gib * (disk or 0) / MONTH
        )
        yield from _offer(listed, usage, region, price, seen_at)
    if sold and not complete:
        yield NotUnderstood(
            f"gcp {listed.instance_type}", "its card has a price, its host has none"
        )


def _offer(
    listed: Machine, usage: _Usage, region: str, price: float, seen_at: datetime
) -> Iterator[RawOffer]:
    if usage == _ON_DEMAND and not sold_on_demand("gcp", listed.instance_type):
        return
    yield RawOffer(
        provider="gcp",
        instance_type=listed.instance_type,
        accelerator_name=listed.accelerator,
        count=listed.count,
        price=PerInstance(price),
        billing=usage.billing,
        source_url=_PAGE,
        term_months=usage.term_months,
        memory_gb=listed.memory_gb,
        form_factor=listed.form_factor,
        vcpus=listed.vcpus,
        ram_gb=listed.ram_gb,
        region=region,
        as_of=seen_at,
    )


def _alone(known: _Catalogue, card: str, seen_at: datetime) -> Iterator[RawOffer]:
    for usage, region in sorted(known.regions[card]):
        yield RawOffer(
            provider="gcp",
            instance_type=f"n1 + 1x {card}",
            accelerator_name=card,
            count=1,
            price=PerInstance(known.cards[card, usage, region]),
            billing=usage.billing,
            source_url=_PAGE,
            term_months=usage.term_months,
            memory_gb=16.0 if card == "V100" else None,
            region=region,
            as_of=seen_at,
            host_included=False,
        )


SOURCE = Source(
    name="gcp_billing",
    title="Google Cloud Billing Catalog",
    page=_PAGE,
    base_url="https://cloudbilling.googleapis.com",
    good_for=timedelta(hours=24),
    providers=("gcp",),
    fetch=_fetch,
    parse=_parse,
    first_party=True,
    key_setting="QUARTERMASTER_SOURCE_KEY_GCP_BILLING",
)
