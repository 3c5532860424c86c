"""The state database, open: one object a topic over one connection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.state import tables
from bot.state.database import Database, connect
from bot.state.deliveries import Deliveries
from bot.state.digests import Digests
from bot.state.people import People
from bot.state.places import Places
from bot.state.records import Records
from bot.state.rows import API_KEY, CONVERSATION
from bot.state.seal import Key
from bot.state.shared import Contracts, Jobs, Prices
from bot.state.upgrading import upgrade
from bot.state.watches import Watches


class State(Database):
    """Synchronous; safe to share between threads. Every method may raise StateFault."""

    def __init__(
        self,
        engine: Engine,
        *,
        key: Key | None,
        clock: Callable[[], datetime] | None,
    ) -> None:
        super().__init__(engine, key=key, clock=clock)
        self.places = Places(self)
        self.people = People(self)
        self.digests = Digests(self)
        self.watches = Watches(self)
        self.deliveries = Deliveries(self)
        self.records = Records(self)
        self.prices = Prices(self)
        self.contracts = Contracts(self)
        self.jobs = Jobs(self)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        key: Key | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> State:
        """The database at `url` (`sqlite:///...`, `postgresql://...`), brought to the newest schema.

        `key` seals sensitive columns (`bot.state.seal.keyring`); `clock` stands in for the
        database's own time in tests.
        """
        engine = connect(url)
        state = cls(engine, key=key, clock=clock)
        try:
            upgrade(state)
        except BaseException:
            engine.dispose()
            raise
        return state

    def forget_workspace(self, prefix: str) -> int:
        """Removes all of a workspace, the keys of its programs too; counts its places."""
        places = self.places.forget(prefix)
        for key, held in self.records.below(API_KEY).items():
            if held.get("workspace") == prefix:
                self.records.take(API_KEY, key)
        return places

    def tidy(self, now: datetime, *, keep_audit: timedelta = timedelta(days=400)) -> None:
        """Removes what nobody needs any more: a cheap thing to do once an hour."""
        month = now - timedelta(days=60)
        with self.writing() as db:
            db.execute(sa.delete(tables.seen).where(tables.seen.c.until <= now))
            db.execute(sa.delete(tables.asked).where(tables.asked.c.at <= now - CONVERSATION))
            db.execute(sa.delete(tables.audit).where(tables.audit.c.at <= now - keep_audit))
            db.execute(sa.delete(tables.feedback).where(tables.feedback.c.at <= now - keep_audit))
            db.execute(sa.delete(tables.delivery).where(tables.delivery.c.done_at <= month))
            db.execute(sa.delete(tables.pace).where(tables.pace.c.free_at <= now))
            db.execute(
                sa.delete(tables.scope_day).where(
                    tables.scope_day.c.day < (now - timedelta(days=120)).date().isoformat()
                )
            )
