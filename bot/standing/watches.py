"""Watches: what they look at, who is told after a refresh, and in which words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.answers.offers import brief, region_of, subject, subject_of, where
from bot.answers.stock import sightings
from bot.core.answer import Answer, Evidence, Fact, FollowUp
from bot.core.desk import Asker, Desk
from bot.core.phrase import order
from bot.core.question import Question
from bot.core.wording import Wording, wording
from bot.language import locale_of
from bot.state.rows import Delivery, Watch
from knowledge.facts import attribution
from knowledge.market import gpu_hour, select
from knowledge.prices.offer import Best
from knowledge.prices.stock import Sighting
from knowledge.prices.store import Store

if TYPE_CHECKING:
    from bot.state import State
    from bot.state.watches import Scope, Seen

ANY_PRICE = 1e9
"""Threshold of a watch for anything at all, above every price there is."""
SNOOZE_DAYS = 7
PERIOD_DAYS = 7
TOGETHER = 100
"""Changed sets of offers that one transaction tells of."""

# What distinguishes the offers that a watch looks at; everything else of a question is about it.
_LOOKS_AT = (
    "accelerators", "memory_gb", "form_factor", "count", "region", "regions", "exclude_regions",
    "billing", "providers", "exclude_providers", "tier", "exclude_tiers",
)  # fmt: skip
_DEFAULT = Question("watch")


def scope_question(question: Question) -> Question:
    """The question cut down to the offers it looks at; on demand unless stated."""
    kept: dict[str, Any] = {name: getattr(question, name) for name in _LOOKS_AT}
    kept["billing"] = question.billing or "on-demand"
    return _DEFAULT._replace(**kept)


def scope_key(question: Question, kind: str, days: int) -> str:
    """One text per set of offers, so that watches on the same set share one look at them."""
    parts = [kind if kind != "offer" else "price", str(days)]
    for name in _LOOKS_AT:
        value = getattr(question, name)
        parts.append("" if value in (None, ()) else json.dumps(value))
    return "|".join(parts)


def to_json(question: Question) -> str:
    """The fields that differ from their defaults."""
    return json.dumps(
        {
            name: value
            for name, value in question._asdict().items()
            if name in _LOOKS_AT and value != getattr(_DEFAULT, name)
        },
        sort_keys=True,
    )


def from_json(text: str, intent: str = "watch") -> Question:
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in json.loads(text).items()
        if name in Question._fields
    }
    return Question(intent, **fields)


def best_now(
    question: Question, store: Store, now: datetime, *, stale: bool = False
) -> Best | None:
    """The cheapest complete public offer, fresh unless `stale` ones count too; marketplaces only
    when asked for."""
    desk = Desk(store=store, now=now, say=wording("en"), asker=Asker(may_see_contracts=False))
    rows = select(store, subject_of(question, desk), now).rows
    complete = [best for best in rows if best.offer.host_included and (stale or not best.stale)]
    if question.count:
        complete = [best for best in complete if best.offer.count == question.count]
    return min(complete, key=lambda best: gpu_hour(best.offer), default=None)


def price_before(
    question: Question, key: str, days: int, store: Store, state: State, now: datetime
) -> float | None:
    """The lowest price `days` ago: our own record of these offers, else the stored history."""
    day = now.date() - timedelta(days=days)
    noted = state.watches.prices_on(day.isoformat(), [key])
    return noted[key] if key in noted else _recorded_before(question, day, store)


def _recorded_before(question: Question, day: date, store: Store) -> float | None:
    if question.region or question.regions or question.exclude_regions:
        return None  # history knows no regions
    found = store.history(
        question.accelerators,
        question.memory_gb,
        question.billing or "on-demand",
        question.providers or _not_marketplaces(),
        day,
        day,
    )
    return found[-1].price_usd_per_gpu_hour if found else None


def _not_marketplaces() -> tuple[str, ...]:
    from knowledge.facts.providers import all_providers

    return tuple(one.id for one in all_providers() if one.tier != "marketplace")


def evaluate(
    state: State, store: Store, now: datetime, only: Iterable[str] = (), *, version: int = 0
) -> int:
    """Looks at every scope once and tells who waited; counts the messages.

    Asked of the database: one list of scopes, and one transaction for every hundred whose price
    changed, in which each is one range of an index. `only` names scopes to look at whether changed or not. `version` is the
    published price store that `store` holds: one that lags behind is not listened to.
    """
    from bot.state.watches import Seen

    forced = set(only)
    scopes = [one for one in state.watches.scopes() if not forced or one.key in forced]
    before = _prices_before([one for one in scopes if one.kind == "drop"], state, now)
    looks: list[Seen] = []
    today: dict[str, float] = {}
    for scope in scopes:
        question = from_json(scope.question)
        if scope.kind == "stock":
            looks += _stock_look(scope, question, store, now, version)
            continue
        best = best_now(question, store, now)
        price = value = gpu_hour(best.offer) if best else None
        then = None
        if scope.kind == "drop":
            if price is None:
                continue
            today[scope.key] = price
            day = now.date() - timedelta(days=scope.days)
            then = before.get(scope.key) or _recorded_before(question, day, store)
            if not then:
                continue  # nothing to compare with yet
            value = price / then
        if value == scope.value and scope.key not in forced:
            continue
        payload = _payload(scope.question, best, scope.price, scope.since, then, scope.days)
        looks.append(Seen(scope.key, value, price, version, payload))
    state.watches.note_days(now.date().isoformat(), today)
    return sum(
        state.watches.fire(looks[start : start + TOGETHER])
        for start in range(0, len(looks), TOGETHER)
    )


IN_STOCK = 0.5
"""Between sold out (0) and in stock (1): what a watch for stock waits to be crossed."""


def stock_now(
    question: Question, store: Store, now: datetime
) -> tuple[float | None, Sighting | None]:
    """1 with who says so when it is in stock, 0 when everybody who tells has sold out, None when
    nobody tells: unknown arms and tells nothing."""
    desk = Desk(store=store, now=now, say=wording("en"), asker=Asker(may_see_contracts=False))
    held = [one for one in sightings(question, desk) if one.is_held(now)]
    there = next((one for one in held if one.in_stock), None)
    return (1.0 if there else 0.0 if held else None), there


def _stock_look(
    scope: Scope, question: Question, store: Store, now: datetime, version: int
) -> list[Seen]:
    """Looked at also when nothing changed: a message held back by the pause is due later."""
    from bot.state.watches import Seen

    value, there = stock_now(question, store, now)
    if value is None:
        return []
    payload: dict[str, Any] = {"question": scope.question}
    if there is not None:
        seen = there._asdict() | {"since": there.since.isoformat(), "seen": there.seen.isoformat()}
        payload["stock"] = seen
    return [Seen(scope.key, value, None, version, payload)]


def wake(state: State, store: Store, now: datetime, *, version: int) -> int:
    """Looks for watches whose snooze is over, and only then calls them awake: who is stopped in
    between looks again. Counts the messages."""
    awake = state.watches.snoozes_over(now, version)
    if not awake:
        return 0
    fired = evaluate(state, store, now, awake, version=version)
    state.watches.end_snoozes(now, version)
    return fired


def _prices_before(scopes: Sequence[Scope], state: State, now: datetime) -> dict[str, float]:
    """What our own record holds of the days that drops are measured from."""
    found: dict[str, float] = {}
    for days in {one.days for one in scopes}:
        day = now.date() - timedelta(days=days)
        keys = [one.key for one in scopes if one.days == days]
        for start in range(0, len(keys), 1000):
            found |= state.watches.prices_on(day.isoformat(), keys[start : start + 1000])
    return found


def _payload(
    question: str,
    best: Best | None,
    was: float | None,
    since: datetime | None,
    before: float | None,
    days: int,
) -> dict[str, Any]:
    """What a message will say, kept with the delivery: prices may move before it is sent."""
    out: dict[str, Any] = {
        "question": question,
        "was": was,
        "since": since.isoformat() if since else None,
        "before": before,
        "days": days,
    }
    if best is not None:
        row = best.offer._asdict()
        for name in ("as_of", "fetched_at", "fresh_until"):
            row[name] = row[name].isoformat()
        out["offer"] = row
    return out


# -- words -------------------------------------------------------------------------------------


def message(delivery: Delivery, now: datetime) -> Answer:
    """What a fired watch says: what crossed, from whom, since when, with the offer's link."""
    from knowledge.prices.offer import Offer

    payload = delivery.payload
    lang = payload.get("lang") or delivery.place.lang or "en"
    say = wording(lang, locale_of(lang, zone=delivery.place.tz))
    question = from_json(payload["question"])
    if payload["kind"] == "stock":
        return _stock_message(payload, question, say, now)
    row = dict(payload["offer"])
    for name in ("as_of", "fetched_at", "fresh_until"):
        row[name] = datetime.fromisoformat(row[name])
    offer = Offer(**row)
    number = payload["watch"]
    price = gpu_hour(offer)
    headline = _crossed(payload, question, price, say)
    headline += " " + say.t(
        "{provider}, {details}.",
        provider=say.provider(offer.provider),
        details=brief(offer, say) or region_of(offer, say),
    )
    lines = []
    if payload.get("was") and payload["kind"] != "drop":
        since = payload.get("since")
        lines.append(
            say.t(
                "Was {price} since {date}.",
                price=say.money(payload["was"]),
                date=say.date(datetime.fromisoformat(since), now),
            )
            if since
            else say.t("Was {price}.", price=say.money(payload["was"]))
        )
    return Answer(
        headline=headline,
        lang=say.lang,
        lines=tuple(lines),
        facts=(
            Fact(
                say.t("Offer"),
                f"{say.provider(offer.provider)} {offer.instance_type}".strip(),
                offer.source_url,
            ),
            Fact(say.t("Seen"), say.date(offer.as_of, now)),
        ),
        evidence=(
            Evidence(
                attribution.publisher(offer.source_url, offer.source),
                offer.source_url,
                offer.as_of,
                offer.as_of,
                offer.fetched_at,
            ),
        ),
        follow_ups=_orders(number, say),
        offers=(offer,),
        now=now,
    )


def _orders(number: int, say: Wording) -> tuple[FollowUp, ...]:
    return (
        FollowUp(say.t("Snooze 7 d"), order("watch_snooze", say.lang, number=number)),
        FollowUp(say.t("Stop"), order("unwatch", say.lang, number=number)),
    )


def _stock_message(
    payload: Mapping[str, Any], question: Question, say: Wording, now: datetime
) -> Answer:
    """Who says that it is in stock, where, since when it was seen so."""
    row = dict(payload["stock"])
    for name in ("since", "seen"):
        row[name] = datetime.fromisoformat(row[name])
    there = Sighting(**row)
    number = payload["watch"]
    return Answer(
        headline=say.t(
            "{what} is in stock: {provider} ({place}, seen {age}).",
            what=subject(question, say) + where(question, say),
            provider=say.provider(there.provider),
            place=there.region or say.t("place not stated"),
            age=say.age(there.seen, now),
        ),
        lang=say.lang,
        lines=(say.t("Stock moves within minutes: order now, or ask to have it held."),),
        facts=(Fact(say.t("Machine"), there.instance_type, there.source_url),),
        evidence=(
            Evidence(
                attribution.publisher(there.source_url, there.source),
                there.source_url,
                there.seen,
                there.seen,
                there.seen,
            ),
        ),
        follow_ups=_orders(number, say),
        now=now,
    )


def _crossed(payload: Mapping[str, Any], question: Question, price: float, say: Wording) -> str:
    what = subject(question, say) + where(question, say)
    money = say.money(price)
    if payload["kind"] == "offer":
        return say.t("{what} is on offer: {price} per GPU-hour.", what=what, price=money)
    if payload["kind"] == "drop":
        before = float(payload["before"])
        change = say.percent(abs(price / before - 1))
        days = say.tn("{n} day", "{n} days", int(payload["days"]))
        if payload["direction"] == "above":
            return say.t(
                "{what} rose {change} in {days}: from {before} to {price} per GPU-hour.",
                what=what, change=change, days=days, before=say.money(before), price=money,
            )  # fmt: skip
        return say.t(
            "{what} fell {change} in {days}: from {before} to {price} per GPU-hour.",
            what=what, change=change, days=days, before=say.money(before), price=money,
        )  # fmt: skip
    line = say.money(payload["threshold"])
    if payload.get("still"):
        if payload["direction"] == "above":
            return say.t(
                "{what} is still above {line}: {price} per GPU-hour.",
                what=what, line=line, price=money,
            )  # fmt: skip
        return say.t(
            "{what} is still below {line}: {price} per GPU-hour.",
            what=what, line=line, price=money,
        )  # fmt: skip
    if payload["direction"] == "above":
        return say.t(
            "{what} rose above {line}: {price} per GPU-hour.", what=what, line=line, price=money
        )
    return say.t(
        "{what} fell below {line}: {price} per GPU-hour.", what=what, line=line, price=money
    )


def crossed(watch: Watch, price: float) -> bool:
    """Whether this price is on the side that the watch waits for."""
    return price < watch.threshold if watch.direction == "below" else price > watch.threshold


def remind(state: State, store: Store, now: datetime) -> int:
    """ "Still below" for watches that asked for it, a week after they fired."""
    count = 0
    for watch in state.watches.to_remind():
        scope = state.watches.scope(watch.scope)
        best = best_now(from_json(scope.question), store, now) if scope else None
        payload = None
        if (
            scope
            and best
            and watch.kind not in ("drop", "stock")
            and crossed(watch, gpu_hour(best.offer))
        ):
            payload = _payload(scope.question, best, None, None, None, scope.days) | {
                "watch": watch.id, "lang": watch.lang, "words": watch.words, "kind": watch.kind,
                "direction": watch.direction, "threshold": watch.threshold, "still": True,
            }  # fmt: skip
        count += state.watches.remind(watch, payload) and payload is not None
    return count


def described(watch: Watch, say: Wording) -> str:
    """A watch in a line: "H100 in Europe below $2.00, on demand"."""
    parts = watch.scope.split("|", 2)
    question = question_of(watch)
    what = subject(question, say) + where(question, say)
    billing = say.billing(question.billing or "on-demand")
    if watch.kind == "offer":
        return say.t("{what}, any offer, {billing}", what=what, billing=billing)
    if watch.kind == "stock":
        return say.t("{what} in stock", what=what)
    if watch.kind == "drop":
        share = say.percent(abs(watch.threshold - 1))
        days = say.tn("{n} day", "{n} days", int(parts[1]))
        if watch.direction == "above":
            return say.t(
                "{what} up {share} in {days}, {billing}",
                what=what, share=share, days=days, billing=billing,
            )  # fmt: skip
        return say.t(
            "{what} down {share} in {days}, {billing}",
            what=what, share=share, days=days, billing=billing,
        )  # fmt: skip
    line = say.money(watch.threshold)
    if watch.direction == "above":
        return say.t("{what} above {line}, {billing}", what=what, line=line, billing=billing)
    return say.t("{what} below {line}, {billing}", what=what, line=line, billing=billing)


def question_of(watch: Watch) -> Question:
    """The offers a watch looks at, read back from its scope's key."""
    values = watch.scope.split("|")[2:]
    fields: dict[str, Any] = {}
    for name, text in zip(_LOOKS_AT, values, strict=True):
        if text:
            value = json.loads(text)
            fields[name] = tuple(value) if isinstance(value, list) else value
    return Question("watch", **fields)
