"""Slack: signed `/gpu` commands through the whole service, beside a bare bolt `ack("hi")`.

Each server is a process of its own with the same loop and the same bolt mode; both take turns under
the same load. The service does all it does: signature, "seen" marks and audit in its state
database, the person's settings, the question on 50,000 offers, the blocks.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from timing import (  # puts the tests' folder on the path
    SERVE,
    UNHINDERED,
    filled,
    other_words,
    running,
)

from slack_parts import SIGNING, command, form, signed  # isort: skip

OFFERS = 50_000
CLIENTS = 16
ROUNDS = 3
SECONDS = 3.0
PEOPLE = 200
WORDS = "cheapest 8x a100 80gb eu"
SETTLED = 10_000
REQUESTS = int(os.environ.get("SLACK_BENCH_REQUESTS", "100000"))
"""After `SETTLED` of them memory should not grow any more."""
_number = count()


# -- the servers -------------------------------------------------------------------------------


def bare() -> None:
    """Bolt alone, as fast as it goes."""
    from slack_bolt.async_app import AsyncAck, AsyncApp
    from slack_bolt.authorization import AuthorizeResult

    from bot.app.serve import _loop_factory

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-1")

    bolt = AsyncApp(signing_secret=SIGNING, authorize=authorize, process_before_response=True)

    @bolt.command("/gpu")
    async def hi(ack: AsyncAck) -> None:
        await ack("hi")

    async def run() -> None:
        runner = web.AppRunner(bolt.web_app(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(f"listening on http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
        await asyncio.Event().wait()

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run())


@asynccontextmanager
async def web_api() -> AsyncIterator[str]:
    """Slack's Web API, as much of it as a command needs."""

    async def answer(request: web.Request) -> web.Response:
        said = {"ok": True, "user_id": "U0BOT", "bot_id": "B0", "user": {"tz": "Europe/Lisbon"}}
        return web.json_response(said)

    app = web.Application()
    app.router.add_post("/{method:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    finally:
        await runner.cleanup()


# -- the load ----------------------------------------------------------------------------------


async def ask(session: aiohttp.ClientSession, url: str, *, anew: bool = False) -> float:
    """One signed command as Slack sends it; ms until its acknowledgement is here. `anew` asks what
    nobody asked before."""
    number = next(_number)
    body = command(
        other_words(number) if anew else WORDS,
        user_id=f"U0{number % PEOPLE}",
        channel_id=f"C0{number % 20}",
    )
    kind, text = form(body)
    headers = signed(text, kind, at=time.time())
    begun = time.perf_counter()
    async with session.post(f"{url}/slack/events", data=text, headers=headers) as answer:
        said = await answer.read()
        assert answer.status == 200, said
        assert anew or said == b"hi" or b'"table"' in said, said[:300]
    return (time.perf_counter() - begun) * 1000


async def throughput(
    session: aiohttp.ClientSession, url: str, seconds: float, *, anew: bool = False
) -> float:
    """Acknowledgements a second with CLIENTS asking without a pause."""
    end, done = time.perf_counter() + seconds, 0

    async def one() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await ask(session, url, anew=anew)
            done += 1

    await asyncio.gather(*(one() for _ in range(CLIENTS)))
    return done / seconds


async def steady(session: aiohttp.ClientSession, url: str, rate: float, seconds: float) -> list[float]:  # fmt: skip
    """Milliseconds of each command, sent at this rate whether or not others are answered."""
    begun = time.perf_counter()
    tasks = []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(session, url)))
    return list(await asyncio.gather(*tasks))


async def many(session: aiohttp.ClientSession, url: str, requests: int) -> None:
    async def one() -> None:
        for _ in range(requests // CLIENTS):
            await ask(session, url)

    await asyncio.gather(*(one() for _ in range(CLIENTS)))


def resident(pid: int) -> float:
    """MB that the process holds in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def compared(folder: Path) -> dict[str, Any]:
    settings = {
        "QUARTERMASTER_DATA_DIR": str(folder / f"{OFFERS}"),
        **UNHINDERED,
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SIGNING,
    }
    floors, ours, news = [], [], []
    async with web_api() as api, aiohttp.ClientSession() as session:
        with (
            running(folder, [__file__, "bare"]) as (floor, _),
            running(folder, SERVE, QUARTERMASTER_SLACK_API_URL=api, **settings) as (url, pid),
        ):
            for address in (floor, url):
                await many(session, address, 4 * PEOPLE)
            for _ in range(ROUNDS):
                floors.append(await throughput(session, floor, SECONDS))
                ours.append(await throughput(session, url, SECONDS))
                news.append(await throughput(session, url, SECONDS, anew=True))
            half = statistics.median(ours) / 2
            slow = await steady(session, floor, half, 4 * SECONDS)
            took = await steady(session, url, half, 4 * SECONDS)
            await many(session, url, SETTLED)
            before = resident(pid)
            await many(session, url, max(0, REQUESTS - SETTLED))
            after = resident(pid)
    return {
        "bare bolt, commands/s": round(statistics.median(floors)),
        "ours, commands/s": round(statistics.median(ours)),
        "ours / bare": round(
            statistics.median(a / b for a, b in zip(ours, floors, strict=True)), 2
        ),
        "never the same question twice, commands/s": round(statistics.median(news)),
        "bare at that rate, p99 ms": round(statistics.quantiles(slow, n=100)[98], 1),
        "at half load, p50 ms": round(statistics.median(took), 1),
        "at half load, p99 ms": round(statistics.quantiles(took, n=100)[98], 1),
        f"memory after {SETTLED}, MB": round(before, 1),
        f"memory after {REQUESTS}, MB": round(after, 1),
        "growth": f"{(after / before - 1):.1%}",
    }


def measure(folder: Path) -> dict[str, Any]:
    filled(folder, OFFERS).close()
    return asyncio.run(compared(folder))


if __name__ == "__main__":
    bare()
