"""Sets of accelerators that hold a need, each with its cheapest current machines."""

from __future__ import annotations

from typing import NamedTuple

from bot.desk import Desk
from bot.question import Question
from bot.wording import Wording
from knowledge import sizing
from knowledge.accelerators import Accelerator, specification
from knowledge.offer import Offer, OfferFilter
from knowledge.sizing import Fit, Need

# Cards a buyer can rent in several places, small to large.
CANDIDATES = (
    ("T4", 16), ("L4", 24), ("A10G", 24), ("RTX4090", 24), ("RTX5090", 32), ("A100", 40),
    ("A6000", 48), ("L40S", 48), ("RTX6000Ada", 48), ("A100", 80), ("H100", 80),
    ("RTXPRO6000", 96), ("H200", 141), ("B200", 180), ("MI300X", 192), ("B300", 270),
)  # fmt: skip
MONTH = 730
SIZES = (1, 2, 4, 8)


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
    found = []
    for card in cards(question):
        fit = sizing.smallest(need, card)
        if fit is None:
            continue
        if fit not in known:
            known[fit] = priced(fit, question, desk)
        found.append(known[fit])
    found.sort(key=lambda one: (one.usd_per_hour, one.fit.count))
    return found


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


def priced(fit: Fit, question: Question, desk: Desk) -> Priced:
    """The cheapest machine that holds the set whole; beyond 8 cards, nodes of 8."""
    machines = max(1, fit.count // sizing.NODE)
    wanted = OfferFilter(
        accelerators=(fit.card.canonical,),
        memory_gb=fit.card.memory_gb,
        form_factor=question.form_factor,
        billing="on-demand",
        exclude_tiers=("marketplace",),
        providers=question.providers,
        exclude_providers=question.exclude_providers,
    )
    sizes = [count for count in SIZES if count >= min(fit.count, sizing.NODE)]
    # An old price leads only where no fresh one is known.
    best = desk.store.machine(wanted._replace(fresh_at=desk.now), sizes) or desk.store.machine(
        wanted, sizes
    )
    return Priced(fit, best, machines)
