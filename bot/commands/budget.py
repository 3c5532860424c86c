"""How far a sum of money goes: hours at the cheapest offers, and a fleet for a month."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.answers.left_out import fabrics, left_out, not_listed_there, single_prices, spot_hours
from bot.answers.no_offers import explain_nothing
from bot.answers.notes import notes_for
from bot.answers.offers import (
    billing_asked,
    card_of,
    evidence,
    follow_up,
    provider_cell,
    seller,
    subject,
    subject_of,
    unknown_card,
    unused_line,
    where,
)
from bot.core.answer import Answer, Column, Fact, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.units import MONTH
from knowledge.market import Plan, gpu_hour, holding, select
from knowledge.prices.offer import Best

OFFERS = 3


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if question.budget_usd is None:
        return _no_sum(question, say)
    if question.budget_usd <= 0:
        return Answer(headline=say.t("A budget has to be more than nothing."), tone="caution")
    if not question.accelerators and not question.memory_gb:
        from bot.answers.any_card import affordable

        return affordable(question, question.budget_usd, desk)
    gpus = question.count or question.nodes or 1
    asked = subject_of(question, desk)._replace(gpus=gpus, term_months=None)
    found = select(desk.store, asked, desk.now)
    pool = found.rows or found.markets
    held = holding(pool, gpus, interconnect=asked.interconnect, nodes=asked.nodes)
    plans = held.plans[: question.limit or OFFERS]
    if not plans:
        return explain_nothing(question._replace(count=gpus, hours=None), desk)
    budget = question.budget_usd
    lead = plans[0]
    bests = [plan.best for plan in plans]
    month = lead.usd_per_hour * min(question.hours or MONTH, MONTH)
    return Answer(
        headline=_gpu_hours(question, lead, budget, say)
        if gpus == 1 and not question.count
        else _headline(question, lead, budget, say),
        lines=(
            *single_prices(held, gpus, say),
            *fabrics(held, say),
            *not_listed_there([plan.offer for plan in plans], found, question, say),
            *left_out(asked, found, question, desk),
            *spot_hours(asked.billing, say),
            say.t("Not in these sums: storage, egress and tax."),
            *unused_line(question, say),
        ),
        table=_table(plans, budget, desk),
        facts=_fleet(question, budget, pool, say),
        notes=notes_for(
            question,
            desk,
            "budget",
            bests,
            bests,
            {"hours_per_month": min(question.hours or MONTH, MONTH), "monthly_cost": month},
        ),
        evidence=evidence(plan.offer for plan in plans),
        follow_ups=(
            follow_up(question._replace(billing="spot"), desk, label="Spot"),
            follow_up(
                question._replace(intent="cheapest", budget_usd=None, hours=None),
                desk,
                label=say.t("Hourly prices"),
            ),
        ),
        offers=tuple(plan.offer for plan in plans),
    )


def _headline(question: Question, lead: Plan, budget: float, say: Wording) -> str:
    return say.t(
        "{sum} buys about {hours} of {what} at {provider}, {billing} ({machines} x {size}-GPU, {price} per hour in total, {date}).",
        sum=say.sum(budget) if budget != int(budget) else say.money(budget, 0),
        hours=_span(budget / lead.usd_per_hour, lead.gpus, say),
        what=subject(question._replace(count=lead.gpus), say) + where(question, say),
        provider=seller(lead.offer, say),
        billing=say.billing(billing_asked(question)),
        machines=lead.machines,
        size=lead.offer.count,
        price=say.money(lead.usd_per_hour),
        date=say.date(lead.offer.as_of),
    )


def _gpu_hours(question: Question, lead: Plan, budget: float, say: Wording) -> str:
    """Where no count is named: GPU-hours, and what they are at once for the stated time or a month."""
    hours = question.hours or MONTH
    machines = math.floor(budget / (lead.offer.price_usd_per_hour * hours))
    text = say.t(
        "{sum} buys about {n} GPU-hours of {what} at {provider}, {billing} ({price} per GPU-hour, {date})",
        sum=say.sum(budget) if budget != int(budget) else say.money(budget, 0),
        n=say.number(math.floor(budget / gpu_hour(lead.offer))),
        what=subject(question, say) + where(question, say),
        provider=seller(lead.offer, say),
        billing=say.billing(billing_asked(question)),
        price=say.money(gpu_hour(lead.offer)),
        date=say.date(lead.offer.as_of),
    )
    if not machines:
        return f"{text}."
    return say.t(
        "{buys}: {gpus} around the clock for {hours}, in {machines}.",
        buys=text,
        gpus=say.tn("{n} GPU", "{n} GPUs", machines * lead.offer.count),
        hours=say.hours(hours),
        machines=say.tn(
            "{n} machine of {size}", "{n} machines of {size}", machines, size=lead.offer.count
        ),
    )


def _table(plans: Sequence[Plan], budget: float, desk: Desk) -> Table:
    say = desk.say
    columns = (
        Column(say.t("Provider")),
        Column(say.t("Card")),
        Column(say.t("Machines"), "right"),
        Column(say.t("Total $/h"), "right", unit=say.t("US dollars per hour for all machines")),
        Column(say.t("Hours"), "right", unit=say.t("hours the sum buys")),
        Column(say.t("Days"), "right", unit=say.t("days around the clock"), essential=False),
        Column(say.t("Seen")),
    )
    return Table(
        columns,
        tuple(
            TableRow(
                cells=(
                    provider_cell(plan.offer, say),
                    card_of(plan.offer, say),
                    f"{plan.machines} x {plan.offer.count}",
                    say.plain_money(plan.usd_per_hour),
                    say.number(math.floor(budget / plan.usd_per_hour)),
                    say.number(math.floor(budget / plan.usd_per_hour / 2.4) / 10, 1),
                    say.date(plan.offer.as_of, desk.now),
                ),
                url=plan.offer.source_url,
                stale=plan.stale,
            )
            for plan in plans
        ),
    )


def _fleet(
    question: Question, budget: float, pool: Sequence[Best], say: Wording
) -> tuple[Fact, ...]:
    """The most accelerators the sum keeps running for the stated time, or for a month: whole
    machines of one kind, which need not be joined."""
    hours = question.hours or MONTH
    largest: tuple[int, str, str] | None = None
    for plan in holding(pool, 1).plans:
        machines = math.floor(budget / (plan.offer.price_usd_per_hour * hours))
        gpus = machines * plan.offer.count
        if gpus and (largest is None or gpus > largest[0]):
            words = say.t(
                "{machines} x {size}-GPU at {provider}, {total}, {date}",
                machines=machines,
                size=plan.offer.count,
                provider=seller(plan.offer, say),
                total=say.sum(machines * plan.offer.price_usd_per_hour * hours),
                date=say.date(plan.offer.as_of),
            )
            largest = (gpus, words, plan.offer.source_url)
    label = say.t("Largest fleet for {hours}, around the clock", hours=say.hours(hours))
    if largest is None:
        return (Fact(label, say.t("none: one machine costs more than the sum")),)
    words = say.tn("{n} GPU", "{n} GPUs", largest[0])
    return (Fact(label, f"{words} ({largest[1]})", largest[2]),)


def _span(hours: float, gpus: int, say: Wording) -> str:
    text = f"{say.number(math.floor(hours))} h"
    if hours >= 48:
        text += say.t(" ({days} days)", days=say.number(math.floor(hours / 24)))
    if gpus > 1:
        text += say.t(", {n} GPU-hours,", n=say.number(math.floor(hours * gpus)))
    return text


def _no_sum(question: Question, say: Wording) -> Answer:
    if question.currency:
        return Answer(
            headline=say.t(
                "I work in US dollars and have no exchange rate for {currency}; give the sum in dollars.",
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
