"""Per what and per when a price is: as said; where half said, by what alone is possible."""

from __future__ import annotations

import re
from functools import cache

from bot.quotes.about import About, Context, Item
from bot.quotes.money import Unit


@cache
def _bounds(card: str) -> tuple[float, float] | None:
    """The lowest and highest known price of a card, USD per GPU-hour, from the bundled offers."""
    from knowledge import bundled

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
    return (min(prices), max(prices)) if prices else None


_IN_USD = {
    "USD": 1.0,
    "EUR": 1.1,
    "GBP": 1.3,
    "CHF": 1.15,
    "BRL": 0.18,
    "MXN": 0.055,
    "CAD": 0.73,
    "AUD": 0.65,
}
"""Rough, for telling a price per GPU from one per machine; never shown and never reckoned with."""


def fits(amount: float, currency: str | None, card: str | None) -> bool:
    """Whether a GPU-hour could cost that."""
    low, high = (_bounds(card) if card else None) or (0.05, 20.0)
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


def unit_name(item: Item, about: About, context: Context) -> str | None:
    """The unit of a price: as said; where half said, by what alone is possible; else None."""
    unit = item.unit
    if item.role in {"price", "list"}:
        if (
            unit.thing is None
            and context.unit.thing
            and (unit.time is None or unit.time == context.unit.time)
        ) or (
            unit.time is None
            and unit.thing
            and context.unit.time
            and unit.thing == context.unit.thing
        ):
            unit = unit | context.unit
    if unit.size and not item.unit.size:
        item.unit = unit
    if item.sum.amount is None:
        return "gpu_hour"
    amount = float(item.sum.amount)
    currency = item.sum.currency or context.currency
    card = about.card.card if about.card else None
    per = unit.size or about.counts.per or (about.card.gpus if about.card else None)
    count = about.counts.count
    thing, time = unit.thing, unit.time
    if thing == "other":
        return "extra"
    if thing == "gpu" and time in {"hour", "month", "day", "year"}:
        hours = {"hour": 1, "month": 730, "day": 24, "year": 8760}[time]
        if not fits(amount / hours, currency, card):
            return (
                "extra"
                if amount / hours * _IN_USD.get(currency or "USD", 1.0)
                < 0.4 * ((_bounds(card) if card else None) or (0.1, 1))[0]
                else None
            )
        return f"gpu_{time}"
    if thing == "gpu" and time is None:
        if fits(amount, currency, card):
            return "gpu_hour" if amount < 100 else None
        return (
            "gpu_month"
            if fits(amount / 730, currency, card)
            and re.search(r"month|mês|mes|mensal|mensual", item.words, re.IGNORECASE)
            else None
        )
    if thing == "node" and time in {"hour", "month"}:
        hours = 1 if time == "hour" else 730
        if fits(amount / (per or 8) / hours, currency, card) or per is None:
            if (
                per is None
                and fits(amount / hours, currency, card)
                and not fits(amount / 8 / hours, currency, card)
            ):
                per = 1
            return f"node_{time}"
        return None
    if thing == "node" and time is None:
        return None
    if thing == "all" and time == "month":
        return "month"
    if thing == "all" and time == "hour":
        return "hour"
    if time == "term":
        return "term"
    if thing == "all" and time is None and item.role in {"total", "grand_total"}:
        return _total_unit(amount, currency, card, count, about)
    if item.role in {"total", "grand_total"}:
        if time == "month":
            return "month"
        if time == "hour":
            return "hour"
        if time == "year":
            return "year"
        return _total_unit(amount, currency, card, count, about)
    if time == "hour":
        options = []
        if fits(amount, currency, card):
            options.append("gpu_hour")
        size = per or (count if count and count <= 8 else None)
        if size and size > 1 and fits(amount / size, currency, card):
            options.append("node_hour")
            item.unit = Unit("node", "hour", size)
        if count and count > 8 and count != size and fits(amount / count, currency, card):
            options.append("hour")
        if len(options) == 1:
            if options[0] == "node_hour" and about.counts.per is None and size:
                about.counts = about.counts._replace(per=size)
            return options[0]
        return _closest(amount, options, size, count, card, currency)
    if time == "month":
        options = []
        if fits(amount / 730, currency, card) and count != 1:
            options.append("gpu_month")
        if count and fits(amount / 730 / count, currency, card):
            options.append("month")
        if len(options) == 1:
            return options[0]
        if (
            not options
            and count is None
            and re.search(r"\btotal\b|all|cluster", item.words, re.IGNORECASE)
        ):
            return "month"
        return None
    if time == "day":
        return (
            "day"
            if count
            and fits(amount / 24 / count, currency, card)
            and not (count != 1 and fits(amount / 24, currency, card))
            else None
        )
    if time == "year":
        return (
            "year"
            if count
            and fits(amount / 8760 / count, currency, card)
            and not (count != 1 and fits(amount / 8760, currency, card))
            else None
        )
    if time is None and thing is None and fits(amount, currency, card) and amount < 100 and card:
        size = per or (count if count and count <= 8 else None)
        if size and size > 1 and fits(amount / size, currency, card) and amount > 6:
            return None
        return "gpu_hour"
    if time is None and thing is None and item.role == "price" and count:
        return None
    return None


def _closest(
    amount: float,
    options: list[str],
    size: int | None,
    count: int | None,
    card: str | None,
    currency: str | None,
) -> str | None:
    """Two readings are possible: one must lie well within the market and the other at its edge."""
    bounds = _bounds(card) if card else None
    if not bounds or not options:
        return None
    low, high = bounds
    rate = _IN_USD.get(currency or "USD", 1.0)
    inside = []
    for name in options:
        value = amount * rate / ({"gpu_hour": 1, "node_hour": size or 1, "hour": count or 1}[name])
        if low * 0.8 <= value <= high:
            inside.append(name)
    return inside[0] if len(inside) == 1 else None


def _total_unit(
    amount: float, currency: str | None, card: str | None, count: int | None, about: About
) -> str | None:
    """A total of unsaid length: for a month or for the whole term, where only one is possible."""
    if not count:
        return None
    options = []
    if fits(amount / 730 / count, currency, card):
        options.append("month")
    if about.term:
        hours = {"month": 730, "year": 8760, "week": 168, "day": 24, "hour": 1}[
            about.term.unit
        ] * about.term.value
        if hours != 730 and fits(amount / hours / count, currency, card):
            options.append("term")
    return options[0] if len(options) == 1 else None
