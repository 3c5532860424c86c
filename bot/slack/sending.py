"""What goes out to Slack: Web API calls and response URLs over one session, with fallbacks.

A message is sent as blocks; where Slack refuses those, as blocks every client knows; where it
refuses even these, as text. https://docs.slack.dev/apis/web-api
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.conversation.talk import Undelivered
from bot.core import telemetry
from bot.core.recent import Recent
from bot.slack.options import response_url_allowed
from bot.slack.table import sorted_tables

log = logging.getLogger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=15, sock_connect=4)
MAX_CONNECTIONS = 50
TRIES = 2
"""Further tries after a 429 or a fault of Slack's servers."""
MAX_PAUSE = 30.0
"""Seconds a response URL may ask us to wait; it is good for 30 minutes."""
UNSORTED_FOR = 86_400.0
"""Seconds for which a workspace that refuses the newest table is believed to."""
BLOCKS_REFUSED = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "invalid_attachments", "msg_blocks_too_long"}
)
"""https://docs.slack.dev/reference/methods/chat.postMessage#errors"""
GONE = frozenset(
    {
        "cannot_dm_bot", "channel_is_archived", "channel_not_found", "channel_type_not_supported",
        "is_archived", "messages_tab_disabled", "not_in_channel", "restricted_action",
        "restricted_action_non_threadable_channel", "restricted_action_read_only_channel",
        "restricted_action_thread_locked", "restricted_action_thread_only_channel",
        "user_disabled", "user_not_found",
    }
)  # fmt: skip
"""Nothing will be taken there until somebody changes something."""
OURS = frozenset(
    {
        "access_denied", "account_inactive", "ekm_access_denied", "enterprise_is_restricted",
        "invalid_auth", "missing_scope", "no_permission", "not_allowed_token_type", "not_authed",
        "org_login_required", "team_access_not_granted", "token_expired", "token_revoked",
        "two_factor_setup_required",
    }
)  # fmt: skip
"""Our token is refused, which is no channel's fault.
https://docs.slack.dev/reference/methods/chat.postMessage#errors"""
GRANTED = "x-oauth-scopes"
"""The header that lists what our token may do; told among the fields of an answer."""
_AS_JSON = ("assistant.", "chat.", "views.")
"""Methods that take a JSON body; all others take forms."""
Make = Callable[[bool], Mapping[str, Any]]
"""Makes a message, `text` and `blocks`; True: of blocks that every client knows."""


class Refused(Undelivered):
    """Slack did not do it. `sent` is False when it surely did not happen, None when nobody knows."""

    def __init__(
        self, code: str, *, retry_after: float | None = None, sent: bool | None = False
    ) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.sent = sent

    @property
    def gone(self) -> bool:
        return self.code in GONE

    @property
    def ours(self) -> bool:
        return self.code in OURS


class _Patient(AsyncRateLimitErrorRetryHandler):
    """Waits as long as Slack asks for within reason, and says so to whoever watches."""

    async def _can_retry_async(self, *, response: Any = None, **given: Any) -> bool:
        again: bool = await super()._can_retry_async(response=response, **given)
        return again and _asked(response.headers) <= MAX_PAUSE

    async def prepare_for_next_attempt_async(self, **given: Any) -> None:
        begun = time.monotonic()
        await super().prepare_for_next_attempt_async(**given)
        telemetry.waited("slack", time.monotonic() - begun)


class Sender:
    """One session for everything that goes out. `open` and `close` once each."""

    def __init__(self, api_url: str) -> None:
        self.api_url = api_url if api_url.endswith("/") else f"{api_url}/"
        self._session: aiohttp.ClientSession | None = None
        self._unsorted: Recent[str, None] = Recent(UNSORTED_FOR)
        # Posting again after a broken connection could post twice: only what never left is retried.
        unsent = AsyncConnectionErrorRetryHandler(
            max_retry_count=TRIES, error_types=[aiohttp.ClientConnectorError]
        )
        patient = _Patient(max_retry_count=TRIES)
        self._posting = [unsent, patient]
        self._again = [
            AsyncConnectionErrorRetryHandler(max_retry_count=TRIES),
            patient,
            AsyncServerErrorRetryHandler(max_retry_count=TRIES),
        ]

    async def open(self) -> None:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=TIMEOUT,
                connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS),
                trust_env=True,
            )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the session is opened by start()")
        return self._session

    def client(self, token: str | None, *, retry: str = "again") -> AsyncWebClient:
        """A client over our session. `retry`: `again`, `posting` (never twice) or `never`."""
        handlers = {"again": self._again, "posting": self._posting, "never": []}[retry]
        return AsyncWebClient(
            token=token, base_url=self.api_url, session=self._session, retry_handlers=list(handlers)
        )

    async def call(
        self, token: str, method: str, *, retry: str = "again", **fields: Any
    ) -> dict[str, Any]:
        """A Web API call, always by POST; raises Refused."""
        fields = {name: value for name, value in fields.items() if value is not None}
        body = {"json" if method.startswith(_AS_JSON) else "data": fields}
        try:
            done = await self.client(token, retry=retry).api_call(method, **body)  # type: ignore[arg-type]
        except SlackApiError as fault:
            raise _refused(fault) from fault
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as fault:
            raise Refused("unreachable") from fault
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise Refused(type(fault).__name__, sent=None) from fault
        found = dict(done.data) if isinstance(done.data, dict) else {}
        scopes = next((v for k, v in (done.headers or {}).items() if k.lower() == GRANTED), "")
        return {GRANTED: str(scopes), **found} if scopes else found

    # -- messages ----------------------------------------------------------------------------

    async def post(
        self,
        token: str,
        channel: str,
        make: Make,
        *,
        thread: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        retry: str = "posting",
    ) -> tuple[str, str]:
        """Posts for everybody there; (channel id, message's ts). A user id opens a direct message."""
        done = await self._shown(
            token,
            make,
            lambda message: self.call(
                token,
                "chat.postMessage",
                retry=retry,
                channel=channel,
                thread_ts=thread or None,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
                **message,
            ),
        )
        return str(done.get("channel") or channel), str(done.get("ts") or "")

    async def whisper(
        self, token: str, channel: str, user: str, make: Make, *, thread: str | None = None
    ) -> None:
        """Shown to one person in a channel that we are in."""
        await self._shown(
            token,
            make,
            lambda message: self.call(
                token,
                "chat.postEphemeral",
                retry="posting",
                channel=channel,
                user=user,
                thread_ts=thread or None,
                **message,
            ),
        )

    async def update(self, token: str, channel: str, ts: str, make: Make) -> None:
        await self._shown(
            token,
            make,
            lambda message: self.call(token, "chat.update", channel=channel, ts=ts, **message),
        )

    async def respond(self, url: str, make: Make, *, replace: bool = False) -> None:
        """Through a response URL: privately, or in the place of the message that was clicked."""
        await self._shown(
            url.split("/")[4] if url.count("/") > 4 else url,  # the workspace
            make,
            lambda message: self._hook(
                url,
                {"replace_original": True, **message}
                if replace
                else {"replace_original": False, "response_type": "ephemeral", **message},
            ),
        )

    async def withdraw(self, url: str) -> None:
        """Takes away the message that was clicked."""
        await self._hook(url, {"delete_original": True})

    async def _shown(
        self, whose: str, make: Make, send: Callable[[Mapping[str, Any]], Any]
    ) -> dict[str, Any]:
        """`whose`: names the workspace, for what its Slack is known to refuse."""
        usual = make(False)
        if whose not in self._unsorted and (newest := sorted_tables(usual)) is not None:
            try:
                with telemetry.step("post"):
                    return dict(await send(newest))
            except Refused as fault:
                if fault.code not in BLOCKS_REFUSED:
                    raise
                log.info("no tables that sort themselves: %s", fault.code)
                self._unsorted.put(whose, None)
        for safe in (False, True):
            try:
                message = make(True) if safe else usual
                with telemetry.step("post"):
                    return dict(await send(message))
            except Refused as fault:
                if fault.code not in BLOCKS_REFUSED:
                    raise
                log.warning("Slack refused blocks: %s", fault.code)
        return dict(await send({"text": make(True)["text"]}))

    async def _hook(self, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if not response_url_allowed(url, self.api_url):
            raise Refused("response_url_not_allowed")
        for _ in range(1 + TRIES):
            try:
                async with self.session.post(url, json=body, allow_redirects=False) as answer:
                    text = (await answer.text())[:2000]
                    status, wait = answer.status, answer.headers.get("Retry-After", "")
            except aiohttp.ClientConnectorError as fault:
                raise Refused("unreachable") from fault
            except (aiohttp.ClientError, TimeoutError) as fault:
                raise Refused(type(fault).__name__, sent=None) from fault
            if status != 429:
                break
            pause = min(MAX_PAUSE, float(wait) if wait.isdigit() else 1.0)
            telemetry.waited("slack", pause)
            await asyncio.sleep(pause)
        code = _hook_error(status, text)
        if code:
            raise Refused(code, sent=None if status >= 500 else False)
        return {}

    # -- files and views ---------------------------------------------------------------------

    async def upload(
        self, token: str, png: bytes, *, name: str, title: str, alt: str, channel: str, thread: str
    ) -> str:
        """A picture into a channel or thread; returns the file's id.

        https://docs.slack.dev/messaging/working-with-files#uploading_files
        """
        ticket = await self.call(
            token,
            "files.getUploadURLExternal",
            filename=name,
            length=str(len(png)),
            alt_txt=alt[:1000],
            alt_text=alt[:1000],
        )
        url, file = str(ticket.get("upload_url", "")), str(ticket.get("file_id", ""))
        try:
            async with self.session.post(url, data=png, allow_redirects=False) as answer:
                if answer.status >= 300:
                    raise Refused(f"upload_{answer.status}")
        except (aiohttp.ClientError, TimeoutError, ValueError) as fault:
            raise Refused("upload_failed") from fault
        await self.call(
            token,
            "files.completeUploadExternal",
            retry="posting",
            files=json.dumps([{"id": file, "title": title}]),
            channel_id=channel,
            thread_ts=thread or None,
        )
        return file

    async def open_view(self, token: str, trigger: str, view: Mapping[str, Any]) -> None:
        """Shows a form; the trigger is good for three seconds and once."""
        await self.call(token, "views.open", retry="never", trigger_id=trigger, view=view)

    async def publish(self, token: str, user: str, view: Mapping[str, Any]) -> None:
        await self.call(token, "views.publish", user_id=user, view=view)


def _refused(fault: SlackApiError) -> Refused:
    response: Any = fault.response
    status = getattr(response, "status_code", 0)
    headers = getattr(response, "headers", None) or {}
    data = getattr(response, "data", None)
    data = data if isinstance(data, dict) else {}
    code = str(data.get("error") or f"status_{status}")
    details = data.get("response_metadata")
    if code in BLOCKS_REFUSED and isinstance(details, dict):
        log.warning("%s: %s", code, "; ".join(map(str, details.get("messages") or []))[:500])
    wait = next((str(v) for k, v in headers.items() if str(k).lower() == "retry-after"), "")
    return Refused(
        code,
        retry_after=float(wait) if wait.isdigit() else None,
        sent=None if status >= 500 else False,
    )


def _asked(headers: Mapping[str, Any]) -> float:
    """Seconds of a Retry-After, whose value slack_sdk keeps as a list; 0 when there is none."""
    for name, value in headers.items():
        if name.lower() == "retry-after":
            first = str(value[0] if isinstance(value, list) and value else value)
            return float(first) if first.isdigit() else MAX_PAUSE + 1
    return 0.0


def _hook_error(status: int, text: str) -> str:
    """What a response URL says went wrong; empty when nothing did. It answers `ok`, or JSON."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict) and found.get("ok") is False:
        return str(found.get("error") or "unknown_error")[:80]
    if status < 300:
        return ""
    return text.strip()[:80] if status < 500 and text.strip().isidentifier() else f"status_{status}"
