"""Several workspaces: they install us by OAuth, their tokens are kept sealed in the state database.

https://docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

import asyncio
import copy
import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Bot as KeptBot
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.conversation.allowance import Allowance, network
from bot.core.recent import Recent
from bot.core.settings import Settings
from bot.core.text import clean
from bot.core.wording import wording
from bot.slack import options
from bot.slack.manifest import HISTORY, INSTALL_PATH, REDIRECT_PATH, SCOPES
from bot.slack.options import SLACK_API
from bot.slack.workspaces import Bot
from bot.state.database import POSTGRES_LIMITS, explained
from bot.state.rows import StateFault
from bot.state.seal import SEALED_TABLES, at

if TYPE_CHECKING:
    from bot.slack.sending import Sender
    from bot.state import State

log = logging.getLogger(__name__)
quiet = logging.getLogger("bot.slack.bolt")
"""Bolt's own lines would hold the code that Slack's page gave."""

SEALED = SEALED_TABLES["slack_installations"].columns
KNOWN_FOR = 60.0
"""Seconds until a removal on another replica is seen here."""
STATE_FOR = 600
"""Seconds an installation may take between its two pages."""
INSTALLS_PER_MINUTE = 30
"""Of one address; behind a proxy, of all."""
BUSY_SECONDS = 15
LOOK_SECONDS = 1.0
"""Slack waits three seconds for an acknowledgement; what was last known must still fit in."""
AGAIN = 5.0
"""Seconds that the last known serves before the database is asked again."""
Where = tuple[str | None, str | None]
"""Workspace and organisation."""


class SealedStore(AsyncSQLAlchemyInstallationStore):
    """slack_sdk's store with tokens sealed: a copy of the database gives nobody access."""

    def __init__(self, client_id: str, engine: AsyncEngine, state: State) -> None:
        super().__init__(client_id, engine, logger=log)
        self._seal = state.seal

    async def async_save(self, installation: Installation) -> None:
        await super().async_save(self._closed(installation))

    async def async_save_bot(self, bot: KeptBot) -> None:
        await super().async_save_bot(self._closed(bot))

    async def async_find_bot(self, **where: Any) -> KeptBot | None:
        found: KeptBot | None = self._opened(await super().async_find_bot(**where))
        return found

    async def async_find_installation(self, **where: Any) -> Installation | None:
        found: Installation | None = self._opened(await super().async_find_installation(**where))
        return found

    def _closed(self, row: Any) -> Any:
        # Saving an installation saves its bot too: what is sealed stays as it is.
        return self._changed(
            row, lambda text, cell: text if text.startswith("b:") else self._seal.close(text, cell)
        )

    def _opened(self, row: Any) -> Any:
        return self._changed(row, self._seal.open)

    @staticmethod
    def _changed(row: Any, change: Callable[[str, str], str]) -> Any:
        if row is None:
            return None
        row = copy.copy(row)
        for name in SEALED:
            value = getattr(row, name, None)
            if value:
                cell = at("slack_installations", name, row.enterprise_id, row.team_id)
                setattr(row, name, change(value, cell))
        return row


class TidyStates(AsyncSQLAlchemyOAuthStateStore):
    """slack_sdk's store of sign-in states; begun installations that nobody ended are removed."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], datetime]) -> None:
        super().__init__(STATE_FOR, engine, logger=log)
        self._clock = clock

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        now = self._clock().astimezone(UTC).replace(tzinfo=None)
        async with self.engine.begin() as db:
            await db.execute(
                sa.delete(self.oauth_states).where(self.oauth_states.c.expire_at < now)
            )
        return str(await super().async_issue(*args, **kwargs))


class ManyWorkspaces:
    """Installations by OAuth, and the two pages that make them."""

    def __init__(
        self,
        settings: Settings,
        state: State,
        sender: Sender,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = async_engine(state)
        client_id = settings.slack_client_id or ""
        self._store = SealedStore(client_id, self._engine, state)
        self._known: Recent[Where, Bot] = Recent(KNOWN_FOR)
        self._last: Recent[Where, Bot] = Recent()
        self._looking: dict[Where, asyncio.Task[Bot | None]] = {}
        self._sender = sender
        self._allowed = frozenset(settings.slack_teams_allowed)
        self._asking = Allowance(INSTALLS_PER_MINUTE)
        public = (settings.public_url or "").rstrip("/")
        self._settings = AsyncOAuthSettings(
            client_id=client_id,
            client_secret=options.secret(settings.slack_client_secret),
            scopes=[*SCOPES, *HISTORY],
            user_scopes=[],
            redirect_uri=f"{public}{REDIRECT_PATH}" if public else None,
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            # The page that asks to install shows nothing that Slack's own page does not.
            install_page_rendering_enabled=False,
            authorization_url=_authorization_url(settings.slack_api_url),
            installation_store=self._store,
            state_store=TidyStates(self._engine, clock),
            state_expiration_seconds=STATE_FOR,
            callback_options=AsyncCallbackOptions(success=self._installed, failure=_failed),
            logger=quiet,
        )

    async def bot(self, team: str | None, enterprise: str | None = None) -> Bot | None:
        """Us there, as last known while the database does not tell; raises StateFault when it does
        not and we never knew."""
        where = (team, enterprise)
        known = self._known.get(where)
        if known is not None:
            return known
        looking = self._looking.get(where)
        if looking is None:  # one look for all who ask meanwhile
            looking = self._looking[where] = asyncio.create_task(self._look(team, enterprise))
            looking.add_done_callback(lambda done: self._looked(where, done))
        # Left running when it is late: a wait that is given up costs its connection.
        await asyncio.wait([looking], timeout=LOOK_SECONDS)
        fault = "no answer yet"
        if looking.done():
            try:
                return looking.result()
            except (SQLAlchemyError, OSError) as failed:
                fault = explained(failed)
        last = self._last.get(where)
        if last is None:
            raise StateFault(f"Who answers workspace {team or enterprise} is not known: {fault}")
        self._known.put(where, last, AGAIN)
        log.warning("workspace %s is answered as last known: %s", team or enterprise, fault)
        return last

    async def _look(self, team: str | None, enterprise: str | None) -> Bot | None:
        found = None
        if team:
            found = await self._store.async_find_bot(enterprise_id=enterprise, team_id=team)
        if found is None and enterprise:
            found = await self._store.async_find_bot(
                enterprise_id=enterprise, team_id=None, is_enterprise_install=True
            ) or await self._store.async_find_bot(enterprise_id=None, team_id=team)
        if found is None or not found.bot_token:
            self._last.drop((team, enterprise))
            return None
        bot = Bot(
            found.bot_token, found.bot_id, found.bot_user_id, found.team_id,
            ",".join(found.bot_scopes or ()),
        )  # fmt: skip
        for memory in (self._known, self._last):
            memory.put((team, enterprise), bot)
        return bot

    def _looked(self, where: Where, done: asyncio.Task[Bot | None]) -> None:
        del self._looking[where]
        if not done.cancelled():
            done.exception()  # read, so that asyncio does not complain where nobody waited

    async def remove(self, team: str | None, enterprise: str | None = None) -> None:
        for one in {enterprise, None}:
            await self._store.async_delete_bot(enterprise_id=one, team_id=team)
            await self._store.async_delete_installation(enterprise_id=one, team_id=team)
            self._drop((team, one))

    def _drop(self, where: Where) -> None:
        for memory in (self._known, self._last):
            memory.drop(where)

    async def warm(self) -> None:
        """Nothing to ask: each workspace is looked up when it first speaks."""

    async def close(self) -> None:
        looking = list(self._looking.values())
        for one in looking:
            one.cancel()
        if (
            looking
        ):  # each gives its connection back before the pool is gone, if the database lets it
            await asyncio.wait(looking, timeout=LOOK_SECONDS)
        await self._engine.dispose()

    # -- the two pages -----------------------------------------------------------------------

    async def install(self, request: web.Request) -> web.StreamResponse:
        """GET /slack/install: on to Slack's page, with a state that only this browser has."""
        if self._asking.spent(network(request.remote or "")):
            return web.Response(status=429, headers={"Retry-After": "60"})
        # slack_sdk writes the team into Slack's address as it is.
        team = quote(request.query.get("team", ""), safe="")
        query = {"team": team} if team else {}
        asked = AsyncBoltRequest(body="", query=query, headers=_headers(request))
        answer = await to_aiohttp_response(await self._flow().handle_installation(asked))
        for cookie in answer.cookies.values():
            cookie["samesite"] = "Lax"
        return answer

    async def returned(self, request: web.Request) -> web.StreamResponse:
        """GET /slack/oauth_redirect: back from Slack's page."""
        asked = AsyncBoltRequest(body="", query=request.query_string, headers=_headers(request))
        try:
            answer = await self._flow().handle_callback(asked)
        except Exception:  # Slack or the database is away, or said something nobody expects
            reference = secrets.token_hex(4)
            log.exception("an installation failed", extra={"reference": reference})
            answer = _not_installed(503, reference)
        return await to_aiohttp_response(answer)

    def _flow(self) -> AsyncOAuthFlow:
        return AsyncOAuthFlow(
            client=self._sender.client(None, retry="never"), logger=quiet, settings=self._settings
        )

    async def _installed(self, args: AsyncSuccessArgs) -> BoltResponse:
        installed = args.installation
        if self._allowed and not {installed.team_id, installed.enterprise_id} & self._allowed:
            await self.remove(installed.team_id, installed.enterprise_id)
            log.warning("workspace %s is not among those allowed", installed.team_id)
            return _not_installed(403, "not allowed here")
        for team in {installed.team_id, None}:
            for enterprise in {installed.enterprise_id, None}:
                self._drop((team, enterprise))
        log.info("installed into workspace %s", installed.team_id or installed.enterprise_id)
        say = wording("en")
        where = installed.team_name or installed.enterprise_name or installed.team_id or ""
        url = f"https://slack.com/app_redirect?app={installed.app_id or ''}"
        return _page(
            200,
            say.t("Installed into {where}.", where=where),
            say.t("Invite the bot into a channel, or write to it directly."),
            (url, say.t("Open Slack")),
        )


async def _failed(args: AsyncFailureArgs) -> BoltResponse:
    """What the installing person reads; reasons are Slack's or bolt's codes."""
    # Anybody can write a reason into the address.
    reason = clean(args.reason)[:100]
    log.warning("an installation failed: %s", reason)
    return _not_installed(args.suggested_status_code, reason)


def _not_installed(status: int, reason: str) -> BoltResponse:
    say = wording("en")
    return _page(
        status,
        say.t("Not installed: {reason}.", reason=reason),
        say.t("Start again in the same browser; an attempt is good for ten minutes."),
        (INSTALL_PATH, say.t("Install again")),
    )


def _page(status: int, title: str, words: str, link: tuple[str, str]) -> BoltResponse:
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title>"
        '<body style="font:16px/1.5 system-ui;max-width:34em;margin:15vh auto;padding:0 1em">'
        f"<h1>{escape(title)}</h1><p>{escape(words)}</p>"
        f'<p><a href="{escape(link[0])}">{escape(link[1])}</a></p></body></html>'
    )
    headers: dict[str, str | Sequence[str]] = {
        "Content-Type": ["text/html; charset=utf-8"],
        "Content-Security-Policy": [
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        ],
        "Cache-Control": ["no-store"],
    }
    return BoltResponse(status=status, body=body, headers=headers)


def async_engine(state: State) -> AsyncEngine:
    """A second engine on the state database: slack_sdk's stores are asynchronous, State is not."""
    url = state.engine.url
    if state.is_postgres:
        return create_async_engine(
            url,
            pool_size=2,
            max_overflow=3,
            pool_timeout=BUSY_SECONDS,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=POSTGRES_LIMITS,
        )
    return create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS},
    )


def _authorization_url(api_url: str) -> str | None:
    """Slack's page, or that of the Web API that the operator named."""
    if api_url == SLACK_API:
        return None
    return api_url.removesuffix("/").removesuffix("/api") + "/oauth/v2/authorize"


def _headers(request: web.Request) -> dict[str, str | Sequence[str]]:
    return {name.lower(): value for name, value in request.headers.items()}
