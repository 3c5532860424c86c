"""List prices of those who host the same open model, and of closed ones (data/api_prices.csv)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from knowledge.economics.tokens import api_both_ways
from knowledge.facts import bundled
from knowledge.sizing.models import Model, normalised


class ApiPrice(NamedTuple):
    """A list price, USD per million tokens."""

    provider: str
    kind: str
    """`host` of open models, `maker` of its own, `aggregator`."""
    model_id: str
    name: str
    model: str
    """Slug of the open model; empty for a closed one."""
    open_weights: bool
    input_usd: float | None
    output_usd: float | None
    cached_usd: float | None
    standing: str
    """`listed` with a date; `undated`, `resold`, `batch`, `outlier`, `retired` are not ranked."""
    price_since: str
    """From when the price is known to hold; empty when only the month of the list is known."""
    as_of: str
    checked_on: str
    source_url: str

    @property
    def dated(self) -> str:
        return self.price_since or self.as_of


# Open models of the same maker: named as what can be rented, never as an equal.
_OPEN_OF_MAKER = {
    "openai": "gpt-oss-120b",
    "google": "gemma-3-27b",
    "mistral": "mistral-small-3.2",
}
STAND_IN = "gpt-oss-120b"
"""The open model named for a closed one whose maker has none: the most widely hosted."""


@cache
def prices() -> tuple[ApiPrice, ...]:
    return bundled.records("api_prices", ApiPrice)


def hosts(model: Model, ratio: float) -> list[ApiPrice]:
    """Who lists this model with a date, one entry a provider, the cheapest at that ratio first."""
    best: dict[str, ApiPrice] = {}
    for one in prices():
        if one.model != model.slug or one.standing != "listed":
            continue
        if one.input_usd is None or one.output_usd is None or not one.output_usd:
            continue
        known = best.get(one.provider)
        if known is None or both_ways(one, ratio) < both_ways(known, ratio):
            best[one.provider] = one
    return sorted(best.values(), key=lambda one: (both_ways(one, ratio), one.provider))


def both_ways(price: ApiPrice, ratio: float, cached_share: float = 0.0) -> float:
    """USD per million tokens of both kinds."""
    return api_both_ways(
        price.input_usd or 0.0, price.output_usd or 0.0, ratio, price.cached_usd, cached_share
    )


def embeddings(model: Model | None = None) -> list[ApiPrice]:
    """Who turns text into vectors, the cheapest first: of one model, or of every one priced for
    input alone."""
    found = [
        one
        for one in prices()
        if one.standing == "listed"
        and one.input_usd
        and not one.output_usd
        and (one.model == model.slug if model else _embeds(one))
    ]
    return sorted(found, key=lambda one: (one.input_usd or 0.0, one.provider))


def _embeds(price: ApiPrice) -> bool:
    words = f"{price.model_id} {price.name}".lower()
    return any(name in words for name in ("embed", "bge", "e5-", "gte-", "voyage-3", "voyage-4"))


def closed(name: str) -> ApiPrice | None:
    """The listed closed model that a name means to the letter, or None."""
    wanted = normalised(name)
    return next(
        (
            one
            for one in prices()
            if one.kind == "maker"
            and not one.open_weights
            and one.standing == "listed"
            and one.output_usd
            and wanted in (normalised(one.model_id), normalised(one.name))
        ),
        None,
    )


def open_of_maker(provider: str) -> str:
    """Slug of an open model by the same maker, else of the most widely hosted one."""
    return _OPEN_OF_MAKER.get(provider, STAND_IN)
