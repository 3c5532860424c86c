"""Negotiated prices: a price store in memory, so that they lie in clear on no disk.

Small and asked rarely: one connection, one at a time. Only who states the owner gets here.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from knowledge.conditions import where
from knowledge.offer import OfferFilter
from knowledge.schema import migrate
from knowledge.store import Replaced, Store


class Contracts(Store):
    """Every owner's offers, each in answers of its owner alone. Safe to share between threads."""

    def __init__(self) -> None:
        from sqlite_utils import Database

        super().__init__(Path(":memory:"))
        self._one = threading.RLock()
        self._memory = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._open.append(self._memory)
        migrate(Database(self._memory))
        self._memory.execute("PRAGMA temp_store=MEMORY")  # a large sort would go to a file
        self.owners: frozenset[str] = frozenset()
        """Who has any; a question of anybody else does not come here."""
        self.versions: dict[tuple[str, str], int] = {}
        """(owner, source) -> a number that whoever fills this in keeps with the set."""

    def close(self) -> None:
        with self._one:
            self._memory.close()

    def replace_own(
        self, source: str, rows: Iterable[tuple[Any, ...]], at: datetime, owner: str
    ) -> Replaced:
        """Puts these in the place of what `source` had for this owner, or changes nothing."""
        from knowledge.replacing import replace_offers

        with self.writing() as connection:
            done = replace_offers(connection, source, owner, rows, at)
            found = connection.execute("SELECT DISTINCT owner FROM offers").fetchall()
        self.owners = frozenset(name for (name,) in found)
        return done

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        with self._one:
            self._memory.execute("BEGIN")
            try:
                yield self._memory
            except BaseException:
                self._memory.execute("ROLLBACK")
                raise
            self._memory.execute("COMMIT")

    def _rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._one:
            return self._memory.execute(sql, values).fetchall()

    def _condition(self, wanted: OfferFilter) -> tuple[str, list[Any]]:
        return where(wanted)

    def _negotiated(self, wanted: OfferFilter) -> None:  # noqa: ARG002  this is where they are
        return None
