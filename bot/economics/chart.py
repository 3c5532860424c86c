"""Cost against volume: rented sets climb in steps, an API in a line, and where they cross."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bot.core.answer import Chart, Series
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.economics import tokens as sums

if TYPE_CHECKING:
    from bot.economics.selfhost import Option

POINTS = 7
STEPS = 2
"""Ends of so many steps are drawn exactly; Slack's own chart keeps a dozen places."""


def cost_chart(
    first: Option, set_words: str, api: tuple[str, float] | None, question: Question, say: Wording
) -> Chart | None:
    """Monthly cost by volume in million tokens; None without an API to set beside.

    `api` is its name and USD per million tokens of both kinds.
    """
    if api is None:
        return None
    name, api_usd = api
    rate, capacity = first.rented.usd_per_hour, first.capacity
    crossing = sums.break_even(rate, capacity, api_usd)
    # Far from the crossing nothing is decided, so the chart ends soon after it.
    most = max(2 * crossing if crossing else capacity, 1.2 * (question.tokens_per_month or 0.0))
    most = min(most, 8 * capacity)  # so many steps are a slope: the first of them are shown
    most = _round_step(most / (POINTS - 1)) * (POINTS - 1)
    own = sums.curve(most, rate, capacity, POINTS, STEPS)
    unit = 1e9 if most >= POINTS * 1e9 else 1e6
    shown = [(volume / unit, cost) for volume, cost in own]
    mark = None
    if crossing is not None and crossing <= most:
        words = say.t("break-even: {volume}", volume=say.tokens(crossing))
        mark = (crossing / unit, crossing * api_usd / 1e6, words)
        finding = say.t(
            "{set} costs the same as {host} from {volume} a month.",
            set=set_words,
            host=name,
            volume=say.tokens(crossing),
        )
    else:
        finding = say.t(
            "{host} costs less than {set} at every volume shown.", set=set_words, host=name
        )
    return Chart(
        title=say.t("Cost by volume: {set} or {host}", set=set_words, host=name),
        unit=say.t("US dollars a month"),
        series=(
            Series(say.t("rented"), tuple(shown)),
            Series(name, tuple((volume, volume * unit / 1e6 * api_usd) for volume, _ in shown)),
        ),
        finding=finding,
        source=say.t(
            "{rate} an hour, {use} use; {api} per million tokens, in and out together",
            rate=say.money(rate),
            use=say.percent(first.utilisation),
            api=say.money(api_usd),
        ),
        across=say.t("billion tokens a month") if unit == 1e9 else say.t("million tokens a month"),
        mark=mark,
    )


def _round_step(step: float) -> float:
    """The next 1, 2, 2.5 or 5 with noughts: what people read an axis by."""
    size = 10.0 ** math.floor(math.log10(step))
    return next(size * nice for nice in (1, 2, 2.5, 5, 10) if step <= size * nice * (1 + 1e-9))
