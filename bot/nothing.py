"""An empty result: which filter emptied it, and the nearest questions that have answers."""

from __future__ import annotations

from bot.answer import Answer, FollowUp
from bot.combine import combination_answer
from bot.desk import Desk
from bot.offers import (
    billing_asked,
    brief,
    follow_up,
    gpu_hour,
    offer_filter,
    ranked,
    seller,
    subject,
    unused_line,
    where,
)
from bot.question import Question
from knowledge.offer import Best

# Filters in the order a buyer gives them up: first what costs least to relax.
_RELAXATIONS: tuple[tuple[str, dict[str, object]], ...] = (
    ("max_price", {"max_price": None}),
    ("count", {"count": None}),
    ("region", {"region": None, "regions": (), "exclude_regions": ()}),
    ("tier", {"tier": None, "exclude_tiers": ()}),
    ("providers", {"providers": (), "exclude_providers": ()}),
    ("form_factor", {"form_factor": None}),
    ("billing", {"billing": None, "exclude_billing": ()}),
    ("memory_gb", {"memory_gb": None}),
)


def explain_nothing(question: Question, desk: Desk) -> Answer:
    """Why nothing matches, with follow-ups that do have rows; never a dead end without a word."""
    if question.count:
        combined = combination_answer(question, desk)
        if combined is not None:
            return combined
    say = desk.say
    lines: list[str] = []
    follow_ups: list[FollowUp] = []
    emptied_by: str | None = None
    for name, relaxed in _RELAXATIONS:
        if all(getattr(question, field) in (None, ()) for field in relaxed):
            continue
        wider = question._replace(**relaxed)  # type: ignore[arg-type]
        rows = _rows(wider, desk)
        if not rows:
            continue
        emptied_by = emptied_by or name
        best = rows[0]
        lines.append(
            say.t(
                "Without {filter}: {price} per GPU-hour at {provider} ({detail}).",
                filter=_filter_words(name, question, desk),
                price=say.money(gpu_hour(best.offer)),
                provider=seller(best.offer, say),
                detail=brief(best.offer, say) or say.t("details not stated"),
            )
        )
        follow_ups.append(follow_up(wider, desk))
        if len(lines) == 3:
            break
    if not lines:
        lines = _bare(question, desk, follow_ups)
    return Answer(
        headline=_headline(question, desk),
        tone="caution",
        lines=(*lines, *unused_line(question, say)),
        follow_ups=tuple(follow_ups[:4]),
    )


def _rows(question: Question, desk: Desk) -> list[Best]:
    billing = billing_asked(question)
    return ranked(
        best
        for best in desk.store.market(offer_filter(question, desk)._replace(billing=None), desk.now)
        if best.offer.billing == billing
    )


def _headline(question: Question, desk: Desk) -> str:
    say = desk.say
    what = subject(question, say) + where(question, say)
    details = []
    if question.billing:
        details.append(say.billing(question.billing))
    if question.providers:
        names = say.listing([say.provider(name) for name in question.providers], last="or")
        details.append(say.t("at {providers}", providers=names))
    if question.tier:
        details.append(say.t("from a {tier}", tier=say.tier(question.tier)))
    if question.max_price is not None:
        details.append(say.t("under {price}", price=say.money(question.max_price)))
    extra = ", " + ", ".join(details) if details else ""
    return say.t("No offer for {what}{extra} in the price store.", what=what, extra=extra)


def _filter_words(name: str, question: Question, desk: Desk) -> str:
    say = desk.say
    if name == "max_price" and question.max_price is not None:
        return say.t("the ceiling of {price}", price=say.money(question.max_price))
    return {
        "count": say.t("the count of {count}", count=question.count),
        "region": say.t("the region"),
        "tier": say.t("the kind of provider"),
        "providers": say.t("the choice of providers"),
        "form_factor": say.t("the form factor"),
        "billing": say.t("the billing kind"),
        "memory_gb": say.t("the memory size"),
    }[name]


def _bare(question: Question, desk: Desk, follow_ups: list[FollowUp]) -> list[str]:
    """No single filter helps: the card alone, or the news that nobody lists it."""
    if not question.accelerators:
        return []
    alone = Question(intent="cheapest", lang=question.lang, accelerators=question.accelerators)
    if _rows(alone, desk):
        follow_ups.append(follow_up(alone, desk))
        return [desk.say.t("Several filters together leave nothing; the card alone has offers.")]
    return [
        desk.say.t(
            "No provider in the price store lists it for rent now; history may know older prices."
        )
    ]
