"""The price store as replicas share it: published whole, taken over in one step, rolled back.

A new version is copied into the live file through SQLite's backup: one write transaction, so
readers see the old prices until they see the new. Replacing the file by its name would leave a
write-ahead log behind that belongs to another file.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.state import State
from bot.state.rows import StateFault
from knowledge.prices.offer import Offer, OfferFilter
from knowledge.prices.store import Store

BUSY_SECONDS = 30
PIECE = 1 << 20
"""Bytes of a store that are in memory at a time."""
_TIMES = ("as_of", "fetched_at", "fresh_until")


def publish(state: State, path: Path, note: str) -> int:
    """Publishes the store at `path`, which holds nobody's contract prices; returns the version."""
    with tempfile.TemporaryDirectory(prefix=".taking-over-", dir=path.parent) as folder:
        copy = Path(folder) / "copy.db"
        with closing(_open(path)) as live:
            live.execute("VACUUM INTO ?", (str(copy),))
        with copy.open("rb") as file:
            version = state.prices.publish(iter(lambda: file.read(PIECE), b""), note)
    _remember(path, "published", str(version))
    return version


def pull(state: State, path: Path) -> int | None:
    """Takes over the newest published version unless the file holds it; its number, or None."""
    version = state.prices.version()
    if version == 0 or version == holds(path):
        return None
    body = state.prices.body(version)
    if body is None:
        return None
    with tempfile.TemporaryDirectory(prefix=".taking-over-", dir=path.parent) as folder:
        copy = Path(folder) / "copy.db"
        with copy.open("wb") as file:
            file.writelines(body)
        with closing(_open(path)) as live, closing(_open(copy)) as db:
            ours = live.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
            # Caches are keyed by this number: it grows, whichever way the prices went.
            db.execute(
                "UPDATE meta SET value = max(CAST(value AS INTEGER), ?) + 1 WHERE key = 'version'",
                (int(ours[0]),),
            )
            db.execute("INSERT OR REPLACE INTO meta VALUES ('published', ?)", (str(version),))
        with closing(_open(copy)) as db, closing(_open(path)) as live:
            db.backup(live)
    return version


def holds(path: Path) -> int:
    """The published version that this file was taken from; 0 when from none."""
    return int(_recall(path, "published") or 0)


# -- contract prices ---------------------------------------------------------------------------


def keep_contract(state: State, owner: str, source: str, offers: Iterable[Offer]) -> None:
    """Puts a workspace's own prices into state, from where every replica copies them."""
    rows = []
    for offer in offers:
        row: dict[str, Any] = offer._asdict()
        for name in _TIMES:
            row[name] = row[name].isoformat()
        rows.append(row)
    state.contracts.save(owner, source, rows)


def keep_imported(state: State, store: Store, owner: str, source: str) -> None:
    """After an import for an owner: that set goes into state, sealed."""
    wanted = OfferFilter(owner=owner)
    held = (
        *store.contracts.offers(wanted),
        *store.contracts.offers(wanted._replace(without_accelerator=True)),
    )
    keep_contract(state, owner, source, (offer for offer in held if offer.source == source))


def copy_contracts(state: State, store: Store) -> int:
    """Brings what changed in state into this store's memory, and to no disk; counts the sets."""
    wanted = state.contracts.versions()
    if not wanted and not store.has_contracts:
        return 0
    held = store.contracts.versions
    changed = 0
    for (owner, source), version in wanted.items():
        if held.get((owner, source)) == version:
            continue
        offers = [_offer(row) for row in state.contracts.get(owner, source)]
        newest = max((offer.fetched_at for offer in offers), default=None)
        store.replace(source, offers, newest or state.now(), owner=owner)
        held[owner, source] = version
        changed += 1
    for owner, source in held.keys() - wanted.keys():
        store.replace(source, (), state.now(), owner=owner)
        del held[owner, source]
        changed += 1
    return changed


def _offer(row: Mapping[str, Any]) -> Offer:
    values = dict(row)
    for name in _TIMES:
        values[name] = datetime.fromisoformat(values[name])
    return Offer(**values)


# -- the file ----------------------------------------------------------------------------------


def _open(path: Path) -> sqlite3.Connection:
    # Never makes a file: an empty one in the place of a lost store would look like a store.
    address = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        raise StateFault(f"The price store {path} cannot be shared: {fault}") from fault


def _remember(path: Path, key: str, value: str) -> None:
    with _faults(path), closing(_open(path)) as db:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def _recall(path: Path, key: str) -> str | None:
    with _faults(path), closing(_open(path)) as db:
        row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])
