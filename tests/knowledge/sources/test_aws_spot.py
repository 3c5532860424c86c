"""AWS spot: old region names, prices that are words, and only machines with cards."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from feed_payloads import altered, fetched, not_understood, offers, parse, unresolved

from knowledge.feeds.source import ParseFault, RawOffer, Row


def _read(change: Any) -> list[Row]:
    body = json.loads(fetched("aws_spot")[0].body)
    change(body, body["config"]["regions"])
    return parse("aws_spot", altered("aws_spot", lambda _: json.dumps(body).encode()))


def test_every_price_is_spot_and_for_the_whole_machine() -> None:
    """By type and region."""
    rows = {(row.instance_type, row.region): row for row in offers("aws_spot")}
    assert {row.billing for row in rows.values()} == {"spot"}
    assert rows["p5.48xlarge", "us-east-1"].price.amount == 21.3405
    assert rows["p5.48xlarge", "us-east-1"].count == 8
    assert rows["g5.xlarge", "eu-west-1"].price.amount == 0.441


def test_words_zero_and_negative_are_no_prices() -> None:
    """ "N/A*" means not sold."""
    sold = {(row.instance_type, row.region) for row in offers("aws_spot")}
    assert ("p4d.24xlarge", "us-east-1") not in sold
    assert ("g5.xlarge", "us-east-1") not in sold
    assert ("p5en.48xlarge", "ap-south-1") not in sold


def test_windows_columns_and_machines_without_cards_are_left_out() -> None:
    """Of the latter the file says neither vCPUs nor memory."""
    assert all(row.accelerator_name for row in offers("aws_spot"))

    def only_windows(_: Any, places: Any) -> None:
        for column in places[1]["instanceTypes"][0]["sizes"][0]["valueColumns"]:
            column["name"] = "mswin"

    assert "eu-west-1" not in {
        row.region for row in _read(only_windows) if isinstance(row, RawOffer)
    }


def test_new_families_and_new_regions_are_named() -> None:
    """The price of an unknown region is kept with its code, for `sources` to list."""
    assert {name for name, _ in not_understood("aws_spot")} == {"aws p9.96xlarge", "aws g6f.large"}
    assert unresolved(offers("aws_spot")) == (set(), {"aws zz-north-9"})


def test_a_frozen_file_shows_its_age() -> None:
    """The older twin answers 200 with prices of 2024."""
    old = datetime(2024, 5, 13, tzinfo=UTC)
    frozen = [replace(one, last_modified=old) for one in fetched("aws_spot")]
    assert {row.as_of for row in parse("aws_spot", frozen) if isinstance(row, RawOffer)} == {old}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda body, _: body.pop("config"), "'config' is missing"),
        (lambda body, _: body["config"].update(regions={}), "is no list"),
        (lambda _, places: places.append({}), "a region without its name"),
        (lambda _, places: places[0].pop("instanceTypes"), "'instanceTypes' is missing"),
        (lambda _, places: places[0]["instanceTypes"].append({}), "'sizes' is missing"),
        (
            lambda _, places: places[0]["instanceTypes"][0]["sizes"].append({}),
            "a size of us-east-1",
        ),
        (
            lambda _, places: places[1]["instanceTypes"][0]["sizes"][0].update(valueColumns=None),
            "is no list",
        ),
        (
            lambda _, places: places[1]["instanceTypes"][0]["sizes"][0]["valueColumns"].append(3),
            "a column that is no object",
        ),
    ],
)
def test_another_shape_is_a_fault(change: Any, why: str) -> None:
    """One readable line."""
    with pytest.raises(ParseFault, match=why):
        _read(change)


def test_the_twin_in_javascript_is_a_fault() -> None:
    """callback(...) is no JSON."""
    with pytest.raises(ParseFault, match="broken JSON"):
        parse("aws_spot", altered("aws_spot", lambda body: b"callback(" + body + b");"))
