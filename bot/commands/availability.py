"""Who says that it is in stock and when, who sold out, who does not tell, and what to do then."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers import stock
from bot.answers.left_out import not_listed_there
from bot.answers.offers import (
    card_of,
    evidence,
    follow_up,
    no_subject,
    region_of,
    subject,
    subject_of,
    unknown_card,
    unused_line,
    where,
)
from bot.core.answer import Answer, Column, Evidence, Fact, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from knowledge.facts import attribution, leads
from knowledge.market import Selection, gpu_hour, one_a_seller, select
from knowledge.prices.offer import Best
from knowledge.prices.stock import Sighting

ROWS = 8
NAMED = 5
"""Sellers named in a sentence; the others are counted."""
DAYS = 30


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if not question.accelerators and not question.memory_gb:
        return no_subject(question, desk, say.t("availability 8x B200 in europe"))
    told = stock.sightings(question, desk)
    held = [one for one in told if one.is_held(desk.now)]
    have = _by_seller([one for one in held if one.in_stock])
    out = _by_seller([one for one in held if not one.in_stock and one.provider not in have])
    aged = _by_seller([one for one in told if one.provider not in {*have, *out}])
    found = select(desk.store, subject_of(question, desk)._replace(gpus=None, nodes=None), desk.now)
    sellers = _sellers(found, question)
    silent = [best for best in sellers if best.offer.provider not in {*have, *out}]
    shown = [*have.values(), *out.values(), *aged.values()]
    prices = {best.offer.provider: best for best in sellers}
    named = [*dict.fromkeys(one.provider for one in shown), *(one.offer.provider for one in silent)]
    offers = tuple(prices[name].offer for name in named[:ROWS] if name in prices)
    return Answer(
        headline=_headline(question, have, out, silent, desk),
        tone="plain" if have else "caution",
        lines=(
            *_other_sizes(question, have, desk),
            *_planned(shown, desk),
            *_silent(silent, desk),
            *not_listed_there(offers, found, question, say),
            *stock.share_line(list(stock.shares(question, desk).values()), DAYS, say),
            _to_do(question, have, desk),
            *unused_line(question, say),
        ),
        table=_table(shown, silent, prices, desk) if shown or silent else None,
        facts=_leads(silent, desk)[:NAMED],
        evidence=(*_evidence(shown), *evidence(offers)),
        follow_ups=_next(question, have, desk),
        offers=offers,
    )


def _by_seller(found: Sequence[Sighting]) -> dict[str, Sighting]:
    """The first word of each seller: in stock first, then the newest."""
    first: dict[str, Sighting] = {}
    for one in found:
        first.setdefault(one.provider, one)
    return first


def _sellers(found: Selection, question: Question) -> list[Best]:
    """Who lists a price for such a card, whether or not it is free: of each the size asked for,
    where it lists that, else its best."""
    size = stock.machine_size(question)
    pool = found.rows or found.markets
    exact = {best.offer.provider for best in pool if best.offer.count == size}
    return one_a_seller(
        best for best in pool if best.offer.count == size or best.offer.provider not in exact
    )


def _headline(
    question: Question,
    have: dict[str, Sighting],
    out: dict[str, Sighting],
    silent: Sequence[Best],
    desk: Desk,
) -> str:
    say = desk.say
    what = subject(question, say) + where(question, say)
    if have:
        parts = [
            say.t(
                "{provider} ({place}, seen {age})",
                provider=say.provider(one.provider),
                place=one.region or say.t("place not stated"),
                age=say.age(one.seen, desk.now),
            )
            for one in list(have.values())[:NAMED]
        ]
        return say.t("{what}: in stock at {sellers}.", what=what, sellers=say.listing(parts))
    if out:
        parts = [
            say.t(
                "{provider} (seen {age})",
                provider=say.provider(one.provider),
                age=say.age(one.seen, desk.now),
            )
            for one in list(out.values())[:NAMED]
        ]
        return say.t("{what}: sold out at {sellers}.", what=what, sellers=say.listing(parts))
    if silent:
        return say.tn(
            "{what}: stock not known. {n} seller lists it; no feed that I read tells its stock now.",
            "{what}: stock not known. {n} sellers list it; no feed that I read tells their stock now.",
            len(silent),
            what=what,
        )
    return say.t("{what}: no seller on record, and no word on stock.", what=what)


def _other_sizes(question: Question, have: dict[str, Sighting], desk: Desk) -> list[str]:
    """Smaller machines that are free are no answer to a whole one, and are said as such."""
    size = stock.machine_size(question)
    lines = []
    if size and question.count and question.count > size:
        nodes = -(-question.count // size)
        lines.append(
            desk.say.t(
                "{count} GPUs are {nodes} machines of {size}: a feed that shows one free does not promise {nodes} on one fabric.",
                count=question.count, nodes=nodes, size=size,
            )
        )  # fmt: skip
    if size is None or size == 1:
        return lines
    smaller = {
        one.provider: one.count
        for one in stock.sightings(question, desk, any_size=True)
        if one.is_held(desk.now) and one.in_stock and one.count < size and one.provider not in have
    }
    if smaller:
        names = [f"{desk.say.provider(name)} ({n}x)" for name, n in list(smaller.items())[:NAMED]]
        lines.append(
            desk.say.t(
                "Smaller machines are free at {sellers}; they do not add up to one of {size}.",
                sellers=desk.say.listing(names),
                size=size,
            )
        )
    return lines


def _planned(shown: Sequence[Sighting], desk: Desk) -> list[str]:
    """What sellers announce, and how long from order to use."""
    say = desk.say
    lines = []
    for one in shown:
        parts = [
            say.t("{n} more within {days} days", n=f"{units}{'+' if more else ''}", days=days)
            for days, units, more in one.planned
            if units
        ]
        if parts:
            lines.append(
                say.t(
                    "{provider} announces {parts}.",
                    provider=say.provider(one.provider),
                    parts=say.listing(parts),
                )
            )
        if one.lead_days:
            lines.append(
                say.tn(
                    "{provider} states {n} day from order to use.",
                    "{provider} states {n} days from order to use.",
                    one.lead_days,
                    provider=say.provider(one.provider),
                )
            )
    return lines


def _silent(silent: Sequence[Best], desk: Desk) -> list[str]:
    """Sellers whose stock nobody tells: not sold out, unknown."""
    if not silent:
        return []
    say = desk.say
    names = [say.provider(best.offer.provider) for best in silent[:NAMED]]
    more = len(silent) - len(names)
    if more:
        names.append(say.tn("{n} more", "{n} more", more))
    return [say.t("Do not tell their stock: {sellers}.", sellers=say.listing(names))]


def _to_do(question: Question, have: dict[str, Sighting], desk: Desk) -> str:
    say = desk.say
    if have:
        return say.t(
            "What to do: stock moves within minutes. Order now or have it held for you in writing, with a second seller ready."
        )
    if question.count and question.count > stock.NODE:
        advice = say.t(
            "What to do: ask two sellers for a dated reservation in writing, and ask for the quota today."
        )
    else:
        advice = say.t(
            "What to do: try the order at two of them and ask for the quota today; another region or card may be free."
        )
    if desk.takes_orders:
        advice += " " + say.t("Set a watch here, and I write when it is in stock.")
    return advice


def _table(
    shown: Sequence[Sighting], silent: Sequence[Best], prices: dict[str, Best], desk: Desk
) -> Table:
    say = desk.say
    columns = (
        Column(say.t("Provider")),
        Column(say.t("Stock")),
        Column(say.t("Card")),
        Column("GPUs", "right"),
        Column(say.t("Region"), essential=False),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        Column(say.t("Seen")),
    )
    rows = [
        TableRow(
            cells=(
                say.provider(one.provider),
                stock.state_words(one, desk),
                say.card(one.accelerator, one.memory_gb, one.form_factor),
                str(one.count),
                one.region or one.country or "-",
                _price(prices.get(one.provider), desk),
                say.age(one.seen, desk.now),
            ),
            url=one.source_url,
            stale=not one.is_held(desk.now),
        )
        for one in shown[:ROWS]
    ]
    named = {one.provider for one in shown}
    unknown = [best for best in silent if best.offer.provider not in named]
    untold = [_untold(best, desk) for best in unknown[: ROWS - len(rows)]]
    caption = say.t("Where nobody tells the stock, the date is that of the price.")
    return Table(columns, (*rows, *untold), caption if untold else None)


def _untold(best: Best, desk: Desk) -> TableRow:
    """A seller that lists a price and of whose stock nobody speaks."""
    say, offer = desk.say, best.offer
    cells = (
        say.provider(offer.provider),
        say.t("not told"),
        card_of(offer, say),
        str(offer.count),
        region_of(offer, say),
        _price(best, desk),
        say.date(offer.as_of, desk.now),
    )
    return TableRow(cells, offer.source_url, best.stale)


def _price(best: Best | None, desk: Desk) -> str:
    return desk.say.plain_money(gpu_hour(best.offer)) if best else "-"


def _leads(silent: Sequence[Best], desk: Desk) -> tuple[Fact, ...]:
    """Quota and lead time, where they are stated; hyperscalers, which never tell stock, first."""
    say = desk.say
    ordered = sorted(silent, key=lambda best: best.tier != "hyperscaler")
    known = [
        found for best in ordered if (found := leads.of(best.offer.provider, say.lang)) is not None
    ]
    return tuple(Fact(say.provider(one.provider), one.says, one.source_url) for one in known)


def _evidence(shown: Sequence[Sighting]) -> tuple[Evidence, ...]:
    found: dict[str, Evidence] = {}
    for one in shown:
        name = attribution.publisher(one.source_url, one.source)
        known = found.get(name)
        found[name] = Evidence(
            name,
            one.source_url,
            min(one.seen, known.as_of) if known else one.seen,
            max(one.seen, known.as_of_newest) if known else one.seen,
            one.seen,
        )
    return tuple(found.values())


def _next(question: Question, have: dict[str, Sighting], desk: Desk) -> tuple[FollowUp, ...]:
    say = desk.say
    out: list[FollowUp] = []
    if not have and desk.takes_orders:
        what = follow_up(question._replace(intent="watch", text=""), desk).question
        out.append(FollowUp(say.t("Watch"), say.t("{watch} in stock", watch=what)))
    out.append(follow_up(question._replace(intent="cheapest"), desk, label=say.t("Cheapest")))
    if question.region or question.regions:
        wider = question._replace(region=None, regions=())
        out.append(follow_up(wider, desk, label=say.t("Any region")))
    return tuple(out)
