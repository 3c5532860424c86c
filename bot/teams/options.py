"""The settings Teams reads, and those it refuses to start with."""

from __future__ import annotations

import ipaddress

from bot.core.settings import Settings, SettingsFault

APP_TYPES = ("SingleTenant", "UserAssignedMSI")


def check(settings: Settings) -> None:
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


def _allow_anonymous(settings: Settings) -> None:
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
