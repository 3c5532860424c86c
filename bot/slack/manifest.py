"""The Slack app manifest of an installation: YAML that Slack takes as it is. Pure.

https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bot.core.command import RANKED
from bot.language import LANGS
from bot.slack import values

MCP_PATH = "/mcp/slack"
EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
SCOPES = (
    "app_mentions:read",  # mentions
    "assistant:write",  # suggested questions beside our messages
    "chat:write",  # answers, digests, alerts
    "commands",  # /gpu and the shortcuts
    "files:read",  # quotes sent to us in a direct message
    "files:write",  # charts that Slack cannot draw itself
    "im:history",  # direct messages to us
    "im:write",  # alerts and form answers by direct message
    "users:read",  # language and time zone; guests see no contract prices
)
HISTORY = (
    "channels:history",  # in channels, whether a digest that was cut off by a crash is there
    "groups:history",  # the same in private channels,
    "mpim:history",  # and among several people
)
"""Optional: without them a crash between post and record repeats that one message. Nothing else
is read with them, and no event of theirs is asked for.
https://docs.slack.dev/changelog/2026/03/16/optional-scopes"""
EVENTS = (
    "app_context_changed", "app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked",
)  # fmt: skip
AGENT = "assistant:write"
"""Granted where Slack shows us as an agent: our messages with a person are threads then."""
MAX_PROMPTS = 4
MAX_NAME = 35
MAX_DESCRIPTION = 140
NAME = "Quartermaster"
COMMAND = "/gpu"


def manifest(url: str | None, *, socket_mode: bool, assistant: bool = False) -> dict[str, Any]:
    """The manifest. `url` is where Slack reaches us; with Socket Mode only installing by OAuth
    needs one. `assistant`: Slackbot may ask us, by MCP. Raises ValueError for an address that
    Slack would refuse."""
    base = _base(url) if url else None
    if assistant and base is None:
        raise ValueError("Slackbot needs a public https address.")
    if base is None and not socket_mode:
        raise ValueError("Slack needs a public https address, or Socket Mode.")
    events = f"{base}{EVENTS_PATH}" if base and not socket_mode else None
    at = {"url": events} if events else {}
    request_url = {"request_url": events} if events else {}
    scopes = {"bot": [*SCOPES, *HISTORY], "bot_optional": list(HISTORY)}
    oauth: dict[str, Any] = {"scopes": scopes}
    if base:
        oauth["redirect_urls"] = [f"{base}{REDIRECT_PATH}"]
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": NAME,
            "description": "What GPUs cost, where, and since when that price is known",
            "long_description": (
                "Quartermaster answers a team's questions about renting GPUs: the cheapest offers, "
                "prices provider by provider, comparisons, estimates, price history, and advice on "
                "what to rent and on which terms. Every price carries its source and its date. It "
                "can watch a price and post a digest where you ask for one."
            ),
            "background_color": "#1d3557",
        },
        "features": {
            # https://docs.slack.dev/ai/migrating-to-agent-messaging: new apps have no other view.
            "agent_view": {
                "agent_description": "Answers what GPUs cost to rent, with source and date",
                "suggested_prompts": [
                    {"title": words, "message": words}
                    for words in (one.example(LANGS[0]) for one in RANKED[:MAX_PROMPTS])
                ],
            },
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "quartermaster", "always_online": True},
            "shortcuts": [
                {
                    "name": "Find GPUs",
                    "type": "global",
                    "callback_id": values.FIND,
                    "description": "Ask for GPU prices with a form",
                },
                {
                    "name": "Price this",
                    "type": "message",
                    "callback_id": values.PRICE_THIS,
                    "description": "Price the GPUs that this message speaks of",
                },
            ],
            "slash_commands": [
                {
                    "command": COMMAND,
                    **at,
                    "description": "Ask what GPUs cost",
                    "usage_hint": "cheapest 8x H100 in europe",
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": list(EVENTS)},
            "interactivity": {
                "is_enabled": True,
                **request_url,
                **({"message_menu_options_url": events} if events else {}),
            },
            "org_deploy_enabled": True,  # organisations refuse apps without it
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
        **({"mcp_servers": _assistant(base)} if assistant and base else {}),
    }


def _assistant(base: str) -> dict[str, Any]:
    """https://docs.slack.dev/reference/app-manifest: Slack signs who asks."""
    server = {"url": f"{base}{MCP_PATH}", "auth_type": "slack_identity_auth"}
    return {"quartermaster": server}


def as_yaml(found: dict[str, Any]) -> str:
    import yaml

    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=100)


def _base(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{url!r} is no web address.") from None
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(
            f"{url!r} is no address for Slack: it must be like https://bot.example.com"
        )
    return f"https://{parts.hostname}{f':{port}' if port else ''}{parts.path.rstrip('/')}"
