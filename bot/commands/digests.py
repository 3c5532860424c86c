"""The digests standing here, each with its next run and its last delivery."""

from __future__ import annotations

from bot.commands.digest import cards_of, none_here, rhythm, stop_button
from bot.core.answer import Answer, Column, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.phrase import order
from bot.core.question import Question
from bot.core.wording import Wording
from bot.standing import asking
from bot.standing.asking import ground
from bot.standing.reasons import in_words
from bot.state.rows import Subscription


def answer(_: Question, desk: Desk) -> Answer:
    """The digests of this conversation, each with its number and its next moment."""
    here = ground(desk)
    if isinstance(here, Answer):
        return here
    say = desk.say
    standing = [
        one
        for one in here.state.digests.of(here.place.id)
        if not desk.asker.own_orders or one.user == desk.asker.user
    ]
    silent = asking.silent(here, desk)
    if not standing:
        return none_here(say)
    awake = [one for one in standing if not one.paused]
    nearest = min(awake, key=lambda one: one.due, default=None)
    headline = say.tn("{n} digest stands here.", "{n} digests stand here.", len(standing))
    if nearest and not silent:
        headline += " " + say.t(
            "Next on {time}.", time=asking.local(nearest.due, nearest.rule.tz, say)
        )
    follow_ups = [stop_button(standing[0], say)] if len(standing) == 1 else []
    if awake:
        follow_ups += [
            FollowUp(say.t("Send now"), order("digest_now", say.lang)),
            FollowUp(say.t("Pause"), order("digest_pause", say.lang)),
        ]
    else:
        follow_ups.append(FollowUp(say.t("Resume"), order("digest_resume", say.lang)))
    return Answer(
        headline=headline,
        table=Table(
            (
                Column("#", "right"),
                Column(say.t("Cards")),
                Column(say.t("When")),
                Column(say.t("Next")),
                Column(say.t("Last sent"), essential=False),
            ),
            tuple(
                TableRow(
                    (
                        str(one.id),
                        cards_of(one, say),
                        rhythm(one.rule, say),
                        say.t("paused") if one.paused else asking.local(one.due, one.rule.tz, say),
                        _last(one, say),
                    )
                )
                for one in standing
            ),
        ),
        tone="caution" if silent and not desk.asker.own_orders else "plain",
        lines=silent
        + tuple(_trouble(one, say) for one in standing if one.last_fault or one.skipped),
        follow_ups=tuple(follow_ups),
    )


def _last(one: Subscription, say: Wording) -> str:
    return "-" if one.last_sent is None else asking.local(one.last_sent, one.rule.tz, say)


def _trouble(one: Subscription, say: Wording) -> str:
    if one.last_fault:
        return say.t(
            "#{number}: the last try failed: {fault}",
            number=one.id,
            fault=in_words(one.last_fault, say),
        )
    return say.tn(
        "#{number}: {n} was skipped while I was away.",
        "#{number}: {n} were skipped while I was away.",
        one.skipped,
        number=one.id,
    )
