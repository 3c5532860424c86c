"""Orders and `forget me` through Slack's own door: signed requests, the service's own core, a real
state database; what the person reads, and what is kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from slack_parts import (
    BOT_USER,
    CHANNEL,
    NOW,
    TEAM,
    USER,
    Client,
    FakeSlack,
    Options,
    click,
    command,
    direct,
    event,
    mention,
    platform,
    real_core,
    refusal,
)

from bot.conversation.posting import PlaceGone
from bot.core.answer import Answer
from bot.slack import values
from bot.slack.app import SlackPlatform
from bot.state import State
from bot.state.rows import Rule
from bot.state.tables import metadata
from knowledge.prices.store import Store

PLACE = f"slack:{TEAM}:{CHANNEL}"
WHO = f"slack:{TEAM}:{USER}"
OWN = f"direct:{WHO}"


@pytest.fixture
async def serve_core(
    fake: FakeSlack, state: State, store: Store
) -> AsyncIterator[Callable[[], Awaitable[Client]]]:
    """Starts a replica, with a core of its own on the shared state."""
    async with AsyncExitStack() as stack:

        async def started() -> Client:
            core = await stack.enter_async_context(real_core(state, store))
            made = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
            made.fake = fake  # type: ignore[attr-defined]
            return await stack.enter_async_context(platform(made))

        yield started


@pytest.fixture
async def door(serve_core: Callable[[], Awaitable[Client]]) -> Client:
    return await serve_core()


async def gpu(door: Client, words: str, **more: Any) -> str:
    """What `/gpu words` shows: everything that can be read in it."""
    fake: FakeSlack = door.platform.fake
    whispered = len(fake.of("chat.postEphemeral"))
    status, answer = await door.send(command(words, **more))
    assert status == 200
    if answer == "":  # the first order of a channel is what tells that we can write there
        return read((await fake.wait("chat.postEphemeral", whispered + 1))[-1].fields)
    assert answer["response_type"] == "ephemeral"
    return read(answer)


def read(answer: dict[str, Any]) -> str:
    return answer["text"] + "\n" + json.dumps(answer["blocks"], ensure_ascii=False)


def buttons(answer: str) -> dict[str, str]:
    """Label -> the question a click on it asks."""
    found: dict[str, str] = {}

    def walk(at: Any) -> None:
        if isinstance(at, dict):
            if at.get("type") == "button" and "value" in at:
                carried = values.read(at["value"])
                found[at["text"]["text"]] = carried.question if carried else ""
            at = list(at.values())
        if isinstance(at, list):
            for one in at:
                walk(one)

    walk(json.loads(answer.partition("\n")[2]))
    return found


def of_person(state: State) -> list[str]:
    """Tables with a row that names this person, wherever in it."""
    with state.reading() as db:
        return sorted(
            table.name
            for table in metadata.sorted_tables
            if any(USER in repr(tuple(row)) for row in db.execute(sa.select(table)))
        )


# -- where we may be no member -----------------------------------------------------------------


@pytest.mark.parametrize("words", ["watch h100 < 2.00", "digest weekly monday 09:00 h100"])
async def test_an_order_where_we_cannot_write_does_not_stand(
    door: Client, fake: FakeSlack, state: State, words: str
) -> None:
    """And it is said, once; added to the channel, the same order stands, in one message."""
    fake.script["chat.postEphemeral"] = [refusal("not_in_channel")]
    said = await door.send(command(words))
    assert "I cannot write here" in said[1]["text"]
    assert state.places.get(PLACE) is None
    assert (state.digests.of(PLACE), state.watches.of(PLACE)) == ([], [])
    said = await door.send(command(words))
    assert said[1] == ""
    assert len(state.digests.of(PLACE)) + len(state.watches.of(PLACE)) == 1
    assert len(fake.of("chat.postEphemeral")) == 2


async def test_an_order_that_is_incomplete_tries_nothing(door: Client, fake: FakeSlack, state: State) -> None:  # fmt: skip
    await gpu(door, "watch")
    assert fake.of("chat.postEphemeral") == []
    assert state.watches.of(PLACE) == []


# -- digests -----------------------------------------------------------------------------------


async def test_a_digest_from_order_to_stop(door: Client, fake: FakeSlack, state: State) -> None:
    said = await gpu(door, "digest weekly monday 09:00 America/New_York a100 h100")
    assert (
        "Every Monday at 09:00 (America/New_York): A100 and H100. First on 30 Nov 2026, 09:00 EST."
        in said
    )
    (kept,) = state.digests.of(PLACE)
    assert (kept.user, kept.rule) == (WHO, Rule("weekly", 0, 1, "09:00", "America/New_York"))
    assert kept.due.isoformat() == "2026-11-30T14:00:00+00:00"

    said = await gpu(door, "digests")
    assert "1 digest stands here." in said
    assert f'"{kept.id}"' in said  # its number, to change it by
    assert "every Monday at 09:00 (America/New_York)" in said

    said = await gpu(door, f"change digest #{kept.id} to friday 10:00")
    assert "Friday at 10:00" in said
    assert state.digests.of(PLACE)[0].due.isoformat() == "2026-11-27T15:00:00+00:00"
    await gpu(door, "digest pause")
    assert state.digests.of(PLACE)[0].paused
    await gpu(door, "digest resume")
    assert not state.digests.of(PLACE)[0].paused
    await gpu(door, "digest stop")
    assert state.digests.of(PLACE) == []
    assert "No digest" in await gpu(door, "digests")


async def test_a_digest_asked_for_in_portuguese_by_mention(door: Client, fake: FakeSlack, state: State) -> None:  # fmt: skip
    await door.send(event(mention("resumo diário 8h America/Sao_Paulo h100")))
    (call,) = await fake.wait("chat.postMessage")
    (kept,) = state.digests.of(PLACE)
    assert (kept.rule.every, kept.rule.time, kept.rule.tz, kept.lang) == ("daily", "08:00", "America/Sao_Paulo", "pt")  # fmt: skip
    assert "H100" in call["text"]
    assert "08:00" in call["text"]
    assert call["thread_ts"]


async def test_a_digest_where_we_cannot_write_is_not_promised(door: Client, fake: FakeSlack, state: State) -> None:  # fmt: skip
    fake.script["chat.postEphemeral"] = [(200, {}, {"ok": False, "error": "not_in_channel"})]
    said = await gpu(door, "digest weekly a100")
    assert state.digests.of(PLACE) == []
    assert "add me to this conversation" in said


# -- places that were lost ---------------------------------------------------------------------


async def lost(door: Client, fake: FakeSlack, state: State, name: str) -> None:
    """The schedule posts there and is told that nothing is taken any more."""
    place = state.places.get(name)
    assert place is not None
    fake.script["chat.postMessage"] = [refusal("channel_not_found")]
    with pytest.raises(PlaceGone) as gone:
        await door.platform.post(place, Answer("x"), "digest-1@20261124T090000Z")
    state.places.disable(name, gone.value.reason, NOW)


def well(state: State, name: str) -> bool:
    place = state.places.get(name)
    return place is not None and place.disabled_reason is None


@pytest.mark.parametrize(("asked", "name"), [(mention, PLACE), (direct, OWN)], ids=["channel", "chat"])  # fmt: skip
async def test_a_lost_place_that_is_heard_from_is_well_at_once(
    door: Client, fake: FakeSlack, state: State, asked: Any, name: str
) -> None:
    await door.send(event(asked("cheapest h100")))
    await door.platform._turns.finish(20)
    await lost(door, fake, state, name)
    assert not well(state, name)
    await door.send(event(asked("cheapest h100")))
    await door.platform._turns.finish(20)
    assert well(state, name)


IN_CHAT = {"channel_id": "D0DANA0001", "channel_name": "directmessage"}


@pytest.mark.parametrize(
    ("asked", "order", "name"),
    [
        (event(mention("cheapest h100")), event(mention("watch h100 < 2.00")), PLACE),
        (event(direct("cheapest h100")), event(direct("watch h100 < 2.00")), OWN),
        (event(mention("cheapest h100")), command("watch h100 < 2.00"), PLACE),
        (event(direct("cheapest h100")), command("watch h100 < 2.00", **IN_CHAT), OWN),
        (command("watch l4 < 0.10"), command("watch h100 < 2.00"), PLACE),
        (command("watch l4 < 0.10", **IN_CHAT), command("watch h100 < 2.00", **IN_CHAT), OWN),
    ],
    ids=["mention", "message", "command", "command in chat", "commands", "commands in chat"],
)
async def test_no_order_stands_where_another_replica_found_nobody(
    serve_core: Callable[[], Awaitable[Client]],
    fake: FakeSlack,
    state: State,
    asked: Any,
    order: Any,
    name: str,
) -> None:
    """What a replica remembers of a place is not believed when an order is to stand there."""
    one, other = await serve_core(), await serve_core()
    await other.send(asked)
    await other.platform._turns.finish(20)
    await lost(one, fake, state, name)
    await other.send(order)
    await other.platform._turns.finish(20)
    assert state.watches.of(name)[-1].words == "watch h100 < 2.00"
    assert well(state, name)


@pytest.mark.parametrize("words", ["watch h100 < 2.00", "digest weekly h100"])
async def test_no_order_stands_where_we_were_sent_away(
    door: Client, fake: FakeSlack, state: State, words: str
) -> None:
    """What stands there can still be looked at, and ended."""
    await gpu(door, "watch l4 < 0.10")
    await lost(door, fake, state, PLACE)
    fake.script["chat.postEphemeral"] = [refusal("not_in_channel")]
    assert "add me to this conversation" in await gpu(door, words)
    assert not well(state, PLACE)
    assert [one.words for one in state.watches.of(PLACE)] == ["watch l4 < 0.10"]
    assert state.digests.of(PLACE) == []
    assert "1 watch stands here." in await gpu(door, "watches")
    await gpu(door, "unwatch l4")
    assert state.watches.of(PLACE) == []


# -- watches -----------------------------------------------------------------------------------


async def test_a_watch_from_order_to_end(door: Client, state: State) -> None:
    said = await gpu(door, "watch h100 < 2.00 eu")
    assert "Watching H100 in Europe below $2.00, on demand." in said
    (kept,) = state.watches.of(PLACE)
    assert (kept.user, kept.kind, kept.threshold) == (WHO, "price", 2.0)

    said = await gpu(door, "watches")
    assert "1 watch stands here." in said
    assert f'"{kept.id}"' in said
    assert buttons(said)[f"Drop #{kept.id}"] == f"unwatch #{kept.id}"

    await gpu(door, f"snooze watch #{kept.id} for 3 days")
    until = state.watches.of(PLACE)[0].snoozed_until
    assert until is not None
    assert abs(until - state.now() - timedelta(days=3)) < timedelta(minutes=5)
    await gpu(door, f"pause watch #{kept.id}")
    assert state.watches.of(PLACE)[0].paused
    status, _ = await door.send(click(f"{values.ASK}.0", values.write(f"unwatch #{kept.id}", "en", USER)))  # fmt: skip
    assert status == 200
    await door.platform._turns.finish(20)
    assert state.watches.of(PLACE) == []
    assert "No watch" in await gpu(door, "watches")


async def test_nobody_stops_another_channels_orders(door: Client, state: State) -> None:
    """A number of another place is no number here."""
    await gpu(door, "watch h100 < 2.00")
    (kept,) = state.watches.of(PLACE)
    for words in (f"unwatch #{kept.id}", f"pause watch #{kept.id}", f"snooze watch #{kept.id} for 3 days"):  # fmt: skip
        await gpu(door, words, channel_id="C0ELSEWHERE", user_id="U0OTHER")
        await gpu(door, words, team_id="T0ELSEWHERE", user_id="U0OTHER")
    assert state.watches.of(PLACE) == [kept]


async def test_a_replayed_order_stands_once(door: Client, state: State) -> None:
    body = command("watch h100 < 2.00")
    await door.send(body)
    await door.send(body)
    assert len(state.watches.of(PLACE)) == 1


async def test_the_home_tab_lists_ones_own_contracts(door: Client, fake: FakeSlack) -> None:
    """Named as contracts, each date with what it is; where a place has none, nothing is said."""
    opened = event({"type": "app_home_opened", "user": USER, "channel": "D1", "tab": "home"})
    await gpu(door, "watch h100 < 2.00")
    await door.send(opened)
    assert "contract" not in str((await fake.wait("views.publish"))[-1]["view"]).lower()
    await gpu(door, "contract crusoe 8x H100 ends 2027-08-31, notice 60 days")
    await gpu(door, "contract coreweave 64x H100 ends 2028-01-31", user_id="U0OTHER")
    assert "CoreWeave" in await gpu(door, "contracts")
    opened["event_id"] = "Ev0AGAIN"
    await door.send(opened)
    blocks = (await fake.wait("views.publish", 2))[-1]["view"]["blocks"]
    home = "\n".join(block["text"]["text"] for block in blocks if block["type"] == "section")
    (line,) = [line for line in home.splitlines() if "Contract #" in line]
    assert "Crusoe" in line
    assert "Notice by: 2 Jul 2027" in line
    assert "Ends on: 31 Aug 2027" in line
    assert "CoreWeave" not in home


async def test_the_home_tab_lists_a_contract_where_nothing_else_stands(
    door: Client, fake: FakeSlack
) -> None:
    await gpu(door, "contract crusoe 8x H100 ends 2027-08-31, notice 60 days")
    await door.send(
        event({"type": "app_home_opened", "user": USER, "channel": "D1", "tab": "home"})
    )
    assert "Contract #" in str((await fake.wait("views.publish"))[-1]["view"])


# -- forgetting --------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", ["command", "direct message"])
async def test_forget_me_leaves_nothing_that_names_me(fake: FakeSlack, state: State, store: Store, ask: str) -> None:  # fmt: skip
    """Also not what was on its way to be written down, nor that they asked to be forgotten."""
    said: Callable[[], str]
    async with real_core(state, store) as core:
        made = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
        made.fake = fake  # type: ignore[attr-defined]
        async with platform(made) as door:
            await gpu(door, "watch h100 < 2.00 eu")
            await gpu(door, "digest weekly a100", channel_id="D0DANA0001", channel_name="directmessage")  # fmt: skip
            await door.send(event(direct("cheapest h100")))
            choice = click(f"{values.PREFERENCE}.lang", "", container={"type": "view", "view_id": "V1"}, channel=None)  # fmt: skip
            choice["actions"] = [{"type": "static_select", "action_id": f"{values.PREFERENCE}.lang", "block_id": "b", "selected_option": {"value": "en"}}]  # fmt: skip
            await door.send(choice)
            await door.platform._turns.finish(20)
            assert {"watch", "subscription", "preference", "place"} <= set(of_person(state))
            before = len(fake.of("chat.postMessage"))
            if ask == "command":
                said = await gpu(door, "forget me")
            else:
                await door.send(event(direct("forget me")))
                said = read((await fake.wait("chat.postMessage", before + 1))[-1].fields)
            await door.platform._turns.finish(20)
            assert "Forgotten:" in said
            assert "stay, without your name" in said
    assert of_person(state) == []
    (kept,) = state.watches.of(PLACE)  # others read it
    assert kept.user is None
    assert state.digests.of(OWN) == []


async def test_who_was_forgotten_is_met_anew(door: Client, state: State) -> None:
    """The set language is gone at once, also from what this process remembers."""
    state.people.set_preference(WHO, "lang", "pt")
    assert "por GPU-hora" in await gpu(door, "cheapest h100")
    await gpu(door, "forget me")
    assert state.people.preferences(WHO) == {}
    assert "per GPU-hour" in await gpu(door, "cheapest h100")


async def test_a_forgotten_chat_that_is_heard_from_is_kept_anew(door: Client, state: State) -> None:
    for words in ("cheapest h100", "forget me", "cheapest h100"):
        await door.send(event(direct(words)))
        await door.platform._turns.finish(20)
        assert well(state, OWN) == (words != "forget me")


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "by another replica"])
@pytest.mark.parametrize("asked", ["message", "command"])
async def test_who_was_forgotten_can_order_anew(
    serve_core: Callable[[], Awaitable[Client]], state: State, asked: str, elsewhere: bool
) -> None:
    """The chat's address went with the rest: it is kept again with the next order there."""
    door = await serve_core()
    await door.send(event(direct("cheapest h100")))
    await door.platform._turns.finish(20)
    await gpu(await serve_core() if elsewhere else door, "forget me")
    assert state.places.get(OWN) is None
    order = event(direct("watch h100 < 2.00")) if asked == "message" else command("watch h100 < 2.00", **IN_CHAT)  # fmt: skip
    await door.send(order)
    await door.platform._turns.finish(20)
    assert len(state.watches.of(OWN)) == 1
    assert well(state, OWN)


async def test_nothing_is_forgotten_of_others(door: Client, state: State) -> None:
    await gpu(door, "watch h100 < 2.00", user_id="U0OTHER")
    state.people.set_preference(f"slack:{TEAM}:U0OTHER", "lang", "en")
    await gpu(door, "forget me")
    assert state.watches.of(PLACE)[0].user == f"slack:{TEAM}:U0OTHER"
    assert state.people.preferences(f"slack:{TEAM}:U0OTHER") == {"lang": "en"}


async def test_a_bot_cannot_be_made_to_forget(door: Client, state: State) -> None:
    """Our own messages, and other bots', order nothing."""
    await door.send(event(direct("watch h100 < 2.00", user=BOT_USER, bot_id="B0OTHER")))
    await door.platform._turns.finish(20)
    assert state.watches.of(OWN) == []
