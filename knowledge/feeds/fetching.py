"""Polite, bounded, suspicious requests for prices: what `Source.fetch` is given as `Http`.

Every way a server can misbehave ends as a FetchFault with one readable line, within a deadline
and within a bound of memory. Requests go to the source's own hosts and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from knowledge.feeds.bodies import BodyFault, Expect, Kept, KeptBodies, Unpacked, check
from knowledge.feeds.network import AddressRefused, GuardedBackend, GuardedTransport, Origin
from knowledge.feeds.source import FetchFault, Payload, Source

REDIRECTS = frozenset({301, 302, 303, 307, 308})
# 429 and 5xx pass by themselves; 501 and 505 do not.
RETRIED = frozenset({429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})


@dataclass(frozen=True)
class Limits:
    """How long and how much; the tests shorten them."""

    connect_s: float = 10
    read_s: float = 20
    """The longest silence within a body."""
    total_s: float = 180
    """One request with its whole body."""
    idle_s: float = 45
    """The longest time in which one source gets no body and no `PROGRESS` bytes of one, whatever
    it waits for: a silent server, one that sends a byte a second, one that asks for patience."""
    tries: int = 4
    backoff_s: float = 1.0
    """Before the second try; doubled each time, with jitter."""
    patience_s: float = 40
    """The longest `Retry-After` we wait for."""
    redirects: int = 5
    body_bytes: int = 64_000_000
    """One body, unpacked."""
    source_bytes: int = 200_000_000
    """All bodies of one source in one refresh."""
    arriving_bytes: int = 160_000_000
    """All bodies that arrive at one time: beyond it, those larger than `SMALL` are refused."""
    requests: int = 2_000
    """Of one source in one refresh: a paging that never ends, ends."""
    per_host: int = 4


PROGRESS = 100_000
"""Bytes of a body that count as progress."""
SMALL = 16_000_000
"""Bytes: larger than nearly every feed there is."""


HASTE = 5
"""A source that was silent once is waited for so many times shorter: one silent part of a
catalogue must not use up the time of the others."""


class _Again(Exception):
    """A fault that may pass by itself."""

    def __init__(self, message: str, status: int | None = None, after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.after = after


class _Silent(_Again):
    """Nothing came in time."""


@dataclass
class _Lane:
    """One host: how many requests at a time, and until when it asked for silence."""

    room: asyncio.Semaphore
    quiet_until: float = 0.0


@dataclass
class Spent:
    """What one source's refresh has used so far; a progress display reads it."""

    requests: int = 0
    bytes: int = 0
    unchanged: int = 0
    """Bodies that a server said we already have."""
    moved_at: float = 0.0
    """Time of the event loop at which something last came."""
    asking: str = ""
    """Host and path of the request under way."""


class Fetcher:
    """The connections of one refresh, shared by its sources. Use as an async context manager."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        contact: str = "",
        keep: Path | None = None,
        environ: Mapping[str, str] | None = None,
        addresses: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        """`keep`: folder for bodies of conditional requests. `environ`: where keys are read from.

        `addresses`: an operator's own base address by source name; it may be private.
        """
        self.clock = clock
        self.limits = limits or Limits()
        self._environ = environ or {}
        self._addresses = dict(addresses or {})
        self._keep = KeptBodies(keep) if keep is not None else None
        self._agent = f"quartermaster/{version('quartermaster')}" + (
            f" (+{contact})" if contact else " (GPU price store)"
        )
        self.arriving = 0
        """Bytes of all bodies that are arriving now."""
        self._lanes: dict[Origin, _Lane] = {}
        self._stack = AsyncExitStack()
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        # At INFO and below these two print whole addresses and headers, and some carry a key.
        for name in ("httpx", "httpcore"):
            logger = logging.getLogger(name)
            logger.setLevel(max(logger.level, logging.WARNING))
        trusted = {_origin(address) for address in self._addresses.values()}
        transport = GuardedTransport(GuardedBackend(trusted), connections=100)
        self._client = await self._stack.enter_async_context(
            httpx.AsyncClient(
                transport=transport,
                follow_redirects=False,
                trust_env=False,
                headers={"User-Agent": self._agent, "Accept-Encoding": "gzip"},
                timeout=httpx.Timeout(self.limits.read_s, connect=self.limits.connect_s, pool=None),
            )
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client = None
        await self._stack.aclose()
        if self._keep is not None:
            await asyncio.to_thread(self._keep.tidy, self.clock())

    def http(self, source: Source) -> SourceHttp:
        """Requests on behalf of one source."""
        return SourceHttp(self, source, self._addresses.get(source.name))

    def lane(self, origin: Origin) -> _Lane:
        if origin not in self._lanes:
            self._lanes[origin] = _Lane(asyncio.Semaphore(self.limits.per_host))
        return self._lanes[origin]

    @property
    def client(self) -> httpx.AsyncClient:
        if self._client is None:
            raise RuntimeError("Fetcher is used outside its `async with`")
        return self._client

    @property
    def kept(self) -> KeptBodies | None:
        return self._keep

    @property
    def environ(self) -> Mapping[str, str]:
        return self._environ


@dataclass(frozen=True)
class _Request:
    method: str
    url: str
    headers: Mapping[str, str]
    json: Any
    expect: Expect
    known: Kept | None


@dataclass(frozen=True)
class _Answered:
    body: bytes
    last_modified: str


class SourceHttp:
    """`knowledge.feeds.source.Http` for one source."""

    def __init__(self, fetcher: Fetcher, source: Source, address: str | None) -> None:
        self._fetcher = fetcher
        self._limits = fetcher.limits
        self._source = source
        self._address = address.rstrip("/") if address else None
        own = (urlsplit(source.base_url).hostname or "", *source.extra_hosts)
        self._hosts = frozenset(host.lower() for host in own)
        self._fresh: list[tuple[str, Kept]] = []
        self._silences = 0
        self.spent = Spent()

    # -- what a source calls -----------------------------------------------------------------

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Expect = "json",
        tag: str = "",
        base: str | None = None,
    ) -> Payload:
        """One body; raises FetchFault with one readable line."""
        url = self._url(path, params, base)
        kept = self._fetcher.kept
        known = await asyncio.to_thread(kept.get, url) if kept is not None else None
        request = _Request("GET", url, dict(headers or {}), None, expect, known)
        return self._payload(url, await self._asked(request), tag)

    async def post(
        self,
        path: str,
        *,
        json: Any,
        headers: Mapping[str, str] | None = None,
        expect: Expect = "json",
        tag: str = "",
    ) -> Payload:
        """One body in answer to a JSON body; raises FetchFault with one readable line."""
        url = self._url(path, None, None)
        request = _Request("POST", url, dict(headers or {}), json, expect, None)
        return self._payload(url, await self._asked(request), tag)

    def key(self) -> str:
        """The operator's key; raises FetchFault when its variable is empty."""
        name = self._source.key_setting
        key = self._fetcher.environ.get(name, "").strip() if name else ""
        if not key:
            raise FetchFault(f"needs a key: set {name}")
        if not (key.isascii() and key.isprintable()):
            raise FetchFault(f"{name} holds characters that no key has")
        return key

    async def keep(self) -> None:
        """Keeps this refresh's bodies for conditional requests; call it once they were understood.

        A body that was cut or refused must not come back with every "not modified".
        """
        kept = self._fetcher.kept
        if kept is not None:
            for url, body in self._fresh:
                await asyncio.to_thread(kept.put, url, body)
        self._fresh.clear()

    # -- where to ----------------------------------------------------------------------------

    def _url(self, path: str, params: Mapping[str, str] | None, base: str | None) -> str:
        """The address a path means, at the operator's own base when there is one."""
        if "://" in path:
            parts = urlsplit(path)
            if not self._ours(path):
                raise FetchFault(f"{_shown(path)}: is not one of this source's hosts; not followed")
            # The feed's own next-page link names the real host, also at a mirror.
            rest = urlunsplit(("", "", parts.path, parts.query, ""))
            if self._address is None or _origin(path) == _origin(self._address):
                url = path
            else:
                url = self._address + rest
        else:
            if self._address is not None:
                start = self._address
            else:
                chosen = urlsplit(base or self._source.base_url)
                start = f"{chosen.scheme}://{chosen.netloc}"
            url = start + ("" if path.startswith("/") else "/") + path
        if params:
            address = httpx.URL(url)
            url = str(address.copy_with(params=[*address.params.multi_items(), *params.items()]))
        return url

    def _ours(self, url: str) -> bool:
        """Whether an address is one of this source's: its documented hosts, or the operator's."""
        parts = urlsplit(url)
        if parts.username is not None or parts.password is not None:
            return False
        try:
            origin = _origin(url)
        except ValueError:
            return False
        if self._address is not None and origin == _origin(self._address):
            return parts.scheme == urlsplit(self._address).scheme
        return parts.scheme == "https" and origin[1] == 443 and origin[0] in self._hosts

    # -- asking ------------------------------------------------------------------------------

    async def _asked(self, request: _Request) -> _Answered:
        """Tries until it is answered, or until trying again is no use."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_Again),
            stop=self._enough,
            wait=self._wait,
            sleep=asyncio.sleep,
            reraise=True,
        )
        try:
            return await retrying(self._once, request)
        except _Again as fault:
            done = retrying.statistics["attempt_number"]
            tries = f" ({done} tries)" if done > 1 else ""
            raise FetchFault(
                self._line(request.url, f"{fault}{tries}"), status=fault.status
            ) from None

    def _enough(self, state: RetryCallState) -> bool:
        """Whether it was tried often enough; a server silent for the second time stays so."""
        fault = state.outcome.exception() if state.outcome else None
        return state.attempt_number >= self._limits.tries or (
            isinstance(fault, _Silent) and self._silences > 1
        )

    @property
    def _timeout(self) -> httpx.Timeout:
        haste = HASTE if self._silences else 1
        return httpx.Timeout(
            self._limits.read_s / haste, connect=self._limits.connect_s / haste, pool=None
        )

    def _wait(self, state: RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, _Again) and fault.after is not None:
            return fault.after
        # Jitter: many installations that meet a fault together must not come back together.
        most: float = self._limits.backoff_s * 2 ** (state.attempt_number - 1)
        return random.uniform(most / 2, most)  # noqa: S311  no secret depends on it

    async def _once(self, request: _Request) -> _Answered:
        """One try, its redirects followed; every fault is an _Again or a FetchFault."""
        url, hops = request.url, 0
        seen = {url}
        while True:
            answered = await self._hop(request, url)
            if isinstance(answered, _Answered):
                return answered
            hops += 1
            try:
                url = urljoin(url, answered)
            except ValueError:
                raise FetchFault(self._line(request.url, "redirects to no address")) from None
            where = self._line(request.url, f"redirects to {_shown(url).rstrip(':')}")
            if request.method != "GET":
                raise FetchFault(f"{where} in answer to a POST; not followed")
            if not self._ours(url):
                raise FetchFault(f"{where}, which is not one of its hosts; refused")
            if url in seen or hops > self._limits.redirects:
                raise FetchFault(self._line(request.url, "redirects in a loop"))
            seen.add(url)

    async def _hop(self, request: _Request, url: str) -> _Answered | str:
        """One request: what was answered, or the address of a redirect."""
        lane = self._fetcher.lane(_origin(url))
        async with lane.room:
            loop = asyncio.get_running_loop()
            if (pause := lane.quiet_until - loop.time()) > 0:
                await asyncio.sleep(pause)
            self.spent.requests += 1
            self.spent.asking = _shown(url)
            if self.spent.requests > self._limits.requests:
                raise FetchFault(
                    self._line(
                        url, f"more than {self._limits.requests} requests; its paging does not end"
                    )
                )
            try:
                async with asyncio.timeout(self._limits.total_s):
                    return await self._exchange(request, url, lane)
            except TimeoutError:
                raise FetchFault(
                    self._line(url, f"was not finished after {self._limits.total_s:g} seconds")
                ) from None
            except BodyFault as fault:
                raise FetchFault(self._line(url, str(fault))) from None
            except AddressRefused as fault:
                raise FetchFault(self._line(url, str(fault))) from None
            except httpx.InvalidURL:
                raise FetchFault(self._line(url, "is no address that can be asked")) from None
            except httpx.TransportError as fault:
                if "location header" in str(fault):
                    raise FetchFault(self._line(url, "redirects to no address")) from None
                if isinstance(fault, httpx.TimeoutException):
                    waited = self._timeout
                    self._silences += 1
                    raise _Silent(_timeout_words(fault, waited)) from None
                raise _Again(_transport_words(fault)) from None

    async def _exchange(self, request: _Request, url: str, lane: _Lane) -> _Answered | str:
        headers: dict[str, str] = {}
        if _origin(url) == _origin(request.url):
            headers.update(request.headers)  # a key goes to the host it is for
        if request.known is not None:
            if request.known.etag:
                headers["If-None-Match"] = request.known.etag
            if request.known.last_modified:
                headers["If-Modified-Since"] = request.known.last_modified
        async with self._fetcher.client.stream(
            request.method, url, headers=headers, json=request.json, timeout=self._timeout
        ) as response:
            if response.status_code in REDIRECTS and "location" in response.headers:
                return str(response.headers["location"])
            if response.status_code == 304 and request.known is not None:
                self.spent.unchanged += 1
                self.spent.moved_at = asyncio.get_running_loop().time()
                check(request.known.body, request.known.content_type, request.expect)
                return _Answered(request.known.body, request.known.last_modified)
            if response.status_code != 200:
                self._refused(response, url, lane)
            return await self._read(request, response)

    async def _read(self, request: _Request, response: httpx.Response) -> _Answered:
        """The body, unpacked within bounds; noted when the server says how to ask for it again."""
        most = min(self._limits.body_bytes, self._limits.source_bytes - self.spent.bytes)
        if most <= 0:
            raise BodyFault("this source has sent more than one refresh may hold")
        length = response.headers.get("content-length", "")
        if length.isdigit() and int(length) > most:
            raise BodyFault(f"says it is {int(length) // 1_000_000} MB large; refused")
        body = await self._arrived(
            response, Unpacked(response.headers.get("content-encoding", ""), most)
        )
        self.spent.bytes += len(body)
        content_type = response.headers.get("content-type", "")
        check(body, content_type, request.expect)
        etag = response.headers.get("etag", "")
        last_modified = response.headers.get("last-modified", "")
        if request.method == "GET" and (etag or last_modified):
            self._fresh.append((request.url, Kept(etag, last_modified, content_type, body)))
        return _Answered(body, last_modified)

    async def _arrived(self, response: httpx.Response, unpacked: Unpacked) -> bytes:
        """The whole body; what did not become one is let go at once, whoever keeps the fault."""
        loop, fetcher = asyncio.get_running_loop(), self._fetcher
        counted = marked = 0
        marked_at, patience = loop.time(), self._timeout.read or 0
        try:
            async for chunk in response.aiter_raw():
                if loop.time() - marked_at > patience:
                    self._silences += 1
                    raise _Silent(f"sent next to nothing for {patience:g} seconds")
                more = unpacked.take(chunk)
                while True:
                    size = len(unpacked.body)
                    fetcher.arriving += size - counted
                    counted = size
                    if fetcher.arriving > self._limits.arriving_bytes and size > SMALL:
                        raise BodyFault(
                            f"sent {size // 1_000_000} MB while others send much too; refused"
                        )
                    if size - marked >= PROGRESS:
                        marked, marked_at = size, loop.time()
                        self.spent.moved_at = marked_at
                    if not more:
                        break
                    await asyncio.sleep(0)  # others run between two steps of a large body
                    more = unpacked.take(b"")
            body = unpacked.finished()
        finally:
            fetcher.arriving -= counted
            unpacked.body.clear()
        self.spent.moved_at = loop.time()
        return body

    def _refused(self, response: httpx.Response, url: str, lane: _Lane) -> None:
        """Raises for a status that brings no body of prices."""
        status = response.status_code
        words = f"answered {status} {_phrase(status)}".rstrip()
        if status not in RETRIED:
            if status in {401, 403} and self._source.key_setting:
                words += f"; check {self._source.key_setting}"
            raise FetchFault(self._line(url, words), status=status)
        after = _retry_after(response.headers.get("retry-after", ""), self._fetcher.clock())
        if after is not None:
            if after > self._limits.patience_s:
                raise FetchFault(
                    self._line(url, f"{words} and asks for {after:.0f} seconds of silence"),
                    status=status,
                )
            lane.quiet_until = max(lane.quiet_until, asyncio.get_running_loop().time() + after)
        raise _Again(words, status, after)

    # -- words -------------------------------------------------------------------------------

    def _line(self, url: str, words: str) -> str:
        """One line, with no query in it (some carry a key) and no key."""
        line = " ".join(f"{_shown(url)} {words}".split())
        name = self._source.key_setting
        key = self._fetcher.environ.get(name, "").strip() if name else ""
        return (line.replace(key, "***") if key else line)[:300]

    def _payload(self, url: str, answered: _Answered, tag: str) -> Payload:
        return Payload(
            url=url.split("?", 1)[0] if self._source.key_setting else url,
            body=answered.body,
            fetched_at=self._fetcher.clock(),
            last_modified=_http_date(answered.last_modified),
            tag=tag,
        )


def _origin(url: str) -> Origin:
    """Host and port; raises ValueError for an address without a host."""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise ValueError(f"{_shown(url)} is no web address")
    return parts.hostname.lower(), parts.port or (443 if parts.scheme == "https" else 80)


def _shown(url: str) -> str:
    """An address as a fault names it: host and path, no query, no user."""
    parts = urlsplit(url)
    host = parts.netloc.rsplit("@", 1)[-1]
    path = parts.path if len(parts.path) <= 70 else f"{parts.path[:30]}...{parts.path[-35:]}"
    return f"{host}{path}:"[:300] if host else f"{path}:"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _timeout_words(fault: httpx.TimeoutException, waited: httpx.Timeout) -> str:
    if isinstance(fault, httpx.ConnectTimeout):
        return f"did not accept a connection within {waited.connect:g} seconds"
    return f"was silent for {waited.read:g} seconds"


def _transport_words(fault: httpx.TransportError) -> str:
    """What broke between us and the server."""
    if isinstance(fault, httpx.ConnectError):
        words = str(fault)
        if "cannot be found" in words:
            return "cannot be found; is the name right, and is there a network?"
        if "CERTIFICATE" in words.upper():
            return "shows a certificate that cannot be trusted"
        return "cannot be reached"
    if isinstance(fault, httpx.RemoteProtocolError):
        return "broke off in the middle or does not speak HTTP"
    return "broke off in the middle"


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _retry_after(text: str, now: datetime) -> float | None:
    """Seconds of a Retry-After header, in either of its forms; None when it has none."""
    text = text.strip()
    if text.isdigit():
        return float(text[:9])
    moment = _http_date(text)
    return max(0.0, (moment - now).total_seconds()) if moment else None
