"""What a model needs: gigabytes to serve, tune or train it, in words and in parts."""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.core.answer import Fact
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.advice.facts import Value
from knowledge.sizing import model_memory
from knowledge.sizing.model_memory import Need
from knowledge.sizing.models import Model, resolve
from knowledge.sizing.native import native
from knowledge.sizing.quantisation import bytes_per_cached, bytes_per_weight

_SIZE = re.compile(r"^(\d+(?:\.\d+)?)b$|-(\d+(?:\.\d+)?)b$")


class Asked(NamedTuple):
    """What has to be held, and how it is called."""

    model: Model
    need: Need
    what: str
    precision: str
    facts: tuple[Fact, ...]
    lines: tuple[str, ...] = ()
    serving: bool = True
    more: dict[str, Value | None] = {}  # noqa: RUF012  facts for the rules, never changed


def need_of(question: Question, say: Wording) -> tuple[Need, str] | None:
    """What serving the named model takes, and what it is called; None for one nobody knows."""
    known, borrowed = known_model(question.model or "")
    if known is None:
        return None
    asked = serving_need(known, borrowed, question, say)
    return asked.need, asked.what


def serving_need(known: Model, borrowed: Model | None, question: Question, say: Wording) -> Asked:
    """Memory that answering requests takes, in GB, and the facts it was computed from: weights in the stated
    precision or the released one, cache for the context and the requests (`borrowed` lends its shape to a model
    whose own is not published), overhead."""
    stated = question.precision if bytes_per_weight(question.precision or "") else None
    precision = stated or model_memory.released(known)
    context = question.context_tokens or min(
        model_memory.DEFAULT_CONTEXT, known.default_context or model_memory.DEFAULT_CONTEXT
    )
    requests = question.concurrency or model_memory.DEFAULT_REQUESTS
    width = bytes_per_cached(question.cache_precision)
    need = model_memory.inference(known, precision, context, requests, width)
    published = native(known.slug)
    basis = "" if stated else say.t(", as released") if published else say.t(", our default")
    per_weight = need.weights_gb / known.params_b
    facts = [
        Fact(
            say.t("Weights"),
            f"{gigabytes(need.weights_gb, say)} ({say.number(known.params_b)} B x {say.number(per_weight)}{basis})",
            published.source_url if published and not stated else known.source_url,
        )
    ]
    if need.cache_gb:
        given = question.context_tokens and question.concurrency
        words = say.t(
            "{gb}, for {requests} of {tokens} tokens{basis}",
            gb=gigabytes(need.cache_gb, say),
            requests=say.tn("{n} request", "{n} requests", requests),
            tokens=say.number(context),
            basis="" if given else say.t(", our default"),
        )
        if question.cache_precision:
            words += say.t(", in {precision}", precision=question.cache_precision)
        facts.append(Fact(say.t("Cache"), words))
    facts += [
        Fact(say.t("Overhead, 10% by default"), gigabytes(need.overhead_gb, say)),
        Fact(say.t("Total"), gigabytes(need.total_gb, say)),
    ]
    lines: tuple[str, ...] = ()
    if borrowed is not None:
        lines = (say.t("The cache is reckoned with the shape of {model}.", model=borrowed.name),)
    if published and published.max_context and context > published.max_context:
        lines += (
            say.t(
                "{model} itself reads at most {tokens} tokens.",
                model=known.name,
                tokens=say.number(published.max_context),
            ),
        )
    if question.precision and stated is None:
        lines += (
            say.t(
                'I do not know the format "{name}", so it is sized as released.',
                name=question.precision,
            ),
        )
    return Asked(
        known,
        need,
        say.t("{model} in {precision}", model=known.name, precision=precision),
        precision,
        tuple(facts),
        lines,
        more={
            "precision": precision,
            "context": context,
            "concurrency": requests,
            "kv_gb": need.cache_gb or None,
        },
    )


def tuning_need(known: Model, question: Question, say: Wording) -> Asked:
    """Memory that tuning takes, in GB, by QLoRA, LoRA or in full; what the Question names decides which leads."""
    needs = model_memory.tuning(known.params_b)
    quantised = "qlora" in question.circumstances
    method = "QLoRA" if quantised else "LoRA"
    return Asked(
        known,
        Need(needs[method], 0.0, 0.0),
        say.t("Tuning {model} with {method}", model=known.name, method=method),
        "int4" if quantised else "fp16",
        (
            Fact(say.t("QLoRA, 4 bits"), gigabytes(needs["QLoRA"], say)),
            Fact(say.t("LoRA, 16 bits"), gigabytes(needs["LoRA"], say)),
            Fact(say.t("Full, before activations"), gigabytes(needs["full"], say)),
        ),
        (
            say.t("Long sequences need more; these sets are for QLoRA in 4 bits.")
            if quantised
            else say.t("Long sequences need more; these sets are for LoRA in 16 bits."),
        ),
        serving=False,
        more={
            "qlora_gb": needs["QLoRA"],
            "lora_gb": needs["LoRA"],
            "full_gb": needs["full"],
        },
    )


def training_need(known: Model, say: Wording) -> Asked:
    need = known.params_b * model_memory.TRAINING_GB_PER_B
    return Asked(
        known,
        Need(need, 0.0, 0.0),
        say.t("Training {model} in full", model=known.name),
        "fp16",
        (
            Fact(
                say.t("Weights, optimiser, gradients"),
                f"{gigabytes(need, say)} ({say.number(known.params_b)} B x {say.number(model_memory.TRAINING_GB_PER_B)})",
            ),
        ),
        (say.t("Activations come on top; how much depends on batch and sequence."),),
        serving=False,
    )


def known_model(slug: str) -> tuple[Model | None, Model | None]:
    """The model, and the one whose shape it borrows when only its size is known."""
    known = resolve(slug)
    if known is not None:
        return known, None
    size = _SIZE.search(slug)
    if size is None:
        return None, None
    params = float(size.group(1) or size.group(2))
    name = f"{size.group(1)}B" if size.group(1) else slug
    return model_memory.like_sized(params, name) if 0 < params < 10_000 else (None, None)


def gigabytes(gigabytes: float, say: Wording) -> str:
    return f"{say.number(round(gigabytes, 1 if gigabytes < 100 else 0))} GB"
