"""Replacing one source's offers inside a transaction: stage, compare, swap, summarise."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from knowledge.schema import OFFER_COLUMNS, staging
from knowledge.store import Replaced, text_of

_STORED = (*OFFER_COLUMNS, "price_usd_per_gpu_hour", "tier")
_NAMES = ", ".join(_STORED)
_SAME = " AND ".join(
    f"a.{column} IS b.{column}"
    for column in ("instance_type", "region", "accelerator", "memory_gb", "count", "form_factor",
                   "billing", "term_months")
)  # fmt: skip
# Two sources mean the same offer when the provider's own names agree; memory may be left out.
_DUPLICATE = " AND ".join(
    f"a.{column} IS b.{column}" for column in ("instance_type", "region", "billing", "term_months")
)


def replace_offers(
    connection: sqlite3.Connection,
    source: str,
    owner: str | None,
    rows: Iterable[tuple[Any, ...]],
    at: datetime,
) -> Replaced:
    """The new set in the place of the old one; the caller's transaction makes it all or nothing."""
    connection.execute(staging("arriving"))
    connection.executemany(
        f"INSERT INTO arriving ({_NAMES}) VALUES ({','.join('?' * len(_STORED))})", rows
    )
    mine = "source = ? AND owner IS ?"
    had = connection.execute(
        f"SELECT count(*) FROM offers WHERE {mine}", (source, owner)
    ).fetchone()
    offers = connection.execute("SELECT count(*) FROM arriving").fetchone()[0]
    new, gone, changed = offers, 0, 0
    if had[0]:
        new, gone, changed = _compare(connection, source, owner, at)
        connection.execute(f"DELETE FROM offers WHERE {mine}", (source, owner))
    connection.execute(f"INSERT INTO offers ({_NAMES}) SELECT {_NAMES} FROM arriving")
    if owner is None:
        _summarise(connection)
    _settle_duplicates(connection, source)
    connection.execute("DROP TABLE arriving")
    connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'version'")
    return Replaced(offers, new, gone, changed)


def _compare(
    connection: sqlite3.Connection, source: str, owner: str | None, at: datetime
) -> tuple[int, int, int]:
    """Counts new, gone and changed; what changed or went becomes a change point of history."""
    connection.execute(
        "CREATE TEMP TABLE before AS SELECT * FROM offers WHERE source = ? AND owner IS ?",
        (source, owner),
    )
    connection.execute("CREATE INDEX temp.before_key ON before (provider, instance_type, region)")
    connection.execute(
        "CREATE INDEX temp.arriving_key ON arriving (provider, instance_type, region)"
    )
    match = f"b.provider = a.provider AND {_SAME}"
    new = connection.execute(
        f"SELECT count(*) FROM arriving a WHERE NOT EXISTS (SELECT 1 FROM before b WHERE {match})"
    ).fetchone()[0]
    gone_rows = connection.execute(
        f"SELECT count(*) FROM before a WHERE NOT EXISTS (SELECT 1 FROM arriving b WHERE {match})"
    ).fetchone()[0]
    changed = connection.execute(
        f"SELECT count(*) FROM arriving a WHERE EXISTS (SELECT 1 FROM before b WHERE {match}) "
        f"AND NOT EXISTS (SELECT 1 FROM before b WHERE {match} "
        "AND abs(b.price_usd_per_hour - a.price_usd_per_hour) < 1e-9)"
    ).fetchone()[0]
    if owner is None:
        connection.execute(
            "INSERT INTO past_prices (source, provider, instance_type, region, accelerator, "
            "memory_gb, count, billing, term_months, price_usd_per_hour, since, until) "
            "SELECT source, provider, instance_type, region, accelerator, memory_gb, count, billing, "
            "term_months, price_usd_per_hour, as_of, ? FROM before a WHERE NOT EXISTS "
            f"(SELECT 1 FROM arriving b WHERE {match} "
            "AND abs(b.price_usd_per_hour - a.price_usd_per_hour) < 1e-9)",
            (text_of(at),),
        )
    connection.execute("DROP TABLE before")
    return new, gone_rows, changed


def _summarise(connection: sqlite3.Connection) -> None:
    """The day's lowest of each (accelerator, memory, billing, provider)."""
    connection.execute(
        "INSERT INTO daily (accelerator, memory_gb, billing, provider, day, price_usd_per_gpu_hour, "
        "source_url) SELECT accelerator, coalesce(memory_gb, 0), billing, provider, "
        "substr(as_of, 1, 10), min(price_usd_per_gpu_hour), source_url FROM arriving "
        "WHERE accelerator IS NOT NULL AND host_included = 1 GROUP BY 1, 2, 3, 4, 5 "
        "ON CONFLICT DO UPDATE SET price_usd_per_gpu_hour = excluded.price_usd_per_gpu_hour, "
        "source_url = excluded.source_url "
        "WHERE excluded.price_usd_per_gpu_hour < daily.price_usd_per_gpu_hour"
    )


def _settle_duplicates(connection: sqlite3.Connection, source: str) -> None:
    """One offer is shown once: the provider's own feed wins, then the fresher, then the name."""
    shared = [
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT provider FROM arriving WHERE provider IN "
            "(SELECT DISTINCT provider FROM offers WHERE source <> ? AND owner IS NULL)",
            (source,),
        )
    ]
    for provider in shared:
        connection.execute(
            "UPDATE offers SET shown = 1 WHERE provider = ? AND owner IS NULL AND shown = 0",
            (provider,),
        )
        connection.execute(
            "UPDATE offers SET shown = 0 WHERE id IN (SELECT a.id FROM offers a "
            "JOIN offers b ON b.provider = a.provider AND a.source <> b.source "
            "LEFT JOIN sources sa ON sa.name = a.source LEFT JOIN sources sb ON sb.name = b.source "
            "WHERE a.provider = ? AND a.owner IS NULL AND b.owner IS NULL AND "
            f"{_DUPLICATE} AND (coalesce(sb.first_party, 0), b.as_of, b.source) > "
            "(coalesce(sa.first_party, 0), a.as_of, a.source))",
            (provider,),
        )
        # The bundled list steps back where a live source knows the same card of the provider.
        connection.execute(
            "UPDATE offers SET shown = 0 WHERE source = 'bundled' AND provider = ? AND EXISTS "
            "(SELECT 1 FROM offers b WHERE b.provider = offers.provider AND b.source <> 'bundled' "
            "AND b.owner IS NULL AND b.accelerator IS offers.accelerator "
            "AND b.memory_gb IS offers.memory_gb AND b.billing = offers.billing "
            "AND b.as_of >= offers.as_of)",
            (provider,),
        )


def disagreements(connection: sqlite3.Connection, source: str, share: float = 0.05) -> list[str]:
    """Offers of `source` whose price differs by more than `share` from another source's."""
    rows = connection.execute(
        "SELECT a.provider, a.instance_type, a.region, a.price_usd_per_hour, b.source, "
        "b.price_usd_per_hour FROM offers a JOIN offers b ON b.provider = a.provider "
        f"AND a.source <> b.source AND {_DUPLICATE} WHERE a.source = ? AND a.owner IS NULL "
        "AND b.owner IS NULL AND abs(a.price_usd_per_hour / b.price_usd_per_hour - 1) > ? "
        "ORDER BY abs(a.price_usd_per_hour / b.price_usd_per_hour - 1) DESC LIMIT 20",
        (source, share),
    )
    return [
        f"{provider} {instance} {region or ''}: {price:.4g} here, {other_price:.4g} at {other}"
        for provider, instance, region, price, other, other_price in rows
    ]
