"""Digests: who wants which, when; and planning the deliveries of what is due."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.state import tables
from bot.state.database import Topic
from bot.state.pacing import open_delivery, paced
from bot.state.rows import Rule, Subscription
from bot.state.schedule import missed, next_slot

SETTLED = timedelta(minutes=1)
LATE = timedelta(minutes=10)
"""A digest that comes later than this says that it was delayed."""
NOW_AGAIN = timedelta(minutes=3)
BATCH = 200

_SUB = tables.subscription.c
_DEL = tables.delivery.c


class Planned(NamedTuple):
    planned: int
    """Deliveries made."""
    skipped: int
    """Older slots that a later one replaced."""
    more: bool = False
    """As many as the limit allows: there may be more that are due."""


class Digests(Topic):
    """What stands at places, and what of it is due."""

    # -- digests ------------------------------------------------------------------------------

    def add(
        self, place: str, user: str | None, rule: Rule, words: Mapping[str, Any], lang: str
    ) -> Subscription:
        """A new digest in a place. The same rule and words again change nothing."""
        wanted = json.dumps(dict(words), sort_keys=True)
        now = self._database.now()
        with self._database.writing() as db:
            same = db.execute(
                sa.select(tables.subscription).where(
                    _SUB.place == place, _SUB.words == wanted,
                    *(tables.subscription.c[name] == value for name, value in rule._asdict().items()),
                )
            ).first()  # fmt: skip
            if same:
                return subscription_of(same)
            row = db.execute(
                sa.insert(tables.subscription)
                .values(
                    place=place,
                    user=user,
                    **rule._asdict(),
                    words=wanted,
                    lang=lang,
                    due=next_slot(rule, now),
                    created_at=now,
                )
                .returning(tables.subscription)
            ).one()
            return subscription_of(row)

    def change(
        self, place: str, number: int, rule: Rule, words: Mapping[str, Any]
    ) -> Subscription | None:
        """Another rule or other words for a digest of this place; None when it is not there."""
        now = self._database.now()
        with self._database.writing() as db:
            row = db.execute(
                sa.update(tables.subscription)
                .where(_SUB.place == place, _SUB.id == number)
                .values(
                    **rule._asdict(),
                    words=json.dumps(dict(words), sort_keys=True),
                    due=next_slot(rule, now),
                )
                .returning(tables.subscription)
            ).one_or_none()
        return subscription_of(row) if row else None

    def of(self, place: str) -> list[Subscription]:
        """What stands in this place, oldest first."""
        with self._database.reading() as db:
            rows = db.execute(
                sa.select(tables.subscription).where(_SUB.place == place).order_by(_SUB.id)
            ).all()
        return [subscription_of(row) for row in rows]

    def get(self, number: int) -> Subscription | None:
        with self._database.reading() as db:
            row = db.execute(sa.select(tables.subscription).where(_SUB.id == number)).one_or_none()
        return subscription_of(row) if row else None

    def stop(self, place: str, number: int | None = None) -> list[Subscription]:
        """Ends one or all digests of a place, deliveries under way included."""
        condition = [_SUB.place == place, *([_SUB.id == number] if number is not None else [])]
        with self._database.writing() as db:
            rows = db.execute(
                sa.delete(tables.subscription).where(*condition).returning(tables.subscription)
            ).all()
            if rows:
                self._drop_open(db, [row.id for row in rows])
        return [subscription_of(row) for row in rows]

    def pause(self, place: str, number: int | None = None, *, paused: bool) -> list[Subscription]:
        """Pauses or resumes; a resumed digest comes at its next slot, not for those it slept through."""
        now = self._database.now()
        condition = [_SUB.place == place, *([_SUB.id == number] if number is not None else [])]
        with self._database.writing() as db:
            rows = db.execute(sa.select(tables.subscription).where(*condition)).all()
            for row in rows:
                values: dict[str, Any] = {"paused": paused}
                if not paused and row.due <= now:
                    values["due"] = next_slot(rule_of(row), now)
                db.execute(sa.update(tables.subscription).where(_SUB.id == row.id).values(**values))
            if paused:
                self._drop_open(db, [row.id for row in rows])
        return self.of(place)

    def send_now(self, subscription: Subscription) -> None:
        """An extra delivery of a standing digest, at once; its next slot stays as it is. One that was
        asked for a moment ago is the same."""
        order = f"digest-{subscription.id}-now"
        with self._database.writing() as db:
            recent = self._database.now_in(db) - NOW_AGAIN
            if db.execute(
                sa.select(_DEL.due).where(_DEL.order_id == order, _DEL.due > recent).limit(1)
            ).first():
                return
            db.execute(
                self._database.insert(tables.delivery)
                .values(
                    open_delivery(
                        order,
                        self._database.now_in(db),
                        "digest",
                        subscription.place,
                        subscription=subscription.id,
                    )
                )
                .on_conflict_do_nothing()
            )

    def _drop_open(self, db: Connection, numbers: list[int]) -> None:
        db.execute(
            sa.update(tables.delivery)
            .where(_DEL.state == "open", _DEL.subscription.in_(numbers))
            .values(state="late", fault="stopped", done_at=self._database.from_now())
        )

    # -- planning -----------------------------------------------------------------------------

    def plan(self, limit: int = BATCH) -> Planned:
        """Makes deliveries of up to `limit` digests that are due; call again while it is full.

        One transaction in which the next due moment is set: however many replicas plan at once,
        a slot becomes one delivery.
        """
        with self._database.reading() as db:  # most ticks find nothing: no write lock for those
            if not db.scalar(sa.select(sa.exists(self._due().with_only_columns(_SUB.id)))):
                return Planned(0, 0)
        with self._database.writing() as db:
            now = self._database.now_in(db)
            rows = db.execute(
                self._due()
                .order_by(_SUB.due)
                .limit(limit)
                .with_for_update(of=tables.subscription, skip_locked=True)
            ).all()
            made, moved, skipped = [], [], 0
            for row in rows:
                rule = rule_of(row)
                slot, older = missed(rule, row.due, now)
                moved.append(
                    {"_id": row.id, "due": next_slot(rule, now), "skipped": row.skipped + older}
                )
                skipped += older
                made.append(
                    open_delivery(
                        f"digest-{row.id}",
                        slot,
                        "digest",
                        row.place,
                        subscription=row.id,
                        delayed=now - slot > LATE,
                    )
                    | {"ready_at": now, "_workspace": row.workspace}
                )
            if made:
                # An older slot that still waits is overtaken: two digests at once help nobody.
                db.execute(
                    sa.update(tables.delivery)
                    .where(
                        _DEL.state == "open",
                        _DEL.order_id.in_([delivery["order_id"] for delivery in made]),
                    )
                    .values(state="late", fault="overtaken by the next", done_at=now)
                )
                paced(self._database, db, made, now)
                self._database.insert_many(db, tables.delivery, made)
                db.execute(
                    sa.update(tables.subscription)
                    .where(_SUB.id == sa.bindparam("_id"))
                    .values(due=sa.bindparam("due"), skipped=sa.bindparam("skipped")),
                    moved,
                )
        return Planned(len(made), skipped, len(rows) == limit)

    def _due(self) -> sa.Select[Any]:
        return (
            sa.select(tables.subscription, tables.place.c.workspace)
            .join(tables.place, tables.place.c.id == _SUB.place)
            .where(
                _SUB.paused.is_(sa.false()),
                _SUB.due <= self._database.from_now(),
                tables.place.c.disabled_reason.is_(None),
            )
        )

    def realign(self) -> int:
        """Sets future slots again by this machine's zone tables; counts those that moved.

        A zone that changes its rules arrives with new tables, and those with a start. A slot of
        the next minute stays as it is: somebody may be about to plan it.
        """
        moved = 0
        now = self._database.now()
        last = 0
        while True:
            with self._database.reading() as db:
                rows = db.execute(
                    sa.select(tables.subscription)
                    .where(_SUB.id > last, _SUB.due > now + SETTLED)
                    .order_by(_SUB.id)
                    .limit(5000)
                ).all()
            if not rows:
                return moved
            last = rows[-1].id
            changed = [
                {"_id": row.id, "_seen": row.due, "due": due}
                for row in rows
                if (due := next_slot(rule_of(row), now)) != row.due
            ]
            if changed:
                with self._database.writing() as db:
                    db.execute(
                        sa.update(tables.subscription)
                        .where(_SUB.id == sa.bindparam("_id"), _SUB.due == sa.bindparam("_seen"))
                        .values(due=sa.bindparam("due")),
                        changed,
                    )
                moved += len(changed)


def rule_of(row: Any) -> Rule:
    return Rule(row.every, row.weekday, row.monthday, row.time, row.tz)


def subscription_of(row: Any) -> Subscription:
    return Subscription(
        id=row.id,
        place=row.place,
        user=row.user,
        rule=rule_of(row),
        words=row.words,
        lang=row.lang,
        due=row.due,
        paused=row.paused,
        skipped=row.skipped,
        last_sent=row.last_sent,
        last_fault=row.last_fault,
    )
