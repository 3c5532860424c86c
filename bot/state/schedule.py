"""When a digest is due: wall-clock times in a zone as moments in UTC. Pure.

Of a time that the clocks show twice the first is meant (fold 0); a time that the clocks skip
comes as much later as they jumped. The next slot is strictly later than the last, so no change
of the clocks can give one slot twice.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.state.rows import Rule

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OFFSET = re.compile(r"(?:UTC|GMT)([+-])(0?\d|1[0-4]):?([0-5]\d)?", re.IGNORECASE)
MAX_SLOTS = 4000
"""More slots than a decade of days is no schedule: looking back stops there."""


def zone(name: str) -> tzinfo:
    """The zone, also by its distance from UTC (`UTC+05:30`); UTC for a name that this machine's tables
    do not know (any more)."""
    if offset := _OFFSET.fullmatch(name):
        sign, hours, minutes = offset.groups()
        away = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-away if sign == "-" else away, name.upper())
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def next_slot(rule: Rule, after: datetime) -> datetime:
    """The first slot strictly later than `after`, in UTC."""
    # A zone's day can begin up to 14 hours before or after UTC's: yesterday is early enough.
    start = after.astimezone(zone(rule.tz)).date() - timedelta(days=1)
    for day in _days(rule, start):
        slot = _moment(rule, day)
        if slot > after:
            return slot
    raise ValueError(f"{rule} has no slot after {after:%Y-%m-%d}")


def missed(rule: Rule, due: datetime, now: datetime) -> tuple[datetime, int]:
    """Of the slots from `due` up to `now`, the latest, and how many earlier ones it replaces."""
    latest, skipped = due, 0
    while skipped < MAX_SLOTS:
        following = next_slot(rule, latest)
        if following > now:
            break
        latest, skipped = following, skipped + 1
    return latest, skipped


def _days(rule: Rule, start: date) -> Iterator[date]:
    """Local days on which the rule has a slot, from `start` on."""
    if rule.every == "monthly":
        year, month = start.year, start.month
        while year < 9999:
            day = date(year, month, min(rule.monthday, calendar.monthrange(year, month)[1]))
            if day >= start:
                yield day
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return
    day = start
    while day.year < 9999:
        if (
            rule.every == "daily"
            or (rule.every == "weekdays" and day.weekday() < 5)
            or (rule.every == "weekly" and day.weekday() == rule.weekday)
        ):
            yield day
        day += timedelta(days=1)


def _moment(rule: Rule, day: date) -> datetime:
    hour, minute = (int(part) for part in rule.time.split(":"))
    # zoneinfo reads a skipped time with the offset before the jump: 02:30 becomes 03:30.
    return datetime.combine(day, time(hour, minute), zone(rule.tz)).astimezone(UTC)
