"""The contracts recorded here: what they cost, when they end, and where the market stands today."""

from __future__ import annotations

from bot.core.answer import Answer, Column, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.phrase import order
from bot.core.question import Question
from bot.standing import deal_market, deals
from bot.standing.asking import ground
from knowledge.facts.units import MONTH


def answer(_: Question, desk: Desk) -> Answer:
    if not desk.asker.may_see_contracts:
        return deals.not_here(desk.say)
    here = ground(desk)
    if isinstance(here, Answer):
        return here
    say = desk.say
    held = sorted(
        (
            one
            for one in deals.standing(here.state, here.place.id)
            if not desk.asker.own_orders or one.user == desk.asker.user
        ),
        key=lambda one: one.notice_by or one.end,
    )
    if not held:
        return Answer(
            headline=say.t("No contract is recorded here."),
            lines=(say.t("For example: {example}", example=order("contract_example", say.lang)),),
            tone="caution",
            private=True,
        )
    today = desk.now.date()
    rows = tuple(
        TableRow(
            (
                str(one.number),
                deals.described(one, say),
                say.date(one.notice_by) if one.notice_by else "-",
                say.date(one.end),
                _cost(one, desk),
                _market(one, desk),
            )
        )
        for one in held
    )
    coming = next((one for one in held if (one.notice_by or one.end) >= today), None)
    headline = say.tn(
        "{n} contract is recorded here.", "{n} contracts are recorded here.", len(held)
    )
    if coming:
        headline += " " + say.t(
            "Next date: {date}, {seller}.",
            date=say.date(coming.notice_by or coming.end),
            seller=coming.seller,
        )
    return Answer(
        headline=headline,
        table=Table(
            (Column("#", "right"), Column(say.t("Contract")), Column(say.t("Notice by")), Column(say.t("Ends on")), Column(say.t("A month"), "right", essential=False), Column(say.t("Like offers today"), essential=False)),
            rows,
        ),
        follow_ups=tuple(FollowUp(say.t("Drop #{number}", number=one.number), order("contract_drop", say.lang, number=one.number)) for one in held[:2]),
        private=True,
    )  # fmt: skip


def _cost(deal: deals.Deal, desk: Desk) -> str:
    if deal.usd_per_gpu_hour is None or not deal.gpus:
        return "?"
    return desk.say.sum(deal.usd_per_gpu_hour * deal.gpus * MONTH)


def _market(deal: deals.Deal, desk: Desk) -> str:
    """The range of like offers, and of which kind they are."""
    say = desk.say
    if not deal.card:
        return "?"
    found = deal_market.of(deal, desk)
    if found is None:
        return say.t("too few like offers")
    return say.t(
        "{low} to {high} ({kind})",
        low=say.money(found.prices[0]),
        high=say.money(found.prices[-1]),
        kind=say.term(found.term) if found.term else say.billing("on-demand"),
    )
