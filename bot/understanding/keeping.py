"""What a text in a thread leaves standing of the question before it: learned, field by field.

Of a list (cards, vendors) each entry is asked about by itself: "drop azure", "lambda instead of
gcp", "and on crusoe?" and "add nebius" differ in which of the old entries stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from bot.understanding.linear import Weights
from bot.understanding.reading import Mention, Reading

LISTS = {"accelerators": "card", "providers": "provider", "exclude_providers": "provider"}
"""Fields whose entries are kept one by one, and the kind of mention that names them."""
KINDS = {
    "region": "place", "regions": "place", "exclude_regions": "place", "billing": "billing", "tier": "tier",
    "exclude_tiers": "tier", "memory_gb": "memory", "model": "model", "workload": "workload", "hours": "time",
    "period_days": "time", "form_factor": "form", "interconnect": "interconnect", "precision": "precision",
}  # fmt: skip
"""Other fields and the kind of mention that states them."""
_LOOKED_AT = 24
_SHORT = 5


def entries(before: Mapping[str, Any], allowed: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """(field, value) of everything that could stay; each entry of a list by itself."""
    for field, value in before.items():
        if field not in allowed:
            continue
        if field in LISTS:
            for entry in value:
                yield field, entry
        else:
            yield field, value


class Around:
    """A text that goes on with a thread, and what all questions about it share."""

    def __init__(
        self,
        reading: Reading,
        before: Mapping[str, Any],
        before_intent: str,
        intent: str,
        stated: Mapping[str, Any],
    ) -> None:
        self._reading, self._before, self._stated = reading, before, stated
        self._intent = intent
        units = reading.units[:_LOOKED_AT]
        self._cues = sorted({cue for unit in units for cue in unit.cues})
        keys = [unit.key for unit in units]
        self._words = sorted(set(keys))
        self._pairs = sorted({f"{left} {right}" for left, right in pairwise(keys)})
        self._whole = " ".join(keys) if len(keys) <= _SHORT else ""
        self._length = min(len(keys), 12)
        self._step = f"{before_intent}>{intent}" if before_intent != intent else f"={intent}"
        self._of_kind: dict[str, list[Mention]] = {}
        for mention in reading.mentions:
            self._of_kind.setdefault(mention.kind, []).append(mention)

    def features(self, field: str, value: Any) -> list[str]:
        """Features of one entry that could stay."""
        found = [
            f"f:{field}",
            f"fi:{field}&{self._intent}",
            f"fs:{field}&{self._step}",
            f"s:{self._step}",
            f"fn:{field}&{self._length}",
        ]
        kind = LISTS.get(field) or KINDS.get(field, "")
        named = self._of_kind.get(kind, [])
        shape = f"{field}&{'named' if named else 'unnamed'}&{'stated' if field in self._stated else 'open'}"
        if field in LISTS:
            old = self._before[field]
            others = {mention.value for mention in named} - set(old)
            itself = any(mention.value == value for mention in named)
            shape = f"{field}&{itself}&{min(len(others), 2)}&{min(len(old), 3)}"
            found += [f"l:{itself}&{bool(others)}", f"only:{field}&{itself}&{len(old) == 1}"]
            wanted = value in self._stated.get(field, ())
            refused = value in self._stated.get("exclude_providers", ())
            found += [f"w:{field}&{wanted}&{refused}", f"wi:{field}&{wanted}&{self._intent}"]
            found += self._beside(kind, value, field)
        else:
            again = self._stated.get(field) == value
            shape += f"&{again}"
            found += [f"again:{field}&{again}"]
            found += self._beside(kind, None, field)
        found.append(f"sh:{shape}")
        found.append(f"shi:{shape}&{self._intent}")
        found += [f"q:{shape}&{cue}" for cue in self._cues]
        found += [f"fq:{field}&{cue}" for cue in self._cues]
        found += [f"w:{field}&{word}" for word in self._words]
        found += [f"b:{field}&{pair}" for pair in self._pairs]
        found += [f"also:{field}&{name}" for name in self._stated]
        if self._whole:
            found.append(f"all:{shape}&{self._whole}")
        return found

    def _beside(self, kind: str, value: Any, field: str) -> list[str]:
        """What stands around the mentions of an entry, or of its kind."""
        units, found = self._reading.units, []
        for place, unit in enumerate(units[:_LOOKED_AT]):
            if unit.mention < 0:
                continue
            mention = self._reading.mentions[unit.mention]
            if mention.kind != kind:
                continue
            who = "it" if value is None or mention.value == value else "other"
            before = [units[at].key for at in (place - 1, place - 2) if at >= 0]
            after = [units[at].key for at in (place + 1, place + 2) if at < len(units)]
            found += [f"{who}-:{field}&{key}" for key in before]
            found += [f"{who}+:{field}&{key}" for key in after]
            found += [
                f"{who}q:{field}&{cue}"
                for other in units[max(0, place - 3) : place]
                for cue in other.cues
            ]
        return found


def kept(
    before: Mapping[str, Any],
    allowed: frozenset[str],
    around: Around,
    stated: dict[str, Any],
    weights: Weights,
) -> dict[str, Any]:
    """The fields of the question before that stay; what goes is not stated anew either: "drop aws"."""
    model = weights.models["stays"]
    found: dict[str, Any] = {}
    for field, value in entries(before, allowed):
        stays = model.probabilities(around.features(field, value))[0][1] == "stays"
        if field not in LISTS:
            if stays:
                found[field] = value
            elif stated.get(field) == value:
                del stated[field]
        elif stays:
            found[field] = (*found.get(field, ()), value)
        elif value in stated.get(field, ()):
            stated[field] = tuple(name for name in stated[field] if name != value)
    return found
