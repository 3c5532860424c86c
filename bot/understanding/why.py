"""`parse --why`: the mentions of a text, their roles, and what decided the intent, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.question import Question
from bot.understanding import features
from bot.understanding.linear import shipped
from bot.understanding.roles import MODEL_OF
from bot.understanding.understand import explained


def lines(text: str, before: Question | None = None) -> Iterator[str]:
    """What was seen in a text and what it was taken for."""
    seen = explained(text, before)
    reading = seen.reading
    yield f"text      {reading.text}"
    yield f"language  {seen.question.lang}"
    if not seen.considered:
        yield f"intent    {seen.question.intent}: understood to the letter"
        return
    best = seen.considered[0]
    chosen = {id(role.mention): role for role in best.roles}
    yield "mentions"
    for mention in reading.mentions:
        words = reading.text[mention.start : mention.end]
        role = chosen.get(id(mention))
        said = f"{role.name} ({role.probability:.2f})" if role else "stated"
        value = (
            getattr(mention.value, "amount", None)
            or getattr(mention.value, "hours", None)
            or mention.value
        )
        yield f"  {mention.kind:12} {words[:32]!r:34} {value!s:20.20} {said}"
        if role is not None and role.probability < 0.9:
            model = shipped().models[MODEL_OF[mention.kind]]
            spoke = ", ".join(
                f"{name} {weight:+.2f}"
                for weight, name in model.decisive(role.features, role.name, most=4)
            )
            yield f"{'':15}because {spoke}"
    yield "readings"
    for one in seen.considered[:4]:
        stated = " ".join(f"{name}={value}" for name, value in one.fields.items())
        yield f"  {one.probability:.2f}  {one.intent}: {stated}  [{one.because}]"
    model = shipped().models["intent"]
    words_of = features.words_of(reading)
    spoke = ", ".join(
        f"{name!r} {weight:+.2f}"
        for weight, name in model.decisive(features.of_text(reading), best.intent, words_of, most=8)
    )
    yield f"intent    {best.intent}: {spoke}"
