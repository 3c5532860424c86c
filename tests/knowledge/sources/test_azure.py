"""Azure: whole terms divided by their hours, other products dropped, pages followed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
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

from knowledge.feeds.source import (
    FetchFault,
    NotUnderstood,
    ParseFault,
    Payload,
    PerInstance,
    RawOffer,
    Row,
)
from knowledge.sources import SOURCES

ITEM: dict[str, Any] = json.loads(fetched("azure")[0].body)["Items"][0]


def _read(**changed: Any) -> list[Row]:
    item = {name: value for name, value in {**ITEM, **changed}.items() if value is not ...}
    body = json.dumps({"Items": [item], "NextPageLink": None}).encode()
    return parse("azure", [Payload("https://x/prices", body, FETCHED_AT, tag="page")])


def _one(instance: str, billing: str, months: int | None = None) -> RawOffer:
    (found,) = [
        row
        for row in offers("azure")
        if (row.instance_type, row.billing, row.term_months) == (instance, billing, months)
        and row.region == "eastus"
    ]
    return found


def test_a_reservation_is_priced_for_its_whole_term() -> None:
    """Though its unit says one hour: 8760 and 26280 hours."""
    h100 = "Standard_ND96isr_H100_v5"
    assert _one(h100, "reserved", 12).price.amount == pytest.approx(551249.28 / 8760)
    assert _one(h100, "reserved", 36).price.amount == pytest.approx(1136059.2 / 26280)
    assert _one(h100, "on-demand").price == PerInstance(98.32)
    assert _one(h100, "spot").price.amount == 39.33


def test_a_reservation_without_a_term_is_not_guessed() -> None:
    """It would be an hour or three years."""
    assert ("azure Standard_NC24ads_A100_v4", "reserved for None") in not_understood("azure")
    (odd,) = _read(type="Reservation", reservationTerm="6 Months")
    assert isinstance(odd, NotUnderstood)
    (five,) = _read(type="Reservation", reservationTerm="5 Years", retailPrice=43800.0)
    assert isinstance(five, RawOffer)
    assert (five.term_months, five.price.amount) == (60, 1.0)


def test_the_card_comes_from_the_table() -> None:
    """The feed names the size only."""
    a100 = _one("Standard_NC24ads_A100_v4", "on-demand")
    assert (a100.accelerator_name, a100.memory_gb, a100.count, a100.form_factor) == (
        "A100",
        80,
        1,
        "PCIe",
    )
    gb200 = [row for row in offers("azure") if "GB200" in row.instance_type]
    assert {(row.count, row.billing) for row in gb200} == {(4, "on-demand"), (4, "spot")}


@pytest.mark.parametrize(
    "changed",
    [
        {"productName": "Virtual Machines NCads A100 v4 Series Windows"},
        {"productName": "Virtual Machines NCCadsv5 Srs Win"},
        {"productName": "NCasT4 v3 Series Cloud Services"},
        {"productName": "NCasT4 v3 Series CloudServices"},
        {"productName": "NDasrA100v4 Series Dedicated Host"},
        {"meterName": "NC24ads A100 v4 Low Priority"},
        {"skuName": "NC24ads A100 v4 Low Priority"},
        {"type": "DevTestConsumption"},
        {"armRegionName": "eastus2euap"},
        {"armSkuName": ""},
        {"retailPrice": 0},
        {"retailPrice": -3.6},
        {"retailPrice": None},
        {"retailPrice": "contact us"},
    ],
)
def test_other_products_and_missing_prices_are_no_offers(changed: dict[str, Any]) -> None:
    """None of them is a Linux virtual machine with a price."""
    assert not [row for row in _read(**changed) if isinstance(row, RawOffer)]


def test_windows_is_not_found_inside_other_words() -> None:
    """ "Win" ends a word."""
    assert len(_read(productName="Virtual Machines Winter Series")) == 1


def test_sizes_the_table_does_not_list_are_named() -> None:
    """A slice of a card, a new family, and a size that has no card at all."""
    assert {name for name, _ in not_understood("azure")} >= {
        "azure Standard_NV12ads_A10_v5",
        "azure Standard_ND256isr_R100_v7",
    }
    (odd,) = _read(armSkuName="Standard_D14")
    assert odd == NotUnderstood("azure Standard_D14", "no GPU size")


def test_a_promo_is_the_same_machine_under_its_own_name() -> None:
    """Another price for the same cards."""
    (promo,) = _read(armSkuName="Standard_NC24ads_A100_v4_Promo")
    assert isinstance(promo, RawOffer)
    assert (promo.instance_type, promo.count) == ("Standard_NC24ads_A100_v4_Promo", 1)


def test_regions_are_compared_in_lower_case() -> None:
    """The feed writes WestEurope now and then."""
    assert "westeurope" in {row.region for row in offers("azure")}
    assert unresolved(offers("azure")) == (set(), set())


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"retailPrice": ...}, "without 'retailPrice'"),
        ({"armSkuName": ...}, "without 'armSkuName'"),
        ({"productName": 7}, "names are no text"),
        ({"currencyCode": "EUR"}, "USD was asked for"),
    ],
)
def test_a_row_of_another_shape_is_a_fault(changed: dict[str, Any], why: str) -> None:
    """The whole answer is not what it was."""
    with pytest.raises(ParseFault, match=why):
        _read(**changed)


def test_a_new_field_does_no_harm_and_another_unit_is_named() -> None:
    """Per month is not per hour."""
    assert len(_read(brandNew={"a": 1})) == 1
    (odd,) = _read(unitOfMeasure="1 GB/Month")
    assert isinstance(odd, NotUnderstood)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda body: body[:700], "broken JSON"),
        (lambda _: b"<html>", "HTML where JSON was due"),
        (lambda _: b'{"Items": {}}', "is no list"),
        (lambda _: b'{"error": "throttled"}', "'Items' is missing"),
        (lambda _: b'{"Items": [3]}', "no object"),
        (lambda body: body.replace(b"eastus", b"east\xffus"), "not valid UTF-8"),
    ],
)
def test_what_is_no_page_is_a_fault(change: Callable[[bytes], bytes], why: str) -> None:
    """One readable line."""
    with pytest.raises(ParseFault, match=why):
        parse("azure", altered("azure", change))


async def test_pages_are_followed_by_the_feeds_own_link() -> None:
    """With its port and all: only path and query travel."""
    source = SOURCES["azure"]
    wire = Wire(source)
    payloads = await source.fetch(wire)
    assert [one.tag for one in payloads] == ["Consumption", "Consumption page 2", "Reservation"]
    assert all(
        line.startswith("GET https://prices.azure.com/api/retail/prices?") for line in wire.asked
    )
    assert "currencyCode=USD" in wire.asked[0]


async def test_pages_that_lead_to_themselves_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop is a fault, not an evening."""
    real = Routes.answer

    def looping(routes: Routes, method: str, path: str, query: Any = None, *rest: Any) -> Any:
        done = real(
            routes, method, path, {k: v for k, v in (query or {}).items() if k != "$skip"}, *rest
        )
        return replace(done)

    monkeypatch.setattr(Routes, "answer", looping)
    source = SOURCES["azure"]
    with pytest.raises(FetchFault, match="do not end"):
        await source.fetch(Wire(source))


async def test_a_page_that_is_html_is_a_fault_of_the_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no next page in it."""
    real = Routes.answer

    def broken(routes: Routes, *rest: Any) -> Any:
        return replace(real(routes, *rest), body=b"<html>busy</html>")

    monkeypatch.setattr(Routes, "answer", broken)
    source = SOURCES["azure"]
    with pytest.raises(FetchFault, match="HTML where JSON was due"):
        await source.fetch(Wire(source))
