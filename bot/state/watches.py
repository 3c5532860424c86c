"""Watches, kept so that one indexed range finds those who wait for a price."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.state import tables
from bot.state.database import Topic
from bot.state.pacing import open_delivery, paced
from bot.state.rows import Watch

REARM = 0.02
"""A watch fires again only after the price had left its threshold by this share."""
STOCK_PAUSE = timedelta(hours=12)
"""A watch for stock is quiet for this long after it told: a feed that flaps makes two messages a
day at most."""
STILL = timedelta(days=7)
"""After this long on the wanted side, a watch that asked for it says "still below"."""

_CHUNK = 10_000
"""Messages made in one statement: SQLite takes 32,766 values at most."""
_TOLD = ("id", "place", "scope", "lang", "words", "kind", "direction", "threshold")
"""What a message needs to know of the watch that it is for."""

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
    payload: Mapping[str, Any] = {}
    """What a message about it will say."""


class Watches(Topic):
    """Who waits for which price."""

    def add(self, watch: Watch, scope: Scope) -> Watch:
        """Keeps a watch; the same wish in the same place again renews it."""
        now = self._database.now()
        with self._database.writing() as db:
            db.execute(
                self._database.insert(tables.scope)
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

    def of(self, place: str) -> list[Watch]:
        with self._database.reading() as db:
            rows = db.execute(
                sa.select(tables.watch).where(_WATCH.place == place).order_by(_WATCH.id)
            ).all()
        return [watch_of(row) for row in rows]

    def get(self, number: int) -> Watch | None:
        with self._database.reading() as db:
            row = db.execute(sa.select(tables.watch).where(_WATCH.id == number)).one_or_none()
        return watch_of(row) if row else None

    def drop(self, place: str, numbers: Iterable[int]) -> list[Watch]:
        """Removes those of these watches that stand in this place."""
        with self._database.writing() as db:
            rows = db.execute(
                sa.delete(tables.watch)
                .where(_WATCH.place == place, _WATCH.id.in_(list(numbers)))
                .returning(tables.watch)
            ).all()
        return [watch_of(row) for row in rows]

    def change(self, place: str, numbers: Iterable[int], **values: Any) -> list[Watch]:
        """Sets `paused`, `remind` or `snoozed_until` of watches in this place."""
        with self._database.writing() as db:
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
        with self._database.reading() as db:
            rows = db.execute(
                sa.select(tables.scope).where(sa.exists().where(_WATCH.scope == _SCOPE.key))
            ).all()
        return [scope_of(row) for row in rows]

    def scope(self, key: str) -> Scope | None:
        with self._database.reading() as db:
            row = db.execute(sa.select(tables.scope).where(_SCOPE.key == key)).one_or_none()
        return scope_of(row) if row else None

    def fire(self, looks: Sequence[Seen]) -> int:
        """Tells everyone who waits for what was seen; counts them.

        One transaction for many scopes: who crossed becomes a delivery, who left the threshold is
        armed again, the scopes remember. A crash before its end leaves all of it to be done again.
        Prices older than those a scope was last seen in change nothing.
        """
        with self._database.writing() as db:
            now = self._database.now_in(db)
            known = {
                row.key: row
                for row in db.execute(
                    sa.select(_SCOPE.key, _SCOPE.price, _SCOPE.since, _SCOPE.version)
                    .where(_SCOPE.key.in_([look.key for look in looks]))
                    .order_by(_SCOPE.key)
                    .with_for_update()
                )
            }
            newer = {
                look.key: look
                for look in looks
                if look.key in known and known[look.key].version <= look.version
            }
            if not newer:
                return 0
            self._remember(db, newer, known, now)
            fired = self._fire(db, newer, now)
            for start in range(0, len(fired), _CHUNK):
                self._deliver(db, fired[start : start + _CHUNK], newer, now)
            self._rearm(db, newer)
        return len(fired)

    def _remember(
        self, db: Connection, looks: Mapping[str, Seen], known: Mapping[str, Any], now: datetime
    ) -> None:
        db.execute(
            sa.update(tables.scope)
            .where(_SCOPE.key == sa.bindparam("_key"))
            .values(
                value=sa.bindparam("value"),
                price=sa.bindparam("price"),
                since=sa.bindparam("since"),
                version=sa.bindparam("version"),
            ),
            [
                {
                    "_key": look.key,
                    "value": look.value,
                    "price": look.price,
                    "since": known[look.key].since if look.price == known[look.key].price else now,
                    "version": look.version,
                }
                for look in looks.values()
            ],
        )

    def _fire(self, db: Connection, keys: Iterable[str], now: datetime) -> list[Any]:
        """Who crossed: a range of one index for each scope, all scopes in one statement."""
        fired: list[Any] = []
        for direction in ("below", "above"):
            below = direction == "below"
            crossed = _WATCH.threshold > _SCOPE.value if below else _WATCH.threshold < _SCOPE.value
            fired += db.execute(
                sa.update(tables.watch)
                .where(
                    _SCOPE.key.in_(list(keys)),
                    _WATCH.scope == _SCOPE.key,
                    _WATCH.direction == direction,
                    _WATCH.armed.is_(sa.true()),
                    crossed,
                    sa.or_(
                        _WATCH.kind != "stock",
                        _WATCH.fired_at.is_(None),
                        _WATCH.fired_at <= now - STOCK_PAUSE,
                    ),
                    _WATCH.paused.is_(sa.false()),
                    sa.or_(_WATCH.snoozed_until.is_(None), _WATCH.snoozed_until <= now),
                )
                .values(armed=False, fired_at=now, fired_value=_SCOPE.value)
                .returning(*(_WATCH[name] for name in _TOLD))
            ).all()
        return fired

    def _rearm(self, db: Connection, keys: Iterable[str]) -> None:
        for direction in ("below", "above"):
            if direction == "below":
                left = _WATCH.threshold <= _SCOPE.value / (1 + self.rearm)
            else:
                left = _WATCH.threshold >= _SCOPE.value / (1 - self.rearm)
            # Nobody offers it any more: whoever waited for it to appear waits again.
            gone = _SCOPE.value.is_(None) & (_WATCH.kind == "offer")
            db.execute(
                sa.update(tables.watch)
                .where(
                    _SCOPE.key.in_(list(keys)),
                    _WATCH.scope == _SCOPE.key,
                    _WATCH.direction == direction,
                    _WATCH.armed.is_(sa.false()),
                    sa.or_(left, gone),
                )
                .values(armed=True)
            )

    rearm = REARM

    def _deliver(
        self, db: Connection, fired: Sequence[Any], looks: Mapping[str, Seen], now: datetime
    ) -> None:
        workspaces: dict[str, str] = {
            row.id: row.workspace
            for row in db.execute(
                sa.select(tables.place.c.id, tables.place.c.workspace).where(
                    tables.place.c.id.in_({row.place for row in fired})
                )
            )
        }
        # Written once for each set of offers, however many wait for it.
        shared = {
            key: f", {json.dumps(look.payload)[1:-1]}" if look.payload else ""
            for key, look in looks.items()
        }
        made = [
            open_delivery(f"watch-{row.id}", now, "watch", row.place)
            | {
                "payload": f"{json.dumps(_told(row))[:-1]}{shared[row.scope]}}}",
                "_workspace": workspaces.get(row.place, row.place),
            }
            for row in fired
        ]
        paced(self._database, db, made, now)
        self._database.insert_many(db, tables.delivery, made)

    def snoozes_over(self, now: datetime, version: int) -> list[str]:
        """Scopes with a snooze that is over, to be looked at again. Those that a replica with newer
        prices than `version` has looked at are left to that replica."""
        with self._database.reading() as db:
            rows = db.execute(
                sa.select(_WATCH.scope)
                .join(tables.scope, _SCOPE.key == _WATCH.scope)
                .where(_WATCH.snoozed_until <= now, _SCOPE.version <= version)
                .distinct()
                .order_by(_WATCH.scope)
            )
            return list(rows.scalars())

    def end_snoozes(self, now: datetime, version: int) -> None:
        """Those were looked at, with prices of this version."""
        with self._database.writing() as db:
            db.execute(
                sa.update(tables.watch)
                .where(
                    _WATCH.snoozed_until <= now,
                    sa.exists().where(_SCOPE.key == _WATCH.scope, _SCOPE.version <= version),
                )
                .values(snoozed_until=None)
            )

    def to_remind(self, limit: int = 500) -> list[Watch]:
        """Watches that asked to hear again, a week after they last told."""
        now = self._database.from_now()
        with self._database.reading() as db:
            rows = db.execute(
                sa.select(tables.watch)
                .where(
                    _WATCH.remind.is_(sa.true()),
                    _WATCH.armed.is_(sa.false()),
                    _WATCH.paused.is_(sa.false()),
                    _WATCH.fired_at <= self._database.from_now(-STILL),
                    sa.or_(_WATCH.snoozed_until.is_(None), _WATCH.snoozed_until <= now),
                )
                .limit(limit)
            ).all()
        return [watch_of(row) for row in rows]

    def remind(self, watch: Watch, payload: Mapping[str, Any] | None) -> bool:
        """Tells it, or with None nothing, and waits a week; False when another replica was first."""
        with self._database.writing() as db:
            now = self._database.now_in(db)
            first = db.execute(
                sa.update(tables.watch)
                .where(_WATCH.id == watch.id, _WATCH.fired_at == watch.fired_at)
                .values(fired_at=now)
            ).rowcount
            if first and payload is not None:
                made = open_delivery(
                    f"watch-{watch.id}", now, "watch", watch.place, payload=payload
                )
                db.execute(
                    self._database.insert(tables.delivery).values(made).on_conflict_do_nothing()
                )
        return bool(first)

    # -- daily record ---------------------------------------------------------------------------

    def note_days(self, day: str, prices: Mapping[str, float]) -> None:
        """The lowest price on a day, by scope."""
        if not prices:
            return
        table = tables.scope_day
        with self._database.writing() as db:
            self._database.insert_many(
                db,
                table,
                [{"key": key, "day": day, "price": price} for key, price in prices.items()],
                lambda insert: insert.on_conflict_do_update(
                    index_elements=["key", "day"],
                    set_={"price": insert.excluded.price},
                    where=table.c.price > insert.excluded.price,
                ),
            )

    def prices_on(self, day: str, keys: Sequence[str]) -> dict[str, float]:
        """Scopes' prices on this day, or on the last noted day before it."""
        table = tables.scope_day
        last = (
            sa.select(table.c.key, sa.func.max(table.c.day).label("day"))
            .where(table.c.key.in_(keys), table.c.day <= day)
            .group_by(table.c.key)
            .subquery()
        )
        with self._database.reading() as db:
            return dict(
                db.execute(
                    sa.select(table.c.key, table.c.price).join(
                        last, (last.c.key == table.c.key) & (last.c.day == table.c.day)
                    )
                ).all()
            )


def _told(row: Any) -> dict[str, Any]:
    """The part of a message that is this watch's own."""
    return {
        "watch": row.id, "lang": row.lang, "words": row.words, "kind": row.kind,
        "direction": row.direction, "threshold": row.threshold,
    }  # fmt: skip


def scope_of(row: Any) -> Scope:
    return Scope(**{name: getattr(row, name) for name in Scope._fields})


def watch_of(row: Any) -> Watch:
    return Watch(**{name: getattr(row, name) for name in Watch._fields})
