"""Every setting, read once from the environment. All faults are listed at once, without values."""

from __future__ import annotations

import base64
import binascii
import difflib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_core import PydanticUndefined

from bot.core.paths import default_data_dir

PREFIX = "QUARTERMASTER_"
PER_SOURCE = {
    "source_urls": PREFIX + "SOURCE_URL_",
    "source_keys": PREFIX + "SOURCE_KEY_",
}
"""Fields with one variable for each price source: the prefix of its name."""


def _parts(value: Any) -> Any:
    """A comma-separated list as the environment gives it; anything else as it is."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


CUSTOMARY = "customary"
"""Marks a field whose variable has the name that everybody knows, without our prefix."""
Customary = Annotated[str | None, CUSTOMARY]
CustomarySecret = Annotated[SecretStr | None, CUSTOMARY]
Ids = Annotated[tuple[str, ...], BeforeValidator(_parts)]
"""A list of identifiers, comma-separated in the environment; kept as they are."""
Names = Annotated[Ids, BeforeValidator(_lower)]
"""A list of names, compared without case."""
Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_parts)]
Address = Annotated[str, Field(pattern=r"^https?://[^\s/]+")]


class SettingsFault(Exception):
    """The environment holds something we cannot use; the message says what to mend."""


# Each class is a table of docs/settings.md, its docstring the heading.


class Prices(BaseModel):
    """Prices"""

    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Folder of the price store (`prices.db`) and the default state (`state.db`)",
    )
    contact: str = Field(
        "", max_length=200, description="Mail or URL put into the User-Agent of price requests"
    )
    sources: Names = Field(
        (), description="Price sources to refresh, by name; empty: all that need no opt-in"
    )
    sources_opt_in: Names = Field(
        (),
        description="Providers whose terms restrict automated comparison and whose rows you may use all the same: `vastai`, `runpod`, `shadeform`",
    )
    source_urls: dict[str, Address] = Field(
        default_factory=dict, description="Another address for one source: a mirror, a test server"
    )
    source_keys: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="Key of one source that asks for one; the source is off without it",
    )
    refresh_every_hours: float = Field(
        6, ge=0, le=720, description="Hours between two scheduled refreshes; 0: never"
    )
    marketplaces_every_hours: float = Field(
        1, ge=0, le=720, description="The same for marketplaces, whose prices are good for an hour"
    )


class Service(BaseModel):
    """The service"""

    host: str = Field("127.0.0.1", description="Address that `serve` listens on")
    port: int = Field(3978, ge=0, le=65535, description="Its port")
    public_url: Address | None = Field(
        None, description="Where the service is reached from outside, for installation links"
    )
    state_url: SecretStr | None = Field(
        None,
        description="State database, `postgresql://...` for several replicas; empty: `state.db` in the data folder",
    )
    encryption_keys: Secrets = Field(
        (),
        description="Fernet keys that seal tokens, contract prices and conversations at rest; the first seals, all open",
    )
    commands_per_minute: int = Field(
        60, ge=1, le=10_000, description="Questions a person may ask in a minute"
    )
    place_commands_per_minute: int = Field(
        600, ge=1, le=100_000, description="Questions a channel may ask in a minute"
    )
    workspace_commands_per_minute: int = Field(
        3000, ge=1, le=1_000_000, description="Questions a workspace or tenant may ask in a minute"
    )
    orders_by: Literal["members", "admins"] = Field(
        "members",
        description="Who sets, changes and stops digests and watches of a channel: `members` or `admins`",
    )
    answer_threads: int = Field(
        4, ge=1, le=64, description="Answers worked on at once by one process"
    )
    answers_waiting: int = Field(
        100,
        ge=0,
        le=10_000,
        description="Questions that may wait; further ones are declined kindly",
    )
    rearm_percent: float = Field(
        2, ge=0, le=50, description="A watch fires again after the price left its threshold by this"
    )
    lease_seconds: float = Field(
        60, ge=10, le=3600, description="How long one replica holds a delivery before another may"
    )
    audit_text: bool = Field(False, description="Keep the words of questions in the audit trail")
    dev: bool = Field(False, description="Development: Teams without credentials, on loopback only")

    @field_validator("encryption_keys")
    @classmethod
    def _fernet(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for number, key in enumerate(value, 1):
            try:
                size = len(base64.urlsafe_b64decode(key.get_secret_value()))
            except (binascii.Error, ValueError):
                size = 0
            if size != 32:
                raise ValueError(
                    f"key {number} is no Fernet key; make one with: openssl rand -base64 32 | tr '+/' '-_'"
                )
        return value

    @field_validator("port", mode="before")
    @classmethod
    def _port(cls, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("tcp://"):
            raise ValueError(
                "set by Kubernetes for a service of our name; put enableServiceLinks: false into the pod"
            )
        return value


class Programs(BaseModel):
    """Programs and assistants"""

    api: bool = Field(False, description="The HTTP API under `/v1`, for programs that have a key")
    mcp: bool = Field(
        False, description="The MCP server under `/mcp`, for assistants that have a key"
    )
    api_per_minute: int = Field(
        600, ge=1, le=100_000, description="Requests a key may make in a minute"
    )
    api_origins: Ids = Field(
        (), description="Origins whose pages may ask from a browser (`https://...`); empty: none"
    )


class Inside(BaseModel):
    """Seeing inside"""

    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = (
        Field("info", description="`debug`, `info`, `warning` or `error`")
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="Bearer token that `/metrics` asks for; empty: answered to this machine only",
    )
    otel_exporter_otlp_endpoint: Annotated[Address | None, CUSTOMARY] = Field(
        None, description="OpenTelemetry collector (OTLP over HTTP); needs the extra `traces`"
    )


class Slack(BaseModel):
    """Slack"""

    slack_bot_token: CustomarySecret = Field(None, description="`xoxb-...`, for one workspace")
    slack_signing_secret: CustomarySecret = Field(
        None, description="Proves that a request comes from Slack"
    )
    slack_app_token: CustomarySecret = Field(
        None, description="`xapp-...`: Socket Mode, without a public address"
    )
    slack_client_id: Customary = Field(
        None, description="For several workspaces that install by OAuth"
    )
    slack_client_secret: CustomarySecret = Field(None, description="Its secret")
    slack_api_url: Address = Field(
        "https://slack.com/api/", description="Another Web API: GovSlack, an emulator"
    )
    slack_teams_allowed: Ids = Field((), description="Workspaces that are answered; empty: all")
    slack_channels_allowed: Ids = Field((), description="Channels that are answered; empty: all")
    slack_admins: Ids = Field((), description="People who may do what is for admins, by user id")
    slack_connect: Literal["off", "public"] = Field(
        "public",
        description="Shared channels: `public` prices are shown to other companies, or `off`",
    )


class Teams(BaseModel):
    """Microsoft Teams"""

    microsoft_app_id: Customary = Field(None, description="Application (client) id of the bot")
    microsoft_app_password: CustomarySecret = Field(None, description="Its client secret")
    microsoft_app_tenant_id: Customary = Field(None, description="Directory the bot belongs to")
    microsoft_app_type: Annotated[Literal["SingleTenant", "UserAssignedMSI"], CUSTOMARY] = Field(
        "SingleTenant", description="`SingleTenant` or `UserAssignedMSI`"
    )
    teams_tenants_allowed: Ids = Field(
        (), description="Tenants that are answered; empty: the bot's own"
    )
    teams_openid_metadata_url: Address | None = Field(
        None, description="Another OpenID metadata document: sovereign clouds, tests"
    )
    teams_service_urls_allowed: Ids = Field(
        (), description="Further connector addresses that answers may be sent to"
    )
    teams_admins: Ids = Field((), description="People who may do what is for admins, by object id")


GROUPS = (Prices, Service, Programs, Inside, Slack, Teams)


class Settings(Teams, Slack, Inside, Programs, Service, Prices):
    """All of them in one frozen model."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @property
    def state_address(self) -> str:
        """The state database's address, with its password when it has one: not for any log."""
        if self.state_url is not None:
            return self.state_url.get_secret_value()
        return f"sqlite:///{self.data_dir.absolute() / 'state.db'}"


def env_name(field: str) -> str:
    """The environment variable a field is read from."""
    if field in PER_SOURCE:
        return PER_SOURCE[field] + "<NAME>"
    customary = CUSTOMARY in Settings.model_fields[field].metadata
    return field.upper() if customary else PREFIX + field.upper()


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; raises SettingsFault listing every fault at once."""
    environ = os.environ if environ is None else environ
    given: dict[str, Any] = {
        field: value
        for field in Settings.model_fields
        if (value := environ.get(env_name(field), "").strip())
    }
    for field, prefix in PER_SOURCE.items():
        given[field] = {
            name.removeprefix(prefix).lower(): value.strip()
            for name, value in environ.items()
            if name.startswith(prefix) and value.strip()
        }
    try:
        return Settings(**given)
    except ValidationError as fault:
        # The values stay out of the message: one of them may be a secret.
        raise SettingsFault(
            "\n".join(
                f"{_where(error['loc'])}: {error['msg'].removeprefix('Value error, ')}"
                for error in fault.errors(include_input=False, include_url=False)
            )
        ) from None


def unknown_names(environ: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """Variables with our prefix that are no settings -> the setting that was probably meant."""
    environ = os.environ if environ is None else environ
    known = {env_name(field) for field in Settings.model_fields}
    strange = (
        name
        for name in environ
        if name.startswith(PREFIX)
        and name not in known
        and not name.startswith(tuple(PER_SOURCE.values()))
    )
    return {
        name: next(iter(difflib.get_close_matches(name, known, 1, 0.8)), None) for name in strange
    }


def _where(loc: tuple[int | str, ...]) -> str:
    field = str(loc[0])
    if field in PER_SOURCE and len(loc) > 1:
        return PER_SOURCE[field] + str(loc[1]).upper()
    return env_name(field)


def default_of(field: str) -> str:
    """A field's default as people set it; "" where unset is the default."""
    if field == "data_dir":
        return "~/.local/share/quartermaster"
    value = Settings.model_fields[field].get_default()
    return "" if value in ((), None, "", False, PydanticUndefined) else f"{value}"


def documented() -> str:
    """docs/settings.md: what people may set, in the words of the fields. A test compares the two."""
    lines = [
        "# Settings",
        "",
        "All from the environment, read once; every fault is listed at once and no value is repeated. This page is made",
        "from `bot/core/settings.py` by `make schemas`; `quartermaster doctor` says what is wrong with yours.",
    ]
    for group in GROUPS:
        lines += [
            "",
            f"## {group.__doc__}",
            "",
            "| name | default | meaning |",
            "| --- | --- | --- |",
        ]
        for field in group.__annotations__:
            default = f"`{default_of(field)}` " if default_of(field) else ""
            meaning = Settings.model_fields[field].description
            lines.append(f"| `{env_name(field)}` | {default}| {meaning} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(documented())
