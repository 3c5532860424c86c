"""What commands about offers share: the filter, the words for it, the table, the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.answers.currency import restated
from bot.core.answer import Answer, Column, Evidence, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.phrase import phrase
from bot.core.question import Question
from bot.core.wording import Wording
from knowledge.facts import attribution
from knowledge.facts.accelerators import nearest, variants
from knowledge.facts.compliance import REPORTS, code
from knowledge.facts.regions import GEOS
from knowledge.facts.units import MONTH
from knowledge.market import Subject, gpu_hour, one_a_seller, rank
from knowledge.prices.offer import Best, Offer, OfferFilter, Priced
from knowledge.prices.rows import COMMUNITY

ROWS = 5
"""Rows of a table unless more are asked for: what fits a phone and a chat message."""


def offer_filter(question: Question, desk: Desk) -> OfferFilter:
    """The store's filter for what the question states."""
    geos, countries = _places((question.region,) if question.region else question.regions)
    out_geos, out_countries = _places(question.exclude_regions)
    return OfferFilter(
        accelerators=question.accelerators,
        memory_gb=question.memory_gb,
        form_factor=question.form_factor,
        count=question.count,
        geos=geos,
        countries=countries,
        exclude_geos=out_geos,
        exclude_countries=out_countries,
        billing=question.billing,  # type: ignore[arg-type]  # understand yields the closed set
        exclude_billing=question.exclude_billing,  # type: ignore[arg-type]
        providers=question.providers,
        exclude_providers=question.exclude_providers,
        tiers=(question.tier,) if question.tier else (),  # type: ignore[arg-type]
        exclude_tiers=question.exclude_tiers,  # type: ignore[arg-type]
        max_price_usd_per_gpu_hour=question.max_price,
        owner=desk.asker.workspace if desk.asker.may_see_contracts else None,
    )


def subject_of(question: Question, desk: Desk) -> Subject:
    """What the market room is asked for."""
    return Subject(
        wanted=offer_filter(question, desk)._replace(billing=None, exclude_billing=(), count=None),
        billing=billing_asked(question),
        term_months=term_asked(question),
        gpus=question.count or question.nodes,
        nodes=question.nodes,
        interconnect=question.interconnect,
        marketplaces=wants_marketplaces(question),
        # Whoever names a seller is answered about it, and told what to ask.
        reports=()
        if question.providers
        else tuple(name for name in question.compliance if code(name) in REPORTS),
    )


def term_asked(question: Question) -> int | None:
    """Months of the commitment that is asked about; 0 for a time that is no whole month."""
    if billing_asked(question) != "reserved" or not question.hours:
        return None
    months = question.hours / MONTH
    return round(months) if abs(months - round(months)) < 0.1 else 0


def _places(codes: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    geos = tuple(code for code in codes if code in GEOS)
    countries = tuple(code.upper() for code in codes if code not in GEOS)
    return geos, countries


def billing_asked(question: Question) -> str:
    """The one billing kind a ranking is about: on-demand unless asked otherwise."""
    if question.billing:
        return question.billing
    for billing in ("on-demand", "spot", "reserved"):
        if billing not in question.exclude_billing:
            return billing
    return "on-demand"


# -- words -----------------------------------------------------------------------------------


def subject(question: Question, say: Wording) -> str:
    """What is asked about: "8x A100 80 GB", "GPU with at least 48 GB"."""
    if not question.accelerators:
        name = (
            say.t("GPU with at least {memory}", memory=say.memory(question.memory_gb))
            if question.memory_gb
            else "GPU"
        )
    else:
        name = say.listing(
            [
                say.card(card, question.memory_gb, question.form_factor)
                for card in question.accelerators
            ]
        )
    return f"{question.count}x {name}" if question.count else name


def where(question: Question, say: Wording) -> str:
    """ " in Europe", or nothing."""
    if question.region:
        return " " + say.in_region(question.region)
    if question.regions:
        return " " + say.listing([say.in_region(code) for code in question.regions], last="or")
    return ""


def term_of(offer: Offer, say: Wording) -> str:
    return say.term(offer.term_months) if offer.billing == "reserved" else ""


def region_of(offer: Offer, say: Wording) -> str:
    """Where the machine stands as briefly as it is known; "-" when the source did not say."""
    if offer.region == "global":
        return say.t("any")
    if offer.region:
        return offer.region if len(offer.region) <= 14 else offer.region[:13] + "…"
    return offer.country or "-"


def card_of(offer: Offer | Priced, say: Wording) -> str:
    return say.card(offer.accelerator, offer.memory_gb, offer.form_factor)


def brief(offer: Offer, say: Wording, *, sized: bool = True) -> str:
    """What distinguishes an offer, in brackets: "40 GB SXM, 8 GPUs, us-east-1"; without `sized` the
    size of the machine stands elsewhere."""
    parts = []
    if offer.memory_gb:
        parts.append(" ".join(filter(None, (say.memory(offer.memory_gb), offer.form_factor))))
    if sized and offer.count > 1:
        parts.append(say.tn("{n} GPU", "{n} GPUs", offer.count))
    if offer.billing == "reserved":
        parts.append(say.term(offer.term_months))
    if offer.region and offer.region != "global":
        parts.append(offer.region)
    if not offer.host_included:
        parts.append(say.t("host billed on top"))
    if offer.starting_at:
        parts.append(say.t('"from" price'))
    if (offer.note or "").startswith(COMMUNITY):
        parts.append(say.t("community host"))
    return ", ".join(parts)


# -- ranking ---------------------------------------------------------------------------------


def ranked(bests: Iterable[Best]) -> list[Best]:
    """One row a provider, its best, in the order of the market room."""
    return one_a_seller(rank(bests))


def wants_marketplaces(question: Question) -> bool:
    """Marketplaces rank beside the others only when asked for by tier or by name."""
    return question.tier == "marketplace" or bool(question.providers)


# -- table and evidence ----------------------------------------------------------------------


def offer_table(bests: Sequence[Best], desk: Desk, *, caption: str | None = None) -> Table:
    """The ranking table: provider, card, GPUs, $/GPU-h, $/h, region, age of the price."""
    say = desk.say
    reserved = any(best.offer.billing == "reserved" for best in bests)
    columns = [
        Column("#", "right", essential=False),
        Column(say.t("Provider")),
        Column(say.t("Card")),
        Column("GPUs", "right"),
        Column(say.t("$/GPU-h"), "right", unit=say.t("US dollars per GPU-hour")),
        Column(say.t("$/h"), "right", unit=say.t("US dollars per hour for the whole machine")),
        Column(say.t("Term")) if reserved else Column(say.t("Region"), essential=False),
        Column(say.t("Seen")),
    ]
    rows = [
        TableRow(
            cells=(
                str(place),
                provider_cell(best.offer, say),
                card_of(best.offer, say),
                str(best.offer.count),
                say.plain_money(gpu_hour(best.offer)),
                say.plain_money(best.offer.price_usd_per_hour),
                term_of(best.offer, say) if reserved else region_of(best.offer, say),
                say.date(best.offer.as_of, desk.now),
            ),
            url=best.offer.source_url,
            stale=best.stale,
        )
        for place, best in enumerate(bests, 1)
    ]
    return Table(tuple(columns), tuple(rows), caption)


def seller(offer: Offer | Priced, say: Wording) -> str:
    """The provider in a sentence; a negotiated price says that it is one."""
    name = say.provider(offer.provider)
    return say.t("{provider} on your contract", provider=name) if offer.owner else name


def provider_cell(offer: Offer, say: Wording) -> str:
    name = say.provider(offer.provider)
    if offer.owner:
        return say.t("{provider} (your contract)", provider=name)
    if not offer.host_included:
        return say.t("{provider} (GPU only)", provider=name)
    return name


def evidence(offers: Iterable[Offer]) -> tuple[Evidence, ...]:
    """One entry a publisher, with the oldest and newest price date it stands for."""
    by_publisher: dict[str, Evidence] = {}
    for offer in offers:
        name = attribution.publisher(offer.source_url, offer.source)
        known = by_publisher.get(name)
        if known is None:
            by_publisher[name] = Evidence(
                name, offer.source_url, offer.as_of, offer.as_of, offer.fetched_at
            )
        else:
            by_publisher[name] = known._replace(
                as_of=min(known.as_of, offer.as_of),
                as_of_newest=max(known.as_of_newest, offer.as_of),
            )
    return tuple(by_publisher.values())


# -- answers that are a no -------------------------------------------------------------------


def unknown_card(question: Question, desk: Desk) -> Answer:
    """Never an answer for a card that nobody named: the nearest names as follow-ups."""
    say = desk.say
    name = question.unknown[0]
    near = nearest(name, 3)
    headline = say.t('I do not know "{name}".', name=name)
    if near:
        headline += " " + say.t(
            "Did you mean {names}?", names=say.listing([say.card(card) for card in near], last="or")
        )
    asked = question._replace(unknown=())
    return Answer(
        headline=headline,
        tone="caution",
        follow_ups=tuple(
            follow_up(asked._replace(accelerators=(card,)), desk, label=say.card(card))
            for card in near
        ),
    )


def of_slice(question: Question) -> Question:
    """ "H100 MIG 3g.40gb": sizes of which one is less than any such card has are no two cards set
    side by side but a part of one, whose memory is the largest of them."""
    if len(question.accelerators) != 1 or not question.variants:
        return question
    sizes = [card.memory_gb for card in variants(question.accelerators[0]) if card.memory_gb]
    if not sizes or min(question.variants) >= min(sizes):
        return question
    return question._replace(memory_gb=max(question.variants), variants=())


MAX_COUNT = 100_000
RACK = 72
"""GPUs of an NVL72."""


def impossible(question: Question, desk: Desk) -> Answer | None:
    """A count nobody can rent, said kindly before anything is searched."""
    if question.count is None or 0 < question.count <= MAX_COUNT:
        return None
    say = desk.say
    if question.count < 1:
        headline = say.t("A count of GPUs starts at 1.")
    else:
        headline = say.t(
            "Nobody rents that many GPUs at once; ask for up to {n}.", n=say.number(MAX_COUNT)
        )
    asked = question._replace(count=None)
    return Answer(headline=headline, tone="caution", follow_ups=(follow_up(asked, desk),))


def no_subject(question: Question, desk: Desk, example: str) -> Answer:
    """Asks back which GPU is meant."""
    say = desk.say
    cards: tuple[str, ...] = ("A100", "H100", "L40S")
    if question.form_factor == "NVL" and question.count == RACK:
        question, cards = question._replace(form_factor=None), ("GB200", "GB300")
    return Answer(
        headline=say.t("Which GPU do you mean? For example: {example}", example=example),
        tone="caution",
        follow_ups=tuple(
            follow_up(question._replace(accelerators=(card,)), desk, label=card) for card in cards
        ),
    )


def follow_up(question: Question, desk: Desk, *, label: str | None = None) -> FollowUp:
    words = phrase(restated(question, desk.say.exchange), desk.say.lang)
    return FollowUp(label or words, words)


def unused_line(question: Question, say: Wording) -> tuple[str, ...]:
    """Words that could not be placed are said back."""
    if not question.unused:
        return ()
    words = say.listing([f'"{word}"' for word in question.unused[:5]])
    return (say.t("I did not use: {words}.", words=words),)
