"""A hello back, with three questions worth trying."""

from __future__ import annotations

from bot.commands.help import FIRST, example
from bot.core.answer import Answer, FollowUp
from bot.core.desk import Desk
from bot.core.question import Question


def answer(_: Question, desk: Desk) -> Answer:
    examples = [example(command, desk) for command in FIRST]
    return Answer(
        headline=desk.say.t("Hello. I know what GPUs rent for, and when you need none."),
        follow_ups=tuple(FollowUp(text, text) for text in examples),
    )
