"""GPUs that are paid while a request is worked on (data/serverless.csv).

Few providers publish such rates by the card; of the others it is said that none is known.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from knowledge.facts import bundled
from knowledge.facts.accelerators import Accelerator


class Rate(NamedTuple):
    """What one card costs while it works, at one provider."""

    provider: str
    accelerator: str
    memory_gb: float
    usd_per_second: float
    source_url: str
    source_date: str
    """Empty: the page carries no date."""
    checked_on: str

    @property
    def usd_per_hour(self) -> float:
        """Of an hour that is busy throughout."""
        return self.usd_per_second * 3600


@cache
def rates() -> tuple[Rate, ...]:
    return bundled.records("serverless", Rate)


def rate(card: Accelerator, providers: tuple[str, ...] = ()) -> Rate | None:
    """The lowest rate for a card, of these providers if any are named; None where none is known."""
    found = [
        one
        for one in rates()
        if (one.accelerator, one.memory_gb) == (card.canonical, card.memory_gb)
        and (not providers or one.provider in providers)
    ]
    return min(found, key=lambda one: one.usd_per_second, default=None)
