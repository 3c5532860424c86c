"""Where we were written to from: what is known of each conversation, and that we can write there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from bot.core.recent import Recent
from bot.state import Place, StateFault
from bot.state.firsts import PATIENCE

if TYPE_CHECKING:
    from bot.state import State

log = logging.getLogger(__name__)

PLACES_FOR = 300.0
"""Seconds after which a place is saved again: a place heard from is well again, and another replica
may have found it lost."""
ABSENT_FOR = 30.0
DEAL = "deal"
"""What contracts are kept under (`bot.standing.deals`)."""
CONTRACTS_FOR = 30.0


class Places:
    """Places of one platform. Without a state nothing is kept, and answers go on."""

    def __init__(self, state: State | None) -> None:
        self._state = state
        self._known: Recent[str, Place] = Recent(PLACES_FOR)
        self._absent: Recent[str, None] = Recent(ABSENT_FOR)
        self._owners: Recent[str, frozenset[str]] = Recent(CONTRACTS_FOR)

    async def save(self, place: Place, *, anew: bool = False) -> None:
        """A place that we were written to from. `anew`: an order must not stand in a place that
        another replica found lost."""
        if self._state is None or (self._known.get(place.id) == place and not anew):
            return
        try:
            await asyncio.wait_for(asyncio.to_thread(self._save, place), PATIENCE)
        except TimeoutError:
            return  # a database that hangs keeps nobody waiting
        except StateFault as fault:
            log.warning("a place could not be kept: %s", fault)
            return
        self._known.put(place.id, place)
        self._absent.drop(place.id)

    def _save(self, place: Place) -> None:
        if self._state is None:
            return
        if place.kind == "direct" and not place.channel and self._state.places.get(place.id):
            return  # the chat itself is known: better than the means to open one
        self._state.places.save(place)

    async def get(self, name: str, *, anew: bool = False) -> Place | None:
        """What is known of a place; `anew` as other replicas know it now."""
        known = None if anew else self._known.get(name)
        if known is not None or self._state is None or (not anew and name in self._absent):
            return known
        try:
            look = asyncio.to_thread(self._state.places.get, name)
            known = await asyncio.wait_for(look, PATIENCE)
        except TimeoutError:
            return None  # a database that hangs keeps nobody waiting
        except StateFault as fault:
            log.warning("state cannot be read: %s", fault)
            return None
        if known is None:
            self._absent.put(name, None)
        else:
            known = known._replace(since=None)
            self._known.put(name, known)
        return known

    async def orders(self, name: str) -> frozenset[tuple[str, int]]:
        """What stands at a place: ("digest", 12), ("watch", 7)."""
        if self._state is None:
            return frozenset()
        try:
            digests = await asyncio.to_thread(self._state.digests.of, name)
            watches = await asyncio.to_thread(self._state.watches.of, name)
            deals = await asyncio.to_thread(self._state.records.below, DEAL, f"{name}:#")
        except StateFault as fault:
            log.warning("state cannot be read: %s", fault)
            return frozenset()
        return frozenset(
            {("digest", one.id) for one in digests}
            | {("watch", one.id) for one in watches}
            | {(DEAL, int(key.rpartition("#")[2])) for key in deals}
        )

    async def take_back(
        self, name: str, orders: frozenset[tuple[str, int]], before: Place | None, now: datetime
    ) -> None:
        """Removes orders just set where it turned out that we cannot write; the place is as before."""
        digests = [number for kind, number in orders if kind == "digest"]
        watches = [number for kind, number in orders if kind == "watch"]
        for number in digests:
            await self.do(partial(_stopped, name, number))
        await self.do(lambda state: state.watches.drop(name, watches))
        for key in [f"{name}:#{number:05d}" for kind, number in orders if kind == DEAL]:
            await self.do(partial(_undealt, key))
        self._known.drop(name)
        reason = before.disabled_reason if before is not None else None
        if reason is None:
            await self.do(lambda state: state.places.remove(name))
        else:
            await self.do(lambda state: state.places.disable(name, reason, now))

    async def lost(self, name: str, reason: str, now: datetime) -> None:
        """Takes no more posts until it is heard from again."""
        self._known.drop(name)
        await self.do(lambda state: state.places.disable(name, reason, now))

    async def do(self, work: Callable[[State], object]) -> bool:
        """A change of the state that an answer does not depend on; False when it was not made."""
        if self._state is None:
            return False
        try:
            await asyncio.to_thread(work, self._state)
        except StateFault as fault:
            log.warning("not kept: %s", fault)
            return False
        return True

    async def below(self, prefix: str) -> list[Place] | None:
        """The places whose names begin so; None when nobody tells."""
        if self._state is None:
            return None
        try:
            return await asyncio.to_thread(self._state.places.below, prefix)
        except StateFault as fault:
            log.warning("state cannot be read: %s", fault)
            return None

    async def kept(self, kind: str, prefix: str) -> list[str]:
        """Keys of what a platform keeps for itself, that begin so."""
        if self._state is None:
            return []
        try:
            return list(await asyncio.to_thread(self._state.records.below, kind, prefix))
        except StateFault as fault:
            log.warning("state cannot be read: %s", fault)
            return []

    async def most_asked(self, name: str) -> list[str]:
        """Cards asked about most at a place."""
        if self._state is None:
            return []
        try:
            return await asyncio.to_thread(self._state.people.most_asked, name)
        except StateFault as fault:
            log.warning("state cannot be read: %s", fault)
            return []

    async def has_contracts(self, workspace: str) -> bool:
        """Whether contract prices of this workspace are kept; unknown is yes, and then looked at."""
        if self._state is None:
            return True
        owners = self._owners.get("")
        if owners is None:
            try:
                found = await asyncio.to_thread(self._state.contracts.versions)
            except StateFault:
                return True
            owners = frozenset(owner for owner, _ in found)
            self._owners.put("", owners)
        return workspace in owners

    def forget(self, name: str) -> None:
        self._known.drop(name)

    def forget_all(self) -> None:
        """After a workspace left: what it had is not believed any more."""
        self._known = Recent(PLACES_FOR)


def _stopped(place: str, number: int, state: State) -> object:
    return state.digests.stop(place, number)


def _undealt(key: str, state: State) -> object:
    return state.records.take(DEAL, key)
