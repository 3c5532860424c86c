"""The npm Slack emulator as Slack's Web API: what we post is what it stores.

Delivers no events of its own (tests/tools/slack/package.json pins it): requests are signed here, as
Slack signs them.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession
from conftest import ROOT
from cryptography.fernet import Fernet
from gallery import GALLERY
from postgres import wait_until
from pydantic import SecretStr
from slack_parts import NOW, Client, Core, Options, command, event, mention, platform

from bot.chart import png
from bot.slack.app import SlackPlatform
from bot.state import State
from bot.state.seal import keyring

PARTS = ROOT / "tests" / "tools" / "slack"
EMULATOR = PARTS / "node_modules" / ".bin" / "emulate"
GOLDEN = Path(__file__).parent / "golden"
BOT_TOKEN, DANA_TOKEN, BOT = "xoxb-gpu-test", "xoxp-dana", "U0GPUBOT1"
SEED = """\
slack:
  team: {name: GPU Co, domain: gpuco}
  users: [{name: dana, real_name: Dana Buyer, email: dana@example.com}]
  channels: [{name: gpu-buying}]
  oauth_apps:
    - {client_id: "111.222", client_secret: oauth-secret, app_id: A0GPU0001, name: GPU Bot,
       bot_id: B0GPU0001, bot_user_id: U0GPUBOT1, bot_name: gpubot,
       redirect_uris: ["https://bot.example/slack/oauth_redirect"], scopes: [chat:write, commands]}
  tokens:
    - {token: xoxb-gpu-test, type: bot, user_id: U0GPUBOT1, app_id: A0GPU0001, bot_id: B0GPU0001, bot_user_id: U0GPUBOT1}
    - {token: xoxp-dana, type: user, user: dana}
"""
pytestmark = [
    pytest.mark.skipif(
        not EMULATOR.exists() or shutil.which("node") is None,
        reason=f"no Slack emulator here: npm ci --prefix {PARTS.relative_to(ROOT)}",
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
        channels = (await self.call("conversations.list", limit="100"))["channels"]
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


@asynccontextmanager
async def serving(workspace: Workspace, state: State, core: Core, **more: Any) -> AsyncIterator[Client]:  # fmt: skip
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
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    async with ClientSession() as session, session.get(file["url_private"], headers=headers) as got:
        assert (await got.read()).startswith(b"\x89PNG")


async def test_the_home_tab_is_stored(workspace: Workspace, state: State, core: Core) -> None:
    async with serving(workspace, state, core) as slack:
        inner = {"type": "app_home_opened", "user": workspace.dana, "channel": "D1", "tab": "home"}
        await slack.send(event(inner, team_id=workspace.team))
        await slack.platform._turns.finish(20)
    async with ClientSession() as session, session.get(f"{workspace.url}/?tab=views") as page:
        assert "home" in await page.text()


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
