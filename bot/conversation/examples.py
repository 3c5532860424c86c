"""Words of a command that a reader could type, in their language."""

from __future__ import annotations

from bot.language import Lang, pack


def word(lang: Lang, command: str) -> str:
    """The command's name: "help", "ajuda"; its example where it has none."""
    found = pack(lang)["commands"][command]
    return str((found["words"] or found["examples"])[0])


def example(lang: Lang, command: str) -> str:
    return str(pack(lang)["commands"][command]["examples"][0])
