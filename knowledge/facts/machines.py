"""What stands in a hyperscaler's instance type (data/machines.csv): several price feeds do not say.

A type that is not listed is not guessed from its family: the size decides how many cards it has.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from knowledge.facts import bundled


class Machine(NamedTuple):
    """One instance type of one provider."""

    provider: str
    instance_type: str
    accelerator: str
    memory_gb: float | None
    """Memory of one accelerator, GB."""
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    form_factor: str | None
    vcpus: float | None
    ram_gb: float | None
    source_url: str
    intra_node_link: str = ""
    """How its cards reach each other ("NVLink (NVSwitch)", "PCIe"); empty where not stated."""
    fabric: str = ""
    """How it reaches other machines ("InfiniBand", "EFA", "Ethernet"); empty where not stated."""
    network_gbps: float | None = None
    """Headline rate of a machine, Gbit/s; `network_note` says what is in it."""
    network_note: str = ""


@cache
def _table() -> dict[tuple[str, str], Machine]:
    return {
        (row["provider"], row["instance_type"].lower()): Machine(
            provider=row["provider"],
            instance_type=row["instance_type"],
            accelerator=row["accelerator"],
            memory_gb=bundled.number(row["memory_gb"]),
            count=int(float(row["count"])),
            form_factor=row["form_factor"] or None,
            vcpus=bundled.number(row["vcpus"]),
            ram_gb=bundled.number(row["ram_gb"]),
            source_url=row["source_url"],
            intra_node_link=row["intra_node_link"],
            fabric=row["fabric"],
            network_gbps=bundled.number(row["network_gbps"]),
            network_note=row["network_note"],
        )
        for row in bundled.rows("machines")
        if float(row["count"]).is_integer()
    }


@cache
def _slices() -> dict[tuple[str, str], tuple[str, float]]:
    return {
        (row["provider"], row["instance_type"].lower()): (row["accelerator"], float(row["count"]))
        for row in bundled.rows("machines")
        if not float(row["count"]).is_integer()
    }


def slice_of(provider: str, instance_type: str) -> tuple[str, float] | None:
    """The card of a type that holds a part of one, and which part ("L4", 0.125); else None."""
    return _slices().get((provider, instance_type.lower()))


def machine(provider: str, instance_type: str) -> Machine | None:
    """The accelerators of an instance type; None when the table does not list it."""
    return _table().get((provider, instance_type.lower()))


def of_provider(provider: str) -> tuple[Machine, ...]:
    """Every listed type of one provider."""
    return tuple(machine for (owner, _), machine in _table().items() if owner == provider)


# EC2 names its accelerated families p, g, gr, trn, inf, dl, vt and f; "g" never begins another.
_EC2 = re.compile(r"^(?:u-)?(?:p|g|gr|trn|inf|dl|vt|f)\d")
_AZURE = re.compile(r"^standard_n", re.IGNORECASE)
_GCP = re.compile(r"^(?:a\d+x?|g\d+|ct\d+\w*|tpu\d+x?)-")


def is_accelerated(provider: str, instance_type: str) -> bool:
    """Whether a type's name says that it has accelerators, listed in the table or not."""
    pattern = {"aws": _EC2, "azure": _AZURE, "gcp": _GCP}.get(provider)
    if pattern is None:
        return machine(provider, instance_type) is not None
    return pattern.match(instance_type) is not None


_FRACTIONS = {
    "azure": re.compile(
        r"^standard_nv(?:(?:6|12|18)ads_a10_v5|(?:4|8|16)as_v4|(?:4|8|12)ads_v710_v5)$",
        re.IGNORECASE,
    ),
    "aws": re.compile(r"^gr?6f\."),
    "gcp": re.compile(r"^g4-standard-(?:6|12|24)$"),
}
"""Families that sell a card by the part, whatever "count" a third party writes beside them."""


def is_fraction(provider: str, instance_type: str) -> bool:
    """Whether a type holds less than a whole card, as its maker names it."""
    pattern = _FRACTIONS.get(provider)
    return pattern is not None and pattern.match(instance_type) is not None


_NOT_ON_DEMAND = {"gcp": re.compile(r"^(?:a4x?-|a3-ultragpu-|a3-highgpu-[124]g)")}


def sold_on_demand(provider: str, instance_type: str) -> bool:
    """False for types one can only get as spot, flex-start or a reservation.

    Their parts have list prices whose sum nobody can rent at.
    """
    pattern = _NOT_ON_DEMAND.get(provider)
    return pattern is None or pattern.match(instance_type) is None


_FORM = re.compile(r"(?:^|[^a-z])(sxm|pcie|nvl(?!72)|oam)\d?(?:[^a-z]|$)", re.IGNORECASE)
_FORMS = {"sxm": "SXM", "pcie": "PCIe", "nvl": "NVL", "oam": "OAM"}


def form_in(instance_type: str) -> str | None:
    """The form factor that an instance type's own name states ("gpu_8x_h100_sxm5"), or None."""
    found = _FORM.search(instance_type)
    return _FORMS[found[1].lower()] if found else None


_TPU = re.compile(r"^(?:tpu-)?(v2|v3|v4|v5p|v5litepod|v6e)-(\d+)$")
_CORES = {"v2", "v3", "v4", "v5p"}
"""Generations whose slices are named after TensorCores, two a chip; the others after chips."""


def tpu_slice(name: str) -> tuple[str, int] | None:
    """A TPU slice ("v5p-8", "tpu-v6e-4") as the chip's name and how many; None for another name."""
    found = _TPU.match(name.lower())
    if found is None:
        return None
    generation, size = found[1], int(found[2])
    if generation in _CORES:
        size, odd = divmod(size, 2)
        if odd:
            return None
    return (f"tpu-{generation}", size) if size else None
