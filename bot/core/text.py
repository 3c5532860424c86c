"""Text of others (feeds, people, contracts) made fit to stand in a line of ours."""

from __future__ import annotations


def clean(text: str) -> str:
    """One line of what can be seen; runs of blanks become one. What steers a terminal, turns
    "gpj.exe" into "exe.jpg" or hides words goes: Python calls none of it printable."""
    if not text.isprintable():
        text = "".join(
            char if char.isprintable() else " " if char.isspace() else "" for char in text
        )
    return " ".join(text.split())


def shorten(text: str, limit: int) -> str:
    """The text, cut with an ellipsis where it passes `limit` characters."""
    return text if len(text) <= limit else text[: max(1, limit - 1)].rstrip() + "…"
