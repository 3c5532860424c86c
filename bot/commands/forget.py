"""`forget me`: removes what is kept of a person, and says what that was."""

from __future__ import annotations

from bot.core.answer import Answer
from bot.core.desk import Desk
from bot.core.question import Question


def answer(_: Question, desk: Desk) -> Answer:
    """Removes what is kept of the asker; says what stays."""
    say = desk.say
    if desk.state is None or desk.asker.user is None:
        return Answer(headline=say.t("Nothing is kept of you here."))
    removed = desk.state.people.forget(desk.asker.user)
    count = sum(removed.values())
    return Answer(
        headline=say.tn(
            "Forgotten: {n} record about you is gone.",
            "Forgotten: {n} records about you are gone.",
            count,
        )
        if count
        else say.t("Nothing was kept of you."),
        lines=(
            say.t(
                "Digests and watches in shared channels stay, without your name: others read them. Stop them there."
            ),
        ),
    )
