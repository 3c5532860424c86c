"""What the feeds answer in tests: `feeds/payloads/<source>/routes.toml` (see feeds/README.md)."""

from __future__ import annotations

import asyncio
import io
import tomllib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from knowledge.facts import accelerators, regions
from knowledge.feeds.source import FetchFault, NotUnderstood, Payload, RawOffer, Row, Source
from knowledge.sources import SOURCES

PAYLOADS = Path(__file__).parent.parent / "feeds" / "payloads"
KEY = "test-key"
FETCHED_AT = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
TYPES = {
    ".json": "application/json",
    ".csv": "text/csv",
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".xml": "text/xml",
    ".txt": "text/plain",
}


@dataclass(frozen=True)
class Answered:
    """One HTTP answer."""

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Route:
    """One line of routes.toml."""

    path: str
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
    file: str | None = None
    zip: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def fits(self, method: str, path: str, query: Mapping[str, str], sent: Any) -> bool:
        """Whether this route answers that request."""
        return (
            (self.method, self.path) == (method, path)
            and all(query.get(name) == value for name, value in self.query.items())
            and all(
                isinstance(sent, dict) and value in str(sent.get(name, ""))
                for name, value in self.body.items()
            )
        )


@dataclass(frozen=True)
class Routes:
    """Everything one source's feed answers."""

    folder: Path
    routes: tuple[Route, ...]

    @classmethod
    def of(cls, name: str) -> Routes:
        """The routes of one source."""
        folder = PAYLOADS / name
        table = tomllib.loads((folder / "routes.toml").read_text("utf-8"))
        return cls(folder, tuple(Route(**route) for route in table["route"]))

    def answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Answered:
        """What the feed answers; 404 where no route fits, 401 where the key is missing."""
        query = query or {}
        given = {**query, **{name.lower(): value for name, value in (headers or {}).items()}}
        fitting = [route for route in self.routes if route.fits(method, path, query, json)]
        if not fitting:
            return Answered(404, b"not found", "text/plain", {})
        route = max(fitting, key=lambda one: len(one.query) + len(one.body))
        for name, value in route.needs.items():
            if value not in (given.get(name), given.get(name.lower())):
                return Answered(401, b"no key", "text/plain", {})
        body, content_type = self._body(route)
        return Answered(route.status, body, content_type, route.headers)

    def _body(self, route: Route) -> tuple[bytes, str]:
        if route.zip:
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for member, file in route.zip.items():
                    archive.writestr(
                        zipfile.ZipInfo(member), (self.folder / file).read_bytes(), 8, 6
                    )
            return packed.getvalue(), "application/zip"
        if route.file is None:
            return b"", "text/plain"
        path = self.folder / route.file
        return path.read_bytes(), TYPES[path.suffix]


@dataclass
class Wire:
    """An `Http` that asks the routes instead of a network, and remembers what was asked."""

    source: Source
    asked: list[str] = field(default_factory=list)

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Literal["json", "csv", "zip", "html", "xml", "text"] = "json",
        tag: str = "",
        base: str | None = None,
    ) -> Payload:
        """GET, as `knowledge.feeds.source.Http` says."""
        return self._sent("GET", path, params, headers, None, tag, base)

    async def post(
        self,
        path: str,
        *,
        json: Any,
        headers: Mapping[str, str] | None = None,
        expect: Literal["json"] = "json",
        tag: str = "",
    ) -> Payload:
        """POST, as `knowledge.feeds.source.Http` says."""
        return self._sent("POST", path, None, headers, json, tag, None)

    def key(self) -> str:
        """The operator's key."""
        assert self.source.key_setting, f"{self.source.name} has no key"
        return KEY

    def _sent(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        json: Any,
        tag: str,
        base: str | None,
    ) -> Payload:
        hosts = {urlsplit(self.source.base_url).netloc, *self.source.extra_hosts}
        base = base or self.source.base_url
        parts = urlsplit(path)
        if parts.scheme:
            base, path = (
                f"{parts.scheme}://{parts.netloc}",
                parts._replace(scheme="", netloc="").geturl(),
            )
        assert urlsplit(base).netloc in hosts, f"{base} is no documented host"
        assert path.startswith("/"), path
        query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **(params or {})}
        bare = urlsplit(path).path
        self.asked.append(f"{method} {base}{bare}" + (f"?{urlencode(query)}" if query else ""))
        done = Routes.of(self.source.name).answer(method, unquote(bare), query, headers, json)
        if done.status != 200:
            raise FetchFault(f"HTTP {done.status}", done.status)
        stamp = done.headers.get("Last-Modified")
        return Payload(
            url=self.asked[-1].split(" ", 1)[1],
            body=done.body,
            fetched_at=FETCHED_AT,
            last_modified=parsedate_to_datetime(stamp) if stamp else None,
            tag=tag,
        )


def fetched(name: str) -> Sequence[Payload]:
    """What a source's own `fetch` brings home from its routes."""
    source = SOURCES[name]
    return asyncio.run(source.fetch(Wire(source)))


def parsed(name: str) -> list[Row]:
    """Every row that the source reads in them."""
    return list(SOURCES[name].parse(fetched(name)))


def offers(name: str) -> list[RawOffer]:
    """The offers among them."""
    return [row for row in parsed(name) if isinstance(row, RawOffer)]


def not_understood(name: str) -> set[tuple[str, str]]:
    """(name, why) of the rows that the source could not read."""
    return {(row.name, row.why) for row in parsed(name) if isinstance(row, NotUnderstood)}


def unresolved(rows: Sequence[RawOffer]) -> tuple[set[str], set[str]]:
    """Names of cards and codes of regions that our tables do not know."""
    cards = {row.accelerator_name for row in rows if row.accelerator_name}
    places = {
        f"{row.provider} {row.region}"
        for row in rows
        if row.region
        and row.region != "global"
        and not row.country
        and regions.place(row.provider, row.region) is None
    }
    return {card for card in cards if accelerators.resolve_feed_name(card) is None}, places


def altered(name: str, change: Callable[[bytes], bytes], tag: str | None = None) -> list[Payload]:
    """The payloads of a source, one of them (by tag; the first) or all alike changed."""
    payloads = list(fetched(name))
    wanted = payloads[0].tag if tag is None else tag
    return [replace(one, body=change(one.body)) if one.tag == wanted else one for one in payloads]


def parse(name: str, payloads: Sequence[Payload]) -> list[Row]:
    """Every row that the source reads in these payloads."""
    return list(SOURCES[name].parse(payloads))
