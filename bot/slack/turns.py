"""One message or command in, what is said to it out: who may ask, how fast, where it goes.

Every way in ends in `ask`. Slack is acknowledged first; what takes longer runs as a task that is
kept, reported on when it fails, and finished before we stop.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.allowance import Allowance, too_many
from bot.answer import Answer
from bot.desk import Ask, Asker
from bot.phrase import phrase
from bot.question import READS, STANDS, Lang, Question
from bot.recent import Recent, Rendered
from bot.slack import blocks
from bot.slack.chart import chart_block
from bot.slack.options import SlackSettings, response_url_allowed
from bot.slack.people import People, Person
from bot.slack.sending import Make, Refused, Sender
from bot.slack.text import plain
from bot.state import Place, StateFault
from bot.state.firsts import PATIENCE, Firsts
from bot.text import clean, shorten
from bot.understand import understood
from bot.understanding import language
from bot.wording import wording

if TYPE_CHECKING:
    from bot.slack.incoming import Incoming
    from bot.state import State

log = logging.getLogger(__name__)

ACK_WITHIN = 0.08
"""Seconds: an answer that is ready by then is the acknowledgement; later ones follow it."""
ACK_ALONE = 2.5
"""The same where there is no response URL to follow with: Slack waits for three seconds."""
PLACES_FOR = 300.0
"""Seconds after which a place is saved again: a place heard from is well again, and another replica
may have found it lost."""
Draw = Callable[[Answer], bytes | None]
"""An Answer's chart as PNG; called in a worker thread."""


class Turn(NamedTuple):
    """One request, with whom it is from and the token that answers it."""

    it: Incoming
    token: str
    person: Person


class Turns:
    """Answers questions. One for the process; holds short memories, nothing that must last."""

    def __init__(
        self,
        ask: Ask,
        state: State | None,
        sender: Sender,
        settings: SlackSettings,
        *,
        clock: Callable[[], datetime],
        draw: Draw | None = None,
    ) -> None:
        self.ask = ask
        self._state = state
        self._settings = settings
        self.now = clock
        self._draw = draw
        self.sender = sender
        self.people = People(state, sender, settings.slack_admins)
        self.firsts = Firsts(state, clock)
        self._allowance = Allowance(settings.commands_per_minute)
        self._places: Recent[str, Place] = Recent(PLACES_FOR)
        self._private = Rendered(_private_json)
        self._work: set[asyncio.Task[None]] = set()

    # -- tasks -------------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, None], it: Incoming, token: str) -> None:
        """Runs on after the acknowledgement; a fault is told to the person with a reference."""
        if not token:
            work.close()
            log.info("workspace %s has not installed us", it.team)
            return
        task = asyncio.create_task(self.guarded(work, it, token))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def guarded(self, work: Coroutine[Any, Any, None], it: Incoming, token: str) -> None:
        """The one place where every exception of a turn ends."""
        try:
            await work
        except Refused as fault:
            await self._refused(it, fault)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("fault in a Slack turn", extra={"reference": reference})
            say = wording(self.people.reads(it.who))
            words = say.t(
                "Sorry, something broke on our side. Quote reference {reference} to whoever runs this bot.",
                reference=reference,
            )
            try:
                await self.tell(Turn(it, token, Person()), words)
            except Refused as fault:
                log.warning("nor could the apology be sent: %s", fault)

    async def _refused(self, it: Incoming, fault: Refused) -> None:
        """Slack took no message: the reader sees nothing, the operator one line."""
        reference = secrets.token_hex(4)
        log.warning(
            "an answer could not be sent: %s", fault, extra={"reference": reference, "place": place_id(it)}
        )  # fmt: skip
        if fault.gone and self._state is not None and it.channel.startswith(("C", "G")):
            self._places.drop(place_id(it))
            try:
                await asyncio.to_thread(
                    self._state.disable_place, place_id(it), fault.code, self.now()
                )
            except StateFault as problem:
                log.warning("%s", problem)

    async def finish(self, within: float) -> None:
        """Waits for what was acknowledged and is not done; what is late is given up."""
        if self._work:
            _, late = await asyncio.wait(set(self._work), timeout=within)
            for task in late:
                task.cancel()
            if late:
                log.warning("gave up %d answers at shutdown", len(late))
        await self.firsts.finish()

    # -- ways in -----------------------------------------------------------------------------

    async def command(self, it: Incoming, token: str) -> str | None:
        """A slash command: the JSON to acknowledge with; None when its answer follows."""
        if not token:
            return _private(not_installed(self.people.reads(it.who)))
        work = asyncio.create_task(self._commanded(it, token))
        done, _ = await asyncio.wait({work}, timeout=ACK_WITHIN)
        if not done and not response_url_allowed(it.response_url, self.sender.api_url):
            done, _ = await asyncio.wait({work}, timeout=ACK_ALONE - ACK_WITHIN)
        if not done or work.exception() is not None:
            self.spawn(self._followed(work, it, token), it, token)
            return None
        said = work.result()
        if isinstance(said, Answer):
            return self._private.of(said)
        return _private(said) if said else None

    def turned_away(self, it: Incoming) -> str | None:
        """The JSON to acknowledge a command with when there are too many."""
        return _private(too_many(wording(self.people.reads(it.who))))

    def unknown_just_now(self, it: Incoming) -> str:
        """The JSON to acknowledge a command with while nobody knows whose workspace it is."""
        say = wording(self.people.reads(it.who))
        return _private(
            say.t("My database cannot be reached just now. Please ask again in a minute.")
        )

    async def _commanded(self, it: Incoming, token: str) -> Answer | str | None:
        """The answer, a sentence, or None when there is nothing to say."""
        reads = understood(it.text).intent in READS
        if not await self.firsts.first(once("trigger", it.trigger), reads=reads):
            return None
        turn = Turn(it, token, await self.people.person(it, token))
        refusal = self.refusal(turn)
        if refusal is not None:
            return refusal
        words = it.text or help_words(turn.person)
        return await self.answered(turn, words, seen_by_all=False)

    async def _followed(
        self, work: asyncio.Task[Answer | str | None], it: Incoming, token: str
    ) -> None:
        """The answer that came too late for the acknowledgement."""
        said = await work
        turn = Turn(it, token, Person())
        if isinstance(said, Answer):
            await self.show_privately(turn, said)
        elif said:
            await self.tell(turn, said)

    async def message(self, it: Incoming, token: str) -> None:
        """A mention in a channel, or a direct message."""
        turn = Turn(it, token, await self.people.person(it, token))
        refusal = self.refusal(turn)
        if refusal is not None:
            if refusal:
                await self.tell(turn, refusal)
            return
        await self.save_place(turn)
        say = wording(turn.person.reads)
        words = it.text
        if not words and it.files:
            await self.tell(turn, say.t("I cannot read files. Ask me in words."))
            return
        words = words or help_words(turn.person)
        answer = await self.answered(turn, words, seen_by_all=not it.direct)
        # In a channel the answer goes under the question; between two it follows it.
        thread = it.thread or ("" if it.direct else it.ts)
        await self.post(turn, answer, it.channel, thread)

    async def price_this(self, it: Incoming, token: str) -> None:
        """The message shortcut: the prices of what somebody wrote about, seen by who asked."""
        turn = Turn(it, token, await self.people.person(it, token))
        refusal = self.refusal(turn)
        if refusal is not None:
            if refusal:
                await self.tell(turn, refusal)
            return
        words = words_to_price(it.text)
        if words is None:
            say = wording(turn.person.reads)
            await self.tell(turn, say.t("I find no GPU in this message. Ask me in words: /gpu price H100"))  # fmt: skip
            return
        answer = await self.answered(turn, words, seen_by_all=False)
        await self.show_privately(turn, answer)

    # -- guards ------------------------------------------------------------------------------

    def refusal(self, turn: Turn) -> str | None:
        """Why this person is not answered here: a sentence, or nothing at all to say; None when
        they are. Counts one question."""
        it, settings = turn.it, self._settings
        if settings.slack_teams_allowed and not {it.team, it.enterprise} & set(
            settings.slack_teams_allowed
        ):
            log.info("workspace %s is not among those allowed", it.team)
            return ""
        say = wording(turn.person.reads)
        if settings.slack_channels_allowed and not it.direct:
            if it.channel not in settings.slack_channels_allowed:
                return say.t("I am not set up to answer in this channel. Write to me directly.")
        if it.external and settings.slack_connect == "off":
            return say.t("I do not answer in channels shared with other companies.")
        if self._allowance.spent(it.who):
            if not self._allowance.tell(it.who):
                return ""
            return say.t("Too many questions in one minute. Please wait a little.")
        return None

    # -- asking ------------------------------------------------------------------------------

    async def answered(
        self, turn: Turn, words: str, *, seen_by_all: bool, lang: Lang | None = None
    ) -> Answer:
        """Asks as this person, here; a standing order first makes sure that we can write here."""
        if understood(words).intent in STANDS:
            await self._try_to_write(turn)
        asker = await self.asker(turn, words, seen_by_all=seen_by_all, lang=lang)
        answer = await self.ask(words, asker)
        if answer.question is not None and answer.question.intent == "forget":
            self.people.forget(turn.it.who)
            self.forget_place(f"direct:{turn.it.who}")
        return answer

    async def asker(
        self, turn: Turn, words: str, *, seen_by_all: bool, lang: Lang | None = None
    ) -> Asker:
        it, person = turn.it, turn.person
        contracts = not person.guest and it.user_team in ("", it.team) and not it.external
        if contracts and seen_by_all:
            contracts = await self._ours_alone(it)
        return Asker(
            platform="slack",
            workspace=it.workspace,
            place=place_id(it),
            user=it.who,
            lang=lang or person.lang or _lang_of(words, person),
            tz=person.tz,
            region=person.region,
            billing=person.billing,
            currency=person.currency,
            is_admin=person.admin,
            may_see_contracts=contracts,
            thread=thread_of(it),
        )

    async def _ours_alone(self, it: Incoming) -> bool:
        """Whether a channel is known to be of one company: only an event says so."""
        if it.direct:
            return True
        place = await self.place(place_id(it))
        return place is not None and place.conversation.get("external") is False

    # -- places ------------------------------------------------------------------------------

    async def save_place(self, turn: Turn) -> None:
        """A place that we were written to from: we can write there."""
        it = turn.it
        place = Place(
            id=place_id(it),
            platform="slack",
            workspace=it.workspace,
            tenant=it.team,
            channel=it.channel,
            kind="direct" if it.direct else "channel",
            conversation={"external": it.external, "enterprise": it.enterprise},
            lang=turn.person.lang or turn.person.seen_lang,
            tz=turn.person.tz if it.direct else None,
            person=it.who if it.direct else None,
        )
        if self._state is None:
            return
        # An order must not stand in a place that another replica found lost.
        if self._places.get(place.id) == place and understood(it.text).intent not in STANDS:
            return
        try:
            keep = asyncio.to_thread(self._state.save_place, place)
            await asyncio.wait_for(keep, PATIENCE)
        except TimeoutError:
            return  # a database that hangs keeps nobody waiting
        except StateFault as fault:
            log.warning("a place could not be kept: %s", fault)
            return
        self._places.put(place.id, place)

    def forget_place(self, name: str) -> None:
        """After it was lost, or forgotten: heard from again, it is saved again."""
        self._places.drop(name)

    def forget_places(self) -> None:
        """After a workspace left: what it had is not believed any more."""
        self._places = Recent(PLACES_FOR)

    async def place(self, name: str) -> Place | None:
        known = self._places.get(name)
        if known is None and self._state is not None:
            try:
                known = await asyncio.to_thread(self._state.place, name)
            except StateFault as fault:
                log.warning("state cannot be read: %s", fault)
                return None
            if known is not None:
                self._places.put(name, known)
        return known

    async def _try_to_write(self, turn: Turn) -> None:
        """A standing order by `/gpu`, which works where we are no member: see whether we are one.

        Nothing but a message tells without a scope that reads channels.
        """
        it = turn.it
        if self._state is None:
            return
        try:
            # Not from memory: another replica may have found it lost.
            known = await asyncio.to_thread(self._state.place, place_id(it))
        except StateFault as fault:
            log.warning("state cannot be read: %s", fault)
            return  # and the answer says so
        if known is not None and known.disabled_reason is None:
            return
        if it.direct:
            if known is None:
                await asyncio.to_thread(self._state.own_place, it.who)
            else:
                well = known._replace(disabled_reason=None)
                await asyncio.to_thread(self._state.save_place, well)
            return
        say = wording(turn.person.reads)
        words = say.t("One moment: I make sure that I can write here.")
        try:
            await self.sender.whisper(turn.token, it.channel, it.user, _words(words))
        except Refused as fault:
            log.info("not a member of %s: %s", it.channel, fault)
            return
        # Whether other companies read it is not known: contract prices stay out.
        place = Place(
            id=place_id(it), platform="slack", workspace=it.workspace, tenant=it.team,
            channel=it.channel, lang=turn.person.lang or turn.person.seen_lang,
            conversation={"enterprise": it.enterprise},
        )  # fmt: skip
        await asyncio.to_thread(self._state.save_place, place)
        self._places.put(place.id, place)

    # -- saying ------------------------------------------------------------------------------

    async def post(self, turn: Turn, answer: Answer, channel: str, thread: str = "") -> None:
        """For everybody there, with the chart as a picture where Slack cannot draw it."""
        make = made(answer, "thread", turn.it.user)
        channel, _ = await self.sender.post(
            turn.token, channel, make, thread=thread, metadata=_named(answer)
        )
        await self.picture(turn, answer, channel, thread)

    async def picture(self, turn: Turn, answer: Answer, channel: str, thread: str) -> None:
        chart = answer.chart
        if chart is None or self._draw is None:
            return
        if chart_block(chart, wording(answer.lang)) is not None:
            return
        try:
            png = await asyncio.to_thread(self._draw, answer)
        except Exception:
            log.exception("a chart could not be drawn")
            return
        if not png:
            return
        title = clean(chart.title) or wording(answer.lang).t("Chart")
        try:
            await self.sender.upload(
                turn.token,
                png,
                name=f"{_file_name(title)}.png",
                title=shorten(title, 200),
                alt=clean(chart.finding) or title,
                channel=channel,
                thread=thread,
            )
        except Refused as fault:
            # The answer says in words what the picture would show.
            log.warning("a chart could not be uploaded: %s", fault)

    async def show_privately(self, turn: Turn, answer: Answer) -> None:
        await self._privately(turn, made(answer, "private", ""))

    async def tell(self, turn: Turn, words: str) -> None:
        """A sentence for one person."""
        await self._privately(turn, _words(words))

    async def _privately(self, turn: Turn, make: Make) -> None:
        """By the response URL, as a whisper in the channel, else as a direct message."""
        it = turn.it
        if response_url_allowed(it.response_url, self.sender.api_url):
            try:
                await self.sender.respond(it.response_url, make)
            except Refused as fault:
                log.info("response URL refused: %s", fault)
            else:
                return
        if it.channel and not it.direct:
            try:
                await self.sender.whisper(turn.token, it.channel, it.user, make, thread=it.thread)
            except Refused as fault:
                log.info("cannot whisper in %s: %s", it.channel, fault)
            else:
                return
        room = it.channel if it.channel.startswith("D") else it.user
        if room:
            await self.sender.post(turn.token, room, make, thread=it.thread or None)


# -- pieces ----------------------------------------------------------------------------------


def place_id(it: Incoming) -> str:
    """Where orders of this conversation stand. What is asked between people, or nowhere, belongs to
    the person's own direct messages with us."""
    if it.direct:
        return f"direct:{it.who}"
    return f"{it.workspace}:{it.channel}"


def thread_of(it: Incoming) -> str:
    """The conversation whose last question can be narrowed."""
    if it.direct:
        return f"{it.who}:{it.channel or 'home'}:{it.thread}"
    if it.thread or it.ts:
        return f"{it.workspace}:{it.channel}:{it.thread or it.ts}"
    return f"{it.who}:{it.channel}"


def words_to_price(text: str) -> str | None:
    """A question that changes nothing, made of somebody's message; None where it names no card."""
    question = understood(text)
    if question.intent in READS:
        return text
    if not question.accelerators:
        return None
    kept = Question(
        intent="price",
        lang=question.lang,
        accelerators=question.accelerators[:1],
        memory_gb=question.memory_gb,
        count=question.count,
        region=question.region,
        billing=question.billing,
        providers=question.providers,
    )
    return phrase(kept)


def made(answer: Answer, where: blocks.Where, user: str) -> Make:
    return lambda safe: blocks.message(answer, where=where, user=user, safe=safe)


def _words(words: str) -> Make:
    return lambda _safe: {"text": plain(words, 3000)}


def _private_json(answer: Answer) -> str:
    """A private message as it is sent."""
    message = {"response_type": "ephemeral", **blocks.message(answer, where="private")}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def _private(words: str) -> str:
    return json.dumps({"response_type": "ephemeral", "text": plain(words)})


def once(kind: str, key: str) -> str:
    """The name under which replicas agree who handles something; empty when it has no id."""
    return f"slack:{kind}:{key}" if key else ""


def not_installed(lang: Lang) -> str:
    return wording(lang).t(
        "I am not installed in this workspace any more. Ask whoever runs me to install me again."
    )


def help_words(person: Person) -> str:
    return "ajuda" if person.reads == "pt" else "help"


def _named(answer: Answer) -> dict[str, Any]:
    """https://docs.slack.dev/messaging/message-metadata"""
    return {
        "event_type": "quartermaster_answer",
        "event_payload": {"answer": blocks.answer_ref(answer)},
    }


def _lang_of(words: str, person: Person) -> Lang | None:
    """Their Slack's language where the words themselves do not tell."""
    if person.seen_lang == "pt" and language.of(f"{words.lower()} qual", words):
        return "pt"
    return None


def _file_name(title: str) -> str:
    kept = "".join(char if char.isascii() and char.isalnum() else "-" for char in title.lower())
    return "-".join(filter(None, kept.split("-")))[:60] or "chart"
