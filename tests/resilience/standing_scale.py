"""How standing orders grow: `python tests/resilience/standing_scale.py`, or `make bench-scale`.

Deliveries a second with one, two and three real replicas on one PostgreSQL, what each delivery
asks of the database, memory per 10,000 digests and 100,000 watches, and how long 100,000 watches
take after a refresh of 50,000 offers. Prints JSON; figures depend on the machine, ratios less.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from make_offers import write
from postgres import Server
from replicas import make_due, open_deliveries, replicas, subscribe, until
from standing_parts import Platform, place

from bot.core.question import Question
from bot.standing import watches
from bot.standing.pace import Pace
from bot.standing.ticker import Standing
from bot.state import State
from bot.state import tables as t
from bot.state.rows import Rule
from knowledge.prices.store import Store
from knowledge.refresh.importing import import_csv

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
DUE = 600
WATCHES = 100_000
OFFERS = 50_000
REFRESHES = 3
DIGESTS = 10_000


def say(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr, flush=True)


# -- watches -----------------------------------------------------------------------------------


def scopes(store: Store) -> list[Question]:
    """Every card, anywhere and in four regions, on demand and spot: what people watch."""
    cards = sorted({str(row[0]) for row in store._rows("SELECT DISTINCT accelerator FROM offers WHERE source = 'synthetic'", ())})  # fmt: skip
    return [
        watches.scope_question(
            Question("watch", accelerators=(card,), region=region, billing=billing)
        )
        for card in cards
        for region in (None, "us", "eu", "asia", "sa")
        for billing in ("on-demand", "spot")
    ]


def add_watches(state: State, store: Store, count: int) -> int:
    """Watches around today's prices, a hundred places each with their share; counts scopes."""
    chance = random.Random(7)
    questions = scopes(store)
    for number in range(1000):
        state.places.save(place(f"C{number}", f"slack:T{number % 100}"))
    keys, rows = [], []
    for question in questions:
        best = watches.best_now(question, store, NOW)
        price = best.offer.price_usd_per_hour / best.offer.count if best else None
        key = watches.scope_key(question, "price", 0)
        keys.append((key, price or 2.0))
        rows.append({
            "key": key, "question": watches.to_json(question), "kind": "price", "days": 0,
            "value": price, "price": price, "since": NOW, "version": 0,
        })  # fmt: skip
    made = []
    for number in range(count):
        key, price = keys[number % len(keys)]
        made.append({
            "place": place(f"C{number % 1000}", f"slack:T{number % 100}").id, "lang": "en",
            "words": "watch", "scope": key, "kind": "price", "direction": "below",
            "threshold": round(price * chance.uniform(0.6, 1.0), 4), "armed": True,
            "paused": False, "remind": False, "created_at": NOW,
        })  # fmt: skip
    with state.writing() as db:
        db.execute(sa.insert(t.scope), rows)
        for start in range(0, count, 5000):
            db.execute(sa.insert(t.watch), made[start : start + 5000])
    return len(questions)


def measure_watches(server: Server, folder: Path) -> dict[str, Any]:
    """Three refreshes, each with other prices for every offer: no price stays where it was."""
    sheets = []
    for seed in range(11, 11 + 1 + REFRESHES):
        sheet = folder / f"{seed}.csv"
        write(OFFERS, sheet, seed)
        sheets.append(sheet)
    out: dict[str, Any] = {}
    for name, url in (
        ("postgresql", server.database()),
        ("sqlite", f"sqlite:///{folder / 'watches.db'}"),
    ):
        say(f"{WATCHES} watches on {name}")
        store = Store.open(folder / name / "prices.db", NOW)
        import_csv(sheets[0], store, source="synthetic", owner=None, now=NOW)
        state = State.open(url)
        sets = add_watches(state, store, WATCHES)
        before = rss()
        statements = counted(state)
        rounds = []
        for version, sheet in enumerate(sheets[1:], 1):
            import_csv(sheet, store, source="synthetic", owner=None, now=NOW)
            statements.clear()
            rounds.append(timed(state, store, version) | {"statements": statements["statements"]})
        out[name] = {
            "sets_of_offers": sets,
            "after_a_refresh": rounds,
            "when_nothing_changed": timed(state, store, REFRESHES),
            "replica_grew_mb": round(rss() - before, 1),
            "database_mb": round(size_mb(state, url), 1),
        }
        state.close()
        store.close()
    return out


def timed(state: State, store: Store, version: int) -> dict[str, Any]:
    """Wall-clock seconds, and this process's own: what others take of the machine is not ours."""
    begun, busy = time.perf_counter(), time.process_time()
    fired = watches.evaluate(state, store, NOW, version=version)
    return {
        "seconds": round(time.perf_counter() - begun, 2),
        "cpu_seconds": round(time.process_time() - busy, 2),
        "fired": fired,
    }


# -- deliveries ----------------------------------------------------------------------------------


def measure_replicas(server: Server, folder: Path) -> dict[str, Any]:
    """Deliveries a second of real processes: from due to the last post recorded."""
    out: dict[str, Any] = {}
    with replicas(server.database(), folder / "replicas") as (made, slack, state):
        subscribe(state, DUE, DUE)  # each workspace its own: no cap but the machine's
        for number, name in enumerate(("one", "two", "three"), 1):
            say(f"{number} replicas")
            made.start(name)
            made.ready()
            before = len(slack.posts)
            make_due(state)
            begun = time.monotonic()
            until(lambda before=before: len(slack.posts) - before >= DUE, 300, "all posted")  # type: ignore[misc]
            took = time.monotonic() - begun
            until(lambda: not open_deliveries(state), 60, "all recorded")
            shares = Counter(post.replica for post in slack.posts[before:])
            out[str(number)] = {"per_second": round(DUE / took, 1), "by": dict(shares)}
        out["posted_twice"] = len(slack.repeats())
    return out


def measure_round_trips(server: Server, folder: Path) -> dict[str, Any]:
    """What one delivery asks of the database, in one process with an instant platform."""
    say("round trips")
    state = State.open(server.database())
    store = Store.open(folder / "trips" / "prices.db", NOW)
    subscribe(state, DUE, DUE)
    statements = counted(state)
    platform = Platform()

    async def run() -> float:
        standing = Standing(state, store, {"slack": platform}, pace=Pace(tick=0.2))
        make_due(state)
        statements.clear()
        begun = time.monotonic()
        await standing.start()
        while len(platform.posts) < DUE:
            await asyncio.sleep(0.01)
        took = time.monotonic() - begun
        await standing.stop()
        return took

    took = asyncio.run(run())
    out = {
        "statements_per_delivery": round(statements["statements"] / DUE, 2),
        "transactions_per_delivery": round(statements["transactions"] / DUE, 2),
        "per_second_without_a_network": round(DUE / took, 1),
    }
    state.close()
    store.close()
    return out


def measure_memory(server: Server, folder: Path) -> dict[str, Any]:
    """A replica's memory with no digests and with ten thousand: they are rows, not threads."""
    say(f"{DIGESTS} digests")
    out: dict[str, Any] = {}
    for count in (0, DIGESTS):
        url = server.database()
        with replicas(url, folder / f"memory{count}") as (made, _slack, state):
            add_digests(state, count)
            started = made.start("one")
            made.ready()
            time.sleep(8)  # memory after a few ticks: nothing tells that it has settled
            out[f"rss_mb_with_{count}"] = round(rss(started.process.pid), 1)
            out[f"database_mb_with_{count}"] = round(size_mb(state, url), 1)
            out["threads"] = threads(started.process.pid)
    return out


def add_digests(state: State, count: int) -> None:
    for number in range(min(count, 100)):
        state.places.save(place(f"C{number}", f"slack:T{number}"))
    later = NOW + timedelta(days=365)
    rows = [
        {
            "place": place(f"C{number % 100}", f"slack:T{number % 100}").id, "words": "{}",
            "lang": "en", "due": later, "created_at": NOW, "paused": False, "skipped": 0,
            **Rule()._asdict(),
        }
        for number in range(count)
    ]  # fmt: skip
    with state.writing() as db:
        if rows:
            db.execute(sa.insert(t.subscription), rows)


# -- reading meters ------------------------------------------------------------------------------


def counted(state: State) -> Counter[str]:
    found: Counter[str] = Counter()

    @sa.event.listens_for(state.engine, "before_cursor_execute")
    def _statement(*_: object) -> None:
        found["statements"] += 1

    @sa.event.listens_for(state.engine, "begin")
    def _begin(*_: object) -> None:
        found["transactions"] += 1

    return found


def rss(pid: int | str = "self") -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def size_mb(state: State, url: str) -> float:
    if not state.is_postgres:
        return Path(url.removeprefix("sqlite:///")).stat().st_size / 1e6
    with state.reading() as db:
        return float(db.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0) / 1e6


def main() -> None:
    wanted = sys.argv[1:]
    server = Server()
    report: dict[str, Any] = {}
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for part in (measure_watches, measure_round_trips, measure_replicas, measure_memory):
                title = part.__name__.removeprefix("measure_")
                if not wanted or title in wanted:
                    report[title] = part(server, folder)
    finally:
        server.close()
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
