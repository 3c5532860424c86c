"""Our own credentials refused: nobody's channel is switched off, the operator hears once, lists say why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW
from slack_parts import Options, fake_slack, refusal
from standing_parts import FAST, Clock, Platform, place, until
from teams_parts import ANONYMOUS, TENANT, connector

from bot.conversation.posting import PlaceGone, PostLater
from bot.core.answer import Answer
from bot.core.desk import Asker
from bot.reply.reply import reply
from bot.slack.app import SlackPlatform
from bot.slack.sending import GONE, OURS
from bot.slack.talk import HOST
from bot.standing.ticker import Standing
from bot.state import Place, State
from bot.state.rows import Rule
from bot.teams.app import TeamsPlatform
from knowledge.prices.store import Store

WEEKLY = Rule("weekly", 1, 1, "09:30", "UTC")
WORDS = {"accelerators": ["H100"]}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path, clock: Clock) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}", clock=clock)
    yield opened
    opened.close()


async def test_a_token_that_is_refused_holds_all_posts_and_loses_no_place(
    state: State, store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    platform = Platform()
    platform.faults = [PostLater(300, "invalid_auth", everywhere=True)] * 3
    state.reaches["slack"] = HOST.reach
    for name in ("C1", "C2", "C3"):
        state.places.save(place(name))
        state.digests.add(place(name).id, "slack:T1:U7", WEEKLY, WORDS, "en")
    standing = Standing(state, store, {"slack": platform}, None, pace=FAST)
    await standing.start()
    try:
        clock.turn(minutes=30)
        await until(lambda: any(one.last_fault for name in ("C1", "C2", "C3") for one in state.digests.of(place(name).id)))  # fmt: skip
        assert all(one.disabled_reason is None for one in state.places.below(""))
        asker = Asker("slack", "slack:T1", next(place(n).id for n in ("C1", "C2", "C3") if state.digests.of(place(n).id)[0].last_fault), "slack:T1:U7")  # fmt: skip
        said = " ".join(reply("digests", asker, clock(), store, state=state).lines)
        assert "my access is refused" in said
        assert "invalid_auth" not in said
        for _ in range(40):
            clock.turn(minutes=6)
            if state.deliveries.counts() == {"sent": 3}:
                break
            await asyncio.sleep(0.1)  # the replica's own threads make it true
        await until(lambda: state.deliveries.counts() == {"sent": 3})
    finally:
        await standing.stop()
    told = [one for one in caplog.records if "credentials are refused" in one.getMessage()]
    assert len(told) == 1


@pytest.mark.parametrize("code", sorted(OURS))
async def test_slack_tells_a_refused_token_from_a_lost_channel(state: State, code: str) -> None:
    async with fake_slack() as fake:
        fake.script["chat.postMessage"] = [refusal(code)]
        made = SlackPlatform(Options(slack_api_url=fake.api), _nobody, state, clock=lambda: NOW)
        await made.start()
        with pytest.raises(PostLater) as later:
            await made.post(place("C1"), Answer("x"), "digest-1@20261124T093000Z")
        assert later.value.everywhere
        fake.script["chat.postMessage"] = [refusal(min(GONE))]
        with pytest.raises(PlaceGone):
            await made.post(place("C1"), Answer("x"), "digest-2@20261124T093000Z")
        await made.stop()


@pytest.mark.parametrize("answered", [(401, {}), (403, {"error": {"code": "BotDisabledByAdmin"}})])
async def test_teams_tells_a_refused_token_from_a_lost_channel(
    state: State, answered: tuple[int, Any]
) -> None:
    async with connector() as stub:
        known = {"service_url": stub.url, "conversation": "19:c@thread.tacv2", "bot": "28:x"}
        where = Place(f"teams:{TENANT}:19:c", "teams", f"teams:{TENANT}", TENANT, "19:c", kind="group", conversation=known)  # fmt: skip
        made = TeamsPlatform(ANONYMOUS, _nobody, state, clock=lambda: NOW)
        await made.start()
        stub.script = [(answered[0], {}, answered[1])] * 2
        with pytest.raises(PostLater) as later:
            await made.post(where, Answer("x"), "digest-1@20261124T093000Z")
        assert later.value.everywhere
        stub.script = [(403, {}, {"error": {"code": "MessageWritesBlocked"}})]
        with pytest.raises(PlaceGone):
            await made.post(where, Answer("x"), "digest-2@20261124T093000Z")
        await made.stop()


async def _nobody(_words: Any, _asker: Asker) -> Answer:
    return Answer("x")
