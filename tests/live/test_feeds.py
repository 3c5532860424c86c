"""Every source against its real feed. `make live`, with access to the internet; never by itself.

Each feed is asked once. Sources that need a key run when its variable is set, restricted ones when
QUARTERMASTER_SOURCES_OPT_IN names them; QUARTERMASTER_SOURCES narrows to some,
QUARTERMASTER_CONTACT says who asks, QUARTERMASTER_SOURCE_URL_<NAME> asks a mirror instead. The
bodies are kept in `build/live/<source>/`: what fails today is the payload of tomorrow's test.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from bot.core.settings import Settings, read_settings
from knowledge.feeds.fetching import Fetcher
from knowledge.feeds.source import FetchFault, Payload, RawOffer, Row, Source
from knowledge.prices.plausibility import set_fault
from knowledge.refresh import rates
from knowledge.refresh.normalising import Normalised, NotKnown, card_of, normalised
from knowledge.refresh.rates import Rates
from knowledge.refresh.refresh import why_off
from knowledge.sources import SOURCES

ENVIRON = dict(os.environ)
"""As the operator set it: tests take it away from themselves."""
KEPT = Path(__file__).parent.parent.parent / "build" / "live"
OLDEST = timedelta(days=14)
"""A third party's file that is older than this is no feed any more."""
MOST_UNKNOWN = 0.2
"""Share of the rows whose card, or whose place, the tables do not know."""
H100 = "coreweave lambda voltagepark together aws gcp azure nebius verda hyperstack".split()
"""Providers that are known to sell an H100."""


@dataclass(frozen=True)
class Taken:
    """What a feed answered today, and what became of it."""

    source: Source
    payloads: Sequence[Payload]
    rows: Sequence[Row]
    found: Normalised
    at: datetime


@cache
def settings() -> Settings:
    return read_settings(ENVIRON)


def wanted() -> list[str]:
    """The sources to ask."""
    return [name for name in SOURCES if not settings().sources or name in settings().sources]


def fetcher() -> Fetcher:
    return Fetcher(
        clock=lambda: datetime.now(UTC),
        contact=settings().contact,
        environ=ENVIRON,
        addresses=settings().source_urls,
    )


@cache
def euros() -> Rates | None:
    """Today's rates, asked for once, when a price needs them."""

    async def asked() -> Rates:
        async with fetcher() as polite:
            (payload,) = await rates.SOURCE.fetch(polite.http(rates.SOURCE))
        return rates.read(payload)

    return asyncio.run(asked())


@cache
def taken(name: str) -> Taken | FetchFault | str:
    """The one request of this source's feed; a text says why it is not asked."""
    source = SOURCES[name]
    off = why_off(source, settings().sources_opt_in, ENVIRON)
    if off is not None:
        return off

    async def asked() -> Sequence[Payload]:
        async with fetcher() as polite:
            return await source.fetch(polite.http(source))

    try:
        payloads = asyncio.run(asked())
    except FetchFault as fault:
        return fault
    folder = KEPT / name
    folder.mkdir(parents=True, exist_ok=True)
    for place, payload in enumerate(payloads):
        called = re.sub(r"\W+", "-", payload.tag or payload.url.rsplit("/", 1)[-1])[:60]
        (folder / f"{place:03}-{called}").write_bytes(payload.body)
    now = datetime.now(UTC)
    rows = list(source.parse(payloads))
    foreign = any(isinstance(row, RawOffer) and row.price.currency != "USD" for row in rows)
    found = normalised(
        rows,
        source,
        payloads,
        now=now,
        rates=euros() if foreign else None,
        allowed=settings().sources_opt_in,
    )
    return Taken(source, payloads, rows, found, now)


@pytest.fixture(params=wanted())
def feed(request: pytest.FixtureRequest) -> Taken:
    """One source's feed of today."""
    got = taken(request.param)
    if isinstance(got, str):
        pytest.skip(got)
    if isinstance(got, FetchFault):
        pytest.fail(f"{request.param}: {got}", pytrace=False)
    return got


def test_the_rates_of_the_day() -> None:
    """The ECB's file has a dollar and is not old."""
    known = euros()
    assert known is not None
    assert not known.is_old(datetime.now(UTC))
    assert 0.5 < float(known.per_euro["USD"]) < 2


def test_the_feed_holds_offers_that_can_be_believed(feed: Taken) -> None:
    """What a refresh would store, or refuse."""
    fault = set_fault({}, feed.found.offers, now=feed.at, out_of_bounds=feed.found.out_of_bounds)
    assert fault is None, fault
    assert feed.found.out_of_bounds == 0, feed.found.reasons


def test_its_cards_are_ones_we_know(feed: Taken) -> None:
    """A few new names are a row to add to a table; many are a feed that changed."""
    cards = Counter(
        (row.accelerator_name, row.memory_gb, row.form_factor)
        for row in feed.rows
        if isinstance(row, RawOffer) and row.accelerator_name is not None
    )
    unknown = {card: why for card in cards if isinstance(why := card_of(*card), NotKnown)}
    assert sum(cards[card] for card in unknown) <= MOST_UNKNOWN * cards.total(), unknown


def test_its_places_are_ones_we_know(feed: Taken) -> None:
    """Codes that the table lacks stand in the message, ready to be looked up."""
    strange = sum(feed.found.unknown_regions.values())
    placed = sum(offer.region is not None for offer in feed.found.offers)
    assert strange <= MOST_UNKNOWN * placed, feed.found.unknown_regions.most_common(20)


def test_its_sellers_are_those_it_says_it_covers(feed: Taken) -> None:
    """And each is one of our table."""
    sellers = {offer.provider for offer in feed.found.offers}
    assert sellers <= set(feed.source.providers)
    assert not feed.found.unknown_providers


def test_its_prices_are_of_these_days(feed: Taken) -> None:
    """A file that nobody renews answers all the same."""
    newest = max(offer.as_of for offer in feed.found.offers)
    assert feed.at - newest <= OLDEST, newest


def test_an_h100_is_on_sale_where_one_always_is(feed: Taken) -> None:
    """The card everyone asks about, at a seller's own feed."""
    if not feed.source.first_party or feed.source.comes_and_goes:
        return
    for seller in set(feed.source.providers) & set(H100):
        assert any(
            offer.accelerator == "H100" for offer in feed.found.offers if offer.provider == seller
        ), seller
