"""The one path: words -> Question -> command -> Answer.

A command returns an Answer, also when the answer is no. An exception is a fault of ours: one
apology with a reference here, the trace in the log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from bot.answers import currency, extras, managed
from bot.answers.notes import asks_why
from bot.answers.offers import impossible
from bot.core import telemetry
from bot.core.answer import Answer
from bot.core.command import BY_NAME, STANDS
from bot.core.desk import Asker, Desk
from bot.core.phrase import read_as
from bot.core.question import Question
from bot.core.wording import Wording, wording
from bot.economics.meant import meant
from bot.language import locale_of
from bot.reply.contract_prices import contract_facts
from bot.standing import timing
from bot.state.rows import StateFault
from bot.understanding.understand import understand
from knowledge.prices.store import Store, StoreFault, contract_read

if TYPE_CHECKING:
    from bot.state import State

Last = Question | Callable[[], Question | None] | None
"""A conversation's previous question, or how to look it up when it is needed."""


def reply(
    words: str | Question,
    asker: Asker,
    now: datetime,
    store: Store,
    last: Last = None,
    *,
    state: State | None = None,
) -> Answer:
    """The answer to these words, or to a Question that is stated already. Never raises: a fault
    becomes an apology with a reference.

    `last` is the conversation's previous question, on which the words may build. `state` is
    where watches and digests are kept; without it nothing can be.
    """
    question = Question(intent="out_of_scope")
    before: Question | None = None
    try:
        if isinstance(words, Question):
            question = words
        else:
            with telemetry.step("understand"):
                before = last() if callable(last) else last
                question = understand(words, before)
                if question.intent == "quotes":  # read line by line
                    question = question._replace(text=words)
        with telemetry.step("answer"):
            if question.topic == "why" and not question.rules:
                question = question._replace(rules=_rules_of(last, asker, now, store))
            answer = answer_question(question, asker, now, store, state=state)
            answer = _unrepeated(answer, last, asker, now, store)
            if isinstance(words, Question):
                return answer
            return _with_reading(answer, words, followed=before is not None)
    except Exception as fault:  # noqa: BLE001  the one place where every exception ends
        return _failed(fault, question, asker, now)


def _failed(fault: Exception, question: Question, asker: Asker, now: datetime) -> Answer:
    """What is said when a question could not be answered; its trace goes to us, not to the reader."""
    import logging  # for faults alone: a cold question has none

    log = logging.getLogger(__name__)
    say = _say(question, asker)
    reference = None
    if isinstance(fault, StateFault):
        log.warning("state cannot be used", exc_info=fault)
        headline = say.t(
            "Watches, digests and preferences cannot be reached just now; prices can. Try again in a minute."
        )
    elif isinstance(fault, StoreFault) and asker.may_see_paths:
        headline = say.t("The price store cannot be read: {fault}", fault=str(fault))
    elif isinstance(fault, StoreFault):
        # Whoever asks in a chat cannot mend a file, and need not know where it lies.
        log.error("the price store cannot be read: %s", fault)
        headline = say.t(
            "The prices cannot be read just now. They are being put right; please ask again in a few seconds."
        )
    else:
        reference = telemetry.reference()
        log.error("fault while answering", exc_info=fault, extra={"reference": reference})
        headline = say.t(
            "Sorry, something broke on our side. Quote reference {reference} to whoever runs this bot.",
            reference=reference,
        )
    return Answer(
        headline=headline,
        lang=say.lang,
        locale=say.locale,
        tone="fault",
        question=question,
        reference=reference,
        now=now,
    )


def _say(question: Question, asker: Asker) -> Wording:
    lang = asker.lang or question.lang
    return wording(lang, locale_of(lang, asker.locale, asker.tz))


_FEW = 4
"""Words that need no line about how they were read."""


def _with_reading(answer: Answer, words: str, *, followed: bool) -> Answer:
    """The answer with the line that says how the words were read, where there were many, and in a
    thread what was kept."""
    question = answer.question
    if question is None or answer.tone == "fault" or not (followed or len(words.split()) > _FEW):
        return answer
    if not BY_NAME[question.intent].reads or question.topic == "why":
        return answer
    return answer._replace(read_as=read_as(question, answer.lang))


def answer_question(
    question: Question,
    asker: Asker,
    now: datetime,
    store: Store,
    *,
    state: State | None = None,
) -> Answer:
    """The answer to an understood question; raises what its command raises."""
    say = _say(question, asker)
    question = _with_preferences(meant(question), asker)
    money = currency.of(question, asker, store)
    desk = Desk(store, now, currency.words(say, money), asker, state)
    asked = currency.in_dollars(question, money)
    topic = extras.topic_of(asked)
    answers = BY_NAME[asked.intent]
    with contract_read() as private:
        answer = (
            no_time(asked, desk)
            or impossible(asked, desk)
            or (extras.answer(asked, topic, desk) if topic else answers.answer(asked, desk))
        )
        answer = answer._replace(private=answer.private or private())
    if answer.notes:
        answer = asks_why(answer, say)
    answer = managed.told(currency.shown(answer, question, money, desk), question.text, desk)
    return answer._replace(
        headline=answer.headline[:1].upper() + answer.headline[1:],  # some begin with an article
        lang=say.lang,
        locale=say.locale,
        question=answer.question or question,
        now=now,
        facts=(*answer.facts, *contract_facts(answer.offers, desk)),
        private=answer.private or any(offer.owner for offer in answer.offers),
    )


def no_time(question: Question, desk: Desk) -> Answer | None:
    """Asks back what an order says of when, and is no time, day, zone or rhythm."""
    if question.intent not in STANDS:
        return None

    wrong = timing.asked_back(timing.stated(question.text, question.lang), desk.say)
    return Answer(headline=wrong, tone="caution") if wrong else None


def _with_preferences(question: Question, asker: Asker) -> Question:
    """The asker's default region and billing where the words state none."""
    command = BY_NAME[question.intent]
    if not command.narrows or command.looks_back:
        return question
    notes = question.notes
    if asker.region and not (question.region or question.regions or question.exclude_regions):
        question = question._replace(region=asker.region)
        notes += ("preferred-region",)
    if asker.billing and not (question.billing or question.exclude_billing):
        question = question._replace(billing=asker.billing)
        notes += ("preferred-billing",)
    return question._replace(notes=notes)


def about_offers(question: Question) -> bool:
    """Whether a thread's follow-up may narrow this question."""
    return BY_NAME[question.intent].narrows


def leads_on(question: Question) -> bool:
    """Whether a thread keeps this question: a follow-up may narrow it, or ask why."""
    return BY_NAME[question.intent].threaded and question.topic != "why"


def _unrepeated(answer: Answer, last: Last, asker: Asker, now: datetime, store: Store) -> Answer:
    """The answer without the advice that stands, word for word, in the one before it."""
    if not answer.notes or last is None:
        return answer
    before = last() if callable(last) else last
    if before is None or not leads_on(before) or before == answer.question:
        return answer
    said = {(note.rule, note.text) for note in answer_question(before, asker, now, store).notes}
    return answer._replace(
        notes=tuple(note for note in answer.notes if (note.rule, note.text) not in said)
    )


def _rules_of(last: Last, asker: Asker, now: datetime, store: Store) -> tuple[str, ...]:
    """The rules that spoke in the conversation's last answer, which is made again to see them."""
    before = last() if callable(last) else last
    if before is None:
        return ()
    if before.topic == "why":
        return before.rules
    return tuple(note.rule for note in answer_question(before, asker, now, store).notes)
