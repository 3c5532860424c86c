"""Work per dollar: measured first, a card's compute only as a stand-in that is called one."""

from __future__ import annotations

from typing import NamedTuple

from bot.answers.offers import evidence, follow_up, seller
from bot.answers.sets import cards
from bot.core.answer import Answer, Column, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.economics.renting import CANDIDATES, Rented, cheapest
from bot.economics.selfhost import Option, case_of, options_of
from bot.economics.words import measured_by, source_of
from knowledge.economics import media
from knowledge.economics.throughput import Measured
from knowledge.facts.accelerators import Accelerator, specification
from knowledge.sizing import model_memory

ROWS = 5


class Entry(NamedTuple):
    """So much work an hour on one set, and the measurement behind it; None: a stand-in."""

    card: Accelerator
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    per_hour: float
    row: Measured | None
    measured: bool


def answer(question: Question, desk: Desk) -> Answer | None:
    """Sets ranked by what a dollar makes; None where nothing can be ranked."""
    say = desk.say
    unit, entries, subject = _entries(question, desk)
    rows = [(one.per_hour / rent.usd_per_hour, one, rent) for one, rent in entries]
    if not rows:
        return None
    rows.sort(key=lambda row: (row[2].rank, not row[1].measured, -row[0]))
    best: dict[str, tuple[float, Entry, Rented]] = {}
    for row in rows:
        best.setdefault(f"{row[1].card.canonical} {row[1].card.memory_gb}", row)
    shown = list(best.values())[: question.limit or ROWS]
    value, first, rent = shown[0]
    values = {
        "set": f"{first.count}x {say.card(first.card.canonical, first.card.memory_gb)}",
        "provider": seller(rent.offer, say),
        "n": say.number(_rounded(value)),
        "unit": unit,
        "subject": subject,
    }
    headline = (
        say.t("Most for a dollar, {subject}: {set} at {provider}, {n} {unit}.", **values)
        if first.measured
        else say.t(
            "Most for a dollar, {subject}: {set} at {provider}, {n} {unit}; nobody measured this openly, so it is a stand-in.",
            **values,
        )
    )
    offers = tuple(rented.offer for _, _, rented in shown)
    measured = [one.row for _, one, _ in shown if one.row is not None]
    lines = [
        say.t("Measured: {source}.", source=source_of(first.row, say))
        if first.measured and first.row
        else say.t("A stand-in ranks cards roughly; what your own work makes of them decides."),
        say.t("Work at full load; ~ marks what was scaled or stands in for a measurement."),
    ]
    return Answer(
        headline=headline,
        lines=tuple(lines),
        table=_table(shown, unit, desk),
        evidence=(
            *evidence(offers),
            *measured_by(measured),
        ),
        follow_ups=(
            follow_up(question._replace(per_dollar=None), desk, label=say.t("By price alone")),
        ),
        figures=tuple(
            {
                "accelerator": one.card.canonical,
                "count": one.count,
                "provider": rented.offer.provider,
                "usd_per_hour": round(rented.usd_per_hour, 4),
                "per_hour": round(one.per_hour, 2),
                "per_usd": round(each, 4),
                "measured": "yes" if one.measured else "no",
                "result_id": one.row.result_id if one.row else None,
            }
            for each, one, rented in shown
        ),
        offers=offers,
    )  # fmt: skip


Entries = list[tuple[Entry, Rented]]


def _entries(question: Question, desk: Desk) -> tuple[str, Entries, str]:
    """What is counted, by rented set, and in which words."""
    say = desk.say
    name = question.model or ""
    peaks = say.t("PFLOP-hours (16 bits, dense) a dollar")
    if question.workload in ("training", "fine-tuning", "classical-ml", "rendering"):
        return peaks, _rented(_peaks(question), question, desk), say.t("training")
    if name.startswith("whisper"):
        made = _rented(_made(media.speech(), question), question, desk)
        return say.t("hours of sound a dollar"), made, "Whisper large-v3"
    if name.startswith(("sdxl", "stable-diffusion", "flux")):
        made = _rented(_made(media.pictures(), question), question, desk)
        return say.t("pictures a dollar"), made, "Stable Diffusion XL"
    case = case_of(question)
    if case is None:
        return peaks, _rented(_peaks(question), question, desk), name
    served = [_served(one) for one in options_of(case, question, desk)]
    return say.t("million output tokens a dollar"), served, case.model.name


def _rented(entries: list[Entry], question: Question, desk: Desk) -> Entries:
    """Each with the cheapest machines that hold it; what these hold beyond it works too."""
    known = cheapest([(one.card, one.count) for one in entries], question, desk)
    found = ((one, known.get((one.card, one.count))) for one in entries)
    return [
        (one._replace(count=one.count * many, per_hour=one.per_hour * many), rent)
        for one, rent in found
        if rent is not None and (many := rent.replicas(one.count))
    ]


def _served(option: Option) -> tuple[Entry, Rented]:
    one = option.speed
    per_hour = one.tokens_per_second * 3600 / 1e6
    return Entry(one.card, one.count, per_hour, one.row, one.is_measured), option.rented


def _made(rates: list[media.Rate], question: Question) -> list[Entry]:
    return [
        Entry(rate.card, rate.count, rate.per_hour, rate.row, True)
        for rate in rates
        if rate.card is not None
        and rate.count <= model_memory.NODE
        and (not question.accelerators or rate.card.canonical in question.accelerators)
    ]


def _peaks(question: Question) -> list[Entry]:
    known = (
        cards(question)
        if question.accelerators
        else [card for name, gb in CANDIDATES if (card := specification(name, gb))]
    )
    count = question.count or 1
    return [
        Entry(card, count, card.fp16_dense_tflops * count / 1000, None, False)
        for card in known
        if card.fp16_dense_tflops
    ]


def _rounded(value: float) -> float:
    return round(value, 0 if value >= 100 else 1 if value >= 10 else 2)


def _table(shown: list[tuple[float, Entry, Rented]], unit: str, desk: Desk) -> Table:
    say = desk.say
    columns = (
        Column(say.t("Set")),
        Column(say.t("Provider")),
        Column(say.t("Total $/h"), "right", unit=say.t("US dollars per hour for the whole set")),
        Column(say.t("an hour"), "right", essential=False),
        Column(say.t("a dollar"), "right", unit=unit),
        Column(say.t("Seen")),
    )
    rows = tuple(
        TableRow(
            cells=(
                f"{one.count}x {say.card(one.card.canonical, one.card.memory_gb)}",
                seller(rent.offer, say),
                say.plain_money(rent.usd_per_hour),
                say.number(_rounded(one.per_hour)),
                ("" if one.measured else "~") + say.number(_rounded(value)),
                say.date(rent.offer.as_of, desk.now),
            ),
            url=rent.offer.source_url,
            stale=rent.stale,
        )
        for value, one, rent in shown
    )
    return Table(columns, rows)
