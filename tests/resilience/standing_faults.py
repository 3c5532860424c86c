"""Thirty kills and a database that comes and goes: `python tests/resilience/standing_faults.py [KILLS [PART...]]`.

Real `quartermaster serve` processes, a real PostgreSQL, a Slack that records. Prints what
happened and ends with status 1 when a promise was broken. `make standing-faults` runs it; it
takes about twenty minutes.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from postgres import Server
from replicas import (
    TAKEOVER,
    Moment,
    Replicas,
    Round,
    Slack,
    kill_round,
    make_due,
    open_deliveries,
    replicas,
    subscribe,
    until,
)

from bot.state import State

MOMENTS: tuple[Moment, ...] = ("before", "within", "after")
EACH = 12
"""Digests due at once in each round."""
OUTAGE = 60.0
"""Seconds without a database."""
broken: list[str] = []


def check(good: object, what: str) -> None:
    print(f"  {'kept  ' if good else 'BROKEN'} {what}", flush=True)
    if not good:
        broken.append(what)


def kills(
    title: str, made: Replicas, slack: Slack, state: State, number: int, *, survivors: bool
) -> None:
    """So many rounds, the three moments in turn."""
    chance = random.Random(number)
    rounds: list[Round] = []
    posts = len(slack.posts)
    for n in range(number):
        moment = MOMENTS[n % 3]
        done = kill_round(made, slack, state, EACH, moment, chance, made.start, survivors=survivors)
        rounds.append(done)
        print(f"    {n + 1:2d} {done.moment:6s} last post {done.takeover:5.1f} s after", flush=True)
    late = [one.takeover for one in rounds]
    print(
        f"{title}: {number} kills, {len(slack.posts) - posts} posts of {number * EACH} deliveries, "
        f"last post after a kill: median {median(late):.1f} s, longest {max(late):.1f} s, "
        f"looked {slack.looked} times"
    )
    check(len({post.delivery for post in slack.posts[posts:]}) == number * EACH, "none lost")
    check(not slack.repeats(), f"none twice {slack.repeats() or ''}")
    if survivors:
        check(max(late) <= TAKEOVER, f"survivors took over within {TAKEOVER:g} s")


def same_minute(made: Replicas, slack: Slack, state: State, names: tuple[str, ...]) -> None:
    """200 due at once in one workspace: once each, at the workspace's pace."""
    for name in names:
        if name not in made.running:
            made.start(name)
    made.ready()
    before = len(slack.posts)
    begun = time.monotonic()
    make_due(state)
    until(lambda: len(slack.posts) - before >= 200, 180, "200 digests")
    took = time.monotonic() - begun
    until(lambda: not open_deliveries(state), 30, "all recorded")
    mine = slack.posts[before:]
    shares = {name: sum(post.replica == name for post in mine) for name in names}
    print(f"200 due in one minute, {len(names)} replicas: {took:.0f} s, {shares}")
    check(len(mine) == 200 and not slack.repeats(), "each once")


def outages(server: Server, made: Replicas, slack: Slack, state: State) -> None:
    """The database stops, hangs and comes back; answers go on, orders catch up."""
    for title, stop, start in (
        ("stopped", lambda: server.stop("immediate"), server.start),
        ("hanging", server.pause, server.go_on),
    ):
        before = len(slack.posts)
        make_due(state, 3.0)
        time.sleep(1.0)  # this server commits without waiting for its disk
        stop()
        worst = 0.0
        limit = time.monotonic() + OUTAGE
        while time.monotonic() < limit:
            worst = max(worst, *(made.ask(name, "cheapest h100") for name in made.running))
            time.sleep(0.2)  # five questions a second while the database is away
        start()
        until(lambda before=before: len(slack.posts) - before >= EACH, 90, f"{title}: caught up")  # type: ignore[misc]
        until(lambda: not open_deliveries(state), 60, "all recorded")
        print(f"database {title} for {OUTAGE:g} s: the slowest answer took {worst * 1000:.0f} ms")
        check(len({p.delivery for p in slack.posts[before:]}) == EACH, f"{title}: none lost")
        check(not slack.repeats(), f"{title}: none twice {slack.repeats() or ''}")


def minute(server: Server, folder: Path, number: int) -> None:
    with replicas(server.database(), folder) as (made, slack, state):
        subscribe(state, 200, 1)
        same_minute(made, slack, state, ("one", "two"))
        same_minute(made, slack, state, ("one", "two", "three"))


def postgresql(server: Server, folder: Path, number: int) -> None:
    with replicas(server.database(), folder) as (made, slack, state):
        subscribe(state, EACH, EACH)
        for name in ("one", "two"):
            made.start(name)
        made.ready()
        kills("PostgreSQL, two replicas", made, slack, state, number, survivors=True)
        outages(server, made, slack, state)


def sqlite(server: Server, folder: Path, number: int) -> None:
    with replicas(f"sqlite:///{folder}/state.db", folder) as (made, slack, state):
        subscribe(state, EACH, EACH)
        made.start("one")
        made.ready()
        kills("SQLite, one process", made, slack, state, number, survivors=False)


PARTS = {part.__name__: part for part in (minute, postgresql, sqlite)}


def main(number: int, wanted: Sequence[str]) -> int:
    server = Server()
    try:
        for name in wanted or PARTS:
            with tempfile.TemporaryDirectory() as folder:
                PARTS[name](server, Path(folder), number)
    finally:
        server.close()
    print(f"{len(broken)} promises broken" if broken else "every promise was kept")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30, sys.argv[2:]))
