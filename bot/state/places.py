"""Where answers can be posted without being asked again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.state import tables
from bot.state.database import Topic
from bot.state.rows import Place
from bot.state.seal import Seal, at

_PLACE = tables.place.c
_NOTES = (
    (tables.interest, "place"),
    (tables.audit, "place"),
    (tables.audit, "user"),
    (tables.asked, "thread"),
    (tables.asked, "user"),
)
"""What questions leave behind, by the columns that name where or who."""


class Places(Topic):
    """Where answers can be posted."""

    def save(self, place: Place) -> None:
        """Keeps a place, or renews it: a place heard from is well again."""
        with self._database.writing() as db:
            self._database.upsert(
                db,
                tables.place,
                {
                    **{name: value for name, value in place._asdict().items() if name != "since"},
                    "conversation": self._database.seal.close(
                        json.dumps(dict(place.conversation)), at("place", "conversation", place.id)
                    ),
                    "updated_at": self._database.from_now(),
                },
            )

    def get(self, place_id: str) -> Place | None:
        with self._database.reading() as db:
            row = db.execute(sa.select(tables.place).where(_PLACE.id == place_id)).one_or_none()
        return place_of(row, self._database.seal) if row else None

    def below(self, prefix: str = "") -> list[Place]:
        """All places whose id begins so (`slack:T123`), disabled ones included."""
        with self._database.reading() as db:
            rows = db.execute(
                sa.select(tables.place).where(_PLACE.id.startswith(prefix, autoescape=True))
            ).all()
        return [place_of(row, self._database.seal) for row in rows]

    def own(self, user: str | None) -> Place | None:
        """Where this person alone reads us: a saved direct conversation `direct:<user>`, or the one
        that their platform opens by the person's id. None when we cannot write to them first."""
        if not user:
            return None
        known = self.get(f"direct:{user}") or self.get(user)
        if known is not None:
            return known if known.disabled_reason is None else None
        place = self._database.reach(user).direct(user)
        if place is not None:
            self.save(place)
        return place

    def disable(self, place_id: str, reason: str, now: datetime) -> bool:
        """Nothing is posted there until it is saved again; True when it was well before."""
        with self._database.writing() as db:
            done = db.execute(
                sa.update(tables.place)
                .where(_PLACE.id == place_id, _PLACE.disabled_reason.is_(None))
                .values(disabled_reason=reason[:200], updated_at=now)
            )
            return done.rowcount > 0

    def remove(self, place_id: str) -> None:
        """The place alone, of which nothing else is known."""
        with self._database.writing() as db:
            db.execute(sa.delete(tables.place).where(_PLACE.id == place_id))

    def forget(self, prefix: str) -> int:
        """Removes a place or workspace with everything that stands there; counts its places.

        `prefix` is an id and everything below it: `slack:T1` does not reach `slack:T12`.
        """
        with self._database.writing() as db:
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
            db.execute(
                sa.delete(held).where(held.c.kind.in_(tables.DESK), _below(held.c.key, prefix))
            )
            if prefix.count(":") == 1:  # a whole workspace: also what was seen of it
                tenant = f":{prefix.partition(':')[2]}:"
                seen = tables.seen.c.key.contains(tenant, autoescape=True)
                db.execute(sa.delete(tables.seen).where(seen))
            places = db.execute(sa.delete(tables.place).where(_below(_PLACE.id, prefix))).rowcount
        for tell in self._database.when_forgotten:
            tell(prefix)
        return places

    def forget_notes(self, prefix: str) -> None:
        """Of a place or workspace, what is noted of questions: once more, after it was forgotten,
        by whoever may have been writing some."""
        with self._database.writing() as db:
            for table, column in _NOTES:
                db.execute(sa.delete(table).where(_below(table.c[column], prefix)))


def place_of(row: Any, seal: Seal) -> Place:
    return Place(
        id=row.id,
        platform=row.platform,
        workspace=row.workspace,
        tenant=row.tenant,
        channel=row.channel,
        thread=row.thread,
        kind=row.kind,
        conversation=json.loads(seal.open(row.conversation, at("place", "conversation", row.id))),
        lang=row.lang,
        tz=row.tz,
        disabled_reason=row.disabled_reason,
        person=row.person,
        since=row.updated_at if row.disabled_reason else None,
    )


def _below(column: sa.Column[Any], prefix: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        column == prefix,
        column.startswith(f"{prefix}:", autoescape=True),
        column.startswith(f"{prefix};", autoescape=True),  # a thread of a Teams channel
    )
