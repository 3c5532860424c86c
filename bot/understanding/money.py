"""Finds sums and prices, and tells a total from a rate, a ceiling and a price already paid."""

from __future__ import annotations

from typing import NamedTuple

from bot.understanding.draft import Draft, Pattern, has_any
from bot.understanding.numbers import NUMBER, WORD, scaled, value

_SCALE = r"(?:\s?(?P<s{n}>k|mil|thousand|grand|million|millions|milhao|milhoes|mm?)(?![a-z0-9]))?"
_SIGNED = Pattern(
    rf"(?P<cur>us\$|u\$s?|(?<!\d )(?<!\d)usd|\$|r\$|brl|eur|gbp|€|£|a\$|c\$|chf|jpy|¥|inr|₹)\s?(?P<n>{NUMBER})"
    + _SCALE.format(n=1)
    + r"(?P<usd>\s?(?:usd|dollars|us dollars)(?![a-z]))?"
)
_WORDED = Pattern(
    rf"(?<![a-z0-9.$])(?P<n>{NUMBER}|{WORD}|half a|(?:a )?thousand(?= (?:dollar|buck|usd|us\b|euro|pound))|mil(?= (?:dolar|usd|reais|euro))|an?(?= (?:dollar|buck|euro|pound|quid)\b)|uma?(?= (?:dolar|real|euro)\b))"
    + _SCALE.format(n=1)
    + r"\s?(?:em |in |de |of |us )?(?P<cur>dollars?|dolar(?:es)?|usd|us\$|bucks|bux|doletas?|doll|buck|cents?|centavos?|¢|reais|real|brl|euros?|eur|€|pounds?|gbp|libras?|£|quid)(?![a-z])(?:\s(?:de dolar|americanos))?"
)
_K_ALONE = Pattern(
    r"(?<![a-z0-9.$])(?P<n>\d+(?:\.\d+)?)\s?(?P<s1>k|grand)(?![a-z0-9])(?!\s*(?:tokens?|context|ctx|contexto|docs|documents?|documentos?|images|imagens|texts|textos|requests|rows|linhas|records|registros|pages|paginas|users|usuarios|samples|frames|videos|queries|items|steps|emails))"
)
_RATE = Pattern(
    r"\s*(?:(?:/|per|an|a|por|each|cada|p/|ao?|the)\s*-?\s*)(?:1\s?)?(?:gpu(?:[- /]?(?:hour|hr|h|hora))?|hour|hr|hora|h|card|placa)\b(?:\s*(?:/|per|a|an|por)\s*(?:gpu|card|hour|hora|placa))?"
)
_HOURLY_BEFORE = Pattern(r"(?:hourly|por hora|hora)\s*$")
_BELOW = (
    r"(?:<\s?=?|under|below|beneath|less than|lower than|cheaper than|at most|no more than|not more than|up to|max(?:imum)?(?: of)?|"
    r"drops? (?:to|under|below)|falls? (?:to|under|below)|dips? (?:to|under|below)|goes? (?:under|below)|gets? (?:under|below)|hits?|reaches|within|capped at|cap(?: of)?|ceiling(?: of)?|sub-?|inferior a|"
    r"abaixo d[eo]s?|por menos de|menos d[eo]s?|menor(?:es)? que|ate|no maximo|maximo de|max\.?|teto de|limite de|cair (?:de|pra|para|a|abaixo de)|baixar (?:de|pra|para)|chegar (?:a|em)|bater(?: em)?|custar menos de|que nao passe de)"
)
_ABOVE = (
    r"(?:>\s?=?|above|over|more than|higher than|exceeds?|greater than|goes? (?:over|above|past)|rises? (?:to|above|over|past)|climbs? (?:to|above|over|past)|tops|passes|beyond|at least|jumps? (?:to|above|over)|crosses|"
    r"acima d[eo]s?|mais d[eo]s?|maior que|passar d[eo]s?|ultrapassar|subir (?:acima de|pra|para|de)|exceder|superar|superior a|ficar acima de)"
)
_CEILING = Pattern(rf"(?<![a-z])(?:{_BELOW})\s*(?:the |a |of |de |uns |about |around |price of )?$")
_FLOOR = Pattern(rf"(?<![a-z])(?:{_ABOVE})\s*(?:the |a |of |de |uns |about |around )?$")
_PLAIN_BELOW = Pattern(
    rf"(?<![a-z])(?P<cue>{_BELOW})\s*(?:the |a |of |de )?(?P<n>\d{{1,3}}(?:[.,]\d+)?|\.\d{{1,4}})(?![\d.]*\s?(?:gb|g\b|gib|gpus?|hours?|h\b|horas|days?|dias?|months?|mes|weeks?|semanas?|years?|anos?|%|percent|b\b|k\b|tokens?|nodes?|cards?|minutes?|min\b|x|/7|th|st|nd))(?=\s|$|[,;?!)/]|\.(?!\d))"
)
_PLAIN_ABOVE = Pattern(
    rf"(?<![a-z])(?P<cue>{_ABOVE})\s*(?:the |a |of |de )?(?P<n>\d{{1,3}}(?:[.,]\d+)?|\.\d{{1,4}})(?![\d.]*\s?(?:gb|g\b|gib|gpus?|hours?|h\b|horas|days?|dias?|months?|mes|weeks?|semanas?|years?|anos?|%|percent|b\b|k\b|tokens?|nodes?|cards?|minutes?|min\b|x|/7|th|st|nd))(?=\s|$|[,;?!)/]|\.(?!\d))"
)
_CURRENCIES = {
    "r$": "BRL", "brl": "BRL", "reais": "BRL", "real": "BRL", "eur": "EUR", "€": "EUR", "euro": "EUR",
    "euros": "EUR", "gbp": "GBP", "£": "GBP", "pound": "GBP", "pounds": "GBP", "libra": "GBP",
    "libras": "GBP", "quid": "GBP", "a$": "AUD", "c$": "CAD", "chf": "CHF", "jpy": "JPY", "¥": "JPY",
    "inr": "INR", "₹": "INR",
}  # fmt: skip
_WORDS = ("dollar", "dolar", "usd", "buck", "cent", "reais", "real", "euro", "grand")
_ARTICLES = {
    "a": 1.0,
    "an": 1.0,
    "um": 1.0,
    "uma": 1.0,
    "half a": 0.5,
    "mil": 1e3,
    "thousand": 1e3,
    "a thousand": 1e3,
}
# A single GPU-hour never cost this much, and no budget worth asking about is below it.
_TOTAL_FROM = 100.0
_MOST = 12
"""Sums in one question: a table that somebody pasted is not read to its end."""
_SPENT_FROM = 15.0


class Sum(NamedTuple):
    amount: float
    rate: bool
    """Stated per hour or per GPU."""
    side: str | None
    """`below` or `above` when a limit word stands before it."""
    signed: bool
    """A currency was written."""
    start: int = 0


def find(draft: Draft) -> list[Sum]:
    """Takes every sum out of the text; other currencies are kept apart with their code."""
    sums: list[Sum] = []
    if not (any(char.isdigit() for char in draft.rest) or has_any(draft.rest, _WORDS)):
        return sums
    for pattern in (_SIGNED, _WORDED, _K_ALONE):
        for _ in range(_MOST):
            match = pattern.search(draft.rest)
            if not match:
                break
            word = match.group("n")
            amount = _ARTICLES.get(word) or value(word, pt=draft.pt)
            groups = match.groupdict()
            currency = (groups.get("cur") or "").strip()
            rate = _RATE.match(draft.rest, match.end())
            end = rate.end() if rate else match.end()
            lead = draft.rest[: match.start()]
            side, cut = _side(lead)
            if amount is not None and amount < 1e15:
                amount = scaled(amount, groups.get("s1"))
                if currency.startswith(("cent", "¢")):
                    amount = round(amount / 100, 6)
                code = _CURRENCIES.get(currency)
                if code and not groups.get("usd"):
                    draft.found["currency"], draft.found["amount"] = code, amount
                else:
                    is_rate = bool(rate) or bool(_HOURLY_BEFORE.search(lead))
                    sums.append(Sum(amount, is_rate, side, signed=True, start=cut))
            draft.take(cut, end)
    for pattern, side in ((_PLAIN_BELOW, "below"), (_PLAIN_ABOVE, "above")):
        match = pattern.search(draft.rest)
        if match:
            amount = value(match.group("n"), pt=draft.pt)
            if amount is not None:
                rate = _RATE.match(draft.rest, match.end())
                sums.append(Sum(amount, bool(rate), side, signed=False, start=match.start()))
                draft.take(match.start(), rate.end() if rate else match.end())
    return sums


def _side(lead: str) -> tuple[str | None, int]:
    """The limit word before a sum, and where it begins."""
    for pattern, side in ((_CEILING, "below"), (_FLOOR, "above")):
        cue = pattern.search(lead)
        if cue:
            return side, cue.start()
    return None, len(lead)


def is_total(one: Sum, *, spends: bool = False) -> bool:
    """A sum of money in all, as against a price per GPU-hour; `spends`: the text asks what it buys."""
    least = _SPENT_FROM if spends and one.signed and one.side is None else _TOTAL_FROM
    return not one.rate and one.amount >= least
