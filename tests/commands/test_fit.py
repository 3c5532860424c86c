"""fit: yes or no with the sum, the smallest sets, and what they cost today."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.core.answer import Answer
from bot.render.terminal import plain
from knowledge.prices.offer import OfferFilter
from knowledge.prices.store import Store

Asked = Callable[..., Answer]


def test_the_parts_add_up(ask: Asked) -> None:
    """Weights, cache and overhead as shown make the total as shown."""
    facts = {fact.label: fact.value for fact in ask("fit llama 3 70b int4").facts}
    parts = [
        float(facts[name].split(" GB")[0])
        for name in ("Weights", "Cache", "Overhead, 10% by default")
    ]
    assert sum(parts) == pytest.approx(float(facts["Total"].split(" GB")[0]), abs=0.2)


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ("does mixtral 8x7b fit on 2x A100 40GB?", "No: "),
        ("does mixtral 8x7b fit on 4x A100 80GB?", "Yes: "),
        ("does llama-3.1-8b fit on a L4?", "Yes: "),
        ("qwen 2.5 72b cabe em 2 A100 de 80GB?", "Não: "),
        ("qwen 2.5 72b int4 cabe em 1 A100 de 80GB?", "Sim: "),
    ],
)
def test_a_named_card_gets_yes_or_no(ask: Asked, words: str, begins: str) -> None:
    """The verdict stands in the first word, and changes with the facts."""
    assert ask(words).headline.startswith(begins)


def test_how_many_is_answered_with_a_number(ask: Asked) -> None:
    """Whole nodes beyond eight, in the precision the maker publishes."""
    headline = ask("how many H100 for deepseek r1 inference").headline
    assert "in fp8" in headline
    assert "you need 16" in headline


def test_a_set_is_priced_by_machines_that_hold_it_whole(ask: Asked, store: Store) -> None:
    """One model needs its cards in one machine: the price is a real offer's, of at least that size."""
    answer = ask("fit mixtral 8x7b")
    assert answer.table is not None
    for row, offer in zip(answer.table.rows, answer.offers, strict=True):
        wanted = int(row.cells[0].split("x")[0])
        assert offer.count >= min(wanted, 8)
        assert offer in store.offers(
            OfferFilter(accelerators=(offer.accelerator or "",), billing="on-demand")
        )


def test_tuning_and_training_take_more(ask: Asked) -> None:
    """QLoRA, LoRA and full each in their GB; training counts the optimiser."""
    labels = [fact.label for fact in ask("gpus for fine tuning mistral 7b").facts]
    assert labels == ["QLoRA, 4 bits", "LoRA, 16 bits", "Full, before activations"]
    assert "130 GB" in plain(ask("what gpu do i need to train mistral 7b"))


def test_a_size_alone_is_enough_and_says_what_it_borrows(ask: Asked) -> None:
    """ "a 7b model" works; its cache is another model's, and that is said."""
    answer = ask("which gpu fits a 13b model")
    assert "reckoned with the shape" in " ".join(answer.lines)


def test_nothing_known_asks_back(ask: Asked) -> None:
    """Neither a name nor a size: examples as follow-ups that work."""
    answer = ask("fit")
    assert answer.tone == "caution"
    for item in answer.follow_ups:
        assert ask(item.question).facts
