"""Linear models: weights learned by `make learn`, shipped as one small file, read in plain Python.

A model gives each class the sum of the weights of the features that a text has. Weights are whole
numbers of eight bits times a scale; `weights.bin` begins with a line of JSON that says which
classes, how many features and what scale each model has, and the digest of the examples it was
learned from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("weights.bin")
_MOST_WORDS = 4096


class Linear:
    """One model: features in, a probability for each class out. `features`: their names, a line each."""

    def __init__(
        self,
        classes: Sequence[str],
        features: str,
        rows: bytes | memoryview,
        scale: float,
        bias: Sequence[float],
        *,
        normed: bool,
    ) -> None:
        self.classes = tuple(classes)
        self._features = features
        self._rows = memoryview(rows).cast("b")
        self._scale = scale
        self._bias = tuple(bias)
        self._normed = normed
        self._words: dict[str, tuple[int, tuple[int, ...] | None]] = {}

    @cached_property
    def _index(self) -> dict[str, int]:
        """Feature -> row. Made when first asked for: most texts need few of the models."""
        return {feature: at for at, feature in enumerate(self._features.split("\n")) if feature}

    def _sum(self, features: Iterable[str]) -> tuple[int, ...] | None:
        index, width, rows = self._index, len(self.classes), self._rows
        found = [
            rows[at * width : (at + 1) * width] for at in map(index.get, features) if at is not None
        ]
        return tuple(map(sum, zip(*found, strict=True))) if found else None

    def _word(self, word: str) -> tuple[int, tuple[int, ...] | None]:
        from bot.understanding.features import pieces

        known = self._words.get(word)
        if known is None:
            if len(self._words) >= _MOST_WORDS:
                self._words.clear()
            parts = pieces(word)
            known = self._words[word] = (len(parts), self._sum(parts))
        return known

    def scores(self, features: Sequence[str], words: Sequence[str] = ()) -> list[float]:
        """A score a class, of features and of words with their pieces."""
        total = [0] * len(self.classes)
        size = len(features)
        vectors = [self._sum(features)]
        for word in words:
            length, vector = self._word(word)
            size += length
            vectors.append(vector)
        for vector in vectors:
            if vector is not None:
                total = [a + b for a, b in zip(total, vector, strict=True)]
        scale = self._scale / math.sqrt(size or 1) if self._normed else self._scale
        return [bias + scale * sum_ for bias, sum_ in zip(self._bias, total, strict=True)]

    def probabilities(
        self, features: Sequence[str], words: Sequence[str] = ()
    ) -> list[tuple[float, str]]:
        """(probability, class), the likeliest first."""
        scores = self.scores(features, words)
        best = max(scores)
        parts = [math.exp(score - best) for score in scores]
        whole = sum(parts)
        return sorted(
            zip((part / whole for part in parts), self.classes, strict=True), reverse=True
        )

    def decisive(
        self, features: Sequence[str], label: str, words: Sequence[str] = (), most: int = 6
    ) -> list[tuple[float, str]]:
        """The features that spoke most for a class, for `parse --why`."""
        from bot.understanding.features import pieces

        at_class = self.classes.index(label)
        width = len(self.classes)
        every = [*features, *(piece for word in words for piece in pieces(word))]
        seen: dict[str, float] = {}
        for feature in every:
            at = self._index.get(feature)
            if at is not None:
                row = self._rows[at * width : (at + 1) * width]
                seen[feature] = (row[at_class] - sum(row) / width) * self._scale
        return sorted(((weight, feature) for feature, weight in seen.items()), reverse=True)[:most]


class Weights(NamedTuple):
    """Everything that was learned."""

    models: dict[str, Linear]
    digest: str
    """SHA-256 of the examples it was learned from."""
    facts: dict[str, Any]
    """Thresholds and ranges chosen while learning."""


def packed(models: dict[str, dict[str, Any]], digest: str, facts: dict[str, Any]) -> bytes:
    """The bytes of a weights file."""
    header: dict[str, Any] = {"digest": digest, "facts": facts, "models": {}}
    body = bytearray()
    for name, model in models.items():
        keys = "\n".join(model["features"]).encode("utf-8")
        header["models"][name] = {
            "classes": model["classes"],
            "bias": model["bias"],
            "scale": model["scale"],
            "normed": model["normed"],
            "keys": len(keys),
            "rows": len(model["rows"]),
        }
        body += keys + model["rows"]
    return json.dumps(header, separators=(",", ":")).encode("utf-8") + b"\n" + bytes(body)


def unpacked(data: bytes) -> Weights:
    """The models of a weights file."""
    end = data.index(b"\n")
    header = json.loads(data[:end])
    view = memoryview(data)
    at = end + 1
    models = {}
    for name, model in header["models"].items():
        keys = bytes(view[at : at + model["keys"]]).decode("utf-8")
        at += model["keys"]
        rows = view[at : at + model["rows"]]
        at += model["rows"]
        models[name] = Linear(
            model["classes"],
            keys,
            rows,
            model["scale"],
            model["bias"],
            normed=model["normed"],
        )
    return Weights(models, header["digest"], header["facts"])


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """The weights of the package."""
    return unpacked(FILE.read_bytes())
