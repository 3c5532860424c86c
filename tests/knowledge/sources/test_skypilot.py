"""SkyPilot: columns by header, Google's parts added up by zone, and every documented trap."""

from __future__ import annotations

from dataclasses import replace

import pytest
from feed_payloads import FETCHED_AT, Routes, Wire, not_understood, offers, parse, unresolved

from knowledge.feeds.source import ParseFault, PartFault, Payload, PerInstance, RawOffer
from knowledge.sources import SOURCES

GOOGLE = "InstanceType,vCPUs,MemoryGiB,AcceleratorName,AcceleratorCount,GpuInfo,Region,AvailabilityZone,Price,SpotPrice"
PLAIN = (
    "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice"
)


def _read(cloud: str, header: str, *lines: str) -> list[RawOffer]:
    body = "\n".join((header, *lines, "")).encode()
    rows = parse("skypilot", [Payload("https://x/vms.csv", body, FETCHED_AT, tag=cloud)])
    return [row for row in rows if isinstance(row, RawOffer)]


def _named(provider: str, instance: str) -> dict[str, RawOffer]:
    return {
        row.billing: row
        for row in offers("skypilot")
        if (row.provider, row.instance_type) == (provider, instance)
    }


def test_google_is_vm_plus_cards_of_the_same_zone() -> None:
    """9.46006 + 78.3724; the spot price is the cheaper zone's sum, not a mix of zones."""
    a3 = _named("gcp", "a3-highgpu-8g")
    assert a3["on-demand"].price == PerInstance(pytest.approx(87.83246))
    assert a3["spot"].price == PerInstance(pytest.approx(2.88933 + 44.1))
    assert (a3["spot"].accelerator_name, a3["spot"].count, a3["spot"].region) == (
        "H100",
        8,
        "us-central1",
    )


def test_a_vm_without_its_cards_is_never_an_offer() -> None:
    """An H100 for $1.18 an hour: us-east5 has the VM row and no card row."""
    assert "us-east5" not in {
        row.region for row in offers("skypilot") if row.accelerator_name == "H100"
    }
    assert not _read("gcp", GOOGLE, "a3-highgpu-8g,208.0,1872.0,,,,us-east5,us-east5-a,10.65,2.3")


def test_a_part_without_a_price_makes_no_price() -> None:
    """The mega VM has no spot price."""
    assert _named("gcp", "a3-megagpu-8g").keys() == {"on-demand"}
    assert _named("gcp", "a3-megagpu-8g")["on-demand"].price.amount == pytest.approx(92.47606)


def test_forty_and_eighty_gigabyte_cards_are_added_to_their_own_machines() -> None:
    """a2-highgpu is the 40 GB card, a2-ultragpu the 80 GB one."""
    assert _named("gcp", "a2-highgpu-1g")["on-demand"].memory_gb == 40
    ultra = _named("gcp", "a2-ultragpu-1g")["on-demand"]
    assert (ultra.memory_gb, ultra.price.amount) == (80, pytest.approx(5.0277))


def test_b200_carries_its_machine_and_is_not_sold_on_demand() -> None:
    """The VM row says 0, the card's row is the whole machine."""
    a4 = _named("gcp", "a4-highgpu-8g")
    assert a4.keys() == {"spot"}
    assert a4["spot"].price.amount == 39.6336
    assert a4["spot"].vcpus == 224
    assert _named("gcp", "a3-highgpu-1g").keys() == {"spot"}


def test_cards_for_an_n1_cost_the_host_on_top() -> None:
    """They say so and rank below complete machines."""
    t4 = _named("gcp", "n1 + 1x T4")["on-demand"]
    assert not t4.host_included
    assert _named("gcp", "n1-standard-4")["on-demand"].accelerator_name is None


def test_the_sentinel_of_a_tpu_without_a_price_is_no_price() -> None:
    """700 dollars stand where a v6e has none."""
    tpus = [row for row in offers("skypilot") if row.accelerator_name == "tpu-v6e"]
    assert {(row.region, row.count) for row in tpus} == {("us-east5", 8)}
    assert _named("gcp", "v5p-8")["on-demand"].count == 4


def test_new_machines_and_cards_of_google_are_named() -> None:
    """Not taken for CPU machines, not dropped in silence."""
    assert {("gcp a9-hypergpu-8g", "no such machine in machines.csv")} <= not_understood("skypilot")
    assert {name for name, _ in not_understood("skypilot")} >= {"gcp CT9X"}


def test_zero_and_empty_prices_are_missing() -> None:
    """Azure's H100 rows are filled with 0."""
    azure = [row for row in offers("skypilot") if row.provider == "azure"]
    assert {row.instance_type for row in azure} == {"Standard_NC24ads_A100_v4"}


@pytest.mark.parametrize("bad", ["0", "0.0", "-3", "nan", "inf", "", "call us"])
def test_prices_that_are_none_are_missing(bad: str) -> None:
    """Each makes no offer."""
    assert not _read("lambda", PLAIN, f"gpu_1x_a10,A10,1.0,30.0,200.0,{bad},us-west-1,,")


def test_a_spot_price_that_copies_the_on_demand_one_is_none() -> None:
    """AWS and Verda write the same figure where no spot is sold."""
    assert _named("aws", "trn1.32xlarge").keys() == {"on-demand"}
    assert _named("aws", "a1.2xlarge").keys() == {"on-demand"}
    assert _named("verda", "1A100.22V").keys() == {"on-demand"}
    assert _named("verda", "1H100.80S.30V").keys() == {"on-demand", "spot"}


def test_zones_of_aws_become_one_offer_a_region() -> None:
    """The cheaper zone's spot price, the region's code."""
    p5 = [row for row in offers("skypilot") if row.instance_type == "p5.48xlarge"]
    assert {(row.region, row.billing, row.price.amount) for row in p5} == {
        ("us-east-1", "on-demand", 55.04),
        ("us-east-1", "spot", 21.3405),
        ("us-west-2", "on-demand", 55.04),
    }


def test_memory_is_read_in_whatever_unit_stands_there() -> None:
    """MiB as named, gigabytes at shadeform and runpod, all cards' together at vast."""
    assert _named("lambda", "gpu_1x_a6000")["on-demand"].memory_gb == 48
    assert _named("lambda", "gpu_8x_a100")["on-demand"].memory_gb == 40
    assert _named("hyperstack", "shadeform:hyperstack_A6000")["on-demand"].memory_gb == 48
    assert _named("vastai", "2x-H100_SXM-32-65536")["on-demand"].memory_gb == pytest.approx(79.6)
    assert _named("seeweb", "ECS1GPU12")["on-demand"].memory_gb is None


def test_hosts_the_script_only_guesses_are_left_out() -> None:
    """RunPod's vCPUs and memory are constants of the catalogue's own."""
    assert {(row.vcpus, row.ram_gb) for row in offers("skypilot") if row.provider == "runpod"} == {
        (None, None)
    }


def test_vasts_own_names_say_what_its_column_does_not() -> None:
    """A 4060 Ti is called a 4060 there."""
    assert (
        _named("vastai", "1x-RTX_4060_Ti-32-65536")["on-demand"].accelerator_name == "RTX 4060 Ti"
    )


def test_a_resellers_rows_say_whom_they_come_through() -> None:
    """Shadeform's terms govern them; the machine is another's."""
    row = _named("lambda", "shadeform:lambdalabs_H100_sxm5x8")["on-demand"]
    assert (row.via, row.form_factor, row.country) == ("shadeform", "SXM", "US")
    assert ("shadeform excesssupply", "no such provider in providers.csv") in not_understood(
        "skypilot"
    )


def test_countries_are_taken_from_codes_that_name_them() -> None:
    """And from no others."""
    places = {(row.provider, row.region, row.country) for row in offers("skypilot")}
    assert ("seeweb", "it-fr2", "IT") in places
    assert ("vastai", None, "US") in places
    assert ("vastai", None, "TH") in places
    assert ("runpod", "US-TX-3", "US") in places
    assert ("seeweb", None, None) in places
    (odd,) = _read("cudo", PLAIN, "x_1x2v4gb,A40,1,2,4,0.4,xx-nowhere-1,,")
    assert odd.country is None


def test_a_third_of_a_card_is_no_card() -> None:
    """Azure sells A10 by the sixth."""
    assert ("azure Standard_NV6ads_A10_v5", "'0.167' cards") in not_understood("skypilot")


def test_names_and_places_resolve() -> None:
    """All of them."""
    assert unresolved(offers("skypilot")) == (set(), set())


def test_columns_are_read_by_name_and_one_less_is_a_fault() -> None:
    """Their order differs from cloud to cloud."""
    header = "Price,New,Region,AcceleratorCount,AcceleratorName,InstanceType"
    (row,) = _read("lambda", header, "1.29,x,us-west-1,1,A10,gpu_1x_a10")
    assert (row.price.amount, row.memory_gb) == (1.29, 24)
    with pytest.raises(ParseFault, match="'Region' is missing"):
        _read("lambda", header.replace("Region", "Place"), "1.29,x,us-west-1,1,A10,gpu_1x_a10")


def test_a_cut_file_is_a_fault() -> None:
    """The last line has fewer cells."""
    with pytest.raises(ParseFault, match="cut off"):
        _read("lambda", PLAIN, "gpu_1x_a10,A10,1.0,30.0")


async def test_the_repository_stands_in_for_the_bucket() -> None:
    """One cloud was refused by the bucket; clouds that neither has are left out."""
    source = SOURCES["skypilot"]
    wire = Wire(source)
    payloads = await source.fetch(wire)
    tags = [one.tag for one in payloads]
    assert "shadeform" in tags
    assert "yotta" in tags
    assert len(tags) == 13
    assert "nebius" not in tags  # a file whose prices stopped moving
    assert any("raw.githubusercontent.com" in line and "shadeform" in line for line in wire.asked)


async def test_a_bucket_that_fails_is_no_cloud_that_went(monkeypatch: pytest.MonkeyPatch) -> None:
    """503 there and 404 in the repository: today's fault, not the end of a cloud; the others stand."""
    real = Routes.answer

    def broken(routes: Routes, method: str, path: str, *rest: object) -> object:
        done = real(routes, method, path, *rest)  # type: ignore[arg-type]
        return replace(done, status=503) if path == "/catalogs/v8/aws/vms.csv" else done

    monkeypatch.setattr(Routes, "answer", broken)
    source = SOURCES["skypilot"]
    payloads = await source.fetch(Wire(source))
    (broken_part,) = [one for one in payloads if one.fault]
    assert broken_part.tag == "aws"
    rows = list(source.parse(payloads))
    assert [row.provider for row in rows if isinstance(row, PartFault)] == ["aws"]
    assert {row.provider for row in rows if isinstance(row, RawOffer)} > {"azure", "gcp"}
