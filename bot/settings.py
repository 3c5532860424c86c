"""Every setting, read once from the environment. All faults are listed at once, without values."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.paths import default_data_dir

Names = Annotated[tuple[str, ...], NoDecode]
"""A list of names, comma-separated in the environment."""

_CUSTOMARY = {
    # The platforms' own documentation uses these names without our prefix.
    "slack_bot_token": "SLACK_BOT_TOKEN",
    "slack_signing_secret": "SLACK_SIGNING_SECRET",
    "slack_app_token": "SLACK_APP_TOKEN",
    "slack_client_id": "SLACK_CLIENT_ID",
    "slack_client_secret": "SLACK_CLIENT_SECRET",
    "microsoft_app_id": "MICROSOFT_APP_ID",
    "microsoft_app_password": "MICROSOFT_APP_PASSWORD",
    "microsoft_app_tenant_id": "MICROSOFT_APP_TENANT_ID",
    "microsoft_app_type": "MICROSOFT_APP_TYPE",
    "otlp_endpoint": "OTEL_EXPORTER_OTLP_ENDPOINT",
}
PREFIX = "QUARTERMASTER_"
SOURCE_URL_PREFIX = "QUARTERMASTER_SOURCE_URL_"


class SettingsFault(Exception):
    """The environment holds something we cannot use; the message says what to mend."""


class Settings(BaseSettings):
    """One frozen model; each field is a row of the README's table (a test compares them)."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", populate_by_name=True
    )

    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Folder of the price store and the default state",
    )
    host: str = Field("127.0.0.1", description="Address `serve` listens on")
    port: int = Field(3978, ge=0, le=65535, description="Port `serve` listens on")
    public_url: str | None = Field(None, description="Where Slack and Teams reach this service")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe log line written"
    )
    dev: bool = Field(False, description="Development: allows Teams without credentials, on loopback only")  # fmt: skip
    contact: str = Field("", description="Mail or URL put into the User-Agent of price requests")

    state_url: str | None = Field(None, description="Shared state, e.g. `postgresql://…`; default `state.db` in the data folder")  # fmt: skip
    encryption_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field((), description="Fernet keys for tokens and contract prices, newest first")  # fmt: skip
    audit_text: bool = Field(False, description="Keep the words of questions in the audit log")
    commands_per_minute: int = Field(60, ge=1, description="Questions one person may ask a minute")

    slack_bot_token: SecretStr | None = Field(None, description="Bot token of a single workspace (`xoxb-…`)")  # fmt: skip
    slack_signing_secret: SecretStr | None = Field(None, description="Signing secret of the Slack app")  # fmt: skip
    slack_app_token: SecretStr | None = Field(None, description="App-level token (`xapp-…`); turns Socket Mode on")  # fmt: skip
    slack_client_id: str | None = Field(None, description="OAuth client id, for several workspaces")
    slack_client_secret: SecretStr | None = Field(None, description="OAuth client secret")
    slack_api_url: str = Field("https://slack.com/api/", description="Slack Web API address")
    slack_teams_allowed: Names = Field((), description="Workspace ids that may use the bot; empty: all")  # fmt: skip
    slack_channels_allowed: Names = Field((), description="Channel ids the bot answers in; empty: all")  # fmt: skip
    slack_admins: Names = Field((), description="User ids that may run admin commands, beside workspace admins")  # fmt: skip
    slack_connect: Literal["off", "public"] = Field("public", description="What people of other companies in shared channels get: nothing, or public prices")  # fmt: skip

    microsoft_app_id: str | None = Field(None, description="Id of the Azure Bot's app registration")
    microsoft_app_password: SecretStr | None = Field(None, description="Its client secret")
    microsoft_app_tenant_id: str | None = Field(None, description="Its tenant")
    microsoft_app_type: Literal["SingleTenant", "UserAssignedMSI"] = Field("SingleTenant", description="Kind of app registration")  # fmt: skip
    teams_tenants_allowed: Names = Field((), description="Tenants that may use the bot; empty: the app's own")  # fmt: skip
    teams_openid_metadata_url: str | None = Field(None, description="Token metadata document, for sovereign clouds and tests")  # fmt: skip
    teams_service_urls_allowed: Names = Field((), description="Further service URLs replies may go to")  # fmt: skip
    teams_admins: Names = Field((), description="AAD object ids that may run admin commands")

    sources: Names = Field((), description="Price sources to use; empty: all that need no opt-in")
    sources_opt_in: Names = Field((), description="Sources switched on although their terms restrict automated comparison")  # fmt: skip
    refresh_every_hours: float = Field(6, gt=0, description="Hours between scheduled refreshes; jitter is added")  # fmt: skip
    source_urls: dict[str, str] = Field(default_factory=dict, description="`QUARTERMASTER_SOURCE_URL_<NAME>`: another address for one source")  # fmt: skip
    otlp_endpoint: str | None = Field(None, description="Where OpenTelemetry traces go; empty: none are made")  # fmt: skip

    @field_validator(
        "slack_teams_allowed",
        "slack_channels_allowed",
        "slack_admins",
        "teams_tenants_allowed",
        "teams_service_urls_allowed",
        "teams_admins",
        "sources",
        "sources_opt_in",
        "encryption_keys",
        mode="before",
    )
    @classmethod
    def _names(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # `read_settings` hands over the environment, so that tests and `doctor` can hand another.
        return (init_settings,)

    @property
    def prices_path(self) -> Path:
        return self.data_dir / "prices.db"

    @property
    def state_database(self) -> str:
        return self.state_url or f"sqlite:///{self.data_dir / 'state.db'}"


def env_name(field: str) -> str:
    """The environment variable a field is read from."""
    if field == "source_urls":
        return f"{SOURCE_URL_PREFIX}<NAME>"
    return _CUSTOMARY.get(field, PREFIX + field.upper())


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; raises SettingsFault listing every fault at once."""
    environ = os.environ if environ is None else environ
    given: dict[str, Any] = {}
    for field in Settings.model_fields:
        value = environ.get(env_name(field), "").strip()
        if value:
            given[field] = value
    given["source_urls"] = {
        name.removeprefix(SOURCE_URL_PREFIX).lower(): url
        for name, url in environ.items()
        if name.startswith(SOURCE_URL_PREFIX) and url
    }
    faults = list(_missing_beside(given))
    try:
        settings = Settings(**given)
    except ValidationError as fault:
        # The values stay out of the message: one of them may be a secret.
        faults += [
            f"{env_name(str(error['loc'][0]))}: {error['msg']}"
            for error in fault.errors(include_input=False, include_url=False)
        ]
    if faults:
        raise SettingsFault("\n".join(faults))
    return settings


def _missing_beside(given: Mapping[str, Any]) -> Iterator[str]:
    """What a half-configured platform lacks."""
    if "slack_bot_token" in given and not given.keys() & {
        "slack_signing_secret",
        "slack_app_token",
    }:
        yield (
            "SLACK_BOT_TOKEN is set, but neither SLACK_SIGNING_SECRET (HTTP) nor SLACK_APP_TOKEN "
            "(Socket Mode) is"
        )
    if "slack_client_id" in given and "slack_client_secret" not in given:
        yield "SLACK_CLIENT_ID is set, but SLACK_CLIENT_SECRET is missing"
    if "microsoft_app_id" in given and given.get("microsoft_app_type") != "UserAssignedMSI":
        for field in ("microsoft_app_password", "microsoft_app_tenant_id"):
            if field not in given:
                yield f"MICROSOFT_APP_ID is set, but {env_name(field)} is missing"
