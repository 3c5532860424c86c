"""What a buyer reads: sums in GPU-hours, who is left out or ranked last, and what a figure is of."""

from __future__ import annotations

import pytest
from conftest import NOW

from bot.core.answer import Answer
from bot.core.desk import TERMINAL
from bot.core.question import Question
from bot.reply.reply import answer_question
from knowledge.prices.store import Store

H100 = Question("cheapest", accelerators=("H100",))


def _ask(store: Store, question: Question) -> Answer:
    return answer_question(question, TERMINAL, NOW, store)


def test_a_sum_without_a_count_buys_gpu_hours_and_a_fleet(store: Store) -> None:
    """Not years of one card."""
    asked = Question("budget", accelerators=("H100",), budget_usd=250_000.0)
    answer = _ask(store, asked)
    price = answer.offers[0].price_usd_per_hour / answer.offers[0].count
    assert f"{int(250_000 / price):,} GPU-hours" in answer.headline
    assert "around the clock" in answer.headline


def test_gpu_hours_of_one_number_are_no_years_of_one_card(store: Store) -> None:
    """200,000 GPU-hours are 274 cards for a month."""
    asked = Question("estimate", accelerators=("A100",), memory_gb=80, gpu_hours=200_000.0)
    answer = _ask(store, asked)
    assert answer.headline.startswith("200,000 GPU-hours of A100 80 GB")
    assert any("274 GPUs" in line for line in answer.lines)


def test_who_is_ranked_last_for_an_unknown_fabric_is_named_with_its_price(store: Store) -> None:
    asked = Question("estimate", accelerators=("H100",), form_factor="SXM", count=32, hours=730.0)
    lines = [line for line in _ask(store, asked).lines if "what joins their machines" in line]
    assert lines
    assert "$" in lines[0]


def test_a_slice_that_nobody_lists_is_called_one(store: Store) -> None:
    """No whole card is offered for it without a word."""
    answer = _ask(store, H100._replace(memory_gb=10))
    assert answer.offers == ()
    assert any("MIG" in line for line in answer.lines)


@pytest.mark.parametrize(
    ("model", "fits"), [("llama-3.1-8b", False), ("mistral-7b", False), ("gemma-2-2b", True)]
)
def test_a_card_of_ones_own_is_tested_before_anything_is_rented(
    store: Store, model: str, fits: bool
) -> None:
    """Where it holds the model, nothing is offered for rent."""
    asked = Question("fit", model=model, own=("RTX3060",), memory_gb=12)
    answer = _ask(store, asked)
    assert answer.headline.startswith("Yes") == fits
    assert bool(answer.offers) != fits


def test_a_law_is_told_and_a_report_narrows(store: Store) -> None:
    """HIPAA leaves sellers out; LGPD is the buyer's to keep."""
    answer = _ask(store, H100._replace(compliance=("HIPAA", "LGPD")))
    assert any("HIPAA" in line and "left out" in line for line in answer.lines)
    assert any(line.startswith("LGPD: a law") for line in answer.lines)


def test_a_purchase_sum_says_of_which_card_it_is(store: Store) -> None:
    """A node of H200 has no purchase price here."""
    answer = _ask(store, Question("advise", topic="buy", accelerators=("H200",), count=16))
    assert answer.lines[0].startswith("The sum is of H100")


def test_a_seller_stands_once_where_its_form_is_known(store: Store) -> None:
    """A tracker's row without a form repeats the seller's own."""
    asked = Question("compare", accelerators=("H200",), providers=("aws", "coreweave"))
    table = _ask(store, asked).table
    assert table is not None
    names = [(row.cells[0], row.cells[1]) for row in table.rows]
    assert len(names) == len({provider for provider, _ in names})
