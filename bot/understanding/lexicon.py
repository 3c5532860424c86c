"""The words a text is read by: one table of the phrases of every language pack, made by `make catalog`
(`bot.understanding.compiling`)."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from bot.understanding.pack import PHRASES

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[a-z]+(?:'[a-z]+)?|[^\sa-z0-9]")
_JOINTS = frozenset("-_")


class Token(NamedTuple):
    """A word, a number or a sign of the folded text."""

    text: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        return self.text[0].isdigit()

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of a folded text. A hyphen or underscore inside a word is no token: "on-demand"
    and "on demand" read alike."""
    found: list[Token] = []
    stop = len(text) if end is None else min(end, len(text))
    for match in _TOKEN.finditer(text, start, stop):
        sign = match.group()
        if sign in _JOINTS:
            at = match.start()
            before = text[at - 1] if at > start else " "
            after = text[at + 1] if at + 1 < stop else " "
            if before.isalnum() and after.isalnum():
                continue
        found.append(Token(sign, match.start(), match.end()))
    return found


class Entry(NamedTuple):
    """One phrase of the lexicon and what it says."""

    kind: str
    value: str


def matches(found: list[Token], at: int) -> list[tuple[int, tuple[Entry, ...]]]:
    """(length in tokens, entries) of every phrase that begins at a token, longest first."""
    choices = PHRASES.get(found[at].text)
    if not choices:
        return []
    hits = []
    for key, entries in choices:
        length = len(key)
        if length == 1 or (
            at + length <= len(found)
            and all(found[at + i].text == key[i] for i in range(1, length))
        ):
            hits.append((length, tuple(map(Entry._make, entries))))
    return hits


@cache
def places() -> dict[str, str]:
    """Every spelling of a place, folded -> its code."""
    return {
        " ".join(key): value
        for choices in PHRASES.values()
        for key, entries in choices
        for kind, value in entries
        if kind == "place"
    }
