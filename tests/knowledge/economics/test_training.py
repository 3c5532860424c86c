"""GPU-hours of training: whole runs that their makers published lie within the range."""

from __future__ import annotations

import pytest

from knowledge.economics import media, power, training
from knowledge.facts.accelerators import specification
from knowledge.sizing.models import Model

HUB = "https://huggingface.co"
PAPERS = "https://arxiv.org/abs"


@pytest.mark.parametrize(
    ("name", "params_b", "tokens", "card", "memory", "hours", "page", "year"),
    [
        ("Llama 2 7B", 6.74, 2e12, "A100", 80, 184_320, f"{PAPERS}/2307.09288", 2023),
        ("Llama 2 13B", 13.0, 2e12, "A100", 80, 368_640, f"{PAPERS}/2307.09288", 2023),
        ("Llama 2 70B", 69.0, 2e12, "A100", 80, 1_720_320, f"{PAPERS}/2307.09288", 2023),
        ("Llama 65B", 65.2, 1.4e12, "A100", 80, 1_022_362, f"{PAPERS}/2302.13971", 2023),
        ("Llama 33B", 32.5, 1.4e12, "A100", 80, 530_432, f"{PAPERS}/2302.13971", 2023),
        ("Llama 13B", 13.0, 1.0e12, "A100", 80, 135_168, f"{PAPERS}/2302.13971", 2023),
        ("Llama 7B", 6.7, 1.0e12, "A100", 80, 82_432, f"{PAPERS}/2302.13971", 2023),
        ("BLOOM 176B", 176.0, 366e9, "A100", 80, 1_082_990, f"{PAPERS}/2211.05100", 2022),
        ("Llama 3.1 70B", 70.6, 15e12, "H100", 80, 7_000_000, f"{HUB}/meta-llama/Llama-3.1-70B", 2024),
        ("Llama 3.1 405B", 405.0, 15.6e12, "H100", 80, 30_840_000, f"{HUB}/meta-llama/Llama-3.1-405B", 2024),
    ],
)  # fmt: skip
def test_published_runs_lie_within_the_range(
    name, params_b, tokens, card, memory, hours, page, year
) -> None:
    """Ten studies, each with its page and year: arithmetic with our shares holds their hours.

    Every figure was looked up again on 2026-11-29: LLaMA's table 15, Llama 2's table 2, BLOOM's
    section 3.4.1 and the model cards of Llama 3.1.
    """
    assert page.startswith("https://")
    assert year >= 2022
    model = Model(name, name, (), params_b, params_b, None, None, None, None, page)
    known = specification(card, memory)
    assert known is not None
    found = training.gpu_hours(model, tokens, "pretraining", known)
    assert found is not None
    assert found.fast <= hours <= found.slow


def test_a_measured_run_goes_before_arithmetic() -> None:
    """8 B in full on H100: 14,451 tokens a second a card, 19.2 hours for a billion tokens."""
    from knowledge.sizing.models import resolve

    model, card = resolve("llama-3.1-8b"), specification("H100", 80)
    assert model
    assert card
    found = training.gpu_hours(model, 1e9, "full", card)
    assert found is not None
    assert found.record is not None
    assert found.fast == pytest.approx(1e9 / (14_451 * 3600), rel=1e-3)
    assert found.slow == pytest.approx(6 * 8.03e9 * 1e9 / (989e12 * 0.25 * 3600), rel=2e-3)


def test_frozen_weights_take_two_thirds() -> None:
    """LoRA: 4 of 6 operations."""
    model = Model("x", "x", (), 10.0, 10.0, None, None, None, None, "")
    assert training.flops(model, 1e9, "lora") * 6 == training.flops(model, 1e9, "full") * 4


def test_more_tokens_never_take_less() -> None:
    """On every card with a known peak."""
    model = Model("x", "x", (), 10.0, 10.0, None, None, None, None, "")
    for name in ("A100", "H100", "H200", "B200", "MI300X", "L40S", "RTX4090"):
        card = specification(name)
        assert card is not None
        small, large = (training.gpu_hours(model, n, "lora", card) for n in (1e8, 1e9))
        assert small is not None
        assert large is not None
        assert small.fast <= small.slow
        assert small.fast < large.fast


def test_no_machine_transcribes_beyond_belief() -> None:
    """Read as clips, the figures would be tens of thousands of times real time a card."""
    for rate in media.speech():
        assert rate.per_hour / max(rate.count, 1) < 4_000
        assert rate.row.unit == "samples/s"


def test_energy_and_carbon_are_a_product() -> None:
    """8 x 700 W x 72 h; a country without an open figure is not known."""
    assert power.most_kwh(700, 8, 72) == pytest.approx(403.2)
    assert power.grid("FI") is not None
    assert power.grid(None) is None
    assert power.grid("XX") is None
