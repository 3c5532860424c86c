"""Real replicas: `quartermaster serve` processes on one state database, and a Slack that records.

Each replica reaches the stand-in under a path of its own, so that it is known who posted; posts
can be held before or after they count, and a replica killed at just that moment.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import parse_qsl
from urllib.request import Request, urlopen

import sqlalchemy as sa
from aiohttp import web
from service_parts import Process, process
from slack_parts import command, form, signed
from standing_parts import place

from bot.state import State
from bot.state.rows import Rule
from bot.state.tables import delivery, pace, subscription

Moment = Literal["before", "within", "after"]
LEASE = 10.0
"""The shortest the settings allow."""
TAKEOVER = LEASE + 2.0
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@dataclass
class Post:
    replica: str
    channel: str
    delivery: str
    at: float


@dataclass
class Slack:
    """A Web API in a thread of its own."""

    url: str = ""
    posts: list[Post] = field(default_factory=list)
    holding: Moment | None = None
    """Where the next post is held: before it counts, or after."""
    held: threading.Event = field(default_factory=threading.Event)
    holder: str = ""
    drop: bool = False
    """Whether a post held "within" never counts: its connection broke on the way."""
    answers: dict[str, str] = field(default_factory=dict)
    """What was answered to questions, by the path of their response URL."""
    looked: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._number = 0
        self._now = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{replica}/api/{method}", self._answer)
        app.router.add_route("*", "/{rest:.*}", self._other)
        runner = web.AppRunner(app, handler_cancellation=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=512).start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._ready.set()
        try:
            await self._stop.wait()
        finally:
            await runner.cleanup()

    async def _other(self, request: web.Request) -> web.Response:
        """Response URLs and upload addresses."""
        body = await request.read()
        if request.path.startswith("/hook/"):
            self.answers[request.path] = body.decode("utf-8", "replace")
        return web.Response(text="ok")

    async def _answer(self, request: web.Request) -> web.Response:
        raw = await request.read()
        json_body = request.content_type == "application/json"
        fields = json.loads(raw) if json_body else dict(parse_qsl(raw.decode()))
        method = request.match_info["method"]
        told: dict[str, Any] = {}
        if method == "auth.test":
            told = {"user_id": "UBOT", "bot_id": "BBOT", "team_id": "T1"}
        elif method == "chat.postMessage":
            told = await self._post(request.match_info["replica"], fields)
        elif method == "conversations.history":
            self.looked += 1
            told = {"messages": self._history(fields["channel"])}
        elif method == "conversations.open":
            told = {"channel": {"id": f"D{fields['users']}"}}
        elif method == "files.getUploadURLExternal":
            told = {"upload_url": f"{self.url}/upload/1", "file_id": "F1"}
        return web.json_response({"ok": True, **told})

    async def _post(self, replica: str, fields: dict[str, Any]) -> dict[str, Any]:
        metadata = fields.get("metadata") or {}
        if isinstance(metadata, str):
            metadata = json.loads(metadata)
        wanted = (metadata.get("event_payload") or {}).get("delivery", "")
        post = Post(replica, fields["channel"], wanted, time.monotonic())
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            if self.holding in {"within", "after"} and wanted and not self.held.is_set():
                moment, self.holder = self.holding, replica
                if moment == "after":
                    self.posts.append(post)
                self.held.set()
                await asyncio.sleep(1.0)  # it dies meanwhile; Slack finishes what it was given
                if moment == "within" and not self.drop:
                    self.posts.append(post)
            else:
                self.posts.append(post)
            self._number += 1
            return {"channel": fields["channel"], "ts": f"1795510800.{self._number:06d}"}
        finally:
            self._now -= 1

    def _history(self, channel: str) -> list[dict[str, Any]]:
        mine = [post for post in self.posts if post.channel == channel and post.delivery]
        return [
            {
                "ts": f"1795510800.9{number:05d}",
                "metadata": {
                    "event_type": "quartermaster_delivery",
                    "event_payload": {"delivery": post.delivery},
                },
            }
            for number, post in enumerate(reversed(mine))
        ]

    def hold(self, moment: Moment, *, drop: bool = False) -> None:
        self.held.clear()
        self.holding, self.drop, self.holder = moment, drop, ""

    def repeats(self) -> dict[str, int]:
        """Deliveries that were posted more than once."""
        counts = Counter(post.delivery for post in self.posts if post.delivery)
        return {name: times for name, times in counts.items() if times > 1}


class Replicas:
    """Processes by name on one state database; each keeps its folder when it starts again."""

    def __init__(self, url: str, slack: Slack, folder: Path) -> None:
        self.url = url
        self.slack = slack
        self.folder = folder
        self.running: dict[str, Process] = {}
        self._stack = ExitStack()

    def start(self, name: str, *, shared_folder: bool = False, **environ: str) -> Process:
        given = {
            "QUARTERMASTER_DEV": "",
            "QUARTERMASTER_STATE_URL": self.url,
            "QUARTERMASTER_LEASE_SECONDS": str(LEASE),
            "QUARTERMASTER_COMMANDS_PER_MINUTE": "10000",  # the outage asks a lot
            "SLACK_BOT_TOKEN": "xoxb-1-2-test",
            "SLACK_SIGNING_SECRET": SECRET,
            "QUARTERMASTER_SLACK_API_URL": f"{self.slack.url}/{name}/api/",
        }
        folder = self.folder / ("shared" if shared_folder else name)
        started = self._stack.enter_context(process(folder, **given | environ))
        self.running[name] = started
        return started

    def ask(self, name: str, words: str, seconds: float = 15.0) -> float:
        """A slash command at this replica's door; seconds until its answer has come."""
        hook = f"/hook/{time.monotonic_ns()}"
        kind, body = form(command(words, response_url=f"{self.slack.url}{hook}", team_id="T1"))
        begun = time.monotonic()
        request = Request(
            f"{self.running[name].address}/slack/events",
            data=body.encode(),
            headers=signed(body, kind, at=time.time(), secret=SECRET),
        )
        with urlopen(request, timeout=seconds) as got:
            assert got.status == 200
            if b"GPU-hour" in got.read():  # quick answers come in the acknowledgement
                return time.monotonic() - begun
        until(lambda: hook in self.slack.answers, seconds, f"an answer to {words}", every=0.01)
        assert "GPU-hour" in self.slack.answers[hook], self.slack.answers[hook]
        return time.monotonic() - begun

    def ready(self) -> None:
        for one in self.running.values():
            assert one.address

    def kill(self, name: str) -> float:
        """kill -9; when."""
        killed = self.running.pop(name)
        at = time.monotonic()
        killed.process.kill()
        killed.process.wait()
        return at

    def tell(self, state: State) -> None:
        """What was going on, for whoever reads of a failure."""
        with state.reading() as db:
            for table in (subscription, delivery, pace):
                print(table.name, db.execute(sa.select(table).limit(15)).all(), file=sys.stderr)
            print("now", state.now_in(db), file=sys.stderr)
        for name, one in self.running.items():
            print(f"--- {name}", *one.lines[-25:], sep="\n", file=sys.stderr)

    def close(self) -> None:
        for one in self.running.values():
            one.process.terminate()
        self._stack.close()


@contextmanager
def replicas(url: str, folder: Path) -> Iterator[tuple[Replicas, Slack, State]]:
    state = State.open(url)
    with Slack() as slack:
        made = Replicas(url, slack, folder)
        try:
            yield made, slack, state
        except BaseException:
            made.tell(state)
            raise
        finally:
            made.close()
            state.close()


def subscribe(state: State, count: int, workspaces: int) -> None:
    """So many channels, each with a digest that is not due yet."""
    for number in range(count):
        where = place(f"C{number}", f"slack:T{number % workspaces}")
        state.places.save(where)
        state.digests.add(where.id, None, Rule("monthly", 0, 1), {"accelerators": ["H100"]}, "en")


def make_due(state: State, seconds: float = 0.0) -> None:
    """Every digest is due at the same moment, so many seconds from now."""
    due = state.now() + timedelta(seconds=seconds)
    with state.writing() as db:
        db.execute(sa.update(subscription).values(due=due))


def open_deliveries(state: State) -> int:
    with state.reading() as db:
        found = db.scalar(
            sa.select(sa.func.count()).select_from(delivery).where(delivery.c.state == "open")
        )
    return int(found or 0)


def until(
    condition: Callable[[], object], seconds: float, what: str, *, every: float = 0.1
) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"not within {seconds:g} s: {what}"
        time.sleep(every)  # polls a condition in other processes


@dataclass
class Round:
    """One kill: what became of it."""

    moment: str
    takeover: float
    """Seconds from the kill to the last delivery."""
    posts: int


def kill_round(
    made: Replicas,
    slack: Slack,
    state: State,
    count: int,
    moment: Moment,
    chance: random.Random,
    restart: Callable[[str], object],
    *,
    survivors: bool,
) -> Round:
    """`count` digests due at once; a replica dies at this moment; all arrive, none twice."""
    before = len(slack.posts)
    slack.hold(moment, drop=chance.random() < 0.5)
    make_due(state)
    if moment == "before":
        time.sleep(chance.uniform(0.0, 1.5))  # any moment of planning, claiming, sending
        victim = chance.choice(sorted(made.running))
    else:
        assert slack.held.wait(40), "nothing was posted"
        victim = slack.holder
        time.sleep(chance.uniform(0.0, 0.3))  # any moment of posting, recording
    killed = made.kill(victim)
    if not survivors:
        restart(victim)
        made.ready()
    arrived = lambda: len({p.delivery for p in slack.posts[before:]}) == count  # noqa: E731
    until(arrived, TAKEOVER + 60, f"{count} deliveries, {moment}")
    until(lambda: open_deliveries(state) == 0, TAKEOVER + 60, "all recorded")
    took = max((post.at for post in slack.posts[before:]), default=killed) - killed
    slack.holding = None
    if survivors:
        restart(victim)
        made.ready()
    return Round(moment, took, len(slack.posts) - before)
