"""A Chart as Slack draws it itself, where its block holds the data.

https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from bot.core.answer import Chart, Series
from bot.core.text import clean, shorten
from bot.core.wording import Wording
from bot.slack.text import literal

MAX_POINTS = 20
THIN_POINTS = 12
"""Ours: labels of more days run into each other at the width of a message."""
MAX_SERIES = 6
MAX_TITLE = 50
MAX_NAME = 20
MAX_AXIS = 50
Block = dict[str, Any]
Place = date | float
"""A day, or an amount where the chart says of what."""


def chart_block(chart: Chart, say: Wording, *, thin: bool = False) -> Block | None:
    """The chart as a block, or None where it cannot hold the data: more than 20 days, a gap,
    more than six lines. `thin` keeps a dozen of the days on which every line is known, ends included.
    """
    series = [one for one in chart.series if any(value is not None for _, value in one.points)]
    if not series or len(series) > MAX_SERIES:
        return None
    known = [{day: value for day, value in one.points if value is not None} for one in series]
    every: list[Place] = sorted({at for one in chart.series for at, _ in one.points})
    shared = [day for day in every if all(day in one for one in known)]
    if not thin and shared != every:
        return None
    days = thinned(shared) if thin else shared
    if not days or len(days) > MAX_POINTS:
        return None
    names = _names(series)
    labels = _labels(days, say)
    across = {"x_label": literal(chart.across, MAX_AXIS)} if chart.across else {}
    return {
        "type": "data_visualization",
        "title": literal(chart.title, MAX_TITLE) or say.t("Chart"),
        "chart": {
            "type": "line" if len(days) > 1 else "bar",
            "series": [
                {
                    "name": name,
                    "data": [
                        {"label": label, "value": round(values[day], 4)}
                        for label, day in zip(labels, days, strict=True)
                    ],
                }
                for name, values in zip(names, known, strict=True)
            ],
            "axis_config": {
                "categories": labels,
                **across,
                "y_label": literal(chart.unit, MAX_AXIS) or "USD",
            },
        },
    }


def thinned(days: list[Place]) -> list[Place]:
    """At most a dozen of these days, evenly, with the first and the last."""
    if len(days) <= THIN_POINTS:
        return days
    last = len(days) - 1
    return [days[round(n * last / (THIN_POINTS - 1))] for n in range(THIN_POINTS)]


def in_words(chart: Chart, say: Wording) -> list[str]:
    """What a reader gets without a picture: each line's ends and bounds."""
    out = []
    for one in chart.series[:MAX_SERIES]:
        values = [value for _, value in one.points if value is not None]
        if values:
            sentence = say.t(
                "{first} to {last}, between {low} and {high}",
                first=say.money(values[0]),
                last=say.money(values[-1]),
                low=say.money(min(values)),
                high=say.money(max(values)),
            )
            out.append(f"{clean(one.name) or '?'}: {sentence}")
    if len(chart.series) > MAX_SERIES:
        out.append(
            say.t("{shown} of {total} lines shown.", shown=MAX_SERIES, total=len(chart.series))
        )
    return out


def _names(series: list[Series]) -> list[str]:
    """Names of at most 20 characters, each its own."""
    names: list[str] = []
    for one in series:
        name = literal(one.name, MAX_NAME) or "?"
        if name in names:
            number = f" {len(names) + 1}"
            name = shorten(name, MAX_NAME - len(number)) + number
        names.append(name)
    return names


def _labels(places: Sequence[Place], say: Wording) -> list[str]:
    """Day and month, with the year where the chart spans more than one; or plain amounts."""
    days = [at for at in places if isinstance(at, date)]
    if len(days) < len(places):
        return [say.number(float(at), 1) for at in places if not isinstance(at, date)]
    if days[0].year == days[-1].year:
        this_year = datetime.combine(days[0], time())
        return [say.date(day, this_year) for day in days]
    return [say.date(day) for day in days]
