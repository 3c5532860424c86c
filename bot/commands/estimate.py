"""The total for GPUs and hours: whole machines, on-demand beside spot and reserved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from bot.answers import extras
from bot.answers.left_out import (
    detail,
    fabrics,
    left_out,
    lower_of_unknown_fabric,
    not_listed_there,
    other_terms,
    single_prices,
    spot_hours,
)
from bot.answers.no_offers import explain_nothing
from bot.answers.notes import notes_for
from bot.answers.offers import (
    ROWS,
    brief,
    card_of,
    evidence,
    follow_up,
    no_subject,
    provider_cell,
    seller,
    subject,
    subject_of,
    unknown_card,
    unused_line,
    where,
)
from bot.core.answer import Answer, Column, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from bot.economics import job
from bot.economics.energy import energy_fact, energy_lines
from knowledge.facts.units import MONTH
from knowledge.market import Holding, Plan, Selection, Subject, gpu_hour, holding, select
from knowledge.prices.offer import Best

CENT = Decimal("0.01")
CENTS_BELOW = 10_000
MANY = 64
"""Ours: more single cards than anybody joins without a contract."""
CENTS_FROM = 1
"""USD an hour from which a rate is shown to the cent; a caption says that sums take it exactly."""
COMMITTED_FROM = 3
"""Months from which a buyer would ask for a commitment."""
MUCH_LOWER = 0.85
"""An older sum below this share of the leading one is named beside it."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if job.is_job(question):
        return job.answer(question, desk)
    if not question.accelerators and not question.memory_gb:
        if extras.moved_gb(question) or extras.stored_gb(question):
            topic = "egress" if extras.moved_gb(question) else "storage"
            return extras.answer(question, topic, desk)
        return no_subject(question, desk, say.t("estimate 8xH100 for 72h"))
    gpus = question.count or question.nodes or 1
    hours = question.hours
    if hours is None and question.gpu_hours:
        hours = question.gpu_hours / gpus
    timeless = hours is None
    hours = hours or MONTH
    asked = subject_of(question, desk)._replace(gpus=gpus)
    found = select(desk.store, asked, desk.now)
    held = _held(found.rows or found.markets, asked)
    if not held.plans:
        return _by_the_card(held, question._replace(count=gpus), hours, desk)
    shown = held.plans[: question.limit or ROWS]
    lead = shown[0]
    energy = energy_fact(lead.offer, gpus, hours, say, question.region)
    first = energy_lines(question, energy)
    lines = [
        *first,
        *((say.t("No time was named, so a month is taken: say how long."),) if timeless else ()),
        *_older(held.plans, hours, say),
        *single_prices(held, gpus, say, hours=hours),
        *_gpu_hours(question, gpus, hours, say),
        *(() if question.gpu_hours and not question.count else _by_the_month(lead, hours, say)),
        *fabrics(held, say),
        *_other_kinds(_with_commitments(found, asked, hours, desk), asked, lead, hours, say),
        *other_terms(found, asked.term_months, say),
        *_spare(shown, gpus, say),
        *not_listed_there([plan.offer for plan in shown], found, question, say),
        *_rounding(hours, say),
        *left_out(asked, found, question, desk),
        *extras.with_them(
            question, [(plan.offer.provider, total(plan, hours)) for plan in shown], hours, desk
        ),
        *unused_line(question, say),
    ]
    bests = [plan.best for plan in shown]
    return Answer(
        headline=_headline(question, asked, lead, hours, say) + _unknown_fabric(held, hours, say),
        lines=tuple(lines),
        table=_table(shown, hours, desk),
        # Lines of a bill add up; energy is none of them.
        facts=extras.facts(question, lead.offer.provider, total(lead, hours), hours, desk)
        or (() if first else energy),
        notes=notes_for(
            question,
            desk,
            "estimate",
            bests,
            [plan.best for plan in held.plans],
            {"gpu_count": gpus, "monthly_cost": lead.usd_per_hour * min(hours, MONTH)},
        ),
        evidence=evidence(plan.offer for plan in shown),
        follow_ups=_next(question._replace(hours=question.hours or hours), desk),
        offers=tuple(plan.offer for plan in shown),
    )


def _by_the_card(held: Holding, question: Question, hours: float, desk: Desk) -> Answer:
    """Why nothing matches; where single cards are listed, what so many of them would come to."""
    nothing = explain_nothing(question, desk)
    gpus = question.count or 1
    if not held.single or gpus > MANY or question.billing == "reserved":
        return nothing
    say = desk.say
    offer = held.single[0].offer
    usd = Decimal(str(round(gpu_hour(offer) * gpus, 4))) * Decimal(str(hours))
    usd = usd.quantize(CENT, ROUND_HALF_UP)
    return nothing._replace(
        headline=say.t(
            "{provider} lists {card} by the card only: {gpus} for {hours} would come to {total}, if it rents them together: ask.",
            provider=seller(offer, say),
            card=card_of(offer, say),
            gpus=gpus,
            hours=say.hours(hours),
            total=say.sum(float(usd)),
        ),
        facts=extras.facts(question, offer.provider, usd, hours, desk),
        offers=(offer,),
    )


def _held(pool: Sequence[Best], asked: Subject) -> Holding:
    return holding(pool, asked.gpus or 1, interconnect=asked.interconnect, nodes=asked.nodes)


def _headline(question: Question, asked: Subject, lead: Plan, hours: float, say: Wording) -> str:
    if question.gpu_hours and not question.count:
        return say.t(
            "{n} GPU-hours of {what}{where}: from {total}, {billing}, at {provider} ({detail}).",
            n=say.number(round(question.gpu_hours)),
            what=subject(question, say),
            where=where(question, say),
            total=say.sum(float(total(lead, hours))),
            billing=say.billing(asked.billing),
            provider=seller(lead.offer, say),
            detail=f"{detail(lead.offer, say)}, {say.date(lead.offer.as_of)}",
        )
    return say.t(
        "{what} for {hours}{where}: from {total}, {billing}, at {provider} ({machines} x {size}-GPU, {detail}).",
        what=subject(question._replace(count=asked.gpus), say),
        hours=say.hours(hours) if hours != MONTH else say.t("1 month (730 h)"),
        where=where(question, say),
        total=say.sum(float(total(lead, hours))),
        billing=say.billing(asked.billing),
        provider=seller(lead.offer, say),
        machines=lead.machines,
        size=lead.offer.count,
        detail=", ".join(
            filter(None, (brief(lead.offer, say, sized=False), say.date(lead.offer.as_of)))
        ),
    )


def _unknown_fabric(held: Holding, hours: float, say: Wording) -> str:
    """A cluster that costs much less, but of which nobody says what joins it."""
    plan = lower_of_unknown_fabric(held)
    if plan is None:
        return ""
    return " " + say.t(
        "{total} at {provider}, if its fabric will do: nobody states it.",
        total=say.sum(float(total(plan, hours))),
        provider=seller(plan.offer, say),
    )


def total(plan: Plan, hours: float) -> Decimal:
    """Machines x rate x hours, to the cent, from the rate as it is shown."""
    return (rate(plan) * Decimal(str(hours))).quantize(CENT, ROUND_HALF_UP)


def rate(plan: Plan) -> Decimal:
    """USD per hour of all machines, to a hundredth of a cent."""
    return Decimal(str(round(plan.usd_per_hour, 4)))


def _older(plans: Sequence[Plan], hours: float, say: Wording) -> list[str]:
    """A much older price that is much lower does not lead, but is said."""
    lead = plans[0]
    age = (lead.stale, lead.best.age)
    older = [
        plan
        for plan in plans
        if (plan.stale, plan.best.age) > age and plan.usd_per_hour < MUCH_LOWER * lead.usd_per_hour
    ]
    if not older:
        return []
    plan = min(older, key=lambda one: one.usd_per_hour)
    return [
        say.t(
            "An older price is lower: {total} at {provider}, of {date}; check whether it still holds.",
            total=say.sum(float(total(plan, hours))),
            provider=seller(plan.offer, say),
            date=say.date(plan.offer.as_of),
        )
    ]


def _gpu_hours(question: Question, gpus: int, hours: float, say: Wording) -> list[str]:
    if question.gpu_hours and not question.count and question.gpu_hours <= MONTH:
        return [
            say.t(
                "That is 1 GPU around the clock for {days}.",
                days=say.tn("{n} day", "{n} days", round(question.gpu_hours / 24, 1)),
            )
        ]
    if question.gpu_hours and not question.count:
        return [
            say.t(
                "That is {gpus} around the clock for {hours}.",
                gpus=say.tn("{n} GPU", "{n} GPUs", math.ceil(question.gpu_hours / MONTH)),
                hours=say.t("1 month (730 h)"),
            )
        ]
    if gpus == 1:
        return []
    return [
        say.t(
            "That is {n} GPU-hours: {gpus} for {days}.",
            n=say.number(round(gpus * hours)),
            gpus=say.tn("{n} GPU", "{n} GPUs", gpus),
            days=say.tn("{n} day", "{n} days", round(hours / 24, 1))
            if hours >= 48
            else f"{say.number(hours)} h",
        )
    ]


def _by_the_month(lead: Plan, hours: float, say: Wording) -> list[str]:
    """What a long sum is by the month: budgets are."""
    if hours < 1.5 * MONTH:
        return []
    month = float(total(lead, hours)) / hours * MONTH
    return [say.t("That is {month} a month.", month=say.sum(month))]


def _table(shown: Sequence[Plan], hours: float, desk: Desk) -> Table:
    say = desk.say
    columns = (
        Column(say.t("Provider")),
        Column(say.t("Card")),
        Column(say.t("Machines"), "right"),
        Column(
            say.t("Total $/h"),
            "right",
            unit=say.t("US dollars per hour for all machines"),
            essential=False,
        ),
        Column(say.t("Hours"), "right", essential=False),
        Column(say.t("Total $"), "right", unit=say.t("US dollars")),
        Column(say.t("Seen")),
    )
    rows = tuple(
        TableRow(
            cells=(
                provider_cell(plan.offer, say),
                card_of(plan.offer, say),
                f"{plan.machines} x {plan.offer.count}",
                _to_the_cent(rate(plan), say),
                say.number(hours),
                _rounded(total(plan, hours), say),
                say.date(plan.offer.as_of, desk.now),
            ),
            url=plan.offer.source_url,
            stale=plan.stale,
        )
        for plan in shown
    )
    return Table(columns, rows, _exact_caption(shown, hours, say))


def _rounded(amount: Decimal, say: Wording) -> str:
    """Cents under ten thousand dollars, where they still say something."""
    return say.number(float(amount), 2 if amount < CENTS_BELOW else 0)


def _to_the_cent(amount: Decimal, say: Wording) -> str:
    exact = amount == amount.quantize(CENT) or amount >= CENTS_FROM
    return say.number(float(amount), 2 if exact else 4)


def _exact_caption(shown: Sequence[Plan], hours: float, say: Wording) -> str | None:
    """Where a rate to the cent would multiply to another total than the one that is shown."""
    off = [
        plan
        for plan in shown
        if rate(plan) >= CENTS_FROM
        and abs(rate(plan).quantize(CENT) - rate(plan)) * Decimal(str(hours)) > CENT
    ]
    return say.t("Totals are from the exact rates, which are shown to the cent.") if off else None


def _other_kinds(
    found: Selection, asked: Subject, lead: Plan, hours: float, say: Wording
) -> list[str]:
    """The same by other billing; a commitment counts only when it is no longer than the time."""
    parts, lines = [], []
    spot = False
    for kind, rows in found.other_kinds.items():
        usable = [best for best in rows if kind != "reserved" or _fits(best, hours)]
        held = _held(usable, asked)
        if kind == "reserved":
            lines += _reserved_lines(held, rows, asked, hours, say)
        if not held.plans:
            continue
        plan = held.plans[0]
        words = seller(plan.offer, say)
        if plan.gpus >= 2 * (asked.gpus or 1):
            words += ", " + say.tn("{n} GPU", "{n} GPUs", plan.gpus)
        spot = spot or kind == "spot"
        if kind == "reserved":
            words += ", " + say.term(plan.offer.term_months)
            if gpu_hour(plan.offer) >= gpu_hour(lead.offer):
                words += ", " + say.t("more expensive than on demand elsewhere")
        elif asked.billing == "reserved" and kind == "on-demand":
            if plan.usd_per_hour <= lead.usd_per_hour:
                words += ", " + say.t("no more than the commitment")
        parts.append(f"{say.billing(kind)} {say.sum(float(total(plan, hours)))} ({words})")
    if parts:
        lines.insert(0, say.t("Otherwise: {parts}.", parts=" · ".join(parts)))
    return [*lines, *spot_hours("spot" if spot else asked.billing, say)]


def _with_commitments(found: Selection, asked: Subject, hours: float, desk: Desk) -> Selection:
    """The selection with commitments for single GPUs too, which it leaves out beside machines: who
    rents for long would ask for them."""
    if asked.billing == "reserved" or hours < COMMITTED_FROM * MONTH or (asked.gpus or 1) < 2:
        return found
    reserved = select(desk.store, asked._replace(billing="reserved", term_months=None), desk.now)
    return found._replace(other_kinds=found.other_kinds | {"reserved": reserved.rows})


def _reserved_lines(
    held: Holding, rows: Sequence[Best], asked: Subject, hours: float, say: Wording
) -> list[str]:
    """Commitments beside another billing: none so short, none at all, or a price per GPU alone."""
    if held.single and (asked.gpus or 1) > 1:
        best = min(held.single, key=lambda best: gpu_hour(best.offer))
        if not held.plans or gpu_hour(best.offer) < gpu_hour(held.plans[0].offer):
            return [
                say.t(
                    "A commitment per GPU is listed by {provider}: {price} ({term}), {total} for {gpus} if it sells them together.",
                    provider=seller(best.offer, say),
                    price=say.money(gpu_hour(best.offer)),
                    term=say.term(best.offer.term_months),
                    total=say.sum(gpu_hour(best.offer) * (asked.gpus or 1) * hours),
                    gpus=say.number(asked.gpus or 1),
                )
            ]
    if held.plans or held.single:
        return []
    if rows:
        return [say.t("No commitment that short is published here.")]
    if hours >= COMMITTED_FROM * MONTH:
        return [say.t("No commitment is published here for it: ask for a quote.")]
    return []


def _fits(best: Best, hours: float) -> bool:
    """Whether the commitment runs no longer than the time that is asked about."""
    term = best.offer.term_months
    return term is not None and term <= hours / MONTH + 0.1


def _spare(shown: Sequence[Plan], gpus: int, say: Wording) -> list[str]:
    if not any(plan.gpus > gpus for plan in shown):
        return []
    return [
        say.t(
            "Machines are paid whole: where a row holds more GPUs than asked, the spare ones are in the sum."
        )
    ]


def _rounding(hours: float, say: Wording) -> list[str]:
    if float(hours).is_integer():
        return []
    return [
        say.t(
            "Part of an hour is priced by the minute here; a provider that bills started hours charges more."
        )
    ]


def _next(question: Question, desk: Desk) -> tuple[FollowUp, ...]:
    say = desk.say
    out = []
    if question.billing != "spot":
        out.append(follow_up(question._replace(billing="spot"), desk, label="Spot"))
    if question.billing != "reserved":
        out.append(follow_up(question._replace(billing="reserved"), desk, label=say.t("Reserved")))
    out.append(
        follow_up(
            question._replace(intent="cheapest", hours=None), desk, label=say.t("Hourly prices")
        )
    )
    return tuple(out)
