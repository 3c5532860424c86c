"""The service: Slack, Teams, standing orders, health and metrics put together in one process.

`bot.app.platforms` lists the ways in. Each part starts when it is configured, and says in one
log line whether it does. On SIGTERM nothing new is taken, what was acknowledged is finished.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.app.platforms import PLATFORMS
from bot.conversation.posting import Poster
from bot.core import telemetry
from bot.core.answer import Answer
from bot.core.bodies import Bodies
from bot.core.settings import Settings, SettingsFault, unknown_names
from bot.service.around import Around
from bot.service.audit_trail import AuditTrail
from bot.service.core import Core
from bot.service.door import IDLE_SECONDS, Door
from bot.service.keepers import StateKeeper, StoreKeeper
from bot.service.logs import logging_to
from bot.service.metrics import Metrics, Stored
from bot.service.parts import Part, Routes
from bot.service.pressure import Pressure
from bot.service.traces import Traces, traces
from bot.service.web import (
    MAX_FIELD,
    MAX_FIELDS,
    MAX_LINE,
    READ_AT_ONCE,
    Health,
    application,
    metrics_handler,
)
from bot.standing.pace import Pace
from bot.standing.ticker import LAST_STATEMENT, Refresh, Standing
from knowledge.advice.rule import AdviceFault
from knowledge.advice.rules import load as advice_rules
from knowledge.prices.store import StoreFault

log = logging.getLogger("bot.app.serve")

GRACE = 24.0
"""Seconds from SIGTERM to exit; Kubernetes kills after 30."""
FINISH_REQUESTS = 3.0
"""Of these, for requests whose handlers still run when every part has stopped."""
WARM = (
    "cheapest 8x h100 80gb eu", "compare h100 and a100", "history h100 90d", "spot h200",
    "fit llama 70b", "preço h100 no brasil",
)  # fmt: skip
"""Asked by nobody before we are ready, so that nobody's first question loads what answers need."""
Clock = Callable[[], datetime]


def clock() -> datetime:
    return datetime.now(UTC)


def serve(settings: Settings) -> int:
    """Runs until SIGTERM or SIGINT; 0 after a clean stop, 1 when it cannot start."""
    with logging_to(sys.stderr, settings):
        try:
            service = Service(settings)
        except (SettingsFault, StoreFault, AdviceFault) as fault:
            return _cannot_start(str(fault))
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(service.run())


def _cannot_start(why: str) -> int:
    for line in why.splitlines():
        log.error("cannot start: %s", line)
    return 1


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # Windows, PyPy
        return None
    return uvloop.new_event_loop


class Service:
    """All parts of one process. Raises SettingsFault or AdviceFault, listing every fault, or
    StoreFault."""

    def __init__(self, settings: Settings, *, clock: Clock = clock) -> None:
        self.settings = settings
        _check(settings)
        advice_rules()  # a broken rule stops the start, named, and not the first answer
        self._traces: Traces | None = traces(settings)
        self.metrics = Metrics(self._traces)
        self.pressure = Pressure()
        self._state = StateKeeper(settings)
        self.store_keeper = StoreKeeper(settings.data_dir / "prices.db", clock)
        state, store = self._state.state, self.store_keeper.store
        self._audit_trail = AuditTrail(
            state,
            clock,
            keep_words=settings.audit_text,
            dropped=self.metrics.not_kept.inc,
        )
        self.core = Core(
            store,
            state,
            self.metrics,
            self._audit_trail,
            clock=clock,
            threads=settings.answer_threads,
            waiting=settings.answers_waiting,
            place_per_minute=settings.place_commands_per_minute,
            workspace_per_minute=settings.workspace_commands_per_minute,
            pressure=self.pressure,
            spans=self._traces,
        )
        platforms = _platforms(Around(settings, self.core, state, store, clock, {}))
        posters = {name: part for name, part in platforms.items() if isinstance(part, Poster)}
        standing = Standing(
            state,
            store,
            posters,
            _refresh(settings),
            pace=Pace(
                lease=settings.lease_seconds,
                send_timeout=min(45.0, settings.lease_seconds * 0.75),
                stop=GRACE - FINISH_REQUESTS - LAST_STATEMENT - 1,
            ),
            heard=self.metrics.heard,
        )
        self.parts: dict[str, Part] = {
            "store": self.store_keeper,
            "state": self._state,
            "notes": self._audit_trail,
            **platforms,
            "standing orders": standing,
        }
        self.health = Health(self.parts)
        self.health.starting = True
        self.metrics.registry.register(Stored(store, state, clock))
        bodies = Bodies()
        self.door = Door(bodies)
        self.app = application(self.metrics, self.pressure, self.door, bodies)
        self._add_routes(platforms)
        self._stop = asyncio.Event()
        self.address = ""
        self.started = asyncio.Event()

    def _add_routes(self, platforms: Mapping[str, Part]) -> None:
        token = self.settings.metrics_token
        router = self.app.router
        router.add_get("/healthz", self.health.alive)
        router.add_get("/readyz", self.health.ready)
        router.add_get(
            "/metrics", metrics_handler(self.metrics, token.get_secret_value() if token else None)
        )
        for part in platforms.values():
            if isinstance(part, Routes):
                part.add_routes(self.app)

    # -- life --------------------------------------------------------------------------------

    async def run(self) -> int:
        """Starts, serves until asked to stop, stops; the exit status."""
        began = time.perf_counter()
        telemetry.watch(self.metrics)
        self._on_signals()
        # A database that hangs holds whoever asks it for some seconds: others need threads then.
        asyncio.get_running_loop().set_default_executor(
            ThreadPoolExecutor(32, thread_name_prefix="waiting")
        )
        runner = self._runner()
        await runner.setup()
        watches = [
            asyncio.create_task(self.metrics.watch_loop(), name="loop lag"),
            asyncio.create_task(self.pressure.watch(), name="pressure"),
        ]
        started: list[Part] = []
        try:
            host, port = self.settings.host, self.settings.port
            try:
                self.address = await self.door.open(runner, host, port)
            except OSError as fault:
                return _cannot_start(f"cannot listen on {host}:{port}: {fault.strerror}")
            for name, part in self.parts.items():
                await part.start()
                started.append(part)
                log.debug("%s started", name)
            await self._warm()
            # What is here now stays: no collection walks it again, nor once before, which would take
            # a fifth of a second to find half a megabyte.
            gc.freeze()
            log.info("listening on %s", self.address, extra={"start_ms": round((time.perf_counter() - began) * 1000)})  # fmt: skip
            self.health.starting = False
            self.started.set()
            for reason in self.health.reasons():
                log.warning("not ready yet: %s", reason)
            await self._stop.wait()
            log.info("stopping: finishing what was acknowledged")
        finally:
            self.health.stopping = True
            self.door.close()
            await self._finish(started)
            await runner.cleanup()
            for watch in watches:
                watch.cancel()
            self._close()
        log.info("stopped")
        return 0

    def _runner(self) -> web.AppRunner:
        return web.AppRunner(
            self.app,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=FINISH_REQUESTS,
            # What comes packed is refused; and what was refused is not read to its end.
            auto_decompress=False,
            read_bufsize=READ_AT_ONCE,
            lingering_time=0,
            keepalive_timeout=IDLE_SECONDS,
            max_line_size=MAX_LINE,
            max_field_size=MAX_FIELD,
            max_headers=MAX_FIELDS,
        )

    async def _warm(self) -> None:
        """Answers a few questions for nobody, so that the first real one does not wait for what is loaded."""
        try:
            await self.core.warm(WARM, _shown(self.parts))
        except Exception:
            log.exception("the first questions will take longer")

    def stop(self) -> None:
        self._stop.set()

    def _on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for which in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError, RuntimeError, ValueError):  # not the main thread
                loop.add_signal_handler(which, self.stop)

    async def _finish(self, started: list[Part]) -> None:
        """Platforms and schedule end together, then what they lean on; never later than GRACE."""
        below = (self.store_keeper, self._state, self._audit_trail)
        try:
            async with asyncio.timeout(GRACE - FINISH_REQUESTS):
                await self._end([part for part in started if part not in below])
                await self._end([part for part in below if part in started])
        except TimeoutError:
            log.warning("not everything ended in time")

    @staticmethod
    async def _end(parts: list[Any]) -> None:
        for result in await asyncio.gather(
            *(part.stop() for part in parts), return_exceptions=True
        ):
            if isinstance(result, Exception):
                log.error("a part did not stop cleanly", exc_info=result)

    def _close(self) -> None:
        self.core.close()
        self._state.state.close()
        self.store_keeper.store.close()
        if self._traces is not None:
            self._traces.close()


# -- what is configured ------------------------------------------------------------------------


def _check(settings: Settings) -> None:
    """Every fault of every configured platform, at once."""
    faults: list[str] = []
    for platform in PLATFORMS:
        if platform.configured(settings):
            try:
                platform.check(settings)
            except SettingsFault as fault:
                faults.append(str(fault))
    if faults:
        raise SettingsFault("\n".join(faults))
    for name, meant in unknown_names().items():
        log.warning("%s is no setting%s", name, f"; did you mean {meant}?" if meant else "")


def _platforms(around: Around) -> dict[str, Part]:
    """The platforms that are configured, each with a line that says so."""
    built: dict[str, Part] = {}
    for platform in PLATFORMS:
        if platform.configured(around.settings):
            built[platform.name] = platform.build(around._replace(built=built))
            log.info("%s: on, %s", platform.name, platform.how(around.settings))
        else:
            log.info("%s: off; %s", platform.name, platform.off)
    if not built:
        log.warning("no platform is configured: only health, metrics and the schedule run")
    return built


def _shown(parts: Mapping[str, Part]) -> Callable[[Answer], object]:
    """An answer as the platforms that are on show it."""
    shows = [platform.show() for platform in PLATFORMS if platform.name in parts]
    return lambda answer: [show(answer) for show in shows]


def _refresh(settings: Settings) -> Refresh | None:
    """The scheduled refresh of the price sources; None when it is switched off."""
    from bot.service.refreshing import due, refresh_apart

    turns = due(settings)
    if turns is None:
        log.info("refresh: off; QUARTERMASTER_REFRESH_EVERY_HOURS is 0")
        return None

    async def run() -> bool:
        report = await refresh_apart()
        log.info("refreshed", extra={"sources": len(report["sources"]), "took_s": report["took_s"]})
        return bool(report["sources"])

    return Refresh(run, min(turns.every, turns.markets_every))
