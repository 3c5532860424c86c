"""Every source: what it brought, how old it is, how its last refresh went."""

from __future__ import annotations

from bot.answer import Answer, Column, Fact, Table, TableRow
from bot.desk import Desk
from bot.question import Question
from bot.wording import Wording
from knowledge.store import SourceStatus


def answer(_: Question, desk: Desk) -> Answer:
    say = desk.say
    sources = desk.store.sources(desk.now)
    filled = [one for one in sources if one.offers]
    faults = [one for one in sources if one.fault]
    offers = sum(one.offers for one in filled)
    newest = max((one.newest for one in filled if one.newest), default=None)
    headline = say.t(
        "{offers} from {sources}; the newest price is of {date}.",
        offers=say.tn("{n} offer", "{n} offers", offers),
        sources=say.tn("{n} source", "{n} sources", len(filled)),
        date=say.date(newest) if newest else "-",
    )
    if faults:
        headline += " " + say.tn(
            "{n} source failed its last refresh.",
            "{n} sources failed their last refresh.",
            len(faults),
        )
    columns = (
        Column(say.t("Source")),
        Column(say.t("Offers"), "right"),
        Column(say.t("Stale"), "right", essential=False),
        Column(say.t("Oldest price")),
        Column(say.t("Newest price")),
        Column(say.t("Last refresh")),
    )
    rows = tuple(
        TableRow(
            cells=(
                one.name,
                say.number(one.offers),
                say.number(one.stale_offers),
                say.date(one.oldest) if one.oldest else "-",
                say.date(one.newest) if one.newest else "-",
                _last(one, desk),
            ),
            url=one.page,
            stale=bool(one.fault),
        )
        for one in sorted(sources, key=lambda one: (-one.offers, one.name))
        if one.offers or one.last_run
    )
    return Answer(
        headline=headline,
        lines=(
            say.t(
                "Stale means older than its source says a price is good for: 1 hour for marketplaces, 24 hours for feeds, 30 days for hand-kept lists. Stale prices are marked and never lead while a fresh one exists."
            ),
        ),
        table=Table(columns, rows),
        facts=tuple(_details(filled + [one for one in faults if not one.offers], say)),
        tone="caution" if faults else "plain",
    )


def _last(one: SourceStatus, desk: Desk) -> str:
    say = desk.say
    if one.last_run is None:
        return say.t("bundled") if one.name == "bundled" else say.t("never")
    words = say.age(one.last_run, desk.now)
    return say.t("failed {age}", age=words) if one.fault else words


def _details(sources: list[SourceStatus], say: Wording) -> list[Fact]:
    """Faults, names not understood, disagreements and licences: what an operator can act on."""
    out = []
    for one in sources:
        parts = []
        if one.fault:
            parts.append(one.fault)
        if one.unknown:
            total = sum(one.unknown.values())
            names = ", ".join(sorted(one.unknown, key=lambda name: -one.unknown[name])[:4])
            parts.append(
                say.tn(
                    "{n} row not understood ({names})",
                    "{n} rows not understood ({names})",
                    total,
                    names=names,
                )
            )
        parts += one.notes[:2]
        if one.licence:
            parts.append(one.licence)
        if parts:
            out.append(Fact(one.title or one.name, "; ".join(parts), one.page))
    return out
