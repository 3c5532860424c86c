"""JSON that means one thing to every reader, or none."""

from __future__ import annotations

import json
from typing import Any

DEEPEST = 20


class Ambiguous(ValueError):
    """JSON that different readers would read differently."""


def parse(raw: bytes) -> Any:
    """The value of these bytes; raises Ambiguous or ValueError for anything that is not exactly
    one JSON value in UTF-8, with each name once, finite numbers and whole characters."""
    text = raw.decode("utf-8")
    if _depth(text) > DEEPEST:
        raise Ambiguous("too deep")
    value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    if "\\u" in text:  # a half of a surrogate pair is no character
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Ambiguous("a name twice")
    return made


def _no_constant(_: str) -> Any:
    raise Ambiguous("no number")


def _depth(text: str) -> int:
    """How deep brackets nest outside of strings; counted before anything is built."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return 0
    deepest = depth = 0
    inside = escaped = False
    for char in text:
        if inside:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                inside = False
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest
