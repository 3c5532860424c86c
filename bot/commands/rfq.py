"""A request for quotes: the mail to send, what is still open, and who is worth asking."""

from __future__ import annotations

from bot.answers.offers import card_of, evidence, provider_cell, subject_of, unknown_card
from bot.core.answer import Answer, Column, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.quotes import request
from knowledge.market import gpu_hour, holding, one_a_seller, select
from knowledge.prices.offer import Best

ASKED, FEW = 6, 3
"""So many sellers are proposed; with fewer in the place, others are asked about it too."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    sellers = worth_asking(question, desk)
    missing = request.still_open(question, say)
    lines = list(request.mail(question, say).split("\n\n"))
    if missing:
        lines.append(say.t("Still open: {fields}.", fields=say.listing(missing)))
    table = Table(
        (Column(say.t("Worth asking")), Column(say.t("Lists")), Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")), Column(say.t("Seen"))),
        tuple(
            TableRow((provider_cell(best.offer, say), card_of(best.offer, say), say.plain_money(gpu_hour(best.offer)), say.date(best.offer.as_of, desk.now)), url=best.offer.source_url, stale=best.stale)
            for best in sellers
        ),
    )  # fmt: skip
    return Answer(
        headline=say.t("A request for quotes, ready to send:"),
        lines=tuple(lines),
        table=table if sellers else None,
        evidence=evidence(best.offer for best in sellers) if sellers else (),
        offers=tuple(best.offer for best in sellers),
    )


def worth_asking(question: Question, desk: Desk) -> list[Best]:
    """Sellers of what is wanted, those named first, then the cheapest; no marketplaces of hosts.

    Several GPUs are whole machines, as the market is ranked: who lists single cards alone is asked
    last. Where too few sell in the place that is asked for, others are asked about it.
    """
    if not question.accelerators:
        return []
    found = _sellers(question, desk)
    if len(found) < FEW and (question.region or question.regions):
        anywhere = _sellers(question._replace(region=None, regions=()), desk)
        known = {best.offer.provider for best in found}
        found += [best for best in anywhere if best.offer.provider not in known]
    named = [best for best in found if best.offer.provider in question.providers]
    return [*named, *(best for best in found if best not in named)][:ASKED]


def _sellers(question: Question, desk: Desk) -> list[Best]:
    asked = question._replace(billing=None, providers=(), max_price=None)
    rows = select(desk.store, subject_of(asked, desk), desk.now).rows
    if (question.count or 1) <= 1:
        return list(one_a_seller(rows))
    held = holding(
        rows, question.count or 1, interconnect=question.interconnect, nodes=question.nodes
    )
    sellers: dict[str, Best] = {}
    for best in (*(plan.best for plan in (*held.plans, *held.unfit)), *held.single):
        sellers.setdefault(best.offer.provider, best)
    return list(sellers.values())
