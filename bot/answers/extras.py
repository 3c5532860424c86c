"""What a machine costs beside the GPU: traffic, storage, stopped machines, billing, tax.

Figures come from dated tables; what nobody states is named, never taken for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from bot.core.answer import Answer, Column, Evidence, Fact, FollowUp, Table, TableRow
from bot.core.command import BY_NAME
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts import attribution, billing, charges
from knowledge.facts.charges import Charge
from knowledge.facts.providers import provider
from knowledge.facts.units import MONTH
from knowledge.prices.currencies import exchange

CENT = Decimal("0.01")
GB = 1000.0
"""GB in a TB, as prices are stated."""
TOPICS = ("egress", "storage", "billing", "payment")
ADVISED = ("egress", "storage", "payment")
COMPARED = ("aws", "azure", "gcp", "coreweave", "lambda", "nebius", "runpod", "crusoe")
"""Shown when no provider is named."""

_WORDS = {
    "billing": r"stopped|paused|switched off|per second|per minute|granularity|minimum (?:charge|spend)|parad[ao]s?|desligad[ao]s?|apagad[ao]s?|por (?:segundo|minuto)",
    "payment": r"invoices?|boleto|nota fiscal|factura|vat\b|iof\b|iva\b|tax(?:es)?\b|impostos?|impuestos?",
    "egress": r"egress|egreso|data (?:out|transfer)|outbound|tráfego de saída|trafego de saida|tráfico de salida|transferencia de datos",
    "storage": r"storage|volumes?\b|disks?\b|armazenamento|almacenamiento|discos?\b",
}  # fmt: skip
_ASKED = {topic: re.compile(rf"\b(?:{words})", re.IGNORECASE) for topic, words in _WORDS.items()}
_CLAUSE = re.compile(
    r"[;,+&()]\s|\s(?:and|plus|with|incl\w*|e|y|mais|más|com|con)\s", re.IGNORECASE
)
_OUT = re.compile(
    r"egress\w*|egreso|\bout\b|going out|outbound|outgoing|traffic|transfer\w*|sa[ií]da|salida|saliente|tr[aá]f(?:ego|ico)",
    re.IGNORECASE,
)
_KEPT = re.compile(
    r"kept|stored|storage|\bdisks?\b|volumes?\b|guardad\w+|armazena\w+|disco|almacena\w+",
    re.IGNORECASE,
)
_SIZE = re.compile(r"(?<!\d)(\d{1,15}(?:[.,]\d{1,15})?)\s*(PB|TB|GB)\b", re.IGNORECASE)
_COUNTRIES = {"BR": r"brasil|brazil|nota fiscal|boleto|iof", "MX": r"m[eé]xico|cfdi", "ES": r"espa[nñ]a|spain|espanha"}  # fmt: skip


def topic_of(question: Question) -> str | None:
    """What a question about charges is about; None for every other question."""
    if question.intent == "advise":
        # There "billing" is on demand or not: advice, and none of ours.
        return question.topic if question.topic in ADVISED else None
    if question.topic in TOPICS:
        return question.topic
    command = BY_NAME[question.intent]
    takes = command.side_by_side or command.watchable or not command.listed
    if question.accelerators or not (takes or question.intent == "provider"):
        return None
    if question.intent == "out_of_scope" and not question.providers:
        stopped = re.search(r"\bpods?\b|\binstances?\b|\bGPU", question.text, re.IGNORECASE)
        return "billing" if stopped and _ASKED["billing"].search(question.text) else None
    return next((name for name, words in _ASKED.items() if words.search(question.text)), None)


def stored_gb(question: Question) -> float | None:
    """Data kept, in GB, when the words say how much."""
    return _sizes(question.text).get("kept")


def moved_gb(question: Question) -> float | None:
    """Data going out a month, in GB."""
    stated = _sizes(question.text)
    if "out" in stated and "kept" in stated:
        return stated["out"]  # which size belongs to which word is seen here alone
    if question.egress_tb is not None:
        return question.egress_tb * GB
    if topic_of(question) != "egress":
        return stated.get("out")
    return _asked_size(question)


def _sizes(text: str) -> dict[str, float]:
    """Sizes of a text by what they are of: a size belongs to the words of its own clause.

    Cards are named by their memory too ("A100 80GB"), so a size without such a word is none.
    """
    found: dict[str, float] = {}
    for clause in _CLAUSE.split(text):
        sizes = list(_SIZE.finditer(clause))
        for name, pattern in (("out", _OUT), ("kept", _KEPT)):
            cue = pattern.search(clause)
            if cue is None or not sizes:
                continue
            middle = (cue.start() + cue.end()) / 2
            near = min(sizes, key=lambda size: abs((size.start() + size.end()) / 2 - middle))
            found.setdefault(name, _gigabytes(near))
    return found


def _gigabytes(found: re.Match[str]) -> float:
    size = float(found[1].replace(",", "."))
    return size * {"PB": 1000 * GB, "TB": GB, "GB": 1.0}[found[2].upper()]


# -- sums --------------------------------------------------------------------------------------


class Line(NamedTuple):
    """One line of a bill; `usd` None where nobody states the price."""

    label: str
    usd: Decimal | None
    detail: str
    url: str | None = None


def bill(question: Question, seller: str, hours: float, desk: Desk) -> list[Line]:
    """What traffic and storage cost at one provider for that long, where the question has some."""
    say = desk.say
    months = Decimal(str(hours)) / Decimal(str(MONTH))
    lines = []
    moved, kept = moved_gb(question), stored_gb(question)
    if moved is not None:
        # Traffic is stated by the month; over less than one it is what goes out in all.
        times = max(months, Decimal(1))
        label = say.t("Traffic out, {size}", size=_size(moved, say))
        lines.append(_line(label, charges.charge(seller, "egress"), moved, times, desk))
    if kept is not None:
        label = say.t("Storage, {size}", size=_size(kept, say))
        lines.append(_line(label, charges.storage(seller), kept, months, desk))
    return lines


def _line(label: str, known: Charge | None, gb: float, times: Decimal, desk: Desk) -> Line:
    say = desk.say
    usd = _usd(known, gb, desk) if known else None
    if known is None or usd is None:
        return Line(label, None, say.t("not stated: ask"))
    return Line(
        label,
        (usd * times).quantize(CENT, ROUND_HALF_UP),
        f"{rate_words(known, say)}; {_read(known.source_date, say)}",
        known.source_url,
    )


def _usd(known: Charge, gb: float, desk: Desk) -> Decimal | None:
    """The cost in dollars, at the dated rate where it is stated in another currency."""
    cost = known.cost(gb)
    if cost is None or known.currency == "USD":
        return cost
    rate = exchange(known.currency, desk.store)
    return cost * Decimal(str(rate.usd_per_unit)) if rate else None


def rate_words(known: Charge, say: Wording) -> str:
    """ "first 100 GB free, then $0.09 per GB up to 10 TB, ..."."""
    if known.is_free:
        return say.t("free")
    unit = {"GB": say.t("GB"), "GB-month": say.t("GB and month"), "month": say.t("month")}
    parts = []
    for step in known.steps:
        price = say.t(
            "{price} per {unit}",
            price=say.sum_in(known.currency, float(step.rate), _digits(step.rate)),
            unit=unit[known.unit],
        )
        if step.until_gb is not None:
            price += " " + say.t("up to {size}", size=_size(float(step.until_gb), say))
        parts.append(price)
    text = ", ".join(parts)
    if known.free_gb:
        text = say.t("first {size} free, then {rates}", size=_size(known.free_gb, say), rates=text)
    return text


def _digits(rate: Decimal) -> int:
    """As many as the rate is stated with: a tenth of a cent is a tenth of the bill."""
    exponent = rate.as_tuple().exponent
    return max(2, -exponent) if isinstance(exponent, int) else 2


def _size(gb: float, say: Wording) -> str:
    return f"{say.number(gb / GB)} TB" if gb >= GB else f"{say.number(gb)} GB"


def _read(day: str, say: Wording) -> str:
    from datetime import date

    return say.date(date.fromisoformat(day))


def facts(question: Question, seller: str, machines: Decimal, hours: float, desk: Desk) -> tuple[Fact, ...]:  # fmt: skip
    """The bill of one provider line by line; the lines add up to its total, to the cent."""
    lines = bill(question, seller, hours, desk)
    if not lines:
        return ()
    say = desk.say
    total = machines + sum((line.usd for line in lines if line.usd is not None), Decimal(0))
    unknown = [line.label for line in lines if line.usd is None]
    words = say.money(float(total), 2)
    if unknown:
        words += " " + say.t("and what is not stated: {what}", what=say.listing(unknown))
    return (
        Fact(say.t("Machines at {provider}", provider=say.provider(seller)), say.money(float(machines), 2)),
        *(
            Fact(
                line.label,
                f"{say.money(float(line.usd), 2)} ({line.detail})" if line.usd is not None else line.detail,
                line.url,
            )
            for line in lines
        ),
        Fact(say.t("Total"), words),
    )  # fmt: skip


def with_them(
    question: Question, sums: Sequence[tuple[str, Decimal]], hours: float, desk: Desk
) -> list[str]:
    """What the sums leave out; where traffic or storage is asked for, each seller's total with it."""
    say = desk.say
    if moved_gb(question) is None and stored_gb(question) is None:
        return [say.t("Not in these sums: storage, egress and tax.")]
    parts = []
    for seller, machines in dict(sums).items():
        lines = bill(question, seller, hours, desk)
        whole = machines + sum((one.usd for one in lines if one.usd is not None), Decimal(0))
        more = "+" if any(one.usd is None for one in lines) else ""
        parts.append((whole, f"{say.provider(seller)} {say.money(float(whole), 2)}{more}"))
    ranked = [words for _, words in sorted(parts)]
    out = [say.t("With traffic and storage: {sums}.", sums=" · ".join(ranked))]
    if any(words.endswith("+") for words in ranked):
        out.append(say.t("A plus: part of it is not stated, so the sum is the least it can be."))
    return [*out, say.t("Not in these sums: tax.")]


# -- answers -----------------------------------------------------------------------------------


def answer(question: Question, topic: str, desk: Desk) -> Answer:
    """What providers charge beside the machine, or how they bill."""
    if topic in ("billing", "payment"):
        return _billing(question, topic, desk)
    return _charges(question, topic, desk)


def _charges(question: Question, topic: str, desk: Desk) -> Answer:
    say = desk.say
    names = question.providers or COMPARED
    gb = moved_gb(question) if topic == "egress" else stored_gb(question) or _asked_size(question)
    kinds = ("egress",) if topic == "egress" else charges.STORAGE
    rows: list[TableRow] = []
    found: list[Charge] = []
    costs: list[tuple[Decimal, str]] = []  # with the words for whom
    for name in names:
        known = [one for kind in kinds if (one := charges.charge(name, kind)) is not None]
        for one in known:
            usd = _usd(one, gb, desk) if gb is not None else None
            if usd is not None:
                who = say.provider(name)
                if one.kind != "egress":
                    who = f"{who} ({_kind(one.kind, say)})"
                costs.append((usd, who))
            rows.append(_row(name, one, usd, gb, say))
        if not known:
            rows.append(_unstated(name, gb, topic, say))
        found += known
    columns = [Column(say.t("Provider"))]
    if topic == "storage":
        columns.append(Column(say.t("Kind")))
    columns.append(Column(say.t("Rate")))
    if gb is not None:
        columns.append(Column(say.t("Per month $"), "right", unit=say.t("US dollars")))
    columns.append(Column(say.t("Read")))
    return Answer(
        headline=_headline(topic, gb, names, costs, say),
        lines=(
            *(
                f"{say.provider(names[0])}: {rate_words(one, say)}."
                for one in found
                if len(found) == 1
            ),
            say.t("Without tax; what is not stated is not free: ask for it in writing."),
        ),
        table=Table(tuple(columns), tuple(rows)),
        facts=_stopped(question.providers, say) if topic == "storage" else (),
        evidence=_sources(found),
        follow_ups=_cards(names, say),
    )


def _stopped(names: Sequence[str], say: Wording) -> tuple[Fact, ...]:
    """What is billed of a machine that is stopped, at the sellers named: its disk, as a rule."""
    return tuple(
        Fact(
            say.t("Stopped, {provider}", provider=say.provider(name)),
            _billed(one, say),
            one.source_url,
        )
        for name in names
        for one in billing.of(name, "stopped")
    )


def _billed(one: billing.Billed, say: Wording) -> str:
    """A code in words, with what a stopped machine costs there and the day it was read."""
    words = code_words(one.code, say)
    halted = charges.charge(one.provider, "stopped") if one.topic == "stopped" else None
    if halted is not None:
        words += f": {rate_words(halted, say)}"
    return f"{words} ({_read(one.source_date, say)})"


def _asked_size(question: Question) -> float | None:
    found = _SIZE.search(question.text)
    return _gigabytes(found) if found else None


def _headline(
    topic: str,
    gb: float | None,
    names: Sequence[str],
    costs: Sequence[tuple[Decimal, str]],
    say: Wording,
) -> str:
    what = say.t("Traffic out") if topic == "egress" else say.t("Storage")
    if gb is None or not costs:
        sellers = say.listing([say.provider(name) for name in names[:4]])
        if len(names) == 1:
            return say.t("{what}: what {seller} charges.", what=what, seller=sellers)
        return say.t("{what}: what {sellers} charge.", what=what, sellers=sellers)
    parts = [
        f"{who} {say.money(float(usd.quantize(CENT, ROUND_HALF_UP)))}" for usd, who in costs[:4]
    ]
    return say.t(
        "{what}, {size} a month: {parts}.", what=what, size=_size(gb, say), parts=say.listing(parts)
    )


def _kind(kind: str, say: Wording) -> str:
    return {
        "block": say.t("disks"), "file": say.t("shared files"), "object": say.t("objects"),
    }.get(kind, kind)  # fmt: skip


def _row(name: str, one: Charge, usd: Decimal | None, gb: float | None, say: Wording) -> TableRow:
    cells = [say.provider(name)]
    if one.kind != "egress":
        cells.append(_kind(one.kind, say))
    cells.append(rate_words(one, say))
    if gb is not None:
        cells.append(say.plain_money(float(usd), 2) if usd is not None else "-")
    return TableRow((*cells, _read(one.source_date, say)), one.source_url)


def _unstated(name: str, gb: float | None, topic: str, say: Wording) -> TableRow:
    cells = [say.provider(name), *(("-",) if topic == "storage" else ()), say.t("not stated: ask")]
    return TableRow((*cells, *(("-",) if gb is not None else ()), "-"))


def code_words(code: str, say: Wording) -> str:
    """What a code of data/billing.csv means."""
    return {
        "second": say.t("billed by the second"),
        "minute": say.t("billed by the minute"),
        "hour": say.t("billed by the hour"),
        "disk_only": say.t("a stopped machine costs its volume disk, and no GPU"),
        "disk_and_address": say.t("a stopped machine costs its storage and address, and no GPU"),
        "no_stopped_state": say.t("no stopped state: ending a machine wipes its disk"),
        "hibernates": say.t("machines can hibernate; what that costs was not read"),
        "prepaid": say.t("prepaid credit in dollars, not refundable"),
        "first_payment_25": say.t("a first payment of at least $25"),
        "blocks_up_front": say.t("Capacity Blocks are paid up front, without a way back"),
        "local_invoice_br": say.t("invoices from a Brazilian company, in reais, with local tax"),
        "excluded": say.t("prices without sales tax or VAT"),
    }[code]


def provider_facts(seller: str, say: Wording) -> tuple[Fact, ...]:
    """Traffic, storage, billing and tax for the card of a provider, each with its page."""
    out = []
    egress = charges.charge(seller, "egress")
    if egress is not None:
        out.append(
            Fact(
                say.t("Traffic out"),
                f"{rate_words(egress, say)} ({_read(egress.source_date, say)})",
                egress.source_url,
            )
        )
    stored = charges.storage(seller)
    if stored is not None:
        out.append(
            Fact(
                say.t("Storage"),
                f"{_kind(stored.kind, say)}: {rate_words(stored, say)} ({_read(stored.source_date, say)})",
                stored.source_url,
            )
        )
    for topic, label in (
        ("step", say.t("Billing")),
        ("stopped", say.t("Stopped machines")),
        ("payment", say.t("Payment")),
        ("tax", say.t("Tax")),
    ):
        out += [Fact(label, _billed(one, say), one.source_url) for one in billing.of(seller, topic)]
    return tuple(out)  # fmt: skip


def _billing(question: Question, topic: str, desk: Desk) -> Answer:
    say = desk.say
    topics = ("payment", "tax") if topic == "payment" else ("stopped", "step")
    names = question.providers or billing.states(topics[0])
    rows: list[Fact] = []
    silent = []
    for name in names:
        told = [one for kind in topics for one in billing.of(name, kind)]
        if not told:
            silent.append(say.provider(name))
        rows += [Fact(say.provider(name), _billed(one, say), one.source_url) for one in told]
    countries = [
        found
        for code, words in _COUNTRIES.items()
        if topic == "payment"
        and re.search(words, question.text, re.IGNORECASE)
        and (found := billing.tax(code, say.lang)) is not None
    ]
    lines = [one.says for one in countries]
    if silent:
        lines.append(
            say.t("Not stated in what I read: {sellers}. Ask them.", sellers=say.listing(silent))
        )
    if topic == "payment":
        lines.append(
            say.t("Ask for the legal name of the company that invoices. This is no tax advice.")
        )
        headline = say.t("Payment and tax: who invoices decides most of it.")
    else:
        headline = say.t(
            "What is billed when nothing runs depends on the provider: disks usually are."
        )
    if rows and len(names) == 1:
        headline = f"{rows[0].label}: {rows[0].value}."
    return Answer(
        headline=headline,
        lines=tuple(lines),
        facts=(*rows, *(Fact(say.country(one.country), one.source_date or "-", one.source_url) for one in countries)),
        tone="plain" if rows or countries else "caution",
        follow_ups=_cards(names, say),
    )  # fmt: skip


def _sources(found: Sequence[Charge]) -> tuple[Evidence, ...]:
    from datetime import UTC, datetime

    by_page: dict[str, Evidence] = {}
    for one in found:
        day = datetime.fromisoformat(one.source_date).replace(tzinfo=UTC)
        name = attribution.publisher(one.source_url)
        known = by_page.get(name)
        by_page[name] = Evidence(
            name,
            one.source_url,
            min(day, known.as_of) if known else day,
            max(day, known.as_of_newest) if known else day,
        )
    return tuple(by_page.values())


def _cards(names: Sequence[str], say: Wording) -> tuple[FollowUp, ...]:
    from bot.core.phrase import phrase

    return tuple(
        FollowUp(say.provider(name), phrase(Question("provider", providers=(name,)), say.lang))
        for name in names[:3]
        if provider(name) is not None
    )
