"""What recommendations take from the store: like offers, each provider once."""

from __future__ import annotations

from collections.abc import Iterable

from bot.answers.offers import brief, subject_of
from bot.core.answer import Fact
from bot.core.desk import Desk
from bot.core.question import Question
from knowledge.facts.providers import tier_of
from knowledge.market import gpu_hour, host, select
from knowledge.prices.offer import Best, Offer

USUAL_CARD = "H100"
"""The card a general question is answered with, and said so."""


def card_asked(question: Question) -> str:
    return question.accelerators[0] if question.accelerators else USUAL_CARD


def card_assumed(question: Question, desk: Desk) -> tuple[str, ...]:
    """Says which card the figures are of when the question names none."""
    if question.accelerators:
        return ()
    return (desk.say.t("Figures are for {card}, our default: name another.", card=USUAL_CARD),)


def every_variant(question: Question, desk: Desk, billing: str = "on-demand") -> list[Best]:
    """Each provider's best complete offer of each variant, size and term of the card that is asked
    about, whoever sells it, in the market's order; marketplaces left out."""
    asked = question if question.accelerators else question._replace(accelerators=(USUAL_CARD,))
    subject = subject_of(
        asked._replace(
            billing=billing,
            exclude_billing=(),
            providers=(),
            tier=None,
            exclude_tiers=("marketplace",),
            max_price=None,
            hours=None,
            count=None,
            compliance=(),
        ),
        desk,
    )
    rows = select(desk.store, subject, desk.now).rows
    return [best for best in rows if best.offer.host_included]


def cheapest_cpu(desk: Desk, vcpus: int) -> Best | None:
    """The cheapest machine without accelerator that has at least so many vCPUs."""
    found = host(desk.store, vcpus, desk.now)
    return bests([found], desk)[0] if found else None


def bests(offers: Iterable[Offer], desk: Desk) -> list[Best]:
    """Offers as the rules take them, each for itself."""
    return [Best(one, 1, tier_of(one.provider), one.is_stale(desk.now)) for one in offers]


def priced(label: str, offer: Offer, desk: Desk) -> Fact:
    """A row of evidence: the price, whose it is, and of which day."""
    say = desk.say
    detail = ", ".join(
        filter(None, (say.provider(offer.provider), brief(offer, say), say.date(offer.as_of)))
    )
    return Fact(label, f"{say.money(gpu_hour(offer))} ({detail})", offer.source_url)
