"""Sets of accelerators that hold a need, each with its cheapest current machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.desk import Desk
from bot.question import Question
from bot.wording import Wording
from knowledge import sizing
from knowledge.accelerators import Accelerator, specification
from knowledge.offer import Offer, OfferFilter
from knowledge.sizing import Fit, Need
from knowledge.store import Machine

# Cards a buyer can rent in several places, small to large.
CANDIDATES = (
    ("T4", 16), ("L4", 24), ("A10G", 24), ("RTX4090", 24), ("RTX5090", 32), ("A100", 40),
    ("A6000", 48), ("L40S", 48), ("RTX6000Ada", 48), ("A100", 80), ("H100", 80),
    ("RTXPRO6000", 96), ("H200", 141), ("B200", 180), ("MI300X", 192), ("B300", 270),
)  # fmt: skip
MONTH = 730
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
    fits = [fit for card in cards(question) if (fit := sizing.smallest(need, card))]
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
        found = [
            specification(name, memory)
            for name, memory in CANDIDATES
            if question.memory_gb is None or memory == question.memory_gb
        ]
    return [card for card in found if card is not None]


def priced(fits: Sequence[Fit], question: Question, desk: Desk) -> dict[Fit, Priced]:
    """Each set with the cheapest machine that holds it whole; beyond 8 cards, nodes of 8."""
    wanted = ANY_MACHINE._replace(
        form_factor=question.form_factor,
        providers=question.providers,
        exclude_providers=question.exclude_providers,
    )
    found = machines(fits, wanted, desk)
    return {fit: Priced(fit, found.get(fit), max(1, fit.count // sizing.NODE)) for fit in fits}


def machines(fits: Sequence[Fit], wanted: OfferFilter, desk: Desk) -> dict[Fit, Offer]:
    """The machine that holds each set and costs least whole, where one is offered.

    An old price leads only where no fresh one is known.
    """
    found: dict[Fit, Offer] = {}
    for having in (wanted._replace(fresh_at=desk.now), wanted):
        missing = [fit for fit in fits if fit not in found]
        offered = desk.store.machines(having, [_sizes(fit) for fit in missing])
        found |= {missing[place]: offer for place, offer in offered.items()}
    return found


def _sizes(fit: Fit) -> list[Machine]:
    """The machines that hold the set whole, or one node of it."""
    return [
        (fit.card.canonical, fit.card.memory_gb, count)
        for count in SIZES
        if count >= min(fit.count, sizing.NODE)
    ]
