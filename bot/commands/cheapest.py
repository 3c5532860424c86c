"""Offers ranked by price per GPU-hour: the question this product exists for."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answer import Answer, FollowUp
from bot.desk import Desk
from bot.notes import notes_for
from bot.offers import (
    ROWS,
    billing_asked,
    brief,
    evidence,
    follow_up,
    gpu_hour,
    no_subject,
    offer_filter,
    offer_table,
    ranked,
    seller,
    subject,
    unknown_card,
    unused_line,
    wants_marketplaces,
    where,
)
from bot.question import Question
from bot.wording import Wording
from knowledge.offer import Best

MAX_ROWS = 50


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if not question.accelerators and not question.memory_gb and not question.providers:
        return no_subject(question, desk, say.t("cheapest 8x A100 80GB in europe"))
    billing = billing_asked(question)
    wanted = offer_filter(question, desk)
    # One query brings every billing kind: the ranking, and the one-line best of the others.
    everything = desk.store.market(wanted._replace(billing=None, exclude_billing=()), desk.now)
    pool = [best for best in everything if best.offer.billing == billing]
    markets = [best for best in pool if best.tier == "marketplace"]
    ranking = ranked(
        pool
        if wants_marketplaces(question)
        else [best for best in pool if best.tier != "marketplace"]
    )
    if not ranking and not markets:
        from bot.nothing import explain_nothing

        return explain_nothing(question, desk)
    if not ranking:
        ranking, markets = ranked(markets), []
    shown = ranking[: min(question.limit or ROWS, MAX_ROWS)]
    best = shown[0]
    lines = [
        *_marketplaces(markets, best, say),
        *_older(ranking, best, say),
        *_other_billing(everything, billing, say),
        *_hyperscaler_gap(pool, best, question, say),
        *_without_region(question, desk),
        *unused_line(question, say),
    ]
    offers = tuple(row.offer for row in shown)
    return Answer(
        headline=_headline(question, billing, best, say),
        lines=tuple(lines),
        table=offer_table(shown, desk, caption=_caption(ranking, shown, say)),
        notes=notes_for(question, desk, "cheapest", shown, pool),
        evidence=evidence(offers),
        follow_ups=_next(question, billing, ranking, shown, desk),
        offers=offers,
    )


def _headline(question: Question, billing: str, best: Best, say: Wording) -> str:
    values = {
        "what": subject(question, say) + where(question, say),
        "billing": say.billing(billing),
        "price": say.per_gpu_hour(gpu_hour(best.offer)),
        "provider": seller(best.offer, say),
        "detail": brief(best.offer, say) or say.t("details not stated"),
    }
    if best.stale:
        return say.t(
            "Cheapest {what}, {billing}: {price} at {provider} ({detail}), as of {date}.",
            date=say.date(best.offer.as_of),
            **values,
        )
    return say.t("Cheapest {what}, {billing}: {price} at {provider} ({detail}).", **values)


def _caption(ranking: Sequence[Best], shown: Sequence[Best], say: Wording) -> str:
    offers = sum(best.offers for best in ranking)
    return say.t(
        "Showing {shown} of {providers}, {offers}; each provider's best.",
        shown=len(shown),
        providers=say.tn("{n} provider", "{n} providers", len(ranking)),
        offers=say.tn("{n} offer", "{n} offers", offers),
    )


def _marketplaces(markets: Sequence[Best], best: Best, say: Wording) -> list[str]:
    """Single hosts without a contract get a line of their own."""
    if not markets:
        return []
    offer = ranked(markets)[0].offer
    lower = gpu_hour(offer) < gpu_hour(best.offer)
    message = (
        say.t(
            "Marketplaces go lower: {price} at {provider} ({detail}; single hosts, no contract).",
            price=say.money(gpu_hour(offer)),
            provider=seller(offer, say),
            detail=brief(offer, say),
        )
        if lower
        else say.t(
            "Marketplaces start at {price} ({provider}).",
            price=say.money(gpu_hour(offer)),
            provider=seller(offer, say),
        )
    )
    return [message]


def _older(ranking: Sequence[Best], best: Best, say: Wording) -> list[str]:
    """A stale price below a fresh headline is said, not shown as the answer."""
    if best.stale:
        return []
    older = [row for row in ranking if row.stale and gpu_hour(row.offer) < gpu_hour(best.offer)]
    if not older:
        return []
    offer = min((row.offer for row in older), key=gpu_hour)
    return [
        say.t(
            "An older price is lower: {price} at {provider}, of {date}; check whether it still holds.",
            price=say.money(gpu_hour(offer)),
            provider=seller(offer, say),
            date=say.date(offer.as_of),
        )
    ]


def _other_billing(everything: Sequence[Best], billing: str, say: Wording) -> list[str]:
    """The best of each other billing kind, in one line and never in the ranking."""
    parts = []
    for kind in ("on-demand", "spot", "reserved"):
        rows = [best for best in everything if best.offer.billing == kind]
        if kind == billing or not rows:
            continue
        offer = ranked(rows)[0].offer
        detail = seller(offer, say)
        if kind == "reserved":
            detail += ", " + say.term(offer.term_months)
        words = {
            "on-demand": say.t("On demand from {price} ({detail})"),
            "spot": say.t("Spot from {price} ({detail})"),
            "reserved": say.t("Reserved from {price} ({detail})"),
        }[kind]
        parts.append(words.format(price=say.money(gpu_hour(offer)), detail=detail))
    return [" · ".join(parts) + "."] if parts else []


def _hyperscaler_gap(
    pool: Sequence[Best], best: Best, question: Question, say: Wording
) -> list[str]:
    """How much the cheapest hyperscaler asks beside the answer."""
    if question.tier or question.providers or "hyperscaler" in question.exclude_tiers:
        return []
    big = [row for row in pool if row.tier == "hyperscaler"]
    if not big:
        return [say.t("No hyperscaler offer matches, so there is no gap to show.")]
    if best.tier == "hyperscaler":
        others = [row for row in pool if row.tier == "microcloud"]
        if not others:
            return []
        rival = ranked(others)[0].offer
        return [
            say.t(
                "The cheapest GPU cloud asks {price} ({provider}).",
                price=say.money(gpu_hour(rival)),
                provider=seller(rival, say),
            )
        ]
    offer = ranked(big)[0].offer
    ratio = gpu_hour(offer) / gpu_hour(best.offer)
    return [
        say.t(
            "A hyperscaler starts at {price} ({provider} {instance}, {detail}): {times} times as much.",
            price=say.money(gpu_hour(offer)),
            provider=seller(offer, say),
            instance=offer.instance_type,
            detail=brief(offer, say),
            times=say.times(ratio),
        )
    ]


def _without_region(question: Question, desk: Desk) -> list[str]:
    """Cheaper offers whose place the source did not state are counted, never guessed in."""
    if not (question.region or question.regions):
        return []
    wanted = offer_filter(question, desk)._replace(geos=(), countries=(), unplaced_only=True)
    unplaced = [
        best
        for best in desk.store.market(wanted, desk.now)
        if best.offer.billing == billing_asked(question)
    ]
    if not unplaced:
        return []
    cheapest = min((best.offer for best in unplaced), key=gpu_hour)
    count = sum(best.offers for best in unplaced)
    return [
        desk.say.tn(
            "{n} offer does not state its region and was left out (from {price}, {provider}).",
            "{n} offers do not state their region and were left out (the lowest {price}, {provider}).",
            count,
            price=desk.say.money(gpu_hour(cheapest)),
            provider=seller(cheapest, desk.say),
        )
    ]


def _next(
    question: Question,
    billing: str,
    ranking: Sequence[Best],
    shown: Sequence[Best],
    desk: Desk,
) -> tuple[FollowUp, ...]:
    """At most five questions a reader of this answer could ask next."""
    say = desk.say
    out: list[FollowUp] = []
    if len(ranking) > len(shown):
        more = question._replace(limit=min(len(ranking), len(shown) + 10))
        out.append(follow_up(more, desk, label=say.t("Show more")))
    if billing == "on-demand":
        out.append(follow_up(question._replace(billing="spot"), desk, label=say.t("Spot")))
    else:
        out.append(
            follow_up(question._replace(billing="on-demand"), desk, label=say.t("On demand"))
        )
    names = tuple(dict.fromkeys(best.offer.provider for best in shown))[:3]
    if len(names) > 1 and question.accelerators:
        compare = Question(
            intent="compare",
            accelerators=question.accelerators[:1],
            memory_gb=question.memory_gb,
            providers=names,
        )
        out.append(follow_up(compare, desk, label=say.t("Compare")))
    if question.region or question.regions:
        out.append(
            follow_up(question._replace(region=None, regions=()), desk, label=say.t("Any region"))
        )
    if question.accelerators:
        past = Question(
            intent="history",
            accelerators=question.accelerators[:1],
            memory_gb=question.memory_gb,
            period_days=90,
        )
        out.append(follow_up(past, desk, label=say.t("History")))
    return tuple(out[:5])
