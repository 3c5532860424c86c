"""How providers bill (data/billing.csv) and what buyers in a country must know of tax
(data/taxes.csv). Nothing here is tax advice, and no tax is computed."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from knowledge.facts import bundled


class Billed(NamedTuple):
    """One stated fact as a code that the bot words in each language."""

    provider: str
    topic: str
    """`step`, `stopped`, `payment` or `tax`."""
    code: str
    source_url: str
    source_date: str


class Tax(NamedTuple):
    """What sources say for buyers in one country, in one language."""

    country: str
    lang: str
    says: str
    source_url: str
    source_date: str
    """Empty when the copy that was read carries no date."""


@cache
def _facts() -> tuple[Billed, ...]:
    return bundled.records("billing", Billed)


def of(provider: str, topic: str) -> tuple[Billed, ...]:
    """What was read of one provider on one topic."""
    return tuple(fact for fact in _facts() if fact.provider == provider and fact.topic == topic)


def states(topic: str) -> tuple[str, ...]:
    """Providers of which anything was read on a topic."""
    return tuple(dict.fromkeys(fact.provider for fact in _facts() if fact.topic == topic))


@cache
def _taxes() -> dict[tuple[str, str], Tax]:
    return {(record.country, record.lang): record for record in bundled.records("taxes", Tax)}


def tax(country: str, lang: str = "en") -> Tax | None:
    """By ISO code, upper case; in that language, else in English."""
    return _taxes().get((country, lang)) or _taxes().get((country, "en"))
