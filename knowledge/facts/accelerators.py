"""Accelerators: canonical names, aliases and specifications (data/accelerators.csv).

Names resolve by normalised alias or not at all. Every fuzzy method measured turned some unknown
card into a known one (A1000 into A100), so fuzzy matching only ever suggests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from knowledge.facts import bundled


class Accelerator(NamedTuple):
    """One variant of a card: memory and form factor make it."""

    canonical: str
    """Name without memory, form factor or vendor."""
    name: str
    aliases: tuple[str, ...]
    vendor: str
    architecture: str
    kind: str
    """gpu, tpu or asic."""
    memory_gb: float | None
    memory_bandwidth_gbps: float | None
    """GB per second."""
    fp16_dense_tflops: float | None
    fp8_dense_tflops: float | None
    fp32_tflops: float | None
    form_factor: str | None
    tdp_watts: float | None
    launch_year: int | None
    source_url: str


class Named(NamedTuple):
    """What a name says: a card, and a variant only where the name itself states one."""

    canonical: str
    memory_gb: float | None = None
    form_factor: str | None = None


@cache
def table() -> tuple[Accelerator, ...]:
    """Every row of the bundled table."""
    return tuple(
        Accelerator(
            canonical=row["canonical"],
            name=row["name"],
            aliases=bundled.names(row["aliases"]),
            vendor=row["vendor"],
            architecture=row["architecture"],
            kind=row["kind"],
            memory_gb=bundled.number(row["memory_gb"]),
            memory_bandwidth_gbps=bundled.number(row["memory_bandwidth_gbps"]),
            fp16_dense_tflops=bundled.number(row["fp16_dense_tflops"]),
            fp8_dense_tflops=bundled.number(row["fp8_dense_tflops"]),
            fp32_tflops=bundled.number(row["fp32_tflops"]),
            form_factor=row["form_factor"] or None,
            tdp_watts=bundled.number(row["tdp_watts"]),
            launch_year=bundled.whole(row["launch_year"]),
            source_url=row["source_url"],
        )
        for row in bundled.rows("accelerators")
    )


def canonical_names() -> tuple[str, ...]:
    return tuple(dict.fromkeys(card.canonical for card in table()))


@cache
def variants(canonical: str) -> tuple[Accelerator, ...]:
    return tuple(card for card in table() if card.canonical == canonical)


@lru_cache(maxsize=512)
def specification(
    canonical: str | None, memory_gb: float | None = None, form_factor: str | None = None
) -> Accelerator | None:
    """The row that fits best; None when nothing with that memory is known.

    Without a stated form factor the variant with the most published figures is taken.
    """
    fitting = [
        card
        for card in table()
        if card.canonical == canonical and (memory_gb is None or card.memory_gb == memory_gb)
    ]
    exact = [card for card in fitting if form_factor and card.form_factor == form_factor]
    return max(
        exact or fitting,
        key=lambda card: (card.fp16_dense_tflops is not None, card.fp16_dense_tflops or 0),
        default=None,
    )


_VENDOR = re.compile(
    r"\b(nvidia|geforce|tesla|amd|instinct|radeon|intel|habana|google|cloud|graphics|gpus?|cards?)\b"
)
_JUNK = re.compile(r"[^a-z0-9]+")
_MEMORY = re.compile(r"(\d+(?:\.\d+)?) ?(?:gb|gib|g)(?![a-z0-9])")
_FORMS = (
    ("SXM", re.compile(r"(?<![a-z])sxm\d?(?![a-z])")),
    ("NVL", re.compile(r"nvl(?!72|\d|ink)")),  # NVLink joins cards of every form
    ("PCIe", re.compile(r"pcie?(?![a-z])|(?<![a-z])fhhl(?![a-z])")),  # a short PCIe card
    ("OAM", re.compile(r"(?<![a-z])oam(?![a-z])")),
)
_NOISE = re.compile(
    r"\b(hbm\d?e?|gddr\d\w?|nvlink|tensor core|accelerator|1x|mega|vws|[hd]gx|blackwell|edition|"
    r"workstation|server|max q|(?:graphics|compute|display)? ?mode)\b|[()]"
)
_PARTITION = re.compile(
    r"(?<![a-z])mig(?![a-z])|\b\d{1,2}g[. ]\d{1,3}gb\b|(?<![a-z])v?gpu slice|(?<![a-z])vgpu(?![a-z])|"
    r"\b(?:[alht]\d{1,3}[a-z]?|rtx\w*)-\d{1,2}[qcab]$|\bfraction(?:al)?\b",
    re.IGNORECASE,
)
_WITH_HOST = {"GH200": {480.0: 96.0, 576.0: 96.0, 624.0: 144.0}}
"""Superchips that sellers name by the host's memory, or by both together: the card's own."""


@lru_cache(maxsize=4096)
def is_partition(name: str) -> bool:
    """Whether a name says a slice of a card: a MIG profile ("3g.40gb"), a vGPU profile ("A10-8Q")."""
    return _PARTITION.search(name.replace("_", " ")) is not None


def normalised(name: str) -> str:
    """ "NVIDIA A100-SXM4" and "a100 sxm4" alike: lower case, no vendor words, no separators."""
    return _JUNK.sub("", _VENDOR.sub(" ", name.lower().replace("_", " ")))


@cache
def _aliases() -> dict[str, Named]:
    """Every spelling of the table -> the card, with memory and form factor only where it states them."""
    known: dict[str, Named] = {}
    for card in table():
        spellings: Iterable[str] = (card.canonical, *card.aliases)
        for spelling in spellings:
            named = Named(card.canonical, _stated_memory(spelling, card), _stated_form(spelling))
            known.setdefault(normalised(spelling), named)
    # The canonical name alone says neither memory nor form factor, whatever row comes first.
    for name in canonical_names():
        known[normalised(name)] = Named(name)
    return known


def _stated_memory(spelling: str, card: Accelerator) -> float | None:
    found = _MEMORY.search(spelling.lower())
    if found is None or card.memory_gb is None:
        return None
    # Marketing rounds (GH200 "144GB" reports 141): the table's own figure is the one we keep.
    return card.memory_gb


def _stated_form(spelling: str) -> str | None:
    low = spelling.lower()
    return next((form for form, pattern in _FORMS if pattern.search(low)), None)


@cache
def beginnings() -> frozenset[str]:
    """What a normalised spelling may begin with, whole ones among them."""
    return frozenset(known[:length] for known in _aliases() for length in range(1, len(known) + 1))


@lru_cache(maxsize=4096)
def resolve(name: str) -> Named | None:
    """The card a spelling names, or None. Exact on normalised aliases; takes microseconds."""
    return _aliases().get(normalised(name))


def nearest(name: str, limit: int = 3) -> list[str]:
    """Canonical names that look like `name`, for "did you mean"; never an answer by itself."""
    from rapidfuzz import fuzz, process

    choices = {canonical: normalised(canonical) for canonical in canonical_names()}
    found = process.extract(
        normalised(name), choices, scorer=fuzz.ratio, limit=limit, score_cutoff=50
    )
    return [canonical for _, _, canonical in found]


@lru_cache(maxsize=4096)
def resolve_feed_name(raw: str) -> Named | None:
    """A feed's spelling ("H100_SXM5_80GB", "A100-80GB-PCIe"): card, memory and form factor apart.

    None for a slice of a card (`is_partition`) too.

    The alias table decides first; else memory and form factor are taken off the name and what
    remains must be a known alias to the letter.
    """
    if is_partition(raw):
        return None
    known = resolve(raw)
    if known is not None:
        low = raw.lower().replace("_", " ").replace("-", " ")
        form = known.form_factor or _stated_form(low)
        return Named(known.canonical, known.memory_gb, form)
    low = raw.lower().replace("_", " ").replace("-", " ").replace("/", " ")
    memory = _MEMORY.search(low)
    form = _stated_form(low)
    rest = _MEMORY.sub(" ", low)
    for _, pattern in _FORMS:
        rest = pattern.sub(" ", rest)
    rest = _NOISE.sub(" ", rest)
    named = resolve(rest)
    if named is None:
        return None
    gigabytes = float(memory.group(1)) if memory else named.memory_gb
    if gigabytes is not None:
        gigabytes = settled_memory(named.canonical, gigabytes)
    return Named(named.canonical, gigabytes, form or named.form_factor)


@lru_cache(maxsize=4096)
def settled_memory(canonical: str, gigabytes: float) -> float:
    """The table's figure for a memory size within 8 % of it (288 -> 270 for a B300), else as is.

    Sellers print marketing, usable and binary sizes for one part; like must compare with like.
    """
    gigabytes = _WITH_HOST.get(canonical, {}).get(gigabytes, gigabytes)
    sizes = [card.memory_gb for card in variants(canonical) if card.memory_gb]
    if not sizes:
        return gigabytes
    near = min(sizes, key=lambda size: abs(size - gigabytes))
    return near if abs(near - gigabytes) <= 0.08 * near else gigabytes
