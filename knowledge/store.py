"""The price store: one SQLite file, asked in microseconds, replaced one source at a time.

Reads use plain sqlite3 on one connection a thread (a cold `ask` must not import sqlite-utils);
schema and migrations belong to sqlite-utils. The file may be swapped for a newer version while
it is open: readers notice and reopen.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from knowledge import past
from knowledge.conditions import price_order, where
from knowledge.offer import Best, DayPrice, Offer, OfferFilter, Priced
from knowledge.providers import tier_of
from knowledge.schema import MIGRATION_SET, MIGRATIONS, OFFER_COLUMNS, text_of

if TYPE_CHECKING:
    from knowledge.contracts import Contracts
    from knowledge.disagreeing import Disagreement
    from knowledge.plausibility import Seen

BUNDLED = "bundled"
"""The source of the list prices that ship with the package."""
BUSY_SECONDS = 10
Variant = Literal["accelerator", "memory_gb", "form_factor", "count"]
Machine = tuple[str, float | None, int]
"""A machine by what it holds: accelerator, memory of one in GB, how many."""
VARIANTS: tuple[Variant, ...] = ("accelerator", "memory_gb", "form_factor")
"""What makes one card another: never merged where cards are set side by side."""
WRITE_CACHE_KIB = 64 * 1024
_COLUMNS = ", ".join(OFFER_COLUMNS)


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


class Store:
    """The open price store. Safe to share between threads; every thread reads on its own."""

    def __init__(self, path: Path, *, writable: bool = True) -> None:
        self.path = path
        self.writable = writable
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._contracts: Contracts | None = None
        # Whoever forgets to close leaves nothing open either.
        weakref.finalize(self, _close, self._open)

    @property
    def contracts(self) -> Contracts:
        """Negotiated prices: beside the file and never in it."""
        from knowledge.contracts import Contracts

        with self._lock:
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
        from knowledge.seed import ensure

        store = cls(path, writable=ensure(path, now))
        try:
            applied = {
                str(row[0])
                for row in store._read().execute(
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
            store._upgrade()
        return store

    def close(self) -> None:
        with self._lock:
            _close(self._open)
            if self._contracts is not None:
                self._contracts.close()
        self._local = threading.local()

    # -- connections -------------------------------------------------------------------------

    def _read(self) -> sqlite3.Connection:
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
            with self._lock:
                self._open.remove(connection)
            connection.close()
        connection = self._connect_reader()
        local.connection, local.inode = connection, inode
        with self._lock:
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

    def _upgrade(self) -> None:
        from sqlite_utils import Database

        from knowledge.schema import migrate

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

    def _rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return self._read().execute(sql, values).fetchall()
        except sqlite3.Error as fault:
            raise StoreFault(explained(fault, self.path)) from fault

    # -- questions ---------------------------------------------------------------------------

    def cheapest(self, wanted: OfferFilter, limit: int = 5) -> list[Offer]:
        """The `limit` cheapest offers by price per GPU-hour. One indexed query."""
        return self.offers(wanted, limit)

    def offers(self, wanted: OfferFilter, limit: int | None = None) -> list[Offer]:
        """Every matching offer, cheapest first."""
        if (contracts := self._negotiated(wanted)) is not None:
            found = [*self.offers(public(wanted), limit), *contracts.offers(wanted, limit)]
            return sorted(found, key=lambda offer: ranked(offer, wanted))[:limit]
        condition, values = self._condition(wanted)
        price = price_order(wanted)
        sql = f"SELECT {_COLUMNS} FROM offers WHERE {condition} ORDER BY {price} LIMIT ?"
        return [_offer(row) for row in self._rows(sql, (*values, -1 if limit is None else limit))]

    def prices(self, wanted: OfferFilter) -> list[Priced]:
        """What each matching complete machine costs for a GPU-hour, in no order: for ranges over
        thousands of offers, which are not needed whole."""
        condition, values = self._condition(wanted)
        sql = (
            "SELECT provider, owner, accelerator, memory_gb, form_factor, price_usd_per_gpu_hour, "
            f"source_url FROM offers WHERE {condition} AND host_included = 1 AND count > 0"
        )
        found = [Priced._make(row) for row in self._rows(sql, values)]
        contracts = self._negotiated(wanted)
        return found if contracts is None else [*found, *contracts.prices(wanted)]

    def machines(self, wanted: OfferFilter, sets: Sequence[Sequence[Machine]]) -> dict[int, Offer]:
        """Of each set, by its place, the complete machine that costs least whole, where offered.

        One statement, one indexed step for each machine; `wanted` says what else must hold.
        """
        if (contracts := self._negotiated(wanted)) is not None:
            both = self.machines(public(wanted), sets)
            for place, offer in contracts.machines(wanted, sets).items():
                known = both.get(place)
                if known is None or offer.price_usd_per_hour < known.price_usd_per_hour:
                    both[place] = offer
            return both
        stated = [(place, *one) for place, machines in enumerate(sets) for one in machines]
        if not stated:
            return {}
        condition, values = self._condition(wanted)
        # SQLite takes the offer's columns from the row that holds the minimum.
        sql = (
            f"WITH one (place, card, memory, cards) AS (VALUES {_tuples(stated)}) "
            f"SELECT {_COLUMNS}, place, min(price_usd_per_hour) FROM one JOIN offers ON id = ("
            "SELECT id FROM offers WHERE accelerator = card AND memory_gb = memory "
            f"AND count = cards AND host_included = 1 AND {condition} "
            "ORDER BY price_usd_per_gpu_hour LIMIT 1) GROUP BY place"
        )
        rows = self._rows(sql, (*(value for one in stated for value in one), *values))
        return {row[-2]: _offer(row[:-2]) for row in rows}

    def market(
        self, wanted: OfferFilter, now: datetime, apart: Sequence[Variant] = ()
    ) -> list[Best]:
        """The best of each (provider, billing, term, host, freshness, owner), cheapest first.

        `apart` names what else is never merged. One query: the whole market of a card fits in a
        few dozen rows.
        """
        if (contracts := self._negotiated(wanted)) is not None:
            best = [
                *self.market(public(wanted), now, apart),
                *contracts.market(wanted, now, apart),
            ]
            return sorted(best, key=lambda one: ranked(one.offer, wanted))
        condition, values = self._condition(wanted)
        price = price_order(wanted)
        # A whole card: the index that holds all of it, where SQLite would fetch every row.
        whole = wanted.accelerators and wanted.memory_gb is None and wanted.count is None
        by = "INDEXED BY offers_placed " if whole else ""
        # SQLite takes the bare `id` from the row that holds the minimum.
        sql = (
            f"SELECT {', '.join('o.' + name for name in OFFER_COLUMNS)}, o.tier, g.n, g.stale "
            f"FROM (SELECT id, min({price}) AS best, count(*) AS n, fresh_until < ? AS stale "
            f"FROM offers {by}WHERE {condition} "
            "GROUP BY billing, provider, term_months, host_included, owner, fresh_until"
            f"{''.join(f', {name}' for name in apart)}) g "
            "JOIN offers o ON o.id = g.id ORDER BY g.best"
        )
        # Rows come cheapest first: the first of a group is its best, the rest only count.
        groups: dict[tuple[Any, ...], Best] = {}
        for row in self._rows(sql, (text_of(now), *values)):
            offer, tier, count, stale = _offer(row[:-3]), row[-3], row[-2], bool(row[-1])
            key = (
                offer.provider, offer.billing, offer.term_months, offer.host_included, stale,
                offer.owner, *(getattr(offer, name) for name in apart),
            )  # fmt: skip
            known = groups.get(key)
            groups[key] = (
                known._replace(offers=known.offers + count)
                if known
                else Best(offer, count, tier, stale)
            )
        return list(groups.values())

    def _negotiated(self, wanted: OfferFilter) -> Contracts | None:
        """The contract prices that this question may see beside the public ones, if any."""
        contracts = self._contracts
        return contracts if contracts is not None and wanted.owner in contracts.owners else None

    def _condition(self, wanted: OfferFilter) -> tuple[str, list[Any]]:
        return where(public(wanted))

    def history(
        self,
        accelerators: Sequence[str],
        memory_gb: float | None,
        billing: str,
        providers: Sequence[str],
        since: date,
        until: date,
    ) -> list[DayPrice]:
        """The lowest known price of each day; a day nobody knows is absent (`knowledge.past`)."""
        rows = self._rows(*past.query(accelerators, memory_gb, billing, providers, since, until))
        return past.lowest_by_day(rows, since, until)

    def paths(
        self, accelerator: str, memory_gb: float | None, billing: str, since: date, until: date
    ) -> dict[tuple[str, float], list[tuple[str, float]]]:
        """(ISO day, lowest USD per GPU-hour) as seen, of each (provider, memory), oldest first."""
        rows = self._rows(*past.query((accelerator,), memory_gb, billing, (), since, until))
        return past.by_seller(rows)

    def movers(self, now: datetime, days: int = 7, limit: int = 3) -> list[Mover]:
        """The largest relative changes of a provider's lowest price over `days`."""
        found = [Mover(*row) for row in self._rows(*past.movers_query(now, days))]
        found.sort(key=lambda mover: -abs(mover.change))
        return found[:limit]

    def appeared(self, since: datetime) -> list[tuple[str, str, float]]:
        """(provider, accelerator, USD per GPU-hour) first seen after `since`, cheapest first."""
        return self._rows(*past.appeared_query(since))

    def vanished(self, since: datetime) -> list[tuple[str, str, float]]:
        """(provider, accelerator, last USD per GPU-hour) no longer offered since then."""
        return self._rows(*past.vanished_query(since))

    def version(self) -> int:
        """Grows with every change of the offers."""
        held = int(self._rows("SELECT value FROM meta WHERE key = 'version'", ())[0][0])
        return held if self._contracts is None else held + self._contracts.version()

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
        rows = self._rows(past.RUN_COUNTS, ())
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
        self, source: str, rows: Iterable[tuple[Any, ...]], at: datetime, *,
        run: RunRecord | None = None, owner: str | None = None, info: SourceInfo | None = None,
        keep: Collection[str] = (),
    ) -> Replaced:  # fmt: skip
        """`replace` with rows already as `stored` makes them."""
        if owner is not None:
            return self.contracts.replace_own(source, rows, at, owner)
        from knowledge.replacing import replace_offers

        with self.writing() as connection:
            if info is not None:
                register(connection, info)
            done = replace_offers(connection, source, None, rows, at, keep)
            if run is not None:
                _record(connection, run, done)
        return done

    def register(self, info: SourceInfo) -> None:
        """Keeps what is said of a source beside its offers."""
        with self.writing() as connection:
            register(connection, info)

    def record_run(self, run: RunRecord, info: SourceInfo | None = None) -> None:
        """A refresh that brought nothing to store: a fault, or nothing new."""
        with self.writing() as connection:
            if info is not None:
                register(connection, info)
            _record(connection, run, Replaced(run.offers, run.new, run.gone, run.changed))

    # -- what a refresh leans on ---------------------------------------------------------------

    def held(self, source: str) -> dict[Seen, float]:
        """What a source's public offers are now, with USD per hour."""
        from knowledge.plausibility import Seen

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
        `knowledge.hidden.Hidden` up to the source, then whether it is shown."""
        return self._rows(
            "SELECT provider, instance_type, region, country, accelerator, count, billing, "
            "term_months, price_usd_per_hour, as_of, source, shown FROM offers WHERE owner IS NULL "
            "AND provider IN (SELECT provider FROM offers WHERE shown = 0 AND owner IS NULL) "
            "ORDER BY provider, accelerator, count, billing, price_usd_per_hour",
            (),
        )

    def disagreements(self) -> list[Disagreement]:
        """Where two sources said different prices for one offer, at the last refresh."""
        from knowledge.disagreeing import Disagreement

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


# -- rows and SQL ----------------------------------------------------------------------------


def public(wanted: OfferFilter) -> OfferFilter:
    """The same question without anybody's contract prices."""
    return wanted if wanted.owner is None else wanted._replace(owner=None)


def ranked(offer: Offer, wanted: OfferFilter) -> float:
    """The figure this question ranks by."""
    per_hour = offer.price_usd_per_hour
    return per_hour if wanted.without_accelerator else per_hour / (offer.count or 1)


def _close(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()


def stored(offer: Offer) -> tuple[Any, ...]:
    """An Offer as a row of `offers` (without id)."""
    price = offer.price_usd_per_hour / offer.count if offer.count else None
    # By slices: a hundred thousand rows of a catalogue go through here.
    return (
        *offer[:_AS_OF], text_of(offer.as_of), offer.source, offer.source_url,
        text_of(offer.fetched_at), text_of(offer.fresh_until), *offer[_HOST:],
        price, tier_of(offer.provider),
    )  # fmt: skip


_AS_OF = OFFER_COLUMNS.index("as_of")
_FETCHED_AT = OFFER_COLUMNS.index("fetched_at")
_FRESH_UNTIL = OFFER_COLUMNS.index("fresh_until")
_HOST = OFFER_COLUMNS.index("host_included")
_STARTING = OFFER_COLUMNS.index("starting_at")


def _offer(row: tuple[Any, ...]) -> Offer:
    values = list(row)
    for place in (_AS_OF, _FETCHED_AT, _FRESH_UNTIL):
        values[place] = datetime.fromisoformat(values[place])
    values[_HOST] = bool(values[_HOST])
    values[_STARTING] = bool(values[_STARTING])
    return Offer._make(values)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _tuples(values: Sequence[Sequence[Any]]) -> str:
    return ",".join(f"({','.join('?' * len(one))})" for one in values)


def register(connection: sqlite3.Connection, info: SourceInfo) -> None:
    connection.execute(
        "INSERT INTO sources (name, title, page, licence, first_party, complete, good_for_seconds) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET title = excluded.title, "
        "page = excluded.page, licence = excluded.licence, first_party = excluded.first_party, "
        "complete = excluded.complete, good_for_seconds = excluded.good_for_seconds",
        (
            info.name, info.title, info.page, info.licence, int(info.first_party),
            int(info.complete), int(info.good_for.total_seconds()),
        ),
    )  # fmt: skip


def _record(connection: sqlite3.Connection, run: RunRecord, done: Replaced) -> None:
    import json

    connection.execute(
        "INSERT INTO runs (source, started, took_s, ok, fault, offers, new, gone, changed, unknown, "
        "notes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.source, text_of(run.started), run.took_s, int(run.ok), run.fault, done.offers,
            done.new, done.gone, done.changed, json.dumps(dict(run.unknown)), json.dumps(run.notes),
        ),
    )  # fmt: skip
    past.forget(connection, run.source, run.started)


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
