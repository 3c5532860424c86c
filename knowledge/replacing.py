"""Replacing one source's offers inside a transaction: compare, swap, summarise, settle duplicates."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from knowledge.schema import INDEXES, OFFER_COLUMNS
from knowledge.store import Replaced, text_of

_STORED = (*OFFER_COLUMNS, "price_usd_per_gpu_hour", "tier")
_INSERT = f"INSERT INTO offers ({', '.join(_STORED)}) VALUES ({','.join('?' * len(_STORED))})"
# What makes an offer the same one in the next set of its source.
_KEY = (
    "provider", "instance_type", "region", "accelerator", "memory_gb", "count", "form_factor",
    "billing", "term_months",
)  # fmt: skip
_KEY_PLACES = tuple(_STORED.index(name) for name in _KEY)
_PRICE = _STORED.index("price_usd_per_hour")
# Two sources mean the same offer when the provider's own names agree; memory may be left out.
_DUPLICATE = " AND ".join(
    f"a.{column} IS b.{column}" for column in ("instance_type", "region", "billing", "term_months")
)
_MOSTLY = 0.3
"""From this share of the table on, building the indexes anew is cheaper than keeping them."""


def replace_offers(
    connection: sqlite3.Connection,
    source: str,
    owner: str | None,
    rows: Iterable[tuple[Any, ...]],
    at: datetime,
) -> Replaced:
    """The new set in the place of the old one; the caller's transaction makes it all or nothing."""
    arriving = list(rows)
    before = _before(connection, source, owner)
    new = changed = 0
    past: list[tuple[Any, ...]] = []
    for row in arriving:
        key = tuple([row[place] for place in _KEY_PLACES])
        old = before.pop(key, None)
        if old is None:
            new += 1
        elif abs(old[0] - row[_PRICE]) > 1e-9:
            changed += 1
            past.append((*key, *old))
    gone = len(before)
    past += [(*key, *old) for key, old in before.items()]
    _swap(connection, source, owner, arriving)
    if owner is None:
        _remember(connection, source, past, at)
        _summarise(connection, source)
        _settle_duplicates(connection, source)
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
    connection: sqlite3.Connection, source: str, owner: str | None, rows: list[tuple[Any, ...]]
) -> None:
    total = connection.execute("SELECT count(*) FROM offers").fetchone()[0]
    anew = len(rows) > _MOSTLY * (total + len(rows))
    if anew:
        for name in INDEXES:
            connection.execute(f"DROP INDEX {name}")
    connection.execute("DELETE FROM offers WHERE source = ? AND owner IS ?", (source, owner))
    connection.executemany(_INSERT, rows)
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


def _summarise(connection: sqlite3.Connection, source: str) -> None:
    """The day's lowest of each (accelerator, memory, billing, provider)."""
    connection.execute(
        "INSERT INTO daily (accelerator, memory_gb, billing, provider, day, price_usd_per_gpu_hour, "
        "source_url) SELECT accelerator, coalesce(memory_gb, 0), billing, provider, "
        "substr(as_of, 1, 10), min(price_usd_per_gpu_hour), source_url FROM offers "
        "WHERE source = ? AND owner IS NULL AND accelerator IS NOT NULL AND host_included = 1 "
        "GROUP BY 1, 2, 3, 4, 5 "
        "ON CONFLICT DO UPDATE SET price_usd_per_gpu_hour = excluded.price_usd_per_gpu_hour, "
        "source_url = excluded.source_url "
        "WHERE excluded.price_usd_per_gpu_hour < daily.price_usd_per_gpu_hour",
        (source,),
    )


def _settle_duplicates(connection: sqlite3.Connection, source: str) -> None:
    """One offer is shown once: the provider's own feed wins, then the fresher, then the name."""
    others = connection.execute(
        "SELECT DISTINCT provider FROM offers WHERE source <> ? AND owner IS NULL "
        "AND provider IN (SELECT provider FROM offers WHERE source = ? AND owner IS NULL)",
        (source, source),
    ).fetchall()
    if not others:
        return
    marks = ",".join("?" * len(others))
    shared = [row[0] for row in others]
    # A temporary index over the shared providers turns the self-join into look-ups.
    connection.execute("CREATE INDEX offers_same ON offers (provider, instance_type, region)")
    connection.execute(
        f"UPDATE offers SET shown = 1 WHERE shown = 0 AND owner IS NULL AND provider IN ({marks})",
        shared,
    )
    connection.execute(
        "UPDATE offers SET shown = 0 WHERE id IN (SELECT a.id FROM offers b "
        "JOIN offers a ON a.provider = b.provider AND a.source <> b.source "
        "LEFT JOIN sources sa ON sa.name = a.source LEFT JOIN sources sb ON sb.name = b.source "
        f"WHERE a.provider IN ({marks}) AND a.owner IS NULL AND b.owner IS NULL AND "
        f"{_DUPLICATE} AND (coalesce(sb.first_party, 0), b.as_of, b.source) > "
        "(coalesce(sa.first_party, 0), a.as_of, a.source))",
        shared,
    )
    connection.execute("DROP INDEX offers_same")
    # The bundled list steps back where a live source knows the same card of the provider.
    connection.execute(
        "CREATE TEMP TABLE live AS SELECT provider, accelerator, memory_gb, billing, "
        "max(as_of) AS as_of FROM offers WHERE source <> 'bundled' AND owner IS NULL "
        f"AND provider IN ({marks}) GROUP BY 1, 2, 3, 4",
        shared,
    )
    connection.execute(
        "UPDATE offers SET shown = 0 WHERE source = 'bundled' AND EXISTS (SELECT 1 FROM live "
        "WHERE live.provider = offers.provider AND live.accelerator IS offers.accelerator "
        "AND live.memory_gb IS offers.memory_gb AND live.billing = offers.billing "
        "AND live.as_of >= offers.as_of)"
    )
    connection.execute("DROP TABLE live")
