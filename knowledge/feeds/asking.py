"""Asking a server: what every `fetch` of several requests needs. No parsing of prices here."""

from __future__ import annotations

from collections.abc import Awaitable

from knowledge.feeds.source import FetchFault, Payload

PAGES = 50
"""More pages than this means that a server turns in circles."""


async def if_there(asked: Awaitable[Payload]) -> list[Payload]:
    """The payload in a list, or nothing when the server says that there is no such thing for us.

    For what a feed can do without: a side table, a region that closed. Any other fault is raised.
    """
    try:
        return [await asked]
    except FetchFault as fault:
        if fault.status in {401, 403, 404, 410}:
            return []
        raise


def too_many_pages(name: str) -> FetchFault:
    """The fault of a feed whose pages do not end."""
    return FetchFault(f"{name}: more than {PAGES} pages; stopped")


def bearer(key: str) -> dict[str, str]:
    """The header of a bearer key."""
    return {"Authorization": f"Bearer {key}"}
