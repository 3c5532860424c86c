"""What is answered to each thing Teams sends, over HTTP, with the real state behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from teams_parts import (
    ANONYMOUS,
    BOT,
    TENANT,
    Core,
    Options,
    StubConnector,
    activity,
    channel,
    click,
    connector,
    invoke,
    mention,
    platform,
    post,
    search,
)

from bot.core.answer import Answer, FollowUp
from bot.core.desk import Asker
from bot.core.question import Question
from bot.core.settings import SettingsFault
from bot.state import State
from bot.teams.app import TeamsPlatform
from bot.teams.auth import Token

PERSON = f"teams:{TENANT}:aad-ana"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    yield opened
    opened.close()


@pytest.fixture
async def stub() -> AsyncIterator[StubConnector]:
    async with connector() as running:
        yield running


class Bench:
    """The platform, its stand-ins, and short words for talking to it."""

    def __init__(self, url: str, core: Core, stub: StubConnector, teams: TeamsPlatform) -> None:
        self.url, self.core, self.stub, self.teams = url, core, stub, teams

    async def say(self, body: dict[str, Any]) -> tuple[int, Any]:
        return await post(self.url, body)


@pytest.fixture
async def bench(stub: StubConnector, state: State) -> AsyncIterator[Bench]:
    core = Core()
    teams = TeamsPlatform(ANONYMOUS, core, state)
    async with platform(teams) as url:
        yield Bench(url, core, stub, teams)


def _card(body: dict[str, Any]) -> dict[str, Any]:
    return body["attachments"][0]["content"]


# -- messages --------------------------------------------------------------------------------


async def test_a_personal_question(bench: Bench) -> None:
    """Asked as this person in this place, answered with a card in reply; nothing else is sent."""
    status, _ = await bench.say(activity(bench.stub.url))
    assert status == 200
    (asked,) = bench.core.asked
    assert asked == (
        "cheapest A100",
        Asker(
            platform="teams",
            workspace=f"teams:{TENANT}",
            place=f"teams:{TENANT}:a:ana",
            user=PERSON,
            tz="Europe/Berlin",
            may_see_contracts=False,
            locale=bench.core.asked[0][1].locale,
            thread=f"{PERSON}:a:ana",
        ),
    )
    (call,) = bench.stub.calls
    assert call.path.endswith("/v3/conversations/a%3Aana/activities/1700000000001")
    assert call.body["replyToId"] == "1700000000001"
    assert call.body["summary"] == "You asked: cheapest A100"
    assert call.body["from"] == {"id": BOT}
    assert call.body["channelData"]["feedbackLoopEnabled"] is True
    assert _card(call.body)["type"] == "AdaptiveCard"


async def test_a_channel_mention_is_answered_in_its_thread(bench: Bench, state: State) -> None:
    """The mention is not part of the question; the reply goes to the thread's own id."""
    await bench.say(
        channel(bench.stub.url, "<at>Quartermaster</at>&nbsp;cheapest&nbsp;H100 &amp; A100\r\n")
    )
    assert bench.core.asked[0][0] == "cheapest H100 & A100"
    assert "19%3Ac1%40thread.tacv2%3Bmessageid%3D1700000000001" in bench.stub.calls[0].path
    place = state.places.get(f"teams:{TENANT}:19:c1@thread.tacv2")
    assert place is not None
    assert (place.kind, place.thread, place.channel) == ("channel", None, "19:c1@thread.tacv2")


async def test_a_question_inside_a_thread_belongs_to_the_thread(bench: Bench, state: State) -> None:
    """A watch set up in a thread is answered there; one that opens a thread, in the channel."""
    await bench.say(channel(bench.stub.url, "<at>Quartermaster</at> watch h100", root="42"))
    place = state.places.get(f"teams:{TENANT}:19:c1@thread.tacv2;messageid=42")
    assert bench.core.asked[0][1].place == place.id
    assert place.thread == "42"
    await bench.teams.post(place, Answer("H100 fell."), "watch-1@x")
    assert "messageid%3D42" in bench.stub.calls[-1].path


@pytest.mark.parametrize(
    "more",
    [
        {"entities": []},
        {"entities": [mention("Somebody", "29:else")]},
        {"entities": None},
    ],
)
async def test_only_a_real_mention_counts(bench: Bench, more: dict[str, Any]) -> None:
    """In a channel the bot answers when it was mentioned, by entity; forged <at> text is not one."""
    await bench.say(channel(bench.stub.url, "<at>Quartermaster</at> cheapest A100", **more))
    assert bench.core.asked == []
    assert bench.stub.calls == []


@pytest.mark.parametrize(
    "sender", [{"id": "28:another-bot"}, {"id": "29:x", "role": "bot"}, {"id": BOT}]
)
async def test_bots_are_not_answered(bench: Bench, sender: dict[str, Any]) -> None:
    """Two bots answering each other would never stop."""
    await bench.say(activity(bench.stub.url, **{"from": sender}))
    assert bench.core.asked == []


async def test_a_repeat_is_answered_once_by_all_replicas(
    bench: Bench, stub: StubConnector, state: State
) -> None:
    """The same activity at another replica with the same state: acknowledged, not answered."""
    other = Core()
    async with platform(TeamsPlatform(ANONYMOUS, other, state)) as url:
        await bench.say(activity(stub.url))
        # Teams repeats after seconds; what only reads is marked a moment later.
        await bench.teams._turns.firsts.finish()
        assert (await post(url, activity(stub.url)))[0] == 200
    assert len(bench.core.asked) == 1
    assert other.asked == []


async def test_locale_and_zone_are_kept_per_person(bench: Bench, state: State) -> None:
    """What a message says of the person is used when the next one leaves it out."""
    await bench.say(activity(bench.stub.url))
    bare = activity(bench.stub.url, id="2", localTimezone=None, locale=None, entities=[])
    await bench.say(bare)
    assert bench.core.asked[1][1].tz == "Europe/Berlin"
    state.people.set_preference(PERSON, "tz", "America/Sao_Paulo")
    state.people.set_preference(PERSON, "lang", "pt")
    state.people.set_preference(PERSON, "region", "eu")
    await bench.say(activity(bench.stub.url, id="3"))
    asker = bench.core.asked[2][1]
    assert (asker.tz, asker.lang, asker.region) == ("America/Sao_Paulo", "pt", "eu")


@pytest.mark.parametrize(
    ("text", "locale", "lang"),
    [
        ("h100", "pt-BR", "pt"),
        ("h100", "en-US", None),
        ("what is the cheapest h100", "pt-BR", None),
        ("qual a h100 mais barata", "pt-BR", "pt"),
    ],
)
async def test_the_words_choose_the_language(
    bench: Bench, text: str, locale: str, lang: str | None
) -> None:
    """Where the words do not say, the person's Teams does."""
    await bench.say(activity(bench.stub.url, text, locale=locale))
    assert bench.core.asked[0][1].lang == lang


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ({"text": ""}, "help"),
        ({"text": "   &nbsp; "}, "help"),
        ({"text": None}, "help"),
        ({"text": "cheapest <b>A100</b> <script>x</script>"}, "cheapest A100 x"),
        ({"text": "<at>Ghost</at> a100"}, "a100"),
        ({"text": "a" * 100_000}, "a" * 2000),
    ],
)
async def test_odd_texts(bench: Bench, body: dict[str, Any], asked: str) -> None:
    """Nothing to read is help; markup goes; a pasted book is read to 2,000 characters."""
    await bench.say(activity(bench.stub.url, **body))
    assert bench.core.asked[0][0] == asked


async def test_a_file_alone_is_declined(bench: Bench) -> None:
    """A file that Teams gives no address for is told of; the HTML copy Teams adds is no file."""
    file = {"contentType": "application/vnd.microsoft.teams.file.download.info", "content": {}}
    copy = {"contentType": "text/html", "content": "<p>a100</p>"}
    await bench.say(activity(bench.stub.url, "", attachments=[file]))
    assert "could not be fetched" in str(bench.stub.sent[0])
    await bench.say(activity(bench.stub.url, "a100", id="2", attachments=[copy]))
    assert bench.core.asked[0][0] == "a100"


async def test_too_many_questions(stub: StubConnector) -> None:
    """Beyond the limit of a minute a person gets a sentence; others go on."""
    core = Core()
    options = Options(microsoft_app_id=None, dev=True, commands_per_minute=2)
    async with platform(TeamsPlatform(options, core, None)) as url:
        for n in range(3):
            await post(url, activity(stub.url, id=str(n)))
        other = {"id": "29:bob", "aadObjectId": "aad-bob"}
        await post(url, activity(stub.url, id="9", **{"from": other}))
    assert len(core.asked) == 3
    assert "one minute" in stub.sent[2]["text"]


async def test_slow_answers_show_typing_and_arrive(bench: Bench) -> None:
    """After a second Teams shows that we are at it; the answer follows when it is ready."""
    bench.core.gate = asyncio.Event()
    turn = asyncio.create_task(bench.say(activity(bench.stub.url)))
    while not bench.stub.calls:
        bench.stub.arrived.clear()
        await asyncio.wait_for(bench.stub.arrived.wait(), 10)
    assert bench.stub.calls[0].body["type"] == "typing"
    bench.core.gate.set()
    await turn
    assert len(bench.stub.sent) == 1


async def test_stopping_finishes_what_was_acknowledged(stub: StubConnector, state: State) -> None:
    """An answer still being made when the process is told to stop is sent."""
    core = Core()
    core.gate = asyncio.Event()
    teams = TeamsPlatform(ANONYMOUS, core, state)
    async with platform(teams) as url:
        turn = asyncio.create_task(post(url, activity(stub.url)))
        await core.heard.wait()
        stop = asyncio.create_task(teams.stop())
        await asyncio.sleep(0)
        assert (await post(url, activity(stub.url, id="2")))[0] == 503
        core.gate.set()
        await stop
        await turn
    assert len(stub.sent) == 1


async def test_a_fault_becomes_an_apology_with_a_reference(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception anywhere in a turn: one sentence, a reference, the trace in the log only."""

    async def broken(words: str, asker: Asker) -> Answer:
        raise RuntimeError("the secret inside")

    bench.teams._turns.ask = broken
    status, _ = await bench.say(activity(bench.stub.url))
    assert status == 200
    assert "Quote reference" in bench.stub.sent[0]["text"]
    assert "secret" not in str(bench.stub.sent)
    assert "the secret inside" in caplog.text
    status, body = await bench.say(click(bench.stub.url, {"v": 1, "q": "a100"}, id="2"))
    assert (status, body["statusCode"]) == (200, 500)
    assert "Quote reference" in body["value"]["message"]
    status, body = await bench.say(search(bench.stub.url, "a100"))
    assert "Quote reference" in body["composeExtension"]["text"]


async def test_a_deaf_connector_is_no_server_error(
    bench: Bench, caplog: pytest.LogCaptureFixture, state: State
) -> None:
    """When Teams does not take the answer, the request is still 200, and a lost place is noted."""
    gone = {
        "error": {
            "code": "Forbidden",
            "innerHttpError": {"body": {"subCode": "MessageWritesBlocked"}},
        }
    }
    bench.stub.script = [(403, {}, gone)]
    assert (await bench.say(activity(bench.stub.url)))[0] == 200
    assert len(bench.stub.calls) == 1
    assert state.places.get(f"teams:{TENANT}:a:ana").disabled_reason == "MessageWritesBlocked"
    assert "Traceback" not in caplog.text


# -- clicks ----------------------------------------------------------------------------------


async def test_a_click_replaces_the_card(bench: Bench) -> None:
    """Action.Execute is handled as if typed; the answer's card takes the old one's place."""
    bench.core.answer = Answer(
        "Spot.",
        follow_ups=(FollowUp("H", "history a100"),),
        question=Question("cheapest", text="cheapest A100 spot"),
    )
    data = {"v": 1, "q": "cheapest A100 spot", "l": "en", "back": "cheapest A100"}
    status, body = await bench.say(click(bench.stub.url, data))
    assert (status, body["statusCode"]) == (200, 200)
    assert body["type"] == "application/vnd.microsoft.card.adaptive"
    titles = {one["title"]: one["data"] for one in body["value"]["actions"]}
    assert titles["Back"]["q"] == "cheapest A100"
    assert titles["H"]["back"] == "cheapest A100 spot"
    assert bench.core.asked[0][0] == "cheapest A100 spot"
    assert bench.stub.calls == []


async def test_a_submit_of_an_older_client_is_the_same_question(bench: Bench) -> None:
    """Action.Submit arrives as a message with a value, in a channel even without a mention."""
    data = {"v": 1, "q": "cheapest A100 spot"}
    await bench.say(channel(bench.stub.url, "cheapest A100 spot", value=data, entities=[]))
    assert bench.core.asked[0][0] == "cheapest A100 spot"
    assert len(bench.stub.sent) == 1


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        [],
        "text",
        {"v": 0, "q": "x"},
        {"v": 2, "q": "x"},
        {"q": "x"},
        {"v": 1},
        {"v": 1, "q": 7},
        {"v": 1, "q": " "},
        {"v": [1], "q": "x"},
    ],
)
async def test_a_card_of_another_version_says_so(bench: Bench, data: Any) -> None:
    """Data we did not write, or wrote long ago: a kind sentence, the card stays."""
    status, body = await bench.say(click(bench.stub.url, data))
    assert status == 200
    assert body["type"] == "application/vnd.microsoft.activity.message"
    assert "another version" in body["value"]
    assert bench.core.asked == []


@pytest.mark.parametrize("verb", ["", None, "delete", "ASK", 7])
async def test_unknown_verbs(bench: Bench, verb: Any) -> None:
    """A verb we do not know does nothing and says so."""
    _, body = await bench.say(click(bench.stub.url, {"v": 1, "q": "x"}, verb=verb))
    assert "another version" in body["value"]


# -- searches --------------------------------------------------------------------------------


async def test_a_search_gives_cards_to_insert(
    stub: StubConnector, ask: Callable[..., Answer]
) -> None:
    """The whole answer first, then a card a row; each has a preview and no buttons."""

    async def real(words: str, asker: Asker) -> Answer:
        return ask(words, lang=asker.lang, may_see_contracts=asker.may_see_contracts)

    async with platform(TeamsPlatform(ANONYMOUS, real, None)) as url:
        _, body = await post(url, search(stub.url, "cheapest A100"))
        results = body["composeExtension"]["attachments"]
        assert len(results) > 3
        assert all(one["preview"]["content"]["title"] for one in results)
        assert all("actions" not in one["content"] for one in results)
        _, unnamed = await post(url, search(stub.url, "cheapest A100", named=False, count=2))
        assert len(unnamed["composeExtension"]["attachments"]) == 2


async def test_searches_never_show_contracts(bench: Bench) -> None:
    """A result is sent as the person, anywhere: public prices only."""
    await bench.say(search(bench.stub.url, "cheapest A100"))
    assert bench.core.asked[0][1].may_see_contracts is False
    assert bench.core.asked[0][1].workspace is None


async def test_an_open_search_asks_for_words(bench: Bench) -> None:
    """The first, empty query suggests one, and asks the core nothing."""
    opened = invoke(
        bench.stub.url,
        "composeExtension/query",
        {"parameters": [{"name": "initialRun", "value": "true"}]},
    )
    for body in (
        opened,
        search(bench.stub.url, "  "),
        invoke(bench.stub.url, "composeExtension/query", None),
    ):
        _, answer = await bench.say(body)
        assert "cheapest 8x A100" in answer["composeExtension"]["text"]
    assert bench.core.asked == []


async def test_the_same_search_is_asked_once(bench: Bench) -> None:
    """Letters typed and taken back cost one question; another tenant's search is its own."""
    for _ in range(5):
        await bench.say(search(bench.stub.url, "cheapest a100"))
    assert len(bench.core.asked) == 1
    foreign = search(bench.stub.url, "cheapest a100") | {"channelData": {"tenant": {"id": "other"}}}
    await bench.say(foreign)
    assert len(bench.core.asked) == 2


# -- installing, thumbs, the rest ------------------------------------------------------------


def _installed(url: str, **more: Any) -> list[dict[str, Any]]:
    return [
        activity(url, None, type="installationUpdate", action="add", id="i1", **more),
        activity(
            url,
            None,
            type="conversationUpdate",
            id="i2",
            membersAdded=[{"id": BOT}, {"id": "29:ana"}],
            **more,
        ),
    ]


@pytest.mark.parametrize("order", [1, -1])
async def test_one_welcome_on_install(bench: Bench, order: int) -> None:
    """Both signs of one installation, in either order, bring one welcome."""
    for body in _installed(bench.stub.url)[::order]:
        assert (await bench.say(body))[0] == 200
    assert [words for words, _ in bench.core.asked] == ["hi"]
    assert len(bench.stub.sent) == 1


async def test_a_portuguese_welcome(bench: Bench) -> None:
    """The welcome speaks the language of the person's Teams."""
    await bench.say(_installed(bench.stub.url, locale="pt-BR")[0])
    assert bench.core.asked[0][0] == "oi"
    assert bench.core.asked[0][1].lang == "pt"


async def test_others_joining_are_not_greeted(bench: Bench) -> None:
    """A person added to the chat is no installation."""
    await bench.say(
        activity(bench.stub.url, None, type="conversationUpdate", membersAdded=[{"id": "29:bob"}])
    )
    assert bench.core.asked == []


async def test_uninstalling_removes_everything(bench: Bench, state: State) -> None:
    """Of the conversation, of the person with their own chat, and of the tenant with its last; hearing
    from it again makes it well."""
    from bot.state.tables import metadata

    def named() -> list[str]:
        with state.reading() as db:
            return [
                table.name
                for table in metadata.sorted_tables
                if any(TENANT in repr(tuple(row)) for row in db.execute(table.select()))
            ]

    await bench.say(channel(bench.stub.url, "<at>Quartermaster</at> watch h100 below 2", root="42"))
    await bench.say(activity(bench.stub.url, "cheapest h100", id="2"))
    state.people.set_preference(PERSON, "region", "eu")
    assert {"place", "preference"} <= set(named())
    removed = {"type": "installationUpdate", "action": "remove"}
    await bench.say(activity(bench.stub.url, None, id="u1", **removed))
    assert state.places.get(f"teams:{TENANT}:a:ana") is None
    assert state.people.preferences(PERSON) == {}
    assert state.places.below(f"teams:{TENANT}") != []
    await bench.say(channel(bench.stub.url, "", **removed, id="u2"))
    assert named() == []
    await bench.say(activity(bench.stub.url, id="3"))
    assert state.places.get(f"teams:{TENANT}:a:ana").disabled_reason is None
    assert state.places.own(PERSON) is not None


async def test_what_people_think_is_recorded(bench: Bench, state: State) -> None:
    """Thumbs under a message and reactions to it are kept, with the message they are about."""
    import sqlalchemy as sa

    thumb = {"actionName": "feedback", "actionValue": {"reaction": "dislike", "feedback": "{}"}}
    status, body = await bench.say(
        invoke(bench.stub.url, "message/submitAction", thumb, replyToId="1:7")
    )
    assert (status, body) == (200, {})
    await bench.say(
        activity(
            bench.stub.url,
            None,
            type="messageReaction",
            id="r1",
            reactionsAdded=[{"type": "like"}],
            replyToId="1:8",
        )
    )
    with state.reading() as db:
        rows = db.execute(
            sa.text("select answer_ref, verdict from feedback order by answer_ref")
        ).all()
    assert [tuple(row) for row in rows] == [("1:7", "dislike"), ("1:8", "like")]


@pytest.mark.parametrize(
    ("name", "status"),
    [("task/fetch", 501), ("signin/verifyState", 501), ("", 501), ("x" * 1000, 501)],
)
async def test_unknown_invokes(bench: Bench, name: str, status: int) -> None:
    """An invoke we do not offer is 501, not a fault."""
    assert await bench.say(invoke(bench.stub.url, name, {})) == (status, None)


@pytest.mark.parametrize(
    "kind",
    ["messageUpdate", "messageDelete", "typing", "event", "endOfConversation", "somethingNew"],
)
async def test_edits_deletes_and_the_unknown_are_silent(bench: Bench, kind: str) -> None:
    """An edited question is not answered twice; nothing else makes a noise."""
    assert (await bench.say(activity(bench.stub.url, type=kind)))[0] == 200
    assert bench.core.asked == []
    assert bench.stub.calls == []


async def test_expect_replies(bench: Bench) -> None:
    """With expectReplies the answer is in the HTTP body and nothing is sent."""
    status, body = await bench.say(activity(bench.stub.url, deliveryMode="expectReplies"))
    assert status == 200
    (reply,) = body["activities"]
    assert _card(reply)["body"][0]["text"] == "You asked: cheapest A100"
    assert bench.stub.calls == []


# -- starting --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"microsoft_app_id": None}, "MICROSOFT_APP_ID"),
        ({"microsoft_app_id": None, "dev": True, "host": "0.0.0.0"}, "loopback"),
        ({"microsoft_app_id": None, "dev": True, "host": "example.org"}, "loopback"),
        ({"microsoft_app_type": "SingelTenant"}, "MICROSOFT_APP_TYPE"),
        ({"microsoft_app_type": "MultiTenant"}, "MICROSOFT_APP_TYPE"),
        ({"microsoft_app_password": None}, "MICROSOFT_APP_PASSWORD"),
        ({"microsoft_app_tenant_id": None}, "MICROSOFT_APP_TENANT_ID"),
    ],
)
def test_what_it_refuses_to_start_with(given: dict[str, Any], says: str) -> None:
    """No app id outside development on loopback, a mistyped kind, a half-made registration."""
    with pytest.raises(SettingsFault, match=says):
        TeamsPlatform(Options(**given), Core(), None)


def test_a_managed_identity_needs_no_password() -> None:
    """UserAssignedMSI starts with an id and a tenant."""
    TeamsPlatform(
        Options(microsoft_app_type="UserAssignedMSI", microsoft_app_password=None), Core(), None
    )


async def test_anonymous_mode_still_sends_to_loopback_only(bench: Bench) -> None:
    """In development too, an activity cannot make us call a stranger."""
    assert (await bench.say(activity("http://10.0.0.7/")))[0] == 403
    async with ClientSession() as session, session.get(bench.url) as answer:
        assert answer.status == 405


# -- repeats, odd text, a deaf login ---------------------------------------------------------


async def test_a_repeated_click_asks_once(bench: Bench, stub: StubConnector, state: State) -> None:
    """The same click again gets the same card; at another replica, a word; a fault may be retried."""
    body = click(bench.stub.url, {"v": 1, "q": "watch h100 < 2"})
    first, again = await asyncio.gather(bench.say(body), bench.say(body))
    assert first == again
    assert len(bench.core.asked) == 1
    other = Core()
    async with platform(TeamsPlatform(ANONYMOUS, other, state)) as url:
        _, answer = await post(url, body)
    assert "answered already" in answer["value"]
    assert other.asked == []


@pytest.mark.parametrize("field", ["id", "text", "replyToId"])
async def test_half_a_surrogate_pair_is_no_text(bench: Bench, field: str) -> None:
    """JSON can hold what UTF-8 cannot: 400, not a fault while answering. A whole pair is text."""
    half = activity(bench.stub.url, deliveryMode="expectReplies") | {field: "x\ud83d"}
    assert (await bench.say(half))[0] == 400
    whole = activity(bench.stub.url, deliveryMode="expectReplies") | {field: "a100 \U0001f600"}
    assert (await bench.say(whole))[0] == 200


async def test_a_login_that_is_down_is_no_server_error(
    stub: StubConnector, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a token nothing can be said: the turn ends, one line is logged, the next may try."""

    def down(*, anew: bool = False) -> dict[str, Any]:
        raise ConnectionError("no route")

    teams = TeamsPlatform(ANONYMOUS, Core(), None)
    teams._connector._token = Token(down).get
    async with platform(teams) as url:
        assert (await post(url, activity(stub.url)))[0] == 200
    assert stub.calls == []
    assert "cannot be reached: ConnectionError" in caplog.text
    assert "Traceback" not in caplog.text


async def test_a_person_met_in_a_channel_can_be_written_to(bench: Bench, state: State) -> None:
    """A private note to somebody who never opened the personal chat opens it by their id."""
    await bench.say(channel(bench.stub.url, "<at>Quartermaster</at> watch h100"))
    own = state.places.own(PERSON)
    await bench.teams.post(own, Answer("Only for you."), "note-1@x")
    opened, sent = bench.stub.calls[-2:]
    assert opened.body["members"] == [{"id": "29:ana"}]
    assert opened.body["tenantId"] == TENANT
    assert sent.body["summary"] == "Only for you."
    await bench.say(activity(bench.stub.url, id="9"))
    assert state.places.own(PERSON).channel == "a:ana"
    await bench.say(channel(bench.stub.url, "<at>Quartermaster</at> a100", id="10"))
    assert state.places.own(PERSON).channel == "a:ana", "the chat is known: better than the means"


async def test_putting_the_bot_back_makes_the_place_well(bench: Bench, state: State) -> None:
    """Removed and added again within minutes: no second welcome, but posts go again."""
    add, _ = _installed(bench.stub.url)
    gone = activity(bench.stub.url, None, type="installationUpdate", action="remove", id="u1")
    for body in (add, gone, add | {"id": "i9"}):
        await bench.say(body)
    assert len(bench.core.asked) == 1
    assert state.places.get(f"teams:{TENANT}:a:ana").disabled_reason is None
