"""Bodies of programs: JSON that means one thing, or a problem."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.api.problems import Problem
from bot.api.strict_json import parse
from bot.core.bodies import Bodies

MAX_BODY = 64 * 1024


async def raw_body(request: web.Request, bodies: Bodies) -> bytes:
    """The body of a JSON request; raises Problem."""
    if request.content_type != "application/json":
        raise Problem("not-this-type")
    try:
        return await bodies.read(request, MAX_BODY)
    except web.HTTPRequestEntityTooLarge:
        raise Problem("too-large") from None
    except web.HTTPRequestTimeout:
        raise Problem("slow-body") from None
    except web.HTTPServiceUnavailable:
        raise Problem("overload", headers={"Retry-After": "5"}) from None
    except web.HTTPBadRequest:
        raise Problem("not-json") from None


async def json_body(request: web.Request, bodies: Bodies) -> Any:
    """The JSON value of a request's body; raises Problem."""
    try:
        return parse(await raw_body(request, bodies))
    except (ValueError, RecursionError):
        raise Problem("not-json") from None
