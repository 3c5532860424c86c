"""Files that people send us in Slack: fetched with our token, from Slack's own hosts alone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from bot.conversation.incoming import Upload
from bot.quotes.files import MOST_BYTES

if TYPE_CHECKING:
    from bot.slack.sending import Sender

log = logging.getLogger(__name__)


def ours(url: str, api_url: str) -> bool:
    """Whether our token may be shown there: a host of Slack's, by https; or the Web API's own."""
    try:
        asked, api = urlsplit(url), urlsplit(api_url)
    except ValueError:
        return False
    if (asked.scheme, asked.netloc) == (api.scheme, api.netloc):
        return True
    host = asked.hostname or ""
    return asked.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))


async def fetched(sender: Sender, token: str, upload: Upload) -> bytes | None:
    """The file, or None: not Slack's, not allowed (scope files:read), too large, or away."""
    if not ours(upload.url, sender.api_url):
        return None
    try:
        async with sender.session.get(
            upload.url, headers={"Authorization": f"Bearer {token}"}, allow_redirects=False
        ) as answer:
            # Without the scope Slack sends its sign-in page instead of the file.
            if answer.status != 200 or answer.content_type == "text/html":
                log.info("a file was not given out: %d", answer.status)
                return None
            return await bounded(answer)
    except (aiohttp.ClientError, TimeoutError) as fault:
        log.info("a file could not be fetched: %s", type(fault).__name__)
        return None


async def bounded(answer: aiohttp.ClientResponse) -> bytes | None:
    """The body, read no further than a quote is large."""
    body = bytearray()
    async for block in answer.content.iter_chunked(1 << 16):
        body += block
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)
