"""The traps that real payloads held, in bodies of our own: each makes the right offer, or none."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from feed_payloads import FETCHED_AT, Wire, fetched
from feed_rows import edited, offer, offers, read

from knowledge.feeds.source import ParseFault, PartFault, Payload, PerInstance, RawOffer, Row
from knowledge.prices.offer import Offer
from knowledge.refresh.normalising import Normalised, normalised
from knowledge.sources import SOURCES

GOOGLE = "InstanceType,vCPUs,MemoryGiB,AcceleratorName,AcceleratorCount,GpuInfo,Region,AvailabilityZone,Price,SpotPrice"
PLAIN = (
    "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice"
)


def payload(body: Any, tag: str = "", **more: Any) -> Payload:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Payload("https://feed.example/x", raw, FETCHED_AT, tag=tag, **more)


def parsed(name: str, *payloads: Payload) -> list[Row]:
    return list(SOURCES[name].parse(payloads))


def resolved(name: str, rows: Sequence[Row]) -> Normalised:
    return normalised(rows, SOURCES[name], [payload("")], now=FETCHED_AT, allowed=("shadeform",))


def stored(name: str, *payloads: Payload) -> list[Offer]:
    return resolved(name, parsed(name, *payloads)).offers


# -- SkyPilot --------------------------------------------------------------------------------

ZONES = {  # zone: on demand and spot of one H100
    "us-east4-a": (9.8, 2.9), "europe-west1-b": (10.8, 3.1), "europe-west4-b": (12.7, 3.7),
    "asia-south1-c": (10.2, 3.1),
    "us-west4-a": (4.2, 3.2),  # about half of the others
    "us-central1-a": (4.2, 4.3),  # no higher than its own spot price
}  # fmt: skip


def google(zones: dict[str, tuple[float, float]], size: int = 8) -> list[str]:
    lines = []
    for zone, (usd, spot) in zones.items():
        region = zone.rpartition("-")[0]
        lines += [
            f"a3-highgpu-{size}g,208.0,1872.0,,,,{region},{zone},9.5,2.9",
            f",,,H100,{size},,{region},{zone},{usd * size:.2f},{spot * size:.2f}",
        ]
    return lines


def test_flex_start_prices_are_not_on_demand_and_their_spot_prices_stay() -> None:
    """Every zone keeps its spot price; on demand stands only where it is on demand."""
    found = stored("skypilot", payload("\n".join([GOOGLE, *google(ZONES)]), "gcp"))
    by_billing = {
        kind: {one.region for one in found if one.billing == kind} for kind in ("on-demand", "spot")
    }
    assert by_billing["on-demand"] == {"us-east4", "europe-west1", "europe-west4", "asia-south1"}
    assert by_billing["spot"] == {zone.rpartition("-")[0] for zone in ZONES}


def test_a_file_with_flex_start_in_nearly_every_zone_is_known_by_the_bundled_price() -> None:
    """Its own prices no longer say what is usual."""
    wrong = dict.fromkeys(ZONES, (4.2, 3.2))
    found = stored("skypilot", payload("\n".join([GOOGLE, *google(wrong)]), "gcp"))
    assert {one.billing for one in found} == {"spot"}


def test_a_price_list_multiplied_with_every_region_names_no_place() -> None:
    """Of Lambda, and of any cloud whose file does it."""
    lines = [
        f"gpu_{n}x_h100,H100,{n},26,225,{2.99 * n:.2f},{region},,"
        for n in (1, 2, 8)
        for region in ("IT-1", "CH-1", "BG-1")
    ]
    for cloud in ("lambda", "seeweb"):
        rows = offers(parsed("skypilot", payload("\n".join([PLAIN, *lines]), cloud)))
        assert [(row.region, row.count) for row in rows] == [(None, 1), (None, 2), (None, 8)]
        assert all("does not say where" in (row.note or "") for row in rows)
    rows = offers(parsed("skypilot", payload("\n".join([PLAIN, *lines[:-1]]), "seeweb")))
    assert {row.region for row in rows} == {"IT-1", "CH-1", "BG-1"}


def test_a_broken_cloud_fails_alone() -> None:
    """A line with a cell too many, and one that was not answered."""
    good = payload(f"{PLAIN}\ngpu_1x_a10,A10,1,30,200,1.29,us-west-1,,", "lambda")
    cells = payload(f"{PLAIN}\nx,A10,1,30,200,1.29,us,V1,V2,,", "azure")
    silent = payload("", "verda", fault="answered 503")
    rows = parsed("skypilot", good, cells, silent)
    assert [row.provider for row in rows if isinstance(row, PartFault)] == ["azure", "verda"]
    assert [row.provider for row in offers(rows)] == ["lambda"]


def test_machines_without_cards_are_kept_once_a_size() -> None:
    lines = [f"m{size},,,4,16,{usd},r{usd},," for size in (1, 2) for usd in (0.3, 0.2, 0.4)]
    rows = offers(
        parsed(
            "skypilot", payload("\n".join([PLAIN, *lines]), "nosuch".replace("nosuch", "seeweb"))
        )
    )
    assert [(row.instance_type, row.price.amount) for row in rows] == [("m1", 0.2), ("m2", 0.2)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Standard_NV12ads_A10_v5,A10,1,12,110,0.908,eastus,,0.2", "a part of a card"),
        ("Standard_ND96isr_H100_v5,H100,12,96,1900,98.32,westus3,,", "it holds 8x H100"),
    ],
)
def test_a_third_party_does_not_decide_what_a_machine_holds(line: str, why: str) -> None:
    found = resolved("skypilot", parsed("skypilot", payload(f"{PLAIN}\n{line}", "azure")))
    assert found.offers == []
    assert any(why in told for told in found.told)


def test_one_price_for_every_size_is_held_back() -> None:
    lines = [f"{n}x_A6000_SECURE,RTXA6000,{n},8,32,0.79,it-fr2,,0.49" for n in (1, 2, 4, 8)]
    found = resolved("skypilot", parsed("skypilot", payload("\n".join([PLAIN, *lines]), "seeweb")))
    assert found.offers == []
    assert found.unknown.total() == 8
    assert any("cost the same" in told for told in found.told)


# -- gpurentalprices -------------------------------------------------------------------------


def tracked(*rows: dict[str, Any]) -> list[Offer]:
    base = {
        "vram_gb": 80,
        "kind": "on-demand",
        "source_url": "https://x",
        "fetched_at": "2026-11-24T21:01:00Z",
    }
    body = {
        "generated_at": "2026-11-25T05:00:00Z",
        "providers": {},
        "offers": [{**base, **row} for row in rows],
    }
    return stored("gpurentalprices", payload(body))


def test_what_a_tracker_now_says_of_place_term_and_machine_is_read() -> None:
    azure, month, year, first, node = tracked(
        {"provider": "azure", "gpu": "h100", "usd_hr": 2.0, "kind": "spot", "min_gpus": 8, "region": "eastus", "instance": "Standard_ND96isr_H100_v5"},
        {"provider": "latitude", "gpu": "h100", "usd_hr": 3.0, "kind": "reserved", "min_gpus": 8, "region": "United States", "instance": "g4", "commitment": {"type": "term", "months": 1}},
        {"provider": "latitude", "gpu": "h100", "usd_hr": 2.0, "kind": "reserved", "min_gpus": 8, "region": "United States", "instance": "g4", "commitment": {"type": "term", "months": 12}},
        {"provider": "hyperstack", "gpu": "h100", "usd_hr": 1.75, "kind": "reserved", "rate_basis": "starting-at", "commitment": {"type": "quote"}},
        {"provider": "lium", "gpu": "h100", "usd_hr": 1.9, "kind": "marketplace", "min_gpus": 2, "region": "Helsinki, Finland", "instance": "Marketplace node 0cb4; 8 GPUs on host"},
    )  # fmt: skip
    assert (azure.instance_type, azure.region, azure.country, azure.price_usd_per_hour) == (
        "Standard_ND96isr_H100_v5", "eastus", "US", 16,
    )  # fmt: skip
    assert [(one.term_months, one.country, one.region) for one in (month, year)] == [
        (1, "US", None), (12, "US", None),
    ]  # fmt: skip
    assert (first.starting_at, first.term_months) == (True, None)
    assert (node.country, node.count, node.billing) == ("FI", 2, "on-demand")
    assert "0cb4" in node.instance_type


def test_interruptible_sellers_and_cards_without_their_host_say_so() -> None:
    salad, bare = tracked(
        {"provider": "salad", "gpu": "rtx-4090", "vram_gb": 24, "usd_hr": 0.2, "kind": "community"},
        {"provider": "daytona", "gpu": "h100", "usd_hr": 3.95, "instance": "H100; GPU rate only, CPU billed separately"},
    )  # fmt: skip
    assert salad.billing == "spot"
    assert (bare.host_included, bare.instance_type) == (False, "H100")


# -- APIs ------------------------------------------------------------------------------------


def test_lambdas_type_names_stand_in_for_its_descriptions() -> None:
    kinds = {
        name: {"instance_type": {"name": name, "price_cents_per_hour": cents, "specs": {"gpus": count}},
               "regions_with_capacity_available": [{"name": "us-east-1"}] * (count == 8)}
        for name, cents, count in (("gpu_8x_h100_sxm5", 2392, 8), ("gpu_1x_a100_sxm4", 199, 1), ("gpu_1x_gh200", 229, 1))
    }  # fmt: skip
    found = stored("lambda", payload({"data": kinds}))
    assert [(one.accelerator, one.memory_gb, one.form_factor, one.count) for one in found] == [
        ("H100", 80, "SXM", 8), ("A100", 40, "SXM", 1), ("GH200", 96, "Superchip", 1),
    ]  # fmt: skip
    rows = offers(parsed("lambda", payload({"data": kinds})))
    assert [row.stock.state for row in rows if row.stock] == ["available", "sold_out", "sold_out"]


def test_shadeforms_flat_body_its_spot_and_its_places() -> None:
    kind = {
        "cloud": "lambdalabs", "shade_instance_type": "B200x8", "gpu_type": "B200", "num_gpus": 8, "hourly_price": 5352,
        "availability": [
            {"region": "dulles-usa-1", "display_name": "US, Dulles, VA", "available": False, "rental_type": "on_demand"},
            {"region": "x", "display_name": "FI, Central", "available": True, "rental_type": "spot", "hourly_price": "26.76"},
            {"region": "y", "display_name": "Montreal, Canada", "available": True, "rental_type": "spot"},
        ],
    }  # fmt: skip
    found = stored("shadeform", payload({"instance_types": [kind]}))
    assert [(one.billing, one.price_usd_per_hour, one.country) for one in found] == [
        ("on-demand", 53.52, "US"), ("spot", 26.76, "FI"),
    ]  # fmt: skip


def azure(*changes: dict[str, Any]) -> list[RawOffer]:
    base = {
        "armSkuName": "Standard_ND96isr_H100_v5", "armRegionName": "westus3", "productName": "Virtual Machines ND",
        "meterName": "ND96isr", "skuName": "ND96isr", "type": "Consumption", "unitOfMeasure": "1 Hour",
        "retailPrice": 98.32, "meterId": "m", "currencyCode": "USD",
        "effectiveStartDate": "2025-03-01T00:00:00Z",
    }  # fmt: skip
    return offers(
        parsed("azure", payload({"Items": [{**base, **one} for one in changes]}, "Consumption"))
    )


@pytest.mark.parametrize(
    "other",
    [
        {"retailPrice": 49.16, "effectiveStartDate": "2027-01-01T00:00:00Z"},
        {"retailPrice": 49.16, "effectiveEndDate": "2026-01-01T00:00:00Z"},
        {"retailPrice": 49.16, "tierMinimumUnits": 100},
        {"retailPrice": 49.16, "effectiveStartDate": "2024-01-01T00:00:00Z"},
    ],
)
def test_azures_price_in_force_at_the_first_hour_is_the_price(other: dict[str, Any]) -> None:
    """Announced, over, for volume, replaced since: whichever stands first."""
    for rows in (azure({}, other), azure(other, {})):
        assert [row.price for row in rows] == [PerInstance(98.32)]


def sku(label: str, usd: float, kind: str, *more: dict[str, Any]) -> dict[str, Any]:
    def priced(amount: float, since: datetime) -> dict[str, Any]:
        money = {"currencyCode": "USD", "units": str(int(amount)), "nanos": round(amount % 1 * 1e9)}
        rates = [{"startUsageAmount": 0, "unitPrice": money}]
        return {
            "effectiveTime": since.isoformat(),
            "pricingExpression": {"usageUnit": "h", "tieredRates": rates},
        }

    prices = [priced(9.0, FETCHED_AT + timedelta(days=9)), priced(usd, FETCHED_AT - timedelta(days=9)),
              priced(0.1, datetime(2020, 1, 1, tzinfo=UTC))]  # fmt: skip
    return {"description": label, "category": {"resourceGroup": "GPU", "usageType": kind},
            "serviceRegions": ["us-central1"], "pricingInfo": prices}  # fmt: skip


def test_googles_descriptions_and_dates_decide() -> None:
    """A commitment labelled on demand is one; of several prices the one in force holds."""
    skus = [
        sku("Nvidia Tesla T4 GPU running in Americas", 0.35, "OnDemand"),
        sku("Commitment v1: Nvidia Tesla T4 GPU running in Americas for 1 Year", 0.22, "OnDemand"),
        sku("Commitment v1: Nvidia Tesla T4 GPU running in Americas", 0.01, "OnDemand"),
        sku("Nvidia Tesla T4 GPU attached to Spot Preemptible VMs running in Americas", 0.11, "OnDemand"),
        sku("Nvidia Tesla T4 GPU attached to DWS Defined Duration VMs running in Americas", 0.2, "OnDemand"),
        sku("Vertex AI: Nvidia Tesla T4 GPU running in Americas", 0.4, "OnDemand"),
    ]  # fmt: skip
    found = stored("gcp_billing", payload({"skus": skus}))
    assert {(one.billing, one.term_months, round(one.price_usd_per_hour, 6)) for one in found} == {
        ("on-demand", None, 0.35), ("reserved", 12, 0.22), ("spot", None, 0.11),
    }  # fmt: skip


def test_partitions_are_no_cards_in_any_feed() -> None:
    def cut(tree: list[Any]) -> None:
        tree[0]["gpu"]["description"] = "1x NVIDIA A100-SXM4-80GB MIG 3g.40gb"
        tree[0]["gpu_memory"] = None

    rows = read("verda", edited("verda", cut))
    name = offers(rows)[0].instance_type
    found = resolved("verda", rows)
    assert name not in {one.instance_type for one in found.offers}
    assert any("a part of a card" in told for told in found.told)


async def test_a_list_without_a_total_is_asked_on_until_it_is_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two pages, then none; and a server that counts no pages ends it as well."""
    source = SOURCES["primeintellect"]
    pages = [{"items": [{"cloudId": "a"}]}, {"items": [{"cloudId": "b"}]}, {"items": []}]

    def sent(_: Wire, *given: Any) -> Payload:
        asked.append(given)
        return payload(pages[min(len(asked), len(pages)) - 1])

    monkeypatch.setattr(Wire, "_sent", sent)
    asked: list[Any] = []
    assert len(await source.fetch(Wire(source))) == 3
    pages, asked = [pages[0]], []
    assert len(await source.fetch(Wire(source))) == 1
    assert len(asked) == 2


def test_ovh_plans_that_are_sold_and_those_of_three_zones() -> None:
    """`coming_soon` beside `active` speaks of further regions."""

    def sell(tree: dict[str, Any]) -> None:
        plan = next(one for one in tree["addons"] if one["planCode"] == "h100-380.consumption")
        plan["blobs"]["tags"] = ["active", "coming_soon"]
        tree["addons"].append({**plan, "planCode": "h100-380.consumption.3AZ"})

    rows = read("ovhcloud", edited("ovhcloud", sell))
    assert offer(rows, instance_type="h100-380", region="3AZ").price.amount == 2.8
    assert offer(rows, instance_type="h100-380", region="global").price.amount == 2.8


# -- what a feed may have lost, or say twice --------------------------------------------------

HUNT = (
    "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size,"
    "gpu_vendor,flags,cpu_arch,provider_data"
)


def hunted(name: str, *lines: str, header: str = HUNT) -> list[Row]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{name}.csv", "\n".join((header, *lines)) + "\n")
    address = f"https://feed.example/v3/{name}/20261125-1/catalog.zip"
    return parsed("gpuhunt", Payload(address, packed.getvalue(), FETCHED_AT, tag=name))


def test_a_catalogues_flex_start_price_is_no_on_demand_price_of_googles() -> None:
    """The script behind it keeps whichever of Google's prices of a card comes last."""
    rows = hunted(
        "gcp",
        "a3-highgpu-8g,us-central1-a,43.07,208,1872.0,8,H100,80.0,False,,nvidia,,x86,{}",
        "a3-highgpu-8g,us-central1-a,23.9,208,1872.0,8,H100,80.0,True,,nvidia,,x86,{}",
        "a3-highgpu-8g,europe-west4-b,99.1,208,1872.0,8,H100,80.0,False,,nvidia,,x86,{}",
    )
    assert {(row.region, row.billing) for row in offers(rows)} == {
        ("us-central1", "spot"),
        ("europe-west4", "on-demand"),
    }


def test_a_catalogue_that_multiplies_a_price_list_with_regions_names_no_place() -> None:
    rows = hunted(
        "oci",
        *(
            f"BM.GPU.H100.8,{region},80.0,224,2048.0,8,H100,80.0,False,,nvidia,,x86,{{}}"
            for region in ("us-ashburn-1", "af-casablanca-1", "sa-saopaulo-1")
        ),
    )
    assert [(row.region, row.price.amount) for row in offers(rows)] == [(None, 80.0)]
    assert "does not say where" in (offers(rows)[0].note or "")


def test_a_machine_at_two_prices_in_one_place_is_left_out() -> None:
    """Without the column that tells them apart, pods and clusters of RunPod are one machine."""
    rows = hunted(
        "runpod",
        "NVIDIA H100 80GB HBM3,US-TX-3,31.92,128,1000.0,8,H100,80,False,,nvidia,{}",
        "NVIDIA H100 80GB HBM3,US-TX-3,25.52,128,1000.0,8,H100,80,False,,nvidia,{}",
        "NVIDIA H100 80GB HBM3,US-TX-3,3.99,16,125.0,1,H100,80,False,,nvidia,{}",
        header=HUNT.replace("flags,cpu_arch,", ""),
    )
    assert [row.count for row in offers(rows)] == [1]


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp"])
def test_a_price_of_a_cloud_without_its_region_is_of_no_region(cloud: str) -> None:
    line = "m1,,55.04,192,2048.0,8,H100,80.0,False,,nvidia,,x86,{}"
    assert not offers(hunted(cloud, line))


def test_a_column_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(ParseFault, match="twice"):
        hunted("lambdalabs", header=HUNT + ",price")


def test_spot_prices_alone_do_not_say_which_of_them_are_copies() -> None:
    rows = parsed(
        "skypilot",
        payload(f"{PLAIN}\n1A100.22V,A100-80GB,1,22,120,,FIN-01,,1.79\n", "verda"),
        payload(f"{PLAIN}\nu,A100-80GB,1,22,120,1.5,it-fr2,,\n", "seeweb"),
    )
    assert [row.why for row in rows if isinstance(row, PartFault)] == [
        "verda/vms.csv: not one on-demand price"
    ]


def test_a_bare_name_of_two_sizes_means_the_smaller_one_only_where_they_are_named_apart() -> None:
    def memory(cloud: str) -> float | None:
        line = "m,A100,1,22,120,1.79,anywhere-1,,"
        return offers(parsed("skypilot", payload(f"{PLAIN}\n{line}\n", cloud)))[0].memory_gb

    assert memory("lambda") == 40
    assert memory("seeweb") is None


def test_a_list_that_names_no_currency_says_so() -> None:
    (found,) = offers(
        parsed("skypilot", payload(f"{PLAIN}\nu,A30,1,8,32,0.29,it-fr2,,\n", "seeweb"))
    )
    assert "names no currency" in (found.note or "")


def priced_at(**money: Any) -> Payload:
    return payload({"skus": [{
        "description": "Nvidia Tesla T4 GPU running in Americas",
        "category": {"resourceGroup": "GPU", "usageType": "OnDemand"},
        "serviceRegions": ["us-central1", None],
        "pricingInfo": [{"pricingExpression": {"usageUnit": "h", "tieredRates": [
            {"startUsageAmount": 0, "unitPrice": {"currencyCode": "USD", **money}}]}}],
    }]})  # fmt: skip


@pytest.mark.parametrize("money", [
    {"nanos": 350_000_000}, {"units": "1"}, {"units": None, "nanos": 350_000_000},
    {"units": True, "nanos": 0}, {"units": "1", "nanos": -1},
])  # fmt: skip
def test_a_price_that_lost_one_of_its_two_parts_is_none(money: dict[str, Any]) -> None:
    assert not offers(parsed("gcp_billing", priced_at(**money)))


def test_regions_that_are_no_text_are_none() -> None:
    (found,) = offers(parsed("gcp_billing", priced_at(units="0", nanos=350_000_000)))
    assert found.region == "us-central1"


def test_a_table_that_lost_its_header_brings_no_price_of_another_time() -> None:
    text = fetched("nebius")[0].body.decode()
    lost = text.replace("    | **Item — before October 1, 2026** | **Price** | **Per** |\n", "")
    assert lost != text
    good = {(row.instance_type, row.price.amount) for row in offers(read("nebius"))}
    rows = parsed("nebius", replace(fetched("nebius")[0], body=lost.encode()))
    assert {(row.instance_type, row.price.amount) for row in offers(rows)} < good


def test_of_two_prices_in_the_book_the_later_one_holds() -> None:
    def book(*starts: str | None) -> Callable[[Any], object]:
        def change(lines: list[dict[str, Any]]) -> None:
            for line, start in zip(lines[3:5], starts, strict=True):
                line.update(start_time=start, end_time=None)

        return change

    def prices(*starts: str | None) -> set[float]:
        rows = read("hyperstack", edited("hyperstack", book(*starts), "pricebook"))
        return {row.price.amount for row in offers(rows, accelerator_name="B200-SXM")}

    assert prices("2026-09-01T00:00:00", "2026-01-01T00:00:00") == {6.0}
    assert prices("2026-01-01T00:00:00", "2026-09-01T00:00:00") == {5.2}
    assert prices(None, None) == set()


def test_what_does_not_say_whether_it_is_spot_must_not_contradict_itself() -> None:
    def forget(tree: dict[str, Any]) -> None:
        for item in tree["items"]:
            item.pop("isSpot", None)

    pages = [
        replace(page, body=json.dumps(_changed(json.loads(page.body), forget)).encode())
        for page in fetched("primeintellect")
    ]
    known = {(r.instance_type, r.billing, r.price.amount) for r in offers(read("primeintellect"))}
    found = {
        (r.instance_type, r.billing, r.price.amount)
        for r in offers(parsed("primeintellect", *pages))
    }
    assert found
    assert found <= known


def _changed(tree: Any, change: Callable[[Any], object]) -> Any:
    change(tree)
    return tree


def test_prices_that_are_no_list_are_no_price() -> None:
    def spoil(tree: dict[str, Any]) -> None:
        tree["items"][0]["currencyCodeLocalizations"][0]["prices"] = 7

    assert offers(read("oci", edited("oci", spoil, "products")))


def test_machines_of_managed_services_are_no_plain_machines() -> None:
    """SageMaker's types are EC2's under "ml."; Azure's services name the sizes that they run on."""

    def of_a_service(body: dict[str, Any]) -> None:
        for item in body["Items"]:
            item["serviceName"] = "Azure Machine Learning"

    pages = [
        replace(page, body=json.dumps(_changed(json.loads(page.body), of_a_service)).encode())
        for page in fetched("azure")
    ]
    assert not offers(parsed("azure", *pages))
    line = "ml.p5.48xlarge,us-east-1,63.3,192,2048.0,8,H100,80.0,False,,nvidia,,x86,{}"
    found = resolved("gpuhunt", hunted("aws", line))
    assert not found.offers
    assert "SageMaker" in str(found.reasons)


@pytest.mark.parametrize(("stated", "usd"), [("3192", 31.92), (3192.0, 31.92), (31.92, None)])
def test_cents_are_whole_however_they_are_written(stated: object, usd: float | None) -> None:
    body = {"data": {"gpu_8x_h100_sxm5": {
        "instance_type": {"name": "gpu_8x_h100_sxm5", "price_cents_per_hour": stated, "specs": {"gpus": 8}},
        "regions_with_capacity_available": []}, "gpu_1x_a10": {
        "instance_type": {"name": "gpu_1x_a10", "price_cents_per_hour": 129, "specs": {"gpus": 1}},
        "regions_with_capacity_available": []}}}  # fmt: skip
    found = {row.count: row.price.amount for row in offers(parsed("lambda", payload(body)))}
    assert found.get(8) == usd
