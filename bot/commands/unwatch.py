"""Drops watches: by number, by card, or all of them when that is said."""

from __future__ import annotations

from bot.commands.watch import meant, none_here
from bot.core.answer import Answer, FollowUp
from bot.core.desk import Desk
from bot.core.phrase import order
from bot.core.question import Question
from bot.standing import watches
from bot.standing.asking import ground


def answer(question: Question, desk: Desk) -> Answer:
    """Stops the watches that are meant, or asks which."""
    here = ground(desk)
    if isinstance(here, Answer):
        return here
    say = desk.say
    chosen = meant(here.state.watches.of(here.place.id), question)
    if not chosen:
        return none_here(desk)
    named = question.accelerators or question.numbers
    if len(chosen) > 1 and not named and not question.everything:
        return Answer(
            headline=say.t("{n} watches stand here. Which one?", n=len(chosen)),
            follow_ups=tuple(
                FollowUp(
                    f"#{one.id} {watches.described(one, say)}"[:70],
                    order("unwatch", say.lang, number=one.id),
                )
                for one in chosen[:5]
            ),
        )
    gone = here.state.watches.drop(here.place.id, [one.id for one in chosen])
    told = "; ".join(watches.described(one, say) for one in gone[:3])
    if len(gone) > 3:
        told += "; " + say.tn("{n} more", "{n} more", len(gone) - 3)
    return Answer(headline=say.t("No longer watching {what}.", what=told))
