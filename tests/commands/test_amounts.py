"""Amounts that only the words hold: read where a field lacks them, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.question import Question
from bot.economics.amounts import served, stated
from bot.economics.meant import meant

WHISPER, SDXL = {"model": "whisper-large-v3"}, {"model": "sdxl"}
TRAINS, TUNES, EMBEDS = ({"workload": one} for one in ("training", "fine-tuning", "embeddings"))


@pytest.mark.parametrize(
    ("text", "fields", "amount"),
    [
        ("pretraining a 1.3B model on 300B tokens cost", TRAINS, ("train_tokens", 3e11)),
        ("full fine-tune mistral 7b on 2B tokens on 8x H100", TUNES, ("train_tokens", 2e9)),
        ("cost of pretraining 70B on 15T tokens", TRAINS, ("train_tokens", 1.5e13)),
        ("preentrenar un 70B con 2 billones de tokens", TRAINS | {"train_tokens": 2e9}, ("train_tokens", 2e12)),
        ("treinar com 2 bilhões de tokens", TRAINS | {"train_tokens": 2e9}, None),
        ("afinar con 1.000 millones de tokens", TUNES, ("train_tokens", 1e9)),
        ("ajustar com 1,5 milhões de tokens", TUNES, ("train_tokens", 1.5e6)),
        ("tune it while serving 10M tokens a day", TUNES, None),
        ("cheapest way to embed 5 million documents", EMBEDS, ("documents", 5e6)),
        ("embeddings de 200 mil documentos com bge-m3", {"model": "bge-m3"}, ("documents", 2e5)),
        ("vectorizar 3 millones de páginas, ¿API o GPU?", EMBEDS, ("documents", 3e6)),
        ("summarise 10,000 documents with llama 8b", {"model": "llama-3.1-8b"}, None),
        ("generate 2 million SDXL images, how much?", SDXL, ("images", 2e6)),
        ("¿cuánto cuestan 500.000 imágenes con SDXL?", SDXL, ("images", 5e5)),
        ("transcrever 5 mil horas de áudio com whisper", WHISPER, ("audio_hours", 5000.0)),
        ("transcribir 800 horas de llamadas", {}, ("audio_hours", 800.0)),
        ("8x h100 for 72 hours", {}, None),
        ("20 hours of audio", WHISPER | {"audio_hours": 20.0}, None),
    ],
)  # fmt: skip
def test_an_amount_is_read_from_the_words(text: str, fields: dict[str, Any], amount: Any) -> None:
    """In three languages, with their thousands and their billions."""
    assert stated(Question("estimate", text=text, **fields)) == amount


def test_an_amount_makes_a_job_of_a_doubt() -> None:
    """Of questions that stay unclear, of those about need, and of hours that are sound."""
    guess = Question("cheapest", model="sdxl")
    unclear = Question(
        "unclear", text="generate 2 million sdxl images, how much?", guesses=(guess,)
    )
    assert meant(unclear)._replace(text="") == Question("estimate", model="sdxl", images=2e6)
    need = Question(
        "advise", topic="gpu-need", model="bge-m3", text="embed 1 million docs with bge-m3?"
    )
    assert (meant(need).intent, meant(need).documents) == ("estimate", 1e6)
    heard = Question(
        "budget", model="whisper", hours=5000.0, text="how long for 5000 hours of audio?"
    )
    assert (meant(heard).audio_hours, meant(heard).hours) == (5000.0, None)
    for other in (
        Question("advise", topic="billing", text="embed 1 million docs", workload="embeddings"),
        Question("watch", text="2 million images", model="sdxl"),
        Question("unclear", text="what about 72 hours", guesses=(guess,)),
        Question(
            "budget", budget_usd=500.0, text="embed 1 million docs for $500", workload="embeddings"
        ),
    ):
        assert meant(other) == other


@pytest.mark.parametrize(
    ("text", "fields", "found"),
    [
        ("500M tokens/month of deepseek v3", {}, {"tokens_per_month": 5e8}),
        ("10 milhões de tokens por dia", {}, {"tokens_per_month": 3e8}),
        ("mil tokens al mes", {}, {}),
        ("we pay $12k, about 2 billion tokens", {"api_bill": 12e3}, {"tokens_per_month": 2e9}),
        ("cost per million tokens", {"api_bill": 12e3}, {}),
        ("8k input and 1k output", {}, {"input_tokens": 8000.0, "output_tokens": 1000.0}),
        ("2000 tokens de entrada e 500 de saída", {"input_tokens": 2000.0}, {"output_tokens": 500.0}),
        ("prompts de 8.000 tokens e respostas de 500", {}, {"input_tokens": 8000.0, "output_tokens": 500.0}),
        ("contexto de entrada 4000 y salida 300", {}, {"input_tokens": 4000.0, "output_tokens": 300.0}),
        ("$2 in, $6 out per million on 8x h100 in europe", {}, {}),
        ("700 tokens/s on an H100 in 2026", {}, {}),
        ("8,192 in / 1,024 out", {}, {"input_tokens": 8192.0, "output_tokens": 1024.0}),
        ("our 500 in europe", {}, {}),
    ],
)  # fmt: skip
def test_volume_and_lengths_are_read_from_the_words(
    text: str, fields: dict[str, Any], found: dict[str, float]
) -> None:
    """And prices, places and speeds are none."""
    assert served(Question("token_cost", text=text, **fields)) == found
