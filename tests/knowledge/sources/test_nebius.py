"""Nebius' document: tabs, dates, escaped dollars, and a host that is billed apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from feed_payloads import fetched
from feed_rows import missed, offer, offers, prices, quoted, read, rewritten

from knowledge.feeds.source import ParseFault


def test_the_price_that_holds_on_the_day_of_reading() -> None:
    """From October 2026 one, before it the other; neither tab of another currency."""
    assert prices(read("nebius"), instance_type="gpu-h100-sxm") == {
        ("on-demand", None): 4.50,
        ("spot", None): 2.15,
    }
    early = [
        replace(one, fetched_at=datetime(2026, 9, 30, 23, 59, tzinfo=UTC))
        for one in fetched("nebius")
    ]
    assert prices(read("nebius", early), instance_type="gpu-h100-sxm") == {
        ("on-demand", None): 3.85,
        ("spot", None): 1.80,
    }


def test_two_tables_in_one_are_two_tables() -> None:
    """A second header row inside a table starts the other dates."""
    rows = offers(read("nebius"), instance_type="gpu-b200-sxm", billing="on-demand")
    assert {(row.region, row.price.amount) for row in rows} == {
        ("us-central1", 8.5),
        ("me-west1", 8.5),
    }


def test_prices_are_per_gpu_of_an_sxm_board() -> None:
    """NVLink is no form factor; the platform's name says it."""
    row = offer(read("nebius"), instance_type="gpu-h100-sxm", billing="spot")
    assert (quoted(row), row.count, row.form_factor) == (("gpu", 2.15, "USD"), 1, "SXM")
    assert row.accelerator_name == "NVIDIA H100 NVLink"


def test_a_host_billed_apart_is_said() -> None:
    """The L40S costs its vCPUs and memory on top; the H100 does not."""
    rows = read("nebius")
    card = offer(rows, instance_type="gpu-l40s-a")
    assert not card.host_included
    assert card.note == "vCPUs and memory are billed on top"
    assert all(row.host_included for row in offers(rows, instance_type="gpu-h100-sxm"))


def test_the_l40s_host_is_apart_also_when_the_page_says_it_elsewhere() -> None:
    """Its section lost the rows of its parts."""
    lines = rewritten("nebius", "| Intel Ice Lake. CPU | \\$0.012 | 1 CPU hour |\n", "")
    lines = rewritten(lines, "| Intel Ice Lake. RAM | \\$0.0032 | 1 GiB hour |\n", "")
    assert not offer(read("nebius", lines), instance_type="gpu-l40s-a").host_included


def test_a_from_price_and_a_private_region_are_said() -> None:
    """The seller may ask more, and not of everyone."""
    row = offer(read("nebius"), instance_type="gpu-b300-sxm")
    assert row.starting_at
    assert row.note == "a private region"


def test_contact_us_is_counted() -> None:
    """And rows without a GPU are no rows of ours."""
    assert missed(read("nebius")) == {"NVIDIA GB300 NVL72": "no price: 'Contact us'"}


def test_a_heading_that_went_lends_its_rows_to_nobody() -> None:
    """B200 prices under the H100's heading are not H100 prices."""
    rows = read("nebius", rewritten("nebius", "#### NVIDIA® B200 NVLink, gpu-b200-sxm\n", ""))
    assert prices(rows, accelerator_name="NVIDIA H100 NVLink") == {
        ("on-demand", None): 4.50,
        ("spot", None): 2.15,
    }
    assert "does not name the card of its heading" in missed(rows)["NVIDIA B200 NVLink"]


def test_a_date_nobody_can_read_holds_no_price() -> None:
    """Neither old nor new is taken."""
    payloads = rewritten("nebius", "from October 1, 2026", "from Q4")
    rows = read("nebius", payloads)
    assert not offers(rows, instance_type="gpu-h100-sxm")
    assert "date" in missed(rows)["NVIDIA H100 NVLink"]


def test_another_currency_in_the_tab_is_refused() -> None:
    """The sign decides, not the place."""
    rows = read("nebius", rewritten("nebius", "\\$4.50", "€4.50"))
    assert "no plain price in dollars" in missed(rows)["NVIDIA H100 NVLink"]
    assert ("on-demand", None) not in prices(rows, instance_type="gpu-h100-sxm")


@pytest.mark.parametrize("end", ["| 1 GPU ho", "</Tab>", "Preempt"])
def test_a_document_cut_off_is_a_fault(end: str) -> None:
    """Inside its tabs and inside a row it shows."""
    (payload,) = fetched("nebius")
    at = payload.body.rindex(end.encode()) + len(end) - 2
    with pytest.raises(ParseFault, match="cut off"):
        read("nebius", [replace(payload, body=payload.body[:at])])


def test_a_new_column_before_the_price_moves_nothing() -> None:
    """Columns are found by their names."""
    payloads = rewritten("nebius", "| **Price** |", "| **vCPU** | **Price** |")
    for price in ("\\$", "₪", "[Contact"):
        payloads = rewritten(payloads, f"| {price}", f"| 16 | {price}")
    rows = read("nebius", payloads)
    assert prices(rows, instance_type="gpu-h100-sxm")[("on-demand", None)] == 4.50
