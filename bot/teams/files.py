"""Files that people send us in Teams: fetched from Microsoft's own hosts alone, without our token.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp

from bot.quotes.files import MOST_BYTES

log = logging.getLogger(__name__)
HOSTS = ("sharepoint.com", "sharepoint.us", "sharepoint.cn", "onedrive.com", "svc.ms")
"""Where OneDrive and SharePoint give files out by addresses that are good for a few minutes."""


def allowed(url: str, own: Callable[[str], bool]) -> bool:
    """Whether a file is fetched from there: Microsoft's storage by https, or where we post to anyway."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        return False
    storage = parts.scheme == "https" and port in (None, 443) and any(host.endswith(f".{one}") for one in HOSTS)  # fmt: skip
    return storage or (bool(url) and own(url))


async def fetched(session: aiohttp.ClientSession, url: str) -> bytes | None:
    """The file's bytes; None where it is away or larger than a quote is."""
    try:
        async with session.get(url, allow_redirects=False) as answer:
            if answer.status != 200:
                log.info("a file was not given out: %d", answer.status)
                return None
            body = bytearray()
            async for block in answer.content.iter_chunked(1 << 16):
                body += block
                if len(body) > MOST_BYTES:
                    return None
            return bytes(body)
    except (aiohttp.ClientError, TimeoutError) as fault:
        log.info("a file could not be fetched: %s", type(fault).__name__)
        return None
