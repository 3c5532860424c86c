"""gpurentalprices.com: prices of one GPU, ages of rows, sellers and kinds we do not know."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from feed_payloads import (
    FETCHED_AT,
    altered,
    fetched,
    not_understood,
    offers,
    parse,
    unresolved,
)

from knowledge.facts.attribution import publisher
from knowledge.feeds.source import NotUnderstood, ParseFault, PerAccelerator, RawOffer, Row

BODY = json.loads(fetched("gpurentalprices")[0].body)


def _read(*changed: dict[str, Any], **body: Any) -> list[Row]:
    rows = [{**BODY["offers"][0], **one} for one in changed]
    sent = {**BODY, "offers": rows, **body}
    return parse("gpurentalprices", altered("gpurentalprices", lambda _: json.dumps(sent).encode()))


def _of(provider: str) -> list[RawOffer]:
    return [row for row in offers("gpurentalprices") if row.provider == provider]


def test_every_price_is_for_one_gpu_and_the_least_order_is_kept() -> None:
    """A machine of eight at 6.155 each, not a machine at 6.155."""
    h100 = _of("coreweave")[0]
    assert (h100.price, h100.count, h100.memory_gb) == (PerAccelerator(6.155), 8, 80)
    together = _of("together")[0]
    assert together.count == 1
    assert together.note is not None


def test_the_three_that_no_other_open_feed_has_are_there() -> None:
    """CoreWeave, Together and Voltage Park, however their names are written."""
    assert _of("coreweave")
    assert _of("together")
    assert _of("voltagepark")
    assert _of("verda")[0].accelerator_name == "b300"


def test_two_products_of_one_seller_stay_two() -> None:
    """Secure and community cloud."""
    assert {row.instance_type for row in _of("runpod")} == {
        "h100-sxm (secure)",
        "h100-sxm (community)",
    }


def test_serverless_rents_no_machine() -> None:
    """Priced by the second of a request."""
    assert 4.5 not in [row.price.amount for row in offers("gpurentalprices")]
    assert not any("fal" in name for name, _ in not_understood("gpurentalprices"))


def test_kinds_are_told_apart_and_new_ones_named() -> None:
    """Never taken for on-demand."""
    assert _of("nebius")[0].billing == "spot"
    assert _of("hyperstack")[0].billing == "reserved"
    assert ("vultr mi355x", "kind 'subscription'") in not_understood("gpurentalprices")


def test_sellers_that_price_the_card_alone_say_so() -> None:
    """Google's GPU page leaves the VM out."""
    assert not _of("gcp")[0].host_included
    assert _of("coreweave")[0].host_included


def test_a_row_is_as_old_as_its_own_reading() -> None:
    """A stale seller is shown with its age or not at all; no row comes from the future."""
    assert _of("crusoe")[0].as_of == datetime(2026, 11, 17, 21, tzinfo=UTC)
    assert ("crusoe h200", "stale, undated") in not_understood("gpurentalprices")
    (early,) = _read({"fetched_at": "2031-01-01T00:00:00Z"})
    assert isinstance(early, RawOffer)
    assert early.as_of == FETCHED_AT
    (undated,) = _read({"fetched_at": None})
    assert isinstance(undated, RawOffer)
    assert undated.as_of == datetime(2026, 11, 25, 5, 47, 0, 20000, tzinfo=UTC)


@pytest.mark.parametrize("bad", [0, -1, None, "contact us", "", float("inf"), True, [], "NaN"])
def test_prices_that_are_none_are_missing(bad: Any) -> None:
    """No offer, no fault, and counted: nothing is dropped in silence."""
    (row,) = _read({"usd_hr": bad})
    assert isinstance(row, NotUnderstood)
    assert row.why == "no price"


def test_unknown_sellers_and_cards_are_named() -> None:
    """A new cloud is not filed under another, a new card not under a known one."""
    assert ("newcloud h100", "no such provider in providers.csv") in not_understood(
        "gpurentalprices"
    )
    assert unresolved(offers("gpurentalprices")) == ({"x900"}, set())


def test_every_row_is_credited_to_the_dataset() -> None:
    """CC BY 4.0: whoever sees the price sees whose it is."""
    for row in offers("gpurentalprices"):
        assert publisher(row.source_url, "gpurentalprices") == "gpurentalprices.com (CC BY 4.0)"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"offers": {}}, "is no list"),
        ({"offers": [5]}, "no object"),
        ({"offers": [{"provider": "aws"}]}, "without 'gpu'"),
        ({"offers": [{"provider": 1, "gpu": "h100", "kind": "spot", "usd_hr": 1}]}, "no text"),
        ({"providers": []}, "is no object"),
    ],
)
def test_another_shape_is_a_fault(body: dict[str, Any], why: str) -> None:
    """One readable line."""
    with pytest.raises(ParseFault, match=why):
        _read(**body)


def test_a_cut_file_is_a_fault() -> None:
    """Half the JSON."""
    with pytest.raises(ParseFault, match=r"latest\.json: broken JSON"):
        parse("gpurentalprices", altered("gpurentalprices", lambda body: body[:-100]))
