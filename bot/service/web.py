"""The HTTP side that belongs to no platform: health, readiness, metrics, and what every request passes."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web
from aiohttp.typedefs import Middleware
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.core import telemetry
from bot.core.bodies import BODIES, Bodies
from bot.service.door import Door
from bot.service.metrics import Metrics
from bot.service.parts import Part
from bot.service.pressure import LATE, Pressure

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MAX_BODY = 512 * 1024
"""Bytes; Slack's largest payloads and Teams' own limit are below it."""
READ_AT_ONCE = 8192
"""Bytes of a body that lie here unread."""
MAX_LINE, MAX_FIELD, MAX_FIELDS = 8190, 16_384, 100
"""Of a request: its first line, one header, and how many headers. A Teams token takes 2 kB."""
REQUEST_SECONDS = 25.0
"""A request that takes longer is given up: both platforms have stopped listening by then."""
HEALTH = frozenset({"/healthz", "/readyz"})
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
WITHOUT = frozenset({"state", "standing orders"})
"""Parts that answers do not need: `/readyz?for=answers` leaves them out."""


class Health:
    """What `/healthz` and `/readyz` say of the parts."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts
        self.starting = self.stopping = False

    def reasons(self, *, answers_only: bool = False) -> list[str]:
        """Why the service is not ready, in words; empty when it is."""
        if self.stopping:
            return ["stopping"]
        if self.starting:
            return ["starting"]
        return [
            f"{name}: {reason}"
            for name, part in self._parts.items()
            if not (answers_only and name in WITHOUT) and (reason := part.not_ready())
        ]

    def troubled(self, *, answers_only: bool = False) -> list[str]:
        """The same for strangers: which part, and nothing of what ails it."""
        return [reason.partition(":")[0] for reason in self.reasons(answers_only=answers_only)]

    async def alive(self, _request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(self, request: web.Request) -> web.Response:
        reasons = self.troubled(answers_only=request.query.get("for") == "answers")
        text = "\n".join(reasons or ["ready"]) + "\n"
        return web.Response(status=503 if reasons else 200, text=text)


def metrics_handler(metrics: Metrics, token: str | None) -> Handler:
    """`GET /metrics`, for who knows the token; without one only for this machine itself."""
    wanted = f"Bearer {token}".encode() if token else None
    # A thread of its own: each that reads the price store keeps a connection with its pages.
    pool = ThreadPoolExecutor(1, thread_name_prefix="metrics")

    async def handle(request: web.Request) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode(errors="replace")
        known = hmac.compare_digest(given, wanted) if wanted else _from_here(request)
        if not known:
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        body = await asyncio.get_running_loop().run_in_executor(
            pool, generate_latest, metrics.registry
        )
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return handle


def _from_here(request: web.Request) -> bool:
    """Whether a request comes from this machine, and no proxy brings it from elsewhere."""
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


def guarded(metrics: Metrics, pressure: Pressure, door: Door) -> Middleware:
    """The middleware around every request: its time, its count, and no fault beyond it."""

    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        door.heard(request.protocol)
        telemetry.watch(metrics)
        route = request.match_info.route.resource
        name = route.canonical if route is not None else "none"
        begun = time.perf_counter()
        telemetry.arrive(begun)
        pressure.inside += 1
        status = 500
        try:
            if request.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise web.HTTPUnsupportedMediaType  # noqa: TRY301  neither platform packs its requests
            if request.path not in HEALTH and door.beyond(request.protocol):
                raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"})  # noqa: TRY301
            async with asyncio.timeout(REQUEST_SECONDS):
                response = await handler(request)
        except web.HTTPException as refused:
            status = refused.status
            return web.Response(status=status, headers=_kept(refused.headers))
        except TimeoutError:
            status = 503
            return web.Response(status=503, headers={"Retry-After": "5"})
        except Exception:
            reference = telemetry.reference()
            log.exception("fault in a request to %s", name)
            return web.Response(status=500, text=f"fault {reference}\n")
        else:
            status = response.status
            if door.many and pressure.late <= LATE:  # taking new ones costs time: not in a rush
                response.force_close()
            return response
        finally:
            pressure.inside -= 1
            metrics.requests.labels(name, str(status)).inc()
            metrics.request_seconds.labels(name).observe(time.perf_counter() - begun)

    return around


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """Of a refusal's headers those that tell the other side what to do."""
    return {name: headers[name] for name in ("Allow", "Retry-After") if name in headers}


async def quiet_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Says nothing of what we are made of."""
    response.headers["Server"] = "quartermaster"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")


def application(
    metrics: Metrics, pressure: Pressure, door: Door, bodies: Bodies
) -> web.Application:
    app = web.Application(middlewares=[guarded(metrics, pressure, door)], client_max_size=MAX_BODY)
    app[BODIES] = bodies
    app.on_response_prepare.append(quiet_headers)
    return app
