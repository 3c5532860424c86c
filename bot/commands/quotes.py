"""Quotes pasted into a message or kept here, side by side; a negotiation sheet for one of them."""

from __future__ import annotations

import re

from bot.core.answer import Answer, FollowUp
from bot.core.desk import Desk
from bot.core.phrase import order
from bot.core.question import Question
from bot.quotes import negotiation, saved, side
from bot.quotes.reading import read_text
from bot.standing import deals

_WORD = re.compile(
    r"^\W*(?:quotes?|cotações|cotação|cotizaciones|cotización)\b\s*:?\s*", re.IGNORECASE
)
_NUMBERS = re.compile(r"(?:#\d{1,5}(?:\s|,|;|&|\band\b|\be\b|\by\b)*)+")
_DROP = re.compile(r"(?:drop|delete|remove|apagar|excluir|remover|descartar|borrar|eliminar|quitar)\b\s*(?P<which>(?:#\d{1,5}[\s,]*)+|all|todas|todos)?\s*$", re.IGNORECASE)  # fmt: skip
_NEGOTIATE = re.compile(r"(?:counter|negotiate|negociar|negocie)\b\s*#?(?P<number>\d{1,5})\s*$", re.IGNORECASE)  # fmt: skip


def answer(question: Question, desk: Desk) -> Answer:
    text = _WORD.sub("", question.text).strip()
    told = _about_kept(text, desk)
    if told is not None:
        return told
    readings = [read_text(text)]
    numbers: list[int] = []
    if desk.state is not None and desk.asker.place is not None and desk.asker.may_see_contracts:
        numbers = saved.keep(desk.state, desk.asker.place, readings, desk.now)
    made = side.answer(readings, desk)
    return made._replace(follow_ups=_next(numbers, desk))


def _about_kept(text: str, desk: Desk) -> Answer | None:
    """An order about quotes that are kept, or the list of them; None where quotes are pasted."""
    if text and not (_NUMBERS.fullmatch(text) or _DROP.match(text) or _NEGOTIATE.match(text)):
        return None
    say = desk.say
    if not desk.asker.may_see_contracts:
        return deals.not_here(say)
    held = saved.standing(desk.state, desk.asker.place) if desk.state and desk.asker.place else []
    drop, sheet = _DROP.match(text), _NEGOTIATE.match(text)
    if drop and desk.state and desk.asker.place:
        named = _numbers(drop["which"] or "")
        gone = saved.drop(desk.state, desk.asker.place, named or ([one.number for one in held] if drop["which"] else []))  # fmt: skip
        return Answer(headline=say.tn("{n} quote is gone.", "{n} quotes are gone.", gone))
    wanted = [int(sheet["number"])] if sheet else _numbers(text)
    chosen = [one for one in held if one.number in wanted or not wanted]
    if not chosen:
        return _none(desk)
    if sheet:
        return negotiation.answer(chosen[0].quote, desk)
    made = side.answer([{"quotes": [one.quote]} for one in chosen], desk)
    return made._replace(follow_ups=_next([one.number for one in chosen], desk, among=len(held)))


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"#(\d{1,5})", text)]


def _none(desk: Desk) -> Answer:
    say = desk.say
    return Answer(
        headline=say.t("Paste the quotes behind the word, or send a file in a direct message."),
        follow_ups=(FollowUp(say.t("Ask for quotes"), order("rfq", say.lang, cards="64 H100")),),
    )


def _next(numbers: list[int], desk: Desk, among: int = 0) -> tuple[FollowUp, ...]:
    """A sheet for each of a few, the rest of what is kept, and removing what was shown."""
    say = desk.say
    if not numbers:
        return ()
    out = [FollowUp(say.t("Negotiate #{number}", number=number), order("quote_negotiate", say.lang, number=number)) for number in numbers[:2]]  # fmt: skip
    if len(numbers) == 1:
        out.append(
            FollowUp(say.t("Record as contract"), order("contract_of", say.lang, number=numbers[0]))
        )
    if len(numbers) != among:
        out.append(FollowUp(say.t("All quotes kept here"), order("quotes", say.lang)))
    shown = " ".join(f"#{number}" for number in numbers)
    return (*out, FollowUp(say.t("Drop them"), order("quote_drop", say.lang, numbers=shown)))
