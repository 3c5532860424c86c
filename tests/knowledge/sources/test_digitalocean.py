"""DigitalOcean: memory as the total, spot in the slug, pages by link."""

from __future__ import annotations

from feed_payloads import fetched
from feed_rows import edited, missed, offer, offers, quoted, read


def test_memory_is_that_of_all_cards() -> None:
    """640 GB of eight are 80 each; one offer for each region."""
    rows = offers(read("digitalocean"), instance_type="gpu-h100x8-640gb")
    assert [row.region for row in rows] == ["nyc1", "tor1"]
    assert {(row.count, row.memory_gb, row.ram_gb, quoted(row)) for row in rows} == {
        (8, 80, 1920, ("machine", 23.92, "USD"))
    }


def test_the_slug_says_spot_and_liquid() -> None:
    """Nothing else does."""
    row = offer(read("digitalocean"), instance_type="gpu-b300x8-2304gb-lc-spot")
    assert (row.billing, row.note) == ("spot", "liquid-cooled")


def test_not_to_be_ordered_keeps_its_price() -> None:
    """No region, or none available."""
    row = offer(read("digitalocean"), instance_type="gpu-l40sx1-48gb")
    assert (row.region, row.note, row.price.amount) == (None, "not to be ordered when read", 1.57)

    def close(tree: dict) -> None:
        tree["sizes"][0]["available"] = False

    rows = read("digitalocean", edited("digitalocean", close))
    assert offer(rows, instance_type="gpu-h100x8-640gb").region is None


def test_what_misses_a_price_or_its_gpu_is_counted() -> None:
    """A month's price is not read; a GPU droplet without a GPU is no CPU machine."""
    assert missed(read("digitalocean")) == {
        "gpu-6000adax1-48gb": "no hourly price",
        "gpu-4000adax1-20gb": "no GPU name or count",
    }


def test_the_feed_s_own_links_are_followed() -> None:
    """To the last page."""
    assert len(fetched("digitalocean")) == 2
