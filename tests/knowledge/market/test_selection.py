"""Which offers may stand beside each other: each rule, and properties of them all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offers import offer

from knowledge.market import (
    Subject,
    doubtful,
    gpu_hour,
    holding,
    of_like_age,
    one_a_seller,
    select,
    unplaced,
    variants,
)
from knowledge.prices.belief import floor
from knowledge.prices.offer import Offer, OfferFilter
from knowledge.prices.store import Store

H100 = OfferFilter(accelerators=("H100",))


def market(store: Store, *offers: Offer) -> None:
    """The store holds these offers and nothing else."""
    fresh = [
        one._replace(source="bundled", instance_type=f"{one.instance_type}-{place}")
        for place, one in enumerate(offers)
    ]
    store.replace("bundled", fresh, NOW)


def leader(store: Store, subject: Subject) -> Offer:
    return select(store, subject, NOW).rows[0].offer


# -- places ---------------------------------------------------------------------------------


def anywhere(provider: str, **changes: object) -> Offer:
    return offer(provider=provider, region="global", country=None, geo=None, **changes)


def test_a_price_for_any_region_counts_where_its_provider_has_gpus(store: Store) -> None:
    """Nebius has sites in Finland and France; nobody states where Novita's are."""
    market(store, anywhere("nebius"), anywhere("novita"), offer(provider="azure", geo="us"))
    europe = Subject(H100._replace(geos=("eu",)))
    assert [best.offer.provider for best in select(store, europe, NOW).rows] == ["nebius"]
    assert [best.offer.provider for best in unplaced(store, europe, NOW)] == ["novita"]


def test_a_provider_known_to_have_no_site_there_is_never_hinted_at(store: Store) -> None:
    """Hot Aisle is in the US alone: not counted in Europe, not left out for want of a place."""
    market(store, anywhere("hotaisle"))
    europe = Subject(H100._replace(geos=("eu",)))
    assert select(store, europe, NOW).rows == ()
    assert unplaced(store, europe, NOW) == []


def test_a_row_without_a_place_takes_its_providers_when_all_sites_lie_in_it(store: Store) -> None:
    """Verda is in Finland and Iceland: in Europe, but in Finland only perhaps."""
    market(store, offer(provider="verda", region=None, country=None, geo=None))
    assert select(store, Subject(H100._replace(geos=("eu",))), NOW).rows
    finland = Subject(H100._replace(countries=("FI",)))
    assert select(store, finland, NOW).rows == ()
    assert [best.offer.provider for best in unplaced(store, finland, NOW)] == ["verda"]


# -- age ------------------------------------------------------------------------------------


def stale(days: int, **changes: object) -> Offer:
    seen = NOW - timedelta(days=days)
    return offer(as_of=seen, fresh_until=seen + timedelta(days=1), **changes)


@pytest.mark.parametrize("ago", [0, 400])
def test_a_much_older_price_never_leads_a_newer_one(store: Store, ago: int) -> None:
    """Whether the newest is of today or everything is old."""
    market(
        store,
        stale(ago + 2, provider="lambda", price_usd_per_hour=40),
        stale(ago + 150, provider="civo", price_usd_per_hour=8),
        stale(ago + 40, provider="nebius", price_usd_per_hour=32),
    )
    rows = select(store, Subject(H100), NOW).rows
    assert [best.offer.provider for best in rows] == ["nebius", "lambda", "civo"]
    assert [best.age for best in rows] == [0, 0, 1]


def test_much_older_prices_stand_in_no_figure(store: Store) -> None:
    """Three sellers of this month are a market; with one alone the older join it."""
    old = stale(150, provider="civo", price_usd_per_hour=8)
    market(store, old, *(offer(provider=name) for name in SELLERS[:3]))
    counted, older = of_like_age(one_a_seller(select(store, Subject(H100), NOW).rows))
    assert [best.offer.provider for best in older] == ["civo"]
    assert {best.offer.provider for best in counted} == set(SELLERS[:3])
    market(store, old, offer(provider="lambda"))
    counted, older = of_like_age(one_a_seller(select(store, Subject(H100), NOW).rows))
    assert [best.offer.provider for best in counted] == ["lambda", "civo"]
    assert older == []


def test_the_variant_that_is_sold_today_comes_first(store: Store) -> None:
    """Two old sellers of the PCIe card do not push one of today's SXM aside."""
    pcie = [stale(150, provider=name, form_factor="PCIe") for name in SELLERS[:2]]
    market(store, *pcie, offer(provider="verda", form_factor="SXM"))
    groups = variants(select(store, Subject(H100), NOW).rows)
    assert [group.form_factor for group in groups] == ["SXM", "PCIe"]


def test_a_contract_is_as_young_as_it_is_valid(store: Store) -> None:
    """Signed long ago and still running, it leads by its price."""
    market(store, offer(provider="lambda"))
    signed = NOW - timedelta(days=300)
    mine = offer(
        provider="nebius",
        owner="acme",
        as_of=signed,
        fresh_until=NOW + timedelta(days=90),
        price_usd_per_hour=8,
    )
    store.replace("contract", [mine], NOW, owner="acme")
    own = Subject(H100._replace(owner="acme"))
    assert leader(store, own).provider == "nebius"
    assert leader(store, Subject(H100)).provider == "lambda"


# -- belief ---------------------------------------------------------------------------------

SELLERS = ("lambda", "nebius", "verda", "runpod", "together", "crusoe")


def test_an_absurd_price_is_shown_apart_and_never_leads(store: Store) -> None:
    """Six sellers ask three dollars; one cent is a missing zero, not a bargain."""
    honest = [offer(provider=name, price_usd_per_hour=24 + n) for n, name in enumerate(SELLERS)]
    market(store, *honest, offer(provider="civo", price_usd_per_hour=0.3))
    subject = Subject(H100)
    assert leader(store, subject).provider == "lambda"
    assert [one.provider for one in doubtful(store, subject)] == ["civo"]


@given(st.lists(st.floats(1, 4), min_size=5, max_size=20), st.floats(0.001, 0.1))
def test_what_is_not_believed_does_not_lower_the_bar(prices: list[float], absurd: float) -> None:
    """A broken price does not vouch for another."""
    assert floor(sorted([*prices, absurd])) == floor(sorted(prices))


# -- terms, variants, slices ------------------------------------------------------------------


def test_a_commitment_answers_for_its_own_length(store: Store) -> None:
    """Twelve months are asked: the longer, cheaper one stands apart."""
    kind = {"billing": "reserved"}
    market(
        store,
        offer(provider="lambda", term_months=36, price_usd_per_hour=8, **kind),
        offer(provider="nebius", term_months=12, price_usd_per_hour=20, **kind),
        offer(provider="verda", term_months=None, price_usd_per_hour=4, **kind),
    )
    found = select(store, Subject(H100, "reserved", term_months=12), NOW)
    assert [best.offer.provider for best in found.rows] == ["nebius"]
    assert {best.offer.provider for best in found.other_terms} == {"lambda", "verda"}


def test_variants_keep_their_own_figures(store: Store) -> None:
    """SXM, PCIe and an unstated form are three kinds."""
    market(
        store,
        offer(provider="lambda"),
        offer(provider="nebius"),
        offer(provider="runpod", form_factor="PCIe"),
        offer(provider="verda", form_factor=None),
    )
    groups = variants(select(store, Subject(H100), NOW).rows)
    assert [(group.form_factor, group.sellers) for group in groups] == [
        ("SXM", 2),
        ("PCIe", 1),
        (None, 1),
    ]


def test_a_slice_of_a_card_is_no_card(store: Store) -> None:
    """No H100 has 10 GB; asked for by its memory it is found."""
    market(store, offer(provider="lambda"), offer(provider="nebius", memory_gb=10, count=1))
    assert {best.offer.memory_gb for best in select(store, Subject(H100), NOW).rows} == {80}
    sliced = Subject(H100._replace(memory_gb=10))
    assert leader(store, sliced).provider == "nebius"


# -- machines -------------------------------------------------------------------------------


def test_single_cards_are_never_added_up(store: Store) -> None:
    """Eight are one machine of eight; who names a price per GPU alone is to be asked."""
    market(
        store,
        offer(provider="runpod", count=1, price_usd_per_hour=1),
        offer(provider="lambda", count=8, price_usd_per_hour=24),
    )
    held = holding(select(store, Subject(H100), NOW).rows, 8)
    assert [(plan.offer.provider, plan.machines) for plan in held.plans] == [("lambda", 1)]
    assert [best.offer.provider for best in held.single] == ["runpod"]


def test_a_cluster_is_whole_machines_of_known_fabric_first(store: Store) -> None:
    """CoreWeave's nodes are joined by InfiniBand, Lambda's by nobody knows what, OCI's by RoCE."""
    market(
        store,
        offer(provider="lambda", instance_type="gpu_8x_h100_sxm5", price_usd_per_hour=20),
        offer(provider="coreweave", instance_type="hgx-h100", price_usd_per_hour=48),
        offer(provider="oci", instance_type="BM.GPU.H100.8", price_usd_per_hour=40),
    )
    rows = select(store, Subject(H100), NOW).rows
    held = holding(rows, 16)
    assert [(plan.offer.provider, plan.machines, plan.fabric) for plan in held.plans] == [
        ("oci", 2, "RoCE"),
        ("coreweave", 2, "InfiniBand"),
        ("lambda", 2, None),
    ]
    infiniband = holding(rows, 16, interconnect="infiniband")
    assert [plan.offer.provider for plan in infiniband.plans] == ["coreweave", "lambda"]
    assert [plan.offer.provider for plan in infiniband.unfit] == ["oci"]


@given(st.integers(1, 300), st.lists(st.sampled_from([1, 2, 4, 8]), min_size=1, max_size=6))
def test_a_cluster_is_never_cheaper_than_its_machines(gpus: int, sizes: list[int]) -> None:
    """Whole machines are paid whole, and hold what is asked."""
    from knowledge.prices.offer import Best

    bests = [
        Best(
            offer(provider=SELLERS[n], count=size, price_usd_per_hour=3 * size),
            1,
            "microcloud",
            stale=False,
        )
        for n, size in enumerate(sizes)
    ]
    for plan in holding(bests, gpus).plans:
        assert plan.gpus >= gpus
        assert plan.usd_per_hour == plan.machines * plan.offer.price_usd_per_hour
        assert plan.machines == 1 or plan.offer.count >= 4


# -- properties over the whole --------------------------------------------------------------

OFFERS = st.builds(
    offer,
    provider=st.sampled_from([*SELLERS, "aws", "azure", "civo", "hyperstack"]),
    count=st.sampled_from([1, 2, 4, 8]),
    form_factor=st.sampled_from(["SXM", "PCIe", None]),
    price_usd_per_hour=st.floats(8, 30),
    region=st.sampled_from(["global", "us-east-1", None]),
)
STORED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@STORED
@given(st.lists(OFFERS, min_size=1, max_size=12), st.sampled_from([None, 1, 4, 8, 16]))
def test_a_cheaper_like_offer_never_makes_the_answer_dearer(
    store: Store, offers: list[Offer], gpus: int | None
) -> None:
    """One more believable offer of the same kind can only help."""

    def cheapest(*more: Offer) -> float:
        market(store, *offers, *more)
        rows = select(store, Subject(H100), NOW).rows
        if gpus is None:
            return gpu_hour(one_a_seller(rows)[0].offer)
        plans = holding(rows, gpus).plans
        return plans[0].usd_per_hour if plans else float("inf")

    before = cheapest()
    best = min(offers, key=lambda one: one.price_usd_per_hour / one.count)
    after = cheapest(
        best._replace(provider="ovh", price_usd_per_hour=best.price_usd_per_hour * 0.9)
    )
    assert after <= before + 1e-9


@STORED
@given(st.lists(OFFERS, min_size=1, max_size=12))
def test_an_offer_that_is_not_comparable_changes_no_figure(
    store: Store, offers: list[Offer]
) -> None:
    """Another card, another billing, an elsewhere."""
    europe = Subject(H100._replace(geos=("eu",)))

    def figures() -> list[tuple[str, float]]:
        rows = select(store, europe, NOW).rows
        return [(best.offer.provider, best.offer.price_usd_per_hour) for best in rows]

    market(store, *offers)
    before = figures()
    market(
        store,
        *offers,
        offer(provider="ovh", accelerator="A100", price_usd_per_hour=1),
        offer(provider="ovh", billing="spot", price_usd_per_hour=1),
        offer(provider="hotaisle", region="global", country=None, geo=None, price_usd_per_hour=9),
    )
    assert figures() == before


def test_nothing_of_the_bundled_store_is_absurd_and_first(seeded: Path) -> None:
    """No card's leading price lies below a third of the next seller's."""
    reader = Store(seeded)
    for card in ("H100", "A100", "H200", "L4", "L40S", "RTX4090", "B200", "T4"):
        rows = one_a_seller(select(reader, Subject(OfferFilter(accelerators=(card,))), NOW).rows)
        prices = sorted(gpu_hour(best.offer) for best in rows if best.offer.host_included)
        assert prices[0] > prices[1] / 3, card
    reader.close()


# -- reports --------------------------------------------------------------------------------


def test_a_seller_without_the_report_is_left_out_and_counted(store: Store) -> None:
    """AWS states HIPAA; of Novita nothing was read."""
    market(store, offer(provider="aws", price_usd_per_hour=60), offer(provider="novita"))
    found = select(store, Subject(H100, reports=("HIPAA",)), NOW)
    assert [best.offer.provider for best in found.rows] == ["aws"]
    assert [best.offer.provider for best in found.unreported] == ["novita"]


def test_where_nobody_states_the_report_all_stand_and_it_is_known(store: Store) -> None:
    """Silence of every seller is no answer "nobody"."""
    market(store, offer(provider="novita"))
    found = select(store, Subject(H100, reports=("HIPAA",)), NOW)
    assert found.rows == found.unreported != ()


def test_a_price_for_any_region_does_not_stand_where_the_seller_lists_other_cards(
    store: Store,
) -> None:
    """Nebius has sites in Spain and lists the H100 in Finland alone; alone it stands, and is told."""
    market(store, anywhere("nebius", price_usd_per_hour=8), offer(provider="azure", country="ES"))
    spain = Subject(H100._replace(countries=("ES",)))
    found = select(store, spain, NOW)
    assert [best.offer.provider for best in found.rows] == ["azure"]
    assert [best.offer.provider for best in found.elsewhere] == ["nebius"]
    market(store, anywhere("nebius", price_usd_per_hour=8))
    assert [best.offer.provider for best in select(store, spain, NOW).rows] == ["nebius"]


def test_a_seller_that_lists_the_card_outside_a_group_does_not_stand_inside_of_it(
    store: Store,
) -> None:
    """Sites in Europe are no H100 in Europe: CoreWeave's own matrix names it in the US alone."""
    market(
        store,
        anywhere("coreweave", price_usd_per_hour=8),
        offer(provider="azure", country="ES", geo="eu"),
    )
    europe = select(store, Subject(H100._replace(geos=("eu",))), NOW)
    assert [best.offer.provider for best in europe.rows] == ["azure"]
    assert [best.offer.provider for best in europe.elsewhere] == ["coreweave"]
    home = select(store, Subject(H100._replace(countries=("US",))), NOW)
    assert [best.offer.provider for best in home.rows] == ["coreweave"]


@pytest.mark.parametrize(
    ("gpus", "fresh", "old", "leads"),
    [
        (1, 8, 1, "old"),  # eight fresh GPUs are no like offer for one
        (1, 1, 1, "fresh"),
        (4, 4, 4, "fresh"),
        (3, 4, 3, "fresh"),  # a spare card is
    ],
)
def test_a_far_bigger_machine_leads_no_machine_that_fits(
    store: Store, gpus: int, fresh: int, old: int, leads: str
) -> None:
    market(
        store,
        offer(provider="azure", count=fresh, price_usd_per_hour=6 * fresh),
        offer(
            provider="hyperstack",
            count=old,
            price_usd_per_hour=2 * old,
            as_of=NOW - timedelta(days=120),
        ),
    )
    plans = holding(select(store, Subject(H100, gpus=gpus), NOW).rows, gpus).plans
    assert plans[0].offer.provider == {"old": "hyperstack", "fresh": "azure"}[leads]


def test_a_far_bigger_machine_that_costs_less_whole_leads(store: Store) -> None:
    market(
        store,
        offer(provider="azure", count=8, price_usd_per_hour=9),
        offer(provider="hyperstack", count=1, price_usd_per_hour=10),
    )
    plans = holding(select(store, Subject(H100, gpus=1), NOW).rows, 1).plans
    assert plans[0].offer.provider == "azure"
