"""Questions that name no card: every card in the place by price, and what a sum keeps running."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.answers.no_offers import explain_nothing
from bot.answers.notes import notes_for
from bot.answers.offers import (
    card_of,
    evidence,
    follow_up,
    provider_cell,
    region_of,
    seller,
    subject_of,
    unused_line,
    where,
)
from bot.answers.sets import Priced, candidates, priced_sets
from bot.core.answer import Answer, Column, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.units import MONTH
from knowledge.market import gpu_hour, holding, select
from knowledge.prices.offer import Best

ROWS = 10
NAMED = ("A100", "H100", "H200")
"""Cards of the headline, beside the cheapest."""
TYPICAL = ("T4", "L4", "RTX4090", "A6000", "L40S", "A100", "H100", "H200", "B200")
"""Cards that a sum of money is shown for when none is named."""


def each_card(question: Question, desk: Desk, names: Sequence[str]) -> list[Best]:
    """The best offer of every card and memory size, cheapest first."""
    asked = subject_of(question._replace(accelerators=tuple(names)), desk)
    found = select(desk.store, asked, desk.now)
    rows = [best for best in found.rows if best.offer.host_included]
    if asked.gpus:
        held: dict[object, list[Best]] = {}
        for best in rows:
            held.setdefault((best.offer.accelerator, best.offer.memory_gb), []).append(best)
        rows = [
            plan.best for group in held.values() for plan in holding(group, asked.gpus).plans[:1]
        ]
    best_of: dict[tuple[str | None, float | None], Best] = {}
    for best in rows:
        best_of.setdefault((best.offer.accelerator, best.offer.memory_gb), best)
    return sorted(best_of.values(), key=lambda best: gpu_hour(best.offer))


def ranking(question: Question, desk: Desk) -> Answer:
    """The cheapest offer of each card, where no card is named."""
    say = desk.say
    names = dict.fromkeys(card.canonical for card in candidates())
    rows = each_card(question, desk, tuple(names))
    if not rows:
        return explain_nothing(question, desk)
    shown = rows[: question.limit or ROWS]
    first = shown[0].offer
    count = f"{question.count}x " if question.count else ""
    headline = say.t(
        "Cheapest {count}GPU{where}, {billing}: {card}, {price} per GPU-hour at {provider} ({date}).",
        count=count,
        where=where(question, say),
        billing=say.billing(first.billing),
        card=card_of(first, say),
        price=say.money(gpu_hour(first)),
        provider=seller(first, say),
        date=say.date(first.as_of),
    )
    large = _large(rows, say)
    columns = (
        Column(say.t("Card")),
        Column(say.t("Provider")),
        Column("GPUs", "right"),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        Column(say.t("Region"), essential=False),
        Column(say.t("Seen")),
    )
    return Answer(
        headline=f"{headline} {large}".strip(),
        lines=(
            say.t("One row a card, its cheapest seller; name a card to see every seller."),
            *unused_line(question, say),
        ),
        table=Table(
            columns,
            tuple(
                TableRow(
                    (
                        card_of(best.offer, say),
                        provider_cell(best.offer, say),
                        str(best.offer.count),
                        say.plain_money(gpu_hour(best.offer)),
                        region_of(best.offer, say),
                        say.date(best.offer.as_of, desk.now),
                    ),
                    url=best.offer.source_url,
                    stale=best.stale,
                )
                for best in shown
            ),
            say.t(
                "Showing {shown} of {cards}.",
                shown=len(shown),
                cards=say.tn("{n} card", "{n} cards", len(rows)),
            ),
        ),
        notes=notes_for(question, desk, "cheapest", shown),
        evidence=evidence(best.offer for best in shown),
        follow_ups=tuple(
            follow_up(question._replace(accelerators=(name,)), desk)
            for name in dict.fromkeys(
                best.offer.accelerator for best in reversed(rows) if best.offer.accelerator in NAMED
            )
            if name
        )[:3],
        offers=tuple(best.offer for best in shown),
    )


def _large(rows: Sequence[Best], say: Wording) -> str:
    """Where the well-known large cards start."""
    lowest: dict[str, Best] = {}
    for best in rows:
        if best.offer.accelerator in NAMED:
            lowest.setdefault(best.offer.accelerator, best)
    if not lowest:
        return ""
    return say.t(
        "Large cards start at: {cards}.",
        cards=", ".join(
            f"{card_of(best.offer, say)} {say.money(gpu_hour(best.offer))} ({seller(best.offer, say)}, {say.tn('{n} GPU', '{n} GPUs', best.offer.count)})"
            for best in lowest.values()
        ),
    )


def affordable(question: Question, budget: float, desk: Desk) -> Answer:
    """How many of each card a sum keeps running, or how many copies of a model."""
    hours = question.hours or MONTH
    if question.model:
        sized = _copies(question, budget, hours, desk)
        if sized is not None:
            return sized
    say = desk.say
    rows = each_card(question, desk, TYPICAL)
    rated = [
        (math.floor(budget / (best.offer.price_usd_per_hour * hours)) * best.offer.count, best)
        for best in rows
    ]
    fitting = [(gpus, best) for gpus, best in rated if gpus]
    if not fitting:
        return Answer(
            headline=say.t(
                "{sum} keeps no machine of the usual cards running for {hours}.",
                sum=say.money(budget, 0),
                hours=say.hours(hours),
            ),
            tone="caution",
        )
    gpus, largest = fitting[-1]
    columns = (
        Column(say.t("Card")),
        Column(say.t("Provider")),
        Column("GPUs", "right", unit=say.t("that run all the time")),
        Column(say.t("Total $"), "right", unit=say.t("US dollars")),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        Column(say.t("Seen")),
    )
    return Answer(
        headline=say.t(
            "{sum} for {hours} keeps running, for example, {gpus} x {card} at {provider} ({price} per GPU-hour, {billing}).",
            sum=say.money(budget, 0),
            hours=say.hours(hours),
            gpus=gpus,
            card=card_of(largest.offer, say),
            provider=seller(largest.offer, say),
            price=say.money(gpu_hour(largest.offer)),
            billing=say.billing(largest.offer.billing),
        ),
        lines=(
            say.t("Around the clock, whole machines; name a card, a model or hours to be exact."),
            say.t("Not in these sums: storage, egress and tax."),
            *unused_line(question, say),
        ),
        table=Table(
            columns,
            tuple(
                TableRow(
                    (
                        card_of(best.offer, say),
                        provider_cell(best.offer, say),
                        str(many),
                        say.number(round(many * gpu_hour(best.offer) * hours)),
                        say.plain_money(gpu_hour(best.offer)),
                        say.date(best.offer.as_of, desk.now),
                    ),
                    url=best.offer.source_url,
                    stale=best.stale,
                )
                for many, best in fitting
            ),
        ),
        notes=notes_for(question, desk, "budget", [largest, *(best for _, best in fitting[:-1])]),
        evidence=evidence(best.offer for _, best in fitting),
        follow_ups=(
            follow_up(question._replace(accelerators=(str(largest.offer.accelerator),)), desk),
        ),
        offers=tuple(best.offer for _, best in fitting),
    )


def _copies(question: Question, budget: float, hours: float, desk: Desk) -> Answer | None:
    """The sets that hold the model, with how many of each the sum keeps running."""
    from bot.answers.needs import need_of

    say = desk.say
    asked = need_of(question, say)
    if asked is None:
        return None
    need, what = asked
    sets = [one for one in priced_sets(need, question, desk) if one.offer][:5]
    able = [(math.floor(budget / (one.usd_per_hour * hours)), one) for one in sets]
    fitting = [(copies, one) for copies, one in able if copies]
    if not fitting:
        return None
    copies, first = fitting[0]
    offers = tuple(one.offer for _, one in fitting if one.offer)
    return Answer(
        headline=say.t(
            "{sum} for {hours} keeps {copies} of {set} running, each holding {what} ({price} per hour at {provider}).",
            sum=say.money(budget, 0),
            hours=say.hours(hours),
            copies=copies,
            set=first.name(say),
            what=what,
            price=say.money(first.usd_per_hour),
            provider=seller(offers[0], say),
        ),
        lines=(
            say.t("Each copy serves on its own; measure how many users one copy carries."),
            say.t("Not in these sums: storage, egress and tax."),
            *unused_line(question, say),
        ),
        table=_copies_table(fitting, hours, desk),
        evidence=evidence(offers),
        follow_ups=(follow_up(question._replace(intent="fit", budget_usd=None), desk),),
        offers=offers,
    )


def _copies_table(fitting: Sequence[tuple[int, Priced]], hours: float, desk: Desk) -> Table:
    say = desk.say
    columns = (
        Column(say.t("Set")),
        Column(say.t("Provider")),
        Column(say.t("Total $/h"), "right", unit=say.t("US dollars per hour for the whole set")),
        Column(say.t("Copies"), "right", unit=say.t("that run all the time")),
        Column(say.t("Total $"), "right", unit=say.t("US dollars")),
        Column(say.t("Seen")),
    )
    return Table(
        columns,
        tuple(
            TableRow(
                (
                    one.name(say),
                    seller(one.offer, say),
                    say.plain_money(one.usd_per_hour),
                    str(copies),
                    say.number(round(copies * one.usd_per_hour * hours)),
                    say.date(one.offer.as_of, desk.now),
                ),
                url=one.offer.source_url,
                stale=one.offer.is_stale(desk.now),
            )
            for copies, one in fitting
            if one.offer
        ),
    )
