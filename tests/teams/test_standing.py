"""Orders given in Teams, delivered by the schedule through the connector's HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slack_parts import real_core
from standing_parts import Clock, Week
from teams_parts import ANONYMOUS, StubConnector, activity, channel, connector, platform, post

from bot.state import State
from bot.teams.app import TeamsPlatform


async def orders(
    folder: Path,
    stub: StubConnector,
    asked: Any,
    trouble: Callable[[], object] = bool,
    **delivering: Any,
) -> list[Any]:
    """Bodies that were offered to the connector by the schedule, after both orders were given
    in Teams and `trouble` began."""
    clock = Clock()
    week = Week(folder, clock)
    state = State.open(f"sqlite:///{folder / 'orders.db'}", clock=clock)
    async with real_core(state, week.store, clock) as core:
        teams = TeamsPlatform(ANONYMOUS, core, state, clock=clock)
        async with platform(teams) as url:
            for number, words in enumerate(week.ORDERS, 1):
                assert (await post(url, asked(stub.url, words, id=f"17000000000{number}")))[0] < 300
                await stub.wait(number)
            before = len(stub.sent)
            trouble()
            await week.arrives(state, {"teams": teams}, **delivering)
    state.close()
    week.store.close()
    return stub.sent[before:]


@pytest.mark.parametrize("asked", [activity, channel], ids=["chat", "channel"])
async def test_a_digest_and_a_watch_arrive_once(tmp_path: Path, asked: Any) -> None:
    async with connector() as stub:
        sent = await orders(tmp_path, stub, asked)
        paths = [call.path for call in stub.calls[-2:]]
    assert len(sent) == 2
    shown = json.dumps(sent, ensure_ascii=False).replace("\u00a0", " ")
    assert (
        "GPU prices, week of 17 Nov: H100 80 GB SXM down 28% like for like, from $1.79 per GPU-hour."
        in shown
    )
    assert "H100 fell below $2.00: $1.79 per GPU-hour. Voltage Park" in shown
    assert "H100 80 GB SXM is down 28%: prefer short terms" in shown
    for typed in ("digest stop #1", "change digest #1", "unwatch #1", "watch snooze #1 7d"):
        assert typed in shown
    for delivery in Week.DELIVERIES:
        assert shown.count(delivery) == 1
    assert all("/v3/conversations" in path for path in paths)


async def test_what_teams_refused_for_now_comes_later_once(tmp_path: Path) -> None:
    """Told to wait: it comes when the wait is over, and what stood behind it as well."""
    async with connector() as stub:
        busy: tuple[int, dict[str, str], object] = (429, {"Retry-After": "30"}, {})
        sent = await orders(tmp_path, stub, activity, lambda: stub.script.append(busy), failing=1)
    shown = json.dumps(sent)
    # The first was offered twice and taken once.
    assert sorted(shown.count(one) for one in Week.DELIVERIES) == [1, 2]


async def test_a_lost_acknowledgement_repeats_once_on_teams(tmp_path: Path) -> None:
    """The connector has no way to look: sent at least once is what is promised there."""
    async with connector() as stub:
        sent = await orders(
            tmp_path, stub, activity, lambda: setattr(stub, "silent", True),
            failing=2, mend=lambda: setattr(stub, "silent", False), send_timeout=0.5,
        )  # fmt: skip
    shown = json.dumps(sent)
    assert [shown.count(one) for one in Week.DELIVERIES] == [2, 2]
