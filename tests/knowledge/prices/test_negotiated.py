"""Negotiated prices in the price store: ranked beside the public ones, and in no file."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offers import offer

from knowledge.prices.offer import Offer, OfferFilter
from knowledge.prices.schema import OFFER_COLUMNS
from knowledge.prices.store import Store, stored

OURS = "slack:T1"
FRESH = NOW + timedelta(days=30)

prices = st.lists(
    st.builds(
        offer,
        provider=st.sampled_from(["lambda", "verda", "aws"]),
        accelerator=st.sampled_from(["H100", "A100", None]),
        count=st.sampled_from([1, 2, 8]),
        billing=st.sampled_from(["on-demand", "spot"]),
        host_included=st.booleans(),
        price_usd_per_hour=st.integers(1, 10**6).map(float),
        fresh_until=st.just(FRESH),
    ).map(lambda one: one if one.accelerator else one._replace(count=0, memory_gb=None)),
    max_size=12,
    unique_by=lambda one: one.price_usd_per_hour,
)


def numbered(found: list[Offer], start: str) -> list[Offer]:
    """Each an offer of its own."""
    return [one._replace(instance_type=f"{start}{n}") for n, one in enumerate(found)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store.open(tmp_path_factory.mktemp("negotiated") / "prices.db", NOW)
    made.replace("bundled", (), NOW)
    return made


@given(public=prices, own=prices, limit=st.none() | st.integers(1, 5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_contract_ranks_as_if_it_lay_beside_the_public_prices(
    store: Store, public: list[Offer], own: list[Offer], limit: int | None
) -> None:
    """Every way of asking gives what one table that holds both would give."""
    public = numbered(public, "p")
    own = [one._replace(owner=OURS, source="deal") for one in numbered(own, "o")]
    store.replace("feed", public, NOW)
    store.replace("deal", own, NOW, owner=OURS)
    cards = OfferFilter(accelerators=("H100", "A100"), owner=OURS)
    for wanted in (cards, OfferFilter(owner=OURS, without_accelerator=True)):
        names = ("H100", "A100") if wanted.accelerators else (None,)
        both = [one for one in (*public, *own) if one.accelerator in names]
        per = {one.instance_type: one.price_usd_per_hour / (one.count or 1) for one in both}
        expected = sorted(per.values())[:limit]
        found = store.offers(wanted, limit)
        assert [per[one.instance_type] for one in found] == expected
        best = store.market(wanted, NOW)
        assert sum(one.offers for one in best) == len(both)
        assert [per[one.offer.instance_type] for one in best] == sorted(
            per[one.offer.instance_type] for one in best
        )
        for other in (None, "slack:T2"):
            assert all(one.owner is None for one in store.offers(wanted._replace(owner=other)))
    sizes = [(card, 80.0, count) for card in ("H100", "A100") for count in (1, 2, 8)]
    sets = [sizes[:1], sizes[:3], sizes]
    machines = store.machines(OfferFilter(owner=OURS), sets)
    for place, like in enumerate(sets):
        whole = [
            one.price_usd_per_hour
            for one in (*public, *own)
            if (one.accelerator, one.memory_gb, one.count) in like and one.host_included
        ]
        known = machines.get(place)
        assert (known.price_usd_per_hour if known else None) == min(whole, default=None)


def test_caches_hear_of_a_contract(store: Store) -> None:
    """The version grows when one comes, changes or goes."""
    seen = [store.version()]
    for price in (3.0, 2.0):
        mine = offer(owner=OURS, source="deal", price_usd_per_hour=price)
        store.replace("deal", [mine], NOW, owner=OURS)
        seen.append(store.version())
    store.replace("deal", (), NOW, owner=OURS)
    seen.append(store.version())
    assert sorted(set(seen)) == seen


def test_what_older_versions_left_in_clear_is_gone_from_every_byte(tmp_path: Path) -> None:
    """Opening such a store once is enough; deleted rows leave nothing in free pages or the log."""
    path = tmp_path / "prices.db"
    Store.open(path, NOW).close()
    columns = ", ".join((*OFFER_COLUMNS, "price_usd_per_gpu_hour", "tier"))
    telling = [
        stored(offer(owner=OURS, source="deal", instance_type=f"telling-{n}", note="telling-note"))
        for n in range(200)
    ]
    old = sqlite3.connect(path, isolation_level=None)
    old.execute("DELETE FROM _sqlite_migrations WHERE name = 'm007_contracts_leave'")
    old.executemany(
        f"INSERT INTO offers ({columns}) VALUES ({','.join('?' * len(telling[0]))})", telling
    )
    old.execute("DELETE FROM offers WHERE instance_type < 'telling-150' AND owner IS NOT NULL")
    old.execute("INSERT INTO meta VALUES ('contracts', '{\"slack:T1\": 1}')")
    old.close()
    assert b"telling-" in path.read_bytes()
    Store.open(path, NOW).close()
    for file in tmp_path.iterdir():
        assert b"telling-" not in file.read_bytes(), file
        assert OURS.encode() not in file.read_bytes(), file
