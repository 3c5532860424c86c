"""What is fuzzed: each target takes a value that hypothesis makes, and may not break on it."""

from __future__ import annotations

import asyncio
import atexit
import base64
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from hypothesis import strategies as st

from bot.core.answer import Answer, Column, Fact, FollowUp, Note, Table, TableRow
from bot.core.desk import Asker
from bot.render.terminal import lines
from bot.reply.reply import reply
from bot.slack.blocks import render as blocks
from bot.teams.card import render as card
from bot.understanding.understand import understand
from knowledge.feeds.source import NotUnderstood, ParseFault, Payload, RawOffer
from knowledge.prices.store import Store
from knowledge.sources import SOURCES

CRASHES = Path(__file__).parent / "crashes"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


class Target(NamedTuple):
    given: st.SearchStrategy[Any]
    run: Callable[[Any], None]


def kept(name: str, value: object) -> Path:
    """Writes an input that broke a target, as JSON that `loaded` reads."""
    text = json.dumps(value, default=_as_text, ensure_ascii=True)
    folder = CRASHES / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"
    path.write_text(text + "\n", "utf-8")
    return path


def loaded(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"), object_hook=_from_text)


def _as_text(value: object) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(type(value))


def _from_text(found: dict[str, Any]) -> Any:
    return base64.b64decode(found["base64"]) if set(found) == {"base64"} else found


# -- words -------------------------------------------------------------------------------------

_PARTS = st.sampled_from(
    "cheapest price compare vs h100 a100 80gb 8x 0x -1x in europe spot reserved $2 $1e9 budget watch "
    "below digest weekly monday 25:99 09:00 America/New_York fit llama-70b history 90d 0d 99999999d "
    "mais barata na europa R$ 10 % for 1e308h @here <!channel> ' \" ; -- \u202e \ud83d\ude80".split()
)
WORDS = st.one_of(st.text(max_size=400), st.lists(_PARTS, max_size=30).map(" ".join))
_store: list[Store] = []


def _folder() -> Path:
    """Gone when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="quartermaster-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def store() -> Store:
    if not _store:
        _store.append(Store.open(_folder() / "prices.db", NOW))
    return _store[0]


def ask(words: str) -> None:
    """Understood, answered without an apology, and rendered everywhere."""
    understand(words).stated()
    answer = reply(words, Asker(), NOW, store())
    assert answer.reference is None, f"a fault of ours: {words!r}"
    json.dumps(blocks(answer)), json.dumps(card(answer)), list(lines(answer))


# -- renderers ---------------------------------------------------------------------------------

_TEXT = st.text(max_size=300)


def _answer(given: dict[str, Any]) -> Answer:
    width = len(given["columns"])
    rows = tuple(
        TableRow(tuple((row * width)[:width]) if row else ("",) * width, given["url"])
        for row in given["rows"]
    )
    return Answer(
        headline=given["headline"],
        lang="pt" if given["pt"] else "en",
        lines=tuple(given["lines"]),
        table=Table(tuple(Column(title) for title in given["columns"]), rows) if width else None,
        facts=tuple(Fact(a, b) for a, b in given["facts"]),
        notes=tuple(Note("tip", "rule", text) for text in given["lines"][:2]),
        follow_ups=tuple(FollowUp(text, text) for text in given["lines"]),
        now=NOW,
    )


ANSWERS = st.fixed_dictionaries(
    {
        "headline": _TEXT,
        "pt": st.booleans(),
        "lines": st.lists(_TEXT, max_size=8),
        "columns": st.lists(_TEXT, max_size=8),
        "rows": st.lists(st.lists(_TEXT, max_size=8), max_size=40),
        "facts": st.lists(st.tuples(_TEXT, _TEXT), max_size=12),
        "url": st.sampled_from(["https://example.org/p", "javascript:alert(1)", "", None]),
    }
)


def draw(given: dict[str, Any]) -> None:
    answer = _answer(given)
    made = blocks(answer)
    assert len(made) <= 50
    assert len(json.dumps(card(answer))) < 100_000
    list(lines(answer))


# -- feeds -------------------------------------------------------------------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from("items data Items offers name price gpu count region currency unit id".split()) | st.text(max_size=8),
        inner, max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip
FEEDS = st.tuples(
    st.sampled_from(sorted(SOURCES)),
    st.one_of(
        _JSON.map(lambda value: json.dumps(value).encode()),
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: f"<html><table><tr><td>{text}".encode(errors="ignore")),
        st.text('abc,;"\n0123456789.$', max_size=300).map(str.encode),
    ),
)  # fmt: skip


def parse(given: tuple[str, bytes]) -> None:
    """Rows, rows not understood, or one ParseFault: nothing else."""
    name, body = given
    payload = Payload("https://example.org/feed", body, NOW)
    try:
        for row in SOURCES[name].parse([payload]):
            assert isinstance(row, RawOffer | NotUnderstood)
    except ParseFault as fault:
        assert "\n" not in str(fault)


# -- HTTP --------------------------------------------------------------------------------------

ROUTES = st.tuples(
    st.sampled_from(["/slack/events", "/api/messages", "/healthz", "/readyz", "/metrics", "/slack/install", "/x"]),
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS"]),
    st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data"]),
    st.dictionaries(
        st.sampled_from(["Authorization", "X-Slack-Signature", "X-Slack-Request-Timestamp", "X-Slack-Retry-Num", "Accept"]),
        st.text("abcXYZ0123456789=._- ", max_size=60), max_size=4,
    ),
    st.one_of(st.binary(max_size=400), _JSON.map(lambda value: json.dumps(value).encode())),
)  # fmt: skip


class _Running:
    """The real service, started once, on a loop of its own thread-free kind."""

    def __init__(self) -> None:
        from bot.app.serve import Service
        from bot.core.settings import read_settings

        self.loop = asyncio.new_event_loop()
        self.service = Service(
            read_settings(
                {
                    "QUARTERMASTER_DATA_DIR": str(_folder()), "QUARTERMASTER_DEV": "1",
                    "QUARTERMASTER_PORT": "0", "QUARTERMASTER_REFRESH_EVERY_HOURS": "0",
                    "SLACK_BOT_TOKEN": "xoxb-fuzz", "SLACK_SIGNING_SECRET": "fuzz-signing-secret",
                    "QUARTERMASTER_SLACK_API_URL": "http://127.0.0.1:9/api/",
                }
            )
        )  # fmt: skip
        self.task = self.loop.create_task(self.service.run())
        self.loop.run_until_complete(self.service.started.wait())
        self.session = self.loop.run_until_complete(self._session())

    async def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20))

    def ask(self, given: tuple[str, str, str, dict[str, str], bytes]) -> int:
        return self.loop.run_until_complete(self._ask(*given))

    async def _ask(
        self, path: str, method: str, kind: str, headers: dict[str, str], body: bytes
    ) -> int:
        sent = {"Content-Type": kind, **{k: v.strip() for k, v in headers.items()}}
        url = self.service.address + path
        async with self.session.request(method, url, data=body, headers=sent) as answer:
            await answer.read()
            return answer.status


_running: list[_Running] = []


def request(given: tuple[str, str, str, dict[str, str], bytes]) -> None:
    """Never a server error, and never taken for what a platform sent."""
    if not _running:
        _running.append(_Running())
    status = _running[0].ask(tuple(given))  # type: ignore[arg-type]
    if given[0].startswith(("/slack", "/api", "/x")):
        assert 400 <= status < 500, (status, given)
    else:
        assert status in (200, 405, 503), (status, given)


TARGETS = {
    "words": Target(WORDS, ask),
    "renderers": Target(ANSWERS, draw),
    "feeds": Target(FEEDS, parse),
    "routes": Target(ROUTES, request),
}
