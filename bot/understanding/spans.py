"""Finds lengths of time, look-backs and schedules."""

from __future__ import annotations

import re

from bot.question import Schedule
from bot.understanding.draft import Draft, Pattern, has_any
from bot.understanding.numbers import NUMBER, WORD, value

HOURS = {"hour": 1.0, "day": 24.0, "week": 168.0, "fortnight": 336.0, "month": 730.0,
         "quarter": 2190.0, "semester": 4380.0, "year": 8760.0}  # fmt: skip
DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 90,
        "semester": 180, "year": 365}  # fmt: skip
_UNITS = {
    "hour": "hours?|hrs?|horas?|h",
    "day": "days?|dias?|d",
    "week": "weeks?|wks?|semanas?|wk|w",
    "fortnight": "fortnights?|quinzenas?",
    "month": "months?|mos?|mths?|mes|meses",
    "quarter": "quarters?|trimestres?",
    "semester": "semesters?|semestres?|half[ -]year",
    "year": "years?|yrs?|yr|anos?|y",
}
_UNIT = "|".join(f"(?P<{unit}>{spelling})" for unit, spelling in _UNITS.items())
_LENGTH = Pattern(
    rf"(?<![a-z0-9$.,/])(?P<n>{NUMBER}|(?:{WORD}|an?|uma?|another|whole|full|entire|half an?|meia|meio)(?=[ -]))"
    rf"\s*-?\s*(?:of\s|gpu[- ]|solid\s|straight\s|full\s|whole\s|de\s)?(?:{_UNIT})(?![a-z0-9])(?!\s?/\s?(?:day|dia))"
)
_A_DAY = Pattern(
    rf"(?P<n>{NUMBER}|{WORD})\s*-?\s*(?:hours?|hrs?|h|horas?)\s*(?:/|a|per|por|each|every|ao|cada|daily|diarias?|p/)\s*-?(?:day|dia|d|days|dias)?(?![a-z])"
    rf"(?:\s*(?:of|on|de|com|with|em|numa?|n[ao])?\s*(?:an?\s|uma?\s|\d{{1,4}}\s*x?\s*)?\x01)?[\s,]*(?:(?:for|over|during|por|durante|x|em|,|uteis)\s+)*(?:(?:the|a|an|os|next|proximos?)\s+)*"
    rf"(?P<m>{NUMBER}|{WORD}|an?|uma?)?\s*-?\s*(?:(?P<unit>days?|dias?|weeks?|semanas?|months?|mes(?:es)?|years?|anos?))(?![a-z])"
)
_DAYS_OF = Pattern(
    rf"(?P<m>{NUMBER}|{WORD})\s*-?\s*(?P<unit>days?|dias?|weeks?|semanas?|months?|mes(?:es)?)\s*"
    rf"(?:(?:of|de)\s+(?P<n>{NUMBER}|{WORD})\s*-?\s*(?:hours?|hrs?|h|horas?)(?![a-z0-9])|"
    rf"[,(x@]?\s*(?:(?:at|with|for|com|a|por)\s+)?(?P<n2>{NUMBER}|{WORD})\s*-?\s*(?:hours?|hrs?|h|horas?)\s*"
    r"(?:(?:/|a|per|por|each|every|ao|cada)\s*-?\s*(?:day|dia)|each|daily|cada|diarias?)(?![a-z0-9]))"
)
""" "5 days of 6 hours", "2 weeks, 10 hours a day". """
_RATE_PERIODS = (
    (Pattern(r"\bmonthly\b|\bper month\b|\ba month\b|/\s?mo(?:nth)?\b|\bpor mes\b|\bao mes\b|\bmensal(?:mente)?\b|\bmensais\b|/\s?mes\b|\beach month\b|\bthe month\b|\bo mes\b"), 730.0),
    (Pattern(r"\byearly\b|\bannual(?:ly)?\b|\bper year\b|\ba year\b|/\s?yr\b|\bpor ano\b|\bao ano\b|\banual(?:mente)?\b|\banuais\b|\bper annum\b"), 8760.0),
    (Pattern(r"\bweekly (?=cost|bill|price|spend)|\bper week\b|\bpor semana\b|\bsemanal(?=.*custo)|\bcusto semanal\b"), 168.0),
    (Pattern(r"\bdaily (?=cost|bill|price|spend)|\bper day\b|\bpor dia\b|\bcusto diario\b"), 24.0),
)  # fmt: skip
_BACK = Pattern(
    rf"\b(?:(?:over|in|during|for|within|across|from)?\s*(?:the\s+)?(?:last|past|previous|trailing)|"
    rf"(?:n[ao]s?|d[ao]s?|pel[ao]s?)?\s*(?:ultim[ao]s?|passad[ao]s?))\s+(?P<n>{NUMBER}|{WORD})?\s*-?\s*(?:{_UNIT})(?![a-z0-9])"
)
_SINCE = Pattern(
    rf"\b(?:(?P<n>{NUMBER}|{WORD}|half an?|meio|an?|uma?)\s*(?:{_UNIT})\s+(?:ago|atras)|(?:semana|mes|ano|trimestre|semestre) passad[ao])\b"
)
_FOR_SINCE = Pattern(rf"\b(?:ha|faz)\s+(?P<n>{NUMBER}|{WORD}|uma?)\s*(?:{_UNIT})(?![a-z0-9])")
_PASSED = Pattern(r"\b(?:n[ao] |d[ao] )?(semana|mes|ano|trimestre|semestre) passad[ao]\b")
_PASSED_DAYS = {"semana": 7, "mes": 30, "ano": 365, "trimestre": 90, "semestre": 180}
_YTD = Pattern(
    r"\b(?:this|current|est[ea]|nest[ea]|dest[ea]|n?esse)\s+(week|month|quarter|year|semana|mes|trimestre|ano)\b"
)
_YTD_DAYS = {
    "week": 7,
    "month": 30,
    "quarter": 90,
    "year": 365,
    "semana": 7,
    "mes": 30,
    "trimestre": 90,
    "ano": 365,
}

_WEEKDAYS = {
    "monday": "mondays?|mon|segundas?(?:[- ]feiras?)?|seg",
    "tuesday": "tuesdays?|tues?|tercas?(?:[- ]feiras?)?|ter",
    "wednesday": "wednesdays?|weds?|quartas?(?:[- ]feiras?)?|qua",
    "thursday": "thursdays?|thurs?|thu|quintas?(?:[- ]feiras?)?|qui",
    "friday": "fridays?|fri|sextas?(?:[- ]feiras?)?|sex",
    "saturday": "saturdays?|sat|sabados?|sab",
    "sunday": "sundays?|sun|domingos?|dom",
}
_WEEKDAY = Pattern(
    r"(?<![a-z])(?:"
    + "|".join(f"(?P<{day}>{spelling})" for day, spelling in _WEEKDAYS.items())
    + r")(?![a-z])"
)
_CLOCK = Pattern(
    r"(?<![\d.$,-])(?:(?P<h>[01]?\d|2[0-3])\s*[:h]\s*(?P<m>[0-5]\d)\s*(?:(?P<ap>am|pm|a\.m\.?|p\.m\.?)(?![a-z]))?(?:\s?h(?:s|rs|oras)?\b)?"
    r"|(?P<h2>0?[1-9]|1[0-2])\s*(?P<ap2>am|pm|a\.m\.?|p\.m\.?|a\.m|p\.m)(?![a-z])"
    r"|(?P<h3>[01]?\d|2[0-3])\s?(?:h|hs|hrs|horas|o'clock|oclock)(?![a-z0-9])(?:\s*da\s*(?P<part>manha|tarde|noite))?"
    r"|(?:at|as|a partir das)\s+(?P<h4>[01]?\d|2[0-3])(?![\d:.%a-z]|\s*(?:gpus?|x|dollars|usd|cents))(?:\s*da\s*(?P<part2>manha|tarde|noite))?"
    r"|(?P<noon>\bnoon\b|\bmidday\b|\bmeio[- ]dia\b)|(?P<midnight>\bmidnight\b|\bmeia[- ]noite\b))"
)
_IANA = Pattern(
    r"\b(africa|america|antarctica|asia|atlantic|australia|europe|indian|pacific)/([a-z_+-]+(?:/[a-z_]+)?)"
)
_ZONES = (
    (r"utc|gmt|zulu|universal time", "UTC"),
    (r"(?:us )?eastern(?: standard| daylight)?(?: time)?|new york(?: city)? time|nyc time|(?<![a-z])(?:et|est|edt)(?![a-z])|horario d[eao] (?:nova york|nova iorque|leste)|hora de nova york|horario de ny", "America/New_York"),
    (r"(?:us )?pacific(?: standard| daylight)?(?: time)?|(?:la|los angeles|san francisco|california|seattle) time|(?<![a-z])(?:pt|pst|pdt)(?![a-z])(?=\s*$|\s+(?:with|for|a100|h100))|pst|pdt|horario d[oa] (?:pacifico|california)", "America/Los_Angeles"),
    (r"(?:us )?central(?: standard| daylight)? time|chicago time|(?<![a-z])(?:cst|cdt)(?![a-z])", "America/Chicago"),
    (r"(?:us )?mountain(?: standard| daylight)? time|denver time|(?<![a-z])(?:mst|mdt)(?![a-z])", "America/Denver"),
    (r"london(?: time|'s time)|uk time|british time|(?<![a-z])bst(?![a-z])|horario de londres|hora de londres", "Europe/London"),
    (r"(?:no )?horario de brasilia|hora de brasilia|brasilia time|(?<![a-z])brt(?![a-z])|(?:sao paulo|brazil|brazilian|brasilia) time|horario de (?:sao paulo|sp)|hora de sao paulo|horario brasileiro", "America/Sao_Paulo"),
    (r"(?:no )?horario de (?:lisboa|portugal)|hora de (?:lisboa|portugal)|lisbon time|portugal time", "Europe/Lisbon"),
    (r"berlin time|german time|horario de berlim|(?<![a-z])(?:cet|cest)(?![a-z])|central european time", "Europe/Berlin"),
    (r"paris time|horario de paris", "Europe/Paris"),
    (r"madrid time|horario de madri(?:d)?", "Europe/Madrid"),
    (r"amsterdam time", "Europe/Amsterdam"),
    (r"dublin time|irish time", "Europe/Dublin"),
    (r"tokyo time|japan time|(?<![a-z])jst(?![a-z])|horario de toquio", "Asia/Tokyo"),
    (r"singapore time|(?<![a-z])sgt(?![a-z])|horario de singapura", "Asia/Singapore"),
    (r"india(?:n)? time|(?<![a-z])ist(?![a-z])|mumbai time", "Asia/Kolkata"),
    (r"sydney time|(?<![a-z])(?:aest|aedt)(?![a-z])|horario de sydney", "Australia/Sydney"),
    (r"toronto time", "America/Toronto"),
    (r"dubai time", "Asia/Dubai"),
)  # fmt: skip


_ZONE_WORDS = frozenset(
    "utc gmt zulu universal eastern pacific time et est edt pt pst pdt central cst cdt mountain mst mdt bst brt cet cest "
    "jst sgt ist aest aedt horario hora".split()
)


def find_zone(draft: Draft) -> None:
    """Takes a time zone out of the text: its city is no region."""
    if not (_ZONE_WORDS & set(re.split(r"[\s,;:()]+", draft.rest)) or "/" in draft.rest):
        return
    match = _IANA.search(draft.rest)
    if match:
        zone = _iana(f"{match.group(1)}/{match.group(2)}")
        if zone:
            draft.found["_tz"] = zone
            draft.take_match(match)
            return
    for pattern, zone in _ZONES:
        match = re.search(
            rf"(?:\(|\b(?:in|no|na|at)\s+)?(?<![a-z])(?:{pattern})(?![a-z])", draft.rest
        )
        if match:
            draft.found["_tz"] = zone
            draft.take_match(match)
            return


def _iana(text: str) -> str | None:
    """The zone's own spelling; None for a name that is no zone."""
    from zoneinfo import ZoneInfo

    small = {"of", "es"}
    name = "/".join(
        "_".join(part if part in small else part.capitalize() for part in piece.split("_"))
        for piece in text.split("/")
    )
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
    return name


def find_schedule(draft: Draft) -> None:
    """For digests: weekday, time and zone, only the parts that are stated."""
    weekday = time = None
    every = re.search(
        r"\b(?:every|each|todas? as|tod[ao]s? (?:as|os|o)?|tod[ao]s?|cada)\s+(week ?day|workday|business day|dias? ut(?:il|eis)|day|dia|month|mes|week|semana)\b",
        draft.rest,
    )
    found = draft.found
    if every:
        word = every.group(1)
        found["every"] = (
            "weekdays" if ("week" in word and "day" in word) or word in {"workday", "business day"} or "ut" in word
            else "daily" if word in {"day", "dia"} else "monthly" if word in {"month", "mes"} else "weekly"
        )  # fmt: skip
        draft.take_match(every)
    else:
        for pattern, name in (
            (r"\bweekdays?\b|\bdias uteis\b", "weekdays"),
            (r"\bdaily\b|\bdiari[oa]s?\b|\bdiariamente\b", "daily"),
            (r"\bmonthly\b|\bmensal(?:mente)?\b", "monthly"),
            (r"\bweekly\b|\bsemanal(?:mente)?\b|\bsemanais\b", "weekly"),
        ):
            match = re.search(pattern, draft.rest)
            if match:
                found["every"] = name
                draft.take_match(match)
                break
    match = _WEEKDAY.search(draft.rest)
    if match:
        weekday = match.lastgroup
        draft.take_match(match)
        found.setdefault("every", "weekly")
    match = _CLOCK.search(draft.rest)
    if match:
        time = _clock(match)
        draft.take_match(match)
    tz = found.pop("_tz", None)
    if weekday or time or tz:
        found["schedule"] = Schedule(weekday, time, tz)


def _clock(match: re.Match[str]) -> str:
    if match.group("noon"):
        return "12:00"
    if match.group("midnight"):
        return "00:00"
    hour = int(match.group("h") or match.group("h2") or match.group("h3") or match.group("h4"))
    minute = int(match.group("m") or 0)
    half = (match.group("ap") or match.group("ap2") or "").replace(".", "")
    part = match.group("part") or match.group("part2")
    if (half == "pm" or part in {"tarde", "noite"}) and hour < 12:
        hour += 12
    if half == "am" and hour == 12:
        hour = 0
    return f"{hour:02d}:{minute:02d}"


def find_period(draft: Draft) -> bool:
    """A look-back: `period_days`. True when the words look back."""
    if not has_any(
        draft.rest,
        ("last", "past", "previous", "trailing", "ultim", "passad", "ago", "atras", "ha ", "faz "),
    ):
        return False
    match = _BACK.search(draft.rest)
    if match:
        number = value(match.group("n"), pt=draft.pt) if match.group("n") else 1.0
        draft.found["period_days"] = _days(number or 1.0, match)
        draft.take_match(match)
        return True
    match = _PASSED.search(draft.rest)
    if match:
        draft.found["period_days"] = _PASSED_DAYS[match.group(1)]
        draft.take_match(match)
        return True
    match = _SINCE.search(draft.rest)
    if not (match and match.group("n")):
        match = _FOR_SINCE.search(draft.rest)
    if match:
        number = _count(match.group("n"), draft)
        draft.found["period_days"] = _days(number or 1.0, match)
        draft.take_match(match)
        return True
    return False


def find_plain_period(draft: Draft) -> None:
    """In a question about history any length is a look-back: "90d", "for 6 months"."""
    if "period_days" in draft.found:
        return
    match = _LENGTH.search(draft.rest)
    if match:
        draft.found["period_days"] = _days(_count(match.group("n"), draft), match)
        draft.take_match(match)
        return
    match = _YTD.search(draft.rest)
    if match:
        draft.found["period_days"] = _YTD_DAYS[match.group(1)]
        draft.take_match(match)
        return
    match = re.search(r"\b(monthly|weekly|yearly|mensal|semanal|anual)\b", draft.rest)
    if match:
        draft.take_match(match)


def _days(number: float, match: re.Match[str]) -> int:
    unit = _unit(match)
    if unit == "month" and number % 12 == 0:
        return int(number // 12 * 365)
    if unit == "year" and number % 1:
        return round(number * 12 * DAYS["month"])  # half a year is six months of 30 days
    return max(1, round(number * DAYS[unit])) if number * DAYS[unit] < 1e6 else 10**6


def _unit(match: re.Match[str]) -> str:
    return next(unit for unit in HOURS if match.group(unit))


def _count(text: str, draft: Draft) -> float:
    text = text.strip()
    if text in {"half a", "half an", "meia", "meio"}:
        return 0.5
    if text in {"a", "an", "um", "uma", "another", "whole", "full", "entire"}:
        return 1.0
    return value(text, pt=draft.pt) or 0.0


_LENGTH_STEMS = (
    "hour", "day", "week", "month", "year", "quarter", "fortnight", "semester", "annual", "annum", "daily",
    "hora", "dia", "seman", "mes", "mens", "ano", "anua", "trimestre", "semestre", "quinzena", "clock",
    "hrs", "non-stop", "nonstop", "sem parar", "/mo", "/yr",
)  # fmt: skip


def find_length(draft: Draft) -> None:
    """`hours` of wall clock: "72h", "two weeks", "10 hours a day for 5 days"."""
    if not any(char.isdigit() for char in draft.rest) and not has_any(draft.rest, _LENGTH_STEMS):
        return
    draft.rest = re.sub(
        r"(?<!\d)(?:24\s?[/x]\s?7(?:\s?[/x]\s?365)?|24 ?h(?:oras)? por dia|around the clock|round the clock|non-?stop|sem parar)(?!\d)",
        " ",
        draft.rest,
    )
    match = _DAYS_OF.search(draft.rest) or _A_DAY.search(draft.rest)
    if match and match.group("unit"):
        daily = value(match.group("n") or match.groupdict().get("n2") or "", pt=draft.pt) or 0.0
        many = match.group("m") or "1"
        many = 1.0 if many in {"a", "an", "um", "uma"} else value(many, pt=draft.pt) or 1.0
        unit = match.group("unit")
        days = {"d": 1, "w": 7, "s": 7, "m": 365 / 12, "y": 365, "a": 365}[unit[0]]
        if unit.startswith(("mes", "month")):
            days = 30
        _keep(draft, daily * many * days)
        draft.take_match(match)
        return
    draft.rest = re.sub(
        r"\b(?:an|per|por|a|each|cada|the)\s+(?:gpu[- ]?)?(?:hour|hr|hora)\b|/\s?(?:gpu[- /]?)?(?:hour|hr|hora|h)\b|\bhourly\b",
        " ",
        draft.rest,
    )
    position = 0
    total = 0.0
    while True:
        match = _LENGTH.search(draft.rest, position)
        if not match:
            break
        number, unit = match.group("n"), _unit(match)
        if number in {"a", "an", "um", "uma"} and unit == "hour":
            position = match.end()
            continue
        if (
            number in {"a", "an", "um", "uma"}
            and match.start()
            and re.search(
                r"(?:\x01|gpus?|\d|hours?|horas?|k|mil|dolares|dollars|bucks)\s*$",
                draft.rest[: match.start()],
            )
            and unit in {"month", "year", "week", "day"}
            and number in {"a", "an"}
        ):
            total += HOURS[unit]  # "$10k a month", "2 gpus a month"
            draft.take_match(match)
            break
        total += _count(number, draft) * HOURS[unit]
        draft.take_match(match)
        joined = re.match(r"\s*(?:and|e|plus|mais|,)\s*(?=\d)", draft.rest[match.start() :])
        if not joined:
            break
        position = match.start()
    if total:
        _keep(draft, total)
        return
    match = re.search(
        r"\b(?:next|this|the|proxim[oa]|est[ea]|n?est[ea]|whole|entire|full|all|inteir[oa]|o)\s+(day|week|month|quarter|year|dia|semana|mes|trimestre|ano|semestre)\b",
        draft.rest,
    )
    for pattern, hours in _RATE_PERIODS:
        rate = pattern.search(draft.rest)
        if rate:
            _keep(draft, hours)
            draft.take_match(rate)
            return
    if match:
        name = {
            "dia": "day",
            "semana": "week",
            "mes": "month",
            "trimestre": "quarter",
            "ano": "year",
            "semestre": "semester",
        }.get(match.group(1), match.group(1))
        _keep(draft, HOURS[name])
        draft.take_match(match)


def _keep(draft: Draft, hours: float) -> None:
    if 0 < hours < 1e9:
        draft.found["hours"] = int(hours) if float(hours).is_integer() else round(hours, 3)
