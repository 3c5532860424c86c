"""Messages to Teams: the Bot Connector's HTTP calls, with the patience they need. No SDK.

The SDK's own client makes no retry that works and costs a thread a call; the protocol is four
requests of JSON. Limits and retry rules:
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.conversation.talk import Undelivered
from bot.core import telemetry
from bot.core.recent import Recent
from bot.teams import files
from bot.teams.replies import to_json

log = logging.getLogger(__name__)

RETRIED = frozenset({412, 429, 502, 503, 504})
TRIES = 4
TRY_TIMEOUT = 10.0
"""Seconds one call may take."""
LONGEST_WAIT = 30.0
"""Seconds a reply waits for a slow-down to end; a longer Retry-After is the caller's business."""
CONVERSATION_LIMITS = ((7, 1.0), (60, 30.0))
"""(messages, seconds) one bot may send into one conversation."""
HOURLY_LIMIT = 1800
MAX_CONVERSATIONS = 5000
MAX_BODY = 65_536
GONE_CODES = frozenset(
    {
        "MessageWritesBlocked",
        "BotNotInConversationRoster",
        "ConversationNotFound",
        "ConversationBlockedByUser",
        "UserNotFound",
    }
)


OUR_CODES = frozenset({"BotDisabledByAdmin", "InvalidBotApiHost", "Unauthorized"})


class ConnectorFault(Undelivered):
    """Teams took no message. `gone`: nothing will ever be taken there again."""

    def __init__(
        self,
        status: int,
        code: str = "",
        retry_after: float | None = None,
        *,
        sent: bool | None = False,
    ) -> None:
        super().__init__(f"Teams answered {status or 'nothing'}{f' ({code})' if code else ''}")
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.sent = sent
        """None when the message may have arrived: the answer to it was lost."""

    @property
    def gone(self) -> bool:
        return self.code in GONE_CODES or (self.status == 404 and not self.code)

    @property
    def ours(self) -> bool:
        """Our own credentials are refused, which is no conversation's fault."""
        return self.status == 401 or self.code in OUR_CODES


class _Sent:
    """What went into one conversation: its last sixty moments, and how many in each minute of the
    last hour. Every moment of an hour would hold 60 kB for each conversation."""

    __slots__ = ("minutes", "moments")

    def __init__(self) -> None:
        self.moments: deque[float] = deque(maxlen=CONVERSATION_LIMITS[-1][0])
        self.minutes: deque[list[int]] = deque()
        """[minute, messages], oldest first."""

    def add(self, now: float) -> None:
        self.moments.append(now)
        minute = int(now // 60)
        if self.minutes and self.minutes[-1][0] == minute:
            self.minutes[-1][1] += 1
        else:
            self.minutes.append([minute, 1])

    def wait(self, now: float) -> float:
        """Seconds until one more may go."""
        wait = 0.0
        for most, seconds in CONVERSATION_LIMITS:
            if len(self.moments) >= most:
                wait = max(wait, self.moments[-most] + seconds - now)
        while self.minutes and (self.minutes[0][0] + 61) * 60 <= now:  # its last second too
            self.minutes.popleft()
        left = sum(count for _, count in self.minutes) - HOURLY_LIMIT
        for minute, count in self.minutes:
            if left < 0:
                break
            wait = max(wait, (minute + 61) * 60 - now)
            left -= count
        return wait


class Pace:
    """How fast each conversation is written to; waits its turn instead of being refused."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: Recent[str, _Sent] = Recent(most=MAX_CONVERSATIONS, clock=clock)

    async def turn(self, conversation: str) -> None:
        """Returns when one more message may go; raises ConnectorFault(429) for a long wait."""
        while (wait := self._wait(conversation)) > 0:
            if wait > LONGEST_WAIT:
                raise ConnectorFault(429, "OurOwnPace", wait)
            telemetry.waited("teams", wait)
            await asyncio.sleep(wait)
        sent = self._sent.get(conversation) or _Sent()
        sent.add(self._clock())
        self._sent.put(conversation, sent)

    def _wait(self, conversation: str) -> float:
        sent = self._sent.get(conversation)
        return sent.wait(self._clock()) if sent else 0.0


class Connector:
    """Sends, updates and opens conversations; one HTTP session for all of them."""

    def __init__(
        self,
        token: Callable[[], Awaitable[str]] | None,
        *,
        drop_token: Callable[[str], None] = lambda _: None,
        allowed: Callable[[str], bool],
        timeout: float = TRY_TIMEOUT,
    ) -> None:
        self._token = token
        self._drop_token = drop_token
        self._allowed = allowed
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None
        self._pace = Pace()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(
        self,
        service_url: str,
        conversation: str,
        body: Mapping[str, Any],
        reply_to: str = "",
        *,
        targeted: bool = False,
    ) -> str:
        """Posts an activity into a conversation; returns its id. `targeted`: shown to its recipient
        alone."""
        await self._pace.turn(conversation)
        path = f"v3/conversations/{quote(conversation, safe='')}/activities"
        if reply_to:
            path += f"/{quote(reply_to, safe='')}"
        if targeted:
            path += "?isTargetedActivity=true"
        answer = await self._call("POST", service_url, path, body)
        return str(answer.get("id") or "")

    async def update(
        self, service_url: str, conversation: str, activity_id: str, body: Mapping[str, Any]
    ) -> None:
        """Replaces an activity the bot sent before."""
        await self._pace.turn(conversation)
        path = f"v3/conversations/{quote(conversation, safe='')}/activities/{quote(activity_id, safe='')}"
        await self._call("PUT", service_url, path, body)

    async def member(self, service_url: str, conversation: str, user: str) -> dict[str, Any]:
        """What the conversation's roster says of somebody."""
        path = f"v3/conversations/{quote(conversation, safe='')}/members/{quote(user, safe='')}"
        return await self._call("GET", service_url, path, None)

    async def personal(self, service_url: str, bot: str, person: str, tenant: str) -> str:
        """The conversation of a person with us; Teams opens it once, and names the same ever after."""
        chat = {
            "isGroup": False,
            "bot": {"id": bot},
            "members": [{"id": person}],
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        room, _ = await self.create(service_url, chat, person)
        return room

    async def create(self, service_url: str, body: Mapping[str, Any], pace: str) -> tuple[str, str]:
        """Opens a conversation or a channel thread; returns its id and the first activity's."""
        await self._pace.turn(pace)
        answer = await self._call("POST", service_url, "v3/conversations", body)
        return str(answer.get("id") or ""), str(answer.get("activityId") or "")

    async def file(self, url: str) -> bytes | None:
        """A file that somebody sent us; None where it cannot be had."""
        if not files.allowed(url, self._allowed):
            return None
        return await files.fetched(self._opened(), url)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout, connect=5),
                connector=aiohttp.TCPConnector(limit=100),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=True,  # companies reach Microsoft through a proxy
            )
        return self._session

    async def _call(
        self, method: str, service_url: str, path: str, body: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        if not self._allowed(service_url):
            raise ConnectorFault(0, "ServiceUrlNotAllowed")
        url = f"{service_url.rstrip('/')}/{path}"
        payload = to_json(body).encode() if body is not None else None
        refused = False
        attempt = 0
        while True:
            token = await self._token() if self._token else ""
            with telemetry.step("post"):
                answer = await self._once(method, url, payload, token)
            if not isinstance(answer, ConnectorFault):
                return answer
            attempt += 1
            if answer.status == 401 and not refused:
                # The token was revoked or the secret rotated: once more with a new one.
                refused = True
                self._drop_token(token)
                continue
            wait = self._backoff(attempt, answer.retry_after)
            if answer.status not in RETRIED or attempt >= TRIES or wait > LONGEST_WAIT:
                raise answer
            log.info("Teams asks for patience: %s, waiting %.1f s", answer.status, wait)
            telemetry.waited("teams", wait)
            await asyncio.sleep(wait)

    @staticmethod
    def _backoff(attempt: int, retry_after: float | None) -> float:
        """Seconds to wait: what Teams asks for, else doubling; jitter keeps replicas apart."""
        base = retry_after if retry_after is not None else 0.4 * 2 ** (attempt - 1)
        return base + random.uniform(0, 0.25 * base + 0.05)  # noqa: S311  no secret

    async def _once(
        self, method: str, url: str, payload: bytes | None, token: str
    ) -> dict[str, Any] | ConnectorFault:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            # Ids keep their quoting; a redirect would carry the token elsewhere.
            async with self._opened().request(
                method, URL(url, encoded=True), data=payload, headers=headers, allow_redirects=False
            ) as answer:
                found = _object(await _body(answer))
                if 200 <= answer.status < 300:
                    return found
                return ConnectorFault(
                    answer.status, _code(found), _seconds(answer.headers.get("Retry-After"))
                )
        except aiohttp.ClientConnectorError:
            return ConnectorFault(503, "Unreachable")
        except (TimeoutError, aiohttp.ClientError):
            # It may have arrived: sending it again could show it twice.
            return ConnectorFault(0, "NoAnswer", sent=None)


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """All of it up to a limit: one `read` returns what came so far."""
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) >= MAX_BODY:
            break
    return bytes(body)


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _code(found: Mapping[str, Any]) -> str:
    """The most telling of the codes an error body may carry."""
    error = found.get("error")
    if not isinstance(error, dict):
        return str(found.get("subCode") or found.get("code") or "")[:80]
    inner = error.get("innerHttpError")
    if isinstance(inner, dict) and isinstance(inner.get("body"), dict):
        sub = inner["body"].get("subCode")
        if sub:
            return str(sub)[:80]
    return str(error.get("subCode") or found.get("subCode") or error.get("code") or "")[:80]


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; a date or nonsense counts as absent."""
    try:
        seconds = float(retry_after) if retry_after else None
    except ValueError:
        return None
    return seconds if seconds is not None and 0 <= seconds < 86_400 else None
