"""What platforms and rooms keep for themselves, sealed: installations, deals, keys of programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bot.state import tables
from bot.state.database import Topic
from bot.state.seal import at


class Records(Topic):
    """JSON objects by kind and key."""

    def keep(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        """Keeps a JSON object, sealed: `keep("slack-installation", "T123", {...})`."""
        with self._database.writing() as db:
            self._database.upsert(
                db,
                tables.record,
                {
                    "kind": kind,
                    "key": key,
                    "value": self._database.seal.close(json.dumps(dict(value)), _cell(kind, key)),
                    "at": self._database.from_now(),
                },
            )

    def keep_known(self, kind: str, key: str, value: Mapping[str, Any]) -> bool:
        """`keep`, only where something is kept by that name; False when nothing is any more."""
        record = tables.record
        with self._database.writing() as db:
            done = db.execute(
                sa.update(record)
                .where(record.c.kind == kind, record.c.key == key)
                .values(
                    value=self._database.seal.close(json.dumps(dict(value)), _cell(kind, key)),
                    at=self._database.from_now(),
                )
            )
            return done.rowcount > 0

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        with self._database.reading() as db:
            value = db.scalar(
                sa.select(tables.record.c.value).where(
                    tables.record.c.kind == kind, tables.record.c.key == key
                )
            )
        return (
            None
            if value is None
            else dict(json.loads(self._database.seal.open(value, _cell(kind, key))))
        )

    def below(self, kind: str, prefix: str = "") -> dict[str, dict[str, Any]]:
        """Key -> object of everything kept under this kind."""
        with self._database.reading() as db:
            rows = db.execute(
                sa.select(tables.record.c.key, tables.record.c.value).where(
                    tables.record.c.kind == kind,
                    tables.record.c.key.startswith(prefix, autoescape=True),
                )
            ).all()
        return {
            key: dict(json.loads(self._database.seal.open(value, _cell(kind, key))))
            for key, value in rows
        }

    def take(self, kind: str, key: str) -> dict[str, Any] | None:
        """The object, removed: exactly one caller gets it (single-use sign-in states)."""
        with self._database.writing() as db:
            value = db.scalar(
                sa.delete(tables.record)
                .where(tables.record.c.kind == kind, tables.record.c.key == key)
                .returning(tables.record.c.value)
            )
        return (
            None
            if value is None
            else dict(json.loads(self._database.seal.open(value, _cell(kind, key))))
        )

    def drop(self, kind: str, prefix: str) -> None:
        """Removes every object of this kind whose key begins so."""
        with self._database.writing() as db:
            db.execute(
                sa.delete(tables.record).where(
                    tables.record.c.kind == kind,
                    tables.record.c.key.startswith(prefix, autoescape=True),
                )
            )


def _cell(kind: str, key: str) -> str:
    return at("record", "value", kind, key)
