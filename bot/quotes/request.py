"""A request for quotes: what is wanted, what is still open, a mail, and a table for sellers to fill."""

from __future__ import annotations

import io
from collections.abc import Sequence

from bot.answers.offers import subject, where
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.units import MONTH

MAIL = {"en": "Hello,", "pt": "Olá,", "es": "Hola:"}
FILL_IN = (
    "Seller", "GPU model", "Quantity", "GPUs per node", "Term (months)", "Price", "Unit", "Currency", "Setup fee", "Interconnect", "Region",
    "Start date", "SLA (%)", "Notice period (days)", "Renewal", "Price adjustment", "Prepayment", "Minimum commitment", "Storage included (TB)",
    "Egress included (TB)", "Support", "Taxes", "Valid until", "Quote number",
)  # fmt: skip
"""Labels that the reading of quotes knows: a filled table comes back without loss."""


def wanted(question: Question, say: Wording) -> list[str]:
    """The requirement, one line a point, only what was stated."""
    lines = [
        say.t(
            "GPUs: {what}",
            what=f"{question.count or '?'}x {subject(question._replace(count=None), say)}{where(question, say)}",
        )
    ]
    if question.interconnect:
        lines.append(say.t("Interconnect: {what}", what=question.interconnect))
    if question.hours:
        lines.append(say.t("Term: {what}", what=say.term(max(1, round(question.hours / MONTH)))))
    if question.billing:
        lines.append(say.t("Billing: {what}", what=say.billing(question.billing)))
    if question.compliance:
        lines.append(say.t("Compliance: {what}", what=say.listing(list(question.compliance))))
    if question.egress_tb:
        lines.append(say.t("Data out: {what} TB a month", what=say.number(question.egress_tb)))
    return lines


def still_open(question: Question, say: Wording) -> list[str]:
    """What a seller will ask back."""
    out = []
    if not question.accelerators:
        out.append(say.t("which card"))
    if not question.count:
        out.append(say.t("how many GPUs"))
    if not question.hours:
        out.append(say.t("for how long"))
    if not (question.region or question.regions):
        out.append(say.t("where"))
    if (question.count or 0) > 8 and not question.interconnect:
        out.append(say.t("which interconnect"))
    return out


def mail(question: Question, say: Wording) -> str:
    """The text to send, in the language of the question."""
    points = "\n".join(f"- {line}" for line in wanted(question, say))
    asks = say.t(
        "Please state for each offer: price per GPU-hour and in total, what it includes (host, storage, data out, support), set-up fees, prepayment, taxes, start date, place, interconnect, SLA and credits, notice, renewal, price changes, and how long the offer holds."
    )
    return "\n\n".join(
        (
            MAIL[say.lang],
            say.t("we ask for your offer for the following capacity:") + "\n" + points,
            asks,
            say.t("We compare offers all in, over the same term. Thank you."),
        )
    )


FABRICS = {"infiniband": "InfiniBand", "roce": "RoCE", "ethernet": "Ethernet", "nvlink": "NVLink"}
UNITS = (
    "per GPU-hour",
    "per node-hour",
    "per GPU and month",
    "per month for all GPUs",
    "for the whole term",
)
CHOICES = {
    "Unit": UNITS, "Currency": ("USD", "EUR", "GBP", "BRL", "MXN"), "Renewal": ("automatic", "none"), "Taxes": ("excluded", "included"),
}  # fmt: skip
"""Cells that are chosen from a list, so that a filled table reads one way only."""


def table(question: Question, sellers: Sequence[str], say: Wording) -> bytes:
    """An XLSX to fill in, one row a seller; `quartermaster quote` reads the filled copy back.

    What was asked for stands in each row already: a seller changes what differs.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    page = book.active
    assert page is not None  # noqa: S101  a new workbook has a sheet
    page.title = "RFQ"
    page.append(list(FILL_IN))
    for cell in page[1]:
        cell.font = Font(bold=True)
    asked: dict[str, str | int | None] = {
        "GPU model": subject(question._replace(count=None), say) if question.accelerators else None,
        "Quantity": question.count, "Interconnect": FABRICS.get(question.interconnect or ""),
        "Term (months)": max(1, round(question.hours / MONTH)) if question.hours else None,
    }  # fmt: skip
    for name in sellers or ("",):
        page.append([name, *(asked.get(column) for column in FILL_IN[1:])])
    for column, values in CHOICES.items():
        chosen = DataValidation(type="list", formula1=f'"{",".join(values)}"', allow_blank=True)
        letter = get_column_letter(FILL_IN.index(column) + 1)
        chosen.add(f"{letter}2:{letter}{len(sellers) + 20}")
        page.add_data_validation(chosen)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
