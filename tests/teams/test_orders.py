"""Orders and `forget me` in Teams: replicas with the service's own core on one real state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from postgres import postgres, state_url, wait_until
from slack_parts import NOW, real_core
from teams_parts import (
    ANONYMOUS,
    TENANT,
    StubConnector,
    activity,
    channel,
    click,
    connector,
    platform,
    post,
)

from bot.conversation.posting import PlaceGone
from bot.core.answer import Answer
from bot.state import State
from bot.state.tables import asked as asked_table
from bot.teams.app import TeamsPlatform
from knowledge.prices.store import Store

__all__ = ["postgres", "state_url"]

WHO = f"teams:{TENANT}:aad-ana"
CHAT = f"teams:{TENANT}:a:ana"
CHANNEL = f"teams:{TENANT}:19:c1@thread.tacv2"
_number = count(1)


class Replica:
    def __init__(self, url: str, teams: TeamsPlatform, stub: StubConnector) -> None:
        self.url = url
        self.teams = teams
        self.stub = stub

    async def say(self, words: str, asked: Any = activity) -> None:
        """Written in a chat, or as a new thread of a channel, and answered."""
        number, before = f"18{next(_number)}", len(self.stub.sent)
        more = {"root": number} if asked is channel else {}
        body = asked(self.stub.url, words, id=number, **more)
        assert (await post(self.url, body))[0] < 300
        await self.stub.wait(before + 1)


@pytest.fixture
def state(state_url: str) -> Iterator[State]:
    opened = State.open(state_url, clock=lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
async def serve(state: State, store: Store) -> AsyncIterator[Callable[[], Awaitable[Replica]]]:
    async with connector() as stub, AsyncExitStack() as stack:

        async def started() -> Replica:
            core = await stack.enter_async_context(real_core(state, store))
            teams = TeamsPlatform(ANONYMOUS, core, state, clock=lambda: NOW)
            return Replica(await stack.enter_async_context(platform(teams)), teams, stub)

        yield started


async def lost(replica: Replica, state: State, name: str) -> None:
    """The schedule posts there and is told that nothing is taken any more."""
    place = state.places.get(name)
    assert place is not None
    replica.stub.script = [(403, {}, {"error": {"code": "BotNotInConversationRoster"}})]
    with pytest.raises(PlaceGone) as gone:
        await replica.teams.post(place, Answer("x"), "digest-1@20261124T090000Z")
    state.places.disable(name, gone.value.reason, NOW)


def well(state: State, name: str) -> bool:
    place = state.places.get(name)
    return place is not None and place.disabled_reason is None


EITHER = pytest.mark.parametrize(
    ("asked", "name"), [(activity, CHAT), (channel, CHANNEL)], ids=["chat", "channel"]
)


@EITHER
async def test_a_lost_place_that_is_heard_from_is_well_at_once(
    serve: Callable[[], Awaitable[Replica]], state: State, asked: Any, name: str
) -> None:
    here = await serve()
    await here.say("cheapest h100", asked)
    await lost(here, state, name)
    assert not well(state, name)
    await here.say("cheapest h100", asked)
    assert well(state, name)


@EITHER
async def test_no_order_stands_where_another_replica_found_nobody(
    serve: Callable[[], Awaitable[Replica]], state: State, asked: Any, name: str
) -> None:
    """What a replica remembers of a place is not believed when an order is to stand there."""
    one, other = await serve(), await serve()
    await other.say("cheapest h100", asked)
    await lost(one, state, name)
    await other.say("watch h100 < 2.00", asked)
    assert len(state.watches.of(name)) == 1
    assert well(state, name)


async def test_an_order_by_a_button_finds_its_place_well(
    serve: Callable[[], Awaitable[Replica]], state: State
) -> None:
    one, other = await serve(), await serve()
    await other.say("cheapest h100")
    await lost(one, state, CHAT)
    body = click(other.stub.url, {"v": 1, "q": "watch h100 < 2.00", "l": "en"}, id="button")
    assert (await post(other.url, body))[0] == 200
    assert len(state.watches.of(CHAT)) == 1
    assert well(state, CHAT)


# -- forgetting --------------------------------------------------------------------------------


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "by another replica"])
async def test_who_was_forgotten_can_order_anew(
    serve: Callable[[], Awaitable[Replica]], state: State, elsewhere: bool
) -> None:
    """The chat's address went with the rest: it is kept again with the next order there."""
    here = await serve()
    await here.say("cheapest h100")
    await (await serve() if elsewhere else here).say("forget me")
    assert state.places.get(CHAT) is None
    await here.say("watch h100 < 2.00")
    assert len(state.watches.of(CHAT)) == 1
    assert well(state, CHAT)
    assert state.places.own(WHO) is not None, "where a lost place is told"


async def test_forgetting_by_a_button_forgets_as_well(
    serve: Callable[[], Awaitable[Replica]], state: State
) -> None:
    here = await serve()
    await here.say("cheapest h100")
    body = click(here.stub.url, {"v": 1, "q": "forget me", "l": "en"}, id="button")
    assert (await post(here.url, body))[0] == 200
    assert state.places.get(CHAT) is None
    await here.say("cheapest h100")
    assert well(state, CHAT)


@pytest.mark.parametrize("written", [True, False], ids=["written", "on its way"])
async def test_forget_me_leaves_no_question_of_the_chat(
    state: State, store: Store, written: bool
) -> None:
    async with connector() as stub, real_core(state, store) as core:
        teams = TeamsPlatform(ANONYMOUS, core, state, clock=lambda: NOW)
        async with platform(teams) as url:
            here = Replica(url, teams, stub)
            await here.say("cheapest h100")
            if written:
                await asyncio.to_thread(wait_until, lambda: threads(state))
            await here.say("forget me")
    # All that was on its way is written now.
    assert threads(state) == []


async def test_what_was_forgotten_is_not_narrowed(
    serve: Callable[[], Awaitable[Replica]],
) -> None:
    here = await serve()
    await here.say("cheapest h100")
    await here.say("only in europe?")
    assert here.stub.sent[-1]["summary"].startswith("Cheapest H100")
    await here.say("forget me")
    await here.say("only in europe?")
    assert here.stub.sent[-1]["summary"].startswith("Cheapest GPU in Europe")


def threads(state: State) -> list[str]:
    with state.reading() as db:
        return list(db.scalars(sa.select(asked_table.c.thread)))
