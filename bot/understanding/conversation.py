"""A text in a thread: what it keeps of the question before it, and what it changes.

Whether a text goes on with the thread or begins anew, and what it then asks, is learned; how the
fields are laid over each other is written down here.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from bot.understanding import features
from bot.understanding.linear import Weights
from bot.understanding.reading import Reading
from bot.understanding.roles import FIELDS
from knowledge.facts.accelerators import variants

Fields = dict[str, Any]

INHERIT_NOTHING = frozenset({"watches", "digests", "contracts", "sources", "help", "greeting", "out_of_scope", "forget"})  # fmt: skip
_HELD = frozenset("unused topic notes limit unknown percent action rules guesses".split())
"""Fields that belong to one text only."""


def of_follow(reading: Reading, before: str, fields: Fields, alone: str, sure: float) -> list[str]:
    """Features of a text that stands after a question: its own, and those beside that intent."""
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
    found.append(f"subject:{bool(kinds & {'card', 'instance', 'model', 'provider'})}")
    for mention in reading.mentions:
        if mention.kind == "time":
            found += [f"bt:{before}&{mention.value.written}", f"bu:{before}&{mention.value.unit}"]
    found += [f"b:{left.key} {right.key}" for left, right in itertools.pairwise(units)]
    return found


def ranked(
    reading: Reading, before: str, fields: Fields, alone: str, sure: float, weights: Weights
) -> list[tuple[float, str, bool]]:
    """(probability, intent, whether it goes on with the thread), the likeliest first."""
    words = features.words_of(reading)
    seen = of_follow(reading, before, fields, alone, sure)
    keeps = {name: p for p, name in weights.models["keeps"].probabilities(seen, words)}
    going_on = keeps.get("keeps", 0.0)
    found = [
        (probability * going_on, before if intent == "same" else intent, True)
        for probability, intent in weights.models["follow"].probabilities(seen, words)
    ]
    return sorted([*found, (1.0 - going_on, alone, False)], reverse=True)


def laid_over(before: Fields, stated: Fields, intent: str, reading: Reading) -> Fields:
    """The question before, with what the new text states laid over it."""
    if intent in INHERIT_NOTHING:
        return stated
    allowed = FIELDS[intent] | {"topic"}
    kept = {name: value for name, value in before.items() if name in allowed and name not in _HELD}
    cues = {cue for unit in reading.units for cue in unit.cues}
    mentioned = {mention.kind for mention in reading.mentions}
    _numbers(kept, stated, reading)
    swaps = "swap" in cues
    adds = "add" in cues and not swaps
    if swaps:
        _swap(kept, stated, reading)
    elif "drop" in cues:
        _drop(kept, stated, reading)
    if intent in ("compare", "quotes") and (
        "versus" in cues or intent == "quotes" or before.get("intent") != intent
    ):
        _set_beside(kept, stated, intent)
    _scaled(kept, stated, cues)
    new_cards = tuple(stated.get("accelerators", ()))
    if new_cards and not adds and set(new_cards) != set(kept.get("accelerators", ())):
        for field in ("memory_gb", "variants", "form_factor", "instance_types"):
            kept.pop(field, None)
    if "nodes" in kept and "count" in stated:
        each = kept.get("count", 0) // kept["nodes"]
        if (
            each
            and "nodes" not in stated
            and any(
                m.kind == "number" and m.detail == "node" and m.value == stated["count"]
                for m in reading.mentions
            )
        ):
            stated["nodes"], stated["count"] = stated["count"], stated["count"] * each  # "3 nodes"
        kept.pop("nodes", None)
    for field in (
        "accelerators",
        "providers",
        "exclude_providers",
        "exclude_tiers",
        "exclude_regions",
    ):
        if field in stated and field in kept and (adds or field.startswith("exclude")):
            stated[field] = tuple(dict.fromkeys([*kept[field], *stated[field]]))
    refused = set(stated.get("exclude_providers", ()))
    if refused and "providers" in kept and "providers" not in stated:
        left = tuple(name for name in kept["providers"] if name not in refused)
        kept["providers"] = left
    wanted = set(stated.get("providers", ()))
    if wanted and "exclude_providers" in kept and "exclude_providers" not in stated:
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
    if "currency" in mentioned and "amount" not in stated and "currency" in stated:
        for field in ("threshold", "budget_usd"):
            if field in kept and field in FIELDS[intent]:
                stated["amount"] = kept[field]
    model = str(stated.get("model", ""))
    if re.fullmatch(r"\d+(?:\.\d+)?b", model) and re.search(
        r"-\d+(?:\.\d+)?b$", str(kept.get("model", ""))
    ):
        stated["model"] = re.sub(
            r"-\d+(?:\.\d+)?b$", f"-{model}", str(kept["model"])
        )  # "what about the 70b"
    if "amount" in stated:
        for field in ("budget_usd", "threshold", "max_price", "paid_price"):
            kept.pop(field, None)
    elif any(field in stated for field in ("budget_usd", "threshold", "max_price", "paid_price")):
        kept.pop("amount", None)
        if "currency" not in stated:
            kept.pop("currency", None)
    if "schedule" in stated and "schedule" in kept:
        stated["schedule"] = _schedule(kept["schedule"], stated["schedule"])
    if "gpu_hours" in stated:
        kept.pop("hours", None)
        kept.pop("count", None)
    if "hours" in stated or "count" in stated:
        kept.pop("gpu_hours", None)
    result = {**kept, **stated}
    return {name: value for name, value in result.items() if value not in (None, (), [])}


def _numbers(kept: Fields, stated: Fields, reading: Reading) -> None:
    """A lone number of a short text, by what the question before had: "and with 80?", "for 300?"."""
    numbers = [m for m in reading.mentions if m.kind == "number"]
    if len(numbers) != 1 or len(reading.units) > _SHORT:
        return
    value = float(numbers[0].value)
    cards = kept.get("accelerators", ())
    sizes = (
        {card.memory_gb for name in cards for card in variants(name)} if len(cards) == 1 else set()
    )
    count = kept.get("count")
    if numbers[0].detail == "node" and count and "nodes" not in kept and kept.get("instance_types"):
        stated["count"] = int(value * count)
    elif (not count and value in sizes and len(sizes) > 1 and "memory_gb" not in stated) or (
        not count
        and "memory_gb" in kept
        and not cards
        and value in (16, 24, 32, 40, 48, 80, 94, 96, 141, 192)
    ):
        stated["memory_gb"] = value
        stated.pop("count", None)
    elif "concurrency" in kept and not count and value.is_integer():
        stated["concurrency"] = int(value)
        stated.pop("count", None)
    elif numbers[0].detail == "scaled" and value >= 1000:
        for field in ("amount", "budget_usd"):
            if field in kept and field not in stated:
                stated[field] = value


_SHORT = 8


def _set_beside(kept: Fields, stated: Fields, intent: str) -> None:
    """ "vs nebius?" after a price, one more quote after others: what was there stays beside it."""
    for field in ("providers", "accelerators"):
        new = tuple(stated.get(field, ()))
        if new and (len(new) < 2 or intent == "quotes") and kept.get(field):
            stated[field] = tuple(dict.fromkeys([*kept[field], *new]))


def _swap(kept: Fields, stated: Fields, reading: Reading) -> None:
    """ "swap gcp for azure", "en vez de la X, la Y": what was there goes, what was not comes."""
    for field, kind in (("providers", "provider"), ("accelerators", "card")):
        named = [mention.value for mention in reading.mentions if mention.kind == kind]
        old = [name for name in named if name in kept.get(field, ())]
        new = [name for name in named if name not in kept.get(field, ())]
        if old and new:
            stated[field] = tuple(
                dict.fromkeys([*(name for name in kept[field] if name not in old), *new])
            )
            refused = stated.get(f"exclude_{field}")
            if refused:
                stated[f"exclude_{field}"] = tuple(name for name in refused if name not in named)


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


_DROPPED = {
    "place": ("region", "regions", "exclude_regions"), "billing": ("billing",), "tier": ("tier", "exclude_tiers"), "memory": ("memory_gb", "variants"),
}  # fmt: skip


def _drop(kept: Fields, stated: Fields, reading: Reading) -> None:
    """ "drop azure", "forget the region", "no limit": the field goes, no opposite filter is set."""
    from bot.understanding.clean import fold

    text = fold(reading.text)
    for mention in reading.mentions:
        if mention.kind == "provider":
            if mention.value in kept.get("providers", ()):
                kept["providers"] = tuple(
                    name for name in kept["providers"] if name != mention.value
                )
                for field in ("providers", "exclude_providers"):
                    if mention.value in stated.get(field, ()):
                        stated[field] = tuple(
                            name for name in stated[field] if name != mention.value
                        )
                        if not stated[field]:
                            stated.pop(field)
            elif mention.value in kept.get("exclude_providers", ()):
                kept["exclude_providers"] = tuple(
                    name for name in kept["exclude_providers"] if name != mention.value
                )
                stated.pop("exclude_providers", None)
        elif (
            mention.kind == "card"
            and len(kept.get("accelerators", ())) > 1
            and mention.value in kept["accelerators"]
        ):
            kept["accelerators"] = tuple(
                name for name in kept["accelerators"] if name != mention.value
            )
            stated.pop("accelerators", None)
        elif mention.kind in _DROPPED and mention.value in [
            kept.get(field) for field in _DROPPED[mention.kind]
        ]:
            for field in _DROPPED[mention.kind]:
                kept.pop(field, None)
                stated.pop(field, None)
    for words, fields in _DROPS:
        if any(word in text for word in words):
            for field in fields:
                kept.pop(field, None)
                if field not in stated or field == "region":
                    stated.pop(field, None)


_DROPS = (
    (
        (
            "region",
            "regiao",
            "anywhere",
            "worldwide",
            "qualquer lugar",
            "cualquier lugar",
            "ubicacion",
            "location",
            "the country",
            "el pais",
            "o pais",
        ),
        ("region", "regions", "exclude_regions"),
    ),
    (("limit", "limite", "ceiling", "tope", "teto", "cap"), ("max_price",)),
    (
        (
            "anywhere",
            "any provider",
            "any vendor",
            "qualquer fornecedor",
            "qualquer provedor",
            "cualquier proveedor",
        ),
        ("providers", "exclude_providers", "tier", "exclude_tiers"),
    ),
    (("spot", "reserv", "on demand", "billing"), ()),
    (("budget", "presupuesto", "orcamento"), ("budget_usd", "amount", "currency")),
    (("memory", "memoria"), ("memory_gb", "variants")),
)
