"""What every part of the bench leans on: taking turns, filled stores, the questions asked."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from make_offers import write

from knowledge.importing import import_csv
from knowledge.offer import OfferFilter
from knowledge.store import Store

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
Q1 = OfferFilter(accelerators=("A100",), memory_gb=80, count=8, billing="on-demand")
WORDS = "cheapest 8x A100 80GB eu"


def median_ms(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median of each call in milliseconds; the calls take turns, so that drift hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            begun = time.perf_counter()
            call()
            times[name].append((time.perf_counter() - begun) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def filled(folder: Path, size: int) -> Store:
    """A store with `size` synthetic offers beside the bundled ones."""
    sheet = folder / f"{size}.csv"
    write(size, sheet)
    store = Store.open(folder / f"{size}" / "prices.db", NOW)
    import_csv(sheet, store, source="synthetic", owner=None, now=NOW)
    return store
