"""What a rule may look at: the text as words, what the finders took out of it, and cues."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from bot.understanding import cues
from bot.understanding.draft import Draft


@cache
def pattern(phrases: str) -> re.Pattern[str]:
    """One pattern for a |-separated list of phrases; "*" at the end lets the word run on."""
    parts = [
        re.escape(phrase.rstrip("*")) + ("" if phrase.endswith("*") else "(?= )")
        for phrase in phrases.split("|")
    ]
    return re.compile(" (?:" + "|".join(parts) + ")")


class Reading(NamedTuple):
    """What a rule may look at."""

    text: str
    """The whole folded text as words between blanks."""
    rest: str
    """What no finder took, likewise."""
    draft: Draft
    sums: int
    """Totals of money that were stated."""
    paid: bool
    """A rate stands there without a limit word."""
    limits: tuple[str, ...]
    """Sides of the limits on a rate."""
    looks_back: bool

    def says(self, phrases: str) -> bool:
        return pattern(phrases).search(self.text) is not None

    def has(self, name: str) -> bool:
        return bool(self.draft.found.get(name))

    @property
    def cards(self) -> int:
        return len(self.draft.found.get("accelerators", ())) + bool(self.has("variants"))

    @property
    def providers(self) -> int:
        return len(self.draft.found.get("providers", ()))

    @property
    def subject(self) -> bool:
        """A card, a memory size, GPUs in general."""
        return bool(
            self.cards or self.has("memory_gb") or self.has("unknown") or self.says(cues.GPU_WORDS)
        )
