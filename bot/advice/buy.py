"""Rent or buy: the cost of an owned GPU-hour by its inputs, beside today's rent."""

from __future__ import annotations

from bot.advice.evidence import like_offers
from bot.answer import Answer, Fact, Note
from bot.desk import Desk
from bot.offers import evidence, follow_up, gpu_hour
from bot.question import Question
from knowledge.market import best_prices, median

# Inputs of a node of 8 x H100, read 2026-11-22 in vendors' guides; every one can be changed.
NODE_USD = 325_000.0
NETWORK = 0.12
RESIDUAL = 0.30
YEARS = 3.0
NODE_KW = 10.2
PUE = 1.3
KWH_USD = 0.09
COLOCATION_USD_PER_KW_MONTH = 200.0
USE = 0.7
GPUS = 8
PAGE = "https://ai-infrastructure.net/build-vs-rent-gpu-cost-model/"


def owned_usd_per_hour(years: float, kwh: float, use: float) -> float:
    """USD per useful GPU-hour: capital less residual, power and colocation, over the hours in use."""
    capital = NODE_USD * (1 + NETWORK) * (1 - RESIDUAL) / (GPUS * 8760 * years)
    power = NODE_KW / GPUS * PUE * kwh
    colocation = NODE_KW / GPUS * COLOCATION_USD_PER_KW_MONTH / 730
    return (capital + power + colocation) / use


def answer(question: Question, desk: Desk) -> Answer:
    from datetime import UTC, datetime

    from bot.answer import Evidence

    say = desk.say
    years = question.years or (question.hours or 0) / 8760 or YEARS
    kwh, use = question.kwh_price or KWH_USD, question.utilisation or USE
    own = owned_usd_per_hour(years, kwh, use)
    like = like_offers(
        question._replace(accelerators=("H100",), memory_gb=80, form_factor="SXM"), desk
    )
    prices = best_prices(like)
    rent = median(list(prices.values())) if prices else None
    if rent is None:
        headline = say.t(
            "An owned H100 costs about {own} per useful GPU-hour; I hold no rent to compare.",
            own=say.money(own),
        )
    elif own < rent * 0.9:
        headline = say.t(
            "Buying may pay: about {own} per useful GPU-hour against {rent} rent, before staff.",
            own=say.money(own),
            rent=say.money(rent),
        )
    else:
        headline = say.t(
            "Rent: owning comes to about {own} per useful GPU-hour against {rent}, before staff.",
            own=say.money(own),
            rent=say.money(rent),
        )
    facts = (
        Fact(
            say.t("Purchase"),
            say.t(
                "{sum} for 8 x H100, network {network} on top, residual {residual} after {years}",
                sum=say.money(NODE_USD, 0),
                network=say.percent(NETWORK),
                residual=say.percent(RESIDUAL),
                years=say.tn("{n} year", "{n} years", years),
            ),
            PAGE,
        ),
        Fact(
            say.t("Running"),
            say.t(
                "{kw} kW x {pue}, {kwh} per kWh, colocation {colo} per kW and month",
                kw=say.number(NODE_KW),
                pue=say.number(PUE),
                kwh=say.money(kwh),
                colo=say.money(COLOCATION_USD_PER_KW_MONTH, 0),
            ),
        ),
        Fact(say.t("In use"), say.percent(use)),
    )
    lines = (
        say.t('Change an input in words: "at 60 % use", "3 years", "0.12 per kWh".'),
        say.t("Not in this sum: staff, spares, cooling upgrades, and the months until delivery."),
    )
    read = datetime(2026, 11, 22, tzinfo=UTC)
    note = Note(
        "caution",
        "onprem-burden",
        say.t(
            "Owning adds power, cooling, network and people; below 20 GPUs or two thirds use, renting usually wins."
        ),
    )
    offers = [best.offer for best in like[:3]]
    return Answer(
        headline=headline,
        lines=lines,
        facts=facts,
        notes=(note,),
        evidence=(
            Evidence(say.t("build-or-rent model of ai-infrastructure.net"), PAGE, read, read),
            *evidence(offers),
        ),
        follow_ups=(follow_up(Question("price", accelerators=("H100",)), desk),),
        offers=tuple(sorted(offers, key=gpu_hour)),
    )
