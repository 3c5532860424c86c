"""Numbers and dates as people write them in English, Portuguese and Spanish.

A number that can be read in two ways is not read: `1.234` is a thousand or one and a bit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple

Style = Literal["point", "comma"]
"""The decimal sign of a document."""
NUMBER = r"\d{1,3}(?:(?P<g>[.,' \u00a0\u202f’])\d{3})(?:(?P=g)\d{3})*(?:[.,]\d{1,6})?(?!\d)|\d+(?:[.,]\d{1,9})?"
"""A number with or without groups; groups are of three and all joined by the same sign."""
PLAIN = r"\d{1,3}(?:[.,'\u00a0\u202f’ ]\d{3})+(?:[.,]\d{1,6})?(?![\d])|\d+(?:[.,]\d{1,9})?"
"""The same without a named group, for use within longer patterns."""
_TOKEN = re.compile(rf"(?<![\w.,/:-])(?:{PLAIN})(?![\w]|[.,:/-]\d)")
_SPACES = str.maketrans("", "", "  \u00a0\u202f'’")


def style_of(text: str) -> Style | None:
    """The decimal sign that a text's unmistakable numbers use; None where they disagree."""
    votes: set[Style] = set()
    for match in _TOKEN.finditer(text):
        token = match.group().translate(_SPACES)
        points, commas = token.count("."), token.count(",")
        if points and commas:
            votes.add("point" if token.rfind(".") > token.rfind(",") else "comma")
        elif points > 1:
            votes.add("comma")
        elif commas > 1:
            votes.add("point")
        elif points + commas == 1:
            sign = "." if points else ","
            whole, decimals = token.split(sign)
            if len(decimals) != 3 or len(whole) > 3 or whole == "0":
                votes.add("point" if sign == "." else "comma")
    return votes.pop() if len(votes) == 1 else None


def decimal(raw: str, style: Style | None) -> Decimal | None:
    """The value of a number as written; None where it could mean two things, or nothing."""
    token = raw.strip().translate(_SPACES)
    points, commas = token.count("."), token.count(",")
    if points and commas:
        sign = "." if token.rfind(".") > token.rfind(",") else ","
        whole, _, decimals = token.rpartition(sign)
        token = whole.replace("." if sign == "," else ",", "") + "." + decimals
    elif points > 1 or commas > 1:
        token = token.replace(".", "").replace(",", "")
    elif points + commas == 1:
        sign = "." if points else ","
        whole, decimals = token.split(sign)
        if len(decimals) == 3 and 1 <= len(whole) <= 3 and whole != "0":
            if style is None:
                return None
            is_decimal = (sign == ".") == (style == "point")
            token = f"{whole}.{decimals}" if is_decimal else whole + decimals
        else:
            token = f"{whole}.{decimals}"
    try:
        value = Decimal(token)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def plain(value: Decimal) -> str:
    """A decimal as text, as many digits as written, never in powers of ten."""
    return format(value, "f")


_WORDS = {
    word: number
    for number, words in {
        1: "one um uma un una", 2: "two dois duas dos", 3: "three tres três", 4: "four quatro cuatro",
        5: "five cinco", 6: "six seis", 7: "seven sete siete", 8: "eight oito ocho",
        9: "nine nove nueve", 10: "ten dez diez", 12: "twelve doze doce", 15: "fifteen quinze quince",
        16: "sixteen dezesseis dieciséis dieciseis", 18: "eighteen dezoito dieciocho", 20: "twenty vinte veinte",
        24: "twenty-four vinte-e-quatro veinticuatro", 30: "thirty trinta treinta", 32: "thirty-two",
        36: "thirty-six", 45: "forty-five", 60: "sixty sessenta sesenta", 64: "sixty-four", 90: "ninety noventa",
        120: "",
    }.items()
    for word in words.split()
}  # fmt: skip
WORD = "|".join(sorted(_WORDS, key=len, reverse=True))


def small(raw: str) -> int | None:
    """A count in digits or in words ("sixteen", "1,024"); None for what is none."""
    word = raw.strip().lower()
    if word in _WORDS:
        return _WORDS[word]
    digits = re.sub(r"[.,\s\u00a0\u202f'’](?=\d{3}(?!\d))", "", word)
    return int(digits) if digits.isdigit() and len(digits) < 9 else None


# -- dates -------------------------------------------------------------------------------------

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janeiro enero ene", "feb february fevereiro febrero fev", "mar march março marco marzo",
            "apr april abril abr", "may maio mayo mai", "jun june junho junio", "jul july julho julio",
            "aug august agosto ago", "sep sept september setembro septiembre set setiembre", "oct october outubro octubre out",
            "nov november novembro noviembre", "dec december dezembro diciembre dez dic",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATES = re.compile(
    rf"""(?<![\w.,/-])(?:
      (?P<iso>(?:20\d\d)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))
    | (?P<yfirst>20\d\d)[/.](?P<ym>\d\d)[/.](?P<yd>\d\d)
    | (?P<a>\d{{1,2}})(?P<sep>[/.-])(?P<b>\d{{1,2}})(?P=sep)(?P<y>20\d\d|\d\d)
    | (?P<d1>\d{{1,2}})(?:st|nd|rd|th|º|°)?[\s.-]*(?:of\s+|de\s+|-\s*)?(?P<m1>{_MONTH})\.?(?:[\s,.-]*(?:de\s+|del\s+|of\s+)?(?P<y1>20\d\d))?
    | (?P<m2>{_MONTH})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|\s?[x×]|\s*(?:GPU|months|meses|{_MONTH}))(?:,?\s+(?:de\s+)?(?P<y2>20\d\d))?
    | (?P<m3>{_MONTH})\.?\s*(?:,|/|-|de|del|of)?\s*(?P<y3>20\d\d)
    )(?![\w/])""",
    re.VERBOSE | re.IGNORECASE,
)


class Day(NamedTuple):
    """A date as found; `day` is None where day and month could be exchanged or the year is missing."""

    day: date | None
    raw: str
    start: int
    end: int


def days(text: str, *, day_first: bool | None = None, today: date | None = None) -> list[Day]:
    """The dates of a text in order.

    `day_first` settles 05/06/2026; where None, another date of the text does or nothing. `today`
    is the document's own date: it gives a year to "15 March", the next to come.
    """
    if day_first is None:
        day_first = _day_first(text)
    found = []
    for match in _DATES.finditer(text):
        day = _one(match, day_first, today)
        found.append(Day(day, match.group(), match.start(), match.end()))
    return found


def _one(match: re.Match[str], day_first: bool | None, today: date | None) -> date | None:
    part = match.groupdict()
    try:
        if part["iso"]:
            return date.fromisoformat(part["iso"])
        if part["yfirst"]:
            return date(int(part["yfirst"]), int(part["ym"]), int(part["yd"]))
        if part["a"]:
            first, second, year = int(part["a"]), int(part["b"]), int(part["y"])
            year += 2000 if year < 100 else 0
            if first > 12 or part["sep"] == ".":
                return date(year, second, first)
            if second > 12:
                return date(year, first, second)
            if first == second:
                return date(year, first, second)
            if day_first is None:
                return None
            return date(year, second, first) if day_first else date(year, first, second)
        if part["m3"]:
            return date(int(part["y3"]), _MONTHS[part["m3"].lower()], 1)
        month = _MONTHS[(part["m1"] or part["m2"]).lower()]
        day = int(part["d1"] or part["d2"])
        given = part["y1"] or part["y2"]
        if given:
            return date(int(given), month, day)
        if today is None:
            return None
        made = date(today.year, month, day)
        return made if made >= today - timedelta(days=7) else date(today.year + 1, month, day)
    except ValueError:
        return None


def _day_first(text: str) -> bool | None:
    """Whether the text's unmistakable dates begin with the day."""
    votes = set()
    for match in _DATES.finditer(text):
        if match["a"] and match["sep"] != ".":
            first, second = int(match["a"]), int(match["b"])
            if first > 12 >= second:
                votes.add(True)
            elif second > 12 >= first:
                votes.add(False)
    return votes.pop() if len(votes) == 1 else None


def add_months(day: date, months: int) -> date:
    """The same day some months later; the month's last day where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError


def first(values: Iterable[Day]) -> date | None:
    return next((one.day for one in values if one.day), None)
