"""Real tokens against a real key server: what is refused, with which status, before the core."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from teams_parts import (
    APP_ID,
    TENANT,
    Core,
    Login,
    Options,
    acquire,
    activity,
    channel,
    connector,
    login,
    platform,
    post,
)

from bot.teams.app import TeamsPlatform
from bot.teams.auth import (
    GOVERNMENT,
    PUBLIC,
    Keys,
    Token,
    TokenFault,
    cloud,
    peek,
    service_url_allowed,
    tenant_allowed,
)

GOOD_URL = "https://smba.trafficmanager.net/emea/"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    with login(tmp_path_factory.mktemp("login")) as running:
        yield running


def _options(service: Login, **more: Any) -> Options:
    return Options(teams_openid_metadata_url=service.metadata, **more)


def _forged(service: Login) -> dict[str, str | None]:
    """The header of each bad request, by what is wrong with it."""
    good = service.token(GOOD_URL)
    now = int(time.time())
    head, claims, sign = good.split(".")
    other = Login.new_key()
    return {
        "missing": None,
        "empty": "",
        "bearer without token": "Bearer ",
        "basic": "Basic dXNlcjpwYXNz",
        "lower-case bearer": f"bearer {good}",
        "two tokens": f"Bearer {good} {good}",
        "garbage": "Bearer garbage",
        "three dots of nothing": "Bearer a.b.c",
        "signed by another key": f"Bearer {service.token(GOOD_URL, key=other)}",
        "unknown kid": f"Bearer {service.token(GOOD_URL, headers={'kid': 'nobody'})}",
        "no kid": f"Bearer {service.token(GOOD_URL, headers={})}",
        "kid that is a path": f"Bearer {service.token(GOOD_URL, headers={'kid': '../../etc'})}",
        "alg none": f"Bearer {jwt.encode(jwt.decode(good, options={'verify_signature': False}), None, algorithm='none', headers={'kid': service.kid})}",
        "HS256": f"Bearer {service.token(GOOD_URL, key='k' * 64, algorithm='HS256')}",
        "expired": f"Bearer {service.token(GOOD_URL, exp=now - 600, nbf=now - 1200)}",
        "not yet valid": f"Bearer {service.token(GOOD_URL, nbf=now + 1200)}",
        "no expiry": f"Bearer {service.token(GOOD_URL, exp=None)}",
        "other audience": f"Bearer {service.token(GOOD_URL, aud='another-app')}",
        "no audience": f"Bearer {service.token(GOOD_URL, aud=None)}",
        "other issuer": f"Bearer {service.token(GOOD_URL, iss='https://evil.example')}",
        "emulator issuer": f"Bearer {service.token(GOOD_URL, iss='https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/', ver='1.0', appid=APP_ID)}",
        "other service url": f"Bearer {service.token('https://smba.trafficmanager.net/amer/')}",
        "no service url claim": f"Bearer {service.token(GOOD_URL, serviceurl=None)}",
        "claims swapped after signing": f"Bearer {head}.{service.token(GOOD_URL, tid='x').split('.')[1]}.{sign}",
        "signature cut": f"Bearer {head}.{claims}.{sign[:-8]}",
        "too long": f"Bearer {good}{'x' * 7000}",
    }


async def test_every_forged_request_is_refused_and_reaches_nothing(service: Login) -> None:
    """26 bad headers: 401 each, none 500, none reaches the core; the good one passes."""
    core = Core()
    async with platform(TeamsPlatform(_options(service), core, None, acquire=acquire)) as url:
        statuses = {
            what: (await post(url, activity(GOOD_URL, deliveryMode="expectReplies"), header))[0]
            for what, header in _forged(service).items()
        }
        assert set(statuses.values()) == {401}, statuses
        assert core.asked == []
        good = f"Bearer {service.token(GOOD_URL)}"
        status, body = await post(url, activity(GOOD_URL, deliveryMode="expectReplies"), good)
        assert status == 200
        assert body["activities"][0]["summary"] == "You asked: cheapest A100"
        assert len(core.asked) == 1


async def test_a_good_token_does_not_open_another_tenant_channel_or_address(
    service: Login,
) -> None:
    """Wrong tenant and foreign service URL are 403, another channel is 401; the core hears none."""
    core = Core()
    foreign = {"tenant": {"id": "someone-else"}}
    async with platform(TeamsPlatform(_options(service), core, None, acquire=acquire)) as url:

        async def status(body: dict[str, Any], token_url: str = GOOD_URL) -> int:
            return (await post(url, body, f"Bearer {service.token(token_url)}"))[0]

        assert await status(activity(GOOD_URL, channelData=foreign)) == 403
        nobody = {"id": "a:ana", "conversationType": "personal"}
        assert await status(activity(GOOD_URL, channelData={}, conversation=nobody)) == 403
        assert await status(activity(GOOD_URL, channelId="emulator")) == 401
        assert await status(activity(GOOD_URL, channelId="webchat")) == 401
        evil = "https://evil.example/"
        assert await status(activity(evil), evil) == 403
        plain = "http://smba.trafficmanager.net/emea/"
        assert await status(activity(plain), plain) == 403
        assert await status(activity(GOOD_URL, serviceUrl=None)) == 401
        assert core.asked == []


async def test_a_replayed_request_is_answered_once(service: Login, tmp_path: Path) -> None:
    """The same signed activity twice is acknowledged twice and answered once."""
    core = Core()
    async with connector() as stub:
        options = _options(service, teams_service_urls_allowed=(stub.url,))
        async with platform(TeamsPlatform(options, core, None, acquire=acquire)) as url:
            header = f"Bearer {service.token(stub.url)}"
            for _ in range(3):
                assert (await post(url, activity(stub.url), header))[0] == 200
        assert len(core.asked) == 1
        assert len(stub.sent) == 1
        assert stub.calls[0].authorization == "Bearer our-own-token"


async def test_rotated_keys_are_picked_up(service: Login, tmp_path: Path) -> None:
    """A token of a new key is accepted without a restart; until it is published it is refused."""
    core = Core()
    with login(tmp_path) as own:
        options = Options(teams_openid_metadata_url=own.metadata)
        teams = TeamsPlatform(options, core, None, acquire=acquire)
        teams._keys.UNKNOWN_AGAIN_AFTER = 0.0
        async with platform(teams) as url:
            old = f"Bearer {own.token(GOOD_URL)}"
            body = activity(GOOD_URL, deliveryMode="expectReplies")
            assert (await post(url, body, old))[0] == 200
            own.rotate()
            assert (await post(url, body, f"Bearer {own.token(GOOD_URL)}"))[0] == 200
            assert (await post(url, body, old))[0] == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"null", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"{}", 400),
        (b'{"type": 7}', 400),
        (b'{"type": "message"}', 401),
        (b'{"type": "message", "channelId": "msteams", "serviceUrl": ""}', 401),
        (b" " * 300_000, 413),
    ],
)
async def test_what_is_no_activity_is_refused(service: Login, body: bytes, status: int) -> None:
    """Bad JSON is 400, an activity without channel or address 401, a huge body 413; without a token
    nothing of it is read."""
    async with platform(TeamsPlatform(_options(service), Core(), None, acquire=acquire)) as url:
        token = f"Bearer {service.token('https://smba.trafficmanager.net/emea/')}"
        assert (await post(url, body, token))[0] == status
        assert (await post(url, body))[0] in (401, 413)


async def test_only_json_is_read(service: Login) -> None:
    """Another content type is 415, and a GET 405."""
    import aiohttp

    async with platform(TeamsPlatform(_options(service), Core(), None, acquire=acquire)) as url:
        assert (await post(url, "{}", headers={"Content-Type": "text/plain"}))[0] == 415
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert answer.status == 405


async def test_not_ready_until_the_keys_are_known(service: Login) -> None:
    """Readiness says why: before the start, without keys, and after the stop."""
    teams = TeamsPlatform(
        Options(teams_openid_metadata_url="http://127.0.0.1:9/meta"), Core(), None, acquire=acquire
    )
    assert teams.not_ready()
    async with platform(teams) as url:
        assert "keys" in (teams.not_ready() or "")
        assert (await post(url, activity(GOOD_URL), f"Bearer {service.token(GOOD_URL)}"))[0] == 401
    assert "not running" in (teams.not_ready() or "")


@given(st.text(max_size=200))
def test_peeking_never_raises(text: str) -> None:
    """Whatever stands in the header is read or refused."""
    assert peek(f"Bearer {text}") is None
    assert peek(text) is None


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("https://SMBA.trafficmanager.net/teams", True),
        ("https://smba.trafficmanager.net:443/", True),
        ("https://directline.botframework.com/", True),
        ("https://smba.infra.gov.teams.microsoft.us/", True),
        ("http://smba.trafficmanager.net/emea/", False),
        ("https://smba.trafficmanager.net:8443/", False),
        ("https://smba.trafficmanager.net@evil.example/", False),
        ("https://user:pw@smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net.evil.example/", False),
        ("https://evilbotframework.com/", False),
        ("https://evil.example/smba.trafficmanager.net", False),
        ("https://smba.trafficmanager.net\\@evil.example/", False),
        ("https://127.0.0.1/", False),
        ("http://localhost:3978/", False),
        ("https://[::1/", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_replies_go_to_teams_only(url: str, allowed: bool) -> None:
    """Our token is sent to the Bot Connector's hosts over https, and to nobody else."""
    assert service_url_allowed(url, (), dev=False) is allowed


def test_loopback_and_extra_addresses() -> None:
    """Loopback in development only; an operator's address by its exact origin."""
    assert service_url_allowed("http://localhost:56150/_connector", (), dev=True)
    assert not service_url_allowed("http://10.0.0.1/", (), dev=True)
    extra = ("https://connector.example:8443/x",)
    assert service_url_allowed("https://connector.example:8443/y", extra, dev=False)
    assert not service_url_allowed("https://connector.example/y", extra, dev=False)


def test_tenants() -> None:
    """Empty list: the app's own tenant; no tenant stated: never."""
    assert tenant_allowed(TENANT.upper(), (), TENANT)
    assert not tenant_allowed("other", (), TENANT)
    assert not tenant_allowed("", (), None)
    assert not tenant_allowed("", (TENANT,), TENANT)
    assert tenant_allowed("other", ("OTHER",), TENANT)
    assert not tenant_allowed(TENANT, ("other",), TENANT)


def test_clouds() -> None:
    """The metadata address chooses the cloud; a test address keeps the public one's issuer."""
    assert cloud(None) == PUBLIC
    assert cloud(GOVERNMENT.metadata) == GOVERNMENT
    assert cloud("http://127.0.0.1:9/meta").issuer == PUBLIC.issuer


async def test_one_token_for_everybody() -> None:
    """Twenty turns at once fetch one token; it is renewed ahead and after a refusal."""
    import asyncio

    fetched: list[int] = []
    clock = 0.0

    def fetch(*, anew: bool = False) -> dict[str, Any]:
        fetched.append(1)
        return {"access_token": f"token-{len(fetched)}", "expires_in": 3600}

    token = Token(fetch, clock=lambda: clock)
    assert set(await asyncio.gather(*(token.get() for _ in range(20)))) == {"token-1"}
    assert len(fetched) == 1
    clock = 3400.0
    assert await token.get() == "token-1", "the old one still holds, nobody waits"
    assert token._renewing is not None
    await token._renewing
    assert await token.get() == "token-2"
    token.drop("token-1")
    assert await token.get() == "token-2", "a token renewed meanwhile is kept"
    token.drop("token-2")
    assert await token.get() == "token-3"
    await token.close()


async def test_a_refused_login_says_why_without_the_secret() -> None:
    """The fault carries the error code of the login service only."""
    token = Token(
        lambda *, anew=False: {"error": "invalid_client", "error_description": "secret s3cret"}
    )
    with pytest.raises(TokenFault, match="invalid_client") as caught:
        await token.get()
    assert "s3cret" not in str(caught.value)


async def test_unknown_keys_are_asked_for_seldom() -> None:
    """A flood of tokens with invented key ids causes one fetch, not one each."""
    fetches = 0
    clock = 1000.0

    async def fetch() -> list[dict[str, Any]]:
        nonlocal fetches
        fetches += 1
        return [{"kid": "a"}, {"no": "kid"}]

    used: list[Any] = []
    keys = Keys(fetch, used.append, clock=lambda: clock)
    assert await keys.has("a")
    for n in range(100):
        assert not await keys.has(f"invented-{n}")
    assert fetches == 1
    assert used == [[{"kid": "a"}]]
    clock += Keys.UNKNOWN_AGAIN_AFTER + 1
    assert not await keys.has("b")
    assert fetches == 2


async def test_a_failing_key_server_leaves_the_old_keys(service: Login) -> None:
    """Known keys go on working while the key server is down or answers nonsense."""
    answers: list[Any] = [[{"kid": "a"}], OSError("down"), []]
    clock = 0.0

    async def fetch() -> list[dict[str, Any]]:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return list(found)

    keys = Keys(fetch, lambda _: None, clock=lambda: clock)
    assert await keys.has("a")
    clock = 10_000.0
    assert not await keys.has("b")
    clock = 20_000.0
    assert not await keys.has("b")
    assert await keys.has("a")


def test_a_channel_message_names_its_thread() -> None:
    """The fixture itself: ids look as in Teams."""
    assert channel(GOOD_URL, "x", root="5")["conversation"]["id"].endswith(";messageid=5")


async def test_a_login_that_fails_is_not_asked_by_everybody() -> None:
    """Twenty turns during an outage ask once; a few seconds later one asks again."""
    import asyncio

    clock, asked = 100.0, 0

    def down(*, anew: bool = False) -> dict[str, Any]:
        nonlocal asked
        asked += 1
        raise ConnectionError

    token = Token(down, clock=lambda: clock)
    found = await asyncio.gather(*(token.get() for _ in range(20)), return_exceptions=True)
    assert {type(one) for one in found} == {TokenFault}
    assert asked == 1
    clock += Token.AGAIN_AFTER
    with pytest.raises(TokenFault):
        await token.get()
    assert asked == 2


async def test_a_refused_token_is_asked_for_anew() -> None:
    """MSAL would give the refused one out of its cache: it is told that this one will not do."""
    anew_asked: list[bool] = []

    def fetch(*, anew: bool = False) -> dict[str, Any]:
        anew_asked.append(anew)
        return {"access_token": f"t{len(anew_asked)}", "expires_in": 3600}

    token = Token(fetch)
    token.drop(await token.get())
    assert await token.get() == "t2"
    assert anew_asked == [False, True]
