"""What a digest says: ten lines on what moved, or one when nothing did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.answers.notes import notes_of
from bot.answers.offers import evidence, where
from bot.core.answer import Answer, FollowUp, Note
from bot.core.desk import Desk
from bot.core.phrase import order, phrase
from bot.core.question import Question
from bot.language import lang_of
from bot.standing import digest_words as words
from bot.standing.moves import Row, lead_of, movers_of, rows_of
from knowledge.advice.facts import Value
from knowledge.facts.providers import tier_of
from knowledge.prices.store import Mover

DEFAULT_CARDS = ("A100", "H100", "H200", "L40S")
DAYS = {"daily": 1, "weekdays": 1, "weekly": 7, "monthly": 30}


def answer(question: Question, desk: Desk) -> Answer:
    """The digest for the cards of `question`; public prices only, whoever reads it."""
    desk = desk._replace(asker=desk.asker._replace(may_see_contracts=False))
    say = desk.say
    days = DAYS.get(question.every or "weekly", 7)
    cards = question.accelerators or DEFAULT_CARDS
    rows = rows_of(cards, question, days, desk)
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
    movers = movers_of(question, days, desk)
    since = desk.now - timedelta(days=days)
    new = desk.store.appeared(since)
    gone = desk.store.vanished(since)
    silent = words.silent(desk)
    quiet = not (any(row.moved for row in rows) or movers or new or gone)
    offers = tuple(row.best.offer for row in rows)
    behind = [one.offer for row in rows for one in (row.best, row.spot, row.hyperscaler) if one]
    if quiet:
        return Answer(
            headline=words.nothing_moved(rows, days, desk),
            lang=say.lang,
            lines=silent,
            notes=_advice(rows, movers, desk),
            evidence=evidence(offers),
            offers=offers,
            now=desk.now,
        )
    return Answer(
        headline=words.headline(rows, question, days, desk),
        lang=say.lang,
        lines=(*words.moves(movers, new, gone, say), *words.gap(rows, say), *silent),
        table=words.table(rows, days, desk),
        chart=words.chart(rows, desk),
        notes=_advice(rows, movers, desk),
        evidence=evidence(behind),
        offers=offers,
        now=desk.now,
    )


def buttons(wish: Mapping[str, Any], lang: str, number: int | None) -> tuple[FollowUp, ...]:
    """Details, Edit, Stop: each a text that could have been typed."""
    from bot.core.wording import wording

    say = wording(lang_of(lang) or "en")
    cards = Question("compare", accelerators=tuple(wish.get("accelerators") or DEFAULT_CARDS))
    out = [FollowUp(say.t("Details"), phrase(cards, say.lang))]
    if number is not None:
        out += [
            FollowUp(say.t("Edit"), order("digest_change", say.lang, number=number)),
            FollowUp(say.t("Stop"), order("digest_stop", say.lang, number=number)),
        ]  # fmt: skip
    return tuple(out)


def _advice(rows: Sequence[Row], movers: Sequence[Mover], desk: Desk) -> tuple[Note, ...]:
    """One piece that fits what moved; none when no rule does."""
    newest = max(row.best.offer.as_of for row in rows)
    facts: dict[str, Value | None] = {
        "about": "digest",
        "price_age_days": max(0, (desk.now - newest).days),
        "price_date": desk.say.date(newest),
    }
    lead = lead_of(rows)
    if lead is not None and lead.change is not None:
        facts["gpu"] = words.name(lead, desk.say)
        facts["rise_pct" if lead.change > 0 else "fall_pct"] = abs(lead.change) * 100
    if any(tier_of(one.provider) == "hyperscaler" for one in movers):
        facts["tier"] = "hyperscaler"
    return notes_of(facts, desk.say)[:1]
