"""AWS on-demand prices: the data files behind Amazon's own price page, one a region.

Fifty kilobytes a region, where the official bulk file of one region has half a gigabyte. The files
are addressed by a region's display name and say nothing of a machine's cards; `machines.csv` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from knowledge.facts.machines import is_accelerated, machine
from knowledge.feeds.reading import amount, dict_at, json_of, name_of, quantity
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

_PAGE = "https://aws.amazon.com/ec2/pricing/on-demand/"
_FOLDER = "/pricing/2.0/meteredUnitMaps/ec2/USD/current/ec2-ondemand-without-sec-sel"

REGIONS = {
    "US East (N. Virginia)": "us-east-1",
    "US East (Ohio)": "us-east-2",
    "US West (N. California)": "us-west-1",
    "US West (Oregon)": "us-west-2",
    "Canada (Central)": "ca-central-1",
    "Canada West (Calgary)": "ca-west-1",
    "Mexico (Central)": "mx-central-1",
    "South America (Sao Paulo)": "sa-east-1",
    "EU (Ireland)": "eu-west-1",
    "EU (London)": "eu-west-2",
    "EU (Paris)": "eu-west-3",
    "EU (Frankfurt)": "eu-central-1",
    "Europe (Zurich)": "eu-central-2",
    "EU (Stockholm)": "eu-north-1",
    "EU (Milan)": "eu-south-1",
    "Europe (Spain)": "eu-south-2",
    "Israel (Tel Aviv)": "il-central-1",
    "Middle East (Bahrain)": "me-south-1",
    "Middle East (UAE)": "me-central-1",
    "Africa (Cape Town)": "af-south-1",
    "Asia Pacific (Mumbai)": "ap-south-1",
    "Asia Pacific (Hyderabad)": "ap-south-2",
    "Asia Pacific (Singapore)": "ap-southeast-1",
    "Asia Pacific (Sydney)": "ap-southeast-2",
    "Asia Pacific (Jakarta)": "ap-southeast-3",
    "Asia Pacific (Melbourne)": "ap-southeast-4",
    "Asia Pacific (Malaysia)": "ap-southeast-5",
    "Asia Pacific (New Zealand)": "ap-southeast-6",
    "Asia Pacific (Thailand)": "ap-southeast-7",
    "Asia Pacific (Hong Kong)": "ap-east-1",
    "Asia Pacific (Taipei)": "ap-east-2",
    "Asia Pacific (Tokyo)": "ap-northeast-1",
    "Asia Pacific (Seoul)": "ap-northeast-2",
    "Asia Pacific (Osaka)": "ap-northeast-3",
}
"""Display name -> code. Older European regions are "EU (...)" in the files, newer "Europe (...)"."""


def _other_spelling(name: str) -> str:
    old, new = "EU (", "Europe ("
    if name.startswith(old):
        return new + name.removeprefix(old)
    return old + name.removeprefix(new)


_CODES = REGIONS | {
    _other_spelling(name): code
    for name, code in REGIONS.items()
    if name.startswith(("EU ", "Europe "))
}


async def _fetch(http: Http) -> Sequence[Payload]:
    found: list[Payload] = []
    for name, code in REGIONS.items():
        spellings = [name]
        if name.startswith(("EU ", "Europe ")):
            spellings.append(_other_spelling(name))
        for spelling in spellings:
            try:
                path = f"{_FOLDER}/{quote(spelling)}/Linux/index.json"
                found.append(await http.get(path, tag=code))
                break
            except FetchFault as fault:
                if fault.status != 404:
                    raise
    if not found:
        raise FetchFault("aws: no region has a price file any more", 404)
    return found


def _parse(payloads: Sequence[Payload]) -> Iterable[Row]:
    if not payloads:
        raise ParseFault("aws: no region")
    for payload in payloads:
        name, body = name_of(payload), json_of(payload)
        currency = dict_at(body, "manifest", name=name).get("currencyCode", "USD")
        if currency != "USD":
            raise ParseFault(f"{name}: prices in {currency!r:.10}, not in USD")
        for place, rows in dict_at(body, "regions", name=name).items():
            if not isinstance(rows, dict):
                raise ParseFault(f"{name}: the rows of {place!r:.40} are no object")
            code = _CODES.get(place)
            if code is None:
                yield NotUnderstood(f"aws region {place}", "a region we have no code for")
                continue
            for item in rows.values():
                read = _row(item, code, payload.fetched_at)
                if read is not None:
                    yield read


def _row(item: Any, region: str, seen_at: datetime) -> Row | None:
    try:
        instance, price, system = item["Instance Type"], item["price"], item["Operating System"]
    except (TypeError, KeyError):
        raise ParseFault(f"aws: a row of {region} without type, price or system") from None
    if not isinstance(instance, str):
        raise ParseFault(f"aws: {instance!r:.40} is no instance type")
    dollars = amount(price)
    if dollars is None or system != "Linux":
        return None
    return ec2_offer(
        instance,
        dollars,
        region,
        seen_at,
        _PAGE,
        vcpus=quantity(item.get("vCPU")),
        ram_gb=quantity(item.get("Memory")),
    )


def ec2_offer(
    instance: str,
    dollars: float,
    region: str,
    seen_at: datetime,
    page: str,
    *,
    vcpus: float | None = None,
    ram_gb: float | None = None,
) -> RawOffer | NotUnderstood:
    """An on-demand offer of an EC2 type; a new accelerated type is not taken for a CPU machine."""
    listed = machine("aws", instance)
    if listed is None and is_accelerated("aws", instance):
        return NotUnderstood(f"aws {instance}", "not in machines.csv")
    return RawOffer(
        provider="aws",
        instance_type=instance,
        accelerator_name=listed.accelerator if listed else None,
        count=listed.count if listed else 0,
        price=PerInstance(dollars),
        billing="on-demand",
        source_url=page,
        memory_gb=listed.memory_gb if listed else None,
        form_factor=listed.form_factor if listed else None,
        vcpus=vcpus or (listed.vcpus if listed else None),
        ram_gb=ram_gb or (listed.ram_gb if listed else None),
        region=region,
        as_of=seen_at,
    )


SOURCE = Source(
    name="aws",
    title="AWS on-demand prices",
    page=_PAGE,
    base_url="https://b0.p.awsstatic.com",
    good_for=timedelta(hours=24),
    providers=("aws",),
    fetch=_fetch,
    parse=_parse,
    first_party=True,
)
