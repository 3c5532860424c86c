"""Microcloud or hyperscaler: the gap in this store, and what the cheaper side must answer for."""

from __future__ import annotations

from bot.advice.evidence import (
    card_asked,
    card_assumed,
    every_variant,
    priced,
)
from bot.answers.notes import notes_for
from bot.answers.offers import card_of, evidence, follow_up
from bot.core.answer import Answer, Fact
from bot.core.desk import Desk
from bot.core.question import Question
from knowledge.facts.charges import egress_usd
from knowledge.facts.compliance import states, title
from knowledge.facts.units import MONTH
from knowledge.market import TierPair, gpu_hour, tier_pair
from knowledge.prices.offer import Best

WORTH_MOVING = 0.2
"""Default: below a fifth, the gap does not pay for the trouble."""
NODE = 8
LONG_MONTHS = 6
GPUS = 8
"""Default: GPUs that a saving is reckoned for when the question says no count."""
MOVE_TB = 10.0
"""Default: data to carry over once."""
USUAL_TB_USD = 90.0
"""Default: a TB out, where the seller's rate was not read."""
MOVE_HOURS = 40.0
STAFF_USD = 100.0
"""Default: an engineer's hour."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    card = card_asked(question)
    pool, audited = _with_reports(every_variant(question, desk), question)
    size = min(question.count or 1, NODE)
    machines = [best for best in pool if best.offer.count >= size]
    if tier_pair(_with_named(machines, question)):
        pool = machines  # several GPUs are machines that hold them, where both sides have such
    pair = tier_pair(_with_named(pool, question))
    if pair is None:
        return Answer(
            headline=say.t(
                "No two comparable offers of {card} are held here.", card=say.card(card)
            ),
            tone="caution",
            follow_ups=(follow_up(Question("price", accelerators=(card,)), desk),),
        )
    gpus = question.count or GPUS
    use = question.utilisation or 1.0
    saving = (
        (gpu_hour(pair.hyperscaler.offer) - gpu_hour(pair.microcloud.offer)) * gpus * MONTH * use
    )
    move = _move_usd(pair)
    shown = [pair.microcloud, pair.hyperscaler]
    recommended = _recommended(question, pair, audited=audited)
    return Answer(
        headline=_verdict(question, pair, desk, audited=audited),
        lines=(*_reasons(question, desk), *card_assumed(question, desk)),
        facts=tuple(_facts(question, pair, saving, move, desk)),
        notes=notes_for(
            question,
            desk,
            "tier",
            [recommended, *(one for one in shown if one is not recommended)],
            more={
                "tier_gap_pct": 100 * pair.gap,
                "saving": saving if saving > 0 else None,
                "switch_cost": move,
                "months_payback": move / saving if saving > 0 else None,
                **_egress(question, pair, desk),
            },
        ),
        evidence=evidence(best.offer for best in shown),
        follow_ups=(
            follow_up(Question("cheapest", accelerators=(card,), tier="microcloud"), desk),
            follow_up(Question("cheapest", accelerators=(card,), tier="hyperscaler"), desk),
        ),
        offers=tuple(best.offer for best in shown),
    )


def _with_named(pool: list[Best], question: Question) -> list[Best]:
    """Where a hyperscaler is named, it alone stands for its side."""
    named = [
        best
        for best in pool
        if best.tier == "hyperscaler" and best.offer.provider in question.providers
    ]
    return [*named, *(best for best in pool if best.tier != "hyperscaler")] if named else pool


def _guarded(question: Question) -> bool:
    """Data or papers that ask for audited sites."""
    return bool(question.compliance) or question.data_sensitivity == "personal"


def _recommended(question: Question, pair: TierPair, *, audited: bool) -> Best:
    if pair.gap < WORTH_MOVING or (_guarded(question) and not audited):
        return pair.hyperscaler
    return pair.microcloud


def _with_reports(pool: list[Best], question: Question) -> tuple[list[Best], bool]:
    """Offers of sellers that state every report or law that was named, and whether a GPU cloud is
    among them; where none is, the prices of all stand, and the verdict says so."""
    if not question.compliance:
        return pool, False
    able = [
        best
        for best in pool
        if best.tier == "hyperscaler"
        or all(states(best.offer.provider, name) for name in question.compliance)
    ]
    audited = any(best.tier == "microcloud" for best in able)
    return (able, True) if audited else (pool, False)


def _verdict(question: Question, pair: TierPair, desk: Desk, *, audited: bool) -> str:
    say = desk.say
    card = say.card(pair.microcloud.offer.accelerator)
    gap = say.percent(pair.gap)
    months = (question.hours or 0) / MONTH
    if question.tier == "marketplace":
        if question.workload == "inference" or _guarded(question):
            return say.t(
                "No: marketplace hosts come and go and belong to strangers; use one for jobs that can restart."
            )
        return say.t(
            "Yes, if the job saves checkpoints and the data is not private: hosts belong to third parties."
        )
    if _guarded(question):
        papers = say.listing([title(name) for name in question.compliance]) or say.t(
            "personal data"
        )
        if audited and pair.gap >= WORTH_MOVING:
            return say.t(
                "A hyperscaler for {papers}, or a GPU cloud that states it, {gap} cheaper for {card} ({provider}): see the report itself before you sign.",
                papers=papers,
                gap=gap,
                card=card,
                provider=say.provider(pair.microcloud.offer.provider),
            )
        if audited:
            return say.t(
                "A hyperscaler for {papers}: GPU clouds that state it are only {gap} cheaper for {card} here.",
                papers=papers,
                gap=say.percent(max(0.0, pair.gap)),
                card=card,
            )
        return say.t(
            "A hyperscaler for {papers}: of no GPU cloud with a price here have I read that it holds it.",
            papers=papers,
        )
    if pair.gap < WORTH_MOVING:
        return say.t(
            "Stay with a hyperscaler: a GPU cloud is only {gap} cheaper for {card} here.",
            card=card,
            gap=say.percent(max(0.0, pair.gap)),
        )
    if question.workload == "inference":
        return say.t(
            "A GPU cloud is {gap} cheaper for {card}; for production keep a tested second provider.",
            gap=gap,
            card=card,
        )
    if months >= LONG_MONTHS:
        return say.t(
            "A GPU cloud, {gap} cheaper for {card}, but in short terms: do not prepay {months} months.",
            gap=gap,
            card=card,
            months=say.number(round(months)),
        )
    return say.t("A GPU cloud: {gap} cheaper for {card}.", gap=gap, card=card)


def _reasons(question: Question, desk: Desk) -> tuple[str, ...]:
    say = desk.say
    change = (
        say.t("What would change this: an audit report of the very site, shown in writing.")
        if _guarded(question)
        else say.t(
            "What would change this: a gap under {share}, or data that must stay in audited sites.",
            share=say.percent(WORTH_MOVING),
        )
    )
    return (
        say.t("For a GPU cloud: the price, and often no charge for data going out."),
        say.t("For a hyperscaler: audit reports, regions, support, and the data you keep there."),
        change,
        say.t(
            "Before you sign: quota or stock in writing, the network between nodes, support hours, exit."
        ),
    )


def _facts(
    question: Question,
    pair: TierPair,
    saving: float,
    move: float,
    desk: Desk,
) -> list[Fact]:
    say = desk.say
    gpus, use = question.count or GPUS, question.utilisation or 1.0
    rows = [
        priced(say.t("Cheapest GPU cloud"), pair.microcloud.offer, desk),
        priced(say.t("Cheapest hyperscaler"), pair.hyperscaler.offer, desk),
    ]
    rows.append(
        Fact(
            say.t("Gap"),
            say.t(
                "{gap}, {card}, on demand",
                gap=say.percent(pair.gap),
                card=card_of(pair.microcloud.offer, say),
            ),
        )
    )
    if saving > 0:
        basis = "" if question.count else say.t(" (our default)")
        rows.append(
            Fact(
                say.t("Saving"),
                say.t(
                    "{sum} a month for {gpus}{basis} at {use} use",
                    sum=say.money(saving, 0),
                    gpus=say.tn("{n} GPU", "{n} GPUs", gpus),
                    basis=basis,
                    use=say.percent(use),
                ),
            )
        )
        rows.append(
            Fact(
                say.t("Moving once"),
                say.t(
                    "about {sum}: {tb} TB out and {hours} h of an engineer at {rate} (our defaults)",
                    sum=say.money(round(move, -2), 0),
                    tb=say.number(MOVE_TB),
                    hours=say.number(MOVE_HOURS),
                    rate=say.money(STAFF_USD, 0),
                ),
            )
        )
    if question.egress_tb:
        rows += _egress_facts(question.egress_tb, pair, desk)
    return rows


def _traffic(best: Best, terabytes: float) -> float | None:
    return egress_usd(best.offer.provider, terabytes * 1000)


def _egress_facts(terabytes: float, pair: TierPair, desk: Desk) -> list[Fact]:
    """What the stated traffic costs on either side, where a rate was read."""
    say = desk.say
    parts = []
    for best in (pair.microcloud, pair.hyperscaler):
        usd = _traffic(best, terabytes)
        cost = say.t("not known") if usd is None else say.money(usd, 0)
        parts.append(f"{say.provider(best.offer.provider)} {cost}")
    label = say.t("{tb} TB out a month", tb=say.number(terabytes))
    return [
        Fact(label, ", ".join(parts), "https://www.thundercompute.com/blog/egress-fees-cloud-gpus")
    ]


def _egress(question: Question, pair: TierPair, desk: Desk) -> dict[str, float | str | None]:
    """The traffic's cost at the hyperscaler, for the rule: that is where it weighs."""
    usd = _traffic(pair.hyperscaler, question.egress_tb or 0)
    if not question.egress_tb or usd is None:
        return {}
    return {
        "egress_cost": usd,
        "provider": desk.say.provider(pair.hyperscaler.offer.provider),
    }


def _move_usd(pair: TierPair) -> float:
    """Carrying the data out once, and the staff time: defaults of ours."""
    traffic = _traffic(pair.hyperscaler, MOVE_TB)
    return (MOVE_TB * USUAL_TB_USD if traffic is None else traffic) + MOVE_HOURS * STAFF_USD
