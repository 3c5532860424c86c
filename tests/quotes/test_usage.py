"""Billing files of five clouds: sums equal to a reading apart, in its own twenty lines."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from bot.quotes.usage import UsageFault, usage

COLUMNS = (
    "BilledCost,ChargeCategory,ChargeClass,ChargePeriodStart,ChargePeriodEnd,CommitmentDiscountId,CommitmentDiscountStatus,"
    "CommitmentDiscountQuantity,CommitmentDiscountUnit,ConsumedQuantity,ConsumedUnit,PricingQuantity,PricingUnit,RegionName,"
    "SkuMeter,SkuPriceDetails,ChargeDescription,Tags"
).split(",")  # fmt: skip
CLOUDS = {
    "aws": ({"SkuMeter": "BoxUsage:p5.48xlarge", "SkuPriceDetails": json.dumps({"InstanceType": "p5.48xlarge"})}, "Hours", "H100", 8),
    "azure": ({"SkuMeter": "ND96isr H100 v5", "SkuPriceDetails": json.dumps({"x_ArmSkuName": "Standard_ND96isr_H100_v5"})}, "Hours", "H100", 8),
    "google": ({"SkuMeter": "Nvidia H100 80GB GPU running in Iowa"}, "Hours", "H100", 1),
    "oracle": ({"SkuMeter": "OCI - Compute - GPU - H100", "ChargeDescription": "GPU H100"}, "GPU Hours", "H100", 1),
    "coreweave": ({"SkuMeter": "GPU H200", "ChargeDescription": "8x H200", "SkuPriceDetails": json.dumps({"GpuCount": 8})}, "GPU-Hours", "H200", 1),
}  # fmt: skip


def made(cloud: str, seed: int) -> list[dict[str, str]]:
    rng = random.Random(f"{cloud} {seed}")
    names, unit, _, _ = CLOUDS[cloud]
    rows = []
    for _ in range(300):
        start = datetime(2026, 9, 28, 7, tzinfo=UTC) + timedelta(hours=rng.randrange(24 * 40))
        grain = timedelta(hours=rng.choice([1, 1, 1, 24]))
        end = start + grain
        quantity = f"{rng.uniform(0, 9):.6f}"
        row = dict.fromkeys(COLUMNS, "")
        row |= names | {
            "ChargePeriodStart": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "ChargePeriodEnd": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        }
        kind = (
            rng.choice(
                ["used", "unused", "plain", "plain", "purchase", "correction", "storage", "tax"]
            )
            if cloud != "coreweave"
            else "plain"
        )
        row["ChargeCategory"] = {"purchase": "Purchase", "tax": "Tax"}.get(kind, "Usage")
        if kind in {"used", "unused", "purchase"}:
            row |= {
                "CommitmentDiscountId": "ri-1",
                "CommitmentDiscountQuantity": quantity,
                "CommitmentDiscountUnit": unit,
            }
            row["CommitmentDiscountStatus"] = {"used": "Used", "unused": "Unused"}.get(kind, "")
        if kind not in {"unused", "purchase", "tax"}:
            row |= {"ConsumedQuantity": quantity, "ConsumedUnit": unit}
        if kind == "correction":
            row |= {"ChargeClass": "Correction", "ConsumedQuantity": "-" + quantity}
        if kind == "storage":
            row |= {
                "SkuMeter": "Block storage",
                "SkuPriceDetails": "",
                "ChargeDescription": "GB-month of storage",
                "ConsumedUnit": "GB",
            }
        rows.append(row)
    return rows


def written(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def apart(rows: list[dict[str, str]], cloud: str) -> dict[tuple[str, str], Fraction]:
    """The same sums by another way: hour by hour, in fractions."""
    _, _, _, gpus = CLOUDS[cloud]
    sums: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for row in rows:
        if row["ChargeCategory"] != "Usage" or row["SkuMeter"] == "Block storage":
            continue
        idle = row["CommitmentDiscountStatus"] == "Unused"
        kind = (
            "correction"
            if row["ChargeClass"]
            else "unused"
            if idle
            else "used_committed"
            if row["CommitmentDiscountId"]
            else "on_demand"
        )
        quantity = (
            Fraction(row["CommitmentDiscountQuantity"] if idle else row["ConsumedQuantity"]) * gpus
        )
        at = datetime.fromisoformat(row["ChargePeriodStart"])
        hours = int((datetime.fromisoformat(row["ChargePeriodEnd"]) - at).total_seconds() // 3600)
        for hour in range(hours):
            sums[f"{at + timedelta(hours=hour):%Y-%m}", kind] += quantity / hours
    return sums


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("packed", [False, True])
def test_sums_equal_those_reckoned_apart(cloud: str, packed: bool) -> None:
    rows = made(cloud, 1)
    body = written(rows)
    read: list[dict[str, Any]] = usage(gzip.compress(body) if packed else body)["usage"]
    by_hand = apart(rows, cloud)
    assert {one["card"] for one in read} == {CLOUDS[cloud][2]}
    for one in read:
        for kind in ("used_committed", "on_demand", "unused", "correction"):
            assert abs(one[kind] - float(by_hand[one["month"], kind])) < 1e-9, (cloud, one, kind)
        assert one["used"] == pytest.approx(one["used_committed"] + one["on_demand"], abs=1e-9)
        if cloud == "coreweave":
            assert one["committed"] is None
        else:
            assert one["committed"] == pytest.approx(
                one["used_committed"] + one["unused"], abs=1e-9
            )
    assert {one["month"] for one in read} == {month for month, _ in by_hand}


def test_a_number_that_costs_hours_is_not_counted() -> None:
    rows = made("aws", 2)[:1]
    rows[0] |= {
        "ChargeCategory": "Usage",
        "ConsumedQuantity": "1e400000",
        "CommitmentDiscountQuantity": "1e400000",
        "PricingQuantity": "1e99999",
    }
    read = usage(written(rows))
    assert read["usage"] == []
    assert sum(read["not_counted"].values()) == 1


def test_what_is_no_focus_file_is_said_to_be_none() -> None:
    with pytest.raises(UsageFault):
        usage(b"GPU,Price\nH100,2\n")


def _one(**cells: str) -> list[dict[str, Any]]:
    """What a single hour's row counts as, without zeros."""
    names = dict.fromkeys(COLUMNS, "") | {
        "ChargeCategory": "Usage",
        "ChargePeriodStart": "2026-10-05T00:00:00Z",
        "ChargePeriodEnd": "2026-10-05T01:00:00Z",
    }
    row = names | cells
    text = io.StringIO()
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerow(row)
    return [
        {name: value for name, value in one.items() if value and name != "month"}
        for one in usage(text.getvalue().encode())["usage"]
    ]


def _hours(card: str, **sums: float) -> list[dict[str, Any]]:
    return [{"card": card, **sums}]


ROWS: dict[str, tuple[list[dict[str, Any]], dict[str, str]]] = {
    "gcp gpu": (_hours("H100",used=8.0,on_demand=8.0), {"ConsumedQuantity": "28800","ConsumedUnit": "seconds","SkuMeter": "Nvidia H100 80GB GPU running in Americas"}),
    "gcp core": ([], {"ConsumedQuantity": "208","ConsumedUnit": "hour","SkuMeter": "A3 Instance Core running in Americas","SkuPriceDetails": '{"MachineType":"a3-highgpu-8g"}'}),
    "gcp core2": ([], {"ConsumedQuantity": "208","ConsumedUnit": "vcpu-hours","ChargeDescription": "A3 Instance Core running in Iowa","x_MachineType": "a3-highgpu-8g"}),
    "gcp ram": ([], {"ConsumedQuantity": "1000","ConsumedUnit": "gibibyte hour","SkuMeter": "A3 Instance Ram running in Americas","x_MachineType": "a3-highgpu-8g"}),
    "gcp a2 gpu": (_hours("A100",used=1.0,on_demand=1.0), {"ConsumedQuantity": "1","ConsumedUnit": "h","SkuMeter": "Nvidia Tesla A100 GPU attached to Spot Preemptible VMs running in Iowa"}),
    "azure": (_hours("H100",used=8.0,used_committed=8.0,committed=8.0), {"ConsumedQuantity": "1","ConsumedUnit": "Hours","PricingQuantity": "0.01","PricingUnit": "100 Hours","x_SkuMeterName": "ND96isr H100 v5","CommitmentDiscountId": "/providers/x","CommitmentDiscountStatus": "Used","CommitmentDiscountQuantity": "1","CommitmentDiscountUnit": "Hours"}),
    "azure unused": (_hours("H100",unused=8.0,committed=8.0), {"PricingQuantity": "1","PricingUnit": "1 Hour","x_SkuMeterName": "ND96isr H100 v5","CommitmentDiscountId": "/providers/x","CommitmentDiscountStatus": "Unused","CommitmentDiscountQuantity": "1","CommitmentDiscountUnit": "Hours"}),
    "aws sp unused usd": ([], {"CommitmentDiscountId": "arn","CommitmentDiscountStatus": "Unused","CommitmentDiscountQuantity": "55","CommitmentDiscountUnit": "USD","ChargeDescription": "Compute savings plan"}),
    "aws sp used": (_hours("H200",used=8.0,used_committed=8.0,committed=8.0), {"ConsumedQuantity": "1","ConsumedUnit": "Hours","CommitmentDiscountId": "arn","CommitmentDiscountStatus": "Used","CommitmentDiscountQuantity": "40.1","CommitmentDiscountUnit": "USD","x_InstanceType": "p5en.48xlarge"}),
    "aws purchase": ([], {"ChargeCategory": "Purchase","PricingQuantity": "744","PricingUnit": "Hours","CommitmentDiscountId": "arn","x_InstanceType": "p5.48xlarge"}),
    "oci": (_hours("H100",used=8.0,on_demand=8.0), {"ConsumedQuantity": "8","ConsumedUnit": "GPU Per Hour","SkuMeter": "Oracle Cloud Infrastructure - Compute - GPU - H100"}),
    "oci2": (_hours("H100",used=8.0,on_demand=8.0), {"ConsumedQuantity": "8","ConsumedUnit": "ONE HOUR GPU","ChargeDescription": "Compute - GPU - H100","ResourceType": "BM.GPU.H100.8"}),
    "cw": (_hours("H100",used=8.0,on_demand=8.0), {"ConsumedQuantity": "1","ConsumedUnit": "Instance-Hours","SkuId": "gd-8xh100ib-i128","SkuMeter": "gd-8xh100ib-i128"}),
    "cw2": (_hours("GB200",used=4.0,on_demand=4.0), {"ConsumedQuantity": "1","ConsumedUnit": "Hours","SkuMeter": "gb200-4x"}),
    "cw3": (_hours("H200",used=8.0,on_demand=8.0), {"ConsumedQuantity": "8","ConsumedUnit": "GPU-Hours","SkuMeter": "H200 GPU reserved"}),
    "contract applied": (_hours("H100",used=8.0,used_committed=8.0,committed=8.0), {"ConsumedQuantity": "8","ConsumedUnit": "GPU-Hours","SkuMeter": "H100 SXM","ContractApplied": '{"Elements":[{"ContractId":"c","ContractCommitmentId":"cc","ContractCommitmentAppliedQuantity":8}]}'}),
    "capacity unused": (_hours("H100",unused=8.0,committed=8.0), {"PricingQuantity": "1","PricingUnit": "Hours","CapacityReservationId": "cr","CapacityReservationStatus": "Unused","x_InstanceType": "p5.48xlarge"}),
    "correction": (_hours("H100",correction=-8.0), {"ChargeClass": "Correction","ConsumedQuantity": "-1","ConsumedUnit": "Hours","x_InstanceType": "p5.48xlarge"}),
    "tax": ([], {"ChargeCategory": "Tax","x_InstanceType": "p5.48xlarge"}),
    "refund negative": (_hours("H100",used=-8.0,on_demand=-8.0), {"ConsumedQuantity": "-1","ConsumedUnit": "Hours","x_InstanceType": "p5.48xlarge"}),
    "minutes": (_hours("A100",used=8.0,on_demand=8.0), {"ConsumedQuantity": "60","ConsumedUnit": "Minutes","x_InstanceType": "p4d.24xlarge"}),
    "details count": (_hours("H100",used=4.0,on_demand=4.0), {"ConsumedQuantity": "1","ConsumedUnit": "Hours","SkuMeter": "GPU VM","SkuPriceDetails": '{"GpuModel":"H100","GpuCount":4}'}),
    "storage on gpu": ([], {"ConsumedQuantity": "100","ConsumedUnit": "Hours","SkuMeter": "Local SSD storage for H100 GPU nodes"}),
    "license": ([], {"ConsumedQuantity": "8","ConsumedUnit": "Hours","SkuMeter": "NVIDIA AI Enterprise license H100"}),
    "gpu ms": (_hours("H100",used=8.0,on_demand=8.0), {"ConsumedQuantity": "28800","ConsumedUnit": "GPU-Seconds","SkuMeter": "H100"}),
}  # fmt: skip


@pytest.mark.parametrize("what", ROWS)
def test_a_row_counts_as_what_the_cloud_means_by_it(what: str) -> None:
    wanted, cells = ROWS[what]
    assert _one(**cells) == wanted
