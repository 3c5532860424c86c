"""Lambda's API: whole cents, regions with some free, an A100 that does not say its size."""

from __future__ import annotations

import pytest
from feed_payloads import Wire
from feed_rows import edited, missed, offer, offers, quoted, read

from knowledge.feeds.source import FetchFault, ParseFault
from knowledge.sources import SOURCES


def test_cents_of_a_whole_machine() -> None:
    """3192 cents are 31.92 dollars for eight, wherever some are free."""
    rows = offers(read("lambda"), instance_type="gpu_8x_h100_sxm5")
    assert [row.region for row in rows] == ["us-west-1", "us-east-1"]
    assert {(row.count, quoted(row)) for row in rows} == {(8, ("machine", 31.92, "USD"))}


def test_sold_out_keeps_its_price() -> None:
    """An empty list of regions is no missing price."""
    row = offer(read("lambda"), instance_type="gpu_1x_a6000")
    assert (row.price.amount, row.region, row.note) == (1.09, None, "none free when read")


def test_an_a100_without_a_size_has_forty() -> None:
    """And one with a size has that."""
    rows = read("lambda")
    assert offer(rows, instance_type="gpu_1x_a100_sxm4").memory_gb == 40
    assert offer(rows, instance_type="gpu_8x_a100_80gb_sxm4").memory_gb is None


def test_a_fraction_of_a_cent_means_dollars() -> None:
    """2.29 would be two cents an hour: it is counted, not believed."""
    assert missed(read("lambda")) == {"gpu_1x_gh200": "no price in whole cents"}


def test_a_machine_without_gpu_is_one() -> None:
    """Its "N/A" is no card."""
    row = offer(read("lambda"), instance_type="cpu_4x_general")
    assert (row.count, row.accelerator_name) == (0, None)


def test_a_list_where_names_were_due_is_a_fault() -> None:
    """The types are keyed by name."""
    with pytest.raises(ParseFault, match="data is no object"):
        read("lambda", edited("lambda", lambda tree: tree.update(data=[])))


async def test_without_a_key_the_feed_says_no() -> None:
    """The key goes into the header; none, no answer."""

    class Keyless(Wire):
        def key(self) -> str:
            return "wrong"

    with pytest.raises(FetchFault) as raised:
        await SOURCES["lambda"].fetch(Keyless(SOURCES["lambda"]))
    assert raised.value.status == 401
