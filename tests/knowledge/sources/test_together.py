"""Together's page: one section of several that look alike, and terms in the columns."""

from __future__ import annotations

import pytest
from feed_rows import missed, offer, offers, prices, quoted, read, rewritten

from knowledge.feeds.source import ParseFault


def test_every_column_of_a_row_is_its_own_offer() -> None:
    """Preemptible, on demand, and three terms; the term is the shortest that gets the price."""
    assert prices(read("together"), accelerator_name="NVIDIA HGX H100") == {
        ("spot", None): 1.99,
        ("on-demand", None): 3.99,
        ("reserved", None): 3.69,
        ("reserved", 1): 3.45,
        ("reserved", 3): 3.19,
    }
    row = offer(read("together"), accelerator_name="NVIDIA HGX H100", term_months=3)
    assert row.note == "reserved for 91-180 days"


def test_prices_are_per_gpu_of_at_least_eight() -> None:
    """The smallest cluster."""
    row = offer(read("together"), accelerator_name="NVIDIA HGX B200", billing="on-demand")
    assert (quoted(row), row.count, row.form_factor) == (("gpu", 8.19, "USD"), 8, "SXM")


def test_dedicated_inference_and_the_hidden_copy_stay_out() -> None:
    """8.99 is the price of another product."""
    amounts = {row.price.amount for row in offers(read("together"))}
    assert not amounts & {8.99, 5.49}
    assert len(offers(read("together"), billing="on-demand")) == 3


def test_not_sold_is_silent_and_contact_us_is_counted() -> None:
    """A dash says that there is nothing; words say that there is a price."""
    assert missed(read("together")) == dict.fromkeys(
        (
            f"NVIDIA {name}"
            for name in ("HGX H100", "HGX H200", "HGX B200", "HGX B300", "GB200 NVL72")
        ),
        "no price: 'Contact us'",
    )


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('id="gpu-clusters"', 'id="clusters"', "'gpu-clusters' stands 0 times"),
        ('id="sandbox"', 'id="gpu-clusters"', "'gpu-clusters' stands 2 times"),
        ("All prices are per GPU per hour", "All prices are per node per hour", "per gpu per hour"),
        ('<div class="hide">', '<div class="shown">', ""),
    ],
)
def test_a_page_that_changed_is_refused(old: str, new: str, why: str) -> None:
    """Or read as before: the copy that became visible has no column we know."""
    payloads = rewritten("together", old, new)
    if why:
        with pytest.raises(ParseFault, match=why):
            read("together", payloads)
    else:
        rows = read("together", payloads)
        assert prices(rows, accelerator_name="NVIDIA HGX H100")[("on-demand", None)] == 3.99
        assert missed(rows)["Hardware | Hourly"] == "a table that is new"


def test_columns_are_read_by_their_names() -> None:
    """Two terms that changed places take their prices with them."""
    payloads = rewritten("together", "91-180 days", "x")
    payloads = rewritten(payloads, "7-30 days", "91-180 days")
    payloads = rewritten(payloads, ">x<", ">7-30 days<")
    found = prices(read("together", payloads), accelerator_name="NVIDIA HGX H100")
    assert (found[("reserved", 3)], found[("reserved", None)]) == (3.69, 3.19)


def test_a_column_nobody_knows_is_counted_and_not_read() -> None:
    """Its figures belong to no billing of ours."""
    rows = read("together", rewritten("together", "Preemptible", "Weekend"))
    assert missed(rows)["Weekend"] == "a column that is new"
    assert not offers(rows, billing="spot")


def test_a_price_for_several_terms_at_once_belongs_to_none() -> None:
    """Only the cell knows which."""
    rows = read(
        "together",
        rewritten(
            "together",
            '<td colspan="4"><div class="opacity-70"><p data-batch="" class="body-m">Contact us',
            '<td colspan="4"><div class="opacity-70"><p data-batch="" class="body-m">$9.99',
        ),
    )
    assert not [row for row in offers(rows) if row.price.amount == 9.99]
    assert "4 terms at once" in missed(rows)["NVIDIA HGX B300"]


def test_another_currency_is_refused() -> None:
    """A figure without a dollar is no price in dollars."""
    rows = read("together", rewritten("together", "$8.19", "8.19 EUR"))
    assert ("on-demand", None) not in prices(rows, accelerator_name="NVIDIA HGX B200")


def test_a_second_price_for_one_thing_is_a_fault() -> None:
    """A look-alike table came into the section: neither is trusted."""
    moved = rewritten("together", '<div id="gpu-clusters" class="section-anchor"></div>', "")
    moved = rewritten(moved, 'id="dedicated-inference"', 'id="gpu-clusters"')
    with pytest.raises(ParseFault, match="two on-demand prices"):
        read("together", moved)
