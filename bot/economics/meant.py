"""What a question about cost asks for, whatever verb it came with.

"Cheapest way to embed 5 million documents", "which cards for 60 billion tokens" and "what does it
cost" state an amount of work: all are jobs. A price per served token is for none of them.
"""

from __future__ import annotations

import re

from bot.answers.extras import GB, moved_gb
from bot.core.command import BY_NAME
from bot.core.question import Question
from bot.economics import amounts, serverless
from knowledge.economics import apis, media

_LEARNING = ("training", "fine-tuning")
_METHODS = (
    ("qlora", re.compile(r"\bqlora\b", re.IGNORECASE)),
    ("lora", re.compile(r"\blora\b", re.IGNORECASE)),
    (
        "full-tuning",
        re.compile(
            r"\bfull(?:y|-parameter)?[\s-]+(?:parameter\s+)?(?:fine|tun)"
            r"|\b(?:fine-?tun\w+|tuning|ajuste(?:\s+fino)?|afin\w+|entrenamiento)\s+complet\w+",
            re.IGNORECASE,
        ),
    ),
)
"""Words for how a model is tuned: a reading of another intent does not hold them."""
_PER = {
    "speech": ("audio_hours", 1000.0),
    "pictures": ("images", 1000.0),
    "vectors": ("train_tokens", 1e9),
}
"""What a price is told for where a model writes no tokens: so many of what it makes."""


def meant(question: Question) -> Question:
    """The same question as the command that can answer it takes it."""
    question = _with_amount(question)
    command = BY_NAME[question.intent]
    compares = command.of_cost and command.side_by_side
    if (question.intent == "advise" or compares) and serverless.is_asked(question):
        question = question._replace(intent="token_cost", topic=None)
    elif not command.of_cost:
        return question
    moved = moved_gb(question)
    if moved is not None:
        question = question._replace(egress_tb=moved / GB)
    if question.per_dollar and not compares:
        return question if _one_set(question) else question._replace(intent="cheapest")
    if _states_work(question) or _costs_learning(question):
        # "20,000 hours of audio" is an amount, and no time to rent for.
        same = question.hours is not None and question.hours == question.audio_hours
        return question._replace(
            intent="estimate",
            hours=None if same else question.hours,
            circumstances=_methods(question),
        )
    made = media.kind(question.model or "") if question.intent == "token_cost" else None
    if made is not None:
        field, amount = _PER[made]
        question = question._replace(intent="estimate", **{field: amount})  # type: ignore[arg-type]
        return question._replace(workload="embeddings") if made == "vectors" else question
    if question.intent == "token_cost":
        question = question._replace(**amounts.served(question))  # type: ignore[arg-type]
    if question.intent == "token_cost" and question.model is None:
        named = apis.closed_in(question.text)
        return question._replace(model=named.name or named.model_id) if named else question
    return question


def _with_amount(question: Question) -> Question:
    """With the amount of work that its words state: then it is a job, also where the reading doubts
    what is asked, or takes it for whether a GPU is needed or how far a sum goes."""
    doubtful = question.intent == "unclear" and question.guesses
    base = question.guesses[0]._replace(text=question.text) if doubtful else question
    needs = base.intent == "advise" and base.topic in (None, "gpu-need", "sizing")
    sums = base.intent == "budget" and base.budget_usd is None
    if not (BY_NAME[base.intent].of_cost or needs or sums or doubtful):
        return question
    found = amounts.stated(base)
    if found is None and doubtful and _states_work(base):
        return base._replace(intent="estimate")
    if found is None:
        return question
    hours = None if found == amounts.Amount("audio_hours", base.hours or 0.0) else base.hours
    return base._replace(intent="estimate", topic=None, hours=hours, **{found.field: found.value})  # type: ignore[arg-type]


def _methods(question: Question) -> tuple[str, ...]:
    """The method among the circumstances, read from the words where none stands there."""
    known = [name for name, _ in _METHODS]
    if any(one in known for one in question.circumstances):
        return question.circumstances
    said = next((name for name, words in _METHODS if words.search(question.text)), None)
    return (*question.circumstances, said) if said else question.circumstances


def _one_set(question: Question) -> bool:
    """One kind of card with a model: its price per token is what "per dollar" asks for there."""
    return question.intent == "token_cost" and len(question.accelerators) == 1


def _states_work(question: Question) -> bool:
    amounts = (question.train_tokens, question.documents, question.audio_hours, question.images)
    return any(amount is not None for amount in amounts)


def _costs_learning(question: Question) -> bool:
    """A price of tokens that are learned from, not served."""
    served = question.tokens_per_month or question.tokens_per_second or question.api_bill
    return question.intent == "token_cost" and question.workload in _LEARNING and served is None
