"""Real `quartermaster serve` processes on one database: each digest once, also after kill -9.

The long version, thirty kills, is `make standing-faults`.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from conftest import NOW
from replicas import (
    TAKEOVER,
    kill_round,
    make_due,
    open_deliveries,
    replicas,
    subscribe,
    until,
)

from bot.standing import pricestore
from knowledge.prices.store import Store


def test_two_replicas_send_each_digest_once_and_outlive_each_other(
    postgres: Any, tmp_path: Path
) -> None:
    """60 due in the same minute; then one replica dies holding a post; then a third one joins."""
    with replicas(postgres.database(), tmp_path) as (made, slack, state):
        subscribe(state, 60, 20)
        for name in ("one", "two"):
            made.start(name)
        made.ready()
        make_due(state)
        until(lambda: len(slack.posts) >= 60 and not open_deliveries(state), 60, "60 digests")
        assert len(slack.posts) == 60
        assert not slack.repeats()

        done = kill_round(
            made, slack, state, 60, "after", random.Random(7), made.start, survivors=True
        )
        assert done.posts == 60
        assert not slack.repeats()
        assert slack.looked > 0
        assert done.takeover <= TAKEOVER

        source = Store.open(tmp_path / "source.db", NOW)
        source.close()
        version = pricestore.publish(state, source.path, "test")
        made.start("three")
        prices = tmp_path / "three" / "prices.db"
        until(prices.exists, 30, "the third replica's store")
        until(lambda: pricestore.holds(prices) == version, 30, "the published prices")


def test_one_process_on_sqlite_killed_and_started_again(tmp_path: Path) -> None:
    """Nothing lost, nothing twice."""
    url = f"sqlite:///{tmp_path / 'state.db'}"
    with replicas(url, tmp_path) as (made, slack, state):
        subscribe(state, 20, 20)
        made.start("one")
        made.ready()
        done = kill_round(
            made, slack, state, 20, "within", random.Random(3), made.start, survivors=False
        )
        assert done.posts == 20
        assert not slack.repeats()
