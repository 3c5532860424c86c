"""An empty result: which filter emptied it, and the nearest questions that have answers."""

from __future__ import annotations

from bot.answers.left_out import NODE, detail, left_out, other_terms, single_prices
from bot.answers.offers import (
    evidence,
    follow_up,
    seller,
    subject,
    subject_of,
    unused_line,
    where,
)
from bot.core.answer import Answer, FollowUp
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.accelerators import variants as forms_of
from knowledge.market import Holding, Plan, Selection, Subject, gpu_hour, holding, select

# Filters in the order a buyer gives them up: first what costs least to relax.
_RELAXATIONS: tuple[tuple[str, dict[str, object]], ...] = (
    ("max_price", {"max_price": None}),
    ("interconnect", {"interconnect": None}),
    ("count", {"count": None, "nodes": None}),
    ("region", {"region": None, "regions": (), "exclude_regions": ()}),
    ("tier", {"tier": None, "exclude_tiers": ()}),
    ("providers", {"providers": (), "exclude_providers": ()}),
    ("form_factor", {"form_factor": None}),
    ("term", {"hours": None}),
    ("billing", {"billing": None, "exclude_billing": ()}),
    ("memory_gb", {"memory_gb": None}),
)


def explain_nothing(question: Question, desk: Desk) -> Answer:
    """Why nothing matches, with follow-ups that do have rows; never a dead end without a word."""
    say = desk.say
    asked = subject_of(question, desk)
    found = select(desk.store, asked, desk.now)
    held = holding(found.rows or found.markets, asked.gpus or 1, interconnect=asked.interconnect)
    lines = [
        *_slice(question, say),
        *single_prices(held, asked.gpus or 1, say),
        *other_terms(found, asked.term_months, say),
        *left_out(asked, found, question, desk),
    ]
    follow_ups: list[FollowUp] = []
    relaxed_lines = 0
    for name, relaxed in _RELAXATIONS:
        if all(getattr(question, field) in (None, ()) for field in relaxed):
            continue
        wider = question._replace(**relaxed)  # type: ignore[arg-type]
        plan = _best(wider, desk)
        if plan is None:
            continue
        lines.append(
            say.t(
                "Without {filter}: {price} per GPU-hour at {provider} ({detail}).",
                filter=_filter_words(name, question, desk),
                price=say.money(gpu_hour(plan.offer)),
                provider=seller(plan.offer, say),
                detail=detail(plan.offer, say),
            )
        )
        follow_ups.append(follow_up(wider, desk))
        relaxed_lines += 1
        if relaxed_lines == 3:
            break
    if not relaxed_lines:
        lines += _bare(question, desk, follow_ups)
    named = tuple(best.offer for best in (*held.single[:3], *found.other_terms[:3]))
    return Answer(
        headline=_by_the_card(question, held, say)
        or _other_length(question, asked, found, say)
        or _headline(question, desk),
        tone="caution",
        lines=(*lines, *unused_line(question, say)),
        evidence=evidence(named),
        follow_ups=tuple(follow_ups[:4]),
    )


def _slice(question: Question, say: Wording) -> list[str]:
    """Less memory than any such card has: a part of one (MIG, vGPU), which no whole card answers."""
    if not question.accelerators or question.memory_gb is None:
        return []
    sizes = [card.memory_gb for card in forms_of(question.accelerators[0]) if card.memory_gb]
    if not sizes or question.memory_gb >= min(sizes):
        return []
    return [
        say.t(
            "{memory} of {card} are a slice (MIG or vGPU), and no price of such a slice is held here; the whole card has at least {least}.",
            memory=say.memory(question.memory_gb),
            card=say.card(question.accelerators[0]),
            least=say.memory(min(sizes)),
        )
    ]


def _best(question: Question, desk: Desk) -> Plan | None:
    asked = subject_of(question, desk)
    found = select(desk.store, asked, desk.now)
    for pool in (found.rows, found.markets):
        if asked.gpus is None:
            if pool:
                return Plan(pool[0], 1)
        elif plans := holding(
            pool, asked.gpus, interconnect=asked.interconnect, nodes=asked.nodes
        ).plans:
            return plans[0]
    return None


def _by_the_card(question: Question, held: Holding, say: Wording) -> str:
    """A machine of so many is not listed, but single cards are: that is no dead end."""
    if not held.single or not question.count or question.count > NODE:
        return ""
    offer = min(held.single, key=lambda best: (best.age, gpu_hour(best.offer))).offer
    return say.t(
        "No machine of {what} is listed; by the card the lowest is {price} per GPU-hour at {provider} ({date}).",
        what=subject(question, say) + where(question, say),
        price=say.money(gpu_hour(offer)),
        provider=seller(offer, say),
        date=say.date(offer.as_of),
    )


def _other_length(question: Question, asked: Subject, found: Selection, say: Wording) -> str:
    """No commitment of that length: the nearest of a stated one, as what it is."""
    months = asked.term_months
    stated = [best for best in found.other_terms if best.offer.term_months]
    plans = holding(stated, asked.gpus or 1, interconnect=asked.interconnect).plans
    if not months or not plans:
        return ""
    offer = min(plans, key=lambda plan: abs((plan.offer.term_months or 0) - months)).offer
    return say.t(
        "No price for {asked} is published for {what}; the nearest commitment is {term}: {price} per GPU-hour at {provider} ({date}).",
        asked=say.term(months),
        what=subject(question, say) + where(question, say),
        term=say.term(offer.term_months),
        price=say.money(gpu_hour(offer)),
        provider=seller(offer, say),
        date=say.date(offer.as_of),
    )


def _headline(question: Question, desk: Desk) -> str:
    say = desk.say
    what = subject(question, say) + where(question, say)
    details = []
    if question.billing:
        details.append(say.billing(question.billing))
    term = subject_of(question, desk).term_months
    if term:
        details.append(say.term(term))
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
        "interconnect": say.t("the fabric"),
        "count": say.t("the count of {count}", count=question.count or question.nodes),
        "region": say.t("the region"),
        "tier": say.t("the kind of provider"),
        "providers": say.t("the choice of providers"),
        "form_factor": say.t("the form factor"),
        "term": say.t("the length of the commitment"),
        "billing": say.t("the billing kind"),
        "memory_gb": say.t("the memory size"),
    }[name]


def _bare(question: Question, desk: Desk, follow_ups: list[FollowUp]) -> list[str]:
    """No single filter helps: the card alone, or the news that nobody lists it."""
    if not question.accelerators:
        return []
    alone = Question(intent="cheapest", lang=question.lang, accelerators=question.accelerators)
    if _best(alone, desk):
        follow_ups.append(follow_up(alone, desk))
        return [desk.say.t("Several filters together leave nothing; the card alone has offers.")]
    return [
        desk.say.t(
            "No provider in the price store lists it for rent now; history may know older prices."
        )
    ]
