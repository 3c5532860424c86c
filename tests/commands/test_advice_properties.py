"""What must hold of advice for any facts: monotone sums, verdicts that flip where they should."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import NOW
from golden_market import fresh, market, small_store
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offers import offer

from bot.advice.billing import Pair
from bot.answers.sets import priced_sets
from bot.core.answer import Answer
from bot.core.desk import Asker, Desk
from bot.core.question import Question
from bot.core.wording import wording
from bot.reply.reply import answer_question, reply
from knowledge.advice.rules import load
from knowledge.facts.providers import tier_of
from knowledge.market import percentile, tier_pair
from knowledge.prices.offer import Best
from knowledge.prices.store import Store
from knowledge.sizing.owning import Inputs, span, usd_per_useful_hour

PRICES = st.floats(0.05, 50, allow_nan=False)
CARDS = ("H100", "A100", "L4", "T4", "L40S", "MI300X", "H200", "Gaudi2")
STORE_TOO = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
"""A store is asked, so an example costs milliseconds; it is never written where it is shared."""


@pytest.fixture(scope="module")
def shared(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The golden market, read only."""
    store = small_store(seeded, tmp_path_factory.mktemp("properties"))
    yield store
    store.close()


@given(st.lists(PRICES, min_size=1, max_size=40))
def test_nobody_is_cheaper_than_the_lowest(prices: list[float]) -> None:
    """The percentile of the lowest price is 0, and no share leaves 0..1."""
    assert percentile(min(prices), prices) == 0
    assert 0 <= percentile(max(prices), prices) < 1


@given(st.lists(PRICES, min_size=1, max_size=40), PRICES, PRICES)
def test_a_dearer_quote_never_ranks_better(prices: list[float], a: float, b: float) -> None:
    """The share of providers that ask less grows with the price."""
    assert percentile(min(a, b), prices) <= percentile(max(a, b), prices)


@given(st.floats(0.05, 1), st.floats(0.05, 1), st.floats(1, 8), st.floats(0.02, 0.6))
def test_owning_is_monotone_in_its_inputs(a: float, b: float, years: float, kwh: float) -> None:
    """More use never makes an owned hour dearer; the ranges hold the middle."""
    low, high = sorted((a, b))
    given_inputs = Inputs(years=years, kwh_usd=kwh, use=low)
    assert usd_per_useful_hour(given_inputs) >= usd_per_useful_hour(given_inputs._replace(use=high))
    cheap, dear = span(given_inputs, frozenset())
    assert cheap <= usd_per_useful_hour(given_inputs) <= dear


@given(st.floats(0.5, 20), st.floats(0.5, 20))
def test_a_gap_is_signed_by_who_is_cheaper(micro: float, hyper: float) -> None:
    """Above zero exactly when the GPU cloud asks less."""
    rows = [
        Best(offer(provider=name, price_usd_per_hour=price * 8), 1, tier_of(name), stale=False)
        for name, price in (("lambda", micro), ("aws", hyper))
    ]
    pair = tier_pair(rows)
    assert pair is not None
    assert (pair.gap > 0) == (micro * 8 < hyper * 8)
    assert isinstance(Pair(*rows).break_even, float)


@STORE_TOO
@given(st.floats(1, 1400), st.floats(1, 1400))
def test_more_memory_needed_never_costs_less(shared: Store, a: float, b: float) -> None:
    """Over the whole market: the cheapest set for the larger need is at least as dear."""
    desk = Desk(store=shared, now=NOW, say=wording("en"))
    small, large = sorted((a, b))
    least = {one.fit.card.name: one for one in priced_sets(small, Question("fit"), desk)}
    most = {one.fit.card.name: one for one in priced_sets(large, Question("fit"), desk)}
    for name, one in least.items():
        assert one.fit.count <= most[name].fit.count
        assert one.usd_per_hour <= most[name].usd_per_hour + 1e-9


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.floats(0.05, 1.5), st.sampled_from([1, 2, 4, 8]), st.floats(5, 600))
def test_a_cheaper_offer_never_makes_a_set_dearer(
    store: Store, factor: float, count: int, need: float
) -> None:
    """Adding an offer can only help, whatever it asks."""
    desk = Desk(store=store, now=NOW, say=wording("en"))
    store.replace("bundled", market(), NOW)
    before = {
        one.fit.card.name: one.usd_per_hour for one in priced_sets(need, Question("fit"), desk)
    }
    extra = fresh(
        provider="verda",
        instance_type="new",
        count=count,
        price_usd_per_hour=2.5 * factor * count,
    )
    store.replace("bundled", [*market(), extra], NOW)
    after = {
        one.fit.card.name: one.usd_per_hour for one in priced_sets(need, Question("fit"), desk)
    }
    assert all(after[name] <= price + 1e-9 for name, price in before.items())


@STORE_TOO
@given(st.integers(1, 100))
def test_the_verdict_on_a_commitment_flips_at_the_break_even(shared: Store, use: int) -> None:
    """Lambda asks 2.10 for a year against 2.50 on demand at RunPod: 84 %."""
    words = f"is it worth reserving H100s for a year at {use} % use"
    headline = reply(words, Asker(), NOW, shared).headline
    assert headline.startswith("Reserve:") == (use > 84)
    assert headline.startswith("Stay on demand:") == (use <= 84)


@STORE_TOO
@given(st.floats(0.7, 12))
def test_the_verdict_on_a_quote_never_softens_as_the_price_rises(
    shared: Store, paid: float
) -> None:
    """Low, then middling, then high; what is far off the market is asked about."""
    order = ("Good price", "In the middle", "High for")

    def place(price: float) -> int:
        headline = reply(
            f"is ${price:.2f} a fair price for h100 sxm?", Asker(), NOW, shared
        ).headline
        return next(rank for rank, begins in enumerate(order) if headline.startswith(begins))

    assert place(paid) <= place(paid + 1)


QUESTIONS = st.fixed_dictionaries(
    {
        "intent": st.sampled_from(["advise", "fit", "provider", "cheapest", "estimate", "budget"]),
        "lang": st.sampled_from(["en", "pt"]),
    },
    optional={
        "topic": st.sampled_from(
            [
                "quote",
                "gpu-need",
                "tier",
                "concentration",
                "billing",
                "timing",
                "buy",
                "alternatives",
                "sizing",
                "why",
                "nothing known",
            ]
        ),
        "accelerators": st.lists(st.sampled_from(CARDS), max_size=2, unique=True).map(tuple),
        "memory_gb": st.sampled_from([16.0, 40.0, 80.0, 141.0, 7.0]),
        "form_factor": st.sampled_from(["SXM", "PCIe"]),
        "count": st.integers(-1, 64),
        "region": st.sampled_from(["eu", "us", "br", "de"]),
        "billing": st.sampled_from(["on-demand", "spot", "reserved"]),
        "tier": st.sampled_from(["hyperscaler", "microcloud", "marketplace"]),
        "providers": st.lists(
            st.sampled_from(
                ["aws", "azure", "lambda", "runpod", "vastai", "voltagepark", "nobody"]
            ),
            max_size=2,
            unique=True,
        ).map(tuple),
        "workload": st.sampled_from(
            [
                "training",
                "fine-tuning",
                "inference",
                "batch",
                "rendering",
                "classical-ml",
                "embeddings",
                "dev",
            ]
        ),
        "model": st.sampled_from(
            [
                "llama-3-70b",
                "7b",
                "0.1b",
                "deepseek-r1",
                "whisper-large-v3",
                "sdxl",
                "no-such-model",
            ]
        ),
        "precision": st.sampled_from(["int4", "int8", "fp8", "fp16", "bf16"]),
        "hours": st.sampled_from([0.5, 72.0, 730.0, 4380.0, 8760.0, 26280.0]),
        "years": st.floats(0.1, 10),
        "budget_usd": st.floats(0, 1e7),
        "paid_price": st.floats(0.0001, 100),
        "utilisation": st.floats(0.001, 1),
        "kwh_price": st.floats(0.001, 2),
        "capex_usd": st.floats(1, 1e8),
        "context_tokens": st.integers(1, 10**7),
        "concurrency": st.integers(1, 4096),
        "urgency": st.sampled_from(["urgent", "patient"]),
        "egress_tb": st.floats(0, 1e5),
        "compliance": st.sampled_from([("HIPAA",), ("SOC 2", "ISO 27001"), ("LGPD",)]),
        "data_sensitivity": st.sampled_from(["personal", "public"]),
        "circumstances": st.sampled_from(
            [("moving",), ("full-tuning",), ("qlora",), ("no-checkpoint", "prepaid", "future")]
        ),
        "rules": st.sampled_from([("spot-unfit",), ("no-such-rule",)]),
    },
)


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(QUESTIONS)
def test_no_combination_of_facts_raises(shared: Store, fields: dict[str, object]) -> None:
    """Whatever is asked, an Answer comes back: worded, with at most two notes of known rules."""
    answer = answer_question(Question(**fields), Asker(), NOW, shared)  # type: ignore[arg-type]
    assert isinstance(answer, Answer)
    assert answer.headline
    assert "{" not in " ".join(
        (answer.headline, *answer.lines, *(note.text for note in answer.notes))
    )
    assert len(answer.notes) <= 2
    assert {note.rule for note in answer.notes} <= {rule.id for rule in load()}
    assert len(answer.follow_ups) <= 5


def test_a_provider_without_such_cards_leaves_nothing_to_size(shared: Store) -> None:
    """Filters may empty both sides; the answer says so and offers the question without them."""
    question = Question("advise", topic="sizing", memory_gb=16.0, providers=("azure",))
    found = answer_question(question, Asker(), NOW, shared)
    assert found.tone == "caution"
    assert found.headline.startswith("No set that holds")
    assert found.follow_ups
