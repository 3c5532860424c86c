"""What a piece of a document says a price is for: card, count, term, billing, place, seller."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.quotes import layout, money, numbers, spans, words
from bot.quotes.layout import Line
from bot.quotes.money import Money, Unit
from bot.quotes.numbers import Style
from bot.quotes.quote import Charge


@dataclass
class Context:
    """What holds for the whole document."""

    style: Style | None
    dollar: str | None
    sent: date | None
    day_first: bool | None
    unit: Unit = field(default_factory=Unit)
    """Where a sentence says in what all prices are: "prices in USD per GPU-hour"."""
    currency: str | None = None
    text: str = ""
    sums_language: Style | None = None


@dataclass
class About:
    """What a piece of text says a price is for."""

    card: spans.Card | None = None
    counts: spans.Counts = field(default_factory=spans.Counts)
    term: spans.Length | None = None
    rolling: bool = False
    billing: tuple[str, str] | None = None
    place: str | None = None
    seller: spans.Seller | None = None
    """Where a message names several sellers, the one that this piece names."""

    def over(self, other: About) -> About:
        """Filled from what was said before; another card brings its own counts."""
        same = self.card is None or other.card is None or self.card.card == other.card.card
        counts = self.counts
        if same:
            if counts[0] is None and counts[2:5] == (None, None, None):
                counts = other.counts._replace(per=counts.per or other.counts.per)
            elif counts.per is None:
                counts = counts._replace(per=other.counts.per)
        card = self.card or other.card
        if self.card and other.card and same and self.card.memory_gb is None:
            card = self.card._replace(
                memory_gb=other.card.memory_gb, form=self.card.form or other.card.form
            )
        return About(
            card,
            counts,
            self.term or (None if self.rolling or self._spot() else other.term),
            self.rolling or (other.rolling and self.term is None),
            self.billing or other.billing,
            self.place or other.place,
            self.seller or other.seller,
        )

    def _spot(self) -> bool:
        return self.billing is not None and self.billing[0] != "reserved"


@dataclass
class Item:
    """A sum that may be a price, with what stands around it."""

    sum: Money
    about: About
    role: str
    words: str
    unit: Unit
    values: dict[str, tuple[Any, str]] = field(default_factory=dict)
    """Fields that this row states itself."""
    row: Line = ()
    """The row of a table that it stands in."""


@dataclass
class Section:
    lines: list[Line]
    seller: spans.Seller | None = None
    name: str = ""
    labels: dict[str, list[layout.Labelled]] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    seen: list[About] = field(default_factory=list)
    discount: tuple[float | int, str] | None = None
    has_table: bool = False
    prose: str = ""


def style_by_language(text: str) -> Style | None:
    """Portuguese sums have commas, those in euros and Spanish too; English ones points.

    Only for grouping signs; a single point with three digits in English stays open.
    """
    portuguese = re.search(
        r"\b(?:não|preços?|proposta|válid[ao] até|meses de|impostos|você|condições|por mês|prazo|obrigad[ao]|oferecer|olá|são|ao mês|cotação|pagamento|prezad[ao]s?|segue)\b",
        text,
        re.IGNORECASE,
    )
    if portuguese or ("R$" in text):
        return "comma"
    spanish = re.search(
        r"\b(?:precios?|oferta|válida hasta|plazo|impuestos|cotización|al mes|gracias|ofrecer|ofrecemos|cuota|según|estimad[ao]s?|saludos?|propuesta)\b",
        text,
        re.IGNORECASE,
    )
    if spanish and ("€" in text or "EUR" in text) and "MXN" not in text:
        return "comma"
    if spanish and "MXN" in text:
        return "point"
    if (
        not spanish
        and re.search(r"\d,\d{3}(?!\d)", text)
        and not re.search(r"\d\.\d{3}(?!\d)", text)
        and re.search(r"\b(?:the|per|price|for|quote|term)\b", text)
    ):
        return "point"
    return None


def day_first_in(text: str) -> bool | None:
    if re.search(
        r"\b(?:não|preço|válid[ao]|precio|meses|hasta|até|vigente|plazo|prazo)\b",
        text,
        re.IGNORECASE,
    ):
        return True
    if re.search(r"\b(?:dd/mm|DD/MM)", text):
        return True
    if re.search(r"\b(?:mm/dd|MM/DD)", text):
        return False
    return None


def dated(lines: Sequence[Line], text: str) -> date | None:
    for line in lines[:25]:
        one = layout.labelled(line)
        if one and one.kind == "date":
            return numbers.first(numbers.days(one.value, day_first=day_first_in(text)))
    match = re.search(
        r"\b(?:date|data|fecha|dated|issued(?: on)?|emitid[ao] em|emisión)\s*:?\s*(.{6,30})",
        text,
        re.IGNORECASE,
    )
    if match:
        return numbers.first(numbers.days(match[1].split("\n")[0], day_first=day_first_in(text)))
    filled = [line for line in lines if any(line)]
    for line in (*filled[:4], *filled[-4:]):
        # A short line that ends with a date: "Lambda, 20 November 2026".
        whole = " ".join(cell for cell in line if cell)
        found = numbers.days(whole, day_first=day_first_in(text))
        if (
            len(found) == 1
            and len(whole) < 60
            and len(whole) - found[0].end <= 1
            and re.search(r"20\d\d", found[0].raw)
            and not layout.labelled(line)
            and not _NO_DATE.search(whole)
        ):
            return found[0].day
    return None


_NO_DATE = re.compile(
    r"\b(?:valid|until|start|from|by|before|on|expir|deliver|available|ready|ends?|term|effective|válid|até|início|inicio|desde|hasta|vigen|entrega|vence|antes|partir|disponib|disponív|begin|commenc)\w*",
    re.IGNORECASE,
)


def prices_in(text: str, context: Context) -> tuple[Unit, str | None]:
    unit, currency = Unit(), None
    for match in re.finditer(
        r"\b(?:all\s|todos os\s|todas las\s|todos los\s|unit\s)?(?:prices?|rates?|figures|amounts?|values?|preços?|valores?|precios?|tarifas?|importes?|currency|moeda|moneda|divisa)\b[^.\n;]{0,30}?(?:\b(?:in|are|are in|quoted in|em|en|stated in|expressed in|expressados? en|expressos em)\b|:)\s*(?P<rest>[^.\n;|]{2,60})",
        text,
        re.IGNORECASE,
    ):
        rest = match["rest"]
        if re.search(r"\d[.,]\d", rest):
            continue
        found = money.currency_in(rest, context.dollar)
        more = money.units_in(rest)
        if found:
            currency = currency or found
            if more.thing in {"gpu", "node", "all"} or more.time:
                unit = unit | more
    titled = re.findall(r"^[^\d\n|]{3,60}\(([A-Z]{3})\)\s*$", text, re.MULTILINE)
    if currency is None and len(set(titled)) == 1:
        currency = money.currency_in(titled[0], context.dollar)  # "Bid summary (USD)"
    return unit, currency


def about_of(text: str, label: layout.Labelled | None) -> About:
    cards = spans.cards_in(text)
    counts = spans.counts_in(text, cards)
    value = label.value if label else text
    if label and label.kind in {"count", "nodes", "gpus_per"}:
        n = (
            numbers.small(re.split(r"\s|x|×", value.strip(), maxsplit=1)[0])
            if value.strip()
            else None
        )
        if counts == spans.Counts() and n:
            counts = {
                "count": spans.Counts(count=n, raw=label.words),
                "nodes": spans.Counts(nodes=n, raw=label.words),
                "gpus_per": spans.Counts(per=n, raw=label.words),
            }[label.kind]
        elif (
            label.kind == "count"
            and counts.nodes
            and not counts.per
            and re.search(r"node|server|nó|nodo|servidor", label.label, re.IGNORECASE)
        ):
            pass
    elif label and label.kind not in {
        "card",
        "machine",
        "price",
        "net_price",
        "list_price",
        "total",
        "volume",
        "term",
        "minimum",
    }:
        counts = spans.Counts()
    if label and label.kind == "minimum":
        counts = spans.Counts()
    if (
        re.search(r"\b(?:minimum|mínim[ao]|at least|MOQ|min\.)\b", text, re.IGNORECASE)
        and counts.low is None
        and counts.count
        and re.search(
            rf"(?:minimum|mínim[ao]|at least|MOQ|min\.)[^.;,]{{0,30}}\b(?:{counts.count}|{counts.nodes or counts.count})\b",
            text,
            re.IGNORECASE,
        )
    ):
        counts = spans.Counts(per=counts.per, raw=counts.raw if counts.per else "")
    terms = spans.terms_in(text)
    if label and label.kind == "term":
        bare = label_term(label)
        if bare:
            terms = [bare]
    elif label and label.kind in {
        "notice",
        "valid",
        "prepay",
        "renewal",
        "sla",
        "setup",
        "support",
        "minimum",
        "tax",
        "price_rise",
        "start",
        "storage",
    }:
        terms = []
    months = next((one for one in terms if one.unit in {"month", "year"} or one.cued), None)
    billing = next(
        (
            (kind, match.group())
            for kind, pattern in words.BILLING.items()
            if (match := pattern.search(text)) and not _denied(text, match)
        ),
        None,
    )
    if label and label.kind in {"storage", "support", "egress", "host", "prepay", "included"}:
        billing = None
    place = spans.place_in(text) if not label or label.kind in {"card", "place", "price"} else None
    if place is None and cards and (not label or label.kind == "card"):
        place = spans.place_among(text)
    if label and label.kind == "place":
        place = label.value
    sellers = [one for one in spans.sellers_in(text) if not is_rival(text, one)]
    return About(
        one_card(cards),
        counts,
        months,
        bool(spans.MONTH_TO_MONTH.search(text)) and not months,
        billing,
        place,
        sellers[0] if len({one.id for one in sellers}) == 1 else None,
    )


def one_card(cards: Sequence[spans.Card]) -> spans.Card | None:
    """The first card, with what its other mentions in the same words add."""
    if not cards:
        return None
    same = [one for one in cards if one.card == cards[0].card]
    memories = {one.memory_gb for one in same if one.memory_gb}
    forms = {one.form for one in same if one.form}
    named = next((one for one in same if one.machine), cards[0])
    return cards[0]._replace(
        memory_gb=memories.pop() if len(memories) == 1 else cards[0].memory_gb,
        form=forms.pop() if len(forms) == 1 else cards[0].form,
        machine=named.machine, gpus=named.gpus, seller=named.seller,
    )  # fmt: skip


def _denied(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 22) : match.start()]
    around = text[max(0, match.start() - 40) : match.end() + 30]
    if re.match(
        r"\s*(?:\w+\s)?(?:would|seria|sería|serian|seriam)\b",
        text[match.end() : match.end() + 24],
        re.IGNORECASE,
    ):
        return True  # "on-demand would be $23.92"
    return bool(
        re.search(
            r"\b(?:not|no|never|non|não|nao|sem|sin|ni|nem|vs\.?|versus|below|under|off|against|compared (?:to|with)|our|unlike)\s+(?:\w+\s)?$",
            before,
            re.IGNORECASE,
        )
    ) or bool(
        re.search(
            r"overage|excedent|excess|excesos?|burst|beyond|rights reserved|storage|egress|support|suporte|soporte|all rights|IP\b|additional|adicional|list\b|catalog|convert|reverts?",
            around,
            re.IGNORECASE,
        )
    )


def label_term(label: layout.Labelled) -> spans.Length | None:
    found = spans.terms_in("term " + label.value)
    if found:
        return found[0]
    match = re.match(r"\s*(\d{1,3})\s*(m|mo|y|M|Y)?\s*$", label.value)
    named = re.search(r"month|mes|year|ano|año|week|day|mo\b", label.label, re.IGNORECASE)
    unit = match[2] or (named.group() if named else "") if match else ""
    if match and unit:
        first = unit[0].lower()
        return spans.Length(
            int(match[1]),
            "year"
            if first in {"y", "a"}
            else "week"
            if first == "w"
            else "day"
            if first == "d"
            else "month",
            label.words,
            0,
            0,
            True,
        )
    return None


def across_about(text: str) -> About:
    about = about_of(text, None)
    if about.term is None:
        match = re.fullmatch(r"\s*(\d{1,2})\s?(m|mo|M|y|Y)\s*", text)
        if match:
            about.term = spans.Length(
                int(match[1]), "year" if match[2].lower() == "y" else "month", text, 0, 0, True
            )
    bounds = re.fullmatch(r"\s*(\d{1,4})\s*(?:-|–|to|a)\s*(\d{1,4})\s*(?:GPUs?)?\s*", text)
    above = re.fullmatch(r"\s*(\d{1,4})\s*\+\s*(?:GPUs?)?\s*", text)
    if bounds:
        about.counts = spans.Counts(None, None, None, int(bounds[1]), int(bounds[2]), text)
    elif above:
        about.counts = spans.Counts(None, None, None, int(above[1]), None, text)
    return about


def agreed(seen: Sequence[About]) -> About:
    """What all that was said agrees in; where pieces differ, nothing."""
    out = About()
    cards = {one.card.card for one in seen if one.card}
    if len(cards) == 1:
        rows = [one.card for one in seen if one.card]
        out.card = max(
            rows,
            key=lambda one: (
                (one.memory_gb is not None) + (one.form is not None),
                one.machine is not None,
            ),
        )
        memories = {one.memory_gb for one in rows if one.memory_gb}
        forms = {one.form for one in rows if one.form}
        machines = [one for one in rows if one.machine]
        out.card = out.card._replace(
            memory_gb=memories.pop() if len(memories) == 1 else None,
            form=forms.pop() if len(forms) == 1 else None,
        )
        if machines and not out.card.machine:
            out.card = out.card._replace(
                machine=machines[0].machine, gpus=machines[0].gpus, seller=machines[0].seller
            )
    pers = {one.counts.per for one in seen if one.counts.per}
    per = pers.pop() if len(pers) == 1 else None
    nodes = {one.counts.nodes for one in seen if one.counts.nodes}
    totals = {one.counts.count for one in seen if one.counts.count}
    node = nodes.pop() if len(nodes) == 1 else None
    if node and per is None and not pers and len(totals) == 1:
        size, rest = divmod(next(iter(totals)), node)
        per = size if rest == 0 and size in {1, 2, 4, 8, 16, 72} else None
    if node and per and node * per not in totals and totals <= {per}:
        totals = {node * per}
    if len(totals) > 1 and per in totals:
        totals.discard(per)
    raw = next(
        (one.counts.raw for one in seen if one.counts.count and one.counts.count in totals), ""
    ) or next((one.counts.raw for one in seen if one.counts.nodes), "")
    bounds = {
        (one.counts.low, one.counts.high) for one in seen if one.counts.low or one.counts.high
    }
    low = high = None
    if len(bounds) == 1 and not totals:
        low, high = bounds.pop()
    out.counts = spans.Counts(totals.pop() if len(totals) == 1 else None, per, node, low, high, raw)
    terms = {(one.term.value, one.term.unit) for one in seen if one.term and one.term.cued} or {
        (one.term.value, one.term.unit) for one in seen if one.term
    }
    if len(terms) == 1:
        only = terms.pop()
        out.term = next(
            one.term for one in seen if one.term and (one.term.value, one.term.unit) == only
        )
    billings = {one.billing[0] for one in seen if one.billing}
    if len(billings) == 1:
        out.billing = next(one.billing for one in seen if one.billing)
    places = {one.place for one in seen if one.place}
    if len(places) == 1:
        out.place = places.pop()
    return out


def labels_about(section: Section) -> About:
    """What the labelled lines say: stronger than prose."""
    rows = [(kind, one) for kind, ones in section.labels.items() for one in ones]
    out = About()
    cards = [
        card
        for kind, one in rows
        if kind in {"card", "machine"}
        for card in spans.cards_in(one.value)
    ]
    if len({card.card for card in cards}) == 1:
        out.card = agreed([About(card=card) for card in cards]).card
    pieces = [
        about_of(f"{one.label}: {one.value}", one).counts
        for kind, one in rows
        if kind in {"count", "nodes", "gpus_per", "card", "machine"}
    ]
    pieces = [one for one in pieces if one != spans.Counts()]
    if pieces:
        out.counts = agreed([About(counts=one) for one in pieces]).counts
        stated = [spans.counts_in(one.value) for kind, one in rows if kind == "count"]
        if stated and stated[0].nodes and stated[0].count is None and out.counts.per:
            out.counts = out.counts._replace(count=stated[0].nodes * out.counts.per)
    terms = [term for kind, one in rows if kind == "term" if (term := label_term(one))]
    if len({(one.value, one.unit) for one in terms}) == 1:
        out.term = terms[0]
    return out


def is_rival(text: str, one: spans.Seller) -> bool:
    for match in re.finditer(re.escape(one.raw), text):
        around = text[max(0, match.start() - 60) : match.end() + 40]
        if not re.search(
            r"\b(?:than|versus|vs\.?|cheaper|compared|beat|match|unlike|competitor|below|against|do que|que a|frente a|concorrente|competencia|like)\b",
            around,
            re.IGNORECASE,
        ):
            return False
    return True
