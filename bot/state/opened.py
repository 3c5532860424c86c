"""The state database, open: one class over one file a topic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.state.database import connect
from bot.state.deliveries import Deliveries
from bot.state.people import People
from bot.state.places import Places
from bot.state.seal import Key
from bot.state.shared import Shared
from bot.state.upgrading import upgrade
from bot.state.watching import Watching


class State(Places, People, Deliveries, Watching, Shared):
    """Synchronous; safe to share between threads. Every method may raise StateFault."""

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
