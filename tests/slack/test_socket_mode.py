"""Socket Mode against a stand-in of Slack's side: connect, envelopes, acknowledgements, renewal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from pydantic import SecretStr
from slack_parts import (
    NOW,
    Core,
    FakeSlack,
    Options,
    command,
    event,
    fake_slack,
    interaction,
    mention,
    platform,
    refusal,
    running,
)

from bot.slack import socket_mode
from bot.slack.app import SlackPlatform
from bot.state import State


class Link:
    """Slack's end: each address is good for one connection."""

    def __init__(self) -> None:
        self.url = ""
        self.opened = 0
        self.spent: set[str] = set()
        self.sockets: list[web.WebSocketResponse] = []
        self.acks: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.connected = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        ticket = request.match_info["ticket"]
        if ticket in self.spent:
            raise web.HTTPForbidden
        self.spent.add(ticket)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        self.sockets.append(ws)
        await ws.send_json({"type": "hello", "num_connections": 1})
        self.connected.set()
        async for message in ws:
            if message.type == WSMsgType.TEXT:
                self.acks.put_nowait(json.loads(message.data))
        return ws

    def ticket(self) -> dict[str, Any]:
        self.opened += 1
        return {"ok": True, "url": f"{self.url.replace('http', 'ws')}/link/{self.opened}"}

    async def send(self, kind: str, payload: dict[str, Any], number: str = "e1", **more: Any) -> dict[str, Any]:  # fmt: skip
        envelope = {"envelope_id": number, "type": kind, "accepts_response_payload": True, "payload": payload}  # fmt: skip
        await self.sockets[-1].send_json(envelope | more)
        async with asyncio.timeout(15):
            return await self.acks.get()

    async def again(self) -> None:
        """When another connection stands."""
        async with asyncio.timeout(20):
            await self.connected.wait()


@pytest.fixture
async def link() -> AsyncIterator[Link]:
    made = Link()
    app = web.Application()
    app.router.add_get("/link/{ticket}", made.handle)
    async with running(app) as url:
        made.url = url
        yield made


@asynccontextmanager
async def connected(link: Link, core: Core, state: State | None = None, **script: Any) -> AsyncIterator[tuple[SlackPlatform, FakeSlack]]:  # fmt: skip
    async with fake_slack() as fake:
        before = script.pop("before", [])
        tickets = [*before, *((200, {}, link.ticket()) for _ in range(20))]
        fake.script["apps.connections.open"] = tickets
        options = Options(
            slack_signing_secret=None, slack_app_token=SecretStr("xapp-1"), slack_api_url=fake.api
        )
        made = SlackPlatform(options, core, state, clock=lambda: NOW)
        async with platform(made):
            yield made, fake


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_mode, "PING", 0.2)


async def test_a_command_is_answered_in_its_acknowledgement(link: Link, core: Core) -> None:
    async with connected(link, core) as (made, _):
        await link.again()
        ack = await link.send("slash_commands", command("cheapest a100"))
        assert ack["envelope_id"] == "e1"
        assert ack["payload"]["text"] == "You asked: cheapest a100"
        assert made.not_ready() is None


async def test_events_and_clicks_are_acknowledged_and_worked_on(link: Link, core: Core, state: State) -> None:  # fmt: skip
    async with connected(link, core, state) as (_, fake):
        await link.again()
        body = event(mention("cheapest a100"))
        assert await link.send("events_api", body) == {"envelope_id": "e1"}
        await fake.wait("chat.postMessage")
        # Slack repeats it over the same connection.
        again = {"retry_attempt": 1, "retry_reason": "timeout"}
        assert await link.send("events_api", body, "e2", **again) == {"envelope_id": "e2"}
        shortcut = interaction("shortcut", callback_id="find_gpus")
        assert await link.send("interactive", shortcut, "e3") == {"envelope_id": "e3"}
        await fake.wait("views.open")
        assert len(fake.of("chat.postMessage")) == 1


async def test_a_refresh_of_the_connection_loses_nothing(link: Link, core: Core) -> None:
    async with connected(link, core) as (made, _):
        await link.again()
        link.connected.clear()
        await link.sockets[-1].send_json({"type": "disconnect", "reason": "refresh_requested"})
        await link.again()
        ack = await link.send("slash_commands", command("price h100"))
        assert ack["payload"]["text"] == "You asked: price h100"
        assert len(link.sockets) == 2
        assert made.not_ready() is None


async def test_a_broken_connection_is_renewed(link: Link, core: Core) -> None:
    async with connected(link, core):
        await link.again()
        link.connected.clear()
        await link.sockets[-1].close()
        await link.again()
        ack = await link.send("slash_commands", command("price h100"))
        assert ack["payload"]["text"] == "You asked: price h100"


async def test_a_refused_token_is_told_and_tried_again(link: Link, core: Core, caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    """Not ready, in one line, without a trace; and ready when Slack relents."""
    async with connected(link, core, before=[refusal("invalid_auth")]) as (made, fake):
        await fake.wait("apps.connections.open")
        await link.again()
        ack = await link.send("slash_commands", command("price h100"))
        assert ack["payload"]["text"]
    assert made.not_ready() == "Slack: not running"
    told = [one.getMessage() for one in caplog.records if "Socket Mode" in one.getMessage()]
    assert told[0] == "Socket Mode: Slack refuses a connection: invalid_auth"
    assert not any(one.exc_info for one in caplog.records)
