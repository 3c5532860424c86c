"""Scaleway: euros, bytes, zones that are not there."""

from __future__ import annotations

import pytest
from feed_payloads import fetched
from feed_rows import edited, missed, offer, offers, quoted, read

from knowledge.facts import regions
from knowledge.feeds.source import ParseFault
from knowledge.sources.scaleway import ZONES


def test_euros_stay_and_bytes_go() -> None:
    """Conversion is for those who have a rate; memory is of one card."""
    row = offer(read("scaleway"), instance_type="B300-SXM-8-288G")
    assert quoted(row) == ("machine", 59.08, "EUR")
    assert (row.count, row.memory_gb, row.ram_gb, row.region) == (8, 288, 3840, "fr-par-2")


def test_every_zone_has_its_place() -> None:
    """Zones resolve as regions do."""
    assert {regions.place("scaleway", zone).country for zone in ZONES} == {"FR", "NL", "PL"}


def test_zones_that_are_not_there_are_left_out() -> None:
    """Six of nine answer."""
    tags = {payload.tag for payload in fetched("scaleway")}
    assert {tag for tag in tags if not tag.endswith(" stock")} < set(ZONES)
    assert len({row.region for row in offers(read("scaleway"))}) == 5


def test_slices_and_old_types_are_no_rows() -> None:
    """Ten gigabytes of an H100 for 0.44 would be the cheapest H100 of the world."""
    names = {row.instance_type for row in offers(read("scaleway"))}
    assert not names & {"GPU-3070-S", "H100-1-10M"}


def test_a_month_s_price_is_no_hour_s_times_730() -> None:
    """Without an hourly price there is none."""
    assert missed(read("scaleway")) == {"L40S-9-48G": "no hourly price"}


def test_a_count_without_a_card_is_counted() -> None:
    """Either both or none."""

    def spoil(tree: dict) -> None:
        del tree["servers"]["L4-1-24G"]["gpu_info"]

    rows = read("scaleway", edited("scaleway", spoil, tag="fr-par-2"))
    assert "do not agree" in missed(rows)["L4-1-24G"]


def test_a_zone_of_another_shape_fails_the_feed() -> None:
    """One body that is wrong makes all of them doubtful."""

    def spoil(tree: dict) -> None:
        tree["servers"] = []

    with pytest.raises(ParseFault, match="pl-waw-2: servers is no object"):
        read("scaleway", edited("scaleway", spoil, tag="pl-waw-2"))
