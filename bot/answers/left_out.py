"""Lines about what an answer left out, and why: nothing is dropped without a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.answers.offers import brief, seller
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts import fabric, footprint
from knowledge.facts.compliance import REPORTS, code, title
from knowledge.facts.regions import GEOS, geo_of
from knowledge.market import (
    Holding,
    Plan,
    Selection,
    Subject,
    doubtful,
    gpu_hour,
    one_a_seller,
    unplaced,
)
from knowledge.prices.offer import Best, Offer

NAMED = 4
"""Sellers named in a line."""
NODE = 8
"""GPUs of the usual whole machine."""
MUCH_LOWER = 0.85
"""A price below this share of the leading one is said as a sum to ask for."""


def some(names: Sequence[str], say: Wording) -> str:
    """The first few of many: "A, B and C", "A, B, C, D and 3 others"."""
    if len(names) <= NAMED:
        return say.listing(names)
    more = len(names) - NAMED
    return say.listing([*names[:NAMED], say.tn("{n} other", "{n} others", more)])


def left_out(asked: Subject, found: Selection, question: Question, desk: Desk) -> list[str]:
    """Sellers without a report, prices that nobody can believe, and offers that may not lie where
    it was asked."""
    return [
        *_papers(found, asked, question, desk.say),
        *_doubtful(doubtful(desk.store, asked), desk.say),
        *_unplaced(unplaced(desk.store, asked, desk.now), desk.say),
    ]


def _papers(found: Selection, asked: Subject, question: Question, say: Wording) -> list[str]:
    """What is known of reports and laws that were named: a statement is no proof."""
    lines = []
    if asked.reports and found.unreported:
        reports = say.listing([title(name) for name in asked.reports])
        if set(found.unreported) & set(found.rows):
            lines.append(
                say.t(
                    "No seller here is known to me to have {reports}: ask each for the report itself.",
                    reports=reports,
                )
            )
        else:
            sellers = list(dict.fromkeys(best.offer.provider for best in found.unreported))
            lines.append(
                say.tn(
                    "Only sellers that state {reports}; {n} without a statement is left out ({names}). Ask for the report itself.",
                    "Only sellers that state {reports}; {n} without a statement are left out ({names}). Ask for the report itself.",
                    len(sellers),
                    reports=reports,
                    names=some([say.provider(name) for name in sellers], say),
                )
            )
    laws = [name for name in question.compliance if code(name) not in REPORTS]
    if laws:
        lines.append(
            say.t(
                "{laws}: a law that you keep, not a certificate of the seller; get a data processing agreement and the place of the data in writing.",
                laws=say.listing(laws),
            )
        )
    return lines


def _doubtful(offers: Sequence[Offer], say: Wording) -> list[str]:
    lowest: dict[str, Offer] = {}
    for offer in offers:
        lowest.setdefault(offer.provider, offer)
    if not lowest:
        return []
    return [
        say.t(
            "Not believable, so left out: {prices}. Every other seller asks far more; check before you count on it.",
            prices=say.listing(
                [
                    f"{say.money(gpu_hour(offer))} ({seller(offer, say)}, {say.date(offer.as_of)})"
                    for offer in list(lowest.values())[:2]
                ]
            ),
        )
    ]


def _unplaced(bests: Sequence[Best], say: Wording) -> list[str]:
    """Counted and named, never guessed in."""
    if not bests:
        return []
    sellers = one_a_seller(bests)
    cheapest = min(sellers, key=lambda best: gpu_hour(best.offer)).offer
    return [
        say.tn(
            "{n} offer does not state its place and was left out ({names}; from {price}, {provider}).",
            "{n} offers do not state their place and were left out ({names}; from {price}, {provider}).",
            sum(best.offers for best in bests),
            names=some([say.provider(best.offer.provider) for best in sellers], say),
            price=say.money(gpu_hour(cheapest)),
            provider=seller(cheapest, say),
        )
    ]


def single_prices(
    held: Holding, gpus: int, say: Wording, *, hours: float | None = None
) -> list[str]:
    """Who names only the price of one GPU: worth asking, and no offer. Where a machine of them would
    cost much less than what leads, what to ask for is said as a sum, over `hours` or one."""
    if not held.single:
        return []
    joined = {best.offer.provider: fabric.joins(best.offer.provider) for best in held.single}
    # For a cluster those come first whose own page says what joins its machines.
    known = gpus > NODE
    ordered = sorted(held.single, key=lambda best: known and not joined[best.offer.provider])
    names = [
        f"{seller(best.offer, say)} {say.money(gpu_hour(best.offer))}"
        + (f" ({joined[best.offer.provider]})" if known and joined[best.offer.provider] else "")
        for best in ordered
    ]
    line = say.t(
        "Only a price per GPU is listed by {sellers}: ask whether {gpus} come in one machine or cluster.",
        sellers=some(names, say),
        gpus=say.number(gpus),
    )
    youngest = min(best.age for best in held.single)
    least = min((best.offer for best in held.single if best.age == youngest), key=gpu_hour)
    lead = held.plans[0].usd_per_hour if held.plans else None
    if gpus > NODE or (lead and gpus * gpu_hour(least) > MUCH_LOWER * lead):
        return [line]
    values = {"provider": seller(least, say), "gpus": say.number(gpus)}
    if hours is None:
        what = say.t(
            "At {provider}'s price {gpus} would be {total} an hour.",
            total=say.money(gpus * gpu_hour(least)),
            **values,
        )
    else:
        what = say.t(
            "At {provider}'s price {gpus} would be {total}.",
            total=say.sum(gpus * gpu_hour(least) * hours),
            **values,
        )
    return [f"{line} {what}"]


def spot_hours(billing: str, say: Wording) -> list[str]:
    """What a sum at spot prices assumes."""
    if billing != "spot":
        return []
    return [say.t("Spot sums leave out interruptions: add about 15% of the hours (our default).")]


def lower_of_unknown_fabric(held: Holding) -> Plan | None:
    """The cheapest cluster that is ranked behind the leading one for its unknown fabric alone, where
    it costs much less."""
    lead = held.plans[0]
    if lead.fabric is None:
        return None
    lower = [
        plan
        for plan in held.plans
        if plan.machines > 1
        and plan.fabric is None
        and plan.best.age == lead.best.age
        and plan.usd_per_hour < MUCH_LOWER * lead.usd_per_hour
    ]
    return min(lower, key=lambda plan: plan.usd_per_hour, default=None)


def fabrics(held: Holding, say: Wording) -> list[str]:
    """What joins the machines, where there are several."""
    lines = []
    several = [plan for plan in held.plans if plan.machines > 1]
    unknown = [plan for plan in several if plan.fabric is None]
    if unknown:
        sellers = some(
            [
                f"{say.provider(plan.offer.provider)} {say.money(plan.usd_per_hour)}"
                for plan in unknown
            ],
            say,
        )
        lines.append(
            say.t(
                "What joins the machines is not known: {sellers} an hour in total. Ask for the fabric in writing.",
                sellers=sellers,
            )
            if len(unknown) == len(several)
            else say.t(
                "Ranked last because nothing says what joins their machines: {sellers} an hour in total. Ask for the fabric in writing.",
                sellers=sellers,
            )
        )
    if held.unfit:
        lines.append(
            say.t(
                "Left out because they are joined by another fabric: {sellers}.",
                sellers=say.listing(
                    [
                        f"{say.provider(plan.offer.provider)} ({plan.fabric})"
                        for plan in held.unfit[:NAMED]
                    ]
                ),
            )
        )
    return lines


def inside(question: Question, provider: str) -> tuple[str, ...]:
    """The provider's countries within the wanted place; all of them where none is asked."""
    asked = (question.region,) if question.region else question.regions
    known = footprint.countries(provider)
    if not asked:
        return known
    return tuple(
        country
        for country in known
        if country.lower() in asked or (geo_of(country) in asked and geo_of(country) in GEOS)
    )


def not_listed_there(
    offers: Iterable[Offer], found: Selection, question: Question, say: Wording
) -> list[str]:
    """A provider with sites in the place, whose own list names the card only elsewhere: left out,
    or shown because nobody else offers it there."""
    if not (question.region or question.regions):
        return []
    lines = [
        say.t(
            "{provider} was left out ({price}): it lists {card} only {listed}, not at its sites {there}.",
            price=say.money(gpu_hour(best.offer)),
            **_listing(best.offer, question, say),
        )
        for best in one_a_seller(found.elsewhere)
    ]
    for offer in offers:
        if offer.country or offer.geo or offer.accelerator is None:
            continue
        listed = footprint.lists(offer.provider, offer.accelerator)
        if listed and not set(listed) & set(inside(question, offer.provider)):
            lines.append(
                say.t(
                    "{provider} lists {card} only {listed}, not at its sites {there}: ask.",
                    **_listing(offer, question, say),
                )
            )
    return lines[:2]


def _listing(offer: Offer, question: Question, say: Wording) -> dict[str, str]:
    """Where a seller lists the card, and its sites in the place that is asked for."""
    card = offer.accelerator or ""
    listed = footprint.lists(offer.provider, card)
    there = inside(question, offer.provider)
    return {
        "provider": say.provider(offer.provider),
        "card": say.card(card),
        "listed": some([say.in_region(code.lower()) for code in listed], say),
        "there": some([say.in_region(code.lower()) for code in there], say),
    }


def other_terms(found: Selection, months: int | None, say: Wording) -> list[str]:
    """A commitment of another length is shown as what it is."""
    if months is None or not found.other_terms:
        return []
    parts: list[str] = []
    seen: set[int | None] = set()
    for best in sorted(found.other_terms, key=lambda one: _distance(one, months)):
        term = best.offer.term_months
        if term in seen or len(parts) == 3:
            continue
        seen.add(term)
        parts.append(
            say.t(
                "{term} {price} ({provider})",
                term=say.term(term),
                price=say.money(gpu_hour(best.offer)),
                provider=seller(best.offer, say),
            )
        )
    return [say.t("Commitments of another length: {parts}.", parts="; ".join(parts))]


def _distance(best: Best, months: int) -> tuple[float, float]:
    term = best.offer.term_months
    return (abs(term - months) if term else 1000, gpu_hour(best.offer))


def detail(offer: Offer, say: Wording) -> str:
    return brief(offer, say) or say.t("details not stated")
