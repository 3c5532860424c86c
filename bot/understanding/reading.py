"""A text as it is read: its mentions with their values, and the units that classifiers look at."""

from __future__ import annotations

from typing import Any, NamedTuple

from knowledge.facts.units import DAY, MONTH, WEEK, YEAR


class Mention(NamedTuple):
    """Something that a text names."""

    kind: str
    """`card memory form provider instance model place zone region-code money number time percent
    gpu-hours tokens storage people requests things every billing tier workload precision
    interconnect compliance weekday clock month cut`."""
    start: int
    end: int
    value: Any
    """Canonical name, number or code; money and time hold a `Money` or `Length`."""
    detail: Any = None
    """What else the words state: a machine's figures, a number's noun."""


class Money(NamedTuple):
    """A sum as written."""

    amount: float
    currency: str | None
    """ISO code; None for a number that no currency stands beside."""
    per: frozenset[str] = frozenset()
    """What it is for, as far as said: `gpu node hour second minute day week month year tokens`."""
    scaled: bool = False
    """Written with k, mil or million."""


class Length(NamedTuple):
    """A length of time as written."""

    hours: float
    number: float
    unit: str
    written: bool
    """False for a unit without a number ("monthly", "a month")."""


MAX_READ = 1500
"""Characters that are read: a question has its subject within them; a document is not read to its end."""
HOURS = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1.0, "day": DAY, "week": WEEK, "fortnight": 2 * WEEK,
         "month": MONTH, "quarter": 3 * MONTH, "semester": 6 * MONTH, "year": YEAR}  # fmt: skip
DAYS = {"second": 0, "minute": 0, "hour": 0, "day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 90,
        "semester": 180, "year": 365}  # fmt: skip


class Reading(NamedTuple):
    """A folded text with its mentions, in order, and the units that classifiers look at."""

    text: str
    lang: str
    mentions: tuple[Mention, ...]
    units: tuple[Unit, ...]


class Unit(NamedTuple):
    """A word, or a whole mention, as the classifiers see it."""

    key: str
    """The word; `#card`, `#money` and so on for a mention."""
    mention: int
    """Index of the mention; -1 for a word."""
    cues: tuple[str, ...]
    """Cues whose phrase covers this unit."""
    start: int
