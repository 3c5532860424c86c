"""Days, times, zones and rhythms as an order's words state them: what is none is asked back.

Whatever looks like a time and is none must neither be left out (the digest would come at another)
nor be taken for a number of cards.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from bot.core.wording import Wording
from bot.language import Lang, pack

_CLOCK = re.compile(
    r"(?<![\w.:+-])(\d{1,3})(?::|h(?=\d\d))(\d{2})(?::\d{2})?\s?([ap]\.?m\b)?(?!\w)"
)
_HOUR = re.compile(r"(?<![\w.:])(\d{1,2})\s?([ap]\.?m)\b")
_OFFSET = re.compile(r"(?:\b(?:utc|gmt)\s?|(?<=\d\d\s))([+-])(\d{1,2})(?::?(\d{2}))?(?![\w:])")
_ZONE = re.compile(r"(?<=\d\d\s)([a-z_]{3,}(?:/[a-z_]{3,}){1,2})\b")
_DAY = re.compile(
    r"(?<![\w.])(\d{1,3})\s?(?:st|nd|rd|th|[ºª°])(?!\w)|\b(?:day|dia)\s(\d{1,3})\b(?![:h]\d)"
)
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z]+)*")
FAR = 14 * 60
"""Minutes: no place's clocks are further from UTC."""


class Stated(NamedTuple):
    """What the words state; `wrong` is what of it is no time, as it was typed."""

    weekdays: tuple[int, ...] = ()
    """Monday is 0, in the order of the week."""
    offset: str | None = None
    """A zone by its distance from UTC: `UTC+05:30`."""
    wrong: str = ""
    kind: str = ""
    """Of what is wrong: time, zone, day, rhythm."""


def stated(text: str, lang: Lang) -> Stated:
    """What an order's words state of when. Never raises."""
    plain = _plain(text)
    words: dict[str, Any] = pack(lang)["timing"]
    wrong, kind = _wrong_clock(plain), "time"
    offset = ""
    if not wrong:
        offset, wrong = _offset(plain)
        kind = "zone"
    if not wrong:
        wrong, kind = _wrong_day(plain), "day"
    if not wrong:
        wrong, kind = _wrong_rhythm(plain, words), "rhythm"
    if wrong:
        return Stated(wrong=wrong, kind=kind)
    return Stated(_weekdays(plain, words), offset or None)


def asked_back(found: Stated, say: Wording) -> str | None:
    """A sentence that asks for what was no time; None where all of it is one."""
    if not found.wrong:
        return None
    if found.kind == "time":
        return say.t("{time} is no time of day; 09:00 to 23:59 and the like are.", time=found.wrong)
    if found.kind == "zone":
        return say.t(
            "I know no time zone {zone}. Say Europe/Berlin, or UTC+05:30.", zone=found.wrong
        )
    if found.kind == "day":
        return say.t("No month has a day {day}. Days go from 1 to 31.", day=found.wrong)
    return say.t(
        'A digest comes daily, on weekdays, weekly or monthly; "{rhythm}" is none of these.', rhythm=found.wrong
    )  # fmt: skip


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFD", text.lower())
    return "".join(char for char in folded if not unicodedata.combining(char))


def _wrong_clock(text: str) -> str:
    for found in _CLOCK.finditer(text):
        hour, minute, half = int(found[1]), int(found[2]), found[3]
        if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
            return found.group().strip()
    for found in _HOUR.finditer(text):
        if not 1 <= int(found[1]) <= 12:
            return found.group()
    return ""


def _offset(text: str) -> tuple[str, str]:
    """(zone by its offset, what is no zone); each empty when there is none."""
    found = _OFFSET.search(text)
    if found:
        hours, minutes = int(found[2]), int(found[3] or 0)
        if minutes % 15 or minutes > 59 or hours * 60 + minutes > FAR:
            return "", found.group().strip()
        return f"UTC{found[1]}{hours:02}:{minutes:02}", ""
    named = _ZONE.search(text)
    return ("", named[1]) if named and named[1] not in _zones() else ("", "")


def _wrong_day(text: str) -> str:
    for found in _DAY.finditer(text):
        if not 1 <= int(found[1] or found[2]) <= 31:
            return found.group().strip()
    return ""


def _wrong_rhythm(text: str, words: dict[str, Any]) -> str:
    listed: list[str] = _WORD.findall(text)
    names = {name for names in words["weekdays"] for name in names}
    for at, word in enumerate(listed):
        rest = listed[at + 1 : at + 3]
        if word in words["unknown"]:
            return word
        if word in words["twice"]:
            return " ".join(listed[max(0, at - 1) : at + 1])
        if word in words["except"] and any(one in names for one in rest):
            return " ".join([word, *rest])
        if word not in words["every"] or not rest:
            continue
        number = rest[0].isdigit() or rest[0] in words["other"]
        if number and len(rest) > 1 and rest[1] in (*words["lengths"], *names):
            return " ".join([word, *rest])
        if rest[0] in words["often"]:
            return f"{word} {rest[0]}"
        if not number and rest[0].isalpha() and rest[0] not in (*words["known"], *names):
            return f"{word} {rest[0]}"
    return ""


def _weekdays(text: str, words: dict[str, Any]) -> tuple[int, ...]:
    """The days named; none for a stretch of them ("Monday to Friday")."""
    listed: list[str] = _WORD.findall(text)
    day = {name: at for at, names in enumerate(words["weekdays"]) for name in names}
    found = [(at, day[word]) for at, word in enumerate(listed) if word in day]
    if any(b - a == 2 and listed[a + 1] in words["through"] for (a, _), (b, _) in pairwise(found)):  # fmt: skip
        return ()
    return tuple(sorted({one for _, one in found}))


@cache
def _zones() -> frozenset[str]:
    return frozenset(name.lower() for name in available_timezones())
