"""Voltage Park: per GPU here, per machine there, and no names of places."""

from __future__ import annotations

import pytest
from feed_payloads import fetched
from feed_rows import edited, missed, offer, offers, quoted, read

from knowledge.feeds.source import ParseFault


def test_locations_quote_the_gpu_and_presets_the_machine() -> None:
    """The two lists are told apart by type, so that nobody multiplies twice."""
    rows = read("voltagepark")
    metal = offer(rows, instance_type="bare metal 8x h100-sxm5-80gb infiniband")
    assert (quoted(metal), metal.count) == (("gpu", 2.49, "USD"), 8)
    machine = offer(rows, instance_type="VM 8x h100-sxm5-80gb")
    assert (quoted(machine), machine.count) == (("machine", 15.12, "USD"), 8)
    assert (machine.vcpus, machine.ram_gb) == (208, 1800)


def test_a_price_stays_when_nothing_is_free() -> None:
    """And says so; a site has an id and no name, two of them stay two."""
    rows = offers(read("voltagepark"), instance_type="bare metal 8x h100-sxm5-80gb ethernet")
    assert [(row.price.amount, row.note) for row in rows] == [
        (1.99, "none free when read"),
        (2.05, None),
    ]
    assert {row.country for row in rows} == {"US"}
    assert len({row.region for row in rows}) == 2
    assert [row.stock.state for row in rows if row.stock] == ["sold_out", "available"]


def test_what_has_no_price_is_counted() -> None:
    """ "Contact for pricing" and zero."""
    assert missed(read("voltagepark")) == {
        "h100-sxm5-80gb infiniband": "no price",
        "h100-sxm5-80gb": "no GPU model, count or price",
    }


def test_a_price_column_nobody_knows_and_a_second_page_are_told() -> None:
    """Neither is read, neither is passed over in silence."""

    def grow(tree: dict) -> None:
        tree["has_next"] = True
        tree["results"][0]["gpu_price_spot"] = "0.99"

    found = missed(read("voltagepark", edited("voltagepark", grow)))
    assert {"has_next", "gpu_price_spot"} <= found.keys()


def test_the_presets_may_go() -> None:
    """They are deprecated: the locations alone are a feed."""
    assert offers(read("voltagepark", fetched("voltagepark")[:1]))


@pytest.mark.parametrize("price", ["0", "-1.99", "NaN", "", None, "contact us"])
def test_no_price_is_never_zero(price: object) -> None:
    """All of them: then it is no feed any more."""

    def spoil(tree: dict) -> None:
        for result in tree["results"]:
            result.update(gpu_price_ethernet=price, gpu_price_infiniband=price)

    with pytest.raises(ParseFault, match="no row of it is an offer"):
        read("voltagepark", edited("voltagepark", spoil)[:1])
