"""The conditions a quote states beside its price: notice, renewal, SLA, prepayment, tax, validity."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, NamedTuple

from bot.quotes import numbers
from bot.quotes.words import INCLUDED, NOT_INCLUDED, OPTIONAL
from knowledge.facts.units import MONTH

_I = re.IGNORECASE
_PCT = r"(?P<pct>\d{1,3}(?:[.,]\d{1,5})?)\s?%"
_N = rf"(?P<n>\d{{1,3}}|(?:{numbers.WORD})(?=[\s-]))(?:\s*\((?P<p>\d{{1,3}})\))?"
_SPAN = r"(?P<unit>days?|dias?|días?|weeks?|semanas?|months?|mes(?:es)?|mês)"
_DAYS = {"d": 1, "w": 7, "s": 7, "m": 30}


class Found(NamedTuple):
    value: Any
    words: str


def _search(pattern: str, text: str) -> re.Match[str] | None:
    return re.search(pattern, text, _I)


def _percent(raw: str) -> float:
    return float(raw.replace(",", "."))


def whole(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _sentence(text: str, start: int, end: int) -> str:
    """The clause around a finding, for "read from"."""
    left = (
        max(text.rfind("\n", 0, start), text.rfind(". ", 0, start), text.rfind("; ", 0, start)) + 1
    )
    rights = [
        at for at in (text.find("\n", end), text.find(". ", end), text.find("; ", end)) if at >= 0
    ]
    return text[left : min(rights, default=len(text))].strip(" .;-•*")[:200]


def notice(text: str) -> Found | None:
    """Days of notice for ending or not renewing."""
    patterns = (
        rf"{_N}[\s-]*(?:calendar\s|business\s)?{_SPAN}['’]?[ ]*(?:of\s)?(?:\([^)]{{1,12}}\)\s)?(?:corridos\s|naturais\s|naturales\s)?(?:de\s|prior\s|advance\s|previous\s|written\s|prior written\s|advance written\s)*(?:notice|aviso|preaviso|antecedência|antelación|anticipación|notificação|notificación)",
        rf"(?:notice(?: period)?|aviso(?: prévio)?|preaviso|antecedência|antelación|anticipación|pré-aviso)\b(?:\s+(?:of|de|mínim[ao]|period|por escrito|para [\wà-ü ]+|(?:de|for|of) (?:non-renewal|no renovación|não renovação|terminat\w+|rescis\w+|cancel\w+)|to [a-z ]+|is|é|es|com|con|a|at least|no mínimo|al menos|escrito|given|prior|:))*\s*[:=(]?\s*(?:of\s|de\s|com\s|pelo menos\s|at least\s|no mínimo\s)*{_N}[\s-]*(?:calendar\s|business\s)?{_SPAN}",
        rf"(?:cancel\w*|terminat\w+|rescind\w+|não renov\w+|no renov\w+|non-renewal|denunci\w+|opt[- ]out|give notice|rescis\w+|notif\w+)\b[^.\n;]{{0,60}}?{_N}[\s-]*{_SPAN}\s*(?:before|prior|antes|in advance|previos?|ahead)",
        rf"(?:unless|salvo|salvo que|a menos que|exceto se|unless either party)\b[^.\n;]{{0,80}}?{_N}[\s-]*{_SPAN}\s*(?:before|prior|antes|in advance|previos?)",
    )
    for pattern in patterns:
        for match in re.finditer(pattern, text, _I):
            around = text[max(0, match.start() - 60) : match.end() + 60]
            if re.search(
                r"maintenance|manuten|mantenimiento|price (?:change|increase)|(?:change|adjust|raise|modify|amend|increase|alter\w*|modificar|reajust\w+|actualizar) (?:the |our |its |any |os |las |los |sus )?(?:prices?|rates?|fees?|preços|tarifas|precios|valores)|suspens|breach|sub-?processor|increase|delivery|audit",
                around,
                _I,
            ) and not re.search(r"terminat|renew|renov|cancel|resci", around, _I):
                continue
            days = _days_of(match)
            if days is not None:
                return Found(days, _sentence(text, match.start(), match.end()))
    return None


def _days_of(match: re.Match[str]) -> int | None:
    n = int(match["p"]) if match["p"] else numbers.small(match["n"])
    return None if n is None else n * _DAYS[match["unit"][0].lower()]


def label_days(value: str) -> int | None:
    """Days in the value of a line labelled "notice": "60", "60 days", "2 months"."""
    match = re.search(rf"{_N}(?:[\s-]*{_SPAN})?", value + " ", _I)
    if not match:
        return None
    n = int(match["p"]) if match["p"] else numbers.small(match["n"])
    unit = (match["unit"] or "d")[0].lower()
    return None if n is None else n * _DAYS[unit]


_AUTO = r"(?:auto(?:matic(?:ally|o|a)?)?[- ]?renew\w*|renew\w*\s+(?:itself\s+)?automatic\w*|automatic(?:ally)?\s+(?:be\s+)?(?:renew\w*|extend\w*)|auto-?renov\w*|renova\w*[- ]*(?:se(?:-á)?\s*)?automatic\w*|renova\w*\s+(?:é\s)?automátic\w*|renovar-se-á automaticamente|renueva\w*\s+(?:de forma\s)?automátic\w*|renovación\s+(?:es\s)?automátic\w*|renovará\w*\s+automátic\w*|prorrog\w+\s+(?:de forma\s)?automátic\w*|prórroga (?:tácita|automática)|rolls? over|evergreen|renews? for|(?:se )?renueva por|renova(?:-se)? por|tácita (?:reconducción|recondução)|recondução tácita|renews? (?:by|unless|yearly|annually|monthly))"
_NO_AUTO = r"(?:(?:no|not|non|without|does not|will not|won't|doesn't|shall not|never|não|nao|sem|sin)\s+(?:(?:se|há|hay|haverá|existe|be|any|es|é|tem|tiene|habrá)\s+)*(?:auto\w*[- ]?\s?)?(?:renew\w*|renov\w*|renueva\w*|prorrog\w*|prórroga|automatic\w*\s+renew\w*|roll)|(?:auto[- ]?renew\w*|renewal|renovação(?: automática)?|renovación(?: automática)?)\s*[:=]?\s*(?:none|no|not|nenhuma|não|ninguna|n/a|is not|by (?:mutual )?(?:written )?agreement|only (?:by|upon)|mediante (?:acordo|acuerdo)|por acordo|por acuerdo)\b|(?:expires|ends|termina|finaliza|encerra)\w* (?:automatically )?(?:at|on|ao|al) (?:the )?(?:end|final|término|fim)[^.\n;]{0,40}(?:without|sem|sin|no |não )\s?(?:renew\w*|renov\w*|prórroga|prorrog\w*)?)"


def renewal(text: str) -> Found | None:
    match = next(
        (
            one
            for one in re.finditer(_NO_AUTO, text, _I)
            # "notice of non-renewal" says how it ends, not that it does not renew
            if not re.search(
                r"(?:notice|aviso|preaviso|antecedência|antelación|anticipación)\b[^.;\n]{0,20}$",
                text[max(0, one.start() - 40) : one.start()],
                _I,
            )
        ),
        None,
    )
    if match:
        return Found("none", _sentence(text, match.start(), match.end()))
    match = _search(_AUTO, text)
    if match:
        return Found("auto", _sentence(text, match.start(), match.end()))
    return None


def renewal_label(value: str) -> str | None:
    if _search(_NO_AUTO, "renewal: " + value) or re.match(
        r"\s*(?:no|none|não|nenhuma|ninguna|manual|by agreement|false|n)\b", value, _I
    ):
        return "none"
    if _search(_AUTO, value) or re.match(r"\s*(?:auto\w*|yes|sim|sí|si|true|y)\b", value, _I):
        return "auto"
    return None


_RISE = r"(?:price|prices|rate|rates|fee|fees|preços?|valor(?:es)?|tarifas?|precios?|reajuste|escalat\w+|uplift|increase[sd]?|adjust\w+|ajuste|incremento|correç\w+|index\w+|aumento)"


def price_rise(text: str) -> Found | None:
    fixed = _search(
        r"(?:prices?|rates?|fees?|preços?|precios?|tarifas?|valor(?:es)?)\b[^.\n;|]{0,30}\b(?:fixed|firm|locked|held|fix[oa]s?|firme|fij[oa]s?|congelad[oa]s?|garantid[oa]s?|protected|cerrad[oa]s?)\b(?!\s*(?:fee|storage|exchange|rate of))|\b(?:fixed|firm|locked)[- ](?:in )?(?:price|rate|pricing)s?\b(?!\s*(?:of\s)?(?:1\s|USD|EUR|exchange|US\$|R\$|€))|no (?:price )?(?:increase|escalat\w+|uplift|adjustment)|sem reajuste|sin (?:incremento|reajuste|ajuste|aumento|revisión)|(?:preço|precio) (?:é |es )?(?:fixo|fijo)|price (?:hold|lock|protection)",
        text,
    )
    if fixed:
        return Found({"kind": "fixed"}, _sentence(text, fixed.start(), fixed.end()))
    for match in re.finditer(
        r"\b(CPI(?:-U)?|IPCA|IGP-?M|IPC(?!\w)|HICP|RPI|INPC|INPP|consumer price index|índice de precios)\b",
        text,
    ):
        clause = _sentence(text, match.start(), match.end())
        if not re.search(_RISE + r"|linked|\+", clause, _I):
            continue
        name = {
            "consumer price index": "CPI",
            "índice de precios": "IPC",
            "IGPM": "IGP-M",
            "CPI-U": "CPI",
        }.get(match[1], match[1])
        after = text[match.end() : match.end() + 60]
        pct = re.search(
            r"(?:\+|plus|mais|más|capped at|up to|limitad[oa] a|max(?:imum|\.)?(?: of)?|máximo(?: de)?|cap|teto de|tope(?: del?)?|até|hasta)\s*(?:of\s|de\s|del\s|at\s)?(\d{1,2}(?:[.,]\d+)?)\s?%",
            after,
            _I,
        )
        value: dict[str, Any] = {"kind": "index", "index": name}
        if pct:
            value["pct"] = whole(_percent(pct[1]))
        return Found(value, clause)
    pattern = rf"(?:{_RISE})\b[^.\n;|%]{{0,60}}?{_PCT}(?P<after>[^.\n;|]{{0,40}})|{_PCT.replace('pct', 'pct2')}\s*(?:\w+\s){{0,3}}(?:annual\s|yearly\s|anual\s)?(?:escalator|uplift|(?:price )?increase|reajuste|incremento|aumento|escalation)(?P<after2>[^.\n;|]{{0,40}})"
    for match in re.finditer(pattern, text, _I):
        clause = _sentence(text, match.start(), match.end())
        if re.search(
            r"discount|desconto|descuento|SLA|uptime|availab|credit|VAT|IVA|tax|impost|upfront|prepay|deposit|entrada|antecip|anticip|dispon|penal|multa|late|atras|usage|usd\s*=|\bmín|minimum|sign|PO\b|due",
            clause,
            _I,
        ):
            continue
        if not re.search(
            r"increas|rise|escalat|uplift|adjust|reajust|increment|aument|ajust|corrig|sub(?:e|irá)|go(?:es)? up|rise|revis",
            clause,
            _I,
        ):
            continue
        rise = whole(_percent(match["pct"] or match["pct2"]))
        yearly = re.search(
            r"\b(?:per|a|each|every|por|ao|al|cada)\s(?:contract\s)?(?:year|annum|ano|año|12 months|anniversary|aniversário|aniversario)|annual|yearly|anual|\byear\b",
            clause,
            _I,
        )
        return Found({"kind": "pct_year" if yearly else "pct", "pct": rise}, clause)
    return None


def sla(text: str) -> Found | None:
    for match in re.finditer(r"(?P<pct>9\d(?:[.,]\d{1,5})?|100)\s?%", text):
        around = text[max(0, match.start() - 70) : match.end() + 60]
        if re.search(
            r"\b(?:SLA|uptime|availab\w+|disponibilidad\w*|nível de serviço|nivel de servicio|service level)\b",
            around,
            _I,
        ) and not re.search(r"remaining fees|of fees|discount", around, _I):
            return Found(whole(_percent(match["pct"])), _sentence(text, match.start(), match.end()))
    bare = _search(r"\b(?:SLA|uptime)\b[^.\n;|\d]{0,25}(?P<pct>9\d(?:[.,]\d{1,5})?)(?![\d%])", text)
    return (
        Found(whole(_percent(bare["pct"])), _sentence(text, bare.start(), bare.end()))
        if bare
        else None
    )


_UPFRONT = r"(?:up[- ]?front|prepa(?:y|id|yment)\w*|deposit|in advance|down payment|at signing|on signature|upon signature|at signature|on signing|with the order|with order|antecipad[oa]s?|adiantad[oa]s?|adiantamento|de entrada|entrada|na assinatura|à assinatura|caução|sinal|depósito|anticipo|por adelantado|anticipad[oa]s?|a la firma|al firmar|prepago|pré-pag\w+|fianza|advance(?: payment)?|en concepto de anticipo|de anticipo|de sinal|no ato)"


def prepayment(text: str) -> Found | None:
    none = _search(
        rf"\b(?:no|zero|without(?: any)?|nothing|sem|sin|não há|nenhum[a]?|nada)\s+(?:(?:se )?(?:requiere|exige|pide|solicita|exigimos|pedimos|requerimos)\s(?:de\s|un[ao]?\s|pago\s)*|se requiere\s|exige\s|required\s|de\s|é exigido\s)?(?:{_UPFRONT})",
        text,
    )
    if none:
        return Found({"pct": 0}, _sentence(text, none.start(), none.end()))
    for pattern in (
        rf"{_PCT}[ \t]*(?:[^.\n;|%\d]{{0,40}}?)\b{_UPFRONT}",
        rf"\b{_UPFRONT}\b[^.\n;|%]{{0,40}}?{_PCT}",
    ):
        match = _search(pattern, text)
        if match and not re.search(
            r"discount|desconto|descuento|\boff\b|rescis|terminat|cancel|multa|penal|resoluci",
            text[max(0, match.start() - 24) : match.end()],
            _I,
        ):
            return Found(
                {"pct": whole(_percent(match["pct"]))}, _sentence(text, match.start(), match.end())
            )
    for pattern in (
        rf"{_N}[\s-]*(?P<unit>months?|mes(?:es)?|mês|mensualidad(?:es)?|mensalidades?)\b['’]?s?[^.,\n;|\d]{{0,30}}?\b{_UPFRONT}",
        rf"\b{_UPFRONT}\b[^.\n;|%\d]{{0,30}}?{_N}[\s-]*(?P<unit>months?|mes(?:es)?|mês|mensualidad(?:es)?|mensalidades?)\b",
        r"\b(?:first|primer[oa]?|primeir[oa])\s(?P<unit>month|mes|mês|mensualidad|mensalidade)\b[^.\n;|\d]{0,30}?\b"
        + _UPFRONT,
    ):
        match = _search(pattern, text)
        if match and not re.search(
            r"billed|invoiced|fatura\w+ mensal|factura\w+ mensual|paid monthly|monthly in advance",
            match.group(),
            _I,
        ):
            named = match.groupdict()
            n = (
                int(named["p"])
                if named.get("p")
                else numbers.small(named["n"])
                if named.get("n")
                else 1
            )
            if n:
                return Found({"months": n}, _sentence(text, match.start(), match.end()))
    full = _search(
        r"\b(?:fully prepaid|(?:pa(?:id|yable)|payment|pay) (?:is due )?in full (?:up ?front|in advance)|full prepayment|entire term (?:up ?front|prepaid|in advance)|integralmente antecipad\w+|pago total por adelantado|100% prepaid|all upfront|totalmente antecipad\w+)\b",
        text,
    )
    return Found({"pct": 100}, _sentence(text, full.start(), full.end())) if full else None


def minimum(text: str) -> Found | None:
    none = _search(
        r"\b(?:no|sem|sin|without(?: any| a)?|zero)\s+(?:a\s)?(?:minimum|mínimo|min\.|compromisso mínimo|compromiso mínimo|consumo mínimo|minimum (?:commitment|usage|spend))\b",
        text,
    )
    if none:
        return Found({"value": 0, "unit": "none"}, _sentence(text, none.start(), none.end()))
    low = r"(?:minimum(?: (?:commitment|order|quantity|usage|use|block|consumption|billable usage|purchase|of))*|min\.?(?: order| commit| qty)?|at least|mínim[ao](?: de)?|MOQ|take[- ]or[- ]pay(?: of| at)?|compromisso mínimo(?: de)?|compromiso mínimo(?: de)?|pedido mínimo(?: de)?|consumo mínimo(?: de)?|uso mínimo(?: de)?|quantidade mínima(?: de)?|cantidad mínima(?: de)?)"
    match = _search(
        rf"\b{low}\s*(?:is|:|of|de|é|es|=)?\s*(?:de\s|of\s)?(?P<n>\d{{1,5}})\s*(?:[x×]\s)?(?:\w+\s)?(?:GPUs?|cards?|placas?|tarjetas?)",
        text,
    )
    if match:
        return Found(
            {"value": int(match["n"]), "unit": "gpu"}, _sentence(text, match.start(), match.end())
        )
    match = _search(
        rf"\b{low}[^.\n;|%\d]{{0,40}}?{_PCT}|{_PCT.replace('pct', 'pct2')}\s(?:minimum|mínimo|take[- ]or[- ]pay)",
        text,
    )
    if match and not re.search(
        r"SLA|uptime|availab|dispon", _sentence(text, match.start(), match.end()), _I
    ):
        return Found(
            {"value": whole(_percent(match["pct"] or match["pct2"])), "unit": "pct"},
            _sentence(text, match.start(), match.end()),
        )
    match = _search(
        rf"\b{low}[^.\n;|\d]{{0,30}}?(?P<n>\d{{1,4}})[\s-]*(?:days?|dias?|días?)(?!\w)(?!['’]?\s*(?:of\s)?(?:prior\s|written\s|de\s)*(?:notice|aviso|preaviso|antec|antel|before|prior))",
        text,
    )
    if match and not re.search(r"notice|aviso|preaviso", match.group(), _I):
        return Found(
            {"value": int(match["n"]), "unit": "day"}, _sentence(text, match.start(), match.end())
        )
    return None


_TAX = r"(?:VAT|GST|sales tax(?:es)?|taxes|tax|IVA|ISS|ICMS|impostos?|tributos|impuestos?|PIS/COFINS|PIS|COFINS)"


def tax(text: str) -> tuple[str | None, float | int | None, str]:
    """(`included`, `excluded` or None, the rate, words)."""
    without = _search(
        rf"\b(?:excl(?:uding|usive(?: of)?|udes?|\.)?|ex\.?|net of|before|without|plus|not includ\w+|exclusive of|do(?:es)? not include|sem(?: incluir)?|sin(?: incluir)?|mais|más|não inclu\w+|no inclu\w+|excluíd\w+|antes de|exceto|excepto|\+)\s*(?:the\s|any\s|applicable\s|local\s|os\s|los\s|el\s|o\s|all\s|de\s|\d{{1,2}}(?:[.,]\d+)?\s?%\s(?:of\s|de\s)?)*{_TAX}\b|{_TAX}\s*(?:\(?\d{{1,2}}(?:[.,]\d+)?\s?%\)?\s*)?(?:is\s|are\s|will be\s|são\s|é\s|será\s|se\s)?(?:excluded|not included|extra|excl\.?|added|to be added|adicion\w+|não inclu\w+|no inclu\w+|excluíd\w+|excluid\w+|à parte|aparte|por fora|payable in addition|on top|apply|applies|not incl\w*)",
        text,
    )
    within = _search(
        rf"\b(?<!not )(?<!não )(?<!no )(?:incl(?:uding|usive(?: of)?|udes?|uded|\.)?|with|inclu(?:i|indo|ye|yendo)|com|con|gross(?: of)?)\s*(?:the\s|any\s|all\s|applicable\s|os\s|los\s|el\s|o\s|todos os\s|de\s|\d{{1,2}}(?:[.,]\d+)?\s?%\s(?:of\s|de\s)?)*{_TAX}\b|{_TAX}\s*(?:\(?\d{{1,2}}(?:[.,]\d+)?\s?%\)?\s*)?(?:is\s|are\s|já\s|ya\s|todos\s|estão\s|están\s)*(?<!not )(?:included|incl\.?|inclus[oa]s?|incluíd[oa]s?|incluid[oa]s?|por dentro)",
        text,
    )
    pct = _search(
        rf"(?P<a>\d{{1,2}}(?:[.,]\d+)?)\s?%\s(?:of\s|de\s)?{_TAX}\b|{_TAX}\s*(?:extra\s|excluded\s|included\s|excl\.?\s|rate\s|at\s|of\s|de\s|del\s|a\s|al\s|\(|:|-)*\s?(?P<b>\d{{1,2}}(?:[.,]\d+)?)\s?%",
        text,
    )
    if pct is None and (without or within):
        pct = _search(
            r"\b(?:alíquota|alicuota|tax rate|rate|tasa|tipo)\s(?:total\s|of\s|de\s|del\s)*(?P<a>\d{1,2}(?:[.,]\d+)?)\s?%(?P<b>)",
            text[(without or within).start() : (without or within).end() + 60],  # type: ignore[union-attr]
        )
    rate = whole(_percent(pct["a"] or pct["b"])) if pct else None
    hit = without or within
    if hit is None:
        return None, rate, _sentence(text, pct.start(), pct.end()) if pct else ""
    return ("excluded" if without else "included"), rate, _sentence(text, hit.start(), hit.end())


_VALID = r"(?:valid(?:ity)?(?:\s(?:of|for|is|period|date|offer|quote))*(?:\s(?:until|through|till|to|thru|up to))?|expir\w+(?:\s(?:on|date))?|good (?:until|through|till)|open until|hold\w*(?: \w+)? (?:until|till?|through)|held until|(?:sign\w*|orders?(?: of [^.;]{1,20}?)?(?: placed)?|ordered|booked|confirm\w*|return\w*|counter-?sign\w*)(?: \w+)? (?:by|before|until|no later than)|(?:assinad[ao]s?|confirmad[ao]s?|firmad[ao]s?|aceit[ao]s?) até|(?:firm\w+|confirm\w+|acept\w+) antes del?|assin\w+ (?:até|antes d[eo])|firm until|accept\w* (?:by|until|before)|validade(?:\sd[aeo]\s\w+)*|válid[ao]s?(?:\s(?:até|por|hasta|durante))?|valido ate|vigente hasta|vigencia(?:\sde la (?:oferta|cotización))?|validez(?:\sde la \w+)?|vence(?:\sel|\sem)?|caduca(?:\sel)?|expira(?:\sem|\sel)?|lapses on|offer stands until|vale até|mantid[oa] até|se mantiene hasta)"


def valid_until(text: str, sent: date | None, day_first: bool | None) -> Found | None:
    for match in re.finditer(rf"\b{_VALID}\b", text, _I):
        after = text[match.end() : match.end() + 60].partition("\n")[0]
        found = numbers.days(after, day_first=day_first, today=sent)
        counted = re.match(
            rf"[\s:(]*(?:for\s|of\s|por\s|de\s)*{_N}[\s-]*{_SPAN}\s*(?:from|as of|after|a contar d[eo]|a partir d[eo]l?|contados? (?:desde|a partir de)|desde)\b",
            after,
            _I,
        )
        if counted and found:
            days = _days_of(counted)
            if days is not None and found[0].day:
                return Found(
                    (found[0].day + timedelta(days=days)).isoformat(),
                    _sentence(text, match.start(), match.end() + found[0].end),
                )
            continue
        if found and found[0].start < 40 and not re.search(r"[.;]\s", after[: found[0].start]):
            if found[0].day:
                return Found(
                    found[0].day.isoformat(),
                    _sentence(text, match.start(), match.end() + found[0].end),
                )
            continue
        span = re.match(
            rf"[\s:(]*(?:for\s|of\s|is\s|por\s|de\s|é de\s|es de\s|durante\s|the next\s|within\s|in\s|a period of\s)*{_N}[\s-]*(?:calendar\s)?{_SPAN}",
            after,
            _I,
        )
        if span and sent:
            days = _days_of(span)
            if days is not None and span["unit"][0].lower() != "m":
                return Found(
                    (sent + timedelta(days=days)).isoformat(),
                    _sentence(text, match.start(), match.end() + span.end()),
                )
    return None


def start(text: str, sent: date | None, day_first: bool | None) -> Found | None:
    """The day on which capacity is ready or the term begins."""
    cue = r"\b(?:start(?:s|ing)?(?: date)?(?: on| from)?|available(?: from| on)?|commenc\w+(?: on| date)?|ready(?: on| by| from)?|delivery(?: by| on| date)?|beginning(?: on)?|from|effective(?: date)?|go[- ]live|iníci\w*(?: em| previsto(?: para)?)?|inicia\w*(?: em| el)?|começ\w+(?: em)?|disponíve(?:l|is)(?: a partir de| em)?|a partir d[eo](?: dia)?|inicio(?: el| previsto(?: el)?)?|comienz\w+(?: el)?|disponibles?(?: desde| el| a partir del?)?|desde(?: el)?|entrega(?: em| el)?|com início em|con inicio el|a contar de|starting)\b"
    for match in re.finditer(cue, text, _I):
        after = text[match.end() : match.end() + 40].partition("\n")[0]
        found = numbers.days(after, day_first=day_first, today=sent)
        if (
            found
            and found[0].start <= 14
            and found[0].day
            and not re.search(r"[.;%]|[a-z]{6,}", after[: found[0].start])
        ):
            before = (
                text[max(0, match.start() - 25) : match.start()]
                .rpartition("\n")[2]
                .rpartition(". ")[2]
            )
            if re.search(
                r"valid|válid|email|message|mail of|quote|proposta|cotiza|oferta|letter|invoice|prices? (?:list )?(?:as )?$",
                before,
                _I,
            ):
                continue
            return Found(
                found[0].day.isoformat(), _sentence(text, match.start(), match.end() + found[0].end)
            )
    return None


def discount(text: str) -> Found | None:
    """A percentage off the list; not one for something else (prepayment, volume that may come)."""
    for match in re.finditer(
        rf"{_PCT}\s*(?:\w+\s){{0,3}}?(?:discount|off\b|desconto|descuento|de dto|rebate|reduction|below list)|\b(?:discount|desconto|descuento|rebate|dto\.?)\b\s*(?:of|de|:|del|-|=|applied)?\s*(?:of\s|de\s|del\s)?-?{_PCT.replace('pct', 'pct2')}",
        text,
        _I,
    ):
        clause = _sentence(text, match.start(), match.end())
        if re.search(
            r"\bif\b|\bse\s(?:pag|antecip|assin)|\bsi\s(?:se )?pag|prepa(?:y|id)|early payment|prompt payment|additional|further|another|adicional|next order|storage|egress|armazen|almacen|support|up to|até|hasta|could|may\b|renew",
            clause,
            _I,
        ):
            continue
        return Found(whole(_percent(match["pct"] or match["pct2"])), clause)
    return None


def included(text: str) -> tuple[dict[str, Any], str]:
    """Host, storage, egress and support that the price includes, and the words."""
    out: dict[str, Any] = {}
    said: list[str] = []
    for clause in _clauses(text):
        yes = bool(INCLUDED.search(clause)) and not NOT_INCLUDED.search(clause)
        if not yes or (
            re.search(r"\b(?:if|optional|opcional|VAT included)\b", clause, _I)
            and not re.search(r"TB|support|suporte|soporte|host|CPU", clause)
        ):
            continue
        before = len(out)
        for name, pattern in (("storage_tb", STORAGE), ("egress_tb", EGRESS)):
            amount = terabytes(clause, pattern)
            if amount is not None:
                out.setdefault(name, amount)
        if re.search(
            r"\b(?:host|CPUs?|vCPUs?|RAM|system memory|server|chassis|CPU/RAM|memória RAM|memoria RAM|servidor|anfitrión)\b",
            clause,
            _I,
        ) and not re.search(r"\bhosted\b", clause, _I):
            out.setdefault("host", True)
        match = re.search(
            r"(?:(?:24\s?[x/×]\s?7|business[- ]hours?|9x5|8x5|premium|basic|standard|enterprise|gold|silver|básico|estándar|padrão|premium|dedicated|dedicado|24h|horário comercial)[\w\s/-]{0,25}?)?\b(?:support|suporte|soporte)\b(?:\s(?:24\s?[x/×]\s?7|premium|básico|padrão|estándar|8x5|9x5|standard|enterprise|técnico|em horário comercial|technical)){0,3}",
            clause,
            _I,
        )
        if match:
            out.setdefault("support", match.group().strip())
        if len(out) > before:
            said.append(clause.strip()[:160])
    return out, "; ".join(said)


STORAGE = r"\b(?:storage|NVMe|armazenamento|almacenamiento|disco|disk|SSD|object store|Lustre|WEKA|file ?system)\b"
EGRESS = r"\b(?:egress|bandwidth|data transfer|outbound|traffic|transfer|saída|tráfego|tráfico|transferência|transferencia|salida)\b"


def terabytes(clause: str, what: str) -> float | int | None:
    """The terabytes that stand nearest to the word; None where none does."""
    word = re.search(what, clause, _I)
    if not word:
        return None
    best: tuple[int, float] | None = None
    for match in re.finditer(
        r"(?P<n>\d{1,4}(?:[.,]\d{1,3})?)\s?(?P<u>TB|TiB|PB|GB)(?![\w/-])(?!\s*/)", clause, _I
    ):
        gap = min(abs(match.start() - word.end()), abs(word.start() - match.end()))
        value = float(match["n"].replace(",", "."))
        value *= {"PB": 1000, "GB": 0.001}.get(match["u"].upper(), 1)
        other = re.search(EGRESS if what is STORAGE else STORAGE, clause, _I)
        if other and min(abs(match.start() - other.end()), abs(other.start() - match.end())) < gap:
            continue
        if gap < 40 and (best is None or gap < best[0]):
            best = (gap, value)
    return whole(best[1]) if best else None


def _clauses(text: str) -> list[str]:
    return [part for part in re.split(r"\n|(?<=[.;])\s+|;\s*", text) if part.strip()]


def optional(clause: str) -> bool:
    return bool(OPTIONAL.search(clause))


def month_hours(
    text: str, start_day: date | None, term: dict[str, Any] | None
) -> tuple[float, str]:
    """Hours of one month by this document: 730, unless it says otherwise; and the words."""
    match = re.search(
        r"\b(6\d\d|7[0-4]\d)(?:[.,]\d)?\s?(?:h\b|hours?|hrs?|horas?)\s*(?:/|per|a|por|each|al|ao|in a|=|\)|en un|em um|mensais|mensuales|month|mês|mes)|(?:month|mês|mes|mensal|monthly)\b[^.\n;|\d]{0,25}(?:=|of|de|as|com|con|at|por)\s*(6\d\d|7[0-4]\d)\s?(?:h\b|hours?|hrs?|horas?)|(?<![\d.,])(720|730|744)\s?(?:h|hours?|hrs?|horas?)\b",
        text,
        _I,
    )
    if match:
        return float(next(value for value in match.groups() if value)), match.group()
    calendar = re.search(
        r"\bcalendar months?|meses? (?:de )?calendário|mês calendário|mes(?:es)? (?:natural(?:es)?|calendario)|actual (?:days|hours) (?:in|of) (?:the|each) month|horas reais|horas reales\b",
        text,
        _I,
    )
    if calendar and start_day and term and term["unit"] in {"month", "year"}:
        months = int(term["value"]) * (12 if term["unit"] == "year" else 1)
        end = numbers.add_months(start_day, months)
        return (end - start_day).days * 24 / months, calendar.group()
    return MONTH, ""


def all_in(text: str, sent: date | None, day_first: bool | None) -> dict[str, Found]:
    """Every condition that a text states, by the field's name."""
    found: dict[str, Found | None] = {
        "notice_days": notice(text), "renewal": renewal(text), "price_rise": price_rise(text), "sla_pct": sla(text),
        "prepayment": prepayment(text), "min_commitment": minimum(text),
        "valid_until": valid_until(text, sent, day_first), "start": start(text, sent, day_first),
    }  # fmt: skip
    status, pct, said = tax(text)
    found["tax"] = Found(status, said) if status else None
    found["tax_pct"] = Found(pct, said) if pct is not None else None
    parts, words = included(text)
    found["included"] = Found(parts, words) if parts else None
    return {name: one for name, one in found.items() if one is not None}
