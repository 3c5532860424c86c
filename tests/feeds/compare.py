"""Compares what a refresh stores with an independent reading of the same payloads, row by row.

    python tests/feeds/compare.py FOLDER [SOURCE ...]

FOLDER holds real payloads, one folder a source, as `ROUTES` names them. They are served from a
port of this machine, each source refreshes from them into a store of its own, and every stored
offer is held against `DUE`: a second reading of the file that shares no code with the sources.
Printed for each source: rows due, rows stored, precision, recall, wrong prices. Ends with 1 when
one of them is not 1, 1 and 0.
"""

from __future__ import annotations

import asyncio
import csv
import json
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":
    root = Path(__file__).parent.parent.parent
    sys.path[:0] = [str(root), str(root / "tests"), str(root / "tests" / "support")]

from feeds.server import FeedServer, Reply, Request

from knowledge.prices.offer import OfferFilter
from knowledge.prices.store import Store
from knowledge.refresh.refresh import Wanted, refresh
from knowledge.sources import SOURCES

USD_PER_EUR = 1.1534
RATES = (
    f'<Envelope><Cube><Cube time="{datetime.now(UTC):%Y-%m-%d}">'
    f'<Cube currency="USD" rate="{USD_PER_EUR}"/></Cube></Cube></Envelope>'
).encode()


class Row(NamedTuple):
    """What a buyer cares about of a price."""

    provider: str
    card: str
    """Letters and digits of the card's name, without vendor, memory or form factor."""
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    billing: str
    months: int | None
    place: str
    """The region where the payload names one for the price, else the country, else ""."""


Due = Iterator[tuple[Row, float]]
"""Each row with USD per hour of the whole machine."""


def card(name: str) -> str:
    """A card's name by rules of this file's own."""
    low = name.lower().replace("_", " ").replace("-", " ")
    low = re.sub(
        r"\((.*?)\)|\bnvidia\b|\bamd\b|\binstinct\b|\btesla\b|\bgeforce\b|\bhgx\b", " ", low
    )
    low = re.sub(r"\b(sxm\d?|pcie|nvl(?!\d)|nvl72|oam|fhhl|hbm3e?|gddr\d|mega|nvlink)\b", " ", low)
    low = re.sub(r"\b\d+ ?(gb|g)\b|\b(40|80)$", " ", low)
    low = re.sub(r"\b(generation|edition|blackwell|workstation|server|max q|pro v\d)\b", " ", low)
    low = re.sub(r"[^a-z0-9]", "", low)
    low = {"a100x80gb": "a100", "a10080gb": "a100", "h100mega": "h100", "v10032gb": "v100"}.get(
        low, low
    )
    low = re.sub(r"^rtx(a\d{4})$", r"\1", low)
    return {
        "rtxa2000": "a2000",
        "4070sti": "rtx4070tisuper",
        "h100t": "h100",
        "rtx6000": "quadrortx6000",
        "rtxpro": "rtxpro6000",
    }.get(low, low)


def loaded(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


# -- second readings -------------------------------------------------------------------------


def due_azure(folder: Path) -> Due:
    holds = {"ND96isr_H100_v5": ("h100", 8), "ND96asr_v4": ("a100", 8), "ND96asr_A100_v4": ("a100", 8),
             "ND96is_H100_v5": ("h100", 8), "ND96isr_H200_v5": ("h200", 8), "ND96amsr_A100_v4": ("a100", 8),
             "ND96ams_A100_v4": ("a100", 8)}  # fmt: skip
    for file in sorted(folder.glob("*.json")):
        for item in loaded(file)["Items"]:
            words = f"{item['productName']} {item['meterName']} {item['skuName']}"
            size = item["armSkuName"].removeprefix("Standard_")
            if re.search(r"Windows|Low Priority|Cloud ?Services", words) or size not in holds:
                continue
            name, count = holds[size]
            billing, months, usd = "on-demand", None, item["retailPrice"]
            if item["type"] == "Reservation":
                months = 12 * int(item["reservationTerm"].split()[0])
                billing, usd = "reserved", usd / (months * 730)
            elif "Spot" in words:
                billing = "spot"
            if usd:
                yield Row("azure", name, count, billing, months, item["armRegionName"]), usd


def flex_start(root: Path) -> dict[str, set[float]]:
    """Prices of cards in flex-start machines, and never on demand, by Google's own list of SKUs."""
    found: dict[str, set[float]] = defaultdict(set)
    on_demand: dict[str, set[float]] = defaultdict(set)
    for file in (root / "gcp_billing").glob("*.json"):
        for sku in loaded(file):
            label = sku["description"]
            money = sku["pricingInfo"][0]["pricingExpression"]["tieredRates"][0]["unitPrice"]
            usd = int(money.get("units") or 0) + money.get("nanos", 0) / 1e9
            name = card(label.split(" GPU")[0])
            if "DWS Defined Duration" in label:
                found[name].add(round(usd, 3))
            elif " GPU running in" in label and not re.match("Commitment|Reserved", label):
                on_demand[name].add(round(usd, 3))
    return {
        name: {
            usd
            for usd in prices
            if all(abs(usd / other - 1) > 0.01 for other in on_demand[name] - {0})
        }
        for name, prices in found.items()
    }


def due_skypilot(folder: Path) -> Due:
    flex = flex_start(folder.parent)
    for file in sorted(folder.glob("*-vms.csv")):
        cloud = file.name.removesuffix("-vms.csv")
        if cloud == "nebius":
            continue  # its prices stopped moving
        rows = list(csv.DictReader(file.open(encoding="utf-8")))
        if cloud == "gcp":
            yield from due_google(rows, flex)
            continue
        best: dict[Row, float] = {}
        provider = {"yotta": "yottalabs", "vast": "vastai"}.get(cloud, cloud)
        for row in rows:
            cards = row["AcceleratorName"]
            count = float(row["AcceleratorCount"] or 0)
            if not cards or count != int(count) or cards == "MI25":
                continue
            place = "" if cloud in ("lambda", "oci") else row["Region"].lower()
            prices = {"on-demand": float(row["Price"] or 0), "spot": float(row["SpotPrice"] or 0)}
            if prices["spot"] >= prices["on-demand"] > 0:
                prices["spot"] = 0
            for billing, usd in prices.items():
                key = Row(
                    provider,
                    card(cards) + " " + row["InstanceType"],
                    int(count),
                    billing,
                    None,
                    place,
                )
                if usd and usd < best.get(key, 1e9):
                    best[key] = usd
        for key, usd in best.items():
            yield key._replace(card=key.card.split()[0]), usd


def due_google(rows: list[dict[str, str]], flex: dict[str, set[float]]) -> Due:
    machines = {"a2-highgpu": "A100", "a2-megagpu": "A100", "a2-ultragpu": "A100-80GB", "a3-highgpu": "H100",
                "a3-edgegpu": "H100",
        "a3-megagpu": "H100-MEGA", "g2-standard": "L4", "a3-ultragpu": "H200"}  # fmt: skip
    sizes = {"g2-standard-4": 1, "g2-standard-8": 1, "g2-standard-12": 1, "g2-standard-16": 1, "g2-standard-32": 1,
             "g2-standard-24": 2, "g2-standard-48": 4, "g2-standard-96": 8, "a2-megagpu-16g": 16}  # fmt: skip
    cards: dict[tuple[str, int, str], tuple[float, float]] = {}
    best: dict[Row, float] = {}

    def note(key: Row, usd: float) -> None:
        if usd and usd < best.get(key, 1e9):
            best[key] = usd

    for row in rows:
        name, zone = row["AcceleratorName"], row["AvailabilityZone"]
        usd, spot = float(row["Price"] or 0), float(row["SpotPrice"] or 0)
        if not name:
            continue
        if name.startswith("tpu"):
            generation, chips = name.removeprefix("tpu-").split("-")
            size = int(chips) // 2 if generation in ("v2", "v3", "v4", "v5p") else int(chips)
            if size > 1024 or 700 in (usd, spot):
                usd, spot = (0 if p == 700 else p for p in (usd, spot)) if size <= 1024 else (0, 0)
            if spot >= usd:
                spot = 0
            for billing, price in (("on-demand", usd), ("spot", spot)):
                note(
                    Row(
                        "gcp",
                        f"tpu{generation.replace('5litepod', '5e')}",
                        size,
                        billing,
                        None,
                        row["Region"],
                    ),
                    price,
                )
            continue
        count = int(float(row["AcceleratorCount"]))
        if round(usd / count, 3) in flex.get(card(name), ()) or spot >= usd:
            usd = 0
        cards[name, count, zone] = (usd, spot)
        if name == "B200" and count == 8:
            note(Row("gcp", "b200", 8, "spot", None, row["Region"]), spot)
        if name in ("T4", "V100", "P100", "P4"):
            note(Row("gcp", card(name), count, "on-demand", None, row["Region"]), usd)
            note(Row("gcp", card(name), count, "spot", None, row["Region"]), spot)
    for row in rows:
        kind, _, size = row["InstanceType"].removesuffix("-nolssd").rpartition("-")
        if row["AcceleratorName"] or kind not in machines:
            continue
        count = sizes.get(f"{kind}-{size}") or int(size.removesuffix("g"))
        part = cards.get((machines[kind], count, row["AvailabilityZone"]))
        if part is None:
            continue
        usd, spot = float(row["Price"] or 0), float(row["SpotPrice"] or 0)
        only_spot = kind == "a3-ultragpu" or (kind == "a3-highgpu" and count < 8)
        name = card(machines[kind]) + " " + row["InstanceType"]
        if usd and part[0] and not only_spot:
            note(Row("gcp", name, count, "on-demand", None, row["Region"]), usd + part[0])
        if spot and part[1]:
            note(Row("gcp", name, count, "spot", None, row["Region"]), spot + part[1])
    for key, usd in best.items():
        yield key._replace(card=key.card.split()[0]), usd


def due_gpurentalprices(folder: Path) -> Due:
    places = {"United States": "us", "Japan": "jp", "Romania": "ro", "Germany": "de", "Finland": "fi",
              "Australia": "au", "Greece": "gr", "Kazakhstan": "kz", "Hong Kong": "hk"}  # fmt: skip
    ours = {"datacrunch": "verda"}
    latest = max(folder.glob("*.json"))
    best: dict[tuple[Row, str], float] = {}
    for one in loaded(latest)["offers"]:
        if one["kind"] == "serverless" or one["provider"] in ("runpod", "vast"):
            continue
        billing = {"marketplace": "on-demand", "secure": "on-demand", "community": "on-demand"}.get(
            one["kind"], one["kind"]
        )
        if one["provider"] == "salad" and billing == "on-demand":
            billing = "spot"
        count = one.get("min_gpus") or 1
        months = (one.get("commitment") or {}).get("months")
        where = one.get("region") or ""
        country = places.get(where.rsplit(", ", 1)[-1])
        place = country or where
        if one["provider"] == "hotaisle":
            place = "us"  # their only site
        name = re.sub(r"-(sxm|pcie|nvl)\b.*|-(40|80)$", "", one["gpu"])
        provider = ours.get(one["provider"], one["provider"])
        key = (
            Row(provider, card(name), count, billing, months, place),
            one.get("instance", one["gpu"]) + one["kind"],
        )
        usd = one["usd_hr"] * count
        if usd < best.get(key, 1e9):
            best[key] = usd
    for (row, _), usd in best.items():
        yield row, usd


def due_runpod(folder: Path) -> Due:
    terms = {"oneMonthPrice": 1, "threeMonthPrice": 3, "sixMonthPrice": 6}
    for kind in loaded(min(folder.glob("*.json")))["data"]["gpuTypes"]:
        if kind["id"] == "unknown":
            continue
        name = card(kind["displayName"])
        for product in ("secure", "community"):
            listed = kind[f"{product}Price"]
            if not listed or not kind[f"{product}Cloud"]:
                continue
            prices: list[tuple[str, int | None, float | None]] = [("on-demand", None, listed)]
            spot = kind[f"{product}SpotPrice"]
            prices.append(("spot", None, spot if spot and spot < listed else None))
            if product == "secure":
                prices += [
                    ("reserved", m, kind.get(k) if (kind.get(k) or 0) <= listed else None)
                    for k, m in terms.items()
                ]
            for size in (1, 2, 4, 8):
                if size <= (kind["maxGpuCount"] or 1):
                    for billing, months, usd in prices:
                        if usd:
                            yield Row("runpod", name, size, billing, months, ""), usd * size


def due_gcp_billing(folder: Path) -> Due:
    """Cards that go into a machine of one's choice; the file has no hosts to add others to."""
    for sku in loaded(next(folder.glob("*.json"))):
        found = re.match(
            r"(Commitment v1: )?Nvidia Tesla (T4|V100|P100|P4) GPU (attached to Spot Preemptible VMs )?"
            r"running in (.+?)(?: for (\d) Years?)?$",
            sku["description"],
        )
        money = sku["pricingInfo"][0]["pricingExpression"]["tieredRates"][0]["unitPrice"]
        usd = int(money.get("units") or 0) + money.get("nanos", 0) / 1e9
        if found and usd:
            billing = "reserved" if found[1] else "spot" if found[3] else "on-demand"
            months = 12 * int(found[5]) if found[5] else None
            yield Row("gcp", found[2].lower(), 1, billing, months, found[4].lower()), usd


def as_catalogue(file: Path) -> bytes:
    """The SKUs with what the file's collector left out; every commitment is labelled on demand."""
    skus = []
    for sku in loaded(file):
        place = re.search(r"running in (.+?)(?: for \d Years?)?$", sku["description"])
        spot = "Spot" in sku["description"]
        kind = {"resourceGroup": "GPU", "usageType": "Preemptible" if spot else "OnDemand"}
        skus.append({**sku, "category": kind, "serviceRegions": [place[1]] if place else []})
    return json.dumps({"skus": skus}).encode()


def due_oci(folder: Path) -> Due:
    coded = {"X7": "p100", "V2": "v100", "E3": "a100", "E4": "a100", "A100 - v2": "a100"}
    for item in loaded(next(folder.glob("*.json")))["items"]:
        label = " ".join(item["displayName"].split())
        if item["metricName"] != "GPU Per Hour" or re.search(r"NVIDIA AI|Cloud@Customer", label):
            continue
        name = re.split(r"GPU(?: Standard)? - ", label)[-1]
        usd = item["currencyCodeLocalizations"][0]["prices"][0]["value"]
        yield Row("oci", coded.get(name) or card(name), 1, "on-demand", None, "global"), usd


def due_scaleway(folder: Path) -> Due:
    names = {
        "B300-SXM": "b300",
        "H100": "h100",
        "H100-SXM": "h100",
        "L40S": "l40s",
        "L4": "l4",
        "GPU": "p100",
        "RENDER": "p100",
    }
    for file in sorted(folder.glob("*.json")):
        for name, server in loaded(file)["servers"].items():
            if server.get("gpu") and not server.get("end_of_service"):
                kind = re.sub(r"-\d.*", "", name)
                info = (server.get("gpu_info") or {}).get("gpu_name")
                label = card(info) if info else names.get(kind, kind.lower())
                yield (
                    Row("scaleway", label, server["gpu"], "on-demand", None, "fr-par-2"),
                    server["hourly_price"] * USD_PER_EUR,
                )


def due_ovhcloud(folder: Path) -> Due:
    for addon in loaded(next(folder.glob("*.json")))["addons"]:
        gpu = addon["blobs"]["technical"].get("gpu")
        if gpu and ".consumption" in addon["planCode"]:
            usd = addon["pricings"][0]["price"] / 1e8 * USD_PER_EUR
            yield Row("ovh", card(gpu["model"]), gpu["number"], "on-demand", None, "global"), usd


def due_voltagepark(folder: Path) -> Due:
    for site in loaded(folder / "locations.json")["results"]:
        specs = site["specs_per_node"]
        for fabric in ("ethernet", "infiniband"):
            usd = float(site[f"gpu_price_{fabric}"]) * specs["gpu_count"]
            yield Row("voltagepark", "h100", specs["gpu_count"], "on-demand", None, site["id"]), usd
    for preset in loaded(folder / "presets.json"):
        count = preset["resources"]["gpus"]["h100-sxm5-80gb"]["count"]
        yield (
            Row("voltagepark", "h100", count, "on-demand", None, "us"),
            float(preset["compute_rate_hourly"]),
        )


def due_lambda(folder: Path) -> Due:
    for name, entry in loaded(next(folder.glob("*.json")))["data"].items():
        found = re.match(r"gpu_(\d+)x_([a-z0-9]+)", name)
        assert found
        for region in [one["name"] for one in entry["regions_with_capacity_available"]] or [""]:
            usd = entry["instance_type"]["price_cents_per_hour"] / 100
            yield Row("lambda", found[2], int(found[1]), "on-demand", None, region), usd


def due_shadeform(folder: Path) -> Due:
    sellers = {"lambdalabs": "lambda"}
    for kind in loaded(next(folder.glob("*.json")))["instance_types"]:
        seller = sellers.get(kind["cloud"], kind["cloud"])
        for place in kind["availability"] or [{"region": "", "rental_type": "on_demand"}]:
            spot = place["rental_type"] == "spot"
            usd = float(place["hourly_price"]) if spot else kind["hourly_price"] / 100
            row = Row(
                seller,
                card(kind["gpu_type"]),
                kind["num_gpus"],
                "spot" if spot else "on-demand",
                None,
                place["region"],
            )
            yield row, usd


def due_verda(folder: Path) -> Due:
    for kind in loaded(next(folder.glob("*.json"))):
        count = kind["gpu"]["number_of_gpus"]
        if count:
            name = card(re.sub(r"^\d+x ", "", kind["gpu"]["description"]))
            for billing, key in (("on-demand", "price_per_hour"), ("spot", "spot_price")):
                yield Row("verda", name, count, billing, None, ""), float(kind[key])


def due_digitalocean(folder: Path) -> Due:
    for size in loaded(next(folder.glob("*.json")))["sizes"]:
        gpu = size.get("gpu_info")
        if gpu:
            for region in size["regions"] or [""]:
                yield (
                    Row(
                        "digitalocean", card(gpu["model"]), gpu["count"], "on-demand", None, region
                    ),
                    size["price_hourly"],
                )


def due_coreweave(folder: Path) -> Due:
    text = next(folder.glob("*.html")).read_text("utf-8")
    text = (
        text[: text.find("On-demand CPU instances")] if "On-demand CPU instances" in text else text
    )
    place = ""
    for part in re.split(r"(?=REGION:)|(?=role=\"listitem\")", text):
        if found := re.match(r"REGION:\s*([A-Za-z ]+)", part):
            place = found[1].strip().lower()
        plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part))
        if not part.startswith('role="listitem"') or "GPU Count" not in plain:
            continue
        title = re.search(r"<h3[^>]*>(.*?)</h3>", part, re.DOTALL)
        count = re.search(r"(\d{1,2})(?: ?\^ ?\d+)? GPU Count", plain)
        assert title, plain[:200]
        assert count, plain[:200]
        name = card(re.sub(r"<[^>]+>", " ", title[1]))
        for label, billing in (("On-Demand Price", "on-demand"), ("Spot Price", "spot")):
            price = re.search(label + r":? ?(?:/ ?Hour)? ?\$ ?([\d.]+)", plain, re.IGNORECASE)
            if price:
                yield Row("coreweave", name, int(count[1]), billing, None, place), float(price[1])


def due_together(folder: Path) -> Due:
    """By hand, from the visible table of the page of August 2026."""
    text = next(folder.glob("*.html")).read_text("utf-8")
    start, end = text.find('id="gpu-clusters"'), text.find('id="sandbox"')
    section = text[start : end if end > 0 else None]
    table = re.findall(r"<table.*?</table>", section, re.DOTALL)
    for body in table:
        before = section[: section.find(body)]
        if re.search(
            r'class="[^"]*\b(hide|hidden|w-condition-invisible)\b[^"]*"[^>]*>[^$]*$', before[-300:]
        ):
            continue
        for line in re.findall(r"<tr.*?</tr>", body, re.DOTALL):
            cells = [
                re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip()
                for cell in re.findall(r"<t[dh].*?</t[dh]>", line, re.DOTALL)
            ]
            if len(cells) < 3 or "$" not in "".join(cells):
                continue
            name = card(cells[0])
            kinds: list[tuple[str, int | None]] = [
                ("on-demand", None),
                ("reserved", None),
                ("reserved", 1),
                ("reserved", 3),
            ]
            for cell, (billing, months) in zip(cells[1:], kinds, strict=False):
                if found := re.search(r"\$([\d.]+)", cell):
                    yield Row("together", name, 8, billing, months, "us"), float(found[1]) * 8


def due_vultr(folder: Path) -> Due:
    for file in sorted(folder.glob("*.json")):
        body = loaded(file)
        for plan in body.get("plans", []):
            size = {"a100": 80, "h100": 80, "l40s": 48, "a40": 48, "a16": 16}
            name = card(plan.get("gpu_type") or "")
            if name and plan["gpu_vram_gb"] >= size[name]:
                for region in plan["locations"] or [""]:
                    for billing, key in (
                        ("on-demand", "hourly_cost"),
                        ("spot", "hourly_cost_preemptible"),
                    ):
                        if plan.get(key):
                            yield (
                                Row(
                                    "vultr",
                                    name,
                                    round(plan["gpu_vram_gb"] / size[name]),
                                    billing,
                                    None,
                                    region,
                                ),
                                plan[key],
                            )
        for plan in body.get("plans_metal", []):
            found = re.search(r"-(\d+)-([a-z0-9]+)-gpu$", plan["id"])
            if found:
                for region in plan["locations"] or [""]:
                    for billing, key in (
                        ("on-demand", "hourly_cost"),
                        ("spot", "hourly_cost_preemptible"),
                    ):
                        if plan.get(key):
                            yield (
                                Row("vultr", card(found[2]), int(found[1]), billing, None, region),
                                plan[key],
                            )


DUE: dict[str, Callable[[Path], Due]] = {
    name.removeprefix("due_"): made
    for name, made in list(globals().items())
    if name.startswith("due_") and name != "due_google"
}


# -- serving ---------------------------------------------------------------------------------


def routes(name: str, folder: Path) -> dict[str, bytes]:
    """What each path of a source answers; every other path is not there."""

    def one(pattern: str = "*") -> bytes:
        return min(folder.glob(pattern)).read_bytes()

    if name == "skypilot":
        return {
            f"/catalogs/v8/{file.name.removesuffix('-vms.csv')}/vms.csv": file.read_bytes()
            for file in folder.glob("*-vms.csv")
        }
    if name == "scaleway":
        pages = sorted(folder.glob("*.json"))
        path = "/instance/v1/zones/fr-par-2/products/servers"
        return {f"{path}?&page={n}": page.read_bytes() for n, page in enumerate(pages, 1)} | {
            f"{path}?&page={len(pages) + 1}": b'{"servers": {}}'
        }
    return {
        "azure": lambda: {"/api/retail/prices?Consumption": one(), "/api/retail/prices?Reservation": b'{"Items": []}'},
        "gpurentalprices": lambda: {"/api/latest.json": max(folder.glob("*.json")).read_bytes()},
        "gcp_billing": lambda: {
            "/v1/services/6F81-5844-456A/skus": as_catalogue(next(folder.glob("*.json")))
        },
        "runpod": lambda: {"/graphql": one()},
        "oci": lambda: {"/pls/apex/cetools/api/v1/products/": one()},
        "ovhcloud": lambda: {"/1.0/order/catalog/public/cloud": one()},
        "voltagepark": lambda: {
            "/api/v1/bare-metal/locations": one("locations*"),
            "/api/v1/instant-deploy-presets/": one("presets*"),
        },
        "lambda": lambda: {"/api/v1/instance-types": one()},
        "shadeform": lambda: {"/v1/instances/types": one()},
        "verda": lambda: {"/v1/instance-types": one()},
        "digitalocean": lambda: {"/v2/sizes": one()},
        "coreweave": lambda: {"/pricing": one()},
        "together": lambda: {"/pricing": one()},
        "vultr": lambda: {"/v2/plans": one("*plans*"), "/v2/plans-metal": one("*metal*")},
    }[name]()  # fmt: skip


TYPES = {"coreweave": "text/html", "together": "text/html", "skypilot": "text/csv"}


def answering(name: str, folder: Path) -> FeedServer:
    found = routes(name, folder)
    server = FeedServer()
    kind = TYPES.get(name, "application/json")

    def answer(request: Request) -> Reply:
        if request.path.endswith("eurofxref-daily.xml"):
            return Reply(RATES, content_type="text/xml")
        for route, body in found.items():
            path, _, query = route.partition("?")
            if request.path == path and query in request.target:
                return Reply(body, content_type=kind)
        return Reply(b"not found", 404, "text/plain")

    server.otherwise(answer)
    return server


# -- comparing -------------------------------------------------------------------------------


async def stored(name: str, folder: Path, at: Path) -> tuple[list[tuple[Row, float]], str]:
    """Every stored offer with a card, and the refresh's fault or what it left out."""
    now = datetime.now(UTC)
    store = Store.open(at / f"{name}.db", now)
    source = SOURCES[name]
    with answering(name, folder) as server:
        wanted = Wanted(
            names=(name,),
            addresses={name: server.url, "ecb": server.url},
            keys={source.key_setting: "key"} if source.key_setting else {},
            opt_in=frozenset({name, "runpod", "shadeform", "vastai"}),
        )
        report = await refresh(store, wanted, clock=lambda: datetime.now(UTC))
    (one,) = report.sources
    said = one.fault or ", ".join(
        f"{what} ({count})" for what, count in list(one.unknown.items())[:6]
    )
    rows = []
    with store.writing() as connection:
        # Offers that step back for others are this source's all the same.
        connection.execute("UPDATE offers SET shown = 1 WHERE source = ?", (name,))
    for offer in store.offers(OfferFilter()):
        if offer.source == name:
            place = offer.region or offer.country or ""
            if name == "gpurentalprices" and offer.country and offer.provider != "azure":
                place = offer.country
            label = card(offer.accelerator or "")
            row = Row(
                offer.provider, label, offer.count, offer.billing, offer.term_months, place.lower()
            )
            rows.append((row, offer.price_usd_per_hour))
    store.close()
    return rows, said


class Compared(NamedTuple):
    due: int
    stored: int
    precision: float
    recall: float
    wrong: int
    odd: list[str]


def compared(due: list[tuple[Row, float]], found: list[tuple[Row, float]]) -> Compared:
    """Rows match by all their fields and the price to a hundredth of a per cent."""
    want = Counter((row, float(f"{usd:.4g}")) for row, usd in due)
    have = Counter((row, float(f"{usd:.4g}")) for row, usd in found)
    both = want & have
    extra, missing = have - both, want - both
    open_rows = Counter(row for row, _ in missing.elements())
    wrong = sum(
        min(count, open_rows[row])
        for row, count in Counter(row for row, _ in extra.elements()).items()
    )
    odd = [f"  stored, not due: {tuple(row)} {usd}" for row, usd in list(extra)[:8]]
    odd += [f"  due, not stored: {tuple(row)} {usd}" for row, usd in list(missing)[:8]]
    matched = both.total()
    return Compared(
        want.total(),
        have.total(),
        matched / max(1, have.total()),
        matched / max(1, want.total()),
        wrong,
        odd,
    )


def main(folder: Path, names: list[str]) -> int:
    bad = 0
    with tempfile.TemporaryDirectory() as at:
        for name in names or sorted(name for name in DUE if (folder / name).is_dir()):
            due = [
                (row._replace(place=row.place.lower()), usd)
                for row, usd in DUE[name](folder / name)
            ]
            found, said = asyncio.run(stored(name, folder / name, Path(at)))
            one = compared(due, found)
            right = one.due == one.stored and one.precision == one.recall == 1 and not one.wrong
            bad += not right
            print(
                f"{name:16} due {one.due:5} stored {one.stored:5}  precision {one.precision:.4f} "
                f"recall {one.recall:.4f}  wrong prices {one.wrong}"
                + (f"  left out: {said}" if said else "")
            )
            print("\n".join(one.odd), end="\n" if one.odd else "")
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
