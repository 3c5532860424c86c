"""A vendor card: what is known of a provider, with dates and sources, and what to ask it."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.advice.evidence import bests
from bot.answers import extras
from bot.answers.facts import seller_facts
from bot.answers.notes import notes_for
from bot.answers.offers import evidence, follow_up
from bot.core.answer import Answer, Evidence, Fact, FollowUp
from bot.core.desk import Desk
from bot.core.phrase import phrase
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts.charges import charge
from knowledge.facts.compliance import REPORTS, code, stated, states, title
from knowledge.facts.compliance import of as statements
from knowledge.facts.providers import Provider, provider, translated
from knowledge.market import Subject, gpu_hour, select
from knowledge.prices.offer import Best, OfferFilter

CARDS_SHOWN = 3
CARDS = ("H100", "H200", "B200", "A100", "L40S", "MI300X", "L4", "RTX4090")
OLD_DAYS = 180
"""Default: facts about a provider that nobody looked at for half a year are said to be old."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    if not question.providers and question.unused:
        return _unknown(" ".join(question.unused[:3]), say)
    if not question.providers:
        return Answer(
            headline=say.t(
                "Which provider do you mean? I know CoreWeave, Lambda, RunPod and about sixty others."
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
    if question.egress_tb:
        return extras.answer(question, "egress", desk)  # what was asked is what traffic costs
    found = provider(question.providers[0])
    if found is None:
        return _unknown(question.providers[0], say)
    known = translated(found, say.lang)
    cards = _cards(known, desk)
    offers = tuple(best.offer for _, best in cards)
    second = _second(cards, known, desk)
    return Answer(
        headline=_headline(known, question, say),
        lines=(_kind(known, say), *_story(known, say), *_ask(known, say), *_old(known, desk)),
        facts=(
            *_facts(known, say),
            *_prices(cards, desk),
            *_term_sought(question, known, desk),
            _exit(second, say),
        ),
        notes=notes_for(
            question,
            desk,
            "provider",
            bests(offers, desk),
            more={
                "tier": known.tier,
                "provider": known.name,
                "provider_id": known.id,
                **seller_facts(known.id),
            },
        ),
        evidence=(*_read(known), *evidence((*offers, *((second.offer,) if second else ())))),
        follow_ups=_next(known, desk),
        offers=offers,
    )


def _unknown(name: str, say: Wording) -> Answer:
    return Answer(
        headline=say.t("I have no facts on {name}.", name=name),
        lines=checklist(say),
        tone="caution",
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


def _ask(known: Provider, say: Wording) -> tuple[str, ...]:
    """What to ask this one, in a line: by its kind."""
    if known.tier == "hyperscaler":
        return (
            say.t(
                "Before you sign: quota and stock in the region by date, committed-use or private price, egress in the total."
            ),
        )
    if known.tier == "marketplace":
        return (
            say.t(
                "Before you rent: which host and site, verified or not, notice before it leaves, where the data lies."
            ),
        )
    return (
        say.t(
            "Before you sign: who is the counterparty, supply date in writing, refund on failure, price after the term."
        ),
    )


def _headline(known: Provider, question: Question, say: Wording) -> str:
    if question.compliance or question.data_sensitivity == "personal":
        return _for_data(known, question, say)
    if known.ownership == "acquired" and known.last_event:
        return say.t(
            "{name} has changed hands: {event} ({date}). Check which entity signs.",
            name=known.name,
            event=known.last_event.rstrip("."),
            date=say.iso_date(known.last_event_date) or say.t("date not known"),
        )
    if not known.confirmed:
        return say.t(
            "{name}: no confirmed facts beyond its price list; ask before you sign.",
            name=known.name,
        )
    signs = bool(question.hours) or question.billing == "reserved"
    if signs and known.tier == "microcloud":
        return say.t(
            "{name}: sign for the shortest term that carries the discount, with a way out; {what}.",
            name=known.name,
            what=_owned(known, say),
        )
    return _counterparty(known, say)


def _counterparty(known: Provider, say: Wording) -> str:
    """Whether one can lean on it, in a sentence: by what it is and how much is public of it."""
    values = {"name": known.short_name, "what": _owned(known, say)}
    if known.tier == "marketplace":
        return say.t(
            "{name}: what counts is the host, not the marketplace; for jobs that can restart, and no private data without a verified host.",
            **values,
        )
    if known.ownership == "public" and known.tier == "hyperscaler":
        return say.t(
            "{name} is {what} and a sound counterparty: watch quota, traffic out and list price instead.",
            **values,
        )
    if known.ownership == "public":
        return say.t(
            "{name} is {what}: read its cash and debt before a long term or a payment ahead.",
            **values,
        )
    if known.ownership == "private":
        return say.t(
            "{name} is {what}, without public accounts: pay by the month, and secure whatever you pay ahead.",
            **values,
        )
    return say.t("{name} is {what}.", **values)


def _for_data(known: Provider, question: Question, say: Wording) -> str:
    """Whether data that is guarded may go there: by kind of provider and the reports it states."""
    name = known.short_name
    asked = [title(paper) for paper in question.compliance]
    papers = say.listing(asked) or say.t("personal data")
    if known.tier == "marketplace":
        return say.t(
            "{name} for {papers}: not on its ordinary hosts, which belong to third parties; only verified data-centre hosts, under contract.",
            name=name,
            papers=papers,
        )
    has = stated(known.id)
    laws = all(code(paper) not in REPORTS for paper in question.compliance)
    if asked and laws and all(states(known.id, paper) for paper in question.compliance):
        return say.t(
            "{name} names {papers} on its pages: that is a law you keep, not a certificate; get a data processing agreement and the place of the data in writing.",
            name=name,
            papers=papers,
        )
    if asked and all(states(known.id, paper) for paper in question.compliance):
        return say.t(
            "{name} states {papers}: see the report, its date and the sites it covers before data goes in.",
            name=name,
            papers=papers,
        )
    if has and not asked:
        return say.t(
            "{name} for {papers}: it states {reports}; get the report, the site and a data processing agreement in writing first.",
            name=name,
            papers=papers,
            reports=say.listing(list(has)),
        )
    return say.t(
        "{name} for {papers}: no page that was read says that it has it; ask for the report before any data goes in.",
        name=name,
        papers=papers,
    )


def _owned(known: Provider, say: Wording) -> str:
    if known.ownership == "public":
        return say.t("a listed company ({ticker})", ticker=known.ticker or "-")
    if known.ownership == "private":
        return say.t("privately held")
    if known.ownership == "acquired":
        return say.t("owned by another company")
    return say.t("of unconfirmed ownership")


def _kind(known: Provider, say: Wording) -> str:
    kind = {
        "hyperscaler": say.t("Hyperscaler"),
        "microcloud": say.t("GPU cloud"),
        "marketplace": say.t("Marketplace of hosts"),
        "developer-cloud": say.t("Developer cloud"),
    }[known.kind]
    parts = [kind[:1].upper() + kind[1:]]
    if known.headquarters_country:
        parts.append(say.country(known.headquarters_country))
    if known.founded:
        parts.append(say.t("founded {year}", year=known.founded))
    return ", ".join(parts) + "."


def _story(known: Provider, say: Wording) -> tuple[str, ...]:
    """The table's own sentence; marked where no source beyond the provider's own was read."""
    if not known.summary:
        return ()
    return (known.summary,) if known.confirmed else (_unconfirmed(known.summary, say),)


def _unconfirmed(text: str, say: Wording) -> str:
    return say.t("Unconfirmed: {text}", text=text)


def _old(known: Provider, desk: Desk) -> tuple[str, ...]:
    read = _day(known)
    if (desk.now - read).days <= OLD_DAYS:
        return ()
    return (
        desk.say.t(
            "These facts were read on {date}: too old to sign on, look again.",
            date=desk.say.date(read),
        ),
    )


def _facts(known: Provider, say: Wording) -> list[Fact]:
    def told(text: str) -> str:
        return text if known.confirmed else _unconfirmed(text, say)

    out = []
    if known.risk_notes:
        out.append(Fact(say.t("Risks"), known.risk_notes, known.source_url))
    if known.last_event and known.ownership != "acquired":
        date = f" ({say.iso_date(known.last_event_date)})" if known.last_event_date else ""
        out.append(
            Fact(say.t("Last event"), told(known.last_event.rstrip(".")) + date, known.source_url)
        )
    if fact := _reports(known, say):
        out.append(fact)
    charged = extras.provider_facts(known.id, say)
    if known.egress_fee and charge(known.id, "egress") is None:
        out.append(Fact(say.t("Egress"), told(known.egress_fee)))
    out += charged
    if known.min_commitment:
        out.append(Fact(say.t("Minimum commitment"), told(known.min_commitment)))
    if known.countries:
        names = [say.country(code) for code in known.countries[:12]]
        shown = ", ".join(names) + (" …" if len(known.countries) > 12 else "")
        out.append(Fact(say.t("Countries"), shown))
    return out


def _reports(known: Provider, say: Wording) -> Fact | None:
    """Audit reports that a page which was read names, beside those of the provider table."""
    table = known.compliance if known.confirmed else ()
    # The table's "SOC 2 Type I" says more than a page's "SOC 2".
    seen = [name for name in stated(known.id) if not any(one.startswith(name) for one in table)]
    found = [*seen, *table]
    rows = [one for one in statements(known.id) if one.status in ("stated", "listed")]
    read = [one for one in rows if one.item in stated(known.id) and one.source_date]
    if not found:
        return Fact(say.t("Audit reports"), say.t("none found on the pages that were read: ask"))
    newest = max(read, key=lambda one: one.source_date, default=None)
    names = ", ".join(found)
    if newest is None:
        return Fact(say.t("Audit reports"), say.t("{reports}: ask to see them", reports=names))
    return Fact(
        say.t("Audit reports"),
        say.t(
            "{reports} ({date}): ask to see them",
            reports=names,
            date=say.iso_date(newest.source_date),
        ),
        newest.source_url,
    )


def _cards(known: Provider, desk: Desk) -> list[tuple[str, Best]]:
    """The lowest on-demand offer of its best-known cards."""
    wanted = OfferFilter(accelerators=CARDS, providers=(known.id,))
    lowest: dict[str | None, Best] = {}
    for best in select(desk.store, Subject(wanted, marketplaces=True), desk.now).rows:
        if best.offer.host_included:
            lowest.setdefault(best.offer.accelerator, best)
    return [(card, lowest[card]) for card in CARDS if card in lowest][:CARDS_SHOWN]


def _second(cards: list[tuple[str, Best]], known: Provider, desk: Desk) -> Best | None:
    """The cheapest other provider of its first card, alike: where to go if it fails.

    Of its own kind where there is one: who rents from a hyperscaler has a reason.
    """
    for card, best in cards:
        wanted = OfferFilter(
            accelerators=(card,),
            memory_gb=best.offer.memory_gb,
            form_factor=best.offer.form_factor,
            exclude_providers=(known.id,),
        )
        rows = [
            other
            for other in select(desk.store, Subject(wanted), desk.now).rows
            if other.offer.host_included
        ]
        if rows:
            return min(rows, key=lambda other: _unlike(other, best, known))
    return None


def _unlike(other: Best, best: Best, known: Provider) -> tuple[bool, bool, bool]:
    """How far another provider's offer is from being a second source: its kind, the size of its
    machines, and the audit reports that it lacks. The market's order decides among equals."""
    lacks = set(stated(known.id)) - set(stated(other.offer.provider))
    return other.tier != best.tier, other.offer.count < best.offer.count, bool(lacks)


def _exit(second: Best | None, say: Wording) -> Fact:
    keep = say.t(
        "images, code and a copy of the data elsewhere; notice and data return in the contract"
    )
    if second is None:
        return Fact(say.t("Exit plan"), keep)
    offer = second.offer
    return Fact(
        say.t("Exit plan"),
        say.t(
            "{keep}; try a second source such as {provider} ({card}, {price} per GPU-hour)",
            keep=keep,
            provider=say.provider(offer.provider),
            card=say.card(offer.accelerator, offer.memory_gb, offer.form_factor),
            price=say.money(gpu_hour(offer)),
        ),
        offer.source_url,
    )


def _prices(cards: list[tuple[str, Best]], desk: Desk) -> list[Fact]:
    say = desk.say
    if not cards:
        return [Fact(say.t("Prices"), say.t("none in the price store"))]
    return [
        Fact(
            say.t(
                "From: {card}",
                card=say.card(card, best.offer.memory_gb, best.offer.form_factor),
            ),
            say.t(
                "{price} per GPU-hour on demand ({date})",
                price=say.money(gpu_hour(best.offer)),
                date=say.date(best.offer.as_of),
            ),
            best.offer.source_url,
        )
        for card, best in cards
    ]


def _term_sought(question: Question, known: Provider, desk: Desk) -> list[Fact]:
    """Its lowest commitment, where the question is about a term; a workspace's contract counts."""
    if question.billing != "reserved" and not question.hours:
        return []
    say = desk.say
    wanted = OfferFilter(
        accelerators=question.accelerators or CARDS,
        providers=(known.id,),
        owner=desk.asker.workspace if desk.asker.may_see_contracts else None,
    )
    reserved = select(
        desk.store, Subject(wanted, billing="reserved", marketplaces=True), desk.now
    ).rows
    if not reserved:
        return [Fact(say.t("Reserved prices"), say.t("none published here; ask for a quote"))]
    best = reserved[0]
    return [
        Fact(
            say.t("Reserved from"),
            f"{say.money(gpu_hour(best.offer))} ({say.card(best.offer.accelerator, best.offer.memory_gb)}, {say.term(best.offer.term_months)})",
            best.offer.source_url,
        )
    ]


def _day(known: Provider) -> datetime:
    return datetime.fromisoformat(known.checked_on).replace(tzinfo=UTC)


def _read(known: Provider) -> tuple[Evidence, ...]:
    from knowledge.facts.attribution import publisher

    day = _day(known)
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
