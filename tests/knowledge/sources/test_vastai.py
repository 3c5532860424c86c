"""Vast.ai: hosts that overlap, bids, and those nobody verified."""

from __future__ import annotations

from feed_payloads import Wire
from feed_rows import missed, offer, offers, quoted, read

from knowledge.sources import SOURCES
from knowledge.sources.vastai import CARDS


def test_every_verified_host_is_an_offer() -> None:
    """The total with storage, and the bid for the whole of it; sizes of one machine overlap."""
    rows = read("vastai")
    single = offers(rows, instance_type="1x H100 SXM")
    assert [(row.billing, row.price.amount) for row in single] == [
        ("on-demand", 2.4024),
        ("spot", 1.6),
        ("on-demand", 2.2103),
    ]
    eight = offer(rows, instance_type="8x H100 SXM", billing="on-demand")
    assert (quoted(eight), eight.country) == (("machine", 19.22, "USD"), "US")


def test_a_slice_of_a_host_gets_its_share_of_memory() -> None:
    """24 of 192 cores, an eighth of the memory; MiB of one card."""
    row = offer(read("vastai"), instance_type="1x H100 SXM", billing="spot")
    assert (row.vcpus, row.ram_gb, round(row.memory_gb or 0, 1)) == (24, 252, 79.6)


def test_unverified_and_rented_hosts_are_no_rows_and_empty_ones_are_counted() -> None:
    """An unverified host would be the cheapest of all."""
    rows = read("vastai")
    assert missed(rows) == {"RTX 4090": "no price"}
    assert not [row for row in offers(rows) if row.price.amount in {1.21, 0.9}]


async def test_cards_are_asked_for_one_by_one() -> None:
    """Ten questions a minute are allowed, and an answer is cut."""
    source = SOURCES["vastai"]
    wire = Wire(source)
    await source.fetch(wire)
    assert len(wire.asked) == len(CARDS) <= 10


def test_it_is_off_until_an_operator_opts_in() -> None:
    """The reason names the terms and whom to ask."""
    assert "data@vast.ai" in (SOURCES["vastai"].opt_in or "")
