"""One big card or several small ones: the sets that hold a model, side by side."""

from __future__ import annotations

from bot.advice.evidence import bests
from bot.answers.facts import billions
from bot.answers.notes import notes_for
from bot.answers.offers import evidence
from bot.answers.sets import (
    Priced,
    candidates,
    priced,
    priced_sets,
)
from bot.core.answer import Answer, Column, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.phrase import phrase
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.units import MONTH
from knowledge.sizing import model_memory
from knowledge.sizing.model_memory import Fit
from knowledge.sizing.models import Model, resolve
from knowledge.sizing.quantisation import bytes_per_weight

INDEPENDENT = frozenset({"batch", "embeddings", "rendering", "dev", "classical-ml"})
"""Work that falls into jobs that need not speak to each other."""
CLEAR = 0.9
"""Default: several cards must be a tenth cheaper to be worth their links."""


def answer(question: Question, desk: Desk) -> Answer:
    size = billions(question)
    if question.model is None or size is None:
        return _general(question, desk)
    say = desk.say
    model = resolve(question.model) or model_memory.like_sized(size, question.model)[0]
    stated = question.precision if bytes_per_weight(question.precision or "") else None
    precision = stated or model_memory.released(model)
    need = model_memory.inference(
        model,
        precision,
        question.context_tokens or model_memory.DEFAULT_CONTEXT,
        question.concurrency or model_memory.DEFAULT_REQUESTS,
    )
    offered = [
        one for one in priced_sets(need, question._replace(accelerators=()), desk) if one.offer
    ]
    one = next((found for found in offered if found.fit.count == 1), None)
    many = next((found for found in offered if found.fit.count > 1), None)
    what = say.t("{model} in {precision}", model=model.name, precision=precision)
    return _answer(question, desk, (one, many), what, model, precision)


def _general(question: Question, desk: Desk) -> Answer:
    """No model: equal memory from one, two and four cards."""
    say = desk.say
    large = [
        Fit(card, 1)
        for card in candidates()
        if card.memory_gb and card.memory_gb > 100 and card.vendor == "NVIDIA"
    ]
    big = max(
        (found for found in priced(large, question, desk).values() if found.offer),
        key=lambda found: -found.usd_per_hour / found.fit.usable_gb,
        default=None,
    )
    need = big.fit.usable_gb if big else 100.0
    several = [
        found
        for found in priced_sets(need, question._replace(accelerators=()), desk)
        if found.offer and found.fit.count > 1
    ]
    what = say.t("{gb} of usable memory", gb=f"{say.number(round(need))} GB")
    return _answer(question, desk, (big, several[0] if several else None), what, None, "fp16")


def _answer(
    question: Question,
    desk: Desk,
    pair: tuple[Priced | None, Priced | None],
    what: str,
    model: Model | None,
    precision: str,
) -> Answer:
    say = desk.say
    one, many = pair
    shown = [found for found in pair if found and found.offer]
    if not shown:  # the question's own filters, such as a provider without such cards
        return Answer(
            headline=say.t("No set that holds {what} has a price here.", what=what),
            tone="caution",
            follow_ups=_next(question, say),
        )
    offers = tuple(found.offer for found in shown if found.offer)
    cheap = min(shown, key=lambda found: found.usd_per_hour)
    return Answer(
        headline=_verdict(question, one, many, what, say),
        lines=_reasons(question, say),
        table=_table(shown, model, precision, desk),
        notes=notes_for(
            question,
            desk,
            "sizing",
            bests(offers, desk),
            more={
                "workload": question.workload or "inference",
                "split": True if cheap.fit.count > 1 else None,
                "gpu_count": cheap.fit.count,
                "nodes": None,
                "sets": len(shown),
                "best_set": cheap.name(say),
                "best_rate": cheap.usd_per_hour,
            },
        ),
        evidence=evidence(offers),
        follow_ups=_next(question, say),
        offers=offers,
    )


def _verdict(
    question: Question, one: Priced | None, many: Priced | None, what: str, say: Wording
) -> str:
    if one is None or many is None:
        only = one or many
        assert only is not None  # noqa: S101  the callers bring at least one
        if one is None:
            return say.t(
                "Several: no single card with a price here holds {what}; the cheapest set is {set}, {price} per hour.",
                what=what,
                set=only.name(say),
                price=say.money(only.usd_per_hour),
            )
        return say.t(
            "One: {set} holds {what} at {price} per hour; nothing is gained by splitting it.",
            what=what,
            set=only.name(say),
            price=say.money(only.usd_per_hour),
        )
    values = {
        "what": what,
        "one": one.name(say),
        "many": many.name(say),
        "one_price": say.money(one.usd_per_hour),
        "many_price": say.money(many.usd_per_hour),
    }
    if question.workload in INDEPENDENT:
        return say.t(
            "Several small ones: such jobs need not speak to each other ({many} {many_price}, {one} {one_price} per hour).",
            **values,
        )
    if many.usd_per_hour < CLEAR * one.usd_per_hour:
        return say.t(
            "Several: {many} holds {what} at {many_price} per hour against {one_price} for {one}.",
            **values,
        )
    return say.t(
        "One big: {one} holds {what} at {one_price} per hour against {many_price} for {many}, with no links to wait for.",
        **values,
    )


def _reasons(question: Question, say: Wording) -> tuple[str, ...]:
    change = (
        say.t("What would change this: one model that must span the cards.")
        if question.workload in INDEPENDENT
        else say.t(
            "What would change this: jobs that run apart, or a smaller precision that fits one small card."
        )
    )
    return (
        say.t("For one: no link between cards, simpler serving, all memory for one cache."),
        say.t(
            "For several: more bandwidth in total, a failed card stops a part only, small cards are in stock."
        ),
        change,
    )


def _table(shown: list[Priced], model: Model | None, precision: str, desk: Desk) -> Table:
    say = desk.say
    columns = (
        Column(say.t("Set")),
        Column(say.t("Usable"), "right", unit=say.t("GB, nine tenths of the memory")),
        Column(say.t("Provider")),
        Column(say.t("Total $/h"), "right", unit=say.t("US dollars per hour for the whole set")),
        Column(say.t("$/month"), "right", unit=say.t("US dollars for 730 hours")),
        Column(say.t("tokens/s at most"), "right", essential=False),
        Column(say.t("Seen")),
    )
    rows = []
    for found in shown:
        offer = found.offer
        if offer is None:
            continue
        speed = (
            model_memory.decode_ceiling(model, precision, found.priced_card, found.fit.count)
            if model
            else None
        )
        rows.append(
            TableRow(
                (
                    found.name(say),
                    f"{say.number(round(found.fit.usable_gb))} GB",
                    say.provider(offer.provider),
                    say.plain_money(found.usd_per_hour),
                    say.number(round(found.usd_per_hour * MONTH)),
                    say.number(round(speed)) if speed else "-",
                    say.date(offer.as_of, desk.now),
                ),
                url=offer.source_url,
                stale=offer.is_stale(desk.now),
            )
        )
    return Table(columns, tuple(rows))


def _next(question: Question, say: Wording) -> tuple[FollowUp, ...]:
    asked = Question("fit", model=question.model or "llama-3-70b")
    words = [phrase(asked, say.lang), phrase(asked._replace(precision="int4"), say.lang)]
    return tuple(FollowUp(text, text) for text in words)
