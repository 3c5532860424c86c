"""A count that is sold only in other sizes: the smallest machines or sets that hold it."""

from __future__ import annotations

import math
from typing import NamedTuple

from bot.answer import Answer, Column, Table, TableRow
from bot.desk import Desk
from bot.notes import notes_for
from bot.offers import (
    ROWS,
    billing_asked,
    card_of,
    evidence,
    follow_up,
    offer_filter,
    provider_cell,
    region_of,
    seller,
    subject,
    wants_marketplaces,
    where,
)
from bot.question import Question
from knowledge.offer import Best, Offer
from knowledge.providers import tier_of


class Set(NamedTuple):
    """Enough machines of one offer to hold the wanted accelerators."""

    offer: Offer
    machines: int
    stale: bool

    @property
    def accelerators(self) -> int:
        return self.machines * self.offer.count

    @property
    def usd_per_hour(self) -> float:
        return self.machines * self.offer.price_usd_per_hour


def sets_holding(question: Question, wanted: int, desk: Desk) -> list[Set]:
    """Each provider's cheapest set of like machines with at least `wanted` accelerators.

    Ranked by the price of the whole set, because that is what is paid: a bigger machine than
    needed is priced whole.
    """
    billing = billing_asked(question)
    market = desk.store.market(
        offer_filter(question, desk)._replace(count=None, billing=billing),  # type: ignore[arg-type]
        desk.now,
        apart=("count",),
    )
    best: dict[str, Set] = {}
    for one in market:
        offer = one.offer
        if not offer.count or not offer.host_included:
            continue
        if one.tier == "marketplace" and not wants_marketplaces(question):
            continue
        candidate = Set(offer, math.ceil(wanted / offer.count), one.stale)
        known = best.get(offer.provider)
        if known is None or _rank(candidate) < _rank(known):
            best[offer.provider] = candidate
    return sorted(best.values(), key=_rank)


def _rank(candidate: Set) -> tuple[bool, float, int]:
    return (candidate.stale, candidate.usd_per_hour, candidate.machines)


def combination_answer(question: Question, desk: Desk) -> Answer | None:
    """The answer to a count nobody sells as one machine; None when no set holds it either."""
    wanted = question.count or 0
    sets = sets_holding(question, wanted, desk)[: question.limit or ROWS]
    if wanted < 1 or not sets:
        return None
    say = desk.say
    first = sets[0]
    headline = say.t(
        "Nobody lists {what} as one machine. Cheapest way to hold {count}: {machines} x {size}-GPU at {provider}, {total} per hour in all.",
        what=subject(question, say) + where(question, say),
        count=wanted,
        machines=first.machines,
        size=first.offer.count,
        provider=seller(first.offer, say),
        total=say.money(first.usd_per_hour),
    )
    columns = (
        Column(say.t("Provider")),
        Column(say.t("Card")),
        Column(say.t("Machines"), "right"),
        Column("GPUs", "right"),
        Column(say.t("$/h in all"), "right", unit=say.t("US dollars per hour for all machines")),
        Column(say.t("Region"), essential=False),
        Column(say.t("Price of")),
    )
    rows = tuple(
        TableRow(
            cells=(
                provider_cell(item.offer, say),
                card_of(item.offer, say),
                f"{item.machines} x {item.offer.count}",
                str(item.accelerators),
                say.plain_money(item.usd_per_hour),
                region_of(item.offer, say),
                say.date(item.offer.as_of, desk.now),
            ),
            url=item.offer.source_url,
            stale=item.stale,
        )
        for item in sets
    )
    lines = []
    if first.accelerators > wanted:
        lines.append(
            say.t(
                "That is {spare} more than you asked for; the whole machine is paid.",
                spare=first.accelerators - wanted,
            )
        )
    if any(item.machines > 1 for item in sets):
        lines.append(
            say.t(
                "Separate machines share no NVLink: fine for independent jobs, slow for one model across them."
            )
        )
    offers = tuple(item.offer for item in sets)
    return Answer(
        headline=headline,
        lines=tuple(lines),
        table=Table(columns, rows),
        notes=notes_for(
            question,
            desk,
            "cheapest",
            [Best(item.offer, 1, tier_of(item.offer.provider), item.stale) for item in sets],
        ),
        evidence=evidence(offers),
        follow_ups=(follow_up(question._replace(count=None), desk),),
        offers=offers,
    )
