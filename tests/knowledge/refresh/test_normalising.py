"""Rows of feeds -> offers: resolved by the tables, or counted under their raw name."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.feeds.reading import is_no_price
from knowledge.feeds.source import (
    NotUnderstood,
    Payload,
    PerAccelerator,
    PerInstance,
    RawOffer,
    Source,
)
from knowledge.prices.offer import Offer
from knowledge.prices.plausibility import bounds, price_bounds, provider_faults, seen, set_fault
from knowledge.refresh.normalising import RESTRICTED, Normalised, card_of, normalised
from knowledge.refresh.rates import Rates

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SHOWN = datetime(2026, 11, 20, 6, tzinfo=UTC)
RATES = Rates(date(2026, 11, 20), {"EUR": 1.0, "USD": 1.14, "GBP": 0.87})
PAGE = "https://feed.example/prices"


async def _fetch(_: object) -> list[Payload]:
    return []


FEED = Source(
    name="feed", title="Feed", page=PAGE, base_url="https://feed.example",
    good_for=timedelta(hours=24), providers=("aws",), fetch=_fetch, parse=lambda _: [],
)  # fmt: skip
PAYLOAD = Payload(PAGE, b"", NOW, last_modified=SHOWN)
RAW = RawOffer(
    provider="aws",
    instance_type="p5.48xlarge",
    accelerator_name="H100",
    count=8,
    price=PerInstance(55.04),
    billing="on-demand",
    source_url=PAGE,
    memory_gb=80,
    vcpus=192,
    ram_gb=2048,
    region="us-east-1",
)


def read(*rows: Any, source: Source = FEED, **more: Any) -> Normalised:
    return normalised(rows, source, [PAYLOAD], now=NOW, **{"rates": RATES, **more})


def one(**changes: Any) -> Offer:
    found = read(RAW._replace(**changes))
    assert not found.unknown, found.reasons
    (offer,) = found.offers
    return offer


def why(**changes: Any) -> str:
    found = read(RAW._replace(**changes))
    assert not found.offers
    (reason,) = found.reasons.values()
    return reason


def test_a_row_becomes_an_offer() -> None:
    """Name, place, money and dates."""
    offer = one()
    assert offer == Offer(
        provider="aws", instance_type="p5.48xlarge", accelerator="H100", memory_gb=80, count=8,
        form_factor=offer.form_factor, vcpus=192, ram_gb=2048, region="us-east-1", country="US",
        geo="us", billing="on-demand", term_months=None, price_usd_per_hour=55.04, as_of=SHOWN,
        source="feed", source_url=PAGE, fetched_at=NOW, fresh_until=SHOWN + timedelta(hours=24),
    )  # fmt: skip


def test_what_is_quoted_per_card_is_multiplied() -> None:
    """By type, not by hope."""
    assert one(price=PerAccelerator(6.88)).price_usd_per_hour == pytest.approx(55.04)
    assert one(price=PerAccelerator(6.88)).price_usd_per_gpu_hour == pytest.approx(6.88)


def test_euros_become_dollars_and_say_how() -> None:
    """The rate and its date stay with the offer; without a rate there is no price."""
    offer = one(price=PerInstance(10, "EUR"))
    assert offer.price_usd_per_hour == pytest.approx(11.4)
    assert offer.fx == "EUR 1 = USD 1.1400, ECB 2026-11-20"
    assert "no rate for JPY" in why(price=PerInstance(10, "JPY"))
    assert not read(RAW._replace(price=PerInstance(10, "EUR")), rates=None).offers


def test_reserved_carries_its_term() -> None:
    assert one(billing="reserved", term_months=36).term_months == 36
    assert one(billing="reserved").term_months is None
    assert "contradict" in why(term_months=12)


@pytest.mark.parametrize(
    ("raw", "memory", "expected"),
    [
        ("NVIDIA A100-SXM4-80GB", None, ("A100", 80, "SXM")),
        ("A100", 40, ("A100", 40, None)),
        ("A100", 39.6, ("A100", 40, None)),
        ("A100-80GB", 81.559, ("A100", 80, None)),
        ("A100", None, ("A100", None, None)),
        ("H100_SXM", 80, ("H100", 80, "SXM")),
        ("H100NVL", None, ("H100", 94, "NVL")),
        ("nvidia-l4", None, ("L4", 24, "PCIe")),
        ("B200", 192, ("B200", 180, "SXM")),
        ("MI300X", 192, ("MI300X", 192, "OAM")),
    ],
)
def test_cards_resolve_to_one_name(
    raw: str, memory: float | None, expected: tuple[str, float | None, str | None]
) -> None:
    """Canonical name, memory and form factor; what is made in one size or form needs no telling."""
    assert card_of(raw, memory, None) == expected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"accelerator_name": "H100X"}, "does not know"),
        ({"accelerator_name": "A1000", "memory_gb": None}, "does not know"),
        ({"accelerator_name": "A100", "memory_gb": 10}, "no A100 has 10 GB"),
        ({"accelerator_name": "A100-80GB", "memory_gb": 40}, "in its name"),
        ({"memory_gb": 640}, "no H100 has 640 GB"),
        ({"price": PerInstance(0)}, "no price"),
        ({"price": PerInstance(-1)}, "no price"),
        ({"price": PerInstance(math.nan)}, "no price"),
        ({"price": PerInstance(math.inf)}, "no price"),
        ({"price": PerInstance(5504)}, "688 a GPU-hour for H100"),
        ({"price": PerInstance(0.05)}, "a GPU-hour for H100"),
        ({"count": -1}, "-1 accelerators"),
        ({"count": 5000}, "5000 accelerators"),
        ({"count": 0}, "go together"),
        ({"accelerator_name": None}, "go together"),
        ({"instance_type": " \n"}, "no name"),
        ({"source_url": "javascript:alert(1)"}, "no page"),
        ({"billing": "weekly"}, "contradict"),
        ({"provider": "!!"}, "a provider's name that is none"),
    ],
)
def test_what_is_not_understood_is_counted(changes: dict[str, Any], words: str) -> None:
    """Under the raw name, with the reason of the first."""
    assert words in why(**changes)


def test_a_parsers_own_misses_are_counted_with_ours() -> None:
    found = read(
        NotUnderstood("Standard_NX", "no such family"), RAW, NotUnderstood("Standard_NX", "")
    )
    assert found.unknown == {"Standard_NX": 2}
    assert len(found.offers) == 1


def test_a_cpu_machine_needs_no_card() -> None:
    offer = one(accelerator_name=None, count=0, memory_gb=None, price=PerInstance(0.1008), vcpus=2)
    assert offer.accelerator is None
    assert offer.price_usd_per_gpu_hour is None
    assert "each of no cards" in why(
        accelerator_name=None, count=0, memory_gb=None, price=PerAccelerator(0.1)
    )


def test_a_large_host_may_make_a_small_card_dear() -> None:
    """A T4 beside 96 vCPUs is no wrong unit; a hundredfold is."""
    host = {"instance_type": "big", "accelerator_name": "T4", "memory_gb": 16, "count": 1}
    host |= {"vcpus": 96, "ram_gb": 624}
    assert one(**host, price=PerInstance(8.5))
    assert "believable" in why(**host, price=PerInstance(850))


@pytest.mark.parametrize("factor", [1 / 8, 8])
def test_one_card_of_eight_is_out_of_what_the_seller_itself_asks(factor: float) -> None:
    """The wide bounds of all sellers would let both through."""
    assert "believable is" in why(price=PerInstance(55.04 * factor))
    assert "believable is" in why(
        price=PerInstance(30.0 * factor), term_months=36, billing="reserved"
    )


def test_no_host_of_its_size_costs_less_than_the_host() -> None:
    assert "believable is" in why(provider="lium", price=PerInstance(0.5))
    cheap = {"instance_type": "x", "accelerator_name": "RTX 3060", "memory_gb": 12, "count": 1}
    assert one(provider="lium", **cheap, vcpus=64, ram_gb=64, price=PerInstance(0.04))


def test_places_resolve_by_the_table_or_not_at_all() -> None:
    """A zone is its region's; an unknown code is listed, and its offer has no country."""
    assert one(provider="gcp", region="us-central1-a").region == "us-central1"
    found = read(RAW._replace(region="mars-north-1"))
    assert found.unknown_regions == {"aws mars-north-1": 1}
    assert (found.offers[0].region, found.offers[0].country) == ("mars-north-1", None)
    found = read(RAW._replace(region="mars-north-1", country="de"))
    assert (found.offers[0].geo, found.unknown_regions) == ("eu", {})
    assert read(RAW._replace(region=None, country="XX")).offers[0].country is None


def test_a_stamp_of_the_row_counts_before_the_files() -> None:
    """A third party's file is as old as it says; the provider's own price is shown when asked."""
    own = replace(FEED, first_party=True)
    assert one().as_of == SHOWN
    assert read(RAW, source=own).offers[0].as_of == NOW
    stamp = datetime(2026, 11, 23, tzinfo=UTC)
    assert read(RAW._replace(as_of=stamp), source=own).offers[0].as_of == stamp
    assert one(as_of=stamp.replace(tzinfo=None)).as_of == stamp
    # Their clock may be ahead by minutes.
    assert one(as_of=NOW + timedelta(minutes=5)).as_of == NOW


def test_the_same_offer_twice_is_one() -> None:
    """Zones of a region, rows said twice: the best of each is kept, complete ones first."""
    found = read(
        RAW._replace(provider="gcp", region="us-central1-a", price=PerInstance(60)),
        RAW._replace(provider="gcp", region="us-central1-b", price=PerInstance(55)),
        RAW._replace(
            provider="gcp", region="us-central1-c", price=PerInstance(40), host_included=False
        ),
    )
    assert [offer.price_usd_per_hour for offer in found.offers] == [55]
    assert found.repeated == 2


@pytest.mark.parametrize("name", sorted(RESTRICTED))
def test_restricted_rows_need_the_operators_word(name: str) -> None:
    """Wherever they come from: as the provider, or as the reseller behind another's row."""
    rows = (RAW._replace(provider=name, region=None), RAW._replace(via=name))
    found = read(*rows, RAW)
    assert found.not_allowed == {name: 2}
    assert len(found.offers) == 1
    assert len(read(*rows, allowed={name}).offers) == 2


def test_feeds_texts_are_one_clean_line() -> None:
    """They end up in chats and terminals."""
    offer = one(instance_type="p5\x1b[31m\n48xlarge\u202e", note="a\tb\x00" + "c" * 500)
    assert offer.instance_type == "p5 [31m 48xlarge"
    assert offer.note is not None
    assert len(offer.note) == 200


texts = st.text(max_size=30)
numbers = st.none() | st.floats() | st.integers(-5, 10_000).map(float)
prices = st.builds(
    PerInstance, st.floats() | st.floats(0.01, 1000), st.sampled_from(["USD", "EUR", "ZZZ", ""])
) | st.builds(PerAccelerator, st.floats() | st.floats(0.01, 50))
names = st.none() | st.sampled_from(["H100", "A100 80GB", "L4", "Tesla T4", "nope", ""]) | texts
raws = st.builds(
    RawOffer,
    provider=st.sampled_from(["aws", "Lambda Labs", "vastai", ""]) | texts,
    instance_type=texts,
    accelerator_name=names,
    count=st.integers(-2, 20),
    price=prices,
    billing=st.sampled_from(["on-demand", "spot", "reserved"]),
    source_url=st.sampled_from([PAGE, "ftp://x", ""]),
    term_months=st.none() | st.sampled_from([1, 12]),
    memory_gb=numbers,
    form_factor=st.none() | st.sampled_from(["SXM", "PCIe"]),
    vcpus=numbers,
    ram_gb=numbers,
    region=st.none() | st.sampled_from(["us-east-1", "us-central1-a"]) | texts,
    country=st.none() | st.sampled_from(["US", "de", "XX", "ß", "éé"]),
    as_of=st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
    note=st.none() | texts,
    via=st.none() | st.sampled_from(["shadeform", "other"]),
)


@settings(deadline=None)  # the first example reads the tables
@given(st.lists(raws, max_size=8))
def test_every_row_is_an_offer_or_is_counted(rows: list[RawOffer]) -> None:
    """Nothing is dropped in silence, nothing raises, and every offer holds what an Offer promises."""
    found = read(*rows)
    counted = found.unknown.total() + found.not_allowed.total() + found.repeated
    assert len(found.offers) + counted == len(rows)
    for offer in found.offers:
        assert math.isfinite(offer.price_usd_per_hour)
        assert offer.price_usd_per_hour > 0
        assert (offer.accelerator is None) == (offer.count == 0)
        assert offer.as_of.tzinfo is not None
        assert offer.provider not in RESTRICTED
        assert "\n" not in offer.instance_type
        if offer.accelerator:
            low, _ = bounds(offer.accelerator)
            assert offer.price_usd_per_hour >= low * offer.count
        if offer.country:
            assert offer.geo
    assert len({(*seen(offer), offer.form_factor) for offer in found.offers}) == len(found.offers)


# -- plausibility ----------------------------------------------------------------------------


def offers(count: int = 20, **changes: Any) -> list[Offer]:
    base = one(**changes)
    return [base._replace(instance_type=f"p5-{n}") for n in range(count)]


def fault(before: list[Offer], now: list[Offer], **more: Any) -> str | None:
    held = {seen(offer): offer.price_usd_per_hour for offer in before}
    return set_fault(held, now, **{"now": NOW, **more})


def scaled(rows: list[Offer], factor: float) -> list[Offer]:
    return [offer._replace(price_usd_per_hour=offer.price_usd_per_hour * factor) for offer in rows]


def test_an_ordinary_change_is_believed() -> None:
    """A few gone, a few new, prices halved."""
    had = offers()
    assert fault([], had) is None
    assert fault(had, had) is None
    assert fault(had, had[5:]) is None
    assert fault(had, scaled(had, 0.5)) is None
    assert fault(had, [*scaled(had[:3], 10), *had[3:]]) is None


def test_a_broken_set_is_not() -> None:
    had = offers()
    assert "no offer in it; 7 rows were not understood" in str(fault(had, [], not_understood=7))
    assert "8 of 20 offers (40%) are gone" in str(fault(had, had[8:]))
    assert "20 of 20 prices jumped by more than 3x" in str(fault(had, scaled(had, 100)))
    assert "from USD 55.04 to 5,504" in str(fault(had, scaled(had, 100)))
    assert "jumped" in str(fault(had, scaled(had, 0.1)))
    assert "a wrong unit" in str(fault([], had, out_of_bounds=10))
    assert "in the future" in str(fault([], offers(as_of=NOW + timedelta(days=400))))


def test_what_an_operator_looked_at_is_taken() -> None:
    """Losses and jumps; never what is empty or of the future."""
    had = offers()
    assert fault(had, had[:2], trust_changes=True) is None
    assert fault(had, scaled(had, 9), trust_changes=True) is None
    assert fault(had, [], trust_changes=True) is not None


def test_machines_renamed_card_for_card_are_not_lost() -> None:
    """A seller may rename all his machines; one whose cards are gone has lost them."""
    had = offers()
    renamed = [offer._replace(instance_type=f"new-{offer.instance_type}") for offer in had]
    assert fault(had, renamed) is None
    assert fault(had, [offer._replace(accelerator="A100") for offer in renamed]) is not None


def test_stock_comes_and_goes() -> None:
    """Where a feed lists what is free, a machine is lost when it is gone from most places."""
    had = offers()
    assert fault(had, had[8:], comes_and_goes=True) is None
    assert fault(had, had[18:], comes_and_goes=True) is not None


def test_a_set_that_lost_its_cards_is_broken_however_many_machines_stay() -> None:
    """Machines without accelerators outnumber the others in a catalogue, and nobody asks for them."""
    plain = [
        offer._replace(accelerator=None, memory_gb=None, count=0, instance_type=f"c{n}")
        for n, offer in enumerate(offers(200))
    ]
    had = [*offers(), *plain]
    assert "20 offers with an accelerator is gone" in str(fault(had, plain))
    assert "20 offers with an accelerator is gone" in str(fault(had, plain, comes_and_goes=True))
    assert "12 of 20 offers (60%) are gone" in str(fault(had, [*offers()[12:], *plain]))
    assert fault(had, [*offers(), *plain[:5]]) is None


def test_what_is_no_price_is_no_lost_stock() -> None:
    had = offers(39)
    assert fault(had, had[30:], comes_and_goes=True) is None
    broken = fault(had, had[30:], comes_and_goes=True, no_price=30)
    assert "30 of 39 prices are no price" in str(broken)
    assert is_no_price(float("nan"))
    assert all(map(is_no_price, (-1, "-2.5", True, "NaN", [2], {}, "abc", "inf")))
    assert not any(map(is_no_price, (None, "", 0, "0.00", "0E-9", "N/A*", "-", "Contact us", 2.5)))


def test_one_bad_cloud_is_told_apart() -> None:
    """The clouds of a catalogue are judged one by one."""
    aws, gcp = offers(), [offer._replace(provider="gcp") for offer in offers()]
    held = {seen(offer): offer.price_usd_per_hour for offer in [*aws, *gcp]}
    assert provider_faults(held, [*aws, *gcp]) == {}
    assert list(provider_faults(held, [*aws, *gcp[9:]])) == ["gcp"]
    assert list(provider_faults(held, [*scaled(aws, 10), *gcp])) == ["aws"]


def test_of_few_prices_most_must_be_believable() -> None:
    few = [one(instance_type=f"m{n}") for n in range(3)]
    assert set_fault({}, few, now=NOW, out_of_bounds=2) is None
    assert "a wrong unit?" in str(set_fault({}, few, now=NOW, out_of_bounds=3))


def test_few_offers_prove_little() -> None:
    had = offers(3)
    assert fault(had, had[:1]) is None


@pytest.mark.parametrize("factor", [100, 8760, 0.01])
def test_a_wrong_unit_is_out_of_bounds_for_every_usual_card(factor: float) -> None:
    """Cents for dollars, a whole term for an hour, dollars for cents."""
    usual = {"H100": 2.5, "A100": 1.5, "H200": 3.5, "L4": 0.7, "T4": 0.5, "L40S": 1.2, "B200": 5.5}
    for card, price in usual.items():
        low, high = price_bounds(card, 1, 8, 64)
        assert low <= price <= high
        assert not low <= price * factor <= high
