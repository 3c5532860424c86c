"""The door: what is not signed by Slack costs one refusal, whatever it holds."""

from __future__ import annotations

import json
import logging
from urllib.parse import urlencode

import pytest
from slack_parts import (
    NOW,
    Core,
    FakeSlack,
    Options,
    command,
    event,
    fake_slack,
    form,
    mention,
    platform,
    signed,
)

from bot.slack.app import SlackPlatform

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def made(fake: FakeSlack, core: Core | None = None, **options: object) -> SlackPlatform:
    return SlackPlatform(
        Options(slack_api_url=fake.api, **options),  # type: ignore[arg-type]
        core or Core(),
        None,
        clock=lambda: NOW,
    )


async def test_a_signed_command_is_answered() -> None:
    """In the acknowledgement itself, seen by one person."""
    async with fake_slack() as fake, platform(made(fake)) as slack:
        status, answer = await slack.send(command("cheapest a100"))
    assert status == 200
    assert answer["response_type"] == "ephemeral"
    assert answer["text"] == "You asked: cheapest a100"
    assert answer["blocks"][0]["text"]["text"] == "*You asked: cheapest a100*"


async def test_slacks_handshake_is_answered_only_when_signed() -> None:
    body = {"token": "x", "challenge": "abc123", "type": "url_verification"}
    async with fake_slack() as fake, platform(made(fake)) as slack:
        assert await slack.send(body) == (200, {"challenge": "abc123"})
        status, _ = await slack.raw(json.dumps(body), {"Content-Type": JSON})
    assert status == 401


TEXT = urlencode(command("cheapest a100"))
GOOD = signed(TEXT, FORM)
REFUSED = {
    "no headers": {"Content-Type": FORM},
    "another secret": signed(TEXT, FORM, secret="another secret of slack"),
    "another body": signed(TEXT + "x", FORM),
    "stale": signed(TEXT, FORM, at=NOW.timestamp() - 301),
    "from the future": signed(TEXT, FORM, at=NOW.timestamp() + 301),
    "no number": {**GOOD, "X-Slack-Request-Timestamp": "soon"},
    "no ascii number": {**GOOD, "X-Slack-Request-Timestamp": "١٧٩٥٥١٠٨٠٠"},
    "a long number": {**GOOD, "X-Slack-Request-Timestamp": "1" * 400},
    "no ascii signature": {**GOOD, "X-Slack-Signature": "v0=ünïcödé"},
    "a short signature": {**GOOD, "X-Slack-Signature": GOOD["X-Slack-Signature"][:-1]},
    "another version": {**GOOD, "X-Slack-Signature": "v1" + GOOD["X-Slack-Signature"][2:]},
    "upper case": {**GOOD, "X-Slack-Signature": GOOD["X-Slack-Signature"].upper()},
}


@pytest.mark.parametrize("name", list(REFUSED))
async def test_what_slack_did_not_sign_is_refused(name: str) -> None:
    core = Core()
    async with fake_slack() as fake, platform(made(fake, core)) as slack:
        status, _ = await slack.raw(TEXT, REFUSED[name])
    assert status == 401
    assert core.asked == []


@pytest.mark.parametrize("kind", [FORM, JSON, "text/plain", "multipart/form-data", ""])
@pytest.mark.parametrize(
    "body", [b"", b"{", b"payload={", b"\xff\xfe", b"[" * 60_000, b"ssl_check=1"]
)
async def test_garbage_without_a_signature_is_refused_unread(kind: str, body: bytes) -> None:
    async with fake_slack() as fake, platform(made(fake)) as slack:
        status, _ = await slack.raw(body, {"Content-Type": kind} if kind else {})
    assert status == 401


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON, b"{"), (JSON, b""), (JSON, b"\xff\xfe"), (JSON, b"null"), (JSON, b"[1]"), (JSON, b"[" * 60_000),
        (FORM, b""), (FORM, b"payload={"), (FORM, b"payload=null"), (FORM, b"payload=%00"),
        (FORM, b"&".join(b"a%d=1" % n for n in range(500))),
    ],
)  # fmt: skip
async def test_signed_garbage_is_malformed(kind: str, body: bytes) -> None:
    """Slack never sends it; whoever holds the secret may."""
    async with fake_slack() as fake, platform(made(fake)) as slack:
        status, answer = await slack.raw(body, signed(body, kind))
    assert (status, answer) == (400, {"error": "malformed body"})


async def test_a_body_beyond_the_cap_is_not_read() -> None:
    body = b"x" * (600 * 1024)
    async with fake_slack() as fake, platform(made(fake)) as slack:
        status, _ = await slack.raw(body, signed(body, JSON))
    assert status == 413


async def test_nothing_of_a_body_or_a_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with fake_slack() as fake, platform(made(fake)) as slack:
        await slack.raw("text=our+secret+plans", {"Content-Type": FORM})
        await slack.send(command("cheapest a100 for our secret plans"))
        await slack.send(event(mention("our secret plans")))
        await fake.wait("chat.postMessage")
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("bot.")]
    assert not any("secret" in line or "xoxb" in line for line in ours)


async def test_before_the_start_slack_is_told_to_come_back() -> None:
    """And after the stop: another replica gets it."""
    async with fake_slack() as fake:
        made_one = made(fake)
        async with platform(made_one) as slack:
            assert made_one.not_ready() is None
            await made_one.stop()
            assert made_one.not_ready() == "Slack: not running"
            kind, text = form(command("hi"))
            status, _ = await slack.raw(text, signed(text, kind))
            assert status == 503
            await made_one.start()
