"""Serverless or pods: the share of the hours from which a card paid round the clock is cheaper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from bot.answers.offers import evidence, follow_up, seller
from bot.answers.sets import cards
from bot.core.answer import Answer, Column, Evidence, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from bot.economics.renting import at_providers
from bot.economics.words import evidence_of
from knowledge.economics import serverless
from knowledge.economics import tokens as sums
from knowledge.economics.serverless import Rate
from knowledge.economics.throughput import weights_gb
from knowledge.facts.accelerators import Accelerator, specification
from knowledge.facts.units import MONTH
from knowledge.prices.offer import Offer
from knowledge.sizing import model_memory

if TYPE_CHECKING:
    from bot.economics.selfhost import Option

_NAMED = re.compile(r"\bserver-?less\b|\bsem servidor\b|\bsin servidor\b", re.IGNORECASE)
_HOURS_A_DAY = re.compile(
    r"(?<!\d)(\d{1,9}(?:[.,]\d{1,9})?)\s*(?:h|hours?|horas?)\s*(?:a|per|por|al|/|each|every|cada|ao)\s*(?:d[ií]a|day)",
    re.IGNORECASE,
)
SHARES = (0.05, 0.1, 0.25, 0.5, 1.0)
ROOM = 1.2
"""Ours: room beside the weights for a few requests."""


def is_asked(question: Question) -> bool:
    return _NAMED.search(question.text) is not None


class Pair(NamedTuple):
    """One card, paid by the second of work or round the clock."""

    card: Accelerator
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    rate: Rate
    pod: Offer
    pod_usd: float
    """USD an hour of all cards."""
    stale: bool

    @property
    def busy_usd(self) -> float:
        return self.rate.usd_per_hour * self.count

    def month(self, share: float) -> tuple[float, float]:
        """USD a month: by the second of work, and round the clock."""
        return self.busy_usd * share * MONTH, self.pod_usd * MONTH


def answer(question: Question, desk: Desk) -> Answer:
    """By duty cycle, on the named card or the smallest that holds the model."""
    say = desk.say
    pair = _pair(question, desk)
    if pair is None:
        return Answer(
            headline=say.t(
                "No serverless rate is known for that: only RunPod publishes one by the card that I hold. Ask the provider for the rate per second, the idle seconds billed and the start-up time."
            ),
            tone="caution",
            follow_ups=(
                follow_up(
                    Question(
                        "cheapest", question.lang, accelerators=question.accelerators or ("H100",)
                    ),
                    desk,
                ),
            ),
        )
    share = _share(question)
    limit = sums.duty_cycle(pair.pod_usd, pair.busy_usd)
    name = f"{pair.count}x {say.card(pair.card.canonical, pair.card.memory_gb)}"
    return Answer(
        headline=_headline(pair, name, share, limit, say),
        lines=(
            *_of_others(question, pair, say),
            say.t(
                "The sum: {pod} an hour round the clock / {busy} an hour of work ({second} a second x 3,600{cards}) = {share}: above that share of the hours the pod is cheaper.",
                pod=say.money(pair.pod_usd),
                busy=say.money(pair.busy_usd),
                second=say.money(pair.rate.usd_per_second, 5),
                cards=f" x {pair.count}" if pair.count > 1 else "",
                share=say.percent(pair.pod_usd / pair.busy_usd),
            ),
            say.t(
                "Start-up and idle seconds after each request are billed as work too: at sparse traffic the share is higher than the one of your requests. A pod can also be stopped at night."
            ),
            _source(pair.rate, say),
        ),
        table=_table(pair, share, say),
        evidence=(*evidence([pair.pod]), *_evidence(pair.rate)),
        figures=tuple(
            {
                "provider": pair.rate.provider,
                "pod_provider": pair.pod.provider,
                "accelerator": pair.card.canonical,
                "count": pair.count,
                "duty_cycle": each,
                "serverless_usd_per_month": round(pair.month(each)[0], 2),
                "pod_usd_per_month": round(pair.month(each)[1], 2),
                "break_even_duty_cycle": round(limit, 4) if limit is not None else None,
                "rate_url": pair.rate.source_url,
            }
            for each in _shares(share)
        ),
        offers=(pair.pod,),
    )


def line(question: Question, shown: Sequence[Option], say: Wording) -> list[str]:
    """Beside a price per token: what the cheapest of the same sets would cost by the second of work."""
    if not is_asked(question):
        return []
    for one in shown:
        card, count = one.speed.card, one.speed.count
        known = serverless.rate(card)
        if known is None:
            continue
        volume = question.tokens_per_month
        share = min(1.0, volume / one.full_capacity) if volume else one.utilisation
        usd = known.usd_per_hour * count
        return [
            say.t(
                "Serverless: {provider} asks {busy} an hour of work for {set}; with {share} of the hours at work that is {month} a month, start-up and idle seconds not counted.",
                provider=say.provider(known.provider),
                busy=say.money(usd),
                set=f"{count}x {say.card(card.canonical, card.memory_gb)}",
                share=say.percent(share),
                month=say.money(usd * share * MONTH),
            )
        ]
    return [
        say.t("Serverless: no rate by the second is known for these cards, so it is not compared.")
    ]


def _pair(question: Question, desk: Desk) -> Pair | None:
    """The cheapest pod, and the rate, of the first card that has both."""
    providers = tuple(
        one
        for one in question.providers
        if any(rate.provider == one for rate in serverless.rates())
    )
    for card, count in _sets(question):
        known = serverless.rate(card, providers)
        if known is None:
            continue
        asked = question._replace(providers=providers)
        rented = at_providers(card, count, asked, desk, 1) or at_providers(
            card, count, question._replace(providers=()), desk, 1
        )
        if rented:
            one = rented[0]
            usd = one.usd_per_hour / one.replicas(count)
            return Pair(card, count, known, one.offer, usd, one.stale)
    return None


def _sets(question: Question) -> list[tuple[Accelerator, int]]:
    """The named cards, else the smallest with a rate that hold the model, else an H100."""
    if question.accelerators:
        named = [
            card
            for one in serverless.rates()
            if one.accelerator in question.accelerators
            and question.memory_gb in (None, one.memory_gb)
            and (card := specification(one.accelerator, one.memory_gb))
        ]
        return [(card, question.count or 1) for card in named or cards(question)]
    model = model_memory.named(question.model) if question.model else None
    known = [
        card
        for one in serverless.rates()
        if (card := specification(one.accelerator, one.memory_gb))
    ]
    if model is None:
        return [(card, 1) for card in known if card.canonical == "H100"]
    need = (weights_gb(model, question.precision or "fp16") or model.params_b * 2) * ROOM
    fits = [
        fit
        for card in known
        if (fit := model_memory.smallest(need, card)) and fit.count <= model_memory.NODE
    ]
    rates = {card: one for card in known if (one := serverless.rate(card))}
    fits.sort(key=lambda fit: fit.count * rates[fit.card].usd_per_second)
    return [(fit.card, fit.count) for fit in fits]


def _share(question: Question) -> float | None:
    if question.utilisation:
        return question.utilisation
    found = _HOURS_A_DAY.search(question.text)
    hours = float(found[1].replace(",", ".")) if found else None
    return hours / 24 if hours is not None and 0 < hours <= 24 else None


def _headline(pair: Pair, name: str, share: float | None, limit: float | None, say: Wording) -> str:
    values = {
        "set": name,
        "provider": say.provider(pair.rate.provider),
        "pod": seller(pair.pod, say),
    }
    if share is None:
        if limit is None:
            return say.t(
                "{set}: serverless at {provider} costs no more than a pod at {pod} at any use.",
                **values,
            )
        return say.t(
            "{set}: serverless at {provider} is cheaper below {limit} of the hours at work, a pod at {pod} above.",
            limit=say.percent(limit),
            **values,
        )
    busy, pod = pair.month(share)
    values |= {
        "share": say.percent(share),
        "low": say.money(min(busy, pod), 0),
        "high": say.money(max(busy, pod), 0),
    }
    if busy <= pod:
        return say.t(
            "{set} at {share} of the hours: serverless is cheaper, {low} a month at {provider}; a pod round the clock costs {high} at {pod}.",
            **values,
        )
    return say.t(
        "{set} at {share} of the hours: a pod round the clock is cheaper, {low} a month at {pod}; serverless costs {high} at {provider}.",
        **values,
    )


def _of_others(question: Question, pair: Pair, say: Wording) -> list[str]:
    """That the providers who were named publish no such rate that is held here."""
    if not question.providers or pair.rate.provider in question.providers:
        return []
    return [
        say.t(
            "No serverless rate of {names} is held here; the one of {provider} stands in.",
            names=say.listing([say.provider(one) for one in question.providers]),
            provider=say.provider(pair.rate.provider),
        )
    ]


def _source(rate: Rate, say: Wording) -> str:
    checked = say.date(date.fromisoformat(rate.checked_on))
    if rate.source_date:
        checked = say.date(date.fromisoformat(rate.source_date))
        return say.t(
            "The rate per second is {provider}'s own list, of {date}.",
            provider=say.provider(rate.provider),
            date=checked,
        )
    return say.t(
        "The rate per second is {provider}'s own list, which carries no date (read {date}): look it up before you decide.",
        provider=say.provider(rate.provider),
        date=checked,
    )


def _evidence(rate: Rate) -> tuple[Evidence, ...]:
    return evidence_of(
        "docs.runpod.io" if rate.provider == "runpod" else rate.provider,
        rate.source_url,
        [rate.source_date or rate.checked_on],
    )


def _shares(share: float | None) -> tuple[float, ...]:
    return tuple(sorted({*SHARES, *((share,) if share else ())}))


def _table(pair: Pair, share: float | None, say: Wording) -> Table:
    unit = say.t("US dollars a month")
    return Table(
        (
            Column(say.t("At work"), "right"),
            Column(say.t("Serverless $/month"), "right", unit=unit),
            Column(say.t("Pod $/month"), "right", unit=unit),
        ),
        tuple(
            TableRow(
                cells=(
                    say.percent(each),
                    say.number(round(pair.month(each)[0])),
                    say.number(round(pair.month(each)[1])),
                ),
                url=pair.rate.source_url,
                stale=pair.stale,
            )
            for each in _shares(share)
        ),
    )
