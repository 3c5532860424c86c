"""Vultr: slices of cards, plans at several places, metal that names its cards in its id."""

from __future__ import annotations

from feed_payloads import Wire, fetched
from feed_rows import edited, missed, offer, offers, prices, quoted, read

from knowledge.sources import SOURCES


def test_a_plan_is_an_offer_at_each_place() -> None:
    """With the memory of one card and megabytes turned into gigabytes."""
    rows = offers(read("vultr"), instance_type="vcg-a100-12c-120g-80vram")
    assert [row.region for row in rows] == ["ewr", "sjc"]
    assert {(row.count, row.memory_gb, row.ram_gb, quoted(row)) for row in rows} == {
        (1, 80, 120, ("machine", 2.397, "USD"))
    }


def test_memory_tells_how_many_cards() -> None:
    """64 GB of A16 are four of its GPUs."""
    row = offer(read("vultr"), instance_type="vcg-a16-16c-256g-64vram")
    assert (row.count, row.memory_gb) == (4, 16)


def test_sold_out_keeps_its_price() -> None:
    """No place, and a word why."""
    row = offer(read("vultr"), instance_type="vcg-a16-16c-256g-64vram")
    assert (row.region, row.note) == (None, "sold out when read")


def test_metal_names_its_cards_in_its_id() -> None:
    """Also the superchip that has no count; the spot price stands beside."""
    rows = read("vultr")
    assert prices(rows, instance_type="vbm-112c-2048gb-8-h100-gpu") == {
        ("on-demand", None): 23.92,
        ("spot", None): 18.4,
    }
    row = offer(rows, instance_type="vbm-112c-2048gb-8-h100-gpu", billing="spot")
    assert (row.count, row.memory_gb, row.vcpus) == (8, 80, 224)
    assert offer(rows, instance_type="vbm-72c-480gb-gh200-gpu").count == 1
    assert offer(rows, instance_type="vbm-4c-32gb").accelerator_name is None


def test_a_slice_is_no_row() -> None:
    """A twentieth of an A100 is no A100."""
    assert not offers(read("vultr"), instance_type="vcg-a100-1c-6g-4vram")


def test_unknown_cards_and_free_machines_are_counted() -> None:
    """Zero is no price, also where a month has one."""
    assert missed(read("vultr")) == {
        "NVIDIA_Q9": "vcg-q9-8c-64g-40vram: number of cards not known",
        "vcg-a40-24c-120g-48vram": "no hourly price",
    }


def test_pages_are_followed_to_the_last() -> None:
    """By the cursor the feed gives."""
    assert [payload.tag for payload in fetched("vultr")] == ["plans", "plans", "plans_metal"]


async def test_a_feed_that_turns_in_circles_is_stopped(monkeypatch) -> None:
    """Not after fifty pages, and not never."""
    import pytest

    from knowledge.feeds.source import FetchFault

    source = SOURCES["vultr"]
    wire = Wire(source)
    first = await wire.get("/v2/plans", params={"type": "all"})

    async def same(*_: object, **__: object) -> object:
        return first

    monkeypatch.setattr(wire, "get", same)
    with pytest.raises(FetchFault, match="more than 50 pages"):
        await source.fetch(wire)


def test_a_new_metal_plan_without_a_count_is_counted() -> None:
    """Only a superchip is one for sure."""

    def rename(tree: dict) -> None:
        tree["plans_metal"][0]["id"] = "vbm-112c-2048gb-b200-gpu"

    rows = read("vultr", edited("vultr", rename, tag="plans_metal"))
    assert missed(rows)["b200"] == "vbm-112c-2048gb-b200-gpu: number of cards not known"
