"""One provider or two: what a second one costs, and when it is worth that."""

from __future__ import annotations

from bot.advice.evidence import (
    card_asked,
    card_assumed,
    every_variant,
    priced,
)
from bot.answers.notes import notes_for
from bot.answers.offers import evidence, follow_up, ranked
from bot.core.answer import Answer, Fact
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.units import MONTH
from knowledge.market import gpu_hour
from knowledge.prices.offer import Best

NODE = 8
"""GPUs of the usual whole machine."""
LONG_MONTHS = 3.0
MANY_GPUS = 16
SECOND_SHARE = 0.3
"""Default: the part of the load that a second provider takes."""
RESTARTS = frozenset({"batch", "dev", "rendering", "embeddings", "classical-ml", "fine-tuning"})


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    card = card_asked(question)
    pool = every_variant(question, desk)
    size = min(question.count or 1, NODE)
    # A fleet is machines: single cards elsewhere are no second source for it.
    machines = [best for best in pool if best.offer.count >= size]
    first, second = _two(machines)
    if second is None:
        first, second = _two(pool)
    if first is None:
        return Answer(
            headline=say.t(
                "No on-demand price of {card} is held here to compare with.", card=say.card(card)
            ),
            tone="caution",
        )
    shown = [first, second] if second else [first]
    two = second is not None and _wants_two(question)
    months = (question.hours or 0) / MONTH or None
    return Answer(
        headline=_verdict(question, first, second, say),
        lines=(*_reasons(question, say), *card_assumed(question, desk)),
        facts=tuple(_facts(question, first, second, desk)),
        notes=notes_for(
            question,
            desk,
            "concentration",
            shown,
            more={
                "providers": 2 if two else 1,
                "top_provider_share": 100.0,  # the plan as it stands before a second is added
                "months": months,
            },
        ),
        evidence=evidence(best.offer for best in shown),
        follow_ups=(
            follow_up(Question("cheapest", accelerators=(card,)), desk),
            follow_up(Question("provider", providers=(first.offer.provider,)), desk),
        ),
        offers=tuple(best.offer for best in shown),
    )


def _two(pool: list[Best]) -> tuple[Best | None, Best | None]:
    """The cheapest offer, and the next provider's of the same variant."""
    rows = ranked(pool)
    if not rows:
        return None, None
    first = rows[0]
    alike = [
        best
        for best in pool
        if best.offer.provider != first.offer.provider
        and best.offer.memory_gb == first.offer.memory_gb
        and best.offer.form_factor == first.offer.form_factor
    ]
    return first, ranked(alike)[0] if alike else None


def _wants_two(question: Question) -> bool:
    months = (question.hours or 0) / MONTH
    return (
        question.workload == "inference"
        or months >= LONG_MONTHS
        or (question.count or 0) >= MANY_GPUS
    )


def _verdict(question: Question, first: Best, second: Best | None, say: Wording) -> str:
    if second is None:
        return say.t(
            "One for now: {provider} is the only provider of this variant here; ask for quotes.",
            provider=say.provider(first.offer.provider),
        )
    extra = gpu_hour(second.offer) / gpu_hour(first.offer) - 1
    values = {
        "first": say.provider(first.offer.provider),
        "second": say.provider(second.offer.provider),
        "extra": say.percent(SECOND_SHARE * extra),
    }
    if _wants_two(question):
        if question.workload == "inference":
            return say.t(
                "Two: people depend on it. {second} beside {first} makes the bill {extra} more expensive.",
                **values,
            )
        return say.t(
            "Two: one that fails would stop you. {second} beside {first} makes the bill {extra} more expensive.",
            **values,
        )
    if question.workload in RESTARTS or question.hours:
        return say.t(
            "One: a short job that can start again needs no second provider; {first} is cheapest.",
            **values,
        )
    return say.t(
        "One until the term passes {months} months or people depend on it; then two, at {extra} more.",
        months=say.number(LONG_MONTHS),
        **values,
    )


def _reasons(question: Question, say: Wording) -> tuple[str, ...]:
    change = (
        say.t("What would change this: a job of weeks that can start again elsewhere.")
        if _wants_two(question)
        else say.t(
            "What would change this: a term of {months} months, {gpus} GPUs, or people who wait.",
            months=say.number(LONG_MONTHS),
            gpus=MANY_GPUS,
        )
    )
    return (
        say.t("For two: an outage, a sale or a shortage at one does not stop the work."),
        say.t("For one: one contract, one image, data in one place, a better volume price."),
        change,
        say.t("Before you sign: notice period, return of data, and a trial run at the second."),
    )


def _facts(question: Question, first: Best, second: Best | None, desk: Desk) -> list[Fact]:
    say = desk.say
    rows = [priced(say.t("First"), first.offer, desk)]
    if second is None:
        return rows
    rows.append(priced(say.t("Second, comparable"), second.offer, desk))
    gpus = question.count or 1
    low, high = gpu_hour(first.offer), gpu_hour(second.offer)
    split = ((1 - SECOND_SHARE) * low + SECOND_SHARE * high) * gpus * MONTH
    rows.append(
        Fact(
            say.t(
                "Split {first} to {second}",
                first=f"{100 - SECOND_SHARE * 100:.0f}",
                second=f"{SECOND_SHARE * 100:.0f}",
            ),
            say.t(
                "{split} a month for {gpus} against {alone} at one (the split is our default)",
                split=say.money(split, 0),
                gpus=say.tn("{n} GPU", "{n} GPUs", gpus),
                alone=say.money(low * gpus * MONTH, 0),
            ),
        )
    )
    return rows
