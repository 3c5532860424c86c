"""Teams: answers a second through our own door, beside an echo through it and the stock SDK's echo.

Each server is a process of its own; they take turns under the same load, so that a busy machine
slows all alike. The answers come from the whole service on 50,000 offers: one question again and
again, which it remembers for as long as the prices and the minute stand, and one that is new each
time.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from aiohttp import web
from timing import (  # puts the tests' folder on the path
    SERVE,
    UNHINDERED,
    WORDS,
    filled,
    other_words,
    running,
)

from teams_parts import ANONYMOUS, TENANT, activity  # isort: skip

OFFERS = 50_000
CLIENTS = 8
ROUNDS = 5
SECONDS = 2.0
TOKEN_TAKES = 0.3
MODES = ("answer", "answer anew", "echo", "stock echo")
_number = count()


# -- the servers -------------------------------------------------------------------------------


def serve(mode: str, folder: Path) -> None:
    """Runs one of the echoes on a free port, until it is terminated."""
    app = web.Application()
    if mode == "stock echo":
        app.router.add_post("/api/messages", _stock())
    else:
        _ours(app, folder)

    async def run() -> None:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(f"listening on http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
        await asyncio.Event().wait()

    from bot.app.serve import _loop_factory

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run())


def _ours(app: web.Application, folder: Path) -> None:
    from bot.core.answer import Answer
    from bot.core.desk import Asker
    from bot.state import State
    from bot.teams.app import TeamsPlatform

    async def ask(words: str, asker: Asker) -> Answer:
        return Answer(words)

    state = State.open(f"sqlite:///{folder / 'echo.db'}")
    teams = TeamsPlatform(Generous(), ask, state, clock=lambda: datetime.now(UTC))
    teams.add_routes(app)
    app.on_startup.append(lambda _: teams.start())
    app.on_cleanup.append(lambda _: teams.stop())


class Generous:
    """The settings of development, with no limit a load client would reach."""

    commands_per_minute = 1_000_000

    def __getattr__(self, name: str) -> Any:
        return getattr(ANONYMOUS, name)


def _stock() -> Callable[[web.Request], Awaitable[web.Response]]:
    """The SDK as it comes, but for its `process()`, which answers every such turn with 500."""
    from botbuilder.core import TurnContext
    from botbuilder.core.cloud_adapter_base import CloudAdapterBase
    from botbuilder.schema import Activity
    from botframework.connector.auth import (
        AuthenticationConfiguration,
        BotFrameworkAuthenticationFactory,
        PasswordServiceClientCredentialFactory,
    )

    authentication = BotFrameworkAuthenticationFactory.create(
        credential_factory=PasswordServiceClientCredentialFactory("", ""),
        auth_configuration=AuthenticationConfiguration(),
    )
    adapter = CloudAdapterBase(authentication)

    async def turn(context: TurnContext) -> None:
        await context.send_activity(context.activity.text)

    async def handle(request: web.Request) -> web.Response:
        received = Activity().deserialize(await request.json())
        result = await authentication.authenticate_request(received, "")
        answer = await adapter.process_activity(result, received, turn)
        return web.json_response(answer.body, status=int(answer.status))

    return handle


# -- the load ----------------------------------------------------------------------------------


class Server(NamedTuple):
    url: str
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time it has used; on Linux."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(mode: str, folder: Path) -> Iterator[Server]:
    if mode == "answer":
        settings = {
            **UNHINDERED,
            "QUARTERMASTER_DATA_DIR": str(folder / f"{OFFERS}"),
            "QUARTERMASTER_DEV": "1",
        }
        words = SERVE
    else:
        words, settings = [__file__, mode, str(folder)], {}
    with running(folder, words, **settings) as (url, pid):
        yield Server(f"{url}/api/messages", pid)


async def load(
    session: aiohttp.ClientSession, url: str, seconds: float, *, anew: bool = False
) -> tuple[float, list[float]]:
    """Answers a second with CLIENTS at once, and how long each took in ms. `anew` asks what
    nobody asked before."""
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        n = 0
        while (begun := time.perf_counter()) < end:
            n += 1
            body = activity(
                "http://127.0.0.1:9/", other_words(next(_number)) if anew else WORDS, id=f"{number}-{begun}-{n}", deliveryMode="expectReplies",
                **{"from": {"id": f"29:{number}", "aadObjectId": f"aad-{number}"}},
                conversation={"id": f"a:{number}", "conversationType": "personal", "tenantId": TENANT},
            )  # fmt: skip
            async with session.post(url, json=body) as answer:
                found = await answer.json()
                assert answer.status == 200, answer.status
                assert found["activities"], found
            took.append((time.perf_counter() - begun) * 1000)

    begun = time.perf_counter()
    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return len(took) / (time.perf_counter() - begun), took


async def throughput(folder: Path) -> dict[str, Any]:
    rates: dict[str, list[float]] = {mode: [] for mode in MODES}
    times: dict[str, list[float]] = {mode: [] for mode in MODES}
    with (
        server("answer", folder) as answer,
        server("echo", folder) as echo,
        server("stock echo", folder) as stock,
    ):
        servers = {"answer": answer, "answer anew": answer, "echo": echo, "stock echo": stock}
        used = dict.fromkeys(MODES, 0.0)
        async with aiohttp.ClientSession() as session:
            for one in servers.values():
                await load(session, one.url, 0.5)
            for _ in range(ROUNDS):
                for mode, one in servers.items():
                    used[mode] -= one.cpu()
                    rate, took = await load(session, one.url, SECONDS, anew=mode == "answer anew")
                    used[mode] += one.cpu()
                    rates[mode].append(rate)
                    times[mode] += took
    median = {mode: statistics.median(found) for mode, found in rates.items()}
    return {
        "clients": CLIENTS,
        "offers": OFFERS,
        "per_second": {mode: round(found) for mode, found in median.items()},
        "p50_ms": {mode: round(statistics.median(found), 1) for mode, found in times.items()},
        "p99_ms": {
            mode: round(statistics.quantiles(found, n=100)[98], 1) for mode, found in times.items()
        },
        # Processor time is the same however busy the machine is with other things.
        "cpu_ms": {mode: round(1000 * used[mode] / len(times[mode]), 2) for mode in MODES},
        "answer_of_echo": round(median["answer"] / median["echo"], 2),
        "answer_of_stock_echo": round(median["answer"] / median["stock echo"], 1),
    }


# -- the loop while a token is fetched ---------------------------------------------------------


def token_stall() -> dict[str, float]:
    """Longest pause of the event loop in ms: with MSAL fetching tokens, and with nothing to do."""
    import msal  # noqa: F401  a service has imported it before its first token
    import requests

    from bot.teams.auth import Token, login

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(length)
            base = "https://login.microsoftonline.com/x"
            found: dict[str, Any] = {
                "issuer": f"{base}/v2.0", "token_endpoint": f"{base}/token", "authorization_endpoint": f"{base}/a",
            }  # fmt: skip
            if "openid-configuration" not in self.path:
                time.sleep(TOKEN_TAKES)  # the slow login that is measured
                found = {"token_type": "Bearer", "expires_in": 3600, "access_token": "t"}
            body = json.dumps(found).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  the name is the server's

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_address[1]}"
    send = requests.adapters.HTTPAdapter.send

    def led(self: Any, request: Any, *args: Any, **more: Any) -> Any:
        request.url = request.url.replace("https://login.microsoftonline.com", here)
        return send(self, request, *args, **more)

    requests.adapters.HTTPAdapter.send = led

    async def longest_pause(work: Callable[[], Awaitable[Any]]) -> float:
        pauses = [0.0]
        done = asyncio.Event()

        async def tick() -> None:
            last = time.perf_counter()
            while not done.is_set():
                await asyncio.sleep(0.001)
                now = time.perf_counter()
                pauses.append(now - last - 0.001)
                last = now

        ticking = asyncio.create_task(tick())
        await work()
        done.set()
        await ticking
        return max(pauses) * 1000

    async def measured() -> dict[str, float]:
        def fetch() -> Awaitable[str]:
            return Token(login("app", "SingleTenant", "secret", "x")).get()

        async def nothing() -> None:
            await asyncio.sleep(TOKEN_TAKES)

        found: dict[str, list[float]] = {"while_fetching": [], "idle": []}
        for _ in range(5):
            found["while_fetching"].append(await longest_pause(fetch))
            found["idle"].append(await longest_pause(nothing))
        return {f"{name}_ms": round(statistics.median(values), 1) for name, values in found.items()}

    try:
        return asyncio.run(measured())
    finally:
        server.shutdown()
        requests.adapters.HTTPAdapter.send = send


def measure(folder: Path) -> dict[str, Any]:
    """Both, as the bench prints them."""
    filled(folder, OFFERS).close()
    return {**asyncio.run(throughput(folder)), "longest_pause": token_stall()}


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
