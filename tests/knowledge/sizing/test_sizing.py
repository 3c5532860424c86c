"""Sizing: sums a reader can check by hand, and sets that never hide a shortfall."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.facts.accelerators import Accelerator, specification, table
from knowledge.sizing import model_memory
from knowledge.sizing.models import resolve

CARDS = [card for card in table() if card.memory_gb]


GUIDE = "https://github.com/stas00/ml-engineering/blob/master/inference/README.md"
HUB = "https://huggingface.co"


@pytest.mark.parametrize(
    ("slug", "precision", "weights_gb", "page"),
    [
        # GB of weights: parameters x bytes as the guide works them out, or the checkpoint's own
        ("llama-3.1-8b", "bf16", 16.1, f"{HUB}/meta-llama/Llama-3.1-8B-Instruct"),
        ("llama-3-70b", "bf16", 141, GUIDE),
        ("llama-3-70b", "fp8", 71, GUIDE),
        ("llama-3-70b", "int4", 35, GUIDE),
        ("llama-3.1-405b", "bf16", 812, f"{HUB}/meta-llama/Llama-3.1-405B-Instruct"),
        ("mixtral-8x7b", "bf16", 93.4, f"{HUB}/mistralai/Mixtral-8x7B-Instruct-v0.1"),
        ("mixtral-8x22b", "bf16", 282, f"{HUB}/mistralai/Mixtral-8x22B-Instruct-v0.1"),
        ("mistral-7b", "bf16", 14.5, f"{HUB}/mistralai/Mistral-7B-Instruct-v0.3"),
        ("qwen-2.5-72b", "bf16", 145.4, f"{HUB}/Qwen/Qwen2.5-72B"),
        ("gemma-2-27b", "bf16", 54.5, f"{HUB}/google/gemma-2-27b-it"),
        ("phi-4", "bf16", 29.3, f"{HUB}/microsoft/phi-4"),
        ("deepseek-v3", "fp8", 671, f"{HUB}/deepseek-ai/DeepSeek-V3"),
        ("whisper-large-v3", "fp16", 3.09, f"{HUB}/openai/whisper-large-v3"),
        ("bert-base", "fp16", 0.22, f"{HUB}/google-bert/bert-base-uncased"),
    ],
)
def test_weights_are_within_a_tenth_of_what_is_published(
    slug: str, precision: str, weights_gb: float, page: str
) -> None:
    """Parameters x bytes, for twelve models and more, each beside the page that says so."""
    assert page.startswith("https://")
    model = resolve(slug)
    assert model is not None
    need = model_memory.inference(model, precision, 1, 1)
    assert need.weights_gb == pytest.approx(weights_gb, rel=0.1)


@pytest.mark.parametrize(
    ("params_b", "method", "published_gb"),
    [
        # the table of a tuning tool, https://gist.github.com/bigsnarfdude/50319bbab6c19fced1584f06d0d3e63f
        (7, "LoRA", 16),
        (13, "LoRA", 32),
        (30, "LoRA", 80),
        (65, "LoRA", 160),
        (7, "QLoRA", 6),
        (13, "QLoRA", 12),
        (30, "QLoRA", 24),
        (65, "QLoRA", 48),
    ],
)
def test_tuning_stays_near_the_published_table(
    params_b: float, method: str, published_gb: float
) -> None:
    """One figure a billion parameters stands for the published range, within a fifth."""
    assert model_memory.tuning(params_b)[method] == pytest.approx(published_gb, rel=0.2)


def test_a_whole_sum_worked_by_hand() -> None:
    """Llama 3 70B in bf16 with 8,192 tokens: 141.2 + 2.7, a tenth on top, 158 GB."""
    model = resolve("llama-3-70b")
    assert model is not None
    need = model_memory.inference(model, "bf16", 8192, 1)
    assert (need.weights_gb, need.cache_gb) == (
        pytest.approx(141.2),
        pytest.approx(2.684, abs=0.01),
    )
    assert need.total_gb == pytest.approx(158.3, abs=0.1)
    for name, memory, count in (
        ("B300", 270, 1),
        ("H200", 141, 2),
        ("A100", 80, 4),
        ("H100", 80, 4),
    ):
        card = specification(name, memory)
        assert card is not None
        fit = model_memory.smallest(need, card)
        assert fit is not None
        assert fit.count == count


def test_gradients_cross_the_link_as_the_guide_says() -> None:
    """2 B parameters in fp32 over NVLink's 450 GB/s: about 0.035 s a step for many cards."""
    assert model_memory.sync_seconds(2, "fp32", 1_000_000, 450) == pytest.approx(0.0356, rel=0.02)


def test_a_cache_that_cannot_be_spread_is_counted_again() -> None:
    """Two cache heads over eight cards: four copies, so no shortfall is hidden."""
    need = model_memory.Need(10, 4, 1.4, kv_heads=2)
    assert need.over(2) == need.total_gb
    assert need.over(8) == pytest.approx(10 * 1.1 + 4 * 4 * 1.1)
    assert need.over(16) == need.over(8)


@given(
    st.floats(0.1, 800),
    st.floats(0, 100),
    st.floats(0, 100),
    st.integers(1, 16),
    st.sampled_from(CARDS),
)
def test_a_larger_cache_never_takes_a_smaller_set(
    weights: float, a: float, b: float, heads: int, card: Accelerator
) -> None:
    """Whatever the heads; no set at all counts as the largest."""
    small, large = sorted((a, b))

    def count(cache: float) -> float:
        fit = model_memory.smallest(
            model_memory.Need(weights, cache, (weights + cache) * 0.1, heads), card
        )
        return fit.count if fit else float("inf")

    assert count(small) <= count(large)


def test_the_cache_of_the_cited_example() -> None:
    """Llama 3.1 8B in bf16: 0.131 MB a token, 17.2 GB for 128 requests of 1,024 tokens."""
    model = resolve("llama-3.1-8b")
    assert model is not None
    assert model_memory.cache_gb(model, 1, 1) == pytest.approx(0.000131, rel=0.01)
    assert model_memory.cache_gb(model, 1024, 128) == pytest.approx(17.2, rel=0.01)


def test_decoding_is_bounded_by_bandwidth() -> None:
    """8B in bf16: about 15 tokens a second on an L4, about 167 on an H100 SXM."""
    model = resolve("llama-3.1-8b")
    assert model is not None
    for name, form, expected in (("L4", "PCIe", 15), ("H100", "SXM", 167)):
        card = specification(name, form_factor=form)
        assert card is not None
        assert model_memory.decode_ceiling(model, "bf16", card, 1) == pytest.approx(
            expected, rel=0.05
        )


@given(st.floats(0.1, 5000), st.sampled_from(CARDS))
def test_a_set_always_holds_the_need(need: float, card: object) -> None:
    """Nine tenths of its memory is enough, and one step smaller would not be."""
    fit = model_memory.smallest(need, card)  # type: ignore[arg-type]
    assert fit is not None
    assert fit.usable_gb >= need * 0.999999
    assert fit.count in (1, 2, 4, 8) or fit.count % 8 == 0


@given(st.floats(0.1, 2000), st.floats(0.1, 2000), st.sampled_from(CARDS))
def test_more_memory_needed_never_takes_a_smaller_set(a: float, b: float, card: object) -> None:
    """The count grows with the need."""
    small, large = sorted((a, b))
    assert model_memory.smallest(small, card).count <= model_memory.smallest(large, card).count  # type: ignore[arg-type,union-attr]
