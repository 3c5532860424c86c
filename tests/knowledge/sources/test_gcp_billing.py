"""Google's billing catalogue: parts into machines, other products out, nothing half-priced."""

from __future__ import annotations

import json
from typing import Any

import pytest
from feed_payloads import (
    FETCHED_AT,
    KEY,
    Routes,
    Wire,
    altered,
    fetched,
    not_understood,
    offers,
    parse,
    unresolved,
)

from knowledge.feeds.source import FetchFault, NotUnderstood, ParseFault, Payload, RawOffer, Row
from knowledge.sources import SOURCES

SKUS = [sku for page in fetched("gcp_billing") for sku in json.loads(page.body)["skus"]]


def _read(*skus: Any) -> list[Row]:
    body = json.dumps({"skus": list(skus), "nextPageToken": ""}).encode()
    return parse("gcp_billing", [Payload("https://x/skus", body, FETCHED_AT, tag="SKUs, page 1")])


def _like(text: str, **changed: Any) -> Any:
    sku = next(sku for sku in SKUS if sku["description"].startswith(text))
    return {**sku, **changed}


def _of(instance: str, region: str) -> dict[tuple[str, int | None], RawOffer]:
    return {
        (row.billing, row.term_months): row
        for row in offers("gcp_billing")
        if (row.instance_type, row.region) == (instance, region)
    }


def test_a_machine_is_the_sum_of_its_parts() -> None:
    """Cards by the GPU-hour, cores, GiB of memory, local SSD by the month."""
    found = _of("a3-highgpu-8g", "us-central1")
    assert found["on-demand", None].price.amount == pytest.approx(
        8 * 9.79655 + 208 * 0.0295 + 1872 * 0.0026 + 8 * 750 * 0.08 / 730
    )
    assert found["spot", None].price.amount == pytest.approx(
        8 * 5.8632 + 208 * 0.00885 + 1872 * 0.00078 + 8 * 750 * 0.08 / 730
    )
    assert found["reserved", 36].price.amount < found["spot", None].price.amount


def test_forty_and_eighty_gigabytes_are_two_cards() -> None:
    """ "A100 80GB" and "A100"."""
    small, large = _of("a2-highgpu-1g", "europe-west4"), _of("a2-ultragpu-1g", "europe-west4")
    assert small["on-demand", None].price.amount == pytest.approx(
        2.934 + 12 * 0.0348 + 85 * 0.00467
    )
    assert large["on-demand", None].memory_gb == 80


def test_a_b200_slice_is_the_whole_machine_and_only_spot() -> None:
    """Its usage type says OnDemand, its words Spot Preemptible; the plain price cannot be rented."""
    a4 = _of("a4-highgpu-8g", "us-central1")
    assert {key: row.price.amount for key, row in a4.items()} == {
        ("spot", None): pytest.approx(8 * 4.9542)
    }
    assert ("on-demand", None) not in _of("a3-highgpu-1g", "us-central1")


def test_other_products_are_left_out() -> None:
    """Reserved, DWS, workstations and sole tenancy have prices of their own."""
    (h100,) = {
        row.price.amount
        for row in offers("gcp_billing")
        if row.instance_type == "a3-highgpu-8g" and row.billing == "on-demand"
    }
    assert h100 > 80
    t4 = [row.price.amount for row in offers("gcp_billing") if row.accelerator_name == "T4"]
    assert t4 == [0.35]


def test_a_part_without_a_price_makes_no_machine() -> None:
    """H200 has a price, its host has none: said, not summed."""
    assert ("gcp a3-ultragpu-8g", "its card has a price, its host has none") in not_understood(
        "gcp_billing"
    )
    rows = _read(_like("Nvidia H100"), _like("A3 Instance Core"))
    assert not [row for row in rows if isinstance(row, RawOffer)]


def test_cards_for_an_n1_cost_the_host_on_top() -> None:
    """One card, no machine."""
    (t4,) = [row for row in offers("gcp_billing") if row.accelerator_name == "T4"]
    assert (t4.count, t4.host_included) == (1, False)


def test_a_new_card_is_named() -> None:
    """And nothing else in the catalogue makes noise."""
    assert {name for name, _ in not_understood("gcp_billing")} == {
        "gcp Nvidia R100 256GB GPU running in Americas",
        "gcp a3-ultragpu-8g",
    }
    assert unresolved(offers("gcp_billing")) == (set(), set())


@pytest.mark.parametrize(
    "pricing",
    [
        [],
        None,
        [{}],
        [{"pricingExpression": {"usageUnit": "h", "tieredRates": []}}],
        [
            {
                "pricingExpression": {
                    "usageUnit": "mo",
                    "tieredRates": [{"unitPrice": {"units": "9"}}],
                }
            }
        ],
        [
            {
                "pricingExpression": {
                    "usageUnit": "h",
                    "tieredRates": [{"unitPrice": {"units": "0", "nanos": 0}}],
                }
            }
        ],
        [
            {
                "pricingExpression": {
                    "usageUnit": "h",
                    "tieredRates": [{"unitPrice": {"units": "-2", "nanos": 0}}],
                }
            }
        ],
        [
            {
                "pricingExpression": {
                    "usageUnit": "h",
                    "tieredRates": [{"unitPrice": {"units": "free"}}],
                }
            }
        ],
        [
            {
                "pricingExpression": {
                    "usageUnit": "h",
                    "tieredRates": [{"unitPrice": {"units": "9", "currencyCode": "EUR"}}],
                }
            }
        ],
    ],
)
def test_prices_that_are_none_are_missing(pricing: Any) -> None:
    """A card without a price is named."""
    rows = _read(_like("Nvidia H100", pricingInfo=pricing))
    assert [type(row) for row in rows] == [NotUnderstood]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"error": {"code": 403}}', "'skus' is missing"),
        (b'{"skus": [{}]}', "a SKU without description"),
        (b'{"skus": [7]}', "a SKU without description"),
        (b'{"skus": ', "broken JSON"),
    ],
)
def test_another_shape_is_a_fault(body: bytes, why: str) -> None:
    """One readable line, and no key in it."""
    with pytest.raises(ParseFault, match=why) as raised:
        parse("gcp_billing", altered("gcp_billing", lambda _: body))
    assert KEY not in str(raised.value)


async def test_pages_are_followed_by_token_with_the_key() -> None:
    """Until the token is empty."""
    source = SOURCES["gcp_billing"]
    wire = Wire(source)
    assert len(await source.fetch(wire)) == 2
    assert "pageToken=AbCdEf" in wire.asked[1]
    assert all(f"key={KEY}" in line for line in wire.asked)


async def test_pages_that_never_end_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Always the same token."""
    real = Routes.answer

    def looping(routes: Routes, method: str, path: str, query: Any = None, *rest: Any) -> Any:
        return real(
            routes, method, path, {k: v for k, v in query.items() if k != "pageToken"}, *rest
        )

    monkeypatch.setattr(Routes, "answer", looping)
    source = SOURCES["gcp_billing"]
    with pytest.raises(FetchFault, match="do not end"):
        await source.fetch(Wire(source))
