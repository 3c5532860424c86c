"""Negotiated prices: a price store in memory, so that they lie in clear on no disk.

Small and asked rarely: one connection, one at a time. Only who states the owner gets here.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from knowledge.prices.conditions import Doubt
from knowledge.prices.offer import OfferFilter
from knowledge.prices.queries import Queries
from knowledge.prices.records import Replaced
from knowledge.prices.replacing import replace_offers
from knowledge.prices.rows import StoredOffer
from knowledge.prices.schema import migrate


class Contracts(Queries):
    """Every owner's offers, each in answers of its owner alone. Safe to share between threads."""

    def __init__(self) -> None:
        from sqlite_utils import Database

        self._one = threading.RLock()
        self._memory = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        migrate(Database(self._memory))
        self._memory.execute("PRAGMA temp_store=MEMORY")  # a large sort would go to a file
        self.owners: frozenset[str] = frozenset()
        """Who has any; a question of anybody else does not come here."""
        self.versions: dict[tuple[str, str], int] = {}
        """(owner, source) -> a number that whoever fills this in keeps with the set."""

    def close(self) -> None:
        with self._one:
            self._memory.close()

    def version(self) -> int:
        """Grows with every change."""
        return int(self._rows("SELECT value FROM meta WHERE key = 'version'", ())[0][0])

    def replace_own(
        self, source: str, rows: Iterable[StoredOffer], at: datetime, owner: str
    ) -> Replaced:
        """Puts these in the place of what `source` had for this owner, or changes nothing."""
        with self._writing() as connection:
            done = replace_offers(connection, source, owner, rows, at)
            found = connection.execute("SELECT DISTINCT owner FROM offers").fetchall()
        self.owners = frozenset(name for (name,) in found)
        return done

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
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

    def _doubts(self, wanted: OfferFilter) -> Sequence[Doubt]:  # noqa: ARG002  a signed price is one
        return ()
