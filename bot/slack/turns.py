"""Slack's ways into a conversation: a command must be acknowledged within three seconds, mentions and
direct messages are answered as posts, the message shortcut as a whisper."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from bot.conversation.turn import Conversation, Turn, words_to_price
from bot.core.answer import Answer
from bot.core.command import BY_NAME, READS, STANDS
from bot.core.desk import Ask
from bot.core.recent import Recent, Rendered
from bot.core.settings import Settings
from bot.core.wording import wording
from bot.language import Lang
from bot.quotes import uploads
from bot.slack import blocks
from bot.slack.incoming import Incoming
from bot.slack.options import response_url_allowed
from bot.slack.sending import Sender
from bot.slack.talk import HOST, Draw, Rules, Talk
from bot.slack.text import plain
from bot.understanding.understand import understood

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.state import State

log = logging.getLogger(__name__)

ACK_WITHIN = 0.08
"""Seconds: an answer that is ready by then is the acknowledgement; later ones follow it."""
ACK_ALONE = 2.5
"""The same where there is no response URL to follow with: Slack waits for three seconds."""


ORGANISATION = "slack-organisation"
"""What is kept of each workspace that belongs to one, by `E123:T123`."""
NOTED_FOR = 3600.0


class Turns(Conversation):
    """A conversation on Slack. One for the process."""

    def __init__(
        self,
        ask: Ask,
        state: State | None,
        sender: Sender,
        settings: Settings,
        *,
        clock: Callable[[], datetime],
        draw: Draw | None = None,
    ) -> None:
        super().__init__(
            ask, state, HOST, Rules(settings), clock=clock, admins=settings.slack_admins,
            documents=uploads.answered,
        )  # fmt: skip
        self.sender = sender
        self.draw = draw
        self._private = Rendered(_private_json)
        self.suggested: Recent[str, tuple[str, list[str]]] = Recent(NOTED_FOR)
        """Where somebody's messages with us are, and the questions that stand beside them."""
        self._organisations: Recent[str, None] = Recent(NOTED_FOR)

    async def turn(self, it: Any, talk: Any, words: str = "") -> Turn:
        """Notes also to which organisation a workspace belongs: it may be left as a whole."""
        pair = f"{it.enterprise}:{it.tenant}"
        if it.enterprise and it.tenant != it.enterprise and pair not in self._organisations:
            self._organisations.put(pair, None)
            self.track(self.places.do(lambda state: state.records.keep(ORGANISATION, pair, {})))
        return await super().turn(it, talk, words)

    async def organisation_left(self, enterprise: str) -> None:
        """An organisation removed us from all of its workspaces that we were ever asked in."""
        kept = await self.places.kept(ORGANISATION, f"{enterprise}:")
        for team in {enterprise, *(pair.partition(":")[2] for pair in kept)}:
            await self.workspace_left(team)
        await self.places.do(lambda state: state.records.drop(ORGANISATION, f"{enterprise}:"))
        self._organisations = Recent(NOTED_FOR)

    async def workspace_left(self, team: str) -> None:
        await self.left(f"slack:{team}", f"direct:slack:{team}")
        log.info("workspace %s has left", team)

    def talk(self, it: Incoming, token: str) -> Talk:
        return Talk(it, token, self.sender, self.draw)

    def start(self, work: Coroutine[Any, Any, Any], it: Incoming, token: str) -> None:
        """`spawn`, where we are installed."""
        if token:
            self.spawn(work, it, self.talk(it, token))
            return
        work.close()
        log.info("workspace %s has not installed us", it.tenant)

    async def command(self, it: Incoming, token: str) -> str | None:
        """A slash command: the JSON to acknowledge with; None when its answer follows."""
        if not token:
            return private(not_installed(self.people.reads(it.who)))
        work = asyncio.create_task(self._commanded(it, token))
        done, _ = await asyncio.wait({work}, timeout=ACK_WITHIN)
        if not done and not response_url_allowed(it.response_url, self.sender.api_url):
            done, _ = await asyncio.wait({work}, timeout=ACK_ALONE - ACK_WITHIN)
        if not done or work.exception() is not None:
            self.start(self._followed(work, it, token), it, token)
            return None
        said = work.result()
        if isinstance(said, Answer):
            return self._private.of(said)
        return private(said) if said else None

    def unknown_just_now(self, it: Incoming) -> str:
        """The JSON to acknowledge a command with while nobody knows whose workspace it is."""
        say = wording(self.people.reads(it.who))
        return private(
            say.t("My database cannot be reached just now. Please ask again in a minute.")
        )

    async def _commanded(self, it: Incoming, token: str) -> Answer | str | None:
        """The answer, a sentence, or None when there is nothing to say."""
        reads = understood(it.words).intent in READS
        if not await self.firsts.first(once("trigger", it.trigger), reads=reads):
            return None
        turn = await self.turn(it, self.talk(it, token))
        refusal = await self.refusal(turn, it.enterprise)
        if refusal is not None:
            return refusal
        return await self.ordered(turn, it.words or BY_NAME["help"].word(turn.person.reads))

    async def ordered(self, turn: Turn, words: str, lang: Lang | None = None) -> Answer | None:
        """The answer for who asked alone. Commands work where we are no member, and nothing but a
        message tells without a scope that reads channels: an order's own answer is the one that is
        tried, and then None, as it was shown."""
        if understood(words).intent not in STANDS:
            return await self.answered(turn, words, alone=True, lang=lang)
        place = HOST.place(turn.it)
        known = await self.places.get(place.id, anew=True)  # another replica may have found it lost
        if known is not None and known.disabled_reason is None:
            return await self.answered(turn, words, alone=True, lang=lang)
        before = await self.places.orders(place.id)
        seen = turn.person.lang or turn.person.seen_lang
        await self.places.save(place._replace(lang=seen), anew=True)
        answer = await self.answered(turn, words, alone=True, lang=lang)
        if turn.it.direct:
            return answer
        new = await self.places.orders(place.id) - before
        if new and await cast("Talk", turn.talk).whisper(answer):
            return None
        await self.places.take_back(place.id, new, known, self.now())
        if not new:
            return answer
        say = wording(answer.lang)
        return Answer(
            headline=say.t("I cannot write here on my own yet: add me to this conversation, then ask again."),
            lang=say.lang, tone="caution", now=self.now(),
        )  # fmt: skip

    async def _followed(
        self, work: asyncio.Task[Answer | str | None], it: Incoming, token: str
    ) -> None:
        """The answer that came too late for the acknowledgement."""
        said, talk = await work, self.talk(it, token)
        if isinstance(said, Answer):
            await talk.show_alone(said)
        elif said:
            await talk.tell(said)

    async def price_this(self, it: Incoming, token: str) -> None:
        """The message shortcut: the prices of what somebody wrote about, seen by who asked."""
        turn = await self.turn(it, self.talk(it, token))
        if not await self.admitted(turn, it.enterprise):
            return
        say = wording(turn.person.reads)
        words = words_to_price(it.quoted)
        if not it.quoted:
            await turn.talk.tell(say.t("I see no text in this message."))
        elif words is None:
            await turn.talk.tell(say.t("I find no GPU in this message. Ask me in words: {example}", example=f"/gpu {BY_NAME['price'].example(say.lang)}"))  # fmt: skip
        else:
            await turn.talk.show_alone(await self.answered(turn, words, alone=True))


# -- pieces ----------------------------------------------------------------------------------


def _private_json(answer: Answer) -> str:
    """A private message as it is sent."""
    message = {"response_type": "ephemeral", **blocks.message(answer, where="private")}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def private(words: str) -> str:
    return json.dumps({"response_type": "ephemeral", "text": plain(words)})


def once(kind: str, key: str) -> str:
    """The name under which replicas agree who handles something; empty when it has no id."""
    return f"slack:{kind}:{key}" if key else ""


def not_installed(lang: Lang) -> str:
    return wording(lang).t(
        "I am not installed in this workspace any more. Ask whoever runs me to install me again."
    )


__all__ = ["Turn", "Turns", "not_installed", "once", "private"]
