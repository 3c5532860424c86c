"""From a Subject to comparable offers, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from knowledge.facts import footprint
from knowledge.facts.accelerators import variants as forms_of
from knowledge.facts.compliance import states
from knowledge.facts.regions import geo_of
from knowledge.prices.offer import Best, Offer, OfferFilter, Priced
from knowledge.prices.queries import Variant
from knowledge.prices.store import VARIANTS, Store

KINDS = ("on-demand", "spot", "reserved")
ENOUGH = 3
"""Sellers that make a range or a median worth saying."""
WHOLE_MACHINE = 8
"""GPUs of the usual largest machine."""


class Subject(NamedTuple):
    """What is to be rented."""

    wanted: OfferFilter
    """What must hold of an offer, billing and count aside."""
    billing: str = "on-demand"
    term_months: int | None = None
    """Length of the commitment that is asked about; None where any will do."""
    gpus: int | None = None
    """How many together; None where any machine will do."""
    nodes: int | None = None
    """How many machines, where the question counts them."""
    interconnect: str | None = None
    """Between machines: `infiniband`, `roce`, `ethernet`; `nvlink` is inside of one."""
    marketplaces: bool = False
    """Whether single hosts without a contract stand among the others."""
    reports: tuple[str, ...] = ()
    """Audit reports that a seller must be known to have (`knowledge.facts.compliance.REPORTS`)."""


class Selection(NamedTuple):
    """Comparable offers in rank order: of each provider the best of every variant and size."""

    rows: tuple[Best, ...]
    markets: tuple[Best, ...]
    """Marketplaces, where they do not stand among the others."""
    other_kinds: dict[str, tuple[Best, ...]]
    """The other kinds of billing, each in rank order."""
    other_terms: tuple[Best, ...]
    """Commitments of another length than the one that is asked about, or of an unstated one."""
    elsewhere: tuple[Best, ...] = ()
    """Left out of a question for a place: a price for any region of a seller whose own list names the
    card only in other places."""
    unreported: tuple[Best, ...] = ()
    """Left out: no page that was read says that the seller has every report asked for."""


class Group(NamedTuple):
    """Offers of one variant of a card."""

    accelerator: str | None
    memory_gb: float | None
    form_factor: str | None
    rows: tuple[Best, ...]

    @property
    def sellers(self) -> int:
        return len({best.offer.provider for best in self.rows})


def select(store: Store, subject: Subject, now: datetime) -> Selection:
    """The market of every kind of billing, and the rules over it."""
    everything, unreported = _reported(_everything(store, subject, now), subject.reports)
    everything, elsewhere = _there(everything, subject.wanted)
    kinds = {
        kind: rank(best for best in everything if best.offer.billing == kind) for kind in KINDS
    }
    of_kind = kinds.pop(subject.billing)
    rows, other_terms = of_term(of_kind, subject.term_months)
    markets: list[Best] = []
    if not subject.marketplaces:
        rows, markets = _apart(rows)
        kinds = {kind: _apart(found)[0] or found for kind, found in kinds.items()}
    return Selection(
        tuple(rows),
        tuple(markets),
        {kind: tuple(found) for kind, found in kinds.items()},
        tuple(other_terms),
        tuple(rank(best for best in elsewhere if best.offer.billing == subject.billing)),
        tuple(rank(best for best in unreported if best.offer.billing == subject.billing)),
    )


def _there(bests: Sequence[Best], wanted: OfferFilter) -> tuple[Sequence[Best], Sequence[Best]]:
    """Offers for a place, and those of sellers that list the card in other places alone; where no
    others of that billing are, they stand, and the reader is told."""
    if not (wanted.countries or wanted.geos):
        return bests, ()

    def other(best: Best) -> bool:
        offer = best.offer
        if offer.country or offer.geo or offer.accelerator is None:
            return False
        listed = footprint.lists(offer.provider, offer.accelerator)
        return bool(listed) and not any(
            country in wanted.countries or geo_of(country) in wanted.geos for country in listed
        )

    there = [best for best in bests if not other(best)]
    kinds = {best.offer.billing for best in there}
    alone = [best for best in bests if best.offer.billing not in kinds]
    left = [best for best in bests if best.offer.billing in kinds and other(best)]
    return [*there, *alone], left


def _reported(
    bests: Sequence[Best], reports: Sequence[str]
) -> tuple[Sequence[Best], Sequence[Best]]:
    """Offers of sellers that state every report, and the others; none is no proof of the contrary,
    so where nobody states them all offers stand, and the reader is told."""
    if not reports:
        return bests, ()
    able = {
        name
        for name in {best.offer.provider for best in bests}
        if all(states(name, report) for report in reports)
    }
    if not able:
        return bests, bests
    return (
        [best for best in bests if best.offer.provider in able],
        [best for best in bests if best.offer.provider not in able],
    )


def _everything(store: Store, subject: Subject, now: datetime) -> list[Best]:
    """One query; for several GPUs first the machines that hold them, and of the smaller ones each
    provider's best alone, unless nothing else is there to build a cluster of."""
    wanted = _narrowed(
        subject.wanted._replace(billing=None, exclude_billing=(), count=None), subject
    )
    several = (subject.gpus or 1) > 1 or (subject.nodes or 1) > 1
    if not several:
        return store.market(wanted, now, (*VARIANTS, "count"))
    least = WHOLE_MACHINE if (subject.nodes or 1) > 1 else min(subject.gpus or 1, WHOLE_MACHINE)
    large = store.market(wanted._replace(min_count=least), now, _apart_by(subject))
    kind = wanted._replace(max_count=least - 1)
    if any(best.offer.billing == subject.billing for best in large):
        kind = kind._replace(billing=subject.billing)  # type: ignore[arg-type]
        return [*large, *store.market(kind, now, VARIANTS)]
    return [*large, *store.market(kind, now, _apart_by(subject))]


def _apart_by(subject: Subject) -> tuple[Variant, ...]:
    """What is never merged: for a cluster machine types too, because their fabrics differ."""
    several = (subject.gpus or 1) > WHOLE_MACHINE or (subject.nodes or 1) > 1
    return (*VARIANTS, "count", "instance_type") if several else (*VARIANTS, "count")


def _apart(bests: Sequence[Best]) -> tuple[list[Best], list[Best]]:
    """Sellers with a contract, and marketplaces of single hosts."""
    return (
        [best for best in bests if best.tier != "marketplace"],
        [best for best in bests if best.tier == "marketplace"],
    )


def _narrowed(wanted: OfferFilter, subject: Subject) -> OfferFilter:
    """NVLink between cards: the forms that have it, where the question names none."""
    if subject.interconnect == "nvlink" and wanted.form_factor is None and wanted.accelerators:
        forms = {card.form_factor for name in wanted.accelerators for card in forms_of(name)} - {
            None,
            "PCIe",
        }
        if len(forms) == 1:
            return wanted._replace(form_factor=forms.pop())
    return wanted


def asked_prices(store: Store, subject: Subject) -> list[Priced]:
    """Every price of that billing, and of machines of that size where one is asked, in no order: the
    ranges behind a selection's rows."""
    wanted = _narrowed(subject.wanted, subject)._replace(
        billing=subject.billing,  # type: ignore[arg-type]
        exclude_billing=(),
        count=subject.gpus,
    )
    return store.prices(wanted)


def of_type(store: Store, wanted: OfferFilter, names: Sequence[str]) -> Offer | None:
    """The newest price of a machine by its name, the lowest of that day; None where none is held."""
    same = {name.lower() for name in names}
    found = [
        offer
        for offer in store.offers(wanted)
        if offer.instance_type.split(" (", maxsplit=1)[0].lower() in same
    ]
    newest = max((offer.as_of for offer in found), default=None)
    return min(
        (offer for offer in found if offer.as_of == newest),
        key=lambda offer: offer.price_usd_per_hour,
        default=None,
    )


def doubtful(store: Store, subject: Subject) -> list[Offer]:
    """Prices far below every other seller's, lowest first: left out of every selection."""
    wanted = subject.wanted._replace(
        billing=subject.billing,  # type: ignore[arg-type]
        exclude_billing=(),
        count=None,
    )
    return store.doubtful(wanted)


def unplaced(store: Store, subject: Subject, now: datetime) -> list[Best]:
    """Like offers that may or may not lie where it is asked, and so were left out."""
    wanted = subject.wanted
    if not (wanted.geos or wanted.countries or wanted.exclude_geos or wanted.exclude_countries):
        return []
    left = _narrowed(wanted, subject)._replace(
        billing=subject.billing,  # type: ignore[arg-type]
        exclude_billing=(),
        count=None,
        unplaced_only=True,
    )
    found = rank(store.market(left, now, (*VARIANTS, "count")))
    rows, _ = of_term(
        found if subject.marketplaces else _apart(found)[0],
        subject.term_months,
    )
    least = min(subject.gpus or 1, 8)
    return [best for best in rows if best.offer.count >= least]


# -- order -----------------------------------------------------------------------------------


def gpu_hour(offer: Offer) -> float:
    """USD per GPU-hour of an offer that has accelerators."""
    return offer.price_usd_per_hour / offer.count


def rank_key(best: Best) -> tuple[bool, bool, int, float, bool, int, str]:
    """Complete before host-less, fresh before stale, of like age, then by price."""
    offer = best.offer
    return (
        not offer.host_included,
        best.stale,
        best.age,
        gpu_hour(offer),
        offer.form_factor is None,
        offer.count,
        offer.provider,
    )


def rank(bests: Iterable[Best]) -> list[Best]:
    return sorted((best for best in bests if best.offer.count), key=rank_key)


def one_a_seller(bests: Iterable[Best]) -> list[Best]:
    """Each provider's best, with the offers that stand behind it; a contract has its own row."""
    best_of: dict[tuple[str, bool], Best] = {}
    for best in bests:
        key = (best.offer.provider, best.offer.owner is not None)
        known = best_of.get(key)
        best_of[key] = known._replace(offers=known.offers + best.offers) if known else best
    return list(best_of.values())


def of_like_age(bests: Sequence[Best]) -> tuple[list[Best], list[Best]]:
    """Rows that a figure may be made of, and those much older, which it leaves out.

    Where the newer are of fewer than ENOUGH sellers, the next older join them.
    """
    counted: list[Best] = []
    older = list(bests)
    for age in sorted({best.age for best in bests}):
        if len({best.offer.provider for best in counted}) >= ENOUGH:
            break
        counted += [best for best in older if best.age == age]
        older = [best for best in older if best.age > age]
    return counted, older


# -- kinds -----------------------------------------------------------------------------------


def of_term(bests: Sequence[Best], months: int | None) -> tuple[list[Best], list[Best]]:
    """Commitments of that very length, and the others; everything, where none is asked."""
    if months is None:
        return list(bests), []
    same = [best for best in bests if best.offer.term_months == months]
    return same, [best for best in bests if best.offer.term_months != months]


def variants(bests: Iterable[Best]) -> list[Group]:
    """By card, memory and form; those that most providers sell at no old price come first."""
    found: dict[tuple[str | None, float | None, str | None], list[Best]] = {}
    for best in bests:
        offer = best.offer
        found.setdefault((offer.accelerator, offer.memory_gb, offer.form_factor), []).append(best)
    groups = [Group(*key, tuple(rows)) for key, rows in found.items()]
    newest = min((best.age for group in groups for best in group.rows), default=0)
    groups.sort(
        key=lambda group: (
            -len({best.offer.provider for best in group.rows if best.age == newest}),
            -group.sellers,
            group.form_factor is None,
            gpu_hour(group.rows[0].offer),
        )
    )
    return groups
