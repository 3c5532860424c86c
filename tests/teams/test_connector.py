"""The Bot Connector's moods over real HTTP: what is retried, what is given up, what is said once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from teams_parts import BOT, TENANT, StubConnector, connector

from bot.conversation.posting import PlaceGone, PostLater
from bot.core.answer import Answer
from bot.state import Place
from bot.teams import connector as module
from bot.teams.auth import TokenFault
from bot.teams.connector import Connector, ConnectorFault, Pace
from bot.teams.posting import post

BLOCKED = {
    "error": {"code": "Forbidden", "innerHttpError": {"body": {"subCode": "MessageWritesBlocked"}}}
}

Maker = Callable[..., Connector]
BACKOFF = Connector._backoff


@pytest.fixture
async def made() -> AsyncIterator[Callable[..., Connector]]:
    """Makes connectors, and closes them."""
    every: list[Connector] = []

    def make(token: Any, allowed: Any = lambda _: True, **more: Any) -> Connector:
        every.append(Connector(token, allowed=allowed, **more))
        return every[-1]

    yield make
    for one in every:
        await one.close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backoff without the wait; its length is tested on its own."""

    def quick(attempt: int, after: float | None) -> float:
        wait = BACKOFF(attempt, after)
        return wait if wait > module.LONGEST_WAIT else 0.01

    monkeypatch.setattr(Connector, "_backoff", staticmethod(quick))


@pytest.mark.parametrize("status", [412, 429, 502, 503, 504])
async def test_passing_faults_are_retried(status: int, made: Maker) -> None:
    """429, 412 and gateway faults are tried again until Teams takes the message, once."""
    async with connector() as stub:
        stub.script = [(status, {"Retry-After": "1"}, {}), (status, {}, {})]
        sender = made(None)
        assert await sender.send(stub.url, "a:1", {"type": "message", "text": "x"}) == "1:3"
        assert [call.body["text"] for call in stub.calls] == ["x"] * 3


async def test_patience_ends(made: Maker) -> None:
    """After four tries the fault is handed on, with what Teams asked for."""
    async with connector() as stub:
        stub.script = [(429, {"Retry-After": "7"}, {})] * 10
        sender = made(None)
        with pytest.raises(ConnectorFault) as caught:
            await sender.send(stub.url, "a:1", {})
        assert (caught.value.status, caught.value.retry_after) == (429, 7.0)
        assert len(stub.calls) == 4


async def test_a_long_retry_after_is_not_waited_for(made: Maker) -> None:
    """Minutes of waiting are the schedule's business: one call, then PostLater."""
    async with connector() as stub:
        stub.script = [(429, {"Retry-After": "600"}, {})]
        sender = made(None)
        with pytest.raises(PostLater) as caught:
            await post(sender, _place(stub), Answer("x"), "digest-1@now")
        assert caught.value.retry_after == 600
        assert len(stub.calls) == 1


@pytest.mark.parametrize("status", [400, 403, 413, 500])
async def test_other_faults_are_not_repeated(status: int, made: Maker) -> None:
    """What will not get better by asking again is asked once."""
    async with connector() as stub:
        stub.script = [(status, {}, {"error": {"code": "BadSyntax"}})]
        sender = made(None)
        with pytest.raises(ConnectorFault) as caught:
            await sender.send(stub.url, "a:1", {})
        assert (caught.value.status, caught.value.gone) == (status, False)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, BLOCKED),
        (403, {"error": {"code": "BotNotInConversationRoster"}}),
        (404, {"error": {"code": "ConversationNotFound"}}),
        (404, "not json at all"),
        (403, {"error": {"code": "Forbidden"}, "subCode": "MessageWritesBlocked"}),
    ],
)
async def test_a_blocked_place_is_gone(status: int, body: Any, made: Maker) -> None:
    """Blocked, uninstalled and deleted places are reported once and never retried."""
    async with connector() as stub:
        stub.script = [(status, {}, body)]
        sender = made(None)
        with pytest.raises(PlaceGone):
            await post(sender, _place(stub), Answer("x"), "d")
        assert len(stub.calls) == 1


async def test_silence_is_not_taken_for_a_no(made: Maker) -> None:
    """When no answer comes, the message may have arrived: it is not sent again blindly."""
    async with connector() as stub:
        stub.silent = True
        sender = made(None, timeout=0.2)
        with pytest.raises(ConnectorFault) as caught:
            await post(sender, _place(stub), Answer("x"), "d")
        assert caught.value.sent is None
        assert len(stub.calls) == 1


async def test_nobody_listening_is_tried_again_later(made: Maker) -> None:
    """A refused connection sent nothing: PostLater."""
    sender = made(None)
    with pytest.raises(PostLater):
        await post(sender, _place_at("http://127.0.0.1:9/"), Answer("x"), "d")


async def test_a_refused_token_is_renewed_once(made: Maker) -> None:
    """401 drops the token and asks with a new one; a second 401 is a fault."""
    tokens = iter(["old", "new", "newer"])
    dropped: list[str] = []

    async def token() -> str:
        return next(tokens)

    async with connector() as stub:
        stub.script = [(401, {}, {})]
        sender = made(token, drop_token=dropped.append, allowed=lambda _: True)
        await sender.send(stub.url, "a:1", {})
        assert [call.authorization for call in stub.calls] == ["Bearer old", "Bearer new"]
        assert dropped == ["old"]


async def test_no_token_is_a_later_post(made: Maker) -> None:
    """A login service that refuses delays a post; it disables nothing."""

    async def token() -> str:
        raise TokenFault("the login service refused: invalid_client")

    async with connector() as stub:
        sender = made(token, allowed=lambda _: True)
        with pytest.raises(PostLater):
            await post(sender, _place(stub), Answer("x"), "d")
        assert stub.calls == []


async def test_redirects_are_not_followed(made: Maker) -> None:
    """A redirect would carry our token to another host."""
    async with connector() as stub:
        stub.script = [(307, {"Location": "http://127.0.0.1:9/steal"}, {})]
        sender = made(None)
        with pytest.raises(ConnectorFault) as caught:
            await sender.send(stub.url, "a:1", {})
        assert caught.value.status == 307


async def test_an_answer_in_two_pieces_is_read_whole(made: Maker) -> None:
    """Half of it is no JSON: the message's id would be lost, and the code of a fault."""

    async def slowly(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        await answer.write(b'{"id": "first-')
        await request.read()
        await asyncio.sleep(0.05)  # so that they leave apart
        await answer.write(b'second"}')
        return answer

    app = web.Application()
    app.router.add_post("/{path:.*}", slowly)
    async with TestServer(app) as server:
        assert await made(None).send(str(server.make_url("/")), "a:1", {}) == "first-second"


async def test_an_address_off_the_list_gets_nothing(made: Maker) -> None:
    """The allow-list is asked again when sending: a stored record may be old or tampered with."""
    sender = made(None, allowed=lambda url: url.startswith("https://smba."))
    async with connector() as stub:
        with pytest.raises(ConnectorFault):
            await sender.send(stub.url, "a:1", {})
        assert stub.calls == []


async def test_posts_go_where_they_were_asked_for(made: Maker) -> None:
    """Person and group by conversation, a thread by its root, a channel as a new thread."""
    async with connector() as stub:
        sender = made(None)
        answer = Answer("Weekly.")
        assert await post(sender, _place(stub), answer, "digest-1@x") == "1:1"
        thread = _place(stub, kind="channel", thread="55")
        await post(sender, thread, answer, "digest-1@x")
        assert await post(sender, _place(stub, kind="channel"), answer, "digest-1@x") == "99"
        paths = [call.path.split("/v3/")[1] for call in stub.calls]
        assert paths == [
            "conversations/19%3Aroom/activities",
            "conversations/19%3Aroom%3Bmessageid%3D55/activities",
            "conversations",
        ]
        opened = stub.calls[2].body
        assert opened["channelData"] == {"channel": {"id": "19:room"}, "tenant": {"id": TENANT}}
        assert opened["activity"]["summary"] == "Weekly."
        assert opened["activity"]["channelData"]["quartermaster"] == {"delivery": "digest-1@x"}


async def test_a_conversation_is_not_flooded() -> None:
    """The eighth message of one second waits; another conversation does not."""
    now = 0.0
    pace = Pace(clock=lambda: now)
    for _ in range(7):
        await pace.turn("one")
    assert pace._wait("one") == pytest.approx(1.0)
    assert pace._wait("two") == 0.0
    now = 1.0
    assert pace._wait("one") == 0.0
    for n in range(60):
        now = 2.0 + n
        await pace.turn("three")
    for _ in range(1740):
        now += 0.6
        await pace.turn("three")
    with pytest.raises(ConnectorFault) as caught:
        await pace.turn("three")
    assert caught.value.retry_after > module.LONGEST_WAIT
    now += caught.value.retry_after
    assert pace._wait("three") == 0.0


@given(st.lists(st.floats(0, 400), max_size=80))
def test_the_hour_is_counted_by_minutes(gaps: list[float]) -> None:
    """Never more in an hour than Teams takes, whatever the gaps; an hour holds 61 numbers at most."""
    sent, now, all_of_them = module._Sent(), 0.0, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "HOURLY_LIMIT", 12)
        for gap in gaps:
            now += gap
            now += sent.wait(now)
            sent.add(now)
            all_of_them.append(now)
            assert sum(now - one < 3600 for one in all_of_them) <= 12
            assert len(sent.minutes) <= 61


def test_backoff_doubles_and_honours_the_server() -> None:
    """Waits grow from 0.4 s; Retry-After is the least; jitter adds at most a quarter."""
    for attempt, least in ((1, 0.4), (2, 0.8), (3, 1.6)):
        assert least <= BACKOFF(attempt, None) <= least * 1.25 + 0.05
    assert 5 <= BACKOFF(1, 5.0) <= 6.3


def _place(stub: StubConnector, **more: Any) -> Place:
    return _place_at(stub.url, **more)


def _place_at(url: str, *, kind: Any = "direct", thread: str | None = None) -> Place:
    return Place(
        id=f"teams:{TENANT}:19:room",
        platform="teams",
        workspace=f"teams:{TENANT}",
        tenant=TENANT,
        channel="19:room",
        thread=thread,
        kind=kind,
        conversation={"service_url": url, "conversation": "19:room", "bot": BOT},
    )
