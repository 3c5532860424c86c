"""What a message of Slack's shows to a reader: its text, blocks, attachments, rich text, e-mails.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MOST = 8000
"""Characters collected; a question is looked for in far fewer."""
DEEPEST = 16
"""A forward holds messages, those blocks, those lists, those lines."""
MOST_PARTS = 500
_TEXTS = (
    "pretext",
    "title",
    "text",
    "alt_text",
    "caption",
    "plain_text",
    "subject",
    "preview",
    "value",
)
"""Fields that hold words, or an object with words, in the order in which they are read."""
_PARTS = (
    "text",
    "title",
    "description",
    "fields",
    "elements",
    "blocks",
    "rows",
    "attachments",
    "message_blocks",
    "message",
    "files",
    "child_blocks",
    "accessory",
    "element",
    "body",
    "subtitle",
)
"""Fields that hold further parts."""


def shown_text(message: Mapping[str, Any], *, own_words: bool = True) -> str:
    """Everything it shows, once each. `own_words` False leaves out what its author typed: a mention
    over a forward."""
    left = [MOST_PARTS]
    parts: list[str] = []
    if own_words:
        parts += _words(message.get("text"))
        parts += _walk(message.get("blocks"), 0, left)
    parts += _walk(message.get("attachments"), 0, left)
    parts += _walk(message.get("files"), 0, left)
    seen: list[str] = []
    size = 0
    for part in parts:
        if part and size < MOST and not any(part in one for one in seen):
            seen.append(part)
            size += len(part)
    return "\n".join(seen)[:MOST]


def _words(value: Any) -> list[str]:
    return [" ".join(value.split())] if isinstance(value, str) and value.strip() else []


def _walk(value: Any, depth: int, left: list[int]) -> Iterator[str]:
    if depth > DEEPEST or left[0] <= 0:
        return
    left[0] -= 1
    if isinstance(value, list):
        inline = all(isinstance(one, Mapping) and one.get("type") in _INLINE for one in value)
        found = [word for one in value for word in _walk(one, depth + 1, left)]
        if inline and found:  # pieces of one line
            yield " ".join(found)
        else:
            yield from found
        return
    if not isinstance(value, Mapping) or value.get("type") in _NAMES:
        return
    here: list[str] = []
    for name in _TEXTS:
        here += _words(value.get(name))
    for name in _PARTS:
        part = value.get(name)
        if isinstance(part, Mapping | list):
            here += _walk(part, depth + 1, left)
    if not here:
        here = _words(value.get("fallback")) or _words(value.get("url"))
    yield from here


_INLINE = frozenset(
    {"text", "link", "emoji", "user", "usergroup", "channel", "broadcast", "date", "color", "team"}
)
_NAMES = frozenset({"user", "usergroup", "channel", "broadcast", "team", "image"})
"""Names of people and places, which are never words; and pictures."""
