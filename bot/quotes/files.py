"""A file's bytes as a Document. Runs in the child process of `reading`, under its limits.

Every format is looked at before a parser gets it: what a bomb costs is its header's length.
"""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from bot.quotes import document
from bot.quotes.document import Document
from bot.quotes.layout import Line
from bot.quotes.numbers import Style

MOST_BYTES = 8 * 2**20
"""A quote has some hundred kilobytes."""
MOST_PAGES, MOST_CHARACTERS = 60, 120_000
MOST_ROWS, MOST_COLUMNS = 3_000, 200
UNPACKED, RATIO, ENTRIES = 24 * 2**20, 150, 300
MOST_CELLS = 60_000
MAIL_PARTS, MAIL_BYTES = 40, 2**20


class Refused(Exception):
    """The file is not read: hostile, broken or of a kind that is not read. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unreadable(Exception):
    """Nothing to read in it: a picture, an empty page."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM", b"RIFF")
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"BZh",
    b"\xfd7zXZ",
)


def read(body: bytes, name: str = "") -> Document:
    """The document of a file; raises Refused or Unreadable. `name` only breaks ties of text formats."""
    if not body.strip():
        raise Unreadable("empty")
    if len(body) > MOST_BYTES:
        raise Refused("too_large")
    ending = name.lower().rsplit(".", 1)[-1] if "." in name else ""
    if body[:4] == b"\xd0\xcf\x11\xe0":
        raise Refused("old_office" if ending in {"xls", "doc", "ppt", "msg"} else "encrypted")
    if body.startswith(_PICTURES):
        raise Unreadable("picture")
    if body.startswith(_PROGRAMS):
        raise Refused("not_a_quote_file")
    if body[:1024].lstrip().startswith(b"%PDF"):
        return _pdf(body)
    if body[:2] == b"PK":
        return _xlsx(body, ending)
    if ending in {"pdf", "xlsx", "xlsm"}:
        raise Refused("wrong_type")
    text = decoded(body)
    if ending == "eml" or (
        ending not in {"csv", "txt"}
        and re.match(r"(?:[A-Z][\w-]+: .*\r?\n(?:[ \t].*\r?\n)*){3,}", text[:4000])
    ):
        return _mail(body)
    if ending in {"csv", "tsv"}:
        return _csv(text)
    if ending in {"htm", "html"} or re.match(
        r"\s*<(?:!doctype html|html)", text[:200], re.IGNORECASE
    ):
        return from_text(_html(text))
    return from_text(text)


def decoded(body: bytes) -> str:
    """Text in UTF-8, UTF-16 or cp1252; guesses of other encodings lie on small files."""
    if body[:3] == b"\xef\xbb\xbf":
        return body[3:].decode("utf-8", "replace")
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return body.decode("utf-16", "replace")
    if body.count(b"\x00") > len(body) // 100:
        raise Refused("not_text")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def from_text(
    text: str,
    *,
    sent: date | None = None,
    sender: str = "",
    subject: str = "",
    told: tuple[str, ...] = (),
) -> Document:
    """Pasted or plain text: older messages of a chain apart, invisible and struck-out words gone."""
    if len(text) > MOST_CHARACTERS:
        raise Refused("too_long")
    seen, more = document.cleaned(text)
    parts = document.chain(seen)
    own = _mail_date(parts.when)
    return Document(
        lines=document.lines_of(parts.top), earlier=document.lines_of(parts.earlier),
        asked=document.lines_of(parts.asked), sent=own if parts.below else sent or own,
        sender=parts.sender if parts.below else sender or parts.sender,
        subject=subject or parts.subject, told=(*told, *more),
    )  # fmt: skip


def _mail_date(text: str) -> date | None:
    from bot.quotes import numbers

    if not text:
        return None
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError):
        return numbers.first(numbers.days(text, day_first=None))


# -- mail ----------------------------------------------------------------------------------------


def _mail(body: bytes) -> Document:
    import email
    from email import policy
    from email.message import EmailMessage

    if body.count(b"--") > 200_000:
        raise Refused("broken")
    try:
        message = email.message_from_bytes(body, policy=policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101  what the policy makes
        attached = False
        for parts, part in enumerate(message.walk()):
            attached = attached or part.is_attachment()
            if parts > MAIL_PARTS:
                raise Refused("too_many_parts")
        chosen = message.get_body(("plain", "html"))
        text = chosen.get_content() if chosen is not None else ""
        if chosen is not None and chosen.get_content_type() == "text/html":
            text = _html(text)
        elif len(text.strip()) < 40:
            html = message.get_body(("html",))
            text = _html(html.get_content()) if html is not None else text
        sender, subject = str(message.get("from", "")), str(message.get("subject", ""))
        when = _mail_date(str(message.get("date", "")))
    except (Refused, Unreadable):
        raise
    except Exception as fault:  # the library raises many kinds on broken mails
        raise Refused("broken") from fault
    if len(text) > MAIL_BYTES:
        raise Refused("too_long")
    if not text.strip():
        raise Unreadable("attachment_only" if attached else "empty")
    return from_text(
        text, sent=when, sender=sender, subject=subject, told=("attachments",) if attached else ()
    )


_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](?:px|pt|em)?\s*(?:;|$)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)|(?<!-)color\s*:\s*(?:#fff(?:fff)?|white|transparent|rgb\(255,\s*255,\s*255\))|line-through|mso-hide\s*:\s*all|max-height\s*:\s*0|height\s*:\s*0(?:px)?\s*;|text-indent\s*:\s*-\d{3,}|(?:left|top)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_GONE = "script,style,head,title,template,noscript,del,s,strike,object,embed,iframe,[hidden],[aria-hidden=true]"
_BLOCK = frozenset(
    "p div br li tr h1 h2 h3 h4 h5 h6 table ul ol blockquote section header footer hr".split()
)


def _html(text: str) -> str:
    """What a person sees of a page: hidden, struck-out and scripted parts dropped."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(text)
    for node in tree.css(_GONE):
        node.decompose()
    for node in tree.css("[style]"):
        if _HIDDEN.search(node.attributes.get("style") or ""):
            node.decompose()
    for node in tree.css("[color]"):
        if (node.attributes.get("color") or "").lower() in {"#ffffff", "#fff", "white"}:
            node.decompose()
    for quoted in tree.css("blockquote, .gmail_quote"):
        # An older message: marked as the plain form marks it.
        inner = quoted.text(separator="\n")
        if inner.strip():
            quoted.insert_before(
                "\n" + "\n".join("> " + line for line in inner.splitlines()) + "\n"
            )
        quoted.decompose()
    out: list[str] = []
    for row in tree.css("tr"):
        cells = [" ".join(cell.text(separator=" ").split()) for cell in row.css("td,th")]
        if len(cells) > 1:
            row.insert_before("\n| " + " | ".join(cells) + " |\n")
            row.decompose()
    for node in tree.css(",".join(_BLOCK)):
        node.insert_before("\n")
        node.insert_after("\n")
    body = tree.body
    out.append(body.text(separator="", deep=True) if body is not None else "")
    joined = "".join(out)
    return "\n".join(
        re.sub(r"[ \t]+", " ", line).strip()
        for line in re.sub(r"\n\s*\n+", "\n\n", joined).split("\n")
    )


# -- CSV -----------------------------------------------------------------------------------------


def _csv(text: str) -> Document:
    csv.field_size_limit(131_072)
    if len(text) > 5 * 2**20:
        raise Refused("too_large")
    seen, told = document.cleaned(text)
    rows: list[Line] = []
    try:
        sign = _delimiter(seen)
        for number, row in enumerate(csv.reader(io.StringIO(seen), delimiter=sign)):
            if number > MOST_ROWS or len(row) > MOST_COLUMNS:
                raise Refused("too_large")
            cells = tuple(" ".join(cell.split()) for cell in row)
            if any(_command(cell) for cell in cells):
                told = (*told, "formulas")
                cells = tuple("" if _command(cell) else cell for cell in cells)
            rows.append(cells if any(cells) else ())
    except csv.Error as fault:
        raise Refused("broken") from fault
    style: Style | None = "comma" if sign == ";" else None
    return Document(lines=tuple(_trimmed(rows)), style=_or_by_numbers(seen, style), told=told)


def _or_by_numbers(text: str, style: Style | None) -> Style | None:
    from bot.quotes import numbers

    return numbers.style_of(text) or style


def _command(cell: str) -> bool:
    return bool(re.match(r"^[=@]|^[+-](?=[A-Za-z(])", cell))


def _delimiter(text: str) -> str:
    """The sign at which most rows part into equally many cells."""
    lines = [line for line in text.split("\n") if line.strip()][:60]
    best = (0.0, ",")
    for sign in (";", "\t", "|", ","):
        widths = [len(row) for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=sign)]
        wide = [width for width in widths if width > 1]
        if wide:
            commonest = max(set(wide), key=wide.count)
            score = wide.count(commonest) / len(lines) + (0.2 if sign != "," else 0)
            if score > best[0]:
                best = (score, sign)
    return best[1]


def _trimmed(rows: list[Line]) -> Iterator[Line]:
    """Without columns that are empty throughout and empty cells at the end."""
    for row in rows:
        cells = list(row)
        while cells and not cells[-1]:
            cells.pop()
        filled = [cell for cell in cells if cell]
        yield tuple(cells) if len(filled) > 1 else tuple(filled)


# -- XLSX ----------------------------------------------------------------------------------------

_FAR = re.compile(rb'r="(?:[A-Z]{3}\d+|[A-Z]{1,3}\d{6,})"|<row r="\d{6,}"')


def _looked_into(body: bytes, ending: str) -> zipfile.ZipFile:
    try:
        packed = zipfile.ZipFile(io.BytesIO(body))
        infos = packed.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as fault:
        raise Refused("broken") from fault
    names = {info.filename for info in infos}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Refused(
            "word_file" if any(name.startswith("word/") for name in names) else "not_a_quote_file"
        )
    if len(infos) > ENTRIES or len(names) != len(infos):
        raise Refused("bomb")
    if any(info.flag_bits & 1 for info in infos):
        raise Refused("encrypted")
    if any(".." in info.filename or info.filename.startswith("/") for info in infos):
        raise Refused("hostile_names")
    if any("vbaProject" in name for name in names) or ending in {"xlsm", "xlsb"}:
        raise Refused("macros")
    claimed = sum(info.file_size for info in infos)
    if claimed > UNPACKED or any(
        info.file_size > RATIO * max(1, info.compress_size) and info.file_size > 200_000
        for info in infos
    ):
        raise Refused("bomb")
    cells = 0
    spent = 0
    for info in infos:
        if not info.filename.endswith((".xml", ".rels")):
            continue
        tail = b""
        first = True
        try:
            with packed.open(info) as part:
                while block := part.read(1 << 16):
                    spent += len(block)
                    if spent > UNPACKED:
                        raise Refused("bomb")
                    whole = tail + block
                    if first and re.search(rb"<!DOCTYPE|<!ENTITY", whole[:4096]):
                        raise Refused("entities")
                    first = False
                    if info.filename.startswith("xl/worksheets/"):
                        if _FAR.search(whole):
                            raise Refused("too_large")
                        cells += block.count(b"<c ")
                        if cells > MOST_CELLS:
                            raise Refused("too_large")
                    tail = whole[-24:]
        except (
            zipfile.BadZipFile,
            EOFError,
            OSError,
            ValueError,
            RuntimeError,
            NotImplementedError,
        ) as fault:
            raise Refused("broken") from fault
        except Exception as fault:
            if isinstance(fault, Refused):
                raise
            raise Refused("broken") from fault
    return packed


def _xlsx(body: bytes, ending: str) -> Document:
    import openpyxl

    packed = _looked_into(body, ending)
    external = any(name.startswith("xl/externalLinks/") for name in packed.namelist())
    try:
        values = openpyxl.load_workbook(io.BytesIO(body), data_only=True, keep_links=False)
        written = openpyxl.load_workbook(io.BytesIO(body), data_only=False, keep_links=False)
    except Refused:
        raise
    except Exception as fault:  # the library raises many kinds on broken files
        raise Refused("broken") from fault
    told: list[str] = ["external_links"] if external else []
    lines: list[Line] = []
    for sheet in values.worksheets:
        if sheet.sheet_state != "visible":
            told.append("hidden_sheet")
            continue
        formulas = written[sheet.title]
        hidden = {letter for letter, one in sheet.column_dimensions.items() if one.hidden}
        if (sheet.max_row or 0) > MOST_ROWS or (sheet.max_column or 0) > MOST_COLUMNS:
            raise Refused("too_large")
        rows: list[Line] = []
        for row in sheet.iter_rows():
            if sheet.row_dimensions[row[0].row or 0].hidden:
                if any(cell.value is not None for cell in row):
                    told.append("hidden_rows")
                continue
            cells = []
            for cell in row:
                if getattr(cell, "column_letter", None) in hidden:
                    if cell.value is not None:
                        told.append("hidden_rows")
                    cells.append("")
                    continue
                formula = formulas[cell.coordinate].value
                text = _cell(cell, formula)
                if isinstance(formula, str) and formula.startswith("=") and not text:
                    told.append("formulas")
                cells.append(text)
            rows.append(tuple(cells) if any(cells) else ())
        lines += _close(rows)
        lines.append(())
    values.close()
    written.close()
    if not any(lines):
        raise Unreadable("empty")
    text, more = document.cleaned(
        "\n".join("\x1e".join(cell.replace("\n", " ") for cell in line) for line in lines).replace(
            "\x1e", "\ue000"
        )
    )
    kept = tuple(tuple(line.split("\ue000")) if line else () for line in text.split("\n"))
    return Document(lines=kept, style="point", told=tuple(dict.fromkeys((*told, *more))))


def _close(rows: list[Line]) -> list[Line]:
    """Rows without the columns that hold nothing in the whole sheet."""
    width = max((len(row) for row in rows), default=0)
    used = [spot for spot in range(width) if any(spot < len(row) and row[spot] for row in rows)]
    made = [
        tuple(row[spot] if spot < len(row) else "" for spot in used) if row else () for row in rows
    ]
    return list(_trimmed(made))


_SAFE = re.compile(r"^=[-+*/(). ,:;$A-Z0-9%!'\s]*$", re.IGNORECASE)
_FUNCTIONS = re.compile(r"[A-Z][A-Z.]+(?=\()", re.IGNORECASE)


def _cell(cell: Any, formula: Any) -> str:
    """A cell as text that reads one way only: figures with a point and no groups, dates in ISO form."""
    value = cell.value
    if isinstance(formula, str) and formula.startswith("="):
        calls = {name.upper() for name in _FUNCTIONS.findall(formula)}
        if (
            value is None
            or calls - {"SUM", "ROUND", "PRODUCT", "IF", "MIN", "MAX"}
            or "[" in formula
            or "|" in formula
        ):
            return ""
    if value is None:
        return ""
    style = str(cell.number_format or "")
    font = getattr(cell, "font", None)
    if font is not None and (font.strike or _white(font)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return _figure(float(value), style)
    text = str(value).strip()
    return "" if _command(text) and not re.match(r"^[+-]", text) else text


def _white(font: Any) -> bool:
    color = getattr(font, "color", None)
    return (
        color is not None
        and getattr(color, "type", None) == "rgb"
        and str(color.rgb).upper() in {"FFFFFFFF", "00FFFFFF"}
        and not getattr(font, "b", False)
    )


def _figure(value: float, style: str) -> str:
    from decimal import Decimal

    if not math.isfinite(value):
        return ""
    exact = Decimal(repr(value))
    if "%" in style:
        return format((exact * 100).normalize(), "f") + "%"
    shown = (
        exact.quantize(Decimal(1))
        if exact == exact.to_integral_value()
        else exact.quantize(Decimal("1.0000000000")).normalize()
    )
    text = format(shown, "f")
    if "." in text and len(text.split(".")[1]) == 3:
        text += "0"  # three digits after a point could be taken for thousands
    match = re.search(r'"([^"]*)"|\[\$([^\]-]*)', style)
    sign = (next((part for part in match.groups() if part), "") if match else "").strip()
    if not sign:
        sign = next(
            (one for one in ("R$", "US$", "€", "£", "$") if one in style.replace("[$-", "")), ""
        )
    return (
        f"{sign} {text}"
        if sign and re.search(r"[$€£]|[A-Z]{3}", sign)
        else f"{text} {sign}".strip()
        if sign and len(sign) < 8
        else text
    )


# -- PDF -----------------------------------------------------------------------------------------


def _pdf(body: bytes) -> Document:
    import logging

    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    told: list[str] = []
    pypdf.overwrite_configuration(
        zlib_maximum_output_length=_STREAM, lzw_maximum_output_length=_STREAM,
        run_length_maximum_output_length=_STREAM, array_based_stream_maximum_output_length=_STREAM,
        maximum_declared_stream_length=MOST_BYTES, jbig2_maximum_output_length=_STREAM,
        stream_decoding_work_maximum_length=4 * _STREAM, stream_parsing_work_maximum_count=400_000,
        image_maximum_buffer_size=_STREAM, jbig2dec_binary=None,
    )  # fmt: skip
    try:
        reader = pypdf.PdfReader(io.BytesIO(body), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("encrypted")
        count = reader.trailer["/Root"].get_object()["/Pages"].get_object().get("/Count", 0)  # type: ignore[index]
        if not isinstance(count, int) or count > MOST_PAGES:
            raise Refused("too_many_pages")
        pages: list[str] = []
        size = 0
        for number, page in enumerate(reader.pages):
            if number >= MOST_PAGES:
                raise Refused("too_many_pages")
            text = _page(page)
            size += len(text)
            if size > MOST_CHARACTERS * 3:
                raise Refused("too_long")
            pages.append(text)
    except (Refused, Unreadable):
        raise
    except (PyPdfError, MemoryError, RecursionError) as fault:
        raise Refused(
            "encrypted" if "ncrypt" in type(fault).__name__ + str(fault) else "broken"
        ) from fault
    except Exception as fault:  # the library raises many kinds on broken files
        raise Refused("broken") from fault
    whole = "\n".join(pages)
    if len(re.sub(r"\s", "", whole)) < 25:
        raise Unreadable("picture")
    seen, more = document.cleaned(whole)
    parts = document.chain(seen)
    return Document(
        lines=document.lines_of(parts.top),
        earlier=document.lines_of(parts.earlier),
        sender=parts.sender,
        subject=parts.subject,
        sent=_mail_date(parts.when),
        told=(*told, *more),
    )


_STREAM = 4 * 2**20
"""Bytes that one stream may unpack to; a quote's has some hundred kilobytes."""


def _page(page: Any) -> str:
    """The page with its columns apart; hidden text (white, invisible, tiny) left out."""
    hidden: list[str] = []
    fill: list[float] = []
    mode = [0]

    def before(operator: bytes, operands: Any, _cm: Any, _tm: Any) -> None:
        try:
            if operator in {b"rg", b"sc", b"scn"} and len(operands) == 3:
                fill[:] = [float(part) for part in operands]
            elif operator == b"g" and operands:
                fill[:] = [float(operands[0])]
            elif operator == b"k" and len(operands) == 4:
                fill[:] = [0.0 if any(float(part) for part in operands) else 1.0]
            elif operator == b"Tr" and operands:
                mode[0] = int(operands[0])
        except (TypeError, ValueError):
            return

    def text_seen(text: str, _cm: Any, tm: Any, _font: Any, size: Any) -> None:
        white = bool(fill) and all(part >= 0.97 for part in fill)
        scale = abs(float(tm[3] or tm[0] or 1)) if tm else 1.0
        if text.strip() and (white or mode[0] in {3, 7} or float(size or 10) * scale < 2.5):
            hidden.append(" ".join(text.split()))

    plain: str = page.extract_text(visitor_operand_before=before, visitor_text=text_seen)
    try:
        laid: str = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False)
    except Exception:  # noqa: BLE001  layout mode fails on some fonts; the plain text is read then
        laid = plain
    if len(re.sub(r"\s", "", laid)) < 0.6 * len(re.sub(r"\s", "", plain)):
        laid = plain
    for phrase in hidden:
        # White on a dark head of a table is read; white prose with figures is not.
        if len(phrase) > 12 and re.search(r"\d", phrase):
            laid = re.sub(r"\s+".join(re.escape(word) for word in phrase.split()), " ", laid)
    return laid
