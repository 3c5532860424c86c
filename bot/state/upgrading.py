"""Bringing a state database to the newest schema, once, however many replicas start together."""

from __future__ import annotations

import logging
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.state.database import Database
from bot.state.resealing import look, mark, reseal
from bot.state.rows import StateFault

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "migrations"
KNOWN = frozenset(path.stem[:4] for path in (FOLDER / "versions").glob("[0-9]*.py"))
"""The numbers of the migrations, by which they are ordered."""
HEAD = max(KNOWN)
_LOCK = 7_215_330_462
"""Key of the advisory lock that makes other starting replicas wait (any number, ours)."""


def upgrade(database: Database) -> None:
    """Runs the migrations that are missing; raises StateFault for a newer schema."""
    _migrated(database)
    if database.seal.seals and not database.seal.bound:
        # Values of older versions are sealed, but would open in any row.
        try:
            reseal(database)
        except StateFault as fault:
            log.warning("sealed values cannot be bound to their rows yet: %s", fault)


def _migrated(database: Database) -> None:
    # Alembic takes a quarter of a second to import: not for a database that needs nothing.
    with database.reading() as db:
        if _version(db) == HEAD:
            look(database, db)
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
        if version is None and database.seal.seals:
            mark(database, db)  # nothing is here that anybody kept in clear
        look(database, db)


def _version(db: Connection) -> str | None:
    if not sa.inspect(db).has_table("alembic_version"):
        return None
    found = db.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _migrate(db: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = db
    command.upgrade(config, "head")
