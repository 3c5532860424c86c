"""Wait or sign now: which way the price has gone, and whether that is known well enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from bot.advice.evidence import MONTH, card_asked, card_assumed, every_variant, priced
from bot.answer import Answer, Fact
from bot.desk import Desk
from bot.notes import notes_for
from bot.offers import evidence, follow_up, ranked
from bot.question import Question
from bot.wording import Wording
from knowledge.market import median
from knowledge.offer import Best

WINDOW_DAYS = 180
"""Default: the span a trend is read from."""
SELLERS = 3
"""Default: fewer providers than this make no trend."""
MOVED = 0.05
"""Default: less than this is no move."""
TOO_OLD_DAYS = 60
"""Default: prices that nobody saw for this long say nothing about now."""


class Trend(NamedTuple):
    """Each provider's price beside its own earlier one; no newcomer and no leaver moves it."""

    change: float
    """Median over providers of last price / first price - 1."""
    rose: int
    fell: int
    sellers: int
    until: str
    """ISO day of the newest price seen."""


def trend(paths: Mapping[tuple[str, float], Sequence[tuple[str, float]]]) -> Trend | None:
    """None when too few providers were seen at least twice."""
    moves: dict[str, list[float]] = {}
    for (provider, _), seen in paths.items():
        if len(seen) > 1:
            moves.setdefault(provider, []).append(seen[-1][1] / seen[0][1] - 1)
    if len(moves) < SELLERS:
        return None
    changes = [median(values) for values in moves.values()]
    return Trend(
        median(changes),
        sum(change > MOVED for change in changes),
        sum(change < -MOVED for change in changes),
        len(changes),
        max(seen[-1][0] for seen in paths.values()),
    )


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    card = card_asked(question)
    until = desk.now.date()
    paths = desk.store.paths(
        card, question.memory_gb, "on-demand", until - timedelta(days=WINDOW_DAYS), until
    )
    found = trend(paths)
    market = ranked(every_variant(question, desk))
    age = (until - date.fromisoformat(found.until)).days if found else None
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


def _verdict(question: Question, found: Trend | None, age: int | None, say: Wording) -> str:
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
    }
    if question.urgency == "urgent":
        return say.t(
            "Do not wait, but rent on demand: the need is now, and {card} moved {change} in {days} days.",
            **values,
        )
    if found.change >= MOVED:
        return say.t(
            "Sign now if the use is certain: {card} rose {change} in {days} days.", **values
        )
    if found.change <= -MOVED:
        return say.t("Wait, or take a short term: {card} fell {change} in {days} days.", **values)
    if abs(found.change) < 0.005:
        return say.t(
            "No hurry: {card} has stood still for {days} days; sign when the use is known.",
            **values,
        )
    return say.t(
        "No hurry: {card} moved only {change} in {days} days; sign when the use is known.",
        **values,
    )


def _reasons(question: Question, found: Trend | None, say: Wording) -> tuple[str, ...]:
    rising = found is not None and found.change >= MOVED
    change = (
        say.t("Would change my mind: a fall of {share} over a month.", share=say.percent(MOVED))
        if rising
        else say.t(
            "Would change my mind: a rise of {share}, or stock running short.",
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


def _facts(found: Trend | None, shown: Sequence[Best], age: int | None, desk: Desk) -> list[Fact]:
    say = desk.say
    rows = []
    if found is not None:
        rows.append(
            Fact(
                say.t("Each provider against itself"),
                say.t(
                    "median {change} over {days} days; of {sellers}, {rose} rose and {fell} fell",
                    change=f"{'+' if found.change >= 0 else '-'}{say.percent(abs(found.change))}",
                    days=say.number(WINDOW_DAYS),
                    sellers=say.tn("{n} provider", "{n} providers", found.sellers),
                    rose=found.rose,
                    fell=found.fell,
                ),
            )
        )
    for best in shown:
        label = (
            say.t("On demand today")
            if best.offer.billing == "on-demand"
            else say.t("Reserved from")
        )
        rows.append(priced(label, best.offer, desk))
    if age is not None:
        rows.append(Fact(say.t("Newest price"), say.tn("{n} day old", "{n} days old", age)))
    return rows
