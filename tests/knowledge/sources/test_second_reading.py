"""Sources of which no complete real payload was had: ours are read a second time, by other rules.

What `tests/feeds/compare.py` does for real payloads. A machine is told by seller, its own name,
billing, term and place; none may be missing, none too many, and none may cost something else.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from feed_payloads import PAYLOADS
from feeds.mutating import payloads_of, read

from knowledge.sources import SOURCES

Machine = tuple[str, str, str, int | None, str | None]
Due = Iterator[tuple[Machine, float]]
AWS_CARDS = re.compile(r"^(?:p[3-6]|g[4-7]|gr6|trn|inf|dl)")
AWS_OTHER = re.compile(r"^(?:g6f|gr6f|p9|g9)")
"""Parts of a card, and types that no table knows yet."""


def body(name: str, file: str) -> Any:
    return json.loads((PAYLOADS / name / file).read_text("utf-8"))


def due_aws() -> Due:
    codes = {"US East (N. Virginia)": "us-east-1", "EU (Frankfurt)": "eu-central-1",
             "EU (Stockholm)": "eu-north-1", "Asia Pacific (Tokyo)": "ap-northeast-1",
             "Europe (Stockholm)": "eu-north-1", "Europe (Frankfurt)": "eu-central-1"}  # fmt: skip
    for file in sorted((PAYLOADS / "aws").glob("*.json")):
        for place, rows in json.loads(file.read_text("utf-8"))["regions"].items():
            for row in rows.values():
                kind, text = row["Instance Type"], str(row["price"])
                usd = float(text) if re.fullmatch(r"[\d.]+", text) else 0
                if row["Operating System"] == "Linux" and usd and _is_aws(kind):
                    yield ("aws", kind, "on-demand", None, codes[place]), usd


def _is_aws(kind: str) -> bool:
    return AWS_CARDS.match(kind) is not None and AWS_OTHER.match(kind) is None


def due_aws_spot() -> Due:
    codes = {"us-east": "us-east-1", "us-west": "us-west-1", "eu-ireland": "eu-west-1",
             "apac-sin": "ap-southeast-1", "apac-syd": "ap-southeast-2", "apac-tokyo": "ap-northeast-1"}  # fmt: skip
    for place in body("aws_spot", "spot.json")["config"]["regions"]:
        for group in place["instanceTypes"]:
            for size in group["sizes"]:
                for column in size["valueColumns"]:
                    text = str(column["prices"].get("USD"))
                    usd = float(text) if re.fullmatch(r"[\d.]+", text) else 0
                    if column["name"] == "linux" and usd and _is_aws(size["size"]):
                        code = codes.get(place["region"], place["region"])
                        yield ("aws", size["size"], "spot", None, code), usd


def due_gcp() -> Due:
    holds = {"a3-highgpu-8g": 8, "a2-highgpu-1g": 1, "a2-ultragpu-1g": 1, "g2-standard-4": 1,
             "g2-standard-8": 1, "g2-standard-12": 1, "a2-highgpu-8g": 8}  # fmt: skip
    with (PAYLOADS / "gcp" / "machine-types-regions.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            kind, month = row["name"], float(row["month"])
            if holds.get(kind) != int(row["acceleratorCount"]):
                continue
            hour, spot = float(row["hour"]), float(row["hourSpot"])
            if hour:
                yield ("gcp", kind, "on-demand", None, row["region"]), hour
            if spot and row["spot"] == "1":
                yield ("gcp", kind, "spot", None, row["region"]), spot
            for months, column in ((12, "month1yCud"), (36, "month3yCud")):
                usd = float(row[column])
                if 0 < usd < month:
                    yield ("gcp", kind, "reserved", months, row["region"]), usd / 730


def due_primeintellect() -> Due:
    for page in ("page-1.json", "page-2.json"):
        for item in body("primeintellect", page)["items"]:
            prices = item.get("prices") or {}
            usd = prices.get("onDemand") or (
                prices.get("communityPrice") if item.get("security") == "community_cloud" else None
            )
            known = "X900" not in str(item.get("gpuType")) and "MIG" not in str(item.get("gpuType"))
            if (
                usd
                and usd > 0
                and prices.get("currency", "USD") == "USD"
                and known
                and item.get("gpuCount")
            ):
                if str(item["gpuType"]).startswith("CPU"):
                    continue
                billing = "spot" if item.get("isSpot") else "on-demand"
                place = item.get("dataCenter") or (item.get("country") or "").upper() or None
                yield (
                    (
                        "primeintellect",
                        f"{item['provider']}:{item['cloudId']}",
                        billing,
                        None,
                        place,
                    ),
                    usd,
                )


def due_vastai() -> Due:
    lowest: dict[Machine, float] = {}
    for file in sorted((PAYLOADS / "vastai").glob("*.json")):
        for offer in json.loads(file.read_text("utf-8"))["offers"]:
            free = offer.get("rentable") and not offer.get("rented")
            if offer.get("verification") != "verified" or not free or not offer.get("num_gpus"):
                continue
            for billing, usd in (
                ("on-demand", offer.get("dph_total")),
                ("spot", offer.get("min_bid")),
            ):
                if usd and (billing == "on-demand" or usd < offer["dph_total"]):
                    kind = f"{offer['num_gpus']}x {offer['gpu_name']}"
                    key = ("vastai", kind, billing, None, offer["geolocation"])
                    lowest[key] = min(usd, lowest.get(key, usd))
    yield from lowest.items()


def due_hyperstack() -> Due:
    book = {
        line["name"]: float(line["original_value"])
        for line in body("hyperstack", "pricebook.json")
        if not line["end_time"]
    }
    for group in body("hyperstack", "flavors.json")["data"]:
        for flavor in group["flavors"]:
            usd = book.get(flavor["gpu"], 0) * flavor["gpu_count"]
            if usd:
                billing = "spot" if flavor["gpu"].endswith("-spot") else "on-demand"
                yield ("hyperstack", flavor["name"], billing, None, flavor["region_name"]), usd


def due_nebius() -> Due:
    """Line by line: the last heading, its region and its platform, prices from a day that is past."""
    platform = region = ""
    regions: list[str] = []
    holds = dollars = True
    for line in (PAYLOADS / "nebius" / "pricing.md").read_text("utf-8").split("\n"):
        if line.startswith("#"):
            found = re.search(r"gpu-[a-z0-9-]+", line)
            platform, regions, holds, dollars = found[0] if found else "", [], True, True
        regions += re.findall(r"`([a-z]{2}-[a-z]+\d)`", line)
        if "<Tab " in line:
            dollars = '"USD"' in line
        if "**Item" in line:
            holds = "before" not in line
        price = re.search(
            r"\|\s*(Preemptible )?[^|]*\|\s*(?:from )?\\?\$([\d.]+)\s*\|\s*1 GPU hour", line
        )
        if price and holds and dollars and platform:
            billing = "spot" if price[1] else "on-demand"
            for region in regions or [""]:
                yield ("nebius", platform, billing, None, region or None), float(price[2])


READINGS: dict[str, Callable[[], Due]] = {
    name.removeprefix("due_"): made
    for name, made in list(globals().items())
    if name.startswith("due_")
}


@pytest.mark.parametrize("name", READINGS)
def test_a_second_reading_finds_the_same_machines_at_the_same_prices(name: str) -> None:
    due = {machine: round(usd, 4) for machine, usd in READINGS[name]()}
    found = {
        (key.provider, key.instance, key.billing, key.months, key.place): round(usd, 4)
        for key, usd in read(SOURCES[name], payloads_of(name, None)).items()
    }
    assert due
    assert found == due
