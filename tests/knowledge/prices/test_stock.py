"""Stock: what feeds say of it, how it is kept by the hour, and what is made of the time between."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import offers as made
import pytest
from feed_rows import edited, offer, read
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.prices import stock
from knowledge.prices.offer import OfferFilter, Stock
from knowledge.prices.store import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
B200 = OfferFilter(accelerators=("B200",), count=8)


def machine(**changes):
    return made.offer(
        provider="lambda", instance_type="gpu_8x_b200", accelerator="B200", memory_gb=180.0,
        count=8, form_factor="SXM", region="us-east-1", country="US", geo="us", **changes,
    )  # fmt: skip


def elsewhere(offer, region: str, country: str, geo: str):
    return offer._replace(region=region, country=country, geo=geo)


def see(store: Store, at: datetime, *told, source: str = "lambda") -> None:
    stock.observe(store, source, told, at)


def states(store: Store, wanted: OfferFilter = B200, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(one.region, one.state) for one in stock.latest(store, wanted, now)]


# -- what feeds say ----------------------------------------------------------------------------


def test_hyperstack_counts_machines_of_each_size_and_what_is_planned() -> None:
    """ "100+" is a hundred or more; a flavor that is sold out keeps what is announced."""
    rows = read("hyperstack")
    small = offer(rows, instance_type="n3-H100x1").stock
    assert small == Stock(
        "available", 12, planned=((7, 0, False), (30, 16, False), (100, 100, True))
    )
    whole = offer(rows, instance_type="n3-H100x8").stock
    assert whole == Stock("sold_out", planned=((7, 8, False), (30, 8, False), (100, 8, False)))
    assert offer(rows, instance_type="n3-B200-SXMx8").stock == Stock("available")


def test_hyperstack_without_a_word_of_its_own_is_told_by_the_count() -> None:
    """And by nothing when the count is missing too: unknown, not sold out."""

    def silent(tree) -> None:
        for group in tree["data"]:
            for flavor in group["flavors"]:
                flavor.pop("stock_available")

    rows = read("hyperstack", edited("hyperstack", silent, "flavors"))
    assert offer(rows, instance_type="n3-H100x8").stock.state == "sold_out"
    assert offer(rows, instance_type="n3-H100x1").stock.state == "available"
    assert offer(rows, instance_type="n3-B200-SXMx8").stock.state == "unknown"


def test_scaleway_has_three_levels_and_says_them_by_zone() -> None:
    """A zone that does not tell says nothing; a type that is not in the answer is unknown."""
    rows = read("scaleway")
    assert offer(rows, instance_type="H100-1-80G", region="fr-par-2").stock == Stock("sold_out")
    assert offer(rows, instance_type="B300-SXM-8-288G").stock == Stock("scarce")
    assert offer(rows, instance_type="PRO2-S", region="fr-par-2").stock == Stock("unknown")
    assert {row.stock for row in rows if getattr(row, "region", None) == "pl-waw-2"} == {None}


def test_verda_tells_only_who_has_an_account() -> None:
    """Without the answer no word at all; with it, what no location lists is sold out."""
    assert offer(read("verda"), instance_type="2A6000.20V", billing="on-demand").stock is None
    from feed_payloads import fetched

    payloads = list(fetched("verda"))
    body = [{"location_code": "FIN-01", "availabilities": ["2A6000.20V"]}]
    told = [*payloads, payloads[0].__class__(
        url="https://api.verda.com/v1/instance-availability", body=json.dumps(body).encode(),
        fetched_at=payloads[0].fetched_at, tag="availability",
    )]  # fmt: skip
    rows = read("verda", told)
    assert offer(rows, instance_type="2A6000.20V", billing="on-demand").stock == Stock("available")
    h100 = offer(rows, instance_type="1H100.80S.30V", billing="on-demand")
    assert h100.stock == Stock("sold_out")


@pytest.mark.parametrize("name", ["lambda", "vultr", "digitalocean", "voltagepark"])
def test_other_feeds_tell_each_machine(name: str) -> None:
    """Somewhere in stock or sold out; never taken from a price alone."""
    told = {row.stock.state for row in read(name) if getattr(row, "stock", None)}
    assert told <= {"available", "scarce", "sold_out", "unknown"}
    assert told & {"available", "sold_out"}


# -- what is kept ------------------------------------------------------------------------------


def test_the_last_word_counts_with_the_hour_it_was_seen(store: Store) -> None:
    """In stock at six, gone at nine."""
    see(store, NOW - 6 * HOUR, (machine(), Stock("available", 3)))
    see(store, NOW - 3 * HOUR, (machine(), Stock("sold_out")))
    (one,) = stock.latest(store, B200, NOW)
    assert (one.state, one.seen, one.since) == ("sold_out", NOW - 3 * HOUR, NOW - 3 * HOUR)
    assert not one.in_stock


def test_a_state_that_lasts_is_one_run(store: Store) -> None:
    """With the newest count, the first hour and how often it was looked at."""
    for hours, units in ((6, 3), (5, 2), (4, 1)):
        see(store, NOW - hours * HOUR, (machine(), Stock("available", units)))
    (one,) = stock.latest(store, B200, NOW)
    assert (one.units, one.checks, one.since) == (1, 3, NOW - 6 * HOUR)
    see(store, NOW - 4 * HOUR, (machine(), Stock("available", 9)))  # the same answer, read twice
    assert stock.latest(store, B200, NOW)[0].checks == 3


def test_a_word_ages_and_is_then_no_longer_held(store: Store) -> None:
    """Nobody looked for a day: that it was in stock then says nothing of now."""
    see(store, NOW - 24 * HOUR, (machine(), Stock("available")))
    (one,) = stock.latest(store, B200, NOW)
    assert one.in_stock
    assert not one.is_held(NOW)


def test_a_place_that_an_answer_stops_naming_is_sold_out_there(store: Store) -> None:
    """Lambda lists where some is free; a type it does not list at all is not spoken of."""
    east, texas = machine(), elsewhere(machine(), "us-south-1", "US", "us")
    other = machine()._replace(instance_type="gpu_1x_b200", count=1)
    see(store, NOW - 2 * HOUR, (east, Stock("available")), (other, Stock("available")))
    see(store, NOW - HOUR, (texas, Stock("available")))
    assert sorted(states(store)) == [("us-east-1", "sold_out"), ("us-south-1", "available")]
    (small,) = stock.latest(store, B200._replace(count=1), NOW)
    assert (small.state, small.seen) == ("available", NOW - 2 * HOUR)


def test_none_free_anywhere_ends_where_a_place_is_named_again(store: Store) -> None:
    """The word without a place does not stand beside newer ones."""
    nowhere = elsewhere(machine(), None, None, None)
    see(store, NOW - 3 * HOUR, (nowhere, Stock("sold_out")))
    assert states(store) == [("", "sold_out")]
    see(store, NOW - HOUR, (machine(), Stock("available")))
    assert states(store) == [("us-east-1", "available")]


def test_two_words_for_one_machine_are_not_added_up(store: Store) -> None:
    """Conflicting rows of one answer: the worse one counts."""
    see(store, NOW, (machine(), Stock("available", 9)), (machine(), Stock("sold_out")))
    assert states(store) == [("us-east-1", "sold_out")]


def test_one_size_says_nothing_of_another(store: Store) -> None:
    """Eight single cards are no node of eight."""
    single = machine()._replace(instance_type="gpu_1x_b200", count=1)
    see(store, NOW, (single, Stock("available", 40)))
    assert states(store) == []
    assert len(stock.latest(store, B200._replace(count=None), NOW)) == 1


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (B200._replace(geos=("us",)), True),
        (B200._replace(geos=("eu",)), False),
        (B200._replace(countries=("US",)), True),
        (B200._replace(exclude_geos=("us",)), False),
        (B200._replace(exclude_providers=("lambda",)), False),
        (B200._replace(providers=("lambda",), form_factor="SXM", memory_gb=180.0), True),
        (B200._replace(billing="spot"), False),
        (OfferFilter(memory_gb=141.0), True),
    ],
)
def test_the_filter_means_the_same_as_for_prices(store: Store, wanted, found) -> None:
    """Place, seller, form, billing, memory."""
    see(store, NOW, (machine(), Stock("available")))
    assert bool(stock.latest(store, wanted, NOW)) is found


def test_contract_prices_and_cpu_machines_are_no_stock(store: Store) -> None:
    """Nothing private, nothing without a card."""
    see(
        store, NOW, (machine(owner="slack:T1"), Stock("available")),
        (made.offer(accelerator=None, count=0), Stock("available")),
    )  # fmt: skip
    assert stock.tells(store) == frozenset()


# -- time --------------------------------------------------------------------------------------


def test_the_share_weighs_hours_and_not_polls(store: Store) -> None:
    """In stock for 20 of 60 hours, looked at every hour in the first 20 and every two after."""
    start = NOW - 60 * HOUR
    for hour in range(20):
        see(store, start + hour * HOUR, (machine(), Stock("available")))
    for hour in range(20, 60):
        see(store, start + hour * HOUR, (machine(), Stock("sold_out")))
    share = stock.shares(store, B200, NOW)["lambda"]
    assert share.share == pytest.approx(20 / 60)
    assert share.checks == 60


def test_a_gap_is_unknown_and_not_sold_out(store: Store) -> None:
    """Looked at for 30 hours, nobody for 200, 30 again: coverage too low to say a share."""
    for hour in [*range(30), *range(230, 260)]:
        see(store, NOW - (260 - hour) * HOUR, (machine(), Stock("available")))
    share = stock.shares(store, B200, NOW)["lambda"]
    assert share.in_stock_hours == share.known_hours
    assert share.known_hours == pytest.approx(60 + stock.HELD_FOR / HOUR - 1, abs=1)
    assert share.share is None


def test_few_checks_say_no_share(store: Store) -> None:
    """Three looks are an anecdote."""
    for hour in (3, 2, 1):
        see(store, NOW - hour * HOUR, (machine(), Stock("available")))
    assert stock.shares(store, B200, NOW)["lambda"].share is None


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["available", "scarce", "sold_out", "unknown", None]), max_size=40),
    st.integers(1, 30),
)
def test_time_in_stock_is_within_time_known_within_time_passed(
    tmp_path_factory, said, step
) -> None:
    """Whatever a feed says, whenever it fails (None)."""
    path = tmp_path_factory.mktemp("stock") / "prices.db"
    from sqlite_utils import Database

    from knowledge.prices.schema import migrate

    migrate(Database(path))
    with_gaps = Store(path)
    try:
        for turn, state in enumerate(said):
            if state is not None:
                at = NOW - (len(said) - turn) * step * HOUR
                see(with_gaps, at, (machine(), Stock(state)))
        for share in stock.shares(with_gaps, B200, NOW).values():
            assert 0 <= share.in_stock_hours <= share.known_hours + 1e-9
            assert share.known_hours <= min(share.expected_hours, 30 * 24) + 1e-9
    finally:
        with_gaps.close()
