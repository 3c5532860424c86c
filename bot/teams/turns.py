"""One activity in, what is said to it out. Knows Teams, not the SDK.

Every way in ends in `ask`: messages, clicks, searches.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from bot.allowance import Allowance, too_many
from bot.answer import Answer
from bot.desk import Ask, Asker
from bot.question import READS
from bot.recent import Recent, Rendered
from bot.teams import picture, replies
from bot.teams.auth import TokenFault
from bot.teams.card import render
from bot.teams.connector import ConnectorFault
from bot.teams.incoming import Incoming
from bot.teams.people import People, Person, key_of
from bot.teams.values import question_of, search_words, thumb, whole
from bot.understand import understood
from bot.wording import wording

if TYPE_CHECKING:
    from bot.state import State

log = logging.getLogger(__name__)

WELCOMED_FOR = timedelta(minutes=5)
"""Both signs of one installation arrive within seconds; a new installation is greeted anew."""
TYPING_AFTER = 1.2
IN_TURN = 10.0
"""Teams gives up on a turn after 15 s: what takes longer is sent when it is ready."""
CLICK_WITHIN = 8.0
CLICKS_KEPT = 256
SEARCH_WITHIN = 4.0
"""A search has 5 s."""
SEARCH_KEPT = 30.0
SEARCHES_KEPT = 256


TOLD_FOR = 10.0
"""Seconds in which a person is told once that too many ask: the words ask for patience."""
MOST_AT_WORK = 500
"""Messages on their way, beyond which nothing more is said to those who are turned away."""


class Out(Protocol):
    """How a turn answers."""

    async def send(self, body: replies.Body) -> str:
        """Into the activity's conversation, as a reply; returns the message's id."""

    def answer(self, status: int, body: replies.Body | None) -> None:
        """The HTTP answer of an invoke."""


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
        draw: Callable[[Answer], bytes | None] = picture.of,
    ) -> None:
        self._ask = ask
        self._people = People(state, clock, admins)
        self._allowance = Allowance(per_minute)
        self._draw = draw
        self._messages = Rendered(self._message_of)
        self._clicks: Recent[str, asyncio.Task[replies.Body]] = Recent(most=CLICKS_KEPT)
        self._searches: Recent[tuple[str, ...], Answer] = Recent(SEARCH_KEPT, SEARCHES_KEPT)
        self._typed: Recent[str, int] = Recent()
        self._told: Recent[str, None] = Recent(TOLD_FOR)
        self._work: set[asyncio.Task[Any]] = set()

    async def on(self, incoming: Incoming, out: Out) -> None:
        """Answers one activity; raises what `failed` is for."""
        if incoming.kind == "invoke":
            await self._invoke(incoming, out)
        elif incoming.kind == "message":
            await self._message(incoming, out)
        elif incoming.kind == "installed":
            await self._installed(incoming, out)
        elif incoming.kind == "uninstalled":
            await self._people.left(incoming)
        elif incoming.kind == "reaction" and not incoming.from_bot:
            for verdict in incoming.reactions[:5]:
                await self._people.verdict(incoming, verdict)

    def forget_places(self) -> None:
        """After one was lost: heard from again, it is saved again."""
        self._people.forget()

    async def finish(self, within: float) -> None:
        """Waits for work that was acknowledged and is not done; what is late is given up."""
        if self._work:
            _, late = await asyncio.wait(set(self._work), timeout=within)
            for task in late:
                task.cancel()
            if late:
                log.warning("gave up %d answers at shutdown", len(late))
        await self._people.firsts.finish()

    # -- faults ------------------------------------------------------------------------------

    async def failed(self, incoming: Incoming, out: Out, error: Exception) -> None:
        """Where every fault of a turn ends: a reference to the reader, the trace to us."""
        if isinstance(error, ConnectorFault | TokenFault):
            # Teams does not take what we say: saying so there would not arrive either.
            log.warning("an answer could not be sent: %s", error)
            if isinstance(error, ConnectorFault) and error.gone:
                await self._people.lost(incoming, error.code or str(error.status))
            return
        reference = secrets.token_hex(4)
        log.error("fault in a Teams turn", exc_info=error, extra={"reference": reference})
        words = wording(incoming.lang).t(
            "Sorry, something broke on our side. Quote reference {reference} to whoever runs this bot.",
            reference=reference,
        )
        if incoming.kind == "invoke":
            if incoming.invoke == "adaptiveCard/action":
                out.answer(200, replies.click_fault("InternalError", words, 500))
            elif incoming.invoke.startswith("composeExtension/"):
                out.answer(200, replies.search_note(words))
            else:
                out.answer(500, None)
            return
        try:
            await out.send(replies.text(words))
        except (ConnectorFault, TokenFault) as fault:
            log.warning("nor could the apology: %s", fault)

    # -- messages ----------------------------------------------------------------------------

    async def _message(self, incoming: Incoming, out: Out) -> None:
        if not _meant_for_us(incoming):
            return
        clicked = question_of(incoming.value) if incoming.value else None
        if incoming.activity_id:
            if not await self._people.firsts.first(key_of(incoming), reads=_reads(incoming)):
                return  # it was answered here, or another replica has it
        words, lang, _ = clicked or (incoming.text, None, "")
        known = await self._people.recall(incoming, words)
        say = wording(known.lang or incoming.lang)
        if incoming.value and clicked is None and not words:
            await out.send(
                replies.text(
                    say.t("This button is from another version. Please type the question.")
                )
            )
            return
        if not words and incoming.files:
            await out.send(replies.text(say.t("I cannot read files. Ask me in words.")))
            return
        if self._allowance.spent(incoming.user):
            await out.send(
                replies.text(say.t("Too many questions in one minute. Please wait a little."))
            )
            return
        if not words:
            words, lang = "help", lang or incoming.lang
        asker = self._people.asker(incoming, known, words, lang)
        task = self._track(self._say(words, asker, out))
        if incoming.expect_replies:
            await task
            return
        done, _ = await asyncio.wait({task}, timeout=TYPING_AFTER)
        if not done:
            # A sign of life is not worth waiting for, let alone failing for.
            with suppress(TimeoutError, ConnectorFault, TokenFault):
                await asyncio.wait_for(out.send(replies.typing()), TYPING_AFTER)
            done, _ = await asyncio.wait({task}, timeout=IN_TURN - 2 * TYPING_AFTER)
        if done:
            task.result()
        else:
            task.add_done_callback(lambda late: self._late(late, incoming, out))

    def turn_away(self, incoming: Incoming, out: Out) -> bool:
        """Tells that too many ask, after the turn: nobody inside waits for it. Who asks again at once
        is not told again, but whoever orders something is. False when even these words are too many."""
        if not _meant_for_us(incoming):
            return True
        if incoming.user in self._told and _reads(incoming):
            return True
        if len(self._work) >= MOST_AT_WORK:
            return False
        self._told.put(incoming.user, None)
        words = replies.text(too_many(wording(incoming.lang)))
        task = self._track(out.send(words))
        task.add_done_callback(lambda late: self._late(late, incoming, out))
        return True

    def _late(self, task: asyncio.Task[Any], incoming: Incoming, out: Out) -> None:
        """The turn is over: its error hook hears no more of this answer."""
        if task.cancelled():
            return
        fault = task.exception()
        if isinstance(fault, Exception):
            self._track(self.failed(incoming, out, fault))

    async def _say(self, words: str, asker: Asker, out: Out) -> None:
        answer = await self._answered(words, asker)
        if answer.chart is None:
            body = self._messages.of(answer)
        else:  # a picture is drawn: off the loop
            body = await asyncio.to_thread(self._messages.of, answer)
        await out.send(body)

    async def _answered(self, words: str, asker: Asker) -> Answer:
        answer = await self._ask(words, asker)
        if answer.question is not None and answer.question.intent == "forget":
            self._people.forget()
        return answer

    def _message_of(self, answer: Answer) -> replies.Body:
        body = replies.message(answer, image=self._picture(answer))
        return body | {"attachments": replies.Written(replies.dumps(body["attachments"]))}

    async def _installed(self, incoming: Incoming, out: Out) -> None:
        # Kept in any case: where the bot was taken out and put back, posts may go again.
        known = await self._people.recall(incoming)
        if not await self._people.firsts.first(f"teams:welcome:{incoming.place}", ttl=WELCOMED_FOR):
            return
        lang = known.lang or incoming.lang
        asker = self._people.asker(incoming, known, "", lang)
        await self._say("oi" if lang == "pt" else "hi", asker, out)

    # -- invokes -----------------------------------------------------------------------------

    async def _invoke(self, incoming: Incoming, out: Out) -> None:
        if incoming.invoke == "adaptiveCard/action":
            out.answer(200, await self._click(incoming))
        elif incoming.invoke == "composeExtension/query":
            out.answer(200, await self._search(incoming))
        elif incoming.invoke == "message/submitAction":
            await self._people.verdict(incoming, thumb(incoming.value))
            out.answer(200, {})
        else:
            out.answer(501, None)

    async def _click(self, incoming: Incoming) -> replies.Body:
        """The card of a click; the same click again gets the same card and asks nothing."""
        if not incoming.activity_id:
            return await self._clicked(incoming)
        key = f"{key_of(incoming)}:{incoming.user}"
        task = self._clicks.get(key)
        if task is None:
            task = self._track(self._first_click(incoming, key))
            self._clicks.put(key, task)
        try:
            return await asyncio.shield(task)
        except Exception:
            self._clicks.drop(key)  # a fault is not the answer for ever
            raise

    async def _first_click(self, incoming: Incoming, key: str) -> replies.Body:
        if not await self._people.firsts.first(key):
            return replies.toast(
                wording(incoming.lang).t("This button was answered already. Please click again.")
            )
        return await self._clicked(incoming)

    async def _clicked(self, incoming: Incoming) -> replies.Body:
        action = incoming.value.get("action")
        action = action if isinstance(action, Mapping) else {}
        clicked = question_of(action.get("data"))
        known = await self._people.recall(incoming, clicked[0] if clicked else "")
        say = wording(known.lang or incoming.lang)
        if action.get("verb") not in ("ask", "refresh") or clicked is None:
            return replies.toast(
                say.t("This button is from another version. Please type the question.")
            )
        if self._allowance.spent(incoming.user):
            return replies.toast(say.t("Too many questions in one minute. Please wait a little."))
        words, lang, back = clicked
        asker = self._people.asker(incoming, known, words, lang)
        try:
            answer = await asyncio.wait_for(self._answered(words, asker), CLICK_WITHIN)
        except TimeoutError:
            return replies.toast(say.t("That took too long. Please ask in the chat."))
        card = render(answer, back=back or None, image=await self.drawn(answer))
        return replies.card_swap(card)

    async def _search(self, incoming: Incoming) -> replies.Body:
        words, first = search_words(incoming.value)
        say = wording(incoming.lang)
        if first or not words:
            example = "A100 mais barata na Europa" if incoming.lang == "pt" else "cheapest A100"
            return replies.search_note(
                say.t("Type a question, for example: {example}", example=example)
            )
        # A query comes with every key typed: only the newest of a person is worth an answer.
        number = (self._typed.get(incoming.user) or 0) + 1
        self._typed.put(incoming.user, number)
        lang = self._people.lang(incoming, Person(), words)
        key = (incoming.tenant, lang or "", words.lower())
        kept = self._searches.get(key)
        if kept is None:
            await asyncio.sleep(0)
            if self._typed.get(incoming.user) != number:
                return replies.search_note("…")
            asker = Asker(platform="teams", user=incoming.user, lang=lang, may_see_contracts=False)
            try:
                kept = await asyncio.wait_for(self._ask(words, asker), SEARCH_WITHIN)
            except TimeoutError:
                return replies.search_note(say.t("That took too long. Please ask in the chat."))
            self._searches.put(key, kept)
            if self._typed.get(incoming.user) != number:
                return replies.search_note("…")
        options = incoming.value.get("queryOptions")
        options = options if isinstance(options, Mapping) else {}
        return replies.search_results(
            kept,
            whole(options.get("skip"), 0),
            whole(options.get("count"), replies.MAX_RESULTS),
        )

    # -- helpers -----------------------------------------------------------------------------

    async def drawn(self, answer: Answer) -> bytes | None:
        """The chart as a picture, for clients that draw none."""
        return await asyncio.to_thread(self._picture, answer) if answer.chart else None

    def _picture(self, answer: Answer) -> bytes | None:
        """In a worker thread. An answer never waits on a fault."""
        if answer.chart is None:
            return None
        try:
            return self._draw(answer)
        except Exception:
            log.exception("chart could not be drawn")
            return None

    def _track(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task


def _reads(incoming: Incoming) -> bool:
    """Whether a message asks for nothing to be done: answered twice or never, it harms nobody."""
    clicked = question_of(incoming.value) if incoming.value else None
    return understood(clicked[0] if clicked else incoming.text).intent in READS


def _meant_for_us(incoming: Incoming) -> bool:
    if incoming.from_bot:
        return False  # two bots answering each other never stop
    return incoming.scope == "personal" or incoming.mentioned or bool(incoming.value)
