"""What feeds say of stock: kept as runs of one state each, with the hour first and last seen.

Unknown is its own state and is never counted as sold out: a fetch that failed writes nothing, so
that the last word ages and is then no longer held. One machine size says nothing of another.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from knowledge.prices.schema import text_of

if TYPE_CHECKING:
    from knowledge.prices.offer import Offer, OfferFilter, Stock
    from knowledge.prices.store import Store

HELD_FOR = timedelta(hours=13)
"""A word holds until the next, at most two scheduled refreshes of six hours; then nobody knows."""
KEPT = timedelta(days=35)
"""A month of it is asked for."""
IN_STOCK = ("available", "scarce")
KNOWN = (*IN_STOCK, "sold_out")
FEWEST_CHECKS = 50
"""Below, a share of the time says nothing and is not shown."""
LEAST_COVERAGE = 0.8
"""The share of the time since the first word for which the state is known."""


class Sighting(NamedTuple):
    """What one feed last said of one machine at one place."""

    source: str
    provider: str
    instance_type: str
    region: str
    """Empty where the feed names none."""
    billing: str
    accelerator: str
    memory_gb: float | None
    form_factor: str | None
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    """Accelerators in one machine."""
    country: str | None
    geo: str | None
    state: str
    """`available`, `scarce`, `sold_out` or `unknown`."""
    units: int | None
    """Machines of this size, where the feed counts them."""
    at_least: bool
    """`units` is a lower bound."""
    planned: tuple[tuple[int, int, bool], ...]
    """(within days, units more, at least) that the seller announces."""
    lead_days: float | None
    source_url: str
    since: datetime
    """Since when it has been so, as far as it was looked at."""
    seen: datetime
    checks: int
    """How often it was so, one after the other."""

    @property
    def in_stock(self) -> bool:
        return self.state in IN_STOCK

    def is_held(self, now: datetime) -> bool:
        """Whether the word is young enough to be taken for how it is now."""
        return self.state != "unknown" and now - self.seen <= HELD_FOR


class Share(NamedTuple):
    """How often something was in stock over some days, of the time for which that is known."""

    provider: str
    in_stock_hours: float
    known_hours: float
    expected_hours: float
    """From the first word within the days until now."""
    checks: int

    @property
    def share(self) -> float | None:
        """0..1; None where too little is known to say."""
        enough = (
            self.checks >= FEWEST_CHECKS
            and self.known_hours >= LEAST_COVERAGE * self.expected_hours
            and self.known_hours > 0
        )
        return self.in_stock_hours / self.known_hours if enough else None


_WHAT = ("source", "provider", "instance_type", "region", "billing")
_ABOUT = ("accelerator", "memory_gb", "form_factor", "count", "country", "geo")
_SAID = ("state", "units", "at_least", "planned", "lead_days", "source_url")
_ALL = (*_WHAT, *_ABOUT, *_SAID, "since", "seen", "checks")


def observe(store: Store, source: str, told: Iterable[tuple[Offer, Stock]], at: datetime) -> int:
    """Keeps what one answer of a source says; the number of machines it speaks of.

    Sizes and places that the same answer no longer lists, while it lists their machine elsewhere,
    are sold out there; a machine that it does not list at all is not spoken of. Two words for one
    machine are not added up: the worse one counts.
    """
    now: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for offer, stock in told:
        if offer.accelerator is None or offer.owner is not None:
            continue
        key: tuple[str, ...] = (
            source, offer.provider, offer.instance_type, offer.region or "", offer.billing,
        )  # fmt: skip
        row = (
            offer.accelerator, offer.memory_gb, offer.form_factor, offer.count, offer.country,
            offer.geo, stock.state, stock.units, int(stock.at_least), json.dumps(stock.planned),
            stock.lead_days, offer.source_url,
        )  # fmt: skip
        known = now.get(key)
        if known is None or _WORSE[stock.state] > _WORSE[known[len(_ABOUT)]]:
            now[key] = row
    with store.writing() as db:
        before = _newest(db, source)
        listed = {(key[1], key[2]) for key in now}
        for key, (_, seen, about) in before.items():
            if key not in now and (key[1], key[2]) in listed and key[3]:
                now[key] = (*about, "sold_out", None, 0, "[]", None, seen)
        for key, row in now.items():
            _keep(db, key, row, before.get(key), at)
        db.execute("DELETE FROM stock WHERE seen < ?", (text_of(at - KEPT),))
    return len(now)


_WORSE = {"available": 0, "scarce": 1, "unknown": 2, "sold_out": 3}
_Before = tuple[tuple[int, str, str], str, tuple[Any, ...]]


def _newest(db: sqlite3.Connection, source: str) -> dict[tuple[str, ...], _Before]:
    """The last run of each machine: (id, state, seen), its page, and what it is."""
    rows = db.execute(
        f"SELECT {', '.join(_WHAT)}, id, state, max(seen), source_url, {', '.join(_ABOUT)} "
        f"FROM stock WHERE source = ? GROUP BY {', '.join(_WHAT)}",
        (source,),
    )
    return {row[:5]: ((row[5], row[6], row[7]), row[8], row[9:]) for row in rows}


def _keep(
    db: sqlite3.Connection,
    key: tuple[str, ...],
    row: tuple[Any, ...],
    before: _Before | None,
    at: datetime,
) -> None:
    """Lengthens the run when the state is the same and was looked at lately, else begins one."""
    said = row[len(_ABOUT) :]
    if before is not None:
        number, state, seen = before[0]
        if seen >= text_of(at):
            return  # an answer read twice
        if state == said[0] and at - datetime.fromisoformat(seen) <= HELD_FOR:
            names = ", ".join(f"{name} = ?" for name in _SAID)
            db.execute(
                f"UPDATE stock SET {names}, seen = ?, checks = checks + 1 WHERE id = ?",
                (*said, text_of(at), number),
            )
            return
    db.execute(
        f"INSERT INTO stock ({', '.join(_ALL)}) VALUES ({','.join('?' * len(_ALL))})",
        (*key, *row, text_of(at), text_of(at), 1),
    )


def latest(store: Store, wanted: OfferFilter, now: datetime) -> list[Sighting]:
    """The last word on each machine that the filter means, in stock first, then the newest."""
    condition, values = _condition(wanted)
    sql = (
        f"SELECT {', '.join(_ALL)}, max(seen) FROM stock WHERE {condition} AND seen >= ? "
        f"GROUP BY {', '.join(_WHAT)}"
    )
    found = [_sighting(row[:-1]) for row in store.rows(sql, (*values, text_of(now - KEPT)))]
    # A word without a place ("none free") ends where a later answer names places.
    newest: dict[tuple[str, ...], datetime] = {}
    for sighting in found:
        machine = sighting[:3]
        newest[machine] = max(sighting.seen, newest.get(machine, sighting.seen))
    found = [
        sighting for sighting in found if sighting.region or sighting.seen == newest[sighting[:3]]
    ]
    return sorted(
        found,
        key=lambda sighting: (not sighting.is_held(now), not sighting.in_stock, -sighting.seen.timestamp(), sighting.provider),
    )  # fmt: skip


def shares(store: Store, wanted: OfferFilter, now: datetime, days: int = 30) -> dict[str, Share]:
    """Provider -> how much of the known time of the last days any machine meant was in stock.

    Time is weighed, not polls: a word holds until the next one, at most HELD_FOR.
    """
    since = now - timedelta(days=days)
    condition, values = _condition(wanted)
    sql = (
        f"SELECT provider, {', '.join(_WHAT)}, state, since, seen, checks FROM stock "
        f"WHERE {condition} AND seen >= ? ORDER BY since"
    )
    runs: dict[str, dict[tuple[str, ...], list[_Run]]] = {}
    for row in store.rows(sql, (*values, text_of(since))):
        begun, seen = datetime.fromisoformat(row[7]), datetime.fromisoformat(row[8])
        run = _Run(row[6], begun, seen, row[9])
        runs.setdefault(row[0], {}).setdefault(tuple(row[1:6]), []).append(run)
    return {name: _share(name, machines, since, now) for name, machines in runs.items()}


class _Run(NamedTuple):
    state: str
    since: datetime
    seen: datetime
    checks: int


def _share(
    provider: str, machines: Mapping[Any, Sequence[_Run]], since: datetime, now: datetime
) -> Share:
    """Of several machines of one seller: in stock when one is, known when one is."""
    # When a known span begins or ends: (at, known spans more, spans in stock more).
    edges: list[tuple[datetime, int, int]] = []
    for runs in machines.values():
        following = [*(run.since for run in runs[1:]), now]
        for run, after in zip(runs, following, strict=True):
            begin, end = max(run.since, since), min(run.seen + HELD_FOR, after, now)
            if run.state in KNOWN and end > begin:
                there = int(run.state in IN_STOCK)
                edges += [(begin, 1, there), (end, -1, -there)]
    known_hours = stocked_hours = 0.0
    known = stocked = 0
    last = since
    for at, more, there in sorted(edges):
        hours = (at - last).total_seconds() / 3600
        known_hours += hours if known else 0
        stocked_hours += hours if stocked else 0
        known, stocked, last = known + more, stocked + there, at
    first = max(since, min(run.since for runs in machines.values() for run in runs))
    checks = max(sum(run.checks for run in runs) for runs in machines.values())
    expected = (now - first).total_seconds() / 3600
    return Share(provider, stocked_hours, known_hours, expected, checks)


def tells(store: Store) -> frozenset[str]:
    """Providers of which some feed has said something of stock lately."""
    return frozenset(row[0] for row in store.rows("SELECT DISTINCT provider FROM stock", ()))


def _condition(wanted: OfferFilter) -> tuple[str, list[Any]]:
    """What the filter says of machine, place and seller. A word without a place holds for all."""
    parts: list[str] = []
    values: list[Any] = []

    def among(sql: str, names: Sequence[Any]) -> None:
        if names:
            parts.append(sql.format(",".join("?" * len(names))))
            values.extend(names)

    def equal(column: str, value: Any) -> None:
        if value is not None:
            parts.append(f"{column} = ?")
            values.append(value)

    among("accelerator IN ({})", wanted.accelerators)
    among("provider IN ({})", wanted.providers)
    among("provider NOT IN ({})", wanted.exclude_providers)
    among("billing NOT IN ({})", wanted.exclude_billing)
    among("ifnull(geo, '') NOT IN ({})", wanted.exclude_geos)
    among("ifnull(country, '') NOT IN ({})", wanted.exclude_countries)
    equal("billing", wanted.billing)
    equal("count", wanted.count)
    equal("form_factor", wanted.form_factor)
    if wanted.memory_gb is not None:
        parts.append("memory_gb = ?" if wanted.accelerators else "memory_gb >= ?")
        values.append(wanted.memory_gb)
    if wanted.min_count is not None:
        parts.append("count >= ?")
        values.append(wanted.min_count)
    if wanted.geos or wanted.countries:
        geos, countries = (",".join("?" * len(names)) for names in (wanted.geos, wanted.countries))
        parts.append(
            f"(geo IN ({geos}) OR country IN ({countries}) OR (geo IS NULL AND country IS NULL))"
        )
        values += [*wanted.geos, *wanted.countries]
    return " AND ".join(parts) or "1", values


def _sighting(row: tuple[Any, ...]) -> Sighting:
    fields = dict(zip(_ALL, row, strict=True))
    fields["at_least"] = bool(fields["at_least"])
    fields["planned"] = tuple(tuple(plan) for plan in json.loads(fields["planned"]))
    for name in ("since", "seen"):
        fields[name] = datetime.fromisoformat(fields[name])
    return Sighting(**fields)
