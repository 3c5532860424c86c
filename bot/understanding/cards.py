"""Finds accelerators, their memory and form factor. Names come from the accelerator table; here
is only what chat adds to spelling. A name the table does not know is said to be unknown."""

from __future__ import annotations

import re

from bot.understanding.draft import CARD, Draft, Pattern, has_any
from knowledge.accelerators import Named, beginnings, resolve, settled_memory, variants

_TOKEN = Pattern(r"[a-z]+|\d+(?:\.\d+)?")
_UNITS_AFTER = Pattern(
    r"\s*-?(?:hours?|hrs?|h\b|days?|weeks?|months?|years?|horas?|dias?|semanas?|mes(?:es)?|anos?|"
    r"gb|gib|gpus?|dollars?|bucks|dolares|reais|percent|%|million|thousand|tokens?|k\b|docs|texts|"
    r"cents|euros?|nodes?|times|people|users|requests|jobs|images)"
)
_SUFFIX = Pattern(r"\s*-?(ti|super|xt|d)\b(?!\s*[a-z])|\s*-?(ti|super|xt)\b")
_FAMILY = Pattern(
    r"(?<![a-z0-9.$-])((?:nvidia\s+)?(?:rtx|gtx|quadro|geforce|radeon)\s*-?(?:pro\s*|a)?\d{3,4}(?:\s?(?:ti|super|xt|ada))?|"
    r"(?:gb|mi|gh)-?\d{2,4}[a-z]?|[abhlvtpkm]\d{2,4}[a-z]?|(?:gaudi|trainium|inferentia)\s?-?\d|"
    r"tpu\s?-?v\d+[a-z]?)(?![a-z0-9]|\.\d|-\d)"
)
_SIZE = r"(\d{1,3}(?:\.\d)?)\s?-?(?:gigabytes?|gigas?|gigs?|gib|gb|g)(?![a-z0-9])"
_AFTER = Pattern(
    rf"\s*(?:,|\(|-|/|with|com|de|w/|c/|the|in the|at|na versao(?: de)?|version(?: of)?|versao(?: de)?)?\s*{_SIZE}"
)
_BEFORE = Pattern(rf"{_SIZE}\s*-?(?:of\s)?(?:nvidia\s)?$")
_BEFORE_AT_MOST = 40
"""Characters before a card in which its memory may stand."""
_HYPHEN_SIZE = Pattern(
    r"(?:-|\s+(?:de|com|with)\s+(?!\d+\s*(?:hours?|hrs?|h\b|days?|weeks?|months?|horas?|dias?|semanas?|mes|gpus?)))(\d{2,3})(?![\dx.,/a-z%]|\s*(?:us\$|\$|dol|cent|a|hours?)(?![a-z]))"
)
_MEMORY_ALONE = Pattern(
    rf"(?:at least|minimum(?: of)?|min\.?|>=?|with|com|pelo menos|no minimo|ao menos|minimo de|a partir de|over|more than|mais de|acima de)?\s*{_SIZE}(?:\s?\+)?(?:\s*(?:or more|ou mais|\+))?"
    r"(?:\s*(?:of|de|em)?\s*(?:v?ram|memory|memoria|hbm\w*))?"
)
_FORM = Pattern(r"(?<![a-z])(sxm\d?|pcie?|nvl(?!72|ink)|oam)(?![a-z])")
_FORM_NAMES = {"sxm": "SXM", "pci": "PCIe", "nvl": "NVL", "oam": "OAM"}
_SPELLED = (
    ("hundred", Pattern(r"\b([ahbv])[ -]?(?:one )?hundred\b(?!\s*(?:and|hours|horas|days|dollars|bucks|gpus|percent|k\b|thousand))"), r"\g<1>100"),
    ("two", Pattern(r"\b([hb])[ -]?two[ -]?hundred\b"), r"\g<1>200"),
    ("00", Pattern(r"\b([hbv])\s(100|200|300|800)\b"), r"\1\2"),
    ("40", Pattern(r"\bl\s?(40)\s?s\b"), r"l\1s"),
    ("forty", Pattern(r"\bforty[ -]ninety\b"), "4090"),
    ("trillium", Pattern(r"\btrillium\b"), "tpu v6e"),
)  # fmt: skip
_BARE_GEFORCE = Pattern(r"^(?:[2345]0[5-9]0)(?:ti|super)?$")
_NOT_A_CARD = frozenset("k80s m60".split())
_MAX_TOKENS = 8


def find(draft: Draft) -> None:
    """Takes cards out of the text: `accelerators`, `memory_gb`, `form_factor`, `unknown`."""
    for stem, pattern, spelling in _SPELLED:
        if stem not in draft.rest:
            continue
        draft.rest = pattern.sub(spelling, draft.rest)
    draft.rest = re.sub(
        r"(?<![a-z0-9.])(\d{1,4})\s?x\s?(?=[a-z0-9])(?!\d{1,2}b)", r"\1 x ", draft.rest
    )
    named: list[Named] = []
    sizes: list[float] = []
    position = 0
    while True:
        hit = _next(draft.rest, position)
        if hit is None:
            break
        start, end, card = hit
        suffix = _SUFFIX.match(draft.rest, end)
        if suffix:
            _unknown(draft, draft.rest[start : suffix.end()])
            draft.take(start, suffix.end())
            position = start
            continue
        size = card.memory_gb
        before = _BEFORE.search(draft.rest[:start], max(0, start - _BEFORE_AT_MOST))
        after = _AFTER.match(draft.rest, end)
        hyphen = _HYPHEN_SIZE.match(draft.rest, end)
        if size is None and after:
            size, end = _settled(card.canonical, float(after.group(1))), after.end()
        elif size is None and hyphen and _is_size(card.canonical, float(hyphen.group(1))):
            size, end = float(hyphen.group(1)), hyphen.end()
        elif size is None and before:
            size, start = _settled(card.canonical, float(before.group(1))), before.start()
        if size is not None:
            sizes.append(size)
            # "a100 40gb vs 80gb": more sizes of the same card may follow
            more = re.match(
                rf"\s*(?:vs\.?|versus|or|ou|and|e|/|x|contra|against)\s*(?:the\s|a\s|de\s)?{_SIZE}",
                draft.rest[end:],
            )
            if more:
                sizes.append(_settled(card.canonical, float(more.group(1))))
                end += more.end()
        named.append(card)
        draft.take(start, end, CARD)
        position = start + 1
    _settle(draft, named, sizes)
    _unknown_names(draft)


def _next(text: str, position: int) -> tuple[int, int, Named] | None:
    """The first card at or after `position`: the longest alias that starts there wins."""
    for token in _TOKEN.finditer(text, position):
        start = token.start()
        if start and text[start - 1].isalnum():
            continue
        if start > 1 and text[start - 1] in ".$" and text[start - 2].isalnum():
            continue
        best = None
        joined, end = "", start
        part: re.Match[str] | None = token
        for _ in range(_MAX_TOKENS):
            if part is None or (joined and not _joinable(text[end : part.start()])):
                break
            joined += part.group()
            if not _may_begin(joined):
                break
            end = part.end()
            found = _known(joined, text[start:end])
            if found and not _runs_on(text, end):
                best = (start, end, found)
            part = _TOKEN.search(text, end)
        if best:
            return _plural(text, best)
    return None


def _may_begin(joined: str) -> bool:
    """Whether a name could begin so: most words of a sentence could not, and are passed by."""
    known, bare = beginnings(), joined.replace(".", "")
    return bare in known or bare[:-1] in known or f"rtx{bare}" in known


def _joinable(between: str) -> bool:
    return between in ("", " ", "-", " - ", "_", "/")


def _known(joined: str, raw: str) -> Named | None:
    if _BARE_GEFORCE.match(joined):
        return resolve("rtx" + joined)
    if joined.isdigit() or (joined.isalpha() and joined not in _WORD_NAMES):
        return None
    if joined == "v100s" or joined in _NOT_A_CARD:
        return None
    if joined in ("6000ada", "5000ada", "4000ada", "2000ada", "pro6000", "pro5000", "pro4500"):
        return resolve("rtx" + joined)
    if joined[0] == "a" and raw[:2] == "a " and joined != "a100":
        return None  # the article: "a 40 GB card", "a 4000"
    if found := resolve(joined):
        return found
    # "A10Gs", "MI300Xs": the plural of a name that ends in a letter
    plural = joined.endswith("s") and joined[-2:-1].isalpha()
    return resolve(joined[:-1]) if plural and any(char.isdigit() for char in joined) else None


_WORD_NAMES = frozenset("ironwood trillium grace hopper gracehopper graceblackwell rubin".split())


def _runs_on(text: str, end: int) -> bool:
    """True when a letter or digit is glued on: "a1000" is not "a100", but "h100s" is plural."""
    if end >= len(text):
        return False
    following = text[end]
    if following.isdigit():
        return True
    if following.isalpha():
        glued = re.match(r"[a-z]+", text[end:])
        tail = glued.group() if glued else ""
        return tail not in ("s", "es") and not re.match(r"x\d+\b", text[end:])
    return False


def _plural(text: str, hit: tuple[int, int, Named]) -> tuple[int, int, Named] | None:
    start, end, card = hit
    raw = text[start:end]
    if re.fullmatch(r"a\s+100", raw) and _UNITS_AFTER.match(text, end):
        return _next(text, end)
    plural = re.match(r"'?e?s\b", text[end:])
    if plural:
        end += plural.end()
    return start, end, card


def _settled(canonical: str, size: float) -> float:
    return settled_memory(canonical, size) if size > 12 else size


def _is_size(canonical: str, size: float) -> bool:
    return any(card.memory_gb == size for card in variants(canonical))


def _settle(draft: Draft, named: list[Named], sizes: list[float]) -> None:
    found = draft.found
    if named:
        draft.cards = list(dict.fromkeys(card.canonical for card in named))
        found["accelerators"] = tuple(draft.cards)
        forms = {card.form_factor for card in named if card.form_factor}
        if len(forms) == 1:
            found["form_factor"] = forms.pop()
        distinct = tuple(dict.fromkeys(sizes))
        if len(distinct) == 1:
            found["memory_gb"] = distinct[0]
        elif len(distinct) > 1 and len(draft.cards) == 1:
            found["variants"] = distinct
    form = _FORM.search(draft.rest) if has_any(draft.rest, ("sxm", "pci", "nvl", "oam")) else None
    if form:
        found.setdefault("form_factor", _FORM_NAMES[form.group(1)[:3]])
        draft.take_match(form)
    if "memory_gb" not in found and "variants" not in found and "g" in draft.rest:
        alone = _MEMORY_ALONE.search(draft.rest)
        if alone and float(alone.group(1)) > 0:
            size = float(alone.group(1))
            found["memory_gb"] = _settled(draft.cards[0], size) if len(draft.cards) == 1 else size
            draft.take_match(alone)


def _unknown(draft: Draft, raw: str) -> None:
    name = re.sub(r"\s+", " ", raw.strip()).upper()
    draft.found["unknown"] = (*draft.found.get("unknown", ()), name)


def _unknown_names(draft: Draft) -> None:
    """Names that look like a card and stand in no table: asked back, never replaced."""
    if not any(char.isdigit() for char in draft.rest):
        return
    for match in list(_FAMILY.finditer(draft.rest)):
        name = match.group(1)
        if resolve(name) is None and not re.fullmatch(r"[tpkm]\d{2,4}", name):
            _unknown(draft, name)
            draft.rest = draft.rest.replace(name, " " * len(name), 1)
