"""What a GPU costs: lowest, median and highest over like offers, and each provider's range."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bot.answer import Answer, Column, Fact, Table, TableRow
from bot.desk import Desk
from bot.notes import notes_for
from bot.nothing import explain_nothing
from bot.offers import (
    ROWS,
    billing_asked,
    card_of,
    evidence,
    follow_up,
    gpu_hour,
    no_subject,
    offer_filter,
    provider_cell,
    seller,
    subject,
    unknown_card,
    unused_line,
    wants_marketplaces,
    where,
)
from bot.question import Question
from knowledge.market import median
from knowledge.offer import Best, Offer, Priced


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if not question.accelerators and not question.memory_gb:
        return no_subject(question, desk, say.t("price h100 azure"))
    billing = billing_asked(question)
    pool = [
        best
        for best in desk.store.market(offer_filter(question, desk)._replace(billing=None), desk.now)
        if best.offer.billing == billing
        and best.offer.host_included
        and (wants_marketplaces(question) or best.tier != "marketplace")
    ]
    if not pool:
        return explain_nothing(question, desk)
    fresh = [best for best in pool if not best.stale] or pool
    by_provider: dict[str, list[Priced]] = defaultdict(list)
    listed = {best.offer.provider for best in fresh}
    priced = desk.store.prices(offer_filter(question, desk)._replace(billing=billing))  # type: ignore[arg-type]
    for one in priced:
        if one.provider in listed:
            by_provider[one.provider].append(one)
    bests = sorted(
        {best.offer.provider: best for best in reversed(fresh)}.values(),
        key=lambda b: gpu_hour(b.offer),
    )
    for best in bests:  # should the prices have been replaced between the two looks
        if not by_provider[best.offer.provider]:
            by_provider[best.offer.provider].append(_priced(best.offer))
    prices = [gpu_hour(best.offer) for best in bests]
    what = subject(question, say) + where(question, say)
    low = bests[0].offer
    among = [one for group in by_provider.values() for one in group]
    high = max(among, key=lambda one: one.usd_per_gpu_hour)
    if len(bests) == 1:
        headline = _single(what, bests[0], by_provider[bests[0].offer.provider], billing, desk)
    else:
        headline = say.t(
            "{what}, {billing}: {low} to {high} per GPU-hour; median {median} over {providers}.",
            what=what,
            billing=say.billing(billing),
            low=say.money(gpu_hour(low)),
            high=say.money(high.usd_per_gpu_hour),
            median=say.money(median(prices)),
            providers=say.tn("{n} provider", "{n} providers", len(bests)),
        )
    shown = bests[: question.limit or ROWS * 2]
    lines = []
    cards = sorted({card_of(one, say) for one in _one_a_card(among)})
    if len(cards) > 1:
        lines.append(
            say.t(
                "Not alike: {cards} are priced together here; name one to compare like with like.",
                cards=say.listing(cards[:4]),
            )
        )
    return Answer(
        headline=headline,
        lines=(*lines, *unused_line(question, say)),
        table=_table(shown, by_provider, len(bests), desk),
        facts=(
            Fact(
                say.t("Lowest"),
                f"{say.money(gpu_hour(low))} ({seller(low, say)})",
                low.source_url,
            ),
            Fact(say.t("Median, each provider once"), say.money(median(prices))),
            Fact(
                say.t("Highest"),
                f"{say.money(high.usd_per_gpu_hour)} ({seller(high, say)})",
                high.source_url,
            ),
        )
        if len(bests) > 1
        else (),
        notes=notes_for(question, desk, "price", shown, pool),
        evidence=evidence(best.offer for best in shown),
        follow_ups=_next(question, bests, desk),
        offers=tuple(best.offer for best in shown),
    )


def _priced(offer: Offer) -> Priced:
    return Priced(
        offer.provider, offer.owner, offer.accelerator, offer.memory_gb, offer.form_factor,
        gpu_hour(offer), offer.source_url,
    )  # fmt: skip


def _one_a_card(priced: list[Priced]) -> Iterable[Priced]:
    return {(one.accelerator, one.memory_gb, one.form_factor): one for one in priced}.values()


def _single(what: str, best: Best, priced: list[Priced], billing: str, desk: Desk) -> str:
    say = desk.say
    low, high = gpu_hour(best.offer), max(one.usd_per_gpu_hour for one in priced)
    values = {
        "what": what,
        "provider": seller(best.offer, say),
        "billing": say.billing(billing),
        "date": say.date(best.offer.as_of),
    }
    if high - low < 0.005:
        return say.t(
            "{what} at {provider}, {billing}: {price} per GPU-hour, as of {date}.",
            price=say.money(low),
            **values,
        )
    return say.t(
        "{what} at {provider}, {billing}: {low} to {high} per GPU-hour, lowest as of {date}.",
        low=say.money(low),
        high=say.money(high),
        **values,
    )


def _table(shown: list[Best], priced: dict[str, list[Priced]], total: int, desk: Desk) -> Table:
    say = desk.say
    unit = say.t("US dollars per GPU-hour")
    columns = (
        Column(say.t("Provider")),
        Column(say.t("Card of the lowest")),
        Column(say.t("Lowest"), "right", unit=unit),
        Column(say.t("Median"), "right", unit=unit, essential=False),
        Column(say.t("Highest"), "right", unit=unit),
        Column(say.t("Offers"), "right", essential=False),
        Column(say.t("Price of")),
    )
    rows = []
    for best in shown:
        prices = [one.usd_per_gpu_hour for one in priced[best.offer.provider]]
        rows.append(
            TableRow(
                cells=(
                    provider_cell(best.offer, say),
                    card_of(best.offer, say),
                    say.plain_money(min(prices)),
                    say.plain_money(median(prices)),
                    say.plain_money(max(prices)),
                    say.number(len(prices)),
                    say.date(best.offer.as_of, desk.now),
                ),
                url=best.offer.source_url,
                stale=best.stale,
            )
        )
    caption = say.t(
        "US dollars per GPU-hour. Showing {shown} of {providers}.",
        shown=len(rows),
        providers=say.tn("{n} provider", "{n} providers", total),
    )
    return Table(columns, tuple(rows), caption)


def _next(question: Question, bests: list[Best], desk: Desk) -> tuple:  # type: ignore[type-arg]
    say = desk.say
    out = [follow_up(question._replace(intent="cheapest"), desk, label=say.t("Cheapest"))]
    if len(bests) > 1 and question.accelerators:
        names = tuple(best.offer.provider for best in bests[:3])
        out.append(
            follow_up(
                question._replace(intent="compare", providers=names), desk, label=say.t("Compare")
            )
        )
    if question.accelerators:
        past = Question(
            "history",
            accelerators=question.accelerators[:1],
            memory_gb=question.memory_gb,
            period_days=90,
        )
        out.append(follow_up(past, desk, label=say.t("History")))
    return tuple(out)
