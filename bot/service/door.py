"""Where connections come in: so many at once, and none that never says what it wants.

aiohttp limits what a request may hold, and closes a connection that idles; these two are ours, and
that who holds back half a request is the first to go where others wait.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import logging
import resource
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from bot.conversation.allowance import network
from bot.core.bodies import Bodies

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 2000
"""Open at once, where the process may open as many files. What is turned away kindly has to come in
first: at twice what one process can answer, a thousand are inside."""
KEPT = 64
"""Open when nothing presses; beyond that they end with their answer. Each holds some 70 kB, and those
of a rush would stay as long as proxies use them in turn."""
FOR_HEALTH = 16
"""Further ones, answered only when they ask for our health: a prober must not find us closed."""
OF_ONE_ADDRESS = 200
"""Open at once from one address of the internet. A private one is a proxy, and speaks for many."""
OTHER_FILES = 224
"""What else the process may have open: databases, its own requests, logs."""
HEADERS_SECONDS = 10.0
"""From connecting to a whole first request's headers."""
IDLE_SECONDS = 75.0
"""A connection without a request, or with half a later one. Longer than the 60 s for which
proxies keep theirs: it must be they who close."""
BACKLOG = 512
AT_ONCE = 64
"""Connections taken in one turn of the loop. libuv takes one: while the loop is late, others would
find the queue full and try again after 1, 2, 4 and 8 seconds."""
PAUSE = 1.0
"""Seconds without taking any, after the process ran out of files."""
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


class Door:
    """Listens for one application. `heard` is told of every request that begins."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._mute: dict[asyncio.BaseProtocol, asyncio.TimerHandle] = {}
        """Connections that have not said what they want, oldest first."""
        self._from: Counter[str] = Counter()
        self._listening: socket.socket | None = None
        self._handlers: Any = None
        self._arriving: set[asyncio.Task[Any]] = set()
        self._most = MAX_CONNECTIONS

    async def open(self, runner: web.AppRunner, host: str, port: int) -> str:
        """Listens from now on; the address. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._most = min(MAX_CONNECTIONS, files() - OTHER_FILES)
        self._handlers = runner.server  # the runner was set up
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = await asyncio.to_thread(  # a name may be looked up
            socket.create_server, (host, port), family=family, backlog=BACKLOG
        )
        self._listening.setblocking(False)
        loop.add_reader(self._listening, self._accept)
        host, port = self._listening.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def _accept(self) -> None:
        """Takes the connections that wait in the kernel's queue, up to AT_ONCE of them."""
        loop = asyncio.get_running_loop()
        for _ in range(AT_ONCE):
            if self._listening is None:
                return
            try:
                connection, address = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as fault:
                log.warning("no connection can be taken: %s", fault)
                loop.remove_reader(self._listening)
                loop.call_later(PAUSE, self._accept_again)
                return
            connection.setblocking(False)
            made = functools.partial(self._connection, str(address[0]))
            task = loop.create_task(loop.connect_accepted_socket(made, connection))
            self._arriving.add(task)
            task.add_done_callback(self._arrived)

    def _accept_again(self) -> None:
        if self._listening is not None:
            asyncio.get_running_loop().add_reader(self._listening, self._accept)

    def _arrived(self, task: asyncio.Task[Any]) -> None:
        self._arriving.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            log.info("a connection ended before it began: %s", fault)

    def _connection(self, address: str) -> asyncio.BaseProtocol:
        stranger = _of_the_internet(address)
        address = network(address)
        if stranger and self._from[address] >= OF_ONE_ADDRESS:
            return _Full()
        open_now, loop = len(self._handlers.connections), asyncio.get_running_loop()
        beyond = open_now >= self._most and not self._made_room()
        if beyond and open_now >= self._most + FOR_HEALTH:
            return _Full()
        if stranger:
            self._from[address] += 1
        lost = functools.partial(self._lost, address) if stranger else None
        handler = _Handler(self._handlers, loop, self._handlers._kwargs, beyond, lost)  # noqa: SLF001  what its own factory passes on
        self._mute[handler] = loop.call_later(HEADERS_SECONDS, self._cut, handler)
        return handler

    def _made_room(self) -> bool:
        """Whether somebody who holds back half a request went for who comes now."""
        oldest = next(iter(self._mute), None)
        if oldest is None:
            return self._bodies.cut_oldest()
        self._mute[oldest].cancel()
        self._cut(oldest)
        return True

    def _lost(self, address: str) -> None:
        self._from[address] -= 1
        if not self._from[address]:
            del self._from[address]

    @staticmethod
    def beyond(protocol: Any) -> bool:
        """Whether this connection came when all places were taken: it may ask for our health."""
        return isinstance(protocol, _Handler) and protocol.beyond

    def heard(self, protocol: Any) -> None:
        timer = self._mute.pop(protocol, None)
        if timer is not None:
            timer.cancel()

    @property
    def many(self) -> bool:
        """Whether more are open than are worth keeping."""
        return len(self._handlers.connections) > KEPT

    def close(self) -> None:
        """Takes no further connection; those that are open stay."""
        if self._listening is not None:
            asyncio.get_running_loop().remove_reader(self._listening)
            self._listening.close()
            self._listening = None

    def _cut(self, handler: Any) -> None:
        self._mute.pop(handler, None)
        with suppress(asyncio.CancelledError):
            handler.force_close()


def files() -> int:
    """How many files this process may open, after asking for what we can use."""
    wanted = MAX_CONNECTIONS + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


def _of_the_internet(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False


class _Handler(RequestHandler):
    """aiohttp's, which says in one line, and without what was sent, that it could not read it."""

    __slots__ = ("_tell", "beyond")

    def __init__(
        self,
        manager: Any,
        loop: asyncio.AbstractEventLoop,
        given: dict[str, Any],
        beyond: bool,
        lost: Callable[[], None] | None,
    ) -> None:
        super().__init__(manager, loop=loop, **given)
        self.beyond = beyond
        self._tell = lost

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        if self._tell is not None:
            self._tell()
            self._tell = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  quotes what was sent
    ) -> web.StreamResponse:
        if status >= 500:
            log.error("a request ended in a fault", exc_info=exc)
        else:
            log.warning("a request could not be read: %s", type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of the answer is sent already")
        answer = web.Response(status=status, headers={"Server": "quartermaster"})
        answer.force_close()
        return answer


class _Full(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        transport.write(_FULL)
        transport.close()
