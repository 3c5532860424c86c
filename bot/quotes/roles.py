"""What a sum is for: the price, a fee beside it, an earlier price, a wish, a total."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from bot.quotes import layout, words
from bot.quotes.about import About, Context
from bot.quotes.money import Money, Unit

EXTRAS = ("setup", "support", "storage", "egress", "network", "cpu")


NEVER = (
    "ordered",
    "earlier",
    "wish",
    "rival",
    "overage",
    "penalty",
    "prepay",
    "minimum",
    "fx",
    "tax",
)


_PRICE_WORD = re.compile(
    r"\b(?:price|rate|fee|quote|pricing|offer|cost|charge|preço|valor|taxa|tarifa|precio|costo|coste|cuota|mensalidade|mensualidad|cotamos|ofrecemos|oferecemos|ofertamos|cotizamos|per GPU|sale a|sai por|fica em|queda en)\b",
    re.IGNORECASE,
)


def heading(sentence: str, about: About) -> bool:
    """A line that only names what the next prices are for ("H200 SXM, 32 GPUs:")."""
    return (about.card is not None or about.term is not None or about.billing is not None) and len(
        sentence
    ) < 160


def not_ours(sentence: str) -> bool:
    """Words about something that is not offered: what was asked before, others, later options."""
    return bool(
        re.search(
            r"\b(?:you (?:currently|already) (?:have|run)|previous(?:ly)?|last year|instead of|not available|sold out|unavailable|anterior(?:es)?|esgotad[ao]s?|agotad[ao]s?|não temos|no tenemos|renew\w*|renova\w*|successive)\b",
            sentence,
            re.IGNORECASE,
        )
    )


def no_money(sentence: str, one: Money) -> bool:
    """A bare figure that is a size or a speed ("400 Gb/s per GPU", "3.2 Tbps per node")."""
    if one.marked:
        return False
    after = sentence[one.end : one.end + 20]
    return bool(re.match(r"\s*(?:G(?:b|B)|T(?:b|B)|Mb|k?W\b|GiB|TFLOPS|%)", after)) or bool(
        re.search(r"GPUs?\s*$", sentence[max(0, one.start - 6) : one.start])
        and one.unit.time is None
    )


def role_of(
    sentence: str, sums: list[Money], spot: int, label: layout.Labelled | None, context: Context
) -> str:
    """What a sum of a sentence is for."""
    one = sums[spot]
    if words.ROLES["ordered"].search(sentence):
        return "ordered"
    start = sums[spot - 1].unit_end if spot else 0
    before = sentence[start : one.start]
    after = sentence[
        one.unit_end : sums[spot + 1].start if spot + 1 < len(sums) else len(sentence)
    ][:70]
    # "(was $3.05": a word right before the next sum speaks of that one.
    after = _BEFORE_NEXT.sub("", after) if spot + 1 < len(sums) else after
    if re.match(r"\s*(?:off\b|de desconto|de descuento|discount)", after, re.IGNORECASE):
        return "discount"
    opened = sentence.rfind("(", 0, one.start)
    if opened >= 0 and ")" not in sentence[opened : one.start] and _ASIDE.match(sentence, opened):
        return "earlier"
    if label:
        told = _label_role(label, one)
        if told and not (
            told == "price"
            and _near(before, after, ("earlier", "wish", "rival", "overage", "penalty"), 40)
        ):
            return told
    if (one.amount == 1 and re.match(r"\s*=", after)) or _ONE_OF.search(before):
        return "fx"  # "1 EUR = 1.10 USD"
    other = sums[spot - 1] if spot else None
    if (
        other
        and other.currency != one.currency
        and re.fullmatch(r"\s*\(\S{0,8}\s?", sentence[other.end : one.start])
    ):
        return "fx"  # the sum before it, in another currency
    if _AT_MOST.search(before) or (len(sums) == 1 and _IMPOSSIBLE.search(sentence)):
        return "wish"  # a bound, or what is refused
    # A price of one GPU-hour or machine-hour is no prepayment, minimum or tax.
    in_full = one.unit.thing in {"gpu", "node"} and one.unit.time is not None
    paid = () if in_full else ("prepay", "minimum")
    strong = _near(
        before,
        after,
        ("earlier", "wish", "rival", "overage", "penalty", *paid, "fx"),
        60,
    )
    if strong:
        return strong
    if one.unit.thing == "other":
        return (
            _near(before, after, EXTRAS, 80)
            or _near(sentence[: one.start], sentence[one.unit_end :], EXTRAS, 200)
            or "other"
        )
    reach = 24 if one.unit.thing in {"gpu", "node"} and one.unit.time else 60
    extra = _near(before, after, EXTRAS if in_full else (*EXTRAS, "tax"), reach)
    if extra and not (one.unit.thing == "gpu" and one.unit.time and _price_first(before)):
        return extra
    listed = _near(before, after, ("list",), 32)
    if listed:
        return "list"
    total = _near(before, after, ("total",), 40)
    if total and one.unit.thing not in {"gpu", "node"}:
        return "total"
    if one.unit.thing in {"gpu", "node", "all"} and one.unit.time:
        return "price"
    if one.unit.time or _PRICE_WORD.search(sentence[: one.start]) or _PRICE_WORD.search(after):
        return "price"
    if context.unit != Unit():
        return "price"
    return "unknown"


_AT_MOST = re.compile(
    r"\b(?:up to|at most|no more than|not (?:to )?exceed\w*|até|hasta|máximo de|no más de|no máximo)\s*$",
    re.IGNORECASE,
)
_IMPOSSIBLE = re.compile(
    r"\b(?:(?:is|are) not possible|isn't possible|impossible|out of reach|não é possível|impossível|no es posible|imposible)\b",
    re.IGNORECASE,
)
_MONEY_NAME = r"(?:US\$|USD|EUR|€|BRL|R\$|GBP|£|MXN|dólar(?:es)?|dollars?|euros?)"
_ONE_OF = re.compile(
    rf"\b1(?:[.,]0+)?\s?{_MONEY_NAME}\s*=\s*$|{_MONEY_NAME}\s?1(?:[.,]0+)?\s*=\s*$", re.IGNORECASE
)
_ASIDE = re.compile(
    r"\(\s*(?:(?:our |the |vs\.? |versus |against )?(?:list|rack|public|catalogue|on-demand)(?: price| rate)?|lista|tabela|tarifa|preço de tabela|precio de lista|supersed\w+|was|were|previously|formerly|replac\w+|down from|reduced from|instead of|before|earlier|anterior\w*|antes|substitui\w*|sustituye\w*|reemplaza\w*|em vez|en lugar|en vez)\b",
    re.IGNORECASE,
)
_BEFORE_NEXT = re.compile(
    r"[\s(,;–—-]*\b(?:was|were|previously|formerly|before|down from|reduced from|instead of|in place of|replacing|replaces|versus|vs\.?|list(?: price)?|old price|antes|era|eram|em vez d[eo]s?|no lugar d[eo]|en lugar de|en vez de|anterior(?:mente)?|de tabela|precio anterior|preço anterior)\s*:?\s*(?:the\s|our\s|los?\s|os?\s|de\s)?$",
    re.IGNORECASE,
)


def _price_first(before: str) -> bool:
    return bool(
        re.search(r"(?:price|rate|preço|precio|tarifa)\b[^.;]{0,20}$", before, re.IGNORECASE)
    )


def _label_role(label: layout.Labelled, one: Money) -> str | None:
    text = label.label
    for name in (
        "setup",
        "support",
        "storage",
        "egress",
        "network",
        "cpu",
        "prepay",
        "minimum",
        "penalty",
        "overage",
        "earlier",
        "tax",
        "fx",
        "rival",
        "wish",
    ):
        if words.ROLES[name].search(text) and not (
            name == "earlier" and re.search(r"\bfrom\s*$", text)
        ):
            return name
    if label.kind in {"setup", "support", "storage", "egress", "prepay", "minimum", "tax"}:
        return label.kind
    if label.kind == "list_price":
        return "list"
    if label.kind == "total":
        return "total"
    if label.kind in {"price", "net_price"}:
        return None if one.unit.thing == "other" else "price"
    return None


def _near(before: str, after: str, names: Sequence[str], reach: int) -> str | None:
    """The role whose word stands nearest to a sum; words of what is included name no price."""
    best: tuple[int, str] | None = None
    for name in names:
        pattern = words.ROLES[name]
        for match in pattern.finditer(before):
            gap = len(before) - match.end()
            between = before[match.end() :]
            if name == "earlier" and re.fullmatch(
                r"\s*(?:de|from)\s*", match.group(), re.IGNORECASE
            ):
                continue
            if re.search(r"[.;]\s|\n", between) or gap > reach:
                continue
            if is_included(before, match):
                continue
            if _INSTEAD.fullmatch(match.group()) and re.search(r"[,\d]", between):
                continue  # "instead of 12 months, $2.19": what is replaced stands between
            gap += 14 * len(re.findall(r",\s|\s[–—-]\s|\sand\s|\se\s|\sy\s", between))
            if gap <= reach and (best is None or gap < best[0]):
                best = (gap, name)
        for match in pattern.finditer(after):
            between = after[: match.start()]
            if name == "earlier" and re.fullmatch(
                r"\s*(?:de|from)\s*", match.group(), re.IGNORECASE
            ):
                continue
            if name in {"earlier", "wish", "rival"} and match.start() > 22:
                continue
            if name in {"prepay", "minimum", "penalty"} and ("," in between or match.start() > 14):
                continue
            if re.search(r"[.;:]\s|\n", between) or match.start() > min(reach, 45):
                continue
            if is_included(after, match):
                continue
            gap = (
                match.start()
                + 6
                + 16
                * len(
                    re.findall(
                        r",\s|\s[–—-]\s|\sand\s|\se\s|\sy\s|\bplus\b|\bmais\b|\bmás\b|\+|\(|\bwith\b|\bcom\b|\bcon\b",
                        between,
                    )
                )
            )
            if name == "tax" and re.search(
                r"\b(?:plus|excl|ex\b|sem|sin|mais|más|not incl|before|net|\+|without|antes|no incl|não)",
                between + match.group(),
                re.IGNORECASE,
            ):
                continue
            if gap <= reach and (best is None or gap < best[0]):
                best = (gap, name)
    return best[1] if best else None


_INSTEAD = re.compile(
    r"instead of|in place of|replac\w+|em vez d[eo]s?|no lugar d[eo]s?|substitui\w*|en lugar de|en vez de|sustituye\w*|(?:was|were|era|eram)",
    re.IGNORECASE,
)


def is_included(text: str, match: re.Match[str]) -> bool:
    """Whether a word of a fee stands beside one that says it is in the price."""
    left = text[max(0, match.start() - 32) : match.start()]
    right = text[match.end() : match.end() + 26]
    if re.search(r"\b(?:no|sem|sin|zero|without|ohne)\s(?:\w+\s)?$", left, re.IGNORECASE):
        return True
    said = words.INCLUDED.search(left)
    if said and not re.search(r"[.;]", left[said.end() :]):
        return True
    return bool(_INCLUDED_AFTER.match(right))


_INCLUDED_AFTER = re.compile(
    r"[\w\s/()%-]{0,14}\b(?:included|incl\b|inclus\w|incluíd\w|incluid\w|waived|free|gr[áa]tis)",
    re.IGNORECASE,
)
CUT = re.compile(
    r";|\s(?:or|ou|o|versus|vs\.?|and|e|y)\s(?!(?:more|above|up|over|mais|más|acima)\b)|[,/|–—]|\s-\s|\n|\(|\)"
)


def pieces_of(sentence: str, sums: list[Money]) -> list[str]:
    """The sentence cut between its sums, at the strongest mark that stands between each two."""
    cuts = [0]
    for left, right in itertools.pairwise(sums):
        between = sentence[left.unit_end : right.start]
        marks = list(CUT.finditer(between))
        chosen = next((mark for mark in marks if mark.group().strip() == ";"), None)
        chosen = chosen or next(
            (
                mark
                for mark in marks
                if mark.group().strip().lower()
                in {"or", "ou", "o", "versus", "vs", "vs.", "and", "e", "y"}
            ),
            None,
        )
        chosen = (
            chosen
            or next((mark for mark in marks if mark.group() == ")"), None)
            or next(iter(marks), None)
        )
        cuts.append(left.unit_end + (chosen.end() if chosen else 0))
    cuts.append(len(sentence))
    return [sentence[cuts[spot] : cuts[spot + 1]] for spot in range(len(sums))]
