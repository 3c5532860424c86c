"""Mentions: what stands in a text, each with its span and its value, whatever it is there for.

Names come from the product's tables (accelerators, machines, providers, models, regions), words
and units from the language packs. What a mention is for (wanted, excluded, a price that is paid)
is decided afterwards, by `bot.understanding.roles`.
"""

from __future__ import annotations

import re
from typing import Any

from bot.understanding import models
from bot.understanding.cards import UNKNOWN_CARD, card_at, respelled
from bot.understanding.lexicon import Token, matches, tokens
from bot.understanding.machines import INSTANCE, REGION_CODE, country_of, instance_of
from bot.understanding.numbers import value
from bot.understanding.quantities import ARTICLES, LENGTHS, Quantities, shape_of
from bot.understanding.reading import HOURS, MAX_READ, Length, Mention, Reading, Unit
from bot.understanding.sellers import provider_at
from knowledge.facts.accelerators import variants

_ZONED = re.compile(
    r"\b(?:africa|america|antarctica|asia|atlantic|australia|europe|indian|pacific)/[a-z_+-]+(?:/[a-z_]+)?"
    r"|(?<![a-z])(?:utc|gmt)\s?[+-]\s?\d{1,2}(?::\d\d)?"
)
_CLOCK = re.compile(
    r"(?<![\d.$,/:-])(?:(?P<h>[01]?\d|2[0-3])\s?[:h]\s?(?P<m>[0-5]\d)(?![\d:]|\s?m(?:in)?)\s*(?:(?P<ap>am|pm|a\.m\.?|p\.m\.?)(?![a-z]))?(?:\s?h(?:s|rs|oras)?\b)?"
    r"|(?P<h2>0?[1-9]|1[0-2])\s?(?P<ap2>am|pm|a\.m\.?|p\.m\.?)(?![a-z])"
    r"|(?P<h5>[01]?\d|2[0-3])\s?(?:h|hs|hrs|horas)?\s?(?:da|de la|por la)\s(?P<part>manha|tarde|noite|manana|noche|madrugada)"
    r"|(?:(?:at|as|a las|a la|a partir das)\s)(?P<h4>[01]?\d|2[0-3])(?![\d:.,%a-z/]|\s*(?:gpus?|x\b|dollars|usd|cents|dolares|centavos|h100|a100))(?:\s(?:da|de la|por la)\s(?P<part2>manha|tarde|noite|manana|noche|madrugada))?"
    r"|(?P<h3>[01]?\d|2[0-3])\s?(?:hs|hrs|h|o'clock|oclock)(?![a-z0-9]))"
)
_CUT = re.compile(
    r"(?<![a-z0-9])24\s?[/x]\s?7(?:[/x]365)?(?![a-z0-9])|(?<!\d)9[:-]75|\b\d{1,2}-\d{1,2}-\d{4}|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b|\b20\d\d-\d\d(?:-\d\d)?\b|\b\d{1,2}/\d{1,2}(?=\s|$|[,.;)])|(?<![a-z0-9])#\s?\d+|\b[a-z]{2,}-\d{4,}(?![a-z0-9-])|\bv\d+\.\d+\.\d+"
)
_ELAPSED = re.compile(r"(?<![\d:-])(?<!\d[ t])(\d{1,3}):([0-5]\d):([0-5]\d)(?![\d:])")
# "9e999 A100": a number all the same, and one that nobody can rent.
_ABSURD = re.compile(r"(?<![a-z0-9.])\d+(?:\.\d+)?e\+?\d{1,6}(?![a-z0-9])")
_DIGITS = re.compile(r"\d")
_SUFFIXES = frozenset({"ti", "super", "xt"})
"""After a card's name they make another card of it, which the table would hold if it knew it."""
_SIGNS = frozenset("$€£¥₹₦₱₩₺₪₴")
_NAMES = frozenset(
    "number place every form interconnect billing tier workload precision compliance weekday clock month zone currency".split()
) | {"month name"}


class _Finder(Quantities):
    """One pass over the tokens of one text."""

    def __init__(self, text: str, lang: str) -> None:
        self.text = text
        self.lang = lang
        self.taken: list[Mention] = []
        """Mentions that were read off the raw text."""
        self.mentions: list[Mention] = []
        self._sizes: list[tuple[int, float]] = []
        """Where a card's memory stands without a unit."""

    # raw names first: they hold dots, dashes and slashes that would split them

    def _take(self, kind: str, start: int, end: int, value: Any, detail: Any = None) -> None:
        if not any(start < other.end and other.start < end for other in self.taken):
            self.taken.append(Mention(kind, start, end, value, detail))

    def _raw(self) -> None:
        text = self.text
        if not _DIGITS.search(text):
            for match in _ZONED.finditer(text) if "/" in text else ():
                self._take("zone", match.start(), match.end(), match.group())
            for start, end, slug in models.named(text):
                self._take("model", start, end, slug)
            return
        for match in INSTANCE.finditer(text):
            machine = instance_of(match.group())
            if machine is not None:
                self._take("instance", match.start(), match.end(), match.group(), machine)
        for match in REGION_CODE.finditer(text):
            self._take(
                "region-code", match.start(), match.end(), country_of(match.group()), match.group()
            )
        for match in _ZONED.finditer(text):
            self._take("zone", match.start(), match.end(), match.group())
        for match in _ELAPSED.finditer(text):
            hours = int(match[1]) + int(match[2]) / 60 + int(match[3]) / 3600
            self._take(
                "time",
                match.start(),
                match.end(),
                Length(hours, hours, "hour", written=True),
                "elapsed",
            )
        for match in _ABSURD.finditer(text):
            self._take("number", match.start(), match.end(), 1e12, "digits")
        for match in _CUT.finditer(text):
            self._take("cut", match.start(), match.end(), match.group())
        for start, end, slug in models.named(text):
            self._take("model", start, end, slug)
        for match in _CLOCK.finditer(text):
            bare = match.group("h3") is not None or (
                match.group("h4") is not None and match.group("part2") is None
            )
            self._take_clock(match, bare=bare)

    def _take_clock(self, match: re.Match[str], *, bare: bool) -> None:
        """A clock time. "9h" may be a length as well: both readings are kept, one is chosen by
        what the text asks."""
        groups = match.groupdict()
        hour = int(groups["h"] or groups["h2"] or groups["h3"] or groups["h4"] or groups["h5"] or 0)
        minute = int(groups["m"] or 0)
        half = (groups["ap"] or groups["ap2"] or "").replace(".", "")
        part = groups["part"] or groups["part2"]
        if (half == "pm" or part in ("tarde", "noite", "noche")) and hour < 12:
            hour += 12
        if half == "am" and hour == 12:
            hour = 0
        mention = Mention("clock", match.start(), match.end(), f"{hour:02}:{minute:02}", bare)
        if bare:
            self.mentions.append(mention)
        elif not any(mention.start < o.end and o.start < mention.end for o in self.taken):
            self.taken.append(mention)

    # -- tokens --

    def run(self) -> tuple[list[Mention], list[Unit]]:
        self._raw()
        self.taken.sort(key=lambda mention: mention.start)
        units: list[Unit] = []
        position = 0
        pieces: list[tuple[list[Token], Mention | None]] = []
        for raw in self.taken:
            pieces.append((tokens(self.text, position, raw.start), raw))
            position = raw.end
        pieces.append((tokens(self.text, position), None))
        for found, mention in pieces:
            self._scan(found, units)
            if mention is not None:
                self.mentions.append(mention)
                units.append(Unit(f"#{mention.kind}", len(self.mentions) - 1, (), mention.start))
        return self.mentions, units

    def _scan(self, found: list[Token], units: list[Unit]) -> None:
        at = 0
        cues: dict[int, set[str]] = {}
        spans: list[Unit] = []
        for index in range(len(found)):
            for length, entries in matches(found, index):
                for entry in entries:
                    if entry.kind == "cue":
                        for covered in range(index, index + length):
                            cues.setdefault(covered, set()).add(entry.value)
        while at < len(found):
            length = self._mention(found, at)
            if length:
                number = len(self.mentions) - 1
                mention = self.mentions[number]
                over = sorted({cue for i in range(at, at + length) for cue in cues.get(i, ())})
                spans.append(Unit(f"#{mention.kind}", number, tuple(over), mention.start))
                at += length
            else:
                token = found[at]
                key = "0" if token.is_number else token.text
                spans.append(Unit(key, -1, tuple(sorted(cues.get(at, ()))), token.start))
                at += 1
        units.extend(spans)

    def _mention(self, found: list[Token], at: int) -> int:
        """Adds the mention that begins at a token; how many tokens it covers, 0 for none."""
        token = found[at]
        card = card_at(self.text, found, at)
        if card is not None:
            return self._add_card(found, at, *card)
        if self._sizes and token.start == self._sizes[-1][0]:
            plural = at + 1 < len(found) and found[at + 1].text == "s"  # "two A100 80s"
            return self._add("memory", found, at, 1 + plural, self._sizes[-1][1], "bare")
        if token.is_number or token.text == "." or token.text in _SIGNS:
            precision = self._entry(found, at, "precision")
            if precision is not None:
                return self._add("precision", found, at, precision[0], precision[1])
            length = self.quantity(found, at)
            if length:
                return length
            if token.is_number:
                amount = value(token.text, lang=self.lang)
                if amount is None:
                    return self._add("cut", found, at, 1, token.text)
                return self._add("number", found, at, 1, amount, shape_of(token.text))
            return 0
        if not token.is_word:
            return 0
        unknown = UNKNOWN_CARD.match(self.text, token.start)
        if unknown and (token.start == 0 or not self.text[token.start - 1].isalnum()):
            length = 1
            while at + length < len(found) and found[at + length].end <= unknown.end():
                length += 1
            if found[at + length - 1].end == unknown.end():
                return self._add("unknown-card", found, at, length, unknown.group().strip().upper())
        currency = self._currency(found, at)
        if currency is not None and at + currency[0] < len(found):
            follows = found[at + currency[0]]
            if follows.is_number or follows.text == ".":
                length = self.quantity(found, at)
                if length:
                    return length
        provider = provider_at(found, at)
        longest: tuple[int, str, str] | None = None
        for length, entries in matches(found, at):
            for entry in entries:
                if entry.kind == "currency" and length == 1 and len(token.text) < 3:
                    continue
                if entry.kind in _NAMES and (
                    longest is None
                    or length > longest[0]
                    or (length == longest[0] and entry.kind == "place")
                ):
                    longest = (length, entry.kind, entry.value)
        if provider is not None and (longest is None or provider[0] >= longest[0]):
            return self._add(
                "provider",
                found,
                at,
                *provider,
                self.text[token.start : found[at + provider[0] - 1].end],
            )
        if longest is not None:
            length, kind, name = longest
            if kind == "number":
                return self.quantity(found, at)
            if kind == "every":
                return self._add(
                    "time", found, at, length, Length(HOURS[name], 1, name, written=False)
                )
            return self._add(
                kind, found, at, length, name, self.text[token.start : found[at + length - 1].end]
            )
        if token.text in LENGTHS:
            return self._add(
                "time", found, at, 1, Length(HOURS["fortnight"], 1, "fortnight", written=False)
            )
        return self.quantity(found, at) if token.text in ARTICLES else 0

    def _add_card(self, found: list[Token], at: int, length: int, named: Any) -> int:
        end = at + length
        if end < len(found) and found[end].text in _SUFFIXES and not self._runs_into(found, end):
            name = self.text[found[at].start : found[end].end].upper()
            return self._add("unknown-card", found, at, length + 1, name)
        memory = named.memory_gb
        form = named.form_factor
        # "A100-80": a number that is one of the card's own sizes
        if memory is None and end < len(found) and found[end].is_number:
            glue = self.text[found[end - 1].end : found[end].start]
            sizes = {variant.memory_gb for variant in variants(named.canonical)}
            amount = value(found[end].text, lang=self.lang)
            if glue in ("-", "_") and amount in sizes:
                memory = amount
                length += 1
        index = self._add("card", found, at, length, named.canonical, form)
        if memory is None:
            self._bare_memory(found, at + length, named.canonical)
        if memory is not None:
            self.mentions.append(
                Mention("memory", found[at].start, found[at + length - 1].end, memory, "own")
            )
            # the card stays the unit's own mention
            self.mentions[-1], self.mentions[-2] = self.mentions[-2], self.mentions[-1]
        return index

    def _bare_memory(self, found: list[Token], at: int, canonical: str) -> None:
        """ "A100 80", "A100 de 80": a number that is one of the card's sizes, with no unit."""
        if at < len(found) and found[at].text in ("de", "com", "con", "w", "with"):
            at += 1
        plural = at + 1 < len(found) and found[at + 1].text == "s"  # "A100 80s"
        if (
            at >= len(found)
            or not found[at].is_number
            or (self._runs_into(found, at) and not plural)
        ):
            return
        amount = value(found[at].text, lang=self.lang)
        sizes = {variant.memory_gb for variant in variants(canonical)}
        if amount is None or amount not in sizes or len(sizes) < 2:
            return
        after = at + 2 if plural else at + 1
        if after < len(found):
            follows = found[after]
            if (
                follows.text in ("x", "%", "$", "/")
                or any(
                    self._entry(found, after, kind)
                    for kind in ("time", "scale", "currency", "memory", "cents")
                )
                or self._noun(found, after)
            ):
                return
        self._sizes.append((found[at].start, amount))


def find(folded: str, lang: str) -> Reading:
    """The mentions of a folded text, in the order they stand, and its units."""
    text = respelled(folded)[:MAX_READ]
    mentions, units = _Finder(text, lang).run()
    return Reading(text, lang, tuple(mentions), tuple(units))
