"""How models are released, and what a token takes in their cache (data/models_native.csv)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from knowledge.facts import bundled


class Native(NamedTuple):
    """What makers and the serving recipes say of one model; None where nobody does."""

    slug: str
    released_precision: str
    other_precisions: tuple[str, ...]
    weights_gb: float | None
    kv_values_per_token: float | None
    """Values kept for every token, over all layers: attention in full, or its compressed form."""
    kv_values_per_token_windowed: float | None
    """Values kept for at most `window_tokens` tokens."""
    window_tokens: float | None
    max_context: float | None
    source_url: str
    as_of: str

    def cache_values(self, tokens: float) -> float | None:
        """Values that `tokens` tokens of one request keep; None where the layout is not known."""
        if self.kv_values_per_token is None:
            return None
        windowed = self.kv_values_per_token_windowed or 0.0
        return self.kv_values_per_token * tokens + windowed * min(tokens, self.window_tokens or 0)


@cache
def _by_slug() -> dict[str, Native]:
    return {record.slug: record for record in bundled.records("models_native", Native)}


def native(slug: str) -> Native | None:
    return _by_slug().get(slug)
