"""Slack at the door: our own HTTP handler around bolt, Socket Mode, and posts to places.

Bolt parses a body before it checks who sent it, and answers 500 to what it cannot parse; so the
signature is checked here, over the raw bytes, and bolt sees only what Slack sent.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.conversation.posting import PlaceGone
from bot.core import bodies
from bot.core.desk import Ask
from bot.core.settings import Settings, SettingsFault
from bot.slack import listeners, options, posting
from bot.slack.clicks import Clicks
from bot.slack.guards import MAX_BODY, Door
from bot.slack.incoming import body_of, command
from bot.slack.manifest import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH
from bot.slack.sending import Refused, Sender
from bot.slack.talk import Draw
from bot.slack.turns import Turns, private
from bot.slack.workspaces import Bot, OneWorkspace, Workspaces
from bot.state.rows import StateFault

if TYPE_CHECKING:
    from bot.core.answer import Answer
    from bot.slack.socket_mode import Socket
    from bot.state import Place, State

log = logging.getLogger(__name__)

FINISH_WITHIN = 20.0
FORM = "application/x-www-form-urlencoded"


class _Authorize(AsyncAuthorize):
    """Bolt asks who answers a workspace; none of it goes over the network."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    async def __call__(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_: Any,  # bolt tells more about actors of shared channels than a token depends on
    ) -> AuthorizeResult:
        # Without an installation there is no token, and the listener says so: bolt itself would
        # post that to whatever address the request names.
        bot = await self._workspaces.bot(team_id, enterprise_id) or Bot("")
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, user_id=user_id,
            bot_token=bot.token or None, bot_id=bot.id, bot_user_id=bot.user, bot_scopes=bot.scopes or None,
        )  # fmt: skip


class SlackPlatform:
    """Slack for one app: one workspace by its token, or all that install it."""

    def __init__(
        self,
        settings: Settings,
        ask: Ask,
        state: State | None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        draw: Draw | None = None,
        turned_away: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """`turned_away`: whether more came than can be answered to this workspace. Raises SettingsFault for settings
        it must not start with."""
        options.check(settings)
        self._settings = settings
        self._state = state
        self._sender = Sender(settings.slack_api_url)
        self._turns = Turns(ask, state, self._sender, settings, clock=clock, draw=draw)
        self._clicks = Clicks(self._turns, state)
        self._door = Door(
            options.secret(settings.slack_signing_secret), lambda: clock().timestamp()
        )
        self._workspaces: Workspaces
        self._pages: dict[str, Any] = {}
        if options.many_workspaces(settings):
            if state is None:
                raise SettingsFault(
                    "Slack: workspaces that install by OAuth need the state database"
                )
            from bot.slack.installation import ManyWorkspaces

            many = ManyWorkspaces(settings, state, self._sender, clock)
            self._workspaces = many
            self._pages = {INSTALL_PATH: many.install, REDIRECT_PATH: many.returned}
        else:
            token = options.secret(settings.slack_bot_token)
            self._workspaces = OneWorkspace(token, self._sender)
        self._bolt = self._made_bolt()
        listeners.register(self._bolt, self._turns, self._clicks, self._left)
        self._bolt.error(self._failed)
        self._socket: Socket | None = None
        self._warming: asyncio.Task[None] | None = None
        self._running = False
        self._turned_away = turned_away
        self._bodies = bodies.Bodies()

    def _made_bolt(self) -> AsyncApp:
        # Bolt logs bodies that fail its checks; what it has to say of faults is kept.
        quiet = logging.getLogger("bot.slack.bolt")
        quiet.setLevel(logging.ERROR)
        return AsyncApp(
            logger=quiet,
            name="quartermaster",
            client=AsyncWebClient(token=None, base_url=self._sender.api_url, logger=quiet),
            authorize=_Authorize(self._workspaces),
            process_before_response=True,
            request_verification_enabled=False,  # ours has looked at the raw bytes
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )

    # -- life --------------------------------------------------------------------------------

    def add_routes(self, app: web.Application) -> None:
        self._bodies = bodies.of(app)
        app.router.add_post(EVENTS_PATH, self.events)
        for path, page in self._pages.items():
            app.router.add_get(path, page)

    async def start(self) -> None:
        """Opens the session; asks who we are, and connects Socket Mode, in the background."""
        await self._sender.open()
        self._bolt.client.session = self._sender.session
        self._running = True
        self._warming = asyncio.create_task(self._warm())
        if self._settings.slack_app_token:
            from bot.slack.socket_mode import Socket

            token = options.secret(self._settings.slack_app_token)
            self._socket = Socket(token, self._sender, self._dispatched)
            await self._socket.start()

    async def stop(self) -> None:
        """Takes nothing new, finishes what was acknowledged."""
        self._running = False
        if self._warming is not None:
            self._warming.cancel()
        if self._socket is not None:
            await self._socket.stop()
        await self._turns.finish(FINISH_WITHIN)
        await self._workspaces.close()
        await self._sender.close()

    def not_ready(self) -> str | None:
        """Why Slack is not served, or None."""
        if not self._running:
            return "Slack: not running"
        return self._socket.not_ready() if self._socket is not None else None

    async def _warm(self) -> None:
        try:
            await self._workspaces.warm()
        except Refused as fault:
            log.warning("Slack does not say who we are: %s", fault)

    # -- what Slack sends --------------------------------------------------------------------

    async def events(self, request: web.Request) -> web.StreamResponse:
        """POST /slack/events: everything Slack sends over HTTP."""
        if not self._running:
            return web.Response(status=503, headers={"Retry-After": "5"})
        if (request.content_length or 0) > MAX_BODY:
            return web.Response(status=413)
        if not self._door.worth_reading(request.headers):
            return web.json_response({"error": "invalid request"}, status=401)
        raw = await self._bodies.read(request, MAX_BODY)
        if not self._door.lets_in(request.headers, raw):
            return web.json_response({"error": "invalid request"}, status=401)
        body = body_of(raw, form=request.content_type == FORM)
        if body is None:
            return web.json_response({"error": "malformed body"}, status=400)
        if "command" in body and self._turned_away((asked := command(body)).workspace):
            said = private(self._turns.turned_away(asked))
            return web.Response(text=said, content_type="application/json")
        answer = await self._dispatched(body)
        kind = answer.headers["content-type"][0].partition(";")[0]
        return web.Response(status=answer.status, text=answer.body, content_type=kind)

    # -- what Slack vouches for to others ------------------------------------------------------

    def vouches(self, headers: Mapping[str, str], raw: bytes | None = None) -> bool:
        """Whether Slack signed this; without the body, whether it could have."""
        return (
            self._door.worth_reading(headers) if raw is None else self._door.lets_in(headers, raw)
        )

    async def has(self, team: str) -> bool:
        """Whether we are in this workspace, and answer it; also when Slack does not say: no."""
        allowed = self._settings.slack_teams_allowed
        if allowed and team not in allowed:
            return False
        bot = await self._workspaces.bot(team, None)
        return bot is not None and bot.team == team

    async def _dispatched(self, body: Mapping[str, Any]) -> BoltResponse:
        """What bolt answers. What it cannot read is not from a Slack we know: 400, one line."""
        try:
            # A body that is read already bolt takes in this mode alone; nothing else depends on it.
            request = AsyncBoltRequest(body=dict(body), mode="socket_mode")
            return await self._bolt.async_dispatch(request)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("a request could not be read", extra={"reference": reference})
            return BoltResponse(status=400, body={"error": "malformed body"})

    async def _failed(self, error: Exception, body: dict[str, Any]) -> BoltResponse:
        """What bolt answers when a request ends in a fault before any task of ours."""
        if not isinstance(error, StateFault):
            reference = secrets.token_hex(4)
            log.error("a request failed", exc_info=error, extra={"reference": reference})
            return BoltResponse(status=500, body={"error": "internal error"})
        log.warning("%s", error)
        if "command" in body:
            said = self._turns.unknown_just_now(command(body))
            return BoltResponse(status=200, body=said, headers=listeners.JSON)
        # An event comes again in a minute; whoever clicked sees that it did not work.
        return BoltResponse(status=503, body={"error": "the state database is away"})

    async def _left(self, body: Mapping[str, Any]) -> None:
        """Uninstalled, or our tokens revoked: nothing of that workspace is kept or sent."""
        event = body.get("event")
        tokens = event.get("tokens") if isinstance(event, Mapping) else None
        revoked = isinstance(event, Mapping) and event.get("type") == "tokens_revoked"
        if revoked and not (isinstance(tokens, Mapping) and tokens.get("bot")):
            return  # somebody's own token, not ours
        team, enterprise = body.get("team_id"), body.get("enterprise_id")
        team = team if isinstance(team, str) and team else None
        enterprise = enterprise if isinstance(enterprise, str) and enterprise else None
        await self._workspaces.remove(team, enterprise)
        if team:
            await self._turns.workspace_left(team)
        elif enterprise:
            await self._turns.organisation_left(enterprise)

    # -- posts on our own account ------------------------------------------------------------

    async def post(self, place: Place, answer: Answer, delivery_id: str) -> str:
        """Posts where it was asked for; returns the message's ts; raises PostLater or PlaceGone."""
        try:
            return await posting.post(
                self._sender, self._workspaces, self._turns.draw, place, answer, delivery_id
            )
        except PlaceGone:
            self._turns.places.forget(place.id)
            raise

    async def posted(self, place: Place, delivery_id: str) -> str | None:
        """The message that carries `delivery_id`, where we were granted to look."""
        return await posting.posted(self._sender, self._workspaces, place, delivery_id)
