"""What is too large or too strange is refused cheaply, and hurts nobody else."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
from service_parts import running, settings
from slack_parts import SIGNING, TOKEN
from teams_parts import activity, connector

from bot.app.serve import Service
from bot.core.desk import Asker


async def raw(service: Service, request: bytes) -> bytes:
    """The first line of the answer to these bytes."""
    host, _, port = service.address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        async with asyncio.timeout(10):
            return await reader.readline()
    finally:
        writer.close()


@pytest.mark.parametrize("path", ["/slack/events", "/api/messages"])
async def test_oversized_requests_are_refused_cheaply(tmp_path: Path, path: str) -> None:
    given = settings(tmp_path, SLACK_BOT_TOKEN=TOKEN, SLACK_SIGNING_SECRET=SIGNING)
    async with running(Service(given)) as service:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
        assert b" 413 " in await raw(service, head + b"Content-Length: 99999999\r\n\r\n{")
        assert b" 400 " in await raw(service, head + b"X-Long: " + b"a" * 40_000 + b"\r\n\r\n")
        many = b"".join(b"X-%d: 1\r\n" % number for number in range(300))
        assert b" 400 " in await raw(service, head + many + b"\r\n")
        assert b" 400 " in await raw(service, b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n")
        chunks = b"Transfer-Encoding: chunked\r\n\r\n" + b"fffff\r\n" + b"a" * 0xFFFFF + b"\r\n"
        assert b" 4" in await raw(service, head + chunks + b"0\r\n\r\n")
        assert (await service.core("help", Asker())).headline


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{" * 5000, b'{"type": 1}', b"\xff\xfe", b'{"type":"message"}']
)
async def test_strange_bodies_never_become_a_server_error(tmp_path: Path, body: bytes) -> None:
    given = settings(tmp_path, SLACK_BOT_TOKEN=TOKEN, SLACK_SIGNING_SECRET=SIGNING)
    async with running(Service(given)) as service, aiohttp.ClientSession() as session:
        for path in ("/slack/events", "/api/messages"):
            headers = {"Content-Type": "application/json"}
            async with session.post(service.address + path, data=body, headers=headers) as answer:
                assert 400 <= answer.status < 500
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "GET"):
            async with session.request(method, service.address + "/api/messages") as answer:
                assert answer.status == 405


async def closed(service: Service, *pieces: bytes) -> bytes:
    """What comes back for these bytes until the other side closes, which it does by itself."""
    host, _, port = service.address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(30):
            return await reader.read()
    finally:
        writer.close()


async def test_who_never_finishes_a_request_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headers that trickle, nothing at all, half a second request; whoever asks is answered."""
    monkeypatch.setattr("bot.service.door.HEADERS_SECONDS", 0.2)
    monkeypatch.setattr("bot.app.serve.IDLE_SECONDS", 0.4)
    whole = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    async with running(Service(settings(tmp_path))) as service:
        assert await closed(service, b"GET /healthz HTTP/1.1\r\n", b"X-Slow: 1\r\n") == b""
        assert await closed(service) == b""
        assert b" 200 OK" in await closed(service, whole, b"GET /healthz HT")
        assert b" 200 OK" in await closed(service, whole[:-2], b"Connection: close\r\n\r\n")


async def test_only_so_many_connections_are_open_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has not said what they want makes room for who comes; where all have, one more is told to
    come again, at once, but for who asks for our health."""
    monkeypatch.setattr("bot.service.door.MAX_CONNECTIONS", 3)
    monkeypatch.setattr("bot.service.door.FOR_HEALTH", 1)
    asked = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    last = asked[:-2] + b"Connection: close\r\n\r\n"
    async with running(Service(settings(tmp_path))) as service:
        host, _, port = service.address.removeprefix("http://").partition(":")
        held = [await asyncio.open_connection(host, int(port)) for _ in range(3)]
        assert b" 200 OK" in await closed(service, last)
        assert await held[0][0].read() == b""
        for reader, writer in held[1:]:
            writer.write(asked)
            await reader.readuntil(b"alive\n")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(asked)
        await reader.readuntil(b"alive\n")
        assert b" 503 " in await closed(service, last.replace(b"healthz", b"nothing"))
        assert b" 200 OK" in await closed(service, last)
        kept = await asyncio.open_connection(host, int(port))
        kept[1].write(asked)
        await kept[0].readuntil(b"alive\n")
        assert b" 503 " in await closed(service, last)
        for _, open_one in (*held, (reader, writer), kept):
            open_one.close()
        async with asyncio.timeout(10):
            while b" 200 OK" not in await closed(service, last):
                pass  # the service hears of a closed connection a moment later


async def test_connections_of_a_rush_end_with_their_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until few are left; those are kept."""
    monkeypatch.setattr("bot.service.door.KEPT", 2)
    monkeypatch.setattr("bot.service.web.LATE", 60.0)
    asked = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    async with running(Service(settings(tmp_path))) as service:
        host, _, port = service.address.removeprefix("http://").partition(":")
        held = [await asyncio.open_connection(host, int(port)) for _ in range(4)]
        kept = []
        for reader, writer in held:
            writer.write(asked)
            head = await reader.readuntil(b"alive\n")
            kept.append(b"Connection: close" not in head)
            gone = 4 - len(kept)
            while not kept[-1] and len(service.door._handlers.connections) > gone:  # noqa: ASYNC110
                await asyncio.sleep(0)  # it hears of its end a moment later
        assert kept == [False, False, True, True]
        for _, writer in held:
            writer.close()


def test_a_process_that_may_open_few_files_takes_fewer_connections() -> None:
    """It asks for what it may have, and leaves room for databases and logs."""
    code = (
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (300, 600));"
        "from bot.service.door import files; print(files(), r.getrlimit(r.RLIMIT_NOFILE)[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["600", "600"]


async def test_a_question_of_a_megabyte_is_a_question_like_others(tmp_path: Path) -> None:
    async with running(Service(settings(tmp_path))) as service, connector() as teams:
        answer = await service.core("cheapest A100 " * 70_000, Asker(platform="slack"))
        assert answer.tone != "fault"
        assert len(json.dumps(activity(teams.url, answer.headline))) < 5_000
