"""What a quoted price is held against: like offers of that term, on demand, and the seller's list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.advice.evidence import bests, every_variant
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.units import MONTH
from knowledge.market import (
    Group,
    best_prices,
    gpu_hour,
    median,
    of_type,
    percentile,
    quartile,
    variants,
)
from knowledge.prices.offer import Best, OfferFilter

ENOUGH = 5
"""Default: fewer providers than this are too little evidence for a verdict."""
A_TERM = 1.5
ON_LIST = 0.97
"""From this share of a seller's own list on, a commitment has earned nothing."""


class Standing(NamedTuple):
    """Where a price stands among like offers."""

    less: int
    """Providers that charge less."""
    providers: int
    median: float
    target: float
    """Lower quartile."""

    @property
    def share(self) -> float:
        return self.less / self.providers


class Case(NamedTuple):
    """A quote, and everything it is held against."""

    paid: float
    months: int | None
    """Length of the commitment; None for a price without one."""
    group: Group
    """The variant of the quote, on demand or of its term."""
    everything: tuple[Best, ...]
    """All variants, on demand."""
    same_term: tuple[Best, ...]
    """Commitments of that very length, of that variant where there are any."""
    own: Best | None
    """The seller's own list, on demand, of that machine where it lists it."""
    own_term: Best | None
    """The seller's own list for that very term."""
    own_lower: Best | None = None
    """A lower list price of the seller's for another form of the card, where none was stated."""

    @property
    def by_term(self) -> bool:
        """Whether enough sellers publish that very term to be judged by."""
        return self.months is not None and len(best_prices(self.same_term)) >= ENOUGH

    @property
    def standing(self) -> Standing:
        return stands(self.paid, self.same_term if self.by_term else self.group.rows)


def stands(paid: float, rows: Sequence[Best]) -> Standing:
    prices = list(best_prices(rows).values())
    share = percentile(paid, prices)
    return Standing(round(share * len(prices)), len(prices), median(prices), quartile(prices))


def case_of(question: Question, paid: float, desk: Desk) -> tuple[Case, list[str]]:
    say = desk.say
    months = _months(question)
    lines = []
    if question.billing == "spot":
        pool = every_variant(question, desk, "spot")
    else:
        pool = every_variant(question, desk, "on-demand")
        if months is None and question.billing is None:
            lines.append(say.t("Taken for on demand: say the term if it is a commitment."))
    group = _variant(pool, question, paid)
    if len(best_prices(group.rows)) < ENOUGH < len(best_prices(pool)):
        lines.append(
            say.t(
                "Only {n} of {card} here, so all variants are taken together.",
                n=say.tn("{n} provider", "{n} providers", len(best_prices(group.rows))),
                card=label(group, say),
            )
        )
        group = group._replace(rows=tuple(pool))
    committed = every_variant(question, desk, "reserved") if months else []
    same = [best for best in committed if best.offer.term_months == months]
    like = [best for best in same if _alike(best, group)] or same
    if months and len(best_prices(like)) < ENOUGH:
        lines.append(_few_terms(months, like, committed, say))
    own_all = [best for best in pool if best.offer.provider in question.providers]
    own_term = [best for best in same if best.offer.provider in question.providers]
    return (
        Case(
            paid,
            months,
            group,
            tuple(pool),
            tuple(like),
            _of_the_machine(question, desk) or _own(own_all, group, question),
            _own(own_term, group, question),
            _own_lower(own_all, group, question),
        ),
        lines,
    )


def _months(question: Question) -> int | None:
    """Length of the commitment that was quoted, in months."""
    months = (question.hours or 0) / MONTH
    if question.billing in ("on-demand", "spot"):
        return None
    if question.billing == "reserved" or months >= A_TERM:
        return max(1, round(months)) if months else 12
    return None


def _variant(pool: Sequence[Best], question: Question, paid: float) -> Group:
    """As stated, else the named provider's nearest of that size, else the commonest."""
    groups = variants(pool)
    if not groups:
        return Group(question.accelerators[0], question.memory_gb, question.form_factor, ())
    stated = [
        group
        for group in groups
        if question.form_factor in (None, group.form_factor)
        and question.memory_gb in (None, group.memory_gb)
    ]
    asked = stated or groups
    own = [
        (
            best.offer.count < min(question.count or 1, 8),
            abs(gpu_hour(best.offer) - paid),
            place,
        )
        for place, group in enumerate(asked)
        for best in group.rows
        if best.offer.provider in question.providers
    ]
    chosen = asked[min(own)[2]] if own else asked[0]
    # Too rare to judge by: the commonest stands in.
    return chosen if chosen.sellers >= ENOUGH else asked[0]


def _alike(best: Best, group: Group) -> bool:
    offer = best.offer
    return (offer.memory_gb, offer.form_factor) == (group.memory_gb, group.form_factor)


def _own(rows: Sequence[Best], group: Group, question: Question) -> Best | None:
    """The seller's list for that machine: of the variant and the size where it has them."""
    size = min(question.count or 1, 8)
    return min(
        rows,
        key=lambda best: (
            not _alike(best, group),
            best.offer.count < size,
            gpu_hour(best.offer),
        ),
        default=None,
    )


def _of_the_machine(question: Question, desk: Desk) -> Best | None:
    """The list price of the very machine type that was named."""
    if not question.instance_types or not question.providers or question.billing == "spot":
        return None
    wanted = OfferFilter(
        accelerators=question.accelerators, providers=question.providers, billing="on-demand"
    )
    offer = of_type(desk.store, wanted, question.instance_types)
    return bests([offer], desk)[0] if offer else None


def _own_lower(rows: Sequence[Best], group: Group, question: Question) -> Best | None:
    """What the seller asks for the same memory in another form: the quote may be of that one."""
    own = _own(rows, group, question)
    if own is None or question.form_factor:
        return None
    lower = [
        best
        for best in rows
        if best.offer.memory_gb == own.offer.memory_gb
        and best.offer.form_factor not in (None, own.offer.form_factor)
        and gpu_hour(best.offer) < ON_LIST * gpu_hour(own.offer)
        and best.offer.count >= min(question.count or 1, 8)
    ]
    return min(lower, key=lambda best: gpu_hour(best.offer), default=None)


def _few_terms(months: int, same: Sequence[Best], committed: Sequence[Best], say: Wording) -> str:
    if same:
        sellers = {best.offer.provider: best for best in reversed(same)}
        return say.tn(
            "Only {n} provider publishes a price for {term} ({prices}), so on demand is the yardstick.",
            "Only {n} providers publish a price for {term} ({prices}), so on demand is the yardstick.",
            len(sellers),
            term=say.term(months),
            prices=", ".join(
                f"{say.provider(name)} {say.money(gpu_hour(best.offer))}"
                for name, best in sorted(sellers.items(), key=lambda one: gpu_hour(one[1].offer))
            ),
        )
    terms = sorted({best.offer.term_months for best in committed if best.offer.term_months})
    if not terms:
        return say.t(
            "No price for {term} is published here, so on demand is the yardstick.",
            term=say.term(months),
        )
    return say.t(
        "No price for {term} is published here (only for {terms}), so on demand is the yardstick.",
        term=say.term(months),
        terms=say.listing([say.term(term) for term in terms[:3]]),
    )


def label(group: Group, say: Wording) -> str:
    name = say.card(group.accelerator, group.memory_gb, group.form_factor)
    return name if group.form_factor else say.t("{card}, form not stated", card=name)
