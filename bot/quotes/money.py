"""Sums of money in a text: amount, currency, per what and per when, and what the words make of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from bot.quotes import numbers, words
from bot.quotes.numbers import PLAIN, Style

_CODES = "USD|EUR|GBP|BRL|MXN|CHF|CAD|AUD|SEK|NOK|DKK|PLN|INR|JPY|SGD|COP|CLP|ARS|PEN|CZK|HUF|RON|AED|ILS|ZAR|NZD|HKD|KRW|CNY"
_SIGNS = {
    "us$": "USD", "u$s": "USD", "u$d": "USD", "usd$": "USD", "us dollars": "USD", "u.s. dollars": "USD",
    "dollars": "USD", "dollar": "USD", "dólares": "USD", "dolares": "USD", "dólar": "USD", "dolar": "USD",
    "r$": "BRL", "reais": "BRL", "real": "BRL", "€": "EUR", "euros": "EUR", "euro": "EUR",
    "£": "GBP", "pounds": "GBP", "libras": "GBP", "mx$": "MXN", "mex$": "MXN", "pesos mexicanos": "MXN", "ca$": "CAD", "c$": "CAD",
    "a$": "AUD", "s$": "SGD", "chf": "CHF", "fr.": "CHF", "$": "$", "pesos": "pesos",
}  # fmt: skip
_SIGN = "|".join(
    re.escape(sign)
    for sign in sorted(_SIGNS, key=len, reverse=True)
    if not sign[0].isalpha() or "$" in sign
)
_SIGN_WORD = "|".join(
    re.escape(sign)
    for sign in sorted(_SIGNS, key=len, reverse=True)
    if sign[0].isalpha() and "$" not in sign
)
_BEFORE = rf"(?:(?P<c1>(?<![A-Za-z])(?:{_CODES})|{_SIGN})[ \u00a0]*\$?[ \u00a0]*)"
_AFTER = rf"(?:[ \u00a0]?(?P<c2>(?:{_CODES})(?![A-Za-z])|{_SIGN}|(?:{_SIGN_WORD})(?![a-zà-ü])))"
_RANGE = r"\s*(?:-|–|—|~|\bto\b|\ba\b|\baté\b|\be\b|\by\b|\band\b|\bhasta\b)\s*"
_SUM = re.compile(
    rf"(?<![\w.,])(?:{_BEFORE})?(?<![\d.,])(?P<n>{PLAIN})(?P<k>[ ]?(?:k|mil|thousand|million|milhões|milhão|millones|m)(?![\w²³$]))?"
    rf"(?:{_RANGE}(?:(?:{_CODES}|{_SIGN})\s*)?(?P<hi>{PLAIN}))?{_AFTER}?",
    re.IGNORECASE,
)  # fmt: skip
_CENTS = re.compile(
    r"(?<![\w.,])(?P<n>\d{1,3}(?:[.,]\d+)?)\s*(?:¢|cents?\b|centavos?\b|cêntimos?\b|céntimos?\b)",
    re.IGNORECASE,
)
_THOUSANDS = {
    "k": 1000,
    "mil": 1000,
    "thousand": 1000,
    "m": 10**6,
    "million": 10**6,
    "milhões": 10**6,
    "milhão": 10**6,
    "millones": 10**6,
}


class Unit(NamedTuple):
    """Per what and per when."""

    thing: str | None = None
    """gpu, node, all, other (a GB, a vCPU, an address); None: not said."""
    time: str | None = None
    """hour, day, week, month, quarter, year, term; None: not said."""
    size: int | None = None
    """GPUs of the node where the unit's words say it ("per 8-GPU node")."""

    def __or__(self, other: Unit) -> Unit:
        """What this leaves open, filled from another."""
        return Unit(self.thing or other.thing, self.time or other.time, self.size or other.size)


class Money(NamedTuple):
    amount: Decimal | None
    """None where the digits can be read in two ways."""
    high: Decimal | None
    currency: str | None
    """ISO code; None where no sign or word gives one."""
    unit: Unit
    is_from: bool
    """ "from", "starting at": no price but a lower bound."""
    raw: str
    start: int
    end: int
    unit_end: int
    """Where the words of the unit end."""
    marked: bool
    """A currency sign stands at it."""
    about: bool = False
    """ "about", "approximately", "~" stands before it."""
    digits: str = ""
    """The number alone, as written."""


@cache
def _unit_tokens() -> re.Pattern[str]:
    parts = [rf"(?P<{name}>{pattern})" for name, pattern in words.UNITS.items()]
    return re.compile(rf"(?:{'|'.join(parts)})", re.IGNORECASE)


_GAP = re.compile(
    r"[\s\u00a0]*(?:[/()\[\]·•*x×@|-]|p/|(?:HT|net|netto|hors taxes?|(?:ex(?:cl)?\.?|plus|\+|sem|sin|mais|más)\s(?:VAT|IVA|tax(?:es)?|impostos|impuestos))(?![\w])|(?:per|each|every|for each|for every|an?|por|pelo|pela|ao|à|a|al|cada|de|da|do|del|la|el|o|os|the|of|in|em|en|for|para|y|e|and)(?![\w]))?[\s\u00a0]*",
    re.IGNORECASE,
)


def unit_at(text: str, position: int, *, reach: int = 70) -> tuple[Unit, int]:
    """The unit whose words begin at a position ("/GPU-h", " per node and month"), and where it ends."""
    unit, end, at = Unit(), position, position
    pattern = _unit_tokens()
    spent = 0
    while at < position + reach:
        match = None
        gap_at = at
        for _ in range(3):  # a few connecting words: "/ (per", "por cada"
            match = pattern.match(text, gap_at)
            if match and match.end() > gap_at:
                break
            match = None
            gap = _GAP.match(text, gap_at)
            if gap is None or gap.end() == gap_at:
                break
            gap_at = gap.end()
        if match is None:
            break
        if (
            gap_at == position
            and at == position
            and not text[position : position + 1].isspace()
            and match.lastgroup != "hour"
            and text[position - 1 : position].isalnum()
            and text[position].isalnum()
        ):
            break
        unit = _with(unit, match)
        end = at = match.end()
        spent += 1
        if spent > 5:
            break
    return unit, end


def _with(unit: Unit, match: re.Match[str]) -> Unit:
    name = match.lastgroup or ""
    name = next((key for key in words.UNITS if match.groupdict().get(key)), name)
    size = None
    digits = re.search(
        r"(\d{1,2})\s*[x×-]?\s*(?:gpu|placa|tarjeta|card|h\d{3})|[x×]\s*(\d{1,2})",
        match.group(),
        re.IGNORECASE,
    )
    if digits and name in {"node", "nodehour"}:
        size = int(digits[1] or digits[2])
    table = {
        "gpuhour": Unit("gpu", "hour"), "nodehour": Unit("node", "hour", size), "gpumonth": Unit("gpu", "month"), "gpuyear": Unit("gpu", "year"), "nodemonth": Unit("node", "month", size),
        "gpu": Unit("gpu"), "node": Unit("node", size=size), "all": Unit("all"), "other": Unit("other"),
        "hour": Unit(time="hour"), "day": Unit(time="day"), "week": Unit(time="week"), "month": Unit(time="month"),
        "quarter": Unit(time="quarter"), "year": Unit(time="year"), "term": Unit("all", "term"),
    }  # fmt: skip
    more = table[name]
    if name == "term" and unit.thing:
        more = Unit(time="term")
    return unit | more


def units_in(label: str) -> Unit:
    """The unit that a heading or a label states: "Unit price (USD/GPU-h)", "Monthly fee per node"."""
    unit = Unit()
    pattern = _unit_tokens()
    for match in pattern.finditer(label):
        before = label[: match.start()]
        if before and before[-1].isalnum() and match.group()[0].isalnum():
            continue
        after = label[match.end() : match.end() + 1]
        if after.isalnum() and match.group()[-1].isalnum():
            continue
        unit = _with(unit, match)
    return unit


def sums_in(
    text: str,
    style: Style | None,
    dollar: str | None = "USD",
    hint: Unit = Unit(),  # noqa: B008  immutable
) -> list[Money]:
    """The sums of a line: those with a currency sign, and bare numbers that a unit follows.

    `dollar` is what a bare `$` stands for in this document; None where that is not known. `hint` is
    the unit that a label or a head states.
    """
    found: list[Money] = []
    at = 0
    while match := _SUM.search(text, at):
        sign = match["c1"] or match["c2"]
        end = at = match.end()
        if match["hi"] and not _is_range(text, match):
            # Two sums, not the ends of one: the second is looked at by itself.
            sign, end = match["c1"], match.end("n")
            at = end
        beside = _IN_BRACKETS.match(text, end) if sign else None
        unit, unit_end = unit_at(text, beside.end() if beside else end)
        if not sign:
            high_end = end
            if (
                unit == Unit()
                or unit.thing == "other"
                or (unit.thing in {None, "all"} and unit.time and not _slash(text, end))
            ):
                continue
            if unit.thing and unit.time is None and not re.search(r"[.,]\d", match["n"]):
                continue  # "64 GPUs", "8 nodes": a count
            if _counts(text, high_end):
                continue
        currency = _currency(sign, dollar)
        later = _AFTER_UNIT.match(text, unit_end)
        if currency is None and later:
            currency = _currency(later[1], dollar)
            unit_end = later.end()
        amount = amount_of(match["n"], style, unit | hint)
        factor = _THOUSANDS.get((match["k"] or "").strip().lower(), 1)
        if match["k"] and match["k"].strip().lower() == "m" and not sign:
            continue
        high = amount_of(match["hi"], style, unit | hint) if match["hi"] else None
        if end == match.end("n"):
            high = None
        if amount is not None and high is not None and high <= amount:
            high = None
        amount = amount * factor if amount is not None else None
        before = text[max(0, match.start() - 28) : match.start()]
        found.append(
            Money(
                amount, high, currency, unit,
                bool(words.FROM.search(before)) or bool(re.match(r"\s*(?:\+(?!\s*\w)|(?:and|or) (?:up|more)|or above|em diante|en adelante)", text[unit_end : unit_end + 14])),
                text[match.start() : end].strip(), match.start(), end, max(end, unit_end),
                sign is not None, bool(words.ABOUT.search(before)) or _beside(text, match.start(), found), match["n"],
            )
        )  # fmt: skip
    for match in _CENTS.finditer(text):
        if any(one.start <= match.start() < one.end for one in found):
            continue
        unit, unit_end = unit_at(text, match.end())
        amount = numbers.decimal(match["n"], style)
        found.append(
            Money(
                amount / 100 if amount is not None else None, None, dollar, unit, False,
                match.group().strip(), match.start(), match.end(), max(match.end(), unit_end), True,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: one.start)


_IN_BRACKETS = re.compile(
    rf"\s*\((?:~|≈|approx\.?|about|ca\.?|aprox\.?|equiv\w*|=)?\s*(?:{_CODES}|{_SIGN})\s?(?:{PLAIN})\)|\s*\((?:~|≈|approx\.?|about|ca\.?|aprox\.?|equiv\w*|=)?\s*(?:{PLAIN})\s?(?:{_CODES}|{_SIGN})\)",
    re.IGNORECASE,
)
"""The same sum in another currency: "USD 2.20 (GBP 1.75) per GPU-hour"."""


def _beside(text: str, start: int, found: Sequence[Money]) -> bool:
    """Whether a sum stands in brackets right behind another."""
    return bool(found) and re.fullmatch(r"\s*\(\S{0,8}\s?", text[found[-1].end : start]) is not None


_AFTER_UNIT = re.compile(rf"[ \u00a0]?\(?((?:{_CODES})(?![A-Za-z]))", re.IGNORECASE)


_OPEN = re.compile(r"(?P<whole>[1-9]\d{0,2})(?P<sign>[.,])(?P<rest>\d{3})$")


def amount_of(raw: str, style: Style | None, unit: Unit) -> Decimal | None:
    """The value of a sum as written. One sign with three digits after it can be read in two ways:

    an hourly price of one GPU has no thousands, a monthly fee no thousandths; else the document's
    own style decides, or nothing does.
    """
    token = raw.strip()
    two_ways = _OPEN.match(token)
    if two_ways is None or unit.thing == "other":
        return numbers.decimal(token, style)
    if unit.time == "hour":
        if unit.thing == "gpu":
            return Decimal(token.replace(",", ".")) if len(two_ways["whole"]) < 3 else None
        return numbers.decimal(token, style)
    if unit.time is None:
        return numbers.decimal(token, style)
    if two_ways["sign"] == "," or style == "comma":
        return Decimal(two_ways["whole"] + two_ways["rest"])
    return None


def _currency(sign: str | None, dollar: str | None) -> str | None:
    if not sign:
        return None
    low = sign.lower()
    if low.upper() in _CODES.split("|"):
        return low.upper()
    code = _SIGNS.get(low)
    if code == "$":
        return dollar
    return None if code == "pesos" and dollar != "MXN" else "MXN" if code == "pesos" else code


def _slash(text: str, end: int) -> bool:
    """ "18.80/hr": a rate; "72 hours" is a length of time."""
    return bool(
        re.match(
            r"\s?(?:/|per\b|por\b|p/|an hour|a month|al mes|ao mês|a hora|la hora)",
            text[end : end + 12],
            re.IGNORECASE,
        )
    )


def _counts(text: str, end: int) -> bool:
    """ "64 GPU-hours" is an amount of use, not a price."""
    after = text[end : end + 24]
    return bool(
        re.match(
            r"\s*(?:GPU|card|node)s?[\s-]*(?:hours|horas|months|meses)\b", after, re.IGNORECASE
        )
    )


def _is_range(text: str, match: re.Match[str]) -> bool:
    """Two numbers joined by a dash or by "to" are the ends of one price only when both look like one."""
    between = text[match.end("n") : match.start("hi")]
    word = between.strip(" $€£RUSD").lower()
    if word in {"e", "y", "and", "a", "to"}:
        before = text[max(0, match.start() - 12) : match.start()].lower()
        if word in {"e", "y", "and"} and not re.search(r"\b(?:between|entre)\s*$", before):
            return False
        if word in {"to", "a"} and re.search(
            r"\b(?:from|de|reduced|down|revis\w+|baj\w+|reduz\w+)\s*$", before
        ):
            return bool(re.search(r"between|rang", before))
    return True


def dollar_of(text: str) -> str | None:
    """What a bare `$` means in this text: dollars, unless another currency of that sign is named."""
    others = {code for code, pattern in words.DOLLAR_SIGNS.items() if pattern.search(text)}
    if not others:
        return "USD"
    if re.search(r"\bUSD\b|US\$|U\.S\. dollars|dólares", text, re.IGNORECASE):
        return None
    return others.pop() if len(others) == 1 else None


def currency_in(label: str, dollar: str | None) -> str | None:
    """The currency that a label or a sentence names."""
    found = re.search(
        rf"(?<![A-Za-z])(?:{_CODES})(?![A-Za-z])|{_SIGN}|\b(?:{_SIGN_WORD})\b", label, re.IGNORECASE
    )
    return _currency(found.group(), dollar) if found else None


def sum_of(rows: Sequence[Money]) -> Decimal:
    return sum((one.amount for one in rows if one.amount is not None), Decimal(0))
