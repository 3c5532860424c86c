"""Files by hand in shapes that no generator makes: workbooks, PDFs of two libraries, mails with HTML."""

from __future__ import annotations

import io
from email.message import EmailMessage
from typing import Any, NamedTuple

from letters import P, months


class Paper(NamedTuple):
    name: str
    file: str
    body: bytes
    quotes: list[dict[str, Any]]
    status: str = "quotes"


def book(
    rows: list[list[Any]],
    *,
    merged: tuple[str, ...] = (),
    formats: dict[str, str] | None = None,
    sheets: dict[str, list[list[Any]]] | None = None,
) -> bytes:
    from openpyxl import Workbook

    work = Workbook()
    page = work.active
    assert page is not None
    for row in rows:
        page.append(row)
    for area in merged:
        page.merge_cells(area)
    for cell, shape in (formats or {}).items():
        page[cell].number_format = shape
    for name, more in (sheets or {}).items():
        other = work.create_sheet(name)
        for row in more:
            other.append(row)
    out = io.BytesIO()
    work.save(out)
    return out.getvalue()


def lines_pdf(lines: list[str], size: int = 10) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=A4)
    at = 800
    for line in lines:
        page.setFont("Helvetica", size)
        page.drawString(50, at, line)
        at -= 16
    page.save()
    return out.getvalue()


def table_pdf(
    title: list[str],
    table: list[list[str]],
    notes: list[str],
    spans: tuple[tuple[Any, ...], ...] = (),
) -> bytes:
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

    out = io.BytesIO()
    styles = getSampleStyleSheet()
    made = Table(table, style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black), *spans])
    flow = [
        *(Paragraph(one, styles["Normal"]) for one in title),
        Spacer(1, 12),
        made,
        Spacer(1, 12),
        *(Paragraph(one, styles["Normal"]) for one in notes),
    ]
    SimpleDocTemplate(out, pagesize=A4).build(flow)
    return out.getvalue()


def columns_pdf(left: list[str], right: list[str], below: list[str]) -> bytes:
    from fpdf import FPDF

    page = FPDF()
    page.add_page()
    page.set_font("Helvetica", size=10)
    for spot in range(max(len(left), len(right))):
        page.set_xy(10, 20 + 6 * spot)
        page.cell(90, 6, left[spot] if spot < len(left) else "")
        page.set_xy(110, 20 + 6 * spot)
        page.cell(90, 6, right[spot] if spot < len(right) else "")
    at = 30 + 6 * max(len(left), len(right))
    for line in below:
        page.set_xy(10, at)
        page.cell(180, 6, line)
        at += 6
    return bytes(page.output())


def mail(
    html: str,
    *,
    sender: str,
    subject: str,
    date: str = "Wed, 18 Nov 2026 10:00:00 +0000",
    plain: str | None = None,
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Date"] = (
        sender,
        "buyer@acme.example",
        subject,
        date,
    )
    message.set_content(plain if plain is not None else "Please view this message as HTML.")
    message.add_alternative(html, subtype="html")
    return message.as_bytes()


def papers() -> list[Paper]:
    h100 = {"card": "H100", "form_factor": "SXM"}
    return [
        Paper("workbook with merged title and notes", "quote.xlsx", book(
            [["Quotation from Voltage Park"], ["Quote no.", "VP-118"], ["Valid until", "2026-12-12"], [],
             ["Item", "GPU", "Qty", "Term (months)", "USD per GPU-hour", "Monthly total"],
             [1, "NVIDIA H100 SXM 80GB", 64, 12, 2.19, 102316.8], [],
             ["Notes: 10% deposit at signature. SLA 99.9%. Taxes not included."]],
            merged=("A1:F1", "A8:F8")),
            [{**h100, "seller": "Voltage Park", "memory_gb": 80, "count": 64, "term": months(12), "quote_number": "VP-118", "valid_until": "2026-12-12", "prepayment": {"pct": 10}, "sla_pct": 99.9, "tax": "excluded", "price": P("2.19", "USD", "gpu_hour"), "all_in": 2.19}]),
        Paper("workbook with the card in a merged cell over its terms", "terms.xlsx", book(
            [["Provider", "GPU", "GPUs", "Term", "Price per GPU-hour (USD)"],
             ["Nebius", "H200 SXM", 32, "3 months", 3.2], [None, None, None, "6 months", 2.95], [None, None, None, "12 months", 2.6]],
            merged=("A2:A4", "B2:B4", "C2:C4")),
            [{"seller": "Nebius", "card": "H200", "form_factor": "SXM", "count": 32, "term": months(n), "price": P(price, "USD", "gpu_hour"), "all_in": float(price)} for n, price in ((3, "3.2"), (6, "2.95"), (12, "2.6"))]),
        Paper("workbook with the currency in the format alone", "brl.xlsx", book(
            [["Fornecedor", "GPU", "Quantidade", "Prazo (meses)", "Preço por GPU-hora"], ["Ascenty", "L40S 48GB", 8, 12, 7.5]],
            formats={"E2": '"R$" #,##0.00'}),
            [{"seller": "Ascenty", "card": "L40S", "memory_gb": 48, "count": 8, "term": months(12), "price": P("7.5", "BRL", "gpu_hour"), "all_in": None}]),
        Paper("workbook with two sheets", "two.xlsx", book(
            [["Cover"], ["Prepared for Acme"]],
            sheets={"Pricing": [["Supplier", "GPU model", "Number of GPUs", "Hourly rate per GPU", "Currency", "Commitment"], ["Crusoe", "A100 80GB SXM", 48, 1.29, "USD", "6 months"]]}),
            [{"seller": "Crusoe", "card": "A100", "memory_gb": 80, "form_factor": "SXM", "count": 48, "term": months(6), "price": P("1.29", "USD", "gpu_hour"), "all_in": 1.29}]),
        Paper("workbook of fields down and sellers across", "across.xlsx", book(
            [["", "CoreWeave", "Lambda", "Crusoe"], ["GPU", "H100 SXM", "H100 SXM", "H100 SXM"], ["Number of GPUs", 128, 128, 128], ["Term", "12 months", "12 months", "24 months"],
             ["Price per GPU-hour", "$2.35", "$2.49", "$2.10"], ["Prepayment", "20%", "none", "10%"], ["Notice period", "90 days", "30 days", "60 days"], ["SLA", "99.9%", "99.5%", "99.9%"]]),
            [{**h100, "seller": s, "count": 128, "term": months(t), "prepayment": {"pct": p}, "notice_days": n, "sla_pct": a, "price": P(c, "USD", "gpu_hour"), "all_in": float(c)}
             for s, t, c, p, n, a in (("CoreWeave", 12, "2.35", 20, 90, 99.9), ("Lambda", 12, "2.49", 0, 30, 99.5), ("Crusoe", 24, "2.10", 10, 60, 99.9))]),
        Paper("pdf of ruled table with a spanned note", "offer.pdf", table_pdf(
            ["Hyperstack - Quotation HS-2210", "Date: 20 November 2026"],
            [["Description", "Qty", "Unit price", "Per"], ["H100 SXM5 80GB GPU, 12 month reservation", "64", "$2.04", "GPU-hour"], ["Onboarding", "1", "$3,000.00", "one-time"], ["All prices exclude VAT", "", "", ""]],
            ["Payment: 25% upfront, balance monthly.", "Valid until 11 December 2026."], (("SPAN", (0, 3), (-1, 3)),)),
            [{**h100, "seller": "Hyperstack", "memory_gb": 80, "count": 64, "term": months(12), "billing": "reserved", "quote_number": "HS-2210", "date": "2026-11-20", "prepayment": {"pct": 25}, "valid_until": "2026-12-11", "tax": "excluded", "price": P("2.04", "USD", "gpu_hour"), "all_in": 2.04535}]),
        Paper("pdf in prose", "prose.pdf", lines_pdf([
            "Lambda, Inc.", "2510 Zanker Road, San Jose, CA 95131", "", "Proposal for Acme Robotics", "18 November 2026", "",
            "Lambda proposes a 1-Click Cluster of 128 NVIDIA B200 SXM GPUs with 400 Gb/s InfiniBand per GPU.",
            "The commitment is 24 months at $3.19 per GPU per hour, billed monthly in advance.",
            "Either party may decline renewal with 60 days written notice; the contract then ends.",
            "Our public on-demand rate for the same GPU is $4.99 per hour."]),
            [{"seller": "Lambda", "card": "B200", "form_factor": "SXM", "count": 128, "interconnect": "any", "term": months(24), "notice_days": 60, "date": "2026-11-18", "place": "any", "renewal": "any", "prepayment": "any", "price": P("3.19", "USD", "gpu_hour"), "all_in": 3.19}]),
        Paper("pdf in two columns", "columns.pdf", columns_pdf(
            ["Seller: Gcore", "Luxembourg", "VAT: LU12345678"], ["Quote: GC-3310", "Date: 2026-11-17", "Valid until: 2026-12-17"],
            ["16 x NVIDIA H100 SXM (2 nodes), 6 months reserved", "Price: EUR 2.25 per GPU-hour, excluding VAT", "Interconnect: InfiniBand"]),
            [{**h100, "seller": "Gcore", "quote_number": "GC-3310", "date": "2026-11-17", "valid_until": "2026-12-17", "count": 16, "gpus_per_machine": 8, "term": months(6), "billing": "reserved", "tax": "excluded", "interconnect": "InfiniBand", "place": "any", "price": P("2.25", "EUR", "gpu_hour"), "all_in": None}]),
        Paper("pdf with totals that mislead", "totals.pdf", table_pdf(
            ["Proposal from Denvr Dataworks"],
            [["Item", "Quantity", "Rate", "Hours", "Extended"], ["H100 SXM 80GB", "64", "$2.15", "730", "$100,448.00"], ["Managed Slurm", "1", "$1,500.00 / month", "", "$1,500.00"], ["Total per month", "", "", "", "$101,948.00"], ["Total contract (12 months)", "", "", "", "$1,223,376.00"]],
            ["Rates are per GPU-hour in US dollars."]),
            [{**h100, "seller": "Denvr Dataworks", "memory_gb": 80, "count": 64, "term": "any", "price": P("2.15", "USD", "gpu_hour"), "all_in": "any"}]),
        Paper("html mail with a table and an older offer below", "mail.eml", mail(
            "<html><body><p>Hi Bea,</p><p>please find our revised numbers:</p><table><tr><th>GPU</th><th>Qty</th><th>Term</th><th>Price/GPU/h</th></tr><tr><td>H100 SXM</td><td>32</td><td>6 months</td><td>$2.35</td></tr><tr><td>H100 SXM</td><td>32</td><td>12 months</td><td>$2.15</td></tr></table><p>Offer expires on 9 December 2026.</p><p>Rob</p><blockquote>On Nov 10 Rob wrote: H100 SXM 32 6 months $2.60</blockquote></body></html>",
            sender="Rob Hale <rob@voltagepark.com>", subject="Revised quote VP-77"),
            [{**h100, "seller": "Voltage Park", "count": 32, "term": months(n), "date": "2026-11-18", "quote_number": "VP-77", "valid_until": "2026-12-09", "price": P(c, "USD", "gpu_hour"), "all_in": float(c)} for n, c in ((6, "2.35"), (12, "2.15"))]),
        Paper("html mail with a hidden price", "hidden.eml", mail(
            "<html><body><p>Offer from TensorWave: 64 MI300X, 12 months, <b>$1.79</b> per GPU-hour.</p><p style='font-size:0px'>64 MI300X, 12 months, $0.50 per GPU-hour</p><p><s>$1.99</s></p></body></html>",
            sender="Mia <mia@tensorwave.com>", subject="Offer"),
            [{"seller": "TensorWave", "card": "MI300X", "count": 64, "term": months(12), "date": "2026-11-18", "price": P("1.79", "USD", "gpu_hour"), "all_in": 1.79}]),
        Paper("mail forwarded by a colleague", "fwd.eml", mail(
            "<p>see below</p>", sender="Joe Buyer <joe@acme.example>", subject="Fwd: Quote",
            plain="see below, what do you think?\n\n---------- Forwarded message ---------\nFrom: Kim Park <kim@nscale.com>\nDate: Mon, 16 Nov 2026 at 08:00\nSubject: Quote\nTo: Joe Buyer <joe@acme.example>\n\nHi Joe,\n\n64x B200 SXM for 12 months: $3.39 per GPU-hour, Glomfjord, Norway.\n\nKim\n"),
            [{"seller": "Nscale", "card": "B200", "form_factor": "SXM", "count": 64, "term": months(12), "date": "2026-11-16", "place": "any", "price": P("3.39", "USD", "gpu_hour"), "all_in": 3.39}]),
        Paper("csv that ends with totals and a note", "totals.csv", b"Item,Description,Qty,Unit price,Unit,Total\n1,H200 SXM reserved 12 months,64,2.75,USD/GPU-hour,128480.00\n2,Storage 50TB,1,2500,USD/month,2500.00\n,,,,Total per month,130980.00\nNote: quote by Nscale valid until 2026-12-20,,,,,\n",
            [{"seller": "Nscale", "card": "H200", "form_factor": "SXM", "count": 64, "term": months(12), "billing": "reserved", "valid_until": "2026-12-20", "price": P("2.75", "USD", "gpu_hour"), "all_in": 2.80351, "included": None}]),
        Paper("csv in latin-1 with decimal commas", "oferta.csv", "Proveedor;Tarjeta;Cantidad;Duración;Precio por GPU-hora (€);Preaviso;Ubicación\nArsys;H100 SXM;16;12 meses;2,35;30 días;Logroño\n".encode("cp1252"),
            [{**h100, "seller": "Arsys", "count": 16, "term": months(12), "notice_days": 30, "place": "Logroño", "price": P("2.35", "EUR", "gpu_hour"), "all_in": None}]),
        Paper("workbook whose prices are formulas", "formulas.xlsx", book(
            [["Vendor", "GPU", "Qty", "Price per GPU-hour"], ["Vultr", "H100 SXM", 16, "=2.3*1"]]),
            [], "no_quote"),
    ]  # fmt: skip
