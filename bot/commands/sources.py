"""Every source: what it brought, how old it is, how its last refresh went."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.answer import Answer, Column, Fact, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.prices.disagreeing import TOLERANCE
from knowledge.prices.store import SourceStatus
from knowledge.sources import SOURCES

MOST_DISAGREEMENTS = 8


def answer(_: Question, desk: Desk) -> Answer:
    """A row a source: offers, ages, last refresh; then faults, and where two sources disagree."""
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
        facts=(
            *_details(filled + [one for one in faults if not one.offers], desk),
            *_disagreements(desk),
            *_not_asked(sources, say),
        ),
        tone="caution" if faults else "plain",
    )


def _last(one: SourceStatus, desk: Desk) -> str:
    say = desk.say
    if one.last_run is None:
        return say.t("bundled") if one.name == "bundled" else say.t("never")
    words = say.age(one.last_run, desk.now)
    return say.t("failed {age}", age=words) if one.fault else words


def _details(sources: list[SourceStatus], desk: Desk) -> Iterator[Fact]:
    """Faults, rows not understood, notes and licences: what an operator can act on."""
    say = desk.say
    for one in sources:
        parts = []
        if one.fault:
            parts.append(one.fault)
            if one.last_ok:
                parts.append(
                    say.t("the offers are those of {age}", age=say.age(one.last_ok, desk.now))
                )
        if one.unknown:
            names = sorted(one.unknown, key=lambda name: -one.unknown[name])
            parts.append(
                say.tn(
                    "{n} row left out ({names})",
                    "{n} rows left out ({names})",
                    sum(one.unknown.values()),
                    names="; ".join(names[:3]) + ("; ..." if len(names) > 3 else ""),
                )
            )
        parts += one.notes[:3]
        if one.licence:
            parts.append(say.t(one.licence))
        if parts:
            yield Fact(say.t(one.title) if one.title else one.name, "; ".join(parts), one.page)


def _disagreements(desk: Desk) -> Iterator[Fact]:
    """Two sources that state different prices for one offer; the first named is the one shown."""
    say = desk.say
    for one in desk.store.disagreements()[:MOST_DISAGREEMENTS]:
        where = f"{one.instance_type} {one.region}" if one.region else one.instance_type
        yield Fact(
            say.t("{source} against {other}", source=one.source, other=one.other),
            say.t(
                "{wide} of {all} {billing} prices of {provider} differ by more than {percent}; the widest, {machine}: {ours} here, {theirs} there",
                wide=say.number(one.offers),
                all=say.number(one.both),
                billing=say.billing(one.billing),
                provider=say.provider(one.provider),
                percent=say.percent(TOLERANCE),
                machine=where,
                ours=say.money(one.price_usd_per_hour),
                theirs=say.money(one.other_price_usd_per_hour),
            ),
        )


def _not_asked(known: list[SourceStatus], say: Wording) -> Iterator[Fact]:
    """Sources that brought nothing yet: what would switch each on."""
    asked = {one.name for one in known if one.last_run}
    others = [source for name, source in SOURCES.items() if name not in asked]
    plain = [one.name for one in others if not one.key_setting and not one.opt_in]
    if plain:
        yield Fact(
            say.t("Not asked yet"),
            say.t("{names}; run: quartermaster refresh", names=", ".join(plain)),
        )
    keyed = [one for one in others if one.key_setting and not one.opt_in]
    if keyed:
        yield Fact(
            say.t("Off until they have a key"), ", ".join(str(one.key_setting) for one in keyed)
        )
    for one in others:
        if one.opt_in:
            yield Fact(
                say.t("{source}, off until allowed", source=one.title),
                say.t(
                    "{why}. An operator may allow it by name in QUARTERMASTER_SOURCES_OPT_IN",
                    why=say.t(one.opt_in),
                ),
                one.page,
            )
