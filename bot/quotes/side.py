"""Quotes beside each other: one table, where each stands in the market, what it lacks, what to ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.answers.offers import evidence
from bot.core.answer import Answer, Column, Fact, Table, TableRow
from bot.core.desk import Desk
from bot.core.wording import Wording
from knowledge.facts.units import MONTH
from knowledge.market import Subject, best_prices, median, select
from knowledge.prices.currencies import exchange
from knowledge.prices.offer import Best, OfferFilter

ENOUGH = 3
"""Fewer sellers than this are no market to stand in."""
MONTHS = {"month": 1, "year": 12}
Read = dict[str, Any]


def answer(readings: Sequence[Read], desk: Desk) -> Answer:
    """The quotes of all readings side by side, cheapest all-in first; or why there is none."""
    say = desk.say
    quotes = [quote for one in readings for quote in one["quotes"]]
    if not quotes:
        return Answer(headline=_nothing(readings, say), tone="caution", private=True)
    ranked = sorted(quotes, key=lambda one: (_usd(one, desk) is None, _usd(one, desk) or 0.0))
    places = [_place(one, desk) for one in ranked]
    first = ranked[0]
    best = _usd(first, desk)
    if best is None:
        headline = say.t("No price could be read for certain: see what to ask.")
    elif len({one["card"] for one in ranked}) > 1:
        headline = say.t(
            "{n} quotes of different cards: they are not ranked against each other.", n=len(ranked)
        )
    elif len(ranked) == 1:
        headline = say.t(
            "{seller}: {price} per GPU-hour, all in.",
            seller=_seller(first, say),
            price=say.money(best),
        )
    else:
        headline = say.t(
            "{seller} asks least: {price} per GPU-hour, all in.",
            seller=_seller(first, say),
            price=say.money(best),
        )
    shown = [one for place in places for one in place[1][:1]]
    return Answer(
        headline=headline,
        lines=_lines(ranked, desk),
        table=_table(ranked, [text for text, _ in places], desk),
        facts=tuple(Fact(_seller(one, say), _ask(one, say)) for one in ranked[:6]),
        evidence=evidence(best.offer for best in shown) if shown else (),
        tone="plain" if best is not None else "caution",
        private=True,
    )


def _nothing(readings: Sequence[Read], say: Wording) -> str:
    reasons = {str(one.get("reason")) for one in readings if one.get("reason")}
    if "picture" in reasons:
        return say.t("This is a picture without text: paste the text of the quote.")
    if "encrypted" in reasons:
        return say.t("The file is locked by a password: send an open copy.")
    if reasons:
        return say.t(
            "The file was not read ({reason}): send the quote as text, CSV, XLSX or PDF.",
            reason=min(reasons).replace("_", " "),
        )
    return say.t("I found no quote in it: a seller, a card and a price are what I look for.")


def _seller(quote: Read, say: Wording) -> str:
    return str(quote["seller"] or say.t("seller not stated"))


def _usd(quote: Read, desk: Desk) -> float | None:
    """All-in US dollars for one GPU-hour; by our own rate where the document fixes none."""
    if quote["all_in_usd_gpu_h"] is not None:
        return float(quote["all_in_usd_gpu_h"])
    amount, price = quote.get("all_in_gpu_h"), quote["price"]
    if amount is None or price is None or price["currency"] in {None, "USD"}:
        return None
    rate = exchange(price["currency"], desk.store)
    return rate.to_usd(float(amount)) if rate else None


def _months(quote: Read) -> int | None:
    term = quote["term"]
    return int(term["value"]) * MONTHS[term["unit"]] if term and term["unit"] in MONTHS else None


def _table(quotes: Sequence[Read], places: Sequence[str], desk: Desk) -> Table:
    say = desk.say
    columns = (
        Column(say.t("Seller")), Column(say.t("Card")), Column("GPUs", "right"), Column(say.t("Term")),
        Column(say.t("As written"), "right"),
        Column(say.t("$/GPU-h all in"), "right", unit=say.t("US dollars per GPU-hour")),
        Column(say.t("Total"), "right", essential=False), Column(say.t("In the market"), essential=False),
    )  # fmt: skip
    rows = tuple(
        TableRow(
            (
                _seller(one, say),
                _card(one, say),
                str(one["count"] or one["count_min"] or "?"),
                _term(one, say),
                _written(one, say),
                _all_in(one, desk),
                _total(one, desk),
                place,
            )
        )
        for one, place in zip(quotes, places, strict=True)
    )
    return Table(columns, rows)


def _card(quote: Read, say: Wording) -> str:
    return (
        say.card(quote["card"], quote["memory_gb"], quote["form_factor"]) if quote["card"] else "?"
    )


def _term(quote: Read, say: Wording) -> str:
    months = _months(quote)
    if months:
        return say.term(months)
    return f"{quote['term']['value']} {quote['term']['unit']}" if quote["term"] else "?"


def _written(quote: Read, say: Wording) -> str:
    price = quote["price"]
    if price is None:
        return say.t("not read")
    unit = {
        "gpu_hour": say.t("a GPU-hour"), "node_hour": say.t("a machine-hour"), "gpu_month": say.t("a GPU and month"),
        "month": say.t("a month"), "term": say.t("for the term"),
    }.get(price["unit"], price["unit"].replace("_", " "))  # fmt: skip
    return f"{price['raw']} {unit}"


def _all_in(quote: Read, desk: Desk) -> str:
    value = _usd(quote, desk)
    return desk.say.plain_money(value) if value is not None else "?"


def _total(quote: Read, desk: Desk) -> str:
    value, months, count = _usd(quote, desk), _months(quote), quote["count"]
    if value is None or not months or not count:
        return "?"
    return desk.say.sum(value * months * MONTH * count)


def _place(quote: Read, desk: Desk) -> tuple[str, list[Best]]:
    """How many like offers ask less, and those that do; of the same term, else on demand."""
    value, say = _usd(quote, desk), desk.say
    if value is None or not quote["card"]:
        return "?", []
    wanted = OfferFilter(
        accelerators=(quote["card"],),
        form_factor=quote["form_factor"],
        memory_gb=float(quote["memory_gb"]) if quote["memory_gb"] else None,
    )
    months = _months(quote)
    for billing, term in ((("reserved", months),) if months else ()) + (("on-demand", None),):
        rows = select(desk.store, Subject(wanted, billing, term), desk.now).rows
        prices = best_prices(rows)
        if len(prices) < ENOUGH:
            continue
        less = sum(1 for price in prices.values() if price < value)
        kind = say.term(term) if term else say.billing("on-demand")
        text = say.t(
            "{n} of {all} ask less ({kind}); median {price}",
            n=less,
            all=len(prices),
            kind=kind,
            price=say.money(median(list(prices.values()))),
        )
        return text, [best for best in rows if (best.offer.price_usd_per_gpu_hour or 0) < value][:3]
    return say.t("too few like offers"), []


def _lines(quotes: Sequence[Read], desk: Desk) -> tuple[str, ...]:
    """Differences that decide, and what stands in doubt."""
    say = desk.say
    out = []
    terms = {_months(one) for one in quotes}
    if len(terms) > 1:
        out.append(say.t("The terms differ in length: compare the totals with care."))
    doubts = {doubt for one in quotes for doubt in one["doubts"]}
    if doubts & {"price_ambiguous", "price_unit", "two_prices", "currency"}:
        out.append(say.t("A price can be read in two ways: it is left unread until you say which."))
    if "total_differs" in doubts:
        out.append(say.t("A stated total is not price times quantity times term: ask which holds."))
    if any(one["tax"] == "included" for one in quotes) and any(
        one["tax"] != "included" for one in quotes
    ):
        out.append(say.t("One price holds taxes and another does not."))
    out.append(
        say.t(
            "Read by rules from the text; check it against the document. This is no legal advice."
        )
    )
    return tuple(out)


def lacking(quote: Read, say: Wording) -> list[str]:
    """What a buyer needs and the quote does not state."""
    words = (
        ("term", say.t("term")), ("interconnect", say.t("interconnect")), ("place", say.t("place")), ("start", say.t("start date")),
        ("sla_pct", say.t("SLA")), ("notice_days", say.t("notice")), ("renewal", say.t("renewal")), ("price_rise", say.t("price changes")),
        ("prepayment", say.t("prepayment")), ("tax", say.t("taxes")), ("valid_until", say.t("validity")),
    )  # fmt: skip
    out = [word for name, word in words if quote[name] is None]
    held = quote["included"] or {}
    out += [
        word
        for name, word in (
            ("storage_tb", say.t("storage")),
            ("egress_tb", say.t("data out")),
            ("support", say.t("support")),
        )
        if name not in held
    ]
    return out


def _ask(quote: Read, say: Wording) -> str:
    missing = lacking(quote, say)
    return (
        say.t("ask for: {fields}", fields=say.listing(missing))
        if missing
        else say.t("nothing is missing")
    )
