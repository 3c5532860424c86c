"""Offers ranked by price per GPU-hour: the question this product exists for."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers.left_out import (
    detail,
    fabrics,
    inside,
    left_out,
    lower_of_unknown_fabric,
    not_listed_there,
    other_terms,
    single_prices,
)
from bot.answers.notes import notes_for
from bot.answers.offers import (
    ROWS,
    card_of,
    evidence,
    follow_up,
    of_slice,
    provider_cell,
    region_of,
    seller,
    subject,
    subject_of,
    term_of,
    unknown_card,
    unused_line,
    where,
)
from bot.answers.stock import Told, is_asked
from bot.core.answer import Answer, Column, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.providers import tier_of
from knowledge.market import (
    Holding,
    Plan,
    Selection,
    Subject,
    gpu_hour,
    holding,
    one_a_seller,
    select,
)
from knowledge.prices.offer import Best, Offer

MAX_ROWS = 50
MUCH_LOWER = 0.85
"""An older price below this share of the leading one is named beside it."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    question = of_slice(question)
    if question.per_dollar:
        from bot.economics import perdollar

        valued = perdollar.answer(question, desk)
        if valued is not None:
            return valued
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    if not question.accelerators and question.model:
        from bot.commands import fit

        return fit.answer(question, desk)
    if not question.accelerators and not question.memory_gb and not question.providers:
        from bot.answers.any_card import ranking

        return ranking(question, desk)
    if _sides(question):
        from bot.advice import tier

        return tier.answer(question._replace(tier=None, count=question.count), desk)
    asked = subject_of(question, desk)
    found = select(desk.store, asked, desk.now)
    pool = found.rows or found.markets
    held = _held(pool, asked)
    if not held.plans:
        from bot.answers.no_offers import explain_nothing

        return explain_nothing(question, desk)
    shown = held.plans[: min(question.limit or ROWS, MAX_ROWS)]
    lead = shown[0]
    bests = [plan.best for plan in shown]
    offers = tuple(plan.offer for plan in shown)
    told = Told(question, desk) if question.urgency == "urgent" or is_asked(question) else None
    lines = [
        *_stock(told, offers, say),
        *single_prices(held, asked.gpus or 1, say),
        *_spare(shown, asked, say),
        *fabrics(held, say),
        *_marketplaces(found, asked, lead, say),
        *other_terms(found, asked.term_months, say),
        *_other_kinds(found, asked, say),
        *_hyperscaler_gap(pool, asked, lead, question, say),
        *not_listed_there(offers, found, question, say),
        *left_out(asked, found, question, desk),
        *unused_line(question, say),
    ]
    return Answer(
        headline=_headline(question, asked, held, say),
        lines=tuple(lines),
        table=_table(shown, question, told, desk, caption=_caption(held, shown, say)),
        notes=notes_for(question, desk, "cheapest", bests, pool),
        evidence=evidence(offers),
        follow_ups=_next(question, asked, held, shown, desk),
        offers=offers,
    )


def _sides(question: Question) -> bool:
    """A kind of provider set against a named one of another kind ("microcloud or AWS") is no
    filter that both must pass."""
    tiers = {tier_of(name) for name in question.providers}
    return bool(question.tier and tiers and question.tier not in tiers)


def _held(pool: Sequence[Best], asked: Subject) -> Holding:
    """Machines that hold the wanted GPUs; without a count each provider's best machine."""
    if asked.gpus is None:
        return Holding(tuple(Plan(best, 1) for best in one_a_seller(pool)), ())
    return holding(pool, asked.gpus, interconnect=asked.interconnect, nodes=asked.nodes)


# -- the first sentence ------------------------------------------------------------------------


def _headline(question: Question, asked: Subject, held: Holding, say: Wording) -> str:
    lead = held.plans[0]
    offer = lead.offer
    values = {
        "what": subject(question, say) + _joined(asked, say) + where(question, say),
        "billing": say.billing(asked.billing),
        "price": say.per_gpu_hour(gpu_hour(offer)),
        "provider": seller(offer, say),
        "detail": detail(offer, say),
        "machines": lead.machines,
        "size": offer.count,
        "total": say.money(lead.usd_per_hour),
        "date": say.date(offer.as_of),
    }
    if lead.machines > 1:
        text = say.t(
            "Cheapest {what}, {billing}: {machines} x {size}-GPU at {provider}, {price}, {total} per hour in total ({fabric}).",
            fabric=lead.fabric or say.t("fabric not known"),
            **values,
        )
    elif asked.gpus is not None and offer.count != asked.gpus:
        text = say.t(
            "Nobody lists {what} as one machine; the cheapest that holds them, {billing}: 1 x {size}-GPU at {provider}, {total} per hour in total ({price}).",
            **values,
        )
    elif lead.stale:
        text = say.t(
            "Cheapest {what}, {billing}: {price} at {provider} ({detail}), as of {date}.", **values
        )
    else:
        text = say.t("Cheapest {what}, {billing}: {price} at {provider} ({detail}).", **values)
    if unknown := lower_of_unknown_fabric(held):
        text += " " + say.t(
            "{total} an hour at {provider}, if its fabric will do: nobody states it.",
            total=say.money(unknown.usd_per_hour),
            provider=seller(unknown.offer, say),
        )
    older = _older(held.plans)
    if older:
        text += " " + say.t(
            "An older price is lower: {price} at {provider}, of {date}; check whether it still holds.",
            price=say.money(gpu_hour(older.offer)),
            provider=seller(older.offer, say),
            date=say.date(older.offer.as_of),
        )
    return text


def _joined(asked: Subject, say: Wording) -> str:
    if asked.interconnect is None:
        return ""
    names = {"infiniband": "InfiniBand", "roce": "RoCE", "ethernet": "Ethernet", "nvlink": "NVLink"}
    return " " + say.t("with {fabric}", fabric=names.get(asked.interconnect, asked.interconnect))


def _older(plans: Sequence[Plan]) -> Plan | None:
    """The lowest of the prices that are much older than the leading one, if it is much lower."""
    lead = plans[0]
    age = (lead.stale, lead.best.age)
    older = [
        plan
        for plan in plans
        if (plan.stale, plan.best.age) > age and plan.usd_per_hour < MUCH_LOWER * lead.usd_per_hour
    ]
    return min(older, key=lambda plan: plan.usd_per_hour, default=None)


def _caption(held: Holding, shown: Sequence[Plan], say: Wording) -> str:
    offers = sum(plan.best.offers for plan in held.plans)
    return say.t(
        "Showing {shown} of {providers}, {offers}; each provider's best.",
        shown=len(shown),
        providers=say.tn("{n} provider", "{n} providers", len(held.plans)),
        offers=say.tn("{n} offer", "{n} offers", offers),
    )


# -- what stands beside it -----------------------------------------------------------------------


def _stock(told: Told | None, offers: Sequence[Offer], say: Wording) -> list[str]:
    """What is asked when "now" is asked: a price is no stock, and few tell theirs."""
    if told is None:
        return []
    known = [one for offer in offers if (one := told.of(offer)) is not None]
    if not known:
        return [say.t("Whether it can be had now is not known here: a list price is no stock.")]
    there = [say.provider(one.provider) for one in known if one.in_stock]
    if not there:
        return [say.t("None of those that tell their stock has it now.")]
    return [say.t("In stock by their own word: {sellers}.", sellers=say.listing(there))]


def _spare(shown: Sequence[Plan], asked: Subject, say: Wording) -> list[str]:
    lead = shown[0]
    if asked.gpus is None or lead.gpus <= asked.gpus:
        return []
    return [
        say.t(
            "That is {spare} more than you asked for; the whole machine is paid.",
            spare=lead.gpus - asked.gpus,
        )
    ]


def _marketplaces(found: Selection, asked: Subject, lead: Plan, say: Wording) -> list[str]:
    """Single hosts without a contract get a line of their own."""
    if not found.markets or not found.rows:
        return []
    held = _held(found.markets, asked)
    if not held.plans:
        return []
    offer = held.plans[0].offer
    if gpu_hour(offer) < gpu_hour(lead.offer):
        return [
            say.t(
                "Marketplaces go lower: {price} at {provider} ({detail}; single hosts, no contract).",
                price=say.money(gpu_hour(offer)),
                provider=seller(offer, say),
                detail=detail(offer, say),
            )
        ]
    return [
        say.t(
            "Marketplaces start at {price} ({provider}).",
            price=say.money(gpu_hour(offer)),
            provider=seller(offer, say),
        )
    ]


def _other_kinds(found: Selection, asked: Subject, say: Wording) -> list[str]:
    """The best of each other billing kind, in one line and never in the ranking."""
    parts, kinds = [], set()
    for kind, rows in found.other_kinds.items():
        plans = _held([best for best in rows if best.offer.host_included], asked).plans
        if not plans:
            continue
        kinds.add(kind)
        offer = plans[0].offer
        words = seller(offer, say)
        if kind == "reserved":
            words += ", " + say.term(offer.term_months)
        message = {
            "on-demand": say.t("On demand from {price} ({detail})"),
            "spot": say.t("Spot from {price} ({detail})"),
            "reserved": say.t("Reserved from {price} ({detail})"),
        }[kind]
        parts.append(message.format(price=say.money(gpu_hour(offer)), detail=words))
    lines = [" · ".join(parts) + "."] if parts else []
    if asked.billing == "on-demand" and "spot" not in kinds:
        lines.append(say.t("No spot price of it is published here."))
    return lines


def _hyperscaler_gap(
    pool: Sequence[Best], asked: Subject, lead: Plan, question: Question, say: Wording
) -> list[str]:
    """How much the cheapest hyperscaler asks beside the answer."""
    if question.tier or question.providers or "hyperscaler" in question.exclude_tiers:
        return []
    big = _held([best for best in pool if best.tier == "hyperscaler"], asked).plans
    if not big:
        return [say.t("No hyperscaler offer matches, so there is no gap to show.")]
    if lead.best.tier == "hyperscaler":
        others = _held([best for best in pool if best.tier == "microcloud"], asked).plans
        if not others:
            return []
        return [
            say.t(
                "The cheapest GPU cloud asks {price} ({provider}).",
                price=say.money(gpu_hour(others[0].offer)),
                provider=seller(others[0].offer, say),
            )
        ]
    offer = big[0].offer
    return [
        say.t(
            "A hyperscaler starts at {price} ({provider} {instance}, {detail}): {times} times as much.",
            price=say.money(gpu_hour(offer)),
            provider=seller(offer, say),
            instance=offer.instance_type,
            detail=detail(offer, say),
            times=say.times(gpu_hour(offer) / gpu_hour(lead.offer)),
        )
    ]


# -- the table -----------------------------------------------------------------------------------


def _table(
    shown: Sequence[Plan], question: Question, told: Told | None, desk: Desk, *, caption: str
) -> Table:
    """Provider, card, machines, $/GPU-h, $/h of all, place or term or fabric, day of the price."""
    say = desk.say
    reserved = any(plan.offer.billing == "reserved" for plan in shown)
    several = any(plan.machines > 1 for plan in shown)
    columns = (
        Column("#", "right", essential=False),
        Column(say.t("Provider")),
        Column(say.t("Card")),
        Column(say.t("Machines"), "right") if several else Column("GPUs", "right"),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        Column(say.t("Total $/h"), "right", unit=say.t("US dollars per hour for all machines"))
        if several
        else Column(say.t("$/h"), "right", unit=say.t("US dollars per hour for the whole machine")),
        *((Column(say.t("Fabric"), essential=False),) if several else ()),
        Column(say.t("Term")) if reserved else Column(say.t("Region"), essential=False),
        *((Column(say.t("Stock")),) if told else ()),
        Column(say.t("Seen")),
    )
    rows = tuple(
        TableRow(
            cells=(
                str(place),
                provider_cell(plan.offer, say),
                card_of(plan.offer, say),
                f"{plan.machines} x {plan.offer.count}" if several else _gpus(plan, question),
                say.plain_money(gpu_hour(plan.offer)),
                say.plain_money(plan.usd_per_hour),
                *((plan.fabric or "-",) if several else ()),
                term_of(plan.offer, say) if reserved else _place(plan, question, say),
                *((told.cell(plan.offer),) if told else ()),
                say.date(plan.offer.as_of, desk.now),
            ),
            url=plan.offer.source_url,
            stale=plan.stale,
        )
        for place, plan in enumerate(shown, 1)
    )
    return Table(columns, rows, caption)


def _gpus(plan: Plan, question: Question) -> str:
    size = plan.offer.count
    return f"1 x {size}" if question.count and size != question.count else str(size)


def _place(plan: Plan, question: Question, say: Wording) -> str:
    """The region; for a price that names none, the countries of the provider's sites there."""
    offer = plan.offer
    if (offer.region and offer.region != "global") or offer.country:
        return region_of(offer, say)
    codes = inside(question, offer.provider) if question.region or question.regions else ()
    if not codes:
        return region_of(offer, say)
    sites = ",".join(codes[:2]) + (f"+{len(codes) - 2}" if len(codes) > 2 else "")
    return f"{say.t('any')}: {sites}" if offer.region == "global" else sites


# -- what comes next -------------------------------------------------------------------------------


def _next(
    question: Question, asked: Subject, held: Holding, shown: Sequence[Plan], desk: Desk
) -> tuple[FollowUp, ...]:
    """At most five questions a reader of this answer could ask next."""
    say = desk.say
    out: list[FollowUp] = []
    if len(held.plans) > len(shown):
        more = question._replace(limit=min(len(held.plans), len(shown) + 10))
        out.append(follow_up(more, desk, label=say.t("Show more")))
    if asked.billing == "on-demand":
        out.append(follow_up(question._replace(billing="spot"), desk, label=say.t("Spot")))
    else:
        out.append(
            follow_up(question._replace(billing="on-demand"), desk, label=say.t("On demand"))
        )
    names = tuple(dict.fromkeys(plan.offer.provider for plan in shown))[:3]
    if len(names) > 1 and question.accelerators:
        compare = Question(
            intent="compare",
            accelerators=question.accelerators[:1],
            memory_gb=question.memory_gb,
            providers=names,
        )
        out.append(follow_up(compare, desk, label=say.t("Compare")))
    if question.region or question.regions:
        out.append(
            follow_up(question._replace(region=None, regions=()), desk, label=say.t("Any region"))
        )
    if question.accelerators:
        past = Question(
            intent="history",
            accelerators=question.accelerators[:1],
            memory_gb=question.memory_gb,
            period_days=90,
        )
        out.append(follow_up(past, desk, label=say.t("History")))
    return tuple(out[:5])
