"""What `doctor` looks at for Slack: the shape of secrets, then what Slack says of the tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bot.core.settings import Settings, SettingsFault
from bot.service.doctor_check import Check
from bot.slack import options
from bot.slack.manifest import HISTORY, SCOPES

if TYPE_CHECKING:
    import httpx

WITHIN = 5.0
"""Seconds an answer of Slack may take."""
NEEDED = frozenset({"app_mentions:read", "chat:write", "commands", "im:history"})
"""Without these we cannot be asked or cannot answer; the others only make answers poorer."""
_SIGNING = re.compile(r"[0-9a-f]{32}")
WHERE = "api.slack.com/apps, your app"
MEND = {
    "invalid_auth": f"Copy it again from {WHERE}.",
    "not_authed": f"Copy it again from {WHERE}.",
    "account_inactive": "The app was removed from the workspace: install it again.",
    "token_revoked": "Install the app again, and copy the new token.",
    "missing_scope": f"{WHERE}: an app-level token needs connections:write.",
}


def checks(settings: Settings, *, client: httpx.Client | None = None) -> Iterator[Check]:
    """One line each. Asks Slack only when the settings could be right."""
    if not options.configured(settings):
        yield Check("slack", ok=None, what="off: SLACK_BOT_TOKEN and SLACK_CLIENT_ID are not set")
        return
    try:
        options.check(settings)
    except SettingsFault as fault:
        for line in str(fault).splitlines():
            yield Check("slack", ok=False, what=line, mend="README: Slack in ten minutes.")
        return
    yield from _secret(options.secret(settings.slack_signing_secret))
    import httpx

    with client or httpx.Client(timeout=WITHIN) as asking:
        if settings.slack_bot_token:
            token = options.secret(settings.slack_bot_token)
            yield from _bot_token(asking, settings.slack_api_url, token)
        if settings.slack_app_token:
            token = options.secret(settings.slack_app_token)
            yield from _app_token(asking, settings.slack_api_url, token)
    if options.many_workspaces(settings):
        yield Check("slack", ok=True, what="workspaces install themselves at /slack/install")
        if not settings.public_url:
            yield Check(
                "slack", ok=False, what="QUARTERMASTER_PUBLIC_URL is not set: OAuth has no way back",
                mend="Set it to the https address that Slack and browsers reach.",
            )  # fmt: skip


def _secret(secret: str) -> Iterator[Check]:
    if secret and not _SIGNING.fullmatch(secret):
        yield Check(
            "slack", ok=False, what="SLACK_SIGNING_SECRET is not 32 hexadecimal digits",
            mend=f"{WHERE}, Basic Information, Signing Secret; not the client secret.",
        )  # fmt: skip
    elif secret:
        yield Check("slack", ok=True, what="the signing secret has its shape")


def _bot_token(client: httpx.Client, api: str, token: str) -> Iterator[Check]:
    answer, headers = _ask(client, api, "auth.test", token)
    if not answer.get("ok"):
        yield _fault("SLACK_BOT_TOKEN", answer)
        return
    team, user = answer.get("team"), answer.get("user")
    yield Check("slack", ok=True, what=f"the bot token works: {user} in {team}")
    granted = {one.strip() for one in headers.get("x-oauth-scopes", "").split(",") if one.strip()}
    if not granted:
        return  # an emulator does not say
    missing = [one for one in SCOPES if one not in granted]
    unread = [one for one in HISTORY if one not in granted]
    if missing:
        yield Check(
            "slack",
            ok=False if NEEDED & set(missing) else None,
            what=f"scopes missing: {', '.join(missing)}",
            mend=f"{WHERE}, App Manifest: paste `quartermaster manifest slack`, then install again.",
        )
    elif not unread:
        yield Check("slack", ok=True, what="all scopes are granted")
    if unread:
        yield Check(
            "slack",
            ok=None,
            what=f"optional scopes not granted: {', '.join(unread)}; "
            "a crash may repeat a digest or an alert there",
        )


def _app_token(client: httpx.Client, api: str, token: str) -> Iterator[Check]:
    answer, _ = _ask(client, api, "apps.connections.open", token)
    if answer.get("ok"):
        yield Check("slack", ok=True, what="the app token opens Socket Mode")
    else:
        yield _fault("SLACK_APP_TOKEN", answer)


def _fault(name: str, answer: dict[str, Any]) -> Check:
    code = str(answer.get("error") or "unknown")[:60]
    return Check(
        "slack",
        ok=False,
        what=f"{name}: Slack says {code}",
        mend=MEND.get(code)
        or (
            "Check the way out: proxy, firewall, QUARTERMASTER_SLACK_API_URL."
            if code.startswith("unreachable")
            else "docs.slack.dev/reference/methods says what it means."
        ),
    )


def _ask(client: httpx.Client, api: str, method: str, token: str) -> tuple[dict[str, Any], Any]:
    import httpx

    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = client.post(f"{api.rstrip('/')}/{method}", headers=headers, data={})
        found = answer.json()
    except httpx.HTTPError as fault:
        return {"error": f"unreachable ({type(fault).__name__})"}, {}
    except ValueError:
        return {"error": f"status {answer.status_code}, no JSON"}, {}
    return (found if isinstance(found, dict) else {}), answer.headers
