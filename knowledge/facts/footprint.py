"""Where each provider has accelerators (data/footprint.csv): what "any region" can mean.

A footprint is neither stock nor quota: it says where the provider lists or prices GPUs.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from knowledge.facts import bundled
from knowledge.facts.providers import provider as provider_row


class Site(NamedTuple):
    """One region of one provider."""

    provider: str
    region: str
    city: str
    country: str
    """ISO 3166 alpha-2, upper case."""
    accelerators: tuple[str, ...]
    """Canonical names seen there; empty where the source names the place alone."""
    source_url: str
    checked_on: str


NO_GPU_STATED = "region list of the product; no GPU stated per region"
"""A region of a general cloud: whether it has GPUs there, nobody says."""


@cache
def _by_provider() -> dict[str, tuple[Site, ...]]:
    found: dict[str, list[Site]] = {}
    for row in bundled.rows("footprint"):
        if row["basis"] == NO_GPU_STATED:
            found.setdefault(row["provider"], [])
            continue
        found.setdefault(row["provider"], []).append(
            Site(
                provider=row["provider"],
                region=row["region"],
                city=row["city"],
                country=row["country"],
                accelerators=bundled.names(row["accelerators"]),
                source_url=row["source_url"],
                checked_on=row["checked_on"],
            )
        )
    return {name: tuple(sites) for name, sites in found.items()}


def sites(provider: str) -> tuple[Site, ...]:
    """Every site at which a provider is known to have GPUs; empty where none was read."""
    return _by_provider().get(provider, ())


@lru_cache(maxsize=512)
def countries(provider: str) -> tuple[str, ...]:
    """Countries in which a provider has GPUs, sorted; empty where that is not known.

    Where no GPU site was read, the countries of the provider's own region list stand in.
    """
    known = {site.country for site in sites(provider)}
    if provider not in _by_provider() and (row := provider_row(provider)):
        known = set(row.countries)
    return tuple(sorted(known))


@lru_cache(maxsize=4096)
def lists(provider: str, accelerator: str) -> tuple[str, ...]:
    """Countries where the provider's own list names this very card; empty when no list says."""
    return tuple(
        sorted({site.country for site in sites(provider) if accelerator in site.accelerators})
    )
