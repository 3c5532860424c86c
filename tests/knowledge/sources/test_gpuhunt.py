"""gpuhunt: nine clouds' CSVs in zips, v2 where v3 has none, special products told apart."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from feed_payloads import (
    FETCHED_AT,
    Routes,
    Wire,
    altered,
    fetched,
    not_understood,
    offers,
    parse,
    unresolved,
)

from knowledge.feeds.source import FetchFault, ParseFault, PartFault, Payload, PerInstance, RawOffer
from knowledge.sources import SOURCES

HEADER = (
    "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size,"
    "gpu_vendor,flags,cpu_arch,provider_data"
)


def _zip(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.csv", text)
    return packed.getvalue()


def _read(name: str, *lines: str, header: str = HEADER) -> list[RawOffer]:
    body = _zip(name, "\n".join((header, *lines)) + "\n")
    payload = Payload("https://x/v3/aws/20261125-1/catalog.zip", body, FETCHED_AT, tag=name)
    return [row for row in parse("gpuhunt", [payload]) if isinstance(row, RawOffer)]


def _one(instance: str, region: str | None = None, billing: str = "on-demand") -> RawOffer:
    (found,) = [
        row
        for row in offers("gpuhunt")
        if row.instance_type == instance
        and row.billing == billing
        and (region is None or row.region == region)
    ]
    return found


def test_a_machine_is_priced_as_a_whole_with_memory_per_card() -> None:
    """The column's gpu_memory is one card's; A100 is 40 or 80 by it alone."""
    p4d, p4de = _one("p4d.24xlarge"), _one("p4de.24xlarge")
    assert p4d.price == PerInstance(21.957642)
    assert (p4d.accelerator_name, p4d.memory_gb, p4d.count, p4d.form_factor) == (
        "A100",
        40,
        8,
        "SXM",
    )
    assert p4de.memory_gb == 80


def test_on_demand_and_spot_are_rows_of_their_own() -> None:
    """`spot` is the text True or False."""
    assert _one("p5.48xlarge", "us-east-1").price.amount == 55.04
    assert _one("p5.48xlarge", "us-east-1", "spot").price.amount == 21.3405


def test_special_products_are_no_on_demand_offers() -> None:
    """A calendar reservation, a preview copy, several machines at once, and what nobody can rent."""
    rows = offers("gpuhunt")
    a4 = [row for row in rows if row.instance_type == "a4-highgpu-8g"]
    assert [row.billing for row in a4] == ["spot"]
    assert len([row for row in rows if row.instance_type == "g4-standard-48"]) == 1
    assert 25.52 not in [row.price.amount for row in rows]
    assert not _read(
        "gcp", "a3-highgpu-1g,us-central1-a,10.98,26,234,1,H100,80,False,,nvidia,,x86,{}"
    )


def test_zones_of_google_become_one_offer_a_region() -> None:
    """The cheapest of them, at the region's own code."""
    spot = _one("a3-highgpu-8g", billing="spot")
    assert (spot.region, spot.price.amount) == ("us-central1", 52.4)


def test_cards_put_into_an_n1_are_told_apart() -> None:
    """One machine name, several machines."""
    names = {row.instance_type: row.count for row in offers("gpuhunt") if "T4" in row.instance_type}
    assert names == {"n1-standard-4 + 1x T4": 1, "n1-standard-4 + 2x T4": 2}


def test_a_tpu_slice_counts_its_chips() -> None:
    """v5e is named after chips, v5p after cores, two a chip."""
    assert (_one("v5litepod-8").accelerator_name, _one("v5litepod-8").count) == ("tpu-v5litepod", 8)
    assert _one("v5p-8").count == 4


def test_prices_that_are_none_are_missing() -> None:
    """Zero, negative, NaN, empty and words."""
    row = "p3.2xlarge,us-east-1,{},8,61,1,V100,16,False,,nvidia,,x86,{{}}"
    for bad in ("0", "-1.0", "nan", "inf", "", "contact us"):
        assert _read("aws", row.format(bad)) == []
    assert len(_read("aws", row.format("3.06"))) == 1


def test_a_slice_of_a_card_is_no_card() -> None:
    """Named, not rounded."""
    assert ("aws L4", "'0.125' cards") in not_understood("gpuhunt")


def test_older_files_lack_the_last_columns_and_new_ones_do_no_harm() -> None:
    """Read by name, in any order."""
    assert [row.provider for row in offers("gpuhunt") if row.provider == "cloudrift"] == [
        "cloudrift"
    ]
    moved = "price,spot,new,instance_name,location,cpu,memory,gpu_count,gpu_name,gpu_memory"
    (row,) = _read("aws", "1.2,True,x,g6.xlarge,us-east-1,4,16,1,L4,24", header=moved)
    assert (row.instance_type, row.billing, row.price.amount) == ("g6.xlarge", "spot", 1.2)


def test_a_missing_column_is_a_fault() -> None:
    """Without it nothing is safe to read."""
    with pytest.raises(ParseFault, match="'spot' is missing"):
        _read(
            "aws",
            "g6.xlarge,us-east-1,1.2,4,16,1,L4,24",
            header=HEADER.split(",spot", maxsplit=1)[0],
        )


def test_a_word_in_the_spot_column_is_a_fault() -> None:
    """Guessing would file spot prices under on-demand."""
    with pytest.raises(ParseFault, match="neither True nor False"):
        _read("aws", "g6.xlarge,us-east-1,1.2,4,16,1,L4,24,yes,,nvidia,,x86,{}")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"PK\x03\x04 truncated", "broken zip"),
        (_zip("azure", HEADER + "\n"), "holds no aws.csv"),
        (_zip("aws", HEADER + "\n" + "x" * 9_000_000), "zip bomb"),
        (_zip("aws", "<html>moved</html>"), "HTML where CSV was due"),
        (_zip("aws", ""), "empty"),
        (_zip("aws", HEADER + "\np5.48xlarge,us-east-1,55"), "cut off"),
    ],
)
def test_what_is_no_catalogue_is_a_fault(body: bytes, why: str) -> None:
    """One readable line each."""
    payload = replace(fetched("gpuhunt")[0], body=body, tag="aws")
    with pytest.raises(ParseFault, match=why):
        parse("gpuhunt", [payload])


def test_a_cut_archive_is_a_fault_of_its_cloud_alone() -> None:
    """Half a zip has no directory; the others' are whole."""
    rows = parse("gpuhunt", altered("gpuhunt", lambda body: body[: len(body) // 2]))
    (fault,) = [row for row in rows if isinstance(row, PartFault)]
    assert fault.provider == "aws"
    assert "broken zip" in fault.why
    sold = {row.provider for row in rows if isinstance(row, RawOffer)}
    assert "aws" not in sold
    assert {"azure", "gcp", "verda"} <= sold


def test_restricted_sellers_keep_their_name() -> None:
    """So that they can be held back."""
    runpod = [row for row in offers("gpuhunt") if row.provider == "runpod"]
    assert {(row.region, row.country) for row in runpod} == {("US-TX-3", None), (None, "CZ")}


def test_the_age_is_the_files_own() -> None:
    """The bucket's date; without one the day that the version names."""
    assert _one("rtx49-10c-kn.1").as_of == datetime(2026, 11, 22, 5, 2, tzinfo=UTC)
    undated = [replace(one, last_modified=None) for one in fetched("gpuhunt")]
    rows = [row for row in parse("gpuhunt", undated) if isinstance(row, RawOffer)]
    assert {row.as_of for row in rows if row.provider == "aws"} == {
        datetime(2026, 11, 25, tzinfo=UTC)
    }


def test_names_and_places_resolve() -> None:
    """Except the card and the place that are new on purpose."""
    assert unresolved(offers("gpuhunt")) == ({"X900"}, {"cloudrift us-east-nc-nr-1"})


async def test_v2_stands_in_only_for_what_v3_lacks() -> None:
    """Nine providers, eight from v3."""
    source = SOURCES["gpuhunt"]
    wire = Wire(source)
    payloads = await source.fetch(wire)
    assert [one.tag for one in payloads][-1] == "cloudrift?"
    assert len(payloads) == 9
    assert sum("/v2/" in line for line in wire.asked) == 2


async def test_a_cloud_that_neither_publishes_any_more_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two clouds went in 2026; the catalogue of the others stood."""
    real = Routes.answer

    def dropped(routes: Routes, method: str, path: str, *rest: object) -> object:
        return real(routes, method, "/gone" if "/v3/oci/" in path else path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Routes, "answer", dropped)
    source = SOURCES["gpuhunt"]
    payloads = await source.fetch(Wire(source))
    assert payloads[-1].tag == "oci?,cloudrift?"
    sold = {row.provider for row in source.parse(payloads) if isinstance(row, RawOffer)}
    assert "oci" not in sold
    assert {"aws", "cloudrift", "verda"} <= sold


async def test_a_cloud_whose_server_fails_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its part says so, that its old offers stay; when all fail, the source does."""
    real = Routes.answer

    def broken(parts: tuple[str, ...]) -> None:
        def answer(routes: Routes, method: str, path: str, *rest: object) -> object:
            done = real(routes, method, path, *rest)  # type: ignore[arg-type]
            return replace(done, status=503) if any(part in path for part in parts) else done

        monkeypatch.setattr(Routes, "answer", answer)

    source = SOURCES["gpuhunt"]
    broken(("/aws/", "/v2/"))
    rows = list(source.parse(await source.fetch(Wire(source))))
    assert [(row.provider, row.why) for row in rows if isinstance(row, PartFault)] == [
        ("aws", "HTTP 503")
    ]
    assert len({row.provider for row in rows if isinstance(row, RawOffer)}) > 5
    broken(("/v3/", "/v2/"))
    with pytest.raises(FetchFault) as raised:
        await source.fetch(Wire(source))
    assert raised.value.status == 503


async def test_a_version_that_is_a_page_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTML must not become a path."""
    real = Routes.answer

    def broken(routes: Routes, method: str, path: str, *rest: object) -> object:
        done = real(routes, method, path, *rest)  # type: ignore[arg-type]
        return replace(done, body=b"<html>../../etc</html>") if path.endswith("version") else done

    monkeypatch.setattr(Routes, "answer", broken)
    source = SOURCES["gpuhunt"]
    with pytest.raises(FetchFault, match="is no version"):
        await source.fetch(Wire(source))
