"""A price per token from the asker's own measurement."""

from __future__ import annotations

from bot.answers.offers import evidence, provider_cell, seller
from bot.answers.sets import cards
from bot.core.answer import Answer, Column, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.economics.renting import Rented, at_providers
from bot.economics.words import per_million, plain_per_million
from knowledge.economics import tokens as sums
from knowledge.economics.throughput import DEFAULT_USE

ROWS = 3


def own_speed(question: Question, desk: Desk) -> Answer:
    """The asker measured: the sum over their own figure, at their price or at offers."""
    say = desk.say
    tps = question.tokens_per_second or 0.0
    count = question.count or 1
    use = question.utilisation or 1.0
    rates: list[tuple[str, float, Rented | None]] = []
    if question.paid_price:
        rates = [(say.t("your price"), question.paid_price * count, None)]
    else:
        for card in cards(question)[:1]:
            rates = [
                (provider_cell(one.offer, say), one.usd_per_hour / one.replicas(count), one)
                for one in at_providers(card, count, question, desk, ROWS)
            ]
            rates.sort(key=lambda rate: (rate[2].rank if rate[2] else (False, 0), rate[1]))
    if not rates:
        return Answer(
            headline=say.t(
                "On which card, or at what price an hour? For example: {example}",
                example=say.t("cost per million tokens on an H100 at $2.50 with 700 tokens/s"),
            ),
            tone="caution",
        )
    name, rate, first = rates[0]
    cost = sums.usd_per_million(rate, tps, use)
    at_30 = sums.usd_per_million(rate, tps, DEFAULT_USE["chat"])
    lines = [
        say.t(
            "The sum: {rate} an hour / ({tps} tokens/s x {use} use x 3,600 s) = {cost} per million.",
            rate=say.money(rate),
            tps=say.number(tps),
            use=say.percent(use),
            cost=per_million(cost, say),
        )
    ]
    if question.utilisation is None:
        lines.append(
            say.t(
                "That is at full load. At {use} use, our default for one product, it is {cost}.",
                use=say.percent(DEFAULT_USE["chat"]),
                cost=per_million(at_30, say),
            )
        )
    if first is not None and first.replicas(count) > 1:
        lines.append(
            say.t(
                "{provider} rents a machine of {cards} cards: this is the share of {count}, with the rest in use too.",
                provider=seller(first.offer, say),
                cards=first.offer.count * first.machines,
                count=count,
            )
        )
    rows = tuple(
        TableRow(
            cells=(
                who,
                say.plain_money(usd),
                plain_per_million(sums.usd_per_million(usd, tps, use), say),
                say.date(one.offer.as_of, desk.now) if one else "-",
            ),
            url=one.offer.source_url if one else None,
            stale=one.stale if one else False,
        )
        for who, usd, one in rates
    )
    columns = (
        Column(say.t("Provider")),
        Column(say.t("Total $/h"), "right", unit=say.t("US dollars per hour for the whole set")),
        Column(say.t("$/M out"), "right", unit=say.t("US dollars per million output tokens")),
        Column(say.t("Seen")),
    )
    offers = tuple(one.offer for _, _, one in rates if one)
    return Answer(
        headline=say.t(
            "{cost} per million tokens with your {tps} tokens/s at {rate} an hour ({provider}).",
            cost=per_million(cost, say),
            tps=say.number(tps),
            rate=say.money(rate),
            provider=name,
        ),
        lines=tuple(lines),
        table=Table(columns, rows) if offers else None,
        evidence=evidence(offers),
        figures=tuple(
            {
                "provider": one.offer.provider if one else "own price",
                "usd_per_hour": round(usd, 4),
                "tokens_per_second": tps,
                "utilisation": use,
                "usd_per_million_output": round(sums.usd_per_million(usd, tps, use), 6),
            }
            for _, usd, one in rates
        ),
        offers=offers,
    )
