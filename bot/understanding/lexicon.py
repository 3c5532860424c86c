"""The words a text is read by: every language pack's `reading.txt`, as one table of phrases.

A pack's file has sections; a line is `value: spelling, spelling` or, in a section of cues, one
phrase. All packs are read together, since a Portuguese text names Germany in English as often as
not. Adding a language is adding its file.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bot.language import FOLDERS, HERE, LANGS, pack

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


Phrases = dict[str, list[tuple[tuple[str, ...], tuple[Entry, ...]]]]
"""First token -> phrases that begin with it, longest first."""


def _sections(path: Path) -> list[tuple[str, str]]:
    """(section, line) of a file, without comments and blanks."""
    section, lines = "", []
    for line in map(str.strip, path.read_text(encoding="utf-8").splitlines()):
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        else:
            lines.append((section, line))
    return lines


def _entries(section: str, line: str) -> list[tuple[str, Entry]]:
    """(spelling, entry) of one line."""
    kind, _, name = section.partition(" ")
    if kind == "cue":
        return [(line, Entry("cue", name))]
    if section in ("cents", "month name", "per", "memory", "storage", "occasion") or kind == "noun":
        value = name or kind
        return [(word.strip(), Entry(kind, value)) for word in line.split(", ")]
    value, _, spellings = line.partition(": ")
    return [(word.strip(), Entry(kind, value)) for word in spellings.split(", ")]


def _key(spelling: str) -> tuple[str, ...]:
    """The tokens of a spelling. Most are plain words: thousands of them cost a cold start no tokenizing."""
    if spelling.isascii() and spelling.replace(" ", "").isalpha() and spelling.islower():
        return tuple(spelling.split())
    return tuple(token.text for token in tokens(spelling))


@cache
def phrases() -> Phrases:
    """Every phrase of every pack."""
    table: dict[tuple[str, ...], list[Entry]] = {}
    for folder in FOLDERS.values():
        for section, line in _sections(HERE / folder / "reading.txt"):
            for spelling, entry in _entries(section, line):
                key = _key(spelling)
                known = table.setdefault(key, [])
                if key and entry not in known:
                    known.append(entry)
    for code, names in _countries().items():
        for name in names:
            key = _key(name)
            known = table.setdefault(key, [])
            if key and not any(entry.kind == "place" for entry in known):
                known.append(Entry("place", code))
    first: Phrases = {}
    for key, entries in table.items():
        if key:
            first.setdefault(key[0], []).append((key, tuple(entries)))
    for choices in first.values():
        choices.sort(key=lambda choice: -len(choice[0]))
    return first


_SHORT_COUNTRIES = frozenset({"mali", "niger", "chad", "guinea", "jersey", "man", "togo", "cuba", "oman", "gana", "peru", "india"})  # fmt: skip


def _countries() -> dict[str, list[str]]:
    """Country code -> its names in every language, from the packs' CLDR data."""
    from bot.understanding.clean import fold

    names: dict[str, list[str]] = {}
    for lang in LANGS:
        for code, name in pack(lang)["country_names"].items():
            folded = fold(name)
            if folded not in _SHORT_COUNTRIES:
                names.setdefault("uk" if code == "GB" else code.lower(), []).append(folded)
    return names


def matches(found: list[Token], at: int) -> list[tuple[int, tuple[Entry, ...]]]:
    """(length in tokens, entries) of every phrase that begins at a token, longest first."""
    choices = phrases().get(found[at].text)
    if not choices:
        return []
    hits = []
    for key, entries in choices:
        length = len(key)
        if length == 1 or (
            at + length <= len(found)
            and all(found[at + i].text == key[i] for i in range(1, length))
        ):
            hits.append((length, entries))
    return hits


@cache
def places() -> dict[str, str]:
    """Every spelling of a place, folded -> its code."""
    return {
        " ".join(key): entry.value
        for choices in phrases().values()
        for key, entries in choices
        for entry in entries
        if entry.kind == "place"
    }
