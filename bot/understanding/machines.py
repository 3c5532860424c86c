"""Instance names and region codes of the clouds, as they stand in a text."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from knowledge.facts.accelerators import resolve

INSTANCE = re.compile(
    r"(?<![a-z0-9.])(?:ml\.)?(?:(?:p\d[a-z]*|p6-b\d00|u-?p\d\w*|g\d[a-z]*|gr6f?|trn\d[a-z]*|inf\d|dl\d[a-z]*)\.(?:metal|\d*x?large|\d+xl)(?:-\d+gpu)?"
    r"|(?:standard[ _-])?n[cdvg](?:as|ads|s|is|isr|a)?\d+[a-z-]*\d*[a-z]*(?:[ _](?:rtxpro\d+\w*|mi300x|[abht]\d{1,3}))?(?:[ _]v\d)?"
    r"|a[234]x?-(?:high|mega|ultra|max|edge)gpu-\d+g(?:-\w+)?|g[24]-standard-\d+|ct\dl?p?-[a-z]+-\d+t?|[nm]\d-standard-\d+"
    r"|(?:bm|vm)\.gpu\d?[.\w]*)(?![a-z0-9])"
)
REGION_CODE = re.compile(
    r"(?<![a-z0-9.])(?:(?:us|eu|ap|sa|ca|me|af|il|mx|cn)-(?:gov-)?(?:east|west|north|south|central|northeast|southeast|northwest|southwest|midwest|chicago|dallas|austin|phoenix|ashburn|sanjose|saopaulo|frankfurt|london|marseille|paris|madrid|tokyo|osaka|mumbai|singapore|seoul|sydney|melbourne|toronto|montreal|vinhedo|zurich|stockholm|amsterdam|newport|jovanovac|milan|queretaro|santiago|bogota|dubai|jeddah|abudhabi|johannesburg)(?:-\d+)?[a-f]?"
    r"|(?:europe|us|asia|northamerica|southamerica|australia|me|africa)-(?:east|west|north|south|central|northeast|southeast|southwest|northwest)\d+(?:-[a-f])?"
    r"|(?:swedencentral|westeurope|northeurope|eastus2?|westus[23]?|southcentralus|northcentralus|centralus|westcentralus|brazilsouth|uksouth|ukwest|francecentral|germanywestcentral|norwayeast|polandcentral|spaincentral|italynorth|switzerlandnorth|japaneast|japanwest|koreacentral|southeastasia|eastasia|centralindia|southindia|australiaeast|canadacentral|canadaeast|uaenorth|southafricanorth|mexicocentral|israelcentral|qatarcentral))(?![a-z0-9])"
)
_CODE_COUNTRY = (
    ("us-", "us"), ("northamerica-northeast", "ca"), ("southamerica-east1", "br"), ("southamerica-west1", "cl"), ("sa-east-1", "br"),
    ("sa-saopaulo", "br"), ("sa-vinhedo", "br"), ("sa-santiago", "cl"), ("sa-bogota", "co"),
    ("europe-west1", "be"), ("europe-west2", "uk"), ("europe-west3", "de"), ("europe-west4", "nl"), ("europe-west6", "ch"),
    ("europe-west8", "it"), ("europe-west9", "fr"), ("europe-west10", "de"), ("europe-west12", "it"), ("europe-north1", "fi"), ("europe-north2", "se"),
    ("europe-central2", "pl"), ("europe-southwest1", "es"), ("eu-central-1", "de"), ("eu-central-2", "ch"), ("eu-west-1", "ie"),
    ("eu-west-2", "uk"), ("eu-west-3", "fr"), ("eu-north-1", "se"), ("eu-south-1", "it"), ("eu-south-2", "es"),
    ("eu-frankfurt", "de"), ("eu-amsterdam", "nl"), ("eu-madrid", "es"), ("eu-marseille", "fr"), ("eu-paris", "fr"), ("eu-milan", "it"), ("eu-stockholm", "se"), ("eu-zurich", "ch"),
    ("ap-northeast-1", "jp"), ("ap-northeast-2", "kr"), ("ap-northeast-3", "jp"), ("ap-south", "in"), ("ap-southeast-1", "sg"),
    ("ap-southeast-2", "au"), ("ap-southeast-3", "id"), ("ap-east-1", "hk"), ("ap-tokyo", "jp"), ("ap-osaka", "jp"), ("ap-mumbai", "in"), ("ap-singapore", "sg"), ("ap-seoul", "kr"), ("ap-sydney", "au"), ("ap-melbourne", "au"),
    ("asia-northeast1", "jp"), ("asia-northeast2", "jp"), ("asia-northeast3", "kr"), ("asia-southeast1", "sg"), ("asia-southeast2", "id"), ("asia-south", "in"), ("asia-east1", "tw"), ("asia-east2", "hk"),
    ("australia-", "au"), ("ca-", "ca"), ("me-central-1", "ae"), ("me-central1", "qa"), ("me-central2", "me"), ("me-south-1", "bh"), ("me-west1", "il"), ("il-", "il"), ("af-south", "za"), ("africa-south", "za"), ("mx-", "mx"),
    ("uk-london", "uk"), ("swedencentral", "se"), ("westeurope", "nl"), ("northeurope", "ie"), ("brazilsouth", "br"), ("uksouth", "uk"), ("ukwest", "uk"),
    ("francecentral", "fr"), ("germanywestcentral", "de"), ("norwayeast", "no"), ("polandcentral", "pl"), ("spaincentral", "es"), ("italynorth", "it"), ("switzerlandnorth", "ch"),
    ("japan", "jp"), ("koreacentral", "kr"), ("southeastasia", "sg"), ("eastasia", "hk"), ("centralindia", "in"), ("southindia", "in"), ("australiaeast", "au"), ("canada", "ca"),
    ("uaenorth", "ae"), ("southafricanorth", "za"), ("mexicocentral", "mx"), ("israelcentral", "il"), ("qatarcentral", "qa"),
    ("eu-", "eu"), ("europe-", "eu"), ("ap-", "asia"), ("asia-", "asia"), ("sa-", "sa"), ("me-", "me"),
)  # fmt: skip


def _azure_family(name: str) -> str | None:
    """The accelerator that an Azure size names itself ("nd96isr_h100_v5")."""
    found = re.search(r"[ _](mi300x|[abht]\d{1,3})(?=[ _]|$)", name)
    return found.group(1) if found else None


_FAMILY_CARD = {
    "p2": "K80", "p3": "V100", "p3dn": "V100", "p4d": "A100", "p4de": "A100", "p5": "H100", "p5e": "H200", "p5en": "H200",
    "p6": "B200", "p6-b200": "B200", "p6-b300": "B300", "g4dn": "T4", "g5": "A10G", "g5g": "T4", "g6": "L4", "g6e": "L40S", "gr6": "L4",
    "trn1": "Trainium1", "trn1n": "Trainium1", "trn2": "Trainium2", "inf2": "Inferentia2", "a2-highgpu": "A100", "a2-ultragpu": "A100",
    "a3-highgpu": "H100", "a3-megagpu": "H100", "a3-edgegpu": "H100", "a3-ultragpu": "H200", "a4-highgpu": "B200", "a2-megagpu": "A100", "a4x-highgpu": "GB200", "g2-standard": "L4",
}  # fmt: skip


class Instance(NamedTuple):
    """What an instance name states."""

    name: str
    provider: str
    accelerator: str | None
    memory_gb: float | None
    count: int | None  # type: ignore[assignment]  # a field, not tuple.count
    form_factor: str | None


@cache
def _machines() -> dict[str, Instance]:
    from knowledge.facts.machines import of_provider

    table: dict[str, Instance] = {}
    for provider in ("aws", "azure", "gcp", "oci"):
        for machine in of_provider(provider):
            table[_plain(machine.instance_type.lower())] = Instance(
                machine.instance_type, provider, machine.accelerator, machine.memory_gb, machine.count, machine.form_factor
            )  # fmt: skip
    return table


def _plain(name: str) -> str:
    name = re.sub(r"^ml\.", "", name)
    return re.sub(r"^standard", "", re.sub(r"[ _]", "", name))


def instance_of(raw: str) -> Instance | None:
    """The machine a name means; from its family where the table does not list the size."""
    name = re.sub(r"(?<=\d)xl$", "xlarge", raw)
    known = _machines().get(_plain(name))
    if known is not None:
        return known
    bare = re.sub(r"^ml\.", "", name)
    if bare.startswith(("bm.", "vm.")):
        found = re.match(r"[bv]m\.gpu\d?\.?([a-z]+\d+[a-z]*)?(?:[-.](?:nc|v\d))?(?:\.(\d+))?", bare)
        card = resolve(found.group(1)) if found and found.group(1) else None
        count = int(found.group(2)) if found and found.group(2) else None
        return Instance(raw, "oci", card.canonical if card else None, None, count, None)
    if re.match(r"(?:standard[ _-])?n[cdvg]", bare):
        plain = _plain(bare)
        near = [
            m
            for key, m in _machines().items()
            if m.provider == "azure" and len(plain) > 5 and key.startswith(plain)
        ]
        if near:
            return near[0]
        card_name = _azure_family(bare)
        if card_name is None:
            return None
        card = resolve(card_name)
        return Instance(raw, "azure", card.canonical if card else None, None, None, None)
    found = re.match(r"(ct\dl?p?)-[a-z]+-(\d+)t?$", bare)
    if found:
        chip = {"ct5lp": "TPU-v5e", "ct5p": "TPU-v5p", "ct6e": "TPU-v6e"}.get(found.group(1))
        return Instance(raw, "gcp", chip, None, int(found.group(2)), None) if chip else None
    found = re.match(r"(a\dx?-[a-z]+)-(\d+)g", bare)
    if found:
        return Instance(
            raw, "gcp", _FAMILY_CARD.get(found.group(1)), None, int(found.group(2)), None
        )
    family = bare.split(".")[0] if "." in bare else "-".join(bare.split("-")[:2])
    card_name = _FAMILY_CARD.get(family)
    provider = "aws" if "." in bare else "gcp"
    return Instance(raw, provider, card_name, None, None, None) if card_name else None


def country_of(code: str) -> str:
    """The country of a cloud's region code; its group where the code names no place."""
    low = code.lower()
    exact = next((place for prefix, place in _CODE_COUNTRY if low == prefix), None)
    if exact:
        return exact
    if low.endswith(("us", "us2", "us3")) and "-" not in low:
        return "us"
    for prefix, place in sorted(_CODE_COUNTRY, key=lambda pair: -len(pair[0])):
        if low.startswith(prefix):
            return place
    return "us"
