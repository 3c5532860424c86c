"""A Chart as Teams draws it, with what older hosts show instead.

Charts are host extensions on a 1.5 card: a host that does not know them shows `fallback`.
The title stands above as text, because hosts do not draw the chart's own.
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards
"""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

from bot.core.answer import Chart, Series
from bot.core.text import clean
from bot.core.wording import Wording
from bot.teams.markdown import escape

MAX_IMAGE_BYTES = 9_000
"""PNG bytes; base64 makes them 12 kB of the card's 25 kB."""
MAX_SERIES = 6
Element = dict[str, Any]
Point = tuple[date | float, float]


def chart_elements(
    chart: Chart, say: Wording, *, points: int, image: bytes | None = None
) -> list[Element]:
    """Title, drawing with its fallback, gaps said in words, source."""
    known = [(one.name, _known(one)) for one in chart.series[:MAX_SERIES]]
    known = [(name, values) for name, values in known if values]
    if not known:
        return []
    title = escape(chart.title, 200)
    return [
        {
            "type": "TextBlock",
            "text": title or " ",
            "wrap": True,
            "weight": "Bolder",
            "spacing": "Medium",
        },
        _drawing(chart, known, points, image, say),
        *_gap_line(chart.series[:MAX_SERIES], say),
        {
            "type": "TextBlock",
            "text": escape(f"{clean(chart.unit)} · {clean(chart.source)}", 400) or " ",
            "wrap": True,
            "size": "Small",
            "isSubtle": True,
            "spacing": "Small",
        },
    ]


def _drawing(
    chart: Chart,
    known: list[tuple[str, list[Point]]],
    points: int,
    image: bytes | None,
    say: Wording,
) -> Element:
    fallback: Element = _in_words(chart, known, say)
    if image is not None and len(image) <= MAX_IMAGE_BYTES:
        encoded = base64.b64encode(image).decode()
        fallback = {
            "type": "Image",
            "url": f"data:image/png;base64,{encoded}",
            "altText": clean(chart.finding)[:400] or clean(chart.title)[:400] or say.t("Chart"),
            "size": "Stretch",
        }
    unit = clean(chart.unit)[:60]
    if max(len(values) for _, values in known) == 1:
        return {
            "type": "Chart.VerticalBar",
            "title": clean(chart.title)[:100],
            "yAxisTitle": unit,
            "data": [
                {"x": clean(name)[:60] or "?", "y": _y(values[0][1])} for name, values in known
            ],
            "fallback": fallback,
        }
    return {
        "type": "Chart.Line",
        "title": clean(chart.title)[:100],
        "yAxisTitle": unit,
        **({"xAxisTitle": clean(chart.across)[:60]} if chart.across else {}),
        "data": [
            {
                "legend": clean(name)[:60] or "?",
                "values": [
                    {"x": at.isoformat() if isinstance(at, date) else _y(at), "y": _y(value)}
                    for at, value in thinned(values, points)
                ],
            }
            for name, values in known
        ],
        "fallback": fallback,
    }


def thinned(values: list[Point], most: int) -> list[Point]:
    """At most about `most` points: of each stretch the lowest and the highest, ends kept."""
    if len(values) <= most:
        return values
    stretches = max(1, (most - 2) // 2)
    size = -(-len(values) // stretches)
    kept: set[int] = {0, len(values) - 1}
    for start in range(0, len(values), size):
        stretch = range(start, min(start + size, len(values)))
        kept.add(min(stretch, key=lambda at: values[at][1]))
        kept.add(max(stretch, key=lambda at: values[at][1]))
    return [values[at] for at in sorted(kept)]


def _known(series: Series) -> list[Point]:
    return [(day, value) for day, value in series.points if value is not None]


def _y(value: float) -> float:
    return round(value, 4)


def _gap_line(series: tuple[Series, ...], say: Wording) -> list[Element]:
    """A line chart joins over days without a price; say how many there are."""
    days = max((sum(value is None for _, value in one.points) for one in series), default=0)
    if not days:
        return []
    return [
        {
            "type": "TextBlock",
            "text": say.tn(
                "No price is known for {n} of these days; the line passes over it.",
                "No price is known for {n} of these days; the line passes over them.",
                days,
            ),
            "wrap": True,
            "size": "Small",
            "isSubtle": True,
        }
    ]


def _in_words(chart: Chart, known: list[tuple[str, list[Point]]], say: Wording) -> Element:
    """What a host without charts shows: the finding, and each line's ends and bounds."""
    facts = []
    for name, values in known:
        low = min(value for _, value in values)
        high = max(value for _, value in values)
        facts.append(
            {
                "title": escape(name, 60) or "?",
                "value": say.money(low)
                if low == high
                else say.t(
                    "{first} to {last}, between {low} and {high}",
                    first=say.money(values[0][1]),
                    last=say.money(values[-1][1]),
                    low=say.money(low),
                    high=say.money(high),
                ),
            }
        )
    return {
        "type": "Container",
        "items": [
            {"type": "TextBlock", "text": escape(chart.finding, 400) or " ", "wrap": True},
            {"type": "FactSet", "facts": facts},
        ],
    }
