"""Accelerators by every spelling that people give them."""

from __future__ import annotations

import re
from typing import Any

from bot.understanding.lexicon import Token, matches, tokens
from knowledge.facts.accelerators import beginnings, resolve

_BARE_GEFORCE = re.compile(r"[2345]0[5-9]0(?:ti|super)?$")
_WORD_NAMES = frozenset("ironwood trillium gracehopper graceblackwell".split())
_SPELLED = (
    (re.compile(r"\b([ahbv])[ -]?(?:one )?hundreds?\b(?! (?:and|hours|horas|days|dollars|bucks|gpus|percent|thousand|people|users|k\b))"), r"\g<1>100"),
    (re.compile(r"\b([hb])[ -]?two[ -]?hundreds?\b"), r"\g<1>200"),
    (re.compile(r"\b([ab])[ -]?cem\b|\bh[ -]?cem\b"), lambda m: m.group()[0] + "100"),
    (re.compile(r"\bforty[ -]ninet(?:y|ies)\b"), "4090"),
    (re.compile(r"\bfifty[ -]ninet(?:y|ies)\b"), "5090"),
    (re.compile(r"\bthirty[ -]ninet(?:y|ies)\b"), "3090"),
    (re.compile(r"\btrillium\b"), "tpu v6e"),
    (re.compile(r"\bgrace hopper\b"), "gh200"),
    (re.compile(r"\bpro 6000 blackwell\b|\brtx 6000 pro\b"), "rtx pro 6000"),
)  # fmt: skip
_MOST_TOKENS = 7


def respelled(text: str) -> str:
    """The folded text with cards that people spell out in words put as the table writes them, and
    a count glued to a card set apart ("8xh100" as "8 x h100")."""
    for pattern, spelling in _SPELLED:
        text = pattern.sub(spelling, text)
    text = re.sub(
        r"(?<![a-z0-9.])(\d{1,5})\s?x\s?(?=(?:nvidia\s|amd\s)?[a-z]{1,3}[ -]?\d)(?!\d{1,3}b)",
        r"\1 x ",
        text,
    )
    text = re.sub(
        r"(?<![a-z0-9.])([abhl]\d{2,3}s?|mi\d{3}x|\d0[5-9]0)x(\d{1,4})(?![a-z0-9])",
        r"\1 x \2",
        text,
    )
    text = _SPACED_THOUSANDS.sub(lambda match: match.group().replace(" ", ""), text)
    return _IN_WORDS.sub(_without_words, text)


# "15 000 PLN", "R$ 12 000"
_SPACED_THOUSANDS = re.compile(
    r"(?<![\d.,a-z])\d{1,3}(?: \d{3})+(?![\d.,a-z])(?= ?(?:[$€£₹]|[a-z]{3}\b|euros?|dolares|dollars|reais|pesos|soles|gpu|hours|horas))"
    r"|(?<=[$€£₹/₦] )\d{1,3}(?: \d{3})+(?![\d.,a-z])|(?<=[$€£₹])\d{1,3}(?: \d{3})+(?![\d.,a-z])"
)
_IN_WORDS = re.compile(r"(?<=\d) ?\(([a-z ]{3,32})\)")


def _without_words(match: re.Match[str]) -> str:
    """ "24 (vinte e quatro) meses": the number in words that repeats the one in digits goes."""
    found = tokens(match.group(1))
    at = 0
    while at < len(found):
        hit = next(
            (
                length
                for length, entries in matches(found, at)
                if any(e.kind == "number" for e in entries)
            ),
            0,
        )
        if not hit and found[at].text not in ("e", "y", "and"):
            return match.group()
        at += hit or 1
    return ""


def card_at(text: str, found: list[Token], at: int) -> tuple[int, Any] | None:
    """(length, Named) of the longest name of a card that begins at a token."""
    joined, best = "", None
    for length in range(1, _MOST_TOKENS + 1):
        if at + length > len(found):
            break
        token = found[at + length - 1]
        if not (token.is_word or token.is_number):
            break
        if length > 1:
            gap = text[found[at + length - 2].end : token.start]
            if gap not in ("", " ", "-", "_", " - "):
                break
        joined += token.text
        if not _may_begin(joined):
            break
        named = _named(joined, text[found[at].start : token.end])
        if named is not None and not _runs_on(text, token.end):
            best = (length, named)
    return best


def _may_begin(joined: str) -> bool:
    known = beginnings()
    return joined in known or joined[:-1] in known or f"rtx{joined}" in known


def _named(joined: str, raw: str) -> Any:
    if _BARE_GEFORCE.match(joined):
        return resolve("rtx" + joined)
    if joined.isdigit() or (joined.isalpha() and joined not in _WORD_NAMES):
        return None
    if joined in ("6000ada", "5000ada", "4000ada", "2000ada", "pro6000", "pro5000", "pro4500"):
        return resolve("rtx" + joined)
    if joined[0] == "a" and raw[:2] == "a " and joined != "a100":
        return None  # the article: "a 40 GB card"
    if joined == "v100s":
        return resolve("v100")
    if found := resolve(joined):
        return found
    plural = joined.endswith("s") and joined[-2:-1].isalpha()
    return resolve(joined[:-1]) if plural and any(char.isdigit() for char in joined) else None


def _runs_on(text: str, end: int) -> bool:
    """A letter or digit is glued on: "a1000" is not "a100", while "h100s" is a plural."""
    if end >= len(text) or not text[end].isalnum():
        return False
    if text[end].isdigit():
        return True
    glued = re.match(r"[a-z]+", text[end:])
    tail = glued.group() if glued else ""
    return tail not in ("s", "es") and not re.match(r"(?:sxm|pcie|nvl)\d?", text[end:])


UNKNOWN_CARD = re.compile(
    r"(?:(?:rtx|gtx|quadro|geforce|radeon)\s?-?(?:pro\s?|a)?\d{3,4}(?:\s?(?:ti|super|xt|ada))?|(?:gb|mi|gh)-?\d{2,4}[a-z]?|[abhlvr]\d{2,4}[a-z]?|(?:gaudi|trainium|inferentia)\s?-?\d)(?![a-z0-9]|\.\d|-\d)"
)
