"""From priced items to quotes: what belongs together, what contradicts."""

from __future__ import annotations

import re
from typing import Any

from bot.quotes import conditions, numbers
from bot.quotes.about import About, Context, Item, Section, agreed, labels_about
from bot.quotes.quote import Quote
from bot.quotes.spans import Counts
from bot.quotes.units import plausible_alone, unit_name

_RANK = (
    "gpu_hour",
    "node_hour",
    "gpu_day",
    "gpu_month",
    "node_month",
    "month",
    "hour",
    "day",
    "gpu_year",
    "year",
    "term",
)


def quotes_in(section: Section, context: Context, base: About) -> list[Quote]:
    fixed = labels_about(section)
    whole = fixed.over(agreed(section.seen)).over(base)
    candidates = [one for one in section.items if one.role == "price"]
    if not candidates:
        candidates = [
            one for one in section.items if one.role == "unknown" and plausible_alone(one, whole)
        ]
    if not candidates:
        candidates = [one for one in section.items if one.role in {"total", "grand_total"}]
    if not candidates:
        candidates = [one for one in section.items if one.role == "list"]
    if not candidates:
        return _unread(section, whole)
    if any(_NET.match(one.words) for one in candidates):
        candidates = [one for one in candidates if not _GROSS.match(one.words)]
    firm = [one for one in candidates if not _IF.match(one.words)]
    if firm and any(one.role == "price" for one in firm):
        candidates = [
            one
            for one in candidates
            if one in firm or one.about.term or one.about.counts != Counts()
        ]
    named = {one.about.seller.id for one in candidates if one.about.seller}
    groups: dict[tuple[Any, ...], list[tuple[Item, About, str | None]]] = {}
    odd: list[Item] = []
    for item in candidates:
        about = item.about.over(fixed).over(whole)
        unit = unit_name(item, about, context)
        if unit == "extra":
            odd.append(item)
            continue
        if len(named) > 1 and about.seller and section.seller is None:
            item.values.setdefault("seller", (about.seller.raw, about.seller.raw))
        groups.setdefault(_key(about, item), []).append((item, about, unit))
    totals = [
        one
        for one in section.items
        if one.role in {"total", "grand_total"} and one not in candidates
    ]
    out = [_one_quote(rows, context) for rows in _merged(groups).values()]
    for quote in out:
        if odd:
            quote.doubts.append("unplaced_sum")
            quote.read_from["unplaced_sum"] = odd[0].words
    if len(out) == 1:
        about = next(iter(groups.values()))[0][1]
        _check(
            out[0],
            [(one, about, unit_name(one, about, context)) for one in totals if one.role == "total"],
        )
    return out


_NET = re.compile(
    r"\W*(?:net\b|netto|neto|líquido|sem impostos|sin (?:IVA|impuestos)|HT\b|before tax|ex(?:cl)?\.? VAT)",
    re.IGNORECASE,
)
_GROSS = re.compile(
    r"\W*(?:gross|brutto|bruto|TTC\b|com impostos|con (?:IVA|impuestos)|after tax|incl\.? VAT|with VAT)",
    re.IGNORECASE,
)


_IF = re.compile(r"\W*(?:if|should|se|si|caso)\b", re.IGNORECASE)
"""A price that holds only if the buyer does something, which no field of a quote says."""


def _unread(section: Section, whole: About) -> list[Quote]:
    """A sum for a card whose unit no rule knows: a quote without a price, to be asked about."""
    item = next((one for one in section.items if one.role == "unknown" and one.sum.marked), None)
    if item is None or item.about.over(whole).card is None:
        return []
    quote = Quote()
    take_about(quote, item.about.over(whole))
    quote.doubts.append("price_unit")
    quote.read_from["price_unread"] = item.words
    return [quote]


def _key(about: About, item: Item) -> tuple[Any, ...]:
    seller = item.values.get("seller", (None, ""))[0]
    return (
        seller, about.card.card if about.card else None, about.card.memory_gb if about.card else None,
        about.card.form if about.card else None,
        (about.counts.count, about.counts.low, about.counts.high), (about.term.value, about.term.unit) if about.term else None,
        about.billing[0] if about.billing else None, about.place,
    )  # fmt: skip


def _merged(groups: dict[tuple[Any, ...], list[Any]]) -> dict[tuple[Any, ...], list[Any]]:
    """Groups that differ only in what one of them leaves open are one offer said twice."""
    keys = list(groups)
    for left in keys:
        for right in keys:
            if left == right or left not in groups or right not in groups:
                continue
            if all(
                a == b or a is None or a == (None, None, None)
                for a, b in zip(left, right, strict=True)
            ):
                units = {row[2] for row in groups[left]} & {row[2] for row in groups[right]}
                amounts = {row[0].sum.amount for row in groups[left]} | {
                    row[0].sum.amount for row in groups[right]
                }
                if not units or len(amounts) == 1:
                    groups[right] += groups.pop(left)
                    break
    return groups


def _one_quote(rows: list[tuple[Item, About, str | None]], context: Context) -> Quote:
    quote = Quote()
    firm = [one for one in rows if not one[0].sum.is_from and one[0].sum.high is None]
    rows = sorted(
        firm or rows[:1],
        key=lambda one: (one[0].sum.about, _RANK.index(one[2]) if one[2] in _RANK else 99),
    )
    item, about, unit = rows[0]
    for _, other, _ in rows[1:]:
        about = about.over(other)
    take_about(quote, about)
    for name, (value, said) in item.values.items():
        if name == "_setup":
            quote.charges.append(value)
        else:
            quote.put(name, value, said)
    month, said = conditions.month_hours(context.text, None, quote["term"])
    quote.month = month
    one = item.sum
    quote.size = item.unit.size or about.counts.per
    same = {
        row[0].sum.amount for row in rows if row[2] == unit and row[0].sum.currency == one.currency
    }
    prose_price = {
        "amount": None if one.amount is None else numbers.plain(one.amount),
        "high": None if one.high is None else numbers.plain(one.high),
        "currency": one.currency or context.currency, "unit": unit,
        "kind": "range" if one.high is not None else "from" if one.is_from else "exact", "raw": one.raw,
    }  # fmt: skip
    if one.amount is None:
        quote.doubts.append("price_ambiguous")
        quote.read_from["price_unread"] = item.words
    elif len(same) > 1:
        quote.doubts.append("two_prices")
        quote.read_from["price_unread"] = " / ".join(dict.fromkeys(row[0].words for row in rows))[
            :240
        ]
    elif unit is None:
        quote.doubts.append("price_unit")
        quote.read_from["price_unread"] = item.words
    else:
        quote.put("price", prose_price, item.words)
        if prose_price["currency"] is None:
            quote.doubts.append("currency")
        _check(quote, rows[1:])
    return quote


def _check(quote: Quote, others: list[tuple[Item, About, str | None]]) -> None:
    """The same price in another unit must come to the same; else the reader is told."""
    mine = quote.gpu_hour()
    for item, _, unit in others:
        if (
            mine is None
            or unit is None
            or item.sum.amount is None
            or item.sum.currency != quote["price"]["currency"]
        ):
            continue
        other = quote.per_gpu_hour(item.sum.amount, unit)
        if other is not None and abs(other / mine - 1) > 0.05:
            quote.doubts.append("total_differs")


def take_about(quote: Quote, about: About) -> None:
    card = about.card
    if card and quote["card"] in {None, card.card}:
        quote.put("card", card.card, card.raw)
        quote.put("form_factor", card.form, card.raw)
        quote.put(
            "memory_gb", conditions.whole(card.memory_gb) if card.memory_gb else None, card.raw
        )
        quote.put("machine", card.machine, card.raw)
        if card.machine and quote.seller_id is None:
            quote.seller_id = card.seller
    counts = about.counts
    if quote["count"] is None and quote["count_min"] is None and quote["count_max"] is None:
        if counts.low is not None or counts.high is not None:
            quote.put("count_min", counts.low, counts.raw)
            quote.put("count_max", counts.high, counts.raw)
        else:
            count = counts.count
            if count is None and counts.nodes and counts.per:
                count = counts.nodes * counts.per
            quote.put("count", count, counts.raw)
    quote.put(
        "gpus_per_machine",
        counts.per or (card.gpus if card else None),
        counts.raw or (card.raw if card else ""),
    )
    if about.term and not (about.billing and about.billing[0] == "spot"):
        quote.put("term", {"value": about.term.value, "unit": about.term.unit}, about.term.raw)
    if about.billing:
        quote.put("billing", about.billing[0], about.billing[1])
    quote.put("place", about.place, about.place or "")
