"""Mentions: what stands in a text, each with its span and its value, whatever it is there for.

Names come from the product's tables (accelerators, machines, providers, models, regions), words
and units from the language packs. What a mention is for (wanted, excluded, a price that is paid)
is decided afterwards, by `bot.understanding.roles`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from bot.understanding import models
from bot.understanding.lexicon import Token, matches, tokens
from bot.understanding.numbers import value
from knowledge.accelerators import beginnings, resolve, variants


class Mention(NamedTuple):
    """Something that a text names."""

    kind: str
    """`card memory form provider instance model place zone region-code money number time percent
    gpu-hours tokens storage people requests things every billing tier workload precision
    interconnect compliance weekday clock month cut`."""
    start: int
    end: int
    value: Any
    """Canonical name, number or code; money and time hold a `Money` or `Length`."""
    detail: Any = None
    """What else the words state: a machine's figures, a number's noun."""


class Money(NamedTuple):
    """A sum as written."""

    amount: float
    currency: str | None
    """ISO code; None for a number that no currency stands beside."""
    per: frozenset[str] = frozenset()
    """What it is for, as far as said: `gpu node hour second minute day week month year tokens`."""
    scaled: bool = False
    """Written with k, mil or million."""


class Length(NamedTuple):
    """A length of time as written."""

    hours: float
    number: float
    unit: str
    written: bool
    """False for a unit without a number ("monthly", "a month")."""


MAX_READ = 1500
"""Characters that are read: a question has its subject within them; a document is not read to its end."""
HOURS = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0, "fortnight": 336.0,
         "month": 730.0, "quarter": 2190.0, "semester": 4380.0, "year": 8760.0}  # fmt: skip
DAYS = {"second": 0, "minute": 0, "hour": 0, "day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 90,
        "semester": 180, "year": 365}  # fmt: skip


class Reading(NamedTuple):
    """A folded text with its mentions, in order, and the units that classifiers look at."""

    text: str
    lang: str
    mentions: tuple[Mention, ...]
    units: tuple[Unit, ...]


class Unit(NamedTuple):
    """A word, or a whole mention, as the classifiers see it."""

    key: str
    """The word; `#card`, `#money` and so on for a mention."""
    mention: int
    """Index of the mention; -1 for a word."""
    cues: tuple[str, ...]
    """Cues whose phrase covers this unit."""
    start: int


# -- names that are read off the raw text, because they hold signs inside them ---------------------

_INSTANCE = re.compile(
    r"(?<![a-z0-9.])(?:ml\.)?(?:(?:p\d[a-z]*|p6-b\d00|u-?p\d\w*|g\d[a-z]*|gr6f?|trn\d[a-z]*|inf\d|dl\d[a-z]*)\.(?:metal|\d*x?large|\d+xl)(?:-\d+gpu)?"
    r"|(?:standard[ _-])?n[cdvg](?:as|ads|s|is|isr|a)?\d+[a-z-]*\d*[a-z]*(?:[ _](?:rtxpro\d+\w*|mi300x|[abht]\d{1,3}))?(?:[ _]v\d)?"
    r"|a[234]x?-(?:high|mega|ultra|max|edge)gpu-\d+g(?:-\w+)?|g[24]-standard-\d+|ct\dl?p?-[a-z]+-\d+t?|[nm]\d-standard-\d+"
    r"|(?:bm|vm)\.gpu\d?[.\w]*)(?![a-z0-9])"
)
_REGION_CODE = re.compile(
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
_ZONED = re.compile(
    r"\b(?:africa|america|antarctica|asia|atlantic|australia|europe|indian|pacific)/[a-z_+-]+(?:/[a-z_]+)?"
    r"|(?<![a-z])(?:utc|gmt)\s?[+-]\s?\d{1,2}(?::\d\d)?"
)
_CLOCK = re.compile(
    r"(?<![\d.$,/:-])(?:(?P<h>[01]?\d|2[0-3])\s?[:h]\s?(?P<m>[0-5]\d)(?![\d:]|\s?m(?:in)?)\s*(?:(?P<ap>am|pm|a\.m\.?|p\.m\.?)(?![a-z]))?(?:\s?h(?:s|rs|oras)?\b)?"
    r"|(?P<h2>0?[1-9]|1[0-2])\s?(?P<ap2>am|pm|a\.m\.?|p\.m\.?)(?![a-z])"
    r"|(?P<h5>[01]?\d|2[0-3])\s?(?:h|hs|hrs|horas)?\s?(?:da|de la|por la)\s(?P<part>manha|tarde|noite|manana|noche|madrugada)"
    r"|(?:(?:at|as|a las|a la|a partir das)\s)(?P<h4>[01]?\d|2[0-3])(?![\d:.,%a-z/]|\s*(?:gpus?|x\b|dollars|usd|cents|dolares|centavos|h100|a100))(?:\s(?:da|de la|por la)\s(?P<part2>manha|tarde|noite|manana|noche|madrugada))?"
    r"|(?P<h3>[01]?\d|2[0-3])\s?(?:hs|hrs|h|o'clock|oclock)(?![a-z0-9]))"
)
_CUT = re.compile(
    r"(?<![a-z0-9])24\s?[/x]\s?7(?:[/x]365)?(?![a-z0-9])|(?<!\d)9[:-]75|\b\d{1,2}-\d{1,2}-\d{4}|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b|\b20\d\d-\d\d(?:-\d\d)?\b|\b\d{1,2}/\d{1,2}(?=\s|$|[,.;)])|(?<![a-z0-9])#\s?\d+|\b[a-z]{2,}-\d{4,}(?![a-z0-9-])|\bv\d+\.\d+\.\d+"
)
_ELAPSED = re.compile(r"(?<![\d:-])(?<!\d[ t])(\d{1,3}):([0-5]\d):([0-5]\d)(?![\d:])")
# "9e999 A100": a number all the same, and one that nobody can rent.
_ABSURD = re.compile(r"(?<![a-z0-9.])\d+(?:\.\d+)?e\+?\d{1,6}(?![a-z0-9])")
_DIGITS = re.compile(r"\d")


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
    from knowledge.machines import of_provider

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


def _instance(raw: str) -> Instance | None:
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


# -- providers ------------------------------------------------------------------------------------

_ALSO = {
    "aws": "amazon web services|amazon|ec2|amazon aws|sagemaker|aws.amazon.com|amzn|bedrock|eks",
    "azure": "microsoft|ms azure|microsoft azure|msft|azure.com|azur|aks",
    "gcp": "google|google cloud|google cloud platform|gce|vertex ai|vertex|gke|g cloud|gcloud|cloud.google.com",
    "oci": "oracle|oracle cloud|oracle oci",
    "ibm": "ibm cloud|ibm",
    "tencent": "tencent cloud|tencent",
    "vastai": "vast|vast.ai|vast ai|vastai",
    "runpod": "run pod|runpod.io|runpods|rpod",
    "voltagepark": "voltage park|voltagepark|voltage",
    "together": "together ai|together.ai|togetherai|together computer|together",
    "lambda": "lambda labs|lambdalabs|lambda cloud|lambda.ai|lambda lab|lambda gpu cloud|lamda|lamda labs|lambda",
    "coreweave": "core weave|cw|coreweave's|corewave|coreweve|core wave",
    "verda": "datacrunch|data crunch|datacrunch.io|verda (datacrunch)|verda cloud",
    "thundercompute": "thunder compute|thunder",
    "primeintellect": "prime intellect|prime",
    "hotaisle": "hot aisle|hotaisle",
    "genesiscloud": "genesis cloud|genesis",
    "massedcompute": "massed compute|massed",
    "digitalocean": "digital ocean|do droplets|gradient",
    "tensordock": "tensor dock|tensordock",
    "fluidstack": "fluid stack|fluidstack",
    "sfcompute": "sf compute|sfcompute|san francisco compute",
    "jarvislabs": "jarvis labs|jarvislabs.ai|jarvis",
    "shadeform": "shade form",
    "ovh": "ovh|ovhcloud|ovh cloud",
    "paperspace": "paper space",
    "tensorwave": "tensor wave",
    "cloudrift": "cloud rift",
    "latitude": "latitude.sh|latitude",
    "alibaba": "alibaba cloud|alicloud|aliyun|ali cloud|alibaba",
    "salad": "salad cloud|saladcloud|salad",
    "scaleway": "scale way|scaleway",
    "hyperstack": "hyper stack|nexgen cloud|nexgen",
    "nebius": "nebius ai|nebious|nebus",
    "denvr": "denvr dataworks|denvr cloud",
    "cudo": "cudo compute|cudos",
    "modal": "modal labs|modal",
    "akash": "akash network",
    "crusoe": "crusoe cloud|crusoe energy",
    "gcore": "g-core|g core",
    "vultr": "vulture|vultur",
    "seeweb": "see web",
}  # fmt: skip
_NOT_PROVIDERS = frozenset(
    "do;gradient;foundry;online sas;the constant company;online;parent;lightning;theta;civo;r1".split(
        ";"
    )
)


@cache
def provider_names() -> dict[str, str]:
    """Every spelling of a provider, lower case -> its id."""
    from knowledge.providers import all_providers

    names: dict[str, str] = {}
    for provider in all_providers():
        for spelling in (provider.id, provider.name, provider.short_name, *provider.aliases):
            low = spelling.lower()
            if low and low not in _NOT_PROVIDERS:
                names.setdefault(low, provider.id)
    for provider_id, spellings in _ALSO.items():
        for spelling in spellings.split("|"):
            names[spelling] = provider_id
    return names


@cache
def _providers() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """First token of a name -> the names that begin with it, longest first."""
    names = {tuple(t.text for t in tokens(name)): who for name, who in provider_names().items()}
    first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for key, provider_id in names.items():
        if key:
            first.setdefault(key[0], []).append((key, provider_id))
    for choices in first.values():
        choices.sort(key=lambda choice: -len(choice[0]))
    return first


def _provider(found: list[Token], at: int) -> tuple[int, str] | None:
    for key, provider_id in _providers().get(found[at].text, ()):
        length = len(key)
        if at + length <= len(found) and all(
            found[at + i].text == key[i] for i in range(1, length)
        ):
            end = at + length
            # a domain's ending belongs to the name: "coreweave.com"
            if (
                end + 1 < len(found)
                and found[end].text == "."
                and found[end].start == found[end - 1].end
                and found[end + 1].text in ("com", "io", "ai", "net", "cloud", "sh", "org")
                and found[end + 1].start == found[end].end
            ):
                length += 2
            return length, provider_id
    word = found[at].text
    if word.endswith("'s") and (bare := _providers().get(word[:-2])) and len(bare[-1][0]) == 1:
        return 1, bare[-1][1]
    return None


# -- accelerators ---------------------------------------------------------------------------------

_BARE_GEFORCE = re.compile(r"[2345]0[5-9]0(?:ti|super)?$")
_WORD_NAMES = frozenset("ironwood trillium gracehopper graceblackwell".split())
_FORMS = {"sxm": "SXM", "pci": "PCIe", "nvl": "NVL", "oam": "OAM"}
_FORM_TOKEN = re.compile(r"(?:sxm|pcie?|nvl|oam)$")
_SPELLED = (
    (re.compile(r"\b([ahbv])[ -]?(?:one )?hundreds?\b(?! (?:and|hours|horas|days|dollars|bucks|gpus|percent|thousand|people|users|k\b))"), r"\g<1>100"),
    (re.compile(r"\b([hb])[ -]?two[ -]?hundreds?\b"), r"\g<1>200"),
    (re.compile(r"\b([ab])[ -]?cem\b|\bh[ -]?cem\b"), lambda m: m.group()[0] + "100"),
    (re.compile(r"\bforty[ -]ninet(?:y|ies)\b"), "4090"),
    (re.compile(r"\bfifty[ -]ninet(?:y|ies)\b"), "5090"),
    (re.compile(r"\bthirty[ -]ninet(?:y|ies)\b"), "3090"),
    (re.compile(r"\btrillium\b"), "tpu v6e"),
    (re.compile(r"\bgrace hopper\b"), "gh200"),
    (re.compile(r"\bpro 6000 blackwell\b|\brtx 6000 pro\b"), "rtx pro 6000"),
)  # fmt: skip
_MOST_TOKENS = 7


def respelled(text: str) -> str:
    """The folded text with cards that people spell out in words put as the table writes them, and
    a count glued to a card set apart ("8xh100" as "8 x h100")."""
    for pattern, spelling in _SPELLED:
        text = pattern.sub(spelling, text)
    text = re.sub(
        r"(?<![a-z0-9.])(\d{1,5})\s?x\s?(?=(?:nvidia\s|amd\s)?[a-z]{1,3}[ -]?\d)(?!\d{1,3}b)",
        r"\1 x ",
        text,
    )
    text = re.sub(
        r"(?<![a-z0-9.])([abhl]\d{2,3}s?|mi\d{3}x|\d0[5-9]0)x(\d{1,4})(?![a-z0-9])",
        r"\1 x \2",
        text,
    )
    text = _SPACED_THOUSANDS.sub(lambda match: match.group().replace(" ", ""), text)
    return _IN_WORDS.sub(_without_words, text)


# "15 000 PLN", "R$ 12 000"
_SPACED_THOUSANDS = re.compile(
    r"(?<![\d.,a-z])\d{1,3}(?: \d{3})+(?![\d.,a-z])(?= ?(?:[$€£₹]|[a-z]{3}\b|euros?|dolares|dollars|reais|pesos|soles|gpu|hours|horas))"
    r"|(?<=[$€£₹] )\d{1,3}(?: \d{3})+(?![\d.,a-z])|(?<=[$€£₹])\d{1,3}(?: \d{3})+(?![\d.,a-z])"
)
_IN_WORDS = re.compile(r"(?<=\d) ?\(([a-z ]{3,32})\)")


def _without_words(match: re.Match[str]) -> str:
    """ "24 (vinte e quatro) meses": the number in words that repeats the one in digits goes."""
    found = tokens(match.group(1))
    at = 0
    while at < len(found):
        hit = next(
            (
                length
                for length, entries in matches(found, at)
                if any(e.kind == "number" for e in entries)
            ),
            0,
        )
        if not hit and found[at].text not in ("e", "y", "and"):
            return match.group()
        at += hit or 1
    return ""


def _card(text: str, found: list[Token], at: int) -> tuple[int, Any] | None:
    """(length, Named) of the longest name of a card that begins at a token."""
    joined, best = "", None
    for length in range(1, _MOST_TOKENS + 1):
        if at + length > len(found):
            break
        token = found[at + length - 1]
        if not (token.is_word or token.is_number):
            break
        if length > 1:
            gap = text[found[at + length - 2].end : token.start]
            if gap not in ("", " ", "-", "_", " - "):
                break
        joined += token.text
        if not _may_begin(joined):
            break
        named = _named(joined, text[found[at].start : token.end])
        if named is not None and not _runs_on(text, token.end):
            best = (length, named)
    return best


def _may_begin(joined: str) -> bool:
    known = beginnings()
    return joined in known or joined[:-1] in known or f"rtx{joined}" in known


def _named(joined: str, raw: str) -> Any:
    if _BARE_GEFORCE.match(joined):
        return resolve("rtx" + joined)
    if joined.isdigit() or (joined.isalpha() and joined not in _WORD_NAMES):
        return None
    if joined in ("6000ada", "5000ada", "4000ada", "2000ada", "pro6000", "pro5000", "pro4500"):
        return resolve("rtx" + joined)
    if joined[0] == "a" and raw[:2] == "a " and joined != "a100":
        return None  # the article: "a 40 GB card"
    if joined == "v100s":
        return resolve("v100")
    if found := resolve(joined):
        return found
    plural = joined.endswith("s") and joined[-2:-1].isalpha()
    return resolve(joined[:-1]) if plural and any(char.isdigit() for char in joined) else None


def _runs_on(text: str, end: int) -> bool:
    """A letter or digit is glued on: "a1000" is not "a100", while "h100s" is a plural."""
    if end >= len(text) or not text[end].isalnum():
        return False
    if text[end].isdigit():
        return True
    glued = re.match(r"[a-z]+", text[end:])
    tail = glued.group() if glued else ""
    return tail not in ("s", "es") and not re.match(r"(?:sxm|pcie|nvl)\d?", text[end:])


_UNKNOWN_CARD = re.compile(
    r"(?:(?:rtx|gtx|quadro|geforce|radeon)\s?-?(?:pro\s?|a)?\d{3,4}(?:\s?(?:ti|super|xt|ada))?|(?:gb|mi|gh)-?\d{2,4}[a-z]?|[abhlvr]\d{2,4}[a-z]?|(?:gaudi|trainium|inferentia)\s?-?\d)(?![a-z0-9]|\.\d|-\d)"
)


# -- the finder -----------------------------------------------------------------------------------


class _Finder:
    """One pass over the tokens of one text."""

    def __init__(self, text: str, lang: str) -> None:
        self.text = text
        self.lang = lang
        self.taken: list[Mention] = []
        """Mentions that were read off the raw text."""
        self.mentions: list[Mention] = []
        self._sizes: list[tuple[int, float]] = []
        """Where a card's memory stands without a unit."""

    # raw names first: they hold dots, dashes and slashes that would split them

    def _take(self, kind: str, start: int, end: int, value: Any, detail: Any = None) -> None:
        if not any(start < other.end and other.start < end for other in self.taken):
            self.taken.append(Mention(kind, start, end, value, detail))

    def _raw(self) -> None:
        text = self.text
        if not _DIGITS.search(text):
            for match in _ZONED.finditer(text) if "/" in text else ():
                self._take("zone", match.start(), match.end(), match.group())
            for start, end, slug in models.named(text):
                self._take("model", start, end, slug)
            return
        for match in _INSTANCE.finditer(text):
            machine = _instance(match.group())
            if machine is not None:
                self._take("instance", match.start(), match.end(), match.group(), machine)
        for match in _REGION_CODE.finditer(text):
            self._take(
                "region-code", match.start(), match.end(), country_of(match.group()), match.group()
            )
        for match in _ZONED.finditer(text):
            self._take("zone", match.start(), match.end(), match.group())
        for match in _ELAPSED.finditer(text):
            hours = int(match[1]) + int(match[2]) / 60 + int(match[3]) / 3600
            self._take(
                "time",
                match.start(),
                match.end(),
                Length(hours, hours, "hour", written=True),
                "elapsed",
            )
        for match in _ABSURD.finditer(text):
            self._take("number", match.start(), match.end(), 1e12, "digits")
        for match in _CUT.finditer(text):
            self._take("cut", match.start(), match.end(), match.group())
        for start, end, slug in models.named(text):
            self._take("model", start, end, slug)
        for match in _CLOCK.finditer(text):
            bare = match.group("h3") is not None or (
                match.group("h4") is not None and match.group("part2") is None
            )
            self._take_clock(match, bare=bare)

    def _take_clock(self, match: re.Match[str], *, bare: bool) -> None:
        """A clock time. "9h" may be a length as well: both readings are kept, one is chosen by
        what the text asks."""
        groups = match.groupdict()
        hour = int(groups["h"] or groups["h2"] or groups["h3"] or groups["h4"] or groups["h5"] or 0)
        minute = int(groups["m"] or 0)
        half = (groups["ap"] or groups["ap2"] or "").replace(".", "")
        part = groups["part"] or groups["part2"]
        if (half == "pm" or part in ("tarde", "noite", "noche")) and hour < 12:
            hour += 12
        if half == "am" and hour == 12:
            hour = 0
        mention = Mention("clock", match.start(), match.end(), f"{hour:02}:{minute:02}", bare)
        if bare:
            self.mentions.append(mention)
        elif not any(mention.start < o.end and o.start < mention.end for o in self.taken):
            self.taken.append(mention)

    # -- tokens --

    def run(self) -> tuple[list[Mention], list[Unit]]:
        self._raw()
        self.taken.sort(key=lambda mention: mention.start)
        units: list[Unit] = []
        position = 0
        pieces: list[tuple[list[Token], Mention | None]] = []
        for raw in self.taken:
            pieces.append((tokens(self.text, position, raw.start), raw))
            position = raw.end
        pieces.append((tokens(self.text, position), None))
        for found, mention in pieces:
            self._scan(found, units)
            if mention is not None:
                self.mentions.append(mention)
                units.append(Unit(f"#{mention.kind}", len(self.mentions) - 1, (), mention.start))
        return self.mentions, units

    def _scan(self, found: list[Token], units: list[Unit]) -> None:
        at = 0
        cues: dict[int, set[str]] = {}
        spans: list[Unit] = []
        for index in range(len(found)):
            for length, entries in matches(found, index):
                for entry in entries:
                    if entry.kind == "cue":
                        for covered in range(index, index + length):
                            cues.setdefault(covered, set()).add(entry.value)
        while at < len(found):
            length = self._mention(found, at)
            if length:
                number = len(self.mentions) - 1
                mention = self.mentions[number]
                over = sorted({cue for i in range(at, at + length) for cue in cues.get(i, ())})
                spans.append(Unit(f"#{mention.kind}", number, tuple(over), mention.start))
                at += length
            else:
                token = found[at]
                key = "0" if token.is_number else token.text
                spans.append(Unit(key, -1, tuple(sorted(cues.get(at, ()))), token.start))
                at += 1
        units.extend(spans)

    def _add(
        self, kind: str, found: list[Token], at: int, length: int, value: Any, detail: Any = None
    ) -> int:
        self.mentions.append(
            Mention(kind, found[at].start, found[at + length - 1].end, value, detail)
        )
        return length

    def _mention(self, found: list[Token], at: int) -> int:
        """Adds the mention that begins at a token; how many tokens it covers, 0 for none."""
        token = found[at]
        card = _card(self.text, found, at)
        if card is not None:
            return self._add_card(found, at, *card)
        if self._sizes and token.start == self._sizes[-1][0]:
            return self._add("memory", found, at, 1, self._sizes[-1][1], "bare")
        if token.is_number or token.text == "." or token.text in _SIGNS:
            precision = self._entry(found, at, "precision")
            if precision is not None:
                return self._add("precision", found, at, precision[0], precision[1])
            length = self._quantity(found, at)
            if length:
                return length
            if token.is_number:
                amount = value(token.text, lang=self.lang)
                if amount is None:
                    return self._add("cut", found, at, 1, token.text)
                return self._add("number", found, at, 1, amount, _shape(token.text))
            return 0
        if not token.is_word:
            return 0
        unknown = _UNKNOWN_CARD.match(self.text, token.start)
        if unknown and (token.start == 0 or not self.text[token.start - 1].isalnum()):
            length = 1
            while at + length < len(found) and found[at + length].end <= unknown.end():
                length += 1
            if found[at + length - 1].end == unknown.end():
                return self._add("unknown-card", found, at, length, unknown.group().strip().upper())
        currency = self._currency(found, at)
        if currency is not None and at + currency[0] < len(found):
            follows = found[at + currency[0]]
            if follows.is_number or follows.text == ".":
                length = self._quantity(found, at)
                if length:
                    return length
        provider = _provider(found, at)
        longest: tuple[int, str, str] | None = None
        for length, entries in matches(found, at):
            for entry in entries:
                if entry.kind == "currency" and length == 1 and len(token.text) < 3:
                    continue
                if entry.kind in _NAMES and (
                    longest is None
                    or length > longest[0]
                    or (length == longest[0] and entry.kind == "place")
                ):
                    longest = (length, entry.kind, entry.value)
        if provider is not None and (longest is None or provider[0] >= longest[0]):
            return self._add(
                "provider",
                found,
                at,
                *provider,
                self.text[token.start : found[at + provider[0] - 1].end],
            )
        if longest is not None:
            length, kind, name = longest
            if kind == "number":
                return self._quantity(found, at)
            if kind == "every":
                return self._add(
                    "time", found, at, length, Length(HOURS[name], 1, name, written=False)
                )
            return self._add(
                kind, found, at, length, name, self.text[token.start : found[at + length - 1].end]
            )
        if token.text in _LENGTHS:
            return self._add(
                "time", found, at, 1, Length(HOURS["fortnight"], 1, "fortnight", written=False)
            )
        return self._quantity(found, at) if token.text in _ARTICLES else 0

    def _add_card(self, found: list[Token], at: int, length: int, named: Any) -> int:
        end = at + length
        if end < len(found) and found[end].text in _SUFFIXES and not self._runs_into(found, end):
            name = self.text[found[at].start : found[end].end].upper()
            return self._add("unknown-card", found, at, length + 1, name)
        memory = named.memory_gb
        form = named.form_factor
        # "A100-80": a number that is one of the card's own sizes
        if memory is None and end < len(found) and found[end].is_number:
            glue = self.text[found[end - 1].end : found[end].start]
            sizes = {variant.memory_gb for variant in variants(named.canonical)}
            amount = value(found[end].text, lang=self.lang)
            if glue in ("-", "_") and amount in sizes:
                memory = amount
                length += 1
        index = self._add("card", found, at, length, named.canonical, form)
        if memory is None:
            self._bare_memory(found, at + length, named.canonical)
        if memory is not None:
            self.mentions.append(
                Mention("memory", found[at].start, found[at + length - 1].end, memory, "own")
            )
            # the card stays the unit's own mention
            self.mentions[-1], self.mentions[-2] = self.mentions[-2], self.mentions[-1]
        return index

    def _bare_memory(self, found: list[Token], at: int, canonical: str) -> None:
        """ "A100 80", "A100 de 80": a number that is one of the card's sizes, with no unit."""
        if at < len(found) and found[at].text in ("de", "com", "con", "w", "with"):
            at += 1
        if at >= len(found) or not found[at].is_number or self._runs_into(found, at):
            return
        amount = value(found[at].text, lang=self.lang)
        sizes = {variant.memory_gb for variant in variants(canonical)}
        if amount is None or amount not in sizes or len(sizes) < 2:
            return
        after = at + 1
        if after < len(found):
            follows = found[after]
            if (
                follows.text in ("x", "%", "$", "/")
                or any(
                    self._entry(found, after, kind)
                    for kind in ("time", "scale", "currency", "memory", "cents")
                )
                or self._noun(found, after)
            ):
                return
        self._sizes.append((found[at].start, amount))

    # -- quantities --

    def _number(self, found: list[Token], at: int) -> tuple[int, float, str, bool] | None:
        """(length, value, shape, scaled) of the number that begins at a token."""
        token = found[at]
        if token.is_number:
            amount = value(token.text, lang=self.lang)
            if amount is None:
                return None
            if self.text[: token.start].endswith(" -"):
                amount = -amount
            length, shape = 1, _shape(token.text)
        elif (
            token.text == "."
            and at + 1 < len(found)
            and found[at + 1].is_number
            and found[at + 1].start == token.end
        ):
            before = self.text[token.start - 1] if token.start else " "
            if before.isalnum():
                return None
            amount = value("." + found[at + 1].text, lang=self.lang)
            if amount is None:
                return None
            length, shape = 2, "decimal"
        else:
            words = self._entry(found, at, "number")
            if words is None:
                return None
            length, amount, shape = words[0], float(words[1]), "word"
        scaled = False
        scale = self._entry(found, at + length, "scale") if at + length < len(found) else None
        if scale is not None:
            glued = found[at + length].start == found[at + length - 1].end
            word = found[at + length].text
            # "5 m" is no million by itself, "5 k" is a thousand
            minutes = (
                word == "m"
                and bool(self.mentions)
                and self.mentions[-1].kind == "time"
                and self.mentions[-1].end + 2 >= token.start
            )
            if (
                not minutes
                and not self._runs_into(found, at + length)
                and (len(word) > 1 or (glued and word in ("k", "m")))
            ):
                amount *= float(scale[1])
                length += scale[0]
                scaled = True
        return length, amount, shape, scaled

    def _runs_into(self, found: list[Token], at: int) -> bool:
        """A letter or digit is glued to a token's end: the "h" of "16 H100" is no hour."""
        return found[at].end < len(self.text) and self.text[found[at].end].isalnum()

    def _entry(self, found: list[Token], at: int, kind: str) -> tuple[int, str] | None:
        if at >= len(found):
            return None
        for length, entries in matches(found, at):
            for entry in entries:
                if entry.kind == kind:
                    return length, entry.value
        return None

    def _currency(self, found: list[Token], at: int) -> tuple[int, str] | None:
        hit = self._entry(found, at, "currency")
        if hit is not None and found[at].text == "us" and hit[0] == 1:
            return None
        return hit

    def _quantity(self, found: list[Token], at: int) -> int:
        """Money, time, memory, a count of something: a number with what stands around it."""
        currency = self._currency(found, at) if not found[at].is_number else None
        start = at
        if currency is not None:
            at += currency[0]
            if at >= len(found):
                return 0
        words = self._entry(found, at, "number")
        article = found[at].text in _ARTICLES and (words is None or words[0] < 2)
        number = (1, 1.0, "article", False) if article else self._number(found, at)
        if number is None:
            return 0
        length, amount, shape, scaled = number
        end = at + length
        if currency is None and (not article or found[at].text in _ONES):
            after = self._currency(found, end) if end < len(found) else None
            if (
                after is None
                and end + 1 < len(found)
                and found[end].text in ("de", "of", "us", "em", "in")
            ):
                further = self._currency(found, end + 1)
                if further is not None and (scaled or found[end].text == "us"):
                    after = (further[0] + 1, further[1])
            if after is not None:
                currency = after
                end += after[0]
            else:
                cents = self._entry(found, end, "cents")
                if (
                    cents is None
                    and end < len(found)
                    and found[end].text == "c"
                    and found[end].start == found[end - 1].end
                    and amount < 100
                    and not self._runs_into(found, end)
                ):
                    cents = (1, "cents")
                if cents is not None:
                    currency = (1, "USD")
                    amount = round(amount / 100, 6)
                    end += cents[0]
                    if end + 1 < len(found) and found[end].text == "de":
                        further = self._currency(found, end + 1)
                        if further is not None:
                            currency, end = further, end + 1 + further[0]
        elif currency is not None and end < len(found):
            after = self._currency(found, end)
            if after is not None:
                named = after[1] if after[1] != "USD" or currency[1] == "USD" else currency[1]
                currency = (1, named if found[start].text == "$" else currency[1])
                end += after[0]
        if article and currency is None:
            return self._article(found, start)
        if currency is not None:
            end, per = self._rate(found, end)
            whole = _THOUSANDS.fullmatch(found[at].text)
            if (
                whole
                and not scaled
                and self.lang != "en"
                and not per & {"hour", "gpu", "minute", "second"}
            ):
                amount = float(found[at].text.replace(".", "").replace(",", ""))
            return self._add(
                "money", found, start, end - start, Money(amount, currency[1], per, scaled), shape
            )
        return self._measure(found, start, end, amount, shape, scaled=scaled)

    def _rate(self, found: list[Token], end: int) -> tuple[int, frozenset[str]]:
        """What a sum is for: "/gpu/h", "per node-hour", "la hora", "a month"."""
        per: set[str] = set()
        while end < len(found):
            step = end
            if self._entry(found, step, "per") or found[step].text in ("\\", "*"):
                step += 1
                if step + 1 < len(found) and (
                    found[step].text in ("the", "la", "el", "a", "o")
                    or (found[step].text == "1" and self._entry(found, step + 1, "scale") is None)
                ):
                    step += 1
            if step >= len(found):
                break
            unit = None
            if self._runs_into(found, step) and not found[step].is_number:
                break
            noun = self._noun(found, step)
            if noun is not None and noun[1] in ("gpu", "node", "tokens", "cluster"):
                unit = (noun[0], noun[1])
            elif found[step].text in ("mtok", "mtokens"):
                unit = (1, "tokens")
            else:
                time = self._entry(found, step, "time")
                every = self._entry(found, step, "every")
                if every is not None:
                    unit = every
                elif time is not None and (
                    step > end or found[step].text in ("hr", "hour", "h", "hora", "hourly")
                ):
                    unit = time
                elif step > end and self._number(found, step) is not None:
                    number = self._number(found, step)
                    after = self._noun(found, step + number[0]) if number else None
                    if number and after is not None and after[1] == "tokens":
                        unit = (number[0] + after[0], "tokens")
                elif (
                    step > end
                    and (
                        storage := self._entry(found, step, "memory")
                        or self._entry(found, step, "storage")
                    )
                    is not None
                ):
                    unit = (storage[0], "storage")
                elif step > end and found[step].text == "kwh":
                    unit = (1, "kwh")
            if unit is None:
                break
            if step == end and unit[1] in ("gpu", "node", "cluster") and not per:
                break
            per.add(unit[1])
            end = step + unit[0]
            if end < len(found) and found[end].text == "-":
                end += 1
        return end, frozenset(per)

    def _noun(self, found: list[Token], at: int) -> tuple[int, str] | None:
        if at >= len(found):
            return None
        for length, entries in matches(found, at):
            for entry in entries:
                if entry.kind == "noun":
                    return length, entry.value
        return None

    def _article(self, found: list[Token], at: int) -> int:
        """ "a month", "uma semana": a length whose number is an article."""
        first = at + 1
        if (
            first < len(found)
            and found[at].text in _WHOLE
            and found[first].text in ("the", "o", "a", "el", "la", "whole", "entire")
        ):
            first += 1
        unit = self._entry(found, first, "time") if first < len(found) else None
        if unit is None or (len(found[first].text) < 3 and found[at].text not in ("/", "per", "a")):
            return 0
        if self._runs_into(found, first):
            return 0
        name = unit[1]
        length = first - at + unit[0]
        half = self._half(found, at + length)
        if half:
            return self._add(
                "time", found, at, length + half, Length(1.5 * HOURS[name], 1.5, name, written=True)
            )
        return self._add(
            "time", found, at, length, Length(HOURS[name], 1, name, written=False), "article"
        )

    def _half(self, found: list[Token], at: int) -> int:
        """How many tokens of "and a half", "y medio", "e meio" begin here."""
        words = tuple(token.text for token in found[at : at + 3])
        if words == ("and", "a", "half"):
            return 3
        return 2 if words[:2] in _HALVES else 0

    def _measure(
        self, found: list[Token], start: int, end: int, amount: float, shape: str, *, scaled: bool
    ) -> int:
        """A number by the unit that follows it."""

        def add(kind: str, value: Any, detail: Any = None, upto: int = end) -> int:
            return self._add(kind, found, start, upto - start, value, detail)

        if end >= len(found):
            return add("number", amount, self._after_times(found, start) or shape)
        word = found[end].text
        if self._card_hours(found, end):
            return add("gpu-hours", amount)
        if self._runs_into(found, end):
            return add("number", amount, self._after_times(found, start) or shape)
        if (
            word == "m"
            and self.mentions
            and self.mentions[-1].kind == "time"
            and self.mentions[-1].end + 2 >= found[start].start
        ):
            return add("time", Length(amount / 60, amount, "minute", written=True), shape, end + 1)
        glued = found[end].start == found[end - 1].end
        if word in ("%", "percent") or self.text.startswith(
            ("por cento", "por ciento"), found[end].start
        ):
            return add("percent", amount, None, end + (1 if word in ("%", "percent") else 2))
        if word == "x" and not glued and end + 1 < len(found):
            return add("number", amount, "times")
        if word == "x":
            after = found[end + 1].text if end + 1 < len(found) else ""
            if after in ("slower", "faster", "cheaper", "more", "less", "mais", "mas"):
                return add("things", amount, "x", end + 1)
            return add("number", amount, "times", end + 1)
        hours = self._gpu_hours(found, end)
        if hours:
            return add("gpu-hours", amount, None, end + hours)
        memory = self._entry(found, end, "memory")
        if memory is not None and (glued or len(word) > 1):
            return add("memory", amount, None, end + memory[0])
        storage = self._entry(found, end, "storage")
        if storage is not None:
            return add("storage", amount, word, end + storage[0])
        occasion = self._entry(found, end, "occasion")
        if occasion is not None:
            return add("occasions", amount, word, end + occasion[0])
        noun = self._noun(found, end)
        time = self._entry(found, end, "time")
        if time is not None and (noun is None or noun[0] <= time[0]):
            if len(word) > 1 or glued or word in ("h", "d"):
                name, upto = time[1], end + time[0]
                half = self._half(found, upto)
                if half:
                    amount += 0.5
                return add(
                    "time",
                    Length(amount * HOURS[name], amount, name, written=True),
                    shape,
                    upto + half,
                )
        if noun is not None:
            if noun[1] == "tokens":
                return add("tokens", amount, None, end + noun[0])
            if noun[1] in ("people", "requests", "things"):
                return add(noun[1], amount, word, end + noun[0])
            return add("number", amount, noun[1], end + noun[0])
        if (
            word in ("de", "of")
            and end + 1 < len(found)
            and (further := self._noun(found, end + 1))
            and further[1] in ("tokens", "people", "requests", "things")
        ):
            return add(further[1], amount, None, end + 1 + further[0])
        adjective = (
            end + 1 < len(found) and found[end].is_word and not glued and self._noun(found, end + 1)
        )
        if adjective and adjective[1] == "node" and _card(self.text, found, end) is None:
            return add("number", amount, "node")
        if adjective and adjective[1] in ("people", "requests", "things", "tokens") and not glued:
            return add(adjective[1], amount, word, end + 1 + adjective[0])
        return add(
            "number", amount, "scaled" if scaled else self._after_times(found, start) or shape
        )

    def _after_times(self, found: list[Token], at: int) -> str | None:
        """ "times" for the number of "H100 x 4"."""
        if (
            at >= 1
            and found[at - 1].text in ("x", "*", ":")
            and self.mentions
            and self.mentions[-1].kind in ("card", "instance", "form", "memory")
        ):
            if found[at - 1].start - self.mentions[-1].end <= 1:
                return "times"
        return None

    def _gpu_hours(self, found: list[Token], at: int) -> int:
        """How many tokens of "gpu hours", "A100-hours", "horas de GPU" begin here."""
        noun = self._noun(found, at)
        skip = noun[0] if noun is not None and noun[1] == "gpu" else 0
        if skip:
            unit = self._entry(found, at + skip, "time")
            return (
                skip + unit[0]
                if unit is not None and unit[1] == "hour" and len(found[at + skip].text) > 1
                else 0
            )
        unit = self._entry(found, at, "time")
        if (
            unit is not None
            and unit[1] == "hour"
            and at + 1 < len(found)
            and found[at + 1].text == "gpu"
        ):
            return 2
        if (
            unit is not None
            and unit[1] == "hour"
            and at + 2 < len(found)
            and found[at + 1].text in ("de", "of", "-")
        ):
            noun = self._noun(found, at + 2)
            if noun is not None and noun[1] == "gpu" and found[at + 2].text.startswith("gpu"):
                return 3
        return 0

    def _card_hours(self, found: list[Token], at: int) -> bool:
        """Whether "A100 hours" or "A100 80GB GPU hours" begins here."""
        card = _card(self.text, found, at)
        if card is None:
            return False
        at += card[0]
        for _ in range(3):
            if at >= len(found):
                return False
            unit = self._entry(found, at, "time")
            if unit is not None and unit[1] == "hour":
                return len(found[at].text) > 1
            noun = self._noun(found, at)
            size = found[at].is_number and self._entry(found, at + 1, "memory") is not None
            if not (size or (noun and noun[1] == "gpu")):
                return False
            at += 2 if size else 1
        return False


_SUFFIXES = frozenset({"ti", "super", "xt"})
"""After a card's name they make another card of it, which the table would hold if it knew it."""
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
_LENGTHS = frozenset({"fortnight", "quinzena", "quincena"})
_HALVES = {("y", "medio"), ("y", "media"), ("e", "meio"), ("e", "meia")}
_ONES = frozenset("a an um uma un una".split())
_WHOLE = frozenset("all todo toda the whole".split())
_SIGNS = frozenset("$€£¥₹")
_ARTICLES = frozenset({"a", "an", "um", "uma", "un", "una", "full", "whole", "all", "next", "this", "per", "por", "al", "ao", "each", "cada", "the", "o", "el", "la", "proximo", "proxima", "todo", "toda", "every", "/", "last", "past", "previous", "trailing", "ultimo", "ultima", "ultimos", "ultimas", "este", "esta", "neste", "nesta", "pasado", "entire"})  # fmt: skip
_NAMES = frozenset(
    "number place every form interconnect billing tier workload precision compliance weekday clock month zone currency".split()
) | {"month name"}


def _shape(text: str) -> str:
    return "decimal" if "." in text or "," in text else "digits"


def find(folded: str, lang: str) -> Reading:
    """The mentions of a folded text, in the order they stand, and its units."""
    text = respelled(folded)[:MAX_READ]
    mentions, units = _Finder(text, lang).run()
    return Reading(text, lang, tuple(mentions), tuple(units))
