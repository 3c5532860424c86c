"""Sizing: sums a reader can check by hand, and sets that never hide a shortfall."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import sizing
from knowledge.accelerators import specification, table
from knowledge.models import resolve

CARDS = [card for card in table() if card.memory_gb]


@pytest.mark.parametrize(
    ("slug", "precision", "weights_gb"),
    [
        # weights as published with the models or in the cited guide, GB
        ("llama-3.1-8b", "bf16", 16.1),
        ("llama-3-70b", "bf16", 141),
        ("llama-3-70b", "fp8", 70.6),
        ("llama-3-70b", "int4", 35.3),
        ("llama-3.1-405b", "bf16", 812),
        ("llama-3.1-405b", "fp8", 406),
        ("mixtral-8x7b", "bf16", 93.4),
        ("mixtral-8x22b", "bf16", 282),
        ("mistral-7b", "bf16", 14.5),
        ("qwen-2.5-72b", "bf16", 145.4),
        ("gemma-2-27b", "bf16", 54.5),
        ("deepseek-v3", "fp8", 671),
    ],
)
def test_weights_are_within_a_tenth_of_what_is_published(
    slug: str, precision: str, weights_gb: float
) -> None:
    """Parameters x bytes, for twelve models."""
    model = resolve(slug)
    assert model is not None
    need = sizing.inference(model, precision, 1, 1)
    assert need.weights_gb == pytest.approx(weights_gb, rel=0.1)


def test_the_cache_of_the_cited_example() -> None:
    """Llama 3.1 8B in bf16: 0.131 MB a token, 17.2 GB for 128 requests of 1,024 tokens."""
    model = resolve("llama-3.1-8b")
    assert model is not None
    assert sizing.cache_gb(model, 1, 1) == pytest.approx(0.000131, rel=0.01)
    assert sizing.cache_gb(model, 1024, 128) == pytest.approx(17.2, rel=0.01)


def test_decoding_is_bounded_by_bandwidth() -> None:
    """8B in bf16: about 15 tokens a second on an L4, about 167 on an H100 SXM."""
    model = resolve("llama-3.1-8b")
    assert model is not None
    for name, form, expected in (("L4", "PCIe", 15), ("H100", "SXM", 167)):
        card = specification(name, form_factor=form)
        assert card is not None
        assert sizing.decode_ceiling(model, "bf16", card, 1) == pytest.approx(expected, rel=0.05)


@given(st.floats(0.1, 5000), st.sampled_from(CARDS))
def test_a_set_always_holds_the_need(need: float, card: object) -> None:
    """Nine tenths of its memory is enough, and one step smaller would not be."""
    fit = sizing.smallest(need, card)  # type: ignore[arg-type]
    assert fit is not None
    assert fit.usable_gb >= need * 0.999999
    assert fit.count in (1, 2, 4, 8) or fit.count % 8 == 0


@given(st.floats(0.1, 2000), st.floats(0.1, 2000), st.sampled_from(CARDS))
def test_more_memory_needed_never_takes_a_smaller_set(a: float, b: float, card: object) -> None:
    """The count grows with the need."""
    small, large = sorted((a, b))
    assert sizing.smallest(small, card).count <= sizing.smallest(large, card).count  # type: ignore[arg-type,union-attr]
