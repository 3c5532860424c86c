"""A message when a price crosses a line, drops by a share, or when an offer appears at all."""

from __future__ import annotations

from datetime import timedelta

from bot.answers.offers import brief, no_subject, seller, subject, unknown_card, unused_line, where
from bot.answers.stock import is_awaited
from bot.core.answer import Answer, FollowUp
from bot.core.desk import Desk
from bot.core.phrase import order
from bot.core.question import Question
from bot.core.wording import card_name
from bot.standing import watches
from bot.standing.asking import Ground, ground
from bot.state.rows import Watch
from knowledge.market import gpu_hour
from knowledge.prices.offer import Best

MOST = 100
"""Watches in one place."""


def answer(question: Question, desk: Desk) -> Answer:
    """Keeps a watch, or changes, pauses or snoozes those that are meant."""
    here = ground(desk, to_write=True)
    if isinstance(here, Answer):
        return here
    if question.action in {"snooze", "pause", "resume"}:
        return _change(question, here, desk)
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if not question.accelerators:
        return no_subject(question, desk, desk.say.t("watch h100 < 2.00"))
    standing = here.state.watches.of(here.place.id)
    if len(standing) >= MOST:
        return Answer(
            headline=desk.say.t("{n} watches stand here already: drop one first.", n=len(standing)),
            tone="caution",
            follow_ups=(_list(desk),),
        )
    return _set_up(question, here, desk)


def _set_up(question: Question, here: Ground, desk: Desk) -> Answer:
    scope = watches.scope_question(question)
    if is_awaited(question):
        return _keep_stock(question, scope, here, desk)
    best = watches.best_now(scope, desk.store, desk.now)
    if question.threshold is not None:
        kind, threshold, days = "price", question.threshold, 0
    elif question.percent:
        rising = question.direction == "above" or question.rising
        if question.percent >= 100 and not rising:
            return Answer(
                headline=desk.say.t("A price can fall by less than 100 %. By how much?"),
                tone="caution",
            )
        kind = "drop"
        days = question.days or watches.PERIOD_DAYS
        share = question.percent / 100
        threshold = 1 + share if rising else 1 - share
    else:
        known = best or watches.best_now(scope, desk.store, desk.now, stale=True)
        if known is not None:
            return _which_line(question, known, desk)
        kind, threshold, days = "offer", watches.ANY_PRICE, 0
    direction = question.direction or ("above" if kind == "drop" and threshold > 1 else "below")
    return _keep(question, scope, best, kind, direction, threshold, days, here, desk)


def _keep(
    question: Question,
    scope: Question,
    best: Best | None,
    kind: str,
    direction: str,
    threshold: float,
    days: int,
    here: Ground,
    desk: Desk,
) -> Answer:
    from bot.state.watches import Scope

    say = desk.say
    key = watches.scope_key(scope, kind, days)
    price = gpu_hour(best.offer) if best else None
    value, before = price, None
    if kind == "drop":
        before = watches.price_before(scope, key, days, desk.store, here.state, desk.now)
        value = price / before if price is not None and before else None
        if price is not None:
            here.state.watches.note_days(desk.now.date().isoformat(), {key: price})
    met = value is not None and (value < threshold if direction == "below" else value > threshold)
    kept = here.state.watches.add(
        Watch(
            id=0,
            place=here.place.id,
            user=desk.asker.user,
            lang=say.lang,
            words=question.text[:200],
            scope=key,
            kind=kind,  # type: ignore[arg-type]  # one of three above
            direction=direction,  # type: ignore[arg-type]
            threshold=threshold,
            # Already there: told now, and again only after the price has left and come back.
            armed=not met,
            remind=bool(question.remind),
            fired_at=desk.now if met else None,
            fired_value=value if met else None,
        ),
        Scope(key, watches.to_json(scope), "drop" if kind == "drop" else "price", days, value, price,
              desk.now if price is not None else None),
    )  # fmt: skip
    told = watches.described(kept, say)
    if met:
        headline = say.t(
            "Watching {what}. It is there already: {now}", what=told, now=_now(best, desk)
        )
    else:
        headline = say.t("Watching {what}.", what=told)
    known = best or watches.best_now(scope, desk.store, desk.now, stale=True)
    lines = [] if met else [_where_now(known, desk)]
    if kind == "drop" and before is None:
        lines.append(
            say.t("No price of that time is known yet: I compare as soon as there is one.")
        )
    lines.append(say.t("I look after every price refresh and write once when it crosses."))
    return Answer(
        headline=headline,
        lines=(*lines, *unused_line(question._replace(unused=_unused(question)), say)),
        offers=(best.offer,) if best else (),
        follow_ups=(_list(desk), _drop(kept, desk)),
    )  # fmt: skip


def _keep_stock(question: Question, scope: Question, here: Ground, desk: Desk) -> Answer:
    """A watch for stock: told when somebody who tells it has some, at most twice a day."""
    from bot.state.watches import Scope

    say = desk.say
    value, there = watches.stock_now(scope, desk.store, desk.now)
    key = watches.scope_key(scope, "stock", 0)
    met = value == 1.0
    kept = here.state.watches.add(
        Watch(
            id=0,
            place=here.place.id,
            user=desk.asker.user,
            lang=say.lang,
            words=question.text[:200],
            scope=key,
            kind="stock",
            direction="above",
            threshold=watches.IN_STOCK,
            armed=not met,
            fired_at=desk.now if met else None,
            fired_value=value if met else None,
        ),
        Scope(key, watches.to_json(scope), "stock", 0, value),
    )
    what = watches.described(kept, say)
    if there is not None:
        headline = say.t(
            "Watching {what}. It is there already: {now}",
            what=what,
            now=f"{say.provider(there.provider)}, {there.region or say.t('place not stated')}.",
        )
        lines = []
    else:
        headline = say.t("Watching {what}.", what=what)
        lines = [
            say.t("Sold out now, by those who tell.")
            if value == 0.0
            else say.t("Nobody tells this stock now: I write when a feed does and has some.")
        ]
    lines.append(say.t("I look after every refresh and write at most twice a day."))
    return Answer(
        headline=headline,
        lines=(*lines, *unused_line(question._replace(unused=_unused(question)), say)),
        follow_ups=(_list(desk), _drop(kept, desk)),
    )


def _unused(question: Question) -> tuple[str, ...]:
    known = {
        "stock",
        "available",
        "back",
        "drops",
        "drop",
        "falls",
        "fall",
        "rises",
        "remind",
        "still",
        "again",
        "snooze",
    }
    return tuple(word for word in question.unused if word not in known)


def _now(best: Best | None, desk: Desk) -> str:
    if best is None:
        return desk.say.t("nothing on offer.")
    say = desk.say
    return say.t(
        "{price} per GPU-hour at {provider} ({details}), price of {date}.",
        price=say.money(gpu_hour(best.offer)),
        provider=seller(best.offer, say),
        details=brief(best.offer, say),
        date=say.date(best.offer.as_of, desk.now),
    )


def _where_now(best: Best | None, desk: Desk) -> str:
    if best is None:
        return desk.say.t("Nobody offers it right now.")
    return desk.say.t("Now {now}", now=_now(best, desk))


def _which_line(question: Question, best: Best, desk: Desk) -> Answer:
    """Neither a price nor a share was said: three lines worth watching."""
    say = desk.say
    price = gpu_hour(best.offer)
    card = card_name(question.accelerators[0])
    words = [
        order("watch_below", say.lang, card=card, price=say.number(price * share, 2))
        for share in (0.95, 0.9)
    ]
    words.append(order("watch_drops", say.lang, card=card))
    return Answer(
        headline=say.t(
            "Below which price? {what} is at {now}",
            what=subject(question, say) + where(question, say),
            now=_now(best, desk),
        ),
        tone="caution",
        offers=(best.offer,),
        follow_ups=tuple(FollowUp(text, text) for text in words),
    )  # fmt: skip


def _change(question: Question, here: Ground, desk: Desk) -> Answer:
    say = desk.say
    chosen = meant(here.state.watches.of(here.place.id), question)
    if not chosen:
        return none_here(desk)
    numbers = [one.id for one in chosen]
    if question.action == "snooze":
        days = question.days or watches.SNOOZE_DAYS
        until = here.state.now() + timedelta(days=days)
        here.state.watches.change(here.place.id, numbers, snoozed_until=until)
        headline = say.tn(
            "Quiet for {n} day: {what}.",
            "Quiet for {n} days: {what}.",
            days,
            what=_listed(chosen, desk),
        )
    elif question.action == "pause":
        here.state.watches.change(here.place.id, numbers, paused=True)
        headline = say.t("Paused: {what}.", what=_listed(chosen, desk))
    else:
        # A sleep that ends now: the next look at the prices is for these, changed or not.
        here.state.watches.change(
            here.place.id, numbers, paused=False, snoozed_until=here.state.now()
        )
        headline = say.t("Watching again: {what}.", what=_listed(chosen, desk))
    return Answer(headline=headline, follow_ups=(_list(desk),))


def meant(standing: list[Watch], question: Question) -> list[Watch]:
    """The watches a sentence is about: by number, by card and place, else all."""
    numbers = question.numbers
    if numbers:
        return [one for one in standing if one.id in numbers]
    if not question.accelerators:
        return standing
    out = []
    for one in standing:
        about = watches.question_of(one)
        if not set(question.accelerators) & set(about.accelerators):
            continue
        if question.region and question.region != about.region:
            continue
        if question.threshold is not None and question.threshold != one.threshold:
            continue
        out.append(one)
    return out


def _listed(chosen: list[Watch], desk: Desk) -> str:
    told = [watches.described(one, desk.say) for one in chosen[:3]]
    if len(chosen) > 3:
        told.append(desk.say.tn("{n} more", "{n} more", len(chosen) - 3))
    return "; ".join(told)


def none_here(desk: Desk) -> Answer:
    say = desk.say
    example = order("watch_example", say.lang)
    return Answer(
        headline=say.t("No such watch stands here."),
        tone="caution",
        follow_ups=(FollowUp(example, example), _list(desk)),
    )


def _list(desk: Desk) -> FollowUp:
    return FollowUp(desk.say.t("Watches here"), order("watches", desk.say.lang))


def _drop(one: Watch, desk: Desk) -> FollowUp:
    return FollowUp(desk.say.t("Stop"), order("unwatch", desk.say.lang, number=one.id))
