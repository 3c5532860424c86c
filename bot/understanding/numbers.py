"""Numbers and number words of both languages."""

from __future__ import annotations

import re

WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "sixteen": 16, "twenty": 20,
    "twenty-four": 24, "thirty": 30, "thirty-two": 32, "forty": 40, "fifty": 50, "sixty": 60,
    "sixty-four": 64, "ninety": 90, "hundred": 100, "single": 1, "pair": 2, "couple": 2, "dozen": 12,
    "half a dozen": 6, "half dozen": 6, "dual": 2, "quad": 4, "octa": 8,
    "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5, "seis": 6, "sete": 7, "oito": 8,
    "nove": 9, "dez": 10, "doze": 12, "quinze": 15, "dezesseis": 16, "vinte": 20, "trinta": 30,
    "quarenta": 40, "cinquenta": 50, "sessenta": 60, "cem": 100, "par": 2, "duzia": 12,
    "meia duzia": 6, "unica": 1, "unico": 1,
}  # fmt: skip
# "one" is a count, the articles a, an, um, uma are not.
WORD = "|".join(sorted((re.escape(word) for word in WORDS), key=len, reverse=True))
NUMBER = r"(?:\d{1,15}(?:[.,]\d{1,6}){0,4}|(?<![\d.])\.\d{1,4})"


def value(text: str, *, pt: bool) -> float | None:
    """ "5,000", "5.000" (Portuguese), "1,90", "eight" -> a number; None if it is none."""
    text = text.strip()
    if text in WORDS:
        return float(WORDS[text])
    if text.startswith(".") and text[1:].isdigit():
        return float(text)
    if not text or not text[0].isdigit() or len(text) > 24:
        return None
    text = text.rstrip(".,")
    if "," in text and "." in text:
        decimal = max(text.rfind(","), text.rfind("."))
        whole = text[:decimal].replace(",", "").replace(".", "")
        return _number(f"{whole}.{text[decimal + 1 :]}")
    for mark in (",", "."):
        if mark in text:
            head, *groups = text.split(mark)
            grouped = all(len(group) == 3 for group in groups) and len(head) <= 3 and head != "0"
            # A lone ".500" is thousands for a Portuguese reader, a fraction for an English one.
            if grouped and (len(groups) > 1 or (mark == "," and not pt) or (mark == "." and pt)):
                return _number(text.replace(mark, ""))
            if len(groups) == 1:
                return _number(f"{head}.{groups[0]}")
            return None
    return _number(text)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def scaled(number: float, suffix: str | None) -> float:
    """5 with "k", "mil" or "grand" -> 5000; "m" and "million" -> millions."""
    suffix = (suffix or "").strip()
    if suffix in {"k", "mil", "thousand", "grand"}:
        return number * 1000
    if suffix in {"m", "mm", "million", "millions", "milhao", "milhoes"}:
        return number * 1_000_000
    return number
