"""CoreWeave's page: labelled prices of whole machines, with CPU rows that look the same."""

from __future__ import annotations

import pytest
from feed_payloads import fetched
from feed_rows import missed, offer, offers, prices, quoted, read, rewritten

from knowledge.facts import regions
from knowledge.feeds.source import ParseFault
from knowledge.refresh.normalising import normalised
from knowledge.sources import SOURCES


def test_labelled_prices_are_those_of_the_machine() -> None:
    """The inference price and the unlabelled copy of the grid are not read."""
    rows = read("coreweave")
    assert prices(rows, instance_type="hgx-h100", region="NORTH AMERICA") == {
        ("on-demand", None): 49.24,
        ("spot", None): 19.71,
    }
    row = offer(rows, instance_type="nvidia-b200", billing="on-demand")
    assert (quoted(row), row.count, row.memory_gb, row.form_factor) == (
        ("machine", 68.80, "USD"),
        8,
        180,
        "SXM",
    )
    assert (row.vcpus, row.ram_gb) == (128, 2048)


def test_a_footnote_is_no_part_of_the_count() -> None:
    """4 with a footnote is 4, and never 41."""
    assert offer(read("coreweave"), instance_type="nvidia-gb200-nvl72").count == 4
    flat = rewritten("coreweave", "4<sup>1</sup>", "41")
    rows = read("coreweave", flat)
    assert not offers(rows, instance_type="nvidia-gb200-nvl72")
    assert "GPU count" in missed(rows)["NVIDIA GB200 NVL72"]


def test_regions_are_the_page_s_own() -> None:
    """North America's prices hold in the United States; Europe's in several countries."""
    assert offer(read("coreweave"), instance_type="hgx-h100", region="EUROPE").price.amount == 51.20
    assert {row.region for row in offers(read("coreweave"))} == {"NORTH AMERICA", "EUROPE"}
    assert regions.place("coreweave", "NORTH AMERICA") == ("", None, "us")
    assert regions.place("coreweave", "EUROPE") == ("", None, "eu")


def test_europe_is_a_place_without_a_country() -> None:
    """A question for Europe finds its prices, one for a country of it does not."""
    payloads = fetched("coreweave")
    source = SOURCES["coreweave"]
    found = normalised(source.parse(payloads), source, payloads, now=payloads[0].fetched_at)
    places = {(offer.region, offer.country, offer.geo) for offer in found.offers}
    assert places == {("NORTH AMERICA", None, "us"), ("EUROPE", None, "eu")}
    assert not found.unknown_regions


def test_cpu_rows_and_hidden_rows_are_outside() -> None:
    """The CPU section begins at its heading; a row that is never shown is no offer."""
    rows = read("coreweave")
    assert all(row.count for row in offers(rows))
    assert not offers(rows, instance_type="nvidia-h100-old")


def test_what_is_refused_is_counted() -> None:
    """Contact sales, and a price in euros on a page of dollars."""
    assert missed(read("coreweave")) == {
        "NVIDIA GB300 NVL72": "no price",
        "NVIDIA A100": "no plain price in dollars: '€9.65'",
    }


@pytest.mark.parametrize(
    "heading", [">On-demand GPU instances</h2>", ">On-demand CPU instances</h2>"]
)
def test_without_its_headings_the_page_is_another(heading: str) -> None:
    """The words in the menu and in the metadata are no headings."""
    with pytest.raises(ParseFault, match="stands 0 times"):
        read("coreweave", rewritten("coreweave", heading, ">Instances</h2>"))


def test_a_heading_twice_is_a_fault() -> None:
    """Then the end of the section is anyone's guess."""
    with pytest.raises(ParseFault, match="stands 2 times"):
        read(
            "coreweave", rewritten("coreweave", "Prices in USD", "<h3>On-demand CPU instances</h3>")
        )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('class="item-value"', 'class="price-value"'),
        ("On-Demand Price:", "Hourly:"),
        ("/ Hour", "/ Month"),
        ('role="listitem"', 'role="row"'),
        ("GPU Count", "Accelerators"),
        ("table-meta-value", "meta"),
    ],
)
def test_a_page_that_changed_gives_fewer_prices_never_others(old: str, new: str) -> None:
    """Each figure that is still read is one that was read before."""
    before = {(row.instance_type, row.region, row.billing, row.price) for row in read_offers()}
    try:
        after = offers(read("coreweave", rewritten("coreweave", old, new)))
    except ParseFault:
        return
    assert {(row.instance_type, row.region, row.billing, row.price) for row in after} < before


def read_offers() -> list:
    """The offers of the page as it is."""
    return offers(read("coreweave"))


def test_two_names_in_one_row_are_no_row() -> None:
    """The border between rows went: no price belongs to either."""
    rows = read(
        "coreweave",
        rewritten(
            "coreweave", 'class="table-model-name">NVIDIA L40S</h3></div>', "><b>X</b></h3></div>"
        ),
    )
    assert not offers(rows, instance_type="nvidia-l40s")


def test_a_new_kind_of_price_is_counted() -> None:
    """It is not read as one we know."""
    rows = read("coreweave", rewritten("coreweave", "Spot Price:", "Flex Price:"))
    assert "flex price" in missed(rows)["NVIDIA HGX H100"]
    assert not offers(rows, billing="spot")
