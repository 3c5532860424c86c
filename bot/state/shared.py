"""What replicas share: published price stores, contract prices, and jobs one of them does."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from bot.state import tables
from bot.state.database import Topic
from bot.state.rows import Published, StateFault
from bot.state.seal import at

PIECE = 1 << 20
KEPT_VERSIONS = 3
"""The current one and two to go back to."""

_PUB = tables.published.c
_JOB = tables.job.c


def _unpacked(packed: bytes, digest: str, version: int) -> Iterator[bytes]:
    """In pieces: a large store must not be in memory whole."""
    damaged = StateFault(f"Published price store {version} is damaged; run a refresh.")
    unpacking, seen = zlib.decompressobj(), hashlib.sha256()
    try:
        left = packed
        while left:
            piece = unpacking.decompress(left, PIECE)
            left = unpacking.unconsumed_tail
            seen.update(piece)
            yield piece
        last = unpacking.flush()
    except zlib.error as fault:
        raise damaged from fault
    seen.update(last)
    yield last
    if seen.hexdigest() != digest:
        raise damaged


class Job(NamedTuple):
    name: str
    due: datetime
    tries: int
    """This one counted, since it last ended well."""
    last_done: datetime | None
    """When it last ended well."""


class Prices(Topic):
    """Published price stores."""

    def publish(self, body: Iterable[bytes], note: str) -> int:
        """Keeps the bytes of a price store, given in pieces, as the newest version; its number."""
        packing, digest, pieces = zlib.compressobj(6), hashlib.sha256(), []
        for piece in body:
            digest.update(piece)
            pieces.append(packing.compress(piece))
        packed = b"".join((*pieces, packing.flush()))
        del pieces
        with self._database.writing() as db:
            if self._database.is_postgres:
                db.execute(sa.text("LOCK TABLE published IN EXCLUSIVE MODE"))
            version = int(db.scalar(sa.select(sa.func.coalesce(sa.func.max(_PUB.version), 0))) or 0)
            version += 1
            db.execute(
                sa.insert(tables.published).values(
                    version=version,
                    at=self._database.from_now(),
                    note=note,
                    digest=digest.hexdigest(),
                    body=packed,
                    size=len(packed),
                )
            )
            db.execute(sa.delete(tables.published).where(_PUB.version <= version - KEPT_VERSIONS))
        return version

    def version(self) -> int:
        """The newest version's number; 0 when none was published."""
        with self._database.reading() as db:
            return int(db.scalar(sa.select(sa.func.coalesce(sa.func.max(_PUB.version), 0))) or 0)

    def versions(self) -> list[Published]:
        """Versions that are kept, newest first."""
        with self._database.reading() as db:
            rows = db.execute(
                sa.select(_PUB.version, _PUB.at, _PUB.size, _PUB.note, _PUB.digest).order_by(
                    _PUB.version.desc()
                )
            ).all()
        return [Published(*row) for row in rows]

    def body(self, version: int) -> Iterator[bytes] | None:
        """The price store's bytes in pieces; None when that version is gone. Raises StateFault at
        the end when they are not what was published: use none of them before."""
        with self._database.reading() as db:
            row = db.execute(
                sa.select(_PUB.body, _PUB.digest).where(_PUB.version == version)
            ).one_or_none()
        if row is None:
            return None
        return _unpacked(row.body, row.digest, version)

    def rollback(self) -> int | None:
        """Publishes the version before the newest again, as a new one; None when there is none."""
        with self._database.reading() as db:
            kept = list(db.scalars(sa.select(_PUB.version).order_by(_PUB.version.desc()).limit(2)))
        if len(kept) < 2:
            return None
        body = self.body(kept[1])
        return None if body is None else self.publish(body, f"rollback to {kept[1]}")


class Contracts(Topic):
    """Workspaces' own prices, sealed."""

    def save(self, owner: str, source: str, offers: Sequence[Mapping[str, Any]]) -> None:
        """A workspace's own prices, sealed; replaces what this source had. Empty removes them."""
        table = tables.contract
        with self._database.writing() as db:
            version = db.scalar(
                sa.select(table.c.version).where(table.c.owner == owner, table.c.source == source)
            )
            self._database.upsert(
                db,
                table,
                {
                    "owner": owner,
                    "source": source,
                    "offers": self._database.seal.close(
                        json.dumps([dict(offer) for offer in offers]), _offers(owner, source)
                    ),
                    "version": (version or 0) + 1,
                    "at": self._database.from_now(),
                },
            )

    def versions(self) -> dict[tuple[str, str], int]:
        """(owner, source) -> version, so that a replica sees what it has not copied yet."""
        table = tables.contract
        with self._database.reading() as db:
            rows = db.execute(sa.select(table.c.owner, table.c.source, table.c.version)).all()
        return {(owner, source): version for owner, source, version in rows}

    def get(self, owner: str, source: str) -> list[dict[str, Any]]:
        table = tables.contract
        with self._database.reading() as db:
            text = db.scalar(
                sa.select(table.c.offers).where(table.c.owner == owner, table.c.source == source)
            )
        return (
            []
            if text is None
            else list(json.loads(self._database.seal.open(text, _offers(owner, source))))
        )


class Jobs(Topic):
    """What exactly one replica does at a time."""

    def claim(self, name: str, owner: str, lease: timedelta) -> Job | None:
        """The job, when it is due and no other replica is at it. A new job is due at once."""
        now = self._database.from_now()
        table = tables.job
        with self._database.reading() as db:
            row = db.execute(sa.select(table).where(_JOB.name == name)).one_or_none()
            at = self._database.now_in(db)
        if row is not None and (row.due > at or (row.lease is not None and row.lease > at)):
            return None
        with self._database.writing() as db:
            if row is None:
                db.execute(
                    self._database.insert(table)
                    .values(name=name, due=now, tries=0)
                    .on_conflict_do_nothing()
                )
            taken = db.execute(
                sa.update(table)
                .where(
                    _JOB.name == name,
                    _JOB.due <= now,
                    sa.or_(_JOB.lease.is_(None), _JOB.lease <= now),
                )
                .values(owner=owner, lease=self._database.from_now(lease), tries=_JOB.tries + 1)
                .returning(_JOB.name, _JOB.due, _JOB.tries, _JOB.last_done)
            ).one_or_none()
        return Job(*taken) if taken else None

    def renew(self, name: str, owner: str, lease: timedelta) -> bool:
        with self._database.writing() as db:
            return bool(
                db.execute(
                    sa.update(tables.job)
                    .where(_JOB.name == name, _JOB.owner == owner)
                    .values(lease=self._database.from_now(lease))
                ).rowcount
            )

    def finish(self, name: str, owner: str, after: timedelta, fault: str | None = None) -> bool:
        """Done (or failed with `fault`); due again `after` from now."""
        values: dict[str, Any] = {
            "owner": None, "lease": None, "due": self._database.from_now(after), "last_fault": fault,
        }  # fmt: skip
        if fault is None:
            values |= {"tries": 0, "last_done": self._database.from_now()}
        with self._database.writing() as db:
            return bool(
                db.execute(
                    sa.update(tables.job)
                    .where(_JOB.name == name, _JOB.owner == owner)
                    .values(**values)
                ).rowcount
            )


def _offers(owner: str, source: str) -> str:
    return at("contract", "offers", owner, source)
