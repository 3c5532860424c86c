"""Verda: strings, memory as the total, terms as a discount."""

from __future__ import annotations

from feed_payloads import fetched
from feed_rows import edited, missed, offer, offers, prices, quoted, read


def test_one_machine_is_sold_three_ways() -> None:
    """On demand, as spot, and reserved for each term that is on sale."""
    assert prices(read("verda"), instance_type="1H100.80S.30V") == {
        ("on-demand", None): 3.95,
        ("spot", None): 1.70,
        ("reserved", 3): 3.397,
        ("reserved", 12): 2.9625,
    }


def test_memory_is_that_of_all_cards() -> None:
    """96 GB of two cards are 48 each; the price is the machine's."""
    row = offer(read("verda"), instance_type="2A6000.20V", billing="on-demand")
    assert (row.count, row.memory_gb, quoted(row)) == (2, 48, ("machine", 1.98, "USD"))
    assert row.accelerator_name == "RTX A6000 48GB"


def test_the_reserved_price_says_how_it_was_made() -> None:
    """It is ours, from a list price and a discount."""
    row = offer(read("verda"), instance_type="1H100.80S.30V", term_months=12)
    assert row.note == "list price less the 12 months' discount of 25 %"


def test_a_confidential_twin_is_another_machine() -> None:
    """It has a name of its own and says what it is."""
    rows = offers(read("verda"), instance_type="1H100.80S.30V.CC", billing="on-demand")
    assert [(row.price.amount, row.note) for row in rows] == [(4.35, "confidential computing")]


def test_what_cannot_be_priced_is_counted() -> None:
    """A zero price, a currency we did not ask for, a term in weeks."""
    assert missed(read("verda")) == {
        "8B300.240V": "no on-demand price",
        "1L40S.20V": "in SEK, the others in USD",
        "6_WEEKS": "term not understood",
    }


def test_a_machine_without_gpu_is_one() -> None:
    """Count 0 and no card."""
    row = offer(read("verda"), instance_type="CPU.120V.480G", billing="spot")
    assert (row.count, row.accelerator_name, row.price.amount) == (0, None, 1.5)


def test_a_card_nobody_knows_keeps_its_name() -> None:
    """The parser guesses nothing: resolving is not its work."""
    assert offers(read("verda"), accelerator_name="X900 300GB")


def test_without_terms_nothing_is_reserved() -> None:
    """The side table may be missing."""
    assert not offers(read("verda", fetched("verda")[:1]), billing="reserved")


def test_euros_stay_euros() -> None:
    """Should the feed answer in its home currency; one row alone is a mistake of theirs."""

    def turn(tree: list) -> None:
        for machine in tree:
            machine["currency"] = "eur"

    def turn_one(tree: list) -> None:
        tree[0]["currency"] = "eur"

    rows = read("verda", edited("verda", turn_one))
    assert not offers(rows, instance_type="1H100.80S.30V")
    assert missed(rows)["1H100.80S.30V"] == "in EUR, the others in USD"

    row = offer(
        read("verda", edited("verda", turn)), instance_type="1H100.80S.30V", billing="on-demand"
    )
    assert quoted(row) == ("machine", 3.95, "EUR")
