"""Wait or sign now: which way the price has gone, and whether that is known well enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.advice.evidence import (
    card_asked,
    card_assumed,
    every_variant,
    priced,
)
from bot.answers.notes import notes_for
from bot.answers.offers import evidence, follow_up
from bot.core.answer import Answer, Fact
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.units import MONTH
from knowledge.market import THIN, Index, matched
from knowledge.prices.offer import Best

MOVED = 0.05
"""Default: less than this is no move."""
MOST = 6
"""Sellers named."""
WINDOW_DAYS = 180
"""Default: the span a trend is read from."""
TOO_OLD_DAYS = 60
"""Default: prices that nobody saw for this long say nothing about now."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    card = card_asked(question)
    until = desk.now.date()
    since = until - timedelta(days=WINDOW_DAYS)
    paths = desk.store.paths(card, question.memory_gb, "on-demand", since, until)
    found = matched(paths, since, until)
    if found is not None and len(found.moves) < THIN:
        found = None
    market = every_variant(question, desk)
    age = (until - found.days[-1][0]).days if found else None
    committed = every_variant(question, desk, "reserved")
    shown = [*market[:1], *committed[:1]]
    return Answer(
        headline=_verdict(question, found, age, say),
        lines=(*_reasons(question, found, say), *card_assumed(question, desk)),
        facts=tuple(_facts(found, shown, age, desk)),
        notes=notes_for(
            question,
            desk,
            "timing",
            shown,
            more={"asks_future": True, "months": (question.hours or 0) / MONTH or None},
        ),
        evidence=evidence(best.offer for best in shown),
        follow_ups=(
            follow_up(Question("history", accelerators=(card,), period_days=180), desk),
            follow_up(Question("cheapest", accelerators=(card,), billing="reserved"), desk),
        ),
        offers=tuple(best.offer for best in shown),
    )


def _verdict(question: Question, found: Index | None, age: int | None, say: Wording) -> str:
    card = say.card(card_asked(question), question.memory_gb)
    if found is None or age is None:
        return say.t(
            "I cannot call it: too few providers of {card} were seen twice; take a short term.",
            card=card,
        )
    if age > TOO_OLD_DAYS:
        return say.t(
            "I cannot call it: the newest {card} price is {days} days old; refresh, then ask again.",
            card=card,
            days=say.number(age),
        )
    values = {
        "card": card,
        "change": say.percent(abs(found.change)),
        "days": say.number(WINDOW_DAYS),
        "rose": say.number(found.rose),
        "fell": say.number(found.fell),
        "sellers": say.tn("{n} seller", "{n} sellers", len(found.moves)),
    }
    if question.urgency == "urgent":
        return say.t(
            "Do not wait, but rent on demand: the need is now. Like for like {card} moved {change} in {days} days ({rose} of {sellers} rose, {fell} fell).",
            **values,
        )
    if found.rising:
        return say.t(
            "Get quotes now, for half the volume if the use is not certain: {card} prices are rising. Of {sellers}, {rose} raised and {fell} cut in {days} days; like for like {change} up.",
            **values,
        )
    if found.falling:
        return say.t(
            "Wait, or take a short term: {card} prices are falling. Of {sellers}, {fell} cut and {rose} raised in {days} days; like for like {change} down.",
            **values,
        )
    return say.t(
        "No hurry: {card} moved {change} like for like in {days} days ({rose} of {sellers} rose, {fell} fell); sign when the use is known.",
        **values,
    )


def _reasons(question: Question, found: Index | None, say: Wording) -> tuple[str, ...]:
    rising = found is not None and found.rising
    change = (
        say.t("What would change this: a fall of {share} over a month.", share=say.percent(MOVED))
        if rising
        else say.t(
            "What would change this: a rise of {share}, or stock running short.",
            share=say.percent(MOVED),
        )
    )
    lines = [
        say.t("For signing: the price is held, and so is the stock."),
        say.t("For waiting: new cards and the large clouds' own chips push older cards down."),
        change,
        say.t(
            "Before you sign: a price-review clause, the start date, and what a later start costs."
        ),
    ]
    if (question.hours or 0) / MONTH >= 12:
        lines.insert(
            2,
            say.t("A year is long in this market: ask for half of it, with an option on the rest."),
        )
    return tuple(lines)


def _facts(found: Index | None, shown: Sequence[Best], age: int | None, desk: Desk) -> list[Fact]:
    say = desk.say
    rows = []
    if found is not None:
        rows.append(
            Fact(
                say.t("Each seller against itself"),
                say.t(
                    "{change} over {days} days; of {sellers}, {rose} rose and {fell} fell",
                    change=f"{'+' if found.change >= 0 else '-'}{say.percent(abs(found.change))}",
                    days=say.number(WINDOW_DAYS),
                    sellers=say.tn("{n} seller", "{n} sellers", len(found.moves)),
                    rose=found.rose,
                    fell=found.fell,
                ),
            )
        )
        moved = [move for move in found.moves if abs(move.change) > MOVED][:MOST]
        if moved:
            rows.append(
                Fact(
                    say.t("Moved most"),
                    ", ".join(
                        f"{say.provider(move.provider)} {'+' if move.change > 0 else ''}{say.percent(move.change)}"
                        for move in moved
                    ),
                )
            )
    for best in shown:
        label = say.t("On demand") if best.offer.billing == "on-demand" else say.t("Reserved from")
        rows.append(priced(label, best.offer, desk))
    if age is not None:
        rows.append(Fact(say.t("Newest price"), say.tn("{n} day old", "{n} days old", age)))
    return rows
