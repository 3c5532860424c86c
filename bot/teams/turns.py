"""One activity in, what is said to it out. Knows Teams, not the SDK.

Every way in ends in `ask`: messages, clicks, searches. What is kept in state: that a message was
seen, where to post again, the person's locale and zone, and what they thought of an answer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from bot.answer import Answer
from bot.desk import Ask, Asker
from bot.question import Lang
from bot.state import Place, StateFault
from bot.teams import replies
from bot.teams.card import render
from bot.teams.incoming import Incoming
from bot.teams.values import place_of, question_of, search_words, thumb, whole
from bot.understanding import language
from bot.wording import wording

if TYPE_CHECKING:
    from bot.state import State

log = logging.getLogger(__name__)

SEEN_FOR = timedelta(minutes=15)
"""Teams repeats an activity within minutes when it got no answer in time."""
WELCOMED_FOR = timedelta(minutes=5)
"""Both signs of one installation arrive within seconds; a new installation is greeted anew."""
TYPING_AFTER = 1.2
IN_TURN = 10.0
"""Teams gives up on a turn after 15 s: what takes longer is sent when it is ready."""
CLICK_WITHIN = 8.0
SEARCH_WITHIN = 4.0
"""A search has 5 s."""
SEARCH_KEPT = 30.0
REMEMBERED = 4096


class Out(Protocol):
    """How a turn answers."""

    async def send(self, body: replies.Body) -> str:
        """Into the activity's conversation, as a reply; returns the message's id."""

    def answer(self, status: int, body: replies.Body | None) -> None:
        """The HTTP answer of an invoke."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of who asks: set preferences first, then what their Teams said."""

    lang: Lang | None = None
    tz: str | None = None
    region: str | None = None
    billing: str | None = None


class Turns:
    """Answers activities. One for the process; holds short memories, nothing that must last."""

    def __init__(
        self,
        ask: Ask,
        state: State | None,
        *,
        clock: Callable[[], datetime],
        admins: tuple[str, ...] = (),
        per_minute: int = 60,
        draw: Callable[[Answer], bytes | None] | None = None,
    ) -> None:
        self._ask = ask
        self._state = state
        self._clock = clock
        self._admins = {one.lower() for one in admins}
        self._per_minute = per_minute
        self._draw = draw
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._places: OrderedDict[str, Place] = OrderedDict()
        self._people: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._searches: OrderedDict[tuple[str, ...], tuple[float, Answer]] = OrderedDict()
        self._typed: OrderedDict[str, int] = OrderedDict()
        self._work: set[asyncio.Task[Any]] = set()

    async def on(self, incoming: Incoming, out: Out) -> None:
        """Answers one activity; raises only what is a fault of ours."""
        if incoming.kind == "invoke":
            await self._invoke(incoming, out)
        elif incoming.kind == "message":
            await self._message(incoming, out)
        elif incoming.kind == "installed":
            await self._installed(incoming, out)
        elif incoming.kind == "uninstalled":
            self._places.pop(incoming.place, None)
            await self._kept("disable_place", incoming.place, "uninstalled", self._clock())
        elif incoming.kind == "reaction" and not incoming.from_bot:
            for verdict in incoming.reactions[:5]:
                await self._verdict(incoming, verdict)

    async def finish(self, within: float) -> None:
        """Waits for work that was acknowledged and is not done; what is late is given up."""
        if self._work:
            _, late = await asyncio.wait(set(self._work), timeout=within)
            for task in late:
                task.cancel()
            if late:
                log.warning("gave up %d answers at shutdown", len(late))

    # -- messages ----------------------------------------------------------------------------

    async def _message(self, incoming: Incoming, out: Out) -> None:
        clicked = question_of(incoming.value) if incoming.value else None
        if incoming.from_bot:
            return  # two bots answering each other never stop
        if incoming.scope != "personal" and not incoming.mentioned and not incoming.value:
            return  # not meant for us
        if not self._first(incoming):
            return
        known = await asyncio.to_thread(self._recall, incoming)
        if known is None:
            return  # another replica has it
        words, lang, _ = clicked or (incoming.text, None, "")
        if incoming.value and clicked is None and not words:
            await out.send(
                replies.text(
                    wording(known.lang or incoming.lang).t(
                        "This button is from another version. Please type the question."
                    )
                )
            )
            return
        if not words and incoming.files:
            await out.send(
                replies.text(
                    wording(known.lang or incoming.lang).t("I cannot read files. Ask me in words.")
                )
            )
            return
        if self._too_many(incoming.user):
            await out.send(
                replies.text(
                    wording(known.lang or incoming.lang).t(
                        "Too many questions in one minute. Please wait a little."
                    )
                )
            )
            return
        if not words:
            words, lang = "help", lang or incoming.lang
        asker = self._asker(incoming, known, words, lang)
        task = self._track(self._say(words, asker, out))
        if incoming.expect_replies:
            await task
            return
        done, _ = await asyncio.wait({task}, timeout=TYPING_AFTER)
        if not done:
            await out.send(replies.typing())
            done, _ = await asyncio.wait({task}, timeout=IN_TURN - TYPING_AFTER)
        if done:
            task.result()
        else:
            task.add_done_callback(_late)

    async def _say(self, words: str, asker: Asker, out: Out) -> None:
        answer = await self._ask(words, asker)
        await out.send(replies.message(answer, image=await self._drawn(answer)))

    async def _installed(self, incoming: Incoming, out: Out) -> None:
        key = f"teams:welcome:{incoming.place}"
        if not await asyncio.to_thread(self._is_first, key, WELCOMED_FOR):
            return
        known = await asyncio.to_thread(self._recall, incoming, again=True)
        lang = (known.lang if known else None) or incoming.lang
        asker = self._asker(incoming, known or Person(), "", lang)
        await self._say("oi" if lang == "pt" else "hi", asker, out)

    # -- invokes -----------------------------------------------------------------------------

    async def _invoke(self, incoming: Incoming, out: Out) -> None:
        if incoming.invoke == "adaptiveCard/action":
            out.answer(200, await self._click(incoming))
        elif incoming.invoke == "composeExtension/query":
            out.answer(200, await self._search(incoming))
        elif incoming.invoke == "message/submitAction":
            await self._verdict(incoming, thumb(incoming.value))
            out.answer(200, {})
        else:
            out.answer(501, None)

    async def _click(self, incoming: Incoming) -> replies.Body:
        action = incoming.value.get("action")
        action = action if isinstance(action, Mapping) else {}
        known = await asyncio.to_thread(self._recall, incoming, again=True) or Person()
        say = wording(known.lang or incoming.lang)
        clicked = question_of(action.get("data"))
        if action.get("verb") not in ("ask", "refresh") or clicked is None:
            return replies.toast(
                say.t("This button is from another version. Please type the question.")
            )
        if self._too_many(incoming.user):
            return replies.toast(say.t("Too many questions in one minute. Please wait a little."))
        words, lang, back = clicked
        asker = self._asker(incoming, known, words, lang)
        try:
            answer = await asyncio.wait_for(self._ask(words, asker), CLICK_WITHIN)
        except TimeoutError:
            return replies.toast(say.t("That took too long. Please ask in the chat."))
        card = render(answer, back=back or None, image=await self._drawn(answer))
        return replies.card_swap(card)

    async def _search(self, incoming: Incoming) -> replies.Body:
        words, first = search_words(incoming.value)
        say = wording(incoming.lang)
        if first or not words:
            example = "A100 mais barata na Europa" if incoming.lang == "pt" else "cheapest A100"
            return replies.search_note(
                say.t("Type a question, for example: {example}", example=example)
            )
        lang = self._lang(incoming, Person(), words)
        key = (incoming.tenant, lang or "", words.lower())
        kept = self._searches.get(key)
        if kept is None or time.monotonic() - kept[0] > SEARCH_KEPT:
            # A query comes with every key typed: only the newest of a person is worth asking.
            number = self._typed.get(incoming.user, 0) + 1
            _remember(self._typed, incoming.user, number)
            await asyncio.sleep(0)
            if self._typed.get(incoming.user) != number:
                return replies.search_note("…")
            asker = Asker(platform="teams", user=incoming.user, lang=lang, may_see_contracts=False)
            try:
                answer = await asyncio.wait_for(self._ask(words, asker), SEARCH_WITHIN)
            except TimeoutError:
                return replies.search_note(say.t("That took too long. Please ask in the chat."))
            kept = (time.monotonic(), answer)
            _remember(self._searches, key, kept, most=256)
        options = incoming.value.get("queryOptions")
        options = options if isinstance(options, Mapping) else {}
        return replies.search_results(
            kept[1],
            whole(options.get("skip"), 0),
            whole(options.get("count"), replies.MAX_RESULTS),
        )

    # -- people and places -------------------------------------------------------------------

    def _asker(self, incoming: Incoming, known: Person, words: str, lang: Lang | None) -> Asker:
        return Asker(
            platform="teams",
            workspace=incoming.workspace,
            place=place_of(incoming).id,
            thread=f"teams:{incoming.tenant}:{incoming.conversation}",
            user=incoming.user,
            lang=lang or self._lang(incoming, known, words),
            tz=known.tz,
            region=known.region,
            billing=known.billing,
            is_admin=bool(incoming.aad_id) and incoming.aad_id.lower() in self._admins,
            may_see_contracts=bool(incoming.aad_id),
        )

    @staticmethod
    def _lang(incoming: Incoming, known: Person, words: str) -> Lang | None:
        """The set preference; else the words decide, and their Teams where the words do not."""
        if known.lang:
            return known.lang
        # With one Portuguese word added, English wins only by evidence of its own.
        if incoming.lang == "pt" and language.of(f"{words.lower()} qual", words):
            return "pt"
        return None

    def _recall(self, incoming: Incoming, *, again: bool = False) -> Person | None:
        """In a worker thread: what is known of the person; None when the activity was seen.

        `again`: asking twice does no harm, so nobody looks whether it was seen.
        """
        if not again and incoming.activity_id and not self._is_first(_key(incoming), SEEN_FOR):
            return None
        if self._state is None:
            return Person(tz=incoming.tz or None)
        try:
            place = place_of(incoming)
            if self._places.get(place.id) != place:
                self._state.save_place(place)
                _remember(self._places, place.id, place)
            seen = (incoming.locale, incoming.tz)
            before = self._people.get(incoming.user)
            if before != seen:
                for name, value, old in zip(
                    ("seen_locale", "seen_tz"), seen, before or ("", ""), strict=True
                ):
                    if value and value != old:
                        self._state.set_preference(incoming.user, name, value)
                _remember(self._people, incoming.user, seen)
            kept = self._state.preferences(incoming.user)
        except StateFault as fault:
            log.warning("state cannot be read, answering without it: %s", fault)
            return Person(tz=incoming.tz or None)
        lang = kept.get("lang")
        return Person(
            lang="pt" if lang == "pt" else "en" if lang == "en" else None,
            tz=kept.get("tz") or incoming.tz or kept.get("seen_tz"),
            region=kept.get("region"),
            billing=kept.get("billing"),
        )

    async def _verdict(self, incoming: Incoming, verdict: str) -> None:
        if verdict:
            await self._kept(
                "feedback",
                self._clock(),
                "teams",
                incoming.place,
                incoming.user,
                incoming.reply_to,
                verdict[:40],
            )

    # -- small memories ----------------------------------------------------------------------

    def _first(self, incoming: Incoming) -> bool:
        """False for what this process has answered already; state knows about the others."""
        if not incoming.activity_id:
            return True
        key = _key(incoming)
        if key in self._seen:
            return False
        _remember(self._seen, key, None)
        return True

    def _is_first(self, key: str, ttl: timedelta) -> bool:
        if self._state is None:
            fresh = key not in self._seen or not key.startswith("teams:welcome:")
            _remember(self._seen, key, None)
            return fresh
        try:
            return bool(self._state.first_time(key, self._clock(), ttl))
        except StateFault as fault:
            log.warning("state cannot be read, repeats may pass: %s", fault)
            return True

    def _too_many(self, user: str) -> bool:
        now = time.monotonic()
        asked = self._asked.get(user) or deque(maxlen=self._per_minute)
        if len(asked) == self._per_minute and now - asked[0] < 60:
            return True
        asked.append(now)
        _remember(self._asked, user, asked)
        return False

    async def _drawn(self, answer: Answer) -> bytes | None:
        """The chart as a picture, for clients that draw none; an answer never waits on a fault."""
        if answer.chart is None or self._draw is None:
            return None
        try:
            return await asyncio.to_thread(self._draw, answer)
        except Exception:
            log.exception("chart could not be drawn")
            return None

    async def _kept(self, method: str, *args: Any) -> None:
        if self._state is None:
            return
        try:
            await asyncio.to_thread(getattr(self._state, method), *args)
        except StateFault as fault:
            log.warning("not kept (%s): %s", method, fault)

    def _track(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task


def _late(task: asyncio.Task[Any]) -> None:
    """The turn is over: nobody else will hear of this fault."""
    if not task.cancelled() and (fault := task.exception()) is not None:
        log.error("a late answer could not be sent: %s", fault)


def _key(incoming: Incoming) -> str:
    return f"teams:{incoming.conversation}:{incoming.activity_id}"


def _remember(memory: OrderedDict[Any, Any], key: Any, value: Any, most: int = REMEMBERED) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > most:
        memory.popitem(last=False)
