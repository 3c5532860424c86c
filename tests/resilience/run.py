"""Load, soak, faults and kills against a real service: `make resilience`, or with arguments
`python tests/resilience/run.py --only soak --soak 1200` (load, soak, faults, kills, replicas, loops).

Loopback only. The service is a process of its own; this one is Slack, Teams, and everybody who
asks. Each stage writes its part to `artefacts/resilience/`, and all parts that are there become
`artefacts/resilience.md`. What is not as promised is marked RED; then it exits with 1.
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
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import aiohttp

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "support"), str(HERE)]

import faults  # noqa: E402  the paths come first
from load import Load, Seen  # noqa: E402
from make_offers import write  # noqa: E402
from postgres import Server, _free_port  # noqa: E402
from world import Proxy, Service, World  # noqa: E402

from bot.state import State  # noqa: E402
from knowledge.prices.store import Store  # noqa: E402
from knowledge.refresh.importing import import_csv  # noqa: E402

OFFERS = 50_000
WANTED_RATE, WANTED_P99_MS, WANTED_RSS_MB = 300, 100, 250
WANTED_GAIN = 0.8
SHARE_OF_EACH = 0.25
"""Of what one replica can, asked of each: two of them, their database and the generator keep up."""
LONGEST_QUEUE_MS = 6_000
"""Of an overload: who waits three seconds in the pressure is declined."""


class Report:
    """One stage's part of the report, written as it grows: a stage can be repeated alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.red: list[str] = []
        self._lines: list[str] = []
        path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, *lines: str) -> None:
        for line in lines:
            print(line, flush=True)
            self._lines.append(line)
        self.path.write_text("\n".join(self._lines) + "\n", "utf-8")

    def judge(self, ok: bool, what: str) -> str:
        if not ok:
            self.red.append(what)
        return "ok" if ok else "**RED**"

    def close(self, began: float) -> None:
        red = "; ".join(self.red) if self.red else "none"
        self.add("", f"Took {(time.monotonic() - began) / 60:.1f} minutes. Red lines: {red}.", "")


class Here:
    """What all stages share: the folder, the platforms, the database server, one client."""

    def __init__(self, root: Path, world: World, session: aiohttp.ClientSession) -> None:
        self.root, self.world, self.session = root, world, session
        self.folder = root / "data"

    @asynccontextmanager
    async def service(self, folder: Path | None = None, **environ: str) -> AsyncIterator[Service]:
        """Started, ready, and stopped at the end."""
        one = Service(folder or self.folder, self.world, _free_port(), **environ)
        one.start()
        try:
            one.took_to_start = await one.ready(self.session, "/readyz")
            yield one
        finally:
            if one.process and one.process.poll() is None:
                status = await asyncio.to_thread(one.stop)
                print(f"SIGTERM: exit status {status}", flush=True)

    def load(self, *services: Service) -> Load:
        return Load(self.world, self.session, *services)

    def another(self, name: str) -> Path:
        """A data folder of its own with the same prices."""
        folder = self.root / name
        folder.mkdir()
        shutil.copy(self.folder / "prices.db", folder / "prices.db")
        return folder


def filled(folder: Path, offers: int) -> None:
    """The data folder with so many offers beside the bundled ones."""
    sheet = folder.parent / "offers.csv"
    write(offers, sheet)
    now = datetime.now(UTC)
    store = Store.open(folder / "prices.db", now)
    import_csv(sheet, store, source="synthetic", owner=None, now=now)
    store.close()


async def loads(report: Report, here: Here, given: argparse.Namespace) -> None:
    """Capacity, then open load at shares of it, and how soon an overload is over."""
    async with here.service() as service:
        report.add(
            "## Load", "",
            f"From start to ready: {service.took_to_start:.1f} s "
            f"({report.judge(service.took_to_start < 3, 'start in 3 s')}); {service.rss_mb:.0f} MB.", "",
        )  # fmt: skip
        await _loads(report, here.load(service), service, given.seconds)


async def _loads(report: Report, load: Load, service: Service, seconds: float) -> None:
    await load.closed(
        seconds
    )  # warm: most people ask for the first time, which costs a look-up more
    closed = await load.closed(seconds)
    capacity = closed.rate
    report.add(
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
        if share == 2.0:
            ok &= seen.at(0.99) < LONGEST_QUEUE_MS
        verdict = report.judge(ok, f"load at {share:.0%}")
        report.add(
            f"| {share:.0%} | {seen.rate:.0f} | {seen.at(0.5):.1f} | {seen.at(0.99):.0f} | "
            f"{seen.at(0.999):.0f} | {seen.line()} | {service.rss_mb:.0f} | {verdict} |"
        )
    while time.perf_counter() - seen.last < 30:
        after = Seen()
        for _ in range(10):
            await load.one(after)
        if not after.broken and not after.outcomes["declined"] and after.at(0.99) < 500:
            break
    took = time.perf_counter() - seen.last
    report.add("", f"After the overload's last question, answers are quick again within {took:.1f} s: {report.judge(took < 10, 'recovery')}.")  # fmt: skip
    enough = report.judge(capacity >= WANTED_RATE, f"capacity of {WANTED_RATE} a second")
    report.add(f"Wanted: {WANTED_RATE} answers a second: {enough}.")


async def soak(report: Report, here: Here, given: argparse.Namespace) -> None:
    """Half load for long: nothing may grow but the audit trail, by a line a question; so its folder
    is not on the small disk."""
    async with here.service(here.another("soak")) as service:
        load = here.load(service)
        await load.closed(min(5.0, given.seconds))  # warm
        rate = (await load.closed(given.seconds)).rate / 2
        await _soak(report, load, service, rate, given.soak)


async def _soak(report: Report, load: Load, service: Service, rate: float, seconds: float) -> None:
    task = asyncio.create_task(load.open(rate, seconds))
    begun = time.monotonic()
    samples: list[tuple[float, int, int, float, float]] = []
    while not task.done():
        await asyncio.sleep(max(1.0, seconds / 60))
        size = sum(p.stat().st_size for p in service.folder.glob("prices.db*")) / 1e6
        async with load.session.get(service.url + "/metrics") as answer:
            tasks = re.search(r"^quartermaster_tasks (\S+)", await answer.text(), re.MULTILINE)
        count = float(tasks.group(1)) if tasks else 0.0
        samples.append((service.rss_mb, service.handles, service.threads, size, count))
        print(
            f"  {time.monotonic() - begun:.0f} s: {service.rss_mb:.0f} MB, {service.handles} handles",
            flush=True,
        )
    seen = await task
    third = max(1, len(samples) // 3)
    early, late = samples[third : 2 * third] or samples, samples[-third:]
    report.add(
        f"## Soak: {seconds:.0f} s at {rate:.0f} questions a second", "",
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


@asynccontextmanager
async def entrusted(
    here: Here, given: argparse.Namespace, *, jumping: bool = False
) -> AsyncIterator[tuple[faults.Scene, str]]:
    """A service on PostgreSQL behind a proxy, with orders and feeds that fail, and the address of
    its database. `jumping` gives it a clock that can be set, with which an answer takes six times
    its processor time."""
    async with AsyncExitStack() as stack:
        server = await asyncio.to_thread(Server)
        stack.callback(server.close)
        url = server.database()
        proxy = await Proxy(server.port).open()
        environ = {"QUARTERMASTER_STATE_URL": url.replace(str(server.port), str(proxy.port))}
        clock = None
        if jumping and faults.FAKETIME is not None:
            clock = here.root / "clock"
            clock.write_text("+0")
            environ |= {
                "LD_PRELOAD": str(faults.FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(clock),
                "FAKETIME_CACHE_DURATION": "1", "DONT_FAKE_MONOTONIC": "1",
            }  # fmt: skip
        failing = {
            f"QUARTERMASTER_SOURCE_URL_{name}": f"{here.world.url}/feed"
            for name in ("AZURE", "AWS", "SKYPILOT", "ECB")
        }
        tried = await stack.enter_async_context(
            here.service(
                QUARTERMASTER_REFRESH_EVERY_HOURS="6", QUARTERMASTER_SOURCES="azure,aws,skypilot",
                **environ, **failing,
            )
        )  # fmt: skip
        load = here.load(tried)
        await load.closed(min(5.0, given.seconds))  # warm
        rate = max(5.0, (await load.closed(min(10.0, given.seconds))).rate * 0.2)
        await entrust(load, here.world, 40)
        orders = counting(url)
        scene = faults.Scene(
            tried, here.world, load, proxy, clock, orders, lambda: counting(url), rate,
            min(10.0, given.seconds),
        )  # fmt: skip
        yield scene, url
        shutil.copy(tried.log, given.out.with_suffix(".log"))


def table(report: Report, title: str, scene: faults.Scene) -> Callable[[faults.Verdict], None]:
    """Begins it; what adds a line."""
    report.add(
        f"## {title}, at {scene.rate:.0f} questions a second", "",
        f"{scene.orders} digests and watches are entrusted to it beforehand. In all of it every price feed fails.", "",
        "| what goes wrong | what people see | lost | mended without a hand | |",
        "| --- | --- | --- | --- | --- |",
    )  # fmt: skip

    def add(verdict: faults.Verdict) -> None:
        mark = report.judge(verdict.ok, verdict.what)
        report.add(f"| {verdict.what} | {verdict.seen} | {verdict.lost} | {verdict.mended} | {mark} |")  # fmt: skip

    return add


async def one_at_a_time(report: Report, here: Here, given: argparse.Namespace) -> None:
    """Everything that may go wrong, but being killed."""
    async with entrusted(here, given) as (scene, url):
        add = table(report, "Faults, one at a time", scene)

        def read_only(value: str) -> None:
            import psycopg

            with psycopg.connect(url, autocommit=True) as db:
                db.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
                db.execute("SELECT pg_reload_conf()")

        add(await scene.under("every price feed fails", faults.nothing, faults.nothing))
        for several in (
            faults.state_faults(scene, lambda: read_only("on"), lambda: _writable(url)),
            faults.store_faults(scene),
            faults.platform_faults(scene),
        ):
            async for verdict in several:
                add(verdict)
        add(await nameless(here))
    async with entrusted(here, given, jumping=True) as (scene, _):
        async for verdict in faults.clock_faults(scene):
            add(verdict)


async def kills(report: Report, here: Here, given: argparse.Namespace) -> None:
    """`kill -9` at random moments."""
    async with entrusted(here, given) as (scene, _):
        add = table(report, "Killed", scene)
        add(await faults.kills(scene, here.session, given.kills))


def _writable(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as db:
        db.execute("SET default_transaction_read_only = off")
        db.execute("ALTER SYSTEM RESET default_transaction_read_only")
        db.execute("SELECT pg_reload_conf()")


async def nameless(here: Here) -> faults.Verdict:
    """Started where no name can be resolved."""
    service = Service(
        here.another("nameless"),
        here.world,
        _free_port(),
        QUARTERMASTER_SLACK_API_URL="http://slack.nowhere.invalid/api/",
    )
    service.start()
    try:
        await service.ready(here.session)
        seen = await here.load(service).open(10, 5)
    finally:
        status = await asyncio.to_thread(service.stop)
    return faults.Verdict(
        "names do not resolve", f"{seen.line()}; p99 {seen.at(0.99):.0f} ms", "nothing",
        f"nothing to mend; stopped with {status}", not seen.broken and status == 0,
    )  # fmt: skip


async def replicas(report: Report, here: Here, given: argparse.Namespace) -> None:
    """One replica, then two on the same PostgreSQL: answers a second, and processor time of each.

    Where cores are fewer than replicas and generator need, the rate cannot grow. Whether anything
    but cores holds a second replica back shows in the processor time of an answer, when each has
    as much to do as the one had alone: what a replica does once a minute, each of them does."""
    server = await asyncio.to_thread(Server)
    try:
        environ = {"QUARTERMASTER_STATE_URL": server.database()}
        async with here.service(**environ) as one:
            load = here.load(one)
            alone = await cost(load.closed, [one], given.seconds)
            each = alone.rate * SHARE_OF_EACH
            calm = await cost(partial(load.open, each), [one], given.seconds)
            async with here.service(here.another("second"), **environ) as two:
                load = here.load(one, two)
                both = await cost(load.closed, [one, two], given.seconds)
                shared = await cost(partial(load.open, 2 * each), [one, two], given.seconds)
    finally:
        await asyncio.to_thread(server.close)
    gain = 2 * calm.each_ms / shared.each_ms - 1
    cores = os.cpu_count() or 1
    report.add(
        "## A second replica", "",
        "| | answers/s | processor time of an answer, ms | what people saw |", "| --- | --- | --- | --- |",
        *(
            f"| {name} | {seen.rate:.0f} | {seen.each_ms:.2f} | {seen.told} |"
            for name, seen in {
                "one replica, without a pause": alone,
                "two replicas, without a pause": both,
                f"one replica, asked {each:.0f} a second": calm,
                f"two replicas, each asked {each:.0f} a second": shared,
            }.items()
        ), "",
        f"By processor time, each having as much to do, a second replica with cores of its own adds {gain:.0%}: "
        f"{report.judge(gain >= WANTED_GAIN, 'a second replica')}. Here two replicas, PostgreSQL and the "
        f"generator share {cores} cores: without a pause the rate went from {alone.rate:.0f} to {both.rate:.0f}.",
    )  # fmt: skip


class Cost(NamedTuple):
    rate: float
    each_ms: float
    """Processor time of an answer in the services, ms."""
    told: str


async def cost(
    ask: Callable[[float], Awaitable[Seen]], services: Sequence[Service], seconds: float
) -> Cost:
    """Of a load for so many seconds, after a warm beginning."""
    await ask(min(5.0, seconds))
    before = sum(one.processor_seconds for one in services)
    seen = await ask(seconds)
    used = sum(one.processor_seconds for one in services) - before
    return Cost(seen.rate, used * 1000 / max(1.0, seen.rate * seen.took), seen.line())


async def event_loops(report: Report, here: Here, given: argparse.Namespace) -> None:
    """uvloop against asyncio's own loop: the same service, in turns."""
    hidden = here.root / "without-uvloop"
    hidden.mkdir()
    (hidden / "uvloop.py").write_text("raise ImportError\n")
    told: dict[str, list[Cost]] = {"uvloop": [], "asyncio": []}
    for _ in range(2):
        for name, costs in told.items():
            environ = {"PYTHONPATH": str(hidden)} if name == "asyncio" else {}
            async with here.service(**environ) as service:
                costs.append(await cost(here.load(service).closed, [service], given.seconds))
    report.add(
        "## uvloop or asyncio's own loop", "",
        "| | answers/s | processor time of an answer, ms |", "| --- | --- | --- |",
    )  # fmt: skip
    for name, costs in told.items():
        rates = ", ".join(f"{one.rate:.0f}" for one in costs)
        each = ", ".join(f"{one.each_ms:.2f}" for one in costs)
        report.add(f"| {name} | {rates} | {each} |")
    best = {name: min(one.each_ms for one in costs) for name, costs in told.items()}
    report.add("", f"An answer with uvloop takes {best['uvloop'] / best['asyncio']:.0%} of the processor time it takes without.")  # fmt: skip


STAGES: dict[str, Callable[[Report, Here, argparse.Namespace], Awaitable[None]]] = {
    "load": loads, "soak": soak, "faults": one_at_a_time, "kills": kills,
    "replicas": replicas, "loops": event_loops,
}  # fmt: skip


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=STAGES, help="this stage; may be repeated"
    )
    parser.add_argument("--seconds", type=float, default=20, help="of each load and fault")
    parser.add_argument("--soak", type=float, default=180, help="seconds; 1200 is the full length")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--offers", type=int, default=OFFERS)
    parser.add_argument("--out", type=Path, default=ROOT / "artefacts" / "resilience.md")
    given = parser.parse_args()
    red: list[str] = []
    with tempfile.TemporaryDirectory(prefix="qm-resilience-") as name:
        root = Path(name)
        root.chmod(0o755)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(faults.small_disk(root / "data"))
            print(f"making {given.offers:,} offers", flush=True)
            await asyncio.to_thread(filled, root / "data", given.offers)
            world = await World().open()
            stack.push_async_callback(world.close)
            session = await stack.enter_async_context(
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=28)
                )
            )
            here = Here(root, world, session)
            for stage in given.only or STAGES:
                red += await played(stage, here, given)
    print(f"\n{together(given.out)}: " + ("; ".join(red) or "no red line"), flush=True)
    return 1 if red else 0


async def played(stage: str, here: Here, given: argparse.Namespace) -> list[str]:
    """Runs one stage into its part of the report; its red lines. A stage that stumbles is red, and
    the others go on."""
    began = time.monotonic()
    report = Report(given.out.with_suffix("") / f"{stage}.md")
    print(f"\n--- {stage} ---", flush=True)
    try:
        await STAGES[stage](report, here, given)
    except (Exception, SystemExit) as fault:  # noqa: BLE001  the report names it
        traceback.print_exc()
        report.judge(False, f"{stage} stumbled: {type(fault).__name__}")
    size = {"soak": f" --soak {given.soak:g}", "kills": f" --kills {given.kills}"}.get(stage, "")
    offers = f" --offers {given.offers}" if given.offers != OFFERS else ""
    report.add(
        "", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load average {os.getloadavg()[0]:.1f} at the end; "
        f"`python tests/resilience/run.py --only {stage} --seconds {given.seconds:g}{size}{offers}`.",
    )  # fmt: skip
    report.close(began)
    return report.red


def together(out: Path) -> Path:
    """The whole report: every stage's newest part."""
    parts = [out.with_suffix("") / f"{stage}.md" for stage in STAGES]
    text = (
        f"# Resilience\n\n{faults.machine()}; {OFFERS:,} offers unless a stage says otherwise; "
        "Slack commands and Teams messages half and half.\n\n"
    )
    text += "\n".join(part.read_text("utf-8") for part in parts if part.exists())
    out.write_text(text, "utf-8")
    return out


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
