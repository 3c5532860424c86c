"""A chart of 90 days and four lines beside matplotlib's, warm and as a whole process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from timing import ROOT, median_ms

DATA = """
from datetime import date, timedelta
days = [date(2026, 8, 1) + timedelta(days=n) for n in range(90)]
lines = {f"Line {n}": [2 + n / 3 + (d * (n + 3) % 17) / 40 for d in range(90)] for n in range(4)}
"""
OURS = """
from bot.core.answer import Chart, Series
from bot.chart import png
chart = Chart("H100", "USD per GPU-hour", tuple(Series(name, tuple(zip(days, values))) for name, values in lines.items()), "finding", "source")
def draw():
    return png(chart)
"""
THEIRS = """
import io
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
def draw():
    figure = Figure(figsize=(8, 4.2), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for name, values in lines.items():
        axes.plot(days, values, label=name)
    axes.set_title("H100")
    axes.set_ylabel("USD per GPU-hour")
    axes.legend()
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()
"""


def measure(folder: Path) -> dict[str, Any]:
    draws: dict[str, Callable[[], bytes]] = {}
    for name, code in (("ours", OURS), ("matplotlib", THEIRS)):
        room: dict[str, Any] = {}
        exec(DATA + code, room)
        draws[name] = room["draw"]
    warm = median_ms(draws, 15)
    cold = median_ms(
        {
            name: lambda code=code: subprocess.run(
                [sys.executable, "-c", DATA + code + "draw()"], cwd=ROOT, check=True
            )
            for name, code in (("ours", OURS), ("matplotlib", THEIRS))
        },
        5,
    )
    return {
        "warm, ms": {name: round(ms, 1) for name, ms in warm.items()},
        "warm / matplotlib": round(warm["ours"] / warm["matplotlib"], 2),
        "cold, ms": {name: round(ms) for name, ms in cold.items()},
        "cold / matplotlib": round(cold["ours"] / cold["matplotlib"], 2),
        "kB": round(len(draws["ours"]()) / 1000, 1),
    }
