"""The npm Slack emulator as Slack's Web API: what we post is what it stores.

Delivers no events of its own (tests/tools/slack/package.json pins it): requests are signed here, as
Slack signs them.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession, web
from conftest import ROOT
from cryptography.fernet import Fernet
from gallery import GALLERY
from postgres import wait_until
from pydantic import SecretStr
from slack_parts import (
    NOW,
    Client,
    Core,
    Options,
    command,
    event,
    mention,
    platform,
    real_core,
    running,
)
from standing_parts import FAST, Clock, Week, until

from bot.core.desk import Ask, Asker
from bot.render.chart import png
from bot.slack.app import SlackPlatform
from bot.slack.home import Order, home_view
from bot.slack.manifest import HISTORY, SCOPES
from bot.standing.ticker import Standing
from bot.state import Place, State
from bot.state.rows import Rule
from bot.state.seal import keyring
from knowledge.prices.store import Store

PARTS = ROOT / "tests" / "tools" / "slack"
EMULATOR = PARTS / "node_modules" / ".bin" / "emulate"
GOLDEN = Path(__file__).parent / "golden"
BOT_TOKEN, DANA_TOKEN, BOT = "xoxb-gpu-test", "xoxp-dana", "U0GPUBOT1"
NARROW_TOKEN = "xoxb-narrow"
# Its tokens hold what the manifest asks for and no more: what lacks a scope is refused.
SEED = f"""\
slack:
  strict_scopes: true
  team: {{name: GPU Co, domain: gpuco}}
  users: [{{name: dana, real_name: Dana Buyer, email: dana@example.com}}]
  channels: [{{name: gpu-buying}}]
  oauth_apps:
    - {{client_id: "111.222", client_secret: oauth-secret, app_id: A0GPU0001, name: GPU Bot,
       bot_id: B0GPU0001, bot_user_id: {BOT}, bot_name: gpubot,
       redirect_uris: ["https://bot.example/slack/oauth_redirect"], scopes: {json.dumps(SCOPES)}}}
  tokens:
    - {{token: {BOT_TOKEN}, type: bot, user_id: {BOT}, app_id: A0GPU0001, bot_id: B0GPU0001,
       bot_user_id: {BOT}, scopes: {json.dumps(SCOPES + HISTORY)}}}
    - {{token: {NARROW_TOKEN}, type: bot, user_id: {BOT}, app_id: A0GPU0001, bot_id: B0GPU0001,
       bot_user_id: {BOT}, scopes: {json.dumps(SCOPES)}}}
    - {{token: {DANA_TOKEN}, type: user, user: dana}}
"""
pytestmark = [
    pytest.mark.skipif(
        not EMULATOR.exists() or shutil.which("node") is None,
        reason="the Slack emulator is not installed; run: make parts",
    ),
    # slack_sdk's own call; aiohttp 3.14 would like it written otherwise.
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address, while it runs."""
    folder = tmp_path_factory.mktemp("emulator")
    (folder / "seed.yaml").write_text(SEED)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [EMULATOR, "start", "--service", "slack", "--port", str(port), "--seed", "seed.yaml"],
            cwd=folder,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: _listens(port, process), 60, "the emulator listens")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the emulator ended"
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Workspace:
    """What the emulator holds, read by its Web API."""

    def __init__(self, url: str, session: ClientSession) -> None:
        self.url = url
        self._session = session
        self.channel = self.dana = self.team = ""

    async def call(self, method: str, token: str = BOT_TOKEN, **fields: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        address = f"{self.url}/api/{method}"
        async with self._session.post(address, data=fields, headers=headers) as answer:
            found: dict[str, Any] = await answer.json()
            assert found["ok"], found
            return found

    async def look_around(self) -> None:
        users = (await self.call("users.list", limit="100"))["members"]
        channels = (await self.call("conversations.list", DANA_TOKEN, limit="100"))["channels"]
        self.dana = next(one["id"] for one in users if one["name"] == "dana")
        self.channel = next(one["id"] for one in channels if one["name"] == "gpu-buying")
        self.team = (await self.call("auth.test", any="1"))["team_id"]

    async def ask(self, slack: Client, words: str) -> str:
        """Dana writes it into the channel, and Slack tells us; returns the message's ts."""
        text = f"<@{BOT}> {words}"
        said = await self.call("chat.postMessage", DANA_TOKEN, channel=self.channel, text=text)
        inner = mention(words, text=text, user=self.dana, channel=self.channel, ts=said["ts"], team=self.team)  # fmt: skip
        status, _ = await slack.send(event(inner, team_id=self.team))
        assert status == 200
        return str(said["ts"])

    async def thread(self, ts: str, number: int) -> list[dict[str, Any]]:
        """The replies under a message, when there are so many."""
        async with asyncio.timeout(20):
            while True:
                found = await self.call("conversations.replies", channel=self.channel, ts=ts)
                if len(found["messages"]) > number:
                    return list(found["messages"][1:])
                await asyncio.sleep(0.05)  # the emulator tells nobody when it has stored something


@pytest.fixture
async def workspace(emulator: str) -> AsyncIterator[Workspace]:
    async with ClientSession() as session:
        found = Workspace(emulator, session)
        await found.look_around()
        yield found


class Wire:
    """A proxy in front of the emulator: what went out, what came back, and a cut on request."""

    def __init__(self, there: str, session: ClientSession) -> None:
        self._there = there
        self._session = session
        self.api = ""
        self.seen: list[tuple[str, Any, dict[str, Any]]] = []
        self.cut: set[str] = set()

    def of(self, method: str) -> list[tuple[Any, dict[str, Any]]]:
        return [(sent, answer) for name, sent, answer in self.seen if name == method]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        method = request.path.removeprefix("/api/")
        kept = {name: request.headers[name] for name in ("Authorization", "Content-Type")}
        there = f"{self._there}{request.path}"
        async with self._session.post(there, data=raw, headers=kept) as answer:
            found = await answer.json()
        is_json = request.content_type == "application/json"
        sent = json.loads(raw) if is_json else dict(parse_qsl(raw.decode()))
        self.seen.append((method, sent, found))
        if method in self.cut and request.transport is not None:
            request.transport.close()  # it happened, and nobody hears of it
        return web.json_response(found)


@pytest.fixture
async def wire(workspace: Workspace) -> AsyncIterator[Wire]:
    async with ClientSession() as session:
        made = Wire(workspace.url, session)
        app = web.Application()
        app.router.add_post("/{rest:.*}", made.handle)
        async with running(app) as url:
            made.api = f"{url}/api/"
            yield made


@asynccontextmanager
async def serving(workspace: Workspace, state: State, core: Ask, **more: Any) -> AsyncIterator[Client]:  # fmt: skip
    given = {"slack_bot_token": SecretStr(BOT_TOKEN), "slack_api_url": f"{workspace.url}/api/"}
    made = SlackPlatform(
        Options(**(given | more)),
        core,
        state,
        clock=lambda: NOW,
        draw=lambda answer: png(answer.chart, answer.lang) if answer.chart else None,
    )
    async with platform(made) as slack:
        yield slack


@pytest.mark.parametrize("name", ["table", "advice", "portuguese whole", "chart with a table", "nasty"])  # fmt: skip
async def test_a_mention_leads_to_the_golden_message_in_its_thread(workspace: Workspace, state: State, core: Core, name: str) -> None:  # fmt: skip
    core.answer = GALLERY[name]
    async with serving(workspace, state, core) as slack:
        ts = await workspace.ask(slack, "cheapest a100")
        (reply,) = await workspace.thread(ts, 1)
    assert reply["thread_ts"] == ts
    golden = json.loads((GOLDEN / f"{name.replace(' ', '-')}.json").read_text("utf-8"))
    stored = json.loads(json.dumps(reply["blocks"]).replace(workspace.dana, "U0DANA0001"))
    assert stored == golden["blocks"]
    assert reply["text"] == golden["text"]
    assert core.asked[0][1].user == f"slack:{workspace.team}:{workspace.dana}"


async def test_a_chart_lands_as_a_file_in_the_thread(workspace: Workspace, state: State, core: Core) -> None:  # fmt: skip
    core.answer = GALLERY["chart"]
    async with serving(workspace, state, core) as slack:
        ts = await workspace.ask(slack, "history h100 90d")
        replies = await workspace.thread(ts, 2)
    (file,) = [one for reply in replies for one in reply.get("files", [])]
    assert file["name"] == "h100.png"
    assert file["size"] > 1000
    headers = {"Authorization": f"Bearer {DANA_TOKEN}"}
    async with ClientSession() as session, session.get(file["url_private"], headers=headers) as got:
        assert (await got.read()).startswith(b"\x89PNG")


async def test_the_home_tab_holds_what_stands_for_this_person(workspace: Workspace, wire: Wire, state: State, store: Store) -> None:  # fmt: skip
    """Published twice; each time what the emulator says it keeps is the view that was built."""
    at = f"slack:{workspace.team}:{workspace.channel}"
    here = {"team_id": workspace.team, "user_id": workspace.dana, "channel_id": workspace.channel}
    opened = {"type": "app_home_opened", "user": workspace.dana, "channel": "D1", "tab": "home"}
    async with real_core(state, store) as core:
        async with serving(workspace, state, core, slack_api_url=wire.api) as slack:
            await slack.send(event(opened, team_id=workspace.team))
            await slack.platform._turns.finish(20)
            await slack.send(command("watch h100 < 2.00 eu", **here))
            await slack.send(event(opened, team_id=workspace.team))
            await slack.platform._turns.finish(20)
        asker = Asker(platform="slack", workspace=f"slack:{workspace.team}", place=at, lang="en")
        sources, watches = await core("sources", asker), await core("watches", asker)
    assert len(state.watches.of(at)) == 1
    standing = [Order(workspace.channel, watches)]
    for (sent, answer), orders in zip(wire.of("views.publish"), ([], standing), strict=True):
        kept = answer["view"]
        assert sent["user_id"] == workspace.dana
        assert {name: kept[name] for name in ("type", "callback_id", "blocks")} == home_view("en", {}, orders, sources)  # fmt: skip
    assert len({answer["view"]["id"] for _, answer in wire.of("views.publish")}) == 1
    listed = [block["text"]["text"] for block in kept["blocks"] if block["type"] == "section"]
    assert f"*<#{workspace.channel}>*\n• Watch #1: H100 in Europe below $2.00, on demand · waiting" in listed  # fmt: skip


async def test_a_form_opens_for_a_real_trigger(workspace: Workspace, state: State, core: Core) -> None:  # fmt: skip
    """Its triggers come from a helper of its own."""
    made = await workspace.call("views.generateTriggerId", user_id=workspace.dana)
    async with serving(workspace, state, core) as slack:
        await slack.platform._turns.sender.open_view(
            BOT_TOKEN, made["trigger_id"], {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": [], "callback_id": "x"},
        )  # fmt: skip


async def test_oauth_leaves_a_working_installation(workspace: Workspace, tmp_path: Path, core: Core) -> None:  # fmt: skip
    """From our first page over the emulator's to our second, then a question."""
    key = Fernet.generate_key().decode()
    state = State.open(f"sqlite:///{tmp_path / 'oauth.db'}", key=keyring([key]))
    oauth = {
        "slack_bot_token": None, "slack_client_id": "111.222", "slack_client_secret": SecretStr("oauth-secret"),
        "encryption_keys": (SecretStr(key),), "public_url": "https://bot.example",
    }  # fmt: skip
    async with serving(workspace, state, core, **oauth) as slack, ClientSession() as browser:
        async with browser.get(f"{slack.url}/slack/install", allow_redirects=False) as first:
            there = first.headers["Location"]
            cookie = first.headers["Set-Cookie"].split(";")[0]
        assert there.startswith(f"{workspace.url}/oauth/v2/authorize?")
        code = await _allow(browser, there, workspace.dana)
        given = {"code": code, "state": parse_qs(urlsplit(there).query)["state"][0]}
        back = f"{slack.url}/slack/oauth_redirect"
        async with browser.get(back, params=given, headers={"Cookie": cookie}) as second:
            assert second.status == 200, await second.text()
        ts = await workspace.ask(slack, "cheapest a100")
        (reply,) = await workspace.thread(ts, 1)
        assert reply["text"] == "You asked: cheapest a100"
        assert (await slack.send(command("price h100", team_id=workspace.team)))[1]["text"]
    state.close()


async def _allow(browser: ClientSession, page: str, user: str) -> str:
    """Presses the button of the emulator's consent page, as this user."""
    import re

    async with browser.get(page) as answer:
        html = await answer.text()
    forms = re.findall(r"<form[^>]*action=\"([^\"]+)\".*?</form>", html, re.DOTALL)
    bodies = re.findall(r"<form.*?</form>", html, re.DOTALL)
    for action, body in zip(forms, bodies, strict=True):
        fields = {
            re.search(r'name="([^"]+)"', one).group(1): re.search(r'value="([^"]*)"', one).group(1)  # type: ignore[union-attr]
            for one in re.findall(r"<input[^>]+>", body)
            if 'name="' in one and 'value="' in one
        }
        if user not in fields.values() and len(bodies) > 1:
            continue
        fields = {name: value.replace("&amp;", "&") for name, value in fields.items()}
        base = f"{urlsplit(page).scheme}://{urlsplit(page).netloc}"
        async with browser.post(base + action, data=fields, allow_redirects=False) as done:
            return parse_qs(urlsplit(done.headers["Location"]).query)["code"][0]
    raise AssertionError(html[:2000])


# -- look before posting again -------------------------------------------------------------------


async def somewhere(workspace: Workspace, kind: str) -> Place:
    """A place of this kind in the emulator's workspace."""
    channel, thread = workspace.channel, None
    if kind.startswith("private"):
        name = f"gpu-{secrets.token_hex(4)}"
        made = await workspace.call("conversations.create", DANA_TOKEN, name=name, is_private="true")  # fmt: skip
        channel = made["channel"]["id"]
        await workspace.call("conversations.invite", DANA_TOKEN, channel=channel, users=BOT)
    if kind == "direct message":
        channel = workspace.dana
    if kind == "several people":
        both = f"{BOT},U000000001"
        opened = await workspace.call("conversations.open", DANA_TOKEN, users=both)
        channel = opened["channel"]["id"]
    if kind.endswith("thread"):
        said = await workspace.call("chat.postMessage", DANA_TOKEN, channel=channel, text="prices here, please")  # fmt: skip
        thread = said["ts"]
    team = workspace.team
    return Place(f"slack:{team}:{channel}", "slack", f"slack:{team}", team, channel, thread=thread)


PLACES = ("channel", "private channel", "thread", "private thread", "direct message", "several people")  # fmt: skip


@pytest.mark.parametrize("kind", PLACES)
async def test_an_earlier_post_is_found(workspace: Workspace, state: State, core: Core, kind: str) -> None:  # fmt: skip
    """In every kind of conversation, by what the message carries; of another delivery it is not."""
    place = await somewhere(workspace, kind)
    async with serving(workspace, state, core) as slack:
        posts = slack.platform
        assert await posts.posted(place, "digest-1@20261124T090000Z") is None
        at = await posts.post(place, GALLERY["table"], "digest-1@20261124T090000Z")
        assert await posts.posted(place, "digest-1@20261124T090000Z") == at
        assert await posts.posted(place, "digest-1@20261201T090000Z") is None


@pytest.mark.parametrize("kind", PLACES)
async def test_who_grants_no_history_is_not_looked_at(workspace: Workspace, state: State, core: Core, kind: str) -> None:  # fmt: skip
    """The optional scopes are optional: posts go out all the same."""
    place = await somewhere(workspace, kind)
    narrow = {"slack_bot_token": SecretStr(NARROW_TOKEN)}
    async with serving(workspace, state, core, **narrow) as slack:
        at = await slack.platform.post(place, GALLERY["table"], "digest-1@20261124T090000Z")
        assert at
        found = await slack.platform.posted(place, "digest-1@20261124T090000Z")
    assert found == (at if kind == "direct message" else None)


@pytest.mark.parametrize("kind", ["channel", "thread"])
async def test_a_digest_whose_acknowledgement_was_lost_is_not_posted_twice(workspace: Workspace, wire: Wire, state: State, store: Store, core: Core, kind: str) -> None:  # fmt: skip
    """Posted, then the line was cut: the next try finds it and records it."""
    place = await somewhere(workspace, kind)
    state.places.save(place)
    clock = Clock()
    ticking = State(state.engine, key=None, clock=clock)
    made = ticking.digests.add(place.id, None, Rule("weekly", 1, 1, "09:30", "UTC"), {"accelerators": ["H100"]}, "en")  # fmt: skip
    ticking.digests.send_now(made)
    wire.cut.add("chat.postMessage")
    async with serving(workspace, state, core, slack_api_url=wire.api) as slack:
        standing = Standing(ticking, store, {"slack": slack.platform}, pace=FAST._replace(send_timeout=10))  # fmt: skip
        await standing.start()
        try:
            await until(lambda: ticking.digests.of(place.id)[0].last_fault)
            wire.cut.clear()
            clock.turn(seconds=61)
            await until(lambda: ticking.deliveries.counts() == {"sent": 1})
        finally:
            await standing.stop()
    ((_, posted),) = wire.of("chat.postMessage")
    looked = wire.of("conversations.replies" if kind == "thread" else "conversations.history")
    assert len(looked) == 1
    assert posted["ts"] in json.dumps(looked[0][1])


@pytest.mark.parametrize("cut", [False, True], ids=["well", "acknowledgements lost"])
async def test_a_digest_and_a_watch_arrive_once(workspace: Workspace, wire: Wire, tmp_path: Path, *, cut: bool) -> None:  # fmt: skip
    """Asked for in a channel, delivered there by the schedule; what is stored is what it says."""
    clock = Clock()
    week = Week(tmp_path, clock)
    state = State.open(f"sqlite:///{tmp_path / 'orders.db'}", clock=clock)
    place = await somewhere(workspace, "private channel")
    here = {"team_id": workspace.team, "user_id": workspace.dana, "channel_id": place.channel}
    async with (
        real_core(state, week.store, clock) as core,
        serving(workspace, state, core, slack_api_url=wire.api) as slack,
    ):
        for words in week.ORDERS:
            await slack.send(command(words, **here))
        assert (len(state.digests.of(place.id)), len(state.watches.of(place.id))) == (1, 1)
        if cut:
            wire.cut.add("chat.postMessage")
        await week.arrives(state, {"slack": slack.platform}, 2 if cut else 0, wire.cut.clear)
    found = await workspace.call("conversations.history", channel=place.channel, include_all_metadata="true")  # fmt: skip
    ours = {
        one["metadata"]["event_payload"]["delivery"]: one
        for one in found["messages"]
        if one.get("metadata")
    }
    assert len(wire.of("chat.postMessage")) == 2
    assert sorted(ours) == sorted(week.DELIVERIES)
    assert len(wire.of("conversations.history")) == (2 if cut else 0)
    digest, watch = (ours[name] for name in week.DELIVERIES)
    assert digest["text"].startswith("GPU prices, week of 17 Nov: H100 80 GB SXM down 28")
    assert watch["text"].startswith("H100 fell below $2.00: $1.79 per GPU-hour. Voltage Park")
    shown = json.dumps([digest["blocks"], watch["blocks"]]).replace("\\u00a0", " ")
    assert "H100 80 GB SXM is down 28%: prefer short terms" in shown
    for typed in ("digest stop #1", "change digest #1", "unwatch #1", "watch snooze #1 7d"):
        assert typed in shown
    assert "https://prices.example/h100" in shown
    state.close()
    week.store.close()
