"""Prices over time from stored history: each seller beside itself, and the lowest of each day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from bot.answers import stock
from bot.answers.notes import notes_for
from bot.answers.offers import (
    billing_asked,
    follow_up,
    no_subject,
    subject,
    unknown_card,
    unused_line,
)
from bot.core.answer import Answer, Chart, Column, Evidence, Fact, FollowUp, Series, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts import attribution
from knowledge.facts.providers import all_providers, tier_of
from knowledge.market import THIN, Index, Move, matched
from knowledge.prices.offer import DayPrice

DEFAULT_DAYS = 90
MAX_DAYS = 3660
STOCK_DAYS = 30
MOVERS = 6
"""Sellers named, those that moved most."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if not question.accelerators:
        return no_subject(question, desk, say.t("history h100 90d"))
    # What feeds say of stock is kept by place and size, so it is told for what was asked.
    seen = stock.share_line(list(stock.shares(question, desk).values()), STOCK_DAYS, say)
    # The record keeps neither forms nor places: an answer that named one would be of another thing.
    narrowed = bool(question.form_factor or question.region or question.regions)
    question = question._replace(form_factor=None, region=None, regions=())
    known = _of(question, desk)
    known = known._replace(lines=(*known.lines, *seen))
    if not narrowed:
        return known
    wider = say.t("The record of past prices keeps no forms and no places: this is all of them.")
    return known._replace(lines=(wider, *known.lines))


def _of(question: Question, desk: Desk) -> Answer:
    days = min(question.period_days or DEFAULT_DAYS, MAX_DAYS)
    until = desk.now.date()
    since = until - timedelta(days=days)
    if len(question.accelerators) == 1 and not question.providers:
        found = _index(question.accelerators[0], question, desk, since, until)
        if found is not None:
            return _like_for_like(question, found, days, desk, since, until)
    return _by_name(question, days, desk, since, until)


# -- the market: each seller beside itself -------------------------------------------------------


def _index(card: str, question: Question, desk: Desk, since: date, until: date) -> Index | None:
    paths = desk.store.paths(card, question.memory_gb, billing_asked(question), since, until)
    left = question.exclude_providers
    tier = question.tier
    kept = {
        key: path
        for key, path in paths.items()
        if key[0] not in left and (tier is None or tier_of(key[0]) == tier)
    }
    return matched(kept, since, until)


def _like_for_like(
    question: Question, index: Index, days: int, desk: Desk, since: date, until: date
) -> Answer:
    say = desk.say
    lowest = desk.store.history(
        question.accelerators,
        question.memory_gb,
        billing_asked(question),
        _of_tier(question),
        since,
        until,
    )
    known = [(say.t("Lowest of the day"), lowest)] if lowest else []
    what = subject(question, say)
    finding = _index_finding(what, index, question, say)
    last = index.days[-1][0]
    return Answer(
        headline=finding,
        lines=(
            *_thin_words(index, say),
            *_lowest_words(lowest, say),
            *_old_data(last, desk),
            *unused_line(question, say),
        ),
        table=_stretches(index, say),
        facts=tuple(_move(move, say) for move in index.moves[:MOVERS] if abs(move.change) > 0.005),
        chart=Chart(
            title=f"{what}, {say.billing(billing_asked(question))}",
            unit=say.t("USD per GPU-hour"),
            series=(
                *_index_series(index, say),
                *(Series(name, _with_gaps(prices)) for name, prices in known),
            ),
            finding=finding,
            source=_source_line(known, say) if known else "",
        ),
        notes=notes_for(question, desk, "history"),
        evidence=_evidence(known),
        follow_ups=_next(question, days, desk),
    )


def _index_finding(what: str, index: Index, question: Question, say: Wording) -> str:
    values = {
        "what": what,
        "billing": say.billing(billing_asked(question)),
        "since": say.date(index.days[0][0]),
        "until": say.date(index.days[-1][0]),
        "change": say.percent(abs(index.change)),
        "sellers": say.tn("{n} seller", "{n} sellers", len(index.moves)),
        "rose": say.number(index.rose),
        "fell": say.number(index.fell),
    }
    if index.change > 0.005:
        return say.t(
            "{what}, {billing}: up {change} like for like from {since} to {until}; of {sellers}, {rose} raised prices and {fell} cut them.",
            **values,
        )
    if index.change < -0.005:
        return say.t(
            "{what}, {billing}: down {change} like for like from {since} to {until}; of {sellers}, {rose} raised prices and {fell} cut them.",
            **values,
        )
    return say.t(
        "{what}, {billing}: unchanged like for like from {since} to {until}; of {sellers}, {rose} raised prices and {fell} cut them.",
        **values,
    )


def _index_series(index: Index, say: Wording) -> list[Series]:
    """The level, and apart from it the stretches that few sellers stand behind."""
    out = [
        Series(
            say.t("Like for like"),
            tuple((day, level if sellers >= THIN else None) for day, level, sellers in index.days),
        )
    ]
    if any(0 < sellers < THIN for _, _, sellers in index.days):
        thin = tuple(
            (day, level if 0 < sellers < THIN else None) for day, level, sellers in index.days
        )
        out.append(Series(say.t("fewer than {n} sellers", n=THIN), thin))
    return [series for series in out if any(value is not None for _, value in series.points)]


def _thin_words(index: Index, say: Wording) -> list[str]:
    thin = [day for day, _, sellers in index.days if sellers < THIN]
    if not thin:
        return []
    return [
        say.t(
            "Fewer than {n} sellers stand behind {days} of {all} days: read those stretches with care.",
            n=THIN,
            days=say.number(len(thin)),
            all=say.number(len(index.days)),
        )
    ]


def _lowest_words(lowest: Sequence[DayPrice], say: Wording) -> list[str]:
    if not lowest:
        return []
    first, last = lowest[0], lowest[-1]
    return [
        say.t(
            "The lowest price of the day went from {first} to {last}; it also moves when a seller appears or falls silent.",
            first=_point(first, say),
            last=_point(last, say),
        )
    ]


def _stretches(index: Index, say: Wording) -> Table:
    """The window in up to six equal parts, with how many sellers stand behind each."""
    days = index.days
    parts = min(6, max(1, len(days) // 15))
    edges = [round(part * (len(days) - 1) / parts) for part in range(parts + 1)]
    rows = []
    for start, end in pairwise(edges):
        sellers = [stands for _, _, stands in days[start : end + 1]]
        change = days[end][1] / days[start][1] - 1
        sign = "+" if change > 0.0049 else ""
        rows.append(
            TableRow(
                (
                    f"{say.date(days[start][0])} - {say.date(days[end][0])}",
                    f"{min(sellers)}-{max(sellers)}"
                    if min(sellers) != max(sellers)
                    else str(min(sellers)),
                    f"{sign}{say.percent(change)}",
                    say.plain_money(days[end][1]),
                )
            )
        )
    return Table(
        (
            Column(say.t("Stretch")),
            Column(say.t("Sellers"), "right"),
            Column(say.t("Change"), "right"),
            Column(say.t("Level"), "right", unit=say.t("US dollars per GPU-hour")),
        ),
        tuple(rows),
        say.t("Each seller against itself; the level is scaled to the last day's median."),
    )


def _move(move: Move, say: Wording) -> Fact:
    sign = "+" if move.change > 0 else ""
    return Fact(
        say.provider(move.provider),
        say.t(
            "{before} ({since}) to {after} ({until}): {change}",
            before=say.money(move.before),
            since=say.date(date.fromisoformat(move.since)),
            after=say.money(move.after),
            until=say.date(date.fromisoformat(move.until)),
            change=f"{sign}{say.percent(move.change)}",
        ),
    )


# -- named providers or cards --------------------------------------------------------------------


def _by_name(question: Question, days: int, desk: Desk, since: date, until: date) -> Answer:
    say = desk.say
    named = _named_series(question, desk, since, until)
    known = [(name, prices) for name, prices in named if prices]
    if not known:
        return _nothing(question, days, desk)
    _, main = known[0]
    first, last = main[0], main[-1]
    low = min(main, key=lambda day: day.price_usd_per_gpu_hour)
    high = max(main, key=lambda day: day.price_usd_per_gpu_hour)
    change = last.price_usd_per_gpu_hour / first.price_usd_per_gpu_hour - 1
    what = subject(question, say)
    finding = _finding(what, known[0][0], main, change, question, desk)
    return Answer(
        headline=finding,
        lines=(*_old_data(date.fromisoformat(last.day), desk), *unused_line(question, say)),
        table=_table(known, desk) if len(known) > 1 else None,
        facts=(
            Fact(say.t("First"), _point(first, say), first.source_url),
            Fact(say.t("Last"), _point(last, say), last.source_url),
            Fact(say.t("Lowest"), _point(low, say), low.source_url),
            Fact(say.t("Highest"), _point(high, say), high.source_url),
        ),
        chart=Chart(
            title=f"{what}, {say.billing(billing_asked(question))}",
            unit=say.t("USD per GPU-hour"),
            series=tuple(Series(name, _with_gaps(prices)) for name, prices in known),
            finding=finding,
            source=_source_line(known, say),
        )
        if sum(len(prices) for _, prices in known) > 1
        else None,
        notes=notes_for(question, desk, "history"),
        evidence=_evidence(known),
        follow_ups=_next(question, days, desk),
    )


def _named_series(
    question: Question, desk: Desk, since: date, until: date
) -> list[tuple[str, list[DayPrice]]]:
    """A line a provider or card where several are named; else the market beside hyperscalers."""
    say = desk.say
    billing = billing_asked(question)

    def ask(cards: Sequence[str], providers: Sequence[str]) -> list[DayPrice]:
        return desk.store.history(
            tuple(cards), question.memory_gb, billing, tuple(providers), since, until
        )

    if len(question.accelerators) > 1:
        return [
            (say.card(card), ask((card,), question.providers or _of_tier(question)))
            for card in question.accelerators
        ]
    if question.providers:
        return [
            (say.provider(name), ask(question.accelerators, (name,))) for name in question.providers
        ]
    out = [(say.t("Lowest GPU cloud"), ask(question.accelerators, _of_tier(question)))]
    if not question.tier:
        big = tuple(one.id for one in all_providers() if one.tier == "hyperscaler")
        out.append((say.t("Lowest hyperscaler"), ask(question.accelerators, big)))
    return out


def _of_tier(question: Question) -> tuple[str, ...]:
    """Providers whose prices make the line: of one tier, because a line that jumps from a GPU
    cloud to a hyperscaler when the first falls silent shows no price move at all."""
    wanted = question.tier or "microcloud"
    return tuple(
        one.id
        for one in all_providers()
        if one.tier == wanted and one.id not in question.exclude_providers
    )


def _with_gaps(prices: Sequence[DayPrice]) -> tuple[tuple[date, float | None], ...]:
    """Days in a row; a day without knowledge is None."""
    by_day = {date.fromisoformat(price.day): price.price_usd_per_gpu_hour for price in prices}
    day, last = min(by_day), max(by_day)
    points: list[tuple[date, float | None]] = []
    while day <= last:
        points.append((day, by_day.get(day)))
        day += timedelta(days=1)
    return tuple(points)


def _finding(
    what: str, name: str, main: Sequence[DayPrice], change: float, question: Question, desk: Desk
) -> str:
    say = desk.say
    first, last = main[0], main[-1]
    values = {
        "what": what if not question.providers else f"{what} ({name})",
        "billing": say.billing(billing_asked(question)),
        "first": say.money(first.price_usd_per_gpu_hour),
        "last": say.money(last.price_usd_per_gpu_hour),
        "since": _day(first, say),
        "until": _day(last, say),
    }
    if len(main) == 1:
        return say.t(
            "{what}, {billing}: one price known, {last} per GPU-hour on {until}.", **values
        )
    if abs(change) < 0.005:
        return say.t(
            "{what}, {billing}: unchanged at {last} per GPU-hour from {since} to {until}.", **values
        )
    values["change"] = say.percent(abs(change))
    if change < 0:
        return say.t(
            "{what}, {billing}: down {change}, from {first} ({since}) to {last} per GPU-hour ({until}).",
            **values,
        )
    return say.t(
        "{what}, {billing}: up {change}, from {first} ({since}) to {last} per GPU-hour ({until}).",
        **values,
    )


def _table(known: Sequence[tuple[str, list[DayPrice]]], desk: Desk) -> Table:
    say = desk.say
    unit = say.t("US dollars per GPU-hour")
    columns = (
        Column(say.t("Line")),
        Column(say.t("First"), "right", unit=unit),
        Column(say.t("Last"), "right", unit=unit),
        Column(say.t("Change"), "right"),
        Column(say.t("Lowest"), "right", unit=unit, essential=False),
        Column(say.t("Highest"), "right", unit=unit, essential=False),
    )
    rows = []
    for name, prices in known:
        values = [price.price_usd_per_gpu_hour for price in prices]
        change = values[-1] / values[0] - 1
        sign = "+" if change > 0.0049 else ""
        rows.append(
            TableRow(
                (
                    name,
                    say.plain_money(values[0]),
                    say.plain_money(values[-1]),
                    f"{sign}{say.percent(change)}",
                    say.plain_money(min(values)),
                    say.plain_money(max(values)),
                ),
                url=prices[-1].source_url,
            )
        )
    return Table(columns, tuple(rows), say.t("US dollars per GPU-hour."))


def _point(price: DayPrice, say: Wording) -> str:
    return f"{say.money(price.price_usd_per_gpu_hour)} ({say.provider(price.provider)}, {_day(price, say)})"


def _day(price: DayPrice, say: Wording) -> str:
    return say.date(date.fromisoformat(price.day))


def _old_data(last: date, desk: Desk) -> list[str]:
    age = (desk.now.date() - last).days
    if age <= 7:
        return []
    return [
        desk.say.tn(
            "What is known ends {n} day ago.",
            "What is known ends {n} days ago.",
            age,
        )
    ]


def _source_line(known: Sequence[tuple[str, list[DayPrice]]], say: Wording) -> str:
    names = {attribution.publisher(day.source_url) for _, prices in known for day in prices}
    first = min(prices[0].day for _, prices in known)
    last = max(prices[-1].day for _, prices in known)
    return (
        f"{', '.join(sorted(names)[:3])} · "
        f"{say.date(date.fromisoformat(first))} - {say.date(date.fromisoformat(last))}"
    )


def _evidence(known: Sequence[tuple[str, list[DayPrice]]]) -> tuple[Evidence, ...]:
    spans: dict[str, tuple[str, str, str]] = {}
    for _, prices in known:
        for day in prices:
            name = attribution.publisher(day.source_url)
            page, oldest, newest = spans.get(name, (day.source_url, day.day, day.day))
            spans[name] = (page, min(oldest, day.day), max(newest, day.day))
    return tuple(
        Evidence(name, page, _midnight(oldest), _midnight(newest))
        for name, (page, oldest, newest) in spans.items()
    )


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def _nothing(question: Question, days: int, desk: Desk) -> Answer:
    say = desk.say
    longer = Question(
        "history",
        lang=question.lang,
        accelerators=question.accelerators,
        memory_gb=question.memory_gb,
        providers=question.providers,
        period_days=1825 if days < 1825 else MAX_DAYS,
    )
    return Answer(
        headline=say.t(
            "No stored price of {what} in the last {days}.",
            what=subject(question, say),
            days=say.tn("{n} day", "{n} days", days),
        ),
        tone="caution",
        follow_ups=((follow_up(longer, desk, label=say.t("All years")),) if days < MAX_DAYS else ())
        + (FollowUp(say.t("Prices now"), " ".join(("price", *question.accelerators))),),
    )


def _next(question: Question, days: int, desk: Desk) -> tuple[FollowUp, ...]:

    say = desk.say
    out = [
        follow_up(question._replace(period_days=length), desk, label=label)
        for length, label in (
            (90, say.tn("{n} day", "{n} days", 90)),
            (365, say.tn("{n} year", "{n} years", 1)),
            (1825, say.t("All years")),
        )
        if length != days
    ]
    out.append(
        follow_up(
            question._replace(intent="cheapest", period_days=None), desk, label=say.t("Cheapest")
        )
    )
    return tuple(out[:4])
