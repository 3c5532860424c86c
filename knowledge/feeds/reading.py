"""Reading payloads: bodies into text, JSON, CSV rows and money, or one line that says why not.

Pure, and closed by default: a body that is not what the source documents is a ParseFault, a
price that is no price is None.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from knowledge.feeds.source import ParseFault, Payload

UNZIPPED_LIMIT = 100_000_000
"""Bytes a zip member may hold: several times the largest catalogue known."""
UNZIPPED_RATIO = 200
"""CSV packs about 20:1; a bomb packs 1000:1."""


def name_of(payload: Payload) -> str:
    """What a fault calls this payload: its tag, else the end of its address."""
    return payload.tag or payload.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]


def text_of(payload: Payload) -> str:
    """The body as text; raises ParseFault when it is not UTF-8."""
    return _decoded(payload.body, name_of(payload))


def _decoded(body: bytes, name: str) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ParseFault(f"{name}: not valid UTF-8 at byte {fault.start}") from fault


def json_of(payload: Payload) -> Any:
    """The body as JSON; raises ParseFault for a truncated body, HTML, NaN and the like."""
    text = text_of(payload)
    if text.lstrip()[:1] == "<":
        raise ParseFault(f"{name_of(payload)}: HTML where JSON was due")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as fault:
        where = f" at character {fault.pos}" if isinstance(fault, json.JSONDecodeError) else ""
        raise ParseFault(f"{name_of(payload)}: broken JSON{where}") from fault


def list_at(data: Any, *keys: str, name: str) -> list[Any]:
    """`data[key]...`, which must be a list; raises ParseFault naming what is missing."""
    found = at(data, *keys, name=name)
    if not isinstance(found, list):
        raise ParseFault(f"{name}: {'.'.join(keys) or 'the body'} is no list")
    return found


def dict_at(data: Any, *keys: str, name: str) -> dict[str, Any]:
    """`data[key]...`, which must be an object; raises ParseFault naming what is missing."""
    found = at(data, *keys, name=name)
    if not isinstance(found, dict):
        raise ParseFault(f"{name}: {'.'.join(keys) or 'the body'} is no object")
    return found


def at(data: Any, *keys: str, name: str) -> Any:
    for key in keys:
        if not isinstance(data, dict) or key not in data:
            raise ParseFault(f"{name}: {key!r} is missing")
        data = data[key]
    return data


def csv_rows(text: str, required: Sequence[str], name: str) -> Iterator[dict[str, str]]:
    """Rows by header name; new columns are no harm, a missing one is a ParseFault.

    A last row with fewer cells than the header means the file was cut.
    """
    lines = _csv_lines(text, required, name)
    header = next(lines)
    for cells in lines:
        yield dict(zip(header, cells, strict=True))


def csv_cells(
    text: str, wanted: Sequence[str], name: str, optional: Collection[str] = ()
) -> Iterator[tuple[str, ...]]:
    """Like `csv_rows`, a third of its cost: the wanted columns in order, "" for a missing optional."""
    lines = _csv_lines(text, [column for column in wanted if column not in optional], name)
    header = next(lines)
    # A column that is not there is taken from an empty cell behind the last one.
    places = [header.index(one) if one in header else len(header) for one in wanted]
    cells_of: Callable[[list[str]], tuple[str, ...]] = itemgetter(*places)
    short = len(header) in places
    for cells in lines:
        if short:
            cells.append("")
        yield cells_of(cells)


_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def _csv_lines(text: str, required: Sequence[str], name: str) -> Iterator[list[str]]:
    """The header, then every line of as many cells."""
    if text.lstrip()[:1] == "<":
        raise ParseFault(f"{name}: HTML where CSV was due")
    # Line by line: a StringIO takes four bytes a character of a file of tens of megabytes.
    reader = csv.reader(found[0] for found in _LINE.finditer(text))
    try:
        header = next(reader, None)
        if header is None:
            raise ParseFault(f"{name}: empty")
        header = [column.strip() for column in header]
        missing = [column for column in required if column not in header]
        if missing:
            raise ParseFault(f"{name}: column {', '.join(map(repr, missing))} is missing")
        twice = [column for column in required if header.count(column) > 1]
        if twice:
            raise ParseFault(f"{name}: column {', '.join(map(repr, twice))} stands there twice")
        yield header
        width = len(header)
        for cells in reader:
            if len(cells) == width:
                yield cells
            elif cells:
                raise ParseFault(
                    f"{name}: line {reader.line_num} has {len(cells)} cells where the header has "
                    f"{width}; cut off?"
                )
    except csv.Error as fault:
        raise ParseFault(f"{name}: line {reader.line_num}: {fault}") from fault


class MemberMissing(ParseFault):
    """A sound archive that does not hold what was wanted."""


def unzipped(payload: Payload, wanted: str) -> str:
    """One member of a zip as text; raises ParseFault for a cut archive and for a bomb."""
    name = name_of(payload)
    try:
        with zipfile.ZipFile(io.BytesIO(payload.body)) as archive:
            member = next((m for m in archive.infolist() if m.filename == wanted), None)
            if member is None:
                raise MemberMissing(f"{name}: the archive holds no {wanted}")
            # What the archive says of itself may be a lie, so the bytes are counted as they come.
            limit = min(
                UNZIPPED_LIMIT, max(1_000_000, UNZIPPED_RATIO * max(member.compress_size, 1))
            )
            with archive.open(member) as file:
                body = file.read(limit + 1)
            if len(body) > limit:
                raise ParseFault(
                    f"{name}: {wanted} unpacks to more than {limit:,} bytes, a zip bomb"
                )
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,  # offsets that point before the file
        struct.error,
    ) as fault:
        raise ParseFault(f"{name}: broken zip ({fault})") from fault
    return _decoded(body, wanted)


_AMOUNT = re.compile(r"^\\?[$€]?\s*(-?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?)$")


def amount(value: Any) -> float | None:
    """A price as a number, or None for what is no price.

    Zero, negative, NaN, empty and "contact us" are missing prices, never 0.
    """
    if isinstance(value, str):
        return _amount_in(value)
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number > 0 else None


@lru_cache(maxsize=16384)
def _amount_in(text: str) -> float | None:
    """Files repeat their figures: a catalogue's hundred thousand prices are a few thousand."""
    found = _AMOUNT.match(text.strip())
    if found is None:
        return None
    number = float(found.group(1).replace(",", ""))
    return number if math.isfinite(number) and number > 0 else None


_SILENCE = {"", "-", "n/a", "na", "none", "null"}


def is_no_price(value: Any) -> bool:
    """Whether something stands where a price was due that can be none: -1, NaN, true, "abc".

    Nothing, zero, "N/A" and words of a sentence ("Contact us") only say that there is none.
    """
    if value is None or amount(value) is not None:
        return False
    if isinstance(value, str):
        text = value.strip().lower()
        if text in _SILENCE or (" " in text and not any(char.isdigit() for char in text)):
            return False
        value = text.lstrip("$€")
    if isinstance(value, bool):
        return True
    try:
        return float(value) != 0
    except (TypeError, ValueError, OverflowError):
        return not (isinstance(value, str) and value.startswith("n/a"))


def quantity(value: Any) -> float | None:
    """Like `amount` for vCPUs, gigabytes and counts ("2,048 GiB" too): None when not stated."""
    if isinstance(value, str):
        value = value.strip().split(" ", 1)[0]
    return amount(value)


def whole(value: Any) -> int | None:
    """A count that is a whole number, else None: a third of a card is not a card."""
    number = quantity(value)
    return int(number) if number is not None and number == int(number) else None


def stamp_of(payload: Payload) -> datetime:
    """When the feed says it was made; when it does not say, when we read it."""
    return payload.last_modified or payload.fetched_at


def moment(value: Any) -> datetime | None:
    """An ISO date or time as an aware one (UTC where it names no zone), else None."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
