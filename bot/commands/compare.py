"""Providers or GPUs side by side, one row each, in equal units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bot.answers.left_out import other_terms
from bot.answers.no_offers import explain_nothing
from bot.answers.notes import notes_for
from bot.answers.offers import (
    billing_asked,
    card_of,
    evidence,
    follow_up,
    provider_cell,
    region_of,
    seller,
    subject_of,
    term_asked,
    unknown_card,
    unused_line,
)
from bot.core.answer import Answer, Column, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.accelerators import specification
from knowledge.market import (
    best_prices,
    gpu_hour,
    holding,
    median,
    of_like_age,
    select,
    variants,
)
from knowledge.market.selection import ENOUGH
from knowledge.prices.offer import Best, Offer

# Cards set side by side when two providers are named and no GPU is.
_COMMON_CARDS = ("H100", "H200", "A100", "B200", "L40S", "L4")


DAYS_APART = 30
"""Prices of one seller further apart than this are not of one day or nearly."""
SAME = 0.005
"""Prices closer than this share are the same."""


class Side(NamedTuple):
    """One row: what was asked for, and the best offer for it if there is one."""

    name: str
    best: Best | None


def answer(question: Question, desk: Desk) -> Answer:
    if question.per_dollar:
        from bot.economics import perdollar

        valued = perdollar.answer(question, desk)
        if valued is not None:
            return valued
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    by_card = len(question.accelerators) > 1 or len(question.variants) > 1
    if not by_card and len(question.providers) < 2 and len(question.accelerators) == 1:
        forms = list(_forms(question, desk))
        if len(forms) > 1:
            return _side_by_side(forms, question, desk, by_card=True)
    if by_card:
        sides = list(_cards(question, desk))
    elif len(question.providers) > 1 and not question.accelerators:
        sides = list(_common(question, desk))
    elif len(question.providers) > 1:
        sides = list(_providers(question, desk))
    else:
        return _one_side(question, desk)
    return _side_by_side(sides, question, desk, by_card=by_card)


def _side_by_side(sides: list[Side], question: Question, desk: Desk, *, by_card: bool) -> Answer:
    say = desk.say
    found = [side.best for side in sides if side.best]
    if not found:
        return explain_nothing(question._replace(intent="cheapest"), desk)
    offers = tuple(best.offer for best in found)
    together = _at_one_seller(question, desk)
    return Answer(
        headline=_headline_of_one(together, question, say)
        or _headline(sides, question, say, by_card=by_card),
        lines=(
            *_lowest_anywhere(sides, together, say),
            *_for_the_money(offers, say, by_card=by_card),
            *_medians(question, desk),
            *_differences(offers, say),
            *_per_gpu_only(question, sides, desk),
            *_other_lengths(question, sides, desk),
            *_totals(offers, question, say),
            *unused_line(question, say),
        ),
        table=_table(sides, desk, by_card=by_card),
        notes=notes_for(question, desk, "compare", found, found),
        evidence=evidence(offers),
        follow_ups=_next(question, desk),
        offers=offers,
    )


def _forms(question: Question, desk: Desk) -> Iterable[Side]:
    """A row for each form of one card: SXM, PCIe and NVL are not the same card."""
    forms: dict[str, Best] = {}
    for best in _matching(question, desk):
        if best.offer.form_factor and best.offer.host_included:
            forms.setdefault(best.offer.form_factor, best)
    for best in forms.values():
        yield Side(card_of(best.offer, desk.say), best)


def _providers(question: Question, desk: Desk) -> Iterable[Side]:
    """A row for each provider and form factor: PCIe and SXM are not the same card."""
    for provider in question.providers:
        kinds: dict[tuple[float | None, str | None], Best] = {}
        for best in _matching(question._replace(providers=(provider,)), desk):
            kinds.setdefault((best.offer.memory_gb, best.offer.form_factor), best)
        stated = {memory for memory, form in kinds if form}
        # A tracker's price without a form says nothing beside the seller's own with one.
        kinds = {kind: best for kind, best in kinds.items() if kind[1] or kind[0] not in stated}
        if not kinds:
            yield Side(desk.say.provider(provider), None)
        for best in list(kinds.values())[:3]:
            yield Side(desk.say.provider(provider), best)


def _cards(question: Question, desk: Desk) -> Iterable[Side]:
    variants = (
        [question._replace(memory_gb=size) for size in question.variants]
        if len(question.variants) > 1
        else [
            question._replace(accelerators=(card,), memory_gb=question.memory_gb)
            for card in question.accelerators
        ]
    )
    for variant in variants:
        name = desk.say.card(variant.accelerators[0], variant.memory_gb)
        asked = [variant._replace(providers=(one,)) for one in question.providers] or [variant]
        for narrowed in asked:
            rows = _matching(narrowed, desk)
            yield Side(card_of(rows[0].offer, desk.say) if rows else name, next(iter(rows), None))


def _common(question: Question, desk: Desk) -> Iterable[Side]:
    """No GPU named: the well-known cards that any of the providers lists."""
    for card in _COMMON_CARDS:
        sides = list(_providers(question._replace(accelerators=(card,)), desk))
        listed = [side for side in sides if side.best]
        if len({side.best.offer.provider for side in listed if side.best}) > 1:
            seen: set[str] = set()
            for side in listed:
                if side.name not in seen:
                    seen.add(side.name)
                    yield side


def _matching(question: Question, desk: Desk) -> list[Best]:
    """Like offers of one side, in the market's order; of a count, the machines that hold it."""
    asked = subject_of(question, desk)
    found = select(desk.store, asked, desk.now)
    pool = found.rows or found.markets
    if asked.gpus is None:
        return list(pool)
    same = [best for best in pool if best.offer.count == asked.gpus]
    if same:
        return same
    held = holding(pool, asked.gpus, interconnect=asked.interconnect, nodes=asked.nodes)
    return [plan.best for plan in held.plans]


def _other_lengths(question: Question, sides: list[Side], desk: Desk) -> list[str]:
    """Where a side publishes no commitment of that length, what it does publish."""
    term = term_asked(question)
    if term is None:
        return []
    lines = []
    for provider in question.providers:
        name = desk.say.provider(provider)
        if any(side.name == name and side.best for side in sides):
            continue
        asked = subject_of(question._replace(providers=(provider,)), desk)
        found = select(desk.store, asked, desk.now)
        lines += [f"{name}: {line}" for line in other_terms(found, term, desk.say)]
    return lines


def _at_one_seller(question: Question, desk: Desk) -> list[Best]:
    """Cards at a seller that has them all: the same terms, the same day or nearly."""
    if len(question.accelerators) < 2 or question.providers:
        return []
    lists = [
        [
            best
            for best in _matching(question._replace(accelerators=(name,)), desk)
            if best.offer.host_included
        ]
        for name in question.accelerators
    ]
    common = set.intersection(
        *({best.offer.provider for best in bests if not best.offer.owner} for bests in lists)
    )
    rows = [
        _same_form([[best for best in bests if best.offer.provider == one] for bests in lists])
        for one in sorted(common)
    ]
    newest = max((best.offer.as_of for row in rows for best in row), default=desk.now)

    def key(row: Sequence[Best]) -> tuple[int, bool, int, float]:
        behind = (newest - min(best.offer.as_of for best in row)).days // DAYS_APART
        return max(best.age for best in row), _apart(row) > DAYS_APART, behind, _total(row)

    return min(rows, key=key) if rows else []


def _headline_of_one(row: Sequence[Best], question: Question, say: Wording) -> str:
    """Cards beside each other at a seller that has them all; nothing where no seller has."""
    if not row:
        return ""
    ranked = sorted(row, key=lambda best: gpu_hour(best.offer))
    first, last = ranked[0].offer, ranked[-1].offer
    message = (
        say.t("{name} is cheaper by the hour at {provider}, which has both: {prices}, {billing} ({date}); {saving} below {last}.")
        if len(row) == 2
        else say.t("{name} is cheapest by the hour at {provider}, which has them all: {prices}, {billing} ({date}); {saving} below {last}.")
    )  # fmt: skip
    return message.format(
        name=card_of(first, say),
        provider=say.provider(first.provider),
        prices=", ".join(
            f"{card_of(best.offer, say)} {say.money(gpu_hour(best.offer))}" for best in row
        ),
        billing=say.billing(billing_asked(question)),
        date=say.date(min(best.offer.as_of for best in row)),
        saving=say.percent(1 - gpu_hour(first) / gpu_hour(last)),
        last=card_of(last, say),
    )


def _lowest_anywhere(sides: Sequence[Side], row: Sequence[Best], say: Wording) -> list[str]:
    """Each card's lowest of the whole market, beside what one seller asks."""
    lowest = [side.best.offer for side in sides if side.best]
    if not row or {best.offer for best in row} >= set(lowest):
        return []
    return [
        say.t(
            "Lowest of the market: {prices}.",
            prices=", ".join(
                f"{card_of(offer, say)} {say.money(gpu_hour(offer))} ({seller(offer, say)})"
                for offer in lowest
            ),
        )
    ]


def _for_the_money(offers: Sequence[Offer], say: Wording, *, by_card: bool) -> list[str]:
    """Which card gives most compute and most memory for a dollar: the hour alone is no value."""
    if not by_card:
        return []
    compute = [(cost, offer) for offer in offers if (cost := _pflop(offer)) is not None]
    memory = [(cost, offer) for offer in offers if (cost := _100_gb(offer)) is not None]
    if len(compute) < len(offers) or len(memory) < len(offers) or len(offers) < 2:
        return []
    (work, strongest), (store, largest) = min(compute, key=_cost), min(memory, key=_cost)
    return [
        say.t(
            "For the money: compute is cheapest on {strongest} ({work} per 1,000 TFLOPS), memory on {largest} ({store} per 100 GB).",
            strongest=card_of(strongest, say),
            work=say.money(work),
            largest=card_of(largest, say),
            store=say.money(store),
        )
    ]


def _cost(one: tuple[float, Offer]) -> float:
    return one[0]


def _medians(question: Question, desk: Desk) -> list[str]:
    """What the sellers of each form ask, where the forms of one card stand side by side."""
    if len(question.accelerators) != 1 or question.providers or len(question.variants) > 1:
        return []
    say = desk.say
    found = select(desk.store, subject_of(question, desk), desk.now)
    parts = []
    for group in variants(best for best in found.rows if best.offer.host_included):
        if group.form_factor and group.sellers >= ENOUGH:
            prices = list(best_prices(of_like_age(group.rows)[0]).values())
            parts.append(
                say.tn(
                    "{card} {price} over {n} seller",
                    "{card} {price} over {n} sellers",
                    len(prices),
                    card=say.card(group.accelerator, group.memory_gb, group.form_factor),
                    price=say.money(median(prices)),
                )
            )
    return [say.t("Median: {parts}.", parts=", ".join(parts))] if parts else []


def _per_gpu_only(question: Question, sides: Sequence[Side], desk: Desk) -> list[str]:
    """A named seller without a machine that holds so many may sell them all the same."""
    if (question.count or 1) < 2 or len(question.providers) < 2:
        return []
    say, lines = desk.say, []
    for provider in question.providers:
        if any(side.best and side.best.offer.provider == provider for side in sides):
            continue
        asked = subject_of(question._replace(providers=(provider,)), desk)
        held = holding(select(desk.store, asked, desk.now).rows, asked.gpus or 1)
        if held.single:
            offer = held.single[0].offer
            lines.append(
                say.t(
                    "{provider} lists only a price per GPU, {price} ({card}): ask whether {gpus} come in one machine.",
                    provider=say.provider(provider),
                    price=say.money(gpu_hour(offer)),
                    card=card_of(offer, say),
                    gpus=say.number(question.count or 1),
                )
            )
    return lines


def _same_form(lists: Sequence[Sequence[Best]]) -> list[Best]:
    """One seller's best of each card, in a form that all of them come in where there is one."""
    forms = set.intersection(*({best.offer.form_factor for best in bests} for bests in lists))
    return [
        next((best for best in bests if best.offer.form_factor in forms), bests[0])
        for bests in lists
    ]


def _apart(row: Sequence[Best]) -> int:
    days = [best.offer.as_of for best in row]
    return (max(days) - min(days)).days


def _total(row: Sequence[Best]) -> float:
    return sum(gpu_hour(best.offer) for best in row)


def _headline(sides: list[Side], question: Question, say: Wording, *, by_card: bool) -> str:
    """Who is cheapest and by how much, always over one and the same card unless cards compete."""
    found = [side for side in sides if side.best and side.best.offer.host_included] or [
        side for side in sides if side.best
    ]
    subject = "" if by_card else say.listing([say.card(card) for card in question.accelerators])
    if not by_card and not question.accelerators:
        card = found[0].best.offer.accelerator if found[0].best else None
        found = [side for side in found if side.best and side.best.offer.accelerator == card]
        subject = say.card(card)
    unlike = ""
    if not by_card:
        found, unlike = _alike(found, say)
        kinds = {card_of(side.best.offer, say) for side in found if side.best}
        subject = kinds.pop() if len(kinds) == 1 else subject
    prices: dict[str, float] = {}
    for side in found:
        if side.best:
            price = gpu_hour(side.best.offer)
            prices[side.name] = min(price, prices.get(side.name, price))
    names = sorted(prices, key=prices.__getitem__)
    first, last = names[0], names[-1]
    level = [name for name in names if prices[name] < prices[first] * (1 + SAME)]
    if by_card and 1 < len(level) < len(names):
        first = say.listing(level)
        prices[first] = prices[level[0]]
    values = {
        "name": first,
        "billing": say.billing(billing_asked(question)),
        "price": say.per_gpu_hour(prices[first]),
    }
    missing = sorted({side.name for side in sides if side.best is None} - set(prices))
    saving = 1 - prices[first] / prices[last]
    values |= {"subject": subject, "last": last, "saving": say.percent(saving)}
    if len(names) == 1:
        text = (
            say.t("{subject}: only {name} has an offer, {billing}: {price}.", **values)
            if subject
            else say.t("Only {name} has an offer, {billing}: {price}.", **values)
        )
    elif saving < SAME:
        text = (
            say.t("{subject}: {name} and {last} cost the same, {billing}: {price}.", **values)
            if subject
            else say.t("{name} and {last} cost the same, {billing}: {price}.", **values)
        )
    else:
        text = (
            say.t(
                "{subject}: {name} is cheapest, {billing}: {price}, {saving} below {last}.",
                **values,
            )
            if subject
            else say.t("{name} are cheapest, {billing}: {price}, {saving} below {last}.", **values)
            if by_card and len(level) > 1
            else say.t("{name} is cheapest, {billing}: {price}, {saving} below {last}.", **values)
        )
    text += unlike
    if missing:
        text += " " + say.t("None found: {names}.", names=say.listing(missing))
    return text


def _alike(sides: list[Side], say: Wording) -> tuple[list[Side], str]:
    """The sides over a variant that all of them have; where none is common, that is said."""
    kinds: dict[tuple[float | None, str | None], list[Side]] = {}
    for side in sides:
        if side.best:
            offer = side.best.offer
            kinds.setdefault((offer.memory_gb, offer.form_factor), []).append(side)
    names = {side.name for side in sides}
    common = [rows for rows in kinds.values() if {side.name for side in rows} == names]
    if common:
        return min(common, key=lambda rows: min(_price(side) for side in rows)), ""
    if len(names) < 2:
        return sides, ""
    cheapest: dict[str, Side] = {}
    for side in sorted(sides, key=_price):
        cheapest.setdefault(side.name, side)
    cards = [card_of(side.best.offer, say) for side in cheapest.values() if side.best]
    return sides, " " + say.t("Not like for like: {cards}.", cards=say.listing(cards))


def _price(side: Side) -> float:
    return gpu_hour(side.best.offer) if side.best else float("inf")


def _differences(offers: tuple[Offer, ...], say: Wording) -> list[str]:
    """What keeps the rows from being alike."""
    unlike = []
    if len({(offer.accelerator, offer.memory_gb) for offer in offers}) > 1:
        unlike.append(say.t("memory"))
    if len({offer.form_factor for offer in offers if offer.form_factor}) > 1:
        unlike.append(say.t("form factor (links and speed differ)"))
    if len({offer.count for offer in offers}) > 1:
        unlike.append(say.t("GPUs per machine"))
    if len({offer.geo for offer in offers}) > 1:
        unlike.append(say.t("region"))
    if len({offer.term_months for offer in offers}) > 1:
        unlike.append(say.t("length of commitment"))
    dates = [offer.as_of for offer in offers]
    if (max(dates) - min(dates)).days > DAYS_APART:
        unlike.append(say.t("age of the price"))
    return [say.t("Not like for like: {what}.", what=", ".join(unlike))] if unlike else []


def _totals(offers: tuple[Offer, ...], question: Question, say: Wording) -> list[str]:
    """A length of time was named: what each side comes to, over the same card."""
    if not question.hours:
        return []
    gpus = question.count or 1
    card = offers[0].accelerator
    cheapest: dict[str, Offer] = {}
    # Whole machines first, as in the headline: a GPU whose host is billed apart is no total.
    for offer in sorted(offers, key=lambda offer: (not offer.host_included, gpu_hour(offer))):
        if len(question.accelerators) > 1:
            cheapest.setdefault(say.card(offer.accelerator), offer)
        elif offer.accelerator == card:
            cheapest.setdefault(seller(offer, say), offer)
    parts = [
        f"{name} {say.sum(gpu_hour(offer) * gpus * question.hours)}"
        for name, offer in cheapest.items()
    ]
    return [
        say.t(
            "For {gpus} over {hours}: {parts}.",
            gpus=f"{gpus}x {say.card(card)}"
            if len(question.accelerators) < 2
            else say.tn("{n} GPU", "{n} GPUs", gpus),
            hours=say.hours(question.hours),
            parts=", ".join(parts),
        )
    ]


def _table(sides: list[Side], desk: Desk, *, by_card: bool) -> Table:
    say = desk.say
    tflop = Column(
        say.t("$/PFLOP-h"),
        "right",
        unit=say.t("US dollars per 1,000 dense FP16 TFLOPS and hour"),
        essential=False,
    )
    gigabyte = Column(
        say.t("$/100 GB-h"),
        "right",
        unit=say.t("US dollars per 100 GB of accelerator memory and hour"),
        essential=False,
    )
    last = gigabyte if by_card else Column(say.t("Region"), essential=False)
    columns = (
        Column(say.t("Provider")),
        Column(say.t("Card")),
        Column("GPUs", "right"),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        tflop,
        last,
        Column(say.t("Seen")),
    )
    rows = []
    for side in sides:
        if side.best is None:
            name = ("-", side.name) if by_card else (side.name, "-")
            rows.append(TableRow((*name, "-", say.t("none"), "-", "-", "-")))
            continue
        offer = side.best.offer
        rows.append(
            TableRow(
                cells=(
                    provider_cell(offer, say),
                    card_of(offer, say),
                    str(offer.count),
                    say.plain_money(gpu_hour(offer)),
                    _cell(_pflop(offer), say),
                    _cell(_100_gb(offer), say) if by_card else region_of(offer, say),
                    say.date(offer.as_of, desk.now),
                ),
                url=offer.source_url,
                stale=side.best.stale,
            )
        )
    return Table(columns, tuple(rows))


def _pflop(offer: Offer) -> float | None:
    """USD per hour of 1,000 dense TFLOPS at 16 bits."""
    known = specification(offer.accelerator, offer.memory_gb, offer.form_factor)
    if known is None or not known.fp16_dense_tflops:
        return None
    return gpu_hour(offer) / known.fp16_dense_tflops * 1000


def _100_gb(offer: Offer) -> float | None:
    """USD per hour of 100 GB of accelerator memory."""
    return gpu_hour(offer) / offer.memory_gb * 100 if offer.memory_gb else None


def _cell(cost: float | None, say: Wording) -> str:
    return "-" if cost is None else say.plain_money(cost, 2)


def _one_side(question: Question, desk: Desk) -> Answer:
    """One name is no comparison: the ranking, and a question back."""
    from bot.commands import cheapest

    if question.accelerators:
        return cheapest.answer(question._replace(intent="cheapest"), desk)
    say = desk.say
    return Answer(
        headline=say.t(
            "Name two providers or two GPUs to compare, for example: {example}",
            example=say.t("compare h100 aws vs coreweave"),
        ),
        tone="caution",
        follow_ups=(
            FollowUp("A100 / H100", say.t("compare a100 vs h100")),
            FollowUp("AWS / CoreWeave", say.t("compare h100 aws vs coreweave")),
        ),
    )


def _next(question: Question, desk: Desk) -> tuple[FollowUp, ...]:
    say = desk.say
    out = []
    if question.billing != "spot":
        out.append(follow_up(question._replace(billing="spot"), desk, label="Spot"))
    if question.accelerators and question.providers:
        everyone = question._replace(
            intent="cheapest",
            providers=(),
            accelerators=question.accelerators[:1],
            hours=None,
        )
        out.append(follow_up(everyone, desk, label=say.t("All providers")))
    if question.accelerators:
        past = Question(
            "history",
            accelerators=question.accelerators[:1],
            memory_gb=question.memory_gb,
            period_days=90,
        )
        out.append(follow_up(past, desk, label=say.t("History")))
    return tuple(out)
