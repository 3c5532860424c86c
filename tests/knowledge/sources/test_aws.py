"""AWS on-demand: a file a region, cards from the table, new families named."""

from __future__ import annotations

import json
from typing import Any

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

from knowledge.facts import regions
from knowledge.feeds.source import FetchFault, NotUnderstood, ParseFault, PerInstance, RawOffer, Row
from knowledge.sources import SOURCES
from knowledge.sources.aws import REGIONS


def _read(change: Any) -> list[Row]:
    payload = fetched("aws")[0]
    body = json.loads(payload.body)
    change(body, body["regions"]["US East (N. Virginia)"])
    return parse("aws", altered("aws", lambda _: json.dumps(body).encode())[:1])


def _row(instance: str, price: Any = "1.0", **more: Any) -> Any:
    item = {"Instance Type": instance, "Operating System": "Linux", "price": price, **more}
    return lambda _, rows: (rows.clear(), rows.update(x=item))


def test_cards_come_from_the_table_and_the_rest_from_the_feed() -> None:
    """ "2,048 GiB" and all."""
    rows = {(row.instance_type, row.region): row for row in offers("aws")}
    p5 = rows["p5.48xlarge", "us-east-1"]
    assert p5.price == PerInstance(55.04)
    assert (p5.accelerator_name, p5.count, p5.memory_gb, p5.form_factor) == ("H100", 8, 80, "SXM")
    assert rows["p5.4xlarge", "us-east-1"].count == 1
    assert rows["p6-b200.48xlarge", "us-east-1"].ram_gb == 2048
    assert rows["g4dn.metal", "ap-northeast-1"].count == 8


def test_a_machine_without_cards_is_one() -> None:
    """And keeps its vCPUs and memory."""
    (cpu,) = [
        row
        for row in offers("aws")
        if row.instance_type == "m7i.large" and row.region == "us-east-1"
    ]
    assert (cpu.accelerator_name, cpu.count, cpu.vcpus, cpu.ram_gb) == (None, 0, 2, 8)


def test_a_new_accelerated_family_is_never_a_cpu_machine() -> None:
    """p9 is not in the table, g6f holds a part of a card."""
    assert {name for name, _ in not_understood("aws")} == {"aws p9.96xlarge", "aws g6f.large"}
    for new in ("g99.xlarge", "trn7.48xlarge", "inf9.xlarge", "p7-r100.48xlarge", "gr8.4xlarge"):
        assert _read(_row(new)) == [NotUnderstood(f"aws {new}", "not in machines.csv")]


@pytest.mark.parametrize("bad", ["0.0000000000", "-1", "NaN", "NA", "", None, {}, True])
def test_prices_that_are_none_are_missing(bad: Any) -> None:
    """No offer, no fault."""
    assert _read(_row("p5.48xlarge", bad)) == []


def test_windows_is_left_out() -> None:
    """The file is Linux's, but fail closed."""
    assert 63.872 not in [row.price.amount for row in offers("aws")]


def test_every_region_we_ask_for_has_its_place() -> None:
    """Names are Amazon's display names, codes are known."""
    for code in REGIONS.values():
        assert regions.place("aws", code) is not None, code
    assert len(set(REGIONS.values())) == len(REGIONS)
    assert unresolved(offers("aws")) == (set(), set())


def test_a_region_we_do_not_know_is_named() -> None:
    """Its prices are not filed under another."""

    def moved(body: Any, rows: Any) -> None:
        body["regions"] = {"Europe (Atlantis)": rows}

    assert _read(moved) == [
        NotUnderstood("aws region Europe (Atlantis)", "a region we have no code for")
    ]


def test_the_price_is_as_old_as_our_look_at_the_page() -> None:
    """The file is dated when prices last changed; the page shows them now."""
    assert {row.as_of for row in offers("aws")} == {FETCHED_AT}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda body, _: body.pop("regions"), "'regions' is missing"),
        (lambda body, _: body.update(regions=[]), "is no object"),
        (
            lambda body, _: body["regions"].update({"EU (Ireland)": []}),
            "is no object|are no object",
        ),
        (lambda body, _: body["manifest"].update(currencyCode="CNY"), "not in USD"),
        (lambda _, rows: rows.update(x=5), "without type, price or system"),
        (lambda _, rows: rows.update(x={"Instance Type": "p5.48xlarge"}), "without type, price"),
        (
            lambda _, rows: rows.update(
                x={"Instance Type": 5, "price": "1", "Operating System": "Linux"}
            ),
            "no instance type",
        ),
    ],
)
def test_another_shape_is_a_fault(change: Any, why: str) -> None:
    """One readable line."""
    with pytest.raises(ParseFault, match=why):
        _read(change)


def test_a_cut_file_is_a_fault() -> None:
    """Half a region is no region."""
    with pytest.raises(ParseFault, match="us-east-1: broken JSON"):
        parse("aws", altered("aws", lambda body: body[: len(body) // 2]))


async def test_regions_without_a_file_are_left_out_and_europe_is_spelt_both_ways() -> None:
    """Four of them answer here; Stockholm under its newer name."""
    source = SOURCES["aws"]
    wire = Wire(source)
    payloads = await source.fetch(wire)
    assert [one.tag for one in payloads] == [
        "us-east-1",
        "eu-central-1",
        "eu-north-1",
        "ap-northeast-1",
    ]
    assert any("EU%20%28Stockholm%29" in line for line in wire.asked)
    assert any("Europe%20%28Stockholm%29" in line for line in wire.asked)
    assert "eu-north-1" in {
        row.region for row in parse("aws", payloads) if isinstance(row, RawOffer)
    }


async def test_no_region_at_all_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The undocumented feed may vanish."""
    source = SOURCES["aws"]
    wire = Wire(source)
    monkeypatch.setattr(Routes, "of", classmethod(lambda cls, _: cls(None, ())))
    with pytest.raises(FetchFault, match="no region has a price file"):
        await source.fetch(wire)
