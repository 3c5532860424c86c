"""Quotes pasted into a message, side by side."""

from __future__ import annotations

import re

from bot.core.answer import Answer, FollowUp
from bot.core.desk import Desk
from bot.core.phrase import order
from bot.core.question import Question
from bot.quotes import side
from bot.quotes.reading import read_text

_WORD = re.compile(
    r"^\W*(?:quotes?|cotações|cotação|cotizaciones|cotización)\b\s*:?\s*", re.IGNORECASE
)


def answer(question: Question, desk: Desk) -> Answer:
    text = _WORD.sub("", question.text)
    made = side.answer([read_text(text)], desk)
    if made.table is None and len(text) < 20:
        say = desk.say
        return Answer(
            headline=say.t("Paste the quotes behind the word, or send a file in a direct message."),
            follow_ups=(
                FollowUp(say.t("Ask for quotes"), order("rfq", say.lang, cards="64 H100")),
            ),
        )
    return made
