"""The core: a cold process, understanding, replacing a source, questions at three sizes."""

from __future__ import annotations

import csv
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from make_offers import write
from timing import NOW, Q1, ROOT, WORDS, filled, median_ms

from bot.core.answer import Answer
from bot.core.desk import Asker
from bot.reply.reply import reply
from bot.understanding.understand import understand, understood
from knowledge.facts.accelerators import resolve
from knowledge.prices.offer import OfferFilter
from knowledge.prices.store import Store
from knowledge.refresh.importing import import_csv

Q2 = OfferFilter(
    accelerators=("A100",),
    memory_gb=80,
    count=8,
    billing="on-demand",
    geos=("eu",),
    exclude_tiers=("marketplace",),
)
BARE = (
    "SELECT provider, instance_type, region, price_usd_per_hour FROM offers WHERE accelerator = 'A100' "
    "AND memory_gb = 80 AND count = 8 AND billing = 'on-demand' AND shown = 1 "
    "ORDER BY price_usd_per_gpu_hour LIMIT 5"
)


def measure(folder: Path) -> dict[str, Any]:
    return {
        "cold": cold(folder),
        "reading": reading(),
        "replacing": replacing(folder),
        "queries": queries(folder),
        "peak memory of this run, MB": round(
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ),
    }


def anew(words: str, store: Store) -> Answer:
    """The answer to words that nobody typed before."""
    understood.cache_clear()
    return reply(words, Asker(), NOW, store)


def queries(folder: Path) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for size in (5_000, 50_000, 500_000):
        store = filled(folder, size)
        bare = sqlite3.connect(store.path)
        calls: dict[str, Callable[[], Any]] = {
            "bare query": lambda bare=bare: bare.execute(BARE).fetchall(),
            "five cheapest": lambda store=store: store.cheapest(Q1),
            "with region and tier": lambda store=store: store.cheapest(Q2),
            "words to Answer": lambda store=store: anew(WORDS, store),
        }
        figures = median_ms(calls, 200 if size < 500_000 else 60)
        floor = figures["bare query"]
        out[f"{size} offers"] = {
            name: {"ms": round(ms, 4), "x bare": round(ms / floor, 1)}
            for name, ms in figures.items()
        }
        bare.close()
        store.close()
    answer = "words to Answer"
    out["growth of words to Answer, 500k / 5k"] = round(
        out["500000 offers"][answer]["ms"] / out["5000 offers"][answer]["ms"], 2
    )
    return out


def reading() -> dict[str, Any]:
    examples = ROOT / "tests" / "understanding" / "examples" / "own.jsonl"
    questions = [json.loads(line)["q"] for line in examples.read_text("utf-8").splitlines()]
    times = []
    for _ in range(3):
        for words in questions:
            begun = time.perf_counter()
            understand(words)
            times.append((time.perf_counter() - begun) * 1000)
    begun = time.perf_counter()
    for _ in range(100_000):
        resolve("A100 80GB")
    name_us = (time.perf_counter() - begun) * 10
    worst = 0.0
    for text in (
        "8x" * 5000,
        "a100 " * 2000,
        "$1," * 3300,
        "1." * 5000,
        "<@U" * 3300,
        "not " * 2500,
    ):
        begun = time.perf_counter()
        understand(text)
        worst = max(worst, (time.perf_counter() - begun) * 1000)
    return {
        "understanding, median ms": round(statistics.median(times), 3),
        "10,000 hostile characters, worst ms": round(worst, 1),
        "exact name, us": round(name_us, 2),
    }


def cold(folder: Path) -> dict[str, Any]:
    """A whole process: blank Python beside `ask` on the bundled store."""
    environment = {**os.environ, "QUARTERMASTER_DATA_DIR": str(folder / "cold")}
    ask = [str(Path(sys.executable).parent / "quartermaster"), "ask", "cheapest A100"]
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "bot", "knowledge"], cwd=ROOT, check=True
    )
    subprocess.run(ask, cwd=ROOT, env=environment, check=True, capture_output=True)
    figures = median_ms(
        {
            "blank python": lambda: subprocess.run(
                [sys.executable, "-c", "pass"], cwd=ROOT, check=True
            ),
            "cold ask": lambda: subprocess.run(
                ask, cwd=ROOT, env=environment, check=True, capture_output=True
            ),
        },
        15,
    )
    code = "import resource, sys; from bot.cli.main import cli; cli(['ask', 'cheapest A100'], standalone_mode=False); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return {
        "blank python, ms": round(figures["blank python"], 1),
        "cold ask, ms": round(figures["cold ask"], 1),
        "cold ask / blank": round(figures["cold ask"] / figures["blank python"], 2),
        "peak memory, MB": round(int(done.stderr.split()[-1]) / 1024, 1),
    }


def replacing(folder: Path, size: int = 50_000) -> dict[str, Any]:
    """A full replace from CSV beside a bare executemany of the same rows, and readers meanwhile."""
    sheet = folder / f"{size}.csv"
    write(size, sheet)
    store = Store.open(folder / "replace" / "prices.db", NOW)

    def bare() -> None:
        """A refresh as plainly as it can be: every row upserted, one covering index kept."""
        with sheet.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        db = sqlite3.connect(folder / "bare.db", isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(
            f"CREATE TABLE IF NOT EXISTS offers ({', '.join(header)}, "
            "PRIMARY KEY (provider, instance_type, region, billing))"
        )
        db.execute(
            "CREATE INDEX IF NOT EXISTS i ON offers (accelerator, memory_gb, count, billing, "
            "price_usd_per_hour, provider, instance_type, region, country)"
        )
        db.execute("BEGIN")
        db.executemany(
            f"INSERT OR REPLACE INTO offers VALUES ({','.join('?' * len(header))})", rows
        )
        db.execute("COMMIT")
        db.close()

    import_csv(sheet, store, source="synthetic", owner=None, now=NOW)
    figures = median_ms(
        {
            "bare": bare,
            "ours": lambda: import_csv(sheet, store, source="synthetic", owner=None, now=NOW),
        },
        5,
    )
    idle = _p99(store, threading.Event(), 600)
    done = threading.Event()
    busy: list[float] = []
    reader = threading.Thread(target=lambda: busy.append(_p99(store, done, 10**9)))
    reader.start()
    # The writer is another process, as a refresh is: this one only reads.
    environment = {**os.environ, "QUARTERMASTER_DATA_DIR": str(folder / "replace")}
    subprocess.run(
        [sys.executable, "-m", "bot", "import", str(sheet), "--source", "synthetic"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
    )
    done.set()
    reader.join()
    store.close()
    return {
        "bare executemany, s": round(figures["bare"] / 1000, 2),
        "full replace, s": round(figures["ours"] / 1000, 2),
        "replace / bare": round(figures["ours"] / figures["bare"], 2),
        "reader p99 idle, ms": round(idle, 3),
        "reader p99 during a replace, ms": round(busy[0], 3),
        "p99 during / idle": round(busy[0] / idle, 1),
    }


def _p99(store: Store, stop: threading.Event, most: int) -> float:
    times = []
    while not stop.is_set() and len(times) < most:
        begun = time.perf_counter()
        store.cheapest(Q1)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.quantiles(times, n=100)[98]
