"""A Question put back into words: nothing it states is lost, in any language."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.command import BY_NAME
from bot.core.phrase import order, phrase, read_as
from bot.core.question import Question, Schedule
from bot.language import LANGS, Lang, pack
from bot.understanding.understand import understand

H100 = Question("cheapest", accelerators=("H100",))
SILENT = {
    "intent", "lang", "text", "confidence", "notes", "unused", "topic", "guesses", "earlier",
}  # fmt: skip
"""What is no part of what was asked, or names the sentence itself."""
VALUES: dict[str, Any] = {
    "accelerators": ("A100",), "memory_gb": 80, "count": 8, "region": "eu", "billing": "spot",
    "providers": ("aws",), "exclude_providers": ("aws",), "tier": "microcloud", "max_price": 2.5,
    "hours": 72, "budget_usd": 5000, "model": "llama-3-70b", "workload": "inference",
    "schedule": Schedule("monday", "09:00", "Europe/Madrid"), "threshold": 2.0, "period_days": 90,
    "form_factor": "SXM", "precision": "fp8", "cache_precision": "fp8", "paid_price": 4.1, "context_tokens": 8192,
    "concurrency": 20, "limit": 5, "exclude_tiers": ("marketplace",), "exclude_billing": ("spot",),
    "exclude_regions": ("us",), "regions": ("de", "fr"), "unknown": ("H950",), "variants": (40.0, 80.0),
    "currency": "EUR", "amount": 5000, "gpu_hours": 57_600, "nodes": 4, "interconnect": "infiniband",
    "tokens_per_month": 1e7, "own": ("RTX4090",), "instance_types": ("p5.48xlarge",), "utilisation": 0.6,
    "years": 3, "kwh_price": 0.12, "percent": 10, "every": "weekly", "action": "pause",
    "urgency": "urgent", "egress_tb": 30, "compliance": ("HIPAA",), "data_sensitivity": "personal",
    "circumstances": ("residency",), "capex_usd": 300_000, "rules": ("spot-unfit",),
    "tokens_per_second": 2400, "input_tokens": 2000, "output_tokens": 300, "api_price": 0.6, "api_bill": 9400,
    "train_tokens": 1e9, "epochs": 3, "documents": 500_000, "audio_hours": 40, "images": 10_000,
    "per_dollar": "tokens", "numbers": (7, 9), "everything": True, "remind": True, "rising": True, "days": 5,
    "month_day": 15, "any_region": True, "any_provider": True,
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("field", sorted(VALUES))
def test_nothing_that_a_question_states_is_lost(field: str, lang: Lang) -> None:
    """Each field, stated alone beside a card, changes the sentence and the line "Read as"."""
    stated = H100._replace(**{field: VALUES[field]})
    if field == "amount":
        stated = stated._replace(currency="BRL")
    assert phrase(stated, lang) != phrase(H100, lang)
    assert read_as(stated, lang) != read_as(H100, lang)
    assert "{" not in phrase(stated, lang) + read_as(stated, lang)


def test_every_field_that_is_asked_for_has_a_sample() -> None:
    """A new field of Question comes here, and into the packs, or it is never said back."""
    known = {*VALUES, *SILENT, "direction"}
    assert set(Question._fields) == known


ORDERS = (
    Question("unwatch", numbers=(7, 9)),
    Question("unwatch", everything=True),
    Question("digest_stop", numbers=(3,)),
    Question("digest_stop", everything=True),
    Question("watch", action="snooze", numbers=(3,), days=7),
    Question("watch", accelerators=("H100",), threshold=2.0, direction="below", remind=True),
    Question("watch", accelerators=("H100",), percent=10, rising=True, days=7),
    Question("watch", accelerators=("H100",), percent=10, days=3),
    Question("digest", accelerators=("H100",), every="monthly", month_day=15),
    Question("digest", action="pause", numbers=(2,), days=5),
    Question("digest", action="change", numbers=(2,), any_region=True),
    Question("digest", action="change", numbers=(2,), any_provider=True),
)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("asked", ORDERS, ids=lambda asked: phrase(asked, "en"))
def test_an_order_in_words_is_read_as_the_same_order(asked: Question, lang: Lang) -> None:
    """Which order, how far and for how long: a button does to what stands only what it says."""
    words = phrase(asked, lang)
    read = understand(words)
    assert (read.intent, phrase(read, lang)) == (asked.intent, words)
    assert read_as(read, lang) == read_as(asked, lang)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_command_has_its_words(name: str, lang: Lang) -> None:
    """Its words and example, the sentence of a question of its kind, and its label."""
    held = pack(lang)
    assert held["commands"][name]["examples"]
    assert held["phrase"]["intents"][name]
    spoken = name in held["phrase"]["sentences"]
    assert spoken or not BY_NAME[name].listed
    assert phrase(Question(name, accelerators=("H100",), model="llama-3-70b"), lang)


def test_sentences_read_as_people_speak() -> None:
    """A few whole ones, as a buyer in Madrid or São Paulo would type them."""
    asked = Question(
        "cheapest", accelerators=("H100",), count=8, region="eu", billing="reserved", hours=8760
    )
    assert phrase(asked, "en") == "cheapest 8x H100 in Europe reserved for 1 year"
    assert phrase(asked, "pt") == "8x H100 mais baratas na Europa reservadas por 1 ano"
    assert phrase(asked, "es") == "8 H100 más baratas en Europa reservadas durante 1 año"
    assert (
        read_as(asked, "es") == "Entendido como: más barata · 8 H100 · Europa · reservadas · 1 año"
    )
    assert order("unwatch", "es", number=3) == "quitar alerta #3"
