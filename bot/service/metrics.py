"""What Prometheus reads: counters of this process, and the state of prices and deliveries."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from importlib.metadata import version
from typing import Any, Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from bot.core.telemetry import Step
from bot.state import State, StateFault
from knowledge.prices.store import Store, StoreFault

log = logging.getLogger(__name__)

FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SAMPLED_EVERY = 0.25
"""Seconds between two looks at the event loop's lag."""
LOOKED_UP_EVERY = 15.0
"""Seconds that figures from the databases are good for, however often we are scraped."""
EVENTS = ("planned", "skipped", "fired", "sent", "retried", "failed", "gone", "pulled", "published")
"""Of the schedule, as `bot.standing` names them."""


class Spans(Protocol):
    """Traces, when a collector is configured (`bot.service.traces`)."""

    def span(self, name: str) -> AbstractContextManager[None]: ...


class Metrics:
    """The service's own figures. Labels are platforms, intents, outcomes and sources: no person,
    no place, no words, so their number is bounded."""

    def __init__(self, spans: Spans | None = None) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # twice the lines, for a date nobody asked for
        self.registry = CollectorRegistry()
        self._spans = spans
        ours: dict[str, Any] = {"registry": self.registry, "namespace": "quartermaster"}
        self.questions = Counter(
            "questions", "Questions answered", ("platform", "intent", "outcome"), **ours
        )
        self.question_seconds = Histogram(
            "question_seconds", "Words to Answer, waiting included", ("platform",), buckets=FAST, **ours
        )  # fmt: skip
        self.step_seconds = Histogram(
            "step_seconds", "Time to understand, answer, render, post", ("step",), buckets=FAST, **ours
        )  # fmt: skip
        self.waiting = Gauge("questions_in_progress", "Questions waiting or worked on", **ours)
        self.requests = Counter("http_requests", "HTTP requests", ("route", "status"), **ours)
        self.request_seconds = Histogram(
            "http_request_seconds", "HTTP requests", ("route",), buckets=FAST, **ours
        )
        self.rate_limit_waits = Counter(
            "rate_limit_waits", "Posts that waited because a platform asked for it", ("platform",), **ours
        )  # fmt: skip
        self.rate_limit_seconds = Counter(
            "rate_limit_wait_seconds", "How long they waited", ("platform",), **ours
        )
        self.standing = Counter("standing_orders", "What the schedule did", ("event",), **ours)
        for event in EVENTS:  # Prometheus sees no increase in a series that begins with one
            self.standing.labels(event)
        self.late_seconds = Histogram(
            "delivery_late_seconds", "From due to posted",
            buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200), **ours,
        )  # fmt: skip
        self.lag = Histogram(
            "event_loop_lag_seconds", "How late the loop runs", buckets=FAST, **ours
        )
        self.tasks = Gauge("tasks", "Tasks of the event loop", **ours)
        self.not_kept = Counter(
            "notes_not_kept", "Audit lines and conversations the state could not take", **ours
        )
        Gauge("info", "Version", ("version",), **ours).labels(version("quartermaster")).set(1)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    # -- a Watcher (bot.core.telemetry) -----------------------------------------------------------

    @contextmanager
    def step(self, name: Step) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            if self._spans is None:
                yield
            else:
                with self._spans.span(name):
                    yield
        finally:
            self.step_seconds.labels(name).observe(time.perf_counter() - begun)

    def waited(self, platform: str, seconds: float) -> None:
        self.rate_limit_waits.labels(platform).inc()
        self.rate_limit_seconds.labels(platform).inc(seconds)

    def heard(self, event: str, value: float) -> None:
        """What `bot.standing` tells of itself."""
        if event == "late_seconds":
            self.late_seconds.observe(max(0.0, value))
        elif event not in ("pulled", "published"):
            self.standing.labels(event).inc(value)
        else:  # these carry a version
            self.standing.labels(event).inc()

    async def watch_loop(self) -> None:
        """Measures how late the event loop runs, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            await asyncio.sleep(SAMPLED_EVERY)
            self.lag.observe(max(0.0, loop.time() - begun - SAMPLED_EVERY))
            self.tasks.set(len(asyncio.all_tasks()))


class Stored:
    """A collector: offers and their age by source, refresh outcomes, deliveries by state."""

    def __init__(self, store: Store, state: State | None, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._state = state
        self._clock = clock
        self._kept: list[Metric] = []
        self._at = float("-inf")

    def describe(self) -> Iterable[Metric]:
        return ()  # registering asks no database

    def collect(self) -> Iterable[Metric]:
        """Runs in a worker thread: `/metrics` is answered from one."""
        if time.monotonic() - self._at > LOOKED_UP_EVERY:
            self._kept = [*self._prices(), *self._orders()]
            self._at = time.monotonic()
        return self._kept

    def _prices(self) -> Iterator[Metric]:
        now = self._clock()
        up = GaugeMetricFamily("quartermaster_store_up", "Whether the price store can be read")
        try:
            sources = self._store.sources(now)
            runs = self._store.run_counts()
        except StoreFault:
            up.add_metric((), 0)
            yield up
            return
        up.add_metric((), 1)
        yield up
        offers = GaugeMetricFamily("quartermaster_offers", "Current offers", labels=["source"])
        stale = GaugeMetricFamily(
            "quartermaster_offers_stale", "Of these, stale", labels=["source"]
        )
        age = GaugeMetricFamily(
            "quartermaster_source_age_seconds",
            "Since its newest price was shown",
            labels=["source"],
        )
        failing = GaugeMetricFamily(
            "quartermaster_source_failing", "Whether its last refresh failed", labels=["source"]
        )
        for source in sources:
            offers.add_metric((source.name,), source.offers)
            stale.add_metric((source.name,), source.stale_offers)
            if source.newest is not None:
                age.add_metric((source.name,), (now - source.newest).total_seconds())
            if source.last_run is not None:
                failing.add_metric((source.name,), float(source.fault is not None))
        refreshes = CounterMetricFamily(
            "quartermaster_refreshes", "Refreshes by outcome", labels=["source", "outcome"]
        )
        for name, ok, count in runs:
            refreshes.add_metric((name, "ok" if ok else "failed"), count)
        yield from (offers, stale, age, failing, refreshes)

    def _orders(self) -> Iterator[Metric]:
        if self._state is None:
            return
        up = GaugeMetricFamily("quartermaster_state_up", "Whether the state database answers")
        deliveries = GaugeMetricFamily(
            "quartermaster_deliveries", "Deliveries by state", labels=["state"]
        )
        try:
            for name, count in self._state.deliveries.counts().items():
                deliveries.add_metric((name,), count)
            up.add_metric((), 1)
        except StateFault:
            up.add_metric((), 0)
        yield from (up, deliveries)
