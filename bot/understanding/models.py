"""Finds named models and model sizes, and writes them as slugs: family-version-size."""

from __future__ import annotations

import re

_FAMILIES = (
    "code-?llama|tiny-?llama|llama|ministral|mistral|mixtral|codestral|pixtral|devstral|magistral|qwen|qwq|code-?gemma|gemma|deepseek|"
    "phi|whisper|falcon|yi|command|dbrx|gpt-?oss|gpt-?neox|gpt-?j|stable[ -]?diffusion|sdxl|sd|flux|distil-?bert|roberta|bert|mini-?lm|"
    "bge|e5|nomic-embed|starcoder|vicuna|kimi|glm|chatglm|bloomz?|olmo|nemotron|granite|minimax|"
    "internlm|internvl|baichuan|zephyr|wizardlm|solar|smollm|jamba|grok|aya|stablelm|opt|mpt|t5|"
    "llava|clip|musicgen|alphafold|boltz|wan|hunyuan|orca|openchat|nous-hermes|hermes|dolphin|exaone|sarvam|sabia"
)
# What every family name holds: nothing of it in the text, no model.
_STEMS = (
    "llama", "ministral", "mistral", "mixtral", "stral", "qwen", "qwq", "gemma", "deepseek", "phi", "whisper",
    "falcon", "yi", "command", "dbrx", "gpt", "diffusion", "sd", "flux", "bert", "minilm", "mini-lm",
    "mini lm", "bge", "e5", "nomic", "starcoder", "vicuna", "kimi", "glm", "bloom", "olmo", "nemotron",
    "granite", "minimax", "internlm", "internvl", "baichuan", "zephyr", "wizard", "solar", "smollm",
    "jamba", "grok", "aya", "stablelm", "opt", "mpt", "t5", "llava", "clip", "musicgen", "alphafold", "boltz", "wan",
    "hunyuan", "orca", "openchat", "hermes", "dolphin", "exaone", "sarvam", "sabia",
)  # fmt: skip
_SIZE = r"\d{1,4}(?:\.\d{1,2})?\s?b(?:illion|ilhoes|i)?(?![a-z0-9])|\d{1,2}\s?x\s?\d{1,3}(?:\.\d)?\s?b(?![a-z0-9])"
_PART = (
    rf"(?:{_SIZE}|a\d{{1,2}}b|\d+m(?![a-z0-9])|v?\d{{1,2}}(?:\.\d{{1,2}})?(?!\d|[\s-]?(?:bit|bits|gpus?|x\b|gb|hours?|h\b|days?|%|[abhl]\d{{2,3}}))|"
    r"mini|small|medium|large|base|tiny|nano|huge|xl|xxl|turbo|coder|code|math|vl|vision|moe|nemo|r\d?\+?|r|plus|"
    r"scout|maverick|distill|llama|qwen|dev|schnell|pro|lite|next|air|flash|l6|l12|k\d(?:\.\d)?|m\d|oss|guard|think|ultra|super|max|saba|omni|multilingual|next)"
)
_DROPPED = (
    r"(?:instruct|chat|it|hf|gguf|awq|gptq|base model|preview|hybrid|reasoning|[ -]?\d{4}(?=\s|$))"
)
_NAMED = re.compile(
    rf"(?<![a-z0-9./])(?:(?:meta-llama|meta|mistralai|google|unsloth|thebloke|nousresearch|huggingfaceh4|bartowski|ai21labs|xai-org|black-forest-labs|microsoft|openai|qwen|deepseek-ai|nvidia|alibaba|bigcode|tiiuae|stabilityai)[ /-]+){{0,2}}"
    rf"(?P<family>{_FAMILIES})(?P<rest>(?:(?:[ ._-]?(?:{_PART}))(?![a-z])|[ _-](?:{_DROPPED})(?![a-z]))*)(?![a-z0-9])"
)
_PARTS = re.compile(
    rf"{_SIZE}|a\d{{1,2}}b|\d+m(?![a-z0-9])|v?\d{{1,2}}(?:\.\d{{1,2}})?|[a-z]+\d*\+?"
)
_BARE = re.compile(
    r"(?<![a-z0-9.$-])(?P<n>\d{1,4}(?:\.\d{1,2})?)\s?-?\s?(?:b(?![a-z0-9])|(?:billion|bi|bilhoes|bilhao)(?![a-z]))(?!\s+(?:de\s+)?(?:tok(?:en)?s?|dollars|dolares|docs|requests|images|texts|rows|linhas|textos)(?![a-z]))"
    r"(?:\s?-?\s?(?:param(?:eter)?s?|de parametros|parametros))?"
)
# Families that are words too: they need a version, a size or a variant beside them.
_WORDY = frozenset(
    "yi phi command sd opt solar falcon grok orca wan clip jamba hermes dolphin t5 granite aya bloom e5 flux glm kimi".split()
)
_ALONE = frozenset("flux whisper bert clip yi grok dbrx jamba kimi".split())
_SPACED = {
    "stablediffusion": "stable-diffusion",
    "gptoss": "gpt-oss",
    "gptj": "gpt-j",
    "gptneox": "gpt-neox",
    "codellama": "codellama",
    "minilm": "minilm",
    "code-llama": "codellama",
    "mini-lm": "minilm",
    "tiny-llama": "tinyllama",
    "code-gemma": "codegemma",
    "distil-bert": "distilbert",
}


def named(text: str) -> list[tuple[int, int, str]]:
    """(start, end, slug) of every model and model size in a folded text."""
    found: list[tuple[int, int, str]] = []
    if any(stem in text for stem in _STEMS):
        for match in _NAMED.finditer(text):
            slug = _slug(match.group("family"), match.group("rest") or "")
            if slug is not None:
                found.append((match.start(), match.end(), slug))
    for match in _BARE.finditer(text):
        # "70b llama2": the size stands before the name
        if (
            found
            and match.end() + 1
            >= (joined := next((f for f in found if 0 <= f[0] - match.end() <= 1), (0, 0, "")))[0]
            > 0
        ):
            if not re.search(r"-\d+(?:\.\d+)?b$", joined[2]):
                found[found.index(joined)] = (
                    match.start(),
                    joined[1],
                    f"{joined[2]}-{float(match.group('n')):g}b",
                )
                continue
        if not any(match.start() < end and start < match.end() for start, end, _ in found):
            found.append((match.start(), match.end(), f"{float(match.group('n')):g}b"))
    return sorted(found)


def _slug(family: str, rest: str) -> str | None:
    family = family.replace(" ", "-")
    family = _SPACED.get(family, _SPACED.get(family.replace("-", ""), family))
    parts = [part.replace(" ", "") for part in _PARTS.findall(rest)]
    parts = [re.sub(r"b(?:illion|ilhoes|i)$", "b", part) for part in parts]
    dropped = {
        "instruct",
        "chat",
        "it",
        "hf",
        "gguf",
        "awq",
        "gptq",
        "model",
        "preview",
        "hybrid",
        "reasoning",
    }
    kept: list[str] = []
    for part in parts:
        if part in dropped or re.fullmatch(r"\d{4}", part):
            continue
        if re.fullmatch(r"v\d+(?:\.\d+)?", part) and family not in {"whisper", "deepseek"} and kept:
            continue  # "mistral 7b v0.3" is mistral-7b
        numbered = re.fullmatch(r"v\d+(?:\.\d+)?", part) and family not in {"whisper", "deepseek"}
        kept.append(part[1:] if numbered else part)
    if family in _WORDY and not kept and family not in _ALONE:
        return None
    if family in {"yi", "opt", "sd", "command", "wan", "orca", "e5", "t5", "clip"} and not kept:
        return None
    if family == "command" and kept[0] not in {"r", "r+", "a"}:
        return None
    if family == "whisper" and "v3" in kept and "large" not in kept:
        kept.insert(0, "large")
    if family == "r":
        return None
    if (
        family == "deepseek"
        and "distill" not in kept
        and kept
        and kept[0] in ("r1", "v3", "v3.1", "v3.2")
    ):
        kept = [part for part in kept if not re.fullmatch(_SIZE, part)]
    if family == "kimi":
        kept = [part for part in kept if part != "1t"]
    if family == "flux" and kept and kept[0] in ("dev", "schnell", "pro"):
        kept.insert(0, "1")
    kept = ["plus" if part == "+" else "r-plus" if part == "r+" else part for part in kept]
    # Version before size, whatever the order typed: "llama 70b 3.1" is llama-3.1-70b.
    sizes = [part for part in kept if re.fullmatch(_SIZE, part)]
    if sizes and len(kept) > 1 and kept[0] == sizes[0] and re.fullmatch(r"\d+(?:\.\d+)?", kept[1]):
        kept[0], kept[1] = kept[1], kept[0]
    return "-".join([family, *kept])
