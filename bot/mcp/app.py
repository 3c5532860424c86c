"""MCP over HTTP: `POST /mcp` by key, and `POST /mcp/slack` by Slack's signature where Slack is on."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from aiohttp import web

from bot.api import problems
from bot.api.access import Access, accepted
from bot.api.body import raw_body
from bot.api.keys import Key
from bot.api.operations import Caller, Operations
from bot.api.problems import Problem
from bot.api.strict_json import parse
from bot.core import bodies
from bot.mcp.protocol import Server, parse_error

if TYPE_CHECKING:
    from bot.service.around import Around

log = logging.getLogger(__name__)

PATH = "/mcp"
SLACK_PATH = "/mcp/slack"
WITH_FIGURES = frozenset({"tools/call", "resources/read"})
_ID = re.compile(r"[A-Z0-9]{2,32}")
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
ANYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  compared with, never listened on


class Vouching(Protocol):
    """A platform that signs requests of its own assistant."""

    def vouches(self, headers: Mapping[str, str], raw: bytes | None = None) -> bool: ...

    async def has(self, team: str) -> bool: ...


class McpServer:
    """The part of the service that assistants ask."""

    def __init__(self, around: Around) -> None:
        settings = around.settings
        self._operations = Operations(around.core, around.store, around.state, around.clock)
        self._server = Server(self._operations)
        self._access = Access(around.state, around.clock, settings.api_per_minute)
        self._origins = frozenset(settings.api_origins)
        self._hosts = _hosts(settings.host, settings.public_url)
        self._bodies = bodies.Bodies()
        self._running = False
        slack: Any = around.built.get("slack")
        self._slack: Vouching | None = slack

    # -- a part of the service ---------------------------------------------------------------

    def add_routes(self, app: web.Application) -> None:
        self._bodies = bodies.of(app)
        app.router.add_route("*", PATH, self.handle)
        if self._slack is not None:
            app.router.add_route("*", SLACK_PATH, self.from_slack)

    async def start(self) -> None:
        self._running = True

    async def stop(self) -> None:
        self._running = False
        self._operations.close()

    def not_ready(self) -> str | None:
        return None if self._running else "MCP: not running"

    # -- one message -------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """`/mcp`: who asks is known by a key."""
        lang = accepted(request.headers.get("Accept-Language"))
        try:
            self._admit(request)
            key = await self._access.key(request.headers)
            told = self._access.counted(key)
            raw = await raw_body(request, self._bodies)
            response = await self._answered(request, raw, Caller("mcp", key, lang))
            response.headers.update(told)
        except Problem as problem:
            response = problems.response(problem, lang or "en")
        origin = request.headers.get("Origin")
        if origin is not None and origin in self._origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Vary"] = "Origin"
        return response

    async def from_slack(self, request: web.Request) -> web.StreamResponse:
        """`/mcp/slack`: Slack's signature vouches for the body, and the body says who asks."""
        lang = accepted(request.headers.get("Accept-Language"))
        try:
            self._admit(request)
            raw = await self._signed(request)
            caller = await self._person(raw)
            told = self._access.counted(caller.key)
            response = await self._answered(request, raw, caller._replace(lang=lang))
            response.headers.update(told)
        except Problem as problem:
            return problems.response(problem, lang or "en")
        return response

    async def _signed(self, request: web.Request) -> bytes:
        """A body that Slack signed; raises Problem for any other."""
        if self._slack is None or not self._slack.vouches(request.headers):
            raise Problem("no-key")
        raw = await raw_body(request, self._bodies)
        if not self._slack.vouches(request.headers, raw):
            raise Problem("no-key")
        return raw

    async def _person(self, raw: bytes) -> Caller:
        """Who Slack says is asking. Nobody needs to be, to read the lists; who calls a tool does.

        Where the answer will be read is not said, so by the rule it holds no contract prices.
        """
        try:
            message = parse(raw)
        except (ValueError, RecursionError):
            message = {}
        params = message.get("params") if isinstance(message, dict) else None
        meta = params.get("_meta") if isinstance(params, dict) else None
        named = meta.get("slack") if isinstance(meta, dict) else None
        team, user = (named.get("team_id"), named.get("user_id")) if isinstance(named, dict) else ("", "")  # fmt: skip
        if not (isinstance(team, str) and isinstance(user, str) and _ID.fullmatch(team) and _ID.fullmatch(user)):  # fmt: skip
            asks = isinstance(message, dict) and message.get("method") in WITH_FIGURES
            if asks or named is not None:
                raise Problem("no-key")
            return Caller("mcp", Key("slack", "slack", frozenset(), "", ""))
        if self._slack is None or not await self._slack.has(team):
            raise Problem("not-allowed")
        who = f"slack:{team}:{user}"
        return Caller("mcp", Key(who, f"slack:{team}", frozenset(), "", ""), user=who)

    async def _answered(self, request: web.Request, raw: bytes, caller: Caller) -> web.Response:
        try:
            message = parse(raw)
        except (ValueError, RecursionError):
            return web.Response(status=400, body=parse_error(), content_type="application/json")
        headers: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in request.headers.items():
            headers[name.lower()].append(value)
        outcome = await self._server.answer(message, caller, headers)
        if outcome.body is None:
            return web.Response(status=outcome.status)
        return web.Response(status=outcome.status, body=outcome.body, content_type="application/json")  # fmt: skip

    def _admit(self, request: web.Request) -> None:
        """Whether this is a request we look at at all; raises Problem."""
        if not self._running:
            raise Problem("overload", headers={"Retry-After": "5"})
        host = urlsplit(f"//{request.host}").hostname or ""
        if self._hosts is not None and host not in self._hosts:
            raise Problem("other-host")
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self._origins and not self._is_here(origin):
            raise Problem("other-origin")
        if request.method != "POST":
            raise Problem("not-this-method", names=["POST"], headers={"Allow": "POST"})

    def _is_here(self, origin: str) -> bool:
        """A page of this very machine, where the service listens on it alone."""
        return self._hosts == HERE and urlsplit(origin).hostname in HERE


def _hosts(host: str, public_url: str | None) -> frozenset[str] | None:
    """Names this service may be asked under; None: any, behind a proxy that nobody named."""
    public = urlsplit(public_url).hostname if public_url else None
    if host in ANYWHERE and public is None:
        return None
    own = HERE if host in HERE or host in ANYWHERE else HERE | {host}
    return own | {public} if public else own
