"""What a job's circumstances are: how soon, which data, what goes out. Used by advice, not scored."""

from __future__ import annotations

from typing import Any

from bot.understanding.reading import Reading

FLAGS = {
    "residency": "residency", "moving": "moving", "no checkpoint": "no-checkpoint", "prepaid": "prepaid",
    "future": "future", "full tuning": "full-tuning", "qlora": "qlora", "lora": "lora",
}  # fmt: skip
"""Cue of the packs -> flag of `Question.circumstances`."""
_TERABYTES = {
    "tb": 1.0,
    "tib": 1.1,
    "terabyte": 1.0,
    "terabytes": 1.0,
    "teras": 1.0,
    "tera": 1.0,
    "pb": 1000.0,
}


def details(reading: Reading, intent: str) -> dict[str, Any]:
    """`urgency`, `egress_tb`, `data_sensitivity`, and for advice the flags of `circumstances`."""
    cues = {cue for unit in reading.units for cue in unit.cues}
    found: dict[str, Any] = {}
    if "patient" in cues:
        found["urgency"] = "patient"
    elif "urgent" in cues:
        found["urgency"] = "urgent"
    if "personal data" in cues:
        found["data_sensitivity"] = "personal"
    elif "public data" in cues:
        found["data_sensitivity"] = "public"
    for place, unit in enumerate(reading.units):
        if unit.mention < 0 or reading.mentions[unit.mention].kind != "storage":
            continue
        mention = reading.mentions[unit.mention]
        if _purpose(reading, place) == "going out" and mention.detail in _TERABYTES:
            found["egress_tb"] = float(mention.value) * _TERABYTES[mention.detail]
    if intent in ("advise", "fit", "estimate"):
        flags = tuple(flag for cue, flag in FLAGS.items() if cue in cues)
        if flags:
            found["circumstances"] = flags
    if intent == "advise":
        found |= _purchase(reading)
    return found


def _purpose(reading: Reading, place: int) -> str | None:
    """What a size of data is for: the nearest word that says so, and that no other size stands nearer to."""
    sizes = [
        at
        for at, unit in enumerate(reading.units)
        if unit.mention >= 0 and reading.mentions[unit.mention].kind == "storage"
    ]
    said = [
        (abs(at - place), cue)
        for at, unit in enumerate(reading.units)
        for cue in ("going out", "storing")
        if cue in unit.cues
        and abs(at - place) <= _NEAR
        and min(sizes, key=lambda size: (abs(size - at), size > at)) == place
    ]
    return min(said)[1] if said else None


_NEAR = 5


def _purchase(reading: Reading) -> dict[str, Any]:
    """What a rent-or-buy question states: the price of a node, of electricity, the years of use."""
    found: dict[str, Any] = {}
    for mention in reading.mentions:
        if mention.kind == "money" and "kwh" in mention.value.per:
            found["kwh_price"] = mention.value.amount
        elif (
            mention.kind == "money"
            and mention.value.amount >= 1000
            and not mention.value.per
            and mention.value.currency == "USD"
        ):
            found["capex_usd"] = mention.value.amount
        elif mention.kind == "time" and mention.value.unit == "year" and mention.value.written:
            found["years"] = mention.value.number
    return found
