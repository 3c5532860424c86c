"""Fetching: what a server may do, and the one line it ends in. Every case is real HTTP."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from feeds.server import FeedServer, Reply, Request, as_json

from knowledge.feeds.bodies import KeptBodies
from knowledge.feeds.fetching import Fetcher, Limits, SourceHttp
from knowledge.feeds.network import is_public
from knowledge.feeds.source import FetchFault, Source

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
QUICK = Limits(
    connect_s=2, read_s=0.4, total_s=1.0, tries=3, backoff_s=0.01, patience_s=1,
    body_bytes=1_000_000, source_bytes=3_000_000,
)  # fmt: skip
GOOD = as_json([{"price": 1}])


async def _nothing(_: object) -> list[Any]:
    return []


SOURCE = Source(
    name="azure",
    title="A feed",
    page="https://feed.example/pricing",
    base_url="https://feed.example",
    good_for=timedelta(hours=24),
    providers=("azure",),
    fetch=_nothing,
    parse=list,
    extra_hosts=("mirror.example",),
)
KEYED = replace(SOURCE, key_setting="QUARTERMASTER_FEED_KEY")
KEY = "sk-very-secret-123"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


@asynccontextmanager
async def fetching(
    server: FeedServer | None,
    *,
    source: Source = SOURCE,
    keep: Path | None = None,
    limits: Limits = QUICK,
) -> AsyncIterator[SourceHttp]:
    async with Fetcher(
        clock=lambda: NOW,
        contact="https://acme.example/bot",
        keep=keep,
        environ={"QUARTERMASTER_FEED_KEY": KEY},
        addresses={source.name: server.url} if server else {},
        limits=limits,
    ) as fetcher:
        yield fetcher.http(source)


async def fault_of(http: SourceHttp, path: str = "/prices", **more: Any) -> FetchFault:
    with pytest.raises(FetchFault) as raised:
        await http.get(path, **more)
    line = str(raised.value)
    assert "\n" not in line
    assert len(line) <= 300
    assert "Traceback" not in line
    return raised.value


async def test_a_good_answer(server: FeedServer) -> None:
    """Body, stamp, tag and address come through; we say who asks."""
    server.serve(
        "/prices?page=1", as_json([1], headers={"Last-Modified": "Mon, 23 Nov 2026 08:00:00 GMT"})
    )
    async with fetching(server) as http:
        payload = await http.get("/prices", params={"page": "1"}, tag="one")
    assert payload.body == b"[1]"
    assert payload.tag == "one"
    assert payload.fetched_at == NOW
    assert payload.last_modified == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert payload.url == f"{server.url}/prices?page=1"
    assert server.requests[0].headers["user-agent"].startswith("quartermaster/")
    assert "(+https://acme.example/bot)" in server.requests[0].headers["user-agent"]


async def test_gzip_is_unpacked(server: FeedServer) -> None:
    """Asked for, and taken apart by ourselves within the bound."""
    server.serve("/prices", Reply(gzip.compress(b"[1]"), headers={"Content-Encoding": "gzip"}))
    async with fetching(server) as http:
        assert (await http.get("/prices")).body == b"[1]"
    assert server.requests[0].headers["accept-encoding"] == "gzip"


async def test_a_post_carries_its_json(server: FeedServer) -> None:
    """GraphQL feeds ask by POST."""
    server.serve("/graphql", lambda request: Reply(request.body))
    async with fetching(server) as http:
        assert (await http.post("/graphql", json={"q": 1})).body == b'{"q":1}'


def _packed(body: bytes) -> Reply:
    return Reply(body, headers={"Content-Encoding": "gzip"})


PLAIN_FAULTS: dict[str, tuple[Reply, str]] = {
    "an empty body": (Reply(b""), "empty body"),
    "HTML where JSON was due": (
        Reply(b"<!DOCTYPE html><title>Just a moment</title>", content_type="text/html"),
        'sent HTML where JSON was due ("Just a moment")',
    ),
    "HTML that calls itself JSON": (Reply(b"  <html><body>Sorry"), "HTML where JSON was due"),
    "a wrong content type": (Reply(b"[1]", content_type="image/png"), "image/png where JSON"),
    "text where JSON was due": (Reply(b"contact us"), "no JSON"),
    "gzip that is none": (_packed(b"[1]"), "says gzip and is not"),
    "gzip cut off": (_packed(gzip.compress(b"[1]" * 999)[:-12]), "cut off"),
    "gzip with a wrong checksum": (
        _packed(gzip.compress(b"[1]")[:-8] + b"\0" * 8),
        "says gzip and is not",
    ),
    "gzip with a tail": (_packed(gzip.compress(b"[1]") + b"more"), "behind the end"),
    "gzip nobody mentioned": (Reply(gzip.compress(b"[1]")), "no JSON"),
    "gzip bomb": (_packed(gzip.compress(b"0" * 50_000_000)), "larger than 1 MB"),
    "brotli nobody asked for": (Reply(b"x", headers={"Content-Encoding": "br"}), "not asked for"),
    "a body too large": (Reply(b"[" + b"1," * 800_000 + b"1]"), "refused"),
    "401": (Reply(b"{}", 401), "401 Unauthorized"),
    "403": (Reply(b"{}", 403), "403 Forbidden"),
    "404": (Reply(b"{}", 404), "404 Not Found"),
    "304 without being asked": (Reply(b"", 304), "304 Not Modified"),
    "a redirect to another host": (
        Reply(b"", 302, headers={"Location": "https://evil.example/prices"}),
        "evil.example/prices, which is not one of its hosts; refused",
    ),
    "a redirect to a private address": (
        Reply(b"", 302, headers={"Location": "http://169.254.169.254/latest/meta-data"}),
        "169.254.169.254/latest/meta-data, which is not one of its hosts",
    ),
    "a redirect to another port of ours": (
        Reply(b"", 302, headers={"Location": "http://127.0.0.1:1/prices"}),
        "not one of its hosts",
    ),
    "a redirect to a file": (
        Reply(b"", 302, headers={"Location": "file:///etc/passwd"}),
        "refused",
    ),
    "a redirect with a user in it": (
        Reply(b"", 302, headers={"Location": "https://feed.example@evil.example/"}),
        "refused",
    ),
    "a redirect to nowhere": (Reply(b"", 302, headers={"Location": "http://[::1"}), "no address"),
    "a redirect loop": (Reply(b"", 302, headers={"Location": "/prices"}), "in a loop"),
    "patience beyond ours": (
        Reply(b"", 429, headers={"Retry-After": "3600"}),
        "asks for 3600 seconds of silence",
    ),
}


@pytest.mark.parametrize("name", PLAIN_FAULTS)
async def test_a_fault_that_trying_again_does_not_mend(server: FeedServer, name: str) -> None:
    """One request, one readable line."""
    reply, words = PLAIN_FAULTS[name]
    server.serve("/prices", reply)
    async with fetching(server) as http:
        fault = await fault_of(http)
    assert words in str(fault)
    assert str(fault).startswith(f"127.0.0.1:{server.port}/prices: ")
    assert len(server.requests) == 1
    if reply.status not in {200, 302}:
        assert fault.status == reply.status


async def _endless(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while True:
        writer.write(b"1," * 50_000)
        await writer.drain()


async def _a_byte_a_moment(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while True:
        writer.write(b"1")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _silent(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    await writer.drain()
    await asyncio.sleep(30)


async def _cut(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n["
    )


async def _no_http(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 smtp ready\r\n")


async def _hang_up(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _huge_head(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 500_000 + b"\r\n\r\n[]")
    await writer.drain()


RAW_FAULTS: dict[str, tuple[Any, str, int]] = {
    "a body that never ends": (_endless, "larger than 1 MB", 1),
    "a byte a moment": (_a_byte_a_moment, "sent next to nothing for 0.08 seconds (2 tries)", 2),
    "silence in the middle": (_silent, "silent for 0.08 seconds (2 tries)", 2),
    "a body shorter than promised": (_cut, "broke off in the middle", 3),
    "no HTTP at all": (_no_http, "does not speak HTTP", 3),
    "a hang-up": (_hang_up, "broke off in the middle", 3),
    "a head without end": (_huge_head, "does not speak HTTP", 3),
}


@pytest.mark.parametrize("name", RAW_FAULTS)
async def test_a_server_that_breaks_the_rules(server: FeedServer, name: str) -> None:
    """Bounded in time and memory; what may pass by itself is tried again."""
    writing, words, requests = RAW_FAULTS[name]
    server.serve_raw("/prices", writing)
    async with fetching(server) as http:
        assert words in str(await fault_of(http))
    assert len(server.requests) == requests


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_what_passes_by_itself_is_tried_again(server: FeedServer, status: int) -> None:
    """429 and 5xx only, and only so often."""
    server.serve("/prices", [Reply(b"", status), Reply(b"", status), GOOD])
    async with fetching(server) as http:
        assert (await http.get("/prices")).body == GOOD.body
    server.serve("/prices", Reply(b"", status))
    async with fetching(server) as http:
        fault = await fault_of(http)
    assert f"answered {status}" in str(fault)
    assert "(3 tries)" in str(fault)
    assert fault.status == status
    assert len(server.requests) == 6


@pytest.mark.parametrize("when", ["0", "Tue, 24 Nov 2026 09:00:00 GMT", "soon"])
async def test_retry_after_is_heeded(server: FeedServer, when: str) -> None:
    """In seconds, as a date, or, when it says nothing, our own backoff."""
    server.serve("/prices", [Reply(b"", 503, headers={"Retry-After": when}), GOOD])
    async with fetching(server) as http:
        assert (await http.get("/prices")).body == GOOD.body


async def test_a_host_that_asked_for_silence_gets_it_from_everyone(server: FeedServer) -> None:
    """Retry-After holds for the host, not for one request."""
    server.serve("/a", [Reply(b"", 429, headers={"Retry-After": "1"}), GOOD])
    async with fetching(server) as http:
        lane = http._fetcher.lane(("127.0.0.1", server.port))
        arrived: list[float] = []
        server.serve("/b", lambda _: (arrived.append(time.monotonic()), GOOD)[1])
        first = asyncio.create_task(http.get("/a"))
        while not lane.quiet_until:  # noqa: ASYNC110  nobody signals what the server said
            await asyncio.sleep(0.01)
        await http.get("/b")
        assert arrived[0] >= lane.quiet_until - 0.01
        await first


async def test_a_redirect_on_its_own_host_is_followed(server: FeedServer) -> None:
    """By hand, relative or absolute."""
    server.serve("/prices", Reply(b"", 301, headers={"Location": "/v2/prices"}))
    server.serve("/v2/prices", Reply(b"", 307, headers={"Location": f"{server.url}/v3"}))
    server.serve("/v3", GOOD)
    async with fetching(server) as http:
        payload = await http.get("/prices")
    assert payload.body == GOOD.body


async def test_a_long_chain_of_redirects_ends(server: FeedServer) -> None:
    """A loop that never repeats an address is one all the same."""
    server.otherwise(
        lambda request: Reply(
            b"", 302, headers={"Location": f"/x{len(request.path)}{request.path}"}
        )
    )
    async with fetching(server) as http:
        assert "in a loop" in str(await fault_of(http))
    assert len(server.requests) <= QUICK.redirects + 1


async def test_a_post_is_not_redirected(server: FeedServer) -> None:
    server.serve("/graphql", Reply(b"", 307, headers={"Location": "/other"}))
    async with fetching(server) as http:
        with pytest.raises(FetchFault, match="in answer to a POST"):
            await http.post("/graphql", json={})


async def test_a_feeds_own_next_page_link_goes_to_the_mirror(server: FeedServer) -> None:
    """The real host's address, asked at the operator's own; another host's is refused."""
    server.serve("/prices?skip=100", GOOD)
    async with fetching(server) as http:
        assert (await http.get("https://feed.example/prices?skip=100")).body == GOOD.body
        assert (await http.get("https://mirror.example/prices?skip=100")).body == GOOD.body
        assert (await http.get(f"{server.url}/prices?skip=100")).body == GOOD.body
        assert (await http.get("/prices?skip=100", base="https://mirror.example")).body == GOOD.body
        for other in (
            "https://evil.example/p",
            "http://feed.example/p",
            "https://feed.example:8443/p",
        ):
            assert "not one of this source's hosts" in str(await fault_of(http, other))


async def test_paging_that_does_not_end_ends(server: FeedServer) -> None:
    server.serve("/prices", GOOD)
    async with fetching(server, limits=replace(QUICK, requests=5)) as http:
        for _ in range(5):
            await http.get("/prices")
        assert "its paging does not end" in str(await fault_of(http))


async def test_a_source_may_hold_so_much_and_no_more(server: FeedServer) -> None:
    """Bodies are bounded one by one and together."""
    server.serve("/prices", Reply(b"[" + b" " * 900_000 + b"]"))
    async with fetching(server) as http:
        for _ in range(3):
            await http.get("/prices")
        assert "refused" in str(await fault_of(http))


async def test_a_host_is_asked_by_few_at_a_time(server: FeedServer) -> None:
    server.latency = 0.02
    server.serve("/prices", GOOD)
    async with fetching(server, limits=replace(QUICK, per_host=2)) as http:
        await asyncio.gather(*(http.get("/prices") for _ in range(8)))
    assert server.most_at_once == 2


# -- conditional requests --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "value", "asked"),
    [
        ("ETag", '"v1"', "if-none-match"),
        ("Last-Modified", "Mon, 23 Nov 2026 08:00:00 GMT", "if-modified-since"),
    ],
)
async def test_an_unchanged_body_is_not_sent_again(
    server: FeedServer, tmp_path: Path, header: str, value: str, asked: str
) -> None:
    """ETag and Last-Modified: the body that was understood stands for a 304."""

    def answer(request: Request) -> Reply:
        known = request.headers.get(asked) == value
        return Reply(b"", 304) if known else Reply(b"[1]", headers={header: value})

    server.serve("/prices", answer)
    for turn in range(3):
        async with fetching(server, keep=tmp_path) as http:
            payload = await http.get("/prices")
            assert payload.body == b"[1]"
            assert http.spent.unchanged == (turn == 2)
            if turn == 1:  # what was not understood the first time was not kept
                await http.keep()
    assert [asked in request.headers for request in server.requests] == [False, False, True]
    if header == "Last-Modified":
        assert payload.last_modified == datetime(2026, 11, 23, 8, tzinfo=UTC)


def _shorten(folder: Path) -> None:
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:-4])


async def test_a_damaged_kept_body_is_asked_for_again(server: FeedServer, tmp_path: Path) -> None:
    server.serve("/prices", Reply(b"[1]", headers={"ETag": '"v1"'}))
    async with fetching(server, keep=tmp_path) as http:
        await http.get("/prices")
        await http.keep()
    _shorten(tmp_path)
    async with fetching(server, keep=tmp_path) as http:
        assert (await http.get("/prices")).body == b"[1]"
    assert "if-none-match" not in server.requests[-1].headers


def test_kept_bodies_do_not_grow_for_ever(tmp_path: Path) -> None:
    """What nobody asked for in a fortnight goes."""
    import os

    (tmp_path / "old").write_bytes(b"x")
    (tmp_path / "new").write_bytes(b"x")
    then = (NOW - timedelta(days=20)).timestamp()
    os.utime(tmp_path / "old", (then, then))
    os.utime(tmp_path / "new", (NOW.timestamp(), NOW.timestamp()))
    KeptBodies(tmp_path).tidy(NOW)
    assert [file.name for file in tmp_path.iterdir()] == ["new"]


# -- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404, 500])
async def test_a_key_is_in_no_message(
    server: FeedServer, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in a fault, not in an address, not in a log, and not at another host."""
    caplog.set_level("DEBUG")
    server.serve("/skus", Reply(KEY.encode(), status))
    async with fetching(server, source=KEYED) as http:
        key = http.key()
        assert key == KEY
        fault = await fault_of(
            http, "/skus", params={"key": key}, headers={"Authorization": f"Bearer {key}"}
        )
        text = str(fault)
        if status in {401, 403}:
            assert "check QUARTERMASTER_FEED_KEY" in text
        assert KEY in server.requests[0].target
        server.serve("/skus", GOOD)
        assert KEY not in (await http.get("/skus", params={"key": key})).url
    assert KEY not in text + caplog.text


async def test_a_missing_key_is_named() -> None:
    async with Fetcher(clock=lambda: NOW) as fetcher:
        with pytest.raises(FetchFault, match="set QUARTERMASTER_FEED_KEY"):
            fetcher.http(KEYED).key()


# -- addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("not an address", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_a_name_that_leads_to_a_private_address_is_refused(
    server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The documented host itself, when its name resolves to us: nothing is sent."""
    loop = asyncio.get_running_loop()

    async def resolved(host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", ("127.0.0.1", server.port))]

    monkeypatch.setattr(loop, "getaddrinfo", resolved)
    async with fetching(None) as http:
        assert "leads to a private address (127.0.0.1); refused" in str(await fault_of(http))
    assert server.requests == []


async def test_a_host_that_cannot_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network fault is tried again, then told in words."""
    loop = asyncio.get_running_loop()

    async def resolved(*_: Any, **__: Any) -> list[Any]:
        raise OSError("no")

    monkeypatch.setattr(loop, "getaddrinfo", resolved)
    async with fetching(None) as http:
        assert "feed.example/prices: cannot be found" in str(await fault_of(http))


@pytest.mark.parametrize(
    ("expect", "reply"),
    [
        ("csv", Reply(b"a,b\n1,2\n", content_type="text/csv; charset=utf-8")),
        ("csv", Reply(b"a,b\n1,2\n", content_type="application/octet-stream")),
        ("zip", Reply(b"PK\x05\x06" + bytes(18), content_type="application/zip")),
        ("html", Reply(b"<!doctype html><p>$1", content_type="text/html")),
        ("xml", Reply(b"<?xml version='1.0'?><a/>", content_type="text/xml")),
        ("text", Reply(b"# Prices", content_type="text/markdown")),
        ("json", Reply(b'{"a": 1}', content_type="application/vnd.api+json")),
        ("json", Reply(b"\xef\xbb\xbf[1]", content_type="text/plain")),
    ],
)
async def test_bodies_of_every_kind(server: FeedServer, expect: Any, reply: Reply) -> None:
    server.serve("/prices", reply)
    async with fetching(server) as http:
        assert (await http.get("/prices", expect=expect)).body == reply.body


@pytest.mark.parametrize(
    ("expect", "reply"),
    [
        ("csv", Reply(b"<html>", content_type="text/csv")),
        ("csv", Reply(b"{}", content_type="application/json")),
        ("zip", Reply(b"a,b", content_type="application/zip")),
        ("html", Reply(b"nothing", content_type="text/html")),
        ("xml", Reply(b"<html>", content_type="text/xml")),
        ("text", Reply(b"a\0b", content_type="text/plain")),
    ],
)
async def test_bodies_of_another_kind(server: FeedServer, expect: Any, reply: Reply) -> None:
    server.serve("/prices", reply)
    async with fetching(server) as http:
        await fault_of(http, expect=expect)


async def test_one_silent_part_leaves_time_for_the_others(server: FeedServer) -> None:
    """Waited for in full once; later silences of the same source are cut short."""
    server.serve_raw("/slow", _silent)
    server.serve("/prices", GOOD)
    async with fetching(server) as http:
        for _ in range(3):
            with pytest.raises(FetchFault, match="silent"):
                await http.get("/slow")
            assert (await http.get("/prices")).body == GOOD.body
    slow = sum(request.path == "/slow" for request in server.requests)
    assert slow == 4  # tried again the first time only
