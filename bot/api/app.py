"""The HTTP API under /v1: the same answers people get, for a workspace's own programs, by key.

It is no public price service: nothing with a figure in it is given without a key, and every figure
travels with its source, day and attribution.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import hashlib
import io
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from aiohttp import web

from bot.api import problems
from bot.api.access import Access, accepted
from bot.api.body import json_body
from bot.api.keys import Key
from bot.api.operations import LONGEST_WORDS, Caller, Operations
from bot.api.problems import Problem
from bot.api.queries import (
    AvailabilityQuery,
    HistoryQuery,
    OffersQuery,
    OrdersQuery,
    ProviderQuery,
    SourcesQuery,
    read,
)
from bot.api.route import PREFIX, Route
from bot.core import bodies
from bot.core.question import Question
from bot.core.recent import Rendered
from bot.language import LANGS, Lang
from bot.render.answer_json import answer_json
from bot.render.question_json import NotUnderstood, Wrong, question_of

if TYPE_CHECKING:
    from bot.core.answer import Answer
    from bot.service.around import Around

log = logging.getLogger(__name__)

JSON, CSV = "application/json", "text/csv"
WORTH_PACKING = 1024
"""Bytes from which gzip saves more than it costs."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Given(NamedTuple):
    """What an operation gives: a document, and its rows where it can be a table."""

    body: bytes
    rows: Callable[[], tuple[Sequence[str], Sequence[Sequence[Any]]]] | None = None
    status: int = 200
    next: str | None = None
    packed: bytes = b""
    """The body by gzip, where it was packed before."""


class HttpApi:
    """The part of the service that programs ask by HTTP."""

    def __init__(self, around: Around) -> None:
        settings = around.settings
        self._operations = Operations(around.core, around.store, around.state, around.clock)
        self._access = Access(around.state, around.clock, settings.api_per_minute)
        self._origins = frozenset(settings.api_origins)
        self._bodies = bodies.Bodies()
        self._running = False
        self._rendered: Rendered[tuple[bytes, bytes]] = Rendered(_rendered)

    # -- a part of the service ---------------------------------------------------------------

    def add_routes(self, app: web.Application) -> None:
        self._bodies = bodies.of(app)
        for route in ROUTES:
            app.router.add_route("*", PREFIX + route.path, self._handler(route))
        app.router.add_route("*", PREFIX + "/{rest:.*}", self._handler(None))

    async def start(self) -> None:
        self._running = True

    async def stop(self) -> None:
        self._running = False
        self._operations.close()

    def not_ready(self) -> str | None:
        return None if self._running else "HTTP API: not running"

    # -- one request -------------------------------------------------------------------------

    def _handler(
        self, route: Route | None
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            lang = lang_of(request)
            try:
                response = await self._answered(request, route, lang)
            except Problem as problem:
                response = problems.response(problem, lang or "en")
            except (asyncio.CancelledError, TimeoutError):
                raise
            except Exception:
                reference = secrets.token_hex(4)
                log.exception("a request of a program failed", extra={"reference": reference})
                response = problems.response(Problem("broken", reference=reference), lang or "en")
            return self._crossing(request, response)

        return handle

    async def _answered(
        self, request: web.Request, route: Route | None, lang: Lang | None
    ) -> web.StreamResponse:
        if not self._running:
            raise Problem("overload", headers={"Retry-After": "5"})
        if route is None:
            raise Problem("not-found")
        if request.method == "OPTIONS" and self._crosses(request):
            methods = ", ".join(_allowed(route))
            return web.Response(status=204, headers={"Access-Control-Allow-Methods": methods, "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match", "Access-Control-Max-Age": "86400"})  # fmt: skip
        work = route.methods.get("GET" if request.method == "HEAD" else request.method)
        if work is None:
            allowed = _allowed(route)
            raise Problem("not-this-method", names=allowed, headers={"Allow": ", ".join(allowed)})
        if not route.needs_key:
            return _public(request, await work(self, request, _NOBODY))
        key = await self._access.key(request.headers)
        told = self._access.counted(key)
        given = await work(self, request, Caller("http", key, lang))
        told["Cache-Control"] = "no-store" if key.may("contracts") else "private, no-cache"
        return self._response(request, given, told)

    def _response(self, request: web.Request, given: Given, told: dict[str, str]) -> web.Response:
        kind = _kind(request, given)
        if kind == CSV and given.rows is not None:
            body = _table(*given.rows())
        else:
            body = given.body
        headers = {**told, "Content-Type": f"{kind}; charset=utf-8" if kind == CSV else kind, "Vary": "Accept, Accept-Encoding, Accept-Language, Authorization"}  # fmt: skip
        if given.next is not None:
            url = request.rel_url.update_query(cursor=given.next)
            headers["Link"] = f'<{url}>; rel="next"'
        response = web.Response(status=given.status, body=body, headers=headers)
        if request.method in ("GET", "HEAD"):
            mark = hashlib.blake2b(body, digest_size=12).hexdigest()
            response.etag = mark
            wanted = request.if_none_match
            if wanted and any(one.value in ("*", mark) for one in wanted):
                kept = {name: value for name, value in response.headers.items() if name != "Content-Type"}  # fmt: skip
                return web.Response(status=304, headers=kept)
        _pack(request, response, given.packed if body is given.body else b"")
        return response

    def _crosses(self, request: web.Request) -> bool:
        """Whether a browser's page of an allowed origin asks."""
        origin = request.headers.get("Origin")
        return origin is not None and origin in self._origins

    def _crossing(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        if self._crosses(request):
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Expose-Headers"] = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After"  # fmt: skip
            response.headers["Vary"] = "Origin, " + response.headers.get("Vary", "Accept-Encoding")
        return response

    # -- the addresses -----------------------------------------------------------------------

    async def ask(self, request: web.Request, caller: Caller) -> Given:
        caller, asked = await self._asked(request, caller)
        return self._said(await self._operations.ask(caller, asked))

    async def offers(self, request: web.Request, caller: Caller) -> Given:
        page = await self._operations.offers(caller, read(OffersQuery, request.query))
        return Given(dumped(page), lambda: _rows(page["items"]), next=page["next"])

    async def availability(self, request: web.Request, caller: Caller) -> Given:
        answer = await self._operations.availability(caller, read(AvailabilityQuery, request.query))
        table = answer.table
        names = [column.title for column in table.columns] if table else []
        rows = [row.cells for row in table.rows] if table else []
        return self._said(answer)._replace(rows=lambda: (names, rows))

    async def history(self, request: web.Request, caller: Caller) -> Given:
        answer = await self._operations.history(caller, read(HistoryQuery, request.query))
        series = answer.chart.series if answer.chart else ()
        rows = [
            (str(day), one.name, value)
            for one in series
            for day, value in one.points
            if value is not None
        ]
        said = self._said(answer)
        return said._replace(rows=lambda: (("day", "series", "usd_per_gpu_hour"), rows))

    async def provider(self, request: web.Request, caller: Caller) -> Given:
        read(ProviderQuery, request.query)
        return self._said(await self._operations.provider(caller, request.match_info["id"]))

    async def sources(self, request: web.Request, caller: Caller) -> Given:  # noqa: ARG002
        read(SourcesQuery, request.query)
        found = await self._operations.sources()
        return Given(dumped(found), lambda: _rows(found["items"]))

    async def orders(self, request: web.Request, caller: Caller) -> Given:
        read(OrdersQuery, request.query)
        return Given(dumped(await self._operations.orders(caller)))

    async def order(self, request: web.Request, caller: Caller) -> Given:
        caller, asked = await self._asked(request, caller)
        return self._said(await self._operations.order(caller, asked))

    async def end_order(self, request: web.Request, caller: Caller) -> Given:
        read(OrdersQuery, request.query)
        await self._operations.end_order(caller, request.match_info["order"])
        return Given(b"", status=204)

    async def schema(self, request: web.Request, caller: Caller) -> Given:  # noqa: ARG002
        from bot.render import answer_json as of_answer
        from bot.render import question_json as of_question

        known = {"answer": of_answer.schema, "question": of_question.schema}
        made = known.get(request.match_info["name"])
        if made is None:
            raise Problem("not-found")
        return Given(dumped(made()))

    async def openapi(self, request: web.Request, caller: Caller) -> Given:  # noqa: ARG002
        return Given(dumped(document()))

    async def page(self, request: web.Request, caller: Caller) -> Given:  # noqa: ARG002
        from bot.api.page import PAGE

        return Given(PAGE)

    async def script(self, request: web.Request, caller: Caller) -> Given:  # noqa: ARG002
        from bot.api.page import SCRIPT

        return Given(SCRIPT)

    async def _asked(self, request: web.Request, caller: Caller) -> tuple[Caller, str | Question]:
        """The words or the stated question of a body, and its language; raises Problem."""
        body = await json_body(request, self._bodies)
        return asked_of(body, caller)

    def _said(self, answer: Answer) -> Given:
        if answer.tone == "fault" and answer.reference is None:
            raise Problem("no-prices", headers={"Retry-After": "5"})
        if answer.tone == "fault":
            raise Problem("broken", reference=answer.reference or "")
        body, packed = self._rendered.of(answer)
        return Given(body, lambda: _rows(answer_json(answer)["offers"]), packed=packed)


def asked_of(body: Any, caller: Caller) -> tuple[Caller, str | Question]:
    """`{"words": ...}` or `{"question": {...}}`, with or without `lang`; raises Problem."""
    if not isinstance(body, dict):
        raise Problem("invalid", faults=[Wrong("", "dict_type")])
    faults = [
        Wrong(f"/{name[:60]}", "extra_forbidden")
        for name in body
        if name not in ("words", "question", "lang")
    ]
    lang = body.get("lang")
    if "lang" in body and lang not in LANGS:
        faults.append(Wrong("/lang", "literal_error", LANGS))
    elif lang is not None:
        caller = caller._replace(lang=lang)
    if ("words" in body) == ("question" in body):
        faults.append(Wrong("", "one_of", ("words", "question")))
    asked: str | Question = ""
    if "words" in body:
        words = body["words"]
        if not isinstance(words, str):
            faults.append(Wrong("/words", "string_type"))
        elif not 0 < len(words.strip()) <= LONGEST_WORDS:
            faults.append(Wrong("/words", "string_too_long"))
        else:
            asked = words
    elif "question" in body:
        try:
            asked = question_of(body["question"], caller.reads, at="/question")
        except NotUnderstood as fault:
            faults += fault.faults
    if faults:
        raise Problem("invalid", faults=faults)
    return caller, asked


def lang_of(request: web.Request) -> Lang | None:
    """The language a request names: in its query, else in its header."""
    named = request.query.get("lang") if request.query_string else None
    return next((lang for lang in LANGS if lang == named), None) or accepted(
        request.headers.get("Accept-Language")
    )


def dumped(document: Any) -> bytes:
    """A document as it is sent."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _allowed(route: Route) -> list[str]:
    return [*route.methods, *(["HEAD"] if "GET" in route.methods else [])]


def _kind(request: web.Request, given: Given) -> str:
    """The type the caller likes best of those there are; raises Problem when none suits."""
    offered = [JSON, CSV] if given.rows else [JSON]
    header = request.headers.get("Accept", "*/*")
    if header == "*/*":
        return JSON
    best: tuple[float, str] | None = None
    for part in header[:500].split(","):
        name, _, weight = part.strip().partition(";")
        name = name.strip().lower()
        try:
            liked = float(weight.partition("q=")[2] or 1)
        except ValueError:
            liked = 1.0
        for kind in offered:
            suits = name in (kind, "*/*", kind.partition("/")[0] + "/*")
            if suits and liked > 0 and (best is None or liked > best[0]):
                best = (liked, kind)
    if best is None and given.body:
        raise Problem("not-acceptable", names=offered)
    return best[1] if best else JSON


def _rows(items: Sequence[Mapping[str, Any]]) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    names = list(items[0]) if items else []
    return names, [[item[name] for name in names] for item in items]


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """CSV in which no cell is a formula, whatever a feed called its machine."""
    out = io.StringIO()
    writer = csv.writer(out)
    if names:
        writer.writerow(names)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue().encode()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def _public(request: web.Request, given: Given) -> web.Response:
    """What holds no figure and needs no key: schemas, the OpenAPI document, the page to try it."""
    kind = {"": "text/html", "/": "text/html", "/try.js": "text/javascript"}.get(
        request.path.removeprefix(PREFIX), JSON
    )
    headers = {"Content-Type": f"{kind}; charset=utf-8" if kind != JSON else kind, "Cache-Control": "public, max-age=300"}  # fmt: skip
    if kind == "text/html":
        headers["Content-Security-Policy"] = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"  # fmt: skip
        headers["Referrer-Policy"] = "no-referrer"
    response = web.Response(body=given.body, headers=headers)
    _pack(request, response)
    return response


def _rendered(answer: Answer) -> tuple[bytes, bytes]:
    """The document of an answer as it is sent, plain and by gzip: packing costs more than the rest of
    a remembered answer, so it is done once."""
    body = dumped(answer_json(answer))
    return body, gzip.compress(body, mtime=0) if len(body) > WORTH_PACKING else b""


def _pack(request: web.Request, response: web.Response, packed: bytes = b"") -> None:
    body = response.body
    large = isinstance(body, bytes) and len(body) > WORTH_PACKING
    if not large or "gzip" not in request.headers.get("Accept-Encoding", "").lower():
        return
    if packed:
        response.body = packed
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.enable_compression(web.ContentCoding.gzip)


_NOBODY = Caller("http", Key("", "", frozenset(), "", ""))
"""Who asks for what needs no key."""
ROUTES = (
    Route("/ask", {"POST": HttpApi.ask}),
    Route("/offers", {"GET": HttpApi.offers}, OffersQuery),
    Route("/availability", {"GET": HttpApi.availability}, AvailabilityQuery),
    Route("/history", {"GET": HttpApi.history}, HistoryQuery),
    Route("/providers/{id}", {"GET": HttpApi.provider}, ProviderQuery),
    Route("/sources", {"GET": HttpApi.sources}, SourcesQuery),
    Route("/orders", {"GET": HttpApi.orders, "POST": HttpApi.order}, OrdersQuery),
    Route("/orders/{order}", {"DELETE": HttpApi.end_order}, OrdersQuery),
    Route("/schema/{name}", {"GET": HttpApi.schema}, needs_key=False),
    Route("/openapi.json", {"GET": HttpApi.openapi}, needs_key=False),
    Route("/", {"GET": HttpApi.page}, needs_key=False),
    Route("/try.js", {"GET": HttpApi.script}, needs_key=False),
)
"""Every address of the API; the OpenAPI document is compared with it."""


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of these addresses. One object for all: not to be changed."""
    from bot.api import openapi

    return openapi.document(ROUTES)
