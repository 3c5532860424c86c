"""Where answers can be posted, and what platforms keep for themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.state import tables
from bot.state.database import Database
from bot.state.rows import API_KEY, Place

_PLACE = tables.place.c
_NOTES = (
    (tables.interest, "place"),
    (tables.audit, "place"),
    (tables.audit, "user"),
    (tables.asked, "thread"),
    (tables.asked, "user"),
)
"""What questions leave behind, by the columns that name where or who."""


class Places(Database):
    def save_place(self, place: Place) -> None:
        """Keeps a place, or renews it: a place heard from is well again."""
        with self.writing() as db:
            self.upsert(
                db,
                tables.place,
                {
                    **{name: value for name, value in place._asdict().items() if name != "since"},
                    "conversation": self.seal.close(json.dumps(dict(place.conversation))),
                    "updated_at": self._from_now(),
                },
            )

    def place(self, place_id: str) -> Place | None:
        with self.reading() as db:
            row = db.execute(sa.select(tables.place).where(_PLACE.id == place_id)).one_or_none()
        return self._place(row) if row else None

    def places(self, prefix: str = "") -> list[Place]:
        """All places whose id begins so (`slack:T123`), disabled ones included."""
        with self.reading() as db:
            rows = db.execute(
                sa.select(tables.place).where(_PLACE.id.startswith(prefix, autoescape=True))
            ).all()
        return [self._place(row) for row in rows]

    def own_place(self, user: str | None) -> Place | None:
        """Where this person alone reads us: a saved direct conversation `direct:<user>`; Slack
        opens one by the user's id. None when we cannot write to them first."""
        if not user:
            return None
        known = self.place(f"direct:{user}") or self.place(user)
        if known is not None:
            return known if known.disabled_reason is None else None
        parts = user.split(":")
        if parts[0] != "slack" or len(parts) != 3:
            return None
        place = Place(
            id=f"direct:{user}",
            platform="slack",
            workspace=":".join(parts[:2]),
            tenant=parts[1],
            channel=parts[2],
            kind="direct",
            person=user,
        )
        self.save_place(place)
        return place

    def disable_place(self, place_id: str, reason: str, now: datetime) -> bool:
        """Nothing is posted there until it is saved again; True when it was well before."""
        with self.writing() as db:
            done = db.execute(
                sa.update(tables.place)
                .where(_PLACE.id == place_id, _PLACE.disabled_reason.is_(None))
                .values(disabled_reason=reason[:200], updated_at=now)
            )
            return done.rowcount > 0

    def remove_place(self, place_id: str) -> None:
        """The place alone, of which nothing else is known."""
        with self.writing() as db:
            db.execute(sa.delete(tables.place).where(_PLACE.id == place_id))

    def forget_place(self, prefix: str) -> int:
        """Removes a place or workspace with everything that stands there; counts its places.

        `prefix` is an id and everything below it: `slack:T1` does not reach `slack:T12`.
        """
        with self.writing() as db:
            for table, column in (
                (tables.subscription, "place"),
                (tables.watch, "place"),
                (tables.delivery, "place"),
                (tables.feedback, "place"),
                (tables.feedback, "user"),
                (tables.preference, "subject"),
                (tables.contract, "owner"),
                (tables.pace, "key"),
                *_NOTES,
            ):
                db.execute(sa.delete(table).where(_below(table.c[column], prefix)))
            held = tables.record
            db.execute(sa.delete(held).where(held.c.kind == "deal", _below(held.c.key, prefix)))
            if prefix.count(":") == 1:  # a whole workspace: also what was seen of it
                tenant = f":{prefix.partition(':')[2]}:"
                seen = tables.seen.c.key.contains(tenant, autoescape=True)
                db.execute(sa.delete(tables.seen).where(seen))
            places = db.execute(sa.delete(tables.place).where(_below(_PLACE.id, prefix))).rowcount
        for tell in self.when_forgotten:
            tell(prefix)
        return places

    def forget_notes_below(self, prefix: str) -> None:
        """Of a place or workspace, what is noted of questions: once more, after it was forgotten,
        by whoever may have been writing some."""
        with self.writing() as db:
            for table, column in _NOTES:
                db.execute(sa.delete(table).where(_below(table.c[column], prefix)))

    def forget_workspace(self, prefix: str) -> int:
        """`forget_place` of all of a workspace; its programs' keys end with it."""
        places = self.forget_place(prefix)
        for key, held in self.all_kept(API_KEY).items():
            if held.get("workspace") == prefix:
                self.take(API_KEY, key)
        return places

    def _place(self, row: Any) -> Place:
        return Place(
            id=row.id,
            platform=row.platform,
            workspace=row.workspace,
            tenant=row.tenant,
            channel=row.channel,
            thread=row.thread,
            kind=row.kind,
            conversation=json.loads(self.seal.open(row.conversation)),
            lang=row.lang,
            tz=row.tz,
            disabled_reason=row.disabled_reason,
            person=row.person,
            since=row.updated_at if row.disabled_reason else None,
        )

    # -- what a platform keeps: installations, sign-in states ---------------------------------

    def keep(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        """Keeps a JSON object, sealed: `keep("slack-installation", "T123", {...})`."""
        with self.writing() as db:
            self.upsert(
                db,
                tables.record,
                {
                    "kind": kind,
                    "key": key,
                    "value": self.seal.close(json.dumps(dict(value))),
                    "at": self._from_now(),
                },
            )

    def keep_known(self, kind: str, key: str, value: Mapping[str, Any]) -> bool:
        """`keep`, only where something is kept by that name; False when nothing is any more."""
        record = tables.record
        with self.writing() as db:
            done = db.execute(
                sa.update(record)
                .where(record.c.kind == kind, record.c.key == key)
                .values(value=self.seal.close(json.dumps(dict(value))), at=self._from_now())
            )
            return done.rowcount > 0

    def kept(self, kind: str, key: str) -> dict[str, Any] | None:
        with self.reading() as db:
            value = db.scalar(
                sa.select(tables.record.c.value).where(
                    tables.record.c.kind == kind, tables.record.c.key == key
                )
            )
        return None if value is None else dict(json.loads(self.seal.open(value)))

    def all_kept(self, kind: str, prefix: str = "") -> dict[str, dict[str, Any]]:
        """Key -> object of everything kept under this kind."""
        with self.reading() as db:
            rows = db.execute(
                sa.select(tables.record.c.key, tables.record.c.value).where(
                    tables.record.c.kind == kind,
                    tables.record.c.key.startswith(prefix, autoescape=True),
                )
            ).all()
        return {key: dict(json.loads(self.seal.open(value))) for key, value in rows}

    def take(self, kind: str, key: str) -> dict[str, Any] | None:
        """The object, removed: exactly one caller gets it (single-use sign-in states)."""
        with self.writing() as db:
            value = db.scalar(
                sa.delete(tables.record)
                .where(tables.record.c.kind == kind, tables.record.c.key == key)
                .returning(tables.record.c.value)
            )
        return None if value is None else dict(json.loads(self.seal.open(value)))

    def drop_kept(self, kind: str, prefix: str) -> None:
        """Removes every object of this kind whose key begins so."""
        with self.writing() as db:
            db.execute(
                sa.delete(tables.record).where(
                    tables.record.c.kind == kind,
                    tables.record.c.key.startswith(prefix, autoescape=True),
                )
            )


def _below(column: sa.Column[Any], prefix: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        column == prefix,
        column.startswith(f"{prefix}:", autoescape=True),
        column.startswith(f"{prefix};", autoescape=True),  # a thread of a Teams channel
    )
