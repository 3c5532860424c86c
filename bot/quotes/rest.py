"""The fields beside the price, and the sums that follow from them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.quotes import conditions, money, spans, words
from bot.quotes.about import Context, Section
from bot.quotes.document import Document
from bot.quotes.labels import labelled_value
from bot.quotes.quote import Quote
from knowledge.facts.accelerators import variants


def fill(
    quote: Quote, section: Section, context: Context, document: Document, *, prices: bool = True
) -> None:
    """What the section says beside the price."""
    for kind, rows in section.labels.items():
        for one in rows:
            for name, value in labelled_value(kind, one.label, one.value, context).items():
                if name == "included":
                    merged = {**value, **(quote["included"] or {})}
                    quote.values["included"] = merged
                    quote.read_from.setdefault("included", one.words)
                elif name == "discount_pct" and not (
                    prices and quote["price"] and _price_is_list(quote, section, context)
                ):
                    continue
                else:
                    quote.put(name, value, one.words)
    text = section.prose
    if prices:
        if section.seller is not None:
            quote.put("seller", section.seller.raw, section.seller.raw)
            quote.seller_id = section.seller.id or quote.seller_id
        shared = len({one.values.get("seller", (None,))[0] for one in section.items}) > 1
        # A fee in a sentence with several sellers may be one's alone: then no sum is all in.
        quote.charges += [
            replace(one, unit="?", pct=None, amount=None) if shared else one
            for one in section.charges
        ]
        if (
            section.discount
            and quote["discount_pct"] is None
            and quote["price"]
            and _price_is_list(quote, section, context)
        ):
            quote.put("discount_pct", section.discount[0], section.discount[1])
    for name, found in conditions.all_in(text, context.sent, context.day_first).items():
        if name == "included":
            quote.values["included"] = {**found.value, **(quote["included"] or {})}
            quote.read_from.setdefault("included", found.words)
        else:
            quote.put(name, found.value, found.words)
    fabric = next(
        (
            match
            for match in words.INTERCONNECT.finditer(text)
            if not re.search(
                r"\b(?:no|not|without|sem|sin|optional|opcional|não)\s+(?:\w+\s)?$",
                text[max(0, match.start() - 16) : match.start()],
                re.IGNORECASE,
            )
            and not re.match(
                r"\s*(?:\w+\s)?(?:optional|opcional|add-on|not included|fee|surcharge)",
                text[match.end() : match.end() + 20],
                re.IGNORECASE,
            )
        ),
        None,
    )
    if fabric:
        quote.put("interconnect", fabric.group().strip(" ,.("), fabric.group())
    if quote["place"] is None:
        place = spans.place_in(text) or _place_alone(section)
        quote.put("place", place, place or "")
    number = re.search(
        r"\b(?:quote|quotation|proposal|offer|order form|proposta|cotação|cotización|oferta|orçamento|propuesta|presupuesto|devis|estimate|ref(?:erence|erência|erencia)?\.?)\s*(?:(?:no\.?|n[ºo°]\.?|number|nr\.?|núm\.?|número|ref\.?|id|comercial)\s*)*[:#]?\s*(?P<id>\d{1,4}-[A-Z0-9]{1,8}(?![\w-])|(?=[\w/-]*\d)[A-Z#][\w]*(?:[-/.]\w+)*|(?=[\w/-]*\d)\d{4,}(?:[-/]\w+)*)",
        text + "\n" + document.subject,
        re.IGNORECASE,
    )
    if (
        number
        and not re.match(r"(?:H|A|B|L|GB|MI|T|V)\d{1,3}[A-Z]*$|20\d\d-\d\d-\d\d$", number["id"])
        and number["id"][0].upper() == number["id"][0]
    ):
        quote.put("quote_number", number["id"].strip("#"), number.group())
    titled = re.search(
        r"(?i:\b(?:quote|quotation|proposal|offer|proposta|cotiza\w+|oferta)\b)[^\n(]{0,60}\((?P<id>[A-Z]{1,5}[-/]?\d[\w/-]*)\)",
        text,
    )
    if titled:
        quote.put("quote_number", titled["id"], titled.group())
    if document.sent and quote["date"] is None and prices:
        quote.put("date", document.sent.isoformat(), document.sent.isoformat())
    elif context.sent:
        quote.put("date", context.sent.isoformat(), context.sent.isoformat())


def _place_alone(section: Section) -> str | None:
    """A sentence that is nothing but a place, or a place in a title that names the card."""
    pieces = [piece.strip() for piece in re.split(r"[.\n]", section.prose)]
    alone = next((piece for piece in pieces if piece and piece == spans.place_among(piece)), None)
    titles = [line[0] for line in section.lines if len(line) == 1 and line[0]][:3]
    return alone or next(
        (
            found
            for one in titles
            if len(one) < 80 and spans.cards_in(one) and (found := spans.place_among(one))
        ),
        None,
    )


def _price_is_list(quote: Quote, section: Section, context: Context) -> bool:
    """The discount is off the price only where that price is the list's: no net price stands beside it."""
    said = quote.read_from.get("price", "")
    if re.search(
        r"\b(?:net|after|already|líquido|neto|com desconto|con descuento|discounted|reflects|já|ya|final)\b",
        said,
        re.IGNORECASE,
    ):
        return False
    listed = [one for one in section.items if one.role == "list"]
    mine = Decimal(quote["price"]["amount"])
    if section.discount:
        # Another sum less the discount is this price: it is the net one already.
        net = 1 - float(section.discount[0]) / 100
        sums = money.sums_in(section.prose[:20_000], context.style, context.dollar)
        if any(
            one.amount
            and one.amount != mine
            and abs(float(one.amount) * net - float(mine)) < 0.006 * float(mine)
            for one in sums
        ):
            return False
    if listed and all(one.sum.amount != mine for one in listed):
        return False
    return not (
        section.discount
        and re.search(
            r"\b(?:reflects|already|includes|incl\.|net of|after|já|ya|aplicad[oa]|considera)\b",
            section.discount[1],
            re.IGNORECASE,
        )
    )


_TAKES_OVER = re.compile(
    r"\b(?:(?:all |the )?(?:other|remaining|rest of (?:the )?)\s*(?:terms|conditions|items|commercials)?[^.\n]{0,40}(?:same|unchanged|as before|remain|stand|apply|as (?:in|per|quoted))|everything else[^.\n]{0,30}(?:same|unchanged|stays|remains|as)|same terms|terms (?:below|as below|unchanged)|otherwise (?:unchanged|as below|the same)|as per (?:my|our) (?:previous|last|earlier)|no other changes|demais (?:condições|termos)[^.\n]{0,40}|(?:o )?rest(?:o|ante)[^.\n]{0,30}(?:igual|mantid|mantém|inalterad|permanece)|mesmas condições|las demás condiciones|el resto[^.\n]{0,40}(?:igual|mantien|sin cambios|se mantiene)|mismas condiciones|resto de (?:las )?condiciones)\b",
    re.IGNORECASE,
)


def takes_over(document: Document) -> bool:
    return bool(document.earlier) and bool(_TAKES_OVER.search(document.text))


def _form_and_memory(quote: Quote, text: str) -> None:
    """A form or a size said apart from the card ("It is the SXM5 with 80 GB"), where only one is."""
    if quote["card"] is None or len({one.card for one in spans.cards_in(text)}) > 1:
        return
    forms = [
        (form, found.group()) for form, pattern in words.FORMS if (found := pattern.search(text))
    ]
    if len(forms) == 1:
        quote.put("form_factor", *forms[0])
    sizes = {one.memory_gb for one in variants(quote["card"]) if one.memory_gb}
    said = {
        size
        for clause in re.split(r"[.;\n]", text)
        if re.search(r"SXM|PCIe|VRAM|HBM|OAM|\bmem[oó]r", clause)
        for found in re.finditer(
            r"\b(\d{2,3})\s?GB\b(?!\s*(?:RAM|DDR|/s|storage|NVMe|system))", clause
        )
        if (size := float(found[1])) in sizes
    }
    if len(said) == 1:
        quote.put(
            "memory_gb", conditions.whole(next(iter(said))), f"{conditions.whole(said.pop())} GB"
        )


def finish(quote: Quote, context: Context) -> None:
    _form_and_memory(quote, context.text)
    start_day = date.fromisoformat(quote["start"]) if quote["start"] else None
    quote.month, _ = conditions.month_hours(context.text, start_day, quote["term"])
    for charge in quote.charges:
        charge.currency = charge.currency or (quote["price"] or {}).get("currency")
    quote.charges = list(
        {(one.kind, one.amount, one.pct, one.unit): one for one in quote.charges}.values()
    )
    quote.fx = _rate(context.text, (quote["price"] or {}).get("currency"))
    if (
        quote["price"]
        and quote["price"]["unit"] in {"node_hour", "node_month"}
        and not (quote.size or quote["gpus_per_machine"])
    ):
        quote.doubts.append("gpus_per_machine")
    quote.reckon()


def _rate(text: str, currency: str | None) -> Decimal | None:
    """US dollars for one unit of the currency, where the document itself agrees on a rate."""
    if currency in {None, "USD"}:
        return None
    assert currency is not None  # noqa: S101
    signs = {
        "BRL": r"(?:R\$|BRL|reais)",
        "EUR": r"(?:€|EUR|euros?)",
        "GBP": r"(?:£|GBP)",
        "MXN": r"(?:MX\$|MXN|pesos(?: mexicanos)?|\$)",
    }.get(currency, currency)
    dollars = r"(?:US\$|USD|U\$S|dólar(?:es)?|dolar|dollars?)"
    n = r"(\d{1,3}(?:[.,]\d{1,6})?)"
    for pattern, inverse in (
        (
            rf"(?:{dollars}\s?1(?:[.,]0+)?|\b1(?:[.,]0+)?\s?{dollars})\s?(?:=|:|equals|equivale a|a|são|é|≈|->)\s?(?:{signs})?\s?{n}\s?(?:{signs})?",
            True,
        ),
        (
            rf"(?:{signs}\s?1(?:[.,]0+)?|\b1(?:[.,]0+)?\s?{signs})\s?(?:=|:|equals|equivale a|a|≈|->)\s?(?:{dollars})?\s?{n}\s?(?:{dollars})?",
            False,
        ),
        (rf"\b{n}\s?{signs}\s?(?:/|per|por)\s?(?:1\s)?{dollars}", True),
        (rf"\b{n}\s?{dollars}\s?(?:/|per|por)\s?(?:1\s)?{signs}", False),
        (rf"{signs}\s?{n}\s?(?:/|per|por)\s?(?:1\s)?{dollars}", True),
        (rf"{dollars}\s?/\s?{signs}\s?(?:=|:|of|de|at)?\s?{n}", None if False else True),
        (rf"{signs}\s?/\s?{dollars}\s?(?:=|:|of|de|at)?\s?{n}", currency not in {"EUR", "GBP"}),
    ):
        match = re.search(pattern, text, re.IGNORECASE)
        if not match:
            continue
        around = text[max(0, match.start() - 80) : match.end() + 60]
        if re.search(
            r"PTAX|of the day|do dia|del día|on the invoice date|floating|indicative|reference only|indicativ|referenc|vigente na data|spot rate|approx",
            around,
            re.IGNORECASE,
        ) and not re.search(
            r"fix(?:ed|o|a)|agreed|fij[oa]|acordad|pactad|travad", around, re.IGNORECASE
        ):
            continue
        value = Decimal(match[1].replace(",", "."))
        if value > 0:
            return 1 / value if inverse else value
    return None
