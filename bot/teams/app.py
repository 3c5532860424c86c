"""Teams at the door: our own HTTP handler around the Bot Framework SDK, and posts to places.

The only module that imports the SDK (docs/teams-sdk.md says how to exchange it). Its
`CloudAdapter.process()` is not used: in 4.17.1 it answers a forged token with 500 and breaks on
every invoke that returns a body. What remains of it here: checking signatures, the
turn with its error hook.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from botbuilder.core import TurnContext
from botbuilder.core.cloud_adapter_base import CloudAdapterBase
from botbuilder.schema import Activity, ChannelAccount, ConversationAccount
from botframework.connector.auth import (
    AuthenticateRequestResult,
    AuthenticationConfiguration,
    AuthenticationConstants,
    BotFrameworkAuthentication,
    BotFrameworkAuthenticationFactory,
    ClaimsIdentity,
    ConnectorFactory,
    PasswordServiceClientCredentialFactory,
)
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor

from bot.conversation.posting import PlaceGone
from bot.core import bodies
from bot.core.desk import Ask
from bot.core.recent import Recent
from bot.core.settings import Settings
from bot.core.text import clean
from bot.teams import auth, incoming, options, posting, replies
from bot.teams.connector import Connector, ConnectorFault
from bot.teams.turns import Turns

if TYPE_CHECKING:
    from bot.core.answer import Answer
    from bot.state import Place, State

log = logging.getLogger(__name__)

PATH = "/api/messages"
MAX_BODY = 262_144
"""Teams' own limit of a message is 100 kB; a body beyond this is none of its."""
FINISH_WITHIN = 10.0
OUT = "quartermaster.out"
TOLD_FOR = 3600.0
"""Seconds in which the operator is told once of a tenant or an address that is refused."""
DEV_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class _Factory(ConnectorFactory):
    """The SDK makes a client a turn; it is given the one we have."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def create(self, service_url: str, audience: str) -> Any:  # noqa: ARG002  the SDK's signature
        return self._connector


class _Authentication(BotFrameworkAuthentication):
    """The SDK's token check, without the clients it builds around it every turn."""

    def __init__(self, app_id: str, where: auth.Cloud, factory: _Factory) -> None:
        self._factory = factory
        self._inner = BotFrameworkAuthenticationFactory.create(
            channel_service=None,
            validate_authority=True,
            to_channel_from_bot_login_url=where.login,
            to_channel_from_bot_oauth_scope=where.resource,
            to_bot_from_channel_token_issuer=where.issuer,
            oauth_url=AuthenticationConstants.OAUTH_URL,
            to_bot_from_channel_open_id_metadata_url=where.metadata,
            to_bot_from_emulator_open_id_metadata_url=where.metadata,
            caller_id="",
            # No password: this object only compares the audience; our token is fetched elsewhere.
            credential_factory=PasswordServiceClientCredentialFactory(app_id, ""),
            auth_configuration=AuthenticationConfiguration(),
        )

    async def authenticate_request(self, activity: Activity, auth_header: str) -> Any:
        result = await self._inner.authenticate_request(activity, auth_header)
        result.connector_factory = self._factory
        return result

    async def authenticate_channel_request(self, auth_header: str) -> Any:
        return await self._inner.authenticate_channel_request(auth_header)

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> Any:  # noqa: ARG002
        raise PermissionError("streaming is not offered")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:  # noqa: ARG002
        return self._factory

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:  # noqa: ARG002
        return None

    def create_bot_framework_client(self) -> Any:
        raise NotImplementedError

    def get_originating_audience(self) -> str:
        return str(self._inner.get_originating_audience())


class _Reply:
    """How one turn answers: through the connector, or collected for the HTTP answer."""

    def __init__(self, connector: Connector, to: incoming.Incoming) -> None:
        self._connector = connector
        self._to = to
        self.collected: list[replies.Body] = []
        self.http: tuple[int, replies.Body | None] | None = None

    async def send(self, body: replies.Body) -> str:
        to = self._to
        full = self._whole(body, to.conversation) | {"replyToId": to.message}
        if to.targeted:
            full["recipient"] = {"id": to.user_id, "isTargeted": True}
        if to.expect_replies:
            self.collected.append(full)
            return ""
        return await self._connector.send(
            to.service_url, to.conversation, full, to.message, targeted=to.targeted
        )

    async def send_targeted(self, body: replies.Body) -> None:
        to = self._to
        if to.expect_replies:  # nothing but this conversation is at hand
            raise ConnectorFault(0, "NotTargeted")
        full = self._whole(body, to.conversation)
        full["recipient"] = {"id": to.user_id, "isTargeted": True}
        await self._connector.send(to.service_url, to.conversation, full, targeted=True)

    async def send_personally(self, body: replies.Body) -> None:
        to = self._to
        if to.expect_replies or not to.user_id:
            raise ConnectorFault(0, "NoPersonalChat")
        room = await self._connector.personal(to.service_url, to.bot_id, to.user_id, to.tenant)
        await self._connector.send(to.service_url, room, self._whole(body, room))

    async def send_to(self, room: str, body: replies.Body) -> None:
        to = self._to
        await self._connector.send(to.service_url, room, self._whole(body, room))

    async def member(self) -> dict[str, Any]:
        to = self._to
        return await self._connector.member(to.service_url, to.conversation, to.user_id)

    async def file(self, url: str) -> bytes | None:
        return await self._connector.file(url)

    def _whole(self, body: replies.Body, room: str) -> replies.Body:
        to = self._to
        return {
            **body,
            "from": {"id": to.bot_id},
            "recipient": {"id": to.user_id},
            "conversation": {"id": room},
        }

    def answer(self, status: int, body: replies.Body | None) -> None:
        self.http = (status, body)


class _Rules:
    """The operator's settings, in the words of a conversation."""

    def __init__(self, settings: Settings) -> None:
        self.tenants: tuple[str, ...] = ()  # the door has looked
        self.rooms: tuple[str, ...] = ()
        self.shared = True
        self.admins_only = settings.orders_by == "admins"
        self.per_minute = settings.commands_per_minute


class TeamsPlatform:
    """Microsoft Teams for one bot registration."""

    def __init__(
        self,
        settings: Settings,
        ask: Ask,
        state: State | None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        acquire: auth.Acquire | None = None,
        turned_away: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """`turned_away`: whether more came than can be answered to this tenant. Raises SettingsFault for settings
        it must not start with."""
        self._settings = settings
        options.check(settings)
        self._anonymous = not settings.microsoft_app_id
        self._cloud = auth.cloud(settings.teams_openid_metadata_url)
        password = settings.microsoft_app_password
        self._token: auth.Token | None = None
        if settings.microsoft_app_id:
            self._token = auth.Token(
                acquire
                or auth.login(
                    settings.microsoft_app_id,
                    settings.microsoft_app_type,
                    password.get_secret_value() if password else None,
                    settings.microsoft_app_tenant_id,
                    self._cloud,
                )
            )
        self._connector = Connector(
            self._token.get if self._token else None,
            drop_token=self._token.drop if self._token else lambda _: None,
            allowed=self._may_send_to,
        )
        factory = _Factory(self._connector)
        self._authentication = _Authentication(
            settings.microsoft_app_id or "", self._cloud, factory
        )
        self._factory = factory
        self._keys = auth.Keys(self._fetch_keys, self._use_keys)
        self._adapter = CloudAdapterBase(self._authentication)
        self._adapter.on_turn_error = self._on_turn_error
        self._turns = Turns(
            ask,
            state,
            _Rules(settings),
            clock=clock,
            admins=settings.teams_admins,
        )
        self._told: Recent[tuple[str, str], None] = Recent(TOLD_FOR, most=100)
        self._running = False
        self._turned_away = turned_away
        self._bodies = bodies.Bodies()
        self._warming: asyncio.Task[None] | None = None

    # -- life --------------------------------------------------------------------------------

    def add_routes(self, app: web.Application) -> None:
        self._bodies = bodies.of(app)
        app.router.add_post(PATH, self.messages)

    async def start(self) -> None:
        """Fetches keys and token ahead, in the background: a slow login delays no start."""
        # Fields the SDK does not know (`trigger` of a click) are no news worth a log line each.
        logging.getLogger("msrest.serialization").setLevel(logging.ERROR)
        self._running = True
        if not self._anonymous:
            self._warming = asyncio.create_task(self._warm())

    async def stop(self) -> None:
        """Takes nothing new, finishes what was acknowledged."""
        self._running = False
        if self._warming is not None:
            self._warming.cancel()
        await self._turns.finish(FINISH_WITHIN)
        await self._keys.close()
        if self._token is not None:
            await self._token.close()
        await self._connector.close()

    def not_ready(self) -> str | None:
        if not self._running:
            return "Teams: not running"
        if not self._anonymous and not self._keys.known:
            return "Teams: Microsoft's signing keys are not known yet"
        return None

    async def _warm(self) -> None:
        if self._token is not None:
            try:
                await self._token.get()
            except Exception as fault:  # noqa: BLE001  a first answer will try again and say so
                log.warning("no token yet: %s", fault)
        wait = 1.0
        while not self._keys.known:
            await self._keys.renew()
            if not self._keys.known:
                await asyncio.sleep(wait)
                wait = min(60.0, wait * 2)

    # -- what Teams sends --------------------------------------------------------------------

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """POST /api/messages: 2xx, or 4xx with an empty body; a forged request never costs more."""
        if not self._running:
            return web.Response(status=503, headers={"Retry-After": "5"})
        if request.content_type != "application/json":
            return web.Response(status=415)
        if (request.content_length or 0) > MAX_BODY:
            return web.Response(status=413)
        if self._anonymous and _host(request.headers.get("Host", "")) not in DEV_HOSTS:
            # Anybody's web page could name a host of its own that leads here.
            return web.Response(status=403)
        if not await self._worth_checking(request.headers.get("Authorization")):
            return web.Response(status=401)
        body = await self._bodies.read(request, MAX_BODY)
        try:
            raw = json.loads(body)
            if b"\\u" in body:
                # Half of a surrogate pair is JSON, but no text: nothing could be sent back with it.
                json.dumps(raw, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return web.Response(status=400)
        if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
            return web.Response(status=400)
        service_url = raw.get("serviceUrl")
        if raw.get("channelId") != "msteams" or not isinstance(service_url, str) or not service_url:
            return web.Response(status=401)
        activity = _activity(raw)
        authenticated = await self._authenticated(activity, request.headers.get("Authorization"))
        if authenticated is None:
            return web.Response(status=401)
        said = incoming.read(raw) if incoming.well_formed(raw) else None
        if said is None:
            return web.Response(status=400)
        if not self._may_send_to(service_url):
            self._refused("address", urlsplit(service_url).hostname or "none")
            return web.Response(status=403)
        if not self._tenant_allowed(said):
            self._refused("tenant", said.tenant)
            return web.Response(status=403)
        if said.kind == "message" and not said.expect_replies and self._turned_away(said.workspace):
            told = self._turns.turn_away(said, _Reply(self._connector, said))
            return (
                web.Response() if told else web.Response(status=503, headers={"Retry-After": "5"})
            )
        return await self._turn(authenticated, activity, said)

    async def _worth_checking(self, header: str | None) -> bool:
        """Whether the token could be good: cheap, and before anything is believed."""
        if self._anonymous:
            return True
        seen = auth.peek(header, self._cloud)
        return (
            seen is not None
            and seen.audience == self._settings.microsoft_app_id
            and await self._keys.has(seen.kid)
        )

    async def _authenticated(self, activity: Activity, header: str | None) -> Any:
        """The SDK's verdict: a result, or None for every kind of refusal."""
        if self._anonymous:
            result = AuthenticateRequestResult()
            result.claims_identity = ClaimsIdentity({}, True, "anonymous")
            result.connector_factory = self._factory
            result.audience = self._cloud.resource
            return result
        try:
            result = await self._authentication.authenticate_request(activity, header or "")
        except Exception as fault:  # noqa: BLE001  it raises seven kinds, and means 401 by all
            log.info("request refused: %s", type(fault).__name__)
            return None
        identity = result.claims_identity
        if not identity.is_authenticated or identity.authentication_type == "anonymous":
            return None
        return result

    async def _turn(
        self, authenticated: Any, activity: Activity, said: incoming.Incoming
    ) -> web.Response:
        out = _Reply(self._connector, said)

        async def turn(context: TurnContext) -> None:
            context.turn_state[OUT] = (out, said)
            await self._turns.on(said, out)

        await self._adapter.process_activity(authenticated, activity, turn)
        if out.http is not None:
            status, answer = out.http
            return _json(status, answer)
        if said.expect_replies:
            activities = replies.Written(f"[{','.join(map(replies.to_json, out.collected))}]")
            return _json(200, {"activities": activities})
        return web.Response(status=200)

    async def _on_turn_error(self, context: TurnContext, error: Exception) -> None:
        out, said = context.turn_state.get(OUT)
        await self._turns.failed(said, out, error)

    def _refused(self, what: str, which: str) -> None:
        """One line for the operator, once in a while: it may be a setting that is missing."""
        which = clean(which)[:120] or "none"
        if (what, which) not in self._told:
            self._told.put((what, which), None)
            log.warning("Teams: %s %s is not among those allowed", what, which)

    def _may_send_to(self, service_url: str) -> bool:
        return auth.service_url_allowed(
            service_url, self._settings.teams_service_urls_allowed, dev=self._anonymous
        )

    def _tenant_allowed(self, said: incoming.Incoming) -> bool:
        allowed, own = self._settings.teams_tenants_allowed, self._settings.microsoft_app_tenant_id
        if self._anonymous and not allowed:
            return True
        return auth.tenant_allowed(said.tenant, allowed, own)

    # -- keys --------------------------------------------------------------------------------

    async def _fetch_keys(self) -> list[dict[str, Any]]:
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
            async with session.get(self._cloud.metadata) as answer:
                answer.raise_for_status()
                address = (await answer.json(content_type=None))["jwks_uri"]
            async with session.get(address) as answer:
                answer.raise_for_status()
                found = await answer.json(content_type=None)
        return [dict(key) for key in found["keys"] if isinstance(key, Mapping)]

    def _use_keys(self, keys: list[dict[str, Any]]) -> None:
        """Gives the SDK the keys, so that it never fetches them itself: it would stop the loop."""
        cache = JwtTokenExtractor.get_open_id_metadata(self._cloud.metadata)
        cache.keys = keys
        cache.last_updated = datetime.max  # noqa: DTZ901  the SDK compares without a zone

    # -- posts on our own account ------------------------------------------------------------

    async def post(self, place: Place, answer: Answer, delivery_id: str) -> str:
        """Posts where it was asked for; returns the message's id; raises PostLater or PlaceGone."""
        try:
            return await posting.post(
                self._connector, place, answer, delivery_id, self._turns.drawn
            )
        except PlaceGone:
            self._turns.places.forget(place.id)
            raise

    async def posted(self, place: Place, delivery_id: str) -> str | None:  # noqa: ARG002
        """Teams lets no bot read a conversation back: always None."""
        return None


def _host(header: str) -> str:
    """The host of a Host header, without its port; DEV_HOSTS' own where a client sends none."""
    if not header:
        return "localhost"
    if "@" in header:
        return ""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _activity(raw: Mapping[str, Any]) -> Activity:
    """What the SDK looks at: who, where, by which channel. Its own reading of an activity costs
    more than the turn, and trips over fields it does not know."""

    def of(name: str) -> str | None:
        part = raw.get(name)
        found = part.get("id") if isinstance(part, Mapping) else None
        return found if isinstance(found, str) else None

    def account(name: str) -> ChannelAccount | None:
        found = of(name)
        return None if found is None else ChannelAccount(id=found)

    conversation, number = of("conversation"), raw.get("id")
    return Activity(
        type=raw["type"],
        id=number if isinstance(number, str) else None,
        channel_id=raw["channelId"],
        service_url=raw["serviceUrl"],
        conversation=None if conversation is None else ConversationAccount(id=conversation),
        from_property=account("from"),
        recipient=account("recipient"),
    )


def _json(status: int, body: Mapping[str, Any] | None) -> web.Response:
    if body is None:
        return web.Response(status=status)
    return web.Response(status=status, text=replies.to_json(body), content_type="application/json")
