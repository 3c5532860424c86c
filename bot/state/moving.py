"""The whole state as a file of JSON lines, and back: for backups, and from SQLite to PostgreSQL.

Sealed values stay sealed: whoever imports needs the same encryption keys. Published price stores
are left out; prices come back with the next refresh.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.state import tables
from bot.state.database import Database
from bot.state.resealing import look
from bot.state.rows import StateFault
from bot.state.tables import Moment
from bot.state.upgrading import HEAD, KNOWN

FORMAT = "quartermaster-state"
_LEFT_OUT = frozenset({"published"})
_MOVED = [table for table in tables.metadata.sorted_tables if table.name not in _LEFT_OUT]
# What nobody entrusted to us, and a running service writes by itself.
_OWN = frozenset({"job", "seen", "pace", "audit", "asked", "interest", "slack_oauth_states"})
_BATCH = 1000


def export_state(database: Database, path: Path) -> Counter[str]:
    """Writes every row, readable by its owner alone; table -> rows. One moment of the database.

    Raises StateFault, or OSError for a path that cannot be written.
    """
    counts: Counter[str] = Counter()
    half = path.with_name(f"{path.name}.half")
    half.unlink(missing_ok=True)
    private = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(private, "w", encoding="utf-8") as file:
        file.write(json.dumps({"format": FORMAT, "schema": HEAD}) + "\n")
        with database.snapshot() as db:
            for table in _MOVED:
                for row in _rows(db, table):
                    line = {"table": table.name, "row": row}
                    file.write(json.dumps(line, ensure_ascii=False, default=_as_text) + "\n")
                    counts[table.name] += 1
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    return counts


def import_state(database: Database, path: Path) -> Counter[str]:
    """All rows of an export into an empty state, or none; table -> rows.

    Raises StateFault for a state that holds something already, and for a file that is no export.
    """
    counts: Counter[str] = Counter()
    with path.open(encoding="utf-8", errors="replace") as file:
        lines = enumerate(file, 1)
        _check_head(next(lines, (1, ""))[1])
        with database.writing() as db:
            _check_empty(db)
            for table in _MOVED:
                db.execute(sa.delete(table))
            for name, batch in _batches(lines):
                db.execute(sa.insert(_plain(tables.metadata.tables[name])), batch)
                counts[name] += len(batch)
            # Looks carry the number of the price store they were of; here they begin at one again.
            db.execute(sa.update(tables.scope).values(version=0))
            if database.is_postgres:
                _set_sequences(db)
            look(database, db)
    return counts


def _as_text(value: object) -> str:
    """slack_sdk's stores keep moments in columns of the database's own kind."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no way to export a {type(value).__name__}")


def _rows(db: Connection, table: sa.Table) -> Iterator[dict[str, Any]]:
    columns = [
        sa.type_coerce(column, sa.BigInteger).label(column.name)
        if isinstance(column.type, Moment)
        else column
        for column in table.columns
    ]
    found = db.execution_options(yield_per=_BATCH).execute(
        sa.select(*columns).order_by(*table.primary_key)
    )
    for row in found:
        yield dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it


def _plain(table: sa.Table) -> sa.TableClause:
    """The table with moments as the numbers they are stored as."""
    return sa.table(
        table.name,
        *(
            sa.column(
                column.name, sa.BigInteger() if isinstance(column.type, Moment) else column.type
            )
            for column in table.columns
        ),
    )


def _check_head(line: str) -> None:
    try:
        head = json.loads(line)
        wrong = head["format"] != FORMAT
    except (ValueError, KeyError, TypeError, RecursionError):
        wrong = True
    if wrong:
        raise StateFault("This file is no export of `quartermaster state export`.")
    if (
        head.get("schema") not in KNOWN
    ):  # these only added columns that may be empty: rows are still checked
        raise StateFault(
            f"This export is of schema {head.get('schema')}, this program of {HEAD}: import it with "
            "the version that wrote it, then upgrade."
        )


def _check_empty(db: Connection) -> None:
    for table in _MOVED:
        if (
            table.name not in _OWN
            and db.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
        ):
            raise StateFault(
                f"The state database holds something already ({table.name}): an import needs an empty one."
            )  # fmt: skip


def _batches(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows of one table after the other, up to _BATCH at a time; names a bad line by its number."""
    current, batch = "", list[dict[str, Any]]()
    for number, line in lines:
        try:
            given = json.loads(line)
            name, row = given["table"], given["row"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise StateFault(
                f"line {number} of the export is damaged; nothing was imported"
            ) from None
        table = next((moved for moved in _MOVED if moved.name == name), None)
        if table is None or not isinstance(row, Mapping):
            raise StateFault(
                f"line {number} of the export is of no table known here; nothing was imported"
            )
        values = _values(table, row)
        if values is None:
            raise StateFault(
                f"line {number} of the export holds what {name} cannot; nothing was imported"
            )
        if batch and (name != current or len(batch) == _BATCH):
            yield current, batch
            batch = []
        current = name
        batch.append(values)
    if batch:
        yield current, batch


def _values(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The row as it is inserted; None for one that this table cannot hold. A column that older
    versions did not have may be left out where it may be empty."""
    columns = {column.name: column for column in table.columns}
    missing = columns.keys() - row.keys()
    if row.keys() - columns.keys() or any(not columns[name].nullable for name in missing):
        return None
    out: dict[str, Any] = dict.fromkeys(columns)
    for name, value in row.items():
        column = columns[name]
        if value is None:
            if not column.nullable:
                return None
            continue
        kind = int if isinstance(column.type, Moment) else column.type.python_type
        try:
            if issubclass(kind, datetime):
                out[name] = datetime.fromisoformat(value)
            elif not _fits(value, kind):
                return None
            else:
                out[name] = value
        except (ValueError, TypeError):
            return None
    return out


def _fits(value: Any, kind: type) -> bool:
    if kind is float:
        return (
            isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        )
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    if kind is bool:
        return isinstance(value, bool) or value in (0, 1)
    if kind is str:
        if not isinstance(value, str) or "\0" in value:
            return False
        value.encode()  # half of a character is a ValueError
        return True
    return isinstance(value, kind)


def _set_sequences(db: Connection) -> None:
    """Sequences go on after the highest number that was imported."""
    for table in _MOVED:
        column = table.autoincrement_column
        if column is not None and len(table.primary_key) == 1:
            db.execute(
                sa.text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "
                    f"coalesce((SELECT max({column.name}) FROM {table.name}), 0) + 1, false)"
                )
            )
