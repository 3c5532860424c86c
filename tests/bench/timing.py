"""What every part of the bench leans on: taking turns, filled stores, the questions asked."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from make_offers import write

from knowledge.prices.offer import OfferFilter
from knowledge.prices.store import Store
from knowledge.refresh.importing import import_csv

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


SERVE = ["-m", "bot", "serve", "--port", "0"]
UNHINDERED = {
    "QUARTERMASTER_REFRESH_EVERY_HOURS": "0",
    "QUARTERMASTER_MARKETPLACES_EVERY_HOURS": "0",
    "QUARTERMASTER_COMMANDS_PER_MINUTE": "10000",
    "QUARTERMASTER_PLACE_COMMANDS_PER_MINUTE": "100000",
    "QUARTERMASTER_ANSWERS_WAITING": "10000",
}
"""Settings of a service that answers as fast as it can."""


def other_words(number: int) -> str:
    """WORDS as nobody asked them before."""
    return f"{WORDS} below ${20 + number / 100:.2f}"


@contextmanager
def running(folder: Path, words: list[str], **more: str) -> Iterator[tuple[str, int]]:
    """A server's address and process id, while it runs; its log is a file, as in production."""
    unset = ("QUARTERMASTER_", "SLACK_", "TEAMS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    said = folder / f"{words[-1]}.log"
    with (
        said.open("wb") as log,
        subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=kept | more, stdout=log, stderr=log
        ) as process,
    ):
        try:
            while not (found := re.search(r"listening on (http://[0-9.:]+)", said.read_text())):
                if process.poll() is not None:
                    raise RuntimeError(said.read_text())
                time.sleep(0.05)  # polls the log of another process
            yield found.group(1), process.pid
        finally:
            process.terminate()
            process.wait(40)


def filled(folder: Path, size: int) -> Store:
    """A store with `size` synthetic offers beside the bundled ones."""
    sheet = folder / f"{size}.csv"
    write(size, sheet)
    store = Store.open(folder / f"{size}" / "prices.db", NOW)
    import_csv(sheet, store, source="synthetic", owner=None, now=NOW)
    return store
