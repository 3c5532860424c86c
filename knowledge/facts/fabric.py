"""Clusters of several machines: fabric, block sizes, terms and lead times (data/fabric.csv)."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from knowledge.facts import bundled
from knowledge.facts.machines import machine, of_provider


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
    return tuple(cluster for cluster in all_clusters() if cluster.provider == provider)


@cache
def joins(provider: str) -> str | None:
    """The one fabric that all cluster products of a provider are stated to have; None where none is
    stated, or several are."""
    stated = {
        name
        for cluster in of(provider)
        if cluster.is_offered
        for name in FABRICS
        if name.lower() in cluster.fabric.lower()
    }
    return stated.pop() if len(stated) == 1 else None


FABRICS = ("InfiniBand", "RoCE", "EFA", "Ethernet")


@lru_cache(maxsize=1024)
def between(provider: str, instance_type: str, accelerator: str | None, count: int) -> str | None:
    """What joins machines of this type (one of FABRICS); None where nobody states it.

    The machine table says it of the very type, else of all that provider's machines of so many of
    the card when it says one and the same of each, else the type's own name does.
    """
    known = machine(provider, instance_type.split(" (", maxsplit=1)[0])
    alike = {
        cluster.fabric
        for cluster in ([known] if known else of_provider(provider))
        if (cluster.accelerator, cluster.count) == (accelerator, count)
    }
    stated = f"{alike.pop() if len(alike) == 1 else ''} {instance_type}".lower()
    return next((name for name in FABRICS if name.lower() in stated), None)
