"""The small market of tests/golden/: few offers, fresh and of one day, checked on paper."""

from __future__ import annotations

import csv
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conftest import NOW, ROOT
from offers import offer

from knowledge.prices.offer import Offer
from knowledge.prices.store import Store

GOLDEN = ROOT / "tests" / "golden"
SEEN = datetime(2026, 11, 23, tzinfo=UTC)


def fresh(**changes: object) -> Offer:
    """An offer of the market's day, of the source that holds the market."""
    return offer(
        as_of=SEEN,
        fetched_at=SEEN,
        fresh_until=SEEN + timedelta(days=30),
        source="bundled",
        **changes,
    )


def market() -> list[Offer]:
    """The offers of market.csv."""
    with (GOLDEN / "market.csv").open(encoding="utf-8", newline="") as file:
        return [
            fresh(
                provider=row["provider"],
                instance_type=row["instance_type"],
                accelerator=row["accelerator"] or None,
                memory_gb=float(row["memory_gb"]) if row["memory_gb"] else None,
                count=int(row["count"]),
                form_factor=row["form_factor"] or None,
                vcpus=float(row["vcpus"]),
                billing=row["billing"],
                term_months=int(row["term_months"]) if row["term_months"] else None,
                price_usd_per_hour=float(row["price_usd_per_hour"]),
            )
            for row in csv.DictReader(file)
        ]


def small_store(seeded: Path, folder: Path) -> Store:
    """A store that holds the golden market and its history, and nothing else."""
    path = folder / "prices.db"
    shutil.copy(seeded, path)
    store = Store.open(path, NOW)
    store.replace("bundled", market(), NOW)
    with (
        store.writing() as db,
        (GOLDEN / "history.csv").open(encoding="utf-8", newline="") as file,
    ):
        db.execute("DELETE FROM daily")
        db.executemany(
            "INSERT INTO daily (accelerator, memory_gb, billing, provider, day, "
            "price_usd_per_gpu_hour, source_url) "
            "VALUES (?, ?, 'on-demand', ?, ?, ?, 'https://prices.example/history')",
            [tuple(row.values()) for row in csv.DictReader(file)],
        )
    return store
