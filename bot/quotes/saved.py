"""Quotes kept with the place they were given in, sealed: listed, compared later, dropped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from bot.state import State

KIND = "quote"
MOST = 100
"""Quotes of one place; the oldest goes when another comes."""


class Saved(NamedTuple):
    number: int
    quote: dict[str, Any]
    """As `quote --json` prints it."""
    file: str
    at: str
    """ISO moment in UTC."""


def key_of(place: str, number: int) -> str:
    return f"{place}:#{number:05d}"


def standing(state: State, place: str) -> list[Saved]:
    """The quotes of a place, oldest first."""
    held = state.records.below(KIND, f"{place}:#")
    return [
        Saved(one["number"], one["quote"], one["file"], one["at"])
        for _, one in sorted(held.items())
    ]


def keep(state: State, place: str, readings: Iterable[dict[str, Any]], now: datetime) -> list[int]:
    """Keeps the quotes of readings, each once; their numbers, also of those that were known."""
    held = {_same(one.quote): one.number for one in standing(state, place)}
    numbers = []
    for reading in readings:
        for quote in reading["quotes"]:
            same = _same(quote)
            if same not in held:
                held[same] = max(held.values(), default=0) + 1
                words = {"number": held[same], "quote": quote, "file": str(reading.get("file") or "")[:120], "at": now.isoformat()}  # fmt: skip
                state.records.keep(KIND, key_of(place, held[same]), words)
            numbers.append(held[same])
    for number in sorted(held.values())[:-MOST]:
        state.records.take(KIND, key_of(place, number))
    return list(dict.fromkeys(numbers))


def drop(state: State, place: str, numbers: Sequence[int]) -> int:
    """Removes quotes; counts them."""
    return sum(state.records.take(KIND, key_of(place, number)) is not None for number in numbers)


def _same(quote: dict[str, Any]) -> str:
    """A quote's content, whatever file it came in."""
    return sha256(json.dumps(quote, sort_keys=True, default=str).encode()).hexdigest()
