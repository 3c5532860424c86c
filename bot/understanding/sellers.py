"""Finds providers, wanted and excluded. Names come from the provider table."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from bot.understanding.draft import CARD, SELLER, Draft, Pattern
from knowledge.providers import all_providers

_TOKEN = Pattern(r"[a-z0-9]+(?:[.'-][a-z0-9]+)*")
_ALSO = {
    "aws": "amazon web services|amazon|ec2|amazon aws|sagemaker",
    "azure": "microsoft|ms azure|microsoft azure|msft",
    "gcp": "google|google cloud|google cloud platform|gce|vertex",
    "oci": "oracle|oracle cloud",
    "vastai": "vast|vast.ai|vast ai",
    "runpod": "run pod|runpod.io|run-pod",
    "voltagepark": "voltage park|voltage-park",
    "together": "together ai|together.ai|togetherai|together computer",
    "lambda": "lambda labs|lambdalabs|lambda cloud|lambda labs'",
    "coreweave": "core weave|core-weave|cw",
    "verda": "datacrunch|data crunch|datacrunch.io",
    "thundercompute": "thunder compute|thunder",
    "primeintellect": "prime intellect|prime",
    "hotaisle": "hot aisle",
    "genesiscloud": "genesis cloud|genesis",
    "massedcompute": "massed compute|massed",
    "digitalocean": "digital ocean",
    "tensordock": "tensor dock",
    "fluidstack": "fluid stack",
    "sfcompute": "sf compute|sfcompute",
    "jarvislabs": "jarvis labs|jarvislabs.ai|jarvis",
    "shadeform": "shade form",
    "ovh": "ovh|ovhcloud|ovh cloud",
    "paperspace": "paper space",
    "tensorwave": "tensor wave",
    "cloudrift": "cloud rift",
    "latitude": "latitude.sh|latitude",
    "alibaba": "alibaba cloud|alicloud|aliyun|ali cloud",
    "salad": "salad cloud|saladcloud",
    "scaleway": "scale way",
    "hyperstack": "hyper stack|nexgen cloud",
    "nebius": "nebius ai",
    "denvr": "denvr dataworks",
    "cudo": "cudo compute",
}
# Names that are words of a sentence first: they count only beside another name or preposition.
_WORDY = frozenset(
    "together do r1 cw prime thunder genesis massed jarvis gradient foundry lightning theta taiga "
    "ardent yotta modal vertex online maxihost qubrid parent dutch civo e2e grid.ai".split()
)
_BESIDE_BEFORE = frozenset(
    "on at from via vs versus or and e ou na no da do pela pelo not except excluding than "
    "a o without minus skip skipping avoid besides using use a compare comparar provider fornecedor about sobre with com, with".split()
)
_BESIDE_AFTER = frozenset("vs versus or ou".split())
_NOT_NAMES = {"vast": Pattern(r"\s+(?:majority|amount|amounts|number|difference|array|range)")}
_SKIP_ALIASES = frozenset("do;gradient;foundry;online sas;the constant company".split(";"))
_EXCLUDES = Pattern(
    r"(?:\b(?:outside(?: of)?|isn't|isnt|aren't|arent|is not|are not|but not|not on|not from|not at|not with|not|except(?: for)?|excluding|exclude|excl\.?|w/o|without|other than|"
    r"besides|apart from|aside from|skip|skipping|avoid|avoiding|anything but|anywhere but|everyone but|all but|minus|leave out|leaving out|ignoring|ignore|ruling out|no|non"
    r"|tirando|menos|sem ser|sem contar|sem|que nao seja|que nao sejam|exceto|exceptuando|fora|nada de|excluindo|evitando|evitar|nao|descartando|desconsiderando|ignorando|alem d[aeo]s?)"
    r"\s+(?:(?:on|at|from|using|in|the|a|o|na|no|da|do|as|os|for|via)\s+)*)$"
)
_EXCLUDES_PT_NO = Pattern(r"\bno\s+$")
_EXCLUDED_AFTER = Pattern(
    r"\s*(?:is |are |both )?(?:excluded|left out|aside|excetuad[ao]s?|de fora|exclu[ii]d[ao]s?)(?![a-z])"
)
# "custa menos na GCP" asks where it costs less; it excludes nobody.
_COSTS_LESS = Pattern(r"(?:cust\w+|sai|saem|cobra\w*|paga\w*|gasta\w*|por|muito|bem) menos$")
_JOINS = Pattern(
    r"^[\s,/&+]*(?:(?:and|or|nor|e|ou|nem|y|&)\s+)?(?:(?:on|from|na|no|da|do|a|o)\s+)?[\s,/&+]*$"
)


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for one in all_providers():
        for spelling in (one.id, one.name, one.short_name, *one.aliases):
            low = " ".join(_TOKEN.findall(spelling.lower()))
            if low and low not in _SKIP_ALIASES:
                names.setdefault(low, one.id)
    for provider, spellings in _ALSO.items():
        for spelling in spellings.split("|"):
            names[spelling] = provider
    return names


@cache
def _first_words() -> frozenset[str]:
    """First words of the names that have several."""
    return frozenset(name.split(" ")[0] for name in _names() if " " in name)


def find(draft: Draft) -> None:
    """Takes providers out of the text: `providers` and `exclude_providers`."""
    names, first_words = _names(), _first_words()
    tokens = list(_TOKEN.finditer(draft.rest))
    hits: list[tuple[int, int, str]] = []
    skip = -1
    for index, token in enumerate(tokens):
        if index <= skip:
            continue
        for length in (4, 3, 2, 1) if token.group() in first_words else (1,):
            if index + length > len(tokens):
                continue
            last = tokens[index + length - 1]
            phrase = " ".join(part.group() for part in tokens[index : index + length])
            end = last.end()
            if phrase.endswith("'s"):
                phrase, end = phrase[:-2], end - 2
            provider = names.get(phrase) or (
                names.get(phrase.replace("-", "")) if length == 1 else None
            )
            if provider is None or not _plain_gap(draft.rest, tokens[index : index + length]):
                continue
            if phrase in _NOT_NAMES and _NOT_NAMES[phrase].match(draft.rest, end):
                continue
            if phrase in _WORDY and not _beside(draft.rest, token.start(), end, hits):
                continue
            hits.append((token.start(), end, provider))
            skip = index + length - 1
            break
    wanted: list[str] = []
    excluded: list[str] = []
    excluding = False
    previous_end = -1
    for start, end, provider in hits:
        between = draft.rest[previous_end:start] if previous_end >= 0 else ""
        cue = _EXCLUDES.search(draft.rest[:start])
        if cue and draft.pt and _EXCLUDES_PT_NO.search(draft.rest[:start]) and not _english_no(cue):
            cue = None
        if cue and _COSTS_LESS.search(draft.rest[: cue.start() + 5]):
            cue = None
        if cue:
            excluding = True
        elif not (excluding and previous_end >= 0 and _JOINS.match(between)):
            excluding = False
        (excluded if excluding else wanted).append(provider)
        previous_end = end
    if hits and _EXCLUDED_AFTER.match(draft.rest, hits[-1][1]):
        joined = [hits[-1]]  # "lambda or crusoe excluded": the whole joined list is meant
        for hit in reversed(hits[:-1]):
            if not _JOINS.match(draft.rest[hit[1] : joined[-1][0]]):
                break
            joined.append(hit)
        for _, _, provider in joined:
            if provider in wanted:
                wanted.remove(provider)
                excluded.append(provider)
    for start, end, _ in reversed(hits):
        draft.take(start, end, SELLER)
    draft.sellers = [provider for _, _, provider in hits]
    if wanted:
        draft.found["providers"] = tuple(dict.fromkeys(wanted))
    if excluded:
        keep = tuple(name for name in dict.fromkeys(excluded) if name not in wanted)
        if keep:
            draft.found["exclude_providers"] = keep


def _english_no(cue: re.Match[str]) -> bool:
    """In Portuguese "no RunPod" means "at RunPod"; any longer cue excludes."""
    words = cue.group().split()
    return bool(words) and words[0] != "no"


def _plain_gap(text: str, tokens: list[re.Match[str]]) -> bool:
    return all(
        text[left.end() : right.start()] in (" ", "-", ".") for left, right in pairwise(tokens)
    )


def _beside(text: str, start: int, end: int, hits: list[tuple[int, int, str]]) -> bool:
    before = text[:start].split()
    after = text[end:].split()
    if before and before[-1].strip(",") in _BESIDE_BEFORE:
        return True
    if text[:start].rstrip().endswith((",", CARD)) or not before:
        return True
    if after and after[0] in _BESIDE_AFTER:
        return True
    return bool(hits) and text[hits[-1][1] : start].strip(" ,") == ""
