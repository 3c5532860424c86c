"""Sums in other currencies: asked in any, reckoned in dollars, shown in both with the rate's date."""

from __future__ import annotations

import re
from typing import Any

from bot.core.answer import Answer, Column, Fact, Table, TableRow
from bot.core.desk import Asker, Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.units import MONTH
from knowledge.prices.currencies import OLD_DAYS, Exchange, exchange
from knowledge.prices.store import Store

TOTAL_FROM_USD = 100.0
"""No GPU-hour costs this much: from here on a sum is a total, not a rate."""

_WORDED = ("budget_usd", "paid_price")
"""Sums that a follow-up words in the currency that was asked in; limits stay in dollars."""


def of(question: Question, asker: Asker, store: Store) -> Exchange | None:
    """The rate between dollars and the currency of the question, else of who asks."""
    code = question.currency or asker.currency
    return exchange(code, store) if code and code != "USD" else None


def words(say: Wording, money: Exchange | None) -> Wording:
    return say.showing(money) if money is not None else say


def in_dollars(question: Question, money: Exchange | None) -> Question:
    """The question with its sum in the field of dollars that its intent reads."""
    from bot.core.command import BY_NAME  # which lean on answers, and these on this

    command = BY_NAME.get(question.intent)
    field = command.sum_in if command else None
    if question.intent == "advise" and question.topic == "buy":
        field = "capex_usd"
    if money is None or question.amount is None or field is None or question.currency is None:
        return question
    usd = money.to_usd(question.amount)
    if field == "paid_price" and usd >= TOTAL_FROM_USD:
        usd /= (question.hours or MONTH) * (question.count or 1)
    stated: dict[str, Any] = {field: round(usd, 6), "amount": None}
    if field == "threshold" and question.direction is None:
        stated["direction"] = "below"
    return question._replace(**stated)


def restated(question: Question, money: Exchange | None) -> Question:
    """The opposite, for a follow-up: it is worded in the currency that was asked in."""
    field = next((name for name in _WORDED if getattr(question, name) is not None), None)
    if money is None or question.currency is None or field is None:
        return question
    amount = round(money.from_usd(getattr(question, field)), 2)
    stated: dict[str, Any] = {field: None, "amount": amount}
    return question._replace(**stated)


def shown(answer: Answer, question: Question, money: Exchange | None, desk: Desk) -> Answer:
    """The answer with a column in the currency, and the rate with its day."""
    if money is None:
        if question.currency in (None, "USD"):
            return answer
        line = desk.say.t(
            "I have no exchange rate for {currency}; sums are in US dollars.",
            currency=question.currency,
        )
        return answer._replace(lines=(*answer.lines, line))
    if answer.tone == "fault":
        return answer
    return answer._replace(
        table=_with_column(answer.table, money, desk.say) if answer.table else None,
        facts=(*answer.facts, Fact(desk.say.t("Exchange rate"), rate(money, desk), money.page)),
    )


def rate(money: Exchange, desk: Desk) -> str:
    """ "$1 = R$5.4325 (European Central Bank, 30 Oct 2026)", and how sure that is."""
    say = desk.say
    per_dollar = money.from_usd(1)
    digits = 4 if per_dollar < 10 else 2 if per_dollar < 1000 else 0
    line = say.t(
        "{dollar} = {amount} ({source}, {date})",
        dollar=say.sum_in("USD", 1, 0),
        amount=say.sum_in(money.currency, per_dollar, digits),
        source=say.t("European Central Bank") if money.official else money.source,
        date=say.date(money.as_of),
    )
    if not money.official:
        line += "; " + say.t("not an official rate")
    if (desk.now - money.as_of).days > OLD_DAYS and money.largest_month_move_pct:
        line += "; " + say.t(
            "it has moved by up to {percent} within a month",
            percent=say.percent(money.largest_month_move_pct / 100, 1),
        )
    return line


# Units of columns of dollars, the one worth converting first.
_UNITS = (
    "US dollars",
    "US dollars for 730 hours",
    "US dollars per GPU-hour",
    "US dollars per hour for all machines",
    "US dollars per hour for the whole set",
    "US dollars per hour for the whole machine",
)
_DOLLAR = re.compile(r"US\$|USD|\$")


def _with_column(table: Table, money: Exchange, say: Wording) -> Table:
    """One more column: the most telling one of dollars in the other currency."""
    units = {say.t(unit): place for place, unit in enumerate(_UNITS)}
    ranks = [(units[column.unit], at) for at, column in enumerate(table.columns)
             if column.unit in units]  # fmt: skip
    if not ranks:
        return table
    at = min(ranks)[1]
    dollars = table.columns[at]
    sign = say.currency_sign(money.currency)
    title = _DOLLAR.sub(sign, dollars.title)
    if title == dollars.title:  # "Lowest" stands for both
        title = f"{title} {sign}"
    column = Column(title, "right", unit=sign)
    return table._replace(
        columns=(*table.columns[: at + 1], column, *table.columns[at + 1 :]),
        rows=tuple(_converted(row, at, money, say) for row in table.rows),
    )


def _converted(row: TableRow, at: int, money: Exchange, say: Wording) -> TableRow:
    usd = say.amount_in(row.cells[at])
    cell = row.cells[at]
    if usd is not None:
        amount = money.from_usd(usd)
        cell = say.plain_money(amount, 0 if amount >= 100_000 else None)
    return row._replace(cells=(*row.cells[: at + 1], cell, *row.cells[at + 1 :]))
