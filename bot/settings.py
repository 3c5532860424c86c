"""Every setting, read once from the environment. All faults are listed at once, without values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.paths import default_data_dir

PREFIX = "QUARTERMASTER_"
SOURCE_URL_PREFIX = "QUARTERMASTER_SOURCE_URL_"
Names = Annotated[tuple[str, ...], NoDecode]
"""A list of names, comma-separated in the environment."""
Address = Annotated[str, Field(pattern=r"^https?://[^\s/]+")]


class SettingsFault(Exception):
    """The environment holds something we cannot use; the message says what to mend."""


class Settings(BaseSettings):
    """One frozen model; each field is a row of the README's table (a test compares them)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    data_dir: Path = Field(
        default_factory=default_data_dir, description="Folder of the price store"
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

    @field_validator("sources", "sources_opt_in", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip().lower() for part in value.split(",") if part.strip())
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


def env_name(field: str) -> str:
    """The environment variable a field is read from."""
    return f"{SOURCE_URL_PREFIX}<NAME>" if field == "source_urls" else PREFIX + field.upper()


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; raises SettingsFault listing every fault at once."""
    environ = os.environ if environ is None else environ
    given: dict[str, Any] = {
        field: value
        for field in Settings.model_fields
        if (value := environ.get(env_name(field), "").strip())
    }
    given["source_urls"] = {
        name.removeprefix(SOURCE_URL_PREFIX).lower(): url
        for name, url in environ.items()
        if name.startswith(SOURCE_URL_PREFIX) and url
    }
    try:
        return Settings(**given)
    except ValidationError as fault:
        # The values stay out of the message: one of them may be a secret.
        raise SettingsFault(
            "\n".join(
                f"{_where(error['loc'])}: {error['msg']}"
                for error in fault.errors(include_input=False, include_url=False)
            )
        ) from None


def _where(loc: tuple[int | str, ...]) -> str:
    if loc[0] == "source_urls" and len(loc) > 1:
        return SOURCE_URL_PREFIX + str(loc[1]).upper()
    return env_name(str(loc[0]))
