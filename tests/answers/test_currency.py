"""Sums in other currencies: read, reckoned, shown beside dollars with the rate's day."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from bot.core.desk import Asker
from bot.core.question import Question
from bot.core.wording import wording
from bot.reply.reply import answer_question
from knowledge.prices.currencies import exchange, known
from knowledge.prices.store import Store

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
BRL = 0.184077
"""USD for one real on 30 October 2026."""


def answered(store: Store, question: Question, asker: Asker | None = None):
    return answer_question(question, asker or Asker(), NOW, store)


def test_a_budget_in_reais_buys_what_its_dollars_buy(store: Store) -> None:
    """The hours are those of the dollars; both sums and the rate with its day are said."""
    sums = Question("budget", "pt", accelerators=("H100",), currency="BRL", amount=50_000.0)
    dollars = Question("budget", "pt", accelerators=("H100",), budget_usd=round(50_000 * BRL, 6))
    real, usd = answered(store, sums), answered(store, dollars)
    assert real.headline.startswith("R$ 50.000,00 (US$ 9.203,85)")
    assert [one.price_usd_per_hour for one in real.offers] == [
        one.price_usd_per_hour for one in usd.offers
    ]
    (rate,) = [fact for fact in real.facts if fact.label == "Câmbio"]
    assert "US$ 1 = R$ 5,4325 (Banco Central Europeu, 30 out 2026)" in rate.value
    assert "7,7%" in rate.value
    assert rate.url is not None


@pytest.mark.parametrize(
    ("question", "field", "usd"),
    [
        (Question("cheapest", currency="EUR", amount=3.0), "max_price", 3 * 1.1172),
        (Question("watch", currency="BRL", amount=12.0), "threshold", 12 * BRL),
        (Question("advise", topic="quote", currency="EUR", amount=2.4), "paid_price", 2.4 * 1.1172),
        (
            Question("advise", topic="quote", currency="BRL", amount=100_000.0, count=8, hours=730),
            "paid_price",
            100_000 * BRL / 8 / 730,
        ),
        (Question("advise", topic="buy", currency="EUR", amount=3e5), "capex_usd", 3e5 * 1.1172),
    ],
)
def test_a_sum_goes_to_the_field_its_question_reads(question, field, usd, store: Store) -> None:
    """A limit, a line to watch, a quote by the hour or in all, a purchase."""
    from bot.answers import currency

    money = currency.of(question, Asker(), store)
    assert getattr(currency.in_dollars(question, money), field) == pytest.approx(usd, rel=1e-4)


def test_a_watch_in_another_currency_goes_below_unless_said(store: Store) -> None:
    """The direction is kept when stated."""
    from bot.answers import currency

    for stated, direction in ((None, "below"), ("above", "above")):
        asked = Question("watch", currency="EUR", amount=2.0, direction=stated)
        money = currency.of(asked, Asker(), store)
        assert currency.in_dollars(asked, money).direction == direction


@pytest.mark.parametrize("lang", ["en", "pt", "es"])
def test_a_ranking_shows_both_and_they_agree(lang, store: Store) -> None:
    """Each cell of the new column is its neighbour's dollars at the rate, to the cent."""
    answer = answered(store, Question("cheapest", lang, accelerators=("H100",), currency="BRL"))
    assert answer.table is not None
    titles = [column.title for column in answer.table.columns]
    at = next(n for n, title in enumerate(titles) if re.search(r"R\$|BRL", title))
    say = wording(lang)
    for row in answer.table.rows:
        dollars, reais = say.amount_in(row.cells[at - 1]), say.amount_in(row.cells[at])
        assert dollars
        assert reais == pytest.approx(dollars / BRL, abs=0.006)


def test_a_person_may_prefer_a_currency_and_a_question_outranks_it(store: Store) -> None:
    """Set once, used always, unless the words name another."""
    asker = Asker(currency="EUR")
    plain = Question("price", accelerators=("H100",))
    assert "€" in answered(store, plain, asker).headline
    named = answered(store, plain._replace(currency="GBP"), asker).headline
    assert "£" in named
    assert "€" not in named
    assert "€" not in answered(store, plain._replace(currency="USD"), asker).headline


def test_a_currency_without_a_rate_is_said_and_dollars_are_shown(store: Store) -> None:
    """Nothing is converted one to one, and no sum is taken for dollars."""
    answer = answered(store, Question("cheapest", accelerators=("H100",), currency="XAU", amount=1))
    assert any("no exchange rate for XAU" in line for line in answer.lines)
    assert answer.offers
    budget = answered(store, Question("budget", accelerators=("H100",), currency="XAU", amount=9e9))
    assert not budget.offers


def test_what_is_suggested_next_keeps_the_currency(store: Store) -> None:
    """A budget is worded in the currency it came in."""
    asked = Question("budget", accelerators=("H100",), currency="EUR", amount=5000.0)
    answer = answered(store, asked)
    assert any("5,000 EUR" in one.question for one in answer.follow_ups)
    assert not any("$" in one.question for one in answer.follow_ups)


@pytest.mark.parametrize("lang", ["en", "pt", "es"])
@pytest.mark.parametrize("currency", known())
def test_every_currency_is_written_readably(lang, currency: str) -> None:
    """A sign or the code, the number of this language, dollars beside it."""
    held = exchange(currency)
    assert held is not None
    text = wording(lang).showing(held).money(1234.5)
    assert re.fullmatch(r"\S.*\d.* \(.*1[.,]?234[.,]50.*\)", text), text


def test_small_units_have_no_cents() -> None:
    """Nobody quotes yen or pesos by the hundredth."""
    yen = exchange("JPY")
    assert yen is not None
    assert wording("en").showing(yen).money(10) == "¥1,573 ($10.00)"
