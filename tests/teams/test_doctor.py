"""What `doctor` says of a Teams registration, with Microsoft's side played over HTTP."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from conftest import NOW
from pydantic import SecretStr
from teams_parts import APP_ID, Options

from bot.teams.doctor import checks

GOOD = Options(microsoft_app_password=SecretStr("abc8Q~" + "x" * 34))


def said(options: Any, *, off: float = 0, status: int = 200, down: bool = False, token: Any = None) -> dict[str, bool | None]:  # fmt: skip
    """What each line says, and whether it is well."""

    def answer(request: httpx.Request) -> httpx.Response:
        if down:
            raise httpx.ConnectError("no route", request=request)
        date = format_datetime(NOW - timedelta(seconds=off), usegmt=True)
        return httpx.Response(status, json={"jwks_uri": "https://x/keys"}, headers={"Date": date})

    def acquire(*, anew: bool = False) -> dict[str, Any]:
        return token or {"access_token": "x"}

    client = httpx.Client(transport=httpx.MockTransport(answer))
    return {one.what: one.ok for one in checks(options, NOW, client=client, acquire=acquire)}


def test_not_set_up_is_no_fault() -> None:
    """An installation without Teams says so."""
    assert list(said(Options(microsoft_app_id=None, microsoft_app_password=None)).values()) == [
        None
    ]


def test_all_is_well() -> None:
    """Id, directory, clock, keys, token."""
    found = said(GOOD, off=2)
    assert set(found.values()) == {True}
    assert [what.split()[0] for what in found] == [
        "application",
        "login.microsoftonline.com",
        "the",
        "signing",
        "Microsoft",
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (Options(microsoft_app_id="my bot"), "no application id"),
        (Options(microsoft_app_password=SecretStr(APP_ID)), "secret's id, not its value"),
        (Options(microsoft_app_password=SecretStr("short")), "no client secret"),
        (Options(microsoft_app_password=SecretStr("x" * 40 + " ")), "no client secret"),
        (Options(microsoft_app_tenant_id="contoso"), "no directory"),
        (Options(microsoft_app_tenant_id=None), "MICROSOFT_APP_TENANT_ID is missing"),
        (Options(microsoft_app_type="MultiTenant"), "MICROSOFT_APP_TYPE must be"),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_told_and_microsoft_not_asked(options: Options, says: str) -> None:
    """Each mistake by its name, without the value, and nothing is sent anywhere."""

    def nothing(request: httpx.Request) -> httpx.Response:
        raise AssertionError("asked")

    client = httpx.Client(transport=httpx.MockTransport(nothing))
    found = list(checks(options, NOW, client=client))
    wrong = [one for one in found if one.ok is False]
    assert any(says in one.what for one in wrong), found
    assert all(one.mend for one in wrong)
    secret = options.microsoft_app_password
    assert secret is None or all(
        secret.get_secret_value() not in one.what
        for one in wrong
        if secret.get_secret_value() != APP_ID
    )


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"down": True}, "the login host does not answer (ConnectError)"),
        ({"status": 400}, "Microsoft knows no such directory"),
        ({"status": 407}, "the login host answers 407"),
        ({"off": 400}, "this clock is 400 s away from Microsoft's"),
        (
            {"token": {"error": "invalid_client"}},
            "Microsoft gives the bot no token: invalid_client",
        ),
    ],
)
def test_what_stands_in_the_way(more: dict[str, Any], says: str) -> None:
    """Network, directory, clock and secret: each is told apart."""
    assert said(GOOD, **more)[says] is False


def test_a_managed_identity_has_no_secret() -> None:
    """UserAssignedMSI is checked without one."""
    found = said(Options(microsoft_app_type="UserAssignedMSI", microsoft_app_password=None))
    assert set(found.values()) == {True}
