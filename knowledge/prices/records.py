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


_WHY = {
    sqlite3.SQLITE_BUSY: "{path} is locked by another process. Try again in a moment.",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged. Move it away (imported prices are in it) and ask again: a new store is seeded from the bundled prices.",
    sqlite3.SQLITE_FULL: "No room to write {path}. Free some disk space; the old prices are untouched.",
    sqlite3.SQLITE_READONLY: "{path} is read-only. Make it and its folder writable, or set QUARTERMASTER_DATA_DIR.",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened. Check that it exists and may be read.",
    # Our statements are fixed: a table or column that they name is missing.
    sqlite3.SQLITE_ERROR: "{path} is not a price store of quartermaster. Set QUARTERMASTER_DATA_DIR elsewhere.",
}
_WHY[sqlite3.SQLITE_LOCKED] = _WHY[sqlite3.SQLITE_BUSY]
_WHY[sqlite3.SQLITE_NOTADB] = _WHY[sqlite3.SQLITE_CORRUPT]
_WHY[sqlite3.SQLITE_IOERR] = _WHY[sqlite3.SQLITE_FULL]


def explained(fault: sqlite3.Error, path: Path) -> str:
    """What went wrong with the store file and what to do, in one line."""
    # The lowest byte is the kind; those above say more about it. Python's own faults have none.
    code = getattr(fault, "sqlite_errorcode", None)
    why = _WHY.get(code & 0xFF) if code is not None else None
    return why.format(path=path) if why else f"{path}: {fault}"


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
