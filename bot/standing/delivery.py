"""One delivery: looked for where it may have been posted already, posted, recorded.

The promise: claimed once, sent at least once, repeated only after a crash, and not even then
where the platform lets us look before posting again.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from bot.conversation.posting import PlaceGone, Poster, PostLater
from bot.standing import content
from bot.standing.pace import Pace
from bot.standing.reasons import REFUSED
from bot.state import State
from bot.state.rows import Delivery, StateFault
from knowledge.prices.store import Store

log = logging.getLogger(__name__)
T = TypeVar("T")
Heard = Callable[[str, float], None]
LONGEST_PAUSE = 10.0
"""Seconds between two tries to write down what has happened."""


class InThread(Protocol):
    """Runs a blocking call beside the loop."""

    def __call__(self, work: Callable[..., T], /, *args: Any, **named: Any) -> Awaitable[T]: ...


class Sender:
    """Sends what this replica has claimed."""

    def __init__(
        self,
        owner: str,
        state: State,
        store: Store,
        posters: Mapping[str, Poster],
        pace: Pace,
        in_thread: InThread,
        heard: Heard,
    ) -> None:
        self.owner = owner
        self.stopping = False
        self._refused: dict[str, str] = {}
        """Workspaces whose posts are held, and why."""
        self._state = state
        self._store = store
        self._posters = posters
        self._pace = pace
        self._lease = timedelta(seconds=pace.lease)
        self._thread = in_thread
        self._heard = heard

    async def send(self, delivery: Delivery) -> None:
        """From claimed to recorded, the lease renewed meanwhile; raises nothing."""
        keeping = asyncio.create_task(self._keep(delivery))
        try:
            await self._send(delivery)
        except StateFault as fault:
            # Not recorded: the lease runs out, somebody looks before posting again.
            log.warning("%s: %s", delivery.id, fault)
        except Exception as fault:
            log.exception("%s failed", delivery.id)
            # Its words are for the log, which strikes secrets; this is read in chats.
            await self._later(delivery, type(fault).__name__)
        finally:
            keeping.cancel()

    async def _keep(self, delivery: Delivery) -> None:
        while True:
            await asyncio.sleep(self._pace.lease / 3)
            try:
                await self._thread(
                    self._state.deliveries.renew, self.owner, [delivery], self._lease
                )
            except StateFault:
                continue

    async def _send(self, delivery: Delivery) -> None:
        place = delivery.place
        if place.disabled_reason is not None:
            await self._thread(self._state.deliveries.end, delivery, place.disabled_reason)
            return
        poster = self._posters.get(place.platform)
        if poster is None:
            await self._later(delivery, f"{place.platform} is not set up here", sure=True)
            return
        try:
            await self._look_and_post(poster, delivery)
        except PostLater as wait:
            why = wait.reason or str(wait)
            await self._later(
                delivery, f"{REFUSED}{why}" if wait.everywhere else why,
                retry_after=wait.retry_after, sure=True, patient=wait.everywhere,
            )  # fmt: skip
            if wait.everywhere:
                self._tell_operator(place.workspace, wait.reason)
                await self._thread(
                    self._state.deliveries.hold_workspace, place.workspace, wait.retry_after
                )
            else:
                await self._thread(self._state.deliveries.hold, [place.id], wait.retry_after)
        except PlaceGone as gone:
            await self._gone(delivery, gone.reason)
        except TimeoutError:
            await self._later(delivery, f"no answer within {self._pace.send_timeout:g} s")

    async def _look_and_post(self, poster: Poster, delivery: Delivery) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        if delivery.maybe_posted:
            async with asyncio.timeout(self._pace.send_timeout):
                found = await poster.posted(delivery.place, delivery.id)
            if found is not None:
                await self._record(delivery, found)
                return
        answer = await self._thread(content.of, delivery, self._state, self._store)
        if answer is None:
            await self._thread(self._state.deliveries.end, delivery, "stopped")
            return
        if loop.time() - began > self._pace.lease / 2 and not await self._still_mine(delivery):
            return
        async with asyncio.timeout(self._pace.send_timeout):
            message_id = await poster.post(delivery.place, answer, delivery.id)
        await self._record(delivery, message_id)

    async def _still_mine(self, delivery: Delivery) -> bool:
        """After a long pause (a suspended machine) another replica may have taken over."""
        return bool(
            await self._thread(self._state.deliveries.renew, self.owner, [delivery], self._lease)
        )

    async def _record(self, delivery: Delivery, message_id: str) -> None:
        at = await self._until_done(
            functools.partial(self._state.deliveries.sent, self.owner, delivery, message_id)
        )
        self._refused.pop(delivery.place.workspace, None)
        if at is not None:
            self._heard("sent", 1)
            self._heard("late_seconds", (at - delivery.due).total_seconds())

    async def _later(
        self,
        delivery: Delivery,
        fault: str,
        *,
        retry_after: float | None = None,
        sure: bool = False,
        patient: bool = False,
    ) -> None:
        again = await self._until_done(
            functools.partial(
                self._state.deliveries.later, self.owner, delivery, fault,
                retry_after=retry_after, not_posted=sure, patient=patient,
            )
        )  # fmt: skip
        self._heard("retried" if again else "failed", 1)
        if not again:
            log.error("%s given up: %s", delivery.id, fault)

    def _tell_operator(self, workspace: str, reason: str) -> None:
        """Once for each fault: nothing of this workspace is posted until our credentials are good."""
        if self._refused.get(workspace) != reason:
            log.error("posts of %s are held: our credentials are refused: %s", workspace, reason)
            self._refused[workspace] = reason

    async def _gone(self, delivery: Delivery, reason: str) -> None:
        """Ends what was on its way there; its owner hears of it once."""
        first = await self._until_done(
            functools.partial(self._state.deliveries.gone, self.owner, delivery, reason)
        )
        self._heard("gone", 1)
        log.warning("%s takes no more posts: %s", delivery.place.id, reason)
        if first and delivery.kind != "note":
            await self._until_done(
                functools.partial(content.tell_owner, self._state, delivery, reason)
            )

    async def _until_done(self, work: Callable[[], T]) -> T:
        """What has happened is written down, however long the database is away."""
        pause = 0.2
        while True:
            try:
                return await self._thread(work)
            except StateFault as fault:
                if self.stopping and pause > LONGEST_PAUSE / 2:
                    raise
                log.warning("waiting to record: %s", fault)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
