"""A Chart as a picture: our own SVG, turned into PNG by resvg with a font that we bring.

Pure and CPU-bound (tens of milliseconds): a platform draws it in a worker thread. resvg leaves
text out without a word where it has no font, so it is given Roboto's own files and no others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from textwrap import wrap
from typing import NamedTuple
from xml.sax.saxutils import escape

from bot.core.answer import Chart, Series
from bot.core.question import Lang
from bot.core.wording import Wording, wording

WIDTH, HEIGHT = 800, 420
"""Units of the drawing; the picture's pixels follow `width`."""
LEFT, TOP, BOTTOM = 64, 78, 72
MAX_LINES = 6
MAX_LABEL = 24
MAX_SOURCE = 125
LABEL_STEP = 17
FONT = "Roboto"


class _Theme(NamedTuple):
    ground: str
    ink: str
    quiet: str
    grid: str
    lines: tuple[str, ...]


# Okabe and Ito's colours, which colour-blind readers tell apart, darkened or lightened until each
# stands at 3:1 or more against its ground. A picture brings its ground along, so that it also
# reads in a client whose theme is the other one.
_LIGHT = _Theme(
    "#ffffff", "#1d1c1d", "#5c5b5c", "#e4e4e6",
    ("#0072b2", "#c84e00", "#00805c", "#a8568a", "#8a6500", "#2b7fb0"),
)  # fmt: skip
_DARK = _Theme(
    "#1f2124", "#f2f2f3", "#b3b4b8", "#3a3c41",
    ("#56b4e9", "#e8863a", "#2fbf94", "#d996c0", "#e6b84d", "#9fc9ff"),
)  # fmt: skip
_DASHES = ("", "7 4", "2 4", "10 3 2 3", "4 2", "1 3")
"""Lines differ by dash too: a printed or colour-blind reading does not rest on colour."""


def png(
    chart: Chart,
    lang: Lang = "en",
    locale: str | None = None,
    *,
    width: int = WIDTH,
    dark: bool = False,
) -> bytes:
    """The chart as PNG, `width` pixels wide; title, unit, direct labels and source are in it."""
    import resvg_py

    # The fonts are files of ours, always there and always the same.
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg(chart, lang, locale, dark=dark),
            width=width,
            skip_system_fonts=True,
            font_files=list(_fonts()),
            font_family=FONT,
            sans_serif_family=FONT,
        )
    )


def svg(chart: Chart, lang: Lang = "en", locale: str | None = None, *, dark: bool = False) -> str:
    """The chart as SVG text, 800 units wide."""
    theme = _DARK if dark else _LIGHT
    say = wording(lang, locale)
    series = chart.series[:MAX_LINES]
    known = [
        (number, [(_across(at), value) for at, value in line.points if value is not None])
        for number, line in enumerate(series)
    ]
    known = [(number, points) for number, points in known if points]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FONT}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{theme.ground}"/>',
        _text(20, 32, _cut(chart.title, 62), theme.ink, size=20, weight=500),
        _text(20, 54, _cut(chart.unit, 90), theme.quiet, size=13),
        *_provenance(chart.source, theme),
    ]
    if not known:
        middle = _text(
            WIDTH / 2, HEIGHT / 2, say.t("No price is known for these days."), theme.quiet, size=16,
            anchor="middle",
        )  # fmt: skip
        return "\n".join([*parts, middle, "</svg>"])
    labels = _ends(series, known, say, dated=not chart.across)
    right = 24 + max(max(7.4 * len(end.name), 7 * len(end.price), 60) for end in labels)
    plot = _Plot.around([points for _, points in known], WIDTH - right)
    parts += _value_axis(plot, theme, say)
    parts += _across_axis(plot, chart, theme, say) if chart.across else _day_axis(plot, theme, say)
    for number, _ in known:
        points = [(_across(at), value) for at, value in series[number].points]
        parts += _line(plot, points, theme.lines[number], _DASHES[number])
    parts += _mark(plot, chart, theme)
    parts += _labels(plot, labels, theme)
    return "\n".join([*parts, "</svg>"])


def _across(at: date | float) -> float:
    """Where a point lies across: a day by its number."""
    return float(at.toordinal()) if isinstance(at, date) else float(at)


class _Plot(NamedTuple):
    """Where days (by their numbers) or amounts, and prices, lie in the drawing."""

    first: float
    last: float
    ticks: tuple[float, ...]
    """Prices with a grid line, ascending; the outer two bound the drawing."""
    right: float

    @classmethod
    def around(cls, lines: Sequence[Sequence[tuple[float, float]]], right: float) -> _Plot:
        days = [day for points in lines for day, _ in points]
        values = [value for points in lines for _, value in points]
        return cls(min(days), max(days), ticks(min(values), max(values)), right)

    def x(self, at: float) -> float:
        span = self.last - self.first
        if not span:
            return (LEFT + self.right) / 2
        return LEFT + (self.right - LEFT) * (at - self.first) / span

    def y(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - low) / (high - low)


def ticks(low: float, high: float) -> tuple[float, ...]:
    """Four to six round numbers around the prices; from zero where that costs little height."""
    if low < 0.4 * high:
        low = 0.0
    if high - low < 1e-9:
        low, high = low * 0.9, high * 1.1 or 1.0
    rough = (high - low) / 4
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= rough * 0.999)
    start, stop = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(n * step, 10) for n in range(start, max(stop, start + 1) + 1))


def _value_axis(plot: _Plot, theme: _Theme, say: Wording) -> Iterable[str]:
    digits = 2 if plot.ticks[1] - plot.ticks[0] < 1 else 0
    fine = 3 if plot.ticks[1] - plot.ticks[0] < 0.01 else digits
    for value in plot.ticks:
        y = plot.y(value)
        yield (
            f'<line x1="{LEFT}" x2="{plot.right:.1f}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="{theme.grid}" stroke-width="1"/>'
        )
        label = say.money(value, fine)
        yield _text(LEFT - 8, y + 4.5, label, theme.quiet, size=13, anchor="end")


def _day_axis(plot: _Plot, theme: _Theme, say: Wording) -> Iterable[str]:
    y = HEIGHT - BOTTOM + 20
    first, last = (date.fromordinal(round(at)) for at in (plot.first, plot.last))
    for day, label, anchor in _day_ticks(first, last, say):
        yield from _tick(plot.x(_across(day)), y, label, anchor, theme)


def _across_axis(plot: _Plot, chart: Chart, theme: _Theme, say: Wording) -> Iterable[str]:
    """Round amounts, and at the right what they are amounts of."""
    y = HEIGHT - BOTTOM + 20
    for at in ticks(plot.first, plot.last):
        if plot.first <= at <= plot.last:
            yield from _tick(plot.x(at), y, say.number(at), "middle", theme)
    yield _text(plot.right + 12, y, _cut(chart.across, MAX_LABEL + 6), theme.quiet, size=12)


def _tick(x: float, y: float, label: str, anchor: str, theme: _Theme) -> Iterable[str]:
    yield (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM + 5}" '
        f'stroke="{theme.quiet}" stroke-width="1"/>'
    )
    yield _text(x, y, label, theme.quiet, size=13, anchor=anchor)


def _mark(plot: _Plot, chart: Chart, theme: _Theme) -> Iterable[str]:
    """The named place: a line down to the axis, a ring, its name above."""
    if chart.mark is None:
        return
    at, value, name = chart.mark
    x, y = plot.x(at), plot.y(value)
    yield (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y:.1f}" y2="{HEIGHT - BOTTOM}" '
        f'stroke="{theme.ink}" stroke-width="1" stroke-dasharray="3 3"/>'
    )
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" stroke="{theme.ink}" stroke-width="1.6"/>'
    left = x > (LEFT + plot.right) / 2
    yield _text(
        x - 8 if left else x + 8, y - 10, _cut(name, 60), theme.ink, size=13,
        anchor="end" if left else "start",
    )  # fmt: skip


def _day_ticks(first: date, last: date, say: Wording) -> list[tuple[date, str, str]]:
    """Both ends and up to three days between, with the year where the chart spans more than one."""
    span = (last - first).days
    steps = min(4, span) or 1
    days = (
        [first + timedelta(days=round(n * span / steps)) for n in range(steps + 1)]
        if span
        else [first]
    )
    same_year = first.year == last.year
    out = []
    for at, day in enumerate(days):
        # The last label carries the year where the others need none.
        with_year = not same_year or day == last
        label = say.date(day) if with_year else say.date(day).rsplit(" ", 1)[0]
        anchor = "middle" if 0 < at < len(days) - 1 or not span else "start" if at == 0 else "end"
        out.append((day, label, anchor))
    return out


def _line(
    plot: _Plot, points: Sequence[tuple[float, float | None]], colour: str, dash: str
) -> Iterable[str]:
    """One stroke a run of known days, a dot for a day that stands alone: gaps stay gaps."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    for is_known, run in groupby(points, key=lambda point: point[1] is not None):
        if not is_known:
            continue
        spots = [(plot.x(day), plot.y(value)) for day, value in run if value is not None]
        if len(spots) == 1:
            (x, y) = spots[0]
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        yield (
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.4" '
            f'stroke-linejoin="round" stroke-linecap="round"{dashes}/>'
        )


class _End(NamedTuple):
    """The last known point of a line, and what stands beside it."""

    number: int
    name: str
    price: str
    at: float
    value: float


def _ends(
    series: Sequence[Series],
    known: Sequence[tuple[int, list[tuple[float, float]]]],
    say: Wording,
    *,
    dated: bool,
) -> list[_End]:
    first = min(points[0][0] for _, points in known)
    last = max(points[-1][0] for _, points in known)
    out = []
    for number, points in known:
        at, value = points[-1]
        # A line that ended long ago says when: its label stands at the edge all the same.
        ended = dated and last - at > 0.06 * (last - first)
        price = say.money(value)
        if ended:
            price = f"{price} ({say.date(date.fromordinal(round(at)))})"
        out.append(_End(number, _cut(series[number].name, MAX_LABEL), price, at, value))
    return out


def _labels(plot: _Plot, ends: Sequence[_End], theme: _Theme) -> Iterable[str]:
    """Each line's name and last price at the right edge, moved apart where they would touch."""
    ends = sorted(ends, key=lambda end: -end.value)
    step = 2 * LABEL_STEP + 2
    tops: list[float] = []
    for end in ends:
        tops.append(max(plot.y(end.value), tops[-1] + step if tops else TOP))
    # What ran out of the bottom pushes those above it up again.
    floor = float(HEIGHT - BOTTOM - LABEL_STEP)
    for at in range(len(tops) - 1, -1, -1):
        tops[at] = min(tops[at], floor)
        floor = tops[at] - step
    for top, end in zip(tops, ends, strict=True):
        colour = theme.lines[end.number]
        x, y = plot.x(end.at), plot.y(end.value)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
        yield _text(plot.right + 12, top + 3, end.name, colour, size=13.5, weight=500)
        yield _text(plot.right + 12, top + 3 + LABEL_STEP, end.price, theme.ink, size=13.5)


def _provenance(source: str, theme: _Theme) -> Iterable[str]:
    """Sources and dates in small print, on two lines at most."""
    first, *rest = wrap(
        _cut(source, 2 * MAX_SOURCE), MAX_SOURCE, max_lines=2, placeholder=" …"
    ) or [""]
    yield _text(20, HEIGHT - (27 if rest else 14), first, theme.quiet, size=11.5)
    yield from (_text(20, HEIGHT - 12, line, theme.quiet, size=11.5) for line in rest)


def _text(
    x: float,
    y: float,
    words: str,
    colour: str,
    *,
    size: float,
    weight: int = 400,
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
    )


def _cut(words: str, most: int) -> str:
    """One line of printable text; XML has no place for control characters."""
    words = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


@lru_cache(maxsize=1)
def _fonts() -> tuple[str, ...]:
    import font_roboto

    return str(font_roboto.Roboto), str(font_roboto.RobotoMedium)
