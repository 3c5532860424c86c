"""One turn: what somebody said in, what is said to it out, on any platform.

Every way in ends in `answered`, the only place that asks. What was acknowledged runs as a task that
is kept, reported on when it fails, and finished before we stop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.conversation.allowance import Allowance, too_many
from bot.conversation.courtesy import only_courtesy
from bot.conversation.incoming import Incoming
from bot.conversation.people import People, Person
from bot.conversation.places import Places
from bot.conversation.privacy import Audience, may_change, may_see_contracts
from bot.conversation.talk import Host, Rules, Talk, Undelivered
from bot.core import telemetry
from bot.core.answer import Answer
from bot.core.command import BY_NAME, LOOKS, READS, STANDS
from bot.core.desk import Ask, Asker
from bot.core.phrase import phrase
from bot.core.question import Question
from bot.core.wording import Wording, wording
from bot.language import Lang
from bot.state.firsts import Firsts
from bot.understanding.understand import understood

if TYPE_CHECKING:
    from bot.state import State

log = logging.getLogger(__name__)

ANSWERED_FOR = timedelta(days=30)
"""An edit of a message this old is never answered: nobody knows any more whether it was."""


class Turn(NamedTuple):
    """One request, who it is from, and how it is answered."""

    it: Incoming
    person: Person
    talk: Talk


Documents = Callable[["Conversation", Turn], Awaitable[Answer | None]]
"""The answer to a message's files or pasted document; None where it brings none."""


class Conversation:
    """Answers on one platform. One for the process; holds short memories, nothing that must last."""

    def __init__(
        self,
        ask: Ask,
        state: State | None,
        host: Host,
        rules: Rules,
        *,
        clock: Callable[[], datetime],
        admins: tuple[str, ...] = (),
        documents: Documents | None = None,
    ) -> None:
        """`documents` answers what comes as a file or as a pasted document."""
        self.ask = ask
        self._documents = documents
        self.state = state
        self.host = host
        self.now = clock
        self.people = People(state, admins)
        self.places = Places(state)
        self.firsts = Firsts(state, clock)
        self._rules = rules
        if state is not None:
            state.reaches[host.name] = host.reach
        self._allowance = Allowance(rules.per_minute)
        self._work: set[asyncio.Task[Any]] = set()

    # -- tasks -------------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, Any], it: Incoming, talk: Talk) -> None:
        """Runs on after the acknowledgement; a fault is told to the person with a reference."""
        self.track(self.guarded(work, it, talk))

    def track(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    @property
    def at_work(self) -> int:
        return len(self._work)

    async def guarded(self, work: Coroutine[Any, Any, Any], it: Incoming, talk: Talk) -> None:
        """The one place where every exception of a turn ends."""
        try:
            await work
        except Undelivered as fault:
            await self.undelivered(it, fault)
        except Exception as fault:  # noqa: BLE001  logged by the apology
            words = self.apology(it, fault)
            try:
                await talk.tell(words)
            except Undelivered as refused:
                log.warning("nor could the apology be sent: %s", refused)

    def apology(self, it: Incoming, fault: Exception) -> str:
        """What is said when something broke: a reference to the reader, the trace to us."""
        reference = telemetry.reference()
        log.error("fault in a turn", exc_info=fault, extra={"reference": reference})
        return wording(self.people.reads(it.who)).t(
            "Sorry, something broke on our side. Quote reference {reference} to whoever runs this bot.",
            reference=reference,
        )

    async def undelivered(self, it: Incoming, fault: Undelivered) -> None:
        """No message was taken: the operator has one line, and a room that is lost is noted."""
        log.warning(
            "an answer could not be sent: %s", fault,
            extra={"reference": telemetry.reference(), "place": self.host.place(it).id},
        )  # fmt: skip
        if fault.gone and not it.direct:
            await self.places.lost(self.host.place(it).id, fault.code, self.now())

    async def finish(self, within: float) -> None:
        """Waits for what was acknowledged and is not done; what is late is given up."""
        if self._work:
            _, late = await asyncio.wait(set(self._work), timeout=within)
            for task in late:
                task.cancel()
            if late:
                log.warning("gave up %d answers at shutdown", len(late))
        await self.firsts.finish()

    # -- a message ---------------------------------------------------------------------------

    async def message(self, it: Incoming, talk: Talk) -> None:
        """A message that is meant for us, from its words to its answer."""
        turn = await self.turn(it, talk, it.words)
        if not await self.admitted(turn):
            return
        document = await self._documents(self, turn) if self._documents is not None else None
        if document is not None:
            await self.shown(turn, document)
            return
        words = await self.words_of(turn)
        if not words:
            return
        await self.heard_from(turn, words)
        answer = await self.answered(turn, words, alone=it.alone)
        await self.shown(turn, answer)
        await self.private_part(turn, words, answer)

    async def turn(self, it: Incoming, talk: Talk, words: str = "") -> Turn:
        """Who asks these words; the platform is asked about them where something depends on it."""
        asks = (
            self.host.tells_language
            or await self.places.has_contracts(it.workspace)
            or not (it.direct or understood(words).intent in LOOKS)
            or bool(it.files)  # quotes are kept for members alone
            or it.is_document
        )
        return Turn(it, await self.people.person(it, talk.profile if asks else None), talk)

    async def words_of(self, turn: Turn) -> str:
        """The question in a message; empty when it needs no answer, or has just been given one."""
        it, say = turn.it, wording(turn.person.reads)
        if it.words:
            if only_courtesy(it.words):
                return ""  # thanks need no thanks
            if it.edited and understood(it.words).intent not in LOOKS:
                await turn.talk.tell(say.t("I carry out no order from a message that was edited. Please write it anew."))  # fmt: skip
                return ""
            return it.words
        if it.quoted:
            words = words_to_price(it.quoted)
            if words is None:
                await turn.talk.tell(say.t("I find no GPU in this message. Ask me in words: {example}", example=BY_NAME["price"].example(say.lang)))  # fmt: skip
            return words or ""
        return BY_NAME["help"].word(say.lang)

    async def shown(self, turn: Turn, answer: Answer) -> None:
        """Where it was asked; where that is refused, to who asked alone: nobody is left without."""
        try:
            await turn.talk.show(answer)
        except Undelivered as fault:
            if fault.sent is None or fault.ours or turn.it.direct:
                raise
            await self.undelivered(turn.it, fault)
            say = wording(answer.lang)
            why = say.t("I may not post this there, so only you see it.")
            try:
                await turn.talk.show_alone(answer._replace(lines=(why, *answer.lines)))
            except Undelivered as refused:
                if refused.sent is None or refused.ours:
                    raise
                await turn.talk.tell(say.t("I may not post the answer to your question, neither there nor to you."))  # fmt: skip

    async def private_part(self, turn: Turn, words: str, answer: Answer) -> None:
        """What everybody was shown holds public prices; who asked is shown alone what the contract
        prices of their workspace change about it."""
        if answer.tone == "fault" or turn.it.alone or understood(words).intent not in READS:
            return
        if self.audience_of(turn.it, await self._known(turn.it)) not in ("ours", "unknown"):
            return
        if not may_see_contracts(turn.person.member, "alone"):
            return
        if not await self.places.has_contracts(turn.it.workspace):
            return
        asker = self.asker(turn, words, "alone")._replace(user=None)  # one question, told twice
        own = await self.ask(words, asker)
        if own.private:
            await turn.talk.show_alone(own)

    # -- guards ------------------------------------------------------------------------------

    def allowed(self, it: Incoming, *also: str) -> bool:
        """Whether the workspace is among those that are answered; `also` names what it belongs to."""
        if not self._rules.tenants or {it.tenant, *also} & set(self._rules.tenants):
            return True
        log.info("workspace %s is not among those allowed", it.tenant)
        return False

    async def admitted(self, turn: Turn, *also: str) -> bool:
        """Whether this is answered; if not, who asked has been told what there is to tell."""
        refusal = await self.refusal(turn, *also)
        if refusal:
            await turn.talk.tell(refusal)
        return refusal is None

    async def refusal(self, turn: Turn, *also: str) -> str | None:
        """Why this person is not answered here: a sentence, or nothing at all to say; None when
        they are. Counts one question."""
        it = turn.it
        if not self.allowed(it, *also):
            return ""
        say = wording(turn.person.reads)
        if self._rules.rooms and not it.direct and it.room not in self._rules.rooms:
            return say.t("I am not set up to answer in this channel. Write to me directly.")
        if not self._rules.shared and await self._among_companies(turn):
            return say.t("I do not answer in channels shared with other companies.")
        return self.spent(it, say)

    def spent(self, it: Incoming, say: Any = None) -> str | None:
        """Counts one question; what is said when there were too many, once a minute."""
        if not self._allowance.spent(it.who):
            return None
        if not self._allowance.tell(it.who):
            return ""
        say = say or wording(self.people.reads(it.who))
        return str(say.t("Too many questions in one minute. Please wait a little."))

    async def _among_companies(self, turn: Turn) -> bool:
        it = turn.it
        if it.shared:  # later requests from there do not say so
            await self.places.save(self.host.place(it))
        if it.shared or turn.person.member == "foreign":
            return True
        return not it.direct and self.audience_of(it, await self._known(it)) == "shared"

    async def _known(self, it: Incoming) -> Any:
        return await self.places.get(self.host.place(it).id)

    def audience_of(self, it: Incoming, known: Any) -> Audience:
        return "shared" if it.shared else self.host.audience(it, known)

    def turned_away(self, it: Incoming) -> str:
        return too_many(wording(self.people.reads(it.who)))

    # -- asking ------------------------------------------------------------------------------

    async def heard_from(self, turn: Turn, words: str) -> None:
        """Remembers where we were written to from."""
        stands = understood(words).intent in STANDS
        for place in (self.host.place(turn.it), self.host.own_place(turn.it)):
            if place is not None:
                lang = turn.person.lang or turn.person.seen_lang
                await self.places.save(place._replace(lang=place.lang or lang), anew=stands)

    async def answered(
        self, turn: Turn, words: str, *, alone: bool = False, lang: Lang | None = None
    ) -> Answer:
        """Asks as this person, here; `alone` when nobody else will read the answer. Orders of a room
        are its members'."""
        it, intent = turn.it, understood(words).intent
        known = await self._known(it)
        audience = self.audience_of(it, known)
        if alone and audience != "shared":
            audience = "alone"
        if intent not in LOOKS:
            say = wording(lang or turn.person.lang_for(words) or understood(words).lang)
            refusal = self._may_not_change(turn, known, say)
            if refusal is not None:
                return Answer(headline=refusal, lang=say.lang, tone="caution", now=self.now())
        answer = await self.ask(words, self.asker(turn, words, audience, lang))
        if answer.question is not None and answer.question.intent == "forget":
            self.people.forget(it.who)
            for name in (self.host.place(it).id, f"direct:{it.who}"):
                self.places.forget(name)
        return answer

    def _may_not_change(self, turn: Turn, known: Any, say: Wording) -> str | None:
        if turn.it.direct:
            return None
        if not may_change(turn.person.member, self.audience_of(turn.it, known)):
            return say.t("Only members of the workspace set, change or stop what stands here. Guests may look, and ask.")  # fmt: skip
        if self._rules.admins_only and not turn.person.admin:
            return say.t("Only admins set, change or stop what stands here.")
        return None

    def asker(self, turn: Turn, words: str, audience: Audience, lang: Lang | None = None) -> Asker:
        it, person = turn.it, turn.person
        return Asker(
            platform=it.platform,
            workspace=it.workspace,
            place=self.host.place(it).id,
            user=it.who,
            lang=lang or person.lang_for(words),
            locale=person.locale,
            tz=person.tz,
            region=person.region,
            billing=person.billing,
            currency=person.currency,
            is_admin=person.admin,
            may_see_contracts=may_see_contracts(person.member, audience),
            thread=self.host.thread(it),
        )

    # -- leaving -----------------------------------------------------------------------------

    async def left(self, *prefixes: str) -> None:
        """We were removed: nothing of these places or workspaces is kept or sent."""
        await self.places.do(lambda state: [state.forget_workspace(one) for one in prefixes])
        self.places.forget_all()

    async def verdict(self, it: Incoming, answer: str, verdict: str) -> None:
        """What somebody thought of an answer of ours: one word of each person on each answer."""
        place = self.host.place(it).id
        said = (self.now(), it.platform, place, it.who, answer[:80], verdict[:40])
        await self.places.do(lambda state: state.people.feedback(*said))


PRICED = ("accelerators", "memory_gb", "count", "region", "billing", "providers")
"""What is kept of somebody's message to price it."""


def words_to_price(text: str) -> str | None:
    """A question that changes nothing, made of somebody's message; None where it names no card. Of
    an unclear message, what all its readings share."""
    question = understood(text)
    if question.intent in READS:
        return text
    readings = question.guesses or (question,)
    shared: dict[str, Any] = {
        name: getattr(readings[0], name)
        for name in PRICED
        if len({getattr(one, name) for one in readings}) == 1
    }
    if not shared.get("accelerators"):
        return None
    shared["accelerators"] = shared["accelerators"][:1]
    return phrase(Question(intent="price", lang=question.lang, **shared))
