"""Prices over time from stored history: the lowest of each day, with gaps shown as gaps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from bot.answer import Answer, Chart, Column, Evidence, Fact, FollowUp, Series, Table, TableRow
from bot.desk import Desk
from bot.notes import notes_for
from bot.offers import billing_asked, follow_up, no_subject, subject, unknown_card, unused_line
from bot.question import Question
from bot.wording import Wording
from knowledge import attribution
from knowledge.offer import DayPrice
from knowledge.providers import all_providers

DEFAULT_DAYS = 90
MAX_DAYS = 3660


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if not question.accelerators:
        return no_subject(question, desk, say.t("history h100 90d"))
    days = min(question.period_days or DEFAULT_DAYS, MAX_DAYS)
    until = desk.now.date()
    since = until - timedelta(days=days)
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
    source = _source_line(known, say)
    return Answer(
        headline=finding,
        lines=(*_old_data(last, desk), *unused_line(question, say)),
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
            source=source,
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


def _old_data(last: DayPrice, desk: Desk) -> list[str]:
    age = (desk.now.date() - date.fromisoformat(last.day)).days
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
