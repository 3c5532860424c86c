"""A price summary at a set time: set up, paused, resumed, sent now; printed on a terminal."""

from __future__ import annotations

import json
from typing import Any

from bot.answers.offers import subject, unknown_card, unused_line, where
from bot.core.answer import Answer, FollowUp
from bot.core.desk import Desk
from bot.core.phrase import order
from bot.core.question import Question, Schedule
from bot.core.wording import Wording
from bot.standing import asking, digests, timing
from bot.standing.asking import Ground, ground
from bot.standing.watches import from_json, to_json
from bot.state.rows import Rule, Subscription
from bot.state.schedule import WEEKDAYS

MOST = 20
"""Digests in one place: more is noise, or somebody's script."""
_OF_CARDS = ("accelerators", "memory_gb", "form_factor", "count")
# What stays when the cards change, unless the words name another or say that any will do.
_BESIDE_CARDS = (
    ("any_region", ("region", "regions", "exclude_regions")),
    ("any_provider", ("providers", "exclude_providers", "tier", "exclude_tiers")),
)


def answer(question: Question, desk: Desk) -> Answer:
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if desk.asker.place is None:  # nothing can be posted later: the digest itself, now
        return content(question, desk)
    here = ground(desk, to_write=True)
    if isinstance(here, Answer):
        return here
    if question.action == "now" and question.schedule is None:
        return _now(question, here, desk)
    if question.action == "change":
        return _change(question, here, desk)
    if question.action in {"pause", "resume"}:
        return _pause(question, here, desk, paused=question.action == "pause")
    return _set_up(question, here, desk)


def content(question: Question, desk: Desk) -> Answer:
    """The digest itself, for `quartermaster digest` and "digest now"."""
    made = digests.answer(question, desk)
    if made.follow_ups:
        return made
    words = json.loads(to_json(question))
    return made._replace(follow_ups=digests.buttons(words, desk.say.lang, None))


def _set_up(question: Question, here: Ground, desk: Desk) -> Answer:
    say = desk.say
    standing = here.state.digests.of(here.place.id)
    if len(standing) >= MOST:
        return Answer(
            headline=say.t("{n} digests stand here already: stop one first.", n=len(standing)),
            tone="caution",
            follow_ups=(_list(say),),
        )
    tz = desk.asker.tz or here.place.tz or "UTC"
    rules = _rules(question, Rule(tz=tz))
    cards = (
        question.accelerators
        or tuple(here.state.people.most_asked(here.place.id))
        or digests.DEFAULT_CARDS
    )
    words = json.loads(to_json(question._replace(accelerators=cards)))
    every = [
        here.state.digests.add(here.place.id, desk.asker.user, rule, words, say.lang) for rule in rules
    ]  # fmt: skip
    said = [
        say.t(
            "{when}: {cards}. First on {first}.",
            when=capital(rhythm(made.rule, say)),
            cards=cards_of(made, say),
            first=asking.local(made.due, made.rule.tz, say),
        )
        for made in every
    ]
    return Answer(
        headline=said[0],
        lines=(*said[1:], *unused_line(question._replace(unused=_unused(question)), say)),
        follow_ups=_buttons(every[0], say),
    )


def _rules(question: Question, base: Rule) -> list[Rule]:
    """One for each day of the week that the words name."""
    when = timing.stated(question.text, question.lang)
    if when.offset:
        base = base._replace(tz=when.offset)
        question = question._replace(
            schedule=(question.schedule or Schedule())._replace(tz=when.offset)
        )
    rule = _rule(question, base)
    if rule.every != "weekly" or len(when.weekdays) < 2:
        return [rule]
    return [rule._replace(weekday=day) for day in when.weekdays]


def _buttons(made: Subscription, say: Wording) -> tuple[FollowUp, ...]:
    """Under an order; what people correct most is its time."""
    change = order("digest_change", say.lang, number=made.id)
    return (
        _now_button(made, say),
        FollowUp(say.t("Change time"), change),
        _list(say),
        stop_button(made, say),
    )


def _rule(question: Question, base: Rule) -> Rule:
    """`base` with what the question states laid over it."""
    wanted = question.schedule or Schedule()
    every = "weekly" if wanted.weekday else question.every or base.every
    monthday = base.monthday
    if every == "monthly" and question.every == "monthly":
        monthday = question.month_day or 1
    return Rule(
        every=every,  # type: ignore[arg-type]  # understand's closed set
        weekday=WEEKDAYS.index(wanted.weekday) if wanted.weekday else base.weekday,
        monthday=monthday,
        time=wanted.time or base.time,
        tz=wanted.tz or base.tz,
    )


def _change(question: Question, here: Ground, desk: Desk) -> Answer:
    """Another time or other cards for the one digest that is meant."""
    say = desk.say
    all_here = here.state.digests.of(here.place.id)
    numbers = question.numbers
    standing = [one for one in all_here if one.id in numbers] if numbers else all_here
    if not standing:
        return none_here(say)
    if len(standing) > 1:
        return Answer(
            headline=say.t("{n} digests stand here. Which one?", n=len(standing)),
            follow_ups=tuple(
                FollowUp(
                    f"#{one.id} {cards_of(one, say)}"[:60],
                    order("digest_change", say.lang, number=one.id),
                )
                for one in standing[:4]
            ),
        )
    one = standing[0]
    if not (question.schedule or question.every or question.accelerators):
        return Answer(
            headline=say.t(
                "Change digest #{number} to what? A day, a time, a zone, cards.", number=one.id
            ),
            tone="caution",
            follow_ups=tuple(FollowUp(text, text) for text in _changes(one, say)),
        )
    words = json.loads(one.words)
    if question.accelerators:
        words = _with_cards(words, question)
    rule = _rules(question, one.rule)[0]
    made = here.state.digests.change(here.place.id, one.id, rule, words)
    if made is None:
        return none_here(say)
    return Answer(
        headline=say.t(
            "Changed. {when}: {cards}. Next on {first}.",
            when=capital(rhythm(made.rule, say)),
            cards=cards_of(made, say),
            first=asking.local(made.due, made.rule.tz, say),
        ),
        follow_ups=_buttons(made, say),
    )


def _with_cards(words: dict[str, Any], question: Question) -> dict[str, Any]:
    """What a digest shows, with other cards: the place, the billing and the sellers stay."""
    stated: dict[str, Any] = json.loads(to_json(question))
    gone = set(_OF_CARDS)
    for any_will_do, names in _BESIDE_CARDS:
        if stated.keys() & set(names) or getattr(question, any_will_do):
            gone.update(names)
    return {name: value for name, value in words.items() if name not in gone} | stated


def _changes(one: Subscription, say: Wording) -> tuple[str, str]:
    return (
        order("digest_change_time", say.lang, number=one.id),
        order("digest_change_cards", say.lang, number=one.id),
    )


def _unused(question: Question) -> tuple[str, ...]:
    return tuple(word for word in question.unused if word not in {"first", "last", "month"})


def _now(question: Question, here: Ground, desk: Desk) -> Answer:
    say = desk.say
    standing = _meant(here, question)
    if not standing:
        return content(question, desk)
    for one in standing:
        here.state.digests.send_now(one)
    return Answer(
        headline=say.tn("The digest is on its way.", "{n} digests are on their way.", len(standing))
    )


def _pause(question: Question, here: Ground, desk: Desk, *, paused: bool) -> Answer:
    say = desk.say
    standing = _meant(here, question)
    if not standing:
        return none_here(say)
    for one in standing:
        here.state.digests.pause(here.place.id, one.id, paused=paused)
    if paused:
        return Answer(
            headline=say.tn("Paused {n} digest.", "Paused {n} digests.", len(standing)),
            follow_ups=(FollowUp(say.t("Resume"), order("digest_resume", say.lang)),),
        )
    first = min(
        one.due
        for one in here.state.digests.of(here.place.id)
        if one.id in {s.id for s in standing}
    )
    return Answer(
        headline=say.t(
            "It goes on: next on {first}.", first=asking.local(first, standing[0].rule.tz, say)
        ),
        follow_ups=(_list(say),),
    )


def _meant(here: Ground, question: Question) -> list[Subscription]:
    """The digests a sentence is about: by number, by card, else all that stand here."""
    return meant(here.state.digests.of(here.place.id), question)


def meant(standing: list[Subscription], question: Question) -> list[Subscription]:
    numbers = question.numbers
    if numbers:
        return [one for one in standing if one.id in numbers]
    # A question that states nothing but its intent ("digest stop h100") names cards as a note.
    cards = question.accelerators
    if cards:
        return [
            one
            for one in standing
            if set(cards) <= set(json.loads(one.words).get("accelerators", ()))
        ]
    return standing


# -- words -------------------------------------------------------------------------------------


def rhythm(rule: Rule, say: Wording) -> str:
    """ "every Monday at 09:00 (America/New_York)"."""
    values = {"time": rule.time, "tz": rule.tz}
    if rule.every == "daily":
        return say.t("every day at {time} ({tz})", **values)
    if rule.every == "weekdays":
        return say.t("Monday to Friday at {time} ({tz})", **values)
    if rule.every == "monthly":
        return say.t("monthly on day {day} at {time} ({tz})", day=rule.monthday, **values)
    return (
        say.t("every Monday at {time} ({tz})", **values),
        say.t("every Tuesday at {time} ({tz})", **values),
        say.t("every Wednesday at {time} ({tz})", **values),
        say.t("every Thursday at {time} ({tz})", **values),
        say.t("every Friday at {time} ({tz})", **values),
        say.t("every Saturday at {time} ({tz})", **values),
        say.t("every Sunday at {time} ({tz})", **values),
    )[rule.weekday]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def cards_of(one: Subscription, say: Wording) -> str:
    """What it shows: "A100 80 GB in Europe, spot, AWS"."""
    shown = from_json(one.words)
    parts = [subject(shown, say) + where(shown, say)]
    if shown.billing:
        parts.append(say.billing(shown.billing))
    if shown.tier:
        parts.append(say.tier(shown.tier))
    if shown.providers:
        parts.append(say.listing([say.provider(one) for one in shown.providers]))
    return ", ".join(parts)


def none_here(say: Wording) -> Answer:
    return Answer(
        headline=say.t("No digest stands here."),
        tone="caution",
        follow_ups=(
            FollowUp(
                say.t("Set one up"),
                order("digest_example", say.lang),
            ),
        ),
    )


def _now_button(one: Subscription, say: Wording) -> FollowUp:
    return FollowUp(
        say.t("Send now"),
        order("digest_now_one", say.lang, number=one.id),
    )


def _list(say: Wording) -> FollowUp:
    return FollowUp(
        say.t("Digests here"),
        order("digests", say.lang),
    )


def stop_button(one: Subscription, say: Wording) -> FollowUp:
    return FollowUp(
        say.t("Stop"),
        order("digest_stop", say.lang, number=one.id),
    )
