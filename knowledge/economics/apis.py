"""List prices of those who host the same open model, and of closed ones (data/api_prices.csv)."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from knowledge.economics.tokens import api_both_ways
from knowledge.facts import bundled
from knowledge.sizing.models import Model, resolve


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


@cache
def providers() -> tuple[str, ...]:
    """Everybody who hosts open models."""
    return tuple(dict.fromkeys(one.provider for one in prices() if one.kind == "host"))


def hosts(slug: str, ratio: float) -> list[ApiPrice]:
    """Who lists an open model with a date, one entry a provider, the cheapest at that ratio first."""
    best: dict[str, ApiPrice] = {}
    for one in prices():
        if one.model != slug or one.standing != "listed":
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
    """The closed model that a name means to the letter, or None; it may be listed no more."""
    return _closed_names().get(_joined(name))


def closed_in(text: str) -> ApiPrice | None:
    """The closed model that is named in a text; the longest name counts ("gpt-4o mini")."""
    wanted = f"-{_joined(text)}-"
    found = [(len(name), one) for name, one in _closed_names().items() if f"-{name}-" in wanted]
    return max(found, default=(0, None), key=lambda pair: pair[0])[1]


@cache
def _closed_names() -> dict[str, ApiPrice]:
    """Spellings of closed models, each with its own maker's row where there is one."""
    out: dict[str, ApiPrice] = {}
    for one in prices():
        if one.kind != "maker" or one.open_weights or not one.output_usd:
            continue
        names = {_joined(spelling) for spelling in (one.model_id, one.name)}
        short = {name.removeprefix("claude-") for name in names}
        for name in names | {name for name in short if name.partition("-")[0].isalpha()}:
            # A bare word ("flux", "nova") names other things too.
            if any(sign.isdigit() for sign in name) and name[0].isalpha() and not resolve(name):
                known = out.get(name)
                if known is None or (known.standing != "listed") > (one.standing != "listed"):
                    out[name] = one._replace(name=one.name or (known.name if known else ""))
    return out


def _joined(text: str) -> str:
    """ "Claude Opus 4.5" and "claude-opus-4-5" alike; "-0" and "-latest" of ids are no part of a name."""
    name = "-".join(re.findall(r"[^\W_]+", text.lower()))
    return re.sub(r"-(?:latest|0)$", "", name)


def open_of_maker(price: ApiPrice) -> str:
    """Slug of an open model by the same maker, else of the most widely hosted one."""
    resold = price.provider == "google" and not _joined(price.model_id).startswith("gemini")
    return STAND_IN if resold else _OPEN_OF_MAKER.get(price.provider, STAND_IN)
