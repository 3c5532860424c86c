"""The ticking part of a replica: plans what is due, claims it, refreshes, shares prices.

Threads do the database's work, so that nothing here keeps an interactive answer waiting.
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
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from bot.conversation.posting import Poster
from bot.standing import pricestore, watches
from bot.standing.delivery import Heard, Sender
from bot.standing.pace import Pace
from bot.state import State
from bot.state.rows import StateFault
from bot.state.shared import Job
from knowledge.prices.store import Store, StoreFault

log = logging.getLogger(__name__)
T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, bool]]
JOB = "refresh"
"""One job for every source, however often each is asked: two replicas that refresh different
sources at once would publish over each other's prices."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0
"""Seconds between tries while the database is away."""
LAST_STATEMENT = 2.0
"""Seconds that a statement under way has to end when the service stops."""


class Refresh(NamedTuple):
    """A refresh that exactly one replica runs at a time."""

    run: Callable[[], Awaitable[bool]]
    """Fetches and stores what is due, True when anything was; raises when nothing could be done."""
    every: timedelta = timedelta(hours=6)
    """How often to look which source is due."""


class Standing:
    """Digests, watches and the scheduled refresh of one replica. `start` and `stop` once each."""

    def __init__(
        self,
        state: State,
        store: Store,
        posters: Mapping[str, Poster],
        refresh: Refresh | None = None,
        *,
        pace: Pace = Pace(),  # noqa: B008  immutable
        heard: Heard = lambda _name, _value: None,
    ) -> None:
        """`posters` by platform; `heard` is told of counters: sent, retried, failed, gone, planned,
        skipped, fired, pulled, published, late_seconds."""
        self.state = state
        self.store = store
        self.pace = pace
        self.owner = f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"
        self._refresh_job = refresh
        self._heard = heard
        # Few threads of our own: interactive answers keep theirs.
        self._threads = ThreadPoolExecutor(max_workers=3, thread_name_prefix="standing")
        self._sender = Sender(self.owner, state, store, dict(posters), pace, self._thread, heard)
        self._claiming: asyncio.Task[None] | None = None
        self._loops: list[asyncio.Task[None]] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._threaded: set[asyncio.Future[Any]] = set()
        self._stopping = asyncio.Event()
        self._refreshing = False
        self._faults: dict[str, str] = {}

    # -- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begins to tick; returns soon, also when the database is not there yet."""
        # Before the first question: a workspace's answers must not miss its contract prices. When
        # this fails, the loop below says so and goes on trying.
        with suppress(StateFault, StoreFault, TimeoutError):
            async with asyncio.timeout(FIRST_PAUSE):
                await self._thread(pricestore.copy_contracts, self.state, self.store)
        self._claiming = self._loop("deliveries", self.pace.tick, self._tick)
        self._loops = [
            self._loop("shared prices", self.pace.share, self._share),
            self._loop("tidying", 3600, self._hourly),
        ]
        if self._refresh_job is not None:
            run = functools.partial(self._refresh, self._refresh_job)
            self._loops.append(self._loop(JOB, min(30.0, self.pace.tick * 5), run))

    def _loop(self, name: str, seconds: float, work: Work) -> asyncio.Task[None]:
        return asyncio.create_task(self._every(name, seconds, work), name=name)

    async def stop(self) -> None:
        """Claims nothing more, lets sends under way end and be recorded, then stops."""
        self._stopping.set()
        self._sender.stopping = True
        async with asyncio.timeout(self.pace.stop) as limit:
            with suppress(TimeoutError):
                if self._claiming is not None:
                    await asyncio.wait([self._claiming])
                while self._sending:
                    await asyncio.wait(self._sending)
            limit.reschedule(None)
        left = [*self._loops, *self._sending, *([self._claiming] if self._claiming else [])]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if self._threaded:  # the database closes after this: not beneath a statement under way
            await asyncio.wait(self._threaded, timeout=LAST_STATEMENT)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def not_ready(self) -> str | None:
        """Why standing orders are not running, or None; answers do not depend on it."""
        return next(iter(self._faults.values()), None)

    async def _every(self, name: str, seconds: float, work: Work) -> None:
        """Runs `work` again and again; at once when it says there is more to do."""
        failures = 0
        while not self._stopping.is_set():
            more = False
            try:
                more = await work()
                if self._faults.pop(name, None):
                    log.warning("%s: the state database answers again", name)
                failures = 0
            except (StateFault, StoreFault) as fault:
                # The database is down, full or slow: said once, tried on, nothing is lost.
                failures += 1
                if name not in self._faults:
                    log.warning("%s: %s", name, fault)
                self._faults[name] = str(fault)
            except Exception as fault:
                failures += 1
                self._faults[name] = f"{name}: {type(fault).__name__}"
                log.exception("%s stumbled", name)
            wait = 0.0 if more else seconds
            if failures:
                wait = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures - 1, 6))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    async def _thread(self, work: Callable[..., T], /, *args: Any, **named: Any) -> T:
        call = functools.partial(work, *args, **named)
        future = asyncio.get_running_loop().run_in_executor(self._threads, call)
        self._threaded.add(future)
        future.add_done_callback(self._ended)
        return await asyncio.shield(future)  # a thread cannot be cancelled; stop() waits for it

    def _ended(self, future: asyncio.Future[Any]) -> None:
        self._threaded.discard(future)
        if not future.cancelled():
            future.exception()  # heard also where whoever waited was stopped

    # -- ticks ---------------------------------------------------------------------------------

    async def _tick(self) -> bool:
        """Plans and claims; True when there was more than could be taken."""
        planned = await self._thread(self.state.digests.plan)
        if planned.planned:
            self._heard("planned", planned.planned)
            self._heard("skipped", planned.skipped)
        free = self.pace.sends - len(self._sending)
        if free <= 0:
            await asyncio.wait(self._sending, return_when=asyncio.FIRST_COMPLETED)
            return True
        claimed = await self._thread(
            self.state.deliveries.claim, self.owner, timedelta(seconds=self.pace.lease), free
        )
        under_way = {task.get_name() for task in self._sending}
        for delivery in claimed:
            if delivery.id in under_way:
                continue  # its lease ran out while the database was away: claimed, it has a new one
            task = asyncio.create_task(self._sender.send(delivery), name=delivery.id)
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return planned.more or len(claimed) == free

    async def _hourly(self) -> bool:
        await self._thread(self.state.digests.realign)
        await self._thread(self.state.tidy, await self._thread(self.state.now))
        return False

    async def _share(self) -> bool:
        """Takes over what other replicas published, and what snoozes kept quiet."""
        await self._pull()
        await self._thread(pricestore.copy_contracts, self.state, self.store)
        await self._thread(self._wake)
        return False

    def _wake(self) -> None:
        version = pricestore.holds(self.store.path)
        watches.wake(self.state, self.store, self.state.now(), version=version)

    async def _pull(self) -> None:
        if self._refreshing:
            return  # what is being written here will be newer
        pulled = await self._thread(pricestore.pull, self.state, self.store.path)
        if pulled is not None:
            self._heard("pulled", pulled)
            log.info("took over price store %s", pulled)

    def _evaluate(self) -> int:
        version = pricestore.holds(self.store.path)
        return watches.evaluate(self.state, self.store, self.state.now(), version=version)

    # -- the scheduled refresh -----------------------------------------------------------------

    async def _refresh(self, refresh: Refresh) -> bool:
        lease = timedelta(seconds=self.pace.refresh_lease)
        job = await self._thread(self.state.jobs.claim, JOB, self.owner, lease)
        if job is None:
            return False
        keeping = asyncio.create_task(self._keep_job(lease))
        try:
            fault = await self._refreshed(refresh, job)
        except asyncio.CancelledError:
            # Stopped in the middle: whoever is left begins at once, not when the lease is over.
            with suppress(StateFault):
                self.state.jobs.finish(JOB, self.owner, timedelta(), "stopped")
            raise
        finally:
            keeping.cancel()
        await self._thread(
            self.state.jobs.finish, JOB, self.owner, self._pause(refresh, job, fault), fault
        )
        return False

    def _pause(self, refresh: Refresh, job: Job, fault: str | None) -> timedelta:
        # Jitter: replicas of many installations must not ask a price feed in the same second.
        after = refresh.every.total_seconds() * random.uniform(0.95, 1.05)  # noqa: S311
        if fault is not None:
            after = min(after, self.pace.retry_refresh * 2 ** min(job.tries - 1, 8))
        return timedelta(seconds=after)

    async def _refreshed(self, refresh: Refresh, job: Job) -> str | None:
        """Runs it on the newest prices; what went wrong, or None."""
        try:
            await self._pull()
            self._refreshing = True
            if await refresh.run() or await self._thread(self._untold, job):
                await self.after_refresh(self.owner)
        except (StateFault, StoreFault) as fault:
            log.warning("the scheduled refresh failed: %s", fault)
            return str(fault)
        except Exception as fault:
            log.exception("the scheduled refresh failed")
            return type(fault).__name__
        finally:
            self._refreshing = False
        return None

    def _untold(self, job: Job) -> bool:
        """Whether a run that was cut off stored what it did not get to tell."""
        return job.tries > 1 and any(
            source.last_ok and (job.last_done is None or source.last_ok > job.last_done)
            for source in self.store.sources(self.state.now())
        )

    async def after_refresh(self, note: str) -> None:
        """New prices are here: publish them to the other replicas, tell who waited for them."""
        version = await self._thread(pricestore.publish, self.state, self.store.path, note)
        self._heard("published", version)
        fired = await self._thread(self._evaluate)
        now = await self._thread(self.state.now)
        fired += await self._thread(watches.remind, self.state, self.store, now)
        self._heard("fired", fired)

    async def _keep_job(self, lease: timedelta) -> None:
        while True:
            await asyncio.sleep(lease.total_seconds() / 3)
            with suppress(StateFault):
                await self._thread(self.state.jobs.renew, JOB, self.owner, lease)
