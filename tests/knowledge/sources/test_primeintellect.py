"""Prime Intellect: machines of other clouds, sold by it."""

from __future__ import annotations

from feed_payloads import fetched
from feed_rows import missed, offer, prices, quoted, read


def test_the_seller_is_prime_intellect_and_the_cloud_is_named() -> None:
    """One machine on demand and as spot."""
    rows = read("primeintellect")
    assert prices(rows, instance_type="datacrunch:1H100.80S.30V") == {
        ("on-demand", None): 2.29,
        ("spot", None): 1.15,
    }
    row = offer(rows, instance_type="datacrunch:1H100.80S.30V", billing="on-demand")
    assert (row.provider, row.note, row.region, row.country) == (
        "primeintellect",
        "runs on datacrunch",
        "FIN-02",
        "FI",
    )
    assert (row.form_factor, row.memory_gb) == ("SXM", 80)


def test_a_community_host_is_said() -> None:
    """With its own price, for the whole of it, which may vary."""
    row = offer(read("primeintellect"), provider="primeintellect", country="US")
    assert quoted(row) == ("machine", 0.68, "USD")
    assert row.starting_at
    assert row.note == "runs on dc_roan; community host; none free when read"


def test_what_has_no_price_in_dollars_is_counted() -> None:
    """And a machine without GPU is none of ours."""
    assert missed(read("primeintellect")) == {
        "B200_180GB": "gpu_8x_b200: no price in USD",
        "A100_80GB": "NVIDIA A100 80GB PCIe: no price in USD",
    }


def test_pages_are_read_until_the_total() -> None:
    """Three of six, then the other three."""
    assert len(fetched("primeintellect")) == 2
