"""What the service is put together from: parts that start, say whether they are ready, and stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from aiohttp import web


class Part(Protocol):
    """One part of the service."""

    async def start(self) -> None:
        """Begins; returns soon. What takes long (a login, a connection) goes on by itself."""

    async def stop(self) -> None:
        """Takes nothing new, finishes what was acknowledged within 20 s, gives up the rest."""

    def not_ready(self) -> str | None:
        """Why this part cannot do its work at the moment, in words without secrets; or None."""


@runtime_checkable
class Routes(Protocol):
    """A part that is reached by HTTP."""

    def add_routes(self, app: web.Application) -> None: ...
