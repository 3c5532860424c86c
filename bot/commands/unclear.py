"""A text that may mean several things: asked back, with a button for each reading."""

from __future__ import annotations

from bot.core.answer import Answer, FollowUp
from bot.core.desk import Desk
from bot.core.phrase import phrase
from bot.core.question import Question

LABEL = 75
"""Characters that a button takes."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    readings = []
    for guess in question.guesses:
        words = phrase(guess, say.lang)
        if words and words not in readings:
            readings.append(words)
    return Answer(
        headline=say.t("I am not sure what you mean. Is it one of these?"),
        tone="caution",
        lines=(say.t("Or put it another way: what, how many, where, for how long."),),
        follow_ups=tuple(
            FollowUp((words[:1].upper() + words[1:])[:LABEL], words) for words in readings
        ),
    )
