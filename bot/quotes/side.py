"""Quotes beside each other: one table, where each stands in the market, what it lacks, what to ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.answers.offers import evidence
from bot.core.answer import Answer, Column, Fact, Table, TableRow
from bot.core.desk import Desk
from bot.core.text import clean, shorten
from bot.core.wording import Wording
from knowledge.facts.units import MONTH
from knowledge.market import Subject, gpu_hour, median, one_a_seller, select
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
        return Answer(headline=nothing(readings, say), tone="caution", private=True)
    ranked = sorted(quotes, key=lambda one: (usd(one, desk) is None, usd(one, desk) or 0.0))
    places = [place_of(one, desk) for one in ranked]
    first = ranked[0]
    best = usd(first, desk)
    if best is None:
        headline = say.t("No price could be read for certain: see what to ask.")
    elif len({one["card"] for one in ranked}) > 1:
        headline = say.t(
            "{n} quotes of different cards: they are not ranked against each other.", n=len(ranked)
        )
    elif len(ranked) == 1:
        headline = say.t(
            "{seller}: {price} per GPU-hour, all in.",
            seller=seller_of(first, say),
            price=say.money(best),
        )
    else:
        headline = say.t(
            "{seller} asks least: {price} per GPU-hour, all in.",
            seller=seller_of(first, say),
            price=say.money(best),
        )
    shown = [one for place in places for one in place[1][:1]]
    return Answer(
        headline=headline,
        lines=_lines(ranked, desk),
        table=_table(ranked, [text for text, _ in places], desk),
        facts=tuple(Fact(seller_of(one, say), _ask(one, say)) for one in ranked[:6]),
        evidence=evidence(best.offer for best in shown) if shown else (),
        tone="plain" if best is not None else "caution",
        private=True,
    )


def nothing(readings: Sequence[Read], say: Wording) -> str:
    reasons = {str(one.get("reason")) for one in readings if one.get("reason")}
    if "picture" in reasons:
        return say.t("This is a picture without text: paste the text of the quote.")
    if "encrypted" in reasons:
        return say.t("The file is locked by a password: send an open copy.")
    if "not_fetched" in reasons:
        return say.t(
            "The file could not be fetched: whoever runs this bot may have to allow files. Paste the text of the quote."
        )
    if reasons:
        return say.t(
            "The file was not read ({reason}): send the quote as text, CSV, XLSX or PDF.",
            reason=min(reasons).replace("_", " "),
        )
    return say.t("I found no quote in it: a seller, a card and a price are what I look for.")


def clause_names(say: Wording) -> dict[str, str]:
    """What the clauses of a contract are called, in the order that they are shown in."""
    return {
        "auto_renewal": say.t("automatic renewal"), "notice": say.t("notice"), "price_rise": say.t("price changes"),
        "take_or_pay": say.t("take or pay"), "idle_billing": say.t("billing while idle"), "sla_credits": say.t("SLA credits"),
        "sla_cap": say.t("cap on credits"), "data_return_deletion": say.t("return and deletion of data"),
        "sub_processors": say.t("sub-processors"), "termination_convenience": say.t("ending without a reason"),
        "liability_cap": say.t("limit of liability"), "switching_exit": say.t("help with leaving"),
    }  # fmt: skip


def contract(reading: Read, say: Wording) -> Answer:
    """The clauses of a contract, each with the sentence it was read from; missing ones are named."""
    found, names = reading["clauses"], clause_names(say)
    status = {
        "present": say.t("stated"),
        "negated": say.t("excluded"),
        "absent": say.t("not stated"),
    }
    rows = tuple(
        TableRow((names[name], status[one["status"]], shorten(clean(one["sentences"][0]), 300) if one["sentences"] else "-"))
        for name, one in found.items()
    )  # fmt: skip
    missing = [names[name] for name, one in found.items() if one["status"] == "absent"]
    lines = (say.t("Not stated: {clauses}.", clauses=say.listing(missing)),) if missing else ()
    return Answer(
        headline=say.t("A contract: {n} of {all} clauses that matter are stated.", n=len(found) - len(missing), all=len(found)),
        lang=say.lang,
        lines=(*lines, say.t("Read by rules from the text; check it against the document. This is no legal advice.")),
        table=Table((Column(say.t("Clause")), Column(say.t("Status")), Column(say.t("Its words"), essential=False)), rows),
        private=True,
    )  # fmt: skip


def usage(reading: Read, say: Wording) -> Answer:
    """GPU-hours of a billing file by month and card."""
    rows = reading["usage"]
    shown = tuple(
        TableRow((one["month"], say.card(one["card"]), say.number(round(one["used"], 1)), "-" if one["committed"] is None else say.number(round(one["committed"], 1)), say.number(round(one["unused"], 1))))
        for one in rows[-24:]
    )  # fmt: skip
    idle, held = sum(one["unused"] for one in rows), sum(one["committed"] or 0 for one in rows)
    lines = [say.t("Of {held} committed GPU-hours {idle} were left idle.", held=say.number(round(held)), idle=say.number(round(idle)))] if held else []  # fmt: skip
    if reading.get("not_counted"):
        lines.append(say.t("{n} rows were not counted: their unit is not known.", n=sum(reading["not_counted"].values())))  # fmt: skip
    return Answer(
        headline=say.t("{n} GPU-hours were used.", n=say.number(round(sum(one["used"] for one in rows)))) if rows else say.t("The file holds no GPU-hours."),
        lang=say.lang,
        lines=tuple(lines),
        table=Table((Column(say.t("Month")), Column(say.t("Card")), Column(say.t("Used"), "right", unit=say.t("GPU-hours")), Column(say.t("Committed"), "right", unit=say.t("GPU-hours")), Column(say.t("Idle"), "right", unit=say.t("GPU-hours"))), shown) if rows else None,
        private=True,
    )  # fmt: skip


def seller_of(quote: Read, say: Wording) -> str:
    return str(quote["seller"] or say.t("seller not stated"))


def usd(quote: Read, desk: Desk) -> float | None:
    """All-in US dollars for one GPU-hour; by our own rate where the document fixes none."""
    if quote["all_in_usd_gpu_h"] is not None:
        return float(quote["all_in_usd_gpu_h"])
    amount, price = quote.get("all_in_gpu_h"), quote["price"]
    if amount is None or price is None or price["currency"] in {None, "USD"}:
        return None
    rate = exchange(price["currency"], desk.store)
    return rate.to_usd(float(amount)) if rate else None


def months_of(quote: Read) -> int | None:
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
                seller_of(one, say),
                card_of(one, say),
                str(one["count"] or one["count_min"] or "?"),
                _term(one, say),
                written(one, say),
                _all_in(one, desk),
                total_of(one, desk),
                place,
            )
        )
        for one, place in zip(quotes, places, strict=True)
    )
    return Table(columns, rows)


def card_of(quote: Read, say: Wording) -> str:
    return (
        say.card(quote["card"], quote["memory_gb"], quote["form_factor"]) if quote["card"] else "?"
    )


def _term(quote: Read, say: Wording) -> str:
    months = months_of(quote)
    if months:
        return say.term(months)
    return f"{quote['term']['value']} {quote['term']['unit']}" if quote["term"] else "?"


def written(quote: Read, say: Wording) -> str:
    price = quote["price"]
    if price is None:
        return say.t("not read")
    unit = {
        "gpu_hour": say.t("a GPU-hour"), "node_hour": say.t("a machine-hour"), "gpu_month": say.t("a GPU and month"),
        "month": say.t("a month"), "term": say.t("for the term"),
    }.get(price["unit"], price["unit"].replace("_", " "))  # fmt: skip
    return f"{price['raw']} {unit}"


def _all_in(quote: Read, desk: Desk) -> str:
    value = usd(quote, desk)
    return desk.say.plain_money(value) if value is not None else "?"


def total_of(quote: Read, desk: Desk) -> str:
    value, months, count = usd(quote, desk), months_of(quote), quote["count"]
    if value is None or not months or not count:
        return "?"
    return desk.say.sum(value * months * MONTH * count)


def like_offers(quote: Read, desk: Desk) -> tuple[list[Best], str] | None:
    """Listed offers of the same card, cheapest first, one a seller, and which: of the same term, else
    on demand. None where fewer sellers than make a market list one."""
    if not quote["card"]:
        return None
    wanted = OfferFilter(
        accelerators=(quote["card"],),
        form_factor=quote["form_factor"],
        memory_gb=float(quote["memory_gb"]) if quote["memory_gb"] else None,
    )
    months = months_of(quote)
    for billing, term in ((("reserved", months),) if months else ()) + (("on-demand", None),):
        rows = one_a_seller(select(desk.store, Subject(wanted, billing, term), desk.now).rows)
        rows = [row for row in rows if row.offer.provider != quote.get("seller_id")]
        if len(rows) >= ENOUGH:
            kind = desk.say.term(term) if term else desk.say.billing("on-demand")
            return sorted(rows, key=lambda row: gpu_hour(row.offer)), kind
    return None


def place_of(quote: Read, desk: Desk) -> tuple[str, list[Best]]:
    """How many like offers ask less, and the cheapest of those that do."""
    value, say = usd(quote, desk), desk.say
    if value is None or not quote["card"]:
        return "?", []
    like = like_offers(quote, desk)
    if like is None:
        return say.t("too few like offers"), []
    rows, kind = like
    less = [row for row in rows if gpu_hour(row.offer) < value]
    text = say.t(
        "{n} of {all} ask less ({kind}); median {price}",
        n=len(less),
        all=len(rows),
        kind=kind,
        price=say.money(median([gpu_hour(row.offer) for row in rows])),
    )
    return text, less[:3]


def _lines(quotes: Sequence[Read], desk: Desk) -> tuple[str, ...]:
    """Differences that decide, and what stands in doubt."""
    say = desk.say
    out = []
    terms = {months_of(one) for one in quotes}
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


def risks(quote: Read, say: Wording) -> list[str]:
    """What binds or costs the buyer later, as the quote states it."""
    prepaid, least = quote["prepayment"] or {}, quote["min_commitment"] or {}
    rise, out = quote["price_rise"] or {}, []
    if prepaid.get("pct"):
        out.append(say.t("{pct}% paid in advance", pct=say.number(prepaid["pct"])))
    if prepaid.get("months"):
        out.append(
            say.tn("{n} month paid in advance", "{n} months paid in advance", prepaid["months"])
        )
    if quote["renewal"] == "auto":
        out.append(say.t("renews by itself"))
    if (quote["notice_days"] or 0) > 60:
        out.append(say.t("{n} days' notice", n=quote["notice_days"]))
    if rise.get("kind") in {"pct", "pct_year", "index"}:
        out.append(say.t("the price may rise"))
    if least.get("unit") == "pct":
        out.append(say.t("{pct}% is paid in any case", pct=say.number(least["value"])))
    if (quote["price"] or {}).get("kind") in {"from", "range"}:
        out.append(say.t("the price is not firm"))
    if (quote["price"] or {}).get("currency") not in {None, "USD"}:
        out.append(say.t("paid in {currency}", currency=quote["price"]["currency"]))
    return out


def _ask(quote: Read, say: Wording) -> str:
    missing, found = lacking(quote, say), risks(quote, say)
    asked = _asked(missing, say)
    return say.t("{risks}; {asked}", risks=say.listing(found), asked=asked) if found else asked


def _asked(missing: list[str], say: Wording) -> str:
    return (
        say.t("ask for: {fields}", fields=say.listing(missing))
        if missing
        else say.t("nothing is missing")
    )
