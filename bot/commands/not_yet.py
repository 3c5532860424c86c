"""Questions that are understood and not answered yet: one honest line, and what works today."""

from __future__ import annotations

from bot.answer import Answer, FollowUp
from bot.desk import Desk
from bot.offers import follow_up
from bot.question import Question


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    coming = say.t("price watches and digests")
    follow_ups: tuple[FollowUp, ...] = ()
    if question.accelerators:
        today = Question(
            "cheapest",
            lang=question.lang,
            accelerators=question.accelerators,
            memory_gb=question.memory_gb,
        )
        follow_ups = (
            follow_up(today, desk),
            follow_up(today._replace(intent="history", period_days=90), desk),
        )
    return Answer(
        headline=say.t("I understood you, but this is still being built: {coming}.", coming=coming),
        tone="caution",
        follow_ups=follow_ups,
    )
