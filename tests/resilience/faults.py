"""One thing goes wrong at a time, under load: what people see, what is lost, how it mends itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp
from load import FINE, Load, Seen
from world import Proxy, Service, World

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
MENDED_WITHIN = 30.0


class Verdict(NamedTuple):
    """One line of the report."""

    what: str
    seen: str
    lost: str
    mended: str
    ok: bool


class Scene:
    """What a fault acts on."""

    def __init__(
        self, service: Service, world: World, load: Load, proxy: Proxy, clock: Path | None, orders: int,
        count: Callable[[], int], rate: float, seconds: float,
    ) -> None:  # fmt: skip
        self.service, self.world, self.load, self.proxy = service, world, load, proxy
        self.clock = clock
        self.orders, self.count, self.rate, self.seconds = orders, count, rate, seconds

    async def under(
        self, what: str, begin: Callable[[], Awaitable[None]], end: Callable[[], Awaitable[None]],
        *, allowed: frozenset[str] = frozenset(),
    ) -> Verdict:  # fmt: skip
        """Load while it is wrong; then how soon answers are clean again. `allowed` outcomes are
        what people may see meanwhile, beside answers and kind words."""
        task = asyncio.create_task(self.load.open(self.rate, self.seconds))
        await asyncio.sleep(self.seconds / 5)
        await begin()
        await asyncio.sleep(self.seconds * 3 / 5)
        await end()
        begun = time.monotonic()
        seen = await task
        mended = await self._clean(begun)
        kept = await asyncio.to_thread(self._kept)
        bad = {k: n for k, n in seen.outcomes.items() if n and k not in {*FINE, *allowed}}
        ok = not bad and mended is not None and kept == self.orders
        return Verdict(
            what, f"{seen.line()}; p99 {seen.at(0.99):.0f} ms",
            "nothing" if kept == self.orders else f"{self.orders - kept} of {self.orders} orders",
            f"after {mended:.1f} s" if mended is not None else "NOT", ok,
        )  # fmt: skip

    def _kept(self) -> int:
        for _ in range(60):
            with contextlib.suppress(Exception):
                return self.count()
            time.sleep(0.5)  # polls a database that may still be coming back
        return -1

    async def _clean(self, begun: float) -> float | None:
        """Seconds until twenty questions in a row are answered; None when they never are."""
        while time.monotonic() - begun < MENDED_WITHIN:
            seen = Seen()
            for _ in range(20):
                await self.load.one(seen)
            if not seen.broken and not seen.outcomes["declined"]:
                return time.monotonic() - begun
            await asyncio.sleep(0.3)
        return None


async def nothing() -> None:
    pass


APOLOGIES = frozenset({"apology"})


async def state_faults(
    scene: Scene, pause: Callable[[], None], resume: Callable[[], None]
) -> AsyncIterator[Verdict]:
    """PostgreSQL away, slow, silent, and read-only (as a full or failed-over server is)."""
    proxy = scene.proxy

    async def back() -> None:
        await proxy.open()

    async def mood(name: str) -> None:
        proxy.mood = name

    yield await scene.under("state database away", proxy.away, back)
    yield await scene.under(
        "state database slow (1 s each way)", lambda: mood("slow"), lambda: mood("well")
    )
    yield await scene.under("state database silent", lambda: mood("silent"), lambda: mood("well"))

    async def stopped() -> None:
        await asyncio.to_thread(pause)

    async def resumed() -> None:
        await asyncio.to_thread(resume)

    yield await scene.under("state database takes no writes (full)", stopped, resumed)


async def store_faults(scene: Scene) -> AsyncIterator[Verdict]:
    """The price store replaced, corrupt, deleted, read-only; the disk full."""
    folder = scene.service.folder
    live = folder / "prices.db"
    spare = folder.parent / "spare.db"
    with (
        contextlib.closing(sqlite3.connect(live)) as db,
        contextlib.closing(sqlite3.connect(spare)) as to,
    ):
        db.backup(to)

    def put(source: Path | bytes) -> None:
        new = folder / "new.db"
        if isinstance(source, bytes):
            new.write_bytes(source)
        else:
            shutil.copy(source, new)
        new.replace(live)

    async def replaced() -> None:
        put(spare)

    async def corrupt() -> None:
        put(b"SQLite format 3\0" + os.urandom(200_000))

    async def deleted() -> None:
        live.unlink()

    async def readonly() -> None:
        live.chmod(0o444)
        folder.chmod(0o555)

    async def writable() -> None:
        folder.chmod(0o755)
        live.chmod(0o644)

    fill = folder / "filling"

    async def full() -> None:
        with contextlib.suppress(OSError), fill.open("wb") as file:
            for _ in range(4000):
                file.write(b"x" * 1_000_000)

    async def emptied() -> None:
        fill.unlink(missing_ok=True)

    yield await scene.under("price store replaced", replaced, nothing)
    yield await scene.under("price store corrupt", corrupt, nothing, allowed=APOLOGIES)
    yield await scene.under("price store deleted", deleted, nothing, allowed=APOLOGIES)
    yield await scene.under("price store read-only", readonly, writable)
    if os.path.ismount(folder):
        yield await scene.under("disk full", full, emptied)
    else:
        yield Verdict(
            "disk full",
            "not tried: needs a small file system of its own (run as root)",
            "-",
            "-",
            False,
        )
    with contextlib.suppress(OSError):
        put(spare)


async def platform_faults(scene: Scene) -> AsyncIterator[Verdict]:
    """Slack and Teams answering 429, 500, slowly, never. Commands are answered in the request
    itself; Teams' answers wait for Teams."""
    for mood in ("429", "500", "slow", "never"):

        async def on(mood: str = mood) -> None:
            scene.world.mood = mood

        async def off() -> None:
            scene.world.mood = "well"

        allowed = frozenset({"HTTP 503"})
        yield await scene.under(f"platforms answer {mood}", on, off, allowed=allowed)


async def clock_faults(scene: Scene) -> AsyncIterator[Verdict]:
    """The service's clock an hour ahead, then an hour behind."""
    file = scene.clock
    for what, jump in (("an hour ahead", "+1h"), ("an hour behind", "-1h")):
        if file is None:
            yield Verdict(f"clock {what}", "not tried: apt-get install faketime", "-", "-", False)
            continue

        async def on(jump: str = jump) -> None:
            file.write_text(jump)

        async def off() -> None:
            file.write_text("+0")

        # Slack's signatures are good for five minutes: an hour off, they are refused, as they must.
        allowed = frozenset({"HTTP 401"})
        yield await scene.under(f"clock jumps {what}", on, off, allowed=allowed)


@asynccontextmanager
async def small_disk(folder: Path, megabytes: int = 192) -> AsyncIterator[None]:
    """A file system of its own for the data folder, where that is allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
        capture_output=True, check=False,
    )  # fmt: skip
    try:
        yield
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=False)


async def kills(scene: Scene, session: aiohttp.ClientSession, times: int) -> Verdict:
    """`kill -9` at random moments under load, then started again."""
    waits: list[float] = []
    worst: list[str] = []
    for _ in range(times):
        task = asyncio.create_task(scene.load.open(scene.rate, 1.5))
        await asyncio.sleep(scene.load.rng.uniform(0.1, 1.2))
        scene.service.kill()
        scene.service.start()
        waits.append(await scene.service.ready(session))
        await task
        kept = await asyncio.to_thread(scene._kept)
        if kept != scene.orders:
            worst.append(f"{scene.orders - kept} orders")
    begun = time.monotonic()
    mended = await scene._clean(begun)
    waits.sort()
    return Verdict(
        f"kill -9, {times} times", "connections end; both platforms repeat their requests",
        ", ".join(worst) or "nothing",
        f"ready after {waits[len(waits) // 2]:.1f} s (longest {waits[-1]:.1f} s)",
        not worst and mended is not None,
    )  # fmt: skip


def machine() -> str:
    """What it ran on."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "unknown processor",
    )  # fmt: skip
    return f"{os.cpu_count()} cores ({model}), Python {sys.version.split()[0]}"
