"""A refresh against real HTTP servers: what is stored, what is kept, what is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from feeds.made_up import source
from feeds.server import FeedServer, Reply, Request, as_json

from knowledge.feeds.fetching import Limits
from knowledge.feeds.source import PartFault, Payload, Row, Source
from knowledge.prices.offer import Offer, OfferFilter
from knowledge.prices.store import Store
from knowledge.refresh import rates
from knowledge.refresh import refresh as room
from knowledge.refresh.refresh import (
    Due,
    RefreshFault,
    RefreshReport,
    SourceReport,
    Wanted,
    refresh,
)

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
QUICK = Limits(connect_s=2, read_s=0.5, total_s=1, tries=2, backoff_s=0.01)
RATES = b"""<?xml version="1.0"?><Envelope xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<Cube><Cube time="2026-11-23"><Cube currency="USD" rate="1.1400"/></Cube></Cube></Envelope>"""
Machine = dict[str, Any]


def machine(n: int, **changes: Any) -> Machine:
    return {"name": f"m{n}", "gpu": "H100", "gpus": 8, "usd": 20.0 + n, **changes}


MACHINES = [machine(n) for n in range(10)]


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        running.serve("/stats/eurofxref/eurofxref-daily.xml", Reply(RATES, content_type="text/xml"))
        yield running


Run = Callable[..., Awaitable[RefreshReport]]


@pytest.fixture
def run(server: FeedServer, store: Store, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Refreshes made-up sources from the server."""

    async def ran(
        *sources: Source, at: datetime = NOW, due: Due | None = None, **wanted: Any
    ) -> RefreshReport:
        monkeypatch.setattr(room, "SOURCES", {one.name: one for one in sources})
        addresses = {one.name: server.url for one in sources} | {"ecb": server.url}
        return await refresh(
            store,
            Wanted(**{"addresses": addresses, "limits": QUICK, **wanted}),
            clock=lambda: at,
            due=due,
        )

    return ran


def held(store: Store, name: str) -> list[Offer]:
    found = store.offers(OfferFilter(accelerators=("H100",), providers=("coreweave", "scaleway")))
    return [offer for offer in found if offer.source == name]


def only(report: RefreshReport) -> SourceReport:
    (one,) = report.sources
    return one


async def test_a_refresh_fills_the_store(server: FeedServer, store: Store, run: Run) -> None:
    """Counts, provenance and the record of the run."""
    server.serve("/a", as_json([*MACHINES, {"name": "GPU-X"}, machine(99, gpu="H100X")]))
    one = only(await run(source("a")))
    assert (one.fault, one.offers, one.new, one.gone, one.changed) == (None, 10, 10, 0, 0)
    assert one.unknown == {"GPU-X: no price": 1, "H100X: a name the table does not know": 1}
    offers = held(store, "a")
    assert [offer.price_usd_per_hour for offer in offers] == [20.0 + n for n in range(10)]
    assert offers[0].as_of == NOW
    (status,) = [one for one in store.sources(NOW) if one.name == "a"]
    assert (status.title, status.offers, status.fault) == ("The a feed", 10, None)
    assert status.last_ok == NOW
    assert status.unknown == {"GPU-X: no price": 1, "H100X: a name the table does not know": 1}
    # The next one counts what changed, went and came.
    server.serve("/a", as_json([machine(0, usd=25.0), *MACHINES[2:], machine(11), machine(12)]))
    one = only(await run(source("a"), at=NOW + timedelta(hours=6)))
    assert (one.offers, one.new, one.gone, one.changed) == (11, 2, 1, 1)


async def test_a_failing_source_breaks_no_other(server: FeedServer, store: Store, run: Run) -> None:
    """Each fault stays with its source; the report and the store both tell."""
    server.serve("/good", as_json(MACHINES))
    server.serve("/broken", Reply(b'[{"name": "m1", '))
    server.serve("/gone", Reply(b"", 404))

    def raising(_: object) -> Iterable[Row]:
        raise KeyError("price")

    server.serve("/ours", as_json([]))
    report = await run(
        source("good"), source("broken"), source("gone"), source("ours", parse=raising)
    )
    faults = {one.source: one.fault for one in report.sources}
    assert faults["good"] is None
    assert "broken JSON" in str(faults["broken"])
    assert "404 Not Found" in str(faults["gone"])
    assert faults["ours"] == "a fault of ours: KeyError (the log has the trace)"
    assert not report.nothing_worked
    assert len(held(store, "good")) == 10
    told = {one.name: one.fault for one in store.sources(NOW)}
    assert told["broken"] == faults["broken"]


async def test_a_server_from_which_nothing_comes_holds_nobody_up(
    server: FeedServer, store: Store, run: Run
) -> None:
    """Silent, a byte at a time, or asking for patience: one readable line after the same time."""

    async def silent(_: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def dripping(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    server.serve("/good", as_json(MACHINES))
    server.serve_raw("/silent", silent)
    server.serve_raw("/dripping", dripping)
    server.serve("/later", Reply(b"", 429, headers={"Retry-After": "30"}))
    patient = replace(QUICK, read_s=5, total_s=20, tries=9, patience_s=40, idle_s=0.6)
    begun = time.monotonic()
    report = await run(*map(source, ("good", "silent", "dripping", "later")), limits=patient)
    assert time.monotonic() - begun < 4
    faults = {one.source: one.fault for one in report.sources}
    assert faults.pop("good") is None
    for name, fault in faults.items():
        assert f"/{name}: nothing came for 0.6 seconds; given up" in str(fault)


async def test_bodies_without_an_end_are_let_go(server: FeedServer, store: Store, run: Run) -> None:
    """All of them together stay within the bound; a small one beside them arrives."""

    async def endless(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"1," * 500_000)
                await writer.drain()

    for name in "abc":
        server.serve_raw(f"/{name}", endless)
    server.serve("/good", as_json(MACHINES))
    narrow = replace(QUICK, total_s=20, body_bytes=60_000_000, arriving_bytes=40_000_000)
    tracemalloc.start()
    report = await run(*map(source, ("a", "b", "c", "good")), limits=narrow)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150_000_000
    faults = {one.source: one.fault for one in report.sources}
    assert faults.pop("good") is None
    assert all("refused" in str(fault) for fault in faults.values())


async def test_a_refused_set_is_kept_aside(server: FeedServer, store: Store, run: Run) -> None:
    """The old offers stay, the reason is told, and an operator may accept what he looked at."""
    server.serve("/a", as_json(MACHINES))
    await run(source("a"))
    server.serve("/a", as_json(MACHINES[4:]))
    one = only(await run(source("a"), at=NOW + timedelta(hours=6)))
    assert "refused: 4 of 10 offers (40%) are gone" in str(one.fault)
    assert "quartermaster refresh a --accept" in str(one.fault)
    assert len(held(store, "a")) == 10
    aside = store.path.parent / "refused" / "a.csv"
    assert aside.read_text("utf-8").count("\n") == 7
    one = only(await run(source("a"), names=("a",), accept=True, at=NOW + timedelta(hours=7)))
    assert (one.fault, one.offers, one.gone) == (None, 6, 4)
    assert not aside.exists()


async def test_a_bad_part_of_a_catalogue_fails_alone(
    server: FeedServer, store: Store, run: Run
) -> None:
    """One provider's rows that cannot be read, or that are mostly gone, leave its old offers as
    they were; the others' are new."""
    german = [machine(n, provider="scaleway") for n in range(10)]
    server.serve("/a", as_json([*MACHINES, *german]))
    await run(source("a"))

    def broken(payloads: Sequence[Payload]) -> Iterable[Row]:
        yield from source("a").parse(payloads)
        yield PartFault("scaleway", "line 3 has 11 cells")

    dearer = [machine(n, usd=30.0) for n in range(10)]
    for at, rows, parse in (
        (6, [*dearer, *german[6:]], source("a").parse),
        (7, dearer, broken),
    ):
        server.serve("/a", as_json(rows))
        one = only(await run(source("a", parse=parse), at=NOW + timedelta(hours=at)))
        assert one.ok
        assert any(note.startswith("scaleway refused, its old offers stay") for note in one.notes)
        offers = held(store, "a")
        assert [offer.price_usd_per_hour for offer in offers if offer.provider == "scaleway"] == [
            20.0 + n for n in range(10)
        ]
        assert {offer.price_usd_per_hour for offer in offers if offer.provider == "coreweave"} == {
            30
        }
    # An operator who looked takes it.
    server.serve("/a", as_json([*dearer, *german[6:]]))
    one = only(await run(source("a"), names=("a",), accept=True, at=NOW + timedelta(hours=8)))
    assert (one.offers, one.gone) == (14, 6)


async def test_euros_wait_for_the_rates_and_dollars_do_not(
    server: FeedServer, store: Store, run: Run
) -> None:
    """Without rates today, the newest we hold serve; without any, the rows are counted."""
    server.serve(
        "/eu", as_json([machine(n, currency="EUR", provider="scaleway") for n in range(6)])
    )
    server.serve("/us", as_json(MACHINES))
    report = await run(source("eu"), source("us"))
    assert report.rates
    assert report.rates.ok
    (first, *_) = held(store, "eu")
    assert first.price_usd_per_hour == pytest.approx(22.8)
    assert first.fx == "EUR 1 = USD 1.1400, ECB 2026-11-23"
    server.serve("/stats/eurofxref/eurofxref-daily.xml", Reply(b"", 500))
    report = await run(source("eu"), at=NOW + timedelta(days=3))
    assert only(report).ok
    assert report.rates
    assert report.rates.notes == ("the rates of 2026-11-23 are used meanwhile",)
    report = await run(source("eu"), at=NOW + timedelta(days=300))
    assert "no offer in it; 6 rows were not understood" in str(only(report).fault)
    assert len(held(store, "eu")) == 6


async def test_a_first_refresh_without_rates_uses_the_bundled_ones(
    server: FeedServer, store: Store, run: Run
) -> None:
    """Each price says the day of its rate, and so does the run."""
    server.serve("/stats/eurofxref/eurofxref-daily.xml", Reply(b"", 500))
    server.serve(
        "/eu", as_json([machine(n, currency="EUR", provider="scaleway") for n in range(6)])
    )
    report = await run(source("eu"))
    bundled = rates.bundled()
    assert report.rates
    assert not report.rates.ok
    assert report.rates.notes == (f"the rates of {bundled.day} are used meanwhile",)
    assert only(report).ok
    (first, *_) = held(store, "eu")
    assert first.fx
    assert first.fx.endswith(f"ECB {bundled.day}")
    assert first.price_usd_per_hour == pytest.approx(20 * bundled.per_euro["USD"])


async def test_a_dry_run_stores_nothing(server: FeedServer, store: Store, run: Run) -> None:
    server.serve("/a", as_json(MACHINES))
    version = store.version()
    one = only(await run(source("a"), dry_run=True))
    assert (one.offers, one.new) == (10, 10)
    assert store.version() == version
    assert not held(store, "a")
    assert "a" not in {one.name for one in store.sources(NOW)}


async def test_an_unchanged_feed_is_not_sent_again_and_stays_fresh(
    server: FeedServer, store: Store, run: Run
) -> None:
    """A 304 is good news: the seller still shows these prices."""
    body = as_json(MACHINES).body
    server.serve(
        "/a",
        lambda request: (
            Reply(b"", 304)
            if request.headers.get("if-none-match") == '"1"'
            else Reply(body, headers={"ETag": '"1"'})
        ),
    )
    own = source("a", first_party=True)
    await run(own)
    later = NOW + timedelta(hours=6)
    one = only(await run(own, at=later))
    assert (one.unchanged, one.offers, one.changed, one.bytes) == (1, 10, 0, 0)
    assert held(store, "a")[0].as_of == later


async def test_what_is_restricted_needs_the_operators_word(
    server: FeedServer, store: Store, run: Run
) -> None:
    """A source by its name, a row by its provider or reseller; keys by their variable."""
    server.serve(
        "/a", as_json([*MACHINES, machine(90, via="shadeform"), machine(91, provider="vastai")])
    )
    shut = source("shut", opt_in="Its terms forbid it")
    keyed = source("keyed", key_setting="QUARTERMASTER_SOURCE_KEY_KEYED")
    report = await run(source("a"), shut, keyed)
    assert report.off == {
        "shut": "Its terms forbid it. To use it all the same, name it in QUARTERMASTER_SOURCES_OPT_IN",
        "keyed": "needs a key: set QUARTERMASTER_SOURCE_KEY_KEYED",
    }
    assert only(report).offers == 10
    assert any("1 row of vastai left out" in note for note in only(report).notes)
    server.serve("/shut", as_json(MACHINES))
    server.serve("/keyed", as_json(MACHINES))
    report = await run(
        source("a"), shut, keyed, opt_in=frozenset({"shut", "vastai", "shadeform"}),
        keys={"QUARTERMASTER_SOURCE_KEY_KEYED": "k"},
    )  # fmt: skip
    assert [one.offers for one in report.sources] == [12, 10, 10]


async def test_a_wrong_name_is_told_with_the_right_one(run: Run) -> None:
    with pytest.raises(RefreshFault, match="Did you mean coreweave"):
        await run(source("coreweave"), names=("coreweav",))


async def test_the_schedule_asks_who_is_due(server: FeedServer, run: Run) -> None:
    """Marketplaces hourly, feeds as the settings say, nobody more often than it allows."""
    market = source("market", good_for=timedelta(hours=1))
    slow = source("slow", min_interval=timedelta(hours=24))
    for name in ("market", "feed", "slow"):
        server.serve(f"/{name}", as_json(MACHINES))
    turns = Due(timedelta(hours=6), timedelta(hours=1))

    async def asked(hours: float) -> list[str]:
        at = NOW + timedelta(hours=hours)
        report = await run(market, source("feed"), slow, at=at, due=turns)
        return [one.source for one in report.sources]

    assert await asked(0) == ["market", "feed", "slow"]
    assert await asked(0.5) == []
    assert await asked(1) == ["market"]
    assert await asked(6) == ["market", "feed"]
    assert await asked(24) == ["market", "feed", "slow"]


async def test_two_sources_that_disagree_are_noted(
    server: FeedServer, store: Store, run: Run
) -> None:
    """The provider's own feed is shown; who says otherwise by more than 5 % is told."""
    server.serve("/own", as_json(MACHINES))
    server.serve("/third", as_json([machine(0, usd=30.0), machine(1, usd=21.5), *MACHINES[2:]]))
    await run(source("own", first_party=True), source("third"))
    assert len(held(store, "own")) == 10
    assert not held(store, "third")
    (found,) = store.disagreements()
    assert (found.source, found.other, found.provider) == ("own", "third", "coreweave")
    assert (found.offers, found.both, found.instance_type) == (1, 10, "m0")
    assert (found.price_usd_per_hour, found.other_price_usd_per_hour) == (20, 30)


async def test_no_rate_record_of_a_refresh_that_asked_nobody(run: Run) -> None:
    report = await run()
    assert report.nothing_worked
    assert report.rates is None


async def test_a_store_that_cannot_be_written_fails_in_words(
    server: FeedServer, store: Store, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is one line for each source, not a crash."""
    import sqlite3

    from knowledge.prices import replacing

    def full(*_: object) -> None:
        fault = sqlite3.OperationalError("database or disk is full")
        fault.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise fault

    server.serve("/a", as_json(MACHINES))
    monkeypatch.setattr(replacing, "replace_offers", full)
    one = only(await run(source("a")))
    assert "Free some disk space; the old prices are untouched" in str(one.fault)


def test_a_report_is_json(store: Store) -> None:
    """What the service reads back from the process that refreshed."""
    from bot.service.refreshing import as_json as printed

    report = RefreshReport(
        (SourceReport("a", "A", offers=1, unknown={"x": 1}, notes=("n",)),), None, {"b": "off"}, 0.5
    )
    read = json.loads(printed(report))
    assert read["sources"][0]["unknown"] == {"x": 1}
    assert read["off"] == {"b": "off"}
    assert Path(store.path).exists()
