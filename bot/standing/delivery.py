"""The ticking part: plans what is due, claims it under a lease, sends it, records it.

The promise: claimed once, sent at least once, repeated only after a crash, and not even then
where the platform lets us look before posting again. Threads do the database's work, so that
nothing here keeps an interactive answer waiting.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import random
import socket
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from bot.answer import Answer
from bot.posting import PlaceGone, Poster, PostLater
from bot.standing import content, pricestore, watches
from bot.state import State
from bot.state.rows import Delivery, StateFault
from knowledge.store import Store, StoreFault

log = logging.getLogger(__name__)
T = TypeVar("T")


class Pace(NamedTuple):
    """How fast the schedule runs; the defaults are for production, tests pass shorter ones."""

    tick: float = 1.0
    """Seconds between two looks at what is due."""
    lease: float = 60.0
    """Seconds a claim is good for; renewed while its send is under way."""
    send_timeout: float = 45.0
    """Seconds a post may take before it counts as "nobody knows"."""
    sends: int = 16
    """Posts under way at once in one replica."""
    share: float = 10.0
    """Seconds between two looks for a newer price store or contract prices."""
    refresh_lease: float = 300.0
    """Seconds a refresh is claimed for; renewed while it runs."""
    retry_refresh: float = 600.0
    """Seconds until a failed refresh is tried again, doubling up to its own interval."""
    stop: float = 30.0
    """Seconds that sends under way may take to end when we stop."""


class Refresh(NamedTuple):
    """A refresh that exactly one replica runs at a time."""

    run: Callable[[], Awaitable[Any]]
    """Fetches and stores; raises when nothing could be done."""
    every: timedelta = timedelta(hours=6)
    name: str = "refresh"


class Standing:
    """Digests, watches and the scheduled refresh of one replica. `start` and `stop` once each."""

    def __init__(
        self,
        state: State,
        store: Store,
        posters: Mapping[str, Poster],
        refreshes: tuple[Refresh, ...] = (),
        *,
        pace: Pace = Pace(),  # noqa: B008  immutable
        heard: Callable[[str, float], None] = lambda _name, _value: None,
    ) -> None:
        """`posters` by platform; `heard` is told of counters: sent, retried, failed, gone, planned,
        skipped, fired, pulled, published, late_seconds."""
        self.state = state
        self.store = store
        self.posters = dict(posters)
        self.refreshes = refreshes
        self.pace = pace
        self.owner = f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"
        self._heard = heard
        # Few threads of our own: interactive answers keep theirs.
        self._threads = ThreadPoolExecutor(max_workers=3, thread_name_prefix="standing")
        self._loops: list[asyncio.Task[None]] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._fault: str | None = None

    # -- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begins to tick; returns at once, also when the database is not there yet."""
        self._loops = [
            asyncio.create_task(self._every(self.pace.tick, self._tick), name="deliveries"),
            asyncio.create_task(self._every(self.pace.share, self._share), name="shared prices"),
            asyncio.create_task(self._every(3600, self._hourly), name="tidying"),
            *(
                asyncio.create_task(
                    self._every(
                        min(30.0, self.pace.tick * 5), functools.partial(self._refresh, one)
                    ),
                    name=one.name,
                )
                for one in self.refreshes
            ),
        ]

    async def stop(self) -> None:
        """Claims nothing more, lets sends under way end and be recorded, then stops."""
        self._stopping.set()
        if self._sending:
            await asyncio.wait(self._sending, timeout=self.pace.stop)
        for task in (*self._loops, *self._sending):
            task.cancel()
        await asyncio.gather(*self._loops, *self._sending, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def not_ready(self) -> str | None:
        """Why standing orders are not running, or None; answers do not depend on it."""
        return self._fault

    async def _every(self, seconds: float, work: Callable[[], Coroutine[Any, Any, bool]]) -> None:
        """Runs `work` again and again; at once when it says there is more to do."""
        failures = 0
        while not self._stopping.is_set():
            more = False
            try:
                more = await work()
                if failures:
                    log.warning("the state database answers again")
                failures, self._fault = 0, None
            except StateFault as fault:
                # The database is down, full or slow: said once, tried on, nothing is lost.
                failures += 1
                self._fault = str(fault)
                if failures == 1:
                    log.warning("%s", fault)
            except Exception:
                failures += 1
                log.exception("standing orders stumbled")
            wait = 0.0 if more else seconds if not failures else min(10.0, seconds * 2**failures)
            try:
                await asyncio.wait_for(self._stopping.wait(), wait)
            except TimeoutError:
                pass

    async def _thread(self, work: Callable[..., T], *args: Any, **named: Any) -> T:
        call = functools.partial(work, *args, **named)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    # -- ticks ---------------------------------------------------------------------------------

    async def _tick(self) -> bool:
        """Plans and claims; True when there was more than could be taken."""
        planned = await self._thread(self.state.plan)
        if planned.planned:
            self._heard("planned", planned.planned)
            self._heard("skipped", planned.skipped)
        free = self.pace.sends - len(self._sending)
        if free <= 0:
            await asyncio.wait(self._sending, return_when=asyncio.FIRST_COMPLETED)
            return True
        claimed = await self._thread(
            self.state.claim, self.owner, timedelta(seconds=self.pace.lease), free
        )
        for delivery in claimed:
            task = asyncio.create_task(self._send(delivery), name=delivery.id)
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return len(claimed) == free

    async def _hourly(self) -> bool:
        await self._thread(self.state.realign)
        now = await self._thread(self.state.now)
        await self._thread(self.state.tidy, now)
        return False

    async def _share(self) -> bool:
        """Takes over what other replicas published, and what snoozes kept quiet."""
        pulled = await self._thread(pricestore.pull, self.state, self.store.path)
        if pulled is not None:
            self._heard("pulled", pulled)
            log.info("took over price store %s", pulled)
        await self._thread(pricestore.copy_contracts, self.state, self.store)
        awake = await self._thread(self.state.wake)
        if awake:
            now = await self._thread(self.state.now)
            await self._thread(watches.evaluate, self.state, self.store, now, awake)
        return False

    # -- the scheduled refresh -----------------------------------------------------------------

    async def _refresh(self, refresh: Refresh) -> bool:
        lease = timedelta(seconds=self.pace.refresh_lease)
        job = await self._thread(self.state.claim_job, refresh.name, self.owner, lease)
        if job is None:
            return False
        keeping = asyncio.create_task(self._keep_job(refresh.name, lease))
        fault = None
        try:
            await refresh.run()
            await self.after_refresh(f"{refresh.name} by {self.owner}")
        except (StateFault, StoreFault) as problem:
            fault = str(problem)
        except Exception as problem:
            log.exception("the scheduled refresh failed")
            fault = f"{type(problem).__name__}: {problem}"
        finally:
            keeping.cancel()
        # Jitter: replicas of many installations must not ask a price feed in the same second.
        after = refresh.every.total_seconds() * random.uniform(0.95, 1.05)  # noqa: S311
        if fault is not None:
            after = min(after, self.pace.retry_refresh * 2 ** min(job.tries - 1, 8))
        await self._until_done(
            functools.partial(
                self.state.finish_job, refresh.name, self.owner, timedelta(seconds=after), fault
            )
        )
        return False

    async def after_refresh(self, note: str) -> None:
        """New prices are here: publish them to the other replicas, tell who waited for them."""
        version = await self._thread(pricestore.publish, self.state, self.store.path, note)
        self._heard("published", version)
        now = await self._thread(self.state.now)
        fired = await self._thread(watches.evaluate, self.state, self.store, now)
        fired += await self._thread(watches.remind, self.state, self.store, now)
        self._heard("fired", fired)

    async def _keep_job(self, name: str, lease: timedelta) -> None:
        while True:
            await asyncio.sleep(lease.total_seconds() / 3)
            try:
                await self._thread(self.state.renew_job, name, self.owner, lease)
            except StateFault:
                continue

    # -- one delivery --------------------------------------------------------------------------

    async def _send(self, delivery: Delivery) -> None:
        lease = timedelta(seconds=self.pace.lease)
        keeping = asyncio.create_task(self._keep(delivery, lease))
        try:
            await self._send_claimed(delivery)
        except StateFault as fault:
            # Not recorded: the lease runs out, somebody looks before posting again.
            log.warning("%s: %s", delivery.id, fault)
        except Exception as fault:
            log.exception("%s failed", delivery.id)
            await self._later(delivery, f"{type(fault).__name__}: {fault}")
        finally:
            keeping.cancel()

    async def _keep(self, delivery: Delivery, lease: timedelta) -> None:
        while True:
            await asyncio.sleep(lease.total_seconds() / 3)
            try:
                await self._thread(self.state.renew, self.owner, [delivery], lease)
            except StateFault:
                continue

    async def _send_claimed(self, delivery: Delivery) -> None:
        poster = self.posters.get(delivery.place.platform)
        if delivery.place.disabled_reason is not None:
            await self._thread(self.state.end, delivery, delivery.place.disabled_reason)
            return
        if poster is None:
            await self._later(delivery, f"{delivery.place.platform} is not set up here", sure=True)
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        if delivery.maybe_posted:
            async with asyncio.timeout(self.pace.send_timeout):
                found = await poster.posted(delivery.place, delivery.id)
            if found is not None:
                await self._record(delivery, found)
                return
        answer = await self._thread(content.of, delivery, self.state, self.store)
        if answer is None:
            await self._thread(self.state.end, delivery, "stopped")
            return
        if loop.time() - began > self.pace.lease / 2 and not await self._still_mine(delivery):
            return
        await self._post(poster, delivery, answer)

    async def _still_mine(self, delivery: Delivery) -> bool:
        """After a long pause (a suspended machine) another replica may have taken over."""
        lease = timedelta(seconds=self.pace.lease)
        return bool(await self._thread(self.state.renew, self.owner, [delivery], lease))

    async def _post(self, poster: Poster, delivery: Delivery, answer: Answer) -> None:
        try:
            async with asyncio.timeout(self.pace.send_timeout):
                message_id = await poster.post(delivery.place, answer, delivery.id)
        except PostLater as wait:
            await self._later(delivery, str(wait), retry_after=wait.retry_after, sure=True)
            await self._thread(self.state.hold, [delivery.place.id], wait.retry_after)
            return
        except PlaceGone as gone:
            await self._gone(delivery, gone.reason)
            return
        except TimeoutError:
            await self._later(delivery, f"no answer within {self.pace.send_timeout:g} s")
            return
        await self._record(delivery, message_id)

    async def _record(self, delivery: Delivery, message_id: str) -> None:
        recorded = await self._until_done(
            functools.partial(self.state.sent, self.owner, delivery, message_id)
        )
        if recorded:
            self._heard("sent", 1)
            now = await self._thread(self.state.now)
            self._heard("late_seconds", (now - delivery.due).total_seconds())

    async def _later(
        self,
        delivery: Delivery,
        fault: str,
        *,
        retry_after: float | None = None,
        sure: bool = False,
    ) -> None:
        again = await self._until_done(
            functools.partial(
                self.state.later, self.owner, delivery, fault,
                retry_after=retry_after, not_posted=sure,
            )
        )  # fmt: skip
        self._heard("retried" if again else "failed", 1)
        if not again:
            log.error("%s given up: %s", delivery.id, fault)

    async def _gone(self, delivery: Delivery, reason: str) -> None:
        """Ends what was on its way there; its owner hears of it once."""
        first = await self._until_done(
            functools.partial(self.state.gone, self.owner, delivery, reason)
        )
        self._heard("gone", 1)
        log.warning("%s takes no more posts: %s", delivery.place.id, reason)
        if first and delivery.kind != "note":
            await self._until_done(
                functools.partial(content.tell_owner, self.state, delivery, reason)
            )

    async def _until_done(self, work: Callable[[], T]) -> T:
        """What has happened is written down, however long the database is away."""
        pause = 0.2
        while True:
            try:
                return await self._thread(work)
            except StateFault as fault:
                if self._stopping.is_set() and pause > 5:
                    raise
                log.warning("waiting to record: %s", fault)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10.0)
