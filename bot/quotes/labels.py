"""Values of labelled lines and of columns, field by field."""

from __future__ import annotations

import re
from typing import Any

from bot.quotes import conditions, money, numbers, words
from bot.quotes.about import Context


def labelled_value(kind: str, head: str, value: str, context: Context) -> dict[str, Any]:
    """Fields out of a cell or a labelled value."""
    out: dict[str, Any] = {}
    match kind:
        case "seller":
            out["seller"] = value
        case "reseller":
            out["reseller"] = value
        case "machine":
            if not re.match(r"\s*\d", value):  # "4 servers x 8 H100" is a quantity
                out["machine"] = value
        case "memory":
            found = re.search(r"(\d{2,3})\s*(?:GB|GiB|G)?", value)
            if found:
                out["memory_gb"] = int(found[1])
        case "form":
            out["form_factor"] = next(
                (form for form, pattern in words.FORMS if pattern.search(value)), None
            )
        case "interconnect":
            if not re.fullmatch(
                r"(?:none|no|n/a|nenhum[a]?|ninguna)", value.strip(), re.IGNORECASE
            ):
                out["interconnect"] = value
        case "place":
            out["place"] = value
        case "start":
            days = numbers.days(value, day_first=context.day_first, today=context.sent)
            if days and days[0].day:
                out["start"] = days[0].day.isoformat()
        case "valid":
            days = numbers.days(value, day_first=context.day_first, today=context.sent)
            spans_days = re.match(
                r"\W*\d{1,3}\s*(?:\w+\s)?(?:days?|dias?|días?|weeks?|semanas?)\b",
                value,
                re.IGNORECASE,
            )
            if days and days[0].day and not spans_days:
                out["valid_until"] = days[0].day.isoformat()
            elif not days or spans_days:
                found_valid = conditions.valid_until(
                    "valid " + value, context.sent, context.day_first
                )
                if found_valid:
                    out["valid_until"] = found_valid.value
        case "date":
            days = numbers.days(value, day_first=context.day_first)
            if days and days[0].day:
                out["date"] = days[0].day.isoformat()
        case "number":
            if (
                re.search(r"\d", value)
                and len(value) < 40
                and not re.search(r"[$€£]|\d\s?[x×]\s", value)
            ):
                out["quote_number"] = value.strip()
        case "sla":
            match_pct = re.search(r"(\d{2,3}(?:[.,]\d{1,5})?)\s?%?", value)
            if match_pct:
                number = float(match_pct[1].replace(",", "."))
                if 0.9 <= number <= 1:
                    number = round(number * 100, 5)
                if 90 <= number <= 100:
                    out["sla_pct"] = conditions.whole(number)
        case "notice":
            out["notice_days"] = conditions.label_days(value)
        case "renewal":
            out["renewal"] = conditions.renewal_label(value)
        case "price_rise":
            found_rise = conditions.price_rise(f"price increase, {head}: {value}")
            if found_rise:
                out["price_rise"] = found_rise.value
            elif re.match(r"\s*(?:none|no\b|fix|fij|firme|nenhum|ningun)", value, re.IGNORECASE):
                out["price_rise"] = {"kind": "fixed"}
        case "prepay":
            bare = "%" in head and re.fullmatch(r"\s*\d{1,3}(?:[.,]\d+)?\s*", value)
            out["prepayment"] = _prepay_value(head, value + "%" if bare else value)
        case "minimum":
            out["min_commitment"] = _minimum_value(value)
        case "tax":
            said = f"{head} {value}"
            status, pct, _ = conditions.tax(said)
            low = value.lower()
            if status is None:
                if re.search(
                    r"\b(?:excl|not incl|extra|net|não incl|no incl|sem|sin|plus|added)", low
                ):
                    status = "excluded"
                elif re.search(r"\b(?:incl|inclus|incluíd|incluid|gross)", low):
                    status = "included"
            if pct is None:
                found_pct = re.search(r"(\d{1,2}(?:[.,]\d+)?)\s?%", value)
                pct = conditions.whole(float(found_pct[1].replace(",", "."))) if found_pct else None
            out["tax"], out["tax_pct"] = status, pct
        case "storage" | "egress":
            amount = conditions.terabytes(
                f"{kind} {value}", conditions.STORAGE if kind == "storage" else conditions.EGRESS
            )
            if (
                amount is None
                and "TB" in head.upper()
                and re.fullmatch(r"\s*\d+(?:[.,]\d+)?\s*", value)
            ):
                amount = conditions.whole(float(value.replace(",", ".")))
            money_here = money.sums_in(value, context.style, context.dollar)
            if (
                amount is not None
                and not conditions.optional(value)
                and not money_here
                and not words.NOT_INCLUDED.search(value)
            ):
                out["included"] = {f"{kind}_tb": amount}
        case "support":
            if re.search(
                r"incl|free|gr[áa]tis|24|business|premium|standard|basic|enterprise|básic|padrão|estándar|8x5|9x5",
                value,
                re.IGNORECASE,
            ) and not re.search(
                r"[$€£%]|not incl|não incl|no incl|optional|opcional|extra", value, re.IGNORECASE
            ):
                out["included"] = {"support": value}
        case "host":
            if re.search(
                r"incl|yes|sim|sí\b|CPU|RAM", value + head, re.IGNORECASE
            ) and not re.search(r"not incl|\bno\b|não|extra", value, re.IGNORECASE):
                parts, _ = conditions.included(f"{value} included")
                out["included"] = (
                    {"host": True, **{k: v for k, v in parts.items() if k != "host"}}
                    if re.search(
                        r"host|CPU|RAM|server|servidor|yes|incl", value + " " + head, re.IGNORECASE
                    )
                    and (re.search(r"host|CPU|RAM", value + head, re.IGNORECASE))
                    else parts or None
                )
        case "discount":
            found_pct = re.search(r"(\d{1,2}(?:[.,]\d+)?)", value)
            if found_pct and re.search(r"%", value + head):
                out["discount_pct"] = conditions.whole(float(found_pct[1].replace(",", ".")))
    return {name: one for name, one in out.items() if one is not None}


def _prepay_value(head: str, value: str) -> dict[str, Any] | None:
    found = conditions.prepayment(
        f"{value} upfront"
        if re.search(
            r"pre|deposit|front|advance|entrada|adiant|antici|caução|sinal|down",
            head,
            re.IGNORECASE,
        )
        and not re.search(r"payment terms|condi", head, re.IGNORECASE)
        else value
    )
    if found:
        return dict(found.value)
    if re.match(r"\s*(?:none|no|nenhum|não|ninguno|0\s?%?)\b", value, re.IGNORECASE) and re.search(
        r"pre|deposit|front|advance|entrada|adiant|antici|caução|sinal", head, re.IGNORECASE
    ):
        return {"pct": 0}
    return None


def _minimum_value(value: str) -> dict[str, Any] | None:
    found = conditions.minimum("minimum " + value)
    if found:
        return dict(found.value)
    if re.match(r"\s*(?:none|no|nenhum|sem|sin|ninguno|n/a)\b", value, re.IGNORECASE):
        return {"value": 0, "unit": "none"}
    return None
