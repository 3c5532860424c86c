"""What is not about prices: rule 2, greetings, and questions about the bot itself."""

from __future__ import annotations

import re

from bot.understanding import cues
from bot.understanding.reading import Reading, pattern

_ORDER = re.compile(r"@(?:channel|here|everyone)")
_FEW = 5
"""Words behind thanks that no list knows and that are thanks all the same."""


def scope(reading: Reading) -> str | None:
    """2. Out of scope, or an attempt to change the rules."""
    if _ORDER.search(reading.draft.folded):
        return "out_of_scope"
    if not reading.says(cues.SCOPE):
        return None
    # A weak cue beside a real question about GPUs is only a word of it.
    if (
        reading.cards
        or reading.has("model")
        or (reading.subject and (reading.says(cues.PRICE) or reading.has("workload")))
    ):
        return "out_of_scope" if reading.says(cues.SCOPE_STRONG) and not _benign(reading) else None
    return "out_of_scope"


def _benign(reading: Reading) -> bool:
    """Words of the strong list that a buyer uses too: "ignore AWS", "share of", "write-heavy"."""
    if reading.says("in stock|out of stock|em estoque") and not reading.says("share*|acoes"):
        return True
    return reading.has("exclude_providers") and not reading.says(
        "instruc*|instructions|rules|regras|prompt|password*|senha*|secret*"
    )


def small_talk(reading: Reading) -> str | None:
    if reading.cards or reading.has("model") or reading.has("providers"):
        return None
    if reading.says(cues.GREETING):
        words = pattern(cues.GREETING).sub(" ", reading.text + " ").split()
        left = [word for word in words if word not in cues.GREETING_FILL and word.isalpha()]
        if not left or (_only_thanks(reading) and len(left) <= _FEW):
            return "greeting"
    return None


def _only_thanks(reading: Reading) -> bool:
    """ "thanks, that saved us a lot": it begins with thanks, and nothing is asked behind them."""
    return pattern(cues.THANKS).match(reading.text) is not None and not (
        reading.subject or reading.says(cues.ASKS) or reading.says(cues.PRICE)
    )


def about_bot(reading: Reading) -> str | None:
    if reading.cards or reading.has("model") or reading.providers:
        return None
    if reading.says("source|sources|data source*|fonte|fontes|origem|come from|updated|atualiz*"):
        return None
    if reading.says(cues.HELP) and not reading.has("hours") and not reading.sums:
        if reading.says(cues.PRICE) and not reading.says(
            "what can you*|what do you*|o que voce*|o que vc*|how do i use|como uso|como usar|commands|comandos"
        ):
            return None
        if (
            reading.says("help me|me ajuda|can you help|pode me ajudar|options|need help")
            and (reading.subject or reading.says(cues.SUPERLATIVE))
            and reading.says(
                "find*|choose*|pick*|decide*|escolher*|achar*|encontrar*|cheap*|barat*"
            )
        ):
            return None
        return "help"
    return None
