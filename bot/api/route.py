"""One address of the API: what answers it, and what it takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from bot.api.queries import Query

PREFIX = "/v1"
"""Before every path."""


class Route(NamedTuple):
    """An address of the API."""

    path: str
    methods: Mapping[str, Callable[..., Awaitable[Any]]]
    """Method -> what answers it."""
    query: type[Query] | None = None
    needs_key: bool = True
