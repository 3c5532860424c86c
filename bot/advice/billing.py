"""On-demand, spot or reserved: the break-even of a commitment, and whether the job bears a stop."""

from __future__ import annotations

from typing import NamedTuple

from bot.advice.evidence import card_asked, card_assumed, every_variant
from bot.answers.notes import notes_for
from bot.answers.offers import card_of, evidence, follow_up, provider_cell, term_of
from bot.core.answer import Answer, Column, Fact, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.units import MONTH
from knowledge.market import gpu_hour, of_term
from knowledge.prices.offer import Best

BEARS_STOPS = frozenset({"training", "fine-tuning", "batch", "rendering", "embeddings"})
SPOT_MARGIN = 0.15
"""Default: hours lost to restarts, added when spot is compared."""
KINDS = ("on-demand", "spot", "reserved")
NODE = 8
DAY = 24


class Pair(NamedTuple):
    """A commitment beside the best on-demand offer of the market for the same variant."""

    reserved: Best
    listed: Best

    @property
    def break_even(self) -> float:
        """Share of the hours above which the commitment is cheaper (F10); 1 or more: never."""
        return gpu_hour(self.reserved.offer) / gpu_hour(self.listed.offer)


def pairs(reserved: list[Best], on_demand: list[Best]) -> list[Pair]:
    """Every commitment that has its like on demand at whichever seller, cheapest first."""
    found = []
    for best in reserved:
        # In the market's order; who states no form may sell this one, and a buyer would ask.
        like = next((other for other in on_demand if _variant(other) in _like(best)), None)
        if like:
            found.append(Pair(best, like))
    return sorted(found, key=lambda pair: (pair.reserved.age, pair.break_even))


def _like(best: Best) -> tuple[tuple[object, ...], ...]:
    card, memory, form = _variant(best)
    return (card, memory, form), (card, memory, None)


def _variant(best: Best) -> tuple[object, ...]:
    offer = best.offer
    return (offer.accelerator, offer.memory_gb, offer.form_factor)


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    card = card_asked(question)
    question = _by_the_day(question)
    kinds = {kind: every_variant(question, desk, kind) for kind in KINDS}
    for kind in ("on-demand", "spot"):
        kinds[kind] = _together(kinds[kind], question.count)
    best = {kind: rows[0] for kind, rows in kinds.items() if rows}
    if "on-demand" not in best:
        return Answer(
            headline=say.t(
                "No on-demand price of {card} is held here to compare with.", card=say.card(card)
            ),
            tone="caution",
        )
    usable, shortest = _of_term(kinds["reserved"], question)
    found = pairs(usable, kinds["on-demand"])
    pair = found[0] if found else None
    shown = _shown(best, pair)
    headline, lines = _verdict(question, pair, shortest, say)
    return Answer(
        headline=headline,
        lines=(
            *_unstated(kinds["reserved"], kinds["on-demand"], pair, say),
            *lines,
            *card_assumed(question, desk),
        ),
        table=_table(shown, question, desk),
        facts=tuple(_facts(found, kinds["on-demand"], say)),
        notes=notes_for(
            question._replace(billing=_leaning(question)),
            desk,
            "billing",
            shown,
            more={"break_even": 100 * pair.break_even if pair and pair.break_even < 1 else None},
        ),
        evidence=evidence(row.offer for row in shown),
        follow_ups=(
            follow_up(Question("cheapest", accelerators=(card,), billing="reserved"), desk),
            follow_up(Question("cheapest", accelerators=(card,), billing="spot"), desk),
        ),
        offers=tuple(row.offer for row in shown),
    )


def _by_the_day(question: Question) -> Question:
    """Hours that fit in a day say how much of it the GPUs are used: no commitment is that short."""
    hours = question.hours
    if not hours or hours > DAY or question.utilisation is not None:
        return question
    return question._replace(utilisation=hours / DAY, hours=None)


def _together(bests: list[Best], gpus: int | None) -> list[Best]:
    """Machines that hold the GPUs, or are whole nodes of a cluster, where any are; not for a
    commitment, which is often published for one GPU and negotiated for many."""
    least = min(gpus or 1, NODE)
    return [best for best in bests if best.offer.count >= least] or bests


def _of_term(reserved: list[Best], question: Question) -> tuple[list[Best], Best | None]:
    """Commitments of the asked length, else shorter ones; where only longer ones are published none
    answers, and the second is the best of the shortest of them."""
    stated = [best for best in reserved if best.offer.term_months]
    months = round((question.hours or 0) / MONTH)
    if not months:
        return stated or reserved, None
    same, _ = of_term(stated, months)
    shorter = [best for best in stated if (best.offer.term_months or 0) < months]
    if same or shorter:
        return same or shorter, None
    return [], min(stated, key=lambda best: best.offer.term_months or 0, default=None)


def _unstated(
    reserved: list[Best], on_demand: list[Best], shown: Pair | None, say: Wording
) -> tuple[str, ...]:
    """A commitment that does not say its length, as a hint: where none of a stated length fits, or
    where it is lower."""
    found = pairs([best for best in reserved if best.offer.term_months is None], on_demand)
    if not found:
        return ()
    pair = found[0]
    if pair.break_even >= 1:
        return ()
    if shown and gpu_hour(pair.reserved.offer) >= gpu_hour(shown.reserved.offer):
        return ()
    return (
        say.t(
            "A commitment of unstated length ({price}, {provider}) would break even at {share} use against {listed} on demand ({seller}).",
            price=say.money(gpu_hour(pair.reserved.offer)),
            provider=say.provider(pair.reserved.offer.provider),
            share=say.percent(pair.break_even),
            listed=say.money(gpu_hour(pair.listed.offer)),
            seller=say.provider(pair.listed.offer.provider),
        ),
    )


def _shown(best: dict[str, Best], pair: Pair | None) -> list[Best]:
    """One row a kind; the commitment stands beside its own on-demand price."""
    rows = [best["on-demand"]]
    if pair and pair.listed.offer != rows[0].offer:
        rows.append(pair.listed)
    if "spot" in best:
        rows.append(best["spot"])
    if pair:
        rows.append(pair.reserved)
    elif "reserved" in best:
        rows.append(best["reserved"])
    return rows


def _leaning(question: Question) -> str | None:
    """The billing kind the question leans to, for the rules."""
    return "spot" if _about_spot(question) else question.billing


def _about_spot(question: Question) -> bool:
    return question.billing == "spot" or (
        question.billing is None and question.workload in BEARS_STOPS and not question.hours
    )


def _table(shown: list[Best], question: Question, desk: Desk) -> Table:
    say = desk.say
    use = question.utilisation
    columns = (
        Column(say.t("Billing")),
        Column(say.t("Provider")),
        Column(say.t("Card")),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        Column(
            say.t("$/month"),
            "right",
            unit=say.t("US dollars per GPU and month of 730 hours"),
        ),
        Column(say.t("Seen")),
    )
    return Table(
        columns,
        tuple(
            TableRow(
                (
                    " ".join(
                        filter(None, (say.billing(row.offer.billing), term_of(row.offer, say)))
                    ),
                    provider_cell(row.offer, say),
                    card_of(row.offer, say),
                    say.plain_money(gpu_hour(row.offer)),
                    say.number(round(_month(row, use or 1.0))),
                    say.date(row.offer.as_of, desk.now),
                ),
                url=row.offer.source_url,
                stale=row.stale,
            )
            for row in shown
        ),
    )


def _month(row: Best, use: float) -> float:
    """A commitment is paid for every hour, spot for the hours lost as well."""
    hours = MONTH if row.offer.billing == "reserved" else MONTH * use
    if row.offer.billing == "spot":
        hours *= 1 + SPOT_MARGIN
    return gpu_hour(row.offer) * hours


def _facts(found: list[Pair], on_demand: list[Best], say: Wording) -> list[Fact]:
    if not found:
        return []
    first = found[0]
    offer = first.reserved.offer
    rows = [
        Fact(
            say.t("Break-even"),
            say.t(
                "{share} use: {reserved} reserved at {provider} ({term}) / {list} on demand at {seller}",
                share=say.percent(first.break_even),
                reserved=say.money(gpu_hour(offer)),
                provider=say.provider(offer.provider),
                term=say.term(offer.term_months),
                list=say.money(gpu_hour(first.listed.offer)),
                seller=say.provider(first.listed.offer.provider),
            ),
            offer.source_url,
        )
    ]
    own = next(
        (
            best
            for best in on_demand
            if best.offer.provider == offer.provider and _variant(best) == _variant(first.reserved)
        ),
        None,
    )
    if own and own.offer != first.listed.offer:
        rows.append(
            Fact(
                say.t("Against {provider}'s own list", provider=say.provider(offer.provider)),
                say.t(
                    "{share} use: {reserved} / {list}",
                    share=say.percent(gpu_hour(offer) / gpu_hour(own.offer)),
                    reserved=say.money(gpu_hour(offer)),
                    list=say.money(gpu_hour(own.offer)),
                ),
                own.offer.source_url,
            )
        )
    return rows


def _verdict(
    question: Question, pair: Pair | None, shortest: Best | None, say: Wording
) -> tuple[str, tuple[str, ...]]:
    sign = say.t(
        "Before you sign: what stops the bill, whether unused hours can be sold on, and the price after the term."
    )
    if _about_spot(question):
        return _spot(question, say)
    quoted = say.t("What would change this: a quote for that very term below the on-demand price.")
    if shortest is not None:
        return say.t(
            "On demand: no price for {asked} is published here; the shortest commitment of a stated length is {term} ({price}, {provider}).",
            asked=say.hours(question.hours or 0),
            term=say.term(shortest.offer.term_months),
            price=say.money(gpu_hour(shortest.offer)),
            provider=say.provider(shortest.offer.provider),
        ), (quoted, sign)
    if pair is None:
        return say.t("On demand for now: no commitment that fits is published; ask for quotes."), (
            sign,
        )
    even = pair.break_even
    values = {"even": say.percent(even)}
    if even >= 1:
        return say.t(
            "On demand: the best commitment ({price} at {provider}, {term}) costs no less than on demand elsewhere ({listed} at {seller}), so it never pays.",
            price=say.money(gpu_hour(pair.reserved.offer)),
            provider=say.provider(pair.reserved.offer.provider),
            term=say.term(pair.reserved.offer.term_months),
            listed=say.money(gpu_hour(pair.listed.offer)),
            seller=say.provider(pair.listed.offer.provider),
        ), (
            *_any_use(question, say),
            quoted,
            sign,
        )
    change = say.t('What would change this: your measured use, for example "at 60% use".')
    if question.utilisation is not None:
        use = say.percent(question.utilisation)
        if question.utilisation > even:
            return say.t(
                "Reserve: at {use} use you are above the break-even of {even}.", use=use, **values
            ), (
                say.t(
                    "Against: prices and cards move within a year; a newcomer may not last the term."
                ),
                change,
                sign,
            )
        return say.t(
            "Stay on demand: at {use} use you are below the break-even of {even}.",
            use=use,
            **values,
        ), (
            say.t("For a commitment: stock that is held for you, whatever you use of it."),
            change,
            sign,
        )
    return say.t("Reserve only if the GPUs will be busy more than {even} of the time.", **values), (
        say.t("For: a known load for the whole term, and stock that is held for you."),
        say.t("Against: prices and cards move within a year; a newcomer may not last the term."),
        change,
        sign,
    )


def _any_use(question: Question, say: Wording) -> tuple[str, ...]:
    if question.utilisation is None:
        return ()
    return (
        say.t("That holds at {use} use as at any other.", use=say.percent(question.utilisation)),
    )


def _spot(question: Question, say: Wording) -> tuple[str, tuple[str, ...]]:
    if question.workload == "inference":
        return say.t(
            "No: spot can be taken away within minutes. Serve from on-demand, and keep spot for overflow."
        ), (say.t("What would change this: requests that nobody waits for."),)
    if question.urgency == "urgent":
        return say.t(
            "No: with a deadline, a machine that can be taken away is a risk; use on demand."
        ), (say.t("What would change this: slack of at least a fifth of the hours."),)
    if (question.count or 0) > NODE:
        return say.t(
            "No: over several nodes one that is taken away stops them all; use on demand or a reservation."
        ), (say.t("What would change this: a job that loses a node and goes on."),)
    if "no-checkpoint" in question.circumstances:
        return say.t("No: without checkpoints every interruption starts the job again."), (
            say.t("What would change this: a checkpoint every 15 to 30 minutes."),
        )
    return say.t(
        "Yes, if the job saves a checkpoint every 15 to 30 minutes and can start again."
    ), (
        say.t(
            "Add about {share} to the hours when you compare: restarts cost time (our default).",
            share=say.percent(SPOT_MARGIN),
        ),
        say.t(
            "What would change this: a deadline, several nodes that stop together, or no checkpoints."
        ),
    )
