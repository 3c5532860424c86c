"""Who a program is and how much it may ask: one gate before HTTP and MCP alike."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from bot.api import keys
from bot.api.keys import Key
from bot.api.problems import Problem
from bot.conversation.allowance import Allowance
from bot.conversation.privacy import may_see_contracts
from bot.core.desk import Asker
from bot.language import LANGS, Lang
from bot.state.rows import StateFault

if TYPE_CHECKING:
    from bot.state import State

log = logging.getLogger(__name__)

BELIEVED = 1.0
"""Seconds for which the keys that were read are believed; a revoked one ends within them."""
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="quartermaster"'}


class Access:
    """Keys of programs, and their minute. For the event loop.

    All keys are read at once, and once a second at most: whoever tries a million wrong ones costs
    the database nothing.
    """

    def __init__(self, state: State, clock: Callable[[], datetime], per_minute: int) -> None:
        self._state = state
        self._clock = clock
        self._most = per_minute
        self._minute = Allowance(per_minute)
        self._keys: dict[str, Key] = {}
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def key(self, headers: Mapping[str, str]) -> Key:
        """The key of a request; counts nothing. Raises Problem."""
        kind, _, token = headers.get("Authorization", "").partition(" ")
        token = token.strip()
        if kind.lower() != "bearer" or keys.TOKEN.fullmatch(token) is None:
            raise Problem("no-key", headers=_CHALLENGE)
        if time.monotonic() - self._read_at > BELIEVED:
            await self._read()
        found = keys.match(self._keys, token)
        if found is None:
            raise Problem("no-key", headers=_CHALLENGE)
        today = self._clock().date().isoformat()
        if found.last_used != today:
            found = found._replace(last_used=today)
            self._keys[found.id] = found
            asyncio.get_running_loop().run_in_executor(None, self._note, found)
        return found

    async def _read(self) -> None:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_keys())
        try:
            await asyncio.shield(self._reading)
        except StateFault as fault:  # what cannot be proven is not believed
            log.warning("keys cannot be checked: %s", fault)
            raise Problem("no-state", headers={"Retry-After": "5"}) from None

    async def _read_keys(self) -> None:
        found = await asyncio.to_thread(keys.every, self._state)
        self._keys = {key.id: key for key in found}
        self._read_at = time.monotonic()

    def _note(self, key: Key) -> None:
        try:
            keys.note_use(self._state, key)
        except StateFault as fault:
            log.warning("the last use of a key is not noted: %s", fault)

    def counted(self, key: Key) -> dict[str, str]:
        """Counts one request; the headers that say what is left. Raises Problem beyond it."""
        spent = self._minute.spent(key.id)
        left, seconds = self._minute.left(key.id)
        headers = {
            "RateLimit-Policy": f'"minute";q={self._most};w=60',
            "RateLimit": f'"minute";r={left};t={seconds}',
        }
        if spent:
            raise Problem("too-many", headers={**headers, "Retry-After": str(max(1, seconds))})
        return headers


def asker_of(key: Key, platform: str, lang: Lang | None, *, orders: bool = False) -> Asker:
    """Who asks, for the core. A place is given only to what may keep orders there."""
    return Asker(
        platform=platform,
        workspace=key.workspace,
        place=key.place if orders and key.may("orders") else None,
        user=f"key:{key.id}",
        lang=lang,
        # A key is its workspace's own, where that was said when it was made; its answer goes to it alone.
        may_see_contracts=may_see_contracts(
            "member" if key.may("contracts") else "unknown", "alone"
        ),
    )


def accepted(header: str | None) -> Lang | None:
    """The language of ours that an Accept-Language header likes best; None when it names none."""
    best: tuple[float, Lang] | None = None
    for part in (header or "")[:500].split(","):
        tag, _, weight = part.strip().partition(";")
        code = tag.partition("-")[0].strip().lower()
        lang = next((one for one in LANGS if one == code), None)
        if lang is None:
            continue
        try:
            liked = float(weight.partition("=")[2]) if weight else 1.0
        except ValueError:
            continue
        if liked > 0 and (best is None or liked > best[0]):
            best = (liked, lang)
    return best[1] if best else None
