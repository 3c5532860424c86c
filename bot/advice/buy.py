"""Rent or buy: the cost of an owned GPU-hour by its inputs, beside today's rent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal, NamedTuple

from bot.advice.evidence import every_variant
from bot.answers.notes import notes_for
from bot.answers.offers import evidence, follow_up
from bot.core.answer import Answer, Evidence, Fact
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.units import YEAR
from knowledge.market import best_prices, median
from knowledge.prices.offer import Best
from knowledge.sizing.owning import (
    CAPITAL_RATE,
    PAGE,
    Inputs,
    span,
    usd_per_hour,
    usd_per_useful_hour,
    with_capital_usd,
)

READ = datetime(2026, 11, 22, tzinfo=UTC)
ENOUGH = 3
"""Default: providers whose one-year prices make a median worth comparing with."""
FEW_GPUS, FEW_USE = 20, 0.65
MANY_GPUS, MANY_USE = 50, 0.75
"""The marks of the guides: below the first renting tends to win, above the second owning."""


CARD = "H100"
"""What the guides reckon with."""


class Rent(NamedTuple):
    usd: float
    providers: int
    kind: Literal["on-demand", "reserved"]


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    given, stated = inputs(question)
    own = usd_per_useful_hour(given)
    low, high = span(given, stated)
    listed = _like(question, desk, "on-demand")
    committed = [
        best for best in _like(question, desk, "reserved") if (best.offer.term_months or 0) >= 12
    ]
    rent = _rent(committed, "reserved") or _rent(listed, "on-demand")
    headline = _verdict(question, given, own, (low, high), rent, say)
    shown = [*(committed if rent and rent.kind == "reserved" else listed)[:3]]
    return Answer(
        headline=headline,
        lines=(*_stand_in(question, say), *_lines(given, rent, say)),
        facts=tuple(_facts(given, stated, own, (low, high), rent, say)),
        notes=notes_for(
            question,
            desk,
            "buy",
            shown,
            more={
                "buying": True,
                "tier": None,  # nobody is rented from
                "own": own,
                "rent": rent.usd if rent else None,
                "months": given.years * 12,
            },
        ),
        evidence=(
            Evidence(say.t("build-or-rent model of ai-infrastructure.net"), PAGE, READ, READ),
            *evidence(best.offer for best in shown),
        ),
        follow_ups=(
            follow_up(Question("price", accelerators=("H100",)), desk),
            follow_up(Question("price", accelerators=("H100",), billing="reserved"), desk),
        ),
        offers=tuple(best.offer for best in shown),
    )


def inputs(question: Question) -> tuple[Inputs, frozenset[str]]:
    """The inputs of the sum, and the names of those that the words state."""
    years = question.years or ((question.hours or 0) / YEAR) or None
    said: dict[str, float | None] = {
        "node_usd": question.capex_usd,
        "years": years,
        "kwh_usd": question.kwh_price,
        "use": question.utilisation,
    }
    stated = {name: value for name, value in said.items() if value}
    return Inputs()._replace(**stated), frozenset(stated)  # type: ignore[arg-type]


def _stand_in(question: Question, say: Wording) -> tuple[str, ...]:
    """What the sum is of, where another card is asked about."""
    if not question.accelerators or question.accelerators[0] == CARD:
        return ()
    return (
        say.t(
            "The sum is of {reckoned}, what the guides give a purchase price for; none is held here for {card}.",
            reckoned=say.card(CARD),
            card=say.card(question.accelerators[0]),
        ),
    )


def _like(question: Question, desk: Desk, billing: str) -> list[Best]:
    """H100 SXM, what the guides reckon with."""
    asked = question._replace(accelerators=(CARD,), memory_gb=80, form_factor="SXM")
    return every_variant(asked, desk, billing)


def _rent(rows: list[Best], kind: Literal["on-demand", "reserved"]) -> Rent | None:
    prices = list(best_prices(rows).values())
    if not prices or (kind == "reserved" and len(prices) < ENOUGH):
        return None
    return Rent(median(prices), len(prices), kind)


def _verdict(
    question: Question,
    given: Inputs,
    own: float,
    ends: tuple[float, float],
    rent: Rent | None,
    say: Wording,
) -> str:
    values = {"own": say.money(own)}
    if rent is None:
        return say.t(
            "An owned H100 costs about {own} per useful GPU-hour; there is no rental price here to compare.",
            **values,
        )
    values |= {"rent": say.money(rent.usd)}
    low, high = ends
    gpus = question.count
    if low >= rent.usd or own >= rent.usd:
        return say.t(
            "Rent: owning comes to about {own} per useful GPU-hour against {rent}, before staff.",
            **values,
        )
    if gpus is not None and gpus < FEW_GPUS:
        return say.t(
            "Rent: {own} to own against {rent} to rent, but {gpus} GPUs are too few to carry staff and spares.",
            gpus=say.number(gpus),
            **values,
        )
    if given.use < FEW_USE:
        return say.t(
            "Rent: {own} to own against {rent} to rent is too thin at {use} use, before staff.",
            use=say.percent(given.use),
            **values,
        )
    if high < rent.usd and given.use >= MANY_USE and (gpus or 0) >= MANY_GPUS:
        return say.t(
            "Buy: {own} per useful GPU-hour against {rent} rent, and still below it at the dear end of the inputs.",
            **values,
        )
    return say.t(
        "Buying may pay: about {own} per useful GPU-hour against {rent} rent, before staff.",
        **values,
    )


def _lines(given: Inputs, rent: Rent | None, say: Wording) -> tuple[str, ...]:
    lines = [
        say.t(
            "For buying: steady use above {use} for years, {gpus} GPUs or more, a site with power.",
            use=say.percent(MANY_USE),
            gpus=MANY_GPUS,
        ),
        say.t("For renting: load that moves, cards that age, no staff for hardware."),
    ]
    if rent:
        even = usd_per_hour(given) / rent.usd
        if even < 1:
            lines.append(
                say.t(
                    "What would change this: use, since owning pays only above {even} of the hours here.",
                    even=say.percent(even),
                )
            )
        else:
            lines.append(
                say.t(
                    "What would change this: a rent above {own}, which is what owning costs even at full use.",
                    own=say.money(usd_per_hour(given)),
                )
            )
    lines.append(
        say.t('Change an input in words: "at 60% use", "3 years", "0.12 per kWh", "$300k a node".')
    )
    lines.append(
        say.t(
            "Not in this sum: staff, spares, cooling upgrades, the months until delivery, and the cost of capital: at {rate} a year (our default) owning comes to {own}.",
            rate=say.percent(CAPITAL_RATE),
            own=say.money(with_capital_usd(given)),
        )
    )
    return tuple(lines)


def _facts(
    given: Inputs,
    stated: frozenset[str],
    own: float,
    ends: tuple[float, float],
    rent: Rent | None,
    say: Wording,
) -> list[Fact]:
    low, high = ends

    def told(name: str) -> str:
        return say.t("as you say") if name in stated else say.t("default")

    rows = [
        Fact(
            say.t("Owning"),
            say.t(
                "{own} per useful GPU-hour, {low} to {high} over the published ranges",
                own=say.money(own),
                low=say.money(low),
                high=say.money(high),
            ),
            PAGE,
        )
    ]
    if rent:
        rows.append(
            Fact(
                say.t("Renting"),
                say.t(
                    "{price}, median of {providers}, H100 80 GB SXM, {billing}",
                    price=say.money(rent.usd),
                    providers=say.tn("{n} provider", "{n} providers", rent.providers),
                    billing=say.billing(rent.kind)
                    + (say.t(", a year or longer") if rent.kind == "reserved" else ""),
                ),
            )
        )
    rows += [
        Fact(
            say.t("Purchase"),
            say.t(
                "{sum} for 8 x H100 ({told}), network {network} on top, residual {residual}",
                sum=say.money(given.node_usd, 0),
                told=told("node_usd"),
                network=say.percent(given.network),
                residual=say.percent(given.residual),
            ),
            PAGE,
        ),
        Fact(
            say.t("Years, use"),
            say.t(
                "{years} ({told}), {use} of the hours ({told_use})",
                years=say.tn("{n} year", "{n} years", given.years),
                told=told("years"),
                use=say.percent(given.use),
                told_use=told("use"),
            ),
        ),
        Fact(
            say.t("Running"),
            say.t(
                "{kw} kW x {pue}, {kwh} per kWh ({told}), colocation {colo} per kW and month",
                kw=say.number(given.node_kw),
                pue=say.number(given.pue),
                kwh=say.money(given.kwh_usd),
                told=told("kwh_usd"),
                colo=say.money(given.colocation_usd_per_kw_month, 0),
            ),
        ),
    ]
    return rows
