"""Microsoft's Agents Playground beside a running `quartermaster serve`: a Teams without Teams.

The Playground is Microsoft's local client with a connector of its own; it asks no credentials, so
`serve` runs in development on loopback.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from browser import PARTS, chromium, only_loopback
from playwright.sync_api import Locator, Page

ROOT = Path(__file__).parents[3]
STARTED_WITHIN = 90.0
"""Seconds for either process; both need a few on a quiet machine."""
TENANT = "00000000-0000-4000-8000-0000000000aa"
ANA = "00000000-0000-4000-8000-00000000a001"
PERSONAL, CHANNEL = "a:p1", "19:c2@thread.tacv2"
CARD = ".ac-adaptiveCard"


def _person(number: int, name: str) -> dict[str, str]:
    given, surname = name.split()
    return {
        "id": f"29:{given.lower()}",
        "name": name,
        "userPrincipleName": f"{given.lower()}@example.com",  # the Playground spells it so
        "aadObjectId": f"00000000-0000-4000-8000-00000000a00{number}",
        "givenName": given,
        "surname": surname,
        "email": f"{given.lower()}@example.com",
    }


CONFIG = {
    "version": "0.1.1",
    "tenantId": TENANT,
    "bot": {"id": "28:gpu", "name": "Quartermaster"},
    "currentUser": _person(1, "Ana Souza"),
    # With fewer than five it says "Listening" and ends.
    "users": [_person(n + 2, name) for n, name in enumerate(("Ben Ito", "Cleo Roy", "Dan Wu", "Eva Lund", "Fay Oh"))],
    "personalChat": {"id": PERSONAL},
    "groupChat": {"id": "19:g1@thread.v2", "name": "Buyers"},
    "team": {
        "id": "19:t1@thread.tacv2", "name": "Procurement", "aadGroupId": "00000000-0000-4000-8000-00000000b001",
        "channels": [{"id": CHANNEL, "name": "GPUs"}],
    },
}  # fmt: skip


class Playground:
    """The page, the service behind it, and short words for both."""

    def __init__(self, page: Page, url: str, environ: dict[str, str], pictures: Path) -> None:
        self.page, self.url, self.environ, self.pictures = page, url, environ, pictures

    @property
    def cards(self) -> Locator:
        return self.page.locator(CARD)

    def card(self, text: str | re.Pattern[str]) -> Locator:
        """The newest card that holds this, when it is there."""
        found = self.cards.filter(has_text=text).last
        found.wait_for()
        return found

    def go(self, place: str) -> None:
        self.page.get_by_role("treeitem", name=place).click()
        self.page.locator("div[role=textbox]").first.wait_for()

    def say(self, words: str, *, mention: bool = False) -> None:
        """Types and sends; in a channel as a new post that mentions the bot."""
        self.page.locator("div[role=textbox]").first.click()
        if mention:
            self.page.keyboard.type("@")
            self.page.get_by_role("menuitem", name="Quartermaster").click()
            self.page.keyboard.type(" ")
        self.page.keyboard.type(words)
        self.page.get_by_role("button", name="Post" if mention else "Send Message").first.click()

    def mock(self, name: str) -> None:
        """An activity from the Playground's menu: "Install application"."""
        self.page.get_by_role("button", name="Mock an Activity").click()
        self.page.get_by_role("menuitem").filter(has_text=re.compile(f"^{name}$")).click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name="Send activity").click()
        dialog.wait_for(state="hidden")

    def message(self, words: str, locale: str) -> None:
        """A message from a Teams in another language, into the personal chat."""
        path = f"{self.url}/_internal/v1/customActivities"
        with urllib.request.urlopen(
            f"{path}/template?conversationId={PERSONAL}", timeout=20
        ) as answer:
            made: dict[str, Any] = json.load(answer)
        made |= {
            "type": "message",
            "text": words,
            "locale": locale,
            "channelData": {"tenant": {"id": TENANT}},
        }
        body = json.dumps(made).encode()
        asked = urllib.request.Request(path, body, {"Content-Type": "application/json"})
        urllib.request.urlopen(asked, timeout=20).close()

    def command(self, *words: str) -> tuple[int, str]:
        """`quartermaster ...` on the same installation: its status and what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words], cwd=ROOT, env=self.environ, capture_output=True, text=True,
            timeout=90, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def picture(self, name: str) -> None:
        self.page.screenshot(path=self.pictures / f"{name}.png")


@contextmanager
def playground(folder: Path, pictures: Path) -> Iterator[Playground]:
    """Service, Playground and browser, running; all of them end with the block."""
    pictures.mkdir(parents=True, exist_ok=True)
    (folder / ".m365agentsplayground.yml").write_text(json.dumps(CONFIG), "utf-8")
    port, port_2 = _free_ports()
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("QUARTERMASTER_", "MICROSOFT_", "SLACK_"))
    }
    environ = clean | {
        "QUARTERMASTER_DEV": "1",
        "QUARTERMASTER_PORT": str(port),
        "QUARTERMASTER_DATA_DIR": str(folder / "data"),
        "QUARTERMASTER_REFRESH_EVERY_HOURS": "0",
        "QUARTERMASTER_MARKETPLACES_EVERY_HOURS": "0",
    }  # fmt: skip
    with ExitStack() as stack:
        serve = [sys.executable, "-m", "bot", "serve"]
        stack.enter_context(_running(serve, ROOT, environ, folder / "serve.log"))
        _answers(f"http://127.0.0.1:{port}/readyz", folder / "serve.log")
        # The program itself, not its wrapper: ending the wrapper would leave it alive.
        program = [
            "node", str(PARTS / "@microsoft/m365agentsplayground/cli.js"), "start", "--dt", "-c", "msteams",
            "-p", str(port_2), "-e", f"http://127.0.0.1:{port}/api/messages",
        ]  # fmt: skip
        stack.enter_context(
            _running(program, folder, clean | {"TEAMSAPPTESTER_BROWSER": "none"}, folder / "playground.log")
        )  # fmt: skip
        url = f"http://localhost:{port_2}"
        _answers(f"{url}/_debug/ping", folder / "playground.log")
        page = stack.enter_context(chromium()).new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(45_000)
        only_loopback(page)
        # Fonts from outside are refused: "loaded" would wait for them.
        page.goto(url, wait_until="commit")
        page.get_by_role("treeitem", name="Personal Chat").wait_for(timeout=STARTED_WITHIN * 1000)
        play = Playground(page, url, environ, pictures)
        try:
            yield play
        except Exception:
            play.picture("fault")
            raise


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


@contextmanager
def _running(program: list[str], where: Path, environ: dict[str, str], log: Path) -> Iterator[None]:
    with (
        log.open("wb") as out,
        subprocess.Popen(program, cwd=where, env=environ, stdout=out, stderr=out) as process,
    ):
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(url: str, log: Path) -> None:
    """Returns when this address answers; raises with the log's end when it never does."""
    limit = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < limit:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer:\n{log.read_text('utf-8', 'replace')[-2000:]}")
