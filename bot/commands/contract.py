"""Records a commitment: reminders before its notice date and its end; drops one by number."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from bot.core.answer import Answer, FollowUp
from bot.core.desk import Desk
from bot.core.phrase import order
from bot.core.question import Question
from bot.core.wording import Wording
from bot.quotes import numbers, saved, spans
from bot.quotes.about import day_first_in
from bot.quotes.assemble import quotes_of
from bot.quotes.document import Document
from bot.quotes.quote import Quote
from bot.standing import deals
from bot.standing.asking import ground

MOST = 50
"""Deals in one place."""
_DROP = re.compile(
    r"\b(?:drop|stop|remove|delete|cancel|apagar|remover|excluir|borrar|eliminar|quitar)\b.{0,20}?#?(\d{1,5})\b",
    re.IGNORECASE,
)
_END = re.compile(
    r"\b(?:ends?(?: date)?|ending|until|through|till|expires?|runs out|new end date|term ends|até|hasta|vence|termina|acaba|expira|fim em)\b(?:\s+(?:is|on|em|el|en|o dia|dia|the|at|the end of|end of|fim de|final de|fin de)\b)*\s*:?\s*",
    re.IGNORECASE,
)
_WORD = re.compile(r"^\W*(?:contracts?|contratos?)\b\s*:?\s*", re.IGNORECASE)


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if not desk.asker.may_see_contracts:
        return deals.not_here(say)
    here = ground(desk, to_write=True)
    if isinstance(here, Answer):
        return here
    dropping = _DROP.search(question.text)
    if dropping:
        gone = deals.drop(here.state, here.place.id, int(dropping[1]))
        if gone is None:
            return Answer(
                headline=say.t("No contract has that number here."), tone="caution", private=True
            )
        return Answer(
            headline=say.t("Dropped: {what}.", what=deals.described(gone, say)), private=True
        )
    of_quote = _QUOTE.match(_WORD.sub("", question.text))
    if of_quote:
        held = {one.number: one.quote for one in saved.standing(here.state, here.place.id)}
        quote = held.get(int(of_quote["number"]))
        if quote is None:
            return Answer(
                headline=say.t("No quote has that number here."), tone="caution", private=True
            )
        made = of_kept(quote, question, desk)
    else:
        made = read(question, desk)
    if isinstance(made, str):
        return Answer(headline=made, tone="caution", private=True)
    if len(deals.standing(here.state, here.place.id)) >= MOST:
        return Answer(
            headline=say.t("{n} contracts stand here already: drop one first.", n=MOST),
            tone="caution",
            private=True,
        )
    kept = deals.record(here.state, here.place.id, made, desk.now)
    coming = deals.reminders(kept, desk.now)
    lines = (
        (say.t("First reminder on {date}.", date=say.date(coming[0])),)
        if coming
        else (say.t("All its dates have passed: there is nothing to remind of."),)
    )
    return Answer(
        headline=say.t("Recorded as #{number}: {what}.", number=kept.number, what=deals.described(kept, say)),
        lines=lines,
        facts=deals.facts(kept, say),
        follow_ups=(FollowUp(say.t("All contracts"), order("contracts", say.lang)), FollowUp(say.t("Drop #{number}", number=kept.number), order("contract_drop", say.lang, number=kept.number))),
        private=True,
    )  # fmt: skip


_QUOTE = re.compile(
    r"(?:of |from |for |da |de |del |de la |según |segundo )?(?:the |la |a )?(?:quote|cotação|cotización|proposta|propuesta|oferta)?\s*#(?P<number>\d{1,5})\b",
    re.IGNORECASE,
)


def of_kept(quote: dict[str, Any], question: Question, desk: Desk) -> deals.Deal | str:
    """The deal that a kept quote becomes, from its own start or the one that is named; or what to ask back."""
    say, today, told = desk.say, desk.now.date(), _WORD.sub("", question.text)
    text, number = _QUOTE.sub("", told, count=1), "".join(re.findall(r"#(\d+)", told)[:1])
    start = _start(text, today, day_first_in(text)) or _day(quote["start"])
    term = quote["term"]
    if term is None:
        example = order("contract_example", say.lang)
        return say.t(
            "The quote states no term: record the contract in words. For example: {example}",
            example=example,
        )
    if start is None:
        example = order("contract_of_from", say.lang, number=number)
        return say.t("When does it begin? For example: {example}", example=example)
    end = _last_day(start, term)
    price = quote["all_in_usd_gpu_h"]
    return deals.Deal(
        number=0, seller=str(quote["seller"] or say.t("seller not stated")), card=quote["card"], gpus=quote["count"],
        usd_per_gpu_hour=float(price) if price is not None else None, start=start, end=end, notice_days=quote["notice_days"],
        user=desk.asker.user, lang=say.lang, tz=desk.asker.tz or "UTC", prepaid=_prepaid(quote, say),
    )  # fmt: skip


def _last_day(start: date, term: dict[str, Any]) -> date:
    value, unit = int(term["value"]), term["unit"]
    if unit in {"month", "year"}:
        return numbers.add_months(start, value * (12 if unit == "year" else 1)) - timedelta(days=1)
    if unit == "hour":
        return start + timedelta(hours=value)
    return start + timedelta(days=value * (7 if unit == "week" else 1) - 1)


def read(question: Question, desk: Desk) -> deals.Deal | str:
    """The deal that a sentence states; or what to ask back."""
    say, text, today = desk.say, _WORD.sub("", question.text), desk.now.date()
    found = quotes_of(Document(lines=((text,),), sent=today))
    quote = found[0] if len(found) == 1 else Quote()
    # Prose in itself tells which comes first: the month only where English words say so.
    day_first = day_first_in(text)
    start = _day(quote["start"]) or _start(text, today, day_first)
    end = _end(text, today, day_first) or _after(start, quote, text, question)
    sellers = [say.provider(name) for name in question.providers]
    seller = str(quote["seller"] or "") or (sellers[0] if sellers else "")
    if not seller:
        return say.t(
            "Whose contract is it? For example: {example}",
            example=order("contract_example", say.lang),
        )
    if end is None:
        return say.t(
            "When does it end? Give the end, or the start and the term: {example}",
            example=order("contract_example", say.lang),
        )
    price = quote["all_in_usd_gpu_h"] or question.paid_price
    return deals.Deal(
        number=0, seller=seller, card=quote["card"] or next(iter(question.accelerators), None), gpus=quote["count"] or question.count,
        usd_per_gpu_hour=float(price) if price is not None else None, start=start, end=end, notice_days=quote["notice_days"] or _notice(text),
        user=desk.asker.user, lang=say.lang, tz=desk.asker.tz or "UTC", prepaid=_prepaid(quote, say),
    )  # fmt: skip


def _prepaid(quote: Quote | dict[str, Any], say: Wording) -> str | None:
    """What is paid in advance, as it is written."""
    paid = quote["prepayment"] or {}
    if paid.get("pct"):
        return f"{say.number(paid['pct'])}%"
    return say.term(paid["months"]) if paid.get("months") else None


def _notice(text: str) -> int | None:
    from bot.quotes import conditions

    found = conditions.notice(text)
    return int(found.value) if found else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _start(text: str, today: date, day_first: bool | None) -> date | None:
    match = re.search(
        r"\b(?:from|starting|starts?|since|signed|a partir de|desde|começa(?:ndo)? em|inicia em|empieza el|início em)\b(?:\s+(?:on|the|el|o dia))?\s*",
        text,
        re.IGNORECASE,
    )
    return _first(text[match.end() :], today, day_first) if match else None


def _first(text: str, today: date, day_first: bool | None) -> date | None:
    found = numbers.days(text[:40], day_first=day_first, today=today)
    return found[0].day if found and found[0].start <= 3 else None


def _end(text: str, today: date, day_first: bool | None) -> date | None:
    for match in _END.finditer(text):
        day = _first(text[match.end() :], today, day_first)
        if day:
            whole = re.search(r"end of|fim de|final de|fin de", match.group(), re.IGNORECASE)
            return (
                numbers.add_months(day.replace(day=1), 1) - timedelta(days=1)
                if whole and day.day == 1
                else day
            )
    return None


def _after(start: date | None, quote: Quote, text: str, question: Question) -> date | None:
    """The last day of a term that begins on a day."""
    if start is None:
        return None
    term = quote["term"]
    if term is None:
        lengths = [one for one in spans.terms_in(text) if one.unit in {"month", "year"}]
        term = {"value": lengths[0].value, "unit": lengths[0].unit} if len(lengths) == 1 else None
    if term:
        return _last_day(start, term)
    if question.hours:
        return start + timedelta(hours=question.hours)
    return None
