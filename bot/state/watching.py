"""Watches, kept so that one indexed range finds those who wait for a price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.state import tables
from bot.state.orders import Orders, open_delivery
from bot.state.rows import Watch

REARM = 0.02
"""A watch fires again only after the price had left its threshold by this share."""
STILL = timedelta(days=7)
"""After this long on the wanted side, a watch that asked for it says "still below"."""

_WATCH = tables.watch.c
_SCOPE = tables.scope.c


class Scope(NamedTuple):
    """Offers that watches look at."""

    key: str
    question: str
    """The question's fields as JSON."""
    kind: str
    days: int
    value: float | None = None
    """What watches compare with: USD per GPU-hour, or for drops the ratio to the price before."""
    price: float | None = None
    since: datetime | None = None
    """Since when the price stands."""
    version: int = 0
    """The published price store this was seen in; 0 for a store that nobody published."""


class Seen(NamedTuple):
    """A scope as it looks now; `value` None when nobody offers such a thing (freshly)."""

    key: str
    value: float | None
    price: float | None
    version: int = 0


class Watching(Orders):
    def add_watch(self, watch: Watch, scope: Scope) -> Watch:
        """Keeps a watch; the same wish in the same place again renews it."""
        now = self.now()
        with self.writing() as db:
            db.execute(
                self.insert(tables.scope)
                .values(
                    key=scope.key, question=scope.question, kind=scope.kind, days=scope.days,
                    value=scope.value, price=scope.price, since=scope.since,
                    version=scope.version,
                )
                .on_conflict_do_nothing()
            )  # fmt: skip
            db.execute(
                sa.delete(tables.watch).where(
                    _WATCH.place == watch.place, _WATCH.scope == watch.scope,
                    _WATCH.kind == watch.kind, _WATCH.direction == watch.direction,
                    _WATCH.threshold == watch.threshold,
                )
            )  # fmt: skip
            values = watch._asdict() | {"created_at": now}
            if watch.armed:
                # Looked at soon, not only after the next change: the replica that was asked may
                # not hold the newest prices yet.
                values["snoozed_until"] = now
            values.pop("id")
            row = db.execute(sa.insert(tables.watch).values(values).returning(tables.watch)).one()
        return watch_of(row)

    def watches(self, place: str) -> list[Watch]:
        with self.reading() as db:
            rows = db.execute(
                sa.select(tables.watch).where(_WATCH.place == place).order_by(_WATCH.id)
            ).all()
        return [watch_of(row) for row in rows]

    def watch(self, number: int) -> Watch | None:
        with self.reading() as db:
            row = db.execute(sa.select(tables.watch).where(_WATCH.id == number)).one_or_none()
        return watch_of(row) if row else None

    def drop_watches(self, place: str, numbers: Iterable[int]) -> list[Watch]:
        """Removes those of these watches that stand in this place."""
        with self.writing() as db:
            rows = db.execute(
                sa.delete(tables.watch)
                .where(_WATCH.place == place, _WATCH.id.in_(list(numbers)))
                .returning(tables.watch)
            ).all()
        return [watch_of(row) for row in rows]

    def change_watches(self, place: str, numbers: Iterable[int], **values: Any) -> list[Watch]:
        """Sets `paused`, `remind` or `snoozed_until` of watches in this place."""
        with self.writing() as db:
            rows = db.execute(
                sa.update(tables.watch)
                .where(_WATCH.place == place, _WATCH.id.in_(list(numbers)))
                .values(**values)
                .returning(tables.watch)
            ).all()
        return [watch_of(row) for row in rows]

    # -- evaluation -----------------------------------------------------------------------------

    def scopes(self) -> list[Scope]:
        """Every scope that a watch looks at."""
        with self.reading() as db:
            rows = db.execute(
                sa.select(tables.scope).where(sa.exists().where(_WATCH.scope == _SCOPE.key))
            ).all()
        return [scope_of(row) for row in rows]

    def scope(self, key: str) -> Scope | None:
        with self.reading() as db:
            row = db.execute(sa.select(tables.scope).where(_SCOPE.key == key)).one_or_none()
        return scope_of(row) if row else None

    def fire(self, scope: Scope, seen: Seen, payload: Mapping[str, Any]) -> int:
        """Tells everyone who waits for what `seen` shows; counts them.

        One transaction: who crossed becomes a delivery, who left the threshold is armed again,
        the scope remembers. A crash before its end leaves all of it to be done again. Prices older
        than those the scope was last seen in change nothing.
        """
        with self.writing() as db:
            now = self.now_in(db)
            mine = _SCOPE.key == scope.key
            known = db.execute(sa.select(tables.scope).where(mine).with_for_update()).one_or_none()
            if known is None or known.version > seen.version:
                return 0
            fired = self._fire(db, scope, seen.value, now)
            if fired:
                self._deliver(db, fired, payload, now)
            self._rearm(db, scope, seen.value)
            changed: dict[str, Any] = {
                "value": seen.value, "price": seen.price, "version": seen.version,
            }  # fmt: skip
            if seen.price != known.price:
                changed["since"] = now
            db.execute(sa.update(tables.scope).where(mine).values(**changed))
        return len(fired)

    def _fire(self, db: Connection, scope: Scope, value: float | None, now: datetime) -> list[Any]:
        if value is None:
            return []
        fired: list[Any] = []
        for direction in ("below", "above"):
            crossed = _WATCH.threshold > value if direction == "below" else _WATCH.threshold < value
            fired += db.execute(
                sa.update(tables.watch)
                .where(
                    _WATCH.scope == scope.key,
                    _WATCH.direction == direction,
                    _WATCH.armed.is_(sa.true()),
                    crossed,
                    _WATCH.paused.is_(sa.false()),
                    sa.or_(_WATCH.snoozed_until.is_(None), _WATCH.snoozed_until <= now),
                )
                .values(armed=False, fired_at=now, fired_value=value)
                .returning(tables.watch)
            ).all()
        return fired

    def _rearm(self, db: Connection, scope: Scope, value: float | None) -> None:
        for direction in ("below", "above"):
            if value is None:
                # Nobody offers it any more: whoever waited for it to appear waits again.
                left = _WATCH.kind == "offer"
            elif direction == "below":
                left = _WATCH.threshold <= value / (1 + self.rearm)
            else:
                left = _WATCH.threshold >= value / (1 - self.rearm)
            db.execute(
                sa.update(tables.watch)
                .where(
                    _WATCH.scope == scope.key,
                    _WATCH.direction == direction,
                    _WATCH.armed.is_(sa.false()),
                    left,
                )
                .values(armed=True)
            )

    rearm = REARM

    def _deliver(
        self, db: Connection, fired: list[Any], payload: Mapping[str, Any], now: datetime
    ) -> None:
        workspaces: dict[str, str] = {
            row.id: row.workspace
            for row in db.execute(
                sa.select(tables.place.c.id, tables.place.c.workspace).where(
                    tables.place.c.id.in_({row.place for row in fired})
                )
            )
        }
        made = [
            open_delivery(
                f"watch-{row.id}",
                now,
                "watch",
                row.place,
                payload={
                    **payload,
                    "watch": row.id,
                    "lang": row.lang,
                    "words": row.words,
                    "kind": row.kind,
                    "direction": row.direction,
                    "threshold": row.threshold,
                },
            )
            | {"_workspace": workspaces.get(row.place, row.place)}
            for row in fired
        ]
        self._paced(db, made, now)
        db.execute(self.insert(tables.delivery).on_conflict_do_nothing(), made)

    def wake(self) -> list[str]:
        """Ends snoozes whose time is over; the scopes to look at again."""
        now = self._from_now()
        over = _WATCH.snoozed_until.is_not(None) & (_WATCH.snoozed_until <= now)
        with self.reading() as db:
            if db.execute(sa.select(_WATCH.id).where(over).limit(1)).first() is None:
                return []
        with self.writing() as db:
            rows = db.execute(
                sa.update(tables.watch)
                .where(over)
                .values(snoozed_until=None)
                .returning(_WATCH.scope)
            )
            return sorted({row.scope for row in rows})

    def remind(self, limit: int = 500) -> list[Watch]:
        """Watches that asked to hear again and are still on the wanted side after a week; each is
        returned once a week."""
        now = self._from_now()
        with self.writing() as db:
            rows = db.execute(
                sa.update(tables.watch)
                .where(
                    _WATCH.id.in_(
                        sa.select(_WATCH.id)
                        .where(
                            _WATCH.remind.is_(sa.true()),
                            _WATCH.armed.is_(sa.false()),
                            _WATCH.paused.is_(sa.false()),
                            _WATCH.fired_at <= self._from_now(-STILL),
                        )
                        .limit(limit)
                    )
                )
                .values(fired_at=now)
                .returning(tables.watch)
            ).all()
        return [watch_of(row) for row in rows]

    # -- daily record ---------------------------------------------------------------------------

    def note_day(self, key: str, day: str, price: float) -> None:
        """The lowest price of a scope on a day."""
        table = tables.scope_day
        statement = self.insert(table).values(key=key, day=day, price=price)
        with self.writing() as db:
            db.execute(
                statement.on_conflict_do_update(
                    index_elements=["key", "day"],
                    set_={"price": statement.excluded.price},
                    where=table.c.price > statement.excluded.price,
                )
            )

    def price_on(self, key: str, day: str) -> float | None:
        """The scope's price on this day, or on the last noted day before it."""
        table = tables.scope_day
        with self.reading() as db:
            return db.scalar(
                sa.select(table.c.price)
                .where(table.c.key == key, table.c.day <= day)
                .order_by(table.c.day.desc())
                .limit(1)
            )


def scope_of(row: Any) -> Scope:
    return Scope(**{name: getattr(row, name) for name in Scope._fields})


def watch_of(row: Any) -> Watch:
    return Watch(**{name: getattr(row, name) for name in Watch._fields})
