"""How a seller's capacity is got where no feed tells its stock (data/lead_times.csv): quota,
reservations, how far ahead."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from knowledge import bundled


class Lead(NamedTuple):
    """What is stated of one provider, in each language."""

    provider: str
    says_en: str
    says_pt: str
    says_es: str
    source_url: str
    source_date: str

    def says(self, lang: str) -> str:
        return {"pt": self.says_pt, "es": self.says_es}.get(lang, self.says_en)


@cache
def _by_provider() -> dict[str, Lead]:
    return {one.provider: one for one in bundled.records("lead_times", Lead)}


def of(provider: str) -> Lead | None:
    """None where nothing was read."""
    return _by_provider().get(provider)
