"""Is this price fair? Its place among like offers, the median, and three offers to negotiate with."""

from __future__ import annotations

from bot.advice.evidence import USUAL_CARD, like_offers
from bot.answer import Answer, Column, Fact, Table, TableRow
from bot.desk import Desk
from bot.offers import (
    billing_asked,
    brief,
    card_of,
    evidence,
    follow_up,
    gpu_hour,
    stale_note,
    subject,
)
from bot.question import Question
from knowledge.market import best_prices, median, percentile
from knowledge.offer import Offer

ENOUGH = 5
"""Default: fewer providers than this are too little evidence for a verdict."""
MONTH = 730


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    paid = question.paid_price
    if paid is None or not question.accelerators:
        return Answer(
            headline=say.t(
                "Tell me the card and the price per GPU-hour, for example: {example}",
                example=say.t("are we overpaying for H100 at $4.10 on azure?"),
            ),
            tone="caution",
        )
    billing = billing_asked(question)
    like = like_offers(question, desk, billing)
    prices = best_prices(like)
    card = subject(question._replace(count=None), say)
    if len(prices) < ENOUGH:
        return Answer(
            headline=say.t(
                "Too little evidence: I hold {n} {billing} prices of {card}.",
                n=len(prices),
                billing=say.billing(billing),
                card=card,
            ),
            tone="caution",
            follow_ups=(follow_up(Question("price", accelerators=question.accelerators), desk),),
        )
    share = percentile(paid, prices.values())
    middle = median(list(prices.values()))
    own = [best for best in like if best.offer.provider in question.providers]
    gpus = question.count or 1
    use = question.utilisation or 1.0
    saving = (paid - middle) * gpus * MONTH * use
    facts = [
        Fact(say.t("Your price"), say.per_gpu_hour(paid)),
        Fact(
            say.t("Market median"),
            say.t(
                "{price} (each provider's best, {billing}, {providers})",
                price=say.money(middle),
                billing=say.billing(billing),
                providers=say.tn("{n} provider", "{n} providers", len(prices)),
            ),
        ),
        Fact(
            say.t("Cheaper than yours"),
            say.t(
                "{n} of {providers}",
                n=round(share * len(prices)),
                providers=say.tn("{n} provider", "{n} providers", len(prices)),
            ),
        ),
    ]
    if own:
        facts.append(
            Fact(
                say.t("{provider}'s own list", provider=say.provider(own[0].offer.provider)),
                say.t(
                    "from {price} ({detail})",
                    price=say.money(gpu_hour(own[0].offer)),
                    detail=brief(own[0].offer, say) or say.date(own[0].offer.as_of),
                ),
                own[0].offer.source_url,
            )
        )
    if saving > 0:
        facts.append(
            Fact(
                say.t("At the median you would save"),
                say.t(
                    "{sum} a month for {gpus} at {use} use",
                    sum=say.money(saving, 0),
                    gpus=say.tn("{n} GPU", "{n} GPUs", gpus),
                    use=say.percent(use),
                ),
            )
        )
    shown = [best for best in like if gpu_hour(best.offer) < paid][:3] or like[:3]
    columns = (
        Column(say.t("To negotiate with")),
        Column(say.t("Card")),
        Column("GPUs", "right"),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        Column(say.t("Price of")),
    )
    rows = tuple(
        TableRow(
            (
                say.provider(best.offer.provider),
                card_of(best.offer, say),
                str(best.offer.count),
                say.plain_money(gpu_hour(best.offer)),
                say.date(best.offer.as_of, desk.now),
            ),
            url=best.offer.source_url,
            stale=best.stale,
        )
        for best in shown
    )
    return Answer(
        headline=_verdict(share, paid, middle, own[0].offer if own else None, desk),
        lines=(
            say.t(
                "A list price is not a contract: compare term, region, support and what is included."
            ),
        ),
        table=Table(columns, rows),
        facts=tuple(facts),
        notes=stale_note(like, desk),
        evidence=evidence(best.offer for best in (*shown, *own[:1])),
        follow_ups=(
            follow_up(
                Question(
                    "cheapest",
                    accelerators=question.accelerators or (USUAL_CARD,),
                    memory_gb=question.memory_gb,
                ),
                desk,
            ),
            follow_up(
                Question("history", accelerators=question.accelerators, period_days=90), desk
            ),
        ),
        offers=tuple(best.offer for best in shown),
    )


def _verdict(share: float, paid: float, middle: float, own: Offer | None, desk: Desk) -> str:
    """Cheap, middling or dear: by the share of providers that ask less."""
    say = desk.say
    gap = say.percent(abs(paid / middle - 1))
    if own is not None and share > 0.25 and paid < 0.9 * gpu_hour(own):
        return say.t(
            "For {provider} that is low (its list starts at {list}); against the market it is not: {share} of providers ask less, the median is {price}.",
            provider=say.provider(own.provider),
            list=say.money(gpu_hour(own)),
            share=say.percent(share),
            price=say.money(middle),
        )
    if share <= 0.25:
        return say.t(
            "No: that is low. {share} of providers ask less; the median is {gap} above yours.",
            share=say.percent(share),
            gap=gap,
        )
    if share <= 0.6:
        return say.t(
            "Middling: {share} of providers ask less; the median is {price}.",
            share=say.percent(share),
            price=say.money(middle),
        )
    return say.t(
        "Yes, that is dear: {share} of providers ask less, and you pay {gap} over the median.",
        share=say.percent(share),
        gap=gap,
    )
