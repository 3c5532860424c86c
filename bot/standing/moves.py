"""What moved: the figures behind a digest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from bot.answers.offers import subject_of
from bot.core.desk import Desk
from bot.core.question import Question
from bot.standing.watches import scope_question
from knowledge.facts.providers import all_providers, tier_of
from knowledge.market import gpu_hour, matched, select
from knowledge.prices.offer import Best, DayPrice
from knowledge.prices.store import Mover

MOVED = 0.005
"""Below half a percent a price stands still: rounding, currency."""
TREND_DAYS = 28
MOVERS_SEEN = 200
"""Movers looked at to find those worth saying."""
NAMED = 3
"""Movers, new and vanished offers said at most, each."""


class Row(NamedTuple):
    """One card of the digest."""

    best: Best
    change: float | None
    """Of the period, as a share: every seller beside itself (`knowledge.market.index`)."""
    spot: Best | None
    hyperscaler: Best | None
    trend: tuple[DayPrice, ...]

    @property
    def now(self) -> float:
        return gpu_hour(self.best.offer)

    @property
    def moved(self) -> bool:
        return self.change is not None and abs(self.change) >= MOVED


def rows_of(cards: Sequence[str], question: Question, days: int, desk: Desk) -> list[Row]:
    """A row for each card that is on offer."""
    return [row for card in cards if (row := _row(card, question, days, desk)) is not None]


def movers_of(question: Question, days: int, desk: Desk) -> list[Mover]:
    """The largest moves worth saying."""
    moved = desk.store.movers(desk.now, days, MOVERS_SEEN)
    return _distinct(one for one in moved if _said(one, question))[:NAMED]


def lead_of(rows: Sequence[Row]) -> Row | None:
    """The card that moved most; None when all stand still."""
    return max(
        (row for row in rows if row.moved), key=lambda row: abs(row.change or 0), default=None
    )


def _row(card: str, question: Question, days: int, desk: Desk) -> Row | None:
    asked = scope_question(question._replace(accelerators=(card,), max_price=None))
    found = select(desk.store, subject_of(asked, desk), desk.now)
    billing = asked.billing
    mine = [best for best in found.rows if best.offer.host_included]
    if not mine:
        return None
    best = mine[0]
    memory = best.offer.memory_gb
    spot = [one for one in found.other_kinds.get("spot", ()) if _like(one, memory)]
    big = [one for one in mine if one.tier == "hyperscaler" and _like(one, memory)]
    billing = billing or "on-demand"
    sellers = _sellers(question, _unheard(mine))
    trend = _trend(card, memory, sellers, billing, desk)
    return Row(
        best,
        _change(card, memory, sellers, billing, days, desk) if _placeless(question) else None,
        spot[0] if spot and billing != "spot" else None,
        big[0] if big and best.tier != "hyperscaler" else None,
        trend,
    )


def _like(best: Best, memory: float | None) -> bool:
    return best.offer.host_included and best.offer.memory_gb == memory


def _placeless(question: Question) -> bool:
    """History knows no regions: a change in Europe is not the change anywhere."""
    return not (question.region or question.regions or question.exclude_regions)


def _unheard(bests: Sequence[Best]) -> set[str]:
    """Providers of whom only old prices are known while others' are fresh: today's best leaves
    them out, so the past it is compared with does too."""
    fresh = {best.offer.provider for best in bests if not best.stale}
    return {best.offer.provider for best in bests} - fresh if fresh else set()


def _sellers(question: Question, unheard: set[str]) -> tuple[str, ...]:
    return question.providers or tuple(
        one.id
        for one in all_providers()
        if (one.tier != "marketplace" or question.tier == "marketplace")
        and one.id not in question.exclude_providers
        and one.id not in unheard
    )


def _trend(
    card: str, memory: float | None, sellers: tuple[str, ...], billing: str, desk: Desk
) -> tuple[DayPrice, ...]:
    until = desk.now.date()
    since = until - timedelta(days=TREND_DAYS + 7)
    return tuple(desk.store.history((card,), memory, billing, sellers, since, until))


def _change(
    card: str, memory: float | None, sellers: tuple[str, ...], billing: str, days: int, desk: Desk
) -> float | None:
    """The matched index over the period; None when no seller was seen twice."""
    until = desk.now.date()
    since = until - timedelta(days=days)
    paths = desk.store.paths(card, memory, billing, since, until)
    index = matched({key: path for key, path in paths.items() if key[0] in sellers}, since, until)
    return None if index is None else index.change


def _distinct(movers: Iterable[Mover]) -> list[Mover]:
    """One move of a provider's card: spot mostly follows on-demand."""
    first: dict[tuple[str, str, float], Mover] = {}
    for one in movers:
        first.setdefault((one.provider, one.accelerator, one.memory_gb), one)
    return list(first.values())


def _said(mover: Mover, question: Question) -> bool:
    """Single hosts of a marketplace come and go by the hour: their moves are no news."""
    if mover.billing not in {"on-demand", "spot"}:
        return False
    if question.providers:
        return mover.provider in question.providers
    return tier_of(mover.provider) != "marketplace" or question.tier == "marketplace"
