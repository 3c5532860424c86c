"""A vendor card: what is known of a provider, with dates and sources, and what to ask it."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.answer import Answer, Evidence, Fact, FollowUp, Note
from bot.desk import Desk
from bot.offers import evidence, follow_up, gpu_hour
from bot.phrase import phrase
from bot.question import Question
from bot.wording import Wording
from knowledge.offer import Best, OfferFilter
from knowledge.providers import Provider, provider

CARDS_SHOWN = 4


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if not question.providers and question.unused:
        return Answer(
            headline=say.t("I hold no facts on {name}.", name=" ".join(question.unused[:3])),
            lines=checklist(say),
            tone="caution",
        )
    if not question.providers:
        return Answer(
            headline=say.t(
                "Which provider do you mean? I know CoreWeave, Lambda, RunPod and some sixty others."
            ),
            lines=checklist(say),
            tone="caution",
            follow_ups=tuple(
                FollowUp(name, phrase(Question("provider", providers=(known,)), say.lang))
                for name, known in (
                    ("CoreWeave", "coreweave"),
                    ("Lambda", "lambda"),
                    ("RunPod", "runpod"),
                )
            ),
        )
    known = provider(question.providers[0])
    if known is None:
        return Answer(
            headline=say.t("I hold no facts on {name}.", name=question.providers[0]),
            lines=checklist(say),
            tone="caution",
        )
    pool = desk.store.market(
        OfferFilter(
            providers=(known.id,),
            owner=desk.asker.workspace if desk.asker.may_see_contracts else None,
        ),
        desk.now,
    )
    cards = _cards(known, desk)
    offers = tuple(best.offer for _, best in cards)
    return Answer(
        headline=_headline(known, say),
        lines=(_kind(known, say), *_story(known)),
        facts=(*_facts(known, say), *_prices(cards, desk), *_term_sought(question, pool, say)),
        notes=_notes(known, question, say),
        evidence=(*_read(known), *evidence(offers)),
        follow_ups=_next(known, desk),
        offers=offers,
    )


def checklist(say: Wording) -> tuple[str, ...]:
    """What to ask any provider before signing."""
    return (
        say.t(
            "Before you sign, ask: who is the counterparty, and who owns the hardware and the site?"
        ),
        say.t(
            "How many of these GPUs are held for you, from what date, in writing, and what if they fail to come?"
        ),
        say.t("What happens to prepaid money and to your data when either side leaves?"),
        say.t(
            "Which audit reports exist (SOC 2, ISO 27001), of what date, and what is the uptime promise worth?"
        ),
    )


def _headline(known: Provider, say: Wording) -> str:
    if known.ownership == "acquired" and known.last_event:
        return say.t(
            "{name} has changed hands: {event} ({date}). Check which entity signs.",
            name=known.name,
            event=known.last_event.rstrip("."),
            date=known.last_event_date or say.t("date not known"),
        )
    if not known.confirmed:
        return say.t(
            "{name}: no confirmed facts beyond its price list; ask before you sign.",
            name=known.name,
        )
    if known.ownership == "public":
        return say.t(
            "{name} is a listed company ({ticker}).", name=known.name, ticker=known.ticker or "-"
        )
    if known.ownership == "private":
        return say.t("{name} is privately held.", name=known.name)
    return say.t("{name}: ownership not confirmed.", name=known.name)


def _kind(known: Provider, say: Wording) -> str:
    kind = {
        "hyperscaler": say.t("Hyperscaler"),
        "microcloud": say.t("GPU cloud"),
        "marketplace": say.t("Marketplace of hosts"),
        "developer-cloud": say.t("Developer cloud"),
    }[known.kind]
    parts = [kind]
    if known.headquarters_country:
        parts.append(say.country(known.headquarters_country))
    if known.founded:
        parts.append(say.t("founded {year}", year=known.founded))
    return ", ".join(parts) + "."


def _story(known: Provider) -> tuple[str, ...]:
    """The table's own sentence; facts are kept in English, as read."""
    return (known.summary,) if known.summary else ()


def _facts(known: Provider, say: Wording) -> list[Fact]:
    out = []
    if known.risk_notes:
        out.append(Fact(say.t("To weigh"), known.risk_notes, known.source_url))
    if known.last_event and known.ownership != "acquired":
        date = f" ({known.last_event_date})" if known.last_event_date else ""
        out.append(Fact(say.t("Last event"), known.last_event + date, known.source_url))
    if known.compliance:
        out.append(Fact(say.t("Audit reports"), ", ".join(known.compliance)))
    if known.egress_fee:
        out.append(Fact(say.t("Egress"), known.egress_fee))
    if known.min_commitment:
        out.append(Fact(say.t("Minimum commitment"), known.min_commitment))
    if known.countries:
        shown = ", ".join(known.countries[:12]) + (" …" if len(known.countries) > 12 else "")
        out.append(Fact(say.t("Countries"), shown))
    return out


def _cards(known: Provider, desk: Desk) -> list[tuple[str, Best]]:
    """The lowest on-demand offer of its best-known cards."""
    out = []
    for card in ("H100", "H200", "B200", "A100", "L40S", "MI300X", "L4", "RTX4090"):
        rows = [
            best
            for best in desk.store.market(
                OfferFilter(accelerators=(card,), providers=(known.id,), billing="on-demand"),
                desk.now,
            )
            if best.offer.host_included
        ]
        if rows:
            out.append((card, rows[0]))
    return out[:CARDS_SHOWN]


def _prices(cards: list[tuple[str, Best]], desk: Desk) -> list[Fact]:
    say = desk.say
    if not cards:
        return [Fact(say.t("Prices"), say.t("none in the price store"))]
    return [
        Fact(
            say.t(
                "From, on demand: {card}",
                card=say.card(card, best.offer.memory_gb, best.offer.form_factor),
            ),
            say.t(
                "{price} per GPU-hour ({date})",
                price=say.money(gpu_hour(best.offer)),
                date=say.date(best.offer.as_of),
            ),
            best.offer.source_url,
        )
        for card, best in cards
    ]


def _term_sought(question: Question, pool: list[Best], say: Wording) -> list[Fact]:
    if question.billing != "reserved" and not question.hours:
        return []
    reserved = [best for best in pool if best.offer.billing == "reserved"]
    if not reserved:
        return [
            Fact(say.t("Reserved prices"), say.t("none published that I hold; ask for a quote"))
        ]
    best = reserved[0]
    return [
        Fact(
            say.t("Reserved from"),
            f"{say.money(gpu_hour(best.offer))} ({say.card(best.offer.accelerator, best.offer.memory_gb)}, {say.term(best.offer.term_months)})",
            best.offer.source_url,
        )
    ]


def _notes(known: Provider, question: Question, say: Wording) -> tuple[Note, ...]:
    if known.tier == "hyperscaler":
        return ()
    if question.hours or question.billing == "reserved":
        return (
            Note(
                "caution",
                "provider-viability-checklist",
                say.t(
                    "Before you sign a term: counterparty, supply date in writing, refund on failure, exit and data return, price after the term."
                ),
            ),
        )
    return (
        Note(
            "tip",
            "provider-viability-checklist",
            say.t(
                "Before you sign: who is the counterparty, supply date in writing, exit and data return."
            ),
        ),
    )


def _read(known: Provider) -> tuple[Evidence, ...]:
    from knowledge.attribution import publisher

    day = datetime.fromisoformat(known.checked_on).replace(tzinfo=UTC)
    return (Evidence(publisher(known.source_url), known.source_url, day, day),)


def _next(known: Provider, desk: Desk) -> tuple[FollowUp, ...]:
    say = desk.say
    return (
        follow_up(
            Question("price", accelerators=("H100",), providers=(known.id,)),
            desk,
            label=say.t("H100 prices"),
        ),
        follow_up(
            Question(
                "compare",
                accelerators=("H100",),
                providers=(known.id, "aws" if known.id != "aws" else "lambda"),
            ),
            desk,
            label=say.t("Compare"),
        ),
    )
