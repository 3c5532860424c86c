"""Installing by OAuth: two pages, sealed tokens, a workspace that works, and one that leaves."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from postgres import BINARIES, MISSING, Server, postgres, state_url
from pydantic import SecretStr
from slack_parts import (
    NOW,
    TEAM,
    Client,
    Core,
    FakeSlack,
    Options,
    command,
    event,
    fake_slack,
    mention,
    platform,
    refusal,
)

from bot.core.settings import SettingsFault
from bot.slack import installation
from bot.slack.app import SlackPlatform
from bot.state import State
from bot.state.seal import keyring

__all__ = ["postgres", "state_url"]

# slack_sdk's own call; aiohttp 3.14 would like it written otherwise.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
KEY, OLD_KEY = (Fernet.generate_key().decode() for _ in range(2))
INSTALLED_TOKEN = "xoxb-installed-token"


@pytest.fixture
def sealed(state_url: str) -> Iterator[State]:
    opened = State.open(state_url, key=keyring([KEY]))
    yield opened
    opened.close()


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with fake_slack() as running:
        yield running


def many(fake: FakeSlack, state: State, core: Core | None = None, **more: Any) -> SlackPlatform:
    options = Options(
        slack_bot_token=None,
        slack_client_id="111.222",
        slack_client_secret=SecretStr("oauth secret"),
        slack_api_url=fake.api,
        encryption_keys=(SecretStr(KEY),),
        public_url="https://bot.example",
        **more,
    )
    return SlackPlatform(options, core or Core(), state, clock=lambda: NOW)


def granted(team: str = TEAM, token: str = INSTALLED_TOKEN) -> tuple[int, dict[str, str], Any]:
    return 200, {}, {
        "ok": True, "app_id": "A0GPU0001", "access_token": token, "token_type": "bot",
        "scope": "commands,chat:write", "bot_user_id": "U0BOT00001",
        "team": {"id": team, "name": "GPU Co"}, "enterprise": None, "is_enterprise_install": False,
        "authed_user": {"id": "U0DANA0001"},
    }  # fmt: skip


async def begin(slack: Client, session: ClientSession) -> tuple[str, dict[str, str]]:
    """(state, cookie header) after the first page."""
    async with session.get(f"{slack.url}/slack/install", allow_redirects=False) as answer:
        assert answer.status == 302
        there = urlsplit(answer.headers["Location"])
        cookie: SimpleCookie = SimpleCookie(answer.headers["Set-Cookie"])
        assert cookie["slack-app-oauth-state"]["secure"]
    asked = parse_qs(there.query)
    assert asked["client_id"] == ["111.222"]
    assert asked["redirect_uri"] == ["https://bot.example/slack/oauth_redirect"]
    assert "users:read" in asked["scope"][0]
    found = asked["state"][0]
    return found, {"Cookie": f"slack-app-oauth-state={cookie['slack-app-oauth-state'].value}"}


async def come_back(slack: Client, session: ClientSession, headers: dict[str, str], **query: str) -> tuple[int, str]:  # fmt: skip
    address = f"{slack.url}/slack/oauth_redirect"
    async with session.get(address, params=query, headers=headers) as answer:
        return answer.status, await answer.text()


async def install(slack: Client, fake: FakeSlack) -> tuple[int, str]:
    fake.script["oauth.v2.access"] = [granted()]
    async with ClientSession() as session:
        state, cookie = await begin(slack, session)
        return await come_back(slack, session, cookie, state=state, code="abc")


async def test_a_workspace_installs_us_and_works(fake: FakeSlack, sealed: State) -> None:
    core = Core()
    async with platform(many(fake, sealed, core)) as slack:
        status, page = await install(slack, fake)
        assert status == 200
        assert "Installed into GPU Co." in page
        assert (await slack.send(command("cheapest a100")))[1]["text"]
        await slack.send(event(mention("cheapest a100")))
        (call,) = await fake.wait("chat.postMessage")
        assert call.token == INSTALLED_TOKEN
    assert len(core.asked) == 2


async def test_tokens_are_sealed_at_rest(fake: FakeSlack, sealed: State) -> None:
    async with platform(many(fake, sealed)) as slack:
        await install(slack, fake)
    with sealed.reading() as db:
        for table in ("slack_bots", "slack_installations"):
            (row,) = db.execute(sa.text(f"SELECT * FROM {table}")).mappings()
            assert INSTALLED_TOKEN not in repr(dict(row))
            assert row["bot_token"].startswith("b:")


async def test_a_new_key_opens_what_an_old_one_sealed(fake: FakeSlack, state_url: str) -> None:
    """Rotation: the new key in front, the old one behind it."""
    before = State.open(state_url, key=keyring([OLD_KEY]))
    async with platform(many(fake, before)) as slack:
        await install(slack, fake)
    before.close()
    after = State.open(state_url, key=keyring([KEY, OLD_KEY]))
    async with platform(many(fake, after)) as slack:
        assert (await slack.send(command("cheapest a100")))[1]["text"].startswith("You asked")
    after.close()


async def test_another_replica_knows_the_workspace(fake: FakeSlack, sealed: State) -> None:
    """The second page may even come to another replica than the first."""
    fake.script["oauth.v2.access"] = [granted()]
    async with platform(many(fake, sealed)) as one, platform(many(fake, sealed)) as two:
        async with ClientSession() as session:
            state, cookie = await begin(one, session)
            status, _ = await come_back(two, session, cookie, state=state, code="abc")
        assert status == 200
        assert (await one.send(command("price h100")))[1]["text"] == "You asked: price h100"


async def test_a_workspace_that_leaves_is_removed(fake: FakeSlack, sealed: State) -> None:
    core = Core()
    async with platform(many(fake, sealed, core)) as slack:
        await install(slack, fake)
        await slack.send(event(mention("cheapest a100")))
        await fake.wait("chat.postMessage")
        assert await slack.send(event({"type": "app_uninstalled"})) == (200, "")
        assert sealed.places.below() == []
        status, answer = await slack.send(command("cheapest a100"))
        assert status == 200
        assert "not installed" in str(answer)
        assert len(core.asked) == 1
        # And it can come again.
        assert (await install(slack, fake))[0] == 200
        assert (await slack.send(command("cheapest a100")))[1]["text"] == "You asked: cheapest a100"


async def test_a_workspace_that_never_installed_us_is_told(fake: FakeSlack, sealed: State) -> None:
    core = Core()
    async with platform(many(fake, sealed, core)) as slack:
        status, answer = await slack.send(command("cheapest a100", team_id="T0UNKNOWN"))
        assert status == 200
        assert "not installed" in str(answer)
        assert (await slack.send(event(mention("x"), team_id="T0UNKNOWN")))[0] == 200
    assert core.asked == []


@pytest.mark.parametrize("attempt", ["another browser", "a made-up state", "no state", "cancelled", "no code"])  # fmt: skip
async def test_an_installation_that_nobody_began_is_refused(fake: FakeSlack, sealed: State, attempt: str) -> None:  # fmt: skip
    async with platform(many(fake, sealed)) as slack, ClientSession() as session:
        state, cookie = await begin(slack, session)
        query, headers = {"state": state, "code": "abc"}, cookie
        if attempt == "another browser":
            headers = {}
        elif attempt == "a made-up state":
            query, headers = {"state": "made-up", "code": "abc"}, {"Cookie": "slack-app-oauth-state=made-up"}  # fmt: skip
        elif attempt == "no state":
            query = {"code": "abc"}
        elif attempt == "cancelled":
            query = {"error": "access_denied<script>"}
        else:
            query = {"state": state}
        status, page = await come_back(slack, session, headers, **query)
    assert status == (200 if attempt == "cancelled" else status)
    assert status in (200, 400, 401)
    assert "Not installed" in page
    assert "<script>" not in page
    assert fake.of("oauth.v2.access") == []


async def test_one_address_begins_so_many_installations_a_minute(
    fake: FakeSlack, sealed: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "INSTALLS_PER_MINUTE", 3)
    async with platform(many(fake, sealed)) as slack, ClientSession() as session:
        seen = []
        for _ in range(4):
            address = f"{slack.url}/slack/install"
            async with session.get(address, allow_redirects=False) as answer:
                seen.append((answer.status, answer.headers.get("Retry-After")))
    assert seen == [(302, None)] * 3 + [(429, "60")]


async def test_a_state_is_good_once(fake: FakeSlack, sealed: State) -> None:
    fake.script["oauth.v2.access"] = [granted()]
    async with platform(many(fake, sealed)) as slack, ClientSession() as session:
        state, cookie = await begin(slack, session)
        first, _ = await come_back(slack, session, cookie, state=state, code="abc")
        again, _ = await come_back(slack, session, cookie, state=state, code="abc")
    assert (first, again) == (200, 401)


async def test_slack_that_refuses_the_code_is_told(fake: FakeSlack, sealed: State) -> None:
    fake.script["oauth.v2.access"] = [refusal("invalid_code")]
    async with platform(many(fake, sealed)) as slack, ClientSession() as session:
        state, cookie = await begin(slack, session)
        status, page = await come_back(slack, session, cookie, state=state, code="abc")
    assert status == 401
    assert "invalid_code" in page


async def test_slack_that_is_away_is_told(fake: FakeSlack, sealed: State) -> None:
    fake.url = "http://127.0.0.1:9"  # nobody listens there
    async with platform(many(fake, sealed)) as slack, ClientSession() as session:
        state, cookie = await begin(slack, session)
        status, page = await come_back(slack, session, cookie, state=state, code="abc")
    assert status == 503
    assert "Traceback" not in page


@pytest.mark.parametrize("fault", ["away", "hanging"])
async def test_a_workspace_is_answered_while_the_database_is_lost(
    fake: FakeSlack, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As last known; a workspace that this process never met is told to come back."""
    monkeypatch.setattr(installation, "KNOWN_FOR", 0.0)
    if not BINARIES:
        pytest.skip(MISSING)
    server = Server()
    state = State.open(server.database(), key=keyring([KEY]))
    lose, find = {
        "away": (server.stop, server.start),
        "hanging": (server.pause, server.go_on),
    }[fault]
    try:
        async with platform(many(fake, state)) as slack:
            await install(slack, fake)
            assert (await slack.send(command("cheapest a100")))[1]["text"]
            await asyncio.to_thread(lose)
            assert (await slack.send(command("cheapest a100")))[1]["text"]
            stranger = command("cheapest a100", team_id="T0STRANGER")
            status, said = await slack.send(stranger)
            assert status == 200
            assert "database cannot be reached" in said["text"]
            status, _ = await slack.send(event(mention("cheapest a100"), team_id="T0STRANGER"))
            assert status == 503, "so that Slack sends it again"
            await asyncio.to_thread(find)
            async with asyncio.timeout(30):
                while "not installed" not in said["text"]:
                    said = (await slack.send(stranger))[1]
    finally:
        server.go_on()
        # Whoever waited for the server gives its connection back before the pool is closed.
        await asyncio.get_running_loop().shutdown_default_executor()
        state.close()
        server.close()


async def test_a_database_that_hangs_delays_no_stop_and_costs_no_connection(
    fake: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "KNOWN_FOR", 0.0)
    if not BINARIES:
        pytest.skip(MISSING)
    server = Server()
    state = State.open(server.database(), key=keyring([KEY]))
    try:
        async with platform(many(fake, state)) as slack:
            await install(slack, fake)
            await asyncio.to_thread(server.pause)
            assert (await slack.send(command("cheapest a100")))[1]["text"]
            looking = set(slack.platform._workspaces._looking.values())
            assert looking
            started = asyncio.get_running_loop().time()
            await slack.platform._workspaces.close()
            took = asyncio.get_running_loop().time() - started
            server.go_on()
            await asyncio.wait(looking, timeout=30)
        assert took < 5
        assert all(one.cancelled() for one in looking)
    finally:
        server.go_on()
        await asyncio.get_running_loop().shutdown_default_executor()
        state.close()
        server.close()
    gc.collect()  # a connection that nobody closed warns, and a warning fails


_bytes = st.binary(max_size=60).map(lambda raw: raw.translate(None, b"\r\n\0"))


@pytest.mark.parametrize("team", ["T1&scope=admin", "\r\nX-Injected: 1", "\0", TEAM])
async def test_the_team_of_an_address_is_one_parameter(
    fake: FakeSlack, sealed: State, team: str
) -> None:
    """Also what it holds of our own question to Slack, and of a line's end."""
    async with platform(many(fake, sealed)) as slack, ClientSession() as session:
        address = f"{slack.url}/slack/install"
        async with session.get(address, params={"team": team}, allow_redirects=False) as answer:
            asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["team"] == [team]
    assert len(asked["scope"]) == 1


_value = st.one_of(
    _bytes,
    st.text(max_size=40).map(lambda text: quote(text).encode()),
    st.sampled_from([b"", b"%", b"%zz", b"%00", b"%ff", b"[]", b"'; DROP TABLE slack_bots; --", b"a" * 6000]),
)  # fmt: skip
_query = st.lists(
    st.tuples(st.one_of(st.sampled_from([b"state", b"code", b"error", b"team"]), _value), _value),
    max_size=5,
).map(lambda pairs: b"&".join(name + b"=" + value for name, value in pairs).replace(b" ", b"+"))
_header = st.tuples(
    st.sampled_from([b"Cookie", b"Host", b"User-Agent", b"X-Forwarded-Host", b"Accept-Language", b"Referer", b"X-Slack-Signature"]),
    st.one_of(_value, _value.map(lambda value: b"slack-app-oauth-state=" + value)),
)  # fmt: skip


def test_any_request_to_the_two_pages_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five hundred queries, headers and cookies, as bytes on the line: never a fault of ours."""
    asked: list[tuple[str, bytes, list[tuple[bytes, bytes]]]] = []

    @given(st.sampled_from(["install", "oauth_redirect"]), _query, st.lists(_header, max_size=4))
    @settings(
        max_examples=500, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
    )  # fmt: skip
    def gather(page: str, query: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        asked.append((page, query, headers))

    async def all_of_them() -> None:
        sealed = State.open(f"sqlite:///{tmp_path / 'state.db'}", key=keyring([KEY]))
        monkeypatch.setattr(installation, "INSTALLS_PER_MINUTE", len(asked))
        async with fake_slack() as fake, platform(many(fake, sealed)) as slack:
            for page, query, headers in asked:
                status, body = await _raw(slack.url, page, query, headers)
                assert status in (200, 302, 400, 401), (page, query, headers)
                assert b"Traceback" not in body
            assert fake.of("oauth.v2.access") == []
        with sealed.reading() as db:
            assert db.execute(sa.text("SELECT count(*) FROM slack_bots")).scalar() == 0
        sealed.close()

    gather()
    asyncio.run(all_of_them())


async def _raw(url: str, page: str, query: bytes, headers: list[tuple[bytes, bytes]]) -> tuple[int, bytes]:  # fmt: skip
    """(status, body) of a GET whose bytes no client library has tidied."""
    reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
    lines = [f"GET /slack/{page}?".encode() + query + b" HTTP/1.1"]
    if not any(name == b"Host" for name, _ in headers):
        lines.append(b"Host: bot.example")
    lines += [name + b": " + value for name, value in headers]
    writer.write(b"\r\n".join([*lines, b"Connection: close", b"", b""]))
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]), answer.partition(b"\r\n\r\n")[2]


def test_what_is_missing_is_said_at_the_start(fake: FakeSlack) -> None:
    options = Options(slack_bot_token=None, slack_client_id="111.222", slack_api_url="https://x/")
    with pytest.raises(SettingsFault) as raised:
        SlackPlatform(options, Core(), None)
    assert "SLACK_CLIENT_SECRET" in str(raised.value)
    assert "QUARTERMASTER_ENCRYPTION_KEYS" in str(raised.value)


def test_the_migration_makes_what_slack_sdk_expects(sealed: State) -> None:
    """Every column its stores name is there."""
    from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
    from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore

    store = SQLAlchemyInstallationStore("1", sealed.engine)
    states = SQLAlchemyOAuthStateStore(600, sealed.engine)
    inspected = sa.inspect(sealed.engine)
    for table in (store.bots, store.installations, states.oauth_states):
        have = {column["name"] for column in inspected.get_columns(table.name)}
        assert have == {column.name for column in table.columns}
