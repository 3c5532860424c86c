"""What a GPU costs: lowest, median and highest of each variant, and each provider's range."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from bot.answers.left_out import NODE, left_out, other_terms
from bot.answers.no_offers import explain_nothing
from bot.answers.notes import notes_for
from bot.answers.offers import (
    ROWS,
    card_of,
    evidence,
    follow_up,
    no_subject,
    of_slice,
    provider_cell,
    seller,
    subject_of,
    unknown_card,
    unused_line,
    where,
)
from bot.commands import cheapest
from bot.core.answer import Answer, Column, Fact, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.market import (
    Group,
    Selection,
    Subject,
    asked_prices,
    gpu_hour,
    median,
    of_like_age,
    one_a_seller,
    rank,
    select,
    variants,
)
from knowledge.prices.offer import Best, Priced
from knowledge.prices.queries import OLD_DAYS
from knowledge.prices.schema import text_of

OTHER_VARIANTS = 4
"""Variants that get a line of their own."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    question = of_slice(question)
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if not question.accelerators and not question.memory_gb:
        return no_subject(question, desk, say.t("price h100 azure"))
    if question.interconnect or (question.nodes or 1) > 1 or (question.count or 1) > NODE:
        return cheapest.answer(question._replace(intent="cheapest"), desk)  # a cluster has no range
    asked = subject_of(question, desk)
    found = select(desk.store, asked, desk.now)
    complete = [best for best in found.rows or found.markets if best.offer.host_included]
    if question.count:
        complete = [best for best in complete if best.offer.count == question.count]
    if not complete and question.count:
        return cheapest.answer(question._replace(intent="cheapest"), desk)
    if not complete:
        return explain_nothing(question, desk)
    groups = variants(_with_their_form(complete))
    main = groups[0]
    # Commitments of several lengths make no range of one: each stands by its own price.
    ranges = {} if asked.billing == "reserved" else _ranges(asked, desk)
    bests, older = of_like_age(one_a_seller(rank(main.rows)))
    beside = [
        best for group in groups[1:] for best in of_like_age(one_a_seller(rank(group.rows)))[0]
    ]
    shown = [*bests, *beside][: question.limit or ROWS * 2]
    prices = sorted(gpu_hour(best.offer) for best in bests)
    what = _name(main, question, say) + where(question, say)
    if len(bests) == 1:
        headline = _single(what, bests[0], ranges, asked, desk)
    else:
        headline = say.t(
            "{what}, {billing}: {low} to {high} per GPU-hour; median {median} over {providers}.",
            what=what,
            billing=_billing(asked, say),
            low=say.money(prices[0]),
            high=say.money(_highest(bests, ranges)),
            median=say.money(median(prices)),
            providers=say.tn("{n} provider", "{n} providers", len(bests)),
        )
    return Answer(
        headline=headline,
        lines=(
            *_single_hosts(found, say),
            *_older(older, say),
            *_other_variants(groups[1:], question, ranges, say),
            *other_terms(found, asked.term_months, say),
            *left_out(asked, found, question, desk),
            *unused_line(question, say),
        ),
        table=_table(shown, ranges, len(bests) + len(beside), desk),
        facts=_facts(bests, ranges, say) if len(bests) > 1 else (),
        notes=notes_for(question, desk, "price", shown, complete),
        evidence=evidence(best.offer for best in shown),
        follow_ups=_next(question, bests, desk),
        offers=tuple(best.offer for best in shown),
    )


def _with_their_form(bests: Sequence[Best]) -> list[Best]:
    """Without a tracker's price of no form beside the seller's own with one: the same card twice."""
    stated = {
        (best.offer.provider, best.offer.memory_gb) for best in bests if best.offer.form_factor
    }
    return [
        best
        for best in bests
        if best.offer.form_factor or (best.offer.provider, best.offer.memory_gb) not in stated
    ]


Ranges = dict[tuple[str, float | None, str | None], list[Priced]]
"""Everything a provider asks for a variant of a card."""


def _ranges(asked: Subject, desk: Desk) -> Ranges:
    out: Ranges = defaultdict(list)
    for priced in asked_prices(desk.store, asked):
        out[priced.provider, priced.memory_gb, priced.form_factor].append(priced)
    return out


def _of(best: Best, ranges: Ranges) -> list[float]:
    """USD per GPU-hour of every offer behind a row that is not much older than it; the row itself
    should they have gone since."""
    offer = best.offer
    known = ranges.get((offer.provider, offer.memory_gb, offer.form_factor), ())
    since = text_of(offer.as_of - timedelta(days=OLD_DAYS))
    return [priced.usd_per_gpu_hour for priced in known if priced.as_of >= since] or [
        gpu_hour(offer)
    ]


def _highest(bests: Sequence[Best], ranges: Ranges) -> float:
    return max(max(_of(best, ranges)) for best in bests)


def _name(group: Group, question: Question, say: Wording) -> str:
    name = say.card(group.accelerator, group.memory_gb, group.form_factor)
    if group.form_factor is None:
        name = say.t("{card}, form not stated", card=name)
    return f"{question.count}x {name}" if question.count else name


def _single_hosts(found: Selection, say: Wording) -> list[str]:
    """Where nobody with a contract sells it."""
    if found.rows or not found.markets:
        return []
    return [say.t("Only marketplaces list it: single hosts, no contract.")]


def _older(bests: Sequence[Best], say: Wording) -> list[str]:
    """Much older prices of the same card stand in no figure, and are named."""
    if not bests:
        return []
    lowest = min(bests, key=lambda best: gpu_hour(best.offer)).offer
    return [
        say.tn(
            "Not counted: a much older price, {price} at {provider} ({date}).",
            "Not counted: {n} much older prices, from {price} at {provider} ({date}).",
            len(bests),
            price=say.money(gpu_hour(lowest)),
            provider=seller(lowest, say),
            date=say.date(lowest.as_of),
        )
    ]


def _other_variants(
    groups: Sequence[Group], question: Question, ranges: Ranges, say: Wording
) -> list[str]:
    """Unlike cards keep their own figures."""
    lines = []
    for group in groups[:OTHER_VARIANTS]:
        bests, _ = of_like_age(one_a_seller(rank(group.rows)))
        prices = sorted(gpu_hour(best.offer) for best in bests)
        if len(bests) == 1 and _highest(bests, ranges) - prices[0] < 0.005:
            lines.append(
                say.t(
                    "{card}: {price} at {provider} ({date}).",
                    card=_name(group, question, say),
                    price=say.money(prices[0]),
                    provider=seller(bests[0].offer, say),
                    date=say.date(bests[0].offer.as_of),
                )
            )
            continue
        lines.append(
            say.t(
                "{card}: {low} to {high}, median {median} ({providers}).",
                card=_name(group, question, say),
                low=say.money(prices[0]),
                high=say.money(_highest(bests, ranges)),
                median=say.money(median(prices)),
                providers=say.tn("{n} provider", "{n} providers", len(bests)),
            )
        )
    return lines


def _facts(bests: Sequence[Best], ranges: Ranges, say: Wording) -> tuple[Fact, ...]:
    prices = [gpu_hour(best.offer) for best in bests]
    low = min(bests, key=lambda best: gpu_hour(best.offer)).offer
    high = max(bests, key=lambda best: max(_of(best, ranges)))
    return (
        Fact(
            say.t("Lowest"),
            f"{say.money(gpu_hour(low))} ({seller(low, say)}, {say.date(low.as_of)})",
            low.source_url,
        ),
        Fact(say.t("Median, each provider once"), say.money(median(prices))),
        Fact(
            say.t("Highest"),
            f"{say.money(_highest(bests, ranges))} ({seller(high.offer, say)})",
            high.offer.source_url,
        ),
    )


def _billing(asked: Subject, say: Wording) -> str:
    """ "reserved, 1 year": the length that is asked about is part of the kind."""
    kind = say.billing(asked.billing)
    return f"{kind}, {say.term(asked.term_months)}" if asked.term_months else kind


def _single(what: str, best: Best, ranges: Ranges, asked: Subject, desk: Desk) -> str:
    say = desk.say
    low, high = gpu_hour(best.offer), max(_of(best, ranges))
    values = {
        "what": what,
        "provider": seller(best.offer, say),
        "billing": _billing(asked, say),
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


def _table(shown: Sequence[Best], ranges: Ranges, total: int, desk: Desk) -> Table:
    say = desk.say
    unit = say.t("US dollars per GPU-hour")
    columns = (
        Column(say.t("Provider")),
        Column(say.t("Card")),
        Column(say.t("Lowest"), "right", unit=unit),
        Column(say.t("Median"), "right", unit=unit, essential=False),
        Column(say.t("Highest"), "right", unit=unit),
        Column(say.t("Offers"), "right", essential=False),
        Column(say.t("Seen")),
    )
    rows = []
    for best in shown:
        prices = _of(best, ranges)
        rows.append(
            TableRow(
                cells=(
                    provider_cell(best.offer, say),
                    card_of(best.offer, say),
                    say.plain_money(gpu_hour(best.offer)),
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
        "US dollars per GPU-hour. Showing {shown} of {rows}.",
        shown=len(rows),
        rows=say.tn("{n} row", "{n} rows", total),
    )
    return Table(columns, tuple(rows), caption)


def _next(question: Question, bests: Sequence[Best], desk: Desk) -> tuple[FollowUp, ...]:
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
