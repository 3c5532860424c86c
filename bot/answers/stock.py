"""Stock in answers: whether it is asked for, and how a feed's word of it is said."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answers.offers import offer_filter
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.prices import stock
from knowledge.prices.offer import Offer, OfferFilter
from knowledge.prices.stock import Share, Sighting

NODE = 8
"""The largest machine that most sellers have; more cards than that are several machines."""

_ASKED = re.compile(
    r"\b(?:in stock|available|availability|right now|sold out|capacity|lead time"
    r"|em estoque|dispon[ií]ve(?:l|is)|disponibilidade|agora|esgotad[ao]s?"
    r"|en existencias?|en stock|disponibles?|disponibilidad|ahora|agotad[ao]s?)\b",
    re.IGNORECASE,
)
_AWAITED = re.compile(
    r"\b(?:in stock|available|availability|back"
    r"|em estoque|dispon[ií]ve(?:l|is)|volta(?:r|rem)?"
    r"|en existencias?|en stock|disponibles?|vuelva[ns]?)\b",
    re.IGNORECASE,
)


def is_asked(question: Question) -> bool:
    """Whether the words ask what can be had now, whatever else they ask."""
    return question.intent == "availability" or bool(_ASKED.search(question.text))


def is_awaited(question: Question) -> bool:
    """Whether a watch waits for stock, and not for a price."""
    waits = question.threshold is None and question.amount is None and not question.percent
    return waits and bool(_AWAITED.search(question.text))


def machine_size(question: Question) -> int | None:
    """GPUs that one machine must hold: all of them up to a whole node, then nodes."""
    if question.count is None:
        return None
    return min(question.count, NODE)


def wanted(question: Question, desk: Desk, *, any_size: bool = False) -> OfferFilter:
    """What is meant of the sightings; reserved capacity is nobody's stock."""
    size = None if any_size else machine_size(question)
    return offer_filter(question, desk)._replace(
        count=size, exclude_billing=("reserved",), max_price_usd_per_gpu_hour=None
    )


def sightings(question: Question, desk: Desk, *, any_size: bool = False) -> list[Sighting]:
    found = stock.latest(desk.store, wanted(question, desk, any_size=any_size), desk.now)
    tier = question.tier
    if tier or question.exclude_tiers:
        from knowledge.facts.providers import tier_of

        found = [
            one
            for one in found
            if (not tier or tier_of(one.provider) == tier)
            and tier_of(one.provider) not in question.exclude_tiers
        ]
    return found


def shares(question: Question, desk: Desk) -> dict[str, Share]:
    return stock.shares(desk.store, wanted(question, desk), desk.now)


def state_words(one: Sighting, desk: Desk) -> str:
    """ "in stock", "few left", "sold out", with the count where the feed counts."""
    say = desk.say
    if not one.is_held(desk.now):
        return say.t("not known now")
    words = {
        "available": say.t("in stock"),
        "scarce": say.t("few left"),
        "sold_out": say.t("sold out"),
    }[one.state]
    if one.in_stock and one.units:
        words += f" ({one.units}{'+' if one.at_least else ''})"
    return words


class Told:
    """What is told of the stock of offers in a ranking."""

    def __init__(self, question: Question, desk: Desk) -> None:
        self._desk = desk
        self._held = [
            one for one in sightings(question, desk, any_size=True) if one.is_held(desk.now)
        ]

    def of(self, offer: Offer) -> Sighting | None:
        """The word on this seller's machine of this size, in stock first."""
        return next((one for one in self._held if _means(one, offer)), None)

    def cell(self, offer: Offer) -> str:
        known = self.of(offer)
        if known is None:
            return self._desk.say.t("not told")
        return f"{state_words(known, self._desk)}, {self._desk.say.age(known.seen, self._desk.now)}"


def _means(one: Sighting, offer: Offer) -> bool:
    """The same machine; an offer for any region is meant by a word from one."""
    same = (one.provider, one.accelerator, one.memory_gb, one.count, one.billing) == (
        offer.provider, offer.accelerator, offer.memory_gb, offer.count, offer.billing,
    )  # fmt: skip
    form = None in (one.form_factor, offer.form_factor) or one.form_factor == offer.form_factor
    anywhere = offer.region in (None, "global") or not one.region
    return same and form and (anywhere or one.region == offer.region)


def share_line(shares: Sequence[Share], days: int, say: Wording) -> list[str]:
    """ "Seen in stock 31% of the observed hours of 30 days: Lambda (120 checks)"."""
    known = [(one, one.share) for one in shares]
    parts = [
        say.t(
            "{provider} {percent} ({checks})",
            provider=say.provider(one.provider),
            percent=say.percent(share),
            checks=say.tn("{n} check", "{n} checks", one.checks),
        )
        for one, share in known
        if share is not None
    ]
    if not parts:
        return []
    return [
        say.t(
            "Seen in stock, of the hours observed in {days} days: {parts}.",
            days=say.number(days),
            parts=say.listing(parts),
        )
    ]
