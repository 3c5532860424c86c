"""How a seller's capacity is got where no feed tells its stock (data/lead_times.csv): quota,
reservations, how far ahead."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from knowledge.facts import bundled


class Lead(NamedTuple):
    """What is stated of one provider, in one language."""

    provider: str
    lang: str
    says: str
    source_url: str
    source_date: str


@cache
def _table() -> dict[tuple[str, str], Lead]:
    return {
        (record.provider, record.lang): record for record in bundled.records("lead_times", Lead)
    }


def of(provider: str, lang: str = "en") -> Lead | None:
    """In that language, else in English; None where nothing was read."""
    return _table().get((provider, lang)) or _table().get((provider, "en"))
