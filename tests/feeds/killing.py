"""Kills real refreshes at random moments and looks at what they leave: `make kills`.

Two feeds with a few thousand machines each change all their prices together, every round. A
refresh in a process of its own is ended with SIGKILL at a random moment of its life. Afterwards
the store must be whole, and each source's prices all of one round: the old or the new one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "support")]

from feeds.server import FeedServer, Reply  # noqa: E402  the path comes first

from knowledge.prices.store import Store  # noqa: E402
from knowledge.refresh import refresh as room  # noqa: E402

MACHINES = 1500
FEEDS = ("first", "second")
STEP = 1.01
"""Every price times this, round for round."""


def price(machine: int, turn: int) -> float:
    return round((20 + machine / 100) * STEP**turn, 6)


def body(turn: int) -> bytes:
    rows = [{"name": f"m{n}", "usd": price(n, turn)} for n in range(MACHINES)]
    return json.dumps(rows).encode()


def refresh_once(path: Path, address: str) -> None:
    """What a child does: the real refresh of both feeds into the real store."""
    from feeds.made_up import source

    room.SOURCES = {name: source(name) for name in FEEDS}  # type: ignore[misc]
    store = Store.open(path, datetime.now(UTC))
    wanted = room.Wanted(addresses=dict.fromkeys([*FEEDS, "ecb"], address))
    asyncio.run(room.refresh(store, wanted, clock=lambda: datetime.now(UTC)))
    store.close()


def check(path: Path, last: dict[str, int], turn: int) -> dict[str, int]:
    """The round each source's prices are of; raises AssertionError for a store that is not whole."""
    Store.open(path, datetime.now(UTC)).close()
    db = sqlite3.connect(path)
    try:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = {}
        for name in FEEDS:
            rows = db.execute(
                "SELECT instance_type, price_usd_per_hour FROM offers WHERE source = ?", (name,)
            ).fetchall()
            rounds = {
                n: {m: price(m, n) for m in range(MACHINES)} for n in {last[name], turn} if n >= 0
            }
            held = {int(kind[1:]): usd for kind, usd in rows}
            assert len(held) == len(rows), f"{name}: machines twice"
            found[name] = next((n for n, all_of_it in rounds.items() if held == all_of_it), -1)
            assert found[name] >= 0 or (not rows and last[name] < 0), (
                f"{name}: half a set, {len(rows)}"
            )
            runs = db.execute(
                "SELECT offers FROM runs WHERE source = ? AND ok ORDER BY id DESC LIMIT 1", (name,)
            ).fetchone()
            assert bool(runs) == bool(rows), f"{name}: a set and its record came apart"
        twice = db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM offers WHERE shown = 1 AND source IN (?, ?) "
            "GROUP BY provider, instance_type, region, billing, term_months HAVING count(*) > 1)",
            FEEDS,
        ).fetchone()[0]
        assert twice == 0, f"{twice} offers are shown twice"
        missing = {"offers_ranking", "offers_placed"} - {
            row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'index'")
        }
        assert not missing, f"indexes are gone: {missing}"
    finally:
        db.close()
    return found


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=60)
    arguments.add_argument("--seed", type=int, default=int(time.time()))
    given = arguments.parse_args()
    print(f"seed {given.seed}")
    rolled = random.Random(given.seed)
    apart = multiprocessing.get_context("forkserver")
    apart.set_forkserver_preload(
        ["feeds.made_up", "knowledge.refresh", "knowledge.prices.replacing", "h2"]
    )
    killed = finished = kept = half = 0
    with tempfile.TemporaryDirectory() as folder, FeedServer() as server:
        path = Path(folder) / "prices.db"
        Store.open(path, datetime.now(UTC)).close()
        last = dict.fromkeys(FEEDS, -1)
        life = writing = 0.0
        turn = 0
        while killed < given.kills:
            for name in FEEDS:
                server.serve(f"/{name}", Reply(body(turn)))
            server.requests.clear()
            child = apart.Process(target=refresh_once, args=(path, server.url))
            begun = time.monotonic()
            child.start()
            # The first round and every tenth end by themselves: so long is a life. Of the others
            # half are killed at any moment of it, half once both feeds were asked, while storing.
            whole = turn % 10 == 0
            asked = begun
            if whole or turn % 2:
                while child.is_alive() and len(server.requests) < len(FEEDS):
                    time.sleep(0.001)  # polls requests of another process
                asked = time.monotonic()
                child.join(None if whole else rolled.uniform(0, writing * 1.1))
            else:
                child.join(rolled.uniform(0, life * 1.1))
            if child.is_alive():
                child.kill()
                killed += 1
            else:
                finished += 1
                if whole:
                    life, writing = time.monotonic() - begun, time.monotonic() - asked
            child.join()
            if whole:
                assert child.exitcode == 0
            now = check(path, last, turn)
            kept += sum(now[name] != turn for name in FEEDS)
            half += len({now[name] == turn for name in FEEDS}) == 2
            last = now
            turn += 1
    print(
        f"{killed} killed, {finished} finished; {kept} times a source kept its old set, {half} times only "
        "one of the two; every store whole"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
