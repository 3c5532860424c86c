"""Microcloud or hyperscaler: the gap in this store, and what the cheaper side must answer for."""

from __future__ import annotations

from bot.advice.evidence import USUAL_CARD, like_offers, lowest
from bot.answer import Answer, Fact, Note
from bot.desk import Desk
from bot.offers import brief, evidence, follow_up, gpu_hour, stale_note
from bot.question import Question

WORTH_MOVING = 0.2
"""Default: below a fifth, the gap does not pay for the trouble."""
LONG_MONTHS = 6


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    card = question.accelerators[0] if question.accelerators else USUAL_CARD
    like = like_offers(question, desk)
    hyper = lowest(like, "hyperscaler")
    micro = lowest(like, "microcloud", hyper.offer.form_factor if hyper else None)
    if micro is None or hyper is None:
        return Answer(
            headline=say.t(
                "I hold no pair of like offers of {card} to set side by side.", card=say.card(card)
            ),
            tone="caution",
        )
    gap = 1 - gpu_hour(micro.offer) / gpu_hour(hyper.offer)
    months = (question.hours or 0) / 730
    serving = question.workload == "inference"
    if question.tier == "marketplace":
        headline = (
            say.t(
                "Not for people who wait: marketplace hosts come and go. For jobs that can restart, yes."
            )
            if serving
            else say.t(
                "Yes, if the job saves checkpoints and the data is not private: hosts belong to third parties."
            )
        )
    elif gap < WORTH_MOVING:
        headline = say.t(
            "Stay where you are: the gap for {card} is only {gap} here.",
            card=say.card(card),
            gap=say.percent(gap),
        )
    elif serving:
        headline = say.t(
            "A GPU cloud is {gap} cheaper for {card}; for production keep a tested second provider.",
            gap=say.percent(gap),
            card=say.card(card),
        )
    elif months >= LONG_MONTHS:
        headline = say.t(
            "A GPU cloud, {gap} cheaper for {card}, but in short terms: do not prepay {months} months.",
            gap=say.percent(gap),
            card=say.card(card),
            months=say.number(round(months)),
        )
    else:
        headline = say.t(
            "A GPU cloud: {gap} cheaper for {card}.", gap=say.percent(gap), card=say.card(card)
        )
    facts = [
        Fact(
            label,
            f"{say.money(gpu_hour(best.offer))} ({say.provider(best.offer.provider)}, {brief(best.offer, say)})",
            best.offer.source_url,
        )
        for label, best in (
            (say.t("Cheapest GPU cloud"), micro),
            (say.t("Cheapest hyperscaler"), hyper),
        )
    ]
    lines = (
        say.t("For a GPU cloud: the price, and often no charge for data going out."),
        say.t("Against: supply may run short, owners change, fewer audit reports and regions."),
        say.t(
            "Would change my mind: data that must stay in audited sites, or traffic out of a hyperscaler at about $90 per TB."
        ),
    )
    note = Note(
        "caution",
        "supply-consistency",
        say.t(
            "Ask how many GPUs are held for you for the whole term, and what happens if they do not come."
        ),
    )
    return Answer(
        headline=headline,
        lines=lines,
        facts=tuple(facts),
        notes=(*stale_note([micro, hyper], desk), note)[:2],
        evidence=evidence((micro.offer, hyper.offer)),
        follow_ups=(
            follow_up(Question("cheapest", accelerators=(card,), tier="microcloud"), desk),
            follow_up(Question("cheapest", accelerators=(card,), tier="hyperscaler"), desk),
        ),
        offers=(micro.offer, hyper.offer),
    )
