"""Messages on their way: claimed under a lease, renewed while a send lasts, recorded once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.state import tables
from bot.state.database import Topic
from bot.state.digests import subscription_of
from bot.state.pacing import TURN_KEPT, open_delivery, paced
from bot.state.places import place_of
from bot.state.rows import Delivery, Place

MAX_TRIES = 10
BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(hours=1)
PATIENT_TRIES = 3
"""So often a platform's own Retry-After alone sets the pause; then pauses double as well, so that
"again in a second" does not use up all tries within seconds."""

_DEL = tables.delivery.c
_SUB = tables.subscription.c


class Deliveries(Topic):
    """From planned to posted."""

    def add(
        self,
        order: str,
        place: str,
        kind: str,
        payload: Mapping[str, Any],
        due: datetime | None = None,
    ) -> None:
        """A message that does not come from a digest's plan: a watch that fired, a note."""
        with self._database.writing() as db:
            db.execute(
                self._database.insert(tables.delivery)
                .values(
                    open_delivery(
                        order, due or self._database.now_in(db), kind, place, payload=payload
                    )
                )
                .on_conflict_do_nothing()
            )

    def claim(self, owner: str, lease: timedelta, limit: int = 10) -> list[Delivery]:
        """Takes up to `limit` deliveries whose turn it is; nobody else gets them while the lease
        lasts. A claim that was never recorded comes back here when its lease is over."""
        ready = (
            sa.select(
                _DEL.order_id, _DEL.due, _DEL.place, _DEL.ready_at, _DEL.owner,
                self._database.from_now().label("now"),
            )
            .where(_DEL.state == "open", _DEL.ready_at <= self._database.from_now())
            .order_by(_DEL.ready_at)
            .limit(limit)
        )  # fmt: skip
        with self._database.reading() as db:  # most ticks find nothing: no write lock for those
            if db.execute(ready.limit(1)).first() is None:
                return []
        with self._database.writing() as db:
            rows = db.execute(ready.with_for_update(skip_locked=True, of=tables.delivery)).all()
            if not rows:
                return []
            now = rows[0].now
            keys = self._whose_turn(db, rows, now)
            if not keys:
                return []
            taken = db.execute(
                sa.update(tables.delivery)
                .where(
                    _DEL.state == "open",
                    sa.tuple_(_DEL.order_id, _DEL.due).in_(keys),
                )
                .values(owner=owner, ready_at=self._database.from_now(lease), tries=_DEL.tries + 1)
                .returning(tables.delivery)
            ).all()
            places = {
                row.id: row
                for row in db.execute(
                    sa.select(tables.place).where(
                        tables.place.c.id.in_({row.place for row in taken})
                    )
                )
            }
            numbers = {row.subscription for row in taken if row.subscription is not None}
            subscriptions = (
                {
                    row.id: subscription_of(row)
                    for row in db.execute(
                        sa.select(tables.subscription).where(_SUB.id.in_(numbers))
                    )
                }
                if numbers
                else {}
            )
        return [
            Delivery(
                order=row.order_id,
                due=row.due,
                kind=row.kind,
                place=self._place_or_trace(places.get(row.place), row.place),
                tries=row.tries,
                maybe_posted=row.tries - 1 > row.refused,
                delayed=row.delayed,
                payload=json.loads(row.payload),
                at=now,
                subscription=subscriptions.get(row.subscription),
            )
            for row in taken
        ]

    def _whose_turn(
        self, db: Connection, rows: Sequence[Any], now: datetime
    ) -> list[tuple[str, datetime]]:
        """Keys of the deliveries to send now. One that missed its turn while nobody sent gets a new turn, and
        is left out when that lies ahead."""
        missed = [row for row in rows if row.owner is None and now - row.ready_at > TURN_KEPT]
        again = {key for key, turn in self._new_turns(db, missed, now) if turn > now}
        return [key for row in rows if (key := (row.order_id, row.due)) not in again]

    def _new_turns(
        self,
        db: Connection,
        rows: Sequence[Any],
        now: datetime,
        not_before: datetime | None = None,
    ) -> list[tuple[tuple[str, datetime], datetime]]:
        """Gives waiting deliveries new turns within the pace of their places: key and turn."""
        if not rows:
            return []
        place = tables.place.c
        workspaces: dict[str, str] = dict(
            db.execute(
                sa.select(place.id, place.workspace).where(place.id.in_({r.place for r in rows}))
            ).all()
        )
        made: list[dict[str, Any]] = [
            {
                "_order": row.order_id,
                "_due": row.due,
                "place": row.place,
                "_workspace": workspaces.get(row.place, row.place),
            }
            for row in rows
        ]
        paced(self._database, db, made, now, not_before)
        db.execute(
            sa.update(tables.delivery)
            .where(
                _DEL.order_id == sa.bindparam("_order"),
                _DEL.due == sa.bindparam("_due"),
                _DEL.state == "open",
            )
            .values(ready_at=sa.bindparam("ready_at")),
            [
                {name: delivery[name] for name in ("_order", "_due", "ready_at")}
                for delivery in made
            ],
        )
        return [((delivery["_order"], delivery["_due"]), delivery["ready_at"]) for delivery in made]

    def _place_or_trace(self, row: Any, place_id: str) -> Place:
        """The place; or what its id tells of one that was removed or never saved."""
        if row is not None:
            return place_of(row, self._database.seal)
        parts = place_id.split(":")
        return Place(place_id, parts[0], ":".join(parts[:2]), disabled_reason="unknown place")

    def renew(self, owner: str, deliveries: Sequence[Delivery], lease: timedelta) -> int:
        """The same owner keeps them, a send takes longer than thought; counts those still its own."""
        if not deliveries:
            return 0
        with self._database.writing() as db:
            return db.execute(
                sa.update(tables.delivery)
                .where(
                    _DEL.owner == owner,
                    _DEL.state == "open",
                    sa.tuple_(_DEL.order_id, _DEL.due).in_(
                        [(delivery.order, delivery.due) for delivery in deliveries]
                    ),
                )
                .values(ready_at=self._database.from_now(lease))
            ).rowcount

    def sent(self, owner: str, delivery: Delivery, message_id: str) -> datetime | None:
        """Records a post, and when; None when another replica had recorded it in the meantime."""
        done = self._database.from_now()
        with self._database.writing() as db:
            at: datetime | None = db.scalar(
                sa.update(tables.delivery)
                .where(*_key(delivery), _DEL.state == "open")
                .values(state="sent", message_id=message_id, done_at=done, owner=owner, fault=None)
                .returning(_DEL.done_at)
            )
            if at is not None and delivery.subscription is not None:
                db.execute(
                    sa.update(tables.subscription)
                    .where(_SUB.id == delivery.subscription.id)
                    .values(last_sent=at, last_fault=None)
                )
            return at

    def later(
        self,
        owner: str,
        delivery: Delivery,
        fault: str,
        *,
        retry_after: float | None = None,
        not_posted: bool = False,
        patient: bool = False,
    ) -> bool:
        """Puts it back for another try; False when its tries are used up and it has failed.

        `retry_after` seconds as the platform asked, else a pause that doubles; `not_posted` when
        the platform said for certain that nothing was posted; `patient`: it is tried for as long as it
        takes, since what is wrong is none of this message's.
        """
        failed = delivery.tries >= MAX_TRIES and not patient
        asked = timedelta(seconds=retry_after or 0)
        number = 0 if patient else delivery.tries - (0 if retry_after is None else PATIENT_TRIES)
        doubled = min(BACKOFF * 2 ** (number - 1), LONGEST_BACKOFF) if number > 0 else timedelta()
        pause = max(asked, doubled)
        values: dict[str, Any] = {"owner": None, "fault": fault[:300]}
        if failed:
            values |= {"state": "failed", "done_at": self._database.from_now()}
        else:
            values["ready_at"] = self._database.from_now(pause)
        if not_posted:
            values["refused"] = _DEL.tries if not delivery.maybe_posted else _DEL.refused
        with self._database.writing() as db:
            db.execute(
                sa.update(tables.delivery)
                .where(*_key(delivery), _DEL.owner == owner, _DEL.state == "open")
                .values(**values)
            )
            if delivery.subscription is not None:
                db.execute(
                    sa.update(tables.subscription)
                    .where(_SUB.id == delivery.subscription.id)
                    .values(last_fault=fault[:300])
                )
        return not failed

    def gone(self, owner: str, delivery: Delivery, reason: str) -> bool:
        """The place is lost: ends every delivery to it; True for the one that found out first."""
        now = self._database.from_now()
        with self._database.writing() as db:
            first = db.execute(
                sa.update(tables.place)
                .where(
                    tables.place.c.id == delivery.place.id,
                    tables.place.c.disabled_reason.is_(None),
                )
                .values(disabled_reason=reason[:200], updated_at=now)
            ).rowcount
            db.execute(
                sa.update(tables.delivery)
                .where(_DEL.place == delivery.place.id, _DEL.state == "open")
                .values(state="gone", owner=owner, fault=reason[:300], done_at=now)
            )
            return bool(first)

    def end(self, delivery: Delivery, reason: str) -> None:
        """Nothing to send any more: its digest or watch was stopped in the meantime."""
        with self._database.writing() as db:
            db.execute(
                sa.update(tables.delivery)
                .where(*_key(delivery), _DEL.state == "open")
                .values(state="late", fault=reason[:300], done_at=self._database.from_now())
            )

    def end_order(self, order: str, reason: str) -> None:
        """Ends every open delivery of an order, those of months ahead too."""
        with self._database.writing() as db:
            db.execute(
                sa.update(tables.delivery)
                .where(_DEL.order_id == order, _DEL.state == "open")
                .values(state="late", fault=reason[:300], done_at=self._database.from_now())
            )

    def hold(self, place_ids: Sequence[str], seconds: float) -> None:
        """A platform asked for patience: whatever waits for these places waits longer, and then
        leaves one by one."""
        with self._database.writing() as db:
            now = self._database.now_in(db)
            until = now + timedelta(seconds=seconds)
            rows = db.execute(
                sa.select(_DEL.order_id, _DEL.due, _DEL.place)
                .where(
                    _DEL.state == "open",
                    _DEL.owner.is_(None),
                    _DEL.place.in_(place_ids),
                    _DEL.ready_at < until,
                )
                .order_by(_DEL.ready_at)
                .with_for_update(skip_locked=True)
            ).all()
            self._new_turns(db, rows, now, until)

    def hold_workspace(self, workspace: str, seconds: float) -> None:
        """The same for everything that waits for any place of a workspace."""
        place = tables.place.c
        with self._database.reading() as db:
            names = list(db.scalars(sa.select(place.id).where(place.workspace == workspace)))
        self.hold(names, seconds)

    def state_of(self, order: str) -> tuple[str, str | None]:
        """(state, fault or message id) of the newest delivery of this order; ("", None) without."""
        with self._database.reading() as db:
            row = db.execute(
                sa.select(_DEL.state, _DEL.message_id, _DEL.fault)
                .where(_DEL.order_id == order)
                .order_by(_DEL.due.desc())
                .limit(1)
            ).one_or_none()
        return ("", None) if row is None else (row.state, row.message_id or row.fault)

    def counts(self) -> dict[str, int]:
        """State -> deliveries, for metrics and `digests`."""
        with self._database.reading() as db:
            rows = db.execute(sa.select(_DEL.state, sa.func.count()).group_by(_DEL.state))
            return dict(rows.all())


def _key(delivery: Delivery) -> tuple[sa.ColumnElement[bool], ...]:
    return (_DEL.order_id == delivery.order, _DEL.due == delivery.due)
