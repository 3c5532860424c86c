"""RunPod: per GPU, two products, and fields whose unit is disputed."""

from __future__ import annotations

import pytest
from feed_rows import edited, missed, offer, offers, prices, quoted, read

from knowledge.feeds.source import ParseFault
from knowledge.sources import SOURCES


def test_secure_and_community_are_two_products() -> None:
    """Each in the sizes that are sold, per GPU."""
    rows = read("runpod")
    secure = offer(rows, instance_type="8x H100 SXM (secure)", billing="on-demand")
    assert (quoted(secure), secure.count) == (("gpu", 3.99, "USD"), 8)
    hosts = offers(rows, instance_type="2x H100 SXM (community)")
    assert {(row.billing, row.price.amount, row.note) for row in hosts} == {
        ("on-demand", 2.69, "community host"),
        ("spot", 1.75, "community host"),
    }


def test_no_more_cards_than_a_machine_holds() -> None:
    """Two of the A100, and not on community hosts that do not sell it."""
    rows = offers(read("runpod"), accelerator_name="A100 PCIe")
    assert [row.instance_type for row in rows] == ["1x A100 PCIe (secure)", "2x A100 PCIe (secure)"]


def test_a_spot_price_that_saves_nothing_is_none() -> None:
    """The field repeats the list price where there is no market."""
    found = prices(read("runpod"), instance_type="1x H100 SXM (secure)")
    assert found == {("on-demand", None): 3.99, ("reserved", 1): 3.59, ("reserved", 3): 3.39}


def test_slices_and_the_placeholder_are_no_rows() -> None:
    """A part of a card is no card."""
    rows = read("runpod")
    assert {row.accelerator_name for row in offers(rows)} == {"H100 SXM", "A100 PCIe"}


def test_a_price_of_a_term_is_no_price_of_an_hour() -> None:
    """Dearer than the list price means another unit."""
    assert missed(read("runpod")) == {
        "H100 SXM": "sixMonthPrice 14826 is no price of an hour",
        "RTX 6000 Ada": "no price",
    }


def test_an_error_of_the_api_is_a_fault() -> None:
    """GraphQL says it with status 200."""
    with pytest.raises(ParseFault, match="Cannot query field"):
        read(
            "runpod",
            edited(
                "runpod", lambda tree: tree.update(errors=[{"message": "Cannot query field x"}])
            ),
        )


def test_it_is_off_until_an_operator_opts_in() -> None:
    """The reason is its terms."""
    assert "automated" in (SOURCES["runpod"].opt_in or "")
