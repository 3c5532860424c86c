"""What `doctor` looks at for Teams: the registration's shape, the way to Microsoft, the clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from bot.core.settings import Settings, SettingsFault
from bot.service.doctor_check import Check
from bot.teams import auth, options

if TYPE_CHECKING:
    import httpx

WITHIN = 5.0
"""Seconds an answer of Microsoft may take."""
MAX_SKEW = 240.0
"""Seconds; at five minutes Microsoft's tokens look expired, or not valid yet."""
MIN_SECRET = 16
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DOMAIN = re.compile(r"([a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)


def checks(
    settings: Settings,
    now: datetime,
    *,
    client: httpx.Client | None = None,
    acquire: auth.Acquire | None = None,
) -> Iterator[Check]:
    """One line each. Asks Microsoft only when the registration could be one."""
    if not (settings.microsoft_app_id or settings.microsoft_app_password):
        yield Check("teams", ok=None, what="off: MICROSOFT_APP_ID is not set")
        return
    shape = list(_shape(settings))
    yield from shape
    if not all(check.ok for check in shape):
        return
    import httpx

    where = auth.cloud(settings.teams_openid_metadata_url)
    tenant = settings.microsoft_app_tenant_id
    asking = client or httpx.Client(timeout=WITHIN, follow_redirects=True)
    with asking:
        reached = list(_login(asking, f"{where.login}/{tenant}", now))
        yield from reached
        yield from _keys(asking, where.metadata)
    if all(check.ok for check in reached):
        yield _token(settings, acquire, where)


def _shape(settings: Settings) -> Iterator[Check]:
    try:
        options.check(settings)
    except SettingsFault as fault:
        yield Check(
            "teams", ok=False, what=str(fault), mend="docs/settings.md says what goes there."
        )  # fmt: skip
        return
    app_id, tenant = settings.microsoft_app_id or "", settings.microsoft_app_tenant_id or ""
    if _GUID.fullmatch(app_id):
        yield Check(
            "teams", ok=True, what=f"application id {app_id}, {settings.microsoft_app_type}"
        )
    else:
        yield Check(
            "teams", ok=False, what="MICROSOFT_APP_ID is no application id",
            mend="Azure portal > App registrations > Overview > Application (client) ID.",
        )  # fmt: skip
    if not (_GUID.fullmatch(tenant) or _DOMAIN.fullmatch(tenant)):
        yield Check(
            "teams", ok=False, what="MICROSOFT_APP_TENANT_ID is no directory",
            mend="Azure portal > App registrations > Overview > Directory (tenant) ID.",
        )  # fmt: skip
    if settings.microsoft_app_type == "UserAssignedMSI":
        return
    password = settings.microsoft_app_password
    secret = password.get_secret_value() if password else ""
    if _GUID.fullmatch(secret):
        yield Check(
            "teams", ok=False, what="MICROSOFT_APP_PASSWORD is the secret's id, not its value",
            mend="The value is shown once, when the secret is made: make a new one.",
        )  # fmt: skip
    elif len(secret) < MIN_SECRET or secret != secret.strip() or not secret.isascii():
        yield Check(
            "teams", ok=False, what="MICROSOFT_APP_PASSWORD is no client secret",
            mend="It has about 40 characters, without blanks: copy it again.",
        )  # fmt: skip


def _login(asking: httpx.Client, authority: str, now: datetime) -> Iterator[Check]:
    import httpx

    try:
        answer = asking.get(f"{authority}/v2.0/.well-known/openid-configuration")
    except httpx.HTTPError as fault:
        yield Check(
            "teams", ok=False, what=f"the login host does not answer ({type(fault).__name__})",
            mend=f"Let this machine reach {httpx.URL(authority).host} on port 443.",
        )  # fmt: skip
        return
    if answer.status_code == 400:
        yield Check(
            "teams", ok=False, what="Microsoft knows no such directory",
            mend="Compare MICROSOFT_APP_TENANT_ID with the Azure portal.",
        )  # fmt: skip
    elif not answer.is_success:
        yield Check(
            "teams", ok=False, what=f"the login host answers {answer.status_code}",
            mend="A proxy may stand in between; ask from another network.",
        )  # fmt: skip
    else:
        yield Check("teams", ok=True, what=f"{httpx.URL(authority).host} knows the directory")
    yield from _clock(answer.headers.get("Date"), now)


def _clock(date: str | None, now: datetime) -> Iterator[Check]:
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return
    off = abs((now - theirs).total_seconds())
    if off > MAX_SKEW:
        yield Check(
            "teams", ok=False, what=f"this clock is {off:.0f} s away from Microsoft's",
            mend="Set the clock (NTP): tokens are judged by it.",
        )  # fmt: skip
    else:
        yield Check(
            "teams", ok=True, what=f"the clock is within {max(1, round(off))} s of Microsoft's"
        )


def _keys(asking: httpx.Client, metadata: str) -> Iterator[Check]:
    import httpx

    host = httpx.URL(metadata).host
    try:
        answer = asking.get(metadata)
        found = answer.json() if answer.is_success else {}
    except (httpx.HTTPError, ValueError) as fault:
        found, why = {}, type(fault).__name__
    else:
        why = str(answer.status_code)
    if isinstance(found, dict) and found.get("jwks_uri"):
        yield Check("teams", ok=True, what=f"signing keys at {host}")
    else:
        yield Check(
            "teams", ok=False, what=f"no signing keys from {host} ({why})",
            mend=f"Let this machine reach {host} on port 443: without keys every message is refused.",
        )  # fmt: skip


def _token(settings: Settings, acquire: auth.Acquire | None, where: auth.Cloud) -> Check:
    password = settings.microsoft_app_password
    ask = acquire or auth.login(
        settings.microsoft_app_id or "",
        settings.microsoft_app_type,
        password.get_secret_value() if password else None,
        settings.microsoft_app_tenant_id,
        where,
    )
    try:
        found = ask()
    except Exception as fault:  # noqa: BLE001  the network fails in many ways
        found = {"error": type(fault).__name__}
    if found.get("access_token"):
        return Check("teams", ok=True, what="Microsoft gives the bot a token")
    return Check(
        "teams", ok=False, what=f"Microsoft gives the bot no token: {str(found.get('error') or 'no reason')[:60]}",
        mend="The secret may be of another application, or expired: make a new one.",
    )  # fmt: skip
