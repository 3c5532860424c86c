"""Speeds, volumes and prices of tokens in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.core.answer import Evidence
from bot.core.wording import Wording
from knowledge.economics.throughput import Measured, Speed

SCENARIOS = {
    "server": "MLPerf Server",
    "interactive": "MLPerf Interactive",
    "offline": "MLPerf Offline",
}


def per_million(usd: float, say: Wording) -> str:
    """USD with as many digits as a price of tokens needs: three that count below a dollar."""
    return say.money(usd, 2 if usd >= 1 else 3 if usd >= 0.1 else 4)


def plain_per_million(usd: float, say: Wording) -> str:
    return say.plain_money(usd, 2 if usd >= 1 else 3 if usd >= 0.1 else 4)


def set_name(speed: Speed, say: Wording) -> str:
    """ "4x H100 80 GB"."""
    return f"{speed.count}x {say.card(speed.card.canonical, speed.card.memory_gb)}"


def precision_name(precision: str, say: Wording) -> str:
    return precision.upper() if precision else say.t("precision not stated")


def measurement(row: Measured, say: Wording) -> str:
    """One row in words: "810 tokens/s a card, 4x H100, FP8, 64 requests at once, 1,024 tokens in,
    1,024 out (InferenceX, 29 Oct 2025)"."""
    parts = [
        say.t("{n} tokens/s a card", n=say.number(round(row.per_card))),
        f"{row.count}x {say.card(row.accelerator, row.memory_gb)}",
        precision_name(row.precision, say),
    ]
    if row.concurrency:
        parts.append(say.tn("{n} request at once", "{n} requests at once", row.concurrency))
    if row.input_tokens and row.output_tokens:
        parts.append(
            say.t(
                "{read} tokens in, {written} out",
                read=say.number(row.input_tokens),
                written=say.number(row.output_tokens),
            )
        )
    return f"{', '.join(parts)} ({source_of(row, say)})"


def source_of(row: Measured, say: Wording) -> str:
    """ "MLPerf Server v5.1, Lenovo, 9 Sep 2025"."""
    scenario = SCENARIOS.get(row.scenario)
    if scenario:
        name = f"{scenario} {row.benchmark.rsplit(' ', 1)[-1]}, {row.submitter}"
    else:
        name = "InferenceX"
    return f"{name}, {day(row.as_of, say)}"


def day(text: str, say: Wording) -> str:
    """A day, a month or nothing of a fact table as a date."""
    if not text:
        return say.t("no date given")
    if len(text) == 10:
        return say.date(datetime.fromisoformat(text))
    if len(text) == 7:
        return say.date(datetime.fromisoformat(f"{text}-01")).split(" ", 1)[1]
    return text


def span(low: float, high: float, say: Wording) -> str:
    """ "80 to 190"; one figure where both round alike."""
    digits = 0 if high >= 20 else 1 if high >= 2 else 2
    first, last = say.number(low, digits), say.number(high, digits)
    return first if first == last else say.t("{low} to {high}", low=first, high=last)


def money_span(low: float, high: float, say: Wording) -> str:
    digits = 0 if high >= 20 else 2
    first, last = say.money(low, digits), say.money(high, digits)
    return first if first == last else say.t("{low} to {high}", low=first, high=last)


def short_span(low: float, high: float, say: Wording) -> str:
    digits = 0 if high >= 20 else 1 if high >= 2 else 2
    first, last = say.number(low, digits), say.number(high, digits)
    return first if first == last else f"{first}-{last}"


def evidence_of(publisher: str, page: str, dates: list[str]) -> tuple[Evidence, ...]:
    """Facts of one table as evidence; nothing without a date."""
    known = sorted(date for date in dates if date)
    if not known:
        return ()
    return (Evidence(publisher, page, _moment(known[0]), _moment(known[-1])),)


def measured_by(rows: Sequence[Measured]) -> tuple[Evidence, ...]:
    """Who measured, each with the oldest and the newest day."""
    out: list[Evidence] = []
    for publisher in dict.fromkeys(_publisher(row.benchmark) for row in rows):
        of_it = [row for row in rows if _publisher(row.benchmark) == publisher]
        out += evidence_of(publisher, of_it[0].source_url, [row.as_of for row in of_it])
    return tuple(out)


def _publisher(benchmark: str) -> str:
    if benchmark.startswith("MLPerf"):
        return "MLCommons, MLPerf closed division"
    return "aiconfigurator (NVIDIA, Apache-2.0)"


def _moment(text: str) -> datetime:
    whole = text + "-01" * ((10 - len(text)) // 3)
    return datetime.fromisoformat(whole).replace(tzinfo=UTC)
