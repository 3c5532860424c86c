"""Speech, pictures and vectors: what a job of so many costs on measured machines, or by API."""

from __future__ import annotations

from bot.answers.offers import evidence, follow_up, seller
from bot.answers.sets import cards
from bot.core.answer import Answer, Column, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from bot.economics.apinames import api_name
from bot.economics.renting import CANDIDATES, cheapest
from bot.economics.words import day, evidence_of, money_span, per_million, source_of, span
from knowledge.economics import apis, media
from knowledge.economics.throughput import ORDINARY
from knowledge.facts.accelerators import specification
from knowledge.sizing import model_memory
from knowledge.sizing.models import resolve

ROWS = 3


def how_much(question: Question, desk: Desk) -> Answer:
    say = desk.say
    example = question._replace(train_tokens=1e8, epochs=None, documents=None, audio_hours=None, images=None)  # fmt: skip
    return Answer(
        headline=say.t(
            "How much is there to do? Tokens of the data set, hours of sound, documents or pictures."
        ),
        tone="caution",
        follow_ups=(follow_up(example, desk, label=say.tokens(1e8)),) if question.model else (),
    )


def make(question: Question, desk: Desk, kind: str) -> Answer:
    """Machines with a measured rate, the cheapest first; a processor's rate in words."""
    say = desk.say
    amount = question.audio_hours if kind == "speech" else question.images
    rates = media.speech() if kind == "speech" else media.pictures()
    work = amount or 0.0
    of_cards = [rate for rate in rates if rate.card is not None and rate.count <= model_memory.NODE]
    if question.accelerators:
        named = [
            rate for rate in of_cards if rate.card and rate.card.canonical in question.accelerators
        ]
        of_cards = named or of_cards
    sets = [(rate.card, rate.count) for rate in of_cards if rate.card is not None]
    rented = cheapest(sets, question, desk)
    rows = sorted(
        (
            (work / rate.per_hour, rate, rented[rate.card, rate.count])
            for rate in of_cards
            if rate.card is not None and (rate.card, rate.count) in rented
        ),
        key=lambda row: (row[2].rank, row[0] * row[2].usd_per_hour),
    )[:ROWS]
    if not rows:
        return Answer(
            headline=say.t("Nobody lists the cards that were measured for this."), tone="caution"
        )
    hours, rate, offer = rows[0]
    cost = hours * offer.usd_per_hour
    values = {
        "n": say.number(work),
        "cost": money_span(cost / ORDINARY[1], cost / ORDINARY[0], say),
        "set": _machine(rate, say),
        "provider": seller(offer.offer, say),
        "hours": span(hours / ORDINARY[1], hours / ORDINARY[0], say),
    }
    headline = (
        say.t(
            "{n} hours of sound with Whisper large-v3: {cost} on {set} at {provider}, {hours} h.",
            **values,
        )
        if kind == "speech"
        else say.t(
            "{n} pictures with Stable Diffusion XL: {cost} on {set} at {provider}, {hours} h.",
            **values,
        )
    )
    lines = [
        say.t(
            "Measured: {rate} an hour ({source}); an ordinary set-up reaches {low} to {high} of a tuned benchmark (our default).",
            rate=(say.t("{n} hours of sound", n=say.number(round(rate.per_hour)))
                  if kind == "speech" else say.t("{n} pictures of 1,024 x 1,024", n=say.number(round(rate.per_hour)))),
            source=source_of(rate.row, say),
            low=say.percent(ORDINARY[0]),
            high=say.percent(ORDINARY[1]),
        ),
        say.t(
            "The sum: {n} / {rate} an hour = {hours} h at the benchmark, x {usd} = {cost}.",
            n=say.number(work),
            rate=say.number(round(rate.per_hour)),
            hours=say.number(hours, 2),
            usd=say.money(offer.usd_per_hour),
            cost=say.money(cost),
        ),
    ]  # fmt: skip
    if kind == "speech":
        lines.append(
            say.t(
                "Reckoned with {n} tokens for a second of speech (our default).",
                n=say.number(media.TOKENS_PER_SECOND_OF_SPEECH),
            )
        )
        cpu = max((one for one in rates if one.cpu), key=lambda one: one.per_hour, default=None)
        if cpu is not None:
            lines.append(
                say.t(
                    "Without a card: {cpu} makes {n} hours of sound an hour ({source}).",
                    cpu=cpu.cpu,
                    n=say.number(round(cpu.per_hour)),
                    source=source_of(cpu.row, say),
                )
            )
    lines += _another(question, rates[0].row.model, say)
    if hours < 1:
        lines.append(say.t("Under an hour: the smallest bill of the provider is what is paid."))
    columns = (
        Column(say.t("Set")),
        Column(say.t("Provider")),
        Column(
            say.t("Total $/h"),
            "right",
            essential=False,
            unit=say.t("US dollars per hour for the whole set"),
        ),
        Column(say.t("an hour"), "right", essential=False),
        Column(say.t("Hours"), "right", unit=say.t("hours of wall time")),
        Column(say.t("Total $"), "right", unit=say.t("US dollars")),
        Column(say.t("Seen")),
    )
    table = tuple(
        TableRow(
            cells=(
                _machine(one, say),
                seller(rent.offer, say),
                say.plain_money(rent.usd_per_hour),
                say.number(round(one.per_hour)),
                say.number(span, 2),
                say.number(span * rent.usd_per_hour, 2),
                say.date(rent.offer.as_of, desk.now),
            ),
            url=rent.offer.source_url,
            stale=rent.stale,
        )
        for span, one, rent in rows
    )
    offers = tuple(rent.offer for _, _, rent in rows)
    return Answer(
        headline=headline,
        lines=tuple(lines),
        table=Table(columns, table),
        evidence=(
            *evidence(offers),
            *evidence_of(
                "MLCommons, MLPerf closed division", rate.row.source_url, [rate.row.as_of]
            ),
        ),
        figures=tuple(
            {
                "accelerator": one.row.accelerator,
                "count": one.count,
                "per_hour": round(one.per_hour, 2),
                "hours": round(span, 4),
                "usd_per_hour": round(rent.usd_per_hour, 4),
                "usd": round(span * rent.usd_per_hour, 2),
                "result_id": one.row.result_id,
            }
            for span, one, rent in rows
        ),
        offers=offers,
    )


def _another(question: Question, measured: str, say: Wording) -> list[str]:
    """That the figures are of another model than the one that was named."""
    named, known = resolve(question.model or ""), resolve(measured)
    if named is None or known is None or named.slug == known.slug:
        return []
    return [
        say.t(
            "Nobody measured {model} openly: these are figures of {measured}.",
            model=named.name,
            measured=known.name,
        )
    ]


def _machine(rate: media.Rate, say: Wording) -> str:
    return f"{rate.count}x {say.card(rate.row.accelerator, rate.row.memory_gb)}"


def vectors(question: Question, desk: Desk) -> Answer:
    """Text into vectors: an API's list price, and a card by a labelled stand-in."""
    say = desk.say
    model = (model_memory.named(question.model) if question.model else None) or resolve("bge-m3")
    if model is None:
        return how_much(question, desk)
    volume = question.train_tokens or (question.documents or 0.0) * media.TOKENS_PER_DOCUMENT
    if not volume:
        return how_much(question, desk)
    priced = apis.embeddings(model) or apis.embeddings()
    api = priced[0] if priced else None
    api_usd = (api.input_usd or 0.0) * volume / 1e6 if api else None
    known = cards(question) if question.accelerators else [
        card for name, gb in CANDIDATES if (card := specification(name, gb))
    ]  # fmt: skip
    rented = cheapest([(card, 1) for card in known], question, desk)
    rows = []
    for card in known:
        length = media.vector_hours(model, volume, card)
        if length is not None and (card, 1) in rented:
            rows.append((length, card, rented[card, 1]))
    rows.sort(key=lambda row: (row[2].rank, row[0] * row[2].usd_per_hour))
    rows = rows[:ROWS]
    if not rows and api is None:
        return Answer(
            headline=say.t("Nobody lists the cards that were measured for this."), tone="caution"
        )
    lines = []
    if question.documents and not question.train_tokens:
        lines.append(
            say.t(
                "{n} documents x {each} tokens each (our default) = {volume}.",
                n=say.number(question.documents),
                each=say.number(media.TOKENS_PER_DOCUMENT),
                volume=say.tokens(volume),
            )
        )
    if api is not None and api_usd is not None:
        lines.append(
            say.t(
                "By API: {volume} x {price} per million = {cost}, {model} at {host} ({date}).",
                volume=say.tokens(volume),
                price=per_million(api.input_usd or 0.0, say),
                cost=say.money(api_usd),
                model=api.name or api.model_id,
                host=api_name(api.provider),
                date=day(api.dated, say),
            )
        )
    if rows:
        length, card, rent = rows[0]
        lines.append(
            say.t(
                "On a card nobody measured it openly; a stand-in: 2 x {params} B x {volume} / ({peak} TFLOPS x {share} x 3,600 s) = {hours} h x {usd} = {cost}.",
                params=say.number(model.params_b, 3 if model.params_b < 1 else None),
                volume=say.tokens(volume),
                peak=say.number(card.fp16_dense_tflops or 0),
                share=say.percent(media.VECTOR_SHARE),
                hours=say.number(length, 2),
                usd=say.money(rent.usd_per_hour),
                cost=say.money(length * rent.usd_per_hour),
            )
        )
        lines.append(
            say.t(
                "Once and not every day? Then the smallest card does, and the smallest bill of the provider is what is paid."
            )
        )
    name = say.t("{volume} into vectors with {model}", volume=say.tokens(volume), model=model.name)
    if rows:
        length, card, rent = rows[0]
        headline = say.t(
            "{what}: about {hours} h of one {card} at {provider}, {cost}; {api} by API.",
            what=name,
            hours=say.number(length, 1 if length >= 1 else 2),
            card=say.card(card.canonical, card.memory_gb),
            provider=seller(rent.offer, say),
            cost=say.money(length * rent.usd_per_hour),
            api=say.money(api_usd) if api_usd is not None else say.t("no price known"),
        )
    else:
        headline = say.t("{what}: {cost} by API.", what=name, cost=say.money(api_usd or 0.0))
    columns = (
        Column(say.t("Card")),
        Column(say.t("Provider")),
        Column(
            say.t("$/h"),
            "right",
            essential=False,
            unit=say.t("US dollars per hour for the whole machine"),
        ),
        Column(say.t("Hours"), "right", unit=say.t("hours of wall time")),
        Column(say.t("Total $"), "right", unit=say.t("US dollars")),
        Column(say.t("Seen")),
    )
    table = tuple(
        TableRow(
            cells=(
                say.card(one.canonical, one.memory_gb),
                seller(rent.offer, say),
                say.plain_money(rent.usd_per_hour),
                "~" + say.number(length, 2),
                say.number(length * rent.usd_per_hour, 2),
                say.date(rent.offer.as_of, desk.now),
            ),
            url=rent.offer.source_url,
            stale=rent.stale,
        )
        for length, one, rent in rows
    )
    offers = tuple(rent.offer for _, _, rent in rows)
    return Answer(
        headline=headline,
        lines=tuple(lines),
        table=Table(columns, table) if table else None,
        evidence=(
            *evidence(offers),
            *(
                evidence_of("genai-prices (Pydantic, MIT)", api.source_url, [api.dated])
                if api
                else ()
            ),
        ),
        figures=tuple(
            {
                "accelerator": one.canonical,
                "tokens": volume,
                "hours": round(length, 4),
                "usd": round(length * rent.usd_per_hour, 2),
                "api_usd": round(api_usd, 2) if api_usd is not None else None,
                "measured": "no",
            }
            for length, one, rent in rows
        ),
        offers=offers,
    )
