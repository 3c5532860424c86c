"""Advice under an answer about offers: at most two notes, each naming its rule."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answer import Note
from bot.desk import Desk
from bot.offers import gpu_hour
from bot.question import Question
from knowledge.offer import Best

GAP_WORTH_SAYING = 0.2
"""Default: below a fifth, the gap between tiers is not worth a sentence."""
SPOT_RISKS = frozenset({"inference"})


def notes_for(question: Question, pool: Sequence[Best], desk: Desk) -> tuple[Note, ...]:
    """Cautions first, then tips, from what the question and these offers say."""
    say = desk.say
    cautions: list[Note] = []
    tips: list[Note] = []
    if question.billing == "spot" and question.workload in SPOT_RISKS:
        cautions.append(
            Note(
                "caution",
                "spot-unfit",
                say.t(
                    "Spot machines can be taken away within minutes: for people who wait, use on-demand and keep spot for overflow."
                ),
            )
        )
    leader = min(pool, key=lambda best: gpu_hour(best.offer), default=None)
    months = (question.hours or 0) / 730
    if leader and leader.tier != "hyperscaler" and (months >= 3 or (question.count or 0) >= 16):
        cautions.append(
            Note(
                "caution",
                "provider-viability-checklist",
                say.t(
                    "Before paying ahead at a small provider, check who owns the hardware, its funding, the refund on failure and how you get your data back."
                ),
            )
        )
    if question.billing == "reserved" and months >= 12:
        tips.append(
            Note(
                "tip",
                "custom-silicon-pressure",
                say.t(
                    "The large clouds now rent their own chips, which may pull prices down: prefer shorter terms or a price-review clause."
                ),
            )
        )
    return tuple((*cautions, *tips)[:2])
