"""Fees beside the card in prose: set-up, support, storage; what is metered or optional stays out."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.quotes import conditions, layout, money, numbers, words
from bot.quotes.about import Context, Section
from bot.quotes.money import Money, Unit
from bot.quotes.numbers import Style
from bot.quotes.quote import Charge


def note_charge(
    section: Section,
    role: str,
    one: Money,
    text: str,
    label: layout.Labelled | None,
    style: Style | None,
) -> None:
    """A fee beside the card: kept where it must be paid and is known in full."""
    if conditions.optional(text) or re.search(
        r"\b(?:waived|isent[ao]|exent[ao]|bonificad[ao]|dispensad[ao])\b", text, re.IGNORECASE
    ):
        return
    if re.search(
        r"\b(?:if|se|si|beyond|above|over|additional|excess|after the (?:first|included)|acima|adicional|excedente|exceso)\b",
        text[: one.start if one.start < len(text) else 0],
        re.IGNORECASE,
    ) and role in {"egress", "storage", "network"}:
        return
    if role == "egress" and one.unit.thing == "other":
        return
    # A fee has no thousandths: "12.000" is twelve thousand or not read.
    amount = one.amount
    if one.unit.thing is None and one.unit.time != "hour" and one.digits:
        again = money.amount_of(one.digits, style, Unit(time="month"))
        amount = again if again is None or amount is None or again > amount else amount
    if amount is None:
        section.charges.append(
            Charge(role, None, "?", text.strip()[:160], currency=one.currency, pct=None)
        )
        return
    unit = one.unit
    if label:
        unit = unit | money.units_in(label.label)
    name = charge_unit(unit, role)
    if unit.thing == "other":
        quantity = _quantity(text, one)
        if quantity is None:
            return  # metered: paid by use
        amount, name = (
            amount * quantity,
            "month" if unit.time in {"month", None} else unit.time or "month",
        )
    elif (
        re.search(
            r"\bper (?:deployment|cluster|order|contract)\b|\bone[- ](?:time|off)\b|\bonce\b|única|único|uma vez|una vez|one time",
            text,
            re.IGNORECASE,
        )
        and unit.time is None
    ):
        name = "once"
    section.charges.append(Charge(role, amount, name, text.strip()[:160], currency=one.currency))


def charge_unit(unit: Unit, role: str) -> str:
    if unit.time in {None, "term"}:
        if unit.thing in {"gpu", "node"} and unit.time is None:
            return unit.thing
        return "term" if unit.time else ("once" if role == "setup" else "?")
    if unit.thing in {"gpu", "node"}:
        return f"{unit.thing}_{unit.time}"
    return unit.time


def _quantity(text: str, one: Money) -> Decimal | None:
    """Terabytes or addresses that a rate per unit is for; in the rate's own unit."""
    rate = text[one.start - (one.start if one.start > len(text) else 0) :]
    per_tb = bool(re.search(r"(?:/|per|por)\s?(?:used\s)?T(?:i?)B", text, re.IGNORECASE))
    per_gb = bool(re.search(r"(?:/|per|por)\s?G(?:i?)B", text, re.IGNORECASE))
    del rate
    found = list(
        re.finditer(
            r"(?<![\w.,])(\d{1,6}(?:[.,]\d{3})*(?:[.,]\d)?)\s?(TB|TiB|PB|GB)(?![\w])(?!\s?-?(?:month|mo|mês|mes)\b)",
            text,
            re.IGNORECASE,
        )
    )
    if len(found) != 1 or per_tb == per_gb:
        return None
    value = numbers.decimal(
        found[0][1],
        "point"
        if "." not in found[0][1]
        else "comma"
        if re.fullmatch(r"\d{1,3}\.\d{3}", found[0][1])
        else "point",
    )
    if value is None:
        return None
    tera = {"T": Decimal(1), "P": Decimal(1000), "G": Decimal("0.001")}[found[0][2][0].upper()]
    return value * tera * (1 if per_tb else 1000)


def bare_setup(section: Section, sentence: str, context: Context) -> None:
    """A fee without a currency sign ("one-time setup 18,000"): in the currency of the prices."""
    match = re.search(
        r"(?<![\w.,])(\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{2})?|\d{3,6}(?:[.,]\d{2})?)(?![\w.,%]|\s?(?:GB|TB|GPU|h\b|hours|horas))",
        sentence,
    )
    if (
        match
        and len(sentence) < 80
        and words.ROLES["setup"].search(sentence)
        and not conditions.optional(sentence)
    ):
        amount = numbers.decimal(match[1], context.style)
        section.charges.append(
            Charge("setup", amount, "once" if amount is not None else "?", sentence.strip())
        )


_PCT_CHARGE = re.compile(
    r"(?:\b(?:support|suporte|soporte|managed services?)\b[^.;|\n%]{0,45}?(?P<a>\d{1,2}(?:[.,]\d+)?)\s?%|(?P<b>\d{1,2}(?:[.,]\d+)?)\s?%[^.;|\n%]{0,40}?\b(?:support|suporte|soporte)\b)",
    re.IGNORECASE,
)


def percent_charges(section: Section, sentence: str) -> None:
    match = _PCT_CHARGE.search(sentence)
    if (
        not match
        or conditions.optional(sentence)
        or re.search(
            r"discount|desconto|descuento|uptime|SLA|credit|upfront|prepay|advance|anticip|antecip|VAT|IVA|deposit",
            match.group(),
            re.IGNORECASE,
        )
    ):
        return
    if words.INCLUDED.search(match.group()) and not re.search(
        r"of (?:the )?(?:fees|monthly|list|compute|gpu)|d[oe] (?:valor|importe)|sobre",
        sentence,
        re.IGNORECASE,
    ):
        return
    pct = Decimal((match["a"] or match["b"]).replace(",", "."))
    section.charges.append(Charge("support", None, "pct", sentence.strip()[:160], pct=pct))


def note_discount(section: Section, sentence: str) -> None:
    found = conditions.discount(sentence)
    if found and section.discount is None:
        section.discount = (found.value, found.words)
