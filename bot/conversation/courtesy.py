"""Thanks, thumbs, "ok", "wrong channel": words behind which nothing is asked."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from bot.language import LANGS, pack

MOST = 60
"""Characters; what is longer says more."""
_EMOJI = re.compile(r":[a-z0-9_+'-]{1,60}:")
_SEPARATOR = re.compile(r"[^\w]+")


def only_courtesy(words: str) -> bool:
    """Whether a message asks for nothing, and needs no answer: "great, thanks", a thumb."""
    if len(words) > MOST or any(char in "?¿" for char in words):
        return False
    text = _EMOJI.sub(" ", words.lower())
    text = unicodedata.normalize("NFKD", text)
    bare = " ".join(
        _SEPARATOR.sub(" ", "".join(c for c in text if not unicodedata.combining(c))).split()
    )
    return not bare or bare in _known()


@cache
def _known() -> frozenset[str]:
    return frozenset(phrase for lang in LANGS for phrase in pack(lang)["courtesy"]["only"])
