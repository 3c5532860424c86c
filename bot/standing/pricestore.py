"""The price store as replicas share it: published whole, taken over in one step, rolled back.

A new version is copied into the live file through SQLite's backup: one write transaction, so
readers see the old prices until they see the new. Replacing the file by its name would leave a
write-ahead log behind that belongs to another file.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.state import State
from bot.state.rows import StateFault
from knowledge.offer import Offer, OfferFilter
from knowledge.store import Store

BUSY_SECONDS = 30
PIECE = 1 << 20
"""Bytes of a store that are in memory at a time."""
_TIMES = ("as_of", "fetched_at", "fresh_until")


def publish(state: State, path: Path, note: str) -> int:
    """Publishes the store at `path` without anybody's contract prices; returns the version."""
    with tempfile.TemporaryDirectory(prefix=".taking-over-", dir=path.parent) as folder:
        copy = Path(folder) / "copy.db"
        with closing(_open(path)) as live:
            live.execute("VACUUM INTO ?", (str(copy),))
        with closing(_open(copy)) as db:
            if db.execute("SELECT 1 FROM offers WHERE owner IS NOT NULL LIMIT 1").fetchone():
                db.execute("DELETE FROM offers WHERE owner IS NOT NULL")
                db.execute("DELETE FROM meta WHERE key = 'contracts'")
                db.execute("VACUUM")  # deleted rows leave no bytes behind
        with copy.open("rb") as file:
            version = state.publish(iter(lambda: file.read(PIECE), b""), note)
    _remember(path, "published", str(version))
    return version


def pull(state: State, path: Path) -> int | None:
    """Takes over the newest published version unless the file holds it; its number, or None."""
    version = state.published_version()
    if version == 0 or version == holds(path):
        return None
    body = state.published_body(version)
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
            db.execute("DELETE FROM meta WHERE key = 'contracts'")
        store = Store(copy)
        try:
            _copy_contracts(state, store)
        finally:
            store.close()
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
    state.save_contract(owner, source, rows)


def keep_imported(state: State, store: Store, owner: str, source: str) -> int:
    """After `import --owner`: what the local store holds of this import goes into state."""
    mine = [
        offer
        for wanted in (OfferFilter(owner=owner), OfferFilter(owner=owner, without_accelerator=True))
        for offer in store.offers(wanted)
        if offer.owner == owner and offer.source == source
    ]
    keep_contract(state, owner, source, mine)
    _remember(store.path, "contracts", _as_text(state.contract_versions()))
    return len(mine)


def copy_contracts(state: State, store: Store) -> int:
    """Copies contract prices that changed in state into this store; counts the sets."""
    return _copy_contracts(state, store)


def _copy_contracts(state: State, store: Store) -> int:
    wanted = state.contract_versions()
    known: dict[str, int] = json.loads(_recall(store.path, "contracts") or "{}")
    changed = 0
    for (owner, source), version in wanted.items():
        if known.get(f"{owner}\n{source}") == version:
            continue
        offers = [_offer(row) for row in state.contract(owner, source)]
        newest = max((offer.fetched_at for offer in offers), default=None)
        store.replace(source, offers, newest or state.now(), owner=owner)
        changed += 1
    for gone in known.keys() - {f"{owner}\n{source}" for owner, source in wanted}:
        owner, source = gone.split("\n")
        store.replace(source, (), state.now(), owner=owner)
        changed += 1
    if changed:
        _remember(store.path, "contracts", _as_text(wanted))
    return changed


def _as_text(versions: Mapping[tuple[str, str], int]) -> str:
    return json.dumps({f"{owner}\n{source}": n for (owner, source), n in versions.items()})


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
