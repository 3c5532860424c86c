"""Teams' ways into a conversation: messages, clicks, searches. Knows Teams, not the SDK."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.conversation.people import Person
from bot.conversation.talk import Undelivered
from bot.conversation.turn import Conversation, Turn
from bot.core.answer import Answer
from bot.core.command import BY_NAME, READS
from bot.core.desk import Ask, Asker
from bot.core.recent import Recent, Rendered
from bot.core.wording import wording
from bot.quotes import uploads
from bot.teams import picture, replies
from bot.teams.card import render
from bot.teams.incoming import Incoming
from bot.teams.talk import Messages, Out, Talk
from bot.teams.values import HOST, question_of, search_words, thumb, whole
from bot.understanding.understand import understood

if TYPE_CHECKING:
    from bot.conversation.talk import Rules
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


class Turns(Conversation):
    """A conversation on Teams. One for the process."""

    def __init__(
        self,
        ask: Ask,
        state: State | None,
        rules: Rules,
        *,
        clock: Callable[[], datetime],
        admins: tuple[str, ...] = (),
        draw: Callable[[Answer], bytes | None] = picture.of,
    ) -> None:
        super().__init__(
            ask, state, HOST, rules, clock=clock, admins=admins, documents=uploads.answered
        )
        self._draw = draw
        self._messages = Messages(Rendered(self._message_of).of)
        self._clicks: Recent[str, asyncio.Task[replies.Body]] = Recent(most=CLICKS_KEPT)
        self._searches: Recent[tuple[str, ...], Answer] = Recent(SEARCH_KEPT, SEARCHES_KEPT)
        self._typed: Recent[str, int] = Recent()
        self._told: Recent[str, None] = Recent(TOLD_FOR)

    async def on(self, incoming: Incoming, out: Out) -> None:
        """Answers one activity; raises what `failed` is for."""
        if incoming.kind == "invoke":
            await self._invoke(incoming, out)
        elif incoming.kind == "message":
            await self._message(incoming, out)
        elif incoming.kind == "installed":
            await self._installed(incoming, out)
        elif incoming.kind == "uninstalled":
            await self._uninstalled(incoming)
        elif incoming.kind == "reaction" and not incoming.from_bot and incoming.reactions:
            if self.spent(incoming) is None:
                await self.verdict(incoming, incoming.reply_to, incoming.reactions[0])

    async def failed(self, incoming: Incoming, out: Out, error: Exception) -> None:
        """Where every fault of a turn ends: a reference to the reader, the trace to us."""
        if isinstance(error, Undelivered):
            # Teams does not take what we say: saying so there would not arrive either.
            await self.undelivered(incoming, error)
            return
        words = self.apology(incoming, error)
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
        except Undelivered as fault:
            log.warning("nor could the apology: %s", fault)

    async def undelivered(self, it: Any, fault: Undelivered) -> None:
        """A chat of two can be lost as well; so can a thread, with its channel."""
        await super().undelivered(it, fault)
        if fault.gone:
            for name in dict.fromkeys((it.place, self.host.place(it).id)):
                await self.places.lost(name, fault.code, self.now())

    # -- messages ----------------------------------------------------------------------------

    async def _message(self, incoming: Incoming, out: Out) -> None:
        if not _meant_for_us(incoming):
            return
        clicked = question_of(incoming.value) if incoming.value else None
        if incoming.message:
            if not await self.firsts.first(key_of(incoming), reads=_reads(incoming)):
                return  # it was answered here, or another replica has it
        task = self.track(self._said(incoming, clicked, Talk(incoming, out, self._messages)))
        if incoming.expect_replies:
            await task
            return
        done, _ = await asyncio.wait({task}, timeout=TYPING_AFTER)
        if not done:
            # A sign of life is not worth waiting for, let alone failing for.
            with suppress(TimeoutError, Undelivered):
                await asyncio.wait_for(out.send(replies.typing()), TYPING_AFTER)
            done, _ = await asyncio.wait({task}, timeout=IN_TURN - 2 * TYPING_AFTER)
        if done:
            task.result()
        else:
            task.add_done_callback(lambda late: self._late(late, incoming, out))

    async def _said(
        self, incoming: Incoming, clicked: tuple[str, Any, str] | None, talk: Talk
    ) -> None:
        if clicked is None and not (incoming.value and not incoming.words):
            await self.message(incoming, talk)
            return
        turn = await self.turn(incoming, talk, clicked[0] if clicked else "")
        if not await self.admitted(turn):
            return
        if clicked is None:
            say = wording(turn.person.reads)
            await talk.tell(say.t("This button is from another version. Please type the question."))
            return
        words, lang, _ = clicked
        await self.heard_from(turn, words)
        answer = await self.answered(turn, words, lang=turn.person.lang or lang)
        await self.shown(turn, answer)
        await self.private_part(turn, words, answer)

    def turn_away(self, incoming: Incoming, out: Out) -> bool:
        """Tells that too many ask, after the turn: nobody inside waits for it. Who asks again at once
        is not told again, but whoever orders something is. False when even these words are too many."""
        if not _meant_for_us(incoming):
            return True
        if incoming.who in self._told and _reads(incoming):
            return True
        if self.at_work >= MOST_AT_WORK:
            return False
        self._told.put(incoming.who, None)
        task = self.track(out.send(replies.text(self.turned_away(incoming))))
        task.add_done_callback(lambda late: self._late(late, incoming, out))
        return True

    def _late(self, task: asyncio.Task[Any], incoming: Incoming, out: Out) -> None:
        """The turn is over: its error hook hears no more of this answer."""
        if task.cancelled():
            return
        fault = task.exception()
        if isinstance(fault, Exception):
            self.track(self.failed(incoming, out, fault))

    def _message_of(self, answer: Answer) -> replies.Body:
        body = replies.message(answer, image=self._picture(answer))
        return body | {"attachments": replies.Written(replies.dumps(body["attachments"]))}

    # -- coming and going --------------------------------------------------------------------

    async def _installed(self, incoming: Incoming, out: Out) -> None:
        # Kept in any case: where the bot was taken out and put back, posts may go again.
        turn = await self.turn(incoming, Talk(incoming, out, self._messages))
        await self.heard_from(turn, "")
        if not await self.firsts.first(f"teams:welcome:{incoming.place}", ttl=WELCOMED_FOR):
            return
        lang = turn.person.reads
        words = BY_NAME["greeting"].example(lang)
        answer = await self.ask(words, self.asker(turn, words, "unknown", lang))
        body = await self._messages.of(answer)
        if incoming.selected and incoming.selected != incoming.room:
            try:
                await out.send_to(incoming.selected, body)  # what they chose, not General
            except Undelivered as fault:
                if not fault.gone:
                    raise
            else:
                return
        await out.send(body)

    async def _uninstalled(self, incoming: Incoming) -> None:
        """Nothing of the conversation is kept, of a team nothing of its channels, of a person's own chat
        nothing of the person, and with the last of a tenant nothing of the tenant."""
        known = await self.places.below(f"{incoming.workspace}:") or []
        channels = [
            one.id for one in known if incoming.team and one.conversation.get("team") == incoming.team
        ]  # fmt: skip
        await self.left(incoming.place, *channels)
        if incoming.direct:
            await self.places.do(lambda state: state.people.forget(incoming.who))
            self.people.forget(incoming.who)
        if await self.places.below(f"{incoming.workspace}:") == []:
            await self.left(incoming.workspace, f"direct:{incoming.workspace}")

    # -- invokes -----------------------------------------------------------------------------

    async def _invoke(self, incoming: Incoming, out: Out) -> None:
        if incoming.invoke == "adaptiveCard/action":
            out.answer(200, await self._click(incoming, out))
        elif incoming.invoke == "composeExtension/query":
            out.answer(200, await self._search(incoming))
        elif incoming.invoke == "message/submitAction":
            verdict = thumb(incoming.value)
            if verdict and self.spent(incoming) is None:
                await self.verdict(incoming, incoming.reply_to, verdict)
            out.answer(200, {})
        else:
            out.answer(501, None)

    async def _click(self, incoming: Incoming, out: Out) -> replies.Body:
        """The card of a click; the same click again gets the same card and asks nothing."""
        if not incoming.message:
            return await self._clicked(incoming, out)
        key = f"{key_of(incoming)}:{incoming.who}"
        task = self._clicks.get(key)
        if task is None:
            task = self.track(self._first_click(incoming, key, out))
            self._clicks.put(key, task)
        try:
            return await asyncio.shield(task)
        except Exception:
            self._clicks.drop(key)  # a fault is not the answer for ever
            raise

    async def _first_click(self, incoming: Incoming, key: str, out: Out) -> replies.Body:
        if not await self.firsts.first(key):
            return replies.toast(
                wording(incoming.lang).t("This button was answered already. Please click again.")
            )
        return await self._clicked(incoming, out)

    async def _clicked(self, incoming: Incoming, out: Out) -> replies.Body:
        action = incoming.value.get("action")
        action = action if isinstance(action, Mapping) else {}
        clicked = question_of(action.get("data"))
        talk = Talk(incoming, out, self._messages)
        turn = await self.turn(incoming, talk, clicked[0] if clicked else "")
        say = wording(turn.person.reads)
        if action.get("verb") not in ("ask", "refresh") or clicked is None:
            return replies.toast(
                say.t("This button is from another version. Please type the question.")
            )
        refusal = await self.refusal(turn)
        if refusal is not None:
            # A click wants an answer, also the second time.
            return replies.toast(refusal or say.t("Too many questions in one minute. Please wait a little."))  # fmt: skip
        words, lang, back = clicked
        await self.heard_from(turn, words)
        try:
            asked = self._answered_apart(turn, words, turn.person.lang or lang)
            answer = await asyncio.wait_for(asked, CLICK_WITHIN)
        except TimeoutError:
            return replies.toast(say.t("That took too long. Please ask in the chat."))
        card = render(answer, back=back or None, image=await self.drawn(answer))
        return replies.card_swap(card)

    async def _answered_apart(self, turn: Turn, words: str, lang: Any) -> Answer:
        answer = await self.answered(turn, words, lang=lang)
        if not turn.it.direct:  # what it says to who clicked alone follows the card
            self.spawn(self.private_part(turn, words, answer), turn.it, turn.talk)
        return answer

    async def _search(self, incoming: Incoming) -> replies.Body:
        words, first = search_words(incoming.value)
        say = wording(incoming.lang)
        if first or not words:
            return replies.search_note(
                say.t("Type a question, for example: {example}", example=BY_NAME["cheapest"].example(say.lang))
            )  # fmt: skip
        # A query comes with every key typed: only the newest of a person is worth an answer.
        number = (self._typed.get(incoming.who) or 0) + 1
        self._typed.put(incoming.who, number)
        lang = Person(seen_lang=incoming.lang).lang_for(words)
        key = (incoming.tenant, lang or "", words.lower())
        kept = self._searches.get(key)
        if kept is None:
            await asyncio.sleep(0)
            if self._typed.get(incoming.who) != number:
                return replies.search_note("…")
            asker = Asker(platform="teams", user=incoming.who, lang=lang, may_see_contracts=False)
            try:
                kept = await asyncio.wait_for(self.ask(words, asker), SEARCH_WITHIN)
            except TimeoutError:
                return replies.search_note(say.t("That took too long. Please ask in the chat."))
            self._searches.put(key, kept)
            if self._typed.get(incoming.who) != number:
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


def _reads(incoming: Incoming) -> bool:
    """Whether a message asks for nothing to be done: answered twice or never, it harms nobody."""
    clicked = question_of(incoming.value) if incoming.value else None
    return understood(clicked[0] if clicked else incoming.words).intent in READS


def _meant_for_us(incoming: Incoming) -> bool:
    if incoming.from_bot:
        return False  # two bots answering each other never stop
    return incoming.scope == "personal" or incoming.mentioned or bool(incoming.value)


def key_of(incoming: Incoming) -> str:
    """Names the activity across replicas: Teams counts activities by conversation."""
    return f"teams:{incoming.conversation}:{incoming.message}"
