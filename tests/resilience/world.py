"""What surrounds the service while it is tried: Slack's Web API, Teams' connector, a proxy before
its database, and the service itself as a process of its own, without privileges."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

ROOT = Path(__file__).parent.parent.parent
SIGNING = "resilience-signing-secret"
TENANT = "1f2e3d4c-5b6a-4788-9990-a1b2c3d4e5f6"
_number = count(1)

CARDS = ("A100", "H100", "H200", "L40S", "B200", "A10G", "L4", "MI300X")
NONSENSE = ("purple monkey dishwasher", "asdf qwer", "???", "how is the weather")


def words(rng: random.Random) -> str:
    """The mix: 70 % cheapest, 10 % compare, 10 % advise, 5 % chart, 5 % nonsense."""
    card, other = rng.sample(CARDS, 2)
    dice = rng.random()
    if dice < 0.7:
        where = rng.choice(("", " europe", " us", " spot"))
        return f"cheapest {rng.choice((1, 4, 8))}x {card}{where}"
    if dice < 0.8:
        return f"compare {card} vs {other}"
    if dice < 0.9:
        return f"should we use spot for {card} training?"
    if dice < 0.95:
        return f"history {card} 90d"
    return rng.choice(NONSENSE)


@dataclass
class World:
    """Both platforms' servers on one loopback port. `mood` is how they behave."""

    url: str = ""
    mood: str = "well"
    taken: Counter[str] = field(default_factory=Counter)
    declined: int = 0
    _runner: Any = None

    async def open(self) -> World:
        app = web.Application(client_max_size=4 << 20)
        app.router.add_route("*", "/{rest:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self.mood == "never":
            await asyncio.sleep(120)
        if self.mood == "slow":
            await asyncio.sleep(2)
        if self.mood in ("429", "500"):
            headers = {"Retry-After": "1"} if self.mood == "429" else {}
            return web.json_response({"ok": False}, status=int(self.mood), headers=headers)
        if b"Many questions arrived at once" in body:
            self.declined += 1
        method = request.path.rpartition("/")[2]
        if request.path.startswith("/api/"):
            self.taken[f"slack {method}"] += 1
            return web.json_response(
                {"ok": True, "user_id": "U0BOT", "bot_id": "B0", "team_id": "T1", "ts": "1.1",
                 "channel": "C1", "user": {"id": "U1", "tz": "Europe/Lisbon"},
                 "upload_url": f"{self.url}/upload", "file_id": "F1"}
            )  # fmt: skip
        if request.path.startswith("/feed"):
            return web.Response(status=500)
        if request.path == "/late":
            self.taken["slack late"] += 1
            return web.Response(text="ok")
        self.taken["teams"] += 1
        return web.json_response({"id": f"m{next(_number)}"})


# -- what people send --------------------------------------------------------------------------


def slack_command(text: str, rng: random.Random, url: str) -> tuple[str, bytes, dict[str, str]]:
    """(path, body, headers) of a signed slash command of one of two thousand people."""
    person, channel = rng.randrange(2000), rng.randrange(200)
    body = urlencode(
        {
            "command": "/gpu", "text": text, "team_id": "T1", "channel_id": f"C{channel}",
            "user_id": f"U{person}", "user_name": "x", "response_url": f"{url}/late",
            "trigger_id": f"{time.time_ns()}.{next(_number)}", "token": "x", "api_app_id": "A1",
        }
    ).encode()  # fmt: skip
    stamp = str(int(time.time()))
    mac = hmac.new(SIGNING.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={mac.hexdigest()}",
    }
    return "/slack/events", body, headers


def teams_message(text: str, rng: random.Random, url: str) -> tuple[str, bytes, dict[str, str]]:
    person = rng.randrange(500)
    body = {
        "type": "message", "id": f"{time.time_ns()}{next(_number)}", "serviceUrl": f"{url}/emea/",
        "channelId": "msteams", "text": text, "textFormat": "plain", "locale": "en-GB",
        "localTimezone": "Europe/Berlin",
        "from": {"id": f"29:{person}", "name": "x", "aadObjectId": f"aad-{person}"},
        "conversation": {"id": f"a:{person}", "conversationType": "personal", "tenantId": TENANT},
        "recipient": {"id": "28:bot", "name": "Quartermaster"},
        "channelData": {"tenant": {"id": TENANT}},
    }  # fmt: skip
    return "/api/messages", json.dumps(body).encode(), {"Content-Type": "application/json"}


# -- a proxy before the database -----------------------------------------------------------------


class Proxy:
    """Passes bytes on; `mood` is well, slow (each chunk waits), silent, or away (refuses)."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.mood = "well"
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def open(self) -> Proxy:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def away(self) -> None:
        """Nobody listens any more, and who was connected is cut off."""
        assert self._server
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, back}
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        self._open -= {writer, back}

    async def _pump(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while part := await source.read(65536):
                if self.mood == "slow":
                    await asyncio.sleep(1)
                while self.mood == "silent":
                    await asyncio.sleep(0.1)
                to.write(part)
                await to.drain()
        with contextlib.suppress(OSError):
            to.close()


# -- the service ---------------------------------------------------------------------------------


class Service:
    """One `quartermaster serve`."""

    def __init__(self, folder: Path, world: World, port: int, **environ: str) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder.parent / f"service-{port}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.took_to_start = 0.0
        self._env = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1",
            "QUARTERMASTER_DATA_DIR": str(folder), "QUARTERMASTER_PORT": str(port),
            "QUARTERMASTER_DEV": "1", "QUARTERMASTER_REFRESH_EVERY_HOURS": "0",
            "QUARTERMASTER_SLACK_API_URL": f"{world.url}/api/", "SLACK_BOT_TOKEN": "xoxb-resilience",
            "SLACK_SIGNING_SECRET": SIGNING, "QUARTERMASTER_LOG_LEVEL": "warning",
            "QUARTERMASTER_COMMANDS_PER_MINUTE": "10000",
            "QUARTERMASTER_PLACE_COMMANDS_PER_MINUTE": "100000", **environ,
        }  # fmt: skip

    def start(self) -> None:
        # Root without its privileges: what is read-only is read-only.
        command = [sys.executable, "-m", "bot", "serve"]
        if os.getuid() == 0:
            every = "-dac_override,-dac_read_search,-fowner,-sys_resource"
            command = ["setpriv", f"--bounding-set={every}", *command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self._env, stdout=log, stderr=log
            )

    async def ready(
        self, session: aiohttp.ClientSession, path: str = "/readyz?for=answers"
    ) -> float:
        """Seconds until it said that it is ready."""
        begun = time.monotonic()
        while time.monotonic() - begun < 60:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(self.url + path) as answer:
                    if answer.status == 200:
                        return time.monotonic() - begun
            assert self.process
            if self.process.poll() is not None:
                raise SystemExit(f"the service ended: {self.log.read_text()[-2000:]}")
            await asyncio.sleep(0.05)
        raise SystemExit("the service is not ready within a minute")

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)

    @property
    def rss_mb(self) -> float:
        return self._status("VmRSS") / 1024

    @property
    def processor_seconds(self) -> float:
        """Used up so far, by the service and by what it started and waited for."""
        assert self.process
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    @property
    def threads(self) -> int:
        return self._status("Threads")

    @property
    def handles(self) -> int:
        assert self.process
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def _status(self, name: str) -> int:
        assert self.process
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
        return 0
