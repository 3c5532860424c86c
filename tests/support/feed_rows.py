"""What tests of parsers ask of rows, and payloads changed in one place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from feed_payloads import fetched

from knowledge.feeds.source import NotUnderstood, Payload, PerAccelerator, RawOffer, Row
from knowledge.sources import SOURCES


def read(name: str, payloads: Sequence[Payload] | None = None) -> list[Row]:
    """What a source reads in its payloads, or in these."""
    return list(SOURCES[name].parse(fetched(name) if payloads is None else payloads))


def offers(rows: Iterable[Row], **fields: object) -> list[RawOffer]:
    """The offers whose fields are these."""
    return [
        row
        for row in rows
        if isinstance(row, RawOffer)
        and all(getattr(row, name) == value for name, value in fields.items())
    ]


def offer(rows: Iterable[Row], **fields: object) -> RawOffer:
    """The one offer whose fields are these."""
    found = offers(rows, **fields)
    assert len(found) == 1, found
    return found[0]


def prices(rows: Iterable[Row], **fields: object) -> dict[tuple[str, int | None], float]:
    """(billing, term) -> amount as quoted."""
    return {(row.billing, row.term_months): row.price.amount for row in offers(rows, **fields)}


def missed(rows: Iterable[Row]) -> dict[str, str]:
    """Name -> why of what was not understood; the last reason of a name."""
    return {row.name: row.why for row in rows if isinstance(row, NotUnderstood)}


def quoted(row: RawOffer) -> tuple[str, float, str]:
    """ "gpu" or "machine", amount, currency."""
    kind = "gpu" if isinstance(row.price, PerAccelerator) else "machine"
    return kind, row.price.amount, row.price.currency


def edited(name: str, edit: Callable[[Any], object], tag: str | None = None) -> list[Payload]:
    """The payloads, with the JSON of the first one (or of those with this tag) changed in place."""
    payloads = list(fetched(name))
    for at, payload in enumerate(payloads):
        if (tag is None and at == 0) or (tag is not None and payload.tag == tag):
            tree = json.loads(payload.body)
            edit(tree)
            payloads[at] = replace(payload, body=json.dumps(tree).encode())
    return payloads


def rewritten(given: str | Sequence[Payload], old: str, new: str) -> list[Payload]:
    """A source's payloads, or these, with a text replaced that must be in one of them."""
    payloads = fetched(given) if isinstance(given, str) else given
    assert any(old.encode() in payload.body for payload in payloads), old
    return [
        replace(payload, body=payload.body.replace(old.encode(), new.encode()))
        for payload in payloads
    ]
