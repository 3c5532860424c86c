"""Price stores that replicas share: published, taken over in one step, rolled back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW
from offers import offer

from bot.standing import pricestore
from bot.state import State, StateFault
from knowledge.prices.offer import OfferFilter
from knowledge.prices.store import Store

H100 = OfferFilter(accelerators=("H100",))


def a_store(path: Path, price: float) -> Store:
    store = Store.open(path, NOW)
    for source in ("bundled", "feed"):
        store.replace(source, (), NOW)
    fresh = NOW + timedelta(days=30)
    store.replace("feed", [offer(price_usd_per_hour=price, fresh_until=fresh)], NOW)
    return store


def price(store: Store, owner: str | None = None) -> float:
    return store.cheapest(H100._replace(owner=owner), 1)[0].price_usd_per_hour


@pytest.fixture
def state(state_url: str) -> Iterator[State]:
    opened = State.open(state_url)
    yield opened
    opened.close()


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Ours at $24, another replica's at $99."""
    pair = (a_store(tmp_path / "a.db", 24.0), a_store(tmp_path / "b.db", 99.0))
    yield pair
    for store in pair:
        store.close()


def test_the_other_takes_over_what_one_published(state: State, stores: tuple[Store, Store]) -> None:
    """Once; readers that had the file open see the new prices, caches a new version."""
    ours, other = stores
    before = other.version()
    assert pricestore.pull(state, other.path) is None
    assert pricestore.publish(state, ours.path, "test") == 1
    assert pricestore.pull(state, ours.path) is None
    assert pricestore.pull(state, other.path) == 1
    assert price(other) == 24.0
    assert other.version() > before
    assert pricestore.pull(state, other.path) is None


def test_rolled_back_is_the_version_before(state: State, stores: tuple[Store, Store]) -> None:
    """For every replica, as a newer version."""
    ours, other = stores
    pricestore.publish(state, ours.path, "good")
    ours.replace("feed", [offer(price_usd_per_hour=1.0)], NOW)
    pricestore.publish(state, ours.path, "bad")
    pricestore.pull(state, other.path)
    assert price(other) == 1.0
    assert state.prices.rollback() == 3
    for store in stores:
        assert pricestore.pull(state, store.path) == 3
        assert price(store) == 24.0
    assert [one.version for one in state.prices.versions()] == [3, 2, 1]


def test_contract_prices_are_never_in_what_is_published(
    state: State, stores: tuple[Store, Store], tmp_path: Path
) -> None:
    """They travel sealed through the state, to every replica, for their owner alone."""
    ours, other = stores
    mine = offer(price_usd_per_hour=7.77, owner="slack:T1", source="deal", provider="verda")
    ours.replace("deal", [mine], NOW, owner="slack:T1")
    pricestore.keep_imported(state, ours, "slack:T1", "deal")
    assert [row["price_usd_per_hour"] for row in state.contracts.get("slack:T1", "deal")] == [7.77]
    pricestore.publish(state, ours.path, "test")
    body = state.prices.body(1)
    assert body is not None
    assert b"slack:T1" not in b"".join(body)
    pricestore.pull(state, other.path)
    assert pricestore.copy_contracts(state, other) == 1
    assert pricestore.copy_contracts(state, other) == 0
    assert price(other, "slack:T1") == 7.77
    assert price(other) == price(other, "slack:T2") == 24.0
    pricestore.keep_contract(state, "slack:T1", "deal", [])
    assert pricestore.copy_contracts(state, other) == 1
    assert price(other, "slack:T1") == 24.0


def test_readers_meet_no_half_store(state: State, stores: tuple[Store, Store]) -> None:
    """While one is taken over again and again, every question is answered from the old or new."""
    ours, other = stores
    stop = threading.Event()
    seen: set[float] = set()
    faults: list[BaseException] = []

    def read() -> None:
        try:
            while not stop.is_set():
                seen.add(price(other))
        except BaseException as fault:  # noqa: BLE001  reported below
            faults.append(fault)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(5):
        rows = [offer(price_usd_per_hour=10.0 + number)]
        rows += [offer(instance_type=f"x{n}", price_usd_per_hour=50.0) for n in range(500 * number)]
        ours.replace("feed", rows, NOW)
        pricestore.publish(state, ours.path, "test")
        assert pricestore.pull(state, other.path) == number + 1
    stop.set()
    for reader in readers:
        reader.join()
    assert not faults
    assert seen <= {99.0, 10.0, 11.0, 12.0, 13.0, 14.0}
    assert price(other) == 14.0


def test_a_damaged_version_is_not_taken_over(state: State, stores: tuple[Store, Store]) -> None:
    """Its checksum is checked; the old prices stay."""
    import zlib

    import sqlalchemy as sa

    ours, other = stores
    pricestore.publish(state, ours.path, "test")
    with state.writing() as db:
        db.execute(
            sa.text("UPDATE published SET body = :body"), {"body": zlib.compress(b"nonsense")}
        )
    with pytest.raises(StateFault, match="damaged"):
        pricestore.pull(state, other.path)
    assert price(other) == 99.0
