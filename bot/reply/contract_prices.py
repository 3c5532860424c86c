"""Negotiated prices in an answer: until when each holds, and what its workspace noted with it."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.answer import Fact
from bot.core.desk import Desk
from knowledge.prices.offer import Offer

MOST = 3


def contract_facts(offers: Iterable[Offer], desk: Desk) -> tuple[Fact, ...]:
    """A line for each contract among the offers shown, the best first."""
    say = desk.say
    facts: dict[tuple[str, str | None, str], Fact] = {}
    for offer in offers:
        if not offer.owner:
            continue
        day = say.date(offer.fresh_until)
        holds = (
            say.t("ran out on {date}", date=day)
            if offer.is_stale(desk.now)
            else say.t("good until {date}", date=day)
        )
        label = say.t("Your contract with {provider}", provider=say.provider(offer.provider))
        facts.setdefault(
            (offer.provider, offer.note, holds),
            Fact(label, f"{holds}; {offer.note}" if offer.note else holds, offer.source_url),
        )
    return tuple(facts.values())[:MOST]
