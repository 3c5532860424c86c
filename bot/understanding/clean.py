"""Takes the chat platform's noise off a text and folds it: what is left is only words."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 10_000
_NORMALISED = 4_000
"""Characters that are normalised; far more than are read."""

# Neither half may run over the next one's beginning: a text full of beginnings stays cheap.
_MENTION = re.compile(r"<at[^<>]*>(?:(?!<at).)*?</at>|<[@#!][^<>]*>", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"<?(?:https?://|mailto:)[^\s>]*>?")
_USER = re.compile(r"(?<![a-z])cc:?\s+(?=@)|(?<![\w.])@[\w.-]+|(?<!\w)#[a-z][\w-]+")
_EMOJI_CODE = re.compile(r"(?<![\w:]):[a-z][a-z0-9_+-]*:(?![\w:])", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_MARKS = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "`": " ", "*": " ",
     "~": " ", "–": "-", "—": "-", "−": "-", "‑": "-", "×": "x", "_": "_", "\u200b": "", "\ufeff": ""}
)  # fmt: skip


def clean(text: str) -> str:
    """The words as typed, without markup, entities, quotes around them, doubled spaces."""
    text = text[:MAX_CHARACTERS]
    if "&" in text:
        import html

        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _MENTION.sub(" ", text)
    if "://" in text or "mailto:" in text:
        text = _LINK.sub(" ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text[:_NORMALISED])[
            :_NORMALISED
        ]  # one character may become eighteen
    text = text.translate(_MARKS)
    if not (text.isascii() and text.isprintable()):
        text = "".join(
            char if char.isprintable() else " "
            for char in text
            if unicodedata.category(char) != "Cf"
        )
    if ":" in text:
        text = _EMOJI_CODE.sub(" ", text)
    text = _SPACES.sub(" ", text).strip()
    return text.strip("\"'").strip().rstrip("?!.,;: ").strip("\"' ")


def fold(text: str) -> str:
    """Lower case without accents: "São Paulo" and "sao paulo" are one place."""
    low = text.lower()
    if low.isascii():
        return low
    return "".join(
        char for char in unicodedata.normalize("NFD", low) if unicodedata.category(char) != "Mn"
    )


def without_users(text: str) -> str:
    """Without names of people and channels in the middle of a sentence."""
    return _SPACES.sub(" ", _USER.sub(" ", text)) if "@" in text or "#" in text else text
