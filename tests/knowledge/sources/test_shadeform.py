"""Shadeform: other clouds' machines, in cents, through a reseller."""

from __future__ import annotations

from feed_rows import missed, offer, offers, quoted, read

from knowledge.facts import providers
from knowledge.sources import SOURCES


def test_cents_of_the_whole_machine_of_another_cloud() -> None:
    """210 cents are 2.10 dollars; the reseller is named, so that its terms follow the row."""
    row = offer(read("shadeform"), instance_type="shadeform:hyperstack_A6000")
    assert (row.provider, row.via, quoted(row)) == (
        "hyperstack",
        "shadeform",
        ("machine", 2.10, "USD"),
    )
    assert (row.memory_gb, row.country) == (48, "CA")


def test_every_place_is_an_offer_and_says_whether_it_has_some() -> None:
    """The form factor is not taken from the field that is sometimes wrong."""
    rows = offers(read("shadeform"), instance_type="shadeform:lambdalabs_H100_sxm5x8")
    assert [(row.region, row.country, row.note) for row in rows] == [
        ("us-west-1", "US", "through Shadeform; none free when read"),
        ("saltlakecity-usa-1", "US", "through Shadeform"),
    ]
    assert {row.form_factor for row in rows} == {None}


def test_what_is_not_in_whole_cents_is_counted() -> None:
    """Dollars would be a hundred times too cheap; zero is no price."""
    assert missed(read("shadeform")) == {
        "datacrunch A100_80G": "no price in whole cents",
        "massedcompute L40Sx2": "no price in whole cents",
    }


def test_every_cloud_it_covers_is_one_we_know() -> None:
    """And its own feed wins over this one."""
    source = SOURCES["shadeform"]
    assert not source.first_party
    assert all(providers.provider(name) for name in source.providers)
