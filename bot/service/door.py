"""Where connections come in: so many at once, and none that never says what it wants.

aiohttp limits what a request may hold, and closes a connection that idles; these two are ours.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
from contextlib import suppress
from typing import Any

from aiohttp import web

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 2000
"""Open at once, where the process may open as many files. What is turned away kindly has to come in
first: at twice what one process can answer, a thousand are inside."""
KEPT = 64
"""Open when nothing presses; beyond that they end with their answer. Each holds some 70 kB, and those
of a rush would stay as long as proxies use them in turn."""
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

    def __init__(self) -> None:
        self._mute: dict[asyncio.BaseProtocol, asyncio.TimerHandle] = {}
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
        """Takes those who wait."""
        loop = asyncio.get_running_loop()
        for _ in range(AT_ONCE):
            if self._listening is None:
                return
            try:
                connection, _address = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as fault:
                log.warning("no connection can be taken: %s", fault)
                loop.remove_reader(self._listening)
                loop.call_later(PAUSE, self._accept_again)
                return
            connection.setblocking(False)
            task = loop.create_task(loop.connect_accepted_socket(self._connection, connection))
            self._arriving.add(task)
            task.add_done_callback(self._arrived)

    def _accept_again(self) -> None:
        if self._listening is not None:
            asyncio.get_running_loop().add_reader(self._listening, self._accept)

    def _arrived(self, task: asyncio.Task[Any]) -> None:
        self._arriving.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            log.info("a connection ended before it began: %s", fault)

    def _connection(self) -> asyncio.BaseProtocol:
        if len(self._handlers.connections) >= self._most:
            return _Full()
        handler: asyncio.BaseProtocol = self._handlers()
        timer = asyncio.get_running_loop().call_later(HEADERS_SECONDS, self._cut, handler)
        self._mute[handler] = timer
        return handler

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
        del self._mute[handler]
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


class _Full(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        transport.write(_FULL)
        transport.close()
