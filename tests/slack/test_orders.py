"""Orders and `forget me` through Slack's own door: signed requests, the service's own core, a real
state database; what the person reads, and what is kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
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
)

from bot.slack import values
from bot.slack.app import SlackPlatform
from bot.state import State
from bot.state.rows import Rule
from bot.state.tables import metadata
from knowledge.store import Store

PLACE = f"slack:{TEAM}:{CHANNEL}"
WHO = f"slack:{TEAM}:{USER}"
OWN = f"direct:{WHO}"


@pytest.fixture
async def door(fake: FakeSlack, state: State, store: Store) -> AsyncIterator[Client]:
    async with real_core(state, store) as core:
        made = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
        async with platform(made) as slack:
            yield slack


async def gpu(door: Client, words: str, **more: Any) -> str:
    """What `/gpu words` shows: everything that can be read in it."""
    status, answer = await door.send(command(words, **more))
    assert status == 200
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


# -- digests -----------------------------------------------------------------------------------


async def test_a_digest_from_order_to_stop(door: Client, fake: FakeSlack, state: State) -> None:
    said = await gpu(door, "digest weekly monday 09:00 America/New_York a100 h100")
    assert (
        "Every Monday at 09:00 (America/New_York): A100 and H100. First on 30 Nov 2026, 09:00 EST."
        in said
    )
    (kept,) = state.digests(PLACE)
    assert (kept.user, kept.rule) == (WHO, Rule("weekly", 0, 1, "09:00", "America/New_York"))
    assert kept.due.isoformat() == "2026-11-30T14:00:00+00:00"
    assert fake.of("chat.postEphemeral")  # it made sure that it can write there

    said = await gpu(door, "digests")
    assert "1 digest stands here." in said
    assert f'"{kept.id}"' in said  # its number, to change it by
    assert "every Monday at 09:00 (America/New_York)" in said

    said = await gpu(door, f"change digest #{kept.id} to friday 10:00")
    assert "Friday at 10:00" in said
    assert state.digests(PLACE)[0].due.isoformat() == "2026-11-27T15:00:00+00:00"
    await gpu(door, "digest pause")
    assert state.digests(PLACE)[0].paused
    await gpu(door, "digest resume")
    assert not state.digests(PLACE)[0].paused
    await gpu(door, "digest stop")
    assert state.digests(PLACE) == []
    assert "No digest" in await gpu(door, "digests")


async def test_a_digest_asked_for_in_portuguese_by_mention(door: Client, fake: FakeSlack, state: State) -> None:  # fmt: skip
    await door.send(event(mention("resumo diário 8h America/Sao_Paulo h100")))
    (call,) = await fake.wait("chat.postMessage")
    (kept,) = state.digests(PLACE)
    assert (kept.rule.every, kept.rule.time, kept.rule.tz, kept.lang) == ("daily", "08:00", "America/Sao_Paulo", "pt")  # fmt: skip
    assert "H100" in call["text"]
    assert "08:00" in call["text"]
    assert call["thread_ts"]


async def test_a_digest_where_we_cannot_write_is_not_promised(door: Client, fake: FakeSlack, state: State) -> None:  # fmt: skip
    fake.script["chat.postEphemeral"] = [(200, {}, {"ok": False, "error": "not_in_channel"})]
    said = await gpu(door, "digest weekly a100")
    assert state.digests(PLACE) == []
    assert "add me to this conversation" in said


# -- watches -----------------------------------------------------------------------------------


async def test_a_watch_from_order_to_end(door: Client, state: State) -> None:
    said = await gpu(door, "watch h100 < 2.00 eu")
    assert "Watching H100 in Europe below $2.00, on demand." in said
    (kept,) = state.watches(PLACE)
    assert (kept.user, kept.kind, kept.threshold) == (WHO, "price", 2.0)

    said = await gpu(door, "watches")
    assert "1 watch stands here." in said
    assert f'"{kept.id}"' in said
    assert buttons(said)[f"Drop #{kept.id}"] == f"unwatch #{kept.id}"

    await gpu(door, f"snooze watch #{kept.id} for 3 days")
    until = state.watches(PLACE)[0].snoozed_until
    assert until is not None
    assert abs(until - state.now() - timedelta(days=3)) < timedelta(minutes=5)
    await gpu(door, f"pause watch #{kept.id}")
    assert state.watches(PLACE)[0].paused
    status, _ = await door.send(click(f"{values.ASK}.0", values.write(f"unwatch #{kept.id}", "en", USER)))  # fmt: skip
    assert status == 200
    await door.platform._turns.finish(20)
    assert state.watches(PLACE) == []
    assert "No watch" in await gpu(door, "watches")


async def test_nobody_stops_another_channels_orders(door: Client, state: State) -> None:
    """A number of another place is no number here."""
    await gpu(door, "watch h100 < 2.00")
    (kept,) = state.watches(PLACE)
    for words in (f"unwatch #{kept.id}", f"pause watch #{kept.id}", f"snooze watch #{kept.id} for 3 days"):  # fmt: skip
        await gpu(door, words, channel_id="C0ELSEWHERE", user_id="U0OTHER")
        await gpu(door, words, team_id="T0ELSEWHERE", user_id="U0OTHER")
    assert state.watches(PLACE) == [kept]


async def test_a_replayed_order_stands_once(door: Client, state: State) -> None:
    body = command("watch h100 < 2.00")
    await door.send(body)
    await door.send(body)
    assert len(state.watches(PLACE)) == 1


# -- forgetting --------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", ["command", "direct message"])
async def test_forget_me_leaves_nothing_that_names_me(fake: FakeSlack, state: State, store: Store, ask: str) -> None:  # fmt: skip
    """Also not what was on its way to be written down, nor that they asked to be forgotten."""
    said: Callable[[], str]
    async with real_core(state, store) as core:
        made = SlackPlatform(Options(slack_api_url=fake.api), core, state, clock=lambda: NOW)
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
                said = (await fake.wait("chat.postMessage", before + 1))[-1]["text"]
            await door.platform._turns.finish(20)
            assert "Forgotten:" in said
            assert "stay, without your name" in said
    assert of_person(state) == []
    (kept,) = state.watches(PLACE)  # others read it
    assert kept.user is None
    assert state.digests(OWN) == []


async def test_who_was_forgotten_is_met_anew(door: Client, state: State) -> None:
    """The set language is gone at once, also from what this process remembers."""
    state.set_preference(WHO, "lang", "pt")
    assert "por GPU-hora" in await gpu(door, "cheapest h100")
    await gpu(door, "forget me")
    assert state.preferences(WHO) == {}
    assert "per GPU-hour" in await gpu(door, "cheapest h100")


async def test_nothing_is_forgotten_of_others(door: Client, state: State) -> None:
    await gpu(door, "watch h100 < 2.00", user_id="U0OTHER")
    state.set_preference(f"slack:{TEAM}:U0OTHER", "lang", "en")
    await gpu(door, "forget me")
    assert state.watches(PLACE)[0].user == f"slack:{TEAM}:U0OTHER"
    assert state.preferences(f"slack:{TEAM}:U0OTHER") == {"lang": "en"}


async def test_a_bot_cannot_be_made_to_forget(door: Client, state: State) -> None:
    """Our own messages, and other bots', order nothing."""
    await door.send(event(direct("watch h100 < 2.00", user=BOT_USER, bot_id="B0OTHER")))
    await door.platform._turns.finish(20)
    assert state.watches(OWN) == []
