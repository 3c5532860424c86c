"""Whether you need a GPU, from whom, on which terms, and if a quote is fair."""

from __future__ import annotations

from importlib import import_module

from bot.core.answer import Answer, FollowUp
from bot.core.desk import Desk
from bot.core.question import Question

# What a question is about -> the file in bot/advice that answers it.
SUBJECTS = {
    "quote": "quote",
    "gpu-need": "need",
    "tier": "tier",
    "concentration": "concentration",
    "billing": "billing",
    "timing": "timing",
    "buy": "buy",
    "alternatives": "alternatives",
    "sizing": "sizing",
    "why": "why",
}


def answer(question: Question, desk: Desk) -> Answer:
    subject = SUBJECTS.get(question.topic or "")
    if subject == "quote" and question.paid_price is None and question.amount is None:
        if len(question.providers) > 1 and question.accelerators:
            # "is it lambda or runpod for an A100?" names no price: theirs, side by side
            return import_module("bot.commands.compare").answer(question, desk)  # type: ignore[no-any-return]
    if subject is None and question.workload:
        subject = "need"
    if subject is None:
        return _ask_back(desk)
    module = import_module(f"bot.advice.{subject}")
    advised: Answer = module.answer(question, desk)
    return advised


def _ask_back(desk: Desk) -> Answer:
    say = desk.say
    examples = (
        say.t("do we need gpus for nightly embeddings?"),
        say.t("microcloud or hyperscaler for a 6 month training run?"),
        say.t("are we overpaying for H100 at $4.10 on azure?"),
    )
    return Answer(
        headline=say.t(
            "What is it about? I can weigh the need for a GPU, providers, terms, buying, and quotes."
        ),
        tone="caution",
        follow_ups=tuple(FollowUp(text, text) for text in examples),
    )
