"""A small plot for the terminal (plotext)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby

from bot.core.answer import Chart
from bot.render.chart import ticks

HEIGHT = 13
MARKERS = ("hd", "dot", "*", "+")


def terminal_plot(chart: Chart, width: int) -> str:
    """The chart as plain text no wider than `width`; gaps stay gaps."""
    import plotext

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.date_form("Y-m-d")
    plotext.plotsize(min(width, 100), HEIGHT)
    for number, series in enumerate(chart.series):
        label: str | None = series.name
        for known, run in groupby(series.points, key=lambda point: point[1] is not None):
            if not known:
                continue
            points = list(run)
            plotext.plot(
                [at.isoformat() if isinstance(at, date) else at for at, _ in points],
                [value for _, value in points],
                label=label,
                marker=MARKERS[number % len(MARKERS)],
            )
            label = None  # one legend line a series, however many gaps it has
    if chart.mark is not None:
        at, value, name = chart.mark
        plotext.scatter([at], [value], label=name, marker="o")
    if chart.across:
        plotext.xlabel(chart.across)
        across = [
            at for series in chart.series for at, _ in series.points if not isinstance(at, date)
        ]
        up = [value for series in chart.series for _, value in series.points if value is not None]
        _round_axis(plotext.xticks, across)
        _round_axis(plotext.yticks, up)
    plotext.title(f"{chart.title} ({chart.unit})")
    text = str(plotext.uncolorize(plotext.build()))
    return "\n".join(line.rstrip() for line in text.splitlines())


def _round_axis(place: Callable[[list[float], list[str]], object], values: Sequence[float]) -> None:
    """Round amounts from nothing up: the picture's own are as odd as the highest value."""
    if values:
        highest = max(values)
        shown = [tick for tick in ticks(0.0, highest) if tick <= highest]
        place(shown, [f"{tick:.15g}" for tick in shown])
