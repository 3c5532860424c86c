"""How far a sum of money goes: hours at the cheapest offers, and a fleet for a month."""

from __future__ import annotations

import math

from bot.answer import Answer, Column, Fact, Table, TableRow
from bot.combine import sets_holding
from bot.desk import Desk
from bot.notes import notes_for
from bot.nothing import explain_nothing
from bot.offers import (
    billing_asked,
    card_of,
    evidence,
    follow_up,
    no_subject,
    provider_cell,
    seller,
    subject,
    unknown_card,
    unused_line,
    where,
)
from bot.question import Question
from bot.wording import Wording
from knowledge.offer import Best
from knowledge.providers import tier_of

MONTH = 730.0
OFFERS = 3


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if question.budget_usd is None:
        return _no_sum(question, say)
    if not question.accelerators and not question.memory_gb:
        return no_subject(question, desk, say.t("budget $5000 a100"))
    if question.budget_usd <= 0:
        return Answer(headline=say.t("A budget has to be more than nothing."), tone="caution")
    gpus = question.count or 1
    sets = sets_holding(question, gpus, desk)[:OFFERS]
    if not sets:
        return explain_nothing(question, desk)
    budget = question.budget_usd
    first = sets[0]
    hours = budget / first.usd_per_hour
    what = subject(question._replace(count=first.accelerators), say) + where(question, say)
    headline = say.t(
        "{sum} buys about {hours} of {what} at {provider}, {billing} ({price} per hour in all).",
        sum=say.money(budget, 0 if budget == int(budget) else 2),
        hours=_span(hours, say),
        what=what,
        provider=seller(first.offer, say),
        billing=say.billing(billing_asked(question)),
        price=say.money(first.usd_per_hour),
    )
    columns = (
        Column(say.t("Provider")),
        Column(say.t("Card")),
        Column(say.t("Machines"), "right"),
        Column(say.t("$/h in all"), "right", unit=say.t("US dollars per hour for all machines")),
        Column(say.t("Hours"), "right", unit=say.t("hours the sum buys")),
        Column(say.t("Days"), "right", unit=say.t("days around the clock"), essential=False),
        Column(say.t("Price of")),
    )
    rows = tuple(
        TableRow(
            cells=(
                provider_cell(item.offer, say),
                card_of(item.offer, say),
                f"{item.machines} x {item.offer.count}",
                say.plain_money(item.usd_per_hour),
                say.number(math.floor(budget / item.usd_per_hour)),
                say.number(math.floor(budget / item.usd_per_hour / 2.4) / 10, 1),
                say.date(item.offer.as_of, desk.now),
            ),
            url=item.offer.source_url,
            stale=item.stale,
        )
        for item in sets
    )
    bests = [Best(item.offer, 1, tier_of(item.offer.provider), item.stale) for item in sets]
    return Answer(
        headline=headline,
        lines=(say.t("Not in these sums: storage, egress and tax."), *unused_line(question, say)),
        table=Table(columns, rows),
        facts=_fleet(question, budget, desk),
        notes=notes_for(
            question,
            desk,
            "budget",
            bests,
            bests,
            {
                "hours_per_month": min(question.hours or MONTH, MONTH),
                "monthly_cost": first.usd_per_hour * min(question.hours or MONTH, MONTH),
            },
        ),
        evidence=evidence(item.offer for item in sets),
        follow_ups=(
            follow_up(question._replace(billing="spot"), desk, label="Spot"),
            follow_up(
                question._replace(intent="cheapest", budget_usd=None, hours=None),
                desk,
                label=say.t("Hourly prices"),
            ),
        ),
        offers=tuple(item.offer for item in sets),
    )


def _fleet(question: Question, budget: float, desk: Desk) -> tuple[Fact, ...]:
    """The most accelerators the sum keeps running for the stated time, or for a month."""
    say = desk.say
    hours = question.hours or MONTH
    best: tuple[int, str, str] | None = None
    for item in sets_holding(question._replace(count=1), 1, desk):
        machines = math.floor(budget / (item.offer.price_usd_per_hour * hours))
        gpus = machines * item.offer.count
        if gpus and (best is None or gpus > best[0]):
            detail = say.t(
                "{machines} x {size}-GPU at {provider}, {total}",
                machines=machines,
                size=item.offer.count,
                provider=seller(item.offer, say),
                total=say.money(machines * item.offer.price_usd_per_hour * hours),
            )
            best = (gpus, detail, item.offer.source_url)
    label = say.t("Largest fleet for {hours}, around the clock", hours=say.hours(hours))
    if best is None:
        return (Fact(label, say.t("none: one machine costs more than the sum")),)
    return (Fact(label, say.tn("{n} GPU", "{n} GPUs", best[0]) + f" ({best[1]})", best[2]),)


def _span(hours: float, say: Wording) -> str:
    text = f"{say.number(math.floor(hours))} h"
    if hours >= 48:
        text += say.t(" ({days} days)", days=say.number(math.floor(hours / 24)))
    return text


def _no_sum(question: Question, say: Wording) -> Answer:
    if question.currency:
        return Answer(
            headline=say.t(
                "I reckon in US dollars and hold no rate for {currency} here; give the sum in dollars.",
                currency=question.currency,
            ),
            tone="caution",
        )
    return Answer(
        headline=say.t(
            "What is the sum? For example: {example}", example=say.t("budget $5000 a100")
        ),
        tone="caution",
    )
