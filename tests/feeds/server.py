"""A real HTTP feed server for tests: plain sockets in a thread of its own, so that it can lie.

    with FeedServer() as server:
        server.serve("/v1/prices", Reply(body=b"[]"))
        ... server.url ...

A route answers with a Reply, or with a function of the Request: one that returns a Reply, or one
that writes to the socket itself (any misbehaviour at all).
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    """Path and query, as sent."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def path(self) -> str:
        return self.target.split("?", 1)[0]


@dataclass(frozen=True)
class Reply:
    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        head = {
            "Content-Type": self.content_type,
            "Content-Length": str(len(self.body)),
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status} Whatever", *(f"{k}: {v}" for k, v in head.items() if v)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


def as_json(data: Any, **more: Any) -> Reply:
    return Reply(json.dumps(data).encode(), **more)


Writing = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]
Route = Reply | Callable[[Request], Reply] | list[Reply]


class FeedServer:
    """Listens on a free loopback port for as long as its `with` lasts."""

    def __init__(self, latency: float = 0.0) -> None:
        self.latency = latency
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._now = 0
        self._routes: dict[str, Route] = {}
        self._raw: dict[str, Writing] = {}
        self._raw_default: Writing | None = None
        self._default: Callable[[Request], Reply | None] = lambda _: None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    def serve(self, path: str, route: Route) -> None:
        """What to answer for a path: a Reply, one Reply after another, or a function."""
        self._routes[path] = route

    def serve_raw(self, path: str, writing: Writing) -> None:
        """Whatever `writing` puts on the socket; the connection is closed afterwards."""
        self._raw[path] = writing

    def otherwise(self, route: Callable[[Request], Reply | None]) -> None:
        """For every path that has no route of its own."""
        self._default = route

    def otherwise_raw(self, writing: Writing) -> None:
        """The same, for misbehaviour on every path."""
        self._raw_default = writing

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # -- the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, or the test is over
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {
            k.lower(): v.strip() for k, _, v in (line.partition(":") for line in rest if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request = Request(method, target, headers, body)
        self.requests.append(request)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            writing = self._raw.get(request.path) or self._raw_default
            if writing is not None:
                await writing(request, writer)
                return False
            writer.write(self._answer(request).raw())
            await writer.drain()
        finally:
            self._now -= 1
        return True

    def _answer(self, request: Request) -> Reply:
        route = self._routes.get(request.target) or self._routes.get(request.path)
        if isinstance(route, list):
            return route.pop(0) if len(route) > 1 else route[0]
        if callable(route):
            return route(request)
        if isinstance(route, Reply):
            return route
        return self._default(request) or Reply(b'{"error": "no such path"}', 404)
