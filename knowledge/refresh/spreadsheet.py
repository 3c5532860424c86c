"""A table out of a file that people keep: CSV as spreadsheets write it, or XLSX.

Nothing is evaluated: a formula counts by the value that stands beside it. A file is bounded before
it is read, and strangers' XML goes through defusedxml.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

MAX_BYTES = 200 * 1024 * 1024
MAX_UNPACKED = 200_000_000
MAX_COLUMNS = 200
MAX_ROWS = 1_000_000


class TableFault(Exception):
    """A file that is no table we can read; the message is one sentence that says what to do."""


class Table(NamedTuple):
    header: list[str]
    lines: list[tuple[int, list[str]]]
    """(line of the file, its cells as text); empty lines are left out."""
    comma_for_decimals: bool | None
    """How the file writes numbers; None when it is written for machines (commas between cells)."""


def read_table(path: Path) -> Table:
    """The first visible sheet, or the CSV; raises TableFault."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise TableFault(
            f"{path.name} is larger than {MAX_BYTES // 1024 // 1024} MB. Split it by source."
        )
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK\x03\x04"):
        return _xlsx(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableFault(f"{path.name} is an old or a locked workbook. Save it as .xlsx or as CSV.")
    return _csv(path)


# -- CSV -------------------------------------------------------------------------------------


def _csv(path: Path) -> Table:
    text = _decoded(path)
    first = text[: text.find("\n") + 1 or None]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [column.strip() for column in next(reader, [])]
        lines = []
        for cells in reader:
            if len(cells) != len(header):
                if not any(cell.strip() for cell in cells):
                    continue
                raise TableFault(
                    f"{path.name}:{reader.line_num}: the number of cells differs from the header."
                )
            if any(cells):
                lines.append((reader.line_num, cells))
    except csv.Error as fault:
        raise TableFault(f"{path.name} is not a CSV: {fault}.") from fault
    return Table(header, lines, None if delimiter == "," else _writes_commas(lines))


def _decoded(path: Path) -> str:
    body = path.read_bytes()
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        codings = ["utf-16"]
    else:
        codings = ["utf-8-sig", "cp1252"]  # what spreadsheets write besides
    for coding in codings:
        try:
            return body.decode(coding)
        except UnicodeDecodeError as fault:
            last = fault
    raise TableFault(
        f"{path.name} is not UTF-8 text (byte {last.start}). Save it as CSV UTF-8."
    ) from last


_COMMA = re.compile(r"^[^\d-]*-?\d{1,3}(?:\.\d{3})+,\d+\D*$|^[^\d-]*-?\d+,(?!\d{3}\b)\d+\D*$")
_POINT = re.compile(r"^[^\d-]*-?\d{1,3}(?:,\d{3})+\.\d+\D*$|^[^\d-]*-?\d+\.(?!\d{3}\b)\d+\D*$")


def _writes_commas(lines: list[tuple[int, list[str]]]) -> bool:
    """Whether a file with semicolons writes decimals with commas: by the cells that leave no doubt."""
    commas = points = 0
    for _, cells in lines[:5000]:
        for cell in cells:
            commas += _COMMA.match(cell) is not None
            points += _POINT.match(cell) is not None
    return commas > 0 or points == 0


# -- XLSX ------------------------------------------------------------------------------------

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CELL = re.compile(r"^([A-Z]{1,3})(\d{1,7})$")
_DATES = {14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 45, 46, 47, 50, 57, 58}
"""Built-in formats that show a date."""
_DATE_FORMAT = re.compile(r"(?:^|[^\\a-z])(?:d{1,4}|y{2,4}|m{3,4})(?:[^a-z]|$)", re.IGNORECASE)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a spreadsheet's days have no zone


def _xlsx(path: Path) -> Table:
    try:
        with zipfile.ZipFile(path) as book:
            return _sheet(book, path.name)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        NotImplementedError,
        RuntimeError,
    ) as fault:
        raise TableFault(f"{path.name} is no workbook that can be read ({fault}).") from fault


def _parsed(book: zipfile.ZipFile, name: str, file: str) -> Any:
    import xml.etree.ElementTree as ET

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    with book.open(name) as member:
        body = member.read(MAX_UNPACKED + 1)  # what the archive says of itself may be a lie
    if len(body) > MAX_UNPACKED:
        raise TableFault(f"{file} unpacks to more than {MAX_UNPACKED // 1_000_000} MB; refused.")
    try:
        return fromstring(body, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError) as fault:
        raise TableFault(f"{file} is no workbook that can be read ({name}).") from fault


def _sheet(book: zipfile.ZipFile, file: str) -> Table:
    if sum(info.file_size for info in book.infolist()) > MAX_UNPACKED or any(
        info.file_size > 1_000_000 and info.file_size > 200 * max(1, info.compress_size)
        for info in book.infolist()
    ):
        raise TableFault(f"{file} unpacks to more than a list of prices can be; refused.")
    workbook = _parsed(book, "xl/workbook.xml", file)
    visible = [
        sheet
        for sheet in workbook.iter(f"{_MAIN}sheet")
        if sheet.get("state", "visible") == "visible"
    ]
    if not visible:
        raise TableFault(f"{file} has no visible sheet.")
    targets = {
        relation.get("Id"): relation.get("Target")
        for relation in _parsed(book, "xl/_rels/workbook.xml.rels", file)
    }
    target = str(targets.get(visible[0].get(f"{_RELATED}id"), "worksheets/sheet1.xml"))
    target = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    names = set(book.namelist())
    texts: list[str] = []
    if "xl/sharedStrings.xml" in names:
        texts = [
            "".join(part.text or "" for part in item.iter(f"{_MAIN}t"))
            for item in _parsed(book, "xl/sharedStrings.xml", file).iter(f"{_MAIN}si")
        ]
    dates = _date_styles(book, file) if "xl/styles.xml" in names else set()
    old = any(
        properties.get("date1904") in ("1", "true")
        for properties in workbook.iter(f"{_MAIN}workbookPr")
    )
    found = list(_rows(_parsed(book, target, file), texts, dates, old=old, file=file))
    if not found:
        raise TableFault(f"{file}: its first sheet is empty.")
    # Titles may stand above the table: it begins where a row has as many cells as any below.
    widest = max(len(cells) for _, cells in found[:50])
    head = next(place for place, (_, cells) in enumerate(found) if len(cells) >= 0.6 * widest)
    width = max(found[head][1]) + 1
    header = [found[head][1].get(place, "").strip() for place in range(width)]
    lines = [
        (number, [cells.get(place, "") for place in range(width)])
        for number, cells in found[head + 1 :]
    ]
    used = [place for place, name in enumerate(header) if name]
    return Table(
        [header[place] for place in used],
        [(number, [cells[place] for place in used]) for number, cells in lines],
        None,
    )


def _date_styles(book: zipfile.ZipFile, file: str) -> set[int]:
    """Indexes of cell styles that show a number as a date."""
    styles = _parsed(book, "xl/styles.xml", file)
    own = {
        int(style.get("numFmtId", "0"))
        for style in styles.iter(f"{_MAIN}numFmt")
        if _DATE_FORMAT.search(re.sub(r'"[^"]*"|\[[^\]]*\]', "", style.get("formatCode", "")))
    }
    return {
        place
        for cells in styles.iter(f"{_MAIN}cellXfs")
        for place, one in enumerate(cells.iter(f"{_MAIN}xf"))
        if int(one.get("numFmtId", "0")) in _DATES | own
    }


def _rows(
    sheet: Any, texts: list[str], dates: set[int], *, old: bool, file: str
) -> Iterator[tuple[int, dict[int, str]]]:
    """(row, cells by column) of every row that holds something."""
    number = 0
    for row in sheet.iter(f"{_MAIN}row"):
        number = int(row.get("r", number + 1))
        if number > MAX_ROWS:
            raise TableFault(f"{file}: a cell in row {number:,}; more rows than a list has.")
        cells: dict[int, str] = {}
        place = -1
        for cell in row.iter(f"{_MAIN}c"):
            named = _CELL.match(cell.get("r", ""))
            place = _column(named[1]) if named else place + 1
            if place >= MAX_COLUMNS:
                raise TableFault(f"{file}: a cell in column {place + 1:,}; more than a list has.")
            text = _value(cell, texts, dates, old=old).strip()
            if text:
                cells[place] = text
        if cells:
            yield number, cells


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _value(cell: Any, texts: list[str], dates: set[int], *, old: bool) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
    value = cell.findtext(f"{_MAIN}v")
    if value is None or kind == "e":
        return ""
    if kind == "s":
        place = int(value) if value.isdigit() else -1
        return texts[place] if 0 <= place < len(texts) else ""
    if kind == "b":
        return "yes" if value == "1" else "no"
    if kind == "n":
        return _number(value, is_date=int(cell.get("s", "0")) in dates, old=old)
    return str(value)


def _number(value: str, *, is_date: bool, old: bool) -> str:
    """A figure without the tail that binary fractions leave; a day as ISO writes it."""
    try:
        number = float(value)
    except ValueError:
        return value
    if is_date and 0 < number < 3_000_000:
        moment = _EPOCH + timedelta(days=number + (1462 if old else 0))
        whole = moment.time().isoformat("seconds") == "00:00:00"
        return date.isoformat(moment) if whole else moment.isoformat(timespec="seconds")
    return f"{number:.12g}"


# -- figures ---------------------------------------------------------------------------------

_SPACES = re.compile(r"[\s\u00a0\u202f’']")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_MONEY = {"R$": "BRL", "US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_SIGN = re.compile(r"^(US\$|R\$|\$|€|£|¥|[A-Z]{3})?(-?[\d.,]+)(US\$|R\$|\$|€|£|¥|[A-Z]{3})?$")


class Figure(NamedTuple):
    text: str
    """As Python reads numbers."""
    currency: str | None = None
    """ISO code of the sign beside it."""


class FigureFault(ValueError):
    """A figure that may be read in two ways, or in none."""


def figure(cell: str, *, comma_for_decimals: bool | None) -> Figure:
    """ "1.234,56", "R$ 12,50", "2,35 €"; raises FigureFault for what leaves a doubt."""
    if _PLAIN.fullmatch(cell) and (comma_for_decimals is not True or "." not in cell):
        return Figure(cell)
    found = _SIGN.match(_SPACES.sub("", cell))
    if found is None:
        raise FigureFault(f"{cell!r:.30} is no number")
    sign = found[1] or found[3]
    digits = found[2]
    commas, points = digits.count(","), digits.count(".")
    if commas and points:
        decimal = "," if digits.rfind(",") > digits.rfind(".") else "."
    elif commas + points == 1:
        mark = "," if commas else "."
        tail = digits.rsplit(mark, 1)[1]
        if mark == "." and comma_for_decimals is not True:
            decimal = "."
        elif mark == "," and (comma_for_decimals or len(tail) != 3):
            decimal = ","
        elif mark == "." and len(tail) != 3:
            decimal = "."
        elif mark == ".":
            decimal = ","  # a file of decimal commas: the point stands between thousands
        else:
            raise FigureFault(
                f"{cell!r} may be read as {digits.replace(',', '.')} or {digits.replace(',', '')}"
            )
    else:
        decimal = "." if commas else ","  # the same mark twice stands between thousands
    between = "," if decimal == "." else "."
    plain = digits.replace(between, "").replace(decimal, ".")
    if not _PLAIN.fullmatch(plain):
        raise FigureFault(f"{cell!r:.30} is no number")
    return Figure(plain, _MONEY.get(sign, sign) if sign else None)
