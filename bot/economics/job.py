"""Jobs in `estimate`: training and tuning by tokens, speech by hours, pictures, vectors.

GPU-hours are a range (`knowledge.economics.training`), prices are dated offers, and each sum is
written out.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

from bot.answers.offers import evidence, follow_up, seller
from bot.answers.sets import cards
from bot.core.answer import Answer, Column, Evidence, Fact, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from bot.economics import makes
from bot.economics.renting import CANDIDATES, Rented, by_the_card, cheapest
from bot.economics.words import day, evidence_of, money_span, short_span, span
from knowledge.economics import training
from knowledge.economics.throughput import holds
from knowledge.economics.training import FIRST_RUN, FLOPS_PER_TOKEN, OVERHEAD, Hours, Method
from knowledge.facts.accelerators import Accelerator, specification
from knowledge.sizing import model_memory
from knowledge.sizing.models import Model

ROWS = 3
TRAINERS = (("RTX4090", 24), ("L40S", 48), ("A100", 80), ("H100", 80), ("H200", 141), ("B200", 180), ("MI300X", 192))  # fmt: skip
ACTIVATIONS = 1.2
"""Ours: room beside weights, gradients and optimiser for what a batch leaves behind."""
OFF_HOURS = 3_000_000.0
"""GPU-hours above which a job is a laboratory's: more than a thousand cards for four months."""
LONGEST = 720.0
"""Ours: hours of wall time, a month, above which a job is given more cards."""
SMALLEST_BILL_HOURS = 3.0
"""Ours: what setting up, a failed start and the run of a tiny job come to."""


def is_job(question: Question) -> bool:
    """Whether the amount of work is stated, or a model and a kind of work, and no time."""
    stated = (question.train_tokens, question.documents, question.audio_hours, question.images)
    if any(amount is not None for amount in stated):
        return True
    timed = question.gpu_hours or question.hours
    return question.workload in ("training", "fine-tuning") and bool(question.model) and not timed


def answer(question: Question, desk: Desk) -> Answer:
    amounts = (question.train_tokens, question.documents, question.audio_hours, question.images)
    if any(amount is not None and not 0 < amount <= 1e16 for amount in amounts) or (
        question.epochs is not None and not 0 < question.epochs <= 10_000
    ):
        return makes.how_much(question, desk)
    if question.audio_hours:
        return makes.make(question, desk, "speech")
    if question.images:
        return makes.make(question, desk, "pictures")
    if question.documents or question.workload == "embeddings":
        return makes.vectors(question, desk)
    return _training(question, desk)


# -- training and tuning -----------------------------------------------------------------------


class Plan(NamedTuple):
    """One set of cards for the job, at an offer."""

    card: Accelerator
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    hours: Hours
    rented: Rented

    @property
    def usd_per_gpu_hour(self) -> float:
        """Of the cards that work: spare ones of a bigger machine are paid too."""
        return self.rented.usd_per_hour / self.count

    @property
    def low(self) -> float:
        return self.hours.fast * self.usd_per_gpu_hour

    @property
    def high(self) -> float:
        return self.hours.slow * self.usd_per_gpu_hour

    @property
    def wall(self) -> tuple[float, float]:
        return self.hours.fast / self.count, self.hours.slow / self.count


def _method(question: Question) -> Method:
    if question.workload == "training":
        return "pretraining"
    if "full-tuning" in question.circumstances:
        return "full"
    return "qlora" if "qlora" in question.circumstances else "lora"


def _training(question: Question, desk: Desk) -> Answer:
    say = desk.say
    model = model_memory.named(question.model) if question.model else None
    if model is None:
        return _which_model(question, desk)
    method = _method(question)
    if not question.train_tokens:
        return _how_many_tokens(model, method, question, desk)
    volume = question.train_tokens * (question.epochs or 1)
    plans = _plans(model, method, volume, question, desk)
    if not plans:
        return Answer(
            headline=say.t("Nobody lists cards for this job on these terms."), tone="caution"
        )
    fewest = min(plan.hours.fast for plan in plans)
    if fewest > OFF_HOURS:
        return Answer(
            headline=say.t(
                "{what} on {volume} takes {hours} GPU-hours or more: over a thousand cards for months. If that is meant, it is a contract and no price list; else look at the tokens again.",
                what=_what(model, method, say),
                volume=say.tokens(volume),
                hours=say.number(float(f"{fewest:.2g}")),
            ),
            tone="caution",
        )
    chosen = _chosen(plans, say)
    best = chosen[0][1]
    return Answer(
        headline=_headline(model, method, volume, best, say),
        lines=tuple(_lines(model, method, volume, best, question, say)),
        table=_table(chosen, desk),
        facts=(
            Fact(
                say.t("Memory, before long sequences"),
                say.t(
                    "{gb} GB ({params} B x {each} GB)",
                    gb=say.number(round(training.memory_gb(model, method), 1)),
                    params=say.number(model.params_b),
                    each=say.number(training.GB_PER_B[method]),
                ),
                model.source_url,
            ),
        ),
        evidence=(*evidence(plan.rented.offer for _, plan in chosen), *_records(chosen)),
        follow_ups=_next(question, method, desk),
        figures=tuple(_figures(name, plan, volume, method) for name, plan in chosen),
        offers=tuple(plan.rented.offer for _, plan in chosen),
    )


def _plans(
    model: Model, method: Method, volume: float, question: Question, desk: Desk
) -> list[Plan]:
    """The smallest set of each card that holds the job, and eight of it where that is faster;
    with a deadline, as many as it takes."""
    known = _cards(question)
    need = training.memory_gb(model, method) * ACTIVATIONS
    sets: dict[tuple[Accelerator, int], Hours] = {}
    for card in known:
        hours = training.gpu_hours(model, volume, method, card)
        fit = model_memory.smallest(need, card)
        if hours is None or fit is None:
            continue
        counts = {max(question.count or 0, fit.count)}
        if question.hours and not question.count:
            counts = {_by_deadline(hours, question.hours, fit.count)}
        elif not question.count and fit.count < model_memory.NODE < hours.fast:
            counts.add(model_memory.NODE)
        if not question.count and not question.hours:  # nobody waits for years
            soon = {count for count in counts if hours.slow / count <= LONGEST}
            most = max(16 * model_memory.NODE, fit.count)
            counts = soon or {min(_by_deadline(hours, LONGEST, fit.count), most)}
        if question.accelerators or max(counts) <= 16 * model_memory.NODE:
            sets |= {(card, count): hours for count in counts}
    rented = cheapest(list(sets), question, desk)
    return [Plan(*key, sets[key], rented[key]) for key in sets if key in rented]


def _cards(question: Question) -> list[Accelerator]:
    """The named cards, in every size that people rent unless one is stated; else the usual ones."""
    if not question.accelerators:
        return [card for name, gb in TRAINERS if (card := specification(name, gb))]
    if question.memory_gb is not None or question.form_factor is not None:
        return cards(question)
    sizes = [
        card
        for name, gb in CANDIDATES
        if name in question.accelerators and (card := specification(name, gb))
    ]
    found = {card.canonical for card in sizes}
    return sizes + [card for card in cards(question) if card.canonical not in found]


def _by_deadline(hours: Hours, deadline: float, fewest: int) -> int:
    needed = max(fewest, math.ceil(hours.slow / deadline))
    usual = next((count for count in (1, 2, 4, model_memory.NODE) if count >= needed), None)
    return usual or math.ceil(needed / model_memory.NODE) * model_memory.NODE


def _chosen(plans: list[Plan], say: Wording) -> list[tuple[str, Plan]]:
    """Cheapest, fastest and what is near both; fresh prices before old ones."""
    newest = min(plan.rented.rank for plan in plans)
    fresh = [plan for plan in plans if plan.rented.rank == newest]
    low = min(fresh, key=lambda plan: plan.high)
    fast = min(fresh, key=lambda plan: plan.wall[1])
    between = min(fresh, key=lambda plan: plan.high / low.high + plan.wall[1] / fast.wall[1])
    names = ((say.t("cheapest"), low), (say.t("fastest"), fast), (say.t("balanced"), between))
    out: list[tuple[str, Plan]] = []
    for name, plan in names:
        if plan not in [one for _, one in out]:
            out.append((name, plan))
    rest = sorted((one for one in fresh if one not in [plan for _, plan in out]), key=lambda plan: plan.high)  # fmt: skip
    return [*out, *((say.t("next"), one) for one in rest)][:ROWS]


def _what(model: Model, method: Method, say: Wording) -> str:
    if method == "pretraining":
        return say.t("Training {model}", model=model.name)
    if method == "full":
        return say.t("Tuning {model} in full", model=model.name)
    return say.t(
        "Tuning {model} with {method}",
        model=model.name,
        method="LoRA" if method == "lora" else "QLoRA",
    )


def _headline(model: Model, method: Method, volume: float, best: Plan, say: Wording) -> str:
    return say.t(
        "{what} on {volume}: {cost} on {set} at {provider}, {wall} h of wall time.",
        what=_what(model, method, say),
        volume=say.tokens(volume),
        cost=money_span(best.low, best.high, say),
        set=f"{best.count}x {say.card(best.card.canonical, best.card.memory_gb)}",
        provider=seller(best.rented.offer, say),
        wall=span(*best.wall, say),
    )


def _lines(
    model: Model, method: Method, volume: float, best: Plan, question: Question, say: Wording
) -> list[str]:
    hours = best.hours
    slow = say.t(
        "{hours} at {share} of the card's 16-bit peak, our default for a first run: {k} x {params} B x {volume} / ({peak} TFLOPS x {share} x 3,600 s)",
        hours=span(hours.slow, hours.slow, say),
        share=say.percent(FIRST_RUN),
        k=FLOPS_PER_TOKEN[method],
        params=say.number(model.active_params_b),
        volume=say.tokens(volume),
        peak=say.number(best.card.fp16_dense_tflops or 0),
    )
    if hours.record is not None:
        fast = say.t(
            "{hours} as measured ({tps} tokens/s a card on {count}x {card}, {precision}; {who}, {date})",
            hours=span(hours.fast, hours.fast, say),
            tps=say.number(round(hours.record.tokens_per_second_per_accelerator or 0)),
            count=hours.record.count,
            card=say.card(hours.record.accelerator),
            precision=hours.record.precision.partition("-")[0].upper()
            or say.t("precision not stated"),
            who=hours.record.submitter,
            date=day(hours.record.as_of, say),
        )
    else:
        fast = say.t(
            "{hours} at {share} of the 16-bit peak, the best that was measured on {card}",
            hours=span(hours.fast, hours.fast, say),
            share=say.percent(hours.share),
            card=say.card("H100" if hours.share == training.USUAL_BEST else best.card.canonical),
        )
    lines = [
        *_more_than_asked(model, method, best, question, say),
        *_deadline(best, question, say),
        *_in_sixteen_bits(best, question, say),
        *by_the_card(best.rented, best.count, say),
        say.t("GPU-hours: {fast}, to {slow}.", fast=fast, slow=slow),
        say.t(
            "The sum: {fast} to {slow} GPU-hours x {rate} = {cost}.",
            fast=span(hours.fast, hours.fast, say),
            slow=span(hours.slow, hours.slow, say),
            rate=say.money(best.usd_per_gpu_hour),
            cost=money_span(best.low, best.high, say),
        ),
    ]
    if best.wall[1] < 1:
        lines.append(
            say.t(
                "Under an hour of work: setting up, minimum billing and failed starts are the bill. Reckon with {hours} h of the machine, {cost} (our default).",
                hours=say.number(SMALLEST_BILL_HOURS),
                cost=say.money(best.rented.usd_per_hour * SMALLEST_BILL_HOURS, 0),
            )
        )
    else:
        lines.append(
            say.t(
                "Plan {share} more for loading, evaluation and checkpoints, and one failed run (our defaults). Not in it: storage, egress, tax.",
                share=say.percent(OVERHEAD),
            )
        )
    if method == "qlora":
        lines.append(
            say.t(
                "Nobody measured QLoRA openly: it takes less memory than LoRA and more time for each token."
            )
        )
    if best.count > model_memory.NODE:
        lines.append(
            say.t(
                "Beyond one machine the network decides: ask for InfiniBand or RoCE, in one cluster."
            )
        )
    full = training.gpu_hours(model, volume, "full", best.card)
    if method == "lora" and full is not None:
        values = {
            "hours": span(full.fast, full.slow, say),
            "gb": say.number(round(training.memory_gb(model, "full"))),
        }
        lines.append(
            say.t("In full it takes {hours} GPU-hours and {gb} GB.", **values)
            if "lora" in question.circumstances
            else say.t(
                "LoRA was assumed; in full it takes {hours} GPU-hours and {gb} GB.", **values
            )
        )
    return lines


def _more_than_asked(
    model: Model, method: Method, best: Plan, question: Question, say: Wording
) -> list[str]:
    """That the cards which were named do not hold the job."""
    if question.count is None or question.count >= best.count:
        return []
    name = say.card(best.card.canonical, best.card.memory_gb)
    return [
        say.t(
            "{asked}x {card} does not hold it: it takes {gb} GB and more, {usable} are usable. The sum is for {count}x.",
            asked=question.count,
            card=name,
            gb=say.number(round(training.memory_gb(model, method))),
            usable=say.number(
                round((best.card.memory_gb or 0) * question.count * model_memory.USABLE)
            ),
            count=best.count,
        )
    ]


def _in_sixteen_bits(best: Plan, question: Question, say: Wording) -> list[str]:
    """What a stated precision changes: a card without units for it, or nothing in these sums."""
    if question.precision not in ("fp8", "fp4", "mxfp4", "int8", "int4"):
        return []
    values = {"card": say.card(best.card.canonical), "precision": question.precision.upper()}
    if question.precision.startswith("int") or not holds(best.card, question.precision):
        return [say.t("{card} does not train in {precision}: the sum is in 16 bits.", **values)]
    return [say.t("The slower end is in 16 bits; {precision} may be faster.", **values)]


def _deadline(best: Plan, question: Question, say: Wording) -> list[str]:
    """Whether a stated time is kept, also by a first run."""
    if not question.hours:
        return []
    values = {
        "hours": say.hours(question.hours),
        "set": f"{best.count}x {say.card(best.card.canonical)}",
    }
    if best.wall[1] <= question.hours:
        return [say.t("Within {hours}: {set} keep it, also at the slower end.", **values)]
    if best.wall[0] <= question.hours:
        return [say.t("Within {hours}: {set} keep it only at the faster end.", **values)]
    return [say.t("Within {hours}: {set} do not keep it; more cards would.", **values)]


def _table(chosen: list[tuple[str, Plan]], desk: Desk) -> Table:
    say = desk.say
    columns = (
        Column(say.t("Choice")),
        Column(say.t("Set")),
        Column(say.t("Provider")),
        Column(say.t("GPU-hours"), "right", essential=False),
        Column(say.t("Hours"), "right", essential=False, unit=say.t("hours of wall time")),
        Column(say.t("Total $"), "right", unit=say.t("US dollars")),
        Column(say.t("Seen")),
    )
    sizes = {(plan.card.canonical, plan.card.memory_gb) for _, plan in chosen}
    several = Counter(canonical for canonical, _ in sizes)

    def card(plan: Plan) -> str:
        memory = plan.card.memory_gb if several[plan.card.canonical] > 1 else None
        return say.card(plan.card.canonical, memory)

    rows = tuple(
        TableRow(
            cells=(
                name,
                f"{plan.count}x {card(plan)}",
                seller(plan.rented.offer, say),
                short_span(plan.hours.fast, plan.hours.slow, say),
                short_span(*plan.wall, say),
                short_span(plan.low, plan.high, say),
                say.date(plan.rented.offer.as_of, desk.now),
            ),
            url=plan.rented.offer.source_url,
            stale=plan.rented.stale,
        )
        for name, plan in chosen
    )
    return Table(columns, rows)


def _records(chosen: list[tuple[str, Plan]]) -> tuple[Evidence, ...]:
    out: list[Evidence] = []
    records = [plan.hours.record for _, plan in chosen if plan.hours.record]
    for who in dict.fromkeys(record.submitter for record in records):
        of_it = [record for record in records if record.submitter == who]
        benchmark = of_it[0].benchmark
        name = f"MLCommons, {benchmark}" if benchmark.startswith("MLPerf") else benchmark
        out += evidence_of(name, of_it[0].source_url, [record.as_of for record in of_it])
    return tuple(out)


def _figures(name: str, plan: Plan, volume: float, method: Method) -> dict[str, float | str | None]:
    record = plan.hours.record
    return {
        "choice": name,
        "method": method,
        "provider": plan.rented.offer.provider,
        "accelerator": plan.card.canonical,
        "count": plan.count,
        "tokens": volume,
        "gpu_hours_low": round(plan.hours.fast, 3),
        "gpu_hours_high": round(plan.hours.slow, 3),
        "usd_per_gpu_hour": round(plan.usd_per_gpu_hour, 4),
        "usd_low": round(plan.low, 2),
        "usd_high": round(plan.high, 2),
        "result_id": record.result_id if record else None,
        "measurement_url": record.source_url if record else None,
    }


def _next(question: Question, method: Method, desk: Desk) -> tuple[FollowUp, ...]:
    say = desk.say
    out = []
    if method in ("lora", "qlora"):
        others = tuple(one for one in question.circumstances if one not in ("lora", "qlora"))
        full = question._replace(circumstances=(*others, "full-tuning"))
        out.append(follow_up(full, desk, label=say.t("In full")))
    fit = Question("fit", lang=question.lang, model=question.model, workload=question.workload)
    out.append(follow_up(fit, desk, label=say.t("Which cards hold it")))
    return tuple(out)


def _which_model(question: Question, desk: Desk) -> Answer:
    say = desk.say
    return Answer(
        headline=say.t("Which model is it, or of what size? For example: {example}", example="13b"),
        tone="caution",
        follow_ups=tuple(
            follow_up(question._replace(model=slug), desk, label=slug)
            for slug in ("llama-3.1-8b", "llama-3.3-70b")
        ),
    )


def _how_many_tokens(model: Model, method: Method, question: Question, desk: Desk) -> Answer:
    say = desk.say
    return Answer(
        headline=say.t(
            "{what}: on how many tokens? 10,000 examples of 500 tokens are 5 million, times the epochs.",
            what=_what(model, method, say),
        ),
        tone="caution",
        follow_ups=tuple(
            follow_up(question._replace(train_tokens=amount), desk, label=say.tokens(amount))
            for amount in (5e6, 1e8, 1e9)
        ),
    )
