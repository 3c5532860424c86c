"""Rates both ways, and which of two is the newer."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.prices import currencies
from knowledge.prices.currencies import exchange


class Kept:
    """What a store holds of the last refresh."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def noted(self, key: str) -> str | None:
        assert key == "rates"
        return self.text


def kept(day: str, **per_euro: float) -> Kept:
    return Kept(json.dumps({"day": day, "per_euro": {"EUR": 1.0, **per_euro}}))


def test_a_bundled_rate_has_its_day_and_publisher() -> None:
    """EUR and BRL of the ECB's fixing of 30 October 2026: 1.1172 and 1.1172 / 6.0692 dollars."""
    real = exchange("BRL")
    assert real is not None
    assert real.to_usd(50_000) == pytest.approx(9_203.85, abs=0.01)
    assert (real.day, real.source, real.official) == (date(2026, 10, 30), currencies.ECB, True)
    assert real.largest_month_move_pct == 7.7
    euro = exchange("EUR")
    assert euro is not None
    assert euro.usd_per_unit == 1.1172


def test_a_rate_that_no_central_bank_states_says_so() -> None:
    """Chilean pesos come from another list, of another day."""
    peso = exchange("CLP")
    assert peso is not None
    assert not peso.official
    assert peso.source != currencies.ECB


def test_a_currency_without_a_rate_is_none() -> None:
    """Never one to one."""
    assert exchange("XAU") is None


def test_the_newer_of_refreshed_and_bundled_counts() -> None:
    """A store that was refreshed long ago does not bring back its rates."""
    newer = exchange("BRL", kept("2026-11-20", USD=1.2, BRL=6.0))
    assert newer is not None
    assert (newer.usd_per_unit, newer.day) == (pytest.approx(0.2), date(2026, 11, 20))
    assert newer.largest_month_move_pct == 7.7
    assert exchange("BRL", kept("2026-01-05", USD=1.0, BRL=5.0)) == exchange("BRL")


@pytest.mark.parametrize("text", [None, "", "null", "{}", '{"day": "x", "per_euro": {}}', "[1]"])
def test_what_the_store_keeps_badly_is_passed_over(text) -> None:
    """The bundled rate stands in."""
    assert exchange("EUR", Kept(text)) == exchange("EUR")


@given(st.sampled_from(currencies.known()), st.floats(0.001, 1e9))
def test_there_and_back_is_the_same_sum(currency: str, amount: float) -> None:
    """For every currency held."""
    rate = exchange(currency)
    assert rate is not None
    assert rate.from_usd(rate.to_usd(amount)) == pytest.approx(amount)
