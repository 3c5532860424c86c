"""Ends a digest: the only one here, one by its number or cards, or all."""

from __future__ import annotations

from bot.commands.digest import capital, cards_of, meant, none_here, rhythm
from bot.core.answer import Answer, FollowUp
from bot.core.desk import Desk
from bot.core.phrase import order
from bot.core.question import Question
from bot.standing.asking import ground


def answer(question: Question, desk: Desk) -> Answer:
    """Stops the digests that are meant, or asks which."""
    here = ground(desk)
    if isinstance(here, Answer):
        return here
    say = desk.say
    standing = here.state.digests.of(here.place.id)
    chosen = meant(standing, question)
    if not chosen:
        return none_here(say)
    if len(chosen) > 1 and len(chosen) == len(standing) and not question.everything:
        return Answer(
            headline=say.t("{n} digests stand here. Which one?", n=len(chosen)),
            follow_ups=(
                *(
                    FollowUp(
                        f"#{one.id} {cards_of(one, say)}"[:60],
                        order("digest_stop", say.lang, number=one.id),
                    )
                    for one in chosen[:4]
                ),
                FollowUp(
                    say.t("Stop all"), order("digest_stop_all", say.lang)
                ),
            ),
        )  # fmt: skip
    for one in chosen:
        here.state.digests.stop(here.place.id, one.id)
    one = chosen[0]
    if len(chosen) > 1:
        headline = say.tn("Stopped {n} digest.", "Stopped {n} digests.", len(chosen))
    else:
        headline = say.t(
            "Stopped: {cards}, {when}.", cards=cards_of(one, say), when=rhythm(one.rule, say)
        )
    return Answer(headline=capital(headline))
