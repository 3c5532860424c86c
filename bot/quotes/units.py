"""Per what and per when a price is: as said; where half said, by what alone is possible."""

from __future__ import annotations

import re
from functools import cache
from statistics import median

from bot.quotes.about import About, Context, Item
from bot.quotes.money import Unit
from knowledge.facts.units import DAY, MONTH, WEEK, YEAR


@cache
def _bounds(card: str) -> tuple[float, float, float] | None:
    """The lowest, highest and middle known price of a card, USD per GPU-hour, from the bundled offers."""
    from knowledge.facts import bundled

    prices = []
    for row in bundled.rows("offers"):
        if row.get("accelerator") == card:
            raw = row.get("price_usd_per_gpu_hour") or row.get("price_per_gpu_hour") or ""
            try:
                value = (
                    float(raw) if raw else float(row["price_usd_per_hour"]) / float(row["count"])
                )
            except (KeyError, ValueError, ZeroDivisionError):
                continue
            if value > 0:
                prices.append(value)
    return (min(prices), max(prices), median(prices)) if prices else None


_IN_USD = {
    "USD": 1.0,
    "EUR": 1.1,
    "GBP": 1.3,
    "CHF": 1.15,
    "BRL": 0.18,
    "MXN": 0.055,
    "CAD": 0.73,
    "AUD": 0.65,
} | {
    "INR": 0.012, "JPY": 0.0066, "SEK": 0.1, "NOK": 0.1, "DKK": 0.15, "PLN": 0.27, "SGD": 0.77, "COP": 0.00025, "CLP": 0.0011,
    "ARS": 0.0008, "PEN": 0.27, "CZK": 0.047, "HUF": 0.003, "RON": 0.22, "AED": 0.27, "ILS": 0.28, "ZAR": 0.057, "NZD": 0.6,
    "HKD": 0.128, "KRW": 0.0007, "CNY": 0.14,
}  # fmt: skip
"""Rough, for telling a price per GPU from one per machine; never shown and never reckoned with."""


def fits(amount: float, currency: str | None, card: str | None) -> bool:
    """Whether a GPU-hour could cost that."""
    low, high, _ = (_bounds(card) if card else None) or (0.05, 20.0, 2.0)
    value = amount * _IN_USD.get(currency or "USD", 1.0)
    return max(0.04, 0.4 * low) <= value <= max(1.5 * high, 2.0)


def plausible_alone(item: Item, whole: About) -> bool:
    about = item.about.over(whole)
    return (
        item.sum.amount is not None
        and about.card is not None
        and item.sum.marked
        and fits(float(item.sum.amount), item.sum.currency, about.card.card)
        and item.sum.amount < 100
    )


_HOURS = {"hour": 1, "day": DAY, "week": WEEK, "month": MONTH, "year": YEAR}
_SAID: dict[tuple[str | None, str | None], tuple[str, ...]] = {
    ("gpu", "hour"): ("gpu_hour",), ("gpu", "day"): ("gpu_day",), ("gpu", "month"): ("gpu_month",), ("gpu", "year"): ("gpu_year",),
    ("node", "hour"): ("node_hour",), ("node", "month"): ("node_month",),
    ("all", "hour"): ("hour",), ("all", "day"): ("day",), ("all", "month"): ("month",), ("all", "year"): ("year",),
    ("all", "term"): ("term",), ("gpu", "term"): (), ("node", "term"): (), (None, "term"): ("term",),
    ("gpu", None): ("gpu_hour",), (None, "hour"): ("gpu_hour", "node_hour", "hour"), (None, "day"): ("gpu_day", "day"),
    (None, "month"): ("gpu_month", "node_month", "month"), (None, "year"): ("gpu_year", "year"), (None, None): ("gpu_hour",),
}  # fmt: skip
"""What a price can be per, by the words that stand at it: (per what, per when) -> names of units."""
_TOTAL: dict[str | None, tuple[str, ...]] = {
    "hour": ("hour",), "day": ("day",), "month": ("month",), "year": ("year",), "term": ("term",), None: ("month", "term"),
}  # fmt: skip
"""The same for a total, which is of all GPUs."""


def unit_name(item: Item, about: About, context: Context) -> str | None:
    """The unit of a price: as said; where half said, by what alone is possible; else None.

    `extra` says that the sum is no price of a card (a fee per GPU far below any card's price).
    """
    unit = item.unit | _document_unit(item, context)
    if unit.size and not item.unit.size:
        item.unit = unit
    if unit.thing == "other":
        return "extra"
    if item.sum.amount is None:
        return "gpu_hour"
    case = _Case(item, about, context, unit)
    names = _possible(case)
    possible = [name for name in names if case.fits(name)]
    if len(possible) > 1:
        possible = [name for name in possible if case.common(name)]
    if len(possible) != 1:
        fee = unit.thing == "gpu" and len(names) == 1 and case.far_below(names[0])
        return "extra" if fee else None
    if possible[0] == "node_hour" and unit.thing is None and case.size:
        item.unit = Unit("node", "hour", case.size)
        if about.counts.per is None:
            about.counts = about.counts._replace(per=case.size)
    return possible[0]


def _document_unit(item: Item, context: Context) -> Unit:
    """What a sentence says of all prices ("prices in USD per GPU-hour"), where the price's own words leave it open."""
    said, of_all = item.unit, context.unit
    if item.role not in {"price", "list"}:
        return Unit()
    if said.thing is None and of_all.thing and said.time in {None, of_all.time}:
        return of_all
    if said.time is None and said.thing and said.thing == of_all.thing:
        return of_all
    return Unit()


DEAR = 3
"""Times the middle price of a card above which a sum without "per GPU" is not taken for one GPU's."""
_MACHINE = re.compile(
    r"\b(?:servers?|nodes?|machines?|clusters?|servidor\w*|nós?|nodos?|máquinas?|systems?|racks?)\b",
    re.IGNORECASE,
)


class _Case:
    """A sum and what is known of the capacity that it is for."""

    def __init__(self, item: Item, about: About, context: Context, unit: Unit) -> None:
        self.item, self.unit = item, unit
        self.amount = float(item.sum.amount or 0)
        self.currency = item.sum.currency or context.currency
        self.card = about.card.card if about.card else None
        self.count = about.counts.count
        self.term = about.term
        few = self.count if self.count and self.count <= 8 else None
        self.size = (
            unit.size or about.counts.per or (about.card.gpus if about.card else None) or few
        )

    def gpu_hours(self, name: str) -> float | None:
        """GPU-hours that one unit holds; None where a figure for it is not known."""
        thing, _, time = name.rpartition("_")
        if name == "term":
            hours = _HOURS[self.term.unit] * self.term.value if self.term else None
        else:
            hours = _HOURS[time]
        many = {"gpu": 1, "node": self.size or (8 if self.unit.thing == "node" else None)}.get(
            thing, self.count
        )
        return hours * many if hours and many else None

    def fits(self, name: str) -> bool:
        """Whether a GPU-hour could cost that; a unit said in full is believed where it cannot be reckoned."""
        hours = self.gpu_hours(name)
        if hours is None:
            return self.unit.thing in {"node", "all"} or self.unit.time == "term" or self._of_all()
        if fits(self.amount / hours, self.currency, self.card):
            return True
        # One machine's size is only supposed: a machine of one GPU is possible too.
        supposed = self.unit.thing == "node" and self.size is None
        return supposed and fits(
            self.amount / _HOURS[name.rpartition("_")[2]], self.currency, self.card
        )

    def dear(self, name: str) -> bool:
        """Whether a GPU would cost several times what is usual: then the sum is rather a machine's."""
        hours, bounds = self.gpu_hours(name), _bounds(self.card) if self.card else None
        value = self.amount * _IN_USD.get(self.currency or "USD", 1.0) / (hours or 1)
        return bool(bounds) and value > DEAR * (bounds or (0, 0, 1))[2]

    def _of_all(self) -> bool:
        said = re.search(r"\btotal\b|\ball\b|cluster", self.item.words, re.IGNORECASE)
        return self.count is None and bool(said) and self.unit.time == "month"

    def common(self, name: str) -> bool:
        """Whether a GPU-hour costs that at a seller that is known."""
        hours, bounds = self.gpu_hours(name), _bounds(self.card) if self.card else None
        if not hours or not bounds:
            return False
        value = self.amount * _IN_USD.get(self.currency or "USD", 1.0) / hours
        return bounds[0] * 0.8 <= value <= bounds[1]

    def far_below(self, name: str) -> bool:
        hours, bounds = self.gpu_hours(name), _bounds(self.card) if self.card else None
        low = bounds[0] if bounds else 0.1
        return (
            bool(hours)
            and self.amount / (hours or 1) * _IN_USD.get(self.currency or "USD", 1.0) < 0.4 * low
        )


def _possible(case: _Case) -> tuple[str, ...]:
    """The units that the words leave open."""
    thing, time = case.unit.thing, case.unit.time
    if case.item.role in {"total", "grand_total"} and thing in {None, "all"}:
        whole = not case.term or _HOURS[case.term.unit] * case.term.value == MONTH
        return ("month",) if time is None and whole else _TOTAL.get(time, ())
    names = _SAID.get((thing, time), ())
    if time is None and case.amount >= 100:
        monthly = re.search(r"month|mês|mes|mensal|mensual", case.item.words, re.IGNORECASE)
        return ("gpu_month",) if thing == "gpu" and monthly else ()
    if (thing, time) == (None, None):
        # Without any unit: a GPU-hour, unless it could be a machine's as well.
        of_machine = case.size and case.size > 1 and case.amount > 6 and case.fits("node_hour")
        return (
            ()
            if not case.card or case.item.role not in {"price", "unknown", "list"} or of_machine
            else names
        )
    few = case.count is not None and case.count <= 8
    left = {
        "hour" if few or case.count == case.size else "",
        "node_hour" if case.size in {None, 1} else "",
    }
    if thing is None and time in {"day", "month", "year"}:
        # Nothing says that the sum is for one GPU: neither where there is one, nor at a machine's price.
        alone = case.count == 1 or case.dear(f"gpu_{time}") or _MACHINE.search(case.item.words)
        left |= {f"gpu_{time}"} if alone else set()
        left |= {"node_month"} if case.size in {None, 1, case.count} else set()
    return names if thing else tuple(name for name in names if name not in left)
