"""The settings Slack reads, and those it refuses to start with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.core.settings import Settings, SettingsFault

if TYPE_CHECKING:
    from pydantic import SecretStr

SLACK_API = "https://slack.com/api/"
HOOKS_HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
MIN_SECRET = 16


def secret(value: SecretStr | str | None) -> str:
    """The value of a secret that may be unset."""
    if value is None:
        return ""
    return value if isinstance(value, str) else value.get_secret_value()


def many_workspaces(settings: Settings) -> bool:
    """Whether workspaces install themselves by OAuth; a bot token decides for one workspace."""
    return bool(settings.slack_client_id) and not settings.slack_bot_token


def configured(settings: Settings) -> bool:
    """Whether anything of Slack is set at all."""
    return bool(settings.slack_bot_token or settings.slack_client_id or settings.slack_app_token)


def check(settings: Settings) -> None:
    """Raises SettingsFault, listing every fault."""
    faults = list(_faults(settings))
    if faults:
        raise SettingsFault("\n".join(faults))


def _faults(settings: Settings) -> list[str]:
    out = []
    if not settings.slack_bot_token and not settings.slack_client_id:
        out.append("Slack: SLACK_BOT_TOKEN is missing (or SLACK_CLIENT_ID, for several workspaces)")
    if settings.slack_bot_token and not secret(settings.slack_bot_token).startswith("xoxb-"):
        out.append('SLACK_BOT_TOKEN must begin with "xoxb-"')
    if settings.slack_app_token:
        if not secret(settings.slack_app_token).startswith("xapp-"):
            out.append('SLACK_APP_TOKEN must begin with "xapp-"')
    elif len(secret(settings.slack_signing_secret)) < MIN_SECRET:
        out.append(
            "SLACK_SIGNING_SECRET is missing or too short (or set SLACK_APP_TOKEN for Socket Mode)"
        )
    if many_workspaces(settings):
        if not settings.slack_client_secret:
            out.append("SLACK_CLIENT_ID is set, but SLACK_CLIENT_SECRET is missing")
        if not settings.encryption_keys:
            out.append(
                "Slack: tokens of workspaces are kept encrypted; set QUARTERMASTER_ENCRYPTION_KEYS"
            )
    return out


def response_url_allowed(url: str, api_url: str) -> bool:
    """Slack's own addresses, and those of the Web API that the operator named."""
    try:
        parts, api = urlsplit(url), urlsplit(api_url)
        port, api_port = parts.port, api.port
    except ValueError:
        return False
    if parts.username or parts.password:
        return False
    if parts.scheme == "https" and parts.hostname in HOOKS_HOSTS and port in (None, 443):
        return True
    return api_url != SLACK_API and (parts.scheme, parts.hostname, port) == (
        api.scheme,
        api.hostname,
        api_port,
    )
