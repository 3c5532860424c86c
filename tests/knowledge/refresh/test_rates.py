"""Currency: the ECB's day of rates, and nothing guessed without one."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest
from feed_payloads import FETCHED_AT, Wire
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.feeds.source import ParseFault, Payload
from knowledge.refresh import rates

(DAILY,) = asyncio.run(rates.SOURCE.fetch(Wire(rates.SOURCE)))


def _payload(body: bytes) -> Payload:
    return Payload("https://www.ecb.europa.eu/x.xml", body, FETCHED_AT, tag="rates")


def test_a_price_in_euro_becomes_dollars_with_rate_and_day() -> None:
    """The offer keeps how it was converted."""
    found = rates.read(DAILY).usd(2.8, "EUR")
    assert found is not None
    assert found.amount == pytest.approx(2.8 * 1.1412)
    assert found.fx == "EUR 1 = USD 1.1412, ECB 2026-11-24"


def test_a_cross_rate_goes_over_the_euro() -> None:
    """The ECB knows only euros; pounds and rupees go both ways over them."""
    day = rates.read(DAILY)
    pounds = day.usd(10, "GBP")
    rupees = day.usd(100, "INR")
    assert pounds is not None
    assert rupees is not None
    assert pounds.amount == pytest.approx(10 / 0.8724 * 1.1412)
    assert pounds.fx == "GBP 1 = USD 1.3081, ECB 2026-11-24"
    assert rupees.fx == "INR 1 = USD 0.011275, ECB 2026-11-24"


def test_dollars_need_no_rate_and_nothing_else_is_guessed() -> None:
    """Without rates, or without that currency, a foreign price has no figure."""
    assert rates.in_usd(3, "USD", None) == rates.InUsd(3, None)
    assert rates.in_usd(3, "EUR", None) is None
    assert rates.in_usd(3, "ILS", rates.read(DAILY)) is None


def test_a_long_weekend_is_not_old_and_a_week_is() -> None:
    """Good Friday to Tuesday has no file."""
    day = rates.Rates(date(2026, 4, 2), {"EUR": 1, "USD": 1.1})
    assert not day.is_old(datetime(2026, 4, 6, 20, tzinfo=UTC))
    assert day.is_old(datetime(2026, 4, 8, tzinfo=UTC))


def test_attributes_may_be_quoted_either_way() -> None:
    """Both ways were seen in the wild."""
    assert rates.read(_payload(DAILY.body.replace(b"'", b'"'))) == rates.read(DAILY)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "broken XML"),
        (DAILY.body[:500], "broken XML"),
        (b"<html><body>Down for maintenance</body></html>", "no day of rates"),
        (DAILY.body.replace(b"1.1412", b"n/a"), "a rate that is none"),
        (DAILY.body.replace(b"1.1412", b"NaN"), "a rate that is none"),
        (DAILY.body.replace(b"1.1412", b"-1.1"), "a rate that is none"),
        (DAILY.body.replace(b"2026-11-24", b"yesterday"), "is no date"),
        (DAILY.body.replace(b"USD", b"XAU"), "no rate for USD"),
        (DAILY.body.replace(b"UTF-8", b"EBCDIC-9"), "broken XML"),
        (
            b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Envelope>&b;</Envelope>',
            "broken XML",
        ),
        (
            b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><Envelope>&x;</Envelope>',
            "broken XML",
        ),
    ],
)
def test_what_is_not_the_daily_file_is_refused(body: bytes, why: str) -> None:
    """One readable line, no rates."""
    with pytest.raises(ParseFault, match=why):
        rates.read(_payload(body))


@given(st.integers(0, len(DAILY.body) - 1), st.binary(max_size=6))
@settings(max_examples=200, deadline=None)
def test_a_damaged_file_is_a_parse_fault_or_rates(at: int, noise: bytes) -> None:
    """Nothing else escapes."""
    body = DAILY.body[:at] + noise + DAILY.body[at + len(noise) :]
    try:
        found = rates.read(_payload(body))
    except ParseFault:
        return
    assert found.per_euro["USD"] > 0
