"""Answers about cost per token and about jobs: figures that can be done again, and honest noes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.core.answer import Answer
from bot.core.desk import Asker
from bot.core.question import Question
from bot.render.chart import svg
from bot.render.columns import telling
from bot.render.terminal import plain
from bot.reply.reply import answer_question
from knowledge.economics import throughput
from knowledge.market.sets import age_of
from knowledge.prices.store import Store

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path: Path = tmp_path_factory.mktemp("prices") / "prices.db"
    opened = Store.open(path, NOW)
    yield opened
    opened.close()


def _ask(store: Store, intent: str = "token_cost", **fields: Any) -> Answer:
    return answer_question(Question(intent, **fields), Asker(), NOW, store)


def _numbers(figure: dict[str, Any], *names: str) -> list[float]:
    return [float(figure[name]) for name in names]


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "llama-3.3-70b", "accelerators": ("H100",), "count": 4},
        {"model": "llama-3.1-8b", "accelerators": ("L40S",)},
        {"model": "gpt-oss-120b"},
        {"model": "mistral-7b", "accelerators": ("RTX4090",), "utilisation": 0.4},
        {"model": "mixtral-8x7b", "accelerators": ("A100",), "memory_gb": 80.0, "count": 2},
        {"model": "llama-3.1-405b", "accelerators": ("H200",), "count": 8, "workload": "batch"},
    ],
)
def test_every_row_is_its_own_sum(store: Store, fields: dict[str, Any]) -> None:
    """Rate / (tokens a second x use x 3,600) x a million; the headline shows the first."""
    answer = _ask(store, **fields)
    assert answer.figures
    for figure in answer.figures:
        rate, tps, use, out, ratio, both = _numbers(
            figure, "usd_per_hour", "tokens_per_second", "utilisation", "usd_per_million_output",
            "input_per_output_token", "usd_per_million_tokens",
        )  # fmt: skip
        assert out == pytest.approx(rate * 1e6 / (tps * use * 3600), rel=1e-3)
        assert both == pytest.approx(out / (1 + ratio), rel=1e-3)
        assert figure["result_id"]
        assert str(figure["measurement_url"]).startswith("https://")


def test_what_is_not_measured_is_never_said_to_be(store: Store) -> None:
    """Nobody measured Mistral 7B on an RTX 4090."""
    answer = _ask(store, model="mistral-7b", accelerators=("RTX4090",))
    assert "not measured" in answer.headline
    assert any(line.startswith("Not measured: scaled from Llama 3.1 8B") for line in answer.lines)


def test_break_even_is_where_the_chart_marks_it(store: Store) -> None:
    """The crossing of both lines, in the picture and in the figures."""
    answer = _ask(store, model="gpt-oss-120b", api_price=2.0)
    assert answer.chart is not None
    assert answer.chart.mark is not None
    volume, cost, _ = answer.chart.mark
    month = float(answer.figures[0]["usd_per_hour"] or 0) * 730
    assert volume * 1e6 == pytest.approx(month / 2.0 * 1e6, rel=1e-3)
    assert cost == pytest.approx(month, rel=1e-3)
    assert "stroke-dasharray" in svg(answer.chart)
    assert "million tokens a month" in svg(answer.chart)


def test_an_own_measurement_is_taken_as_it_is(store: Store) -> None:
    """H100 at 2.50 with 700 tokens a second: 0.992."""
    answer = _ask(store, accelerators=("H100",), paid_price=2.5, tokens_per_second=700.0)
    assert answer.headline.startswith("$0.992 per million tokens")


def test_a_closed_model_gets_an_open_one_without_a_claim(store: Store) -> None:
    """GPT-4o cannot be rented."""
    answer = _ask(store, model="gpt-4o", tokens_per_month=1e9)
    assert any("cannot be rented" in line and "nothing is claimed" in line for line in answer.lines)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": "llama-3.1-8b", "tokens_per_month": 0.0}, "volume starts"),
        ({"model": "llama-3.1-8b", "tokens_per_month": 1e15}, "thousands of cards"),
        ({"model": "llama-3.1-8b", "utilisation": 1.5}, "at most at 100 %"),
        ({"model": "llama-3.1-8b", "accelerators": ("A100",), "precision": "fp8"}, "no units for FP8"),
        ({"model": "llama-3.3-70b", "accelerators": ("H100",), "count": 1, "precision": "fp8"}, "does not hold"),
        ({"model": "frobnicator"}, "I do not know the model"),
        ({"model": "llama-3.1-8b", "text": "on 1x h100 with a utilisation of 0%"}, "at most at 100 %"),
        ({"model": "llama-3.1-8b", "text": "com 150% de uso"}, "at most at 100 %"),
        ({"model": "llama-3.1-8b", "accelerators": ("H100",), "count": 100_000}, "100,000 cards are a sign"),
        ({"model": "llama-3.1-405b", "tokens_per_month": 9e13}, "would take"),
        ({"model": "llama-3.1-8b", "text": "llama 8b for 0 tokens a month"}, "volume starts"),
        ({"model": "llama-3.1-8b", "text": "necesito -5 millones de tokens al mes"}, "volume starts"),
        ({"model": "llama-3.1-8b", "text": "zero tokens por dia"}, "volume starts"),
    ],
)  # fmt: skip
def test_figures_that_cannot_be_meant_get_one_sentence(
    store: Store, fields: dict[str, Any], words: str
) -> None:
    """And something to click that would be answered."""
    answer = _ask(store, **fields)
    assert words in answer.headline
    assert answer.tone == "caution"
    assert answer.table is None
    assert answer.follow_ups


@pytest.mark.parametrize(
    "text", ["10 tokens/s", "$0.50 per million tokens", "1,000 tokens", "r1-0 and tokens"]
)
def test_a_figure_with_a_nought_is_no_empty_volume(store: Store, text: str) -> None:
    """ "$0.50 per million tokens" is a price."""
    assert _ask(store, model="llama-3.1-8b", text=text).figures


def test_load_beyond_memory_and_use_against_volume_are_said(store: Store) -> None:
    """Contradictions stand above the sum."""
    load = _ask(store, model="llama-3.3-70b", accelerators=("H100",), count=2, concurrency=100_000)
    assert any("at once, not 100,000" in line for line in load.lines)
    use = _ask(
        store, model="llama-3.1-8b", accelerators=("L40S",), count=1, utilisation=0.1,
        tokens_per_month=30e9,
    )  # fmt: skip
    assert any("do not go together" in line for line in use.lines)


@pytest.mark.parametrize("lang", ["en", "pt", "es"])
def test_it_is_told_in_three_languages_within_a_screen(store: Store, lang: Any) -> None:
    """No line is wider than the terminal, and no word is left in English."""
    answer = _ask(store, lang=lang, model="llama-3.3-70b", accelerators=("H100",), count=4)
    text = plain(answer)
    assert all(len(line) <= 80 for line in text.splitlines())
    if lang != "en":
        assert "Break-even" not in text
        assert "Not in it" not in text


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "llama-3.1-8b", "workload": "fine-tuning", "train_tokens": 1e9},
        {"model": "llama-3.3-70b", "workload": "fine-tuning", "train_tokens": 1e8, "epochs": 3.0},
        {"model": "7b", "workload": "training", "train_tokens": 1e11},
    ],
)
def test_a_job_is_hours_times_price(store: Store, fields: dict[str, Any]) -> None:
    """Both ends of the range."""
    answer = _ask(store, "estimate", **fields)
    assert answer.figures
    for figure in answer.figures:
        low, high, usd, first, last = _numbers(
            figure, "gpu_hours_low", "gpu_hours_high", "usd_per_gpu_hour", "usd_low", "usd_high"
        )
        assert low <= high
        assert first == pytest.approx(low * usd, rel=2e-3, abs=0.01)
        assert last == pytest.approx(high * usd, rel=2e-3, abs=0.01)


def test_a_job_for_a_laboratory_is_no_price_list(store: Store) -> None:
    """Thousands of cards are a sign, said before any sum."""
    answer = _ask(
        store, "estimate", model="llama-3.1-405b", workload="training", train_tokens=15e12
    )
    assert "over a thousand cards" in answer.headline
    assert answer.table is None


def test_a_job_without_an_amount_is_asked_back(store: Store) -> None:
    """Tokens, not hours."""
    answer = _ask(store, "estimate", model="13b", workload="fine-tuning")
    assert "how many tokens" in answer.headline
    assert answer.follow_ups


@pytest.mark.parametrize(
    "fields",
    [{"audio_hours": 10_000.0}, {"images": 1e6}, {"model": "bge-m3", "documents": 2e6}],
)
def test_speech_pictures_and_vectors_have_a_price(store: Store, fields: dict[str, Any]) -> None:
    """From measured rates, or a stand-in that is called one."""
    answer = _ask(store, "estimate", **fields)
    assert "$" in answer.headline
    assert answer.figures


def test_work_per_dollar_is_measured_before_it_is_reckoned(store: Store) -> None:
    """L40S is measured, L4 and A10 are scaled: the measured one leads."""
    answer = _ask(store, "compare", per_dollar="tokens", accelerators=("L4", "A10", "L40S"))
    assert answer.figures[0]["accelerator"] == "L40S"
    assert [figure["measured"] for figure in answer.figures] == ["yes", "no", "no"]
    training = _ask(store, "cheapest", per_dollar="performance", workload="training")
    assert "stand-in" in training.headline


def test_whoever_sells_the_api_need_not_rent_the_card(store: Store) -> None:
    """ "Together's API or an own L4"."""
    answer = _ask(store, model="llama-3.1-8b", accelerators=("L4",), providers=("together",))
    assert answer.table is not None
    assert answer.facts[0].label == "API: Together"


@pytest.mark.parametrize(
    ("intent", "fields"),
    [
        ("token_cost", {"model": "llama-3.1-8b", "workload": "fine-tuning", "train_tokens": 1e8}),
        ("fit", {"model": "3b", "workload": "training", "train_tokens": 6e10, "accelerators": ("A100",)}),
        ("cheapest", {"workload": "embeddings", "documents": 5e6}),
        ("estimate", {"model": "whisper-large-v3", "audio_hours": 20_000.0, "hours": 20_000.0}),
        ("token_cost", {"model": "llama-3.1-8b", "workload": "training"}),
    ],
)  # fmt: skip
def test_a_stated_amount_of_work_is_a_job_whatever_the_verb(
    store: Store, intent: str, fields: dict[str, Any]
) -> None:
    """Tokens to learn from have no price per served token, and sound is no time to rent for."""
    answer = _ask(store, intent, **fields)
    assert answer.question is not None
    assert answer.question.intent == "estimate"
    assert not any("usd_per_million_output" in figure for figure in answer.figures)


def test_a_machine_of_more_cards_than_asked_is_used_whole(store: Store) -> None:
    """Nobody rents 3 B200 alone: the sum takes the machine's cards, and says so."""
    answer = _ask(store, model="llama-3.3-70b", accelerators=("B200",), count=3)
    for figure in answer.figures:
        rate, tps, use, out = _numbers(
            figure, "usd_per_hour", "tokens_per_second", "utilisation", "usd_per_million_output"
        )
        assert out == pytest.approx(rate * 1e6 / (tps * use * 3600), rel=1e-3)
        assert int(figure["count"]) % 3 == 0
    exact = _ask(store, model="llama-3.3-70b", accelerators=("H100",), count=2)
    assert exact.figures[0]["count"] == 2


def test_weights_of_four_bits_need_no_more_cards_than_they_fill(store: Store) -> None:
    """65 GB as released: one H200 or one H100 with room for requests, not two."""
    answer = _ask(store, model="gpt-oss-120b", accelerators=("H200",))
    assert answer.figures[0]["count"] == 1


def test_the_api_that_is_compared_with_rents_nothing(store: Store) -> None:
    """ "Versus Together": cards from anybody, its API beside them; "on Together": its cards."""
    fields: dict[str, Any] = {
        "model": "llama-3.3-70b", "accelerators": ("H100",), "count": 2, "providers": ("together",),
    }  # fmt: skip
    against = _ask(store, text="70b on 2x h100 versus paying Together", **fields)
    assert {figure["provider"] for figure in against.figures} != {"together"}
    assert against.facts[0].label == "API: Together"
    there = _ask(store, text="70b on 2x h100 on together ai", **fields)
    assert {figure["provider"] for figure in there.figures} == {"together"}


def test_named_cards_are_compared_by_one_kind_of_measurement(store: Store) -> None:
    """Server figures stand beside Server figures, and no card is dropped for that."""
    answer = _ask(
        store, per_dollar="tokens", model="llama-3.3-70b",
        accelerators=("H200", "B200", "MI300X"), intent="compare",
    )  # fmt: skip
    assert {figure["accelerator"] for figure in answer.figures} == {"H200", "B200", "MI300X"}
    rows = {row.result_id: row for row in throughput.rows()}
    ways = {
        (*throughput.lengths(row), row.scenario if None in throughput.lengths(row) else "")
        for figure in answer.figures
        if (row := rows[str(figure["result_id"])])
    }
    assert len(ways) == 1


def test_lengths_that_nobody_measured_are_said(store: Store) -> None:
    """A price for long prompts from a measurement of short ones carries a caution."""
    answer = _ask(
        store, model="mixtral-8x7b", accelerators=("A100",), memory_gb=80.0, count=2,
        input_tokens=8000.0, output_tokens=500.0,
    )  # fmt: skip
    assert any("try yours" in line for line in answer.lines)
    half = _ask(store, model="llama-3.1-8b", accelerators=("L40S",), input_tokens=900.0)
    assert any("the one you did not state is our default" in line for line in half.lines)


def test_a_model_over_many_machines_is_no_sum(store: Store) -> None:
    """400 B on cards of 24 GB."""
    answer = _ask(store, model="400b", accelerators=("RTX4090",))
    assert "nobody measured one model over so many machines" in answer.headline
    assert answer.table is None


def test_a_model_without_a_size_has_its_apis(store: Store) -> None:
    """What is known is said."""
    answer = _ask(store, model="mistral-large-3")
    assert "not published" in answer.headline
    assert answer.facts


def test_serverless_or_pods_is_a_share_of_the_hours(store: Store) -> None:
    """Pod / (rate a second x 3,600): both sums cross there."""
    answer = _ask(store, text="serverless or pods on h100", accelerators=("H100",))
    limit = float(answer.figures[0]["break_even_duty_cycle"] or 0)
    assert 0 < limit < 1
    for figure in answer.figures:
        share, busy, pod = _numbers(
            figure, "duty_cycle", "serverless_usd_per_month", "pod_usd_per_month"
        )
        assert busy == pytest.approx(0.00116 * 3600 * share * 730, abs=0.01)
        assert (busy < pod) == (share < limit)
    asked = _ask(
        store, "advise", text="RunPod serverless or pods, 3 hours a day?", providers=("runpod",)
    )
    assert any(figure["duty_cycle"] == 0.125 for figure in asked.figures)
    unknown = _ask(store, text="serverless on a T4", accelerators=("T4",))
    assert unknown.tone == "caution"
    assert "No serverless rate" in unknown.headline


def test_cards_that_do_not_hold_a_job_are_said_and_replaced(store: Store) -> None:
    """70 B in full on one H100."""
    answer = _ask(
        store, "estimate", model="llama-3.3-70b", workload="fine-tuning", train_tokens=1e9,
        accelerators=("H100",), count=1, circumstances=("full-tuning",),
    )  # fmt: skip
    assert "does not hold it" in answer.lines[0]
    assert int(answer.figures[0]["count"] or 0) >= 24


def test_a_deadline_is_answered(store: Store) -> None:
    """As many cards as it takes also at the slower end."""
    answer = _ask(
        store, "fit", model="llama-3.1-8b", workload="fine-tuning", train_tokens=1e9, hours=6.0,
        accelerators=("H100",),
    )  # fmt: skip
    assert answer.lines[0].startswith("Within 6 h")
    figure = answer.figures[0]
    assert float(figure["gpu_hours_high"] or 0) / int(figure["count"] or 1) <= 6


def test_lora_that_was_asked_for_was_not_assumed(store: Store) -> None:
    """And in full is another question, which drops it."""
    fields: dict[str, Any] = {"model": "8b", "workload": "fine-tuning", "train_tokens": 5e8}
    asked = _ask(store, "estimate", circumstances=("lora",), **fields)
    assert not any("assumed" in line for line in asked.lines)
    assert "8B" in asked.headline
    assert any("assumed" in line for line in _ask(store, "estimate", **fields).lines)


def test_a_price_much_older_than_the_others_does_not_lead(store: Store) -> None:
    """However low: rows come by age first, then by cost."""
    for fields in (
        {"model": "llama-3.3-70b", "accelerators": ("H100",), "count": 4},
        {"model": "llama-3.1-8b"},
    ):
        answer = _ask(store, **fields)
        days = [offer.as_of for offer in answer.offers]
        newest = store.newest()
        assert newest is not None
        ages = [age_of(day, newest) for day in days]
        assert ages == sorted(ages)


def test_the_columns_that_a_narrow_reader_keeps_hold_the_price(store: Store) -> None:
    """Slack shows five, Teams six: the price of a million tokens, or of the job, is among them."""
    for question, wanted in (
        (Question("token_cost", model="llama-3.3-70b", accelerators=("H100",), count=4), "$/M out"),
        (Question("token_cost", model="llama-3.1-8b", tokens_per_month=1e9), "$/month"),
        (Question("estimate", model="llama-3.1-8b", workload="fine-tuning", train_tokens=1e9), "Total $"),
        (Question("estimate", audio_hours=1000.0), "Total $"),
        (Question("compare", model="llama-3.1-8b", per_dollar="tokens"), "a dollar"),
    ):  # fmt: skip
        table = answer_question(question, Asker(), NOW, store).table
        assert table is not None
        kept = telling(table.columns, table.rows, 5)
        assert wanted in [table.columns[at].title for at in kept]


def test_the_chart_is_read_in_round_numbers(store: Store) -> None:
    """Its last place is a round one, and it ends soon after the crossing."""
    answer = _ask(store, model="gpt-oss-120b", api_price=2.0)
    assert answer.chart is not None
    assert answer.chart.mark is not None
    last = float(str(answer.chart.series[0].points[-1][0]))
    assert last / 6 in (10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000)
    assert 2 * answer.chart.mark[0] <= last <= 6 * answer.chart.mark[0]
    assert len(answer.chart.series[0].points) <= 12


@pytest.mark.parametrize(
    ("model", "word"),
    [("flux-dev", "pictures"), ("whisper-large-v3", "hours of sound"), ("bge-m3", "into vectors")],
)
def test_what_writes_no_tokens_is_priced_by_what_it_makes(
    store: Store, model: str, word: str
) -> None:
    """No picture model is a language model of its size; and whose figures they are is said."""
    answer = _ask(store, model=model)
    assert word in answer.headline
    if model == "flux-dev":
        assert any("figures of Stable Diffusion XL" in line for line in answer.lines)


def test_what_is_scaled_is_no_faster_than_memory_allows(store: Store) -> None:
    """70 B in four bits on two cards of 24 GB: five requests fit, each step reads 35 GB."""
    answer = _ask(store, model="llama-3.3-70b", accelerators=("RTX4090",), count=2)
    tps, most = _numbers(answer.figures[0], "tokens_per_second", "tokens_per_second_at_most")
    assert tps == most < 300
    assert any("of those requests at once" in line for line in answer.lines)
    assert "not measured" in answer.headline


def test_a_neighbour_of_the_same_size_is_a_neighbour(store: Store) -> None:
    """As many active parameters are no measurement of this model."""
    answer = _ask(store, model="llama-4-maverick", accelerators=("H200",), count=8)
    assert "not measured" in answer.headline
    assert any(line.startswith("Not measured: scaled from") for line in answer.lines)
    mixture = _ask(store, model="mixtral-8x22b", accelerators=("A100",), memory_gb=80.0, count=8)
    assert mixture.figures[0]["measured_model"] == "mixtral-8x7b"


def test_an_api_is_known_by_its_name_in_the_words(store: Store) -> None:
    """Also one that rents nothing; and one without a price for the model is said to have none."""
    fields: dict[str, Any] = {"model": "llama-3.3-70b", "accelerators": ("H100",), "count": 2}
    named = _ask(store, text="2x h100 or Cloudflare for llama 3.3 70b?", **fields)
    assert named.figures[0]["api"] == "cloudflare"
    missing = _ask(store, text="until 2x h100 beats fireworks", **fields)
    assert any("No dated price of Fireworks" in line for line in missing.lines)


def test_a_bill_without_its_tokens_is_set_against_a_month_of_the_cards(store: Store) -> None:
    """More than the bill: whatever they serve; less: how many tokens is it?"""
    fields: dict[str, Any] = {"model": "llama-3.1-8b", "accelerators": ("H100",)}
    more = _ask(store, api_bill=3_000.0, count=8, **fields)
    assert "more than your $3,000" in more.headline
    less = _ask(store, api_bill=30_000.0, count=8, **fields)
    assert "less than your $30,000" in less.headline
    assert "How many" in less.headline


def test_a_method_in_the_words_is_the_method(store: Store) -> None:
    """Whatever the reading of another intent kept."""
    for text, method in (
        ("estimar ajuste fino QLoRA de qwen 2.5 32b", "qlora"),
        ("full fine-tune of qwen 2.5 32b", "full"),
        ("fine-tuning completo do qwen 2.5 32b", "full"),
        ("lora for qwen 2.5 32b", "lora"),
    ):
        answer = _ask(
            store, text=text, model="qwen-2.5-32b", workload="fine-tuning", train_tokens=3e7
        )
        assert answer.figures[0]["method"] == method, text


def test_nobody_waits_for_months_on_one_card(store: Store) -> None:
    """3 B on 60 billion tokens: 3,846 hours of one A100 at the slower end, so more of them."""
    answer = _ask(
        store,
        "estimate",
        model="3b",
        workload="training",
        train_tokens=6e10,
        accelerators=("A100",),
    )
    for figure in answer.figures:
        hours, count = _numbers(figure, "gpu_hours_high", "count")
        assert hours / count <= 720


def test_longer_requests_than_a_model_reads_are_said(store: Store) -> None:
    """Two million tokens of context."""
    answer = _ask(store, model="llama-3.3-70b", accelerators=("H200",), context_tokens=2_000_000)
    assert any("itself reads at most 131,072 tokens" in line for line in answer.lines)
