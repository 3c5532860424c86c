"""Who is nobody yet costs little, and closes the door for nobody: before any signature is checked."""

from __future__ import annotations

import asyncio
import gzip
import logging
import resource
import time
from pathlib import Path

import aiohttp
import pytest
from service_parts import process, running, settings
from slack_parts import SIGNING, TOKEN

from bot.app.serve import Service
from bot.core.bodies import Bodies
from bot.core.settings import Settings
from bot.service.pressure import Pressure

PATHS = ("/nothing", "/healthz", "/api/messages", "/slack/events", "/metrics")


def both(folder: Path, **more: str) -> Settings:
    return settings(folder, SLACK_BOT_TOKEN=TOKEN, SLACK_SIGNING_SECRET=SIGNING, **more)  # type: ignore[no-any-return]


async def first_line(service: Service | str, request: bytes) -> bytes:
    address = service if isinstance(service, str) else service.address
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        async with asyncio.timeout(10):
            return await reader.readline()
    finally:
        writer.close()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("packed", ["gzip", "deflate", "br", "GZIP", "gzip, identity"])
async def test_what_comes_packed_is_refused_and_not_unpacked(
    tmp_path: Path, path: str, packed: str
) -> None:
    """Two megabytes that unpack to two gigabytes cost a tenth of a second at most."""
    bomb = gzip.compress(bytes(200_000_000), 9)
    bomb += bytes(2_000_000 - len(bomb))
    async with running(Service(both(tmp_path))) as service:
        host, _, port = service.address.removeprefix("http://").partition(":")
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Encoding: {packed}\r\nContent-Length: {len(bomb)}\r\n\r\n"
        )
        _, writer = await asyncio.open_connection(host, int(port))
        begun = time.process_time()
        writer.write(head.encode() + bomb)
        try:
            async with asyncio.timeout(10):
                await writer.drain()
        except ConnectionError:
            pass  # it has stopped listening
        assert b" 200 " in await first_line(service, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert time.process_time() - begun < 0.1
        writer.close()
        assert b" 415 " in await first_line(service, head.encode())


async def test_half_sent_requests_close_the_door_for_nobody(tmp_path: Path) -> None:
    """Whole headers that could be good, and one byte of a body, as often as there are places: our
    health is told within a second, and so is an answer."""
    with process(tmp_path, SLACK_BOT_TOKEN=TOKEN, SLACK_SIGNING_SECRET=SIGNING) as serving:
        address = await asyncio.to_thread(lambda: serving.address)
        host, _, port = address.removeprefix("http://").partition(":")
        half = (
            "POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 200\r\n"
            f"X-Slack-Request-Timestamp: {int(time.time())}\r\nX-Slack-Signature: v0={'a' * 64}\r\n\r\n{{"
        ).encode()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
        held = []
        try:
            for _ in range(min(2000, min(hard, 4096) - 300)):
                _, writer = await asyncio.open_connection(host, int(port))
                writer.write(half)
                held.append(writer)
            for _ in range(3):
                begun = time.monotonic()
                asked = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                assert b" 200 " in await first_line(address, asked)
                assert time.monotonic() - begun < 1
        finally:
            for writer in held:
                writer.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _kb(pid: int) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
async def test_bodies_of_nobody_take_little_memory(tmp_path: Path) -> None:
    """450 of 520 kB each, all but the last byte sent, with headers that could be good."""
    with process(tmp_path, SLACK_BOT_TOKEN=TOKEN, SLACK_SIGNING_SECRET=SIGNING) as serving:
        address = await asyncio.to_thread(lambda: serving.address)
        host, _, port = address.removeprefix("http://").partition(":")
        before = _kb(serving.process.pid)
        head = (
            "POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 520000\r\n"
            f"X-Slack-Request-Timestamp: {int(time.time())}\r\nX-Slack-Signature: v0={'a' * 64}\r\n\r\n"
        ).encode()
        body = bytes(519_999)
        held, most = [], before

        async def sent() -> None:
            _, writer = await asyncio.open_connection(host, int(port))
            held.append(writer)
            writer.write(head + body)
            try:
                async with asyncio.timeout(3):
                    await writer.drain()
            except (ConnectionError, TimeoutError):
                pass  # it is not taken, as it should

        for start in range(0, 450, 50):
            await asyncio.gather(*(sent() for _ in range(start, start + 50)))
            most = max(most, _kb(serving.process.pid))
        assert b" 200 " in await first_line(address, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert most - before < 64 * 1024
        for writer in held:
            writer.close()


async def test_headers_that_cannot_be_good_are_refused_before_the_body(tmp_path: Path) -> None:
    """No byte of the body was sent, and the answer is there."""
    given = both(
        tmp_path, QUARTERMASTER_DEV="", MICROSOFT_APP_ID="6a7f2c1e-0b3d-4f5a-9c8e-1d2b3a4c5e6f",
        MICROSOFT_APP_PASSWORD="x" * 20, MICROSOFT_APP_TENANT_ID="1f2e3d4c-5b6a-4788-9990-a1b2c3d4e5f6",
        QUARTERMASTER_TEAMS_OPENID_METADATA_URL="http://127.0.0.1:9/meta",
    )  # fmt: skip
    old = int(time.time()) - 3600
    async with running(Service(given)) as service:
        for path, headers in (
            ("/slack/events", ""),
            ("/slack/events", f"X-Slack-Request-Timestamp: {int(time.time())}\r\n"),
            ("/slack/events", f"X-Slack-Request-Timestamp: {old}\r\nX-Slack-Signature: v0={'a' * 64}\r\n"),
            ("/api/messages", ""),
            ("/api/messages", "Authorization: Bearer x\r\n"),
        ):  # fmt: skip
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n"
            line = await first_line(service, f"{head}{headers}\r\n".encode())
            assert b" 401 " in line, (path, headers)


async def test_what_cannot_be_read_is_one_line_without_what_was_sent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No error, no trace, no 5xx, no banner of a library."""
    given = both(tmp_path)
    secret = b"hunter2-planted"
    async with running(Service(given)) as service:
        caplog.set_level(logging.INFO)
        host, _, port = service.address.removeprefix("http://").partition(":")
        for sent in (
            b"GET / HTTP/1.1\r\nX: " + secret + b"a" * 40_000 + b"\r\n\r\n",
            b"NONSENSE " + secret + b"\r\n\r\n",
            b"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz" + secret,
        ):  # fmt: skip
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(sent)
            writer.write_eof()
            async with asyncio.timeout(10):
                answer = await reader.read()
            assert not answer or b" 400 " in answer.splitlines()[0]
            assert b"ython" not in answer
            assert secret not in answer
            writer.close()
        # Hung up within the body.
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
        )
        await writer.drain()
        writer.close()
        assert b" 200 " in await first_line(service, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert secret.decode() not in caplog.text


async def test_strangers_learn_nothing_from_readiness_and_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(Service(both(tmp_path))) as service, aiohttp.ClientSession() as session:
        monkeypatch.setattr(
            service._state, "not_ready", lambda: "cannot connect to db.internal.example:5432"
        )
        async with session.get(f"{service.address}/readyz") as answer:
            assert (answer.status, await answer.text()) == (503, "state\n")
        async with session.get(f"{service.address}/metrics") as answer:
            assert answer.status == 200
        for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            headers = {name: "203.0.113.7"}
            async with session.get(f"{service.address}/metrics", headers=headers) as answer:
                assert answer.status == 401
    assert any("db.internal.example" in reason for reason in [service._state.not_ready() or ""])


async def test_bodies_held_back_make_room_for_others() -> None:
    """The oldest goes; what alone is too large is declined."""

    class Asked:
        def __init__(self, size: int, *, whole: bool) -> None:
            self.content_length, self._whole = size, asyncio.Event()
            self.cut = False
            self.protocol = self
            if whole:
                self._whole.set()

        def force_close(self) -> None:
            self.cut = True

        async def read(self) -> bytes:
            await self._whole.wait()
            return bytes(self.content_length)

    bodies = Bodies(most=100)
    slow = Asked(80, whole=False)
    waiting = asyncio.create_task(bodies.read(slow, 100))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    assert len(await bodies.read(Asked(50, whole=True), 100)) == 50  # type: ignore[arg-type]
    assert slow.cut
    with pytest.raises(aiohttp.web.HTTPServiceUnavailable):
        await bodies.read(Asked(101, whole=True), 200)  # type: ignore[arg-type]
    waiting.cancel()


async def test_one_workspace_cannot_take_everybodys_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds half of the places at most while others wait; in a rush who asks most is declined;
    and there is an allowance for each."""
    given = settings(
        tmp_path, QUARTERMASTER_ANSWER_THREADS="2", QUARTERMASTER_ANSWERS_WAITING="18",
        QUARTERMASTER_WORKSPACE_COMMANDS_PER_MINUTE="200",
    )  # fmt: skip
    from bot.core.desk import Asker

    async with running(Service(given)) as service:
        loud, calm = (
            Asker(platform="slack", workspace="slack:T1"),
            Asker(platform="slack", workspace="slack:T2"),
        )
        asked = [
            asyncio.create_task(service.core(f"A100 below ${n}", calm if n % 15 == 14 else loud))
            for n in range(60)
        ]
        answers = await asyncio.gather(*asked)
        kind = [one.headline.startswith("Many questions") for one in answers]
        assert sum(kind[n] for n in range(60) if n % 15 != 14) > 30
        assert not any(kind[n] for n in range(60) if n % 15 == 14)
        monkeypatch.setattr(Pressure, "late", 1.0)
        service.pressure.inside += 1000
        turned = [service.core.turned_away("slack", "slack:T1") for _ in range(50)]
        assert all(turned[1:])
        assert not any(service.core.turned_away("slack", "slack:T2") for _ in range(9))
        service.pressure.inside -= 1000
        many = [await service.core("help", loud) for _ in range(200)]
        assert many[-1].headline.startswith("Many questions")
        assert service.core.turned_away("slack", "slack:T1")
        assert not (await service.core("help", calm)).headline.startswith("Many questions")
