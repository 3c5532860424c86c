"""Messages on their way: claimed under a lease, renewed while a send lasts, recorded once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.state import tables
from bot.state.orders import Orders, open_delivery, subscription_of
from bot.state.rows import Delivery, Place

MAX_TRIES = 10
BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(hours=1)

_DEL = tables.delivery.c
_SUB = tables.subscription.c


class Deliveries(Orders):
    def add_delivery(
        self,
        order: str,
        place: str,
        kind: str,
        payload: Mapping[str, Any],
        due: datetime | None = None,
    ) -> None:
        """A message that does not come from a digest's plan: a watch that fired, a note."""
        with self.writing() as db:
            db.execute(
                self.insert(tables.delivery)
                .values(open_delivery(order, due or self.now_in(db), kind, place, payload=payload))
                .on_conflict_do_nothing()
            )

    def claim(self, owner: str, lease: timedelta, limit: int = 10) -> list[Delivery]:
        """Takes up to `limit` deliveries whose turn it is; nobody else gets them while the lease
        lasts. A claim that was never recorded comes back here when its lease is over."""
        ready = (
            sa.select(_DEL.order_id, _DEL.due)
            .where(_DEL.state == "open", _DEL.ready_at <= self._from_now())
            .order_by(_DEL.ready_at)
            .limit(limit)
        )
        with self.reading() as db:
            if db.execute(ready.limit(1)).first() is None:
                return []
        with self.writing() as db:
            keys = db.execute(ready.with_for_update(skip_locked=True)).all()
            if not keys:
                return []
            taken = db.execute(
                sa.update(tables.delivery)
                .where(
                    _DEL.state == "open",
                    sa.tuple_(_DEL.order_id, _DEL.due).in_([(order, due) for order, due in keys]),
                )
                .values(owner=owner, ready_at=self._from_now(lease), tries=_DEL.tries + 1)
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
                subscription=subscriptions.get(row.subscription),
            )
            for row in taken
        ]

    def _place_or_trace(self, row: Any, place_id: str) -> Place:
        """The place; or what its id tells of one that was removed or never saved."""
        if row is not None:
            return self._place(row)
        parts = place_id.split(":")
        return Place(place_id, parts[0], ":".join(parts[:2]), disabled_reason="unknown place")

    def _place(self, row: Any) -> Place:
        raise NotImplementedError  # State joins this class with Places

    def renew(self, owner: str, deliveries: Sequence[Delivery], lease: timedelta) -> int:
        """The same owner keeps them, a send takes longer than thought; counts those still its own."""
        if not deliveries:
            return 0
        with self.writing() as db:
            return db.execute(
                sa.update(tables.delivery)
                .where(
                    _DEL.owner == owner,
                    _DEL.state == "open",
                    sa.tuple_(_DEL.order_id, _DEL.due).in_(
                        [(one.order, one.due) for one in deliveries]
                    ),
                )
                .values(ready_at=self._from_now(lease))
            ).rowcount

    def sent(self, owner: str, delivery: Delivery, message_id: str) -> bool:
        """Records a post; False when another replica had recorded it in the meantime."""
        done = self._from_now()
        with self.writing() as db:
            recorded = db.execute(
                sa.update(tables.delivery)
                .where(*_key(delivery), _DEL.state == "open")
                .values(state="sent", message_id=message_id, done_at=done, owner=owner, fault=None)
            ).rowcount
            if recorded and delivery.subscription is not None:
                db.execute(
                    sa.update(tables.subscription)
                    .where(_SUB.id == delivery.subscription.id)
                    .values(last_sent=done, last_fault=None)
                )
            return bool(recorded)

    def later(
        self,
        owner: str,
        delivery: Delivery,
        fault: str,
        *,
        retry_after: float | None = None,
        not_posted: bool = False,
    ) -> bool:
        """Puts it back for another try; False when its tries are used up and it has failed.

        `retry_after` seconds as the platform asked, else a pause that doubles; `not_posted` when
        the platform said for certain that nothing was posted.
        """
        failed = delivery.tries >= MAX_TRIES
        pause = (
            timedelta(seconds=retry_after)
            if retry_after is not None
            else min(BACKOFF * 2 ** (delivery.tries - 1), LONGEST_BACKOFF)
        )
        values: dict[str, Any] = {"owner": None, "fault": fault[:300]}
        if failed:
            values |= {"state": "failed", "done_at": self._from_now()}
        else:
            values["ready_at"] = self._from_now(pause)
        if not_posted:
            values["refused"] = _DEL.tries if not delivery.maybe_posted else _DEL.refused
        with self.writing() as db:
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
        now = self._from_now()
        with self.writing() as db:
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
        with self.writing() as db:
            db.execute(
                sa.update(tables.delivery)
                .where(*_key(delivery), _DEL.state == "open")
                .values(state="late", fault=reason[:300], done_at=self._from_now())
            )

    def hold(self, place_ids: Sequence[str], seconds: float) -> None:
        """A platform asked for patience: whatever waits for these places waits longer."""
        with self.writing() as db:
            db.execute(
                sa.update(tables.delivery)
                .where(
                    _DEL.state == "open",
                    _DEL.owner.is_(None),
                    _DEL.place.in_(place_ids),
                    _DEL.ready_at < self._from_now(timedelta(seconds=seconds)),
                )
                .values(ready_at=self._from_now(timedelta(seconds=seconds)))
            )

    def delivery_counts(self) -> dict[str, int]:
        """State -> deliveries, for metrics and `digests`."""
        with self.reading() as db:
            rows = db.execute(sa.select(_DEL.state, sa.func.count()).group_by(_DEL.state))
            return dict(rows.all())


def _key(delivery: Delivery) -> tuple[sa.ColumnElement[bool], ...]:
    return (_DEL.order_id == delivery.order, _DEL.due == delivery.due)
