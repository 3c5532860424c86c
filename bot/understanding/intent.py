"""What a text wants: a learned probability for each intent, and the few rules that come first.

Rules decide only what must never be guessed: a command word that begins the text, and attempts to
make the bot do something else.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from bot.language import LANGS, pack
from bot.understanding import features
from bot.understanding.clean import fold
from bot.understanding.lexicon import tokens
from bot.understanding.linear import Weights
from bot.understanding.reading import Reading


class Guess(NamedTuple):
    """One intent and its probability."""

    intent: str
    probability: float
    because: str
    """`learned`, or the rule that decided."""


@cache
def command_words() -> dict[tuple[str, ...], str]:
    """Command words of every language, folded, as tokens -> intent."""
    words: dict[tuple[str, ...], str] = {}
    for lang in LANGS:
        for intent, command in pack(lang)["commands"].items():
            for word in command["words"]:
                words[tuple(token.text for token in tokens(fold(word)))] = intent
    return words


_ALONE = frozenset({"help", "sources", "watches", "digests", "contracts", "forget"})
"""Commands that are one only alone or before a topic of the bot ("help watch", not "help me find")."""


def command(reading: Reading) -> str | None:
    """The command whose word begins the text; None when it is used as a word of a sentence."""
    found = tokens(reading.text, 0, 40)
    words = tuple(token.text for token in found)
    known = command_words()
    for length in (3, 2, 1):
        intent = known.get(words[:length])
        if intent is None:
            continue
        rest = words[length:]
        if intent in _ALONE and rest and not (len(rest) == 1 and any(w[:1] == rest for w in known)):
            return None
        return intent
    return None


_LISTS = frozenset({"watches", "digests", "contracts"})


def _dropped(reading: Reading) -> str | None:
    """`digest_stop` or `unwatch` when a text begins with a word for stopping and names what."""
    units = [unit for unit in reading.units if "polite" not in unit.cues]
    if not units or "stop" not in units[0].cues or units[0].mention >= 0:
        return None
    near = {cue for unit in units[1:5] for cue in unit.cues}
    if "digest" in near:
        return "digest_stop"
    return "unwatch" if "alert noun" in near else None


_SURE = 0.9
"""From here on what was learned overrules a command word: "price alert for A100" is a watch."""


_NAMED = "begins with the command word of"


def is_named(because: str) -> bool:
    """Whether a reading's intent was said by its command word."""
    return because.startswith(_NAMED)


def ranked(reading: Reading, weights: Weights) -> list[Guess]:
    """Intents, the likeliest first."""
    words = features.words_of(reading)
    learned = weights.models["intent"].probabilities(features.of_text(reading), words)
    guesses = [Guess(intent, probability, "learned") for probability, intent in learned]
    kinds = {mention.kind for mention in reading.mentions}
    named = command(reading)
    # Nothing was learned of a command that is newer than the weights: then its word stands.
    learned_of = any(guess.intent == named for guess in guesses)
    # Nor is a word overruled that stands alone, or before the number of an entry: "quotes drop #2".
    plain = len(reading.units) == 1 or "#" in reading.text
    overruled = (
        learned_of and not plain and guesses[0].intent != named and guesses[0].probability >= _SURE
    )
    if named is not None and not overruled:
        others = [
            guess._replace(probability=guess.probability * 0.02)
            for guess in guesses
            if guess.intent != named
        ]
        return [Guess(named, 0.98, f"{_NAMED} {named}"), *others]
    dropped = _dropped(reading)
    if dropped is not None and guesses[0].intent in _LISTS:
        others = [
            guess._replace(probability=guess.probability * 0.02)
            for guess in guesses
            if guess.intent != dropped
        ]
        return [Guess(dropped, 0.98, "an order to stop what stands"), *others]
    injected = any("injection" in unit.cues for unit in reading.units)
    if injected:
        others = [
            guess._replace(probability=guess.probability * 0.02)
            for guess in guesses
            if guess.intent != "out_of_scope"
        ]
        return [Guess("out_of_scope", 0.98, "asks to change the rules or to reach people"), *others]
    first = guesses[0]
    if first.intent == "out_of_scope" and kinds & {"card", "instance"} and first.probability < 0.97:
        # with a card or a machine in it, it is about compute
        left = [guess for guess in guesses if guess.intent != "out_of_scope"]
        whole = sum(guess.probability for guess in left)
        return [guess._replace(probability=guess.probability / whole) for guess in left] + [
            first._replace(probability=0.0)
        ]
    return guesses
