"""What tokens cost: sums a reader can do again from the rows, and rules that always hold."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.economics import apis, tokens
from knowledge.economics.throughput import (
    DEFAULT_USE,
    SCENARIOS,
    measured_sets,
    requests_at_once,
    rows,
    speed,
    speeds,
)
from knowledge.facts import bundled
from knowledge.facts.accelerators import Accelerator, specification, table
from knowledge.sizing.models import Model, resolve

# Model, card, its GB, how many, use, lengths asked; then the row that must answer, its tokens a
# second for that many cards, dollars an hour for all, use, and dollars per million output tokens:
# usd / (tokens a second x use x 3,600 s) x 1,000,000.
SUMS = [
    ("llama-3.1-8b", "H100", 80, 1, "chat", None, "5.1-0083", "5103.99 / 1 * 1", 3.99, 1.0, 0.2172),
    (
        "llama-3.1-8b",
        "H200",
        141,
        1,
        "chat",
        None,
        "6.1/closed/Naeem Khoshnevis/H200/llama3.1-8b/Server",
        "7376.6 / 1 * 1",
        5.4,
        1.0,
        0.2033,
    ),
    ("llama-3.1-8b", "L40S", 48, 1, "chat", None, "5.1-0082", "1207.14 / 1 * 1", 1.09, 1.0, 0.2508),
    (
        "llama-3.1-8b",
        "RTXPRO6000",
        96,
        8,
        "chat",
        None,
        "6.1/closed/Cisco/C845A_M8_RTXPro6000_96GBx8_TRT/llama3.1-8b/Server",
        "49174.7 / 8 * 8",
        14.8,
        0.3,
        0.2787,
    ),
    (
        "llama-3.1-8b",
        "H100",
        80,
        1,
        "batch",
        None,
        "5.1-0083",
        "5777.08 / 1 * 1",
        3.99,
        1.0,
        0.1919,
    ),
    (
        "llama-3.1-8b",
        "L40S",
        48,
        1,
        "batch",
        None,
        "5.1-0082",
        "1642.22 / 1 * 1",
        1.09,
        0.7,
        0.2634,
    ),
    (
        "llama-3.1-8b",
        "B200",
        180,
        8,
        "interactive",
        None,
        "6.0-0048",
        "126143 / 8 * 8",
        53.52,
        0.3,
        0.3929,
    ),
    (
        "llama-3.1-8b",
        "H200",
        141,
        1,
        "chat",
        (1000, 1000),
        "meta_llama_llama_3_1_8b_instruct_meta_llama_llama_3_1_8b_instruct_h200_sxm_sglang_agg_1000x1000_c352_tp1_epnone_9",
        "9398.7 / 1 * 1",
        5.4,
        0.3,
        0.532,
    ),
    (
        "llama-3.1-8b",
        "H200",
        141,
        1,
        "chat",
        (4000, 1000),
        "nvidia_llama_3_1_8b_instruct_fp8_nvidia_llama_3_1_8b_instruct_fp8_h200_sxm_vllm_agg_4000x1000_c128_tp1_epnone_10",
        "5796.3 / 1 * 1",
        5.4,
        0.3,
        0.8626,
    ),
    ("llama-3.1-8b", "H100", 80, 2, "chat", None, "5.1-0083", "5103.99 / 1 * 2", 6.0, 0.3, 0.5442),
    (
        "llama-3.3-70b",
        "H100",
        80,
        2,
        "chat",
        (1024, 1024),
        "2026_04_06_llama_3_1_70b_h100_sxm_vllm_fp8_agg_1024x1024_c64_tp2_ep1_648",
        "2195.8 / 2 * 2",
        7.98,
        1.0,
        1.0095,
    ),
    (
        "llama-3.3-70b",
        "H100",
        80,
        4,
        "chat",
        (8192, 1024),
        "2026_04_06_llama_3_1_70b_h100_sxm_vllm_fp8_agg_8192x1024_c32_tp4_ep1_750",
        "945.7 / 4 * 4",
        15.96,
        1.0,
        4.6879,
    ),
    (
        "llama-3.3-70b",
        "H200",
        141,
        1,
        "chat",
        (1024, 1024),
        "2026_04_06_llama_3_1_70b_h200_sxm_trtllm_fp8_agg_1024x1024_c128_tp1_ep1_763",
        "2740.1 / 1 * 1",
        5.4,
        1.0,
        0.5474,
    ),
    (
        "llama-3.3-70b",
        "H200",
        141,
        1,
        "chat",
        (8192, 1024),
        "2026_04_06_llama_3_1_70b_h200_sxm_trtllm_fp8_agg_8192x1024_c32_tp2_ep1_770",
        "883 / 2 * 1",
        5.4,
        1.0,
        3.3975,
    ),
    (
        "llama-3.1-70b",
        "H100",
        80,
        4,
        "chat",
        None,
        "2026_04_06_llama_3_1_70b_h100_sxm_vllm_fp8_agg_1024x1024_c64_tp2_ep1_648",
        "2195.8 / 2 * 4",
        7.96,
        0.3,
        1.6783,
    ),
    (
        "llama-3.1-70b",
        "B200",
        180,
        1,
        "chat",
        (1024, 8192),
        "2026_04_06_llama_3_1_70b_b200_sxm_trtllm_fp4_agg_1024x8192_c128_tp1_ep1_606",
        "3791.6 / 1 * 1",
        6.69,
        0.5,
        0.9802,
    ),
    (
        "llama-3.3-70b",
        "H200",
        141,
        8,
        "interactive",
        None,
        "2026_04_06_llama_3_1_70b_h200_sxm_trtllm_fp8_agg_1024x1024_c64_tp2_ep1_582",
        "3238 / 2 * 8",
        43.2,
        1.0,
        0.9265,
    ),
    (
        "llama-2-70b",
        "H200",
        141,
        8,
        "batch",
        None,
        "5.1-0075",
        "34812.1 / 8 * 8",
        43.2,
        0.7,
        0.4924,
    ),
    (
        "llama-3.1-405b",
        "H200",
        141,
        8,
        "chat",
        None,
        "5.1-0075",
        "295.36 / 8 * 8",
        43.2,
        0.3,
        135.428,
    ),
    (
        "llama-3.1-405b",
        "H200",
        141,
        8,
        "batch",
        None,
        "5.1-0079",
        "550.106 / 8 * 8",
        43.2,
        0.7,
        31.1628,
    ),
    (
        "llama-3.1-405b",
        "H100",
        80,
        16,
        "chat",
        None,
        "5.1-0015",
        "563.365 / 16 * 16",
        63.84,
        0.3,
        104.9251,
    ),
    (
        "mixtral-8x7b",
        "H200",
        141,
        8,
        "chat",
        None,
        "5.1-0007",
        "59992.8 / 8 * 8",
        43.2,
        0.3,
        0.6667,
    ),
    (
        "mixtral-8x7b",
        "MI300X",
        192,
        8,
        "batch",
        None,
        "5.1-0001",
        "53017.3 / 8 * 8",
        16.0,
        0.7,
        0.1198,
    ),
    (
        "deepseek-v3",
        "H200",
        141,
        8,
        "chat",
        None,
        "2026_03_25_deepseek_r1_h200_sxm_trtllm_fp8_agg_1024x1024_c32_tp8_0_ep8_0_1255",
        "1609 / 8 * 8",
        27.92,
        0.3,
        16.067,
    ),
    (
        "deepseek-r1",
        "B200",
        180,
        8,
        "chat",
        None,
        "6.1/closed/Nebius/B200-SXM-180GBx8_TRT/deepseek-r1/Server",
        "55869 / 8 * 8",
        53.52,
        0.3,
        0.887,
    ),
    (
        "gpt-oss-120b",
        "H200",
        141,
        1,
        "chat",
        None,
        "2026_04_06_gpt_oss_120b_h200_sxm_trtllm_fp4_agg_1024x1024_c64_tp1_ep1_370",
        "3100.2 / 1 * 1",
        5.4,
        0.3,
        1.6128,
    ),
    (
        "gpt-oss-120b",
        "B200",
        180,
        1,
        "chat",
        (8192, 1024),
        "2026_03_25_gpt_oss_120b_b200_sxm_trtllm_fp4_agg_8192x1024_c256_tp1_0_ep1_0_1001",
        "6961 / 1 * 1",
        6.69,
        1.0,
        0.267,
    ),
    (
        "gpt-oss-120b",
        "H100",
        80,
        2,
        "chat",
        (8192, 1024),
        "2026_04_06_gpt_oss_120b_h100_sxm_vllm_fp4_agg_8192x1024_c64_tp2_ep1_376",
        "2349.3 / 2 * 2",
        7.98,
        1.0,
        0.9435,
    ),
    (
        "gpt-oss-120b",
        "MI300X",
        192,
        8,
        "batch",
        None,
        "6.1/closed/MangoBoost/8xMI300X_2xEPYC_9534/gpt-oss-120b/Offline",
        "30198.4 / 8 * 8",
        16.0,
        0.7,
        0.2102,
    ),
    (
        "qwen-3-32b",
        "H100",
        80,
        2,
        "chat",
        None,
        "qwen3_32b_qwen3_32b_h100_sxm_vllm_agg_4000x1000_c_tp2_0_epnone_3",
        "4066.1 / 2 * 2",
        7.98,
        0.3,
        1.8172,
    ),
    (
        "minimax-m2.5",
        "H200",
        141,
        8,
        "chat",
        None,
        "2026_03_25_minimax_m2_5_h200_sxm_vllm_fp8_agg_1024x1024_c128_tp8_0_ep1_0_239",
        "5465.5 / 8 * 8",
        43.2,
        0.3,
        7.3186,
    ),
]


def _model(slug: str) -> Model:
    found = resolve(slug)
    assert found is not None, slug
    return found


def _card(name: str, memory: float | None = None) -> Accelerator:
    found = specification(name, memory)
    assert found is not None, name
    return found


def _raw() -> Iterator[dict[str, str]]:
    with (bundled.DATA / "throughput.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize(
    ("slug", "card", "memory", "count", "use", "lengths", "result", "sum_", "usd", "share", "cost"),
    SUMS,
    ids=[f"{row[0]}-{row[3]}x{row[1]}-{row[4]}-{row[5]}" for row in SUMS],
)
def test_an_answer_is_the_sum_over_its_row(
    slug, card, memory, count, use, lengths, result, sum_, usd, share, cost
) -> None:
    """Thirty answers and more, each done again from the numbers of the CSV file."""
    found = speed(_model(slug), _card(card, memory), count, use, None, lengths)
    assert found is not None
    assert found.row.result_id == result
    assert found.row.scenario in SCENARIOS[use]
    whole, machine, cards = (float(n) for n in sum_.replace("*", "/").split("/"))
    assert cards == count
    in_file = {
        (row["throughput"], row["count"], row["accelerator"])
        for row in _raw()
        if row["result_id"] == result and row["scenario"] == found.row.scenario
    }
    assert any(
        math.isclose(float(n), whole, rel_tol=1e-4) and float(c) == machine and name == card
        for n, c, name in in_file
    )
    by_hand = usd / (whole / machine * cards * share * 3600) * 1e6
    assert by_hand == pytest.approx(cost, abs=6e-5 + 1e-4 * cost)
    assert tokens.usd_per_million(usd, found.tokens_per_second, share) == pytest.approx(
        by_hand, rel=1e-4
    )


@pytest.mark.parametrize(
    ("ratio", "read", "written", "api", "source"),
    [
        # R x input + output, per 1 + R: prices of each host's list as read in November 2026
        (778 / 73, 0.02, 0.05, 0.263 / (1 + 778 / 73), "https://novita.ai/pricing"),
        (778 / 73, 0.05, 0.08, 0.613 / (1 + 778 / 73), "https://groq.com/pricing"),
        (1, 0.135, 0.40, 0.535 / 2, "https://novita.ai/pricing"),
        (1, 0.88, 0.88, 0.88, "https://www.together.ai/pricing"),
        (8, 0.15, 0.60, 1.80 / 9, "https://fireworks.ai/pricing"),
    ],
)
def test_an_api_is_reckoned_at_the_same_mix(ratio, read, written, api, source) -> None:
    """Never output price against a cost that has paid for the prompts."""
    assert source
    assert tokens.api_both_ways(read, written, ratio) == pytest.approx(api, rel=2e-3)


def test_server_and_offline_are_never_exchanged() -> None:
    """Whatever the model and cards, a use is answered by scenarios of its own."""
    for slug in ("llama-3.1-8b", "llama-3.1-405b", "mixtral-8x7b", "gpt-oss-120b", "qwen-2.5-72b"):
        for card in ("H100", "H200", "L40S", "MI300X", "B200", "A100"):
            for use, allowed in SCENARIOS.items():
                for one in speeds(_model(slug), _card(card), 8, use):
                    assert one.row.scenario in allowed
    assert not set(SCENARIOS["chat"]) & {"offline", "interactive"}
    assert not set(SCENARIOS["batch"]) & {"server", "interactive"}


def test_what_is_scaled_says_from_whom_and_by_what() -> None:
    """Mistral 7B on an A10: nobody measured either; the rule can be done again by hand."""
    one = speed(_model("mistral-7b"), _card("A10"), 1)
    assert one is not None
    assert not one.is_measured
    assert (one.row.model, one.row.accelerator, one.row.scenario) == (
        "llama-3.1-8b",
        "L40S",
        "server",
    )
    l40s, a10 = _card("L40S"), _card("A10")
    assert l40s.fp8_dense_tflops and a10.fp16_dense_tflops  # noqa: PT018
    assert l40s.memory_bandwidth_gbps and a10.memory_bandwidth_gbps  # noqa: PT018
    # An A10 has no FP8: 16 bits, two bytes where one was read.
    decode = a10.memory_bandwidth_gbps / l40s.memory_bandwidth_gbps / 2
    prefill = a10.fp16_dense_tflops / l40s.fp8_dense_tflops
    assert one.size_factor == pytest.approx(8.03 / _model("mistral-7b").active_params_b)
    assert one.card_factor == pytest.approx(min(decode, prefill))
    assert one.best_card_factor == pytest.approx(max(decode, prefill))
    assert one.tokens_per_second == pytest.approx(1207.14 * one.size_factor * min(decode, prefill))


@pytest.mark.parametrize(
    ("slug", "card"),
    [
        ("llama-3.1-8b", "TPU-v5e"),  # another vendor: other software
        ("smollm2-1.7b", "K80"),  # nothing near on both counts
        ("llama-3.1-8b", "Inferentia1"),
    ],
)
def test_too_far_is_not_measured(slug: str, card: str) -> None:
    """Never a silent guess: nothing is returned, and the answer says so."""
    model, known = resolve(slug), specification(card)
    if model is not None and known is not None:
        assert speed(model, known, 1) is None


def test_a_mixture_is_never_scaled_from_a_dense_model() -> None:
    """They differ in more than size."""
    mixtures = {"deepseek-r1", "deepseek-v3", "gpt-oss-120b", "kimi-k2.5", "glm-5", "minimax-m2.5",
                "mixtral-8x7b", "qwen-3-235b-a22b", "qwen-3.5-397b-a17b"}  # fmt: skip
    for slug in ("gemma-2-27b", "mistral-7b", "qwen-2.5-32b"):
        for one in speeds(_model(slug), _card("H100"), 1):
            assert one.row.model not in mixtures


def test_every_row_has_a_card_or_a_processor_and_a_page() -> None:
    """Nothing is on "some machine"."""
    known = {card.canonical for card in table()}
    for row in rows():
        assert (row.accelerator in known) != bool(row.cpu)
        assert row.source_url.startswith("https://")
        assert row.throughput > 0


def test_more_requests_than_the_memory_holds_are_counted() -> None:
    """70 B in FP8 on two H100: (144 - 77.7) over the cache of one request of 2,048 tokens."""
    model, card = _model("llama-3.3-70b"), _card("H100", 80)
    each = 163_840 * 2 * 2048 / 1e9 * 1.1
    left = 2 * 80 * 0.9 - 70.6 * 1.1
    assert requests_at_once(model, "fp8", card, 2, 2048) == math.floor(left / each)
    assert requests_at_once(model, "fp8", card, 1, 2048) == 0


def test_weights_released_in_four_bits_stay_so_on_any_card() -> None:
    """gpt-oss-120b fits one H100 though Hopper has no units for FP4."""
    held = requests_at_once(_model("gpt-oss-120b"), "mxfp4", _card("H100", 80), 1, 2048)
    assert held is not None
    assert held > 0


# -- rules that always hold --------------------------------------------------------------------

_RATES = st.floats(0.05, 200)
_SPEEDS = st.floats(1, 200_000)
_SHARES = st.floats(0.01, 1)
_RATIOS = st.floats(0, 50)


@given(_RATES, _SPEEDS, _SHARES, _SHARES)
def test_cost_falls_with_use(rate: float, tps: float, one: float, other: float) -> None:
    """The busier the card, the cheaper the token."""
    low, high = sorted((one, other))
    assert tokens.usd_per_million(rate, tps, high) <= tokens.usd_per_million(rate, tps, low)


@given(_RATES, _RATES, _SPEEDS, _SHARES, st.floats(1e5, 1e12))
def test_a_dearer_offer_is_never_cheaper_a_token(
    one: float, other: float, tps: float, share: float, volume: float
) -> None:
    """Per token and per month."""
    low, high = sorted((one, other))
    assert tokens.usd_per_million(low, tps, share) <= tokens.usd_per_million(high, tps, share)
    full = tokens.capacity(tps, 1.0, share)
    assert tokens.monthly_cost(volume, low, full) <= tokens.monthly_cost(volume, high, full)


@given(st.floats(1e6, 1e12), st.floats(1e6, 1e12), _RATES, st.floats(1e6, 1e11))
def test_more_volume_never_costs_less(one: float, other: float, rate: float, full: float) -> None:
    """Steps go up."""
    low, high = sorted((one, other))
    assert tokens.monthly_cost(low, rate, full) <= tokens.monthly_cost(high, rate, full)


@given(
    rate=st.floats(0.2, 60),
    tps=st.floats(100, 50_000),
    ratio=_RATIOS,
    share=_SHARES,
    api=st.floats(0.01, 20),
)
def test_break_even_is_what_brute_force_finds(
    rate: float, tps: float, ratio: float, share: float, api: float
) -> None:
    """Volume by volume, month by month: the first at which the rented set costs no more."""
    full = tokens.capacity(tps, ratio, share)
    formula = tokens.break_even(rate, full, api)
    step = full / 200
    first = next(
        (
            n * step
            for n in range(1, 1001)  # up to five full sets
            if tokens.monthly_cost(n * step, rate, full) <= n * step * api / 1e6 * (1 + 1e-9)
        ),
        None,
    )
    if formula is None:
        assert first is None
    else:
        assert first is not None
        assert formula * (1 - 1e-9) <= first <= formula + step


@given(_RATES, _SPEEDS, _RATIOS, _SHARES)
def test_the_month_and_the_million_agree(
    rate: float, tps: float, ratio: float, share: float
) -> None:
    """One full set for a month: its price over its tokens is the price of a million."""
    full = tokens.capacity(tps, ratio, share)
    by_month = tokens.monthly_cost(full, rate, full) / full * 1e6
    by_token = tokens.both_ways(tokens.usd_per_million(rate, tps, share), ratio)
    assert by_month == pytest.approx(by_token, rel=1e-6)


def test_duty_cycle_is_the_share_at_which_both_cost_the_same() -> None:
    """A pod at 2.00 a day round against 5.00 for busy hours only: 40 % of the day."""
    assert tokens.duty_cycle(2.0, 5.0) == pytest.approx(0.4)
    assert tokens.duty_cycle(5.0, 2.0) is None


def test_only_dated_list_prices_rank() -> None:
    """Retired, resold, batch, outlier and undated prices are in the file and never lead."""
    for slug in ("llama-3.3-70b", "llama-3.1-8b", "gpt-oss-120b", "deepseek-v3"):
        ranked = apis.hosts(slug, 1.0)
        assert ranked
        assert all(one.standing == "listed" and one.dated for one in ranked)
        costs = [apis.both_ways(one, 1.0) for one in ranked]
        assert costs == sorted(costs)
        assert len({one.provider for one in ranked}) == len(ranked)


def test_a_closed_model_is_known_by_its_name_alone() -> None:
    """And an open one is none."""
    gpt = apis.closed("gpt-4o")
    assert gpt is not None
    assert gpt.provider == "openai"
    assert apis.closed("llama-3.1-8b") is None
    assert apis.open_of_maker(gpt) == "gpt-oss-120b"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("self-host claude opus 4 on our own gpus, price per million tokens?", "claude-opus-4-0"),
        ("gpt-4o mini contra o llama 3 70b", "gpt-4o-mini"),
        ("¿y con Sonnet 4.6 de la API?", "claude-sonnet-4-6"),
        ("rodar o Gemini 2.5 Pro", "gemini-2.5-pro"),
        ("llama 3.1 8b on an L40S, v1 of our service", None),
        ("deepseek r1 on 8x h200", None),
    ],
)
def test_a_closed_model_is_found_in_a_text(text: str, name: str | None) -> None:
    """The longest name that stands there; words that name other things too are none."""
    found = apis.closed_in(text)
    assert (found.model_id if found else None) == name


def test_a_reseller_is_no_maker() -> None:
    """A cloud lists models of others beside its own: its open model is no relative of theirs."""
    for one in apis.prices():
        if one.provider == "google" and one.model_id.startswith("claude"):
            assert apis.open_of_maker(one) == apis.STAND_IN


def test_measured_sets_are_measured_for_that_use() -> None:
    """What is proposed without a card named rests on a row each."""
    model = _model("llama-3.1-8b")
    for use in DEFAULT_USE:
        for card, count in measured_sets(model, use):
            found = speed(model, card, count, use)
            assert found is not None
            assert found.is_measured
