"""Sealing everything again with the first key, so that an older one can be thrown away."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from bot.state import tables
from bot.state.database import BUSY_SECONDS, Database
from bot.state.rows import StateFault
from bot.state.seal import BOUND, SEALED, SEALED_TABLES, Sealed, at

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_BATCH = 500
_PAUSE = 0.1
"""Seconds between two transactions: who waits for SQLite looks every tenth of a second."""
_HELD = "55P03"
"""PostgreSQL's code: somebody is changing one of these rows."""


def reseal(database: Database) -> Counter[str]:
    """Opens every sealed value with whichever key fits and seals it with the first, values in
    clear too; table -> values. A running service may read and write meanwhile.

    First a look at everything, then a transaction for every few hundred rows, so that the service
    waits for none of them; what is cut short is run again. Raises StateFault without a key and for
    a value that none of them opens: nothing has changed when the look finds it.
    """
    if not database.seal.seals:
        raise StateFault(
            "QUARTERMASTER_ENCRYPTION_KEYS is not set: there is no key to seal with. Nothing was changed."
        )
    known = [(tables.metadata.tables[name], held) for name, held in SEALED_TABLES.items()]
    for table, held in known:
        _all(database, table, held, change=False)
    done = +Counter({table.name: _all(database, table, held, change=True) for table, held in known})
    with database.writing() as db:
        mark(database, db)
    return done


def mark(database: Database, db: Connection) -> None:
    """From now on a value in clear, or of another row, is refused."""
    for name in (SEALED, BOUND):
        database.upsert(db, tables.seen, {"key": name, "until": FOR_EVER})
    look(database, db)


def look(database: Database, db: Connection) -> None:
    """What was marked, by this process or another."""
    key = tables.seen.c.key
    known = set(db.scalars(sa.select(key).where(key.in_((SEALED, BOUND)))))
    database.seal.bound = BOUND in known
    database.seal.strict = bool(known)


def _all(database: Database, table: sa.Table, held: Sealed, *, change: bool) -> int:
    """Seals the table's values again, or only looks whether they could be; counts them."""
    keys = list(table.primary_key)
    first = (
        sa.select(
            *keys,
            *(
                table.c[name]
                for name in dict.fromkeys((*held.columns, *held.keys))
                if name not in {key.name for key in keys}
            ),
        )
        .order_by(*keys)
        .limit(_BATCH)
    )
    query, values = first, 0
    limit = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            last, done = _batch(database, table, query, held, change=change)
        except StateFault as fault:
            locked = getattr(getattr(fault.__cause__, "orig", None), "sqlstate", None) == _HELD
            if not locked or time.monotonic() > limit:
                raise
            time.sleep(_PAUSE)  # another process holds a row and tells nobody when it is done
            continue
        if last is None:
            return values
        values += done
        if change:
            time.sleep(_PAUSE)  # lets who waits for SQLite in between two transactions
        limit = time.monotonic() + BUSY_SECONDS
        after = [sa.literal(last[key], key.type) for key in keys]
        query = first.where(sa.tuple_(*keys) > sa.tuple_(*after))


def _batch(
    database: Database,
    table: sa.Table,
    query: sa.Select[Any],
    held: Sealed,
    *,
    change: bool,
) -> tuple[RowMapping | None, int]:
    """One transaction; the last row, None without any, and how many values there were."""
    values, row = 0, None
    with database.writing() if change else database.reading() as db:
        if change:
            # Waiting for a row while holding others, we could be waited for by its holder.
            query = query.with_for_update(nowait=True)
        for row in db.execute(query).mappings().all():
            try:
                again = {
                    name: database.seal.again(row[name], _cell(table, held, name, row))
                    for name in held.columns
                    if row[name]
                }
            except StateFault as fault:
                so_far = "Then run this again" if change else "Nothing was changed"
                raise StateFault(f"{fault} {so_far}; one such value is in {table.name}.") from None
            values += len(again)
            if change and again:
                this = [key == row[key] for key in table.primary_key]
                db.execute(sa.update(table).where(*this).values(again))
    return row, values


def _cell(table: sa.Table, held: Sealed, column: str, row: RowMapping) -> str:
    keys = [row[name] for name in held.keys]
    said = [tables.in_ms(key) if isinstance(key, datetime) else key for key in keys]
    return at(held.name or table.name, column, *said)
