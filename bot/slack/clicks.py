"""Buttons, menus, forms and the home tab. A click is answered as if its words had been typed by
whoever clicked: what they may see and do is decided then.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from bot.conversation.turn import Turn
from bot.core.answer import Answer
from bot.core.command import BY_NAME, COMMANDS
from bot.core.recent import Recent
from bot.core.text import clean
from bot.core.wording import wording
from bot.language import Lang, lang_of
from bot.slack import blocks, home, values, views
from bot.slack.home import Order
from bot.slack.options import response_url_allowed
from bot.slack.sending import Refused
from bot.slack.text import escape
from bot.slack.turns import Turns
from bot.standing import deals
from bot.state import StateFault
from bot.understanding.understand import understood

if TYPE_CHECKING:
    from bot.slack.incoming import Incoming
    from bot.slack.talk import Talk
    from bot.state import State

log = logging.getLogger(__name__)

VERDICTS = frozenset({"good", "bad"})
HOME_FOR = timedelta(hours=1)
"""A home tab that would look the same is not published again within this."""
NOT_THERE = frozenset({"not_in_channel", "channel_not_found", "is_archived", "restricted_action"})


class Clicks:
    """What people do with our messages. Speaks through `Turns`."""

    def __init__(self, turns: Turns, state: State | None) -> None:
        self._turns = turns
        self._state = state
        self._homes: Recent[str, str] = Recent(HOME_FOR.total_seconds())
        self._sharing: set[tuple[str, ...]] = set()

    # -- buttons and menus -------------------------------------------------------------------

    async def clicked(self, it: Incoming, token: str) -> None:
        """One action on a card or the home tab, already acknowledged."""
        name = it.action
        if name.startswith(f"{values.PREFERENCE}."):
            await self._preference(it, token)
            return
        turn = await self._turn(it, token)
        click = values.read(it.value)
        kind = next(
            (one for one in values.ACTIONS if name == one or name.startswith(f"{one}.")), ""
        )
        if click is None or not kind:
            await turn.talk.tell(out_of_date(turn.person.reads))
            return
        if not await self._turns.admitted(turn, it.enterprise):
            return
        if kind in (values.ASK, values.MORE):
            await self._in_place(turn, click)
        elif kind == values.ASIDE:
            lang = self._lang(turn, click)
            answer = await self._turns.ordered(turn, click.question, lang)
            if answer is not None:
                await turn.talk.show_alone(answer)
        elif kind == values.SHARE:
            await self._share(turn, click)
        elif kind == values.VERDICT:
            await self._verdict(turn, click)

    async def form(self, it: Incoming, token: str) -> None:
        """Opens the form: the shortcut, "Ask with a form", or Refine with what was asked. At once,
        because the trigger lives for three seconds."""
        lang = self._turns.people.reads(it.who)
        click = values.read(it.value)
        question = None
        if click is not None and it.action.startswith(values.REFINE):
            question, lang = understood(click.question), click.lang
        view = views.find_form(lang, question, self._origin(it, click))
        await self._opened(it, token, view)

    async def _in_place(self, turn: Turn, click: values.Click) -> None:
        """The answer takes the card's place for whoever asked for the card; anybody else, and
        everybody under a post that nobody asked for, gets an answer of their own."""
        it = _of(turn)
        on_card = bool(it.room and it.message)
        own = on_card and (it.ephemeral or it.direct or click.user == it.user)
        by_all = own and not it.ephemeral and not it.direct
        await self._answer(turn, click.question, own, by_all=by_all, lang=self._lang(turn, click))

    async def _answer(
        self, turn: Turn, words: str, own: bool, *, by_all: bool, lang: Lang | None
    ) -> None:
        it, talk = _of(turn), self._talk(turn)
        if by_all:
            answer = await self._turns.answered(turn, words, lang=lang)
        elif (found := await self._turns.ordered(turn, words, lang)) is not None:
            answer = found
        else:
            return
        if own:
            await talk.replace(answer)
            if by_all:
                await self._turns.private_part(turn, words, answer)
        elif it.room:
            await talk.show_alone(answer)
        else:
            await talk.post(answer, it.user)

    async def _share(self, turn: Turn, click: values.Click) -> None:
        """The private answer, asked again for everybody's eyes, into the channel."""
        it = _of(turn)
        say = wording(self._lang(turn, click) or turn.person.reads)
        if not blocks.shareable(understood(click.question)):
            await turn.talk.tell(out_of_date(say.lang))
            return
        key = (it.tenant, it.room, it.message, it.user, click.question)
        if key in self._sharing:
            return
        self._sharing.add(key)
        try:
            answer = await self._turns.answered(turn, click.question, lang=self._lang(turn, click))
            by = clean(turn.person.name or it.name)

            def make(safe: bool) -> dict[str, Any]:
                message = blocks.message(answer, user=it.user, safe=safe)
                if by:
                    message["blocks"].append(
                        blocks.fine_print(escape(say.t("Shared by {name}", name=by)))
                    )
                return message

            await self._turns.sender.post(
                self._talk(turn).token, it.room, make, thread=it.thread or None
            )
        except Refused as fault:
            if fault.code not in NOT_THERE:
                raise
            await turn.talk.tell(
                say.t("I cannot post here. Invite me first, with /invite, then share again.")
            )
            return
        finally:
            self._sharing.discard(key)
        try:
            await self._turns.sender.withdraw(it.response_url)
        except Refused as fault:
            log.info("a shared answer could not be taken away: %s", fault)

    async def _verdict(self, turn: Turn, click: values.Click) -> None:
        ref, _, verdict = click.question.partition(":")
        if verdict not in VERDICTS:
            return
        say = wording(turn.person.reads)
        await self._turns.verdict(turn.it, ref, verdict)
        if verdict == "bad":
            await self._opened(_of(turn), self._talk(turn).token, views.reason_form(say.lang, ref))
        else:
            await turn.talk.tell(say.t("Thank you, noted."))

    # -- forms -------------------------------------------------------------------------------

    def submitted(self, it: Incoming) -> dict[str, Any] | None:
        """What to acknowledge a form with: faults by field, or None when it can be worked on."""
        callback = str(it.view.get("callback_id") or "")
        if callback == values.FIND:
            found = views.words_of_form(it.view, _lang(views.origin_of(it.view)))
            if isinstance(found, dict):
                return {"response_action": "errors", "errors": found}
            return None
        if callback == values.REASON:
            return None
        lang = self._turns.people.reads(it.who)
        return {"response_action": "update", "view": views.note(lang, out_of_date(lang))}

    async def work_on(self, it: Incoming, token: str) -> None:
        """A form that was acknowledged."""
        origin = views.origin_of(it.view)
        if it.view.get("callback_id") == values.REASON:
            if self._turns.spent(it) is None:
                reason = f"bad:{views.reason_of(it.view)}"
                await self._turns.verdict(it, origin.get("ref", ""), reason)
            return
        words = views.words_of_form(it.view, _lang(origin))
        if not isinstance(words, str):
            return
        it = it.at(
            room=origin.get("channel", ""),
            message=origin.get("ts", ""),
            thread=origin.get("thread", ""),
            response_url=origin.get("url", ""),
            ephemeral=origin.get("private") == "1",
        )
        turn = await self._turn(it, token)
        if not await self._turns.admitted(turn, it.enterprise):
            return
        own = origin.get("own") == "1" and bool(it.room and it.message)
        by_all = own and not it.ephemeral and not it.direct
        reached = response_url_allowed(it.response_url, self._turns.sender.api_url)
        if not own and not reached:
            turn = turn._replace(it=it.at(room=""))
        await self._answer(turn, words, own, by_all=by_all, lang=_lang(origin))

    def _origin(self, it: Incoming, click: values.Click | None) -> dict[str, str]:
        """Where the form's answer goes. The client can read it, and change it: nothing here grants
        anything, since the answer is made for whoever submits."""
        own = it.ephemeral or it.direct or (click is not None and click.user == it.user)
        origin = {
            "channel": it.room, "ts": it.message, "thread": it.thread, "url": it.response_url,
            "private": "1" if it.ephemeral else "", "own": "1" if own else "",
        }  # fmt: skip
        return {name: value for name, value in origin.items() if value}

    async def outdated(self, it: Incoming, token: str) -> None:
        """A shortcut of an older version."""
        lang = self._turns.people.reads(it.who)
        await self._turns.talk(it, token).tell(out_of_date(lang))

    # -- home and settings -------------------------------------------------------------------

    async def home(self, it: Incoming, token: str, *, again: bool = False) -> None:
        """Publishes the home tab, when it would look different from what is there."""
        if not again and self._turns.spent(it) is not None:
            return  # what is there stays
        turn = await self._turn(it, token)
        lang = turn.person.reads
        orders, sources = await self._standing(turn, lang)
        view = home.home_view(lang, await self._turns.people.preferences(it.who), orders, sources)
        looks = hashlib.blake2b(json.dumps(view).encode(), digest_size=16).hexdigest()
        if not again and it.view and self._homes.get(it.who) == looks:
            return
        await self._turns.sender.publish(token, it.user, view)
        self._homes.put(it.who, looks)

    async def _standing(self, turn: Turn, lang: Lang) -> tuple[list[Order], Answer | None]:
        """Answers to the lists of the person's own orders, where there are any; and to "sources"."""
        # Looking is no question of theirs; and where they once placed an order, others' are theirs.
        asker = self._turns.asker(turn, "", "alone", lang)._replace(thread=None, own_orders=True)
        orders: list[Order] = []
        for place in await self._places(_of(turn)):
            for command in (one for one in COMMANDS if one.lists_orders):
                answer = await self._turns.ask(command.example(lang), asker._replace(place=place))
                if answer.tone == "plain":
                    orders.append(Order(place.rpartition(":")[2], answer))
        sources = await self._turns.ask(BY_NAME["sources"].example(lang), asker._replace(user=None))
        return orders, sources if sources.tone != "fault" else None

    async def _places(self, it: Incoming) -> list[str]:
        """Where this person has something standing."""
        if self._state is None:
            return []
        try:
            placed = await asyncio.to_thread(self._state.people.places_of, it.who)
            dealt = await asyncio.to_thread(deals.places_of, self._state, it.who)
            return list(dict.fromkeys((*placed, *dealt)))
        except StateFault as fault:
            log.warning("state cannot be read: %s", fault)
            return []

    async def _preference(self, it: Incoming, token: str) -> None:
        refusal = self._turns.spent(it)
        if refusal is not None:
            if refusal:
                await self._turns.talk(it, token).tell(refusal)
            return
        name = it.action.removeprefix(f"{values.PREFERENCE}.")
        value = home.preference_of(name, it.value)
        people = self._turns.people
        if not isinstance(value, bool) and not await people.set_preference(it.who, name, value):
            say = wording(people.reads(it.who))
            await self._turns.talk(it, token).tell(say.t("Settings cannot be kept just now. Try again in a moment."))  # fmt: skip
        await self.home(it, token, again=True)

    # -- pieces ------------------------------------------------------------------------------

    async def _turn(self, it: Incoming, token: str) -> Turn:
        return await self._turns.turn(it, self._turns.talk(it, token))

    @staticmethod
    def _talk(turn: Turn) -> Talk:
        return cast("Talk", turn.talk)

    async def _opened(self, it: Incoming, token: str, view: dict[str, Any]) -> None:
        try:
            await self._turns.sender.open_view(token, it.trigger, view)
        except Refused as fault:
            log.info("a form could not be opened: %s", fault)
            say = wording(self._turns.people.reads(it.who))
            await self._turns.talk(it, token).tell(say.t("That took too long. Please press again."))

    @staticmethod
    def _lang(turn: Turn, click: values.Click) -> Lang:
        """A set preference wins; else the card's language goes on."""
        return turn.person.lang or click.lang


def _of(turn: Turn) -> Incoming:
    return cast("Incoming", turn.it)


def out_of_date(lang: Lang) -> str:
    return wording(lang).t("This card is out of date. Please ask again.")


@cache
def known_cards() -> list[str]:
    from knowledge.facts.accelerators import table

    return sorted({row.canonical for row in table()})


def _lang(origin: dict[str, str]) -> Lang:
    return lang_of(origin.get("lang")) or "en"
