"""How a digest is worded: headline, lines, table, chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.answers.offers import card_of, where
from bot.core.answer import Chart, Column, Series, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from bot.standing.moves import MOVED, NAMED, Row, lead_of
from bot.state.schedule import zone
from knowledge.facts import attribution
from knowledge.market import gpu_hour
from knowledge.prices.offer import DayPrice
from knowledge.prices.store import Mover

CHARTED = 3
"""More lines than this cross each other in a small picture."""
SILENT = timedelta(days=1)
"""A source that failed for longer than this is named."""
_BARS = "▁▂▃▄▅▆▇█"


def name(row: Row, say: Wording) -> str:
    return card_of(row.best.offer, say)


def _week(days: int, desk: Desk) -> str:
    """ "week of 16 Nov", in the reader's zone."""
    say = desk.say
    today = desk.now.astimezone(zone(desk.asker.tz or "UTC")).date()
    if days == 1:
        return say.date(today, desk.now)
    if days == 7:
        return say.t("week of {date}", date=say.date(today - timedelta(days=7), desk.now))
    return say.t("since {date}", date=say.date(today - timedelta(days=days), desk.now))


def headline(rows: Sequence[Row], question: Question, days: int, desk: Desk) -> str:
    say = desk.say
    lead = lead_of(rows)
    start = say.t("GPU prices{where}, {week}", where=where(question, say), week=_week(days, desk))
    if lead is None:
        first = rows[0]
        return (
            start
            + ": "
            + say.t(
                "{card} from {price} per GPU-hour at {provider}.",
                card=name(first, say),
                price=say.money(first.now),
                provider=say.provider(first.best.offer.provider),
            )
        )
    values = {
        "card": name(lead, say),
        "change": say.percent(abs(lead.change or 0)),
        "price": say.money(lead.now),
    }
    if (lead.change or 0) < 0:
        return (
            start
            + ": "
            + say.t("{card} down {change} like for like, from {price} per GPU-hour.", **values)
        )
    return (
        start
        + ": "
        + say.t("{card} up {change} like for like, from {price} per GPU-hour.", **values)
    )


def nothing_moved(rows: Sequence[Row], days: int, desk: Desk) -> str:
    say = desk.say
    prices = say.listing([f"{name(row, say)} {say.money(row.now)}" for row in rows])
    oldest = min(row.best.offer.as_of for row in rows)
    if all(row.change is None for row in rows):
        # Nobody looked in this time: that is not the same as nothing moved.
        return say.t(
            "No price newer than {newest} is known ({week}): {prices} per GPU-hour.",
            newest=say.date(max(row.best.offer.as_of for row in rows), desk.now),
            week=_week(days, desk),
            prices=prices,
        )
    return say.t(
        "Nothing moved ({week}): {prices} per GPU-hour, prices of {date} or newer.",
        week=_week(days, desk),
        prices=prices,
        date=say.date(oldest, desk.now),
    )


def table(rows: Sequence[Row], days: int, desk: Desk) -> Table:
    say = desk.say
    span = {1: say.t("Day"), 7: say.t("Week")}.get(days, say.t("Month"))
    columns = (
        Column(say.t("Card")),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        Column(span, "right"),
        Column(say.t("Provider")),
        Column(say.t("Seen")),
        Column(say.t("Spot"), "right", unit=say.t("US dollars per GPU-hour"), essential=False),
        Column(say.t("4 weeks"), essential=False),  # last: what a narrow window cuts off
    )
    return Table(
        columns,
        tuple(
            TableRow(
                (
                    name(row, say),
                    say.plain_money(row.now),
                    _arrow(row.change, say),
                    say.provider(row.best.offer.provider),
                    say.date(row.best.offer.as_of, desk.now),
                    say.plain_money(gpu_hour(row.spot.offer)) if row.spot else "-",
                    sparkline(row.trend) or "-",
                ),
                url=row.best.offer.source_url,
                stale=row.best.stale,
            )
            for row in rows
        ),
        say.t("Cheapest on demand, marketplaces left out."),
    )


def _arrow(change: float | None, say: Wording) -> str:
    if change is None:
        return "-"
    if abs(change) < MOVED:
        return "="
    return f"{'▲' if change > 0 else '▼'} {say.percent(abs(change))}"


def sparkline(trend: Sequence[DayPrice], width: int = 8) -> str:
    """A month of daily lows as bars; "" when fewer than two days are known."""
    values = [day.price_usd_per_gpu_hour for day in trend]
    if len(values) < 2:
        return ""
    picked = [values[round(i * (len(values) - 1) / (width - 1))] for i in range(width)]
    low, high = min(picked), max(picked)
    # A tenth fills the height at least: four per cent must not look like a cliff.
    span = max(high - low, high / 10)
    base = (low + high - span) / 2
    return "".join(_BARS[round((value - base) / span * 7)] for value in picked)


def moves(
    movers: Sequence[Mover],
    new: Sequence[tuple[str, str, float]],
    gone: Sequence[tuple[str, str, float]],
    say: Wording,
) -> list[str]:
    out = []
    if movers:
        told = []
        for one in movers:
            name = f"{say.provider(one.provider)} {say.card(one.accelerator, one.memory_gb)}"
            if one.billing != "on-demand":
                name += f" {say.billing(one.billing)}"
            sign = "+" if one.change > 0 else "-"
            told.append(f"{name} {sign}{say.percent(abs(one.change))}")
        out.append(say.t("Moves: {moves}", moves=" · ".join(told)))
    if new:
        told = [_offer(one, say) + f" {say.money(one[2])}" for one in new[:NAMED]]
        out.append(say.t("New: {offers}", offers=_more(told, len(new), say)))
    if gone:
        told = [
            say.t("{offer} (was {price})", offer=_offer(one, say), price=say.money(one[2]))
            for one in gone[:NAMED]
        ]
        out.append(say.t("Gone: {offers}", offers=_more(told, len(gone), say)))
    return out


def _offer(found: tuple[str, str, float], say: Wording) -> str:
    provider, card, _ = found
    return say.t("{card} at {provider}", card=say.card(card), provider=say.provider(provider))


def _more(told: list[str], count: int, say: Wording) -> str:
    if count > NAMED:
        told.append(say.tn("{n} more", "{n} more", count - NAMED))
    return " · ".join(told)


def gap(rows: Sequence[Row], say: Wording) -> list[str]:
    told = []
    for row in rows:
        if row.hyperscaler is None:
            continue
        theirs = gpu_hour(row.hyperscaler.offer)
        if theirs > row.now:
            told.append(f"{name(row, say)} {say.percent(1 - row.now / theirs)}")
    if not told:
        return []
    return [say.t("Below the cheapest hyperscaler: {gaps}", gaps=" · ".join(told[:4]))]


def silent(desk: Desk) -> tuple[str, ...]:
    say = desk.say
    names = []
    for source in desk.store.sources(desk.now):
        if source.fault is None or source.last_run is None:
            continue
        if source.last_ok is None or desk.now - source.last_ok > SILENT:
            since = f" ({say.date(source.last_ok, desk.now)})" if source.last_ok else ""
            names.append(source.title + since)
    if not names:
        return ()
    return (say.t("Silent sources, with their last good day: {names}", names=", ".join(names[:5])),)


def chart(rows: Sequence[Row], desk: Desk) -> Chart | None:
    say = desk.say
    drawn = [row for row in rows if len(row.trend) > 1][:CHARTED]
    if not drawn:
        return None
    first = min(row.trend[0].day for row in drawn)
    last = max(row.trend[-1].day for row in drawn)
    sources = sorted({attribution.publisher(day.source_url) for row in drawn for day in row.trend})
    return Chart(
        title=say.t("Lowest on-demand price, four weeks"),
        unit=say.t("USD per GPU-hour"),
        series=tuple(Series(name(row, say), _points(row.trend)) for row in drawn),
        finding=_finding(drawn, say),
        source=(
            f"{', '.join(sources[:3])} · {say.date(date.fromisoformat(first))} - "
            f"{say.date(date.fromisoformat(last))}"
        ),
    )


def _finding(drawn: Sequence[Row], say: Wording) -> str:
    """Who stands at the edge of the four weeks; the prices themselves are drawn."""
    low: list[str] = []
    high: list[str] = []
    for row in drawn:
        prices = [day.price_usd_per_gpu_hour for day in row.trend]
        if min(prices) < max(prices) and prices[-1] in {min(prices), max(prices)}:
            (low if prices[-1] == min(prices) else high).append(name(row, say))
    told = []
    if low:
        told.append(say.t("At the lowest of four weeks: {cards}.", cards=say.listing(low)))
    if high:
        told.append(say.t("At the highest of four weeks: {cards}.", cards=say.listing(high)))
    return " ".join(told) or say.t("None stands at its lowest or highest of four weeks.")


def _points(trend: Sequence[DayPrice]) -> tuple[tuple[date, float | None], ...]:
    known = {date.fromisoformat(day.day): day.price_usd_per_gpu_hour for day in trend}
    first, last = min(known), max(known)
    return tuple(
        (day, known.get(day))
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
    )
