"""The picture of a Chart: text is in it, gaps are gaps, and nothing breaks it."""

from __future__ import annotations

import re
import struct
import zlib
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from gallery import GALLERY
from hypothesis import given
from hypothesis import strategies as st

from bot.core.answer import Chart, Series
from bot.render.chart import HEIGHT, MAX_LINES, TOP, WIDTH, png, svg

CHARTS = {name: answer.chart for name, answer in GALLERY.items() if answer.chart}
START = date(2026, 8, 1)


def _chart(*values: float | None, name: str = "Lowest", title: str = "H100") -> Chart:
    points = tuple((START + timedelta(days=n), value) for n, value in enumerate(values))
    return Chart(
        title, "USD per GPU-hour", (Series(name, points),), "finding", "example · Aug 2026"
    )


def _rows(picture: bytes) -> list[bytes]:
    """The pixels of an 8-bit RGBA PNG, a bytes object a row."""
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, colour = struct.unpack(">IIBB", picture[16:26])
    assert (depth, colour) == (8, 6)
    data, at = b"", 8
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        if picture[at + 4 : at + 8] == b"IDAT":
            data += picture[at + 8 : at + 8 + length]
        at += length + 12
    raw, line = zlib.decompress(data), width * 4
    rows: list[bytes] = []
    before = bytes(line)
    for n in range(height):
        kind, row = raw[n * (line + 1)], bytearray(raw[n * (line + 1) + 1 : (n + 1) * (line + 1)])
        for i in range(line):
            left = row[i - 4] if i >= 4 else 0
            up, corner = before[i], before[i - 4] if i >= 4 else 0
            if kind == 1:
                row[i] = (row[i] + left) & 255
            elif kind == 2:
                row[i] = (row[i] + up) & 255
            elif kind == 3:
                row[i] = (row[i] + (left + up) // 2) & 255
            elif kind == 4:
                guess = left + up - corner
                near = min(
                    (abs(guess - left), 0, left),
                    (abs(guess - up), 1, up),
                    (abs(guess - corner), 2, corner),
                )
                row[i] = (row[i] + near[2]) & 255
        before = bytes(row)
        rows.append(before)
    return rows


def test_there_is_text_in_the_picture() -> None:
    """resvg drops text in silence when it has no font: the title's strip must hold ink."""
    rows = _rows(png(_chart(2.0, 2.5), width=400))
    strip = rows[4:20]
    dark = sum(1 for row in strip for i in range(0, len(row), 4) if sum(row[i : i + 3]) < 300)
    bare = _rows(png(_chart(2.0, 2.5, title=""), width=400))[4:20]
    assert dark > 50
    assert not any(sum(row[i : i + 3]) < 300 for row in bare for i in range(0, len(row), 4))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_of_the_gallery_is_drawn(name: str, dark: bool) -> None:
    """As valid XML and as a PNG under 100 kB."""
    chart = CHARTS[name]
    assert chart is not None
    ET.fromstring(svg(chart, dark=dark))
    assert len(png(chart, dark=dark)) < 100_000


def test_a_gap_is_a_gap() -> None:
    """Two runs of days are two strokes; a day alone is a dot, never joined to anything."""
    drawn = svg(_chart(2.0, 2.1, None, 2.4, 2.5, None, 2.2))
    assert drawn.count("<polyline") == 2
    assert len(re.findall(r'r="3"', drawn)) == 1


def test_lines_are_named_where_they_end() -> None:
    """Names and last prices stand beside the lines, in the reader's way of writing money."""
    assert "Lowest" in svg(_chart(2.0, 2.5))
    assert ">$2.50<" in svg(_chart(2.0, 2.5))
    assert ">US$ 2,50<" in svg(_chart(2.0, 2.5), "pt")


def test_a_line_that_ended_says_when() -> None:
    """Its label stands at the right edge, where a reader would take it for today's."""
    old = Series("Old", ((START, 1.0),))
    new = Series("New", tuple((START + timedelta(days=n), 2.0) for n in range(60)))
    drawn = svg(Chart("H100", "USD", (old, new), "finding", "example"))
    assert "$1.00 (1 Aug 2026)" in drawn
    assert ">$2.00<" in drawn


def test_provenance_is_in_the_picture() -> None:
    """Source and dates travel with a picture that is forwarded."""
    assert "example · Aug 2026" in svg(_chart(1.0))


@given(
    values=st.lists(st.none() | st.floats(0.001, 1e6), min_size=0, max_size=40),
    words=st.text(max_size=60),
)
def test_any_data_gives_a_whole_drawing(values: list[float | None], words: str) -> None:
    """Valid XML whose strokes stay inside the drawing."""
    drawn = svg(_chart(*values, name=words, title=words))
    root = ET.fromstring(drawn)
    for line in root.iter("{http://www.w3.org/2000/svg}polyline"):
        for spot in line.attrib["points"].split():
            x, y = (float(part) for part in spot.split(","))
            assert 0 <= x <= WIDTH
            assert TOP - 1 <= y <= HEIGHT


def test_more_lines_than_can_be_told_apart_are_left_out() -> None:
    """Six lines; the answer's table holds the rest."""
    many = CHARTS["chart of many"]
    assert many is not None
    assert len(many.series) > MAX_LINES
    assert svg(many).count('r="4"') == MAX_LINES
