"""Is a GPU needed at all? By the work, how big its model is, and what a CPU machine costs."""

from __future__ import annotations

import re

from bot.advice.evidence import cheapest_cpu
from bot.answer import Answer, Fact, FollowUp, Note
from bot.desk import Desk
from bot.offers import evidence, follow_up, gpu_hour
from bot.question import Question
from knowledge.models import resolve
from knowledge.offer import Offer, OfferFilter

NO_GPU_WORK = frozenset({"classical-ml", "embeddings", "dev"})
SMALL_B = 8.0
"""Default: models up to this many billion parameters may be patient work for a CPU."""
SMALL_CARDS = ("T4", "L4", "A10G", "RTX4090")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)b$")


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    work, size = question.workload, _billions(question)
    cpu = cheapest_cpu(desk, 16)
    small = _small_gpu(desk)
    facts = []
    offers: list[Offer] = []
    if cpu:
        offers.append(cpu.offer)
        facts.append(
            Fact(
                say.t("CPU machine"),
                say.t(
                    "{price} per hour ({provider} {instance}, {vcpus} vCPUs, {date})",
                    price=say.money(cpu.offer.price_usd_per_hour),
                    provider=say.provider(cpu.offer.provider),
                    instance=cpu.offer.instance_type,
                    vcpus=say.number(cpu.offer.vcpus or 0),
                    date=say.date(cpu.offer.as_of),
                ),
                cpu.offer.source_url,
            )
        )
    if small:
        offers.append(small)
        facts.append(
            Fact(
                say.t("Cheapest small GPU"),
                say.t(
                    "{price} per hour ({card} at {provider}, {date})",
                    price=say.money(gpu_hour(small)),
                    card=say.card(small.accelerator, small.memory_gb),
                    provider=say.provider(small.provider),
                    date=say.date(small.as_of),
                ),
                small.source_url,
            )
        )
    headline, lines = _verdict(work, size, desk)
    return Answer(
        headline=headline,
        lines=lines,
        facts=tuple(facts),
        notes=_notes(work, size, desk),
        evidence=evidence(offers),
        follow_ups=_next(question, desk),
        offers=tuple(offers),
    )


def _verdict(work: str | None, size: float | None, desk: Desk) -> tuple[str, tuple[str, ...]]:
    say = desk.say
    if work == "classical-ml":
        return say.t("No GPU needed: tree models and regressions run well on CPUs."), (
            say.t("For a GPU: many gigabytes of rows and a deadline of minutes."),
            say.t("Would change my mind: how many rows, and by when?"),
        )
    if work == "embeddings":
        return say.t(
            "Probably no GPU: embedding models are small and nightly work is patient, so try CPUs first."
        ), (
            say.t("Against a CPU: one very large indexing, or an answer needed within minutes."),
            say.t("Would change my mind: how many texts, how long each, by when?"),
        )
    if work == "dev":
        return say.t(
            "No GPU to begin with: write and test on a CPU, and rent a small card by the hour for the runs."
        ), (say.t("A large card in a notebook mostly idles: stop it when nobody types."),)
    if work in ("batch", "inference") and size is not None and size <= SMALL_B:
        return say.t(
            "Perhaps no GPU: a model this small runs on a CPU in 4 bits, more slowly; measure it first."
        ), (
            say.t(
                "Rough speed of a CPU: 9 to 11 tokens a second for 4 B on 6 cores, about 29 for 14 B on 64 cores, in 4 bits."
            ),
            say.t("For a GPU: people wait for the answer, or many ask at once."),
        )
    if work in ("training", "fine-tuning", "rendering"):
        return say.t("Yes, this work does call for GPUs; the question is which, and from whom."), (
            say.t("Take the smallest set that holds it, and stop it when it is idle."),
        )
    if work in ("batch", "inference"):
        return say.t(
            "It depends on the model's size: up to {size} B in 4 bits a CPU may do, above it plan for a GPU.",
            size=say.number(SMALL_B),
        ), (
            say.t(
                "Would change my mind: which model, how many requests at once, and who waits for them?"
            ),
        )
    return say.t("Tell me the work: many jobs need no GPU at all."), (
        say.t(
            "Classical machine learning, embeddings and patient batches of small models run well on CPUs; training, fine-tuning and large models need GPUs."
        ),
    )


def _notes(work: str | None, size: float | None, desk: Desk) -> tuple[Note, ...]:
    if work in NO_GPU_WORK or (size is not None and size <= SMALL_B):
        text = desk.say.t(
            "Measure on a CPU first, and rent a GPU only if the measured speed is too low."
        )
        return (Note("tip", "gpu-needed-at-all", text),)
    return ()


def _billions(question: Question) -> float | None:
    if question.model is None:
        return None
    known = resolve(question.model)
    if known:
        return known.params_b
    size = _SIZE.search(question.model)
    return float(size.group(1)) if size else None


def _small_gpu(desk: Desk) -> Offer | None:
    found = [
        offer
        for card in SMALL_CARDS
        for offer in desk.store.cheapest(
            OfferFilter(accelerators=(card,), billing="on-demand", exclude_tiers=("marketplace",)),
            3,
        )
        if offer.host_included
    ]
    return min(found, key=gpu_hour, default=None)


def _next(question: Question, desk: Desk) -> tuple[FollowUp, ...]:
    say = desk.say
    out = [
        follow_up(Question("cheapest", accelerators=("L4",)), desk),
        follow_up(Question("cheapest", accelerators=("T4",)), desk),
    ]
    if question.model:
        words = f"fit {question.model}" if say.lang == "en" else f"quais GPUs para {question.model}"
        out.insert(0, FollowUp(words, words))
    return tuple(out)
