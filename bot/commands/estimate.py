"""The total for GPUs and hours: whole machines, on-demand beside spot and reserved."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from bot.answer import Answer, Column, FollowUp, Table, TableRow
from bot.combine import Set, sets_holding
from bot.desk import Desk
from bot.notes import notes_for
from bot.nothing import explain_nothing
from bot.offers import (
    ROWS,
    billing_asked,
    brief,
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

CENT = Decimal("0.01")


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if not question.accelerators and not question.memory_gb:
        return no_subject(question, desk, say.t("estimate 8xH100 for 72h"))
    hours = question.hours
    if hours is None:
        return Answer(
            headline=say.t(
                "For how long? For example: {example}", example=say.t("estimate 8xH100 for 72h")
            ),
            tone="caution",
            follow_ups=tuple(
                follow_up(question._replace(hours=length), desk) for length in (24.0, 168.0, 730.0)
            ),
        )
    gpus = question.count or 1
    sets = sets_holding(question, gpus, desk)
    if not sets:
        return explain_nothing(question, desk)
    shown = sets[: question.limit or ROWS]
    first = shown[0]
    billing = billing_asked(question)
    headline = say.t(
        "{what} for {hours}{where}: from {total}, {billing}, at {provider} ({detail}).",
        what=subject(question._replace(count=gpus), say),
        hours=say.hours(hours) if hours != 730 else say.t("1 month (730 h)"),
        where=where(question, say),
        total=say.money(float(total(first, hours))),
        billing=say.billing(billing),
        provider=seller(first.offer, say),
        detail=brief(first.offer, say) or say.t("details not stated"),
    )
    bests = [Best(item.offer, 1, tier_of(item.offer.provider), item.stale) for item in shown]
    lines = [
        *_other_kinds(question, gpus, hours, billing, desk),
        *_spare(shown, gpus, say),
        *_rounding(hours, say),
        say.t("Not in these sums: storage, egress and tax."),
        *unused_line(question, say),
    ]
    return Answer(
        headline=headline,
        lines=tuple(lines),
        table=_table(shown, hours, desk),
        notes=notes_for(
            question,
            desk,
            "estimate",
            bests,
            [Best(item.offer, 1, tier_of(item.offer.provider), item.stale) for item in sets],
            {"gpu_count": gpus, "monthly_cost": first.usd_per_hour * min(hours, 730)},
        ),
        evidence=evidence(item.offer for item in shown),
        follow_ups=_next(question, desk),
        offers=tuple(item.offer for item in shown),
    )


def total(item: Set, hours: float) -> Decimal:
    """Machines x rate x hours, to the cent, from the rate as it is shown."""
    return (rate(item) * Decimal(str(hours))).quantize(CENT, ROUND_HALF_UP)


def rate(item: Set) -> Decimal:
    """USD per hour of all machines, to a hundredth of a cent: what the reader multiplies."""
    return Decimal(str(round(item.usd_per_hour, 4)))


def _table(shown: list[Set], hours: float, desk: Desk) -> Table:
    say = desk.say
    columns = (
        Column(say.t("Provider")),
        Column(say.t("Card")),
        Column(say.t("Machines"), "right"),
        Column(say.t("$/h in all"), "right", unit=say.t("US dollars per hour for all machines")),
        Column(say.t("Hours"), "right", essential=False),
        Column(say.t("Total $"), "right", unit=say.t("US dollars")),
        Column(say.t("Price of")),
    )
    rows = tuple(
        TableRow(
            cells=(
                provider_cell(item.offer, say),
                card_of(item.offer, say),
                f"{item.machines} x {item.offer.count}",
                _exact(rate(item), say),
                say.number(hours),
                say.number(float(total(item, hours)), 2),
                say.date(item.offer.as_of, desk.now),
            ),
            url=item.offer.source_url,
            stale=item.stale,
        )
        for item in shown
    )
    return Table(columns, rows)


def _exact(amount: Decimal, say: Wording) -> str:
    """Two digits where they are the whole truth, else four: the line must multiply out."""
    return say.number(float(amount), 2 if amount == amount.quantize(CENT) else 4)


def _other_kinds(
    question: Question, gpus: int, hours: float, billing: str, desk: Desk
) -> list[str]:
    say = desk.say
    parts = []
    for kind in ("on-demand", "spot", "reserved"):
        if kind == billing:
            continue
        sets = sets_holding(question._replace(billing=kind), gpus, desk)
        if not sets:
            continue
        item = sets[0]
        detail = seller(item.offer, say)
        if kind == "reserved":
            detail += ", " + say.term(item.offer.term_months)
        parts.append(f"{say.billing(kind)} {say.money(float(total(item, hours)))} ({detail})")
    return [say.t("Otherwise: {parts}.", parts=" · ".join(parts))] if parts else []


def _spare(shown: list[Set], gpus: int, say: Wording) -> list[str]:
    if not any(item.accelerators > gpus for item in shown):
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
