"""Oracle: prices per GPU joined with shapes, look-alikes fenced off, spot by rule."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from feed_payloads import (
    Routes,
    Wire,
    altered,
    fetched,
    not_understood,
    offers,
    parse,
    unresolved,
)

from knowledge.feeds.source import (
    FetchFault,
    NotUnderstood,
    ParseFault,
    PerAccelerator,
    RawOffer,
    Row,
)
from knowledge.sources import SOURCES

ITEM = json.loads(fetched("oci")[0].body)["items"][0]


def _read(**changed: Any) -> list[Row]:
    body = {"items": [{**ITEM, **changed}]}
    return parse("oci", altered("oci", lambda _: json.dumps(body).encode(), "products"))


def _of(instance: str) -> dict[str, RawOffer]:
    return {row.billing: row for row in offers("oci") if row.instance_type == instance}


def test_a_price_is_for_one_gpu_and_the_shape_says_how_many() -> None:
    """Eight H100 at ten dollars each."""
    h100 = _of("BM.GPU.H100.8")["on-demand"]
    assert (h100.price, h100.count, h100.memory_gb) == (PerAccelerator(10), 8, 80)
    assert _of("VM.GPU.A10.2")["on-demand"].count == 2
    assert _of("BM.GPU.B200.8")["on-demand"].memory_gb == 180


def test_part_numbers_whose_names_say_no_card() -> None:
    """E3 and E4 are the 40 GB A100, v2 the 80 GB one, the older V2 a V100, X7 a P100."""
    assert _of("BM.GPU4.8")["on-demand"].memory_gb == 40
    assert _of("BM.GPU.A100-v2.8")["on-demand"].memory_gb == 80
    cards = {
        row.instance_type: (row.accelerator_name, row.memory_gb, row.price.amount)
        for row in offers("oci")
        if row.instance_type.endswith("(per GPU)")
    }
    assert cards["GPU V2 (per GPU)"] == ("V100", 16, 2.95)
    assert cards["GPU E3 (per GPU)"] == ("A100", 40, 3.05)
    assert cards["GPU Bare Metal X7 (per GPU)"] == ("P100", 16, 1.275)
    assert cards["GPU Virtual Machine X7 (per GPU)"] == ("P100", 16, 1.275)


def test_preemptible_is_half_and_labelled_so() -> None:
    """Only where the shape allows it."""
    spot = _of("VM.GPU.A10.1")["spot"]
    assert spot.price == PerAccelerator(1)
    assert "half" in (spot.note or "")
    assert "spot" not in _of("BM.GPU.H100.8")


def test_hidden_and_retired_shapes_are_left_out() -> None:
    """Nobody can rent them."""
    names = {row.instance_type for row in offers("oci")}
    assert not names & {"VM.GPU.H.HIDDEN", "BM.GPU.OLD.4", "VM.Standard.E5.Flex"}


def test_look_alikes_are_no_rentals() -> None:
    """A software licence for the H100 costs 2.50 in the same category and unit."""
    assert 2.5 not in [row.price.amount for row in offers("oci")]
    assert len([row for row in offers("oci") if row.accelerator_name == "L40S"]) == 1


def test_the_h100t_is_an_h100_of_its_own_price() -> None:
    """Two products of one card stay two."""
    assert unresolved(offers("oci")) == (set(), set())
    assert _of("GPU H100T (per GPU)")["on-demand"].accelerator_name == "H100"


def test_the_first_tier_is_the_price() -> None:
    """Volume discounts come after it."""
    assert _of("GPU MI355X (per GPU)")["on-demand"].price.amount == 8.6


@pytest.mark.parametrize(
    "name",
    [
        "OCI - Compute - GPU - H100",
        "Compute - GPU -  H100",
        "Oracle Cloud Infrastructure - Compute – GPU – H100",
    ],
)
def test_names_are_written_in_several_ways(name: str) -> None:
    """Double spaces, dashes of two lengths, with and without the company."""
    rows = _read(displayName=name)
    assert {row.accelerator_name for row in rows if isinstance(row, RawOffer)} == {"H100"}


@pytest.mark.parametrize("bad", [0, -10, None, "contact us", "NaN", {}])
def test_prices_that_are_none_are_missing(bad: Any) -> None:
    """RTX PRO 6000 stands in the list at 0."""
    prices = [{"currencyCode": "USD", "prices": [{"model": "PAY_AS_YOU_GO", "value": bad}]}]
    assert _read(currencyCodeLocalizations=prices) == []


def test_other_currencies_models_and_units_are_not_taken() -> None:
    """A month is not an hour, euros are not dollars."""
    assert ("OCI - Compute - GPU - B300", "priced as 'GPU Per Month'") in not_understood("oci")
    euro = [{"currencyCode": "EUR", "prices": [{"model": "PAY_AS_YOU_GO", "value": 9}]}]
    assert _read(currencyCodeLocalizations=euro) == []
    annual = [{"currencyCode": "USD", "prices": [{"model": "ANNUAL_COMMIT", "value": 9}]}]
    assert _read(currencyCodeLocalizations=annual) == []
    (odd,) = _read(displayName="OCI Compute GPU", partNumber="B1")
    assert isinstance(odd, NotUnderstood)


def test_without_shapes_each_card_is_a_quote() -> None:
    """The second file is another host's."""
    rows = parse("oci", fetched("oci")[:1])
    h100 = [row for row in rows if isinstance(row, RawOffer) and row.accelerator_name == "H100"]
    assert [(row.instance_type, row.count) for row in h100] == [
        ("GPU H100 (per GPU)", 1),
        ("GPU H100T (per GPU)", 1),
    ]


@pytest.mark.parametrize(
    ("tag", "body", "why"),
    [
        ("products", b'{"items": {}}', "is no list"),
        ("products", b'{"items": [1]}', "without part number"),
        ("products", b'{"items": [{"partNumber": "B1"}]}', "without part number"),
        ("shapes", b'{"items": [{"gpuQty": 8}]}', "a shape without its name"),
        (
            "shapes",
            b'{"items": [{"name": "BM", "gpuQty": 8, "hidden": false, "status": "ACTIVE"}]}',
            "'products' is missing",
        ),
        ("shapes", b"<html>", "HTML where JSON was due"),
    ],
)
def test_another_shape_is_a_fault(tag: str, body: bytes, why: str) -> None:
    """Also of the second file: yesterday's machines stand."""
    with pytest.raises(ParseFault, match=why):
        parse("oci", altered("oci", lambda _: body, tag))


@pytest.mark.parametrize(("status", "goes_on"), [(404, True), (403, True), (503, False)])
async def test_shapes_that_are_gone_differ_from_shapes_that_fail(
    monkeypatch: pytest.MonkeyPatch, status: int, goes_on: bool
) -> None:
    """Without them every machine would change its name."""
    real = Routes.answer

    def broken(routes: Routes, method: str, path: str, *rest: Any) -> Any:
        done = real(routes, method, path, *rest)
        return replace(done, status=status) if path.endswith("shapes.json") else done

    monkeypatch.setattr(Routes, "answer", broken)
    source = SOURCES["oci"]
    if goes_on:
        assert [one.tag for one in await source.fetch(Wire(source))] == ["products"]
    else:
        with pytest.raises(FetchFault):
            await source.fetch(Wire(source))
