"""Feeds: a catalogue read and stored, answers while a refresh writes, all sources at once."""

from __future__ import annotations

import csv
import io
import itertools
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from timing import NOW, ROOT, WORDS, median_ms  # isort: skip  it makes the others findable

from feeds.everyone import everyone
from feeds.server import FeedServer, Reply

from bot.core.desk import Asker
from bot.reply.reply import reply
from bot.service.refreshing import NICENESS
from knowledge.feeds.source import Payload
from knowledge.prices.store import Store
from knowledge.refresh.normalising import normalised
from knowledge.refresh.refresh import uncollected
from knowledge.sources import SOURCES

ROWS = 100_000
LATENCY = 0.05
HEADER = (
    "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size,gpu_vendor,"
    "flags,cpu_arch,provider_data"
)
CARDS = [
    ("H100", 80, 2.9), ("A100", 40, 1.3), ("A100", 80, 1.9), ("H200", 141, 3.9), ("L4", 24, 0.7),
    ("T4", 16, 0.4), ("L40S", 48, 1.4), ("B200", 180, 5.8), ("V100", 16, 0.9), ("A10G", 24, 1.0),
]  # fmt: skip


def catalogue(rows: int = ROWS) -> bytes:
    """A gpuhunt catalogue of one provider: a third of its machines have cards."""
    out = [HEADER]
    places = [f"region-{n}" for n in range(50)]
    for n, (place, spot) in zip(
        range(rows), itertools.cycle(itertools.product(places, ("False", "True"))), strict=False
    ):
        kind = n // (2 * len(places))
        cheap = 0.5 if spot == "True" else 1
        if kind % 3:
            out.append(
                f"m{kind}.large,{place},{0.05 * (1 + kind % 40) * cheap:.4f},{2 + kind % 96},"
                f"{8 * (1 + kind % 96)},0,,,{spot},,,,x86,{{}}"
            )
        else:
            card, memory, price = CARDS[kind % len(CARDS)]
            count = (1, 2, 4, 8)[kind % 4]
            out.append(
                f"g{kind}.xlarge,{place},{price * count * cheap:.4f},{16 * count},{128 * count},"
                f"{count},{card},{memory},{spot},,nvidia,,x86,{{}}"
            )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("nebius.csv", "\n".join(out) + "\n")
    return packed.getvalue()


def payload(body: bytes) -> Payload:
    url = "https://dstack-gpu-pricing.s3.eu-west-1.amazonaws.com/v3/nebius/20261124-1/catalog.zip"
    return Payload(url, body, NOW, last_modified=NOW, tag="nebius")


def read_and_store(body: bytes, store: Store) -> int:
    """What a refresh does once the bytes are here."""
    source, payloads = SOURCES["gpuhunt"], [payload(body)]
    with uncollected():
        found = normalised(list(source.parse(payloads)), source, payloads, now=NOW)
        return store.replace("gpuhunt", found.offers, NOW).offers


def bare(body: bytes, path: Path) -> None:
    """The same as plainly as it can be: unpacked, split, upserted, one covering index kept."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        header, *rows = csv.reader(io.StringIO(archive.read("nebius.csv").decode(), newline=""))
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute(
        f"CREATE TABLE IF NOT EXISTS offers ({', '.join(header)}, "
        "PRIMARY KEY (instance_name, location, spot))"
    )
    db.execute(
        "CREATE INDEX IF NOT EXISTS i ON offers (gpu_name, gpu_memory, gpu_count, spot, price, "
        "instance_name, location)"
    )
    db.execute("BEGIN")
    db.executemany(f"INSERT OR REPLACE INTO offers VALUES ({','.join('?' * len(header))})", rows)
    db.execute("COMMIT")
    db.close()


def one_catalogue(folder: Path) -> dict[str, Any]:
    body = catalogue()
    store = Store.open(folder / "catalogue" / "prices.db", NOW)
    offers = read_and_store(body, store)
    figures = median_ms(
        {
            "bare": lambda: bare(body, folder / "bare.db"),
            "ours": lambda: read_and_store(body, store),
        },
        3,
    )
    store.close()
    peak = subprocess.run(
        [sys.executable, __file__, str(folder / "peak.db")],
        check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    return {
        "offers": offers,
        "bare executemany, s": round(figures["bare"] / 1000, 2),
        "read and stored, s": round(figures["ours"] / 1000, 2),
        "ours / bare": round(figures["ours"] / figures["bare"], 2),
        "peak memory, MB": round(int(peak.stdout) / 1024),
    }


def answers_meanwhile(folder: Path) -> dict[str, Any]:
    """p99 of whole answers, idle and while another process refreshes a large catalogue."""
    path = folder / "answers" / "prices.db"
    store = Store.open(path, NOW)
    with FeedServer() as server:
        server.serve("/v3/nebius/version", Reply(b"20261124-1\n", content_type="text/plain"))
        server.serve(
            "/v3/nebius/20261124-1/catalog.zip",
            Reply(catalogue(), content_type="application/zip"),
        )
        environment = {
            **os.environ,
            "QUARTERMASTER_DATA_DIR": str(path.parent),
            "QUARTERMASTER_SOURCE_URL_GPUHUNT": server.url,
            "QUARTERMASTER_SOURCE_URL_ECB": server.url,
        }

        def refresh() -> None:
            """As the service runs it: apart, and in no hurry."""
            child = subprocess.Popen(
                [sys.executable, "-m", "bot", "refresh", "gpuhunt", "--accept"],
                cwd=ROOT, env=environment, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
            assert child.wait() == 0

        refresh()
        idle = _p99(store, threading.Event(), 400)
        done = threading.Event()
        busy: list[float] = []
        asking = threading.Thread(target=lambda: busy.append(_p99(store, done, 10**9)))
        asking.start()
        refresh()
        done.set()
        asking.join()
    store.close()
    return {
        "answer p99 idle, ms": round(idle, 3),
        "answer p99 during a refresh, ms": round(busy[0], 3),
        "p99 during / idle": round(busy[0] / idle, 2),
    }


def _p99(store: Store, stop: threading.Event, most: int) -> float:
    times: list[float] = []
    while not stop.is_set() and len(times) < most:
        begun = time.perf_counter()
        reply(WORDS, Asker(), NOW, store)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.quantiles(times, n=100)[98]


def all_at_once(folder: Path) -> dict[str, Any]:
    """Every default source against its own server 50 ms away, beside the slowest one alone."""
    import asyncio

    from knowledge.refresh.refresh import Wanted, refresh

    with everyone(latency=LATENCY) as feeds:
        addresses = {name: server.url for name, server in feeds.servers.items()}

        def run(*names: str) -> dict[str, float]:
            with tempfile.TemporaryDirectory(dir=folder) as name:
                store = Store.open(Path(name) / "prices.db", datetime.now(UTC))
                report = asyncio.run(
                    refresh(
                        store,
                        Wanted(names=names, addresses=addresses),
                        clock=lambda: datetime.now(UTC),
                    )
                )
                store.close()
            assert all(one.ok for one in report.sources), report
            return {one.source: one.took_s for one in report.sources} | {"all": report.took_s}

        together = [run() for _ in range(3)]
        names = [name for name in together[0] if name != "all"]
        alone = {name: run(name)["all"] for name in names}
        for name in sorted(names, key=lambda name: -alone[name])[:3]:
            alone[name] = statistics.median([alone[name], *(run(name)["all"] for _ in range(2))])
    whole = statistics.median(one["all"] for one in together)
    slowest = max(alone, key=lambda name: alone[name])
    return {
        "sources": len(names),
        "all at once, s": round(whole, 2),
        "slowest alone, s": round(alone[slowest], 2),
        "the slowest": slowest,
        "all / slowest": round(whole / alone[slowest], 2),
        "one after the other, s": round(sum(alone.values()), 2),
    }


def measure(folder: Path) -> dict[str, Any]:
    """The figures of this part."""
    return {
        f"a catalogue of {ROWS:,} rows": one_catalogue(folder),
        "answers meanwhile": answers_meanwhile(folder),
        f"all default sources, {LATENCY * 1000:g} ms away": all_at_once(folder),
    }


def main() -> None:
    """`refreshing.py FILE`: reads and stores one catalogue, and prints the memory this took, in kB."""
    store = Store.open(Path(sys.argv[1]), NOW)
    read_and_store(catalogue(), store)
    store.close()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main()
