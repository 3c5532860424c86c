"""One line for who must report: energy of the cards at most, and carbon where the grid is known."""

from __future__ import annotations

import re

from bot.core.answer import Fact
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.economics import power
from knowledge.facts.accelerators import specification
from knowledge.prices.offer import Offer

_ASKED = re.compile(
    r"\b(?:energ\w+|power|electric\w+|el[eé]tric\w+|kwh|carbon\w*|co2|emission\w*|emiss\w+|emision\w*)\b",
    re.IGNORECASE,
)


def energy_lines(question: Question, fact: tuple[Fact, ...]) -> list[str]:
    """The fact as the first line, where energy or carbon is what is asked for."""
    if not _ASKED.search(question.text):
        return []
    return [f"{one.label}: {one.value}." for one in fact]


def energy_fact(
    offer: Offer, cards: int, hours: float, say: Wording, asked: str | None = None
) -> tuple[Fact, ...]:
    """kWh of the cards at their rated power over the hours; nothing where that is not published.

    `asked` is the country of the question: it counts where the offer names none.
    """
    known = specification(offer.accelerator, offer.memory_gb, offer.form_factor)
    if known is None or not known.tdp_watts:
        return ()
    kwh = power.most_kwh(known.tdp_watts, cards, hours)
    values = {
        "kwh": say.number(round(kwh) if kwh >= 10 else round(kwh, 1)),
        "cards": cards,
        "watts": say.number(known.tdp_watts),
        "hours": say.number(hours),
    }
    grid = power.grid(offer.country or (asked or "").upper())
    if grid is None:
        words = say.t(
            "at most {kwh} kWh ({cards} x {watts} W x {hours} h, host and cooling not in it); the grid's carbon is not known",
            **values,
        )
        return (Fact(say.t("Power of the cards"), words, known.source_url),)
    kg = kwh * grid.grams_per_kwh / 1000
    words = say.t(
        "at most {kwh} kWh ({cards} x {watts} W x {hours} h, host and cooling not in it); {kg} kg CO2 at {grams} g/kWh ({country}, {year})",
        kg=say.number(round(kg) if kg >= 10 else round(kg, 1)),
        country=say.country(grid.country),
        grams=say.number(round(grid.grams_per_kwh)),
        year=grid.year,
        **values,
    )
    return (Fact(say.t("Power of the cards"), words, grid.source_url),)
