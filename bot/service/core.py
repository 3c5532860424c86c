"""The shared core that platforms ask: words in, Answer out, worked on in a few threads.

Bounded: whoever comes when the queue is full, or waited too long in it, is told kindly to ask
again. Nothing here waits for the state database: what is worth keeping of a question goes through
the audit_trail.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from bot.conversation.allowance import Allowance, Shares, too_many
from bot.core import telemetry
from bot.core.answer import Answer
from bot.core.desk import Asker
from bot.core.question import Question
from bot.core.wording import Wording, wording
from bot.language import Lang
from bot.reply.reply import reply
from bot.service.audit_trail import AuditTrail
from bot.service.metrics import Metrics, Spans
from bot.service.pressure import Pressure
from bot.service.remembered import Remembered
from bot.state import State
from bot.understanding import language
from knowledge.prices.store import Store, StoreFault

log = logging.getLogger(__name__)

LONGEST_WORDS = 10_000
"""Characters of a question that are looked at; a pasted document is no question."""
PATIENCE = 3.0
"""Seconds a question may wait in a rush: people have asked again by then. Where there is none, and
something else is slow, late is better than never."""
WARM_WITHIN = 5.0
"""Seconds until every thread has begun."""


class Core:
    """`bot.core.desk.Ask` for the whole service; safe to call from any task."""

    def __init__(
        self,
        store: Store,
        state: State | None,
        metrics: Metrics,
        audit_trail: AuditTrail,
        *,
        clock: Callable[[], datetime],
        threads: int,
        waiting: int,
        place_per_minute: int,
        workspace_per_minute: int = 3000,
        pressure: Pressure,
        spans: Spans | None = None,
    ) -> None:
        self._store = store
        self._state = state
        self._metrics = metrics
        self._audit_trail = audit_trail
        self._clock = clock
        self._threads = threads
        self._most = threads + waiting
        self._inside = 0
        self._pressure = pressure
        self._places = Allowance(place_per_minute)
        self._workspaces = Allowance(workspace_per_minute)
        self._of_workspace: Counter[str | None] = Counter()
        """How many of those inside each workspace has."""
        self._asking = Shares()
        self._spans = spans
        self._remembered = Remembered()
        self._renewing: asyncio.Future[object] | None = None
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="answer")

    async def __call__(self, words: str | Question, asker: Asker) -> Answer:
        """The answer to words, or to a stated Question. Never raises for what somebody typed."""
        begun = telemetry.arrived() or time.perf_counter()
        telemetry.watch(self._metrics)
        reference = telemetry.begin()
        if isinstance(words, str):
            words = _text(words[:LONGEST_WORDS])
        if asker.place and self._places.spent(asker.place):
            return self._shed(words, asker, begun, "place")
        if asker.workspace and self._workspaces.spent(asker.workspace):
            return self._shed(words, asker, begun, "overload")
        key, now = Remembered.key(words, asker), self._clock()
        # In a conversation the same words may go on with its last question, looked up in a thread.
        known = self._remembered.lately(key, now) if asker.thread is None else None
        if known is not None:
            if self._remembered.ageing(key, now):
                self._renew_soon(words, asker)
            self._account(words, asker, known, begun)
            return known
        if self._overrun(asker.workspace):
            return self._shed(words, asker, begun, "overload")
        self._inside += 1
        self._of_workspace[asker.workspace] += 1
        self._metrics.waiting.set(self._inside)
        try:
            with self._span():
                # Reference, watcher and span go along into the thread.
                work = contextvars.copy_context().run
                answer = await asyncio.get_running_loop().run_in_executor(
                    self._pool, work, self._work, words, asker, begun
                )
        finally:
            self._inside -= 1
            self._of_workspace[asker.workspace] -= 1
            if not self._of_workspace[asker.workspace]:
                del self._of_workspace[asker.workspace]
            self._metrics.waiting.set(self._inside)
        if answer is None:
            return self._shed(words, asker, begun, "overload")
        self._account(words, asker, answer, begun)
        if answer.reference is None and answer.tone == "fault":
            answer = answer._replace(reference=reference)
        return answer

    def turned_away(self, platform: str, workspace: str | None = None) -> bool:
        """Whether more came than can be answered, of all or of this workspace: then a request is
        declined before it costs anything, else declining would take what answers need."""
        self._asking.count(workspace)
        if not self._overrun(workspace) and not self._workspaces.full(workspace or ""):
            return False
        self._metrics.questions.labels(platform, "none", "declined-overload").inc()
        return True

    def _overrun(self, workspace: str | None) -> bool:
        """Whether there is no place for one more of this workspace: where others wait too, none has
        more than half of them, and in a rush who asks most is declined first."""
        if self._inside >= self._most:
            return True
        if self._pressure.presses(self._most // 4):
            return self._asking.much(workspace)
        many = self._of_workspace[workspace]
        return workspace is not None and many >= self._most // 2 and many < self._inside

    async def warm(self, words: Sequence[str], show: Callable[[Answer], object]) -> None:
        """Answers and shows these for nobody: what a first question loads, compiles and opens is
        there when somebody asks. Nothing of it is noted."""
        together = threading.Barrier(self._threads)

        def ask(question: str) -> None:
            show(reply(question, Asker(), self._clock(), self._store))

        def begin() -> None:
            together.wait(WARM_WITHIN)  # else one thread might take all turns
            ask(words[0])

        run = functools.partial(asyncio.get_running_loop().run_in_executor, self._pool)
        for question in words:
            await run(ask, question)
        await asyncio.gather(*(run(begin) for _ in range(self._threads)))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    # -- in a worker thread ------------------------------------------------------------------

    def _work(self, words: str | Question, asker: Asker, begun: float) -> Answer | None:
        """None: it waited too long, and whoever asked is about to give up."""
        some = self._most // 4
        pressed = self._inside > some or self._pressure.presses(some)
        if pressed and time.perf_counter() - begun > PATIENCE:
            return None
        now, version = self._clock(), self._look()
        last = None if asker.thread is None else self._audit_trail.last(asker.thread)
        if version is not None and last is None:
            known = self._remembered.get(Remembered.key(words, asker), version, now)
            if known is not None:
                return known
        return self._made(words, asker, version, now, last)

    def _made(
        self,
        words: str | Question,
        asker: Asker,
        version: int | None,
        now: datetime,
        last: Question | None = None,
    ) -> Answer:
        answer = reply(words, asker, now, self._store, last, state=self._state)
        # After another question the same words may mean something else.
        if version is not None and last is None:
            self._remembered.put(Remembered.key(words, asker), version, answer, now)
        return answer

    def _look(self) -> int | None:
        """The store's version; None when it cannot be read, and the reply says so."""
        try:
            version = self._store.version()
        except StoreFault:
            return None
        self._remembered.seen(version)
        return version

    def _renew(self, words: str | Question, asker: Asker) -> None:
        now, version = self._clock(), self._look()
        if self._remembered.ageing(Remembered.key(words, asker), now):
            self._made(words, asker, version, now)

    # -- what is known already ---------------------------------------------------------------

    def _renew_soon(self, words: str | Question, asker: Asker) -> None:
        """One thread looks again, one question at a time, before people would have to wait for it."""
        if self._renewing is None or self._renewing.done():
            renew = functools.partial(self._renew, words, asker)
            self._renewing = asyncio.get_running_loop().run_in_executor(self._pool, renew)

    # -- accounts ----------------------------------------------------------------------------

    def _account(self, words: str | Question, asker: Asker, answer: Answer, begun: float) -> None:
        took = time.perf_counter() - begun
        question = answer.question
        intent = question.intent if question else "none"
        outcome = {"plain": "answered", "caution": "cautioned", "fault": "fault"}[answer.tone]
        self._metrics.questions.labels(asker.platform, intent, outcome).inc()
        self._metrics.question_seconds.labels(asker.platform).observe(took)
        log.info(
            "question",
            extra={
                "platform": asker.platform,
                "intent": intent,
                "outcome": outcome,
                "lang": answer.lang,
                "ms": round(took * 1000, 1),
            },
        )
        typed = words if isinstance(words, str) else words.text
        self._audit_trail.asked(asker, question, intent, outcome, typed, self._clock())

    def _shed(self, words: str | Question, asker: Asker, begun: float, why: str) -> Answer:
        lang: Lang = asker.lang or _lang_of(words)
        say = wording(lang)
        self._metrics.questions.labels(asker.platform, "none", f"declined-{why}").inc()
        self._metrics.question_seconds.labels(asker.platform).observe(time.perf_counter() - begun)
        return Answer(headline=_declined(say, why), lang=lang, tone="caution", now=self._clock(), declined=True)  # fmt: skip

    def _span(self) -> AbstractContextManager[Any]:
        return self._spans.span("question") if self._spans else nullcontext()


def _text(words: str) -> str:
    """Without what no database and no platform takes: zero bytes, halves of characters."""
    return words.replace("\0", " ").encode("utf-8", "replace").decode()


def _lang_of(words: str | Question) -> Lang:
    if isinstance(words, Question):
        return words.lang
    return language.of(words[:200])


def _declined(say: Wording, why: str) -> str:
    if why == "place":
        return say.t("This channel asked a lot in one minute. Please try again in a minute.")
    return too_many(say)
