"""Who may talk to the bot, where replies may go, and the token they carry. No SDK in here.

The SDK checks signatures (`app.py`); this file refuses beforehand what must never reach it, and
adds what it does not check: an expiry, the tenant, the address replies are sent to.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import urlsplit

from bot.conversation.talk import Undelivered

log = logging.getLogger(__name__)

MAX_TOKEN = 8_000


@dataclass(frozen=True, slots=True)
class Cloud:
    """One of Microsoft's clouds: who signs tokens to us, and who gives us ours."""

    issuer: str
    metadata: str
    login: str
    resource: str


PUBLIC = Cloud(
    issuer="https://api.botframework.com",
    metadata="https://login.botframework.com/v1/.well-known/openidconfiguration",
    login="https://login.microsoftonline.com",
    resource="https://api.botframework.com",
)
GOVERNMENT = Cloud(
    issuer="https://api.botframework.us",
    metadata="https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
    login="https://login.microsoftonline.us",
    resource="https://api.botframework.us",
)


def cloud(metadata_url: str | None) -> Cloud:
    """The cloud of a metadata address. One of neither cloud: the public cloud with that address."""
    if not metadata_url:
        return PUBLIC
    host = urlsplit(metadata_url).hostname or ""
    return replace(GOVERNMENT if host.endswith(".azure.us") else PUBLIC, metadata=metadata_url)


# Hosts of the Bot Connector service in the public and government clouds; a reply carries our
# token, so it goes nowhere else.
SERVICE_HOSTS = frozenset(
    {
        "smba.trafficmanager.net",
        "smba.infra.gcc.teams.microsoft.com",
        "smba.infra.gov.teams.microsoft.us",
        "smba.infra.dod.teams.microsoft.us",
    }
)
SERVICE_DOMAINS = (".botframework.com", ".botframework.us", ".botframework.azure.us")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Peek:
    """What a token says of itself, before anybody checked it."""

    kid: str
    issuer: str
    audience: str
    expires: float


def peek(header: str | None, where: Cloud = PUBLIC) -> Peek | None:
    """Reads `Bearer <token>` without trusting it; None for whatever cannot be a channel token.

    Only RS256 with a key id, the cloud's issuer and an expiry get past: garbage, `alg: none`, HS256
    and tokens of other issuers never reach the SDK, which answers some of them with a fault or
    with a blocking look-up.
    """
    if not header or len(header) > MAX_TOKEN or not header.startswith("Bearer "):
        return None
    parts = header[len("Bearer ") :].split(".")
    if len(parts) != 3 or not all(parts):
        return None
    head, claims = _decoded(parts[0]), _decoded(parts[1])
    if head.get("alg") != "RS256":
        return None
    kid, issuer, audience = head.get("kid"), claims.get("iss"), claims.get("aud")
    expires = claims.get("exp")
    if not (isinstance(kid, str) and kid and isinstance(issuer, str) and isinstance(audience, str)):
        return None
    if isinstance(expires, bool) or not isinstance(expires, (int, float)):
        return None
    if issuer != where.issuer:
        return None
    return Peek(kid, issuer, audience, float(expires))


def _decoded(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def tenant_allowed(tenant: str, allowed: Collection[str], own: str | None) -> bool:
    """Channel tokens name no tenant: the allow-list decides; empty means the app's own."""
    named = {one.lower() for one in (allowed or ([own] if own else []))}
    return "*" in named or (bool(tenant) and tenant.lower() in named)


def service_url_allowed(url: str, extra: Collection[str], *, dev: bool) -> bool:
    """Whether replies, and our token with them, may go to this address."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.username or parts.password or not host or "\\" in url:
        return False
    if any(_same_origin(url, one) for one in extra):
        return True
    if dev and host in LOOPBACK and parts.scheme in ("http", "https"):
        return True
    if parts.scheme != "https" or port not in (None, 443):
        return False
    return host in SERVICE_HOSTS or host.endswith(SERVICE_DOMAINS)


def _same_origin(url: str, allowed: str) -> bool:
    one, other = urlsplit(url), urlsplit(allowed)
    return bool(other.scheme) and (one.scheme, one.hostname, one.port) == (
        other.scheme,
        other.hostname,
        other.port,
    )


class TokenFault(Undelivered):
    """The login service gave no token; the message holds its reason, never a secret."""

    @property
    def ours(self) -> bool:
        return True


class Acquire(Protocol):
    """Blocking: MSAL's answer, with `access_token` and `expires_in`, or `error`.

    `anew`: the token it gave before was refused, so none from a cache will do.
    """

    def __call__(self, *, anew: bool = False) -> dict[str, Any]: ...


class Token:
    """The bot's own token: one for the process, fetched in a thread, renewed before it ends."""

    AHEAD = 270.0
    """Seconds before expiry from which it is renewed in the background; MSAL gives out its cached
    token until 300 s before."""
    AGAIN_AFTER = 3.0
    """Seconds in which a login that failed is not asked again: turns must not queue up for it."""

    def __init__(self, acquire: Acquire, clock: Callable[[], float] = time.monotonic) -> None:
        self._acquire = acquire
        self._clock = clock
        self._lock = asyncio.Lock()
        self._value = ""
        self._until = 0.0
        self._renewing: asyncio.Task[None] | None = None
        self._refused = False
        self._failed: tuple[float, str] | None = None

    async def get(self) -> str:
        """The token; raises TokenFault. Waits only when there is none that still holds."""
        left = self._until - self._clock()
        if left <= 30:
            await self._renew(unless_newer_than=self._until)
        elif left <= self.AHEAD and (self._renewing is None or self._renewing.done()):
            self._renewing = asyncio.create_task(self._renew_quietly(self._until))
        return self._value

    def drop(self, token: str) -> None:
        """Forgets a token that was refused, unless it was renewed meanwhile."""
        if token == self._value:
            self._until = 0.0
            self._refused = True

    async def close(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()

    async def _renew(self, *, unless_newer_than: float) -> None:
        async with self._lock:
            if self._until > unless_newer_than:
                return  # somebody else renewed while we waited
            if self._failed and self._clock() - self._failed[0] < self.AGAIN_AFTER:
                raise TokenFault(self._failed[1])
            try:
                found = await asyncio.to_thread(self._acquire, anew=self._refused)
            except Exception as fault:  # the network fails in many ways
                raise self._fault(
                    f"the login service cannot be reached: {type(fault).__name__}"
                ) from fault
            token = found.get("access_token")
            if not isinstance(token, str) or not token:
                reason = str(found.get("error") or "no token")
                raise self._fault(f"the login service refused: {reason[:100]}")
            self._failed = None
            self._refused = False
            self._value = token
            self._until = self._clock() + float(found.get("expires_in") or 300)

    def _fault(self, why: str) -> TokenFault:
        self._failed = (self._clock(), why)
        return TokenFault(why)

    async def _renew_quietly(self, known: float) -> None:
        try:
            await self._renew(unless_newer_than=known)
        except Exception as fault:  # noqa: BLE001  the old token still holds; the next turn tries again
            log.warning("token renewal failed: %s", fault)


def login(
    app_id: str, app_type: str, password: str | None, tenant: str | None, where: Cloud = PUBLIC
) -> Acquire:
    """MSAL's way to a token: a client secret, or the managed identity of the host.

    The application object is made once, on first use in a worker thread (it asks the network),
    and kept with its token cache.
    """
    made: list[Any] = []

    def acquire(*, anew: bool = False) -> dict[str, Any]:
        import msal

        if anew:
            made.clear()  # MSAL would give the refused token out of its cache again
        if app_type == "UserAssignedMSI":
            import requests

            if not made:
                identity = msal.UserAssignedManagedIdentity(client_id=app_id)
                made.append(msal.ManagedIdentityClient(identity, http_client=requests.Session()))
            answer = made[0].acquire_token_for_client(resource=where.resource)
        else:
            if not made:
                made.append(
                    msal.ConfidentialClientApplication(
                        app_id,
                        client_credential=password,
                        authority=f"{where.login}/{tenant}",
                        timeout=10,
                    )
                )
            answer = made[0].acquire_token_for_client(scopes=[f"{where.resource}/.default"])
        return dict(answer or {})

    return acquire


FetchKeys = Callable[[], Awaitable[list[dict[str, Any]]]]


class Keys:
    """Microsoft's signing keys: fetched ahead, kept when a fetch fails, renewed when they rotate.

    `use` hands every new set to whoever checks signatures, so that checking never waits.
    """

    GOOD_FOR = 12 * 3600.0
    UNKNOWN_AGAIN_AFTER = 300.0
    """Seconds between fetches that only an unknown key id asks for: anybody can name one."""

    def __init__(
        self,
        fetch: FetchKeys,
        use: Callable[[list[dict[str, Any]]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._use = use
        self._clock = clock
        self._lock = asyncio.Lock()
        self._ids: frozenset[str] = frozenset()
        self._fetched: float | None = None
        self._tried = float("-inf")
        self._attempts = 0
        self._renewing: asyncio.Task[None] | None = None

    @property
    def known(self) -> bool:
        return bool(self._ids)

    async def has(self, kid: str) -> bool:
        """Whether this key is Microsoft's; asks anew for an unknown one, but seldom."""
        now = self._clock()
        if kid in self._ids:
            old = self._fetched is None or now - self._fetched > self.GOOD_FOR
            if old and now - self._tried > self.UNKNOWN_AGAIN_AFTER and self._idle():
                self._renewing = asyncio.create_task(self.renew())
            return True
        seldom = self.UNKNOWN_AGAIN_AFTER if self._ids else 5.0
        if self._lock.locked() or now - self._tried > seldom:
            await self.renew()
        return kid in self._ids

    async def renew(self) -> None:
        """Fetches the keys; a failure is logged and the old ones stay."""
        before = self._attempts
        async with self._lock:
            if self._attempts != before:
                return  # somebody else has just tried
            self._tried = self._clock()
            try:
                found = await self._fetch()
            except Exception as fault:  # noqa: BLE001  the network fails in many ways
                log.warning("signing keys could not be fetched: %s", type(fault).__name__)
                return
            finally:
                self._attempts += 1
            keys = [key for key in found if isinstance(key.get("kid"), str)]
            if not keys:
                log.warning("the key document holds no keys; the old ones stay")
                return
            self._ids = frozenset(key["kid"] for key in keys)
            self._fetched = self._clock()
            self._use(keys)

    async def close(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()

    def _idle(self) -> bool:
        return self._renewing is None or self._renewing.done()
