"""Text for Slack: what it would read as markup or as a mention is made harmless.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.core.text import clean, shorten

MAX_URL = 3000
_TOKEN = re.compile(r"<(?=[!@#a-zA-Z])")
# An opening mark stands at the start of a word; a closing one must follow for it to count.
_OPENING = re.compile(r"(?<!\w)([_~])(?=\S)(?=.*\1)")
_LOOKALIKE = {"_": "ˍ", "~": "∼"}
_INCOMING = re.compile(r"<([^<>]{1,3000})>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


def literal(text: str, limit: int = 1000) -> str:
    """For places that read no markup (table cells, buttons): no mention can start even so."""
    return _TOKEN.sub("‹", shorten(clean(text), limit))


def entities(text: str) -> str:
    """`&`, `<` and `>` as Slack wants them, once and in this order."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape(text: str, limit: int = 1000) -> str:
    """Plain text -> mrkdwn that shows exactly that text, as near as Slack allows.

    Slack knows no escape for `*`, `_`, `~` and the backtick: an asterisk, and what would open
    italics or strike-through, become their look-alikes.
    """
    text = shorten(clean(text), limit)
    if text.isalnum():
        return text
    if "`" in text:
        text = text.replace("`", "'")
    if "*" in text:
        text = text.replace("*", "∗")
    text = _OPENING.sub(lambda found: _LOOKALIKE[found.group(1)], text)
    if text[:1] == ">":
        text = "›" + text[1:]
    return entities(text)


def plain(text: str, limit: int = 1000) -> str:
    """For the top-level `text` of a message: entities only, no mention can start."""
    return entities(shorten(clean(text), limit))


def web_address(url: str | None) -> str | None:
    """An http(s) address that cannot end a link early; None for anything else."""
    if not url or len(url) > 1500 or any(not char.isprintable() for char in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    for char, quoted in ((" ", "%20"), ("|", "%7C"), ("<", "%3C"), (">", "%3E"), ('"', "%22")):
        url = url.replace(char, quoted)
    return url


def link(text: str, url: str | None, limit: int = 1000) -> str:
    """`<url|text>` for a web address, else the escaped text."""
    words = escape(text, limit)
    address = web_address(url)
    if not address or not words:
        return words
    return f"<{address.replace('&', '&amp;')}|{words.replace('|', '¦')}>"


def words_of(text: str) -> str:
    """What a person typed, from an event's text: tokens read, entities decoded once. Mentions, our
    own among them, and names of channels are left out wherever they stand."""

    def read(found: re.Match[str]) -> str:
        body, _, label = found.group(1).partition("|")
        if body[:1] in "@#":
            return " "  # names of people and channels are never words
        if body[:1] == "!":
            return label if body.startswith("!date") else " "
        return label or body.removeprefix("mailto:").removeprefix("tel:")

    text = _INCOMING.sub(read, text)
    text = re.sub("|".join(_ENTITIES), lambda found: _ENTITIES[found.group()], text)
    return clean(text)
