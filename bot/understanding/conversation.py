"""A text in a thread: what it keeps of the question before it, and what it changes.

Whether a text goes on with the thread or begins anew, what it then asks, and which fields of the
question before stay is learned; how the fields that stay meet the new ones is written down here.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from typing import Any

from bot.core.command import BY_NAME
from bot.core.question import Question
from bot.understanding import features, keeping
from bot.understanding.linear import Weights
from bot.understanding.reading import Mention, Money, Reading
from bot.understanding.roles import FIELDS
from knowledge.facts.accelerators import variants

Fields = dict[str, Any]

INHERIT_NOTHING = frozenset({"watches", "digests", "contracts", "sources", "help", "greeting", "out_of_scope", "forget"})  # fmt: skip
_HELD = frozenset("unused notes limit unknown percent action rules guesses".split())
"""Fields that belong to one text only."""


_ASKS_NOTHING = frozenset({"greeting", "help", "out_of_scope", "unclear"})


def standing(before: Question | None) -> Question | None:
    """The question that a thread stands at: a "thanks" or a joke leaves the one before it standing."""
    if before is not None and before.intent in _ASKS_NOTHING:
        return before.earlier
    return before


def remembering(question: Question, before: Question | None) -> Question:
    """A question that asks nothing, with the thread's question before it."""
    if question.intent in _ASKS_NOTHING and before is not None:
        return question._replace(earlier=before)
    return question


def allowed(intent: str) -> frozenset[str]:
    """Fields that a thread may hand on to a question of an intent."""
    return (FIELDS[intent] | {"topic"}) - _HELD


def of_follow(
    reading: Reading, question: Question, guesses: Sequence[tuple[float, str]]
) -> list[str]:
    """Features of a text that stands after a question: its own, and those beside that intent."""
    before, fields = question.intent, question.fields()
    sure, alone = guesses[0]
    kinds = {mention.kind for mention in reading.mentions}
    cues = {cue for unit in reading.units for cue in unit.cues}
    units = reading.units
    found = [
        f"before:{before}",
        f"alone:{alone}",
        f"ba:{before}&{alone}",
        f"n:{min(len(units), 12)}",
        f"same:{alone == before}",
    ]
    found.append(f"ap:{alone}&{min(int(sure * 5), 4)}")
    for probability, intent in guesses[:3]:
        if probability > _FAINT:
            found += [f"al:{intent}&{int(probability * 4)}", f"alb:{before}&{intent}"]
    found += [f"bq:{before}&{cue}" for cue in cues]
    found += [f"q:{cue}" for cue in cues]
    found += [f"bm:{before}&{kind}" for kind in kinds]
    found += [f"m:{kind}" for kind in kinds]
    if units:
        found += [f"f:{units[0].key}", f"bf:{before}&{units[0].key}", f"l:{units[-1].key}"]
        found += [f"fq:{cue}" for cue in units[0].cues]
        if len(units) > 1:
            found += [f"f2:{units[0].key} {units[1].key}", f"l2:{units[-2].key} {units[-1].key}"]
        if len(units) <= 4:
            found.append("all:" + " ".join(unit.key for unit in units))
            found.append(f"ball:{before}&" + " ".join(unit.key for unit in units))
    card = next((m.value for m in reading.mentions if m.kind == "card"), None)
    known = fields.get("accelerators", ())
    found.append(
        f"card:{'none' if card is None else 'same' if card in known else 'other' if known else 'first'}"
    )
    found.append(f"tongue:{reading.lang == question.lang}&{bool(kinds & {'card', 'instance'})}")
    found.append(f"subject:{bool(kinds & {'card', 'instance', 'model', 'provider'})}")
    for mention in reading.mentions:
        if mention.kind == "time":
            found += [f"bt:{before}&{mention.value.written}", f"bu:{before}&{mention.value.unit}"]
    found += [f"b:{left.key} {right.key}" for left, right in itertools.pairwise(units)]
    return found


def ranked(
    reading: Reading, before: Question, alone: Sequence[tuple[float, str]], weights: Weights
) -> list[tuple[float, str, bool]]:
    """(probability, intent, whether it goes on with the thread), the likeliest first."""
    words = features.words_of(reading)
    seen = of_follow(reading, before, alone)
    keeps = {name: p for p, name in weights.models["keeps"].probabilities(seen, words)}
    going_on = keeps.get("keeps", 0.0)
    found = [
        (probability * going_on, before.intent if intent == "same" else intent, True)
        for probability, intent in weights.models["follow"].probabilities(seen, words)
    ]
    return sorted([*found, (1.0 - going_on, alone[0][1], False)], reverse=True)


def laid_over(
    question: Question,
    stated: Fields,
    intent: str,
    reading: Reading,
    weights: Weights,
) -> Fields:
    """The question before, as far as it stays, with what the new text states laid over it."""
    if intent in INHERIT_NOTHING:
        return stated
    before = question.fields()
    around = keeping.Around(reading, before, question.intent, intent, dict(stated))
    kept = keeping.kept(before, allowed(intent), around, stated, weights)
    cues = {cue for unit in reading.units for cue in unit.cues}
    _figure(kept, before, stated, reading, intent)
    _scaled(kept, stated, cues)
    _settle_cards(kept, stated, reading)
    _settle_lists(kept, stated)
    _settle_money(kept, before, stated, reading, intent)
    _settle_model(before, stated)
    if "topic" in kept and (question.intent != intent or len(reading.units) > _SHORT):
        kept.pop("topic")
    if "schedule" in stated and "schedule" in kept:
        stated["schedule"] = _schedule(kept["schedule"], stated["schedule"])
    if "direction" in kept and len(reading.units) <= _SHORT:
        stated.pop("direction", None)  # a figure alone says nothing of it
        turned = {name for cue, name in (("rises", "above"), ("falls", "below")) if cue in cues}
        if len(turned) == 1:
            stated["direction"] = turned.pop()
    if "gpu_hours" in stated:
        kept.pop("hours", None)
        kept.pop("count", None)
    if "hours" in stated or "count" in stated:
        kept.pop("gpu_hours", None)
    result = {**kept, **stated}
    return {name: value for name, value in result.items() if value not in (None, (), [])}


_FAINT = 0.1
_SHORT = 8
_FIGURES = (
    "count", "gpu_hours", "tokens_per_month", "context_tokens", "concurrency", "budget_usd", "amount",
    "threshold", "paid_price", "max_price", "hours",
)  # fmt: skip
"""Fields that a lone figure may stand for."""
_PRICES = frozenset({"threshold", "paid_price", "max_price"})
_SUMS = ("budget_usd", "threshold", "max_price", "paid_price")
"""Fields that hold dollars."""
_APART = 40.0
"""A figure further from the one before than this factor is not the same figure changed."""


def _figure(kept: Fields, before: Fields, stated: Fields, reading: Reading, intent: str) -> None:
    """A lone figure of a short text stands for the figure before that it is nearest to: "make it
    80k" after 57,000 GPU-hours, "2.90, sorry" after a price, "and with 128k?" after a context."""
    figures = [m for m in reading.mentions if m.kind in ("number", "money", "tokens")]
    if len(figures) != 1 or len(reading.units) > _SHORT:
        return
    mention = figures[0]
    if mention.kind == "money" and _in_its_currency(mention.value, before, stated, intent):
        return
    value = _value_of(mention)
    if mention.kind == "number" and _is_memory(value, kept, before, stated):
        stated["memory_gb"] = value
        stated.pop("count", None)
        return
    if mention.kind == "number" and mention.detail == "node":
        if kept.get("count") and "nodes" not in kept and kept.get("instance_types"):
            stated["count"] = int(value * kept["count"])
        return
    nearest = _nearest(mention, value, before, intent)
    if nearest is None:
        return
    field, value = nearest
    already = next((name for name in _FIGURES if stated.get(name) == _value_of(mention)), None)
    if already is not None and already == field:
        already = None
    elif already is not None and already in before:
        return
    if already is not None:
        stated.pop(already)
    whole = field in ("count", "concurrency", "context_tokens")
    stated[field] = int(value) if whole else value


def _in_its_currency(money: Money, before: Fields, stated: Fields, intent: str) -> bool:
    """A sum in another currency than the sum before takes its place as what it is: euros never stand
    where dollars stood, nor dollars where reais stood."""
    if money.currency is None or not any(field in before for field in (*_SUMS, "amount")):
        return False
    if money.currency != "USD":
        for field in _SUMS:
            stated.pop(field, None)
        stated["amount"], stated["currency"] = money.amount, money.currency
        return True
    dollars = BY_NAME[intent].sum_in
    if "amount" not in before or dollars is None:
        return False
    stated.pop("amount", None)
    stated.pop("currency", None)
    stated.setdefault(dollars, money.amount)
    return True


def _nearest(
    mention: Mention, value: float, before: Fields, intent: str
) -> tuple[str, float] | None:
    """(field, value) of the figure before that a figure replaces. It may be written as that one was:
    "65" after "75 cents", "25" after "$20k", a whole node's price after a node's."""
    best: tuple[float, str, float] | None = None
    for field in _FIGURES:
        old = before.get(field)
        if not isinstance(old, int | float) or old <= 0 or field not in FIELDS[intent]:
            continue
        money = field in _PRICES or field in ("budget_usd", "amount")
        if (mention.kind == "money" and not money) or value <= 0:
            continue
        if not value.is_integer() and not money and float(old).is_integer():
            continue
        each = before.get("count") or 1
        ways = {value: 0.0}
        if mention.detail != "scaled" and old >= 10_000 and value < 1_000:
            ways[value * 1_000] = _BY_SCALE
        if field in _PRICES and old < 1 and value >= 5:
            ways[value / 100] = _BY_SCALE
        if field in _PRICES and each > 1:
            ways[round(value / each, 6)] = _BY_SCALE
        if field == "context_tokens" and value in _OF_1024:
            ways = {value / 1_000 * 1_024: 0.0}
        for meant, cost in ways.items():
            apart = abs(math.log(meant / old)) + cost
            if best is None or apart < best[0]:
                best = apart, field, meant
    return None if best is None or best[0] > math.log(_APART) else best[1:]


_BY_SCALE = 0.5
"""What it costs to take a figure for one in cents, thousands or a whole node."""
_OF_1024 = frozenset({8_000.0, 16_000.0, 32_000.0, 64_000.0, 128_000.0, 256_000.0})


def _value_of(mention: Mention) -> float:
    value = mention.value
    return float(value.amount if mention.kind == "money" else value)


def _is_memory(value: float, kept: Fields, before: Fields, stated: Fields) -> bool:
    """Whether a number is a size of the card in question: "and with 80?" after an A100."""
    cards = kept.get("accelerators", ())
    if "count" in before or "hours" in before or "memory_gb" in stated:
        return False
    if len(cards) == 1:
        sizes = {card.memory_gb for card in variants(cards[0])}
        return value in sizes and len(sizes) > 1
    return "memory_gb" in kept and not cards and value in _SIZES


_SIZES = (16, 24, 32, 40, 48, 80, 94, 96, 141, 192)


def _settle_cards(kept: Fields, stated: Fields, reading: Reading) -> None:
    """Another card has another memory and form; nodes of another size another count."""
    cards = (*kept.get("accelerators", ()), *stated.get("accelerators", ()))
    if stated.get("accelerators") and not kept.get("accelerators"):
        for field in ("memory_gb", "variants", "form_factor", "instance_types"):
            kept.pop(field, None)
    if cards:
        stated["accelerators"] = tuple(dict.fromkeys(cards))
    if "nodes" in kept and "count" in stated:
        each = kept.get("count", 0) // kept["nodes"]
        of_nodes = any(
            m.kind == "number" and m.detail == "node" and m.value == stated["count"]
            for m in reading.mentions
        )
        if each and "nodes" not in stated and of_nodes:
            stated["nodes"], stated["count"] = stated["count"], stated["count"] * each  # "3 nodes"
        kept.pop("nodes", None)


def _settle_lists(kept: Fields, stated: Fields) -> None:
    """Entries that stay stand before new ones; nobody is wanted and refused at once."""
    for field in ("providers", "exclude_providers", "exclude_tiers", "exclude_regions"):
        if field in stated and field in kept:
            stated[field] = tuple(dict.fromkeys([*kept.pop(field), *stated[field]]))
    refused = set(stated.get("exclude_providers", ()))
    if refused and "providers" in kept:
        kept["providers"] = tuple(name for name in kept["providers"] if name not in refused)
    wanted = set(stated.get("providers", ()))
    if wanted and "exclude_providers" in kept:
        kept["exclude_providers"] = tuple(
            name for name in kept["exclude_providers"] if name not in wanted
        )
    if "region" in stated or "regions" in stated:
        for field in ("region", "regions", "exclude_regions"):
            kept.pop(field, None)
    if "exclude_regions" in stated and kept.get("region") in stated["exclude_regions"]:
        kept.pop("region")
    if stated.get("tier") and stated["tier"] in kept.get("exclude_tiers", ()):
        kept.pop("exclude_tiers")
    if "billing" in stated and stated["billing"] in kept.get("exclude_billing", ()):
        kept.pop("exclude_billing")


def _settle_money(
    kept: Fields, before: Fields, stated: Fields, reading: Reading, intent: str
) -> None:
    """A sum is in dollars or in another currency, and stands once."""
    named = any(mention.kind == "currency" for mention in reading.mentions)
    if named and "currency" in stated and "amount" not in stated:
        moved = next(
            (before[name] for name in _SUMS[:2] if name in before and name in FIELDS[intent]), None
        )
        if moved is not None:
            stated["amount"] = moved
    if "amount" in stated:
        for field in _SUMS:
            kept.pop(field, None)
    elif any(field in stated for field in _SUMS):
        kept.pop("amount", None)
        if "currency" not in stated:
            kept.pop("currency", None)


def _settle_model(before: Fields, stated: Fields) -> None:
    """ "and the 70b?": the family before, in another size."""
    model, known = str(stated.get("model", "")), str(before.get("model", ""))
    if re.fullmatch(r"\d+(?:\.\d+)?b", model) and re.search(r"-\d+(?:\.\d+)?b$", known):
        stated["model"] = re.sub(r"-\d+(?:\.\d+)?b$", f"-{model}", known)


def _scaled(kept: Fields, stated: Fields, cues: set[str]) -> None:
    """ "twice as many", "la mitad": the count before, doubled or halved."""
    count = kept.get("count")
    if count and "count" not in stated:
        if "double" in cues:
            stated["count"] = count * 2
        elif "halve" in cues and count % 2 == 0:
            stated["count"] = count // 2


def _schedule(old: Any, new: Any) -> Any:
    return type(new)(new.weekday or old.weekday, new.time or old.time, new.tz or old.tz)
