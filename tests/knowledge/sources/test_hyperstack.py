"""Hyperstack: a book of prices and the machines they belong to; what one account pays is nobody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from feed_payloads import fetched
from feed_rows import edited, missed, offer, offers, quoted, read

from knowledge.feeds.source import ParseFault


def test_the_book_prices_the_gpu_of_each_machine() -> None:
    """Two flavors of one card, each at its place."""
    rows = offers(read("hyperstack"), accelerator_name="H100-80G-PCIe", billing="on-demand")
    assert [(row.instance_type, row.count, row.region, quoted(row)) for row in rows] == [
        ("n3-H100x1", 1, "CANADA-1", ("gpu", 2.5, "USD")),
        ("n3-H100x8", 8, "NORWAY-1", ("gpu", 2.5, "USD")),
    ]
    assert rows[1].note == "none free when read"


def test_a_name_that_ends_in_spot_is_spot() -> None:
    """Of the card without the ending."""
    row = offer(read("hyperstack"), instance_type="n3-H100x1-spot")
    assert (row.billing, row.accelerator_name, row.price.amount) == ("spot", "H100-80G-PCIe", 2.0)


def test_a_discount_of_one_account_is_not_the_list_price() -> None:
    """The operator's own terms must not be shown to everyone."""
    assert offer(read("hyperstack"), instance_type="n3-H100-NVLinkx8").price.amount == 2.60

    def hide(tree: list) -> None:
        del tree[2]["original_value"]

    rows = read("hyperstack", edited("hyperstack", hide))
    assert not offers(rows, instance_type="n3-H100-NVLinkx8")


def test_a_price_holds_in_its_time() -> None:
    """The line that ended is no row; read in August it was the one."""
    assert offer(read("hyperstack"), instance_type="n3-B200-SXMx8").price.amount == 6.0
    august = [
        replace(one, fetched_at=datetime(2026, 8, 1, tzinfo=UTC)) for one in fetched("hyperstack")
    ]
    assert offer(read("hyperstack", august), instance_type="n3-B200-SXMx8").price.amount == 5.2


def test_what_cannot_be_joined_is_counted() -> None:
    """A price without a machine, and a machine without a price."""
    found = missed(read("hyperstack"))
    assert found == {
        "RTX-A6000": "n3-RTX-A6000x1: not in the book",
        "B300-SXM": "no machine is sold with it",
    }


@pytest.mark.parametrize("at", [0, 1])
def test_both_lists_are_needed(at: int) -> None:
    """One without the other prices nothing."""
    with pytest.raises(ParseFault, match="hyperstack: no "):
        read("hyperstack", [fetched("hyperstack")[at]])
