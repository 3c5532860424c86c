"""Sets of accelerators that hold a need, each with its cheapest current machines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from bot.answers.offers import billing_asked, offer_filter, wants_marketplaces
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge import market
from knowledge.facts.accelerators import Accelerator, specification, table
from knowledge.prices.offer import Offer, OfferFilter
from knowledge.prices.store import Machine
from knowledge.sizing import model_memory
from knowledge.sizing.model_memory import Fit, Need

OLDEST_YEAR = 2017
"""Default: cards launched before it run no current model well."""


@cache
def candidates() -> tuple[Accelerator, ...]:
    """Every card one may rent to hold a model, each memory size once, small to large."""
    sizes = {
        (card.canonical, card.memory_gb): card
        for card in table()
        if card.kind == "gpu"
        and card.memory_gb
        and (card.launch_year or OLDEST_YEAR) >= OLDEST_YEAR
        and "announced" not in card.name.lower()
    }
    found = (specification(*key) for key in sizes)
    return tuple(sorted(filter(None, found), key=lambda card: card.memory_gb or 0))


SIZES = (1, 2, 4, 8)
ANY_MACHINE = OfferFilter(billing="on-demand", exclude_tiers=("marketplace",))
"""What a set may be rented from unless the question says more."""


class Priced(NamedTuple):
    """A set and its cheapest current machine, if any is offered."""

    fit: Fit
    offer: Offer | None
    machines: int

    @property
    def usd_per_hour(self) -> float:
        return self.offer.price_usd_per_hour * self.machines if self.offer else float("inf")

    @property
    def priced_card(self) -> Accelerator:
        """The card in the form that is priced: PCIe is slower than SXM."""
        card = self.fit.card
        form = self.offer.form_factor if self.offer else None
        return specification(card.canonical, card.memory_gb, form) or card

    def name(self, say: Wording) -> str:
        """ "2x A100 80 GB"."""
        card = self.fit.card
        return f"{self.fit.count}x {say.card(card.canonical, card.memory_gb)}"


def priced_sets(
    need: Need | float,
    question: Question,
    desk: Desk,
    seen: dict[Fit, Priced] | None = None,
) -> list[Priced]:
    """The smallest set of every card that could hold the need, cheapest first.

    `seen` keeps what was looked up, for whoever asks of several needs in one answer.
    """
    known = {} if seen is None else seen
    fits = [fit for card in cards(question) if (fit := model_memory.smallest(need, card))]
    known |= priced([fit for fit in fits if fit not in known], question, desk)
    return sorted((known[fit] for fit in fits), key=lambda one: (one.usd_per_hour, one.fit.count))


def cards(question: Question) -> list[Accelerator]:
    """The named cards, or those worth looking at."""
    if question.accelerators:
        found = [
            specification(name, question.memory_gb, question.form_factor)
            for name in question.accelerators
        ]
    else:
        found = [card for card in candidates() if question.memory_gb in (None, card.memory_gb)]
    return [card for card in found if card is not None]


def priced(fits: Sequence[Fit], question: Question, desk: Desk) -> dict[Fit, Priced]:
    """Each set with the cheapest machine that holds it whole; beyond 8 cards, nodes of 8."""
    wanted = offer_filter(question, desk)._replace(
        accelerators=(),
        memory_gb=None,
        count=None,
        billing=billing_asked(question),  # type: ignore[arg-type]
        exclude_billing=(),
    )
    if not wants_marketplaces(question):
        wanted = wanted._replace(exclude_tiers=("marketplace", *wanted.exclude_tiers))
    found = machines(fits, wanted, desk)
    return {
        fit: Priced(fit, found.get(fit), max(1, fit.count // model_memory.NODE)) for fit in fits
    }


def machines(fits: Sequence[Fit], wanted: OfferFilter, desk: Desk) -> dict[Fit, Offer]:
    """The machine that holds each set and costs least whole, where one is offered."""
    found = market.machines(desk.store, [_sizes(fit) for fit in fits], wanted, desk.now)
    return {fits[place]: offer for place, offer in found.items()}


def _sizes(fit: Fit) -> list[Machine]:
    """The machines that hold the set whole, or one node of it."""
    return [
        (fit.card.canonical, fit.card.memory_gb, count)
        for count in SIZES
        if count >= min(fit.count, model_memory.NODE)
    ]
