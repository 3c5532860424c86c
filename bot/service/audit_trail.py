"""What is worth keeping of questions: a thread's last one, what a place asks about, the audit trail.

Written to the state database in groups, shortly after; an answer never waits for it, and while the
database is away the newest notes are held.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from bot.core.desk import Asker
from bot.core.question import Question
from bot.reply.reply import leads_on
from bot.service.repeated import Repeated
from bot.state import State, StateFault
from bot.state.rows import CONVERSATION

log = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between two writes."""
GROUP = 500
HELD = 20_000
"""Notes kept while the database is away; the oldest go first."""
THREADS = 20_000
"""Conversations whose last question this process knows without asking the database."""

Line = tuple[datetime, str, str | None, str | None, str, str, str | None]


class AuditTrail:
    """One for the service; `last` and `asked` may be called from any thread or task."""

    def __init__(
        self,
        state: State | None,
        clock: Callable[[], datetime],
        *,
        keep_words: bool,
        dropped: Callable[[int], None],
    ) -> None:
        self._state = state
        self._clock = clock
        self._keep_words = keep_words
        self._dropped = dropped
        self._known: OrderedDict[str, tuple[Question, datetime, str | None]] = OrderedDict()
        self._lines: deque[Line] = deque()
        self._threads: OrderedDict[str, tuple[Question, str | None]] = OrderedDict()
        self._writing: dict[str, tuple[Question, str | None]] = {}
        self._interest: Counter[tuple[str, str]] = Counter()
        self._forgotten: set[str] = set()
        self._left: set[str] = set()
        """Places and workspaces that we were removed from."""
        if state is not None:
            state.when_forgotten.append(self._left.add)
        self._pause = EVERY
        self._writes = Repeated("audit_trail", self._write_again)
        self._fault: str | None = None
        # One thread of its own: a database that does not answer must hold up nobody else's.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="audit_trail")

    # -- the answering side ------------------------------------------------------------------

    def last(self, thread: str) -> Question | None:
        """The conversation's previous question, up to a day old; called in a worker thread, may ask
        the database: another replica may have heard a newer one, or been asked to forget it."""
        waiting = self._threads.get(thread) or self._writing.get(thread)
        if waiting is not None:
            return waiting[0]
        if self._state is None or self._fault is not None:
            known = self._known.get(thread)
            return known[0] if known and self._clock() - known[1] < CONVERSATION else None
        try:
            text = self._state.people.last_question(thread, self._clock())
        except StateFault as fault:
            log.warning("the conversation is not known: %s", fault)
            return None
        return Question.unpacked(text) if text else None

    def asked(
        self,
        asker: Asker,
        question: Question | None,
        intent: str,
        outcome: str,
        words: str,
        now: datetime,
    ) -> None:
        """Notes one question; called on the event loop. Of one to be forgotten nothing is noted."""
        if intent == "forget" and asker.user:
            self._forget(asker.user)
            return
        if question is not None and leads_on(question) and asker.thread:
            self._known[asker.thread] = (question, now, asker.user)
            self._known.move_to_end(asker.thread)
            if len(self._known) > THREADS:
                self._known.popitem(last=False)
            if self._state is not None:
                self._threads[asker.thread] = (question, asker.user)
        if self._state is None:
            return
        if question is not None and asker.place and outcome == "answered":
            for card in question.accelerators:
                if len(self._interest) < HELD or (asker.place, card) in self._interest:
                    self._interest[asker.place, card] += 1
        if asker.user:
            self._lines.append(
                (
                    now, asker.platform, asker.place, asker.user, intent, outcome,
                    words if self._keep_words else None,
                )
            )  # fmt: skip
        self._trim()

    def _forget(self, user: str) -> None:
        """What is held of a person goes; what is being written just now goes after it."""
        self._lines = deque(line for line in self._lines if line[3] != user)
        for held in (self._known, self._threads):
            for thread in [
                name for name, of in held.items() if of[-1] == user or name.startswith(f"{user}:")
            ]:
                del held[thread]
        for place, card in [key for key in self._interest if key[0] == f"direct:{user}"]:
            del self._interest[place, card]
        self._forgotten.add(user)

    def _trim(self) -> None:
        over = max(0, len(self._lines) - HELD)
        for _ in range(over):
            self._lines.popleft()
        while len(self._threads) > HELD:
            self._threads.popitem(last=False)
            over += 1
        if over:
            self._dropped(over)

    # -- a part of the service ---------------------------------------------------------------

    async def start(self) -> None:
        if self._state is not None:
            self._writes.start(after=EVERY)

    async def stop(self) -> None:
        """Writes what is held, if the database answers."""
        await self._writes.stop()
        if self._state is not None and self._holds():
            await self._write()
        self._pool.shutdown(wait=False)

    def not_ready(self) -> str | None:
        return None  # answers do not depend on it; the state's own part says when it is away

    async def _write_again(self) -> float:
        if self._holds():
            done = await self._write()
            full = len(self._lines) >= GROUP  # they come faster than groups leave
            self._pause = (
                (0.0 if full else EVERY) if done else min(30.0, max(EVERY, self._pause * 2))
            )
        return self._pause

    def _holds(self) -> bool:
        return bool(self._lines or self._threads or self._interest or self._forgotten or self._left)

    async def _write(self) -> bool:
        """True when it was written; what was not is held for the next time."""
        lines = [self._lines.popleft() for _ in range(min(GROUP, len(self._lines)))]
        threads = dict(list(self._threads.items())[:GROUP])
        for thread in threads:
            del self._threads[thread]
        self._writing = threads
        interest, self._interest = self._interest, Counter()
        forgotten, self._forgotten = self._forgotten, set()
        left = set(self._left)
        for prefix in left:
            for name in [name for name in self._known if name.startswith(prefix)]:
                del self._known[name]
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._pool, self._written, lines, threads, interest, forgotten, left
            )
        except StateFault as fault:
            if self._fault is None:
                log.warning("notes are held until the state answers: %s", fault)
            self._fault = str(fault)
            self._lines.extendleft(reversed(lines))
            self._threads = OrderedDict({**threads, **self._threads})
            self._interest.update(interest)
            self._forgotten |= forgotten
            self._trim()
            return False
        except Exception:  # it would fail again
            log.exception("notes cannot be written and are dropped")
            self._dropped(len(lines) + len(threads))
            self._forgotten |= forgotten
        finally:
            self._writing = {}
        self._left -= left
        self._fault = None
        return True

    def _written(
        self,
        lines: list[Line],
        threads: dict[str, tuple[Question, str | None]],
        interest: Counter[tuple[str, str]],
        forgotten: set[str],
        left: set[str],
    ) -> None:
        if self._state is None:
            return
        # One thread writes: whatever was under way when they asked is there by now.
        for user in forgotten:
            self._state.people.forget_notes(user)
        # What may be written twice without harm comes first.
        packed = [(thread, question.packed(), user) for thread, (question, user) in threads.items()]
        self._state.people.remember_questions(packed, self._clock())
        self._state.people.audit_many(lines)
        if interest:
            self._state.people.add_interest(interest)
        for prefix in left:  # also what was on its way here when they were forgotten
            self._state.places.forget_notes(prefix)
