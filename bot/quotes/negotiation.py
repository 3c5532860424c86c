"""A negotiation sheet for a quote: what to aim at, where to stop, whom to name, what to trade.

The target is the price of a like offer that is listed today, never below the lowest of them and
never above the quote; so is the price to walk away at.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from bot.answers.offers import card_of, evidence, provider_cell
from bot.core.answer import Answer, Column, Fact, Table, TableRow
from bot.core.desk import Desk
from bot.core.wording import Wording
from bot.quotes import side
from knowledge.market import gpu_hour
from knowledge.prices.offer import Best

COMPARABLE = 3


class Aims(NamedTuple):
    quote: float
    """US dollars per GPU-hour, all in."""
    target: Best | None
    """The row whose price is aimed at; None: no like offer asks less."""
    walk_away: Best | None
    """The row at whose price others are taken instead."""
    rows: tuple[Best, ...]
    """Like offers that ask less, cheapest first."""
    kind: str
    """Which like offers: of the same term, or on demand."""


def aims(quote: dict[str, Any], desk: Desk) -> Aims | None:
    """Figures for a quote; None where it has no price or there are too few like offers."""
    value = side.usd(quote, desk)
    like = side.like_offers(quote, desk) if value is not None else None
    if value is None or like is None:
        return None
    rows, kind = like
    less = tuple(row for row in rows if gpu_hour(row.offer) < value)
    if not less:
        return Aims(value, None, None, (), kind)
    # The lowest may be one seller's sale: a quarter up the list is asked for, half way is taken.
    return Aims(value, less[(len(less) - 1) // 4], less[(len(less) - 1) // 2], less, kind)


def answer(quote: dict[str, Any], desk: Desk) -> Answer:
    """The sheet, with the mail to send."""
    say = desk.say
    found = aims(quote, desk)
    seller = side.seller_of(quote, say)
    if found is None:
        return Answer(headline=say.t("There are too few like offers to negotiate by, or the quote's price was not read."), tone="caution", private=True)  # fmt: skip
    trades = _trades(quote, say)
    shown = found.rows[:COMPARABLE]
    if found.target is None or found.walk_away is None:
        return Answer(
            headline=say.t("{seller} asks no more than any like offer ({kind}): negotiate the terms, not the price.", seller=seller, kind=found.kind),
            facts=tuple(Fact(say.t("Ask for"), words) for words in trades),
            private=True,
        )  # fmt: skip
    target, stop = gpu_hour(found.target.offer), gpu_hour(found.walk_away.offer)
    return Answer(
        headline=say.t("{seller} asks {price}: aim at {target}, walk away above {stop} per GPU-hour.", seller=seller, price=say.money(found.quote), target=say.money(target), stop=say.money(stop)),
        lines=_mail(quote, target, shown, say),
        table=Table(
            (Column(say.t("Comparable offer")), Column(say.t("Card")), Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")), Column(say.t("Seen"))),
            tuple(TableRow((provider_cell(one.offer, say), card_of(one.offer, say), say.plain_money(gpu_hour(one.offer)), say.date(one.offer.as_of, desk.now)), url=one.offer.source_url, stale=one.stale) for one in shown),
            caption=say.t("Like offers ({kind}); the target is {seller}'s price, the limit {other}'s.", kind=found.kind, seller=say.provider(found.target.offer.provider), other=say.provider(found.walk_away.offer.provider)),
        ),
        facts=tuple(Fact(say.t("Ask for"), words) for words in trades),
        evidence=evidence(one.offer for one in dict.fromkeys((*shown, found.target, found.walk_away))),
        offers=tuple(one.offer for one in shown),
        private=True,
    )  # fmt: skip


def _trades(quote: dict[str, Any], say: Wording) -> list[str]:
    """Clauses worth trading, from what the quote states and leaves out."""
    out = []
    if quote["prepayment"] and any(quote["prepayment"].values()):
        out.append(say.t("a lower price for the prepayment, or none"))
    elif quote["prepayment"] is None:
        out.append(say.t("a discount if you prepay a month"))
    if quote["renewal"] == "auto":
        out.append(say.t("no automatic renewal"))
    if quote["notice_days"] is None or quote["notice_days"] > 30:
        out.append(say.t("30 days' notice"))
    if quote["price_rise"] is None or quote["price_rise"]["kind"] != "fixed":
        out.append(say.t("a price fixed for the whole term"))
    if quote["sla_pct"] is None:
        out.append(say.t("an SLA with credits"))
    held = quote["included"] or {}
    if "storage_tb" not in held or "egress_tb" not in held:
        out.append(say.t("storage and data out included"))
    if quote["min_commitment"] and quote["min_commitment"]["unit"] == "pct":
        out.append(say.t("a lower minimum than {pct}%", pct=say.number(quote["min_commitment"]["value"])))  # fmt: skip
    if side.months_of(quote) and (side.months_of(quote) or 0) >= 12:
        out.append(say.t("a right to reduce or to swap cards after half the term"))
    return out


def _mail(quote: dict[str, Any], target: float, shown: tuple[Best, ...], say: Wording) -> tuple[str, ...]:  # fmt: skip
    """A mail to send, naming what is listed by others and no confidential quote."""
    what = f"{quote['count']}x {side.card_of(quote, say)}" if quote["count"] else side.card_of(quote, say)  # fmt: skip
    listed = say.listing([f"{say.provider(one.offer.provider)} {say.money(gpu_hour(one.offer))}" for one in shown])  # fmt: skip
    return (
        say.t("A mail to send:"),
        say.t("Thank you for your offer for {what}. We see like capacity listed at {listed} per GPU-hour. If you can do {target} all in, over the same term, we can decide this week. What would you need from us for that?", what=what, listed=listed, target=say.money(target)),
    )  # fmt: skip
