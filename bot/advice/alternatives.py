"""Alternatives to NVIDIA: the cheapest per memory and per compute, and what porting takes."""

from __future__ import annotations

from typing import NamedTuple

from bot.advice.evidence import bests
from bot.answer import Answer, Column, Table, TableRow
from bot.desk import Desk
from bot.notes import notes_for
from bot.offers import evidence, follow_up, offer_filter
from bot.question import Question
from bot.wording import Wording
from knowledge.accelerators import Accelerator, canonical_names, specification, variants
from knowledge.market import gpu_hour
from knowledge.offer import Offer

CLASS = ("A100", "H100", "H200", "B200")
"""NVIDIA's cards of the class that alternatives are built against."""
BY_COMPUTE = frozenset({"training", "fine-tuning"})
"""Work that is bounded by compute; everything else is bounded by memory first."""
WORTH = 0.1
"""Default: less than this does not pay for porting."""
ROWS = 7


class Rated(NamedTuple):
    """The cheapest offer of a card, and what its money buys."""

    offer: Offer
    card: Accelerator

    @property
    def per_memory(self) -> float:
        """USD per hour for 100 GB of accelerator memory."""
        return gpu_hour(self.offer) / (self.card.memory_gb or 1) * 100

    @property
    def per_compute(self) -> float | None:
        """USD per hour for 1,000 dense TFLOPS in 16 bits."""
        if not self.card.fp16_dense_tflops:
            return None
        return gpu_hour(self.offer) / self.card.fp16_dense_tflops * 1000

    @property
    def nvidia(self) -> bool:
        return self.card.vendor == "NVIDIA"


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    by_compute = question.workload in BY_COMPUTE
    rated = _rated(question, desk)
    theirs = [one for one in rated if one.nvidia and _cost(one, by_compute=by_compute)]
    others = [one for one in rated if not one.nvidia and _cost(one, by_compute=by_compute)]
    if not theirs or not others:
        return Answer(
            headline=say.t("I hold no price of a like alternative to set beside NVIDIA."),
            tone="caution",
            follow_ups=(follow_up(Question("cheapest", accelerators=("MI300X",)), desk),),
        )
    theirs.sort(key=lambda one: _cost(one, by_compute=by_compute))
    others.sort(key=lambda one: _cost(one, by_compute=by_compute))
    reference, best = theirs[0], others[0]
    saving = 1 - _cost(best, by_compute=by_compute) / _cost(reference, by_compute=by_compute)
    shown = sorted(
        [*theirs, *others[: ROWS - len(theirs)]], key=lambda one: _cost(one, by_compute=by_compute)
    )
    led = bests([best.offer, *(one.offer for one in shown if one is not best)], desk)
    return Answer(
        headline=_verdict(question, best, reference, saving, say),
        lines=_reasons(best, say, by_compute=by_compute),
        table=_table(shown, desk),
        notes=notes_for(
            question,
            desk,
            "alternatives",
            led,
            more={
                "alternative": say.card(best.offer.accelerator),
                "alternative_saving": 100 * saving,
            },
        ),
        evidence=evidence(one.offer for one in shown),
        follow_ups=(
            follow_up(Question("cheapest", accelerators=(best.card.canonical,)), desk),
            follow_up(Question("compare", accelerators=(best.card.canonical, "H100")), desk),
        ),
        offers=tuple(one.offer for one in shown),
    )


def _cost(one: Rated, *, by_compute: bool) -> float:
    """What the work is bounded by; 0 where the card's figure is not known."""
    return (one.per_compute or 0.0) if by_compute else one.per_memory if one.card.memory_gb else 0.0


def _rated(question: Question, desk: Desk) -> list[Rated]:
    named = tuple(
        name
        for name in question.accelerators
        if any(one.vendor == "NVIDIA" for one in variants(name))
    )
    asked = tuple(name for name in question.accelerators if name not in named)
    foreign = asked or tuple(name for name in canonical_names() if _alternative(name))
    out = []
    for name in (*(named or CLASS), *foreign):
        offer = _cheapest(name, question, desk)
        card = specification(name, offer.memory_gb, offer.form_factor) if offer else None
        if offer and card:
            out.append(Rated(offer, card))
    return out


def _alternative(name: str) -> bool:
    """Rentable cards of other makers with HBM: the class that replaces a data-centre GPU."""
    return all(
        one.vendor != "NVIDIA" and "announced" not in one.name.lower() for one in variants(name)
    )


def _cheapest(name: str, question: Question, desk: Desk) -> Offer | None:
    wanted = offer_filter(question, desk)._replace(
        accelerators=(name,), memory_gb=None, form_factor=None, count=None, billing="on-demand",
        exclude_tiers=("marketplace",), tiers=(), providers=(),
    )  # fmt: skip
    for narrowed in (wanted._replace(fresh_at=desk.now), wanted):
        found = next((one for one in desk.store.cheapest(narrowed, 5) if one.host_included), None)
        if found:
            return found
    return None


def _unit(say: Wording, *, by_compute: bool) -> str:
    return (
        say.t("1,000 dense 16-bit TFLOPS") if by_compute else say.t("100 GB of accelerator memory")
    )


def _verdict(question: Question, best: Rated, reference: Rated, saving: float, say: Wording) -> str:
    by_compute = question.workload in BY_COMPUTE
    values = {
        "best": say.card(best.card.canonical),
        "reference": say.card(reference.card.canonical),
        "provider": say.provider(best.offer.provider),
        "saving": say.percent(abs(saving)),
        "unit": _unit(say, by_compute=by_compute),
    }
    if question.urgency == "urgent":
        return say.t(
            "Stay with NVIDIA for now: porting takes weeks, and this cannot wait ({best} is {saving} off {reference} per {unit}).",
            **values,
        )
    if saving >= WORTH:
        return say.t(
            "Worth a trial: {best} at {provider} is {saving} cheaper than {reference} for {unit}.",
            **values,
        )
    if saving > 0:
        return say.t(
            "Stay with NVIDIA: {best} is only {saving} cheaper than {reference} for {unit}, too little to port for.",
            **values,
        )
    return say.t(
        "Stay with NVIDIA: the cheapest alternative, {best}, is {saving} dearer than {reference} for {unit}.",
        **values,
    )


def _reasons(best: Rated, say: Wording, *, by_compute: bool) -> tuple[str, ...]:
    stack = {
        "AMD": say.t("ROCm: PyTorch and vLLM run on it, CUDA kernels of your own do not."),
        "Google": say.t("XLA (JAX or PyTorch/XLA), in Google's cloud only."),
        "AWS": say.t("Neuron, in AWS only."),
        "Intel": say.t("Intel's Gaudi software; few clouds rent it."),
    }.get(best.card.vendor, say.t("A stack of its own: try before you plan."))
    measured = (
        say.t("Compared by compute, which bounds training; memory ranks otherwise: see the table.")
        if by_compute
        else say.t(
            "Compared by memory, which bounds inference; compute ranks otherwise: see the table."
        )
    )
    return (
        measured,
        say.t("It runs on: {stack}", stack=stack),
        say.t(
            "Would change my mind: kernels of your own in CUDA, or a measured speed below the price's share."
        ),
        say.t("Before you sign: your own model on it for a day, at the batch size you serve."),
    )


def _table(shown: list[Rated], desk: Desk) -> Table:
    say = desk.say
    columns = (
        Column(say.t("Card")),
        Column(say.t("Provider")),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        Column(
            say.t("$/100 GB"),
            "right",
            unit=say.t("US dollars per hour for 100 GB of accelerator memory"),
        ),
        Column(
            say.t("$/PFLOP"),
            "right",
            unit=say.t("US dollars per hour for 1,000 dense 16-bit TFLOPS"),
        ),
        Column(say.t("Seen")),
    )
    return Table(
        columns,
        tuple(
            TableRow(
                (
                    say.card(one.card.canonical, one.offer.memory_gb),
                    say.provider(one.offer.provider),
                    say.plain_money(gpu_hour(one.offer)),
                    say.plain_money(one.per_memory),
                    "-" if one.per_compute is None else say.plain_money(one.per_compute),
                    say.date(one.offer.as_of, desk.now),
                ),
                url=one.offer.source_url,
                stale=one.offer.is_stale(desk.now),
            )
            for one in shown
        ),
    )
