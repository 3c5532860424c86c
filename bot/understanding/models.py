"""Finds named models and model sizes, and writes them as slugs: family-version-size."""

from __future__ import annotations

import re

from bot.understanding.draft import Draft, Pattern, has_any

_FAMILIES = (
    "code-?llama|tiny-?llama|llama|ministral|mistral|mixtral|codestral|pixtral|devstral|magistral|qwen|qwq|code-?gemma|gemma|deepseek|"
    "phi|whisper|falcon|yi|command|dbrx|gpt-?oss|gpt-?neox|gpt-?j|stable[ -]?diffusion|sdxl|sd|flux|distil-?bert|roberta|bert|mini-?lm|"
    "bge|e5|nomic-embed|starcoder|vicuna|kimi|glm|chatglm|bloomz?|olmo|nemotron|granite|minimax|"
    "internlm|internvl|baichuan|zephyr|wizardlm|solar|smollm|jamba|grok|aya|stablelm|opt|mpt|t5|"
    "llava|clip|musicgen|wan|hunyuan|orca|openchat|nous-hermes|hermes|dolphin|exaone|sarvam|sabia"
)
# What every family name holds: nothing of it in the text, no model.
_STEMS = (
    "llama", "ministral", "mistral", "mixtral", "stral", "qwen", "qwq", "gemma", "deepseek", "phi", "whisper",
    "falcon", "yi", "command", "dbrx", "gpt", "diffusion", "sd", "flux", "bert", "minilm", "mini-lm",
    "mini lm", "bge", "e5", "nomic", "starcoder", "vicuna", "kimi", "glm", "bloom", "olmo", "nemotron",
    "granite", "minimax", "internlm", "internvl", "baichuan", "zephyr", "wizard", "solar", "smollm",
    "jamba", "grok", "aya", "stablelm", "opt", "mpt", "t5", "llava", "clip", "musicgen", "wan",
    "hunyuan", "orca", "openchat", "hermes", "dolphin", "exaone", "sarvam", "sabia",
)  # fmt: skip
_SIZE = r"\d{1,4}(?:\.\d{1,2})?\s?b(?:illion|ilhoes|i)?(?![a-z0-9])|\d{1,2}\s?x\s?\d{1,3}(?:\.\d)?\s?b(?![a-z0-9])"
_PART = (
    rf"(?:{_SIZE}|a\d{{1,2}}b|\d+m(?![a-z0-9])|v?\d{{1,2}}(?:\.\d{{1,2}})?(?!\d|\s?(?:bit|bits|gpus?|x\b|gb|hours?|h\b|days?|%))|"
    r"mini|small|medium|large|base|tiny|nano|huge|xl|xxl|turbo|coder|code|math|vl|vision|moe|nemo|r\d?\+?|r|plus|"
    r"scout|maverick|distill|llama|qwen|dev|schnell|pro|lite|next|air|flash|l\d{1,2}|oss|guard|think|en|ultra|super|max|saba|omni|multilingual|next)"
)
_DROPPED = (
    r"(?:instruct|chat|it|hf|gguf|awq|gptq|base model|preview|hybrid|reasoning|[ -]?\d{4}(?=\s|$))"
)
_NAMED = Pattern(
    rf"(?<![a-z0-9./])(?:(?:meta-llama|meta|mistralai|google|unsloth|thebloke|nousresearch|huggingfaceh4|bartowski|ai21labs|xai-org|black-forest-labs|microsoft|openai|qwen|deepseek-ai|nvidia|alibaba|bigcode|tiiuae|stabilityai)[ /-]+){{0,2}}"
    rf"(?P<family>{_FAMILIES})(?P<rest>(?:(?:[ ._-]?(?:{_PART}))(?![a-z])|[ _-](?:{_DROPPED})(?![a-z]))*)(?![a-z0-9])"
)
_PARTS = Pattern(rf"{_SIZE}|a\d{{1,2}}b|\d+m(?![a-z0-9])|v?\d{{1,2}}(?:\.\d{{1,2}})?|[a-z]+\d*\+?")
_BARE = Pattern(
    r"(?<![a-z0-9.$-])(?P<n>\d{1,4}(?:\.\d{1,2})?)\s?-?\s?(?:b(?![a-z0-9])|(?:billion|bi|bilhoes|bilhao)(?![a-z])(?!\s+(?:tokens|dollars|dolares|docs|requests|images|texts|rows|linhas|textos)))"
    r"(?:\s?-?\s?(?:param(?:eter)?s?|de parametros|parametros))?"
)
_PRECISION = Pattern(
    r"(?<![a-z0-9])(?:(int4|int8|fp8|fp16|bf16|fp32|fp4|nvfp4|mxfp4|float16|bfloat16|half precision)|(4|8|16)\s?-?\s?bits?|(q[2-8])(?:_k(?:_m|_s)?|_0)?|(awq|gptq|nf4|gguf))(?![a-z0-9])"
)
_PRECISION_NAMES = {
    "float16": "fp16", "bfloat16": "bf16", "half precision": "fp16", "awq": "int4", "gptq": "int4",
    "nf4": "int4", "gguf": "int4", "fp4": "int4", "nvfp4": "int4", "mxfp4": "int4", "4": "int4",
    "8": "int8", "16": "fp16", "q2": "int4", "q3": "int4", "q4": "int4", "q5": "int8", "q6": "int8", "q8": "int8",
    "q7": "int8",
}  # fmt: skip
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
_CONTEXT = Pattern(
    r"(?<![a-z0-9.$])(\d{1,4})\s?(k|m)\s?-?\s?(?:tokens?|ctx|context(?: length| window)?|de contexto|contexto)(?![a-z])|(?:context|contexto|ctx)\s?(?:of|de|length|window|=|:)?\s?(\d{1,7})\s?(k)?(?:\s?tokens?)?(?![a-z0-9])|(?<![a-z0-9.$])(\d{3,7})\s?tokens?\s?(?:of )?(?:context|ctx|de contexto)"
)
_USERS = Pattern(
    r"(?<![a-z0-9.$])(\d{1,5})\s?(?:concurrent|simultaneous|parallel|simultane[ao]s|concorrentes|paralel[ao]s)?\s?(?:users?|requests?|usuarios|requisicoes|pessoas|people|sessions)(?:\s?(?:concurrent|simultaneous|at once|in parallel|simultane[ao]s|ao mesmo tempo|concorrentes))?(?![a-z])"
)


def find(draft: Draft) -> None:
    """Takes models, precision, context and concurrency out of the text."""
    digits = any(char.isdigit() for char in draft.rest)
    precision = None
    if digits or has_any(draft.rest, ("awq", "gptq", "gguf", "precision")):
        precision = _PRECISION.search(draft.rest)
    if precision:
        raw = next(group for group in precision.groups() if group)
        draft.found["precision"] = _PRECISION_NAMES.get(raw, raw)
        draft.take_match(precision)
    context = None
    if digits and has_any(draft.rest, ("token", "ctx", "context")):
        context = _CONTEXT.search(draft.rest)
    if context:
        number = int(context.group(1) or context.group(3) or context.group(5))
        scale = context.group(2) or context.group(4)
        draft.found["context_tokens"] = number * {"k": 1024, "m": 1024 * 1024}.get(scale or "", 1)
        draft.take_match(context)
    users = None
    if digits and has_any(
        draft.rest, ("user", "request", "usuario", "requis", "pesso", "people", "session")
    ):
        users = _USERS.search(draft.rest)
    if users:
        draft.found["concurrency"] = int(users.group(1))
        draft.take_match(users)
    for match in _NAMED.finditer(draft.rest) if has_any(draft.rest, _STEMS) else ():
        slug = _slug(match.group("family"), match.group("rest") or "")
        if slug is None:
            continue
        draft.found["model"] = slug
        draft.take_match(match)
        return
    bare = _BARE.search(draft.rest) if digits else None
    if bare:
        draft.found["model"] = f"{float(bare.group('n')):g}b"
        draft.take_match(bare)


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
    kept = ["plus" if part == "+" else "r-plus" if part == "r+" else part for part in kept]
    # Version before size, whatever the order typed: "llama 70b 3.1" is llama-3.1-70b.
    sizes = [part for part in kept if re.fullmatch(_SIZE, part)]
    if sizes and len(kept) > 1 and kept[0] == sizes[0] and re.fullmatch(r"\d+(?:\.\d+)?", kept[1]):
        kept[0], kept[1] = kept[1], kept[0]
    return "-".join([family, *kept])
