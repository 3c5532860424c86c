"""Which language the answer must be written in: learned from the words, letters and accents."""

from __future__ import annotations

import itertools
from typing import cast

from bot.language import Lang
from bot.understanding.clean import clean, fold
from bot.understanding.features import pieces
from bot.understanding.lexicon import tokens
from bot.understanding.linear import shipped


def leaning(text: str, reads: Lang | None) -> Lang | None:
    """`reads`, the language of the person's platform, where the words may well be in it."""
    if reads in (None, "en"):
        return None
    ranked = shipped().models["lang"].probabilities(features(text))
    return reads if any(name == reads and share >= _MAY_BE for share, name in ranked) else None


_MAY_BE = 0.2


def of(text: str) -> Lang:
    """The language of a text by its words, letters and accents; English where nothing speaks."""
    ranked = shipped().models["lang"].probabilities(features(text))
    return cast("Lang", ranked[0][1])


_ACCENTS = "ãõçáéíóúâêôàñ¿¡ü"


def features(text: str) -> list[str]:
    """Features of a text's words, and of the accents that folding takes away."""
    raw = clean(text)
    folded = fold(raw)
    words = [token.text for token in tokens(folded) if token.is_word and len(token.text) < 20]
    found = [piece for word in words for piece in pieces(word)]
    found += [f"b:{left} {right}" for left, right in itertools.pairwise(words)]
    low = raw.lower()
    # told apart by little else: "vale a pena" stands in both, "ê" in one
    found += [f"accent:{char}{turn}" for char in _ACCENTS if char in low for turn in range(4)]
    return found
