"""Text for a card: what Teams would read as markup is escaped, what would steer it is removed.

TextBlock and FactSet understand bold, italic, lists and links, and nothing else.
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from bot.core.text import clean, shorten

MAX_URL = 500
# An underscore inside a word (Standard_NC24) is none of markdown's business.
_MARKUP = re.compile(r"[\\*\[\]`]|(?<![^\W_])_|_(?![^\W_])|~(?=~)")
_ENTITY = re.compile(r"&(?=#?\w{1,31};)")
# "1. " starts a list, "1.85" is a price; the fewer escapes, the less a client can get wrong.
_LIST_START = re.compile(r"^(\s*)([-+#](?=\s|$)|>|\d{1,9}(?=[.)](?:\s|$)))")


@lru_cache(maxsize=4096)
def escape(text: str, limit: int = 1000) -> str:
    """Plain text -> TextBlock markdown that shows exactly that text.

    Kept for the names, dates and places that repeat from card to card.
    """
    text = shorten(clean(text), limit)
    if text.isalnum():
        return text
    text = _MARKUP.sub(r"\\\g<0>", text)
    if "&" in text:
        text = _ENTITY.sub("&amp;", text)
    if "<" in text:
        # `<at>Name</at>` is how Teams writes a mention: a feed must not mention anybody.
        text = text.replace("<", "&lt;")
    if text[:1] in "-+#>0123456789":
        text = _LIST_START.sub(_escaped_start, text)
    return text


def _escaped_start(match: re.Match[str]) -> str:
    blank, start = match.groups()
    # A list number is escaped at its dot: "1\." shows "1.".
    return f"{blank}{start}\\" if start.isdigit() else f"{blank}\\{start}"


def link(text: str, url: str | None, limit: int = 1000) -> str:
    """`[text](url)` for a web address, else the escaped text."""
    words = escape(text, limit)
    address = web_address(url)
    return f"[{words}]({address})" if address and words else words


@lru_cache(maxsize=4096)
def web_address(url: str | None) -> str | None:
    """An http(s) address that cannot end a markdown link early; None for anything else."""
    if not url or len(url) > MAX_URL or any(not char.isprintable() for char in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    for char, quoted in ((" ", "%20"), ("(", "%28"), (")", "%29"), ("<", "%3C"), (">", "%3E"), ("\\", "%5C"), ('"', "%22")):  # fmt: skip
        url = url.replace(char, quoted)
    return url
