"""What a text says about orders that stand: pause, resume, snooze, change, send now; which, until when.

An order is one only at the beginning of a text, as it is spoken: "pause the digest".
"""

from __future__ import annotations

from typing import Any

from bot.understanding.reading import DAYS, Reading

_ACTIONS = ("pause", "resume", "snooze", "rearrange")
_OF_DIGESTS = frozenset({"pause", "resume", "rearrange"})
_OF_WATCHES = frozenset({"pause", "resume", "snooze"})
_REACH = 6
"""Words within which the noun stands: "pause the weekly digest"."""


def order(reading: Reading) -> tuple[str, str] | None:
    """(`digest` or `watch`, `pause resume snooze change now`) when the text changes what stands."""
    units = [unit for unit in reading.units if "polite" not in unit.cues or unit.mention >= 0]
    opening = units[:2]
    for place, unit in enumerate(opening):
        for action in _ACTIONS:
            if f"to {action}" not in unit.cues:
                continue
            name = "change" if action == "rearrange" else action
            near = {cue for other in units[:_REACH] for cue in other.cues if other is not unit}
            if action in _OF_DIGESTS and "digest" in near:
                return "digest", name
            if action in _OF_WATCHES and "alert noun" in near:
                return "watch", name
            if action == "snooze" and place == 0 and _numbers(reading):
                return "watch", name
    if opening and {"send", "digest"} & set(opening[0].cues):
        cues = {cue for other in units[:9] for cue in other.cues}
        if "digest" in cues and "at once" in cues and "repeat" not in cues:
            return "digest", "now"
    return None


def details(reading: Reading, intent: str) -> dict[str, Any]:
    """Fields that only standing orders have."""
    if intent not in ("watch", "unwatch", "digest", "digest_stop"):
        return {}
    cues = {cue for unit in reading.units for cue in unit.cues}
    found: dict[str, Any] = {"numbers": _numbers(reading)}
    if "everything" in cues:
        found["everything"] = True
    if "again" in cues:
        found["remind"] = True
    if "rises" in cues or "rising" in cues:
        found["rising"] = True
    if "any place" in cues:
        found["any_region"] = True
    if "any seller" in cues:
        found["any_provider"] = True
    days = _days(reading, cues)
    if days:
        found["days"] = days
    if intent == "digest":
        every = _every(reading, cues)
        if every:
            found["every"] = every
        day = _month_day(reading)
        if day:
            found["month_day"] = day
    return {name: value for name, value in found.items() if value not in (None, (), False)}


_WITHIN = frozenset("in within over em en dentro for por durante".split())


def _days(reading: Reading, cues: set[str]) -> int | None:
    """Days of a pause, or within which a price is to fall ("10 % in a week"); a term is neither."""
    for place, unit in enumerate(reading.units):
        if unit.mention < 0 or reading.mentions[unit.mention].kind != "time":
            continue
        length = reading.mentions[unit.mention].value
        before = reading.units[place - 1].key if place else ""
        if length.unit in ("hour", "minute", "second"):
            continue
        if "to snooze" in cues or before in _WITHIN:
            return max(1, min(365, round(float(length.number) * float(DAYS[length.unit]))))
    return None


def _numbers(reading: Reading) -> tuple[int, ...]:
    """Numbers of orders: "unwatch #7 #9", "unwatch 7", "snooze 3 for a week"."""
    hashed = [
        int(m.value.lstrip("# "))
        for m in reading.mentions
        if m.kind == "cut" and m.value.startswith("#") and m.value.lstrip("# ").isdigit()
    ]
    if hashed:
        return tuple(hashed)
    for place, unit in enumerate(reading.units[:3]):
        if unit.mention >= 0 and reading.mentions[unit.mention].kind == "number" and place > 0:
            mention = reading.mentions[unit.mention]
            follows = reading.units[place + 1] if place + 1 < len(reading.units) else None
            if mention.detail == "digits" and not (
                follows is not None and follows.key in ("#card", "#number")
            ):
                return (int(mention.value),)
    return ()


def _every(reading: Reading, cues: set[str]) -> str | None:
    """`daily`, `weekdays`, `weekly` or `monthly` as the words say."""
    if "workday" in cues:
        return "weekdays"
    for mention in reading.mentions:
        if mention.kind == "time" and not mention.value.written:
            name = {"day": "daily", "week": "weekly", "month": "monthly"}.get(mention.value.unit)
            if name:
                return name
    return "monthly" if "month start" in cues else None


def _month_day(reading: Reading) -> int | None:
    """The day of a monthly digest: "on the 15th", "dia 15"."""
    for place, unit in enumerate(reading.units):
        if unit.mention >= 0 and reading.mentions[unit.mention].kind == "number":
            day = reading.mentions[unit.mention].value
            before = reading.units[place - 1].key if place else ""
            after = reading.units[place + 1].key if place + 1 < len(reading.units) else ""
            if 1 <= day <= 31 and (
                before in ("dia", "day") or after in ("st", "nd", "rd", "th", "o")
            ):
                return int(day)
    return None
