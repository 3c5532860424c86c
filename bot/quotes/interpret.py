"""What a document is, and what it says, as the JSON of `quartermaster quote --json`."""

from __future__ import annotations

import re
from typing import Any

from bot.quotes.document import Document


def refused(code: str) -> dict[str, Any]:
    return {"status": "refused", "reason": code, "quotes": []}


def file(body: bytes, name: str = "") -> dict[str, Any]:
    """The reading of a file's bytes."""
    from bot.quotes import files

    try:
        return document(files.read(body, name))
    except files.Refused as fault:
        return refused(fault.code)
    except files.Unreadable as fault:
        return {"status": "unreadable", "reason": fault.code, "quotes": []}


def text(pasted: str) -> dict[str, Any]:
    """The reading of pasted text."""
    from bot.quotes import files

    try:
        return document(files.from_text(pasted))
    except files.Refused as fault:
        return refused(fault.code)


_CONTRACT = re.compile(
    r"\b(?:master (?:services?|subscription|cloud) agreement|services? agreement|cloud agreement|hosting agreement|terms and conditions|terms of service|this agreement|the agreement|contrato de (?:prestação|prestación|serviços|servicios|locação|arrendamiento|fornecimento|suministro)|presente contrato|este contrato|condiciones generales|condições gerais|cláusula|clause \d|section \d|hereinafter|customer shall|provider shall|the parties|as partes|las partes|contratante|contratada|el cliente|el proveedor)\b",
    re.IGNORECASE,
)


def document(read: Document) -> dict[str, Any]:
    """Quotes and clauses of a document, and which of the two it is."""
    from bot.quotes.assemble import quotes_of

    quotes = quotes_of(read)
    kept = [quote for quote in quotes if quote["card"] or quote["price"]]
    priced = [quote for quote in kept if quote["price"] or "price_unread" in quote.read_from]
    out: dict[str, Any] = {"status": "quotes" if priced else "no_quote", "quotes": []}
    if priced:
        out["quotes"] = [quote.as_json() for quote in priced]
    if read.told:
        out["left_out"] = list(dict.fromkeys(read.told))
    return out
