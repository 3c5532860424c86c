"""What a text says of a job's size: tokens in and out, a data set, documents, sound, pictures, an API's price."""

from __future__ import annotations

from typing import Any

from bot.understanding.reading import HOURS, Mention, Reading, Unit

_MILLION = 1e6


def details(reading: Reading, intent: str) -> dict[str, Any]:
    """Fields of `token_cost`, `estimate` and `fit` about the job itself."""
    if intent not in ("token_cost", "estimate", "fit", "compare", "cheapest"):
        return {}
    found: dict[str, Any] = {}
    cues = {cue for unit in reading.units for cue in unit.cues}
    if "tokens per dollar" in cues:
        found["per_dollar"] = "tokens"
    elif "work per dollar" in cues:
        found["per_dollar"] = "performance"
    if intent in ("compare", "cheapest"):
        return found
    learns = bool(
        {m.value for m in reading.mentions if m.kind == "workload"}
        & {"training", "fine-tuning", "embeddings"}
    )
    for place, unit in enumerate(reading.units):
        if unit.mention < 0:
            continue
        mention = reading.mentions[unit.mention]
        after = reading.units[place + 1 : place + 4]
        before = reading.units[max(0, place - 2) : place]
        if mention.kind == "tokens":
            found |= _tokens(mention, reading, before, after, learns=learns)
        elif mention.kind in ("things", "number"):
            found |= _things(mention, after)
        elif (
            mention.kind == "time"
            and mention.value.unit in ("hour", "minute")
            and _said(after, "of sound")
        ):
            found["audio_hours"] = mention.value.hours
        elif mention.kind == "money" and mention.value.currency == "USD" and intent == "token_cost":
            found |= _api(mention)
    return found


def _said(units: tuple[Unit, ...], cue: str) -> bool:
    return any(cue in unit.cues for unit in units)


def _tokens(
    mention: Mention,
    reading: Reading,
    before: tuple[Unit, ...],
    after: tuple[Unit, ...],
    *,
    learns: bool,
) -> dict[str, Any]:
    amount = float(mention.value)
    near = (*before, *after[:2])
    every = next(
        (
            reading.mentions[unit.mention].value
            for unit in after[:2]
            if unit.mention >= 0 and reading.mentions[unit.mention].kind == "time"
        ),
        None,
    )
    if every is not None:
        return {"tokens_per_second": amount} if every.unit == "second" else {}
    if amount < _MILLION and _said(near, "tokens in"):
        return {"input_tokens": amount}
    if amount < _MILLION and _said(near, "tokens out"):
        return {"output_tokens": amount}
    return {"train_tokens": amount} if amount >= _MILLION and learns else {}


def _things(mention: Mention, after: tuple[Unit, ...]) -> dict[str, Any]:
    noun = str(mention.detail or "")
    words = {noun, *(unit.key for unit in after[:1])}
    for field, names in _NOUNS.items():
        if words & names:
            return {field: float(mention.value)}
    return {}


_NOUNS = {
    "epochs": frozenset("epoch epochs epoca epocas".split()),
    "documents": frozenset("doc docs document documents documento documentos chunks abstracts pages paginas texts textos parrafos sentences".split()),
    "images": frozenset("image images pics photos pictures imagem imagens imagen imagenes fotos".split()),
}  # fmt: skip


def _api(mention: Mention) -> dict[str, Any]:
    """A price per million tokens, or a bill a month."""
    money = mention.value
    if "tokens" in money.per:
        return {"api_price": float(money.amount)}
    span = next(
        (HOURS[unit] for unit in ("month", "year", "day", "week") if unit in money.per), None
    )
    if span is not None and money.amount >= 100:
        return {"api_bill": round(float(money.amount) / span * HOURS["month"], 2)}
    return {}
