"""Made-up quotes with known truth: three languages, eleven shapes, five currencies, six kinds of file.

Everything is drawn with a seed, so that a failure names a document that anybody can make again.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

CARDS = (
    ("H100", "SXM", 80, "NVIDIA H100 SXM5 80GB", 2.35), ("H200", "SXM", 141, "H200 SXM 141GB", 2.95),
    ("A100", "PCIe", 80, "A100 PCIe 80GB", 1.35), ("L40S", None, 48, "L40S 48GB", 0.89),
    ("B200", "SXM", 180, "NVIDIA B200 SXM 180GB", 4.10), ("MI300X", None, None, "AMD MI300X", 1.95),
    ("H100", "PCIe", 80, "H100 PCIe 80 GB", 2.05),
)  # fmt: skip
SELLERS = (
    "CoreWeave",
    "Nebius",
    "Lambda",
    "Crusoe",
    "Hyperstack",
    "Scaleway",
    "Vultr",
    "Voltage Park",
)
PLACES = {"en": "Texas", "pt": "São Paulo", "es": "Madrid"}
SIGNS = {
    "USD": ("$", "US$", "USD "),
    "EUR": ("€", "EUR "),
    "BRL": ("R$ ",),
    "MXN": ("MXN ",),
    "GBP": ("£", "GBP "),
}


@dataclass
class Deal:
    """What a document states; None is not stated."""

    lang: str
    seller: str
    card: tuple[str, str | None, int | None, str, float]
    count: int
    months: int
    currency: str
    unit: str
    amount: Decimal
    setup: Decimal | None = None
    storage_month: Decimal | None = None
    support_pct: int | None = None
    prepay: int | None = None
    sla: str | None = None
    notice: int | None = None
    renewal: str | None = None
    valid: date | None = None
    start: date | None = None
    fabric: str | None = None
    place: str | None = None
    tax: str | None = None
    number: str | None = None
    rate: Decimal | None = None
    truth: dict[str, Any] = field(default_factory=dict)

    def base(self) -> float:
        """The price as one GPU-hour, by hand."""
        value, n, hours = float(self.amount), self.count, self.months * 730
        return {
            "gpu_hour": value, "node_hour": value / 8, "gpu_month": value / 730,
            "month": value / n / 730, "term": value / n / hours,
        }[self.unit]  # fmt: skip

    def all_in(self) -> float | None:
        total = self.base()
        if self.support_pct:
            total *= 1 + self.support_pct / 100
        if self.setup:
            total += float(self.setup) / self.count / (self.months * 730)
        if self.storage_month:
            total += float(self.storage_month) / self.count / 730
        if self.currency == "USD":
            return total
        return total * float(self.rate) if self.rate else None

    def expected(self) -> dict[str, Any]:
        card, form, memory, _, _ = self.card
        out = {
            "seller": self.seller, "card": card, "form_factor": form, "memory_gb": memory, "count": self.count,
            "term": {"value": self.months, "unit": "month"}, "interconnect": self.fabric, "place": self.place,
            "start": self.start.isoformat() if self.start else None,
            "valid_until": self.valid.isoformat() if self.valid else None,
            "prepayment": {"pct": self.prepay} if self.prepay else None,
            "sla_pct": float(self.sla) if self.sla else None, "notice_days": self.notice, "renewal": self.renewal,
            "tax": self.tax, "quote_number": self.number, "billing": None,
        }  # fmt: skip
        return {**out, **self.truth}


def deal(
    rng: random.Random, lang: str, *, currency: str | None = None, unit: str | None = None
) -> Deal:
    card = rng.choice(CARDS)
    currency = currency or rng.choice(
        {
            "en": ["USD", "USD", "EUR", "GBP"],
            "pt": ["BRL", "USD", "EUR"],
            "es": ["EUR", "USD", "MXN"],
        }[lang]
    )
    unit = unit or rng.choice(
        ["gpu_hour", "gpu_hour", "gpu_hour", "node_hour", "gpu_month", "month", "term"]
    )
    count, months = rng.choice([16, 32, 64, 128]), rng.choice([3, 6, 12, 24, 36])
    hour = (
        card[4]
        * rng.uniform(0.8, 1.25)
        * {"USD": 1, "EUR": 0.92, "BRL": 5.5, "MXN": 18, "GBP": 0.78}[currency]
    )
    value = Decimal(str(round(hour, 2)))
    amount = {
        "gpu_hour": value, "node_hour": value * 8, "gpu_month": (value * 730).quantize(Decimal(1)),
        "month": (value * 730 * count).quantize(Decimal("0.01")), "term": (value * 730 * count * months).quantize(Decimal("0.01")),
    }[unit]  # fmt: skip
    made = Deal(lang, rng.choice(SELLERS), card, count, months, currency, unit, amount)
    big = rng.choice([5, 12, 40]) * (1 if currency in {"USD", "EUR", "GBP"} else 5)
    made.setup = Decimal(big * 1000) if rng.random() < 0.35 else None
    made.prepay = rng.choice([10, 20, 25, 30]) if rng.random() < 0.5 else None
    made.sla = rng.choice(["99.9", "99.5", "99.95"]) if rng.random() < 0.6 else None
    made.notice = rng.choice([30, 60, 90]) if rng.random() < 0.6 else None
    made.renewal = rng.choice(["auto", "none"]) if rng.random() < 0.5 else None
    made.valid = (
        date(2026, 12, 1) + timedelta(days=rng.randrange(60)) if rng.random() < 0.7 else None
    )
    made.start = (
        date(2027, rng.choice([1, 2, 3]), rng.choice([1, 15])) if rng.random() < 0.5 else None
    )
    made.fabric = rng.choice(["InfiniBand", "RoCE v2"]) if rng.random() < 0.5 else None
    made.place = PLACES[lang] if rng.random() < 0.6 else None
    made.tax = "excluded" if rng.random() < 0.5 else None
    made.number = f"Q-{rng.randrange(2000, 9999)}" if rng.random() < 0.5 else None
    return made


def digits(value: Decimal, lang: str) -> str:
    """A number as the language writes it."""
    text = (
        f"{value:,.2f}" if value != value.to_integral_value() or value < 1000 else f"{value:,.0f}"
    )
    if lang == "en":
        return text
    return text.replace(",", "~").replace(".", ",").replace("~", ".")


def sum_of(value: Decimal, made: Deal, rng: random.Random) -> str:
    sign = rng.choice(SIGNS[made.currency])
    style = "en" if made.currency == "MXN" else made.lang
    if made.lang == "es" and made.currency == "USD":
        style = "en"
    number = digits(value, style)
    if made.currency == "EUR" and made.lang in {"pt", "es"}:
        return f"{number} €"
    return f"{sign}{number}"


UNITS = {
    "en": {"gpu_hour": ("per GPU-hour", "/GPU-hr", "/GPU/h", "per GPU per hour"), "node_hour": ("per hour per 8-GPU node", "per node-hour (8 GPUs per node)"), "gpu_month": ("per GPU per month", "/GPU/month"), "month": ("per month for all GPUs", "per month in total"), "term": ("for the whole term", "for the entire term")},
    "pt": {"gpu_hour": ("por GPU-hora", "/GPU-h", "por hora por GPU"), "node_hour": ("por hora por nó de 8 GPUs", "por nó-hora (8 GPUs por nó)"), "gpu_month": ("por GPU por mês", "por GPU ao mês"), "month": ("por mês para todas as GPUs", "por mês no total"), "term": ("pelo prazo total", "para todo o período do contrato")},
    "es": {"gpu_hour": ("por GPU-hora", "/GPU·h", "por hora y GPU"), "node_hour": ("por hora por nodo de 8 GPUs", "por nodo-hora (8 GPUs por nodo)"), "gpu_month": ("por GPU al mes", "por GPU y mes"), "month": ("al mes por todas las GPUs", "al mes en total"), "term": ("por el plazo total", "por todo el contrato")},
}  # fmt: skip
MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}  # fmt: skip


def day(value: date, lang: str, rng: random.Random) -> str:
    month = MONTHS[lang][value.month - 1]
    if lang == "en":
        return rng.choice(
            [
                value.isoformat(),
                f"{value.day} {month} {value.year}",
                f"{month} {value.day}, {value.year}",
            ]
        )
    return rng.choice(
        [value.isoformat(), f"{value.day} de {month} de {value.year}", f"{value:%d/%m/%Y}"]
    )


def conditions(made: Deal, rng: random.Random) -> list[str]:
    """Sentences of everything beside the price."""
    out: list[str] = []
    en, pt = made.lang == "en", made.lang == "pt"

    def say(english: str, portuguese: str, spanish: str) -> None:
        out.append(english if en else portuguese if pt else spanish)

    if made.setup:
        cost = sum_of(made.setup, made, rng)
        say(
            f"One-time setup fee of {cost}.",
            f"Taxa única de implantação de {cost}.",
            f"Cuota de alta única de {cost}.",
        )
    if made.storage_month:
        cost = sum_of(made.storage_month, made, rng)
        say(
            f"Shared storage: {cost} per month.",
            f"Armazenamento: {cost} por mês.",
            f"Almacenamiento: {cost} al mes.",
        )
    if made.support_pct:
        say(
            f"Premium support adds {made.support_pct}% of the fees.",
            f"Suporte premium: {made.support_pct}% sobre o valor.",
            f"Soporte premium: {made.support_pct}% sobre el importe.",
        )
    if made.prepay:
        say(
            f"{made.prepay}% upfront, the rest billed monthly.",
            f"{made.prepay}% de entrada na assinatura.",
            f"{made.prepay}% de anticipo a la firma.",
        )
    if made.sla:
        sla = made.sla if en else made.sla.replace(".", ",")
        say(
            f"Uptime SLA {made.sla}%.",
            f"SLA de disponibilidade de {sla}%.",
            f"SLA de disponibilidad del {sla}%.",
        )
    if made.notice:
        say(
            f"Notice period: {made.notice} days.",
            f"Aviso prévio de {made.notice} dias.",
            f"Preaviso de {made.notice} días.",
        )
    if made.renewal == "auto":
        say(
            "The contract renews automatically.",
            "O contrato tem renovação automática.",
            "El contrato se renueva automáticamente.",
        )
    elif made.renewal == "none":
        say(
            "There is no automatic renewal.",
            "Sem renovação automática.",
            "Sin renovación automática.",
        )
    if made.valid:
        when = day(made.valid, made.lang, rng)
        say(
            f"This quote is valid until {when}.",
            f"Proposta válida até {when}.",
            f"Oferta válida hasta el {when}.",
        )
    if made.start:
        when = day(made.start, made.lang, rng)
        say(f"Start date: {when}.", f"Início em {when}.", f"Inicio el {when}.")
    if made.fabric:
        say(
            f"Nodes are connected with {made.fabric}.",
            f"Interconexão {made.fabric}.",
            f"Interconexión {made.fabric}.",
        )
    if made.place:
        say(
            f"The GPUs are located in {made.place}.",
            f"As GPUs ficam em {made.place}.",
            f"Las GPU están ubicadas en {made.place}.",
        )
    if made.tax:
        say("Prices exclude VAT.", "Impostos não inclusos.", "IVA no incluido.")
    rng.shuffle(out)
    return out


def offer_line(made: Deal, rng: random.Random) -> str:
    card, cost = made.card[3], sum_of(made.amount, made, rng)
    unit = rng.choice(UNITS[made.lang][made.unit])
    gap = "" if unit.startswith("/") else " "
    n, m = made.count, made.months
    return {
        "en": rng.choice([
            f"We can offer {n}x {card} for {m} months at {cost}{gap}{unit}.",
            f"For {n} {card} GPUs on a {m}-month commitment our price is {cost}{gap}{unit}.",
            f"{card}, {n} GPUs, {m} months: {cost}{gap}{unit}.",
        ]),
        "pt": rng.choice([
            f"Podemos oferecer {n}x {card} por {m} meses a {cost}{gap}{unit}.",
            f"Para {n} GPUs {card} com compromisso de {m} meses, o preço é {cost}{gap}{unit}.",
            f"{n} x {card}, prazo de {m} meses: {cost}{gap}{unit}.",
        ]),
        "es": rng.choice([
            f"Podemos ofrecer {n}x {card} durante {m} meses a {cost}{gap}{unit}.",
            f"Para {n} GPUs {card} con compromiso de {m} meses, el precio es {cost}{gap}{unit}.",
            f"{n} x {card}, plazo de {m} meses: {cost}{gap}{unit}.",
        ]),
    }[made.lang]  # fmt: skip


HELLO = {
    "en": "Hi Paula,\n\nthanks for your time today.",
    "pt": "Olá Paula,\n\nobrigado pela conversa de hoje.",
    "es": "Hola Paula:\n\ngracias por la llamada de hoy.",
}
BYE = {"en": "Best regards,", "pt": "Atenciosamente,", "es": "Un saludo,"}
OLDER = {
    "en": "On Mon, 2 Nov 2026 at 10:12, Sales wrote:",
    "pt": "Em seg., 2 de nov. de 2026 às 10:12, Vendas escreveu:",
    "es": "El lun, 2 nov 2026 a las 10:12, Ventas escribió:",
}


def title(made: Deal) -> str:
    word = {"en": "Quote", "pt": "Proposta", "es": "Cotización"}[made.lang]
    return f"{word} {made.number}" if made.number else word


def mail_text(made: Deal, rng: random.Random) -> tuple[bytes, str]:
    body = [
        HELLO[made.lang],
        "",
        offer_line(made, rng),
        " ".join(conditions(made, rng)),
        "",
        BYE[made.lang],
        "Alex",
        made.seller,
    ]
    if made.number:
        body.insert(2, title(made))
    if rng.random() < 0.5:
        older = Deal(**{**made.__dict__, "amount": made.amount * Decimal("1.3")})
        body += ["", OLDER[made.lang], "> " + offer_line(older, rng), "> Valid 5 days."]
    return "\n".join(body).encode(), "mail.txt"


def mail_eml(made: Deal, rng: random.Random) -> tuple[bytes, str]:
    message = EmailMessage()
    message["From"] = f"Alex Sales <alex@{made.seller.lower().replace(' ', '')}.com>"
    message["To"] = "paula@buyer.example"
    message["Subject"] = title(made)
    message["Date"] = "Mon, 16 Nov 2026 09:00:00 +0000"
    lines = [
        HELLO[made.lang],
        "",
        offer_line(made, rng),
        *conditions(made, rng),
        "",
        BYE[made.lang],
        "Alex",
    ]
    message.set_content("\n".join(lines))
    if rng.random() < 0.5:
        shown = "".join(f"<p>{line}</p>" for line in lines)
        message.add_alternative(
            f'<html><body>{shown}<p style="display:none">{offer_line(Deal(**{**made.__dict__, "amount": Decimal("1.00")}), rng)}</p></body></html>',
            subtype="html",
        )
    made.truth["date"] = "2026-11-16"
    return message.as_bytes(), "mail.eml"


def bullets(made: Deal, rng: random.Random) -> tuple[bytes, str]:
    lines = [
        f"{title(made)} - {made.seller}",
        "",
        "- " + offer_line(made, rng),
        *("- " + line for line in conditions(made, rng)),
    ]
    return "\n".join(lines).encode("utf-8"), "quote.txt"


LABELS = {
    "en": {"seller": "Provider", "card": "GPU model", "count": "Quantity", "term": "Term", "price": "Price", "setup": "Setup fee", "prepay": "Prepayment", "sla": "SLA", "notice": "Notice period", "renewal": "Renewal", "valid": "Valid until", "start": "Start date", "fabric": "Interconnect", "place": "Region", "tax": "Taxes", "number": "Quote number"},
    "pt": {"seller": "Fornecedor", "card": "Modelo da GPU", "count": "Quantidade", "term": "Prazo", "price": "Preço", "setup": "Taxa de implantação", "prepay": "Entrada", "sla": "SLA", "notice": "Aviso prévio", "renewal": "Renovação", "valid": "Válida até", "start": "Início", "fabric": "Interconexão", "place": "Região", "tax": "Impostos", "number": "Proposta nº"},
    "es": {"seller": "Proveedor", "card": "Modelo de GPU", "count": "Cantidad", "term": "Plazo", "price": "Precio", "setup": "Cuota de alta", "prepay": "Anticipo", "sla": "SLA", "notice": "Preaviso", "renewal": "Renovación", "valid": "Válida hasta", "start": "Inicio", "fabric": "Interconexión", "place": "Región", "tax": "Impuestos", "number": "Cotización nº"},
}  # fmt: skip


def pairs(made: Deal, rng: random.Random) -> list[tuple[str, str]]:
    label, lang = LABELS[made.lang], made.lang
    months = {"en": "months", "pt": "meses", "es": "meses"}[lang]
    days = {"en": "days", "pt": "dias", "es": "días"}[lang]
    unit = rng.choice(UNITS[lang][made.unit])
    rows = [
        (label["seller"], made.seller), (label["card"], made.card[3]), (label["count"], str(made.count)),
        (label["term"], f"{made.months} {months}"), (label["price"], f"{sum_of(made.amount, made, rng)} {unit}"),
    ]  # fmt: skip
    if made.number:
        rows.insert(0, (label["number"], made.number))
    if made.setup:
        rows.append((label["setup"], sum_of(made.setup, made, rng)))
    if made.prepay:
        rows.append((label["prepay"], f"{made.prepay}%"))
    if made.sla:
        rows.append(
            (label["sla"], f"{made.sla}%" if lang == "en" else f"{made.sla.replace('.', ',')}%")
        )
    if made.notice:
        rows.append((label["notice"], f"{made.notice} {days}"))
    if made.renewal:
        rows.append(
            (
                label["renewal"],
                {
                    "auto": {"en": "automatic", "pt": "automática", "es": "automática"},
                    "none": {"en": "none", "pt": "nenhuma", "es": "ninguna"},
                }[made.renewal][lang],
            )
        )
    if made.valid:
        rows.append((label["valid"], day(made.valid, lang, rng)))
    if made.start:
        rows.append((label["start"], day(made.start, lang, rng)))
    if made.fabric:
        rows.append((label["fabric"], made.fabric))
    if made.place:
        rows.append((label["place"], made.place))
    if made.tax:
        rows.append(
            (label["tax"], {"en": "not included", "pt": "não inclusos", "es": "no incluidos"}[lang])
        )
    return rows


def sheet_text(made: Deal, rng: random.Random) -> tuple[bytes, str]:
    return "\n".join(f"{name}: {value}" for name, value in pairs(made, rng)).encode(), "sheet.txt"


def sheet_csv(made: Deal, rng: random.Random) -> tuple[bytes, str]:
    out = io.StringIO()
    csv.writer(out, delimiter=";" if made.lang != "en" else ",").writerows(pairs(made, rng))
    text = out.getvalue()
    coding = rng.choice(["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    return text.encode(coding), "sheet.csv"


HEADS = {
    "en": ("Vendor", "GPU", "Qty", "Term (months)", "Unit price ({c}/GPU-h)", "Valid until"),
    "pt": ("Fornecedor", "Placa", "Qtd", "Prazo (meses)", "Preço unitário ({c}/GPU-h)", "Validade"),
    "es": ("Proveedor", "GPU", "Cantidad", "Plazo (meses)", "Precio unitario ({c}/GPU-h)", "Válida hasta"),
}  # fmt: skip


def row(made: Deal) -> list[str]:
    price = digits(made.amount, "en" if made.lang == "en" else "pt")
    return [
        made.seller,
        made.card[3],
        str(made.count),
        str(made.months),
        price,
        made.valid.isoformat() if made.valid else "",
    ]


def bare(rng: random.Random, lang: str, currency: str) -> Deal:
    made = deal(rng, lang, currency=currency, unit="gpu_hour")
    return Deal(
        lang,
        made.seller,
        made.card,
        made.count,
        made.months,
        currency,
        "gpu_hour",
        made.amount,
        valid=made.valid,
    )


def table_csv(rows: list[Deal], rng: random.Random) -> tuple[bytes, str]:
    first = rows[0]
    out = io.StringIO()
    writer = csv.writer(out, delimiter="," if first.lang == "en" else ";")
    writer.writerow([head.format(c=first.currency) for head in HEADS[first.lang]])
    writer.writerows(row(one) for one in rows)
    return out.getvalue().encode(rng.choice(["utf-8", "cp1252"])), "quotes.csv"


def table_text(rows: list[Deal], rng: random.Random) -> tuple[bytes, str]:
    first = rows[0]
    lines = [
        [head.format(c=first.currency) for head in HEADS[first.lang]],
        *(row(one) for one in rows),
    ]
    if rng.random() < 0.5:
        text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    else:
        widths = [max(len(line[spot]) for line in lines) + 3 for spot in range(len(lines[0]))]
        text = "\n".join(
            "".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )
    return text.encode(), "quotes.txt"


def items(made: Deal, rng: random.Random) -> list[list[Any]]:
    """Line items: the card, storage, set-up; the price is per GPU-hour."""
    words = {
        "en": ("Description", "Qty", "Unit price", "Unit", "Shared storage 50 TB", "One-time setup", "GPU-hour", "month", "once"),
        "pt": ("Descrição", "Qtd", "Valor unitário", "Unidade", "Armazenamento 50 TB", "Taxa de implantação", "GPU-hora", "mês", "única"),
        "es": ("Descripción", "Cantidad", "Precio unitario", "Unidad", "Almacenamiento 50 TB", "Cuota de alta", "GPU-hora", "mes", "única"),
    }[made.lang]  # fmt: skip
    out: list[list[Any]] = [
        list(words[:4]),
        [made.card[3], made.count, made.amount, f"{made.currency}/{words[6]}"],
    ]
    if made.storage_month:
        out.append([words[4], 1, made.storage_month, f"{made.currency}/{words[7]}"])
    if made.setup:
        out.append([words[5], 1, made.setup, words[8]])
    return out


def foot(made: Deal, rng: random.Random) -> list[str]:
    plain = Deal(**{**made.__dict__, "setup": None, "storage_month": None, "support_pct": None})
    months = {
        "en": f"Term: {made.months} months",
        "pt": f"Prazo: {made.months} meses",
        "es": f"Plazo: {made.months} meses",
    }[made.lang]
    return [months, *conditions(plain, rng)]


def book(made: Deal, rng: random.Random) -> tuple[bytes, str]:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    work = Workbook()
    page = work.active
    assert page is not None
    page.title = "Quote"
    page["A1"] = f"{made.seller} - {title(made)}"
    page.merge_cells("A1:D1")
    for number, line in enumerate(items(made, rng), 3):
        for column, value in enumerate(line, 1):
            cell = page.cell(number, column, float(value) if isinstance(value, Decimal) else value)
            if number == 3:
                cell.font = Font(bold=True)
            elif column == 3:
                cell.number_format = {
                    "USD": '"$"#,##0.00',
                    "EUR": '#,##0.00 "€"',
                    "BRL": '"R$" #,##0.00',
                    "MXN": '"MXN" #,##0.00',
                    "GBP": '"£"#,##0.00',
                }[made.currency]
    for number, line in enumerate(foot(made, rng), 9):
        page.cell(number, 1, line)
    if rng.random() < 0.5:
        secret = work.create_sheet("internal")
        secret["A1"], secret["B1"] = "H100 internal price", "$1.10 per GPU-hour"
        secret.sheet_state = "hidden"
    out = io.BytesIO()
    work.save(out)
    return out.getvalue(), "quote.xlsx"


def _text_items(made: Deal, rng: random.Random) -> list[list[str]]:
    return [
        [digits(cell, made.lang) if isinstance(cell, Decimal) else str(cell) for cell in line]
        for line in items(made, rng)
    ]


def pdf_reportlab(made: Deal, rng: random.Random) -> tuple[bytes, str]:
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    out = io.BytesIO()
    styles = getSampleStyleSheet()
    table = Table(_text_items(made, rng))
    if rng.random() < 0.5:
        table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
    parts = [Paragraph(f"{made.seller} - {title(made)}", styles["Title"]), table, Spacer(1, 12)]
    parts += [Paragraph(line, styles["Normal"]) for line in foot(made, rng)]
    SimpleDocTemplate(out, pagesize=A4).build(parts)
    return out.getvalue(), "quote.pdf"


def pdf_fpdf(made: Deal, rng: random.Random) -> tuple[bytes, str]:
    from fpdf import FPDF

    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)

    def safe(text: str) -> str:
        return text.replace("€", "EUR").encode("latin-1", "replace").decode("latin-1")

    pdf.cell(0, 10, safe(f"{made.seller} - {title(made)}"), new_x="LMARGIN", new_y="NEXT")
    with pdf.table() as table:
        for line in _text_items(made, rng):
            cells = table.row()
            for cell in line:
                cells.cell(safe(cell))
    pdf.ln(4)
    for line in foot(made, rng):
        pdf.cell(0, 7, safe(line), new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output()), "quote.pdf"


def pdf_drawn(made: Deal, rng: random.Random) -> tuple[bytes, str]:
    """A page drawn by matplotlib: no table at all, only text at places."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.3, 11.7))
    lines = [
        f"{made.seller} - {title(made)}",
        *(f"{name}: {value}" for name, value in pairs(made, rng)),
    ]
    for number, line in enumerate(lines):
        figure.text(0.08, 0.95 - 0.03 * number, line.replace("$", r"\$"), fontsize=11)
    out = io.BytesIO()
    with mpl.rc_context({"pdf.fonttype": 42}):
        figure.savefig(out, format="pdf")
    return out.getvalue(), "quote.pdf"


@dataclass
class Made:
    """A document and the quotes that it states."""

    name: str
    body: bytes
    file: str
    deals: list[Deal]


ONE: dict[str, Callable[[Deal, random.Random], tuple[bytes, str]]] = {
    "mail text": mail_text, "mail eml": mail_eml, "bullets": bullets, "sheet text": sheet_text,
    "sheet csv": sheet_csv, "pdf drawn": pdf_drawn,
}  # fmt: skip
ITEMS: dict[str, Callable[[Deal, random.Random], tuple[bytes, str]]] = {
    "xlsx": book, "pdf reportlab": pdf_reportlab, "pdf fpdf": pdf_fpdf,
}  # fmt: skip
MANY: dict[str, Callable[[list[Deal], random.Random], tuple[bytes, str]]] = {
    "table csv": table_csv, "table text": table_text,
}  # fmt: skip


def corpus(seed: int = 24, each: int = 4) -> list[Made]:
    """`each` documents of every shape and language."""
    out = []
    for lang in ("en", "pt", "es"):
        for number in range(each):
            for shape, make in ONE.items():
                rng = random.Random(f"{seed} {lang} {shape} {number}")
                made = deal(rng, lang)
                if shape in {"mail text", "mail eml", "bullets"} and rng.random() < 0.3:
                    made.support_pct = rng.choice([3, 5, 8])
                if shape.startswith("sheet") or shape == "pdf drawn":
                    made.storage_month = None
                elif rng.random() < 0.3:
                    made.storage_month = Decimal(rng.choice([1200, 2500, 4000]))
                body, file = make(made, rng)
                out.append(Made(f"{lang} {shape} {number}", body, file, [made]))
            for shape, make in ITEMS.items():
                rng = random.Random(f"{seed} {lang} {shape} {number}")
                made = deal(rng, lang, unit="gpu_hour")
                made.storage_month = (
                    Decimal(rng.choice([1200, 2500])) if rng.random() < 0.5 else None
                )
                body, file = make(made, rng)
                out.append(Made(f"{lang} {shape} {number}", body, file, [made]))
            for shape, many in MANY.items():
                rng = random.Random(f"{seed} {lang} {shape} {number}")
                currency = {"en": "USD", "pt": "BRL", "es": "EUR"}[lang]
                deals = [bare(rng, lang, currency) for _ in range(3)]
                names = rng.sample(SELLERS, 3)
                for one, name in zip(deals, names, strict=True):
                    one.seller = name
                body, file = many(deals, rng)
                out.append(Made(f"{lang} {shape} {number}", body, file, deals))
    return out
