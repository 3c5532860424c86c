"""Which accelerators hold a model: the sum in its parts, the smallest sets, and what they cost."""

from __future__ import annotations

import re

from bot.advice.evidence import bests
from bot.answers.needs import (
    Asked,
    gigabytes,
    known_model,
    serving_need,
    training_need,
    tuning_need,
)
from bot.answers.notes import notes_for
from bot.answers.offers import evidence, follow_up, seller, where
from bot.answers.sets import Priced, priced_sets
from bot.core.answer import Answer, Column, Evidence, Fact, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.advice.facts import Value
from knowledge.facts.accelerators import Accelerator, specification
from knowledge.facts.units import MONTH
from knowledge.sizing import model_memory
from knowledge.sizing.model_memory import Fit
from knowledge.sizing.models import Model

ROWS = 5
JUST = 1.03
"""Default: a need above the usable memory by less than this is no clear no."""
_KINDS = (
    ("speech", re.compile(r"^whisper")),
    ("diffusion", re.compile(r"^(?:sdxl|stable-diffusion|flux)")),
    ("encoder", re.compile(r"^(?:bert|bge|all-minilm|nomic)")),
)
_NO_BF16 = frozenset({"Volta", "Turing", "Pascal"})


def answer(question: Question, desk: Desk) -> Answer:
    if question.topic == "sizing":
        from bot.advice import sizing as one_or_several

        return one_or_several.answer(question, desk)
    say = desk.say
    if question.model is None:
        return _which_model(say)
    known, borrowed = known_model(question.model)
    if known is None:
        return _which_model(say, question.model)
    if question.workload == "training" or "full-tuning" in question.circumstances:
        return _sets(training_need(known, say), question, desk)
    if question.workload == "fine-tuning":
        return _sets(tuning_need(known, question, say), question, desk)
    return _sets(serving_need(known, borrowed, question, say), question, desk)


def _sets(asked: Asked, question: Question, desk: Desk) -> Answer:
    """The verdict on a named card, or the sets that hold the need, cheapest first."""
    say = desk.say
    seen: dict[Fit, Priced] = {}
    mine = bool(question.own and not question.accelerators)
    if mine:
        question = question._replace(accelerators=question.own[:1])
    # Who has the card pays no rent for it; what to rent instead is shown where it is too small.
    found = priced_sets(asked.need, _anywhere(question) if mine else question, desk, seen)
    if mine and _holds(asked, question):
        found = []
    shown = [one for one in found if one.offer][:ROWS] or found[:ROWS]
    offers = tuple(one.offer for one in shown if one.offer)
    headline = (
        _both(asked, shown, say)
        if len(question.accelerators) > 1 and len(offers) > 1
        else _verdict(question, asked, say)
        if question.accelerators
        else _headline(asked, shown, question, say)
    )
    if mine and shown:
        headline += " " + _instead(shown[0], say)
    model = asked.model if asked.serving else None
    rows = tuple(_row(one, model, asked.precision, desk) for one in shown)
    return Answer(
        headline=headline,
        lines=(*asked.lines, *_spread(asked, shown, say)),
        table=Table(_columns(say), rows) if rows else None,
        facts=(
            *asked.facts,
            *_held(question, asked, say),
            *_speed(model, asked.precision, shown, say),
        ),
        notes=notes_for(
            question._replace(
                workload=question.workload or ("inference" if asked.serving else None)
            ),
            desk,
            "fit",
            bests(offers, desk),
            more=_more(asked, question, shown, desk, seen),
        ),
        evidence=(*_read(desk), *evidence(offers)),
        follow_ups=_next(question, shown, desk),
        offers=offers,
    )


# -- what the rules may ask about --------------------------------------------------------------


def _more(
    asked: Asked,
    question: Question,
    shown: list[Priced],
    desk: Desk,
    seen: dict[Fit, Priced],
) -> dict[str, Value | None]:
    say = desk.say
    first = shown[0] if shown else None
    facts: dict[str, Value | None] = {
        "model": asked.model.name,
        "model_kind": model_kind(asked.model.slug),
        "params_b": asked.model.params_b,
        "active_params_b": asked.model.active_params_b,
        "weights_gb": asked.need.weights_gb,
        "need_gb": asked.need.total_gb,
        "sets": sum(1 for one in shown if one.offer),
        "months": None,
        "days": None,
        **asked.more,
    }
    if first is None:
        return facts
    count = question.count or first.fit.count
    speed = model_memory.decode_ceiling(
        asked.model, asked.precision, first.priced_card, first.fit.count
    )
    facts |= {
        "gpu": first.name(say),
        "best_set": first.name(say),
        "best_rate": first.usd_per_hour if first.offer else None,
        "option": first.name(say) if first.offer else None,
        "options": facts["sets"],
        "total": first.usd_per_hour * MONTH if first.offer else None,
        "difference": say.t("speed and room to grow"),
        "tps": speed if asked.serving else None,
        "gpu_count": count,
        "nodes": -(-count // model_memory.NODE),
        "split": True if count > 1 else None,
    }
    facts |= _oversized(asked, question, desk)
    facts |= _unsupported(asked, question, desk)
    wide = asked.serving and asked.precision in ("fp16", "bf16", "fp32")
    if wide and not (question.count and _holds(asked, question)):
        facts |= _quantised(asked, question, first, desk, seen)
    return facts


def model_kind(slug: str) -> str:
    """`language` unless the name says otherwise."""
    return next((kind for kind, pattern in _KINDS if pattern.search(slug)), "language")


def _named_card(question: Question) -> Accelerator | None:
    if not question.accelerators:
        return None
    return specification(question.accelerators[0], question.memory_gb, question.form_factor)


def _holds(asked: Asked, question: Question) -> bool:
    """Whether the named cards hold the need."""
    card = _named_card(question)
    count = question.count or 1
    return card is not None and Fit(card, count).usable_gb >= asked.need.over(count)


def _anywhere(question: Question) -> Question:
    """The question without the card it names."""
    return question._replace(accelerators=(), memory_gb=None, form_factor=None, count=None)


def _oversized(asked: Asked, question: Question, desk: Desk) -> dict[str, Value | None]:
    """A named card far larger than the need, and a smaller one that would do."""
    card = _named_card(question)
    if card is None or not card.memory_gb or (question.count or 1) > 1:
        return {}
    if card.memory_gb <= 3 * asked.need.total_gb:
        return {}
    smaller = next(
        (
            one
            for one in priced_sets(asked.need, _anywhere(question), desk)
            if one.offer and one.fit.count == 1 and (one.fit.card.memory_gb or 0) < card.memory_gb
        ),
        None,
    )
    return {
        "memory_gb": card.memory_gb,
        "memory_gb_needed": asked.need.total_gb,
        "smaller_gpu": smaller.name(desk.say).removeprefix("1x ") if smaller else None,
    }


def _native(card: Accelerator, precision: str) -> bool:
    """Whether the card has units for that precision, as far as its table says."""
    if precision == "fp8":
        return card.fp8_dense_tflops is not None
    return precision != "bf16" or card.architecture not in _NO_BF16


def _unsupported(asked: Asked, question: Question, desk: Desk) -> dict[str, Value | None]:
    card = _named_card(question)
    if card is None or question.precision not in ("fp8", "bf16"):
        return {}
    if _native(card, question.precision):
        return {"precision_native": True}
    able = next(
        (
            one
            for one in priced_sets(asked.need, _anywhere(question), desk)
            if one.offer and _native(one.fit.card, question.precision)
        ),
        None,
    )
    return {
        "precision_native": False,
        "gpu": desk.say.card(card.canonical),
        "alternative": able.name(desk.say) if able else None,
    }


def _quantised(
    asked: Asked, question: Question, first: Priced, desk: Desk, seen: dict[Fit, Priced]
) -> dict[str, Value | None]:
    """The largest of the smaller precisions in which a smaller set holds the model."""
    for precision in ("int8", "int4"):
        need = model_memory.inference(asked.model, precision, 1, 1)
        cache = asked.need.cache_gb
        total = need._replace(
            cache_gb=cache, overhead_gb=(need.weights_gb + cache) * model_memory.DEFAULT_OVERHEAD
        )
        sets = [one for one in priced_sets(total, question, desk, seen) if one.offer]
        if sets and sets[0].fit.usable_gb < first.fit.usable_gb:
            return {
                "lower_precision": precision,
                "smaller_set": sets[0].name(desk.say),
                "larger_set": first.name(desk.say),
            }
    return {}


# -- what is shown -----------------------------------------------------------------------------


def _columns(say: Wording) -> tuple[Column, ...]:
    return (
        Column(say.t("Set")),
        Column(say.t("Usable"), "right", unit=say.t("GB, nine tenths of the memory")),
        Column(say.t("Provider")),
        Column(say.t("Total $/h"), "right", unit=say.t("US dollars per hour for the whole set")),
        Column(say.t("$/month"), "right", unit=say.t("US dollars for 730 hours")),
        Column(say.t("tokens/s at most"), "right", essential=False),
        Column(say.t("Seen")),
    )


def _row(one: Priced, model: Model | None, precision: str, desk: Desk) -> TableRow:
    say = desk.say
    ceiling = (
        model_memory.decode_ceiling(model, precision, one.priced_card, one.fit.count)
        if model
        else None
    )
    usable = gigabytes(one.fit.usable_gb, say)
    speed = say.number(round(ceiling)) if ceiling else "-"
    if one.offer is None:
        return TableRow((one.name(say), usable, say.t("none"), "-", "-", speed, "-"))
    spare = one.offer.count * one.machines - one.fit.count
    provider = seller(one.offer, say)
    if spare > 0:
        provider += f" ({one.machines} x {one.offer.count})"
    return TableRow(
        (
            one.name(say),
            usable,
            provider,
            say.plain_money(one.usd_per_hour),
            say.number(round(one.usd_per_hour * MONTH)),
            speed,
            say.date(one.offer.as_of, desk.now),
        ),
        url=one.offer.source_url,
        stale=one.offer.is_stale(desk.now),
    )


def _speed(
    model: Model | None, precision: str, shown: list[Priced], say: Wording
) -> tuple[Fact, ...]:
    """The decoding ceiling of the first set, where the card's bandwidth is known."""
    if model is None or not shown or model_kind(model.slug) in ("diffusion", "encoder"):
        return ()
    first = shown[0]
    ceiling = model_memory.decode_ceiling(model, precision, first.priced_card, first.fit.count)
    if ceiling is None:
        return ()
    return (
        Fact(
            say.t("Speed ceiling, one user"),
            say.t(
                "{tps} tokens/s on {set}",
                tps=say.number(round(ceiling)),
                set=first.name(say),
            ),
            first.fit.card.source_url,
        ),
    )


def _held(question: Question, asked: Asked, say: Wording) -> tuple[Fact, ...]:
    """What the named cards must hold, where it is more than the need: a cache held several times."""
    card, count = _named_card(question), question.count or 1
    need = asked.need.over(count)
    if card is None or need - asked.need.total_gb < 0.5:
        return ()
    name = f"{count}x {say.card(card.canonical, card.memory_gb)}"
    return (Fact(say.t("Total on {set}", set=name), gigabytes(need, say)),)


def _spread(asked: Asked, shown: list[Priced], say: Wording) -> tuple[str, ...]:
    """A set of more cards than the model has cache heads holds the cache more than once."""
    heads = asked.need.kv_heads
    counts = [min(one.fit.count, model_memory.NODE) for one in shown]
    if not asked.need.cache_gb or not heads or not counts or max(counts) <= heads:
        return ()
    return (
        say.tn(
            "The model has {n} cache head: over more cards than that the cache is held more than once, and counted so.",
            "The model has {n} cache heads: over more cards than that the cache is held more than once, and counted so.",
            heads,
        ),
    )


def _both(asked: Asked, shown: list[Priced], say: Wording) -> str:
    """Cards set against each other: what each set of them costs, the cheapest first."""
    return say.t(
        "{what} needs {need}: {sets}.",
        what=asked.what,
        need=gigabytes(asked.need.total_gb, say),
        sets=", ".join(
            say.t(
                "{set} {price} per hour ({provider})",
                set=one.name(say),
                price=say.money(one.usd_per_hour),
                provider=seller(one.offer, say),
            )
            for one in shown
            if one.offer
        ),
    )


def _verdict(question: Question, asked: Asked, say: Wording) -> str:
    """Yes or no for the cards that were named, with both sides of the sum."""
    card = _named_card(question)
    count = question.count or 1
    if card is None or card.memory_gb is None:
        return say.t(
            "{what} needs {need}; the memory of that card is not known here.",
            what=asked.what,
            need=gigabytes(asked.need.total_gb, say),
        )
    fit = Fit(card, count)
    need = asked.need.over(count)
    values = {
        "what": asked.what,
        "need": gigabytes(need, say),
        "set": f"{count}x {say.card(card.canonical, card.memory_gb)}",
        "usable": gigabytes(fit.usable_gb, say),
    }
    if fit.usable_gb < need <= JUST * fit.usable_gb:
        return say.t(
            "Just: {what} needs {need}, and {set} has {usable} usable; with a shorter context or fewer requests it fits.",
            **values,
        )
    if fit.usable_gb >= need:
        return say.t("Yes: {what} needs {need}, and {set} has {usable} usable.", **values)
    least = model_memory.smallest(asked.need, card)
    if question.count is None and least is not None:
        return say.t(
            "{what} needs {need}; one {card} has {usable} usable, so you need {count}.",
            card=say.card(card.canonical, card.memory_gb),
            count=say.number(least.count),
            **values,
        )
    return say.t(
        "No: {what} needs {need}, and {set} has {usable} usable; you need {count}.",
        count=say.number(least.count) if least else "-",
        **values,
    )


def _instead(first: Priced, say: Wording) -> str:
    if first.offer is None:
        return ""
    return say.t(
        "To rent: {set}, {price} per hour at {provider}.",
        set=first.name(say),
        price=say.money(first.usd_per_hour),
        provider=seller(first.offer, say),
    )


def _headline(asked: Asked, shown: list[Priced], question: Question, say: Wording) -> str:
    values = {
        "what": asked.what,
        "need": gigabytes(asked.need.total_gb, say),
        "where": where(question, say),
    }
    first = shown[0] if shown else None
    if first is None or first.offer is None:
        return say.t("{what} needs {need}; no set that holds it has a price here{where}.", **values)
    return say.t(
        "{what} needs {need}; the cheapest set that holds it{where} is {set}: {price} per hour at {provider}.",
        set=first.name(say),
        price=say.money(first.usd_per_hour),
        provider=seller(first.offer, say),
        **values,
    )


def _which_model(say: Wording, name: str | None = None) -> Answer:
    examples = ("fit llama 3.1 8b", "fit mixtral 8x7b int4", "fit 7b")
    headline = (
        say.t(
            'I do not know the model "{name}". Give its size, for example: {example}',
            name=name,
            example="fit 13b",
        )
        if name
        else say.t(
            "Which model? A name or a size will do, for example: {example}", example=examples[0]
        )
    )
    return Answer(
        headline=headline,
        tone="caution",
        follow_ups=tuple(FollowUp(text.removeprefix("fit "), text) for text in examples),
    )


def _read(desk: Desk) -> tuple[Evidence, ...]:
    from datetime import UTC, datetime

    read = datetime(2026, 11, 22, tzinfo=UTC)
    page = "https://github.com/stas00/ml-engineering/blob/master/inference/README.md"
    return (Evidence(desk.say.t("sums after stas00/ml-engineering"), page, read, read),)


def _next(question: Question, shown: list[Priced], desk: Desk) -> tuple[FollowUp, ...]:
    say = desk.say
    out = []
    if question.precision != "int4" and question.workload not in ("training", "fine-tuning"):
        asked = Question("fit", model=question.model, precision="int4")
        out.append(follow_up(asked, desk, label="int4"))
    if shown:
        first = shown[0].fit
        out.append(
            follow_up(
                Question(
                    "cheapest",
                    accelerators=(first.card.canonical,),
                    memory_gb=first.card.memory_gb,
                    count=min(first.count, model_memory.NODE),
                ),
                desk,
                label=say.t("Offers"),
            )
        )
    return tuple(out)
