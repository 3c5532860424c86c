"""A PostgreSQL connection that gives up on a server which does not answer.

The server's own statement timeout does not help when the server hangs: its machine is frozen, its
disk stalls. Without a limit of ours every thread that asks it would be lost until it comes back.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg

ANSWER_SECONDS = 20.0
"""A single answer takes no longer; the server's statement timeout is shorter."""
HANGING_SECONDS = 3.0
"""While one answer is this late, nobody else begins to wait."""


class Patience:
    """Who waits for an answer of one server, and since when. Safe to share between threads."""

    def __init__(self) -> None:
        self._since: dict[int, float] = {}

    def hanging(self) -> bool:
        """Whether somebody has been waiting too long."""
        limit = time.monotonic() - HANGING_SECONDS
        return any(since < limit for since in list(self._since.values()))

    def connect(self, *words: Any, **named: Any) -> psycopg.Connection[Any]:
        mine = object()
        self._since[id(mine)] = time.monotonic()
        try:
            connection = _Patient.connect(*words, **named)
        finally:
            self._since.pop(id(mine), None)
        connection.patience = self
        return connection


class _Patient(psycopg.Connection[Any]):
    patience: Patience | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """What psycopg runs for every answer; raises OperationalError when none comes."""
        waits = self.patience._since if self.patience else {}  # noqa: SLF001  of this module
        waits[id(gen)] = time.monotonic()
        try:
            return super().wait(gen, interval, timeout or ANSWER_SECONDS)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001  psycopg has no public name for it
            self.pgconn.finish()  # nobody knows what it is in the middle of
            raise psycopg.OperationalError(f"no answer within {ANSWER_SECONDS:g} s") from None
        finally:
            waits.pop(id(gen), None)
