"""Where connections come in: so many at once, and none that never says what it wants.

aiohttp limits what a request may hold, and closes a connection that idles; these two are ours.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from aiohttp import web

MAX_CONNECTIONS = 800
"""Open at once; a process may by default open 1,024 files."""
HEADERS_SECONDS = 10.0
"""From connecting to a whole first request's headers."""
IDLE_SECONDS = 75.0
"""A connection without a request, or with half a later one. Longer than the 60 s for which
proxies keep theirs: it must be they who close."""
BACKLOG = 512
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


class Door:
    """Listens for one application. `heard` is told of every request that begins."""

    def __init__(self) -> None:
        self._mute: dict[asyncio.BaseProtocol, asyncio.TimerHandle] = {}
        self._server: asyncio.Server | None = None

    async def open(self, runner: web.AppRunner, host: str, port: int) -> str:
        """Listens from now on; the address. Raises OSError."""
        loop = asyncio.get_running_loop()
        handlers: Any = runner.server  # the runner was set up

        def connection() -> asyncio.BaseProtocol:
            if len(handlers.connections) >= MAX_CONNECTIONS:
                return _Full()
            handler: asyncio.BaseProtocol = handlers()
            self._mute[handler] = loop.call_later(HEADERS_SECONDS, self._cut, handler)
            return handler

        self._server = await loop.create_server(connection, host, port, backlog=BACKLOG)
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def heard(self, protocol: Any) -> None:
        timer = self._mute.pop(protocol, None)
        if timer is not None:
            timer.cancel()

    def close(self) -> None:
        """Takes no further connection; those that are open stay."""
        if self._server is not None:
            self._server.close()

    def _cut(self, handler: Any) -> None:
        del self._mute[handler]
        with suppress(asyncio.CancelledError):
            handler.force_close()


class _Full(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        transport.write(_FULL)
        transport.close()
