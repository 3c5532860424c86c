"""Sealing everything again with the first key, so that an older one can be thrown away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from bot.state import tables
from bot.state.database import Database
from bot.state.rows import StateFault
from bot.state.seal import Seal, sealed_columns

_BATCH = 500


def reseal(database: Database) -> Counter[str]:
    """Opens every sealed value with whichever key fits and seals it with the first, values in
    clear too; table -> values. A running service may read and write meanwhile.

    One transaction. Raises StateFault without a key and for a value that none of them opens;
    nothing has changed then.
    """
    if not database.seal.seals:
        raise StateFault(
            "QUARTERMASTER_ENCRYPTION_KEYS is not set: there is no key to seal with. Nothing was changed."
        )
    counts: Counter[str] = Counter()
    with database.writing() as db:
        for name, columns in sealed_columns().items():
            table = tables.metadata.tables[name]
            for row in _rows(db, table, columns):
                counts[name] += _resealed(db, table, row, columns, database.seal)
    return counts


def _rows(db: Connection, table: sa.Table, columns: Sequence[str]) -> Iterator[RowMapping]:
    """Every row's primary key and sealed columns, held against others' changes, in batches."""
    keys = list(table.primary_key)
    kept = [*keys, *(table.c[name] for name in columns)]
    query = sa.select(*kept).order_by(*keys).limit(_BATCH).with_for_update()
    batch = db.execute(query).mappings().all()
    while batch:
        yield from batch
        after = [sa.literal(batch[-1][key], key.type) for key in keys]
        batch = db.execute(query.where(sa.tuple_(*keys) > sa.tuple_(*after))).mappings().all()


def _resealed(
    db: Connection, table: sa.Table, row: RowMapping, columns: Sequence[str], seal: Seal
) -> int:
    """How many values of this row were sealed again."""
    try:
        changed = {name: seal.again(row[name]) for name in columns if row[name]}
    except StateFault as fault:
        raise StateFault(f"{fault} Nothing was changed; one such value is in {table.name}.") from None  # fmt: skip
    if changed:
        this = [key == row[key] for key in table.primary_key]
        db.execute(sa.update(table).where(*this).values(changed))
    return len(changed)
