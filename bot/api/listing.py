"""Offers and sources as lists: pages that belong to one version of the price store."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from datetime import datetime

from typing_extensions import TypedDict

from bot.answers.offers import offer_filter
from bot.api.problems import Problem
from bot.api.queries import OffersQuery
from bot.core.desk import Asker, Desk
from bot.core.question import Question
from bot.core.recent import Recent
from bot.core.wording import wording
from bot.render.answer_json import OfferDocument, moment, offer_id, offer_json
from knowledge.prices.offer import Offer, OfferFilter
from knowledge.prices.store import Store

LISTS = 16
"""Lists of offers remembered, so that a later page is of the same list."""


class OffersDocument(TypedDict):
    """A page of offers, cheapest per GPU-hour first."""

    prices_version: int
    """The version of the price store; every page of one list is of the same."""
    now: str
    """The moment that `stale` is of."""
    total: int
    """Offers in the whole list."""
    without_region: int
    """Further offers whose source states no place: left out where a region is asked for."""
    items: list[OfferDocument]
    next: str | None
    """The cursor of the next page; null on the last."""


class SourceItem(TypedDict):
    """One source of prices."""

    name: str
    title: str
    page: str
    licence: str | None
    offers: int
    stale_offers: int
    oldest: str | None
    newest: str | None
    last_run: str | None
    last_ok: str | None
    failed: bool
    """True: its last refresh brought nothing; older prices stay in use, with their dates."""


class SourcesDocument(TypedDict):
    """Where prices come from and how old they are."""

    prices_version: int
    now: str
    items: list[SourceItem]


class Listing:
    """Reads lists from the price store; called in worker threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lists: Recent[tuple[int, OfferFilter], list[Offer]] = Recent(most=LISTS)

    def offers(
        self, question: Question, query: OffersQuery, asker: Asker, now: datetime
    ) -> OffersDocument:
        """A page; raises Problem for a cursor of another list or of another version."""
        wanted = self._filter(question, asker, now)
        version, found = self._list(wanted)
        start = _start(query.cursor, version, wanted) if query.cursor else 0
        page = found[start : start + query.limit]
        after = start + len(page)
        return {
            "prices_version": version,
            "now": moment(now),
            "total": len(found),
            "without_region": self._without_region(wanted),
            "items": [offer_json(offer, now) for offer in page],
            "next": _cursor(after, version, wanted) if after < len(found) else None,
        }

    def sources(self, now: datetime) -> SourcesDocument:
        version = self._store.version()
        return {
            "prices_version": version,
            "now": moment(now),
            "items": [
                {
                    "name": one.name,
                    "title": one.title,
                    "page": one.page,
                    "licence": one.licence,
                    "offers": one.offers,
                    "stale_offers": one.stale_offers,
                    "oldest": moment(one.oldest) if one.oldest else None,
                    "newest": moment(one.newest) if one.newest else None,
                    "last_run": moment(one.last_run) if one.last_run else None,
                    "last_ok": moment(one.last_ok) if one.last_ok else None,
                    "failed": bool(one.fault),
                }
                for one in self._store.sources(now)
                if one.offers or one.last_run
            ],
        }

    def _filter(self, question: Question, asker: Asker, now: datetime) -> OfferFilter:
        return offer_filter(question, Desk(self._store, now, wording("en"), asker))

    def _list(self, wanted: OfferFilter) -> tuple[int, list[Offer]]:
        """The store's version and every offer, in an order that leaves no ties."""
        version = self._store.version()
        found = self._lists.get((version, wanted))
        if found is None:
            found = [offer for offer in self._store.offers(wanted) if offer.count]
            found.sort(key=lambda offer: (offer.price_usd_per_hour / offer.count, offer_id(offer)))
        self._lists.put((version, wanted), found)
        return version, found

    def _without_region(self, wanted: OfferFilter) -> int:
        if not (wanted.geos or wanted.countries):
            return 0
        return len(self._store.offers(wanted._replace(geos=(), countries=(), unplaced_only=True)))


def _mark(wanted: OfferFilter) -> str:
    return hashlib.blake2b(repr(wanted).encode(), digest_size=6).hexdigest()


def _cursor(start: int, version: int, wanted: OfferFilter) -> str:
    text = json.dumps([start, version, _mark(wanted)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _start(cursor: str, version: int, wanted: OfferFilter) -> int:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        start, made_at, mark = json.loads(base64.b64decode(padded, b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error, UnicodeEncodeError, RecursionError):
        raise Problem("bad-cursor") from None
    if type(start) is not int or type(made_at) is not int or start < 1 or mark != _mark(wanted):
        raise Problem("bad-cursor")
    if made_at != version:
        raise Problem("cursor-expired")
    return start
