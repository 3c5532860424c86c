"""Bringing a state database to the newest schema, once, however many replicas start together."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.state import tables
from bot.state.database import Database
from bot.state.rows import StateFault
from bot.state.seal import SEALED

FOLDER = Path(__file__).parent / "migrations"
KNOWN = frozenset(path.stem[:4] for path in (FOLDER / "versions").glob("[0-9]*.py"))
"""The numbers of the migrations, by which they are ordered."""
HEAD = max(KNOWN)
_LOCK = 7_215_330_462
"""Key of the advisory lock that makes other starting replicas wait (any number, ours)."""


def upgrade(database: Database) -> None:
    """Runs the migrations that are missing; raises StateFault for a newer schema."""
    # Alembic takes a quarter of a second to import: not for a database that needs nothing.
    with database.reading() as db:
        if _version(db) == HEAD:
            _look_whether_sealed(database, db)
            return
    with database.writing() as db:
        if database.is_postgres:
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        version = _version(db)
        if version is not None and version not in KNOWN:
            raise StateFault(
                f"The state database was written by a newer version of quartermaster ({version}). "
                "Upgrade this one."
            )
        if version != HEAD:
            _migrate(db)
        _look_whether_sealed(database, db)


def _look_whether_sealed(database: Database, db: Connection) -> None:
    """From the first reseal on a value in clear is refused."""
    key = tables.seen.c.key
    known = db.execute(sa.select(key).where(key == SEALED)).first()
    database.seal.strict = known is not None


def _version(db: Connection) -> str | None:
    if not sa.inspect(db).has_table("alembic_version"):
        return None
    found = db.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _migrate(db: Connection) -> None:
    import logging

    from alembic import command
    from alembic.config import Config

    logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = db
    command.upgrade(config, "head")
