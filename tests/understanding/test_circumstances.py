"""Circumstances of a job: read from the words, printed by parse, and of no harm to other finders."""

from __future__ import annotations

import pytest

from bot.understanding.understand import understand


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("do we need gpus for nightly embeddings?", "urgency", "patient"),
        ("precisamos de GPU para embeddings? pode esperar", "urgency", "patient"),
        ("do we need a gpu for xgboost asap", "urgency", "urgent"),
        ("precisamos de GPU pra xgboost? é urgente", "urgency", "urgent"),
        ("should we leave aws? we push 30 TB out a month", "egress_tb", 30.0),
        ("vale a pena sair da AWS? são 2,5 TB de saída por mês", "egress_tb", 2.5),
        ("microcloud or hyperscaler for HIPAA and SOC 2?", "compliance", ("HIPAA", "SOC2")),
        ("micronuvem ou hiperescalador para LGPD?", "compliance", ("LGPD",)),
        ("are marketplaces risky with patient data?", "data_sensitivity", "personal"),
        ("marketplace é arriscado com dados pessoais?", "data_sensitivity", "personal"),
        ("should we leave aws for a microcloud?", "circumstances", ("moving",)),
        (
            "should we use spot for training without checkpoints?",
            "circumstances",
            ("no-checkpoint",),
        ),
        ("should we buy a node for $300k or rent?", "capex_usd", 300_000.0),
        ("one big gpu or several small ones for llama 3 70b?", "topic", "sizing"),
        ("single big GPU or several small?", "topic", "sizing"),
        ("why spot-unfit?", "rules", ("spot-unfit",)),
        ("por que spot-unfit?", "rules", ("spot-unfit",)),
    ],
)
def test_what_the_words_say_of_the_job(words: str, field: str, value: object) -> None:
    """Each in both languages where both say it."""
    assert getattr(understand(words), field) == value


@pytest.mark.parametrize(
    "words",
    [
        "cheapest H100",
        "qual a A100 mais barata?",
        "estimate 8xH100 for 72h",
        "A100 80GB",
        "L4 24 GB",
    ],
)
def test_a_plain_question_states_none(words: str) -> None:
    """Nothing is read into it."""
    question = understand(words)
    assert (question.urgency, question.egress_tb, question.data_sensitivity) == (None, None, None)
    assert question.compliance == question.circumstances == question.rules == ()


def test_traffic_a_month_is_no_length_of_time() -> None:
    """ "30 TB out a month" says nothing of a term."""
    assert understand("should we leave aws? we push 30 TB out a month").hours is None
