"""Words -> Question: mentions, their roles, the intent; pure, no network, nothing but tables and weights.

    mentions   what stands in the text, each with its span          bot.understanding.mentions
    figures    figures of several parts ("2 nodes of 8")            bot.understanding.figures
    intent     what is wanted, with a probability                   bot.understanding.intent
    roles      what each mention is there for, then the fields      bot.understanding.roles
    thread     what is kept of the question before                  bot.understanding.conversation

Below a threshold the Question is `unclear` and holds the likeliest readings as `guesses`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple, cast

from bot.core.question import Question
from bot.language import LANGS, Lang, pack
from bot.understanding import (
    circumstances,
    conversation,
    fields,
    figures,
    intent,
    jobs,
    mentions,
    orders,
    roles,
)
from bot.understanding.clean import clean, fold, without_users
from bot.understanding.language import features as language_features
from bot.understanding.lexicon import tokens
from bot.understanding.linear import Weights, shipped
from bot.understanding.reading import MAX_READ, Reading

_GUESSES = 3
_RIVAL = 0.3
"""Asked is only where a second reading is so likely beside the first; else there is nothing to choose."""
_UNLIKELY = 0.02
"""An intent below this is no reading worth working out."""


class Considered(NamedTuple):
    """One way to read a text."""

    intent: str
    fields: dict[str, Any]
    probability: float
    """Of the intent and of every role together."""
    because: str
    roles: list[roles.Role]


class Understood(NamedTuple):
    """A text as understood, with everything that led to it."""

    question: Question
    reading: Reading
    considered: list[Considered]
    """Best first."""


def understand(text: str, before: Question | None = None) -> Question:
    """What a text states, by the contract of `parse --json`; never raises.

    `before` is the thread's last Question: a text that goes on with it keeps what it does not
    change.
    """
    return _understood(text, before)


def thread(texts: Iterable[str]) -> Question | None:
    """The Question that stands after the texts of a thread, oldest first; None for no texts."""
    question = None
    for text in texts:
        question = understand(text, question)
    return question


def understood(text: str) -> Question:
    """`understand` of a text by itself."""
    return _understood(text, None)


@lru_cache(maxsize=1024)
def _understood(text: str, before: Question | None) -> Question:
    return explained(text, before).question


def explained(
    text: str, before: Question | None = None, weights: Weights | None = None
) -> Understood:
    """`understand`, with the mentions, their roles and what decided."""
    weights = weights or shipped()
    before = conversation.standing(before)
    cleaned = clean(text)[:MAX_READ]
    folded = without_users(fold(cleaned))[:MAX_READ]
    lang = _language(text, before, weights)
    reading = figures.combined(mentions.find(folded, lang))
    fixed = _fixed(cleaned, reading, lang)
    if fixed is not None:
        return Understood(fixed, reading, [])
    considered = _considered(reading, before, weights)
    best = considered[0]
    question = _question(best, lang, cleaned)
    sure = best.probability
    if before is not None:
        # Whether a thread goes on or begins anew is shown, not asked, where the intent is the same.
        sure = sum(one.probability for one in considered if one.intent == best.intent)
    rival = considered[1].probability if len(considered) > 1 else 0.0
    unsure = sure < weights.facts.get("ask_below", 0.0) and rival >= best.probability * _RIVAL
    if unsure and best.intent not in _NEVER_ASKED and not intent.is_named(best.because):
        guesses = tuple(_question(one, lang, cleaned) for one in considered[:_GUESSES])
        question = Question(
            "unclear", lang, cleaned, guesses=guesses, confidence=question.confidence
        )
    return Understood(conversation.remembering(question, before), reading, considered)


_NEVER_ASKED = frozenset({"greeting", "help"})


def _language(text: str, before: Question | None, weights: Weights) -> Lang:
    ranked = weights.models["lang"].probabilities(language_features(text[:MAX_READ]))
    best, lang = ranked[0]
    if before is not None and (best < 0.9 or len(text.split()) < 3):
        return before.lang  # a thread stays in its language
    return cast("Lang", lang)


def _fixed(cleaned: str, reading: Reading, lang: Lang) -> Question | None:
    """Texts that are understood to the letter: "forget me", "why?", orders about what stands."""
    bare = reading.text.strip(" .!?,")
    for known in LANGS:
        if bare in {fold(word) for word in pack(known)["commands"]["forget"]["words"]}:
            return Question("forget", known, cleaned)
    words = tuple(token.text for token in tokens(bare))
    named = intent.command_words()
    if named.get(words[:1]) == "help" and (topic := named.get(words[1:])):
        return Question("help", lang, cleaned, topic=topic)
    rules = _why(reading)
    if rules is not None:
        return Question("advise", _of_why(cleaned, lang), cleaned, topic="why", rules=rules)
    return None


def _of_why(cleaned: str, lang: Lang) -> Lang:
    """The language of a "why": an accent tells Spanish from Portuguese."""
    said = cleaned.lower().lstrip("¿ ")
    for known in LANGS:
        for words in pack(known)["phrase"]["sentences"]["advise_why"]:
            begins = words.replace("{rules}", "").strip("¿?! ").lower()
            if begins and (said == begins or said.startswith(f"{begins} ")):
                return known
    return lang


_RULE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
_WHY_WORDS = 6


def _why(reading: Reading) -> tuple[str, ...] | None:
    """Advice rules whose reason is asked for: () for those of the last answer, None for no such
    question. "Why?", "but why not?", "why spot-unfit?"."""
    units = reading.units
    if not units or len(units) > _WHY_WORDS or not any("why" in unit.cues for unit in units[:2]):
        return None
    named = _RULE.search(reading.text)
    if named is not None:
        from knowledge.advice.rules import load

        return (named.group(),) if any(rule.id == named.group() for rule in load()) else None
    return () if all("why" in unit.cues or unit.key in "?!." for unit in units) else None


def _considered(reading: Reading, before: Question | None, weights: Weights) -> list[Considered]:
    """Ways to read a text, the likeliest first."""
    alone = intent.ranked(reading, weights)
    order = orders.order(reading)
    if order is not None:
        wanted, action = order
        because = f"an order to {action} what stands"
        return [
            one._replace(fields={**one.fields, "action": action})
            for one in _readings(reading, wanted, 1.0, because, weights, None)[:1]
        ]
    found: list[Considered] = []
    if before is None:
        choices: list[tuple[float, str, str, Question | None]] = [
            (guess.probability, guess.intent, guess.because, None) for guess in alone
        ]
    else:
        choices = [
            (
                probability,
                wanted,
                f"goes on after {before.intent}" if keeps else "a new question",
                before if keeps else None,
            )
            for probability, wanted, keeps in conversation.ranked(
                reading, before, [(guess.probability, guess.intent) for guess in alone], weights
            )
        ]
    for probability, wanted, because, kept in choices[:_GUESSES]:
        if found and probability < _UNLIKELY:
            break
        found += _readings(reading, wanted, probability, because, weights, kept)
    found.sort(key=lambda one: -one.probability)
    distinct: list[Considered] = []
    for one in found:
        if not any(one.intent == other.intent and one.fields == other.fields for other in distinct):
            distinct.append(one)
    return distinct


def _readings(
    reading: Reading,
    wanted: str,
    probability: float,
    because: str,
    weights: Weights,
    before: Question | None,
) -> list[Considered]:
    """The likeliest reading with an intent, and the one with its least sure role the other way."""
    chosen = roles.roles(reading, wanted, weights, before.fields() if before else None)
    sure = probability
    for one in chosen:
        if one.probability < 0.98:
            sure *= one.probability
    found = [
        Considered(wanted, _laid(reading, wanted, chosen, weights, before), sure, because, chosen)
    ]
    doubtful = min(chosen, key=lambda one: one.probability, default=None)
    if doubtful is not None and doubtful.probability < 0.9:
        at = next(i for i, one in enumerate(chosen) if one is doubtful)
        other = [*chosen]
        share = 1 - doubtful.probability
        other[at] = doubtful._replace(name=doubtful.runner_up, probability=share)
        found.append(
            Considered(
                wanted,
                _laid(reading, wanted, other, weights, before),
                sure / doubtful.probability * share,
                because,
                other,
            )
        )
    return found


def _laid(
    reading: Reading,
    wanted: str,
    chosen: list[roles.Role],
    weights: Weights,
    before: Question | None,
) -> dict[str, Any]:
    old = before.fields() if before else None
    stated = fields.fields(reading, wanted, chosen, weights, old)
    if wanted in roles.WHOLE:
        stated |= circumstances.details(reading, wanted)
        stated |= orders.details(reading, wanted) | jobs.details(reading, wanted)
        unused = roles.left_out(chosen)
        if unused:
            stated["unused"] = unused
    if before is None:
        return stated
    return conversation.laid_over(before, stated, wanted, reading, weights)


def _question(one: Considered, lang: Lang, cleaned: str) -> Question:
    return Question(
        intent=one.intent,
        lang=lang,
        text=cleaned,
        confidence=round(one.probability, 3),
        **one.fields,
    )
