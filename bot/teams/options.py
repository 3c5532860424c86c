"""The settings Teams reads, and those it refuses to start with."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Literal, Protocol

from bot.core.settings import SettingsFault

if TYPE_CHECKING:
    from pydantic import SecretStr

APP_TYPES = ("SingleTenant", "UserAssignedMSI")


class TeamsSettings(Protocol):
    """What of `bot.core.settings.Settings` matters here; meanings stand there."""

    @property
    def microsoft_app_id(self) -> str | None: ...
    @property
    def microsoft_app_password(self) -> SecretStr | None: ...
    @property
    def microsoft_app_tenant_id(self) -> str | None: ...
    @property
    def microsoft_app_type(self) -> str: ...
    @property
    def teams_tenants_allowed(self) -> tuple[str, ...]: ...
    @property
    def teams_openid_metadata_url(self) -> str | None: ...
    @property
    def teams_service_urls_allowed(self) -> tuple[str, ...]: ...
    @property
    def teams_admins(self) -> tuple[str, ...]: ...
    @property
    def orders_by(self) -> Literal["members", "admins"]: ...
    @property
    def commands_per_minute(self) -> int: ...
    @property
    def dev(self) -> bool: ...
    @property
    def host(self) -> str: ...


def check(settings: TeamsSettings) -> None:
    """Raises SettingsFault for what must not be served."""
    if not settings.microsoft_app_id:
        _allow_anonymous(settings)
        return
    if settings.microsoft_app_type not in APP_TYPES:
        # The SDK would take a mistyped kind for a multi-tenant bot, and say nothing.
        raise SettingsFault(f"MICROSOFT_APP_TYPE must be one of {', '.join(APP_TYPES)}")
    if not settings.microsoft_app_tenant_id:
        raise SettingsFault("MICROSOFT_APP_ID is set, but MICROSOFT_APP_TENANT_ID is missing")
    if settings.microsoft_app_type == "SingleTenant" and not settings.microsoft_app_password:
        raise SettingsFault("MICROSOFT_APP_ID is set, but MICROSOFT_APP_PASSWORD is missing")


def _allow_anonymous(settings: TeamsSettings) -> None:
    """Without an app id nobody checks tokens: for development on this machine only."""
    if not settings.dev:
        raise SettingsFault(
            "Teams: MICROSOFT_APP_ID is missing (QUARTERMASTER_DEV=1 allows that on loopback)"
        )
    if not is_loopback(settings.host):
        raise SettingsFault(
            "Teams: without MICROSOFT_APP_ID the service listens on loopback only; "
            "set QUARTERMASTER_HOST=127.0.0.1"
        )


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
