"""OVHcloud: hundred-millionths of a euro, and many plans that are not machines by the hour."""

from __future__ import annotations

import pytest
from feed_rows import edited, missed, offer, offers, quoted, read

from knowledge.feeds.source import ParseFault


def test_a_price_is_a_whole_number_of_hundred_millionths() -> None:
    """2.80 EUR for the machine, whatever the number of its cards."""
    rows = read("ovhcloud")
    assert quoted(offer(rows, instance_type="h100-380", region="global")) == (
        "machine",
        2.80,
        "EUR",
    )
    pair = offer(rows, instance_type="h100-760")
    assert (pair.count, pair.memory_gb, pair.price.amount) == (2, 80, 5.60)
    assert {row.provider for row in offers(rows)} == {"ovh"}


def test_one_price_holds_in_every_region_of_its_kind() -> None:
    """And regions of another kind (three zones, local ones) have plans of their own."""
    places = {(row.region, row.country) for row in offers(read("ovhcloud"))}
    assert places == {("global", None), ("LZ.EUROZONE", None)}


def test_managed_services_and_other_addons_are_no_rows() -> None:
    """An AI service carries a GPU too, but is priced by the minute."""
    rows = read("ovhcloud")
    assert len(offers(rows, region="global")) == 4
    assert not any("ai-" in name or "b3" in name or "volume" in name for name in missed(rows))


def test_windows_and_months_are_no_rows() -> None:
    """Other products, understood and left out."""
    rows = read("ovhcloud")
    assert {row.instance_type for row in offers(rows)} == {
        "h100-380",
        "h100-760",
        "l4-90",
        "t1-le-45",
    }


def test_a_plan_without_a_price_that_holds_is_counted() -> None:
    """None at all, and one whose unit cannot be."""
    assert missed(read("ovhcloud")) == {
        "rtx5000-28.consumption": "no price",
        "l40s-90.consumption": (
            "1.4 stands beside '1 400.00 €': the unit is not the documented one"
        ),
    }


def test_the_printed_price_proves_the_unit() -> None:
    """All prices a hundredfold, as if they were cents: none is believed."""

    def inflate(tree: dict) -> None:
        for addon in tree["addons"]:
            for pricing in addon["pricings"]:
                pricing["price"] *= 100

    with pytest.raises(ParseFault, match="no row of it is an offer"):
        read("ovhcloud", edited("ovhcloud", inflate))


@pytest.mark.parametrize(("key", "value"), [("currencyCode", "USD"), ("subsidiary", "US")])
def test_another_book_is_a_fault(key: str, value: str) -> None:
    """Euros and dollars must not change places."""
    with pytest.raises(ParseFault, match="is the book of"):
        read("ovhcloud", edited("ovhcloud", lambda tree: tree["locale"].update({key: value})))


def test_two_hourly_prices_are_none() -> None:
    """Which of them would be a guess."""

    def double(tree: dict) -> None:
        pricings = tree["addons"][0]["pricings"]
        pricings.append({**pricings[0], "price": 250000000})

    rows = read("ovhcloud", edited("ovhcloud", double))
    assert missed(rows)["h100-380.consumption"] == "2 hourly prices"
