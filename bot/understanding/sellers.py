"""Providers by every name that people give them."""

from __future__ import annotations

from functools import cache

from bot.understanding.lexicon import Token, tokens

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
    from knowledge.facts.providers import all_providers

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


def provider_at(found: list[Token], at: int) -> tuple[int, str] | None:
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
