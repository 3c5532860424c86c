"""What programs may do: one function an operation, the same for HTTP and for MCP."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from typing_extensions import TypedDict

from bot.api.access import asker_of
from bot.api.keys import Key
from bot.api.listing import Listing, OffersDocument, SourcesDocument
from bot.api.problems import Problem
from bot.api.queries import AvailabilityQuery, HistoryQuery, OffersQuery, question
from bot.core.answer import Answer
from bot.core.command import STANDS
from bot.core.desk import Asker
from bot.core.question import Question
from bot.core.wording import wording
from bot.language import Lang
from bot.render.answer_json import moment
from bot.standing.watches import described
from bot.state.rows import StateFault
from bot.understanding.understand import understood
from knowledge.facts.providers import resolve
from knowledge.prices.store import Store, StoreFault

if TYPE_CHECKING:
    from bot.state import State

T = TypeVar("T")

NEVER = frozenset({"forget"})
"""Intents of a person alone: a program has no record of itself to remove."""
THREADS = 2
LONGEST_WORDS = 2000


class OrderItem(TypedDict):
    """A watch or a digest of the key's conversation."""

    id: str
    """`watch-7`, `digest-3`."""
    kind: str
    words: str
    """What it is about."""
    paused: bool
    next: str | None
    """When a digest comes next."""


class OrdersDocument(TypedDict):
    """What stands in the key's conversation."""

    items: list[OrderItem]


class Caller(NamedTuple):
    """Who asks, through which door, in which language."""

    platform: str
    key: Key
    lang: Lang | None = None
    """What the request names; None lets the words decide."""
    user: str | None = None
    """The person who asks, where somebody vouched for one; None: the program itself."""

    @property
    def reads(self) -> Lang:
        """The language of what has no words of the asker to follow."""
        return self.lang or self.key.lang or "en"

    def asker(self, *, orders: bool = False) -> Asker:
        asker = asker_of(self.key, self.platform, self.lang or self.key.lang, orders=orders)
        return asker._replace(user=self.user) if self.user else asker


class Answers(Protocol):
    """What answers: the service's core, or the local store of one person."""

    async def __call__(self, asked: str | Question, asker: Asker, /) -> Answer: ...

    def turned_away(self, platform: str, workspace: str | None = None) -> bool:
        """Whether more came than can be answered."""


class Operations:
    """Raises Problem for what is refused; nothing here changes anything but `order` and `end_order`."""

    def __init__(
        self, core: Answers, store: Store, state: State | None, clock: Callable[[], datetime]
    ) -> None:
        self._core = core
        self._state = state
        self._clock = clock
        self._listing = Listing(store)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="lists")

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    # -- answers -----------------------------------------------------------------------------

    async def ask(self, caller: Caller, asked: str | Question) -> Answer:
        """The answer that people get; sets nothing up, whatever is asked."""
        read = understood(asked[:LONGEST_WORDS]) if isinstance(asked, str) else asked
        if read.intent in NEVER:
            raise Problem("not-allowed")
        return await self._asked(caller, asked, caller.asker())

    async def history(self, caller: Caller, query: HistoryQuery) -> Answer:
        stated = question(
            "history", query, caller.reads, period_days=query.days, memory_gb=query.memory_gb
        )
        return await self.ask(caller, stated)

    async def availability(self, caller: Caller, query: AvailabilityQuery) -> Answer:
        return await self.ask(caller, question("availability", query, caller.reads))

    async def provider(self, caller: Caller, name: str) -> Answer:
        known = resolve(name)
        if known is None:
            raise Problem("not-found")
        return await self.ask(caller, Question("provider", caller.reads, providers=(known,)))

    async def _asked(self, caller: Caller, asked: str | Question, asker: Asker) -> Answer:
        if self._core.turned_away(caller.platform, asker.workspace):
            raise Problem("overload", headers={"Retry-After": "5"})
        answer = await self._core(asked, asker)
        if answer.declined:
            raise Problem("overload", headers={"Retry-After": "5"})
        return answer

    # -- lists -------------------------------------------------------------------------------

    async def offers(self, caller: Caller, query: OffersQuery) -> OffersDocument:
        stated = question(
            "price", query, caller.reads, memory_gb=query.memory_gb, count=query.count,
            form_factor=query.form_factor, tier=query.tier, max_price=query.max_price,
        )  # fmt: skip
        return await self._listed(
            self._listing.offers, stated, query, caller.asker(), self._clock()
        )

    async def sources(self) -> SourcesDocument:
        return await self._listed(self._listing.sources, self._clock())

    async def _listed(self, look: Callable[..., T], *given: Any) -> T:
        try:
            run = functools.partial(look, *given)
            return await asyncio.get_running_loop().run_in_executor(self._pool, run)
        except StoreFault:
            raise Problem("no-prices", headers={"Retry-After": "5"}) from None

    # -- orders ------------------------------------------------------------------------------

    async def orders(self, caller: Caller) -> OrdersDocument:
        return await self._kept(self._orders, _place(caller), caller.reads)

    async def order(self, caller: Caller, asked: str | Question) -> Answer:
        """Sets up a watch or a digest in the key's conversation."""
        _place(caller)
        read = understood(asked[:LONGEST_WORDS]) if isinstance(asked, str) else asked
        if read.intent not in STANDS:
            raise Problem("not-an-order")
        return await self._asked(caller, asked, caller.asker(orders=True))

    async def end_order(self, caller: Caller, order: str) -> None:
        place = _place(caller)
        kind, _, number = order.partition("-")
        if not (number.isascii() and number.isdigit() and len(number) <= 9):
            raise Problem("not-found")
        if not await self._kept(self._end, place, kind, int(number)):
            raise Problem("not-found")

    def _orders(self, place: str, lang: Lang) -> OrdersDocument:
        state, say = self._opened(), wording(lang)
        watches: list[OrderItem] = [
            {"id": f"watch-{one.id}", "kind": "watch", "words": described(one, say),
             "paused": one.paused, "next": None}
            for one in state.watches.of(place)
        ]  # fmt: skip
        from bot.commands.digest import cards_of, rhythm

        digests: list[OrderItem] = [
            {"id": f"digest-{one.id}", "kind": "digest",
             "words": f"{cards_of(one, say)}: {rhythm(one.rule, say)}", "paused": one.paused,
             "next": None if one.paused else moment(one.due)}
            for one in state.digests.of(place)
        ]  # fmt: skip
        return {"items": watches + digests}

    def _end(self, place: str, kind: str, number: int) -> bool:
        if kind == "watch":
            return bool(self._opened().watches.drop(place, [number]))
        return kind == "digest" and bool(self._opened().digests.stop(place, number))

    def _opened(self) -> State:
        if self._state is None:
            raise StateFault("There is no state database here.")
        return self._state

    async def _kept(self, work: Callable[..., T], *given: Any) -> T:
        try:
            return await asyncio.to_thread(work, *given)
        except StateFault:
            raise Problem("no-state", headers={"Retry-After": "5"}) from None


def _place(caller: Caller) -> str:
    """The conversation of a key that may keep orders; raises Problem for any other."""
    if not caller.key.may("orders") or caller.key.place is None:
        raise Problem("not-allowed")
    return caller.key.place
