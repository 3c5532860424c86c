"""Which accelerators hold a model: the sum in its parts, the smallest sets, and what they cost."""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.answer import Answer, Column, Evidence, Fact, FollowUp, Note, Table, TableRow
from bot.desk import Desk
from bot.offers import evidence, follow_up, stale_note
from bot.question import Question
from bot.wording import Wording
from knowledge import sizing
from knowledge.accelerators import Accelerator, specification
from knowledge.models import Model, resolve
from knowledge.offer import Best, Offer, OfferFilter
from knowledge.sizing import Fit

# Cards a buyer can rent in several places, small to large.
CANDIDATES = (
    ("T4", 16), ("L4", 24), ("A10G", 24), ("RTX4090", 24), ("RTX5090", 32), ("A100", 40),
    ("A6000", 48), ("L40S", 48), ("RTX6000Ada", 48), ("A100", 80), ("H100", 80),
    ("RTXPRO6000", 96), ("H200", 141), ("B200", 180), ("MI300X", 192), ("B300", 270),
)  # fmt: skip
ROWS = 5
MONTH = 730
_SIZE = re.compile(r"^(\d+(?:\.\d+)?)b$|-(\d+(?:\.\d+)?)b$")


class Priced(NamedTuple):
    """A set and its cheapest current machine, if any is offered."""

    fit: Fit
    offer: Offer | None
    machines: int

    @property
    def usd_per_hour(self) -> float:
        return self.offer.price_usd_per_hour * self.machines if self.offer else float("inf")


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if question.model is None:
        return _which_model(say)
    known, borrowed = _model(question.model)
    if known is None:
        return _which_model(say, question.model)
    if question.workload == "training":
        return _training(known, question, desk)
    if question.workload == "fine-tuning":
        return _tuning(known, question, desk)
    precision = question.precision if question.precision in sizing.BYTES else "fp16"
    context = question.context_tokens or min(
        sizing.DEFAULT_CONTEXT, known.default_context or sizing.DEFAULT_CONTEXT
    )
    requests = question.concurrency or sizing.DEFAULT_REQUESTS
    need = sizing.inference(known, precision, context, requests)
    facts = [
        Fact(
            say.t("Weights"),
            f"{_gb(need.weights_gb, say)} ({say.number(known.params_b)} B x {sizing.BYTES[precision]:g})",
            known.source_url,
        ),
        Fact(
            say.t("Cache"),
            say.t(
                "{gb}, for {requests} of {tokens} tokens",
                gb=_gb(need.cache_gb, say),
                requests=say.tn("{n} request", "{n} requests", requests),
                tokens=say.number(context),
            ),
        ),
        Fact(say.t("Overhead, 10 % by default"), _gb(need.overhead_gb, say)),
        Fact(say.t("In all"), _gb(need.total_gb, say)),
    ]
    lines = []
    if borrowed is not None:
        lines.append(say.t("The cache is reckoned with the shape of {model}.", model=borrowed.name))
    if precision == "fp16" and not question.precision:
        small = sizing.inference(known, "int4", context, requests)
        lines.append(
            say.t(
                "In 4 bits it would take {gb}: test the quality of its answers on your own examples first.",
                gb=_gb(small.total_gb, say),
            )
        )
    if known.active_params_b < 0.5 * known.params_b:
        lines.append(
            say.t(
                "A mixture of experts: memory follows all {all} B parameters, speed the {active} B active ones.",
                all=say.number(known.params_b),
                active=say.number(known.active_params_b),
            )
        )
    what = say.t("{model} in {precision}", model=known.name, precision=precision)
    return _sets(question, desk, need.total_gb, what, facts, lines, known, precision)


def _tuning(known: Model, question: Question, desk: Desk) -> Answer:
    say = desk.say
    needs = sizing.tuning(known.params_b)
    facts = [
        Fact(say.t("QLoRA, 4 bits"), _gb(needs["QLoRA"], say)),
        Fact(say.t("LoRA, 16 bits"), _gb(needs["LoRA"], say)),
        Fact(say.t("Full, before activations"), _gb(needs["full"], say)),
    ]
    lines = [say.t("Long sequences need more; these sets are for LoRA in 16 bits.")]
    what = say.t("Tuning {model} with LoRA", model=known.name)
    return _sets(question, desk, needs["LoRA"], what, facts, lines, None, "fp16")


def _training(known: Model, question: Question, desk: Desk) -> Answer:
    say = desk.say
    need = known.params_b * sizing.TRAINING_GB_PER_B
    facts = [
        Fact(
            say.t("Weights, optimiser, gradients"),
            f"{_gb(need, say)} ({say.number(known.params_b)} B x {sizing.TRAINING_GB_PER_B:g})",
        )
    ]
    lines = [
        say.t("Activations come on top; turn on sharding and activation checkpointing."),
    ]
    what = say.t("Training {model} in full", model=known.name)
    return _sets(question, desk, need, what, facts, lines, None, "fp16")


def _sets(
    question: Question,
    desk: Desk,
    need_gb: float,
    what: str,
    facts: list[Fact],
    lines: list[str],
    model: Model | None,
    precision: str,
) -> Answer:
    """The verdict on a named card, or the sets that hold the need, cheapest first."""
    say = desk.say
    priced = [
        _priced(fit, question, desk)
        for card in _cards(question)
        if (fit := sizing.smallest(need_gb, card)) is not None
    ]
    priced.sort(key=lambda one: (one.usd_per_hour, one.fit.count))
    shown = [one for one in priced if one.offer][:ROWS] or priced[:ROWS]
    offers = tuple(one.offer for one in shown if one.offer)
    headline = (
        _verdict(question, need_gb, what, say)
        if question.accelerators
        else _headline(what, need_gb, shown, say)
    )
    columns = (
        Column(say.t("Set")),
        Column(say.t("Usable"), "right", unit=say.t("GB, nine tenths of the memory")),
        Column(say.t("Provider")),
        Column(say.t("$/h in all"), "right", unit=say.t("US dollars per hour for the whole set")),
        Column(say.t("$/month"), "right", unit=say.t("US dollars for 730 hours")),
        Column(say.t("tokens/s at most"), "right", essential=False),
        Column(say.t("Price of")),
    )
    rows = tuple(_row(one, model, precision, desk) for one in shown)
    bests = [Best(offer, 1, "microcloud", offer.is_stale(desk.now)) for offer in offers]
    note = Note(
        "tip",
        "smallest-gpu-set",
        say.t(
            "One machine is simpler than several, and one card than two: pay for more only if you need the speed."
        ),
    )
    return Answer(
        headline=headline,
        lines=tuple(lines),
        table=Table(columns, rows) if rows else None,
        facts=tuple(facts),
        notes=(*stale_note(bests, desk), note)[:2],
        evidence=(*_read(desk), *evidence(offers)),
        follow_ups=_next(question, shown, desk),
        offers=offers,
    )


def _cards(question: Question) -> list[Accelerator]:
    if question.accelerators:
        found = [
            specification(name, question.memory_gb, question.form_factor)
            for name in question.accelerators
        ]
    else:
        found = [
            specification(name, memory)
            for name, memory in CANDIDATES
            if question.memory_gb is None or memory == question.memory_gb
        ]
    return [card for card in found if card is not None]


def _priced(fit: Fit, question: Question, desk: Desk) -> Priced:
    """The cheapest machine that holds the set whole; beyond 8 cards, nodes of 8."""
    machines = max(1, fit.count // sizing.NODE)
    least = min(fit.count, sizing.NODE)
    best: Offer | None = None
    for count in (1, 2, 4, 8):
        if count < least:
            continue
        found = desk.store.cheapest(
            OfferFilter(
                accelerators=(fit.card.canonical,),
                memory_gb=fit.card.memory_gb,
                count=count,
                billing="on-demand",
                exclude_tiers=("marketplace",),
                providers=question.providers,
                exclude_providers=question.exclude_providers,
            ),
            3,
        )
        for offer in found:
            if offer.host_included and (
                best is None or offer.price_usd_per_hour < best.price_usd_per_hour
            ):
                best = offer
    return Priced(fit, best, machines)


def _row(one: Priced, model: Model | None, precision: str, desk: Desk) -> TableRow:
    say = desk.say
    ceiling = (
        sizing.decode_ceiling(model, precision, one.fit.card, one.fit.count) if model else None
    )
    name = f"{one.fit.count}x {say.card(one.fit.card.canonical, one.fit.card.memory_gb)}"
    speed = say.number(round(ceiling)) if ceiling else "-"
    if one.offer is None:
        return TableRow((name, _gb(one.fit.usable_gb, say), say.t("none"), "-", "-", speed, "-"))
    spare = one.offer.count * one.machines - one.fit.count
    provider = say.provider(one.offer.provider)
    if spare > 0:
        provider += f" ({one.machines} x {one.offer.count})"
    return TableRow(
        (
            name,
            _gb(one.fit.usable_gb, say),
            provider,
            say.plain_money(one.usd_per_hour),
            say.number(round(one.usd_per_hour * MONTH)),
            speed,
            say.date(one.offer.as_of, desk.now),
        ),
        url=one.offer.source_url,
        stale=one.offer.is_stale(desk.now),
    )


def _verdict(question: Question, need_gb: float, what: str, say: Wording) -> str:
    """Yes or no for the cards that were named, with both sides of the sum."""
    card = specification(question.accelerators[0], question.memory_gb, question.form_factor)
    count = question.count or 1
    if card is None or card.memory_gb is None:
        return say.t(
            "{what} needs {need}; I hold no memory figure for that card.",
            what=what,
            need=_gb(need_gb, say),
        )
    fit = Fit(card, count)
    values = {
        "what": what,
        "need": _gb(need_gb, say),
        "set": f"{count}x {say.card(card.canonical, card.memory_gb)}",
        "usable": _gb(fit.usable_gb, say),
    }
    if fit.usable_gb >= need_gb:
        return say.t("Yes: {what} needs {need}, and {set} has {usable} usable.", **values)
    least = sizing.smallest(need_gb, card)
    if question.count is None and least is not None:
        return say.t(
            "{what} needs {need}; one {card} has {usable} usable, so it takes {count}.",
            card=say.card(card.canonical, card.memory_gb),
            count=f"{least.count}x",
            **values,
        )
    return say.t(
        "No: {what} needs {need}, and {set} has {usable} usable; it takes {count}.",
        count=f"{least.count}x" if least else "-",
        **values,
    )


def _headline(what: str, need_gb: float, shown: list[Priced], say: Wording) -> str:
    values = {"what": what, "need": _gb(need_gb, say)}
    first = shown[0] if shown else None
    if first is None or first.offer is None:
        return say.t("{what} needs {need}; no set that holds it has a price here.", **values)
    return say.t(
        "{what} needs {need}; the cheapest set that holds it is {set}: {price} per hour at {provider}.",
        set=f"{first.fit.count}x {say.card(first.fit.card.canonical, first.fit.card.memory_gb)}",
        price=say.money(first.usd_per_hour),
        provider=say.provider(first.offer.provider),
        **values,
    )


def _model(slug: str) -> tuple[Model | None, Model | None]:
    """The model, and the one whose shape it borrows when only its size is known."""
    known = resolve(slug)
    if known is not None:
        return known, None
    size = _SIZE.search(slug)
    if size is None:
        return None, None
    params = float(size.group(1) or size.group(2))
    return sizing.like_sized(params, slug) if 0 < params < 10_000 else (None, None)


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
        words = (
            f"fit {question.model} int4"
            if say.lang == "en"
            else f"quais GPUs para {question.model} int4"
        )
        out.append(FollowUp("int4", words))
    if shown:
        first = shown[0].fit
        out.append(
            follow_up(
                Question(
                    "cheapest",
                    accelerators=(first.card.canonical,),
                    memory_gb=first.card.memory_gb,
                    count=min(first.count, sizing.NODE),
                ),
                desk,
                label=say.t("Offers"),
            )
        )
    return tuple(out)


def _gb(gigabytes: float, say: Wording) -> str:
    return f"{say.number(round(gigabytes, 1 if gigabytes < 100 else 0))} GB"
