"""Currency rates of one day, as the European Central Bank publishes them; USD or nothing.

A foreign price without a rate is not guessed: `usd` answers None and the offer is left out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from knowledge.feeds.reading import name_of
from knowledge.feeds.source import Http, ParseFault, Payload, Row, Source
from knowledge.prices import currencies

OLD_AFTER = timedelta(days=5)
"""No rates are published on weekends and holidays; Easter is the longest pause."""

_CURRENCY = re.compile(r"^[A-Z]{3}$")


class InUsd(NamedTuple):
    """A price in USD, and how it became that."""

    amount: float
    fx: str | None
    """ "EUR 1 = USD 1.0821, ECB 2026-10-09"; None when it was USD to begin with."""


class Rates(NamedTuple):
    """Reference rates of one day: units of a currency for one euro."""

    day: date
    per_euro: Mapping[str, float]

    def usd(self, amount: float, currency: str) -> InUsd | None:
        """`amount` of `currency` in USD, or None when the rates do not say."""
        if currency == "USD":
            return InUsd(amount, None)
        dollars, units = self.per_euro.get("USD"), self.per_euro.get(currency)
        if dollars is None or units is None:
            return None
        rate = dollars / units
        # The rate as published has five significant figures; a cross rate gets as many.
        shown = f"{rate:.4f}" if rate >= 0.1 else f"{rate:.5g}"
        return InUsd(amount * rate, f"{currency} 1 = USD {shown}, ECB {self.day.isoformat()}")

    def is_old(self, now: datetime) -> bool:
        """True when a newer day should have been published since."""
        return now - datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC) > OLD_AFTER


def in_usd(amount: float, currency: str, rates: Rates | None) -> InUsd | None:
    """`amount` in USD: dollars need no rates, everything else is None without them."""
    if currency == "USD":
        return InUsd(amount, None)
    return rates.usd(amount, currency) if rates is not None else None


def bundled() -> Rates:
    """The bundled reference rates: what there is before the first refresh."""
    return Rates(*currencies.official())


def read(payload: Payload) -> Rates:
    """The rates of the daily file; raises ParseFault when it is not that file."""
    import xml.etree.ElementTree as ET

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    name = name_of(payload)
    try:
        root = fromstring(payload.body, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as fault:
        raise ParseFault(f"{name}: broken XML ({type(fault).__name__})") from fault
    # By local name: the default namespace stands on the Cubes, and has changed its host before.
    cubes = [node for node in root.iter() if node.tag.rsplit("}", 1)[-1] == "Cube"]
    day = next((cube for cube in cubes if "time" in cube.attrib), None)
    if day is None:
        raise ParseFault(f"{name}: no day of rates in it")
    try:
        on = date.fromisoformat(day.attrib["time"])
    except ValueError as fault:
        raise ParseFault(f"{name}: {day.attrib['time']!r:.40} is no date") from fault
    per_euro = {"EUR": 1.0}
    for cube in day:
        currency, rate = cube.attrib.get("currency", ""), _rate(cube.attrib.get("rate", ""))
        if not _CURRENCY.match(currency) or rate is None:
            raise ParseFault(f"{name}: a rate that is none ({dict(cube.attrib)!r:.60})")
        per_euro[currency] = rate
    if "USD" not in per_euro:
        raise ParseFault(f"{name}: no rate for USD")
    return Rates(on, per_euro)


def _rate(text: str) -> float | None:
    try:
        rate = float(text)
    except ValueError:
        return None
    return rate if math.isfinite(rate) and rate > 0 else None


async def _fetch(http: Http) -> Sequence[Payload]:
    return [await http.get("/stats/eurofxref/eurofxref-daily.xml", expect="xml", tag="rates")]


def _sells_nothing(payloads: Sequence[Payload]) -> Iterable[Row]:
    for payload in payloads:
        read(payload)
    return ()


SOURCE = Source(
    name="ecb",
    title="ECB reference rates",
    page="https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/",
    base_url="https://www.ecb.europa.eu",
    good_for=OLD_AFTER,
    providers=(),
    fetch=_fetch,
    parse=_sells_nothing,
    first_party=True,
    attribution="Currency rates: European Central Bank",
)
"""A feed like the others, which sells nothing: `read` of its payload gives the Rates."""
