"""Anything else is declined kindly; the text is never obeyed."""

from __future__ import annotations

from bot.commands.help import FIRST, example
from bot.core.answer import Answer, FollowUp
from bot.core.desk import Desk
from bot.core.question import Question


def answer(_: Question, desk: Desk) -> Answer:
    examples = [example(command, desk) for command in FIRST]
    return Answer(
        headline=desk.say.t("I only answer questions about renting GPUs. Try one of these."),
        follow_ups=tuple(FollowUp(text, text) for text in examples),
    )
