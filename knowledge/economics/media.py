"""Speech, pictures and vectors: how many a card makes in an hour, where somebody measured it."""

from __future__ import annotations

import re
from typing import NamedTuple

from knowledge.economics.throughput import Measured, rows
from knowledge.facts.accelerators import Accelerator, specification
from knowledge.sizing.models import Model, resolve

TOKENS_PER_SECOND_OF_SPEECH = 3.3
"""Ours: 150 words a minute, 1.33 tokens a word.

MLPerf's summaries call Whisper's figures samples, but LoadGen is handed the tokens of each answer
(https://github.com/mlcommons/inference/blob/master/speech2text/reference_SUT.py) and counts those;
as clips of 30 s they would be 80,000 times real time on one card.
"""
TOKENS_PER_DOCUMENT = 500.0
"""Ours: a page or an abstract."""
VECTOR_SHARE = 0.3
"""Ours: share of the 16-bit peak that batches of short texts reach. Nobody measured it openly."""


_KINDS = (
    ("speech", re.compile(r"^whisper")),
    ("pictures", re.compile(r"^(?:sdxl|stable-diffusion|flux|qwen-image)")),
    ("vectors", re.compile(r"^(?:bert|bge|all-minilm|nomic|e5-|multilingual-e5)")),
)


def kind(name: str) -> str | None:
    """What a model makes instead of tokens: `speech` (of it, text), `pictures` or `vectors`."""
    known = resolve(name)
    slug = known.slug if known else name
    return next((made for made, pattern in _KINDS if pattern.match(slug)), None)


class Rate(NamedTuple):
    """What a whole machine makes in an hour: hours of sound, or pictures."""

    card: Accelerator | None
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    cpu: str
    per_hour: float
    row: Measured


def speech(model: str = "whisper-large-v3") -> list[Rate]:
    """Hours of sound that a machine transcribes in an hour, by machine, cards first."""
    return _rates(model, 1 / TOKENS_PER_SECOND_OF_SPEECH / 3600)


def pictures(model: str = "sdxl") -> list[Rate]:
    """Pictures of 1024 x 1024 an hour, by machine."""
    return _rates(model, 1.0)


def _rates(model: str, each: float) -> list[Rate]:
    """The newest Offline figure of each machine; units made of a sample are `each`."""
    newest: dict[tuple[str, str, float | None, int], Measured] = {}
    for row in rows():
        if row.model != model or row.scenario != "offline" or row.unit != "samples/s":
            continue
        key = (row.accelerator, row.cpu, row.memory_gb, row.count)
        known = newest.get(key)
        if known is None or (row.as_of, row.throughput) > (known.as_of, known.throughput):
            newest[key] = row
    return [
        Rate(
            specification(row.accelerator, row.memory_gb, row.form_factor or None)
            if row.accelerator
            else None,
            row.count,
            row.cpu,
            row.throughput * 3600 * each,
            row,
        )
        for row in newest.values()
    ]


def vector_hours(model: Model, tokens: float, card: Accelerator) -> float | None:
    """Hours of one card to turn tokens into vectors: 2 x N x D over a share of the peak.

    A labelled stand-in: the share is a default of ours. None where the peak is not known.
    """
    if not card.fp16_dense_tflops:
        return None
    peak = card.fp16_dense_tflops * 1e12 * VECTOR_SHARE
    return 2 * model.params_b * 1e9 * tokens / peak / 3600
