"""What a document is, and what it says, as the JSON of `quartermaster quote --json`."""

from __future__ import annotations

import re
from typing import Any

from bot.quotes.document import Document, states_a_sum


def refused(code: str) -> dict[str, Any]:
    return {"status": "refused", "reason": code, "quotes": []}


def file(body: bytes, name: str = "") -> dict[str, Any]:
    """The reading of a file's bytes."""
    from bot.quotes import files, usage

    if body[:4] == b"PAR1":
        return refused("parquet")
    try:
        if usage.is_focus(body[:65536]):
            return usage.usage(body)
        return document(files.read(body, name), _raw(body, name))
    except (files.Refused, usage.UsageFault) as fault:
        return refused(str(fault))
    except files.Unreadable as fault:
        return {"status": "unreadable", "reason": fault.code, "quotes": []}


def _raw(body: bytes, name: str) -> str | None:
    """The text of a plain file as it is; None for others, whose text is what was read of them."""
    from bot.quotes import files

    if name.lower().endswith((".txt", ".md")):
        return files.decoded(body).replace("\r\n", "\n")
    return None


def text(pasted: str) -> dict[str, Any]:
    """The reading of pasted text."""
    from bot.quotes import files

    try:
        return document(files.from_text(pasted), pasted)
    except files.Refused as fault:
        return refused(fault.code)


_TITLE = re.compile(
    r"\b(?:agreement|terms (?:and|&) conditions|terms of (?:service|use)|master services?|msa|contract|addendum|contrato|condiciones (?:generales|particulares)|condições (?:gerais|particulares)|termos? (?:de|e)|términos y condiciones|aditivo|anexo|cláusulas?)\b",
    re.IGNORECASE,
)
_QUOTE_TITLE = re.compile(
    r"\b(?:quote|quotation|proposal|offer|order form|proposta|cotação|orçamento|oferta|cotización|propuesta|presupuesto)\b",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"\b(?:shall|hereby|hereto|herein|thereof|hereinafter|(?:this|the) agreement|the parties|either party|neither party|customer|provider|supplier|as partes|qualquer das partes|contratante|contratada|o contrato|este contrato|presente contrato|las partes|cualquiera de las partes|el cliente|el proveedor|el contrato|o cliente|o fornecedor)\b",
    re.IGNORECASE,
)


def document(read: Document, raw: str | None = None) -> dict[str, Any]:
    """Quotes and clauses of a document, and which of the two it is.

    `raw` is the text as it came, so that each clause's sentence is a piece of it.
    """
    from bot.quotes.assemble import quotes_of
    from bot.quotes.clauses import clauses

    quotes = [quote for quote in quotes_of(read) if quote["card"] or quote["price"]]
    if not any(quote["price"] for quote in quotes) and states_a_sum(read.subject):
        read = read._replace(lines=((read.subject,), (), *read.lines))
        quotes = [quote for quote in quotes_of(read) if quote["card"] or quote["price"]]
    priced = [quote for quote in quotes if quote["price"] or "price_unread" in quote.read_from]
    found = clauses(raw if raw is not None else read.text)
    stated = sum(1 for one in found.values() if one["status"] != "absent")
    out: dict[str, Any] = {"status": "quotes" if priced else "no_quote", "quotes": []}
    if priced:
        out["quotes"] = [quote.as_json() for quote in priced]
    if _is_contract(read, stated, priced=bool(priced)):
        out["status"] = "contract"
    if stated:
        out["clauses"] = found
    if read.told:
        out["left_out"] = list(dict.fromkeys(read.told))
    return out


def _is_contract(read: Document, stated: int, *, priced: bool) -> bool:
    """A text of clauses: by its title, or by how it speaks."""
    filled = [" ".join(line) for line in read.lines if any(line)]
    title = " ".join(line for line in filled[:4] if len(line) < 120)
    if priced and (_QUOTE_TITLE.search(title) or _QUOTE_TITLE.search(read.subject)):
        return False
    if _TITLE.search(title) and stated >= 1 and not (priced and stated < 3):
        return True
    legal = len(_LEGAL.findall(read.text))
    if priced:
        return legal >= 10 and stated >= 4
    return stated >= 1 and legal >= 2
