"""The offers a set of cards can be rented by: the one place where sums meet the market."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.answers.offers import billing_asked, offer_filter, seller, subject_of, wants_marketplaces
from bot.answers.sets import machines
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.accelerators import Accelerator
from knowledge.market import gpu_hour, holding, select
from knowledge.market.sets import age_of
from knowledge.prices.offer import Offer
from knowledge.sizing import model_memory
from knowledge.sizing.model_memory import Fit

# Cards that are rented in several places, small to large.
CANDIDATES = (
    ("T4", 16), ("L4", 24), ("A10G", 24), ("RTX4090", 24), ("RTX5090", 32), ("A100", 40),
    ("A6000", 48), ("L40S", 48), ("RTX6000Ada", 48), ("A100", 80), ("H100", 80),
    ("RTXPRO6000", 96), ("H200", 141), ("B200", 180), ("MI300X", 192), ("B300", 270),
)  # fmt: skip


class Rented(NamedTuple):
    """Machines of one offer that hold a set whole."""

    offer: Offer
    machines: int
    usd_per_hour: float
    stale: bool
    by_the_card: bool = False
    """The seller states a price of one card only: the sum takes so many of it."""
    age: int = 0
    """0 for prices near the newest that are known; older ones rank after them."""

    @property
    def rank(self) -> tuple[bool, int]:
        return self.stale, self.age

    def replicas(self, count: int) -> int:
        """How many sets of `count` cards the machines hold: what is paid is used."""
        return 1 if self.by_the_card else max(1, self.machines * self.offer.count // count)


def at_providers(
    card: Accelerator, count: int, question: Question, desk: Desk, most: int
) -> list[Rented]:
    """Each provider's best machines for so many cards, as the market room ranks them; where they
    are sold only in machines of twice as many or more, also those who state a price of one card."""
    wanted = question._replace(accelerators=(card.canonical,), memory_gb=card.memory_gb, count=count, hours=None)  # fmt: skip
    asked = subject_of(wanted, desk)
    found = select(desk.store, asked, desk.now)
    held = holding(found.rows or found.markets, count, interconnect=asked.interconnect)
    whole = [
        Rented(plan.offer, plan.machines, plan.usd_per_hour, plan.stale, age=plan.best.age)
        for plan in held.plans
    ][:most]
    if count > model_memory.NODE or any(one.replicas(count) == 1 for one in whole):
        return whole  # single cards make no cluster
    return whole + [
        Rented(
            best.offer,
            count,
            gpu_hour(best.offer) * count,
            best.stale,
            by_the_card=True,
            age=best.age,
        )
        for best in held.single[:most]
    ]


def cheapest(
    sets: Sequence[tuple[Accelerator, int]], question: Question, desk: Desk
) -> dict[tuple[Accelerator, int], Rented]:
    """The cheapest machines for each of several sets, asked of the market in one go; of named cards
    that nobody rents together the cheapest single one, so many times."""
    fits = {Fit(card, count): (card, count) for card, count in sets}
    wanted = offer_filter(question, desk)._replace(
        accelerators=(),
        memory_gb=None,
        count=None,
        billing=billing_asked(question),  # type: ignore[arg-type]  # the closed set
        max_price_usd_per_gpu_hour=None,
    )
    if not wants_marketplaces(question):
        wanted = wanted._replace(exclude_tiers=(*wanted.exclude_tiers, "marketplace"))
    out = {}
    newest = desk.store.newest() or desk.now
    for fit, offer in machines(list(fits), wanted, desk).items():
        needed = max(1, fit.count // model_memory.NODE)
        out[fits[fit]] = Rented(
            offer, needed, offer.price_usd_per_hour * needed, offer.is_stale(desk.now),
            age=age_of(offer.as_of, newest),
        )  # fmt: skip
    if not question.accelerators:
        return out
    missing = [fit for fit in fits if fits[fit] not in out and 1 < fit.count <= model_memory.NODE]
    singles = {Fit(fit.card, 1): fit for fit in missing}
    for one, offer in machines(list(singles), wanted, desk).items():
        if offer.count == 1:
            many = singles[one].count
            out[fits[singles[one]]] = Rented(
                offer, many, offer.price_usd_per_hour * many, offer.is_stale(desk.now),
                by_the_card=True, age=age_of(offer.as_of, newest),
            )  # fmt: skip
    return out


def by_the_card(rented: Rented, count: int, say: Wording) -> list[str]:
    """That a sum takes so many single cards, whose seller was not seen to rent them together."""
    if not rented.by_the_card:
        return []
    return [
        say.t(
            "{provider} states a price of one card: the sum takes {n} of it. Ask for them in one machine.",
            provider=seller(rented.offer, say),
            n=count,
        )
    ]
