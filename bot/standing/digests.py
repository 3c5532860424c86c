"""What a digest says: ten lines on what moved, or one when nothing did."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from bot.answer import Answer, Chart, Column, FollowUp, Note, Series, Table, TableRow
from bot.desk import Desk
from bot.offers import card_of, evidence, gpu_hour, offer_filter, ranked, where
from bot.question import Question
from bot.standing.schedule import zone
from bot.standing.watches import scope_question
from bot.wording import Wording
from knowledge import attribution
from knowledge.offer import Best, DayPrice
from knowledge.providers import all_providers, tier_of
from knowledge.store import Mover

DEFAULT_CARDS = ("A100", "H100", "H200", "L40S")
DAYS = {"daily": 1, "weekdays": 1, "weekly": 7, "monthly": 30}
MOVED = 0.005
"""Below half a percent a price stands still: rounding, currency."""
TREND_DAYS = 28
CHARTED = 3
"""More lines than this cross each other in a small picture."""
SILENT = timedelta(days=1)
"""A source that failed for longer than this is named."""
MOVERS_SEEN = 200
"""Movers looked at to find those worth saying."""
NAMED = 3
"""Movers, new and vanished offers said at most, each."""
_BARS = "▁▂▃▄▅▆▇█"


class Row(NamedTuple):
    """One card of the digest."""

    best: Best
    before: float | None
    """Its lowest price at the beginning of the period, USD per GPU-hour."""
    spot: Best | None
    hyperscaler: Best | None
    trend: tuple[DayPrice, ...]

    @property
    def now(self) -> float:
        return gpu_hour(self.best.offer)

    @property
    def change(self) -> float | None:
        return None if self.before is None else self.now / self.before - 1

    @property
    def moved(self) -> bool:
        return self.change is not None and abs(self.change) >= MOVED


def answer(question: Question, desk: Desk) -> Answer:
    """The digest for the cards of `question`; public prices only, whoever reads it."""
    desk = desk._replace(asker=desk.asker._replace(may_see_contracts=False))
    say = desk.say
    days = DAYS.get(question.every or "weekly", 7)
    cards = question.accelerators or DEFAULT_CARDS
    rows = [row for card in cards if (row := _row(card, question, days, desk)) is not None]
    if not rows:
        return Answer(
            headline=say.t(
                "No current offers of {what}{where}.",
                what=say.listing([say.card(card) for card in cards]),
                where=where(question, say),
            ),
            lang=say.lang,
            tone="caution",
            now=desk.now,
        )
    moved = desk.store.movers(desk.now, days, MOVERS_SEEN)
    movers = _distinct(one for one in moved if _said(one, question))[:NAMED]
    since = desk.now - timedelta(days=days)
    new = desk.store.appeared(since)
    gone = desk.store.vanished(since)
    silent = _silent(desk)
    quiet = not (any(row.moved for row in rows) or movers or new or gone)
    offers = tuple(row.best.offer for row in rows)
    behind = [one.offer for row in rows for one in (row.best, row.spot, row.hyperscaler) if one]
    if quiet:
        return Answer(
            headline=_nothing_moved(rows, days, desk),
            lang=say.lang,
            lines=silent,
            notes=_advice(rows, movers, say),
            evidence=evidence(offers),
            offers=offers,
            now=desk.now,
        )
    return Answer(
        headline=_headline(rows, question, days, desk),
        lang=say.lang,
        lines=(*_moves(movers, new, gone, say), *_gap(rows, say), *silent),
        table=_table(rows, days, desk),
        chart=_chart(rows, desk),
        notes=_advice(rows, movers, say),
        evidence=evidence(behind),
        offers=offers,
        now=desk.now,
    )


def buttons(words: Mapping[str, Any], lang: str, number: int | None) -> tuple[FollowUp, ...]:
    """Details, Edit, Stop: each a text that could have been typed."""
    from bot.wording import wording

    say = wording("pt" if lang == "pt" else "en")
    cards = " ".join(words.get("accelerators") or DEFAULT_CARDS)
    pt = say.lang == "pt"
    out = [FollowUp(say.t("Details"), f"comparar {cards}" if pt else f"compare {cards}")]
    if number is not None:
        out += [
            FollowUp(say.t("Edit"), f"mudar o resumo #{number}" if pt else f"change digest #{number}"),
            FollowUp(say.t("Stop"), f"cancelar o resumo #{number}" if pt else f"digest stop #{number}"),
        ]  # fmt: skip
    return tuple(out)


# -- figures -----------------------------------------------------------------------------------


def _row(card: str, question: Question, days: int, desk: Desk) -> Row | None:
    asked = scope_question(question._replace(accelerators=(card,), max_price=None))
    wanted = offer_filter(asked, desk)._replace(billing=None)
    everything = [best for best in desk.store.market(wanted, desk.now) if best.offer.host_included]
    billing = asked.billing
    mine = [
        best
        for best in everything
        if best.offer.billing == billing
        and (best.tier != "marketplace" or question.tier == "marketplace")
    ]
    if not mine:
        return None
    best = ranked(mine)[0]
    memory = best.offer.memory_gb
    alike = [one for one in everything if one.offer.memory_gb == memory]
    spot = [one for one in alike if one.offer.billing == "spot" and one.tier != "marketplace"]
    big = [one for one in alike if one.tier == "hyperscaler" and one.offer.billing == billing]
    trend = _trend(card, memory, question, billing or "on-demand", _unheard(mine), desk)
    return Row(
        best,
        _before(trend, desk.now.date() - timedelta(days=days)) if _placeless(question) else None,
        ranked(spot)[0] if spot and billing != "spot" else None,
        ranked(big)[0] if big and best.tier != "hyperscaler" else None,
        trend,
    )


def _placeless(question: Question) -> bool:
    """History knows no regions: a change in Europe is not the change anywhere."""
    return not (question.region or question.regions or question.exclude_regions)


def _unheard(bests: Sequence[Best]) -> set[str]:
    """Providers of whom only old prices are known while others' are fresh: today's best leaves
    them out, so the past it is compared with does too."""
    fresh = {best.offer.provider for best in bests if not best.stale}
    return {best.offer.provider for best in bests} - fresh if fresh else set()


def _trend(
    card: str,
    memory: float | None,
    question: Question,
    billing: str,
    unheard: set[str],
    desk: Desk,
) -> tuple[DayPrice, ...]:
    until = desk.now.date()
    providers = question.providers or tuple(
        one.id
        for one in all_providers()
        if (one.tier != "marketplace" or question.tier == "marketplace")
        and one.id not in question.exclude_providers
        and one.id not in unheard
    )
    since = until - timedelta(days=TREND_DAYS + 7)
    return tuple(desk.store.history((card,), memory, billing, providers, since, until))


def _before(trend: Sequence[DayPrice], day: date) -> float | None:
    """The price of that day; None when nobody knows it."""
    for price in trend:
        if price.day == day.isoformat():
            return price.price_usd_per_gpu_hour
    return None


def _distinct(movers: Iterable[Mover]) -> list[Mover]:
    """One move of a provider's card: spot mostly follows on-demand."""
    first: dict[tuple[str, str, float], Mover] = {}
    for one in movers:
        first.setdefault((one.provider, one.accelerator, one.memory_gb), one)
    return list(first.values())


def _said(mover: Mover, question: Question) -> bool:
    """Single hosts of a marketplace come and go by the hour: their moves are no news."""
    if mover.billing not in {"on-demand", "spot"}:
        return False
    if question.providers:
        return mover.provider in question.providers
    return tier_of(mover.provider) != "marketplace" or question.tier == "marketplace"


# -- words -------------------------------------------------------------------------------------


def _name(row: Row, say: Wording) -> str:
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


def _headline(rows: Sequence[Row], question: Question, days: int, desk: Desk) -> str:
    say = desk.say
    moved = sorted((row for row in rows if row.moved), key=lambda row: -abs(row.change or 0))
    start = say.t("GPU prices{where}, {week}", where=where(question, say), week=_week(days, desk))
    if not moved:
        first = rows[0]
        return (
            start
            + ": "
            + say.t(
                "{card} from {price} per GPU-hour at {provider}.",
                card=_name(first, say),
                price=say.money(first.now),
                provider=say.provider(first.best.offer.provider),
            )
        )
    lead = moved[0]
    values = {
        "card": _name(lead, say),
        "change": say.percent(abs(lead.change or 0)),
        "price": say.money(lead.now),
    }
    if (lead.change or 0) < 0:
        return start + ": " + say.t("{card} down {change} to {price} per GPU-hour.", **values)
    return start + ": " + say.t("{card} up {change} to {price} per GPU-hour.", **values)


def _nothing_moved(rows: Sequence[Row], days: int, desk: Desk) -> str:
    say = desk.say
    prices = say.listing([f"{_name(row, say)} {say.money(row.now)}" for row in rows])
    oldest = min(row.best.offer.as_of for row in rows)
    if all(row.before is None for row in rows):
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


def _table(rows: Sequence[Row], days: int, desk: Desk) -> Table:
    say = desk.say
    span = {1: say.t("Day"), 7: say.t("Week")}.get(days, say.t("Month"))
    columns = (
        Column(say.t("Card")),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        Column(span, "right"),
        Column(say.t("Provider")),
        Column(say.t("4 weeks"), essential=False),
        Column(say.t("Spot"), "right", unit=say.t("US dollars per GPU-hour"), essential=False),
        Column(say.t("Price of")),
    )
    return Table(
        columns,
        tuple(
            TableRow(
                (
                    _name(row, say),
                    say.plain_money(row.now),
                    _arrow(row.change, say),
                    say.provider(row.best.offer.provider),
                    sparkline(row.trend) or "-",
                    say.plain_money(gpu_hour(row.spot.offer)) if row.spot else "-",
                    say.date(row.best.offer.as_of, desk.now),
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


def _moves(
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


def _gap(rows: Sequence[Row], say: Wording) -> list[str]:
    told = []
    for row in rows:
        if row.hyperscaler is None:
            continue
        theirs = gpu_hour(row.hyperscaler.offer)
        if theirs > row.now:
            told.append(f"{_name(row, say)} {say.percent(1 - row.now / theirs)}")
    if not told:
        return []
    return [say.t("Below the cheapest hyperscaler: {gaps}", gaps=" · ".join(told[:4]))]


def _silent(desk: Desk) -> tuple[str, ...]:
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


def _chart(rows: Sequence[Row], desk: Desk) -> Chart | None:
    say = desk.say
    drawn = [row for row in rows if len(row.trend) > 1][:CHARTED]
    if not drawn:
        return None
    first = min(row.trend[0].day for row in drawn)
    last = max(row.trend[-1].day for row in drawn)
    sources = sorted({attribution.publisher(day.source_url) for row in drawn for day in row.trend})
    finding = say.listing(
        [
            f"{_name(row, say)} {say.money(row.trend[0].price_usd_per_gpu_hour)}"
            f" → {say.money(row.trend[-1].price_usd_per_gpu_hour)}"
            for row in drawn
        ]
    )
    return Chart(
        title=say.t("Lowest on-demand price, four weeks"),
        unit=say.t("USD per GPU-hour"),
        series=tuple(Series(_name(row, say), _points(row.trend)) for row in drawn),
        finding=finding,
        source=(
            f"{', '.join(sources[:3])} · {say.date(date.fromisoformat(first))} - "
            f"{say.date(date.fromisoformat(last))}"
        ),
    )


def _points(trend: Sequence[DayPrice]) -> tuple[tuple[date, float | None], ...]:
    known = {date.fromisoformat(day.day): day.price_usd_per_gpu_hour for day in trend}
    first, last = min(known), max(known)
    return tuple(
        (day, known.get(day))
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
    )


def _advice(rows: Sequence[Row], movers: Sequence[Mover], say: Wording) -> tuple[Note, ...]:
    """One piece that fits what moved; none when nothing fits."""
    rises = [row for row in rows if (row.change or 0) >= 0.03]
    falls = [row for row in rows if (row.change or 0) <= -0.03]
    if rises and len(rises) >= len(falls):
        return (
            Note(
                "tip",
                "hyperscaler-list-prices-move",
                say.t(
                    "{card} got dearer: a quote in hand may be worth keeping until its date.",
                    card=_name(rises[0], say),
                ),
            ),
        )
    if falls:
        return (
            Note(
                "tip",
                "custom-silicon-pressure",
                say.t(
                    "{card} got cheaper: prefer short terms, or ask for a price review in a long one.",
                    card=_name(falls[0], say),
                ),
            ),
        )
    if any(row.best.stale for row in rows):
        return (
            Note(
                "caution",
                "verify-before-you-sign",
                say.t("Some of these prices are old: verify with the provider before you sign."),
            ),
        )
    if movers:
        return (
            Note(
                "tip",
                "hyperscaler-list-prices-move",
                say.t("List prices move both ways: ask again before you renew."),
            ),
        )
    return ()


# -- reading the wish ----------------------------------------------------------------------------

_MONTHDAY = re.compile(r"\b([12]?\d|3[01])(?:st|nd|rd|th|º|o)\b|\b(?:dia|day)\s+([12]?\d|3[01])\b")


def monthday_in(text: str) -> int:
    """The day of a monthly digest: "1st", "dia 15"; the 1st unless said."""
    found = _MONTHDAY.search(text.lower())
    return max(1, int(found.group(1) or found.group(2))) if found else 1


def is_time(text: str) -> bool:
    return re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text) is not None


def local(moment: datetime, tz: str, say: Wording) -> str:
    """A moment as the place's clocks show it."""
    return say.time(moment, zone(tz))
