"""A request for quotes: the mail to send, what is still open, and who is worth asking."""

from __future__ import annotations

from bot.answers.offers import card_of, evidence, provider_cell, unknown_card
from bot.core.answer import Answer, Column, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.quotes import request
from knowledge.market import Subject, gpu_hour, one_a_seller, select
from knowledge.prices.offer import Best, OfferFilter

ASKED = 6
"""So many sellers are proposed."""


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
    """Sellers that list the card, those named first, then the cheapest; no marketplaces of hosts."""
    if not question.accelerators:
        return []
    wanted = OfferFilter(
        accelerators=question.accelerators, memory_gb=question.memory_gb, form_factor=question.form_factor,
        exclude_providers=question.exclude_providers,
    )  # fmt: skip
    found = one_a_seller(select(desk.store, Subject(wanted, gpus=question.count), desk.now).rows)
    named = [best for best in found if best.offer.provider in question.providers]
    return [*named, *(best for best in found if best not in named)][:ASKED]
