"""Who sells: by sender, signature, title, and the clouds that a text names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.quotes import layout, spans
from bot.quotes.about import is_rival
from bot.quotes.document import Document
from bot.quotes.layout import Line
from bot.quotes.quote import Quote


def from_mail(quote: Quote, document: Document, *, alone: bool) -> None:
    """Seller and reseller by sender, signature and the clouds that are named."""
    text = document.text
    resold = re.search(
        r"\b(?:authori[sz]ed |official )?(?:reseller|resell(?:ing)?|distributor|channel partner|revend\w+|distribuidor\w*|parceir[oa] (?:oficial|autorizad[oa])|socio (?:oficial|autorizado))\b[^.\n]{0,60}",
        text,
        re.IGNORECASE,
    )
    if quote["seller"]:
        if not quote.seller_id:
            named = spans.sellers_in(str(quote["seller"]))
            quote.seller_id = named[0].id if named else None
        if resold and quote["reseller"] is None:
            _reseller(quote, document)
        return
    named = [
        one for one in spans.sellers_in(f"{document.subject}\n{text}") if not is_rival(text, one)
    ]
    sender = spans.sellers_in(_company(document.sender) or "") if document.sender else []
    ids = list(dict.fromkeys(one.id for one in named))
    if sender and (sender[0].id in ids or not resold):
        best = next((one for one in named if one.id == sender[0].id), sender[0])
        quote.put("seller", best.raw, best.raw)
        quote.seller_id = best.id
    elif len(ids) == 1 and alone:
        own = _company(document.sender)
        if own and not resold and not _mentions_as_ours(text, named[0]):
            quote.put("seller", own, document.sender)
        else:
            quote.put("seller", named[0].raw, named[0].raw)
            quote.seller_id = named[0].id
    elif document.sender and _company(document.sender):
        quote.put("seller", _company(document.sender), document.sender)
    else:
        company = _signed(document.lines) or _titled(document.lines)
        if company:
            known = spans.sellers_in(company)
            quote.put("seller", company, company)
            quote.seller_id = known[0].id if known else None
    if resold and quote["seller"]:
        _reseller(quote, document)


def _mentions_as_ours(text: str, one: spans.Seller) -> bool:
    return bool(re.search(re.escape(one.raw), text))


_RESELLS = re.compile(
    r"(?P<name>[A-ZÁÉÍÓÚ][\w&'.-]*(?:\s[A-ZÁÉÍÓÚ][\w&'.-]*){0,3})\s*[,(–-]\s*(?:an?\s|your\s|the\s|su\s|seu\s)?(?:(?:authori[sz]ed|official|oficial|autorizad[oa])\s)?(?:reseller|distributor|channel partner|revendedor\w*|revenda|distribuidor\w*)",
)


def _reseller(quote: Quote, document: Document) -> None:
    said = _RESELLS.search(document.text)
    named = (
        re.sub(
            rf"^(?:{_DOCUMENT})\b.*?\b(?:from|by|de|da|do|por)\s",
            "",
            said["name"],
            flags=re.IGNORECASE,
        )
        if said
        else None
    )
    company = named or _company(document.sender) or _titled(document.lines)
    if company and company != quote["seller"]:
        quote.put("reseller", company, document.sender or company)


_FREE_MAIL = frozenset(
    "gmail outlook hotmail yahoo icloud proton protonmail example live mail uol bol terra".split()
)


_ROLE_WORDS = re.compile(
    r"\b(?:sales|team|commercial|account|manager|executive|quotes?|ventas|vendas|comercial|equipo|equipe|director|head|of|the|business|development|representative)\b",
    re.IGNORECASE,
)


def _company(sender: str) -> str | None:
    """The company of a sender: in brackets or after a comma, else the domain's name."""
    if not sender:
        return None
    known = spans.sellers_in(re.sub(r"[<>\"()]", " ", sender))
    if known:
        return known[0].raw
    bracket = re.search(
        r"\(([^)@]{2,40})\)|[,|–-]\s*([A-Z][^<@,|]{2,40}?)\s*<|\b(?:at|@|da|de|from)\s([A-Z][\w .&-]{2,40})\s*<",
        sender,
    )
    if bracket:
        name = next(value for value in bracket.groups() if value).strip(" \"'")
        if not _ROLE_WORDS.fullmatch(name):
            return name
    domain = re.search(r"@([\w-]+)(?:\.[\w-]+)*", sender)
    if domain and domain[1].lower() not in _FREE_MAIL:
        known = spans.sellers_in(domain[1]) or spans.sellers_in(domain[1].capitalize())
        shown = re.match(r"\s*\"?([A-Z][\w&. -]{2,40}?)\"?\s*<", sender)
        if shown and domain[1].lower().startswith(re.sub(r"\W", "", shown[1].lower())[:5]):
            return shown[1].strip()
        if known:
            from knowledge.facts.providers import provider

            row = provider(known[0].id)
            return row.short_name if row else known[0].raw
        return domain[1].capitalize()
    return None


_DOCUMENT = "CONFIDENTIAL|Confidential|SUBJECT|NDA|TERM|SHEET|Sheet|DRAFT|INVOICE|Pro|Proforma|AGREEMENT|Agreement|COMMERCIAL|COTIZACIÓN|COTAÇÃO|PROPOSTA|PRESUPUESTO|Recap|Summary|Renewal|Notes?|Quote|Quotation|Proposal|Offer|Order|Form|Price|Pricing|Budgetary|Estimate|Rate|Card|Statement|Work|Proposta|Comercial|Commercial|Cotização|Cotação|Cotización|Oferta|Orçamento|Propuesta|Presupuesto|Devis|Angebot|Item|Line|Subject|Re|Fwd|FW|Provider|Your|Our|Option|Note|Revised|Final|Update|UPDATE|PRICE|QUOTE|QUOTATION|OFFER|PROPOSAL|The|We|Hi|Hello|Dear|For|Estimad[oa]s?|Prezad[oa]s?|Olá|Hola|Thanks|Best|Kind|Regards|Terms|All|Spec|Sheet|Total|Hardware|Region|Product|Capacity|Reserved|Seller|Buyer|Customer|Client|Page|Date"
_NAME = r"[A-ZÁÉÍÓÚÇ][\w&'’.áéíóúãõâêôçñü-]*(?:\s(?:[A-ZÁÉÍÓÚÇ][\w&'’.áéíóúãõâêôçñü-]*|[A-Z]{2,}|&)){0,3}"
_CLOSING = re.compile(
    r"^\W*(?:(?:kind|best|warm|many)\s)?(?:regards|best|thanks|thank you|cheers|sincerely|yours (?:sincerely|truly)|atenciosamente|att|abraços?|abs|obrigad[oa]|cordialmente|saludos(?: cordiales)?|(?:un\s|reciba un\s)?(?:cordial\s)?saludo|gracias|quedo atent[oa]|quedamos atentos|ficamos à disposição|fico à disposição|à disposição)\b[\s,.!:–-]*(?P<rest>.*)$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    rf"@|https?:|www\.|\d|^(?:{_DOCUMENT})$|\b(?:sales|manager|executive|director|head|team|account|officer|lead|engineer|representative|consultant|president|founder|partner|ejecutiv[oa]|gerente|consultor\w*|equipe|equipo|vendas|ventas|comercial|diretor\w*|analista|specialist|CEO|CTO|COO|CFO|VP|GPU|GPUs|NVIDIA|AMD|USD|EUR|BRL|SLA|Inc|VAT)\b",
    re.IGNORECASE,
)


def _signed(lines: Sequence[Line]) -> str | None:
    """The company under a message, below the writer's own name; or a name alone at the very end."""
    filled = [[cell for cell in line if cell] for line in lines if any(line)]
    start = next(
        (
            at
            for at in range(len(filled) - 1, -1, -1)
            if len(filled[at]) == 1 and _CLOSING.match(filled[at][0])
        ),
        None,
    )
    if start is not None:
        match = _CLOSING.match(filled[start][0])
        parts = [
            match["rest"] if match else "",
            *(cell for line in filled[start + 1 : start + 8] for cell in line),
        ]
        names = [name for part in parts for name in _names(part)]
        return names[-1] if len(names) > 1 or (names and _COMPANY.search(names[0])) else None
    if not filled or len(filled[-1]) != 1:
        return None
    last = re.split(r"(?<=[.!;])\s+|\s[-–—]\s", filled[-1][0].strip())[-1].strip(" -–—.")
    lead = re.match(rf"(?P<name>{_NAME}),\s", filled[-1][0])
    if lead and len(filled) > 1 and len(filled[-1][0]) < 60 and _is_name(lead["name"]):
        return lead["name"]
    alone = len(filled) > 1 or last != filled[-1][0].strip()
    return last if alone and _is_name(last) else None


def _names(text: str) -> list[str]:
    """Pieces of a signature that may be a person's or a company's name."""
    return [
        piece
        for piece in (one.strip(" .") for one in re.split(r"[|,()•·/]|\s[-–—]\s|\.\s", text))
        if _is_name(piece)
    ]


def _is_name(text: str) -> bool:
    return (
        bool(re.fullmatch(_NAME, text))
        and not _NO_NAME.search(text)
        and not spans.known_place(text)
        and not spans.cards_in(text)
    )


def _headlined(first: str) -> str | None:
    """The company that a title begins with, or that it says the document is from."""
    said = re.search(
        rf"\b(?i:{_DOCUMENT})\b[^.:|]{{0,40}}?\s(?:by|from|de|da|do|por)\s(?P<name>{_NAME})", first
    )
    if said and _is_name(said["name"]):
        return said["name"]
    lead = re.match(
        rf"\W*(?P<name>{_NAME}?)\s*(?:[-–—:|,(]|$|\b(?i:offer|quote|quotation|proposal|price|pricing|oferta|proposta|cotiza\w+|cotaç\w+)\b)",
        first,
    )
    if lead and _is_name(lead["name"]) and not re.match(rf"(?:{_DOCUMENT})\b", lead["name"]):
        return lead["name"].strip(" .")
    return None


_COMPANY = re.compile(
    r"\b(?P<name>[A-Z][\w&'.-]*(?:\s[A-Z][\w&'.-]*){0,4}\s(?:Inc|LLC|Ltd|Ltda|GmbH|S\.?A(?:\.S)?|S\.?L|B\.?V|AS|AB|Oy|PLC|Cloud|Compute|AI|Labs|GPU|Systems|Networks|Datacenters?|Data Centers?|Technologies|Tech|Computing|Infrastructure|Hosting|Servers)\b\.?(?:\s(?:Inc|LLC|Ltd|Ltda|GmbH|S\.A\.|B\.V\.|AS)\b\.?)?)"
)


def _titled(lines: Sequence[Line]) -> str | None:
    """A company's name in the title or the signature."""
    filled = [line for line in lines if any(line)]
    first = "  ".join(cell for cell in filled[0] if cell) if filled else ""
    for line in (*filled[:6], *filled[-6:]):
        joined = " ".join(cell for cell in line if cell)
        if len(joined) > 90 or layout.labelled(line):
            continue
        sent = re.fullmatch(
            rf"\s*(?:From|De|Quoted by|Offered by|Prepared by|Elaborado por)\s*:\s*(?P<name>{_NAME})\s*",
            joined,
        )
        if sent and _is_name(re.sub(r"\s(?:Inc|LLC|Ltd)\b\.?", "", sent["name"])):
            return sent["name"].strip(" .")
        match = _COMPANY.search(
            re.sub(
                r"\b(?:Quote|Quotation|Proposal|Proposta|Cotización|Cotação|Oferta|Commercial|Comercial|Order Form|Regards|Best)\b",
                "",
                joined,
            )
        )
        if match and not re.search(
            r"\b(?:dear|hi|hello|prezad|olá|hola|estimad|to:|para:|prepared for|customer|client)",
            joined,
            re.IGNORECASE,
        ):
            return match["name"].strip()
    if not (filled and layout.labelled(filled[0])):
        name = _headlined(first if len(first) < 120 else first[:40])
        if name:
            return name
    return None
