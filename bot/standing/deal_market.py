"""Where the market stands today beside a contract: like offers of its term, else on demand."""

from __future__ import annotations

from typing import NamedTuple

from bot.core.answer import Answer
from bot.core.desk import Asker, Desk
from bot.core.wording import wording
from bot.standing import deals
from bot.state import State
from bot.state.rows import Delivery
from knowledge.market import Subject, best_prices, median, select
from knowledge.prices.offer import OfferFilter
from knowledge.prices.store import Store

ENOUGH = 3
"""Fewer sellers than this are no market."""
SHARE = 0.15
"""Part of a contract's price by which the middle of the market must differ to be worth a line."""
MOST = 3


class Standing(NamedTuple):
    prices: tuple[float, ...]
    """US dollars per GPU-hour, one a seller, cheapest first."""
    term: int | None
    """Months of the like offers; None: on demand."""


def of(deal: deals.Deal, desk: Desk) -> Standing | None:
    """The like offers of a contract's card; None where there are too few, or no card is known."""
    if not deal.card:
        return None
    months = round((deal.end - deal.start).days / 30.42) if deal.start else None
    wanted = OfferFilter(accelerators=(deal.card,))
    for billing, term in ((("reserved", months),) if months else ()) + (("on-demand", None),):
        rows = select(desk.store, Subject(wanted, billing, term), desk.now).rows
        prices = sorted(best_prices(rows).values())
        if len(prices) >= ENOUGH:
            return Standing(tuple(prices), term)
    return None


def told(answer: Answer, delivery: Delivery, state: State, store: Store) -> Answer:
    """A weekly digest with a line for each contract that the market has left, where one person alone reads."""
    subscription, place = delivery.subscription, delivery.place
    if place.kind != "direct" or subscription is None or subscription.rule.every != "weekly":
        return answer
    say = wording(answer.lang, answer.locale)
    desk = Desk(store, delivery.at, say, Asker("standing", lang=answer.lang))
    lines = []
    for deal in deals.standing(state, place.id):
        paid = deal.usd_per_gpu_hour
        found = of(deal, desk) if paid is not None and deal.end >= delivery.at.date() else None
        if found is None or not paid:
            continue
        middle = median(found.prices)
        if abs(middle / paid - 1) < SHARE:
            continue
        kind = say.term(found.term) if found.term else say.billing("on-demand")
        lines.append(
            say.t(
                "You pay {seller} {paid}; like offers are {middle} in the middle ({kind}).",
                seller=deal.seller,
                paid=say.money(paid),
                middle=say.money(middle),
                kind=kind,
            )
        )
    if not lines:
        return answer
    return answer._replace(lines=(*answer.lines, *lines[:MOST]), private=True)
