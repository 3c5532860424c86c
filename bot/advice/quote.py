"""Is this price fair? The seller's own list, like offers of that term, on demand elsewhere; then
what to aim for, where to walk away, and whom to name."""

from __future__ import annotations

from collections.abc import Sequence

from bot.advice.yardstick import ENOUGH, ON_LIST, Case, Standing, case_of, label, stands
from bot.answers.notes import notes_for
from bot.answers.offers import (
    brief,
    card_of,
    evidence,
    follow_up,
    provider_cell,
    subject,
    term_of,
)
from bot.core.answer import Answer, Column, Fact, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.advice.facts import Value
from knowledge.facts.providers import tier_of
from knowledge.facts.units import MONTH
from knowledge.market import (
    best_prices,
    gpu_hour,
    variants,
)
from knowledge.prices.offer import Best

WORTH_A_ROW = 3
"""Default: fewer providers than this make no row of their own."""
"""Months from which a quote for a length of time is taken for a commitment: "a month" in a price
is how it is billed."""
LOW, MIDDLE = 0.25, 0.6
"""Default: shares of providers that charge less, up to which a price is low, and middling."""
COMMITTED_LOW, COMMITTED_MIDDLE = 0.15, 0.3
"""The same for a commitment that is set against prices on demand, which it should undercut."""
COMMITTED_SAVING = 0.15
"""Default: what a commitment should save at least against the best price on demand."""
ABOVE_LIST = 1.02
"""From this share of a seller's own list on, a price on demand is more than the list."""
FAR = 5.0
"""A price so many times off the market is asked about, not judged."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    paid = question.paid_price
    if paid is None or not question.accelerators:
        return _ask_back(say)
    case, lines = case_of(question, paid, desk)
    if len(best_prices(case.group.rows)) < ENOUGH and not case.by_term:
        return _too_little(question, len(best_prices(case.group.rows)), desk)
    standing = case.standing
    if not _near(paid, standing, FAR):
        if question.count and _near(paid / question.count, standing, 2):
            # Only as the price of the machine does it make sense, and a machine was named.
            return answer(question._replace(paid_price=paid / question.count), desk)
        return _far_off(question, paid, standing, desk)
    shown = _to_negotiate(case, question)
    named = [best for best in (case.own_term, case.own) if best]
    return Answer(
        headline=_verdict(question, case, say),
        lines=(*_read_as(question, paid, say), *lines, *_aims(question, case, say)),
        table=_table(shown, desk),
        facts=tuple(_facts(question, case, desk)),
        notes=notes_for(
            question, desk, "quote", [*named, *shown], case.everything, _newest(case, desk)
        ),
        evidence=evidence(best.offer for best in (*shown, *case.same_term, *named)),
        follow_ups=_next(question, desk),
        offers=tuple(best.offer for best in shown),
    )


def _near(price: float, standing: Standing, times: float) -> bool:
    return standing.median / times <= price <= standing.median * times


# -- what is said ----------------------------------------------------------------------------


def _verdict(question: Question, case: Case, say: Wording) -> str:
    """A judgement in words that answers whether to take the price, never a bare yes or no."""
    standing = case.standing
    what = say.money(case.paid)
    if case.months and case.own and case.paid >= ON_LIST * gpu_hour(case.own.offer):
        return say.t(
            "High: {price} for {term} is {provider}'s own on-demand price ({list}); a commitment should be well below it.",
            price=what,
            term=say.term(case.months),
            provider=say.provider(case.own.offer.provider),
            list=say.money(gpu_hour(case.own.offer)),
        )
    above = case.own and case.paid > ABOVE_LIST * gpu_hour(case.own.offer)
    if not case.months and case.own and above and standing.share <= MIDDLE:
        own = gpu_hour(case.own.offer)
        return say.t(
            "More than the seller's own list: {price}, where {provider} asks {list}, {share} less. {less}; the median is {median}.",
            price=what,
            provider=say.provider(case.own.offer.provider),
            list=say.money(own),
            share=say.percent(1 - own / case.paid),
            less=_less(standing, say, committed=False),
            median=say.money(standing.median),
        ) + _of_the_form(case, say)
    values = {
        "price": what,
        "term": say.term(case.months) if case.months else "",
        "less": _less(standing, say, committed=case.months is not None and not case.by_term),
        "median": say.money(standing.median),
    }
    low, middle = (
        (COMMITTED_LOW, COMMITTED_MIDDLE) if case.months and not case.by_term else (LOW, MIDDLE)
    )
    # A commitment that costs more than the best without one is no good price, however few undercut it.
    undercut = case.months and case.paid >= gpu_hour(_without_commitment(question, case).offer)
    if standing.share <= low and case.paid < standing.median and not undercut:
        text = (
            say.t("Good price for {term}: {price}. {less}; the median is {median}.", **values)
            if case.months
            else say.t("Good price: {price}. {less}; the median is {median}.", **values)
        )
    elif standing.share <= middle:
        text = (
            say.t("In the middle for {term}: {price}. {less}; the median is {median}.", **values)
            if case.months
            else say.t(
                "In the middle of the market: {price}. {less}; the median is {median}.", **values
            )
        )
    elif case.months and not case.by_term:
        text = say.t(
            "High for a commitment of {term}: {price}. {less}; the median is {median}.", **values
        )
    else:
        text = say.t("High for the market: {price}. {less}; the median is {median}.", **values)
    return text + _own_words(case, say)


def _less(standing: Standing, say: Wording, *, committed: bool) -> str:
    """How many charge less, in a sentence of its own."""
    n, of = standing.less, say.number(standing.providers)
    if committed:
        if n == 0:
            return say.t("None of {of} providers charges less even on demand", of=of)
        return say.tn(
            "{n} of {of} providers charges less on demand",
            "{n} of {of} providers charge less on demand",
            n,
            of=of,
        )
    if n == standing.providers:
        return say.t("All {of} providers charge less", of=of)
    if n == 0:
        return say.t("None of {of} providers charges less", of=of)
    return say.tn(
        "{n} of {of} providers charges less", "{n} of {of} providers charge less", n, of=of
    )


def _own_words(case: Case, say: Wording) -> str:
    """How the price stands to the seller's own list, and to its list for another form."""
    own = case.own_term or case.own
    if own is None:
        return ""
    return " " + _to_list(case, own, say) + _of_the_form(case, say)


def _of_the_form(case: Case, say: Wording) -> str:
    """The seller's lower list for another form of the card, where none was stated."""
    if case.own_lower is None:
        return ""
    return " " + say.t(
        "For {card} it lists {price}: check which one yours is.",
        card=card_of(case.own_lower.offer, say),
        price=say.money(gpu_hour(case.own_lower.offer)),
    )


def _to_list(case: Case, own: Best, say: Wording) -> str:
    ratio = case.paid / gpu_hour(own.offer)
    values = {
        "provider": say.provider(own.offer.provider),
        "list": say.money(gpu_hour(own.offer)),
        "share": say.percent(abs(1 - ratio)),
    }
    if abs(1 - ratio) < 0.01:
        return say.t("It is {provider}'s list price.", **values)
    if ratio < 1:
        return say.t("It is {share} below {provider}'s list of {list}.", **values)
    return say.t("It is {share} above {provider}'s list of {list}.", **values)


def _read_as(question: Question, paid: float, say: Wording) -> tuple[str, ...]:
    """How the price was read: it may have been said of a machine, or by the minute or the month."""
    gpus = question.count or 1
    if gpus == 1:
        return (
            say.t(
                "Read as {price} per GPU-hour, {month} a month around the clock.",
                price=say.money(paid),
                month=say.money(paid * MONTH, 0),
            ),
        )
    return (
        say.t(
            "Read as {price} per GPU-hour: {hour} an hour, {month} a month for {gpus}.",
            price=say.money(paid),
            hour=say.money(paid * gpus),
            month=say.sum(paid * gpus * MONTH),
            gpus=say.tn("{n} GPU", "{n} GPUs", gpus),
        ),
    )


def _aims(question: Question, case: Case, say: Wording) -> tuple[str, ...]:
    """What to aim for and where to stop, and what to ask before signing."""
    standing = stands(case.paid, case.group.rows)
    if not case.months:
        values = {"target": say.money(standing.target), "limit": say.money(standing.median)}
        # Nobody pays more than what the seller lists.
        own = gpu_hour(case.own.offer) if case.own else standing.median
        if case.own and own < min(standing.median, case.paid / ABOVE_LIST):
            return (
                say.t(
                    "Walk away above {limit}: that is {provider}'s list without a contract.",
                    provider=say.provider(case.own.offer.provider),
                    limit=say.money(own),
                ),
                say.t(
                    "A list price is not a contract: compare term, region, support and what is included."
                ),
            )
        return (
            say.t(
                "Aim for {target}, the cheaper quarter; walk away above {limit}, the median.",
                **values,
            )
            if case.paid > standing.target
            else say.t(
                "It is within the cheaper quarter (up to {target}): haggle over terms, not over cents; walk away above {limit}, the median.",
                **values,
            ),
            say.t(
                "A list price is not a contract: compare term, region, support and what is included."
            ),
        )
    free = _without_commitment(question, case)
    limit = gpu_hour(free.offer)
    saved = limit * (1 - COMMITTED_SAVING)
    published = min((gpu_hour(best.offer) for best in case.same_term), default=limit)
    values = {
        "target": say.money(min(published, saved)),
        "limit": say.money(limit),
        "provider": say.provider(free.offer.provider),
        "term": say.term(case.months),
    }
    if case.paid <= min(published, saved):
        aim = say.t(
            "It is {share} under the best on demand ({limit} at {provider}): haggle over what is paid ahead and the way out, not over cents.",
            share=say.percent(1 - case.paid / limit),
            **values,
        )
    elif published < saved:
        aim = say.t(
            "Aim for {target}, the lowest price published for {term}; walk away above {limit}: {provider} asks that without a commitment.",
            **values,
        )
    else:
        aim = say.t(
            "Aim for {target}, {share} under the best on demand (our default); walk away above {limit}: {provider} asks that without a commitment.",
            share=say.percent(COMMITTED_SAVING),
            **values,
        )
    return (
        aim,
        say.t(
            "Ask: what is paid ahead and how it is secured, the price after the term, a way out when prices fall, and the network."
        ),
    )


def _without_commitment(question: Question, case: Case) -> Best:
    """The best on demand of the market, in machines of that size where there are any; what is only
    "from" a price binds nobody."""
    size = min(question.count or 1, 8)
    return min(
        case.group.rows,
        key=lambda best: (
            best.offer.count < size,
            best.offer.starting_at,
            best.stale,
            best.age,
            gpu_hour(best.offer),
        ),
    )


def _facts(question: Question, case: Case, desk: Desk) -> list[Fact]:
    say = desk.say
    rows = [Fact(say.t("Your price"), say.per_gpu_hour(case.paid))]
    for words, own in (
        (say.t("{provider}'s list for that term"), case.own_term),
        (say.t("{provider}'s own list"), case.own),
    ):
        if own:
            rows.append(
                Fact(
                    words.format(provider=say.provider(own.offer.provider)),
                    say.t(
                        "from {price} ({detail})",
                        price=say.money(gpu_hour(own.offer)),
                        detail=f"{brief(own.offer, say)}, {say.date(own.offer.as_of)}",
                    ),
                    own.offer.source_url,
                )
            )
    if case.by_term and case.months:
        rows.append(
            _row(
                say.t("Commitments of {term}", term=say.term(case.months)),
                case.same_term,
                case.paid,
                say,
            )
        )
    on_demand = say.billing("spot" if question.billing == "spot" else "on-demand")
    rows.append(_row(f"{label(case.group, say)}, {on_demand}", case.group.rows, case.paid, say))
    rows += _others(question, case, say)
    rows += _saving(question, case.paid, case.standing, say)
    rows.append(_age(case, desk))
    return rows


def _row(label: str, rows: Sequence[Best], paid: float, say: Wording) -> Fact:
    standing = stands(paid, rows)
    return Fact(
        label,
        say.t(
            "{n} of {providers} charge less; median {price}",
            n=standing.less,
            providers=say.tn("{n} provider", "{n} providers", standing.providers),
            price=say.money(standing.median),
        ),
    )


def _others(question: Question, case: Case, say: Wording) -> list[Fact]:
    """The same price against the seller's kind of provider, and against other variants."""
    out = []
    for tier in sorted({tier_of(name) for name in question.providers}):
        mine = [best for best in case.group.rows if best.tier == tier]
        if len(best_prices(mine)) >= WORTH_A_ROW:
            out.append(_row(_alone(tier, say), mine, case.paid, say))
    for group in variants(case.everything):
        key = (group.memory_gb, group.form_factor)
        if key != (case.group.memory_gb, case.group.form_factor) and group.sellers >= WORTH_A_ROW:
            out.append(_row(label(group, say), group.rows, case.paid, say))
    return out[:3]


def _alone(tier: str, say: Wording) -> str:
    return {
        "hyperscaler": say.t("Hyperscalers alone"),
        "microcloud": say.t("GPU clouds alone"),
        "marketplace": say.t("Marketplaces alone"),
    }[tier]


def _saving(question: Question, paid: float, standing: Standing, say: Wording) -> list[Fact]:
    gpus, use = question.count or 1, question.utilisation or 1.0
    saving = (paid - standing.median) * gpus * MONTH * use
    if saving <= 0:
        return []
    return [
        Fact(
            say.t("At the median you would save"),
            say.t(
                "{sum} a month for {gpus} at {use} use",
                sum=say.money(saving, 0),
                gpus=say.tn("{n} GPU", "{n} GPUs", gpus),
                use=say.percent(use),
            ),
        )
    ]


def _age(case: Case, desk: Desk) -> Fact:
    """How old the prices are that the verdict leans on."""
    say = desk.say
    dates = [best.offer.as_of for best in (*case.group.rows, *case.same_term)]
    return Fact(
        say.t("Age of the evidence"),
        say.t(
            "{oldest} to {newest}; the newest is {age}",
            oldest=say.date(min(dates)),
            newest=say.date(max(dates)),
            age=say.age(max(dates), desk.now),
        ),
    )


def _newest(case: Case, desk: Desk) -> dict[str, Value | None]:
    """The verdict leans on the whole group, so its newest price dates the answer."""
    newest = max(best.offer.as_of for best in case.group.rows)
    return {
        "price_age_days": max(0, (desk.now - newest).days),
        "price_date": desk.say.date(newest),
    }


def _to_negotiate(case: Case, question: Question) -> list[Best]:
    """Three providers to name: of that term first, lower than the price, machines of that size."""
    size = min(question.count or 1, 8)
    rows: dict[str, Best] = {}
    for best in sorted(
        (*case.same_term, *case.group.rows),
        key=lambda one: (
            one.offer.count < size,
            one.stale,
            one.age,
            gpu_hour(one.offer),
        ),
    ):
        if best.offer.provider not in question.providers:
            rows.setdefault(best.offer.provider, best)
    lower = [best for best in rows.values() if gpu_hour(best.offer) < case.paid]
    return (lower or list(rows.values()))[:3]


def _table(shown: Sequence[Best], desk: Desk) -> Table:
    say = desk.say
    columns = (
        Column(say.t("To negotiate with")),
        Column(say.t("Card")),
        Column("GPUs", "right"),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        Column(say.t("Billing")),
        Column(say.t("Seen")),
    )
    rows = tuple(
        TableRow(
            (
                provider_cell(best.offer, say),
                card_of(best.offer, say),
                str(best.offer.count),
                say.plain_money(gpu_hour(best.offer)),
                " ".join(filter(None, (say.billing(best.offer.billing), term_of(best.offer, say)))),
                say.date(best.offer.as_of, desk.now),
            ),
            url=best.offer.source_url,
            stale=best.stale,
        )
        for best in shown
    )
    return Table(columns, rows)


# -- where there is no verdict -----------------------------------------------------------------


def _far_off(question: Question, paid: float, standing: Standing, desk: Desk) -> Answer:
    """Questioned, not judged: it is the price of something else."""
    say = desk.say
    guesses = [
        gpus
        for gpus in dict.fromkeys((question.count or 8, 8, 4))
        if gpus > 1 and _near(paid / gpus, standing, 2)
    ]
    follow_ups = tuple(
        follow_up(
            question._replace(paid_price=paid / gpus, count=gpus),
            desk,
            label=say.t(
                "{price} per GPU-hour, for {gpus}",
                price=say.money(paid / gpus),
                gpus=say.tn("{n} GPU", "{n} GPUs", gpus),
            ),
        )
        for gpus in guesses[:2]
    )
    return Answer(
        headline=say.t(
            "Is that per GPU and hour? {price} per GPU-hour is far from the market's {median}.",
            price=say.money(paid),
            median=say.money(standing.median),
        ),
        tone="caution",
        lines=(
            say.t(
                "Say what the price is for: one GPU or the whole machine, an hour or a month, and in which currency."
            ),
        ),
        follow_ups=follow_ups,
    )


def _ask_back(say: Wording) -> Answer:
    example = say.t("are we overpaying for H100 at $4.10 on azure?")
    return Answer(
        headline=say.t(
            "Tell me the card and the price per GPU-hour, for example: {example}", example=example
        ),
        tone="caution",
        follow_ups=(FollowUp(example, example),),
    )


def _too_little(question: Question, known: int, desk: Desk) -> Answer:
    say = desk.say
    return Answer(
        headline=say.t(
            "Too little evidence: I hold {n} {billing} prices of {card}.",
            n=known,
            billing=say.billing("spot" if question.billing == "spot" else "on-demand"),
            card=subject(question._replace(count=None), say),
        ),
        lines=(
            say.t(
                "Fewer than {n} providers say nothing about a fair price (our default).", n=ENOUGH
            ),
        ),
        tone="caution",
        follow_ups=(follow_up(Question("price", accelerators=question.accelerators), desk),),
    )


def _next(question: Question, desk: Desk) -> tuple[FollowUp, ...]:
    return (
        follow_up(
            Question("cheapest", accelerators=question.accelerators, memory_gb=question.memory_gb),
            desk,
        ),
        follow_up(Question("history", accelerators=question.accelerators, period_days=90), desk),
    )
