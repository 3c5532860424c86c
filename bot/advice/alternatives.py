"""Alternatives to NVIDIA: at sellers that have both, then over the market; and what porting takes."""

from __future__ import annotations

from typing import NamedTuple

from bot.advice.evidence import bests
from bot.answers.notes import notes_for
from bot.answers.offers import evidence, follow_up, subject_of
from bot.core.answer import Answer, Column, Fact, Table, TableRow
from bot.core.command import BY_NAME
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.accelerators import Accelerator, canonical_names, specification, variants
from knowledge.market import gpu_hour, median, select
from knowledge.prices.offer import Best, Offer

CLASS = ("A100", "H100", "H200", "B200")
"""NVIDIA's cards of the class that alternatives are built against."""
BY_COMPUTE = frozenset({"training", "fine-tuning"})
"""Work that is bounded by compute; everything else is bounded by memory first."""
WORTH = 0.1
"""Default: less than this does not pay for porting."""
ROWS = 8
SELLERS = 5
"""Sellers of both that are named."""


class Rated(NamedTuple):
    """The best offer of a card, and what its money buys."""

    offer: Offer
    card: Accelerator
    age: tuple[bool, int] = (False, 0)
    sellers: int = 1

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


class Pair(NamedTuple):
    """One seller's two cards."""

    other: Rated
    reference: Rated

    def saving(self, *, by_compute: bool) -> float:
        return 1 - _cost(self.other, by_compute=by_compute) / _cost(
            self.reference, by_compute=by_compute
        )


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if question.providers and [_nvidia(name) for name in question.accelerators] == [True]:
        return _elsewhere(question, desk)
    by_compute = question.workload in BY_COMPUTE
    theirs, others, missing = _sides(question, desk, by_compute=by_compute)
    if not theirs or not others:
        return Answer(
            headline=say.t("No comparable alternative to NVIDIA has a price here."),
            tone="caution",
            lines=_missing(missing, say),
            follow_ups=(follow_up(Question("cheapest", accelerators=("MI300X",)), desk),),
        )
    reference, best = (
        _leading(theirs, by_compute=by_compute),
        _leading(others, by_compute=by_compute),
    )
    pairs = _pairs(best.card.canonical, reference.card.canonical, question, desk, by_compute)
    saving = (
        median([pair.saving(by_compute=by_compute) for pair in pairs])
        if pairs
        else 1 - _cost(best, by_compute=by_compute) / _cost(reference, by_compute=by_compute)
    )
    # Whoever leaves a card may as well stay with its maker.
    beside = [_rated(name, question, desk) for name in CLASS if name not in question.accelerators]
    near = [one for one in beside if one and one not in theirs]
    shown = sorted(
        [*theirs, *near, *others][: ROWS + 2], key=lambda one: _cost(one, by_compute=by_compute)
    )
    led = bests([best.offer, *(one.offer for one in shown if one is not best)], desk)
    return Answer(
        headline=_verdict(question, best, reference, saving, pairs, say),
        lines=(*_missing(missing, say), *_reasons(best, say, by_compute=by_compute)),
        table=_table(shown, desk),
        facts=_at_both(pairs, say, by_compute=by_compute),
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
            follow_up(
                Question("compare", accelerators=(best.card.canonical, reference.card.canonical)),
                desk,
            ),
        ),
        offers=tuple(one.offer for one in shown),
    )


def _elsewhere(question: Question, desk: Desk) -> Answer:
    """An alternative to a provider is the same card at another one."""
    asked = question._replace(
        intent="cheapest",
        topic=None,
        providers=(),
        exclude_providers=tuple({*question.exclude_providers, *question.providers}),
    )
    return BY_NAME["cheapest"].answer(asked, desk)._replace(question=asked)


def _cost(one: Rated, *, by_compute: bool) -> float:
    """What the work is bounded by; 0 where the card's figure is not known."""
    return (one.per_compute or 0.0) if by_compute else one.per_memory if one.card.memory_gb else 0.0


def _leading(rated: list[Rated], *, by_compute: bool) -> Rated:
    """The cheapest for its money: of those that several sell, and no much older price."""
    return min(rated, key=lambda one: (one.sellers < 2, one.age, _cost(one, by_compute=by_compute)))


def _sides(
    question: Question, desk: Desk, *, by_compute: bool
) -> tuple[list[Rated], list[Rated], list[str]]:
    """NVIDIA's cards, the others', and the names that have no price: those that are asked for, else
    the class."""
    named = [name for name in question.accelerators if _nvidia(name)]
    asked = [name for name in question.accelerators if not _nvidia(name)]
    theirs = [_rated(name, question, desk) for name in named or CLASS]
    if asked:
        wanted = tuple(dict.fromkeys(asked))
    else:
        wanted = tuple(name for name in canonical_names() if _large_alternative(name))
    found = {name: _rated(name, question, desk) for name in wanted}
    missing = [name for name in question.accelerators if name in found and found[name] is None]
    held = [one for one in found.values() if one and _cost(one, by_compute=by_compute)]
    return [one for one in theirs if one and _cost(one, by_compute=by_compute)], held, missing


def _nvidia(name: str) -> bool:
    return _maker_of(name) == "NVIDIA"


def _maker_of(name: str) -> str:
    return next((card.vendor for card in variants(name)), "")


def _large_alternative(name: str) -> bool:
    """Rentable cards of other makers with HBM: the class that replaces a data-centre GPU."""
    return all(
        one.vendor != "NVIDIA"
        and "announced" not in one.name.lower()
        and (one.memory_gb or 0) >= 64
        for one in variants(name)
    )


def _bests(name: str, question: Question, desk: Desk) -> list[Best]:
    asked = question._replace(
        accelerators=(name,),
        # The size that is named is that of the card to be replaced.
        memory_gb=question.memory_gb if name in question.accelerators and _nvidia(name) else None,
        form_factor=None,
        count=None,
        billing="on-demand",
        exclude_billing=(),
        tier=None,
        exclude_tiers=("marketplace",),
        providers=(),
    )
    rows = select(desk.store, subject_of(asked, desk), desk.now).rows
    return [best for best in rows if best.offer.host_included]


def _rated(name: str, question: Question, desk: Desk) -> Rated | None:
    rows = _bests(name, question, desk)
    first = next((rated for best in rows if (rated := _of(best)) is not None), None)
    sellers = len({best.offer.provider for best in rows})
    return first._replace(sellers=sellers) if first else None


def _of(best: Best) -> Rated | None:
    card = specification(best.offer.accelerator, best.offer.memory_gb, best.offer.form_factor)
    return Rated(best.offer, card, (best.stale, best.age)) if card else None


def _pairs(
    other: str, reference: str, question: Question, desk: Desk, by_compute: bool
) -> list[Pair]:
    """Sellers that list both cards, each by its own best."""
    first: dict[str, Rated] = {}
    for best in _bests(other, question, desk):
        rated = _of(best)
        if rated and _cost(rated, by_compute=by_compute):
            first.setdefault(best.offer.provider, rated)
    second: dict[str, Rated] = {}
    for best in _bests(reference, question, desk):
        rated = _of(best)
        if rated and _cost(rated, by_compute=by_compute):
            second.setdefault(best.offer.provider, rated)
    return [Pair(first[name], second[name]) for name in sorted(first.keys() & second.keys())]


def _at_both(pairs: list[Pair], say: Wording, *, by_compute: bool) -> tuple[Fact, ...]:
    """Like with like: one seller's two cards."""
    ordered = sorted(pairs, key=lambda pair: -pair.saving(by_compute=by_compute))
    return tuple(
        Fact(
            say.provider(pair.other.offer.provider),
            say.t(
                "{other} {other_price}, {reference} {reference_price} per GPU-hour: {change} for {unit}",
                other=say.card(pair.other.card.canonical),
                other_price=say.money(gpu_hour(pair.other.offer)),
                reference=say.card(pair.reference.card.canonical),
                reference_price=say.money(gpu_hour(pair.reference.offer)),
                change=_change(pair.saving(by_compute=by_compute), say),
                unit=_unit(say, by_compute=by_compute),
            ),
            pair.other.offer.source_url,
        )
        for pair in ordered[:SELLERS]
    )


def _change(saving: float, say: Wording) -> str:
    share = say.percent(abs(saving))
    return (
        say.t("{share} cheaper", share=share)
        if saving >= 0
        else say.t("{share} dearer", share=share)
    )


def _missing(names: list[str], say: Wording) -> tuple[str, ...]:
    if not names:
        return ()
    return (
        say.t("I hold no price of {cards}.", cards=say.listing([say.card(name) for name in names])),
    )


def _unit(say: Wording, *, by_compute: bool) -> str:
    return (
        say.t("1,000 dense 16-bit TFLOPS") if by_compute else say.t("100 GB of accelerator memory")
    )


def _verdict(
    question: Question,
    best: Rated,
    reference: Rated,
    saving: float,
    pairs: list[Pair],
    say: Wording,
) -> str:
    by_compute = question.workload in BY_COMPUTE
    values = {
        "best": say.card(best.card.canonical),
        "reference": say.card(reference.card.canonical),
        "saving": say.percent(abs(saving)),
        "unit": _unit(say, by_compute=by_compute),
        "basis": say.tn(
            "at the {n} seller that has both", "at the {n} sellers that have both", len(pairs)
        )
        if pairs
        else say.t(
            "over different sellers ({best}, {reference})",
            best=say.provider(best.offer.provider),
            reference=say.provider(reference.offer.provider),
        ),
    }
    if question.urgency == "urgent":
        return say.t(
            "Stay with NVIDIA for now: porting takes weeks, and this cannot wait ({best} is {saving} off {reference} per {unit}).",
            **values,
        )
    if saving >= WORTH:
        return say.t(
            "Worth a trial: {best} is {saving} cheaper than {reference} for {unit}, {basis}.",
            **values,
        )
    if saving > 0:
        return say.t(
            "Stay with NVIDIA: {best} is only {saving} cheaper than {reference} for {unit}, {basis}, too little to port for.",
            **values,
        )
    return say.t(
        "Stay with NVIDIA: the cheapest alternative, {best}, is {saving} more expensive than {reference} for {unit}, {basis}.",
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
            "What would change this: kernels of your own in CUDA, or a measured speed below the price's share."
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
