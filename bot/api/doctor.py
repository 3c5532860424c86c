"""What `doctor` looks at for programs: what is on, whether a key exists and its conversation does,
and for each client that the README names what it still lacks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.service.doctor_check import Check

if TYPE_CHECKING:
    from bot.core.settings import Settings


def checks(settings: Settings) -> Iterator[Check]:
    """One line each; the state database is looked at only when a way in for programs is on."""
    for name, on, path in (("http", settings.api, "/v1"), ("mcp", settings.mcp, "/mcp")):
        what = f"on, under {path}" if on else f"off: QUARTERMASTER_{'API' if path == '/v1' else 'MCP'} is not set"  # fmt: skip
        yield Check(name, ok=True if on else None, what=what)
    if not (settings.api or settings.mcp):
        return
    if not settings.state_address.startswith("sqlite") or (settings.data_dir / "state.db").exists():
        yield from _keys(settings)
    else:
        yield _none()
    yield from _clients(settings)
    for origin in settings.api_origins:
        if not origin.startswith(("https://", "http://")) or origin.count("/") != 2:
            yield Check(
                "http", ok=False, what=f"{origin} is no origin",
                mend="An origin is https://host or https://host:port, without a path.",
            )  # fmt: skip
    if settings.public_url and not settings.public_url.startswith("https://"):
        yield Check(
            "http", ok=False, what="QUARTERMASTER_PUBLIC_URL is not https: keys would travel in clear",
            mend="Put a TLS proxy in front, and set its https address.",
        )  # fmt: skip


def _clients(settings: Settings) -> Iterator[Check]:
    """One line each; what is not there is no fault, because nobody may want that client."""
    api = None if settings.api else "QUARTERMASTER_API"
    mcp = None if settings.mcp else "QUARTERMASTER_MCP"
    public = None if settings.public_url else "QUARTERMASTER_PUBLIC_URL"
    signed = None if settings.slack_signing_secret else "SLACK_SIGNING_SECRET"
    command = None if shutil.which("quartermaster") else "the command quartermaster in PATH"
    teams = None if settings.microsoft_app_id else "MICROSOFT_APP_ID for the app package"
    for name, lacks in (
        ("curl and Python", (api,)),
        ("Claude Desktop", (command,)),
        ("Claude Code and VS Code", (mcp,)),
        ("Slackbot", (mcp, public, signed)),
        ("Copilot", (mcp, public, teams)),
    ):
        missing = [one for one in lacks if one]
        what = f"lacks {', '.join(missing)}" if missing else "can connect, as the README says"
        yield Check("client", ok=None if missing else True, what=f"{name}: {what}")


def _none() -> Check:
    return Check("keys", ok=None, what="no key yet; make one: quartermaster key create NAME")


def _keys(settings: Settings) -> Iterator[Check]:
    from bot.api.keys import every
    from bot.state import State, StateFault
    from bot.state.database import connect
    from bot.state.seal import keyring

    try:
        sealing = keyring([key.get_secret_value() for key in settings.encryption_keys])
        state = State(connect(settings.state_address), key=sealing, clock=None)
        try:
            known = every(state)
            lost = [
                key
                for key in known
                if key.place is not None and state.places.get(key.place) is None
            ]
        finally:
            state.close()
    except StateFault as fault:
        yield Check("keys", ok=False, what=str(fault), mend="Mend the state database: keys lie there.")  # fmt: skip
        return
    if not known:
        yield _none()
        return
    unused = sum(key.last_used is None for key in known)
    yield Check("keys", ok=True, what=f"{len(known)} keys, {unused} of them never used")
    for key in lost:
        yield Check(
            "keys", ok=False, what=f"the conversation of key {key.id} is gone: {key.place}",
            mend=f"Revoke it (quartermaster key revoke {key.id}) and make another.",
        )  # fmt: skip
