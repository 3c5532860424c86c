"""Prices over time: which days are known, the lowest of each, and what moved."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from knowledge.prices.offer import DayPrice

CARRY_DAYS = 35
"""How long a seen price is taken to hold when nobody looked again: a hand-kept list is renewed
monthly. Longer silences are gaps, not prices."""
KEPT = timedelta(days=60)
"""How long single prices that changed or went, and how refreshes went, are kept: twice as long as
a monthly digest looks back. The lowest price of each day is kept for good."""

Query = tuple[str, list[Any]]


def query(
    accelerators: Sequence[str],
    memory_gb: float | None,
    billing: str,
    providers: Sequence[str],
    since: date,
    until: date,
) -> Query:
    """Daily lows of each provider, from early enough that the first day's price is known."""
    sql = (
        "SELECT provider, memory_gb, day, price_usd_per_gpu_hour, source_url FROM daily "
        f"WHERE accelerator IN ({','.join('?' * len(accelerators))}) AND billing = ? "
        "AND day BETWEEN ? AND ?"
    )
    values: list[Any] = [
        *accelerators,
        billing,
        (since - timedelta(days=CARRY_DAYS)).isoformat(),
        until.isoformat(),
    ]
    if memory_gb is not None:
        sql += " AND memory_gb = ?"
        values.append(memory_gb)
    if providers:
        sql += f" AND provider IN ({','.join('?' * len(providers))})"
        values += providers
    return sql + " ORDER BY day", values


def by_seller(rows: Sequence[tuple[Any, ...]]) -> dict[tuple[str, float], list[tuple[str, float]]]:
    """Rows of `query` as one path a (provider, memory): a trend compares each with itself."""
    paths: dict[tuple[str, float], list[tuple[str, float]]] = {}
    for provider, memory, day, price, _ in rows:
        paths.setdefault((provider, memory), []).append((day, price))
    return paths


def lowest_by_day(rows: Sequence[tuple[Any, ...]], since: date, until: date) -> list[DayPrice]:
    """Each day's lowest over providers, a seen price carried until the next or CARRY_DAYS."""
    seen: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        seen.setdefault(row[2], []).append(row)
    latest: dict[tuple[str, float], tuple[date, float, str]] = {}
    out: list[DayPrice] = []
    day = since - timedelta(days=CARRY_DAYS)
    while day <= until:
        for provider, memory, _, price, url in seen.get(day.isoformat(), ()):
            latest[provider, memory] = (day, price, url)
        if day >= since:
            known = [
                (price, provider, url)
                for (provider, _), (as_of, price, url) in latest.items()
                if (day - as_of).days <= CARRY_DAYS
            ]
            if known:
                price, provider, url = min(known)
                out.append(DayPrice(day.isoformat(), price, provider, url))
        day += timedelta(days=1)
    # Nothing after the last day on which anybody was seen: carrying is for filling between.
    last_seen = max(seen, default="")
    return [price for price in out if price.day <= last_seen]


def movers_query(now: datetime, days: int) -> Query:
    """A provider's lowest price now beside the one `days` ago, where both are known and differ."""
    today = now.date()
    then = today - timedelta(days=days)
    return (
        (
            "WITH latest AS (SELECT accelerator, memory_gb, billing, provider, max(day) AS day FROM daily "
            "  WHERE day > ? AND day <= ? GROUP BY 1, 2, 3, 4), "
            "earlier AS (SELECT accelerator, memory_gb, billing, provider, max(day) AS day FROM daily "
            "  WHERE day > ? AND day <= ? GROUP BY 1, 2, 3, 4) "
            "SELECT a.accelerator, a.memory_gb, a.billing, a.provider, b.price_usd_per_gpu_hour, "
            "a.price_usd_per_gpu_hour, a.source_url FROM latest l JOIN daily a USING "
            "(accelerator, memory_gb, billing, provider, day) JOIN earlier e ON "
            "e.accelerator = l.accelerator AND e.memory_gb = l.memory_gb AND e.billing = l.billing "
            "AND e.provider = l.provider JOIN daily b ON b.accelerator = e.accelerator "
            "AND b.memory_gb = e.memory_gb AND b.billing = e.billing AND b.provider = e.provider "
            "AND b.day = e.day WHERE abs(a.price_usd_per_gpu_hour / b.price_usd_per_gpu_hour - 1) > 0.001"
        ),
        [
            then.isoformat(),
            today.isoformat(),
            (then - timedelta(days=CARRY_DAYS)).isoformat(),
            then.isoformat(),
        ],
    )


def appeared_query(since: datetime) -> Query:
    day = since.astimezone(UTC).date().isoformat()
    return (
        (
            "SELECT provider, accelerator, min(price_usd_per_gpu_hour) FROM daily "
            "GROUP BY provider, accelerator HAVING min(day) > ? ORDER BY 3"
        ),
        [day],
    )


def vanished_query(since: datetime) -> Query:
    moment = since.astimezone(UTC).isoformat(timespec="seconds")
    return (
        (
            "SELECT p.provider, p.accelerator, min(p.price_usd_per_hour / p.count) FROM past_prices p "
            "WHERE p.until > ? AND p.count > 0 AND NOT EXISTS (SELECT 1 FROM offers o WHERE "
            "o.provider = p.provider AND o.accelerator = p.accelerator) GROUP BY 1, 2 ORDER BY 1, 2"
        ),
        [moment],
    )


def forget(connection: sqlite3.Connection, source: str, now: datetime) -> None:
    """Drops what no answer shows any more; of a source's refreshes the last that went well stays,
    and how many there were."""
    before = (now - KEPT).astimezone(UTC).isoformat(timespec="seconds")
    # They came in by time: this looks at no row that stays.
    connection.execute(
        "DELETE FROM past_prices WHERE id < "
        "(SELECT id FROM past_prices WHERE until >= ? ORDER BY id LIMIT 1)",
        (before,),
    )
    old = "source = ? AND started < ? AND id IS NOT (SELECT max(id) FROM runs WHERE source = ? AND ok)"
    connection.execute(
        f"INSERT INTO meta SELECT 'runs ' || ok || ' ' || source, count(*) FROM runs WHERE {old} "
        "GROUP BY source, ok ON CONFLICT (key) DO UPDATE SET value = value + excluded.value",
        (source, before, source),
    )
    connection.execute(f"DELETE FROM runs WHERE {old}", (source, before, source))


RUN_COUNTS = (
    "SELECT source, ok, sum(times) FROM (SELECT source, ok, count(*) AS times FROM runs GROUP BY 1, 2 "
    "UNION ALL SELECT substr(key, 8), CAST(substr(key, 6, 1) AS INTEGER), CAST(value AS INTEGER) "
    "FROM meta WHERE key LIKE 'runs _ %') GROUP BY 1, 2"
)
"""Refreshes by source and outcome, forgotten ones too."""
