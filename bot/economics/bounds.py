"""Questions that no sum should answer, and cautions that stand beside one."""

from __future__ import annotations

import re

from bot.answers.offers import follow_up
from bot.core.answer import Answer
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from bot.economics.words import set_name
from knowledge.economics import tokens as sums
from knowledge.economics.throughput import (
    FEWEST_REQUESTS,
    Speed,
    holds,
    requests_at_once,
    weights_gb,
)
from knowledge.facts.accelerators import specification
from knowledge.sizing import model_memory
from knowledge.sizing.models import Model
from knowledge.sizing.native import native

MOST_TOKENS = 1e14
"""A month. Above it even the fastest cards would be counted by the thousand."""
FEW_TOKENS = 1e3
MOST_CARDS = 1000
"""Thousands of cards are a sign that a question is off."""
_USE = re.compile(
    r"(?<!\d)(-?\d{1,9}(?:[.,]\d{1,9})?)\s?%\s*(?:de\s+|of\s+)?(?:use|uso|utili[sz]\w+)\b|\b(?:use|uso|utili[sz]\w+)\s+(?:of|de|at|del?|al)?\s*(?<!\d)(-?\d{1,9}(?:[.,]\d{1,9})?)\s?%",
    re.IGNORECASE,
)
"""A share that the reading left out, because it is none."""
_NOTHING = re.compile(
    r"(?<![\w.,])(?:-\s?\d[\d.,]{0,20}|0{1,20}|zero|cero)\s*(?:k|m|b|mil|thousand|million|billion|milh[oõ]es|millones|bilh[oõ]es)?\s+(?:de\s+)?tokens?\b",
    re.IGNORECASE,
)
"""A volume that is none: a reading without one would be answered as if nothing had been said."""


def refusal(question: Question, desk: Desk) -> Answer | None:
    """One sentence for figures that cannot be meant, and what would answer; None if all is well."""
    say = desk.say
    volume = question.tokens_per_month
    if volume is None and _NOTHING.search(question.text):
        volume = 0.0
    if volume is not None and volume < FEW_TOKENS:
        return _no(
            say.t("A volume starts at some thousand tokens a month; how many is it?"),
            question._replace(tokens_per_month=1e8),
            desk,
        )
    if volume is not None and volume > MOST_TOKENS:
        return _no(
            say.t(
                "{volume} a month would take thousands of cards: a sign that the figure is off. Was it a day, or fewer zeros?",
                volume=say.tokens(volume),
            ),
            question._replace(tokens_per_month=1e10),
            desk,
        )
    if (question.count or 0) > MOST_CARDS:
        return _no(
            say.t(
                "{n} cards are a sign that the figure is off, or a contract and no price list. Was it fewer?",
                n=say.number(question.count or 0),
            ),
            question._replace(count=8),
            desk,
        )
    use = question.utilisation
    if use is None and (said := _USE.search(question.text)):
        use = float((said[1] or said[2]).replace(",", ".")) / 100
    if use is not None and not 0 < use <= 1:
        return _no(
            say.t("A share of use lies above 0 % and at most at 100 %."),
            question._replace(utilisation=0.3),
            desk,
        )
    speed = question.tokens_per_second
    if speed is not None and not 0 < speed < 1e7:
        return _no(
            say.t("That is no speed of a set of cards; tokens per second of all together, please."),
            question._replace(tokens_per_second=None),
            desk,
        )
    for name in question.accelerators[:1]:
        card = specification(name, question.memory_gb, question.form_factor)
        if card and question.precision == "fp8" and not holds(card, "fp8"):
            return _no(
                say.t(
                    "{card} has no units for FP8: it would hold the weights in 16 bits, or in INT8 or INT4 by a library.",
                    card=say.card(name),
                ),
                question._replace(precision="int8"),
                desk,
            )
    return None


def _no(headline: str, better: Question, desk: Desk) -> Answer:
    return Answer(headline=headline, tone="caution", follow_ups=(follow_up(better, desk),))


def fits(model: Model, one: Speed) -> bool:
    """Whether the cards hold the model and a few requests beside it."""
    held = requests_at_once(model, one.precision, one.card, one.count, 2048)
    return held is None or held >= FEWEST_REQUESTS


def needed_gb(model: Model, one: Speed) -> float:
    """GB for the weights, a few requests of 2,048 tokens and a tenth on top."""
    weights = weights_gb(model, one.precision) or 0.0
    return (weights + model_memory.cache_gb(model, 2048, FEWEST_REQUESTS)) * (
        1 + model_memory.DEFAULT_OVERHEAD
    )


def smallest_count(model: Model, one: Speed) -> int | None:
    """The smallest usual count of the same card that holds the model in that precision."""
    for count in (1, 2, 4, 8, 16):
        if fits(model, one._replace(count=count)):
            return count
    return None


def warnings(model: Model, one: Speed, question: Question, say: Wording) -> list[str]:
    """What does not go together in the question: load beyond memory, use against volume."""
    out = []
    length = (one.input_tokens or 1024) + (one.output_tokens or 1024)
    if question.context_tokens:
        length = float(question.context_tokens)
    held = requests_at_once(model, one.precision, one.card, one.count, length)
    if question.concurrency and held is not None and question.concurrency > held:
        out.append(
            say.t(
                "{set} holds {held} requests of {length} tokens at once, not {asked}: the rest would wait, or take more cards.",
                set=set_name(one, say),
                held=say.number(held),
                length=say.number(round(length)),
                asked=say.number(question.concurrency),
            )
        )
    published = native(model.slug)
    whole = question.context_tokens or (question.input_tokens or 0) + (question.output_tokens or 0)
    if published and published.max_context and whole > published.max_context:
        out.append(
            say.t(
                "{model} itself reads at most {tokens} tokens.",
                model=model.name,
                tokens=say.number(published.max_context),
            )
        )
    volume = question.tokens_per_month
    if volume and question.utilisation and question.count:
        ratio = one.ratio if one.ratio is not None else 1.0
        needed = volume / sums.capacity(one.tokens_per_second, ratio, 1.0)
        if needed > 1.5 * question.utilisation:
            out.append(
                say.t(
                    "{use} use and {volume} a month do not go together: that volume needs {needed} of {set}.",
                    use=say.percent(question.utilisation),
                    volume=say.tokens(volume),
                    needed=say.percent(needed),
                    set=set_name(one, say),
                )
            )
    return out


def thousands(model: Model, one: Speed, sets: int, question: Question, desk: Desk) -> Answer | None:
    """A volume that would take thousands of cards is questioned before any sum; None if it does not."""
    cards = sets * one.count
    if cards <= MOST_CARDS:
        return None
    return _no(
        desk.say.t(
            "{volume} a month of {model} would take {n} cards: a sign that the figure is off. Was it a day, or fewer zeros?",
            volume=desk.say.tokens(question.tokens_per_month or 0.0),
            model=model.name,
            n=desk.say.number(float(f"{cards:.2g}")),
        ),
        question._replace(tokens_per_month=1e10),
        desk,
    )
