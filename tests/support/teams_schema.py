"""The published Adaptive Card 1.5 schema, told what Teams adds to it, as one fast check.

The schema file comes with a pinned package under tests/tools/teams (`make parts`). What Teams
draws beyond it is described here, from Microsoft's pages: `msteams`, `targetWidth`, charts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, ValidationError, validators

FILE = Path(__file__).parent.parent / "tools/teams/site/adaptive_cards/schemas/schema-1.5.json"
NUMBER = {"type": "number"}
WORDS = {"type": "string", "minLength": 1}
WIDTH = "(veryNarrow|narrow|standard|wide|Narrow|Standard|Wide|VeryNarrow)"


def _shape(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


CHARTS = {
    "Chart.Line": _shape(
        {
            "type": {"const": "Chart.Line"},
            "data": {
                "type": "array",
                "minItems": 1,
                "items": _shape(
                    {
                        "legend": WORDS,
                        "values": {
                            "type": "array",
                            "minItems": 1,
                            "items": _shape({"x": WORDS, "y": NUMBER}),
                        },
                    }
                ),
            },
            "fallback": {"type": "object"},
        },
        title={"type": "string"},
        xAxisTitle={"type": "string"},
        yAxisTitle={"type": "string"},
    ),
    "Chart.VerticalBar": _shape(
        {
            "type": {"const": "Chart.VerticalBar"},
            "data": {
                "type": "array",
                "minItems": 1,
                "items": _shape({"x": WORDS, "y": NUMBER}, color=WORDS),
            },
            "fallback": {"type": "object"},
        },
        title={"type": "string"},
        xAxisTitle={"type": "string"},
        yAxisTitle={"type": "string"},
    ),
}
MSTEAMS = _shape({"width": {"const": "Full"}}, entities={"type": "array"})


def _by_type(check: Any, kinds: dict[str, Any], instance: Any, _: Any) -> Iterator[ValidationError]:
    kind = instance.get("type") if isinstance(instance, dict) else None
    if kind in kinds:
        yield from check.descend(instance, kinds[kind])
    else:
        yield ValidationError(f"{kind!r} is none of {', '.join(kinds)}")


@cache
def validator() -> Any:
    """Skips the test where the pinned schema is not installed."""
    if not FILE.exists():
        pytest.skip("the published schema is not installed; run: make parts")
    schema = json.loads(FILE.read_text("utf-8"))
    known = schema["definitions"]
    for name, definition in known.items():
        if name.startswith("ImplementationsOf."):
            # "Any of these" becomes "the one its type names": the same verdict, a tenth of the
            # time, and a message that says what is wrong.
            kinds = [one["allOf"][0]["$ref"].rsplit("/", 1)[1] for one in definition["anyOf"]]
            kinds += list(CHARTS) if name.endswith(("Element", "ToggleableItem", "Item")) else []
            known[name] = {"byType": {kind: {"$ref": f"#/definitions/{kind}"} for kind in kinds}}
    known |= CHARTS
    known["AdaptiveCard"]["properties"]["msteams"] = MSTEAMS
    target = {"type": "string", "pattern": f"^((atLeast|atMost):)?{WIDTH}$"}
    for name in ("Table", "TextBlock", "Container", "FactSet", "ColumnSet", "Image"):
        known[name]["properties"]["targetWidth"] = target
    return validators.extend(Draft7Validator, {"byType": _by_type})(schema)


def faults(card: dict[str, Any], *, most: int | None = None) -> list[str]:
    """What the schema has against this card, and against what its fallbacks would show.

    `most`: only so many rows, facts and points of each list are looked at.
    """
    if most is not None:
        card = _shortened(card, most)
    # The schema accepts anything as a fallback; a host without the element shows it all the same.
    shown: dict[str, Any] = {"type": "AdaptiveCard", "version": "1.5", "body": [], "actions": []}
    for one in _fallbacks(card):
        shown["actions" if one["type"].startswith("Action.") else "body"].append(one)
    return [
        f"{where} {list(one.absolute_path)}: {one.message[-200:]}"
        for where, what in (("card", card), ("fallback", shown))
        for one in validator().iter_errors(what)
    ]


def _shortened(node: Any, most: int) -> Any:
    if isinstance(node, list):
        return [_shortened(one, most) for one in node]
    if isinstance(node, dict):
        return {
            key: _shortened(
                value[:most] if key in ("rows", "facts", "values") and isinstance(value, list) else value, most
            )
            for key, value in node.items()
        }  # fmt: skip
    return node


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of the card that has a type."""
    if isinstance(node, list):
        for one in node:
            yield from walk(one)
    elif isinstance(node, dict):
        if isinstance(node.get("type"), str):
            yield node
        for one in node.values():
            yield from walk(one)


def _fallbacks(card: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in walk(card):
        if isinstance(one.get("fallback"), dict):
            yield one["fallback"]
