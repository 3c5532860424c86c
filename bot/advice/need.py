"""Is a GPU needed at all? By the work, how soon, how big its model is, and what a CPU costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.advice.evidence import bests, cheapest_cpu
from bot.answers.facts import billions, model_of
from bot.answers.notes import notes_for
from bot.answers.offers import evidence, follow_up
from bot.answers.sets import ANY_MACHINE, machines
from bot.core.answer import Answer, Fact, FollowUp
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.accelerators import Accelerator, specification, variants
from knowledge.market import gpu_hour
from knowledge.prices.offer import Offer
from knowledge.sizing import model_memory
from knowledge.sizing.model_memory import Fit

SMALL_B = 8.0
"""Default: models up to this many billion parameters may be patient work for a CPU."""
PATIENT_B = 14.0
"""Default: the same, where the result can wait."""
NIGHT = 8
"""Default: hours of a night."""
WORK_MONTH = 160
"""Default: hours of a month that somebody works at a notebook."""
CPU_VCPUS = 16
SMALL_CARDS = (("T4", 16.0), ("L4", 24.0), ("A10G", 24.0), ("RTX4090", 24.0))


class Verdict(NamedTuple):
    headline: str
    lines: tuple[str, ...]
    gpu: bool
    """Whether it comes out for a GPU."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    cpu = cheapest_cpu(desk, CPU_VCPUS)
    small = small_gpu(desk)
    named = _named(question, desk)
    verdict = _verdict(question, billions(question), say)
    offers = [offer for offer in (cpu.offer if cpu else None, small, named) if offer]
    facts = []
    if cpu:
        facts.append(_fact(say.t("CPU machine"), cpu.offer, desk))
    if small:
        facts.append(_fact(say.t("Cheapest small GPU"), small, desk))
    if named and small and named.accelerator != small.accelerator:
        facts.append(_fact(say.t("The card you named"), named, desk))
    lines = list(verdict.lines)
    if cpu and small and not verdict.gpu:
        lines.insert(1, _side_by_side(cpu.offer, small, say))
    shown = bests(offers, desk)
    return Answer(
        headline=verdict.headline,
        lines=tuple(lines),
        facts=tuple(facts),
        notes=notes_for(question, desk, "need", shown, more=_more(question, small, say)),
        evidence=evidence(offers),
        follow_ups=_next(question, desk, gpu=verdict.gpu),
        offers=tuple(offers),
    )


def _fact(label: str, offer: Offer, desk: Desk) -> Fact:
    """The hour and the night, so that CPU and GPU stand side by side."""
    say = desk.say
    hour = offer.price_usd_per_hour / max(1, offer.count)
    what = (
        say.card(offer.accelerator, offer.memory_gb)
        if offer.count
        else f"{offer.instance_type}, {say.number(offer.vcpus or 0)} vCPUs"
    )
    return Fact(
        label,
        say.t(
            "{price} per hour, {night} a night of {hours} h ({provider}, {what}, {date})",
            price=say.money(hour),
            night=say.money(hour * NIGHT),
            hours=NIGHT,
            provider=say.provider(offer.provider),
            what=what,
            date=say.date(offer.as_of),
        ),
        offer.source_url,
    )


def _side_by_side(cpu: Offer, small: Offer, say: Wording) -> str:
    """An hour is not the work done in it: where the GPU costs no more, that is said."""
    values = {"gpu": say.money(gpu_hour(small)), "cpu": say.money(cpu.price_usd_per_hour)}
    if gpu_hour(small) <= cpu.price_usd_per_hour:
        return say.t(
            "An hour of the small GPU costs no more here ({gpu} against {cpu}): a CPU pays on machines you already have, or where a GPU would idle.",
            **values,
        )
    return say.t("An hour of the CPU costs less: {cpu} against {gpu} for a small GPU.", **values)


def _verdict(question: Question, size: float | None, say: Wording) -> Verdict:
    work, urgent, patient = (
        question.workload,
        question.urgency == "urgent",
        question.urgency == "patient",
    )
    if work == "classical-ml":
        return _classical(say, urgent=urgent)
    if work == "embeddings":
        return _embeddings(say, urgent=urgent)
    if work == "dev":
        return Verdict(
            say.t(
                "No GPU to begin with: write and test on a CPU, and rent a small card by the hour for the runs."
            ),
            (
                say.t("Against a large card in a notebook: it idles whenever nobody types."),
                say.t(
                    "What would change this: a model that must sit in memory all day; which one?"
                ),
            ),
            gpu=False,
        )
    if work in ("training", "fine-tuning", "rendering"):
        return Verdict(
            say.t("Yes, this work does call for GPUs; the question is which, and from whom."),
            (
                say.t("Take the smallest set that holds it, and stop it when it is idle."),
                say.t(
                    "What would change this: a model so small that a CPU night does; how large is it?"
                ),
            ),
            gpu=True,
        )
    if size is not None:
        return _sized(size, say, urgent=urgent, patient=patient)
    if work in ("batch", "inference"):
        return Verdict(
            say.t(
                "It depends on the model's size: up to {size} B in 4 bits a CPU may do, above it plan for a GPU.",
                size=say.number(SMALL_B),
            ),
            (
                say.t(
                    "What would change this: which model, how many requests at once, and who waits for them?"
                ),
            ),
            gpu=False,
        )
    return Verdict(
        say.t("Tell me the work: many jobs need no GPU at all."),
        (
            say.t(
                "Classical machine learning, embeddings and patient batches of small models run well on CPUs; training, fine-tuning and large models need GPUs."
            ),
        ),
        gpu=False,
    )


def _classical(say: Wording, *, urgent: bool) -> Verdict:
    headline = (
        say.t(
            "Probably no GPU even so: measure trees and regressions on a large CPU machine first."
        )
        if urgent
        else say.t("No GPU needed: tree models and regressions run well on CPUs.")
    )
    return Verdict(
        headline,
        (
            say.t("For a GPU: many gigabytes of rows and a deadline of minutes."),
            say.t("What would change this: how many rows, and by when?"),
        ),
        gpu=False,
    )


def _embeddings(say: Wording, *, urgent: bool) -> Verdict:
    change = say.t("What would change this: how many texts, how long each, by when?")
    if urgent:
        return Verdict(
            say.t("A small GPU, by the hour: embedding models are small, but this cannot wait."),
            (say.t("For a CPU: few texts, or a deadline that a night still meets."), change),
            gpu=True,
        )
    return Verdict(
        say.t(
            "Probably no GPU: embedding models are small and nightly work is patient, so try CPUs first."
        ),
        (
            say.t("Against a CPU: one very large indexing, or an answer needed within minutes."),
            change,
        ),
        gpu=False,
    )


def _sized(size: float, say: Wording, *, urgent: bool, patient: bool) -> Verdict:
    """A model of known size that serves or scores."""
    change = say.t("What would change this: how many requests at once, and how long may one take?")
    waits = say.t("For a GPU: people wait for the answer, or many ask at once.")
    if size <= SMALL_B and urgent:
        return Verdict(
            say.t(
                "Yes, a small GPU: {size} B parameters fit a card of 16 to 24 GB, and this cannot wait.",
                size=say.number(size),
            ),
            (say.t("For a CPU: one user, 4 bits, and patience."), change),
            gpu=True,
        )
    if patient and size <= PATIENT_B:
        return Verdict(
            say.t(
                "Probably no GPU: {size} B parameters in 4 bits run on a CPU overnight, and this can wait.",
                size=say.number(size),
            ),
            (waits, change),
            gpu=False,
        )
    if size <= SMALL_B:
        return Verdict(
            say.t(
                "Perhaps no GPU: a model this small runs on a CPU in 4 bits, more slowly; measure it first."
            ),
            (waits, change),
            gpu=False,
        )
    return Verdict(
        say.t(
            "Yes: {size} B parameters take about {gb} of weights in 4 bits, too much for a CPU's speed.",
            size=say.number(size),
            gb=f"{say.number(round(size * model_memory.BYTES['int4'], 1))} GB",
        ),
        (
            say.t("Take the smallest set that holds it, and stop it when it is idle."),
            say.t(
                "What would change this: results that can wait for days; how soon are they needed?"
            ),
        ),
        gpu=True,
    )


def _more(question: Question, small: Offer | None, say: Wording) -> dict[str, float | str | None]:
    """Facts of the rules that only this subject knows."""
    model = model_of(question)
    size = billions(question)
    weights = size * model_memory.BYTES["fp16"] if size else None
    card = (
        specification(question.accelerators[0], question.memory_gb)
        if question.accelerators
        else None
    )
    needed = (
        model_memory.inference(model, "fp16", model_memory.DEFAULT_CONTEXT, 1).total_gb
        if model
        else weights
    )
    work_hours = WORK_MONTH if question.workload == "dev" else None
    return {
        "weights_gb": weights,
        "memory_gb": card.memory_gb if card else None,
        "memory_gb_needed": needed,
        "smaller_gpu": say.card(small.accelerator, small.memory_gb) if small else None,
        "hours_per_month": work_hours,
        "monthly_cost": gpu_hour(small) * work_hours if small and work_hours else None,
    }


def _named(question: Question, desk: Desk) -> Offer | None:
    if not question.accelerators:
        return None
    memory = question.memory_gb
    return _cheapest(
        [
            card
            for card in variants(question.accelerators[0])
            if memory is None or card.memory_gb == memory
        ],
        desk,
    )


def small_gpu(desk: Desk) -> Offer | None:
    """The cheapest small card on demand, outside marketplaces."""
    small = [specification(name, memory) for name, memory in SMALL_CARDS]
    return _cheapest([card for card in small if card], desk)


def _cheapest(cards: Sequence[Accelerator], desk: Desk) -> Offer | None:
    """The machine with one of these cards that costs least per card."""
    found = machines([Fit(card, 1) for card in cards], ANY_MACHINE, desk)
    return min(found.values(), key=gpu_hour, default=None)


def _next(question: Question, desk: Desk, *, gpu: bool) -> tuple[FollowUp, ...]:
    out = [
        follow_up(Question("cheapest", accelerators=("L4",)), desk),
        follow_up(Question("cheapest", accelerators=("T4",)), desk),
    ]
    if question.model:
        out.insert(0, follow_up(Question("fit", model=question.model), desk))
    elif gpu:
        out.insert(0, follow_up(Question("cheapest", accelerators=("H100",)), desk))
    return tuple(out)
