"""The sums: USD per million tokens, against an API, by volume. All pure; no figure of its own.

A volume counts tokens of both kinds, read and written, as an API's bill does. `ratio` is input
tokens for each output token.
"""

from __future__ import annotations

import math

from knowledge.facts.units import MONTH

SECONDS = MONTH * 3600


def usd_per_million(usd_per_hour: float, tokens_per_second: float, utilisation: float) -> float:
    """USD per million output tokens: the hour's price over the tokens made in it."""
    return usd_per_hour * 1e6 / (tokens_per_second * utilisation * 3600)


def both_ways(usd_per_million_output: float, ratio: float) -> float:
    """USD per million tokens of any kind: the same money over all tokens, read and written."""
    return usd_per_million_output / (1 + ratio)


def api_both_ways(
    input_usd: float,
    output_usd: float,
    ratio: float,
    cached_usd: float | None = None,
    cached_share: float = 0.0,
) -> float:
    """USD per million tokens of any kind at an API: R parts of input, one of output.

    `cached_share` of the input is billed at `cached_usd` where the API has such a price.
    """
    cached = cached_share if cached_usd is not None else 0.0
    prompt = ratio * ((1 - cached) * input_usd + cached * (cached_usd or 0.0))
    return (prompt + output_usd) / (1 + ratio)


def capacity(tokens_per_second: float, ratio: float, utilisation: float) -> float:
    """Tokens of both kinds that one set serves in a month at that use."""
    return tokens_per_second * (1 + ratio) * utilisation * SECONDS


def sets_for(volume: float, capacity_per_set: float) -> int:
    """Whole sets that serve a month's volume; one is paid even for nothing."""
    return max(1, math.ceil(volume / capacity_per_set - 1e-9))


def monthly_cost(volume: float, usd_per_hour: float, capacity_per_set: float) -> float:
    """USD a month for a volume on rented sets that run day and night: whole sets are paid."""
    return sets_for(volume, capacity_per_set) * usd_per_hour * MONTH


def break_even(usd_per_hour: float, capacity_per_set: float, api_usd: float) -> float | None:
    """Tokens a month from which a rented set costs no more than an API; None if at no volume.

    `api_usd` is per million tokens of both kinds. The first set decides: n sets reach n times the
    volume for n times the price, so what one cannot reach no number of them can.
    """
    if api_usd <= 0:
        return None
    volume = usd_per_hour * MONTH / api_usd * 1e6
    return volume if volume <= capacity_per_set * (1 + 1e-12) else None


def break_even_use(usd_per_million_at_full_load: float, api_usd: float) -> float | None:
    """The share of a paid hour in use from which self-hosting costs no more; above 1: never."""
    return usd_per_million_at_full_load / api_usd if api_usd > 0 else None


def duty_cycle(pod_usd_per_hour: float, serverless_usd_per_hour: float) -> float | None:
    """The share of the day in use above which a pod paid round the clock is cheaper than
    paying a serverless rate for busy time only; None where the pod is dearer even then."""
    share = pod_usd_per_hour / serverless_usd_per_hour
    return share if share <= 1 else None


def curve(
    most: float, usd_per_hour: float, capacity_per_set: float, points: int = 13, steps: int = 3
) -> list[tuple[float, float]]:
    """Volume and monthly cost from nothing to `most`, with both ends of the first steps."""
    volumes = {most * n / (points - 1) for n in range(points)}
    for n in range(1, steps + 1):
        if n * capacity_per_set < most:
            volumes |= {n * capacity_per_set, n * capacity_per_set * (1 + 1e-6)}
    return [
        (volume, monthly_cost(volume, usd_per_hour, capacity_per_set)) for volume in sorted(volumes)
    ]
