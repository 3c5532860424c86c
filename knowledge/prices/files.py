"""The store's file: a read connection for each thread, one write transaction at a time."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from knowledge.prices.records import StoreFault, explained

BUSY_SECONDS = 10
WRITE_CACHE_KIB = 64 * 1024


class File:
    """The file may be swapped for a newer version while it is open: readers notice and reopen."""

    def __init__(self, path: Path, *, writable: bool = True) -> None:
        self.path = path
        self.writable = writable
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self.lock = threading.Lock()
        # Whoever forgets to close leaves nothing open either.
        weakref.finalize(self, _close, self._open)

    def close(self) -> None:
        with self.lock:
            _close(self._open)
        self._local = threading.local()

    def read(self) -> sqlite3.Connection:
        """This thread's read connection, reopened when the file was swapped."""
        local = self._local
        try:
            inode = self.path.stat().st_ino
        except OSError as fault:
            raise StoreFault(
                f"The price store {self.path} is gone. Run `quartermaster ask help` to make it again."
            ) from fault
        connection: sqlite3.Connection | None = getattr(local, "connection", None)
        if connection is not None and local.inode == inode:
            return connection
        if connection is not None:
            with self.lock:
                self._open.remove(connection)
            connection.close()
        connection = self._connect_reader()
        local.connection, local.inode = connection, inode
        with self.lock:
            self._open.append(connection)
        return connection

    def _connect_reader(self) -> sqlite3.Connection:
        uri = self.path.absolute().as_uri()
        # A folder we may not write to cannot hold WAL's side files: then nobody writes, and the
        # file is read as it stands.
        mode = "mode=ro" if self.writable else "immutable=1"
        try:
            return sqlite3.connect(
                f"{uri}?{mode}", uri=True, timeout=BUSY_SECONDS, check_same_thread=False,
                isolation_level=None, cached_statements=256,
            )  # fmt: skip
        except sqlite3.Error as fault:
            raise StoreFault(explained(fault, self.path)) from fault

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: all of it, or nothing and a StoreFault in one line."""
        if not self.writable:
            raise StoreFault(
                f"{self.path} is read-only. Make its folder writable, or set QUARTERMASTER_DATA_DIR."
            )
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous=NORMAL")
            # Room for a whole catalogue: spilling half-filled pages into the WAL writes them twice.
            connection.execute(f"PRAGMA cache_size={-WRITE_CACHE_KIB}")
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as fault:
            raise StoreFault(explained(fault, self.path)) from fault
        finally:
            connection.close()  # an open transaction is rolled back

    def upgrade(self) -> None:
        """Brings the file to the newest schema; raises StoreFault where it may not be written."""
        from sqlite_utils import Database

        from knowledge.prices.schema import migrate

        if not self.writable:
            raise StoreFault(
                f"{self.path} is read-only and needs an upgrade. Make it writable once."
            )
        db = Database(sqlite3.connect(self.path, timeout=BUSY_SECONDS))
        try:
            # What a migration deletes leaves no bytes behind, nor does what was deleted before.
            db.execute("PRAGMA secure_delete=ON")
            migrate(db)
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as fault:
            raise StoreFault(explained(fault, self.path)) from fault
        finally:
            db.close()

    def rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return self.read().execute(sql, values).fetchall()
        except sqlite3.Error as fault:
            raise StoreFault(explained(fault, self.path)) from fault


def _close(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()
