"""Which command takes a question about cost, whatever verb it came with."""

from __future__ import annotations

import pytest

from bot.core.question import Question
from bot.economics.meant import meant


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        (Question("fit", model="8b", per_dollar="tokens"), "cheapest"),
        (Question("token_cost", model="8b", per_dollar="tokens", accelerators=("H100",)), "token_cost"),
        (Question("compare", per_dollar="tokens", accelerators=("H100", "L4")), "compare"),
        (Question("advise", text="should we go serverless or rent pods?"), "token_cost"),
        (Question("advise", text="do we need a server less often?", topic="gpu-need"), "advise"),
        (Question("watch", accelerators=("H100",), threshold=2.0), "watch"),
        (Question("token_cost", model="8b", workload="training", tokens_per_month=1e9), "token_cost"),
        (Question("price", images=1e6), "estimate"),
    ],
)  # fmt: skip
def test_a_question_goes_where_it_can_be_answered(question: Question, intent: str) -> None:
    """And nothing else is touched."""
    assert meant(question).intent == intent


def test_a_closed_model_of_the_text_is_the_model() -> None:
    """Only where the reading found none."""
    assert (
        meant(Question("token_cost", text="what would claude opus 4 cost us")).model
        == "Claude Opus 4"
    )
    named = Question("token_cost", text="llama 8b instead of gpt-4o", model="llama-3.1-8b")
    assert meant(named).model == "llama-3.1-8b"
