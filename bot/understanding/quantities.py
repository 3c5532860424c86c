"""Numbers with what stands around them: money, lengths of time, memory, counts of something."""

from __future__ import annotations

import re
from typing import Any

from bot.understanding.cards import card_at
from bot.understanding.lexicon import Token, matches
from bot.understanding.numbers import value
from bot.understanding.reading import HOURS, Length, Mention, Money

_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
LENGTHS = frozenset({"fortnight", "quinzena", "quincena"})
_HALVES = {("y", "medio"), ("y", "media"), ("e", "meio"), ("e", "meia")}
_ONES = frozenset("a an um uma un una".split())
_WHOLE = frozenset("all todo toda the whole".split())
ARTICLES = frozenset({"a", "an", "um", "uma", "un", "una", "full", "whole", "all", "next", "this", "per", "por", "al", "ao", "each", "cada", "the", "o", "el", "la", "proximo", "proxima", "todo", "toda", "every", "/", "last", "past", "previous", "trailing", "ultimo", "ultima", "ultimos", "ultimas", "este", "esta", "neste", "nesta", "pasado", "entire"})  # fmt: skip


def shape_of(text: str) -> str:
    return "decimal" if "." in text or "," in text else "digits"


class Quantities:
    """The part of the finder that reads quantities; the rest is in `bot.understanding.mentions`."""

    text: str
    lang: str
    mentions: list[Mention]

    def _add(
        self, kind: str, found: list[Token], at: int, length: int, value: Any, detail: Any = None
    ) -> int:
        self.mentions.append(
            Mention(kind, found[at].start, found[at + length - 1].end, value, detail)
        )
        return length

    def _number(self, found: list[Token], at: int) -> tuple[int, float, str, bool] | None:
        """(length, value, shape, scaled) of the number that begins at a token."""
        token = found[at]
        if token.is_number:
            amount = value(token.text, lang=self.lang)
            if amount is None:
                return None
            if self.text[: token.start].endswith(" -"):
                amount = -amount
            length, shape = 1, shape_of(token.text)
        elif (
            token.text == "."
            and at + 1 < len(found)
            and found[at + 1].is_number
            and found[at + 1].start == token.end
        ):
            before = self.text[token.start - 1] if token.start else " "
            if before.isalnum():
                return None
            amount = value("." + found[at + 1].text, lang=self.lang)
            if amount is None:
                return None
            length, shape = 2, "decimal"
        else:
            words = self._entry(found, at, "number")
            if words is None:
                return None
            length, amount, shape = words[0], float(words[1]), "word"
        scaled = False
        scale = self._entry(found, at + length, "scale") if at + length < len(found) else None
        if scale is not None:
            glued = found[at + length].start == found[at + length - 1].end
            word = found[at + length].text
            # "5 m" is no million by itself, "5 k" is a thousand
            minutes = (
                word == "m"
                and bool(self.mentions)
                and self.mentions[-1].kind == "time"
                and self.mentions[-1].end + 2 >= token.start
            )
            if (
                not minutes
                and not self._runs_into(found, at + length)
                and (
                    len(word) > 1
                    or (glued and word in ("k", "m"))
                    or (word == "b" and self._of_tokens(found, at + length + 1))
                )
            ):
                amount *= float(scale[1])
                length += scale[0]
                scaled = True
        return length, amount, shape, scaled

    def _of_tokens(self, found: list[Token], at: int) -> bool:
        """Whether tokens follow: "2B tokens" is an amount, "a 2B model" is none."""
        noun = self._noun(found, at)
        return noun is not None and noun[1] == "tokens"

    def _runs_into(self, found: list[Token], at: int) -> bool:
        """A letter or digit is glued to a token's end: the "h" of "16 H100" is no hour."""
        return found[at].end < len(self.text) and self.text[found[at].end].isalnum()

    def _entry(self, found: list[Token], at: int, kind: str) -> tuple[int, str] | None:
        if at >= len(found):
            return None
        for length, entries in matches(found, at):
            for entry in entries:
                if entry.kind == kind:
                    return length, entry.value
        return None

    def _currency(self, found: list[Token], at: int) -> tuple[int, str] | None:
        hit = self._entry(found, at, "currency")
        if hit is not None and found[at].text == "us" and hit[0] == 1:
            return None
        return hit

    def quantity(self, found: list[Token], at: int) -> int:
        """Money, time, memory, a count of something: a number with what stands around it."""
        currency = self._currency(found, at) if not found[at].is_number else None
        start = at
        if currency is not None:
            at += currency[0]
            if at >= len(found):
                return 0
        words = self._entry(found, at, "number")
        article = found[at].text in ARTICLES and (words is None or words[0] < 2)
        number = (1, 1.0, "article", False) if article else self._number(found, at)
        if number is None:
            return 0
        length, amount, shape, scaled = number
        end = at + length
        if currency is None and (not article or found[at].text in _ONES):
            after = self._currency(found, end) if end < len(found) else None
            if article and after is not None and end + after[0] < len(found):
                if found[end + after[0]].is_number:
                    return 0  # "a US$ 9,20": at that price, not one of them
            if (
                after is None
                and end + 1 < len(found)
                and found[end].text in ("de", "of", "us", "em", "in")
            ):
                further = self._currency(found, end + 1)
                if further is not None and (scaled or found[end].text == "us"):
                    after = (further[0] + 1, further[1])
            if after is not None:
                currency = after
                end += after[0]
            else:
                cents = self._entry(found, end, "cents")
                if (
                    cents is None
                    and end < len(found)
                    and found[end].text == "c"
                    and found[end].start == found[end - 1].end
                    and amount < 100
                    and not self._runs_into(found, end)
                ):
                    cents = (1, "cents")
                if cents is not None:
                    currency = (1, "USD")
                    amount = round(amount / 100, 6)
                    end += cents[0]
                    if end + 1 < len(found) and found[end].text == "de":
                        further = self._currency(found, end + 1)
                        if further is not None:
                            currency, end = further, end + 1 + further[0]
        elif currency is not None and end < len(found):
            after = self._currency(found, end)
            if after is not None:
                named = after[1] if after[1] != "USD" or currency[1] == "USD" else currency[1]
                currency = (1, named if found[start].text == "$" else currency[1])
                end += after[0]
        if article and currency is None:
            return self._article(found, start)
        if currency is not None:
            end, per = self._rate(found, end)
            whole = _THOUSANDS.fullmatch(found[at].text)
            if (
                whole
                and not scaled
                and self.lang != "en"
                and not per & {"hour", "gpu", "minute", "second"}
            ):
                amount = float(found[at].text.replace(".", "").replace(",", ""))
            return self._add(
                "money", found, start, end - start, Money(amount, currency[1], per, scaled), shape
            )
        return self._measure(found, start, end, amount, shape, scaled=scaled)

    def _rate(self, found: list[Token], end: int) -> tuple[int, frozenset[str]]:
        """What a sum is for: "/gpu/h", "per node-hour", "la hora", "a month"."""
        per: set[str] = set()
        while end < len(found):
            step = end
            if self._entry(found, step, "per") or found[step].text in ("\\", "*"):
                step += 1
                if step + 1 < len(found) and (
                    found[step].text in ("the", "la", "el", "a", "o")
                    or (found[step].text == "1" and self._entry(found, step + 1, "scale") is None)
                ):
                    step += 1
            if step >= len(found):
                break
            unit = None
            if self._runs_into(found, step) and not found[step].is_number:
                break
            noun = self._noun(found, step)
            if noun is not None and noun[1] in ("gpu", "node", "tokens", "cluster"):
                unit = (noun[0], noun[1])
            elif found[step].text in ("mtok", "mtokens"):
                unit = (1, "tokens")
            else:
                time = self._entry(found, step, "time")
                every = self._entry(found, step, "every")
                if every is not None:
                    unit = every
                elif time is not None and (
                    step > end or found[step].text in ("hr", "hour", "h", "hora", "hourly")
                ):
                    unit = time
                elif step > end and self._number(found, step) is not None:
                    number = self._number(found, step)
                    after = self._noun(found, step + number[0]) if number else None
                    if number and after is not None and after[1] == "tokens":
                        unit = (number[0] + after[0], "tokens")
                elif (
                    step > end
                    and (
                        storage := self._entry(found, step, "memory")
                        or self._entry(found, step, "storage")
                    )
                    is not None
                ):
                    unit = (storage[0], "storage")
                elif step > end and found[step].text == "kwh":
                    unit = (1, "kwh")
            if unit is None:
                break
            if step == end and unit[1] in ("gpu", "node", "cluster") and not per:
                break
            per.add(unit[1])
            end = step + unit[0]
            if end < len(found) and found[end].text == "-":
                end += 1
        return end, frozenset(per)

    def _noun(self, found: list[Token], at: int) -> tuple[int, str] | None:
        if at >= len(found):
            return None
        for length, entries in matches(found, at):
            for entry in entries:
                if entry.kind == "noun":
                    return length, entry.value
        return None

    def _article(self, found: list[Token], at: int) -> int:
        """ "a month", "uma semana": a length whose number is an article."""
        first = at + 1
        if (
            first < len(found)
            and found[at].text in _WHOLE
            and found[first].text in ("the", "o", "a", "el", "la", "whole", "entire")
        ):
            first += 1
        unit = self._entry(found, first, "time") if first < len(found) else None
        if unit is None or (len(found[first].text) < 3 and found[at].text not in ("/", "per", "a")):
            return 0
        if self._runs_into(found, first):
            return 0
        name = unit[1]
        length = first - at + unit[0]
        half = self._half(found, at + length)
        if half:
            return self._add(
                "time", found, at, length + half, Length(1.5 * HOURS[name], 1.5, name, written=True)
            )
        return self._add(
            "time", found, at, length, Length(HOURS[name], 1, name, written=False), "article"
        )

    def _half(self, found: list[Token], at: int) -> int:
        """How many tokens of "and a half", "y medio", "e meio" begin here."""
        words = tuple(token.text for token in found[at : at + 3])
        if words == ("and", "a", "half"):
            return 3
        return 2 if words[:2] in _HALVES else 0

    def _measure(
        self, found: list[Token], start: int, end: int, amount: float, shape: str, *, scaled: bool
    ) -> int:
        """A number by the unit that follows it."""

        def add(kind: str, value: Any, detail: Any = None, upto: int = end) -> int:
            return self._add(kind, found, start, upto - start, value, detail)

        if end >= len(found):
            return add("number", amount, self._after_times(found, start) or shape)
        word = found[end].text
        if self._card_hours(found, end):
            return add("gpu-hours", amount)
        if self._runs_into(found, end):
            return add("number", amount, self._after_times(found, start) or shape)
        if (
            word == "m"
            and self.mentions
            and self.mentions[-1].kind == "time"
            and self.mentions[-1].end + 2 >= found[start].start
        ):
            return add("time", Length(amount / 60, amount, "minute", written=True), shape, end + 1)
        glued = found[end].start == found[end - 1].end
        if word in ("%", "percent") or self.text.startswith(
            ("por cento", "por ciento"), found[end].start
        ):
            return add("percent", amount, None, end + (1 if word in ("%", "percent") else 2))
        if word == "x" and not glued and end + 1 < len(found):
            return add("number", amount, "times")
        if word == "x":
            after = found[end + 1].text if end + 1 < len(found) else ""
            if after in ("slower", "faster", "cheaper", "more", "less", "mais", "mas"):
                return add("things", amount, "x", end + 1)
            return add("number", amount, "times", end + 1)
        hours = self._gpu_hours(found, end)
        if hours:
            return add("gpu-hours", amount, None, end + hours)
        memory = self._entry(found, end, "memory")
        if memory is not None and (glued or len(word) > 1):
            return add("memory", amount, None, end + memory[0])
        storage = self._entry(found, end, "storage")
        if storage is not None:
            return add("storage", amount, word, end + storage[0])
        occasion = self._entry(found, end, "occasion")
        if occasion is not None:
            return add("occasions", amount, word, end + occasion[0])
        noun = self._noun(found, end)
        time = self._entry(found, end, "time")
        if time is not None and (noun is None or noun[0] <= time[0]):
            if len(word) > 1 or glued or word in ("h", "d"):
                name, upto = time[1], end + time[0]
                half = self._half(found, upto)
                if half:
                    amount += 0.5
                return add(
                    "time",
                    Length(amount * HOURS[name], amount, name, written=True),
                    shape,
                    upto + half,
                )
        if noun is not None:
            if noun[1] == "tokens":
                return add("tokens", amount, None, end + noun[0])
            if noun[1] in ("people", "requests", "things"):
                return add(noun[1], amount, word, end + noun[0])
            return add("number", amount, noun[1], end + noun[0])
        if (
            word in ("de", "of")
            and end + 1 < len(found)
            and (further := self._noun(found, end + 1))
            and further[1] in ("tokens", "people", "requests", "things")
        ):
            return add(further[1], amount, None, end + 1 + further[0])
        adjective = (
            end + 1 < len(found) and found[end].is_word and not glued and self._noun(found, end + 1)
        )
        if adjective and adjective[1] == "node" and card_at(self.text, found, end) is None:
            return add("number", amount, "node")
        if adjective and adjective[1] in ("people", "requests", "things", "tokens") and not glued:
            return add(adjective[1], amount, word, end + 1 + adjective[0])
        return add(
            "number", amount, "scaled" if scaled else self._after_times(found, start) or shape
        )

    def _after_times(self, found: list[Token], at: int) -> str | None:
        """ "times" for the number of "H100 x 4"."""
        if (
            at >= 1
            and found[at - 1].text in ("x", "*", ":")
            and self.mentions
            and self.mentions[-1].kind in ("card", "instance", "form", "memory")
        ):
            if found[at - 1].start - self.mentions[-1].end <= 1:
                return "times"
        return None

    def _gpu_hours(self, found: list[Token], at: int) -> int:
        """How many tokens of "gpu hours", "A100-hours", "horas de GPU" begin here."""
        noun = self._noun(found, at)
        skip = noun[0] if noun is not None and noun[1] == "gpu" else 0
        if skip:
            unit = self._entry(found, at + skip, "time")
            return (
                skip + unit[0]
                if unit is not None and unit[1] == "hour" and len(found[at + skip].text) > 1
                else 0
            )
        unit = self._entry(found, at, "time")
        if (
            unit is not None
            and unit[1] == "hour"
            and at + 1 < len(found)
            and found[at + 1].text == "gpu"
        ):
            return 2
        if (
            unit is not None
            and unit[1] == "hour"
            and at + 2 < len(found)
            and found[at + 1].text in ("de", "of", "-")
        ):
            noun = self._noun(found, at + 2)
            if noun is not None and noun[1] == "gpu" and found[at + 2].text.startswith("gpu"):
                return 3
        return 0

    def _card_hours(self, found: list[Token], at: int) -> bool:
        """Whether "A100 hours" or "A100 80GB GPU hours" begins here."""
        card = card_at(self.text, found, at)
        if card is None:
            return False
        at += card[0]
        for _ in range(3):
            if at >= len(found):
                return False
            unit = self._entry(found, at, "time")
            if unit is not None and unit[1] == "hour":
                return len(found[at].text) > 1
            noun = self._noun(found, at)
            size = found[at].is_number and self._entry(found, at + 1, "memory") is not None
            if not (size or (noun and noun[1] == "gpu")):
                return False
            at += 2 if size else 1
        return False
