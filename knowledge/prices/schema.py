"""The price store's tables, as numbered migrations of one named set (sqlite-utils)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from knowledge.prices.offer import Offer

if TYPE_CHECKING:
    from sqlite_utils import Database

MIGRATION_SET = "quartermaster-prices"

# Columns of `offers` in the order of the Offer: a row is an Offer's arguments.
OFFER_COLUMNS = Offer._fields


STOCK_TABLE = """
CREATE TABLE stock (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, provider TEXT NOT NULL, instance_type TEXT NOT NULL,
  region TEXT NOT NULL, billing TEXT NOT NULL,
  accelerator TEXT NOT NULL, memory_gb REAL, form_factor TEXT, count INTEGER NOT NULL,
  country TEXT, geo TEXT,
  state TEXT NOT NULL, units INTEGER, at_least INTEGER NOT NULL, planned TEXT NOT NULL,
  lead_days REAL, source_url TEXT NOT NULL,
  since TEXT NOT NULL, seen TEXT NOT NULL, checks INTEGER NOT NULL
) STRICT
"""
STOCK_INDEX = "CREATE INDEX stock_card ON stock (accelerator, seen)"


@lru_cache(maxsize=1024)
def text_of(moment: datetime) -> str:
    """A moment as the store writes it: UTC, to the second, comparable as text."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


_OFFERS = """
CREATE TABLE offers (
  id INTEGER PRIMARY KEY,
  provider TEXT NOT NULL, instance_type TEXT NOT NULL, accelerator TEXT, memory_gb REAL,
  count INTEGER NOT NULL, form_factor TEXT, vcpus REAL, ram_gb REAL,
  region TEXT, country TEXT, geo TEXT,
  billing TEXT NOT NULL, term_months INTEGER,
  price_usd_per_hour REAL NOT NULL CHECK (price_usd_per_hour > 0),
  as_of TEXT NOT NULL, source TEXT NOT NULL, source_url TEXT NOT NULL,
  fetched_at TEXT NOT NULL, fresh_until TEXT NOT NULL,
  host_included INTEGER NOT NULL, starting_at INTEGER NOT NULL,
  fx TEXT, owner TEXT, note TEXT,
  -- derived, so that one index serves one question
  price_usd_per_gpu_hour REAL, tier TEXT NOT NULL, shown INTEGER NOT NULL DEFAULT 1
) STRICT
"""


INDEXES = {
    # Ranking of a card: equality on what a question states, then the price in order.
    "offers_ranking": (
        "CREATE INDEX offers_ranking ON offers "
        "(accelerator, memory_gb, count, billing, price_usd_per_gpu_hour, tier) "
        "WHERE shown = 1"
    ),
    # The same with a place, in the order `market` groups by and with all it reads: half a million
    # offers are summed up in one walk, without sorting and without fetching a row.
    "offers_placed": (
        "CREATE INDEX offers_placed ON offers (accelerator, geo, memory_gb, count, billing, provider, "
        "term_months, host_included, owner, fresh_until, price_usd_per_gpu_hour, tier, form_factor, country, "
        "region) WHERE shown = 1"
    ),
    # Everything of a provider, whatever the card.
    "offers_provider": "CREATE INDEX offers_provider ON offers (provider) WHERE shown = 1",
    "offers_source": "CREATE INDEX offers_source ON offers (source)",
}


def _build_indexes(db: Database) -> None:
    for name, sql in INDEXES.items():
        db.execute(f"DROP INDEX IF EXISTS {name}")
        db.execute(sql)


Migration = Callable[["Database"], None]
_STEPS: list[Migration] = []


def _migration(step: Migration) -> Migration:
    """Adds a step, known by its name; each runs once, in a transaction."""
    _STEPS.append(step)
    return step


@_migration
def m001_offers(db: Database) -> None:
    # STRICT: a word in a price column must fail here, not in a ranking.
    db.execute(_OFFERS)
    for sql in INDEXES.values():
        db.execute(sql)


@_migration
def m002_sources(db: Database) -> None:
    # What is known of each source, and how its refreshes went.
    db.execute(
        "CREATE TABLE sources (name TEXT PRIMARY KEY, title TEXT NOT NULL, page TEXT NOT NULL, "
        "licence TEXT, first_party INTEGER NOT NULL DEFAULT 0, good_for_seconds INTEGER NOT NULL, "
        "etag TEXT, last_modified TEXT, version TEXT) STRICT"
    )
    db.execute(
        "CREATE TABLE runs (id INTEGER PRIMARY KEY, source TEXT NOT NULL, started TEXT NOT NULL, "
        "took_s REAL NOT NULL, ok INTEGER NOT NULL, fault TEXT, offers INTEGER NOT NULL, "
        "new INTEGER NOT NULL, gone INTEGER NOT NULL, changed INTEGER NOT NULL, "
        "unknown TEXT NOT NULL, notes TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX runs_source ON runs (source, started)")


@_migration
def m003_history(db: Database) -> None:
    # A price that was replaced or vanished, with the time it held: change points.
    db.execute(
        "CREATE TABLE past_prices (id INTEGER PRIMARY KEY, source TEXT NOT NULL, "
        "provider TEXT NOT NULL, instance_type TEXT NOT NULL, region TEXT, accelerator TEXT, "
        "memory_gb REAL, count INTEGER NOT NULL, billing TEXT NOT NULL, term_months INTEGER, "
        "price_usd_per_hour REAL NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX past_prices_card ON past_prices (accelerator, provider, until)")
    # The lowest price of each day: a year of it stays small.
    db.execute(
        "CREATE TABLE daily (accelerator TEXT NOT NULL, memory_gb REAL NOT NULL, "
        "billing TEXT NOT NULL, provider TEXT NOT NULL, day TEXT NOT NULL, "
        "price_usd_per_gpu_hour REAL NOT NULL, source_url TEXT NOT NULL, "
        "PRIMARY KEY (accelerator, memory_gb, billing, provider, day)) STRICT, WITHOUT ROWID"
    )


@_migration
def m004_meta(db: Database) -> None:
    db.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
    db.execute("INSERT INTO meta VALUES ('version', '0'), ('bundle', '')")


@_migration
def m005_views(db: Database) -> None:
    # For people with sqlite-utils or Datasette.
    db.execute(
        "CREATE VIEW current_offers AS SELECT provider, instance_type, accelerator, memory_gb, "
        "count, form_factor, region, country, billing, term_months, "
        "round(price_usd_per_gpu_hour, 4) AS usd_per_gpu_hour, price_usd_per_hour, "
        "substr(as_of, 1, 10) AS price_of, source, source_url FROM offers "
        "WHERE shown = 1 AND owner IS NULL ORDER BY accelerator, billing, price_usd_per_gpu_hour"
    )
    db.execute(
        "CREATE VIEW cheapest_by_accelerator AS SELECT accelerator, memory_gb, billing, "
        "round(min(price_usd_per_gpu_hour), 4) AS usd_per_gpu_hour, provider, instance_type, "
        "region, substr(as_of, 1, 10) AS price_of, count(*) AS offers, source_url FROM offers "
        "WHERE shown = 1 AND owner IS NULL AND accelerator IS NOT NULL AND host_included = 1 "
        "GROUP BY accelerator, memory_gb, billing"
    )


@_migration
def m006_disagreements(db: Database) -> None:
    # What `sources` tells of two sources that state different prices for one offer.
    db.execute(
        "CREATE TABLE disagreements (source TEXT NOT NULL, other TEXT NOT NULL, "
        "provider TEXT NOT NULL, billing TEXT NOT NULL, offers INTEGER NOT NULL, "
        "both INTEGER NOT NULL, instance_type TEXT NOT NULL, region TEXT, "
        "price_usd_per_hour REAL NOT NULL, other_price_usd_per_hour REAL NOT NULL) STRICT"
    )
    # Bodies are kept beside the store with their validators, one for each address.
    for column in ("etag", "last_modified", "version"):
        db.execute(f"ALTER TABLE sources DROP COLUMN {column}")


@_migration
def m007_contracts_leave(db: Database) -> None:
    # Negotiated prices lie sealed in the state database and nowhere else on disk.
    db.execute("DELETE FROM offers WHERE owner IS NOT NULL")
    db.execute("DELETE FROM meta WHERE key = 'contracts'")


@_migration
def m008_indexes(db: Database) -> None:
    # A whole card is summed up, and a provider found, without fetching rows.
    _build_indexes(db)


@_migration
def m009_complete_lists(db: Database) -> None:
    # A provider's own complete list speaks for all of a card, in every place.
    db.execute("ALTER TABLE sources ADD COLUMN complete INTEGER NOT NULL DEFAULT 0")


@_migration
def m010_places(db: Database) -> None:
    # Where a price holds is decided by country and region too, without fetching rows.
    _build_indexes(db)


@_migration
def m011_stock(db: Database) -> None:
    # What feeds say of stock, as runs of one state.
    db.execute(STOCK_TABLE)
    db.execute(STOCK_INDEX)


MIGRATIONS = tuple(step.__name__ for step in _STEPS)


def migrate(db: Database) -> None:
    """Brings a store to the newest schema."""
    from sqlite_utils import Migrations

    migrations = Migrations(MIGRATION_SET)
    for step in _STEPS:
        migrations()(step)
    migrations.apply(db)
