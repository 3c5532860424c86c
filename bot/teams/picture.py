"""A chart as a picture small enough to travel inside a card. For a worker thread: it computes."""

from __future__ import annotations

import io
from functools import lru_cache

from bot.core.answer import Answer, Chart
from bot.core.question import Lang
from bot.teams.chart import MAX_IMAGE_BYTES

WIDTHS = (640, 480)
"""Pixels; the first that is light enough is taken. A card on a desktop is about as wide."""
COLOURS = 32
"""Lines and letters need few colours: a third of the bytes, and no difference to the eye."""


def of(answer: Answer) -> bytes | None:
    """PNG of the answer's chart, at most MAX_IMAGE_BYTES; None without a chart or when too heavy."""
    return None if answer.chart is None else _drawn(answer.chart, answer.lang, answer.locale)


@lru_cache(maxsize=64)
def _drawn(chart: Chart, lang: Lang, locale: str | None) -> bytes | None:
    from PIL import Image

    from bot.render.chart import png

    for width in WIDTHS:
        with Image.open(io.BytesIO(png(chart, lang, locale, width=width))) as full:
            few = full.convert("RGB").quantize(COLOURS)
        out = io.BytesIO()
        few.save(out, "PNG", optimize=True)
        if out.tell() <= MAX_IMAGE_BYTES:
            return out.getvalue()
    return None
