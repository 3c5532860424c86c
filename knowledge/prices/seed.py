"""The first store: bundled list prices and history, made whole before anyone can see it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from knowledge.facts import bundled
from knowledge.facts.regions import geo_of, place
from knowledge.prices.files import File
from knowledge.prices.offer import Offer
from knowledge.prices.records import BUNDLED, SourceInfo, StoreFault

BUNDLED_TITLE = "Bundled list prices"
BUNDLED_LICENCE = "see NOTICE; includes gpurentalprices.com (CC BY 4.0)"
GOOD_FOR = timedelta(days=30)
"""A hand-kept list is good for a month (DESIGN: each source declares it)."""


def ensure(path: Path, now: datetime) -> bool:
    """Makes the store if there is none; True when it can be written to.

    A complete file is built beside the target and linked into place, so that two processes that
    start at once both come up on a whole store and a kill leaves nothing half.
    """
    if path.exists():
        if path.is_dir():
            raise StoreFault(f"{path} is a folder. Set QUARTERMASTER_DATA_DIR to another place.")
        writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        if writable:
            _renew_bundle(path, now)
        return writable
    building = path.with_name(f".{path.name}.{os.getpid()}.seeding")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _build(building, now)
        try:
            os.link(building, path)
        except FileExistsError:
            pass  # another process was first, with the same content
    except (OSError, sqlite3.Error) as fault:
        raise StoreFault(
            f"The price store cannot be made at {path} ({fault}). Set QUARTERMASTER_DATA_DIR to a "
            "folder that can be written to."
        ) from fault
    finally:
        for leftover in path.parent.glob(f"{building.name}*"):
            leftover.unlink(missing_ok=True)
    return True


def offers(fetched_at: datetime) -> Iterator[Offer]:
    """The bundled list prices as offers."""
    for row in bundled.rows("offers"):
        as_of = datetime.fromisoformat(row["as_of"]).replace(tzinfo=UTC)
        known = place(row["provider"], row["region"]) if row["region"] else None
        country = row["country"] or (known.country if known else None)
        yield Offer(
            provider=row["provider"],
            instance_type=row["instance_type"],
            accelerator=row["accelerator"] or None,
            memory_gb=bundled.number(row["memory_gb"]),
            count=int(row["count"]),
            form_factor=row["form_factor"] or None,
            vcpus=bundled.number(row["vcpus"]),
            ram_gb=bundled.number(row["ram_gb"]),
            region=row["region"] or None,
            country=country,
            geo=geo_of(country) if country else known.geo if known else None,
            billing=row["billing"],  # type: ignore[arg-type]  # checked by knowledge.prices.csv_rows
            term_months=bundled.whole(row["term_months"]),
            price_usd_per_hour=float(row["price_usd_per_hour"]),
            as_of=as_of,
            source=BUNDLED,
            source_url=row["source_url"],
            fetched_at=fetched_at,
            fresh_until=as_of + GOOD_FOR,
            host_included=row["host_included"] == "yes",
            starting_at=row["starting_at"] == "yes",
            note=row["note"] or None,
        )


def _bundle_stamp() -> str:
    """Changes when the bundled prices change; sizes are enough and cost two stat calls."""
    return "-".join(
        str((bundled.DATA / f"{name}.csv").stat().st_size) for name in ("offers", "history")
    )


def _build(path: Path, now: datetime) -> None:
    from sqlite_utils import Database

    from knowledge.prices.schema import migrate

    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        migrate(Database(connection))
        connection.execute("BEGIN IMMEDIATE")
        _fill(connection, now)
        connection.execute("COMMIT")
        connection.execute("PRAGMA optimize")
        # Everything into the one file that is linked into place.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _fill(connection: sqlite3.Connection, now: datetime) -> None:
    from knowledge.prices.replacing import register, replace_offers
    from knowledge.prices.rows import stored

    register(
        connection,
        SourceInfo(
            name=BUNDLED,
            title=BUNDLED_TITLE,
            page="https://gpurentalprices.com",
            good_for=GOOD_FOR,
            licence=BUNDLED_LICENCE,
        ),
    )
    replace_offers(connection, BUNDLED, None, (stored(offer) for offer in offers(now)), now)
    connection.executemany(
        "INSERT INTO daily (accelerator, memory_gb, billing, provider, day, price_usd_per_gpu_hour, "
        "source_url) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "price_usd_per_gpu_hour = min(price_usd_per_gpu_hour, excluded.price_usd_per_gpu_hour)",
        (
            (
                row["accelerator"],
                bundled.number(row["memory_gb"]) or 0,
                row["billing"],
                row["provider"],
                row["date"],
                float(row["price_usd_per_gpu_hour"]),
                row["source_url"],
            )
            for row in bundled.rows("history")
        ),
    )
    connection.execute("UPDATE meta SET value = ? WHERE key = 'bundle'", (_bundle_stamp(),))


def _renew_bundle(path: Path, now: datetime) -> None:
    """A newer package brings newer bundled prices: only the bundled source is replaced."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            row = connection.execute("SELECT value FROM meta WHERE key = 'bundle'").fetchone()
        finally:
            connection.close()
    except sqlite3.Error:
        return  # not ours, or damaged: opening it says so
    if row is None or row[0] == _bundle_stamp():
        return
    with File(path, writable=True).writing() as writer:
        _fill(writer, now)
