"""Real parts around the Slack platform: requests as Slack sends and signs them, and a Web API
stand-in that records what it is told and answers as it is told."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from aiohttp import ClientSession, web
from pydantic import SecretStr

from bot.core.answer import Answer
from bot.core.desk import Ask, Asker
from bot.state import State
from knowledge.prices.store import Store

SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
TOKEN = "xoxb-1-2-test"
TEAM, CHANNEL, USER, BOT_USER = "T0GPU0001", "C0GPU0001", "U0DANA0001", "U0BOT00001"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
_TOKEN, _SIGNING = SecretStr(TOKEN), SecretStr(SIGNING)
_number = count(1)


@dataclass(frozen=True)
class Options:
    """The settings Slack reads."""

    slack_bot_token: SecretStr | None = _TOKEN
    slack_signing_secret: SecretStr | None = _SIGNING
    slack_app_token: SecretStr | None = None
    slack_client_id: str | None = None
    slack_client_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    slack_teams_allowed: tuple[str, ...] = ()
    slack_channels_allowed: tuple[str, ...] = ()
    slack_admins: tuple[str, ...] = ()
    orders_by: Literal["members", "admins"] = "members"
    slack_connect: Literal["off", "public"] = "public"
    commands_per_minute: int = 60
    encryption_keys: tuple[SecretStr, ...] = ()
    public_url: str | None = None


# -- requests ----------------------------------------------------------------------------------


def unique(prefix: str) -> str:
    return f"{prefix}{next(_number)}"


def ts() -> str:
    return f"1795510800.{next(_number):06d}"


def command(text: str, **more: Any) -> dict[str, Any]:
    """A slash command's form fields."""
    return {
        "token": "x", "team_id": TEAM, "team_domain": "gpuco", "channel_id": CHANNEL,
        "channel_name": "gpu-buying", "user_id": USER, "user_name": "dana", "command": "/gpu",
        "text": text, "api_app_id": "A0GPU0001", "is_enterprise_install": "false",
        "response_url": "", "trigger_id": unique("trigger."),
    } | more  # fmt: skip


def event(inner: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An event's envelope."""
    team = more.get("team_id", TEAM)
    return {
        "token": "x", "team_id": TEAM, "api_app_id": "A0GPU0001", "type": "event_callback",
        "event_id": unique("Ev"), "event_time": 1795510800, "event": inner,
        "authorizations": [{"enterprise_id": None, "team_id": team, "user_id": BOT_USER, "is_bot": True, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
    } | more  # fmt: skip


def mention(words: str, **more: Any) -> dict[str, Any]:
    at = ts()
    return {
        "type": "app_mention", "user": USER, "text": f"<@{BOT_USER}> {words}", "ts": at,
        "channel": CHANNEL, "event_ts": at, "team": TEAM,
    } | more  # fmt: skip


def direct(words: str, **more: Any) -> dict[str, Any]:
    at = ts()
    return {
        "type": "message", "channel_type": "im", "user": USER, "text": words, "ts": at,
        "channel": "D0DANA0001", "event_ts": at, "team": TEAM,
    } | more  # fmt: skip


def interaction(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "type": kind, "token": "x", "api_app_id": "A0GPU0001", "trigger_id": unique("trigger."),
        "user": {"id": USER, "username": "dana", "name": "dana", "team_id": TEAM},
        "team": {"id": TEAM, "domain": "gpuco"}, "enterprise": None, "is_enterprise_install": False,
    } | more  # fmt: skip


def click(
    action: str, value: str, hook: str = "", *, ephemeral: bool = False, at: str = "", **more: Any
) -> dict[str, Any]:
    """A button on a message of ours."""
    at = at or ts()
    body = interaction(
        "block_actions",
        container={"type": "message", "message_ts": at, "channel_id": CHANNEL, "is_ephemeral": ephemeral},
        channel={"id": CHANNEL, "name": "gpu-buying"},
        state={"values": {}},
        response_url=hook,
        actions=[{"type": "button", "action_id": action, "block_id": "b1", "value": value, "action_ts": ts()}],
    )  # fmt: skip
    if not ephemeral:
        body["message"] = {"type": "message", "ts": at, "text": "earlier", "user": BOT_USER}
    return body | more


def submission(callback: str, values: dict[str, Any], metadata: str = "", **more: Any) -> Any:
    view = {
        "id": "V1", "team_id": TEAM, "type": "modal", "callback_id": callback,
        "private_metadata": metadata, "state": {"values": values}, "hash": "1.abc", "blocks": [],
        "title": {"type": "plain_text", "text": "x"}, "app_id": "A0GPU0001",
    }  # fmt: skip
    return interaction("view_submission", view=view, response_urls=[]) | more


def chosen(value: str) -> dict[str, Any]:
    return {"x": {"type": "static_select", "selected_option": {"value": value}}}


def form(body: dict[str, Any]) -> tuple[str, str]:
    """(content type, body) of a command, or of an interaction."""
    fields = body if "command" in body else {"payload": json.dumps(body)}
    return "application/x-www-form-urlencoded", urlencode(fields)


def signed(
    text: str | bytes, kind: str, *, at: float = NOW.timestamp(), secret: str = SIGNING
) -> dict[str, str]:
    raw = text.encode() if isinstance(text, str) else text
    stamp = str(int(at))
    mac = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256)
    return {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={mac.hexdigest()}",
    }


@dataclass
class Client:
    """Slack, calling us."""

    url: str
    session: ClientSession
    platform: Any = None

    async def send(self, body: dict[str, Any], **headers: str) -> tuple[int, Any]:
        """A signed request: (status, JSON body, or text)."""
        if body.get("type") in ("event_callback", "url_verification"):
            kind, text = "application/json", json.dumps(body)
        else:
            kind, text = form(body)
        return await self.raw(text, {**signed(text, kind), **headers})

    async def raw(self, text: str | bytes, headers: dict[str, str]) -> tuple[int, Any]:
        async with self.session.post(f"{self.url}/slack/events", data=text, headers=headers) as got:
            body = await got.text()
            return got.status, json.loads(body) if body.startswith(("{", "[")) else body


# -- a Web API stand-in ------------------------------------------------------------------------


@dataclass
class Call:
    method: str
    fields: dict[str, Any]
    token: str

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]


@dataclass
class FakeSlack:
    """Web API, response URLs and upload addresses of one origin. `script` holds answers to play
    by method, one after the other; then it says yes."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    script: dict[str, list[tuple[int, dict[str, str], Any]]] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """What people uploaded, by path."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def api(self) -> str:
        return f"{self.url}/api/"

    @property
    def hook(self) -> str:
        """A response URL of its own."""
        return f"{self.url}/hook/{unique('h')}"

    def of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    async def wait(self, method: str, number: int = 1) -> list[Call]:
        """The calls of a method, when there are so many."""
        async with asyncio.timeout(15):
            while len(self.of(method)) < number:
                self.arrived.clear()
                await self.arrived.wait()
        return self.of(method)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path in self.files:
            self.calls.append(
                Call("file", {}, request.headers.get("Authorization", "").removeprefix("Bearer "))
            )
            return web.Response(
                body=self.files[request.path], content_type="application/octet-stream"
            )
        if request.path.startswith("/api/"):
            method = request.path.removeprefix("/api/")
        else:
            method = request.path.split("/")[1]
        raw = await request.read()
        if request.content_type == "application/json":
            fields = json.loads(raw)
        elif method == "upload":
            fields = {"data": raw}
        else:
            fields = dict(parse_qsl(raw.decode()))
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if method == "hook":
            fields["_path"] = request.path
        self.calls.append(Call(method, fields, token))
        self.arrived.set()
        if self.script.get(method):
            status, headers, answer = self.script[method].pop(0)
            if answer is None:
                await asyncio.sleep(3600)
            return web.json_response(answer, status=status, headers=headers)
        if method in ("hook", "upload"):
            return web.Response(text="ok")
        return web.json_response({"ok": True, **self._yes(method)})

    def _yes(self, method: str) -> dict[str, Any]:
        if method == "auth.test":
            return {"user_id": BOT_USER, "bot_id": "B0GPU0001", "team_id": TEAM}
        if method == "users.info":
            return {"user": {"id": USER, "name": "dana", "tz": "Europe/Lisbon", **self.user}}
        if method == "files.getUploadURLExternal":
            return {"upload_url": f"{self.url}/upload/{unique('u')}", "file_id": unique("F")}
        if method == "chat.postMessage":
            return {"channel": self.calls[-1].fields.get("channel"), "ts": ts()}
        return {}


def refusal(code: str, status: int = 200, **headers: str) -> tuple[int, dict[str, str], Any]:
    return status, headers, {"ok": False, "error": code}


@asynccontextmanager
async def running(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, handler_cancellation=False, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def fake_slack() -> AsyncIterator[FakeSlack]:
    fake = FakeSlack()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", fake.handle)
    async with running(app) as url:
        fake.url = url
        yield fake


@asynccontextmanager
async def platform(given: Any) -> AsyncIterator[Client]:
    """The platform behind its own web server."""
    app = web.Application()
    given.add_routes(app)
    await given.start()
    try:
        async with running(app) as url, ClientSession() as session:
            yield Client(url, session, given)
    finally:
        await given.stop()


class Core:
    """Stands where the answering core stands: remembers who asked what, answers at once."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.asked: list[tuple[str, Asker]] = []
        self.answer = answer
        self.gate: asyncio.Event | None = None

    async def __call__(self, words: str, asker: Asker) -> Answer:
        self.asked.append((words, asker))
        if self.gate is not None:
            await self.gate.wait()
        from bot.understanding.understand import understand

        question = understand(words)
        return self.answer or Answer(
            f"You asked: {words}", lang=asker.lang or question.lang, question=question
        )


@asynccontextmanager
async def real_core(
    state: State, store: Store, clock: Callable[[], datetime] = lambda: NOW
) -> AsyncIterator[Ask]:
    """The service's own answering core: real words, real prices, real state."""
    from bot.service.audit_trail import AuditTrail
    from bot.service.core import Core as Answering
    from bot.service.metrics import Metrics
    from bot.service.pressure import Pressure

    audit_trail = AuditTrail(state, clock, keep_words=False, dropped=lambda _: None)
    core = Answering(
        store, state, Metrics(None), audit_trail,
        clock=clock, threads=2, waiting=100, place_per_minute=600, pressure=Pressure(),
    )  # fmt: skip
    await audit_trail.start()
    try:
        yield core
    finally:
        await audit_trail.stop()
        core.close()
