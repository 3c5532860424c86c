"""Load, soak, faults and kills against a real service: `make resilience`, or with arguments
`python tests/resilience/run.py --seconds 20 --soak 300 --kills 50 --out artefacts/resilience.md`.

Loopback only. The service is a process of its own; this one is Slack, Teams, and everybody who
asks. Writes a report whose red lines begin with RED, and exits 1 when there are any.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(HERE)]

import faults  # noqa: E402  the paths come first
from load import Load, Seen  # noqa: E402
from make_offers import write  # noqa: E402
from postgres import Server, _free_port  # noqa: E402
from world import Proxy, Service, World  # noqa: E402

from bot.state import State  # noqa: E402
from knowledge.importing import import_csv  # noqa: E402
from knowledge.store import Store  # noqa: E402

OFFERS = 50_000
WANTED_RATE, WANTED_P99_MS, WANTED_RSS_MB = 300, 100, 250


class Report:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.red: list[str] = []
        self._lines: list[str] = []

    def add(self, *lines: str) -> None:
        for line in lines:
            print(line, flush=True)
            self._lines.append(line)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("\n".join(self._lines) + "\n")

    def judge(self, ok: bool, what: str) -> str:
        if not ok:
            self.red.append(what)
        return "ok" if ok else "**RED**"


def filled(folder: Path) -> None:
    """The data folder with fifty thousand offers beside the bundled ones."""
    sheet = folder.parent / "offers.csv"
    write(OFFERS, sheet)
    now = datetime.now(UTC)
    store = Store.open(folder / "prices.db", now)
    import_csv(sheet, store, source="synthetic", owner=None, now=now)
    store.close()


async def loads(report: Report, load: Load, service: Service, seconds: float) -> float:
    """Capacity, then open load at shares of it; returns the capacity."""
    await load.closed(min(5.0, seconds))  # warm
    closed = await load.closed(seconds)
    capacity = closed.rate
    report.add(
        "", "## Load", "",
        f"Capacity, 24 people asking without a pause: **{capacity:.0f} answers a second** "
        f"({closed.line()}; p99 {closed.at(0.99):.0f} ms). The generator shares the machine's cores.",
        "", "| load | answers/s | p50 ms | p99 ms | p99.9 ms | what people saw | memory MB | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    )  # fmt: skip
    for share in (0.25, 0.5, 1.0, 2.0):
        seen = await load.open(capacity * share, seconds)
        ok = not seen.broken and service.rss_mb < WANTED_RSS_MB
        if share == 0.5:
            ok &= seen.at(0.99) < WANTED_P99_MS
        verdict = report.judge(ok, f"load at {share:.0%}")
        report.add(
            f"| {share:.0%} | {seen.rate:.0f} | {seen.at(0.5):.1f} | {seen.at(0.99):.0f} | "
            f"{seen.at(0.999):.0f} | {seen.line()} | {service.rss_mb:.0f} | {verdict} |"
        )
    begun = time.monotonic()
    while time.monotonic() - begun < 15:
        after = Seen()
        for _ in range(10):
            await load.one(after)
        if not after.broken and not after.outcomes["declined"] and after.at(0.99) < 500:
            break
    took = time.monotonic() - begun
    report.add("", f"After the overload, answers are quick again within {took:.1f} s: {report.judge(took < 10, 'recovery')}.")  # fmt: skip
    enough = report.judge(capacity >= WANTED_RATE, f"capacity of {WANTED_RATE} a second")
    report.add(f"Wanted: {WANTED_RATE} answers a second: {enough}.")
    return capacity


async def soak(report: Report, load: Load, service: Service, rate: float, seconds: float) -> None:
    """Half load for long: nothing may grow."""
    if not seconds:
        return
    task = asyncio.create_task(load.open(rate, seconds))
    samples: list[tuple[float, int, int, float, float]] = []
    while not task.done():
        await asyncio.sleep(max(1.0, seconds / 60))
        size = sum(p.stat().st_size for p in service.folder.glob("prices.db*")) / 1e6
        async with load.session.get(service.url + "/metrics") as answer:
            tasks = re.search(r"^quartermaster_tasks (\S+)", await answer.text(), re.MULTILINE)
        count = float(tasks.group(1)) if tasks else 0.0
        samples.append((service.rss_mb, service.handles, service.threads, size, count))
    seen = await task
    third = max(1, len(samples) // 3)
    early, late = samples[third : 2 * third] or samples, samples[-third:]
    report.add(
        "", f"## Soak: {seconds:.0f} s at {rate:.0f} questions a second", "",
        f"{seen.line()}; p50 {seen.at(0.5):.1f} ms, p99 {seen.at(0.99):.0f} ms.", "",
        "| | middle third | last third | |", "| --- | --- | --- | --- |",
    )  # fmt: skip
    for number, (name, slack) in enumerate(
        (("memory MB", 8.0), ("file handles", 16), ("threads", 4), ("price store MB", 1.0), ("tasks", 60))
    ):  # fmt: skip
        before = sum(s[number] for s in early) / len(early)
        after = sum(s[number] for s in late) / len(late)
        ok = after <= before * 1.05 + slack
        report.add(f"| {name} | {before:.1f} | {after:.1f} | {report.judge(ok, f'soak: {name} grew')} |")  # fmt: skip
    report.judge(not seen.broken, "soak: broken answers")


async def entrust(load: Load, world: World, wanted: int) -> None:
    """Digests and watches, asked for as people do."""
    for number in range(wanted):
        text = (
            f"watch h100 < {1 + number / 100:.2f}" if number % 2 else "digest weekly monday 09:00"
        )
        body = {
            "type": "message", "id": f"order-{number}", "serviceUrl": f"{world.url}/emea/",
            "channelId": "msteams", "text": text, "textFormat": "plain", "locale": "en-GB",
            "localTimezone": "Europe/Berlin",
            "from": {"id": f"29:o{number}", "name": "x", "aadObjectId": f"aad-o{number}"},
            "conversation": {"id": f"a:o{number}", "conversationType": "personal", "tenantId": "t"},
            "recipient": {"id": "28:bot"}, "channelData": {"tenant": {"id": "t"}},
        }  # fmt: skip
        async with load.session.post(load.service.url + "/api/messages", json=body) as answer:
            assert answer.status == 200, await answer.text()


def counting(url: str) -> int:
    """Orders that the state database holds."""
    import sqlalchemy as sa

    from bot.state import tables

    state = State.open(url)
    try:
        with state.reading() as db:
            return sum(
                int(db.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
                for table in (tables.subscription, tables.watch)
            )
    finally:
        state.close()


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of each load and fault")
    parser.add_argument("--soak", type=float, default=180)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--out", type=Path, default=ROOT / "artefacts" / "resilience.md")
    given = parser.parse_args()
    report = Report(given.out)
    begun = time.monotonic()
    report.add(
        "# Resilience", "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {faults.machine()}, load average at the start "
        f"{os.getloadavg()[0]:.1f}; {OFFERS:,} offers; Slack commands and Teams messages half and half; "
        f"`python tests/resilience/run.py --seconds {given.seconds:g} --soak {given.soak:g} --kills {given.kills}`.",
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="qm-resilience-") as name:
        root = Path(name)
        root.chmod(0o755)
        await played(report, root, given)
    report.add("", f"Took {(time.monotonic() - begun) / 60:.1f} minutes.")
    report.add("Red lines: " + ("; ".join(report.red) if report.red else "none") + ".")
    return 1 if report.red else 0


async def played(report: Report, root: Path, given: argparse.Namespace) -> None:
    folder = root / "data"
    server = await asyncio.to_thread(Server)
    async with AsyncExitStack() as stack:
        stack.callback(server.close)
        await stack.enter_async_context(faults.small_disk(folder))
        await asyncio.to_thread(filled, folder)
        world = await World().open()
        stack.push_async_callback(world.close)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=28)
            )
        )
        url = server.database()
        proxy = await Proxy(server.port).open()
        environ = {"QUARTERMASTER_STATE_URL": url.replace(str(server.port), str(proxy.port))}
        clock = None
        if faults.FAKETIME is not None:
            clock = root / "clock"
            clock.write_text("+0")
            environ |= {
                "LD_PRELOAD": str(faults.FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(clock),
                "FAKETIME_CACHE_DURATION": "1", "DONT_FAKE_MONOTONIC": "1",
            }  # fmt: skip

        # Load and soak: plain, on the default SQLite state.
        plain = Service(folder, world, _free_port())
        plain.start()
        ready = await plain.ready(session, "/readyz")
        report.add("", f"From start to ready: {ready:.1f} s ({report.judge(ready < 3, 'start in 3 s')}); {plain.rss_mb:.0f} MB.")  # fmt: skip
        load = Load(plain, world, session)
        capacity = await loads(report, load, plain, given.seconds)
        await soak(report, load, plain, capacity / 2, given.soak)
        report.add("", f"SIGTERM: exit status {await asyncio.to_thread(plain.stop)}.")

        # Faults: state in PostgreSQL behind a proxy, every feed failing, a clock that jumps.
        tried = Service(
            folder, world, _free_port(), **environ, QUARTERMASTER_REFRESH_EVERY_HOURS="6",
            QUARTERMASTER_SOURCES="azure,aws,skypilot",
            **{f"QUARTERMASTER_SOURCE_URL_{name}": f"{world.url}/feed" for name in ("AZURE", "AWS", "SKYPILOT", "ECB")},
        )  # fmt: skip
        tried.start()
        stack.callback(tried.kill)
        await tried.ready(session, "/readyz")
        load = Load(tried, world, session)
        await entrust(load, world, 40)
        orders = counting(url)
        rate = max(5.0, capacity * 0.2)
        scene = faults.Scene(tried, world, load, proxy, orders, lambda: counting(url), rate, min(10.0, given.seconds))  # fmt: skip
        report.add(
            "", f"## Faults, one at a time, at {rate:.0f} questions a second", "",
            f"{orders} digests and watches are entrusted to it beforehand. In all of it every price feed fails.", "",
            "| what goes wrong | what people see | lost | mended without a hand | |",
            "| --- | --- | --- | --- | --- |",
        )  # fmt: skip

        def add(verdict: faults.Verdict) -> None:
            mark = report.judge(verdict.ok, verdict.what)
            report.add(f"| {verdict.what} | {verdict.seen} | {verdict.lost} | {verdict.mended} | {mark} |")  # fmt: skip

        def read_only(value: str) -> None:
            import psycopg

            with psycopg.connect(url, autocommit=True) as db:
                db.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
                db.execute("SELECT pg_reload_conf()")

        add(await scene.under("every price feed fails", faults.nothing, faults.nothing))
        async for verdict in faults.state_faults(
            scene, lambda: read_only("on"), lambda: _writable(url)
        ):
            add(verdict)
        async for verdict in faults.store_faults(scene):
            add(verdict)
        async for verdict in faults.platform_faults(scene):
            add(verdict)
        async for verdict in faults.clock_faults(scene, clock):
            add(verdict)
        add(await nameless(folder, world, session))
        if given.kills:
            add(await faults.kills(scene, session, given.kills))
        shutil.copy(tried.log, report.path.with_suffix(".log"))


def _writable(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as db:
        db.execute("SET default_transaction_read_only = off")
        db.execute("ALTER SYSTEM RESET default_transaction_read_only")
        db.execute("SELECT pg_reload_conf()")


async def nameless(folder: Path, world: World, session: aiohttp.ClientSession) -> faults.Verdict:
    """Started where no name can be resolved."""
    elsewhere = folder.parent / "nameless"
    elsewhere.mkdir()
    service = Service(
        elsewhere,
        world,
        _free_port(),
        QUARTERMASTER_SLACK_API_URL="http://slack.nowhere.invalid/api/",
    )
    service.start()
    try:
        await service.ready(session)
        seen = await Load(service, world, session).open(10, 5)
    finally:
        status = await asyncio.to_thread(service.stop)
    return faults.Verdict(
        "names do not resolve", f"{seen.line()}; p99 {seen.at(0.99):.0f} ms", "nothing",
        f"nothing to mend; stopped with {status}", not seen.broken and status == 0,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
