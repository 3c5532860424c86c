"""Finds how many accelerators are meant, from what stands beside the card's mark."""

from __future__ import annotations

import re

from bot.understanding.draft import CARD, Draft, Pattern
from bot.understanding.numbers import WORD, value

_N = rf"(?P<n>\d{{1,6}}|-\d+|{WORD})"
_M = rf"(?P<m>\d{{1,6}}|{WORD})"
_NODES = r"(?:nodes?|servers?|machines?|boxes|hosts?|instances?|nos|no|maquinas?|servidor(?:es)?|instancias?|clusters?)"
_OF = r"(?:of|with|com|de|having|each with|cada(?: um)? com|x)"
_GPU = r"(?:gpus?|cards?|placas?|accelerators?|aceleradores?|chips?|units?|unidades?|pcs|pieces)"
_BILLED = r"reserved|spot|on[- ]demand|preemptible|interruptible"
"""Stands between number and card, and is read again as what it is."""
_EACH = r"(?:\s*(?:each|apiece|cada))?"
_PATTERNS = (
    # nodes of n: the product
    rf"(?<![a-z0-9.$]){_N}\s*(?:x\s*)?(?:{CARD}\s*)?{_NODES}\s*(?:{CARD}\s*)?(?:{_OF}|,)\s*{_M}\s*(?:x|-)?\s*(?:{_GPU}|{CARD}){_EACH}",
    rf"(?<![a-z0-9.$]){_N}\s*(?:x\s*)?(?:{CARD}\s*)?{_NODES}\s*(?:{CARD}\s*)?{_OF}\s*{_M}(?![\d.]|\s*(?:h\b|hours?|gb|g\b|days?))",
    rf"(?<![a-z0-9.$]){_N}\s*(?:x\s*)?(?:{CARD}\s*)?{_M}\s*-?\s*(?:x\s*)?(?:{_GPU}\s*|{CARD}\s*|-?way\s*)+{_NODES}(?!\s*\d)",
)
_SINGLES = (
    rf"(?<![a-z0-9.$,]){_N}\s*(?:x|\*|times|vezes)\s*(?:of\s|de\s|nvidia\s|amd\s|the\s)*{CARD}",
    rf"(?<![a-z0-9.$,]){_N}\)?\s*-?\s*{_GPU}?\s*(?:of\s|de\s|nvidia\s|amd\s|dedicated\s|(?:{_BILLED})\s|cheap\s|the\s|new\s|com\s|with\s|in\s)*\s*{CARD}",
    rf"{CARD}[\s-]*(?:{_GPU})?\s*,?\s*\(?x\s*{_N}(?![\d.]*[a-z])",
    rf"{CARD}[\s-]*,?\s*\(?{_N}\s*x(?![a-z0-9])",
    rf"{CARD}\s*,?\s*(?:qty|quantity|qtd|quantidade|count|n)\s*[:=]?\s*{_N}",
    rf"{CARD}\s*,?\s*\(?{_N}\s*-?\s*(?:{_GPU})(?![a-z])",
    rf"(?<![a-z0-9.$,]){_N}\s*-?\s*(?:x\s*)?{_GPU}(?![a-z])(?![- ]?(?:hours?|hrs?|h)\b)",
    rf"(?<![a-z0-9.$,]){_N}\s*(?:of (?:them|these|those)|d(?:el|ess)[ae]s)\b",
    rf"(?<![a-z0-9.$,]){_N}\s*x(?![a-z0-9])",
    rf"(?<![a-z0-9.$,]){_N}\s*-?\s*{_NODES}",
)
_COMPILED: list[Pattern] = []
_PRODUCTS: list[Pattern] = []
# "9e999 A100": a number all the same, and one that nobody can rent.
_ABSURD = Pattern(
    rf"(?<![a-z0-9.])\d+(?:\.\d+)?e\+?\d{{1,6}}\s*x?\s*{CARD}|(?<![a-z0-9.$])\d{{7,}}\s*x?\s*{CARD}"
)
_PAIR = Pattern(
    rf"\b(?:(?P<times>\d{{1,3}}|{WORD}) |a |an |um |uma )?(?P<lot>pair|couple|dozen|half a dozen|half dozen|par|duzia|meia duzia)s?\s+(?:of\s+|de\s+)?(?={CARD}|gpus?|\d)"
)


def find(draft: Draft) -> None:
    """`count`: accelerators in all. "2 nodes of 8" is 16; articles are no count."""
    if not _COMPILED:
        _PRODUCTS.extend(Pattern(pattern) for pattern in _PATTERNS)
        _COMPILED.extend(Pattern(pattern) for pattern in _SINGLES)
    has_number = any(char.isdigit() for char in draft.rest)
    if not has_number and not re.search(rf"(?<![a-z])(?:{WORD})(?![a-z])", draft.rest):
        return
    absurd = _ABSURD.search(draft.rest)
    if absurd:
        _keep(draft, 1e12, absurd)
        return
    pair = _PAIR.search(draft.rest)
    if pair:
        lot = value(pair.group("lot"), pt=draft.pt) or 1
        times = value(pair.group("times") or "1", pt=draft.pt) or 1
        draft.rest = f"{draft.rest[: pair.start()]}{lot * times:g} {draft.rest[pair.end() :]}"
    for pattern in _PRODUCTS:
        match = pattern.search(draft.rest)
        if match:
            left = value(match.group("n"), pt=draft.pt)
            right = value(match.group("m"), pt=draft.pt)
            if left and right:
                _keep(draft, left * right, match)
                return
    for index, pattern in enumerate(_COMPILED):
        for match in pattern.finditer(draft.rest):
            raw = match.group("n")
            if raw in {"hundred", "cem"} or (raw == "one" and _pronoun(draft.rest, match.start())):
                continue
            if index == len(_COMPILED) - 1 and re.search(r"[a-z]", raw):
                continue
            number = float(raw) if raw.startswith("-") else value(raw, pt=False)
            if number is None or not float(number).is_integer():
                continue
            _keep(draft, number, match)
            return


def _pronoun(text: str, start: int) -> bool:
    """ "which one", "the one", "no one"."""
    return bool(re.search(r"(?:which|the|that|this|no|any|some|each|every)\s$", text[:start]))


def _keep(draft: Draft, number: float, match: re.Match[str]) -> None:
    draft.found["count"] = int(number)
    mark = CARD if CARD in match.group() else ""
    between = re.search(_BILLED, match.group())
    draft.take_match(match, f"{between.group()} {mark}" if between else mark)
