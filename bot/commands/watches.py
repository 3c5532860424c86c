"""The watches standing here, and what each waits for."""

from __future__ import annotations

from bot.commands.watch import none_here
from bot.core.answer import Answer, Column, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.phrase import order
from bot.core.question import Question
from bot.standing import asking, watches
from bot.standing.asking import ground
from bot.state.rows import Watch

ROWS = 20


def answer(_: Question, desk: Desk) -> Answer:
    """The watches of this conversation, each with its number and what is watched now."""
    here = ground(desk)
    if isinstance(here, Answer):
        return here
    say = desk.say
    standing = [
        one
        for one in here.state.watches.of(here.place.id)
        if not desk.asker.own_orders or one.user == desk.asker.user
    ]
    silent = asking.silent(here, desk)
    if not standing:
        return none_here(desk)._replace(headline=say.t("No watch stands here."))
    caption = (
        say.t("Showing {shown} of {all}.", shown=ROWS, all=len(standing))
        if len(standing) > ROWS
        else None
    )
    return Answer(
        lines=silent,
        tone="caution" if silent and not desk.asker.own_orders else "plain",
        headline=say.tn("{n} watch stands here.", "{n} watches stand here.", len(standing)),
        table=Table(
            (Column("#", "right"), Column(say.t("Watch")), Column(say.t("Status"))),
            tuple(
                TableRow((str(one.id), watches.described(one, say), _status(one, desk)))
                for one in standing[:ROWS]
            ),
            caption,
        ),
        follow_ups=tuple(
            FollowUp(
                say.t("Drop #{number}", number=one.id),
                order("unwatch", say.lang, number=one.id),
            )
            for one in standing[:3]
        ),
    )


def _status(one: Watch, desk: Desk) -> str:
    say = desk.say
    if one.paused:
        return say.t("paused")
    if one.snoozed_until is not None and one.snoozed_until > desk.now:
        return say.t("quiet until {date}", date=say.date(one.snoozed_until, desk.now))
    if not one.armed and one.fired_at is not None:
        return say.t(
            "told on {date}, waits for the price to leave", date=say.date(one.fired_at, desk.now)
        )
    return say.t("waiting")
