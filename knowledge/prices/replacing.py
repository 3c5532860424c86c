"""Writing to the store. Replacing one source's offers inside a transaction: compare, settle duplicates, swap, summarise.

Comparing happens in one walk over the arriving rows in memory: SQL joins over half a table cost
several times the insert itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from knowledge.facts.feeds import FEEDS
from knowledge.prices.history import forget
from knowledge.prices.records import BUNDLED, Replaced, RunRecord, SourceInfo
from knowledge.prices.rows import StoredOffer
from knowledge.prices.schema import INDEXES, text_of

_COLUMNS = StoredOffer._fields
_INSERT = (
    f"INSERT INTO offers ({', '.join(_COLUMNS)}, shown) VALUES ({','.join('?' * len(_COLUMNS))}, "
)
# What makes an offer the same one in the next set of its source.
_KEY = (
    "provider", "instance_type", "region", "accelerator", "memory_gb", "count", "form_factor",
    "billing", "term_months",
)  # fmt: skip
# Two sources mean the same offer when the provider's own names agree.
_SAME = ("provider", "instance_type", "region", "billing", "term_months")
_CARD = ("provider", "accelerator", "memory_gb", "billing")
_TERMS = (*_CARD, "term_months")
# The bundled list steps back where a live source sells the very same thing in the same place.
_THING = (*_TERMS, "form_factor", "count")
_DAILY = ("accelerator", "memory_gb", "billing", "provider", "as_of")
_MOSTLY = 0.3
"""From this share of the table on, building the indexes anew is cheaper than keeping them."""


def _cells(names: tuple[str, ...]) -> itemgetter[Any]:
    return itemgetter(*(_COLUMNS.index(name) for name in names))


_key, _same, _card, _day = _cells(_KEY), _cells(_SAME), _cells(_CARD), _cells(_DAILY)
_terms, _thing, _places = _cells(_TERMS), _cells(_THING), _cells(("region", "country", "geo"))


class _Other(NamedTuple):
    """What is looked at of a row that another source brought."""

    id: int
    shown: int
    source: str
    provider: str
    instance_type: str
    region: str | None
    billing: str
    term_months: int | None
    accelerator: str | None
    memory_gb: float | None
    as_of: str
    fresh_until: str
    form_factor: str | None
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    country: str | None
    geo: str | None

    @property
    def same(self) -> tuple[Any, ...]:
        """`_SAME` of it."""
        return self[3:8]

    @property
    def card(self) -> tuple[Any, ...]:
        """`_CARD` of it."""
        return self.provider, self.accelerator, self.memory_gb, self.billing

    @property
    def terms(self) -> tuple[Any, ...]:
        """`_TERMS` of it."""
        return *self.card, self.term_months

    @property
    def thing(self) -> tuple[Any, ...]:
        """`_THING` of it."""
        return *self.terms, self.form_factor, self.count

    @property
    def places(self) -> tuple[str | None, ...]:
        """Region, country and group, the narrowest first."""
        return self.region, self.country, self.geo


class _Rank(NamedTuple):
    """Which of several sources' words for one offer is shown: the greatest."""

    first_party: int
    """1 for the provider's own feed, as long as its price is fresh."""
    as_of: str
    source: str


def replace_offers(
    connection: sqlite3.Connection,
    source: str,
    owner: str | None,
    rows: Iterable[StoredOffer],
    at: datetime,
    keep: Collection[str] = (),
) -> Replaced:
    """The new set in the place of the old one; the caller's transaction makes it all or nothing.

    `rows` are stored offers (`knowledge.prices.rows`). `keep`: providers whose old rows stay.
    """
    arriving = list(rows)
    if keep:
        arriving += map(
            StoredOffer._make,
            connection.execute(
                f"SELECT {', '.join(_COLUMNS)} FROM offers WHERE source = ? AND owner IS ? "
                f"AND provider IN ({','.join('?' * len(keep))})",
                (source, owner, *keep),
            ),
        )
    before = _before(connection, source, owner)
    providers = {key[0] for key in before}
    new = changed = 0
    past: list[tuple[Any, ...]] = []
    for row in arriving:
        key = _key(row)
        old = before.pop(key, None)
        if old is None:
            new += 1
        elif abs(old[0] - row.price_usd_per_hour) > 1e-9:
            changed += 1
            past.append((*key, *old))
    gone = len(before)
    past += [(*key, *old) for key, old in before.items()]
    if owner is None:
        providers |= {row.provider for row in arriving}
        shown, hidden = _settled(connection, source, arriving, providers, at)
    else:
        shown, hidden = arriving, []
    _swap(connection, source, owner, shown, hidden)
    if owner is None:
        _remember(connection, source, past, at)
        _summarise(connection, arriving)
    connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'version'")
    return Replaced(len(arriving), new, gone, changed)


def _before(
    connection: sqlite3.Connection, source: str, owner: str | None
) -> dict[tuple[Any, ...], tuple[float, str]]:
    """The old set: key -> (USD per hour, as_of)."""
    rows = connection.execute(
        f"SELECT {', '.join(_KEY)}, price_usd_per_hour, as_of FROM offers "
        "WHERE source = ? AND owner IS ?",
        (source, owner),
    )
    return {row[:-2]: row[-2:] for row in rows}


def _swap(
    connection: sqlite3.Connection,
    source: str,
    owner: str | None,
    shown: list[StoredOffer],
    hidden: list[StoredOffer],
) -> None:
    arriving = len(shown) + len(hidden)
    total = connection.execute("SELECT count(*) FROM offers").fetchone()[0]
    anew = arriving > _MOSTLY * (total + arriving)
    if anew:
        for name in INDEXES:
            connection.execute(f"DROP INDEX {name}")
    connection.execute("DELETE FROM offers WHERE source = ? AND owner IS ?", (source, owner))
    connection.executemany(f"{_INSERT}1)", shown)
    connection.executemany(f"{_INSERT}0)", hidden)
    if anew:
        for sql in INDEXES.values():
            connection.execute(sql)


def _remember(
    connection: sqlite3.Connection, source: str, past: list[tuple[Any, ...]], at: datetime
) -> None:
    """What changed or went becomes a change point of history."""
    until = text_of(at)
    connection.executemany(
        "INSERT INTO past_prices (provider, instance_type, region, accelerator, memory_gb, count, "
        "billing, term_months, price_usd_per_hour, since, source, until) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((*row[:6], *row[7:], source, until) for row in past),
    )


def _summarise(connection: sqlite3.Connection, rows: list[StoredOffer]) -> None:
    """The day's lowest of each (accelerator, memory, billing, provider)."""
    lows: dict[tuple[Any, ...], tuple[float, str]] = {}
    for row in rows:
        price = row.price_usd_per_gpu_hour
        if price is None or not row.host_included:
            continue
        key = _day(row)
        known = lows.get(key)
        if known is None or price < known[0]:
            lows[key] = (price, row.source_url)
    connection.executemany(
        "INSERT INTO daily (accelerator, memory_gb, billing, provider, day, price_usd_per_gpu_hour, "
        "source_url) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET price_usd_per_gpu_hour = excluded.price_usd_per_gpu_hour, "
        "source_url = excluded.source_url "
        "WHERE excluded.price_usd_per_gpu_hour < daily.price_usd_per_gpu_hour",
        (
            (card, memory or 0, billing, provider, as_of[:10], *low)
            for (card, memory, billing, provider, as_of), low in lows.items()
        ),
    )


def _settled(
    connection: sqlite3.Connection,
    source: str,
    arriving: list[StoredOffer],
    providers: set[str],
    at: datetime,
) -> tuple[list[StoredOffer], list[StoredOffer]]:
    """The arriving rows that are shown and those that are not; other sources' are set on the way.

    One offer is shown once: the provider's own feed wins while it is fresh, then the fresher, then
    the name. The bundled list steps back as `_Live` says. What a third party says of a card
    without a place (a tracker's one price a card) steps back where the provider's own feed knows
    the card.
    """
    now = text_of(at)
    marks = ",".join("?" * len(providers))
    others = [
        _Other._make(row)
        for row in connection.execute(
            f"SELECT {', '.join(_Other._fields)} FROM offers "
            f"WHERE source <> ? AND owner IS NULL AND provider IN ({marks})",
            (source, *providers),
        )
    ]
    if not others:
        return arriving, []
    own = dict(connection.execute("SELECT name, first_party FROM sources").fetchall())
    best: dict[tuple[Any, ...], _Rank] = {}
    for other in others:
        first = own.get(other.source, 0) if other.fresh_until >= now else 0
        rank = _Rank(first, other.as_of, other.source)
        best[other.same] = max(best.get(other.same, rank), rank)
    ours = own.get(source, 0)
    for row in arriving:
        same = _same(row)
        known = best.get(same)
        first = ours if row.fresh_until >= now else 0
        if known is not None and (first, row.as_of, source) > known:
            best[same] = _Rank(first, row.as_of, source)
    live = _Live(connection, source, arriving, others)
    theirs = _told_by_providers(own, source, arriving, others)
    trackers = {name for name in FEEDS if not own.get(name, 0)}
    changes = []
    for other in others:
        visible = int(best[other.same].source == other.source)
        if other.source == BUNDLED and live.newer(
            other.card, other.thing, other.places, other.as_of
        ):
            visible = 0
        if (
            other.region is None
            and other.source in trackers
            and other.as_of <= theirs.get(other.terms, "")
        ):
            visible = 0
        if visible != other.shown:
            changes.append((visible, other.id))
    connection.executemany("UPDATE offers SET shown = ? WHERE id = ?", changes)
    shown, hidden = [], []
    for row in arriving:
        winner = best.get(_same(row))
        if (
            (winner is not None and winner.source != source)
            or (source == BUNDLED and live.newer(_card(row), _thing(row), _places(row), row.as_of))
            or (
                source in trackers
                and row.region is None
                and row.as_of <= theirs.get(_terms(row), "")
            )
        ):
            hidden.append(row)
        else:
            shown.append(row)
    return shown, hidden


class _Live:
    """How new the live word is for what the bundled list says: "" where no live source says it.

    A live offer speaks for its own place and for the wider ones that hold it (a bundled row that
    says "US" and no region); one without a place speaks for bundled rows without a place alone.
    A provider's own complete list speaks for all of a card, wherever the bundled row stands.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        source: str,
        arriving: list[StoredOffer],
        others: list[_Other],
    ) -> None:
        self._newest: dict[tuple[Any, ...], str] = {}
        complete = {
            name for (name,) in connection.execute("SELECT name FROM sources WHERE complete = 1")
        }
        if source == BUNDLED:
            wanted = {_card(row) for row in arriving}
        else:
            wanted = {other.card for other in others if other.source == BUNDLED}
        if source != BUNDLED and wanted:
            for row in arriving:
                if (card := _card(row)) in wanted:
                    self._note(card, _thing(row), _places(row), row.as_of, source in complete)
        for other in others:
            if other.source != BUNDLED and other.card in wanted:
                self._note(
                    other.card, other.thing, other.places, other.as_of, other.source in complete
                )

    def _note(
        self,
        card: tuple[Any, ...],
        thing: tuple[Any, ...],
        place: tuple[str | None, ...],
        as_of: str,
        complete: bool,
    ) -> None:
        for key in [(*thing, *where) for where in _stated(place)] + [card] * complete:
            if as_of > self._newest.get(key, ""):
                self._newest[key] = as_of

    def newer(
        self,
        card: tuple[Any, ...],
        thing: tuple[Any, ...],
        place: tuple[str | None, ...],
        as_of: str,
    ) -> bool:
        """Whether a live source says the same of the same place, and not earlier."""
        here = self._newest.get((*thing, *_stated(place)[0]), "")
        return as_of <= max(here, self._newest.get(card, ""))


def _stated(place: tuple[str | None, ...]) -> list[tuple[str, str]]:
    """(kind, name) of each place a row states, the narrowest first; one empty place for none."""
    kinds = ("region", "country", "geo")
    return [
        (kind, name.lower()) for kind, name in zip(kinds, place, strict=True) if name is not None
    ] or [("", "")]


def _told_by_providers(
    own: Mapping[str, int],
    source: str,
    arriving: list[StoredOffer],
    others: list[_Other],
) -> Mapping[tuple[Any, ...], str]:
    """_TERMS -> the newest date of the provider's own feed."""
    told: dict[tuple[Any, ...], str] = {}
    for row in arriving if own.get(source, 0) else ():
        terms = _terms(row)
        if row.as_of > told.get(terms, ""):
            told[terms] = row.as_of
    for other in others:
        if own.get(other.source, 0) and other.as_of > told.get(other.terms, ""):
            told[other.terms] = other.as_of
    return told


def register(connection: sqlite3.Connection, info: SourceInfo) -> None:
    connection.execute(
        "INSERT INTO sources (name, title, page, licence, first_party, complete, good_for_seconds) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET title = excluded.title, "
        "page = excluded.page, licence = excluded.licence, first_party = excluded.first_party, "
        "complete = excluded.complete, good_for_seconds = excluded.good_for_seconds",
        (
            info.name, info.title, info.page, info.licence, int(info.first_party),
            int(info.complete), int(info.good_for.total_seconds()),
        ),
    )  # fmt: skip


def record(connection: sqlite3.Connection, run: RunRecord, done: Replaced) -> None:
    import json

    connection.execute(
        "INSERT INTO runs (source, started, took_s, ok, fault, offers, new, gone, changed, unknown, "
        "notes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.source, text_of(run.started), run.took_s, int(run.ok), run.fault, done.offers,
            done.new, done.gone, done.changed, json.dumps(dict(run.unknown)), json.dumps(run.notes),
        ),
    )  # fmt: skip
    forget(connection, run.source, run.started)
