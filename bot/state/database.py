"""The connection to the state database: one engine, short transactions, the database's own time."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.state.rows import Reach, StateFault
from bot.state.seal import Key, Seal
from bot.state.tables import Moment

if TYPE_CHECKING:
    from bot.state.patience import Patience

BUSY_SECONDS = 15
STATEMENT_SECONDS = 15
CONNECT_SECONDS = 5
POOL = 5
"""Connections a replica keeps at most: worker threads of two platforms and the schedule."""

POSTGRES_LIMITS = {
    "connect_timeout": CONNECT_SECONDS,
    "options": (
        f"-c statement_timeout={STATEMENT_SECONDS * 1000}"
        " -c idle_in_transaction_session_timeout=60000"
    ),
    "application_name": "quartermaster",
    # A server that vanished without a word is noticed within half a minute.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""What every connection to PostgreSQL is opened with."""

UNDEFINED_TABLE = "42P01"
"""PostgreSQL's code: somebody asks before the first migration has run."""
_PATIENCE: WeakKeyDictionary[Engine, Patience] = WeakKeyDictionary()
_PG_NOW = "(extract(epoch from clock_timestamp()) * 1000)::bigint"
_SQLITE_NOW = "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"


class Database:
    """What every part of the state leans on."""

    def __init__(
        self,
        engine: Engine,
        *,
        key: Key | None,
        clock: Callable[[], datetime] | None,
    ) -> None:
        self.engine = engine
        self.seal = Seal(key)
        self._clock = clock
        self.reaches: dict[str, Reach] = {}
        """What each platform declares of its places, by its name."""
        self.is_postgres = engine.dialect.name == "postgresql"
        self.when_forgotten: list[Callable[[str], None]] = []
        """Told the prefix of every place or workspace that was forgotten, in the forgetting thread."""

    def reach(self, name: str) -> Reach:
        """What the platform declares that a place, person or workspace belongs to."""
        return self.reaches.get(name.removeprefix("direct:").partition(":")[0], Reach())

    # -- time --------------------------------------------------------------------------------

    def from_now(self, length: timedelta = timedelta()) -> sa.ColumnElement[datetime]:
        """The database's time as SQL, so that replicas with wrong clocks agree on leases."""
        if self._clock is not None:
            return sa.literal(self._clock() + length, Moment())
        now = sa.literal_column(_PG_NOW if self.is_postgres else _SQLITE_NOW, sa.BigInteger)
        ms = round(length.total_seconds() * 1000)
        return sa.type_coerce(now + sa.literal(ms, sa.BigInteger), Moment())

    def now_in(self, db: Connection) -> datetime:
        """The moment by the database's clock inside this transaction (aware, UTC)."""
        if self._clock is not None:
            return self._clock()
        found: datetime | None = db.scalar(sa.select(self.from_now()))
        if found is None:
            raise StateFault("The state database does not tell the time.")
        return found

    def now(self) -> datetime:
        """The moment by the database's clock (aware, UTC)."""
        if self._clock is not None:
            return self._clock()
        with self.reading() as db:
            return self.now_in(db)

    def ping(self) -> None:
        """Raises StateFault when the database does not answer."""
        with self.reading() as db:
            db.execute(sa.select(1))

    # -- transactions ------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._transaction(write=False) as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it, or nothing and a StateFault in one line."""
        with self._transaction(write=True) as db:
            yield db

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A long read of one moment, however much is written meanwhile."""
        with self._transaction(write=False, isolation="REPEATABLE READ") as db:
            if self.is_postgres:
                db.execute(sa.text("SET LOCAL statement_timeout = 0"))
            yield db

    def glance(self, sql: str, *given: Any) -> list[Any]:
        """The rows of one look, by the driver alone: for what every question asks, as SQLAlchemy
        takes ten times its processor time. `?` stands for a value."""
        with self._explained():
            connection = self.engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(sql.replace("?", "%s") if self.is_postgres else sql, given)
                return list(cursor.fetchall())
            finally:
                connection.close()

    @contextmanager
    def _transaction(self, *, write: bool, isolation: str | None = None) -> Iterator[Connection]:
        options: dict[str, Any] = {} if self.is_postgres else {"sqlite_write": write}
        if isolation and self.is_postgres:  # SQLite's readers see one moment anyway
            options["isolation_level"] = isolation
        with (
            self._explained(),
            self.engine.connect() as db,
            db.execution_options(**options).begin(),
        ):
            yield db

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What goes wrong with the database is a StateFault in one line."""
        patience = _PATIENCE.get(self.engine)
        if patience is not None and patience.hanging():
            raise StateFault("The state database does not answer: somebody waits for it already.")
        driver: Any = self.engine.dialect.loaded_dbapi
        try:
            yield
        except PoolTimeout as fault:
            raise StateFault("The state database is busy; try again in a moment.") from fault
        except (
            OperationalError, InterfaceError, InternalError,
            driver.OperationalError, driver.InterfaceError, driver.InternalError,
        ) as fault:  # fmt: skip
            raise StateFault(explained(fault)) from fault
        except (ProgrammingError, driver.ProgrammingError) as fault:
            if getattr(getattr(fault, "orig", fault), "sqlstate", None) != UNDEFINED_TABLE:
                raise
            raise StateFault("The state database is not set up yet.") from fault

    def insert(self, table: sa.Table) -> Any:
        """An INSERT that knows `on_conflict_...` in this dialect."""
        return (postgresql if self.is_postgres else sqlite).insert(table)

    def insert_many(
        self,
        db: Connection,
        table: sa.Table,
        rows: Sequence[Mapping[str, Any]],
        then: Callable[[Any], Any] = lambda insert: insert.on_conflict_do_nothing(),
    ) -> None:
        """Rows with the same columns; `then` says what becomes of those that exist already.

        One statement with one value on PostgreSQL: ten thousand small ones cost seconds there.
        """
        if not rows:
            return
        if not self.is_postgres:
            db.execute(then(self.insert(table)), rows)
            return
        columns = [table.c[name] for name in rows[0]]
        as_sent = {
            column.name: column.type.bind_processor(self.engine.dialect) for column in columns
        }
        sent = json.dumps([
            {name: change(row[name]) if (change := as_sent[name]) else row[name] for name in row}
            for row in rows
        ])  # fmt: skip
        given = sa.func.json_to_recordset(
            sa.cast(sa.literal(sent, sa.Text), postgresql.JSON(none_as_null=True))
        )
        read = given.table_valued(*(sa.column(column.name, column.type) for column in columns))
        read = read.render_derived("given", with_types=True)
        db.execute(
            then(
                self.insert(table).from_select([column.name for column in columns], sa.select(read))
            )
        )

    def upsert(self, db: Connection, table: sa.Table, values: dict[str, Any]) -> None:
        """Inserts, or overwrites the row with the same primary key."""
        keys = [column.name for column in table.primary_key]
        statement = self.insert(table).values(values)
        changed = {name: statement.excluded[name] for name in values if name not in keys}
        db.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))

    def close(self) -> None:
        self.engine.dispose()


def connect(url: str) -> Engine:
    """An engine for this address; raises StateFault for one that we cannot use."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise StateFault(
            "QUARTERMASTER_STATE_URL is no database address. Examples: "
            "postgresql://user:password@host/name, sqlite:////var/lib/quartermaster/state.db"
        ) from None
    if "@" in (address.host or ""):  # a part of the password, which would be told in faults
        raise StateFault(
            "QUARTERMASTER_STATE_URL: an @ in the password must be written %40, / as %2F, : as %3A."
        )
    backend = address.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return _postgres(address)
    if backend == "sqlite":
        return _sqlite(address)
    raise StateFault(
        f"QUARTERMASTER_STATE_URL names {backend}; sqlite and postgresql are understood."
    )


def _postgres(address: URL) -> Engine:
    from bot.state.patience import Patience

    engine = sa.create_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_size=POOL,
        max_overflow=POOL,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,  # what people entrusted to us belongs into no trace
        pool_pre_ping=True,  # a restarted server must not cost anybody a digest
        pool_recycle=1800,
        connect_args=POSTGRES_LIMITS,
    )
    patience = _PATIENCE[engine] = Patience()

    @sa.event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, words: Any, named: Any) -> Any:
        return patience.connect(*words, **named)

    return engine


def _sqlite(address: URL) -> Engine:
    if address.database and address.database != ":memory:":
        try:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            # Ours alone to read; its write-ahead log gets the same rights.
            os.close(os.open(address.database, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as fault:
            raise StateFault(f"The folder of the state database cannot be made: {fault}") from fault
    engine = sa.create_engine(
        address.set(drivername="sqlite+pysqlite"),
        pool_size=POOL,
        max_overflow=POOL,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        # We begin transactions ourselves; sqlite3 would begin them too late to hold the lock.
        connection.isolation_level = None
        _to_wal(connection)
        connection.execute("PRAGMA synchronous=FULL")  # what people entrusted survives a power cut
        connection.execute("PRAGMA foreign_keys=ON")
        # A small page cache is enough: rows are found by key.
        connection.execute("PRAGMA cache_size=-512")

    @sa.event.listens_for(engine, "begin")
    def _begin(db: Connection) -> None:
        write = db.get_execution_options().get("sqlite_write", True)
        db.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _to_wal(connection: Any) -> None:
    """A write-ahead log, once per file. Two that switch at once are told "locked" without a wait,
    so this one waits itself."""
    for attempt in range(50):
        if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            return
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if attempt == 49:
                raise
            time.sleep(0.05)  # another process is switching it; SQLite has no wait for that


def explained(fault: Exception) -> str:
    """One line for the operator, without statement, values or password."""
    original = getattr(fault, "orig", None) or fault
    lines = str(original).strip().splitlines()
    first = lines[0] if lines else type(original).__name__
    return f"The state database does not answer: {first[:200]}"


class Topic:
    """One kind of what is kept, over the one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
