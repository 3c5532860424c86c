"""Whatever is sent: a right status, silence or a clear answer, never a fault of ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from teams_parts import ANONYMOUS, BOT, Core, activity, channel, click, invoke, mention, search

from bot.core.answer import Answer
from bot.teams.app import TeamsPlatform

URL = "http://127.0.0.1:9/"
MANY = settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)  # fmt: skip
ODD = (
    "", " ", "<at>Quartermaster</at>", "<at>", "</at>", "&nbsp;", "a" * 100_000, "\x00", "\u202e", "<script>", "{{x}}",
    "29:x", BOT, "msteams", "../../etc", "true", "1" * 400, "<at><at>x</at></at>", "<!--", "%s", "🚀" * 50, "pt-BR", "Mars/Base",
)  # fmt: skip
KEYS = (
    "id", "name", "type", "tenant", "text", "value", "mentioned", "action", "data", "verb", "v", "q", "l", "back",
    "parameters", "queryOptions", "skip", "count", "aadObjectId", "conversationType", "isGroup", "team", "channel",
    "actionValue", "reaction", "contentType", "locale", "timezone",
)  # fmt: skip


def anything(by: Random, depth: int = 3) -> Any:
    """Any JSON value: quicker than drawing each leaf, and one number names it."""
    match by.randrange(10 if depth else 6):
        case 0:
            return None
        case 1:
            return by.choice((True, False))
        case 2:
            return by.choice((0, -1, 1, 2**70, by.randrange(10**6)))
        case 3:
            return by.choice((0.5, -1e300, 1e-9))
        case 4 | 5:
            return text(by)
        case 6 | 7:
            return [anything(by, depth - 1) for _ in range(by.randrange(4))]
        case _:
            keys = [
                by.choice(KEYS) if by.random() < 0.7 else text(by) for _ in range(by.randrange(4))
            ]
            return {key: anything(by, depth - 1) for key in keys}


def text(by: Random) -> str:
    if by.random() < 0.4:
        return by.choice(ODD)
    ranges = ((32, 127), (0x20, 0xD7FF), (0x1F300, 0x1F600))
    return "".join(chr(by.randrange(*by.choice(ranges))) for _ in range(by.randrange(20)))


seeds = st.integers(0, 2**32 - 1)
FIELDS = (
    "id", "text", "value", "name", "entities", "channelData", "conversation", "from", "recipient", "attachments", "locale",
    "localTimezone", "replyToId", "membersAdded", "membersRemoved", "action", "reactionsAdded", "deliveryMode", "timestamp",
    "textFormat", "relatesTo", "summary", "expiration",
)  # fmt: skip


class Knock:
    """What the door reads of a request; aiohttp's own stand-in costs more than the answer."""

    content_type = "application/json"

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.content_length = len(body)
        self.headers: dict[str, str] = {}

    async def read(self) -> bytes:
        return self._body


class Door:
    """The platform without a socket: a request in, status and JSON out; what it sent and raised."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.core = Core(Answer("Answered."))
        self.sent: list[Any] = []
        self.faults: list[Exception] = []
        self.teams = TeamsPlatform(ANONYMOUS, self.core, None)
        self.teams._turns._allowance.spent = lambda _: False  # type: ignore[method-assign]

        async def send(url: str, conversation: str, body: Any, reply_to: str = "", **_: Any) -> str:
            self.sent.append(json.dumps(body, ensure_ascii=False).encode())
            return "1:1"

        async def failed(incoming: Any, out: Any, error: Exception) -> None:
            self.faults.append(error)

        self.teams._connector.send = send  # type: ignore[method-assign]
        self.teams._turns.failed = failed  # type: ignore[method-assign]
        loop.run_until_complete(self.teams.start())

    def knock(self, body: bytes) -> tuple[int, Any]:
        """One request; asserts what holds for all of them."""
        self.faults.clear()
        self.sent.clear()
        answer = self.loop.run_until_complete(self.teams.messages(Knock(body)))  # type: ignore[arg-type]
        said = json.loads(answer.body) if answer.body else None  # type: ignore[attr-defined]
        assert self.faults == []
        assert answer.status in {200, 400, 401, 403, 413, 415, 501}, answer.status
        assert not any(b"Traceback" in one for one in self.sent)
        return answer.status, said


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    with asyncio.Runner() as runner:
        made = Door(runner.get_loop())
        yield made
        runner.run(made.teams.stop())


def broken(whole: dict[str, Any], by: Random) -> dict[str, Any]:
    """The activity with a few fields gone, or holding anything at all, at the top or below."""
    made: dict[str, Any] = json.loads(json.dumps(whole))
    for name in by.sample(FIELDS, by.randrange(6)):
        if by.random() < 0.4:
            made.pop(name, None)
        else:
            made[name] = anything(by)
    for name in ("value", "channelData", "conversation", "from", "recipient"):
        if by.random() < 0.3 and isinstance(made.get(name), dict):
            made[name][by.choice((*made[name], *KEYS))] = anything(by)
    return made


TYPES: dict[str, dict[str, Any]] = {
    "message": activity(URL),
    "channel message": channel(URL, "<at>Quartermaster</at> cheapest A100"),
    "submit": activity(URL, None, value={"v": 1, "q": "cheapest A100"}),
    "click": click(URL, {"v": 1, "q": "cheapest A100", "l": "en", "back": "A100"}),
    "search": search(URL, "cheapest A100"),
    "feedback": invoke(URL, "message/submitAction", {"actionValue": {"reaction": "like"}}),
    "unknown invoke": invoke(URL, "task/fetch", {"data": {}}),
    "installed": activity(URL, None, type="installationUpdate", action="add"),
    "members": activity(URL, None, type="conversationUpdate", membersAdded=[{"id": BOT}, {"id": "29:x"}]),
    "reaction": activity(URL, None, type="messageReaction", reactionsAdded=[{"type": "like"}], replyToId="1:1"),
    "edit": activity(URL, "edited", type="messageUpdate", channelData={"eventType": "editMessage"}),
    "delete": activity(URL, None, type="messageDelete", channelData={"eventType": "softDeleteMessage"}),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", list(TYPES))
def test_broken_activities(door: Door, name: str) -> None:
    """500 of each type, with fields gone or turned into anything JSON can hold."""

    @given(seeds)
    @MANY
    def knocked(seed: int) -> None:
        door.knock(json.dumps(broken(TYPES[name], Random(seed))).encode())

    knocked()


@given(seeds)
@MANY
def test_anything_json(door: Door, seed: int) -> None:
    """JSON that is no activity is turned away before anything reads it."""
    by = Random(seed)
    asked = len(door.core.asked)
    made = {key: anything(by) for key in by.sample(("type", "channelId", "serviceUrl", *FIELDS), 6)}
    status, said = door.knock(json.dumps(by.choice((made, anything(by)))).encode())
    assert status in {400, 401, 403}
    assert said is None
    assert len(door.core.asked) == asked


@given(st.binary(max_size=300))
@MANY
def test_any_bytes(door: Door, body: bytes) -> None:
    """What is no JSON object is 400 (or 401, should chance make one)."""
    assert door.knock(body)[0] in {400, 401}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'{"type":"message"', 400),
        (b'{"type":7}', 400),
        (b"[" * 50_000, 400),
        (b'{"a":' * 50_000, 400),
        (b'{"type":"message","channelId":"msteams","serviceUrl":""}', 401),
        (json.dumps(activity("https://evil.example/")).encode(), 403),
        (b"x" * 300_000, 413),
    ],
)
def test_known_tricks(door: Door, body: bytes, status: int) -> None:
    """Nesting, halves, other types, strangers' addresses, too much."""
    assert door.knock(body)[0] == status


@pytest.mark.parametrize(
    "words",
    [
        "<at>Quartermaster</at><at>Quartermaster</at> cheapest A100",
        "&lt;at&gt;Quartermaster&lt;/at&gt; cheapest A100",
        '<at id="0">Quartermaster</at> cheapest A100',
        "<AT>Quartermaster</AT> cheapest A100",
    ],
)
def test_at_forgeries(door: Door, words: str) -> None:
    """Mentions in the text alone call nobody; what is quoted back mentions nobody."""
    asked = len(door.core.asked)
    door.knock(
        json.dumps(channel(URL, words, entities=[mention("Ana", "29:ana")], id=words)).encode()
    )
    assert len(door.core.asked) == asked
    made = activity(URL, words, id=f"own {words}", deliveryMode="expectReplies", entities=[])
    _, said = door.knock(json.dumps(made).encode())
    assert (
        "<at" not in json.dumps(said["activities"][0]["attachments"][0]["content"]["body"]).lower()
    )
