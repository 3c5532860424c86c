"""AWS spot prices: the file behind Amazon's own spot page, one price a type and region.

The file names no vCPUs and no memory, so machines without accelerators are left out. Its older
twin in a bucket still answers, with prices of 2024; this one is judged by its Last-Modified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from knowledge.facts.machines import is_accelerated
from knowledge.feeds.reading import amount, json_of, list_at, name_of, stamp_of
from knowledge.feeds.source import Http, ParseFault, Payload, RawOffer, Row, Source
from knowledge.sources.aws import ec2_offer

_PAGE = "https://aws.amazon.com/ec2/spot/pricing/"
_OLD_NAMES = {
    "us-east": "us-east-1",
    "us-west": "us-west-1",
    "eu-ireland": "eu-west-1",
    "apac-sin": "ap-southeast-1",
    "apac-syd": "ap-southeast-2",
    "apac-tokyo": "ap-northeast-1",
}


async def _fetch(http: Http) -> Sequence[Payload]:
    return [await http.get("/spot.json", tag="spot.json")]


def _parse(payloads: Sequence[Payload]) -> Iterable[Row]:
    if not payloads:
        raise ParseFault("aws_spot: no file")
    for payload in payloads:
        name, body = name_of(payload), json_of(payload)
        for place in list_at(body, "config", "regions", name=name):
            code = place.get("region") if isinstance(place, dict) else None
            if not isinstance(code, str) or not code.strip():
                raise ParseFault(f"{name}: a region without its name")
            for group in list_at(place, "instanceTypes", name=f"{name} {code}"):
                for size in list_at(group, "sizes", name=f"{name} {code}"):
                    yield from _offers(size, _OLD_NAMES.get(code, code), stamp_of(payload))


def _offers(size: Any, region: str, made: datetime) -> Iterator[Row]:
    instance = size.get("size") if isinstance(size, dict) else None
    if not isinstance(instance, str):
        raise ParseFault(f"spot.json: a size of {region} without its name")
    if not is_accelerated("aws", instance):
        return
    for column in list_at(size, "valueColumns", name=instance):
        if not isinstance(column, dict):
            raise ParseFault(f"spot.json: {instance}: a column that is no object")
        prices = column.get("prices")
        dollars = amount(prices.get("USD")) if isinstance(prices, dict) else None
        if column.get("name") == "linux" and dollars is not None:
            read = ec2_offer(instance, dollars, region, made, _PAGE)
            yield read._replace(billing="spot") if isinstance(read, RawOffer) else read


SOURCE = Source(
    name="aws_spot",
    title="AWS spot prices",
    page=_PAGE,
    base_url="https://website.spot.ec2.aws.a2z.com",
    good_for=timedelta(hours=6),
    providers=("aws",),
    fetch=_fetch,
    parse=_parse,
    first_party=True,
)
