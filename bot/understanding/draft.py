"""A text being read: finders take the spans they understand out of it, so that no word counts
twice, and put marks where a card or a provider stood, because counts and exclusions lean on
what stands beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any


class Pattern:
    """A regular expression compiled when it is first tried: a cold question meets few of them,
    and compiling all would cost more than the rest of the answer."""

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.source)
        return self._compiled

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        return self.compiled.search(text, start)

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        return self.compiled.match(text, start)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self.compiled.fullmatch(text)

    def finditer(self, text: str, start: int = 0) -> Iterator[re.Match[str]]:
        return self.compiled.finditer(text, start)

    def findall(self, text: str) -> list[str]:
        return self.compiled.findall(text)

    def sub(self, replacement: str, text: str, count: int = 0) -> str:
        return self.compiled.sub(replacement, text, count)


def has_any(text: str, stems: tuple[str, ...]) -> bool:
    """True when one of the stems stands in the text: the cheap question before a pattern."""
    for stem in stems:  # noqa: SIM110  half the time of any(), at thirty calls a question
        if stem in text:
            return True
    return False


CARD = "\x01"
"""Stands where a card was named."""
SELLER = "\x02"
"""Stands where a provider was named; the n-th mark is the n-th of `sellers`."""


class Draft:
    """Working state of one reading."""

    __slots__ = ("cards", "folded", "found", "pt", "rest", "sellers")

    def __init__(self, *, folded: str, rest: str, pt: bool) -> None:
        self.folded = folded
        """The cleaned text, folded, as typed."""
        self.rest = rest
        """What is left of it; taken spans are blanks or marks."""
        self.pt = pt
        self.found: dict[str, Any] = {}
        """Question fields found so far."""
        self.sellers: list[str] = []
        self.cards: list[str] = []

    def take(self, start: int, end: int, mark: str = "") -> None:
        """Takes a span out of the rest; `mark` is left in its place."""
        self.rest = f"{self.rest[:start]} {mark} {self.rest[end:]}"

    def search(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self.rest)

    def take_match(self, match: re.Match[str], mark: str = "") -> None:
        self.take(match.start(), match.end(), mark)


_NOT_WORD = re.compile(r"[^a-z0-9$%<>&'+/.@\x01\x02-]+")
_EDGE = re.compile(r"(?<![a-z0-9])[.'/&+-]+|[.'/&+-]+(?![a-z0-9])")


def padded(text: str) -> str:
    return f" {' '.join(_EDGE.sub(' ', _NOT_WORD.sub(' ', text)).split())} "
