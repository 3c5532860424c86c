"""Setting up: the manifest, what `doctor` says, which settings are refused."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from click.testing import CliRunner
from pydantic import SecretStr
from slack_parts import Options

from bot.cli.main import cli
from bot.core.settings import SettingsFault
from bot.service.doctor_check import Check
from bot.slack import listeners, options, values
from bot.slack.doctor import checks
from bot.slack.manifest import EVENTS, HISTORY, SCOPES, as_yaml, manifest

HEX = SecretStr("8f742231b10e8888abcd99ff7770085a")


# -- manifest ----------------------------------------------------------------------------------


def test_the_manifest_is_within_slacks_limits() -> None:
    """https://docs.slack.dev/reference/app-manifest"""
    made = yaml.safe_load(as_yaml(manifest("https://bot.example.com/", socket_mode=False)))
    shown = made["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert len(made["features"]["bot_user"]["display_name"]) <= 80
    (command,) = made["features"]["slash_commands"]
    assert command["command"] == "/gpu"
    assert command["url"] == "https://bot.example.com/slack/events"
    assert made["settings"]["event_subscriptions"]["request_url"] == command["url"]
    assert made["settings"]["interactivity"]["request_url"] == command["url"]
    assert made["oauth_config"]["redirect_urls"] == ["https://bot.example.com/slack/oauth_redirect"]
    assert made["features"]["app_home"]["messages_tab_read_only_enabled"] is False
    assert made["settings"]["socket_mode_enabled"] is False
    asked = made["oauth_config"]["scopes"]
    assert set(asked["bot_optional"]) == {"channels:history", "groups:history", "mpim:history"}
    assert set(asked["bot_optional"]) < set(asked["bot"])  # Slack wants them in both
    ids = {one["callback_id"] for one in made["features"]["shortcuts"]}
    assert ids == {values.FIND, values.PRICE_THIS}


def test_socket_mode_needs_no_address() -> None:
    made = yaml.safe_load(as_yaml(manifest(None, socket_mode=True)))
    assert made["settings"]["socket_mode_enabled"] is True
    assert "http" not in as_yaml(made)


def test_every_event_of_the_manifest_is_heard() -> None:
    """And nothing is asked for that nobody listens to."""
    tree = ast.parse(Path(listeners.__file__).read_text("utf-8"))
    heard = {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and node.func.attr == "event" and node.args and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip
    assert {name.split(".")[0] for name in EVENTS} == heard


@pytest.mark.parametrize("url", ["http://bot.example.com", "bot.example.com", "https://", "https://x:y", "https://b?q=1"])  # fmt: skip
def test_an_address_slack_would_refuse_is_refused(url: str) -> None:
    done = CliRunner().invoke(cli, ["manifest", "slack", "--url", url])
    assert done.exit_code == 2
    assert "https" in done.output or "address" in done.output


def test_the_command_prints_yaml_and_nothing_else() -> None:
    done = CliRunner().invoke(cli, ["manifest", "slack", "--url", "https://bot.example.com"])
    assert done.exit_code == 0
    assert yaml.safe_load(done.output)["display_information"]["name"] == "Quartermaster"
    assert CliRunner().invoke(cli, ["manifest", "slack"]).exit_code == 2


# -- settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"slack_bot_token": None}, "SLACK_BOT_TOKEN"),
        ({"slack_bot_token": SecretStr("xoxp-1")}, "SLACK_BOT_TOKEN"),
        ({"slack_signing_secret": None}, "SLACK_SIGNING_SECRET"),
        ({"slack_signing_secret": SecretStr("short")}, "SLACK_SIGNING_SECRET"),
        ({"slack_app_token": SecretStr("xoxb-1")}, "SLACK_APP_TOKEN"),
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsFault) as raised:
        options.check(Options(**given))
    assert named in str(raised.value)
    assert "xox" not in str(raised.value).replace('"xoxb-"', "")


def test_socket_mode_needs_no_signing_secret() -> None:
    options.check(Options(slack_signing_secret=None, slack_app_token=SecretStr("xapp-1")))


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://hooks.slack.com/commands/T1/1/x", True),
        ("https://hooks.slack-gov.com/x", True),
        ("http://hooks.slack.com/x", False),
        ("https://hooks.slack.com:444/x", False),
        ("https://hooks.slack.com.evil.example/x", False),
        ("https://evil@hooks.slack.com/x", False),
        ("https://hooks.slack.com@evil.example/x", False),
        ("//hooks.slack.com/x", False),
        ("https://slack.com/api/x", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_answers_go_to_slack_alone(url: str, good: bool) -> None:
    assert options.response_url_allowed(url, options.SLACK_API) is good


def test_a_named_web_api_is_trusted_with_answers() -> None:
    api = "http://127.0.0.1:4003/api/"
    assert options.response_url_allowed("http://127.0.0.1:4003/hook", api)
    assert not options.response_url_allowed("http://127.0.0.1:4004/hook", api)


# -- doctor ------------------------------------------------------------------------------------


def looked(
    answers: dict[str, Any], scopes: str = ",".join(SCOPES + HISTORY), **given: Any
) -> list[Check]:
    def answer(request: httpx.Request) -> httpx.Response:
        found = answers[request.url.path.split("/")[-1]]
        if isinstance(found, Exception):
            raise found
        return httpx.Response(200, json=found, headers={"x-oauth-scopes": scopes})

    client = httpx.Client(transport=httpx.MockTransport(answer))
    return list(checks(Options(slack_signing_secret=HEX, **given), client=client))


WELL: dict[str, Any] = {
    "auth.test": {"ok": True, "team": "GPU Co", "user": "quartermaster"},
    "apps.connections.open": {"ok": True, "url": "wss://x"},
}


def test_a_good_installation_is_well() -> None:
    found = looked(WELL, slack_app_token=SecretStr("xapp-1"))
    assert [check.ok for check in found] == [True, True, True, True]
    assert not any("xoxb" in check.what or "xapp" in check.what for check in found)


@pytest.mark.parametrize(
    "change",
    [
        lambda: looked({"auth.test": {"ok": False, "error": "invalid_auth"}}),
        lambda: looked({"auth.test": httpx.ConnectError("no way")}),
        lambda: looked(WELL, scopes="commands"),
        lambda: looked(WELL | {"apps.connections.open": {"ok": False, "error": "missing_scope"}}, slack_app_token=SecretStr("xapp-1")),
        lambda: list(checks(Options(slack_signing_secret=SecretStr("z" * 32)), client=httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(502))))),
        lambda: list(checks(Options(slack_bot_token=None, slack_app_token=SecretStr("xapp-1")))),
    ],
)  # fmt: skip
def test_each_fault_says_how_to_mend_it(change: Callable[[], list[Check]]) -> None:
    faults = [check for check in change() if check.ok is False]
    assert faults
    assert all(check.mend for check in faults)


def test_a_missing_comfort_is_no_fault() -> None:
    """Without files:write charts come as words."""
    found = looked(WELL, scopes=",".join(("app_mentions:read,chat:write,commands,im:history", *HISTORY)))  # fmt: skip
    assert [check.ok for check in found] == [True, True, None]


def test_declined_optional_scopes_are_no_fault() -> None:
    """What is lost without them is said."""
    found = looked(WELL, scopes=",".join(SCOPES))
    assert [check.ok for check in found] == [True, True, None]
    assert "channels:history" in found[-1].what
    assert "crash" in found[-1].what


def test_slack_that_is_not_set_up_is_no_fault() -> None:
    (only,) = checks(Options(slack_bot_token=None, slack_signing_secret=None))
    assert only.ok is None
