"""What a delivery says when its turn has come."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from bot.core.answer import Answer
from bot.core.desk import Asker, Desk
from bot.core.wording import wording
from bot.language import Lang, lang_of, locale_of
from bot.standing import deal_market, deals, digests, watches
from bot.standing.reasons import in_words
from bot.state import State
from bot.state.rows import Delivery, Subscription
from bot.state.schedule import zone
from knowledge.prices.store import Store


def of(delivery: Delivery, state: State, store: Store) -> Answer | None:
    """The Answer to post; None when its digest or watch was stopped in the meantime."""
    if delivery.kind == "digest":
        if "words" in delivery.payload:
            return _asked_for(delivery, store)
        if delivery.subscription is None or delivery.subscription.paused:
            return None
        answer = digest(delivery.subscription, store, delivery.at)
        answer = deal_market.told(answer, delivery, state, store)
        return _delayed(answer, delivery) if delivery.delayed else answer
    if delivery.kind == "watch":
        known = state.watches.get(int(delivery.payload["watch"]))
        return None if known is None else watches.message(delivery, delivery.at)
    if delivery.kind == deals.KIND:
        return deals.message(delivery, state)
    return _note(delivery)


def digest(subscription: Subscription, store: Store, now: datetime) -> Answer:
    """The digest of a subscription. A thousand places that ask the same are answered once."""
    lang = subscription.lang
    made = _content(
        store,
        store.version(),
        subscription.words,
        lang,
        subscription.rule.tz,
        subscription.rule.every,
        now.replace(second=0, microsecond=0),
    )
    words = json.loads(subscription.words)
    return made._replace(follow_ups=digests.buttons(words, lang, subscription.id))


@lru_cache(maxsize=64)
def _content(
    store: Store, _version: int, words: str, lang: Lang, tz: str, every: str, minute: datetime
) -> Answer:
    asker = Asker("standing", lang=lang, tz=tz, may_see_contracts=False)
    desk = Desk(store=store, now=minute, say=wording(lang, locale_of(lang, zone=tz)), asker=asker)
    question = watches.from_json(words, "digest")._replace(lang=lang, every=every)
    return digests.answer(question, desk)


def _asked_for(delivery: Delivery, store: Store) -> Answer:
    """A digest that nobody subscribed to: an operator sends it by hand."""
    payload, place = delivery.payload, delivery.place
    lang = lang_of(payload.get("lang", place.lang)) or "en"
    minute = delivery.at.replace(second=0, microsecond=0)
    tz, every = place.tz or "UTC", str(payload.get("every") or "weekly")
    made = _content(store, store.version(), payload["words"], lang, tz, every, minute)
    buttons = digests.buttons(json.loads(payload["words"]), lang, None)
    return made._replace(follow_ups=buttons)


def _delayed(answer: Answer, delivery: Delivery) -> Answer:
    """A digest that comes late says so, and from when it is."""
    subscription = delivery.subscription
    say = wording(answer.lang, answer.locale)
    tz = zone(subscription.rule.tz if subscription else "UTC")
    line = say.t("Delayed: it was due {time}.", time=say.time(delivery.due, tz))
    return answer._replace(lines=(line, *answer.lines))


def tell_owner(state: State, delivery: Delivery, reason: str) -> bool:
    """One note to whoever placed the order; False when we cannot write to them."""
    user = delivery.subscription.user if delivery.subscription else None
    if delivery.kind == "watch":
        known = state.watches.get(int(delivery.payload["watch"]))
        user = known.user if known else None
    own = state.places.own(user)
    if own is None or own.id == delivery.place.id:
        return False
    lang = own.lang or (delivery.subscription.lang if delivery.subscription else None) or "en"
    state.deliveries.add(
        # One note per place, whichever of its orders found out.
        f"note-{sha256(delivery.place.id.encode()).hexdigest()[:16]}",
        own.id,
        "note",
        {
            "place": delivery.place.id,
            "kind": delivery.kind,
            "reason": reason,
            "lang": lang,
            "channel": delivery.place.channel,
            "name": str(delivery.place.conversation.get("name") or ""),
        },
    )
    return True


def _note(delivery: Delivery) -> Answer:
    say = wording(delivery.payload.get("lang") or "en")
    payload = delivery.payload
    # Slack shows a channel's name where its id stands; what has neither name nor id is a conversation.
    where = payload.get("name") or payload.get("channel") or payload["place"].split(":")[-1]
    if "@" in where:
        where = say.t("a conversation of ours")
    if delivery.payload["kind"] == "digest":
        headline = say.t("I can no longer post the digest you set up in {place}.", place=where)
    else:
        headline = say.t("I can no longer post the watch you set up in {place}.", place=where)
    return Answer(
        headline=headline,
        lang=say.lang,
        tone="caution",
        lines=(
            say.t("The reason: {reason}.", reason=in_words(payload["reason"], say)),
            say.t("It goes on when I am added there again; nothing is tried until then."),
        ),
    )
