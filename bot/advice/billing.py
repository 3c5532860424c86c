"""On-demand, spot or reserved: the break-even of a commitment, and whether the job bears a stop."""

from __future__ import annotations

from bot.advice.evidence import USUAL_CARD, like_offers
from bot.answer import Answer, Fact, Note
from bot.desk import Desk
from bot.offers import brief, evidence, follow_up, gpu_hour, stale_note
from bot.question import Question
from knowledge.offer import Best

BEARS_STOPS = frozenset({"training", "fine-tuning", "batch", "rendering", "embeddings"})
SPOT_MARGIN = 0.15
"""Default: hours lost to restarts, added when spot is compared."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    card = question.accelerators[0] if question.accelerators else USUAL_CARD
    kinds = {kind: like_offers(question, desk, kind) for kind in ("on-demand", "spot", "reserved")}
    best = {kind: rows[0] for kind, rows in kinds.items() if rows}
    if "on-demand" not in best:
        return Answer(
            headline=say.t(
                "I hold no on-demand price of {card} to reckon with.", card=say.card(card)
            ),
            tone="caution",
        )
    # Like with like: the commitment is set against the same provider's own on-demand price.
    pair = _pair(kinds["reserved"], kinds["on-demand"])
    even = gpu_hour(pair[0].offer) / gpu_hour(pair[1].offer) if pair else None
    facts = [
        Fact(
            {"on-demand": say.t("On demand"), "spot": say.t("Spot"), "reserved": say.t("Reserved")}[
                kind
            ],
            f"{say.money(gpu_hour(row.offer))} ({say.provider(row.offer.provider)}, {brief(row.offer, say)})",
            row.offer.source_url,
        )
        for kind, row in best.items()
    ]
    if pair and even is not None:
        facts.append(
            Fact(
                say.t("Break-even"),
                say.t(
                    "{share} use: {reserved} reserved / {list} on demand at {provider}",
                    share=say.percent(even),
                    reserved=say.money(gpu_hour(pair[0].offer)),
                    list=say.money(gpu_hour(pair[1].offer)),
                    provider=say.provider(pair[0].offer.provider),
                ),
                pair[0].offer.source_url,
            )
        )
    rows = list(best.values())
    headline, lines = _verdict(question, even, desk)
    note = Note(
        "tip",
        "reserve-break-even",
        say.t(
            "You pay a commitment for idle hours too: reckon with the use you measured, not the use you hope for."
        ),
    )
    return Answer(
        headline=headline,
        lines=lines,
        facts=tuple(facts),
        notes=(*stale_note(rows, desk), note)[:2],
        evidence=evidence(row.offer for row in rows),
        follow_ups=(
            follow_up(Question("cheapest", accelerators=(card,), billing="reserved"), desk),
            follow_up(Question("cheapest", accelerators=(card,), billing="spot"), desk),
        ),
        offers=tuple(row.offer for row in rows),
    )


def _pair(reserved: list[Best], on_demand: list[Best]) -> tuple[Best, Best] | None:
    own = {best.offer.provider: best for best in on_demand}
    for best in reserved:
        listed = own.get(best.offer.provider)
        if listed and gpu_hour(listed.offer) > gpu_hour(best.offer):
            return best, listed
    return None


def _verdict(question: Question, even: float | None, desk: Desk) -> tuple[str, tuple[str, ...]]:
    say = desk.say
    use = question.utilisation
    if question.billing == "spot" or (
        question.billing is None and question.workload in BEARS_STOPS and not question.hours
    ):
        if question.workload == "inference":
            return say.t(
                "No: spot can be taken away within minutes. Serve from on-demand, and keep spot for overflow."
            ), ()
        return say.t(
            "Yes, if the job saves a checkpoint every 15 to 30 minutes and can start again."
        ), (
            say.t(
                "Add about {share} to the hours when you compare: restarts cost time (our default).",
                share=say.percent(SPOT_MARGIN),
            ),
            say.t("Against: a deadline, several nodes that stop together, or no checkpoints."),
        )
    if even is None:
        return say.t(
            "I hold no reserved and on-demand price of one provider to compare; ask for a quote."
        ), ()
    values = {"even": say.percent(even)}
    if use is not None:
        if use > even:
            return say.t(
                "Reserve: at {use} use you are above the break-even of {even}.",
                use=say.percent(use),
                **values,
            ), ()
        return say.t(
            "Stay on demand: at {use} use you are below the break-even of {even}.",
            use=say.percent(use),
            **values,
        ), ()
    return say.t("Reserve only if the GPUs will be busy more than {even} of the time.", **values), (
        say.t("For: a known load for the whole term, and stock that is held for you."),
        say.t("Against: prices and cards move within a year; a newcomer may not last the term."),
        say.t('Would change my mind: your measured use, for example "at 60 % use".'),
    )
