"""Clusters of several machines: fabric, block sizes, terms and lead times (data/fabric.csv)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from knowledge import bundled


class Cluster(NamedTuple):
    """One multi-machine product of a provider; empty text means that nobody states it."""

    provider: str
    product: str
    clusters_offered: str
    """`yes`, or what the source says instead ("none found", "not stated")."""
    fabric: str
    gbps_per_node: float | None
    largest_stated: str
    """What a page says can exist; not what one account can order."""
    smallest_block: str
    minimum_term: str
    lead_time: str
    self_service_or_sales: str
    source_url: str
    source_date: str
    note: str

    @property
    def is_offered(self) -> bool:
        return self.clusters_offered == "yes"


@cache
def all_clusters() -> tuple[Cluster, ...]:
    return bundled.records("fabric", Cluster)


def of(provider: str) -> tuple[Cluster, ...]:
    """The cluster products of a provider."""
    return tuple(one for one in all_clusters() if one.provider == provider)
