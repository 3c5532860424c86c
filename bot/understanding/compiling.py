"""Compiles the words of every language pack into one table: `make catalog`, before any text is read.

A pack's `reading.txt` has sections; a line is `value: spelling, spelling` or, in a section of cues,
one phrase. All packs are read together, since a Portuguese text names Germany in English as often
as not. Adding a language is adding its file.
"""

from __future__ import annotations

import pprint
from pathlib import Path

from bot.language import FOLDERS, HERE, LANGS, pack
from bot.understanding.clean import fold
from bot.understanding.lexicon import tokens

FILE = Path(__file__).with_name("pack.py")
Entry = tuple[str, str]
"""(kind, value): what a phrase says."""
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
        return [(line, ("cue", name))]
    if section in ("cents", "month name", "per", "memory", "storage", "occasion") or kind == "noun":
        value = name or kind
        return [(word.strip(), (kind, value)) for word in line.split(", ")]
    value, _, spellings = line.partition(": ")
    return [(word.strip(), (kind, value)) for word in spellings.split(", ")]


def _key(spelling: str) -> tuple[str, ...]:
    """The tokens of a spelling."""
    if spelling.isascii() and spelling.replace(" ", "").isalpha() and spelling.islower():
        return tuple(spelling.split())
    return tuple(token.text for token in tokens(spelling))


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
            if key and not any(entry[0] == "place" for entry in known):
                known.append(("place", code))
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
    names: dict[str, list[str]] = {}
    for lang in LANGS:
        for code, name in pack(lang)["country_names"].items():
            folded = fold(name)
            if folded not in _SHORT_COUNTRIES:
                names.setdefault("uk" if code == "GB" else code.lower(), []).append(folded)
    return names


def module() -> str:
    """The text of `pack.py`."""
    body = pprint.pformat(phrases(), width=110, sort_dicts=True, compact=True)
    return f'"""Made by `make catalog`; not edited by hand."""\n\nPHRASES: dict[str, list[tuple[tuple[str, ...], tuple[tuple[str, str], ...]]]] = {body}\n'


if __name__ == "__main__":
    FILE.write_text(module(), "utf-8")
