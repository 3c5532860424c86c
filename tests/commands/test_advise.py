"""advise: a verdict first, figures from the store, and another verdict for other facts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import NOW
from offers import offer

from bot.advice.evidence import every_variant
from bot.core.answer import Answer
from bot.core.desk import Asker, Desk
from bot.core.question import Question
from bot.core.wording import wording
from bot.reply.reply import answer_question
from bot.understanding.understand import understand
from knowledge.market import best_prices, median, percentile
from knowledge.prices.store import Store
from knowledge.sizing.owning import Inputs, usd_per_useful_hour

Asked = Callable[..., Answer]


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ("do we really need gpus for nightly embeddings?", "Probably no GPU"),
        ("can we just run xgboost on cpu", "No GPU needed"),
        ("do i need an a100 for a jupyter notebook", "No GPU to begin with"),
        ("do we need a gpu to batch score with a 3b model?", "Perhaps no GPU"),
        ("do we need gpus for pretraining?", "Yes, this work does call for GPUs"),
        ("preciso mesmo de GPU pra embeddings?", "Provavelmente sem GPU"),
        ("should we use spot for training?", "Yes, if the job saves"),
        ("should we use spot for inference?", "No: spot can be taken away"),
        ("is it worth reserving H100s for a year", "On demand: the best commitment"),
        ("is it worth reserving L4 for 3 years at 95 % use", "Reserve: at 95%"),
        ("is it worth reserving L4 for 3 years at 20 % use", "Stay on demand: at 20%"),
        ("microcloud or hyperscaler for a 6 month training run?", "A GPU cloud"),
        ("are neoclouds safe for production inference?", "A GPU cloud is"),
        ("are marketplaces risky for fine-tuning?", "Yes, if the job saves checkpoints"),
        ("should we buy our own cards or keep renting", "Buying may pay"),
        ("should we buy our own cards or keep renting, at 20 % use", "Rent: "),
        ("estamos pagando caro em A100 a US$ 9,20 na GCP?", "Caro para o mercado"),
        ("is $1.90 for h100 a fair price?", "Good price"),
    ],
)
def test_the_verdict_follows_the_facts(ask: Asked, words: str, begins: str) -> None:
    """The first words decide, and other facts decide otherwise."""
    assert ask(words).headline.startswith(begins)


def test_a_quote_is_placed_among_providers_each_counted_once(ask: Asked, store: Store) -> None:
    """Share and median are those of the providers' best like offers."""
    words = "are we overpaying for h100 at $4.10 on azure?"
    desk = Desk(store=store, now=NOW, say=wording("en"))
    sxm = [
        best
        for best in every_variant(understand(words), desk)
        if (best.offer.memory_gb, best.offer.form_factor) == (80, "SXM")
    ]
    prices = best_prices(sxm)
    facts = {fact.label: fact.value for fact in ask(words).facts}
    found = facts["H100 80 GB SXM, on demand"]
    assert found.startswith(
        f"{round(percentile(4.1, prices.values()) * len(prices))} of {len(prices)} providers"
    )
    assert f"median ${median(list(prices.values())):.2f}" in found
    assert len(ask(words).offers) == 3


def test_unlike_variants_are_told_apart_in_a_quote(ask: Asked) -> None:
    """PCIe and SXM each have their row; a stated form factor decides alone."""
    facts = {fact.label for fact in ask("are we overpaying for h100 at $4.10 on azure?").facts}
    assert {"H100 80 GB SXM, on demand", "H100 80 GB PCIe"} <= facts
    answer = ask("is $2.60 a fair price for h100 pcie?")
    assert all(offer.form_factor == "PCIe" for offer in answer.offers)


def test_the_lowest_price_stands_at_zero() -> None:
    """Nobody is cheaper than the cheapest."""
    assert percentile(1.0, [1.0, 2.0, 3.0]) == 0
    assert percentile(9.0, [1.0, 2.0, 3.0]) == 1


def test_too_little_evidence_is_said(ask: Asked) -> None:
    """No verdict over a handful of prices."""
    assert "Too little evidence" in ask("is $2 fair for gaudi2?").headline


def test_the_gap_is_over_the_same_form_factor(ask: Asked, store: Store) -> None:
    """SXM against SXM, and the figure in the headline is that of the two offers."""
    answer = ask("is it worth leaving aws for a microcloud for h100 sxm?")
    micro, hyper = answer.offers
    assert (micro.form_factor, hyper.form_factor) == ("SXM", "SXM")
    gap = 1 - micro.price_usd_per_gpu_hour / hyper.price_usd_per_gpu_hour  # type: ignore[operator]
    assert f"{gap * 100:.0f}%" in answer.headline


def test_a_closed_gap_flips_the_verdict(ask: Asked, store: Store) -> None:
    """Where the cheapest GPU cloud is no cheaper, the advice is to stay."""
    words = "should we leave aws for a microcloud for b300?"
    pair = [
        offer(provider="aws", accelerator="B300", memory_gb=270, price_usd_per_hour=40),
        offer(
            provider="nebius",
            accelerator="B300",
            memory_gb=270,
            price_usd_per_hour=39,
            instance_type="n",
        ),
    ]
    store.replace("feed", pair, NOW)
    for best in (
        "verda",
        "runpod",
        "together",
        "lambda",
        "coreweave",
        "digitalocean",
        "spheron",
        "gmicloud",
    ):
        store.replace(
            f"own-{best}",
            [
                offer(
                    provider=best,
                    accelerator="B300",
                    memory_gb=270,
                    price_usd_per_hour=80,
                    source=f"own-{best}",
                )
            ],
            NOW,
        )
    assert ask(words).headline.startswith("Stay with a hyperscaler")


def test_owning_costs_less_the_more_it_is_used() -> None:
    """More use, more years or cheaper power never make an owned hour dearer."""
    plain = Inputs()
    assert usd_per_useful_hour(plain._replace(use=0.9)) < usd_per_useful_hour(plain)
    assert usd_per_useful_hour(plain._replace(years=4)) < usd_per_useful_hour(plain)
    assert usd_per_useful_hour(plain._replace(kwh_usd=0.2)) > usd_per_useful_hour(plain)


def test_the_worked_example_of_owning() -> None:
    """325,000 USD, 30 % residual, 3 years, 10.2 kW: 1.7 at full use before staff, 2.4 at 70 %."""
    assert usd_per_useful_hour(Inputs(use=1.0)) == pytest.approx(1.7, abs=0.05)
    assert usd_per_useful_hour(Inputs(use=0.7)) == pytest.approx(2.4, abs=0.06)


def test_what_is_not_clear_is_asked_back(ask: Asked) -> None:
    """With questions that lead somewhere."""
    answer = ask("advise")
    assert answer.tone == "caution"
    assert all(ask(item.question).tone == "plain" for item in answer.follow_ups)


def test_an_alternative_to_a_provider_is_the_same_card_elsewhere(store: Store) -> None:
    """Not another vendor's card."""
    question = Question(
        "advise", topic="alternatives", accelerators=("H100",), providers=("azure",), count=8
    )
    answer = answer_question(question, Asker(), NOW, store)
    assert answer.offers
    assert {one.accelerator for one in answer.offers} == {"H100"}
    assert "azure" not in {one.provider for one in answer.offers}
