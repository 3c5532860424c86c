"""The one list of ways in that `serve` opens, each when it is configured.

Slack and Teams are conversations: they answer and they post on their own account. The HTTP API and
the MCP server only answer. A way in that is off is not imported: its functions here import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bot.core.answer import Answer
    from bot.core.settings import Settings
    from bot.service.around import Around
    from bot.service.doctor_check import Check
    from bot.service.parts import Part


class Platform(NamedTuple):
    """One way in."""

    name: str
    configured: Callable[[Settings], bool]
    off: str
    """What is not set while it is off."""
    check: Callable[[Settings], None]
    """Raises SettingsFault, listing every fault of its settings."""
    build: Callable[[Around], Part]
    how: Callable[[Settings], str]
    """In which way it is on, for the log."""
    show: Callable[[], Callable[[Answer], object]]
    """How it renders an answer, to be warm before the first."""
    doctor: Callable[[Settings, datetime], Iterator[Check]]


# -- Slack ---------------------------------------------------------------------------------------


def _slack_configured(settings: Settings) -> bool:
    from bot.slack.options import configured

    return configured(settings)


def _slack_check(settings: Settings) -> None:
    from bot.slack.options import check

    check(settings)


def _slack(around: Around) -> Part:
    from bot.slack.app import SlackPlatform

    return SlackPlatform(
        around.settings, around.core, around.state, clock=around.clock, draw=_draw,
        turned_away=around.turned_away("slack"),
    )  # fmt: skip


def _draw(answer: Answer) -> bytes | None:
    from bot.render.chart import png

    return png(answer.chart, answer.lang, answer.locale) if answer.chart else None


def _slack_how(settings: Settings) -> str:
    from bot.slack.options import many_workspaces

    how = "by Socket Mode" if settings.slack_app_token else "by HTTP"
    many = many_workspaces(settings)
    return f"{how}, for {'every workspace that installs it' if many else 'one workspace'}"


def _slack_show() -> Callable[[Answer], object]:
    from bot.slack.blocks import message

    return lambda answer: message(answer, where="private")


def _slack_doctor(settings: Settings, _now: datetime) -> Iterator[Check]:
    from bot.slack.doctor import checks

    return checks(settings)


# -- Teams ---------------------------------------------------------------------------------------


def _teams_configured(settings: Settings) -> bool:
    return bool(settings.microsoft_app_id or settings.microsoft_app_password or settings.dev)


def _teams_check(settings: Settings) -> None:
    from bot.teams.options import check

    check(settings)


def _teams(around: Around) -> Part:
    from bot.teams.app import TeamsPlatform

    return TeamsPlatform(
        around.settings, around.core, around.state, clock=around.clock,
        turned_away=around.turned_away("teams"),
    )  # fmt: skip


def _teams_how(settings: Settings) -> str:
    return "with credentials" if settings.microsoft_app_id else "without credentials"


def _teams_show() -> Callable[[Answer], object]:
    from bot.teams.card import render

    return render


def _teams_doctor(settings: Settings, now: datetime) -> Iterator[Check]:
    from bot.teams.doctor import checks

    return checks(settings, now)


# -- the HTTP API --------------------------------------------------------------------------------


def _http(around: Around) -> Part:
    from bot.api.app import HttpApi

    return HttpApi(around)


def _mcp(around: Around) -> Part:
    from bot.mcp.app import McpServer

    return McpServer(around)


def _no_doctor(_settings: Settings, _now: datetime) -> Iterator[Check]:
    """What both need is looked at once, with the API."""
    return iter(())


def _api_doctor(settings: Settings, _now: datetime) -> Iterator[Check]:
    from bot.api.doctor import checks

    return checks(settings)


def _no_faults(_settings: Settings) -> None:
    """Nothing can be wrong beyond what the settings' types refuse."""


def _documents() -> Callable[[Answer], object]:
    from bot.render.answer_json import answer_json

    return answer_json


PLATFORMS = (
    Platform(
        "slack", _slack_configured, "SLACK_BOT_TOKEN and SLACK_CLIENT_ID are not set",
        _slack_check, _slack, _slack_how, _slack_show, _slack_doctor,
    ),
    Platform(
        "teams", _teams_configured, "MICROSOFT_APP_ID is not set",
        _teams_check, _teams, _teams_how, _teams_show, _teams_doctor,
    ),
    Platform(
        "http", lambda settings: settings.api, "QUARTERMASTER_API is not set",
        _no_faults, _http, lambda _: "under /v1", _documents, _api_doctor,
    ),
    Platform(
        "mcp", lambda settings: settings.mcp, "QUARTERMASTER_MCP is not set",
        _no_faults, _mcp, lambda _: "under /mcp", _documents, _no_doctor,
    ),
)  # fmt: skip
"""In the order in which they are built."""
