"""The price store: one SQLite file, asked in microseconds, replaced one source at a time.

Reads use plain sqlite3 on one connection a thread (a cold `ask` must not import sqlite-utils);
schema and migrations belong to sqlite-utils. Each file here knows those before it only: rows and
records, conditions, queries, history, belief, replacing, contracts; this one puts them together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from knowledge.prices import history
from knowledge.prices.belief import doubts
from knowledge.prices.conditions import Doubt
from knowledge.prices.files import File
from knowledge.prices.offer import Best, DayPrice, Offer, OfferFilter, Priced
from knowledge.prices.queries import (
    VARIANTS,
    Machine,
    Queries,
    Variant,
    cheapest_of,
    public,
    ranked,
)
from knowledge.prices.records import (
    BUNDLED,
    Disagreement,
    Mover,
    Replaced,
    RunRecord,
    SourceInfo,
    SourceStatus,
    StoreFault,
    explained,
)
from knowledge.prices.rows import StoredOffer, stored
from knowledge.prices.schema import MIGRATION_SET, MIGRATIONS, text_of

if TYPE_CHECKING:
    from knowledge.prices.contracts import Contracts
    from knowledge.prices.plausibility import Seen

__all__ = (
    "BUNDLED", "VARIANTS", "Machine", "Mover", "Replaced", "RunRecord", "SourceInfo",
    "SourceStatus", "Store", "StoreFault", "StoredOffer", "contract_read", "stored",
)  # fmt: skip

_contract_read: ContextVar[bool] = ContextVar("contract_read", default=False)
_Rows = TypeVar("_Rows", list[Offer], list[Priced], list[Best], dict[int, Offer])


@contextmanager
def contract_read() -> Iterator[Callable[[], bool]]:
    """Tells whether a contract price was read within: what was worked out of one, if only a count
    or a median, is private."""
    before = _contract_read.get()
    _contract_read.set(False)
    try:
        yield _contract_read.get
    finally:
        _contract_read.set(before or _contract_read.get())


def _noted(negotiated: _Rows) -> _Rows:
    if negotiated:
        _contract_read.set(True)
    return negotiated


class Store(Queries):
    """The open price store. Safe to share between threads; every thread reads on its own."""

    def __init__(self, path: Path, *, writable: bool = True) -> None:
        self._file = File(path, writable=writable)
        self._contracts: Contracts | None = None
        self._doubted: tuple[int, dict[tuple[str, ...], tuple[Doubt, ...]]] = (-1, {})
        self._newest: tuple[int, datetime | None] = (-1, None)

    @property
    def path(self) -> Path:
        return self._file.path

    @property
    def writable(self) -> bool:
        return self._file.writable

    @property
    def contracts(self) -> Contracts:
        """Negotiated prices: beside the file and never in it."""
        from knowledge.prices.contracts import Contracts

        with self._file.lock:
            if self._contracts is None:
                self._contracts = Contracts()
            return self._contracts

    @property
    def has_contracts(self) -> bool:
        return self._contracts is not None

    @classmethod
    def open(cls, path: Path, now: datetime) -> Store:
        """The store at `path`, seeded from the bundled prices on first use.

        Raises StoreFault with one line for a file that is corrupt, locked, too new or not ours.
        """
        from knowledge.prices.seed import ensure

        store = cls(path, writable=ensure(path, now))
        try:
            applied = {
                str(row[0])
                for row in store._file.read().execute(
                    "SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (MIGRATION_SET,)
                )
            }
        except sqlite3.DatabaseError as fault:
            store.close()
            raise StoreFault(explained(fault, path)) from fault
        if applied - set(MIGRATIONS):
            store.close()
            raise StoreFault(
                f"{path} was written by a newer version of quartermaster. Upgrade this one, or "
                "point QUARTERMASTER_DATA_DIR at another folder."
            )
        if set(MIGRATIONS) - applied:
            store._file.upgrade()
        return store

    def close(self) -> None:
        self._file.close()
        if self._contracts is not None:
            self._contracts.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: all of it, or nothing and a StoreFault in one line."""
        with self._file.writing() as connection:
            yield connection

    def _rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._file.rows(sql, values)

    def rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Rows of another room's table in the same file (`knowledge.prices.stock`)."""
        return self._file.rows(sql, values)

    # -- questions: public prices, and beside them the asker's own contracts --------------------

    def cheapest(self, wanted: OfferFilter, limit: int = 5) -> list[Offer]:
        """The `limit` cheapest offers by price per GPU-hour. One indexed query."""
        return self.offers(wanted, limit)

    def offers(self, wanted: OfferFilter, limit: int | None = None) -> list[Offer]:
        found = super().offers(public(wanted), limit)
        if (contracts := self._negotiated(wanted)) is None:
            return found
        found += _noted(contracts.offers(wanted, limit))
        return sorted(found, key=lambda offer: ranked(offer, wanted))[:limit]

    def prices(self, wanted: OfferFilter) -> list[Priced]:
        found = super().prices(public(wanted))
        contracts = self._negotiated(wanted)
        return found if contracts is None else [*found, *_noted(contracts.prices(wanted))]

    def machines(self, wanted: OfferFilter, sets: Sequence[Sequence[Machine]]) -> dict[int, Offer]:
        found = super().machines(public(wanted), sets)
        if (contracts := self._negotiated(wanted)) is None:
            return found
        return cheapest_of(found, _noted(contracts.machines(wanted, sets)).items())

    def market(
        self, wanted: OfferFilter, now: datetime, apart: Sequence[Variant] = ()
    ) -> list[Best]:
        found = super().market(public(wanted), now, apart)
        if (contracts := self._negotiated(wanted)) is None:
            return found
        found += _noted(contracts.market(wanted, now, apart))
        return sorted(found, key=lambda best: ranked(best.offer, wanted))

    def doubtful(self, wanted: OfferFilter, limit: int = 20) -> list[Offer]:
        """Prices left out of every other answer because nobody else asks so little."""
        if not self._doubts(wanted):
            return []
        return super().offers(public(wanted)._replace(doubtful_only=True), limit)

    def _negotiated(self, wanted: OfferFilter) -> Contracts | None:
        """The contract prices that this question may see beside the public ones, if any."""
        contracts = self._contracts
        return contracts if contracts is not None and wanted.owner in contracts.owners else None

    def _doubts(self, wanted: OfferFilter) -> tuple[Doubt, ...]:
        """Learned once from each version of the prices."""
        if not wanted.accelerators:
            return ()
        version = self._public_version()
        if self._doubted[0] != version:
            self._doubted = (version, {})
        known = self._doubted[1]
        if wanted.accelerators not in known:
            known[wanted.accelerators] = self._learned(wanted.accelerators)
        return known[wanted.accelerators]

    def newest(self) -> datetime | None:
        """When the newest public price of all was shown; None in an empty store."""
        version = self._public_version()
        if self._newest[0] != version:
            sql = "SELECT max(as_of) FROM offers WHERE shown = 1 AND owner IS NULL AND count > 0"
            self._newest = (version, _moment(self._rows(sql, ())[0][0]))
        return self._newest[1]

    def _learned(self, accelerators: tuple[str, ...]) -> tuple[Doubt, ...]:
        if len(accelerators) == 1:
            return doubts(accelerators[0], self.lows(accelerators[0]))
        alone = (self._doubts(OfferFilter(accelerators=(name,))) for name in accelerators)
        return tuple(doubt for known in alone for doubt in known)

    # -- over time and of sources ------------------------------------------------------------------

    def history(
        self,
        accelerators: Sequence[str],
        memory_gb: float | None,
        billing: str,
        providers: Sequence[str],
        since: date,
        until: date,
    ) -> list[DayPrice]:
        """The lowest known price of each day; a day nobody knows is absent (`knowledge.prices.history`)."""
        rows = self._rows(*history.query(accelerators, memory_gb, billing, providers, since, until))
        return history.lowest_by_day(rows, since, until)

    def paths(
        self, accelerator: str, memory_gb: float | None, billing: str, since: date, until: date
    ) -> dict[tuple[str, float], list[tuple[str, float]]]:
        """(ISO day, lowest USD per GPU-hour) as seen, of each (provider, memory), oldest first."""
        rows = self._rows(*history.query((accelerator,), memory_gb, billing, (), since, until))
        return history.by_seller(rows)

    def movers(self, now: datetime, days: int = 7, limit: int = 3) -> list[Mover]:
        """The largest relative changes of a provider's lowest price over `days`."""
        found = [Mover(*row) for row in self._rows(*history.movers_query(now, days))]
        found.sort(key=lambda mover: -abs(mover.change))
        return found[:limit]

    def appeared(self, since: datetime) -> list[tuple[str, str, float]]:
        """(provider, accelerator, USD per GPU-hour) first seen after `since`, cheapest first."""
        return self._rows(*history.appeared_query(since))

    def vanished(self, since: datetime) -> list[tuple[str, str, float]]:
        """(provider, accelerator, last USD per GPU-hour) no longer offered since then."""
        return self._rows(*history.vanished_query(since))

    def version(self) -> int:
        """Grows with every change of the offers."""
        held = self._public_version()
        return held if self._contracts is None else held + self._contracts.version()

    def _public_version(self) -> int:
        return int(self._rows("SELECT value FROM meta WHERE key = 'version'", ())[0][0])

    def sources(self, now: datetime) -> list[SourceStatus]:
        """Every source that is known or holds offers, with its last run."""
        import json

        rows = self._rows(
            "SELECT n.name, s.title, s.page, s.licence, o.offers, o.stale, o.oldest, o.newest, "
            "r.started, ok.started, r.fault, r.unknown, r.notes FROM "
            "(SELECT name FROM sources UNION SELECT source FROM offers UNION SELECT source FROM runs) n "
            "LEFT JOIN sources s ON s.name = n.name "
            "LEFT JOIN (SELECT source, count(*) AS offers, sum(fresh_until < ?) AS stale, "
            "  min(as_of) AS oldest, max(as_of) AS newest FROM offers WHERE owner IS NULL "
            "  GROUP BY source) o ON o.source = n.name "
            "LEFT JOIN runs r ON r.id = (SELECT max(id) FROM runs WHERE source = n.name) "
            "LEFT JOIN runs ok ON ok.id = (SELECT max(id) FROM runs WHERE source = n.name AND ok) "
            "ORDER BY n.name",
            (text_of(now),),
        )
        return [
            SourceStatus(
                name=row[0],
                title=row[1] or row[0],
                page=row[2] or "",
                licence=row[3],
                offers=row[4] or 0,
                stale_offers=row[5] or 0,
                oldest=_moment(row[6]),
                newest=_moment(row[7]),
                last_run=_moment(row[8]),
                last_ok=_moment(row[9]),
                fault=row[10],
                unknown=json.loads(row[11]) if row[11] else {},
                notes=tuple(json.loads(row[12])) if row[12] else (),
            )
            for row in rows
        ]

    def run_counts(self) -> list[tuple[str, bool, int]]:
        """(source, whether it went well, how many refreshes there were)."""
        rows = self._rows(history.RUN_COUNTS, ())
        return [(source, bool(ok), count) for source, ok, count in rows]

    # -- changes -----------------------------------------------------------------------------

    def replace(
        self, source: str, offers: Iterable[Offer], at: datetime, *, run: RunRecord | None = None,
        owner: str | None = None, info: SourceInfo | None = None, keep: Collection[str] = (),
    ) -> Replaced:  # fmt: skip
        """Puts these offers in the place of everything `source` (and `owner`) had, or changes nothing.

        One transaction; readers see the old set or the new one, never a half. Replaced prices
        become history. An owner's are held in memory alone. `keep`: providers whose old offers
        of this source stay as they are.
        """
        rows = (stored(offer) for offer in offers)
        return self.replace_rows(source, rows, at, run=run, owner=owner, info=info, keep=keep)

    def replace_rows(
        self, source: str, rows: Iterable[StoredOffer], at: datetime, *,
        run: RunRecord | None = None, owner: str | None = None, info: SourceInfo | None = None,
        keep: Collection[str] = (),
    ) -> Replaced:  # fmt: skip
        """As `replace`, for rows that are in the order of the table's columns already."""
        if owner is not None:
            return self.contracts.replace_own(source, rows, at, owner)
        from knowledge.prices.replacing import record, register, replace_offers

        with self.writing() as connection:
            if info is not None:
                register(connection, info)
            done = replace_offers(connection, source, None, rows, at, keep)
            if run is not None:
                record(connection, run, done)
        return done

    def register(self, info: SourceInfo) -> None:
        """Keeps what is said of a source beside its offers."""
        from knowledge.prices.replacing import register

        with self.writing() as connection:
            register(connection, info)

    def record_run(self, run: RunRecord, info: SourceInfo | None = None) -> None:
        """A refresh that brought nothing to store: a fault, or nothing new."""
        from knowledge.prices.replacing import record, register

        with self.writing() as connection:
            if info is not None:
                register(connection, info)
            record(connection, run, Replaced(run.offers, run.new, run.gone, run.changed))

    # -- what a refresh leans on ---------------------------------------------------------------

    def held(self, source: str) -> dict[Seen, float]:
        """What a source's public offers are now, with USD per hour."""
        from knowledge.prices.plausibility import Seen

        rows = self._rows(
            f"SELECT {', '.join(Seen._fields)}, price_usd_per_hour FROM offers "
            "WHERE source = ? AND owner IS NULL",
            (source,),
        )
        return {Seen._make(row[:-1]): row[-1] for row in rows}

    def noted(self, key: str) -> str | None:
        """A small text kept with the prices (currency rates)."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def note(self, key: str, text: str) -> None:
        with self.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, text))

    def told_by_several(self) -> list[tuple[Any, ...]]:
        """Public live offers of providers that step back somewhere: provider, instance type,
        region, billing, term, source, USD per hour, shown."""
        return self._rows(
            "SELECT provider, instance_type, region, billing, term_months, source, "
            "price_usd_per_hour, shown FROM offers WHERE owner IS NULL AND source <> ? AND provider IN "
            "(SELECT DISTINCT provider FROM offers WHERE shown = 0 AND owner IS NULL AND source <> ?)",
            (BUNDLED, BUNDLED),
        )

    def shown_and_hidden(self) -> list[tuple[Any, ...]]:
        """Public offers of providers some of whose offers step back: the columns of
        `knowledge.prices.hidden.Hidden` up to the source, then whether it is shown."""
        return self._rows(
            "SELECT provider, instance_type, region, country, accelerator, count, billing, "
            "term_months, price_usd_per_hour, as_of, source, shown FROM offers WHERE owner IS NULL "
            "AND provider IN (SELECT provider FROM offers WHERE shown = 0 AND owner IS NULL) "
            "ORDER BY provider, accelerator, count, billing, price_usd_per_hour",
            (),
        )

    def disagreements(self) -> list[Disagreement]:
        """Where two sources said different prices for one offer, at the last refresh."""

        columns = ", ".join(Disagreement._fields)
        rows = self._rows(f"SELECT {columns} FROM disagreements ORDER BY offers DESC, source", ())
        return [Disagreement._make(row) for row in rows]

    def keep_disagreements(self, found: Iterable[Disagreement]) -> None:
        """In the place of those of the refresh before."""
        with self.writing() as connection:
            connection.execute("DELETE FROM disagreements")
            connection.executemany(
                "INSERT INTO disagreements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", found
            )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
