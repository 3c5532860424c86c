"""What a piece of a document names: cards, numbers of them, lengths of time, places, sellers."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from bot.quotes import numbers, words
from knowledge.facts import bundled
from knowledge.facts.accelerators import resolve, settled_memory, variants

_SEP = r"[\s_-]?"
_NUMBER_NAMES = "4090|3090|5090|4080|3080|5080"


class Card(NamedTuple):
    card: str
    memory_gb: float | None
    form: str | None
    raw: str
    start: int
    end: int
    gpus: int | None = None
    """GPUs of the machine where an instance name states them."""
    machine: str | None = None
    seller: str | None = None


@cache
def _card_pattern() -> re.Pattern[str]:
    from knowledge.facts.accelerators import table

    spellings: set[str] = set()
    for row in table():
        for spelling in (row.canonical, *row.aliases):
            parts = re.findall(r"[A-Za-z]+|\d+", spelling)
            if not parts or (len(parts) == 1 and parts[0].isdigit()) or len("".join(parts)) < 2:
                continue
            if spelling.lower() in {"ironwood", "rubin", "trillium"} or len(parts) > 6:
                continue
            spellings.add(_SEP.join(re.escape(part) for part in parts))
    body = "|".join(sorted(spellings, key=len, reverse=True))
    return re.compile(
        rf"(?:(?<![A-Za-z0-9])|(?<=\d[xX]))(?:NVIDIA[\s-]+|AMD[\s-]+|Intel[\s-]+|Habana[\s-]+|GeForce[\s-]+|Tesla[\s-]+|Instinct[\s-]+|HGX[\s-]+|DGX[\s-]+)*(?P<name>{body}|(?<![\d.,$€£])(?:RTX{_SEP})?(?:{_NUMBER_NAMES})(?![.,]?\d|\s?(?:%|hours|GB|USD|EUR|€)))"
        rf"(?=[^A-Za-z0-9]|$|x\d|SXM|PCIe|NVL|s(?![A-Za-z0-9]))(?P<tail>s?(?:[\s_/,(-]{{0,3}}(?:SXM\d?|PCIe|PCI-E|NVL(?!\s?\d)|OAM|HBM\d?e?|\d{{2,3}}\s?(?:GB|GiB|G)(?![\w/])(?!\s*(?:/s|RAM|of RAM|system|storage|NVMe))|HGX|Tensor Core|VRAM|GPU)(?![a-z]))*)",
        re.IGNORECASE,
    )


@cache
def _machines() -> dict[str, tuple[str, float | None, int, str | None, str]]:
    return {
        row["instance_type"].lower(): (
            row["accelerator"], bundled.number(row["memory_gb"]), int(float(row["count"])), row["form_factor"] or None, row["provider"],
        )
        for row in bundled.rows("machines")
        if row["accelerator"] and float(row["count"] or 0).is_integer() and float(row["count"] or 0) > 0
    }  # fmt: skip


_INSTANCE = re.compile(
    r"(?<![\w.])(?:ml\.)?(?:Standard_)?[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+){1,5}(?![\w])"
)


def cards_in(text: str) -> list[Card]:
    """The cards of a text in order, each with the memory and form that stand at it."""
    found: list[Card] = []
    for match in _INSTANCE.finditer(text):
        name = match.group()
        low = name.lower().removeprefix("ml.")
        row = _machines().get(low) or _machines().get(f"standard_{low}")
        if row:
            card, memory, gpus, form, seller = row
            found.append(
                Card(card, memory, form, name, match.start(), match.end(), gpus, name, seller)
            )
    for match in _card_pattern().finditer(text):
        if any(one.start <= match.start() < one.end for one in found):
            continue
        name = match["name"]
        if re.fullmatch(_NUMBER_NAMES, name):
            name = f"RTX {name}"
        named = resolve(name) or resolve(re.sub(r"[\s_-]", "", name))
        if named is None:
            continue
        if (
            named.canonical
            in {"A2", "P4", "T4", "L4", "A10", "A16", "A30", "A40", "L40", "M60", "K80", "P40"}
            and not name[0].isupper()
            and not re.search(
                r"\d\s*x\s*$|nvidia", text[max(0, match.start() - 8) : match.start()].lower()
            )
        ):
            continue
        tail = match["tail"] or ""
        stated = re.search(r"(\d{2,3})\s?(?:GB|GiB|G)\b", tail, re.IGNORECASE)
        size = settled_memory(named.canonical, float(stated[1])) if stated else named.memory_gb
        whole = match.group("name") + tail
        form = next(
            (form for form, pattern in words.FORMS if pattern.search(whole)), named.form_factor
        )
        if (
            stated
            and {card.memory_gb for card in variants(named.canonical)}
            and float(stated[1])
            > 1.6 * max((card.memory_gb or 0) for card in variants(named.canonical))
        ):
            size = named.memory_gb  # the sum of a node's cards, not one card's
        machine, of_machine = _named_machine(match.group(), text[match.end() : match.end() + 8])
        found.append(
            Card(
                named.canonical,
                size,
                form,
                match.group().strip(),
                match.start(),
                match.end(),
                of_machine,
                machine,
            )
        )
    return sorted(found, key=lambda one: one.start)


_BOARD = re.compile(r"\b(?P<board>HGX|DGX|MGX)[\s-]+(?:NVIDIA\s)?(?P<rest>\w+)", re.IGNORECASE)


def _named_machine(raw: str, after: str) -> tuple[str | None, int | None]:
    """The machine that a card's name is part of ("DGX H100", "GB200 NVL72"), and its GPUs where it has one size."""
    rack = re.match(r"(?:[\s-]?NVL\s?(72|36))\b", after) or re.search(r"NVL\s?(72|36)\b", raw)
    if rack:
        return (
            f"{raw.strip()} {rack.group().strip()}" if rack.string is after else raw.strip(),
            int(rack[1]),
        )
    board = _BOARD.search(raw)
    if board:
        return f"{board['board']} {board['rest']}", 8 if board["board"].upper() == "DGX" else None
    return None, None


# -- counts ------------------------------------------------------------------------------------

_N = rf"(?:\d{{1,3}}(?:[.,]\d{{3}})+|\d{{1,5}}|\b(?:{numbers.WORD}))"
_GPU_WORD = r"(?:GPUs?|accelerators?|cards?|placas?|aceleradora?s?|tarjetas?|aceleradores|chips)"
_NODE_WORD = r"(?:nodes?|servers?|machines?|hosts?|boxes|box|instances?|VMs?|nós|nó|nodos?|servidor(?:es)?|máquinas?|instâncias?|instancias?|chassis|systems?|sistemas?|equipos?|racks?)"
_NODES_OF = re.compile(
    rf"(?<![\w.,$€£-])(?P<nodes>{_N})\s*(?:[x×]\s*)?(?:(?:dedicated|bare[- ]metal|HGX|DGX|GPU|full|identical|whole|NVIDIA|physical|\w{{1,3}}00)\s+){{0,3}}{_NODE_WORD}\s*(?:(?:,\s*)?(?:each\s|cada (?:um[a]?|uno)\s)?(?:of|with|de|com|con|à|a|having|contendo)\s+|[x×(,@–-]\s*|\s(?:each|cada)\s(?:with|com|con)\s)\s*(?P<per>\d{{1,2}})(?!\s?(?:months|meses|%|TB|GB|hours))\s*(?:[x×-]\s*)?(?=\s|\x01|{_GPU_WORD}|[A-Z]|\)|$)",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?<![\w.,$€£])(?P<nodes>\d{1,4})\s*[x×]\s*(?P<per>\d{1,2})\s*[x×-]?\s*(?=\x01|\s?(?:GPU|H\d00|B\d00|A100))",
    re.IGNORECASE,
)
_NODES_CARD = re.compile(
    rf"(?<![\w.,$€£-])(?P<nodes>{_N})\s*[x×]?\s*(?:(?:dedicated|bare[- ]metal|HGX|DGX|GPU|full|identical|whole|reserved|physical|bm)\s+){{0,3}}(?:\x01\s*)?{_NODE_WORD}(?!\w)",
    re.IGNORECASE,
)
_PER_NODE = re.compile(
    rf"(?<![\w.,$€£])(?P<per>\d{{1,2}})\s*(?:[x×]\s*)?(?:\x01|{_GPU_WORD})?\s*(?:{_GPU_WORD}\s*)?(?:/|per|por|each|a|in each|en cada|em cada|cada)\s*(?:each\s)?{_NODE_WORD}(?!\w)|(?<![\w.,$€£])(?P<per2>\d{{1,2}})[\s-]?(?:GPU|x|way|placas|tarjetas)s?[\s-]+(?:\x01\s+)?(?:HGX\s+|DGX\s+|bare[- ]metal\s+)*{_NODE_WORD}(?!\w)|(?P<per4>\d{{1,2}})\s?[x×]\s?\x01\s+(?:(?:HGX|DGX|bare[- ]metal)\s)*{_NODE_WORD}(?!\w)|{_NODE_WORD}\s*(?:of|with|de|com|con|\(|x|×)\s*(?P<per3>\d{{1,2}})\s*[x×]?\s*(?:\x01|{_GPU_WORD})|(?P<per5>\d{{1,2}})\s*[x×]?\s*{_GPU_WORD}\s*(?:each|cada|apiece)",
    re.IGNORECASE,
)
_BEFORE_CARD = re.compile(
    rf"(?<![\w.,$€£/-])(?P<n>{_N})\s*(?:[x×*]\s*|units?\s(?:of\s)?|unidades?\s(?:de\s)?|pcs\.?\s|cards?\s|GPUs?\s(?:of\s|de\s|tipo\s)?|placas?\s(?:de\s|da\s)?|tarjetas?\s(?:de\s)?|dedicated\s|reserved\s|de\s(?:las\s)?|\s|-\s?)?\s*(?:(?:of|de|the|dedicated|reserved|new)\s)?\x01",
    re.IGNORECASE,
)
_AFTER_CARD = re.compile(
    rf"\x01\s*(?:{_GPU_WORD})?\s*(?:[,(]\s*)?(?:[x×*]\s*(?P<n>{_N})(?![\w.]|\s?(?:GB|TB|months|meses))|(?:qty|quantity|qtd|cantidad|quantidade|cant)\.?\s*:?\s*(?P<n2>{_N}))",
    re.IGNORECASE,
)
_OF_GPUS = re.compile(
    rf"(?<![\w.,$€£/-])(?P<n>{_N})[\s-]*(?:[x×]\s*)?(?:(?:dedicated|reserved|NVIDIA|AMD|total)\s)?{_GPU_WORD}(?![\w-]|\s?(?:-|/|per\s|por\s|[xx]\s?\d)?\s?(?:hours?|horas?|h\b|months|mes))(?!\s*(?:/|per|por)\s*{_NODE_WORD})",
    re.IGNORECASE,
)
_VOLUME = re.compile(
    rf"(?<![\w.,$€£/-])(?P<a>\d{{1,5}})\s*(?:-|–|—|\bto\b|\ba\b|\baté\b|\bhasta\b)\s*(?P<b>\d{{1,5}})\s*(?={_GPU_WORD}|\x01|unidades|units)|(?:from|above|over|≥|>=?|more than|acima de|a partir de|mais de|más de|desde|at least|mínimo)\s*(?P<c>\d{{1,5}})\s*\+?\s*(?={_GPU_WORD}|\x01)|(?<![\w.,$€£/-])(?P<d>\d{{1,5}})\s*(?:\+|or more|and (?:up|above|more)|ou mais|o más|y más|e acima|en adelante)\s*(?={_GPU_WORD}|\x01|$|[:|)])|(?<![\w.,$€£/-])(?P<k>\d{{1,5}})\s*{_GPU_WORD}\s*(?:\+|or more|and (?:up|above|more)|ou mais|o más|y más|e acima|en adelante)|(?:up to|fewer than|até|hasta|under|below|<|≤)\s*(?P<e>\d{{1,5}})\s*(?={_GPU_WORD}|\x01)|(?<![\w.,$€£/-])(?P<f>\d{{1,5}})\s*(?:\+|or more|and (?:up|above|more)|ou mais|o más)\s*{_GPU_WORD}|{_GPU_WORD}\s*(?P<g>\d{{1,5}})\s*(?:-|–|to|a)\s*(?P<h>\d{{1,5}})",
    re.IGNORECASE,
)


_OF_BOARD = re.compile(
    r"\x01\s*(?:[(,:–-]\s*|with\s|de\s|com\s|con\s)(?P<per>[48])\s*[x×]?\s*(?:GPUs?\b|\x01)",
    re.IGNORECASE,
)
"""The size of a machine beside its name: "HGX H200 (8 GPUs)", "HGX H100: 8x H100"."""


class Counts(NamedTuple):
    count: int | None = None  # type: ignore[assignment]
    per: int | None = None
    """GPUs of one machine."""
    nodes: int | None = None
    low: int | None = None
    high: int | None = None
    raw: str = ""


_SPELT = re.compile(
    rf"\b(?:{numbers.WORD}|[a-zà-ü]+(?:-[a-z]+)?)\s\((\d{{1,4}})\)(?=\s)", re.IGNORECASE
)
"""A number in words and in figures: "sixteen (16) nodes"."""


def counts_in(text: str, cards: list[Card] | None = None) -> Counts:
    """How many GPUs a piece of text states, and how they are grouped."""
    cards = cards_in(text) if cards is None else cards
    marked = _SPELT.sub(r"\1", _marked(text, cards))
    count = per = nodes = low = high = None
    raw = ""
    volume = _VOLUME.search(marked)
    if volume:
        part = volume.groupdict()
        raw = volume.group().replace("\x01", "").strip()
        first = part["a"] or part["g"]
        if first:
            low, high = int(first), int(part["b"] or part["h"])
            if low >= high:
                low = high = None
        elif part["e"]:
            high = int(part["e"])
        else:
            low = int(part["c"] or part["d"] or part["f"] or part["k"])
        if low is not None or high is not None:
            return Counts(None, None, None, low, high, raw)
    match = _NODES_OF.search(marked) or _TIMES.search(marked)
    if match:
        nodes, per = numbers.small(match["nodes"]), int(match["per"])
        if nodes and nodes > 1 and "(" in match.group() and per in {8 * nodes, 4 * nodes}:
            per //= nodes  # "4 nodes (32 GPUs)" is a sum
        if nodes and per in {1, 2, 4, 8, 16, 36, 72}:
            return Counts(nodes * per, per, nodes, raw=_shown(match, text, marked, cards))
        nodes = per = None
    match = _PER_NODE.search(marked)
    if match:
        size = next(int(value) for value in match.groups() if value)
        if size in {1, 2, 4, 6, 8, 10, 16, 36, 72}:
            per, raw = size, match.group().replace("\x01", cards[0].raw if cards else "").strip()
            marked = (
                marked[: match.start()]
                + " " * (match.end() - match.start())
                + marked[match.end() :]
            )
    match = _OF_BOARD.search(marked) if any(one.machine for one in cards) else None
    if match and per is None:
        per, raw = int(match["per"]), match.group().replace("\x01", cards[0].raw)
        marked = marked[: match.start("per")] + " " * len(match["per"]) + marked[match.end("per") :]
    if per is None:
        per = next((one.gpus for one in cards if one.gpus), None)
    match = _NODES_CARD.search(marked)
    if match:
        nodes = numbers.small(match["nodes"])
        raw = raw or match.group().replace("\x01", cards[0].raw if cards else "").strip()
        marked = (
            marked[: match.start()] + " " * (match.end() - match.start()) + marked[match.end() :]
        )
    for pattern in (_BEFORE_CARD, _AFTER_CARD, _OF_GPUS):
        match = pattern.search(marked)
        if match:
            n = numbers.small(next(value for value in match.groups() if value))
            if n and n < 200_000:
                count = n
                raw = match.group().replace("\x01", cards[0].raw if cards else "").strip()
                break
    instances = next((one for one in cards if one.gpus), None)
    if instances and count is not None and per and "GPU" not in raw.upper():
        nodes, count = count, count * per  # "4x p5.48xlarge" counts machines
    if count is None and nodes and per:
        count = nodes * per
    if (
        per is None
        and nodes
        and count
        and count % nodes == 0
        and count // nodes in {1, 2, 4, 8, 16, 36, 72}
    ):
        per = count // nodes
    return Counts(count, per, nodes, raw=raw)


def _shown(match: re.Match[str], text: str, marked: str, cards: list[Card]) -> str:  # noqa: ARG001
    return match.group().replace("\x01", cards[0].raw if cards else "").strip()


def _marked(text: str, cards: list[Card]) -> str:
    """The text with each card's name as one sign, so that its digits are no count."""
    out, at = [], 0
    for one in cards:
        out.append(text[at : one.start])
        out.append("\x01")
        at = max(at, one.end)
    out.append(text[at:])
    return "".join(out)


# -- lengths of time -----------------------------------------------------------------------------

_UNITS = {
    "hour": r"hours?|hrs?|horas?", "day": r"days?|dias?|días?", "week": r"weeks?|wks?|semanas?",
    "month": r"months?|mos?|mths?|mês|mes|meses|M(?![\w$])", "year": r"years?|yrs?|anos?|años?|Y(?!\w)",
    "quarter": r"quarters?|trimestres?",
}  # fmt: skip
_LENGTH = re.compile(
    rf"(?<![\w.,$€£/])(?P<n>\d{{1,4}}|(?:{numbers.WORD}|a|an|half|meio|medio)(?=[\s-]))(?:\s*\([\w\s-]{{1,28}}\))?[\s-]*(?:full |calendar |consecutive |-?)?(?P<unit>{'|'.join(f'(?P<{name}>{pattern})' for name, pattern in _UNITS.items())})(?!\w)",
    re.IGNORECASE,
)
_NO_TERM_BEFORE = re.compile(
    r"(?:\b(?:every|each|cada|per)\s$|\b(?:notice|aviso|preaviso|valid(?:ity)?|validade|válid[ao]|validez|vigente|net|within|lead[- ]?time|prazo de (?:entrega|pagamento|aviso)|plazo de (?:entrega|pago|preaviso)|entrega|delivery|payable|payment|pago|pagamento|renew\w*|renov\w+|prorrog\w+|successive|additional|further|last|past|preceding|previous|first|primer\w*|últim\w+|liability|retain\w*|after|following|within|em até|no prazo de|dentro de|expires? in|response|support|replace\w*|minimum notice|cap\w* at|deposit|depósito|prepa\w+|upfront|advance|adiantad\w*|anticipad\w*|antecip\w+|caução|fianza|warranty|delay|start|starts|ship|ships|available in|disponível em|disponible en|days of|SLA|invoice[ds]?|fatura\w*|factura\w*|old|over the last|for the next|release|retention|from signature|data retention)\b[^.;|]{0,22}$)",
    re.IGNORECASE,
)
_NO_TERM_AFTER = re.compile(
    r"^(?:['’]?\s*(?:s\b)?\s*(?:of\s)?(?:\(\w+\)\s)?(?:prior |written |advance |previous |de )?(?:notice|aviso|preaviso|antecedência|antelación|anticipación|anteced\w+|after|before|antes|depois|después|ago|free|grátis|gratis|in advance|upfront|prepa\w+(?! (?:commitment|term|contract|reserv))|adiantad\w+|por adelantado|anticipad\w+|antecipad\w+|of (?:fees|charges|prepay\w*|deposit)|fees|prior|deposit|de (?:depósito|caução|fianza|anticipo|entrada|faturas?|garant\w+)|net|a day|per day|por dia|lead|response|from (?:order|signature|PO|receipt)|from the date|desde la (?:fecha|firma|recepción)|a partir d[ao] (?:data|assinatura|pedido|recebimento)|payment terms|upon|of receipt|old|to pay|corridos|úteis|hábiles|naturales|each|x\s?\d|\)\s*(?:prior|notice))\b)",
    re.IGNORECASE,
)
_TERM_CUE = re.compile(
    r"\b(?:term|commit\w*|contract|reserv\w+|for|over|during|lease|initial|period|prazo|por|de|durante|contrato|vigência|vigencia|plazo|compromisso|compromiso|duración|duração|reserva|a|duration|pre[çc]o|price|quote|minimum)\b[^.;]{0,25}$",
    re.IGNORECASE,
)


class Length(NamedTuple):
    value: int
    unit: str
    raw: str
    start: int
    end: int
    cued: bool


def terms_in(text: str) -> list[Length]:
    """Lengths of a contract: not those of a notice, a validity, a payment or a delivery."""
    found = []
    for match in _LENGTH.finditer(text):
        before, after = (
            text[max(0, match.start() - 45) : match.start()],
            text[match.end() : match.end() + 40],
        )
        word = match["n"].lower()
        n = 1 if word in {"a", "an", "half", "meio", "medio"} else numbers.small(word)
        if n is None or n == 0:
            continue
        unit = next(name for name in _UNITS if match[name])
        if word in {"a", "an", "um", "uma", "un", "una", "one"} and unit in {"hour", "day"}:
            continue
        if (
            unit == "year"
            and n == 1
            and re.search(r"\b(?:half|meio|medio)[\s-]*$", before, re.IGNORECASE)
        ):
            n, unit = 6, "month"
        if word in {"half", "meio", "medio"}:
            if unit != "year":
                continue
            n, unit = 6, "month"
        renews = re.search(
            r"\b(?:propose|offer|propomos|oferecemos|proponemos|ofrecemos)\b.{0,24}\b(?:renew|renov)\w*[^.;]{0,14}$",
            before,
            re.IGNORECASE,
        )
        if (_NO_TERM_BEFORE.search(before) and not renews) or _NO_TERM_AFTER.match(after):
            continue
        cued = bool(_TERM_CUE.search(before)) or bool(
            re.match(
                r"[\s-]*(?:term|commit\w*|contract|reserv\w+|minimum|prazo|contrato|plazo|lease|de (?:contrato|compromiso|compromisso|permanencia|reserva|prazo|plazo|duración|vigência)|fixed|fixo)",
                after,
                re.IGNORECASE,
            )
        )
        if unit == "quarter":
            n, unit = n * 3, "month"
        if unit in {"hour", "day", "week"} and not cued:
            continue
        if unit == "hour" and n < 24:
            continue
        if unit == "day" and re.search(
            r"\b(?:minimum|mínimo|min\.)(?: (?:of|de))?\s*$", before, re.IGNORECASE
        ):
            continue
        if unit == "day" and re.search(r"\bD\+$|net\s*$", before, re.IGNORECASE):
            continue
        found.append(Length(n, unit, match.group().strip(), match.start(), match.end(), cued))
    return found


MONTH_TO_MONTH = re.compile(
    r"\b(?:month[- ]to[- ]month|monthly rolling|rolling monthly|mês a mês|mes a mes|mensual renovable|no commitment|sem (?:compromisso|fidelidade)|sin (?:compromiso|permanencia))\b",
    re.IGNORECASE,
)

# -- sellers -------------------------------------------------------------------------------------


class Seller(NamedTuple):
    id: str
    raw: str
    start: int
    end: int


_NEVER = frozenset(
    "do;gradient;foundry;online;vast;r1;cw;thunder;prime;dutch;parent;theta;taiga;ardent;lightning;gce;vertex;sagemaker;ec2;massed;genesis;latitude;maxihost;azure ml;jarvis;modal labs;gulf".split(
        ";"
    )
)
_CASED = frozenset(
    "lambda together crusoe modal verda salad denvr civo yotta seeweb nebius google microsoft oracle amazon akash latitude cudo".split()
)


@cache
def _seller_pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    from bot.understanding.sellers import provider_names
    from knowledge.facts.providers import all_providers

    names = {
        name: one for name, one in provider_names().items() if name not in _NEVER and len(name) > 2
    }
    for one in all_providers():
        for spelling in (one.name, one.short_name):
            low = spelling.lower()
            if low not in _NEVER and len(low) > 2:
                names.setdefault(low, one.id)
    names |= {
        "amazon web services": "aws",
        "genesis cloud": "genesiscloud",
        "latitude.sh": "latitude",
        "vast.ai": "vastai",
        "aws": "aws",
        "gcp": "gcp",
        "oci": "oci",
        "ovh": "ovh",
        "ibm": "ibm",
    }
    body = "|".join(
        re.escape(name).replace(r"\ ", r"[\s-]?") for name in sorted(names, key=len, reverse=True)
    )
    flat = {re.sub(r"[\s-]", "", name): one for name, one in names.items()}
    return re.compile(
        rf"(?<![\w@./-])(?P<name>{body})(?![\w@]|[.-]\w+\.)(?:[ ,]+(?:Inc|LLC|Ltd|B\.?V|N\.?V|GmbH|S\.?A|SAS|AG|AS|Oy|Group|Cloud|Labs|Corp|Corporation|Compute)\b\.?)*",
        re.IGNORECASE,
    ), flat


def sellers_in(text: str) -> list[Seller]:
    """Clouds that the text names, as named."""
    pattern, names = _seller_pattern()
    found = []
    for match in pattern.finditer(text):
        name = match["name"]
        low = re.sub(r"[\s-]", "", name.lower())
        first = name.lower().split()[0].split(".")[0]
        if (
            first in _CASED
            and name[0].islower()
            and not re.match(
                r"\s*[:@]|\s+(?:quoted|offers?|says|cotou|ofrece|came|asks?)",
                text[match.end() : match.end() + 10],
            )
        ):
            continue
        if re.match(r"\s?(?:Data\b)", text[match.end() : match.end() + 6]) and low.startswith(
            "vast"
        ):
            continue
        if low == "together" and not (
            re.match(
                r"\s?(?:AI|\.ai|Computer|:|-|–|\||,|\(|$|[a-z]+ed\b)",
                text[match.end() : match.end() + 10],
            )
        ):
            continue
        found.append(Seller(names[low], match.group().strip(" ,"), match.start(), match.end()))
    return found


# -- places --------------------------------------------------------------------------------------

_PLACE_CUE = r"(?:located (?:in|at)|hosted (?:in|at)|location|site|region|data ?cent(?:er|re)s? (?:in|at|located in)|facility (?:in|at)|deployed (?:in|at)|delivered (?:in|from)|our (?=[A-Z][\w-]+ (?:data|site|facility|DC))|ubicación|localização|localidade|local|localizad[ao]s? em|hospedad[ao]s? em|data ?cent(?:er|re) (?:de|em|en)|centro de datos (?:de|en)|ubicad[ao]s? en|alojad[ao]s? en|região(?: de)?|región(?: de)?|zona|sede (?:de|en|em)|em|en|in|at|from|na|no)"
_PLACE = re.compile(
    rf"\b(?i:{_PLACE_CUE})\s*:?\s+(?:the\s|la\s|el\s|a\s|o\s|our\s|nosso\s|nuestro\s)?(?P<place>[A-ZÁÉÍÓÚ][\w.'’áéíóúãõâêôçñü-]+(?:[ ,]+(?:[A-Z][\w.'áéíóúãõâêôçñü-]*|de|do|da|del|\([A-Z][\w -]*\)))*)"
)
_CODE = re.compile(
    r"\b(?:(?:us|eu|ap|sa|ca|me|af|asia|europe|northamerica|southamerica|australia)-(?:[a-z]+)-?\d?[a-z]?|(?:US|EU|AP)-[A-Z]+-\d+[A-Z]?|[A-Z]{2,3}-?\d{1,2}(?=\s?\())\b"
)


_STATES = frozenset(
    "alabama alaska arizona arkansas colorado connecticut delaware florida idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee utah vermont wisconsin wyoming tasmania reno ellendale quincy hillsboro".split()
) | {"north dakota", "south dakota", "north carolina", "south carolina", "new jersey", "new mexico", "new hampshire", "west virginia", "rhode island", "salt lake city", "des moines"}  # fmt: skip
_SEGMENT = re.compile(r"[,;|()\n–—•]|\s-\s|\s/\s|\.\s|\.$|:\s")


def place_among(text: str) -> str | None:
    """A piece between commas or dashes that is nothing but a place: "64 H100, Paris, 12 months"."""
    for piece in _SEGMENT.split(text):
        name = piece.strip(" .")
        bare = re.sub(r"\s\d$", "", name)
        if len(bare) > 3 and bare[0].isupper() and (_folded(bare) in _STATES or known_place(bare)):
            return name
    return None


def place_in(text: str) -> str | None:
    """A place that the words name as one, as written; only places that the place table knows."""
    code = _CODE.search(text)
    for match in _PLACE.finditer(text):
        name = match["place"].strip(" ,.")
        if text[match.end() : match.end() + 1] == "$":
            continue  # "at US$2.60"
        if known_place(name):
            return name
        shorter = re.split(r"[ ,]+(?=[A-Z(])", name)
        for cut in range(len(shorter) - 1, 0, -1):
            part = name[: name.find(shorter[cut], 1)].strip(" ,.(")
            if known_place(part):
                return part
    return code.group() if code else None


def known_place(name: str) -> bool:
    """Whether the first word or words of a name are a country, city or group."""
    from bot.understanding.lexicon import places

    table = places()
    folded = _folded(name).strip(" .,")
    if folded in _STATES:
        return True
    parts = [part.strip(" .()") for part in re.split(r"[,/(-]", folded)]
    return folded in table or any(part in table for part in parts if len(part) > 1)


def _folded(text: str) -> str:
    import unicodedata

    return "".join(
        c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c)
    )


def first_of(rows: list[Any]) -> Any:
    return rows[0] if rows else None
