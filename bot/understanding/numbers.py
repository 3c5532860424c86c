"""Numbers as people write them, by language."""

from __future__ import annotations


def value(text: str, *, lang: str) -> float | None:
    """ "5,000", "5.000" and "1,90" (Portuguese, Spanish), ".500" -> a number; None if it is none."""
    text = text.strip()
    if text.startswith(".") and text[1:].isdigit():
        return float(text)
    if not text or not text[0].isdigit() or len(text) > 24:
        return None
    text = text.rstrip(".,")
    if "," in text and "." in text:
        decimal = max(text.rfind(","), text.rfind("."))
        whole = text[:decimal].replace(",", "").replace(".", "")
        fraction = text[decimal + 1 :]
        if len(fraction) == 3 and text[decimal] in text[:decimal]:
            return _number(whole + fraction)  # "1,234,567"
        return _number(f"{whole}.{fraction}")
    for mark in (",", "."):
        if mark in text:
            head, *groups = text.split(mark)
            grouped = all(len(group) == 3 for group in groups) and len(head) <= 3 and head != "0"
            # A lone ".500" is thousands for a Portuguese or Spanish reader, a fraction in English.
            thousands = "," if lang == "en" else "."
            if grouped and (len(groups) > 1 or mark == thousands):
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
