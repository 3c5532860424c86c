"""What the price store says of itself: its faults, its sources, its refreshes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

BUNDLED = "bundled"
"""The source of the list prices that ship with the package."""


class StoreFault(Exception):
    """The store cannot be used; the message is one line that says what to do."""


class SourceInfo(NamedTuple):
    """What the store keeps of a source, for provenance and for "the provider's own feed wins"."""

    name: str
    title: str
    page: str
    good_for: timedelta
    licence: str | None = None
    first_party: bool = False
    complete: bool = False


class Replaced(NamedTuple):
    """What a replace changed, in offers."""

    offers: int
    new: int
    gone: int
    changed: int


class RunRecord(NamedTuple):
    """How one refresh of one source went."""

    source: str
    started: datetime
    took_s: float
    ok: bool
    fault: str | None = None
    offers: int = 0
    new: int = 0
    gone: int = 0
    changed: int = 0
    unknown: Mapping[str, int] = MappingProxyType({})
    """Raw names that were not understood and why ("GPU-X: no price"), with how many rows each."""
    notes: tuple[str, ...] = ()
    """Disagreements, rejected rows: what `sources` explains."""


class SourceStatus(NamedTuple):
    """A source as `sources` shows it."""

    name: str
    title: str
    page: str
    licence: str | None
    offers: int
    stale_offers: int
    oldest: datetime | None
    newest: datetime | None
    last_run: datetime | None
    last_ok: datetime | None
    fault: str | None
    unknown: dict[str, int]
    notes: tuple[str, ...]


class Mover(NamedTuple):
    """A lowest price that moved between two days."""

    accelerator: str
    memory_gb: float
    billing: str
    provider: str
    before: float
    after: float
    source_url: str

    @property
    def change(self) -> float:
        return self.after / self.before - 1


def explained(fault: sqlite3.Error, path: Path) -> str:
    """What went wrong with the store file and what to do, in one line."""
    text = str(fault)
    if "locked" in text or "busy" in text:
        return f"{path} is locked by another process. Try again in a moment."
    if "not a database" in text or "malformed" in text or "corrupt" in text or "encrypted" in text:
        return (
            f"{path} is damaged. Move it away (imported prices are in it) and ask again: a new store "
            "is seeded from the bundled prices."
        )
    if "full" in text or "I/O" in text:
        return f"No room to write {path}. Free some disk space; the old prices are untouched."
    if "readonly" in text or "read-only" in text:
        return (
            f"{path} is read-only. Make it and its folder writable, or set QUARTERMASTER_DATA_DIR."
        )
    if "unable to open" in text:
        return f"{path} cannot be opened. Check that it exists and may be read."
    if "no such table" in text or "no such column" in text:
        return (
            f"{path} is not a price store of quartermaster. Set QUARTERMASTER_DATA_DIR elsewhere."
        )
    return f"{path}: {text}"


class Disagreement(NamedTuple):
    """Two sources about one provider, one billing kind."""

    source: str
    """Whose price is shown."""
    other: str
    provider: str
    billing: str
    offers: int
    """Offers that differ by more than the tolerance."""
    both: int
    """Offers that both sources state."""
    instance_type: str
    """The widest difference."""
    region: str | None
    price_usd_per_hour: float
    other_price_usd_per_hour: float
