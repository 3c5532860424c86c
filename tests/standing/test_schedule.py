"""When a digest is due: once, at the wall-clock time, through every change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.state.rows import Rule
from bot.state.schedule import missed, next_slot

# Both changes of 2026 and 2027 in each zone; Sao Paulo had its last in 2019.
CHANGES = {
    "America/New_York": (2026, 2027),
    "Europe/London": (2026, 2027),
    "Europe/Lisbon": (2026, 2027),
    "America/Sao_Paulo": (2018, 2019, 2026),
}
RULES = st.builds(
    Rule,
    every=st.sampled_from(["daily", "weekdays", "weekly", "monthly"]),
    weekday=st.integers(0, 6),
    monthday=st.integers(1, 31),
    time=st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59)),
    tz=st.sampled_from([*CHANGES, "UTC", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def walk(rule: Rule, start: datetime, end: datetime) -> list[datetime]:
    slots = []
    at = next_slot(rule, start)
    while at < end:
        slots.append(at)
        at = next_slot(rule, at)
    return slots


@pytest.mark.parametrize("tz", CHANGES)
def test_nine_oclock_local_every_week_once(tz: str) -> None:
    """Monday 09:00 on the wall, each week of the year, through both changes."""
    for year in CHANGES[tz]:
        zone = ZoneInfo(tz)
        slots = walk(
            Rule("weekly", 0, 1, "09:00", tz),
            datetime(year, 1, 1, tzinfo=zone),
            datetime(year + 1, 1, 1, tzinfo=zone),
        )
        local = [slot.astimezone(zone) for slot in slots]
        assert all((one.weekday(), one.hour, one.minute) == (0, 9, 0) for one in local)
        days = [one.date() for one in local]
        assert days == [days[0] + timedelta(days=7 * n) for n in range(len(days))]
        assert len(days) in {52, 53}


def test_a_time_the_clocks_show_twice_comes_once() -> None:
    """01:30 on the night the clocks go back in New York: the first of the two."""
    slots = walk(
        Rule("daily", time="01:30", tz="America/New_York"),
        datetime(2026, 10, 31, 12, tzinfo=UTC),
        datetime(2026, 11, 3, tzinfo=UTC),
    )
    assert [slot.isoformat() for slot in slots] == [
        "2026-11-01T05:30:00+00:00",
        "2026-11-02T06:30:00+00:00",
    ]


def test_a_time_the_clocks_skip_comes_as_much_later() -> None:
    """02:30 on the night they go forward comes at 03:30, once."""
    slots = walk(
        Rule("daily", time="02:30", tz="America/New_York"),
        datetime(2026, 3, 7, 12, tzinfo=UTC),
        datetime(2026, 3, 10, tzinfo=UTC),
    )
    assert [slot.isoformat() for slot in slots] == [
        "2026-03-08T07:30:00+00:00",
        "2026-03-09T06:30:00+00:00",
    ]


def test_midnight_skipped_in_sao_paulo() -> None:
    """4 November 2018 began at 01:00 there: the daily digest of midnight comes then, once."""
    slots = walk(
        Rule("daily", time="00:00", tz="America/Sao_Paulo"),
        datetime(2018, 11, 3, 12, tzinfo=UTC),
        datetime(2018, 11, 6, tzinfo=UTC),
    )
    assert [slot.isoformat() for slot in slots] == [
        "2018-11-04T03:00:00+00:00",
        "2018-11-05T02:00:00+00:00",
    ]


def test_month_ends_and_leap_days() -> None:
    """Day 31 is the last day of every month, 29 February included; the year's end is no edge."""
    slots = walk(
        Rule("monthly", monthday=31, time="09:00"),
        datetime(2027, 12, 1, tzinfo=UTC),
        datetime(2028, 5, 1, tzinfo=UTC),
    )
    assert [slot.date() for slot in slots] == [
        date(2027, 12, 31),
        date(2028, 1, 31),
        date(2028, 2, 29),
        date(2028, 3, 31),
        date(2028, 4, 30),
    ]


def test_weekdays_leave_the_weekend_out() -> None:
    """Friday, then Monday."""
    slots = walk(
        Rule("weekdays", time="07:30", tz="Europe/Lisbon"),
        datetime(2026, 11, 26, 12, tzinfo=UTC),
        datetime(2026, 12, 1, tzinfo=UTC),
    )
    assert [slot.strftime("%a") for slot in slots] == ["Fri", "Mon"]


def test_slots_missed_give_the_latest() -> None:
    """Three weeks away: one late digest, two skipped."""
    rule = Rule("weekly", 0, 1, "09:00", "UTC")
    due = datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert missed(rule, due, datetime(2026, 11, 17, 8, tzinfo=UTC)) == (
        datetime(2026, 11, 16, 9, tzinfo=UTC),
        2,
    )
    assert missed(rule, due, due) == (due, 0)


def test_a_zone_nobody_knows_is_utc() -> None:
    """A zone dropped from the tables does not stop a digest."""
    assert next_slot(
        Rule("daily", time="09:00", tz="Mars/Olympus"), datetime(2026, 1, 1, tzinfo=UTC)
    ) == datetime(2026, 1, 1, 9, tzinfo=UTC)


@settings(max_examples=300, deadline=None)
@given(rule=RULES, after=MOMENTS)
def test_the_next_slot_is_later_and_one_a_day_at_most(rule: Rule, after: datetime) -> None:
    """Strictly later, never two on one local day, no gap longer than the rhythm allows."""
    first = next_slot(rule, after)
    second = next_slot(rule, first)
    assert after < first < second
    zone = ZoneInfo(rule.tz)
    assert first.astimezone(zone).date() != second.astimezone(zone).date()
    longest = {"daily": 2, "weekdays": 4, "weekly": 8, "monthly": 32}[rule.every]
    assert first - after <= timedelta(days=longest, hours=3)


@settings(max_examples=100, deadline=None)
@given(rule=RULES, after=MOMENTS, away=st.integers(0, 200))
def test_nothing_is_missed_and_nothing_comes_twice(rule: Rule, after: datetime, away: int) -> None:
    """However long nobody looked: the latest slot, and the count of those before it."""
    due = next_slot(rule, after)
    now = due + timedelta(days=away)
    latest, skipped = missed(rule, due, now)
    slots = [due, *walk(rule, due, now + timedelta(microseconds=1))]
    assert (latest, skipped) == (slots[-1], len(slots) - 1)
