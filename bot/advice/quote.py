"""Is this price fair? Its place among like offers, the median, and three offers to negotiate with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.advice.evidence import MONTH, every_variant
from bot.answer import Answer, Column, Fact, FollowUp, Table, TableRow
from bot.desk import Desk
from bot.notes import notes_for
from bot.offers import (
    billing_asked,
    brief,
    card_of,
    evidence,
    follow_up,
    provider_cell,
    subject,
    term_of,
)
from bot.question import Question
from bot.wording import Wording
from knowledge.facts import Value
from knowledge.market import best_prices, gpu_hour, median, percentile
from knowledge.offer import Best, Offer
from knowledge.providers import tier_of

ENOUGH = 5
"""Default: fewer providers than this are too little evidence for a verdict."""
WORTH_A_ROW = 3
"""Default: fewer providers than this make no row of their own."""
A_TERM = 720.0
"""Hours from which a quote for a length of time is taken for a commitment."""
LOW, MIDDLE = 0.25, 0.6
"""Default: shares of providers that ask less, up to which a price is low, and middling."""
TERM_SLACK = 0.25
"""Default: terms within a quarter of each other are alike."""


class Group(NamedTuple):
    """Offers that are alike in a stated way; each provider counts once."""

    label: str
    bests: tuple[Best, ...]

    @property
    def prices(self) -> list[float]:
        return list(best_prices(self.bests).values())


class Place(NamedTuple):
    """Where the price stands in a group."""

    share: float
    """Of providers that ask less, 0..1."""
    median: float
    providers: int


def place(paid: float, group: Group) -> Place:
    prices = group.prices
    return Place(percentile(paid, prices), median(prices), len(prices))


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    paid = question.paid_price
    if paid is None or not question.accelerators:
        return _ask_back(question, say)
    billing, lines = _billing(question, desk)
    pool = every_variant(question, desk, billing)
    if billing == "reserved":
        pool, told = _of_term(pool, question, desk)
        lines += told
    everything = Group(say.t("All variants together"), tuple(pool))
    main = _main(pool, question, paid, say)
    group = main if len(main.prices) >= ENOUGH else everything
    if len(group.prices) < ENOUGH:
        return _too_little(question, len(group.prices), billing, desk)
    if group is not main:
        lines.append(
            say.t(
                "Only {n} of {card} here, so all variants are taken together.",
                n=say.tn("{n} provider", "{n} providers", len(main.prices)),
                card=main.label,
            )
        )
    stands = place(paid, group)
    own = _own(pool, question)
    lines += _stands_in(own, group, say) if group is main else []
    shown = _to_negotiate(group, paid, question)
    lines.append(
        say.t("A list price is not a contract: compare term, region, support and what is included.")
    )
    return Answer(
        headline=_verdict(stands, paid, own.offer if own else None, say),
        lines=tuple(lines),
        table=_table(shown, billing, desk),
        facts=tuple(
            _facts(
                question, paid, group, _others(pool, group, everything, question, say), own, desk
            )
        ),
        notes=notes_for(question, desk, "quote", _led_by(own, shown), pool, _newest(group, desk)),
        evidence=evidence(best.offer for best in (*shown, *((own,) if own else ()))),
        follow_ups=_next(question, desk),
        offers=tuple(best.offer for best in shown),
    )


def _own(pool: Sequence[Best], question: Question) -> Best | None:
    """Where the named seller's own list starts."""
    theirs = [best for best in pool if best.offer.provider in question.providers]
    return min(theirs, key=lambda one: gpu_hour(one.offer), default=None)


def _billing(question: Question, desk: Desk) -> tuple[str, list[str]]:
    """The billing kind of the quote, and what was taken for granted about it."""
    if question.billing is None and (question.hours or 0) >= A_TERM:
        return "reserved", []
    billing = billing_asked(question)
    if question.billing is None:
        return billing, [desk.say.t("Taken for on demand: say the term if it is a commitment.")]
    return billing, []


def _of_term(pool: list[Best], question: Question, desk: Desk) -> tuple[list[Best], list[str]]:
    """Commitments of like length; where they are too few, that is said and all are taken."""
    say = desk.say
    months = (question.hours or 0) / MONTH
    if not months:
        return pool, []
    alike = [
        best
        for best in pool
        if best.offer.term_months
        and abs(best.offer.term_months - months) <= max(1.0, TERM_SLACK * months)
    ]
    if len(best_prices(alike)) >= ENOUGH:
        return alike, []
    term = say.term(round(months))
    told = [
        say.t(
            "For {term} I hold {n}: too few, so every commitment is taken together.",
            term=term,
            n=say.tn("{n} provider", "{n} providers", len(best_prices(alike))),
        )
    ]
    if len(best_prices(pool)) >= ENOUGH:
        return pool, told
    listed = every_variant(question, desk, "on-demand")
    return listed, [
        say.t(
            "For {term} I hold too few commitments: it is set against prices on demand, which a commitment should undercut.",
            term=term,
        )
    ]


def _main(pool: Sequence[Best], question: Question, paid: float, say: Wording) -> Group:
    """The variant of the quote: as stated, else the named provider's nearest, else the commonest."""
    kinds: dict[tuple[float | None, str | None], list[Best]] = {}
    for best in pool:
        kinds.setdefault((best.offer.memory_gb, best.offer.form_factor), []).append(best)
    if not kinds:
        return Group(subject(question._replace(count=None), say), ())
    stated = {
        key: rows
        for key, rows in kinds.items()
        if (question.form_factor is None or key[1] == question.form_factor)
        and (question.memory_gb is None or key[0] == question.memory_gb)
    }
    asked = stated or kinds
    own = [
        (abs(gpu_hour(best.offer) - paid), key)
        for key, rows in asked.items()
        for best in rows
        if best.offer.provider in question.providers
    ]
    commonest = max(asked, key=lambda one: (len(best_prices(kinds[one])), one[1] or ""))
    key = min(own, key=lambda one: one[0])[1] if own else commonest
    if len(best_prices(kinds[key])) < ENOUGH:  # too rare to judge by: the commonest stands in
        key = commonest
    return Group(_label(question.accelerators[0], key, say), tuple(kinds[key]))


def _stands_in(own: Best | None, group: Group, say: Wording) -> list[str]:
    """Said where the seller's lowest is another variant, so that nobody takes unlike for like."""
    if own is None or own.offer in [best.offer for best in group.bests]:
        return []
    return [
        say.t(
            "{provider}'s lowest is {theirs}; the price is set against {ours}, the commonest: say which is yours.",
            provider=say.provider(own.offer.provider),
            theirs=card_of(own.offer, say),
            ours=group.label,
        )
    ]


def _label(card: str, key: tuple[float | None, str | None], say: Wording) -> str:
    name = say.card(card, *key)
    return name if key[1] else say.t("{card}, form not stated", card=name)


def _others(
    pool: Sequence[Best], group: Group, everything: Group, question: Question, say: Wording
) -> list[Group]:
    """The same price against the seller's tier, other variants, and all together."""
    out = []
    tiers = {tier_of(name) for name in question.providers}
    for tier in sorted(tiers):
        mine = tuple(best for best in everything.bests if best.tier == tier)
        out.append(Group(_alone(tier, say), mine))
    kinds: dict[tuple[float | None, str | None], list[Best]] = {}
    for best in pool:
        kinds.setdefault((best.offer.memory_gb, best.offer.form_factor), []).append(best)
    for key, rows in sorted(kinds.items(), key=lambda one: -len(best_prices(one[1]))):
        label = _label(question.accelerators[0], key, say)
        if label != group.label:
            out.append(Group(label, tuple(rows)))
    if len(group.bests) < len(everything.bests):
        out.append(everything)
    return [one for one in out if len(one.prices) >= WORTH_A_ROW][:4]


def _alone(tier: str, say: Wording) -> str:
    return {
        "hyperscaler": say.t("Hyperscalers alone"),
        "microcloud": say.t("GPU clouds alone"),
        "marketplace": say.t("Marketplaces alone"),
    }[tier]


def _facts(
    question: Question,
    paid: float,
    group: Group,
    others: Sequence[Group],
    own: Best | None,
    desk: Desk,
) -> list[Fact]:
    say = desk.say
    rows = [Fact(say.t("Your price"), say.per_gpu_hour(paid))]
    for one in (group, *others):
        stands = place(paid, one)
        rows.append(
            Fact(
                one.label,
                say.t(
                    "{n} of {providers} ask less; median {price}",
                    n=round(stands.share * stands.providers),
                    providers=say.tn("{n} provider", "{n} providers", stands.providers),
                    price=say.money(stands.median),
                ),
            )
        )
    if own:
        rows.append(
            Fact(
                say.t("{provider}'s own list", provider=say.provider(own.offer.provider)),
                say.t(
                    "from {price} ({detail})",
                    price=say.money(gpu_hour(own.offer)),
                    detail=brief(own.offer, say) or say.date(own.offer.as_of),
                ),
                own.offer.source_url,
            )
        )
    rows += _saving(question, paid, place(paid, group), say)
    rows.append(_age(group, desk))
    return rows


def _saving(question: Question, paid: float, stands: Place, say: Wording) -> list[Fact]:
    gpus, use = question.count or 1, question.utilisation or 1.0
    saving = (paid - stands.median) * gpus * MONTH * use
    if saving <= 0:
        return []
    return [
        Fact(
            say.t("At the median you would save"),
            say.t(
                "{sum} a month for {gpus} at {use} use",
                sum=say.money(saving, 0),
                gpus=say.tn("{n} GPU", "{n} GPUs", gpus),
                use=say.percent(use),
            ),
        )
    ]


def _age(group: Group, desk: Desk) -> Fact:
    """How old the prices are that the verdict leans on."""
    say = desk.say
    dates = [best.offer.as_of for best in group.bests]
    return Fact(
        say.t("Age of the evidence"),
        say.t(
            "{oldest} to {newest}; the newest is {age}",
            oldest=say.date(min(dates)),
            newest=say.date(max(dates)),
            age=say.age(max(dates), desk.now),
        ),
    )


def _newest(group: Group, desk: Desk) -> dict[str, Value | None]:
    """The verdict leans on the whole group, so its newest price dates the answer."""
    newest = max(best.offer.as_of for best in group.bests)
    return {
        "price_age_days": max(0, (desk.now - newest).days),
        "price_date": desk.say.date(newest),
    }


def _to_negotiate(group: Group, paid: float, question: Question) -> list[Best]:
    """Three providers' best that are lower than the price; the lowest three where none is."""
    rows: dict[str, Best] = {}
    for best in sorted(group.bests, key=lambda one: (one.stale, gpu_hour(one.offer))):
        if best.offer.provider not in question.providers:
            rows.setdefault(best.offer.provider, best)
    lower = [best for best in rows.values() if gpu_hour(best.offer) < paid]
    return (lower or list(rows.values()))[:3]


def _led_by(own: Best | None, shown: Sequence[Best]) -> list[Best]:
    """The seller of the quote leads, for the rules; its age is that of the whole."""
    return [own, *shown] if own else list(shown)


def _table(shown: Sequence[Best], billing: str, desk: Desk) -> Table:
    say = desk.say
    columns = (
        Column(say.t("To negotiate with")),
        Column(say.t("Card")),
        Column("GPUs", "right"),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        *((Column(say.t("Term")),) if billing == "reserved" else ()),
        Column(say.t("Seen")),
    )
    rows = tuple(
        TableRow(
            (
                provider_cell(best.offer, say),
                card_of(best.offer, say),
                str(best.offer.count),
                say.plain_money(gpu_hour(best.offer)),
                *((term_of(best.offer, say),) if billing == "reserved" else ()),
                say.date(best.offer.as_of, desk.now),
            ),
            url=best.offer.source_url,
            stale=best.stale,
        )
        for best in shown
    )
    return Table(columns, rows)


def _verdict(stands: Place, paid: float, own: Offer | None, say: Wording) -> str:
    """Low, middling or dear: by the share of providers that ask less."""
    values = {"share": say.percent(stands.share), "price": say.money(stands.median)}
    if own is not None and stands.share > LOW and paid < 0.9 * gpu_hour(own):
        return say.t(
            "For {provider} that is low (its list starts at {list}); against the market it is not: {share} of providers ask less, the median is {price}.",
            provider=say.provider(own.provider),
            list=say.money(gpu_hour(own)),
            **values,
        )
    if stands.share <= LOW:
        if paid >= stands.median:  # few ask less, because many ask the same
            return say.t(
                "No: that is the market's price; the median is {price}.", price=values["price"]
            )
        return say.t(
            "No: that is low. {share} of providers ask less; the median is {gap} above yours.",
            share=values["share"],
            gap=say.percent(stands.median / paid - 1),
        )
    if stands.share <= MIDDLE:
        return say.t("Middling: {share} of providers ask less; the median is {price}.", **values)
    return say.t(
        "Yes, that is dear: {share} of providers ask less, and you pay {gap} over the median.",
        share=values["share"],
        gap=say.percent(paid / stands.median - 1),
    )


def _ask_back(question: Question, say: Wording) -> Answer:
    example = say.t("are we overpaying for H100 at $4.10 on azure?")
    if question.currency:
        headline = say.t(
            "I reckon in US dollars and hold no rate for {currency} here; give the price in dollars per GPU-hour.",
            currency=question.currency,
        )
    else:
        headline = say.t(
            "Tell me the card and the price per GPU-hour, for example: {example}", example=example
        )
    return Answer(headline=headline, tone="caution", follow_ups=(FollowUp(example, example),))


def _too_little(question: Question, known: int, billing: str, desk: Desk) -> Answer:
    say = desk.say
    return Answer(
        headline=say.t(
            "Too little evidence: I hold {n} {billing} prices of {card}.",
            n=known,
            billing=say.billing(billing),
            card=subject(question._replace(count=None), say),
        ),
        lines=(
            say.t(
                "Fewer than {n} providers say nothing about a fair price (our default).", n=ENOUGH
            ),
        ),
        tone="caution",
        follow_ups=(follow_up(Question("price", accelerators=question.accelerators), desk),),
    )


def _next(question: Question, desk: Desk) -> tuple[FollowUp, ...]:
    return (
        follow_up(
            Question("cheapest", accelerators=question.accelerators, memory_gb=question.memory_gb),
            desk,
        ),
        follow_up(Question("history", accelerators=question.accelerators, period_days=90), desk),
    )
