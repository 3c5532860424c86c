"""Alembic's entry: the caller hands over an open connection inside a transaction."""

from __future__ import annotations

from alembic import context

from bot.state.tables import metadata


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,  # SQLite alters by copying
        transactional_ddl=True,
    )
    context.run_migrations()


run()
