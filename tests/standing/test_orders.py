"""Planning and claiming: one slot is one delivery, one claim at a time, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from standing_parts import Clock, place

from bot.slack.talk import HOST
from bot.state import State
from bot.state.deliveries import MAX_TRIES
from bot.state.rows import Reach, Rule

LEASE = timedelta(seconds=60)
WEEKLY = Rule("weekly", 1, 1, "09:30", "UTC")  # the clock starts on a Tuesday at 09:00
WORDS = {"accelerators": ["H100"]}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(state_url: str, clock: Clock) -> Iterator[State]:
    opened = State.open(state_url, clock=clock)
    opened.places.save(place())
    yield opened
    opened.close()


def test_a_slot_becomes_one_delivery_however_many_plan(state: State, clock: Clock) -> None:
    """Eight replicas plan at once: 50 digests, 50 deliveries."""
    for number in range(50):
        state.digests.add(place().id, None, WEEKLY, {"accelerators": [str(number)]}, "en")
    clock.turn(minutes=30)
    with ThreadPoolExecutor(8) as pool:
        planned = list(pool.map(lambda _: state.digests.plan(), range(8)))
    assert sum(one.planned for one in planned) == 50
    assert state.deliveries.counts() == {"open": 50}
    assert state.digests.plan().planned == 0


def test_a_delivery_is_claimed_by_one(state: State, clock: Clock) -> None:
    """Eight replicas claim at once: nobody gets what another has."""
    for number in range(60):
        state.deliveries.add(f"note-{number}", place().id, "note", {})
    with ThreadPoolExecutor(8) as pool:
        claims = list(
            pool.map(lambda n: state.deliveries.claim(f"replica-{n}", LEASE, 10), range(8))
        )
    taken = [one.id for claim in claims for one in claim]
    assert len(taken) == len(set(taken)) == 60


def test_the_same_digest_twice_is_one(state: State) -> None:
    """Somebody repeats a command: nothing is doubled."""
    first = state.digests.add(place().id, "u", WEEKLY, WORDS, "en")
    assert state.digests.add(place().id, "v", WEEKLY, WORDS, "en").id == first.id
    assert len(state.digests.of(place().id)) == 1


def test_an_unrecorded_claim_comes_back_after_its_lease(state: State, clock: Clock) -> None:
    """And says that it may have been posted, so that somebody looks first."""
    state.deliveries.add("note-1", place().id, "note", {})
    (first,) = state.deliveries.claim("dead", LEASE)
    assert not first.maybe_posted
    clock.turn(seconds=59)
    assert state.deliveries.claim("other", LEASE) == []
    clock.turn(seconds=1)
    (second,) = state.deliveries.claim("other", LEASE)
    assert second.maybe_posted
    assert second.tries == 2


def test_a_renewed_claim_stays(state: State, clock: Clock) -> None:
    """A long send keeps its delivery; one taken over cannot be renewed."""
    state.deliveries.add("note-1", place().id, "note", {})
    held = state.deliveries.claim("me", LEASE)
    clock.turn(seconds=50)
    assert state.deliveries.renew("me", held, LEASE) == 1
    clock.turn(seconds=50)
    assert state.deliveries.claim("other", LEASE) == []
    clock.turn(seconds=20)
    assert len(state.deliveries.claim("other", LEASE)) == 1
    assert state.deliveries.renew("me", held, LEASE) == 0


def test_a_post_is_recorded_once(state: State, clock: Clock) -> None:
    """Two replicas that both believe they sent: the first counts."""
    subscription = state.digests.add(place().id, None, WEEKLY, WORDS, "en")
    clock.turn(minutes=30)
    state.digests.plan()
    (mine,) = state.deliveries.claim("me", LEASE)
    clock.turn(seconds=61)
    (theirs,) = state.deliveries.claim("other", LEASE)
    assert state.deliveries.sent("other", theirs, "m1")
    assert not state.deliveries.sent("me", mine, "m2")
    kept = state.digests.get(subscription.id)
    assert kept is not None
    assert kept.last_sent == clock()
    assert kept.due == datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


def test_a_retry_waits_as_long_as_the_platform_asked(state: State, clock: Clock) -> None:
    """Retry-After 90 is 90 seconds; nothing was posted, so nobody need look."""
    state.deliveries.add("note-1", place().id, "note", {})
    (one,) = state.deliveries.claim("me", LEASE)
    assert state.deliveries.later("me", one, "429", retry_after=90, not_posted=True)
    clock.turn(seconds=89)
    assert state.deliveries.claim("me", LEASE) == []
    clock.turn(seconds=1)
    (again,) = state.deliveries.claim("me", LEASE)
    assert not again.maybe_posted


def test_tries_end(state: State, clock: Clock) -> None:
    """A post that always fails is given up, its fault kept; pauses double."""
    subscription = state.digests.add(place().id, None, WEEKLY, WORDS, "en")
    state.digests.send_now(subscription)
    pauses = []
    for _ in range(MAX_TRIES):
        waited = 0
        while not (claim := state.deliveries.claim("me", LEASE)):
            clock.turn(seconds=10)
            waited += 10
        pauses.append(waited)
        state.deliveries.later("me", claim[0], "invalid_blocks")
    assert pauses[1:4] == [30, 60, 120]
    assert state.deliveries.counts() == {"failed": 1}
    kept = state.digests.get(subscription.id)
    assert kept is not None
    assert kept.last_fault == "invalid_blocks"


def test_missed_slots_are_skipped_and_counted(state: State, clock: Clock) -> None:
    """Three weeks down: the latest is sent late, two are counted."""
    subscription = state.digests.add(place().id, None, WEEKLY, WORDS, "en")
    clock.turn(days=15)
    assert state.digests.plan() == (1, 2, False)
    (late,) = state.deliveries.claim("me", LEASE)
    assert late.delayed
    assert late.due == datetime(2026, 12, 8, 9, 30, tzinfo=UTC)
    kept = state.digests.get(subscription.id)
    assert kept is not None
    assert kept.skipped == 2


def test_a_digest_that_waits_is_overtaken_by_the_next(state: State, clock: Clock) -> None:
    """After a long outage of the platform one digest arrives, not two."""
    daily = Rule("daily", 0, 1, "09:30", "UTC")
    state.digests.add(place().id, None, daily, WORDS, "en")
    clock.turn(minutes=30)
    state.digests.plan()
    (one,) = state.deliveries.claim("me", LEASE)
    state.deliveries.later("me", one, "down", retry_after=2 * 86_400)
    clock.turn(days=1)
    state.digests.plan()
    assert state.deliveries.counts() == {"late": 1, "open": 1}


def test_paused_and_disabled_places_are_left_alone(state: State, clock: Clock) -> None:
    """Nothing is planned for them; a resumed digest comes at its next slot."""
    state.digests.add(place().id, None, WEEKLY, WORDS, "en")
    state.digests.pause(place().id, paused=True)
    clock.turn(days=8)
    assert state.digests.plan().planned == 0
    (resumed,) = state.digests.pause(place().id, paused=False)
    assert resumed.due == datetime(2026, 12, 8, 9, 30, tzinfo=UTC)
    state.places.disable(place().id, "gone", clock())
    clock.turn(days=8)
    assert state.digests.plan().planned == 0


def test_a_stopped_digest_sends_nothing_more(state: State, clock: Clock) -> None:
    """Not even the delivery that was already made."""
    state.digests.add(place().id, None, WEEKLY, WORDS, "en")
    clock.turn(minutes=30)
    state.digests.plan()
    assert len(state.digests.stop(place().id)) == 1
    assert state.deliveries.claim("me", LEASE) == []
    assert state.digests.of(place().id) == []


@pytest.mark.parametrize(
    ("channel", "workspace"), [(HOST.reach.channel_gap, HOST.reach.workspace_gap), (timedelta(seconds=3), timedelta(milliseconds=25))],
)  # fmt: skip
def test_a_thousand_at_once_take_their_turns(
    state: State, clock: Clock, channel: timedelta, workspace: timedelta
) -> None:
    """As fast per channel and per workspace as their platform declares, whoever sends them."""
    state.reaches["slack"] = Reach(channel, workspace)
    for number in range(10):
        state.digests.add(place().id, None, WEEKLY, {"accelerators": [str(number)]}, "en")
    for number in range(200):
        other = place(f"D{number}", "slack:T2")
        state.places.save(other)
        state.digests.add(other.id, None, WEEKLY, WORDS, "en")
    clock.turn(minutes=30)
    while state.digests.plan(limit=60).planned:
        pass
    with state.reading() as db:
        import sqlalchemy as sa

        from bot.state.tables import delivery

        rows = db.execute(sa.select(delivery.c.place, delivery.c.ready_at)).all()
    mine = sorted(row.ready_at for row in rows if row.place == place().id)
    theirs = sorted(row.ready_at for row in rows if row.place != place().id)
    tick = timedelta(milliseconds=1)
    assert min(b - a for a, b in pairwise(mine)) >= channel - tick
    assert min(b - a for a, b in pairwise(theirs)) >= workspace - tick
    assert mine[0] == theirs[0] == clock()


def test_a_zone_that_changes_its_rules_moves_its_slots(
    state: State, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New zone tables arrive with a start: future slots are set again by them."""
    from bot.state import schedule

    rule = Rule("weekly", 0, 1, "09:00", "America/Sao_Paulo")
    subscription = state.digests.add(place().id, None, rule, WORDS, "en")
    assert subscription.due == datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert state.digests.realign() == 0
    real = schedule.zone
    monkeypatch.setattr(  # the tables of a day on which Brazil has summer time again
        schedule, "zone", lambda name: real("Etc/GMT+2" if name == "America/Sao_Paulo" else name)
    )
    assert state.digests.realign() == 1
    kept = state.digests.get(subscription.id)
    assert kept is not None
    assert kept.due == datetime(2026, 11, 30, 11, 0, tzinfo=UTC)


def test_a_place_that_is_gone_ends_all_its_deliveries(state: State) -> None:
    """Once found out, once told."""
    for number in range(3):
        state.deliveries.add(f"note-{number}", place().id, "note", {})
    first, second = state.deliveries.claim("me", LEASE, 2)
    assert state.deliveries.gone("me", first, "is_archived")
    assert not state.deliveries.gone("me", second, "is_archived")
    assert state.deliveries.counts() == {"gone": 3}
    found = state.places.get(place().id)
    assert found is not None
    assert found.disabled_reason == "is_archived"


def test_a_job_is_done_by_one_and_taken_over(state: State, clock: Clock) -> None:
    """Exactly one replica refreshes; a dead one's refresh is taken over after its lease."""
    assert state.jobs.claim("refresh", "a", LEASE) is not None
    assert state.jobs.claim("refresh", "b", LEASE) is None
    clock.turn(seconds=61)
    taken = state.jobs.claim("refresh", "b", LEASE)
    assert taken is not None
    assert taken.tries == 2
    assert not state.jobs.finish("refresh", "a", timedelta(hours=6))
    assert state.jobs.finish("refresh", "b", timedelta(hours=6))
    assert state.jobs.claim("refresh", "a", LEASE) is None
    clock.turn(hours=6)
    assert state.jobs.claim("refresh", "a", LEASE) is not None


def test_a_new_job_is_claimed_by_one_of_many(state: State) -> None:
    """Replicas that start together: one refresh."""
    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda n: state.jobs.claim("refresh", f"r{n}", LEASE), range(6)))
    assert sum(claim is not None for claim in claims) == 1


@pytest.mark.parametrize(
    ("tz", "year"),
    [
        ("America/New_York", 2026),
        ("Europe/London", 2026),
        ("Europe/Lisbon", 2027),
        ("America/Sao_Paulo", 2018),
    ],
)
def test_nine_oclock_through_a_year_of_clocks(
    state: State, clock: Clock, tz: str, year: int
) -> None:
    """Monday 09:00 on the wall each week, once, planned by replicas that look every half hour
    around each slot; both changes of the clocks and the year's end included."""
    zone = ZoneInfo(tz)
    clock.at = datetime(year, 1, 1, tzinfo=zone).astimezone(UTC)
    made = state.digests.add(place().id, None, Rule("weekly", 0, 1, "09:00", tz), WORDS, "en")
    due = made.due
    sent: list[datetime] = []
    while len(sent) < 54:
        clock.at = due - timedelta(hours=2)
        for _ in range(8):  # an hour that the clocks show twice passes here twice
            clock.turn(minutes=30)
            state.digests.plan()
            for one in state.deliveries.claim("me", LEASE):
                sent.append(one.due)
                assert not one.delayed
                state.deliveries.sent("me", one, "m")
        kept = state.digests.get(made.id)
        assert kept is not None
        assert kept.due > due
        due = kept.due
    local = [moment.astimezone(zone) for moment in sent]
    assert all((one.weekday(), one.hour, one.minute) == (0, 9, 0) for one in local)
    assert all(b.date() - a.date() == timedelta(days=7) for a, b in pairwise(local))
