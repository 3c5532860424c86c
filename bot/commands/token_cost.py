"""What a million tokens cost on rented cards, beside the APIs that host the same model.

A speed is measured, or scaled by a rule that is said; prices are dated offers; the rest is sums
(`knowledge.economics`), each written out in the answer.
"""

from __future__ import annotations

import math

from bot.answers.offers import evidence, follow_up, provider_cell, seller, unknown_card
from bot.core.answer import Answer, Column, Evidence, FollowUp, Table, TableRow
from bot.core.desk import Desk
from bot.core.question import Question
from bot.core.wording import Wording
from bot.economics import bounds, serverless
from bot.economics.apinames import api_name
from bot.economics.chart import cost_chart
from bot.economics.hosts import api_facts, host_name, named_host, of_apis, unlisted
from bot.economics.ownspeed import own_speed
from bot.economics.renting import by_the_card
from bot.economics.selfhost import (
    ROWS,
    Case,
    Option,
    case_of,
    options_of,
    speeds_of,
    too_many,
)
from bot.economics.words import (
    measured_by,
    measurement,
    per_million,
    plain_per_million,
    set_name,
)
from knowledge.economics import apis
from knowledge.economics import tokens as sums
from knowledge.economics.apis import ApiPrice
from knowledge.economics.throughput import ORDINARY, USUAL, requests_at_once
from knowledge.facts.accelerators import variants
from knowledge.sizing import model_memory

ALIKE = 1.5
"""Ours: lengths of requests that differ by less are taken as the same."""


def answer(question: Question, desk: Desk) -> Answer:
    if question.unknown and not question.accelerators:
        return unknown_card(question, desk)
    refused = bounds.refusal(question, desk)
    if refused:
        return refused
    if serverless.is_asked(question) and not question.tokens_per_month:
        return serverless.answer(question, desk)
    if question.tokens_per_second:
        return own_speed(question, desk)
    case = case_of(question)
    if case is None:
        return _which_model(question, desk)
    options = options_of(case, question, desk)
    if not options:
        return _not_measured(case, question, desk)
    first = options[0]
    sets = sums.sets_for(question.tokens_per_month or 0.0, first.capacity)
    return bounds.thousands(case.model, first.speed, sets, question, desk) or _told(
        case, options, question, desk
    )


# -- the answer --------------------------------------------------------------------------------


def _told(case: Case, options: list[Option], question: Question, desk: Desk) -> Answer:
    say = desk.say
    shown = options[: question.limit or ROWS]
    first = shown[0]
    hosts = apis.hosts(case.model.slug, first.ratio)
    if case.closed is not None:
        hosts = [case.closed, *hosts]
    lines = [
        *_stand_in(case, question, say),
        *bounds.warnings(case.model, first.speed, question, say),
        *_as_rented(first, say),
        _measured(case, first, say),
        *_lengths(case, first, question, say),
        _sum(first, say),
        *_verdict(first, hosts, question, say),
        *unlisted(hosts, question, say),
        *serverless.line(question, shown, say),
        say.t(
            "Not in it: engineers, a second replica (one is no service), storage, egress, tax. Benchmarks are tuned: an ordinary deployment reaches {low} to {high} of them (our default).",
            low=say.percent(ORDINARY[0]),
            high=say.percent(ORDINARY[1]),
        ),
    ]
    own = question.paid_price is not None
    offers = () if own else tuple(one.rented.offer for one in shown)
    return Answer(
        headline=_headline(case, first, hosts, question, say),
        lines=tuple(lines),
        table=_table(shown, question, desk),
        facts=api_facts(hosts, question, first.ratio, say),
        chart=cost_chart(
            first,
            set_name(first.speed, say),
            _api(hosts, question, first.ratio, say),
            question,
            say,
        ),
        evidence=(
            *evidence(offers),
            *_evidence(shown, hosts),
        ),
        follow_ups=_next(question, case, desk),
        figures=tuple(_figures(one, hosts, question) for one in shown),
        offers=offers,
    )


def _headline(
    case: Case, first: Option, hosts: list[ApiPrice], question: Question, say: Wording
) -> str:
    volume = question.tokens_per_month
    values = {
        "model": case.model.name,
        "set": set_name(first.speed, say),
        "provider": say.t("your price") if question.paid_price else seller(first.rented.offer, say),
        "use": say.percent(case.utilisation),
    }
    if volume:
        self_usd = first.monthly(volume)
        sets = sums.sets_for(volume, first.capacity)
        if sets > 1:
            values["set"] = f"{sets} x ({values['set']})"
        values |= {"volume": say.tokens(volume), "cost": _whole(self_usd, say)}
        api = _api(hosts, question, first.ratio, say)
        if api is None:
            return say.t(
                "{volume} a month of {model}: {cost} a month on {set} at {provider}; no API lists it with a date.",
                **values,
            )
        api_usd = api[1] * volume / 1e6
        values |= {"api": _whole(api_usd, say), "host": api[0]}
        if api_usd < self_usd:
            return say.t(
                "{volume} a month of {model}: the API is cheaper, {api} a month at {host}; {cost} on {set} at {provider}.",
                **values,
            )
        return say.t(
            "{volume} a month of {model}: self-hosting is cheaper, {cost} a month on {set} at {provider}; {api} at {host}.",
            **values,
        )
    if case.closed is not None:
        return say.t(
            "{closed} by API: {api} per million tokens, in and out together. {model}, an open model that can be rented: {both} on {set} at {provider} with {use} use.",
            closed=host_name(case.closed),
            api=per_million(apis.both_ways(case.closed, first.ratio), say),
            both=per_million(first.both_usd, say),
            **values,
        )
    if not first.speed.is_measured and first.speed.at_most > first.speed.tokens_per_second * 1.02:
        low = first.output_usd * first.speed.tokens_per_second / first.speed.at_most
        return say.t(
            "{model} on {set}: about {low} to {high} per million output tokens at {use} use, at {provider}; not measured, scaled from a neighbour.",
            low=per_million(low, say),
            high=per_million(first.output_usd, say),
            **values,
        )
    if question.api_bill:
        return _against_bill(first, question.api_bill, values, say)
    if not first.speed.is_measured:
        return say.t(
            "{model} on {set}: about {cost} per million output tokens at {use} use, at {provider}; not measured, scaled from a neighbour.",
            cost=per_million(first.output_usd, say),
            **values,
        )
    return say.t(
        "{model} on {set}: {cost} per million output tokens at {use} use, at {provider} ({both} per million in and out together).",
        cost=per_million(first.output_usd, say),
        both=per_million(first.both_usd, say),
        **values,
    )


def _whole(usd: float, say: Wording) -> str:
    """Whole dollars, and cents where they are all there is."""
    return say.money(usd, 0 if usd >= 10 else 2)


def _against_bill(first: Option, bill: float, values: dict[str, str], say: Wording) -> str:
    """A bill of which nobody said how many tokens it pays for: what one set costs a month."""
    values |= {
        "cost": say.money(first.monthly(0.0), 0),
        "bill": say.money(bill, 0),
        "serves": say.tokens(first.capacity),
    }
    if first.monthly(0.0) <= bill:
        return say.t(
            "{set} for {model} at {provider} costs {cost} a month, less than your {bill}; it serves up to {serves} at {use} use. How many does the bill pay for?",
            **values,
        )
    return say.t(
        "{set} for {model} at {provider} costs {cost} a month, more than your {bill}, whatever it serves.",
        **values,
    )


def _stand_in(case: Case, question: Question, say: Wording) -> list[str]:
    if case.closed is not None:
        return [
            say.t(
                "{closed} cannot be rented, and nothing is claimed about {model} answering as well.",
                closed=host_name(case.closed),
                model=case.model.name,
            ),
            *(
                [
                    say.t(
                        "{closed} is no longer listed; its last price is shown.",
                        closed=host_name(case.closed),
                    )
                ]
                if case.closed.standing == "retired"
                else []
            ),
        ]
    if case.default_model:
        return [say.t("No model was named: these are figures of {model}.", model=case.model.name)]
    if question.api_bill and not question.tokens_per_month:
        return [say.t("How many tokens a month does that bill pay for? Then I can compare.")]
    return []


def _as_rented(first: Option, say: Wording) -> list[str]:
    """What the seller's unit means for the sum: one card, or a machine of more than asked for."""
    if first.replicas > 1:
        return [
            say.t(
                "{provider} rents {all} cards at once, so the sum uses all of them, as {n} sets of {count}; for fewer tokens the bill is the same.",
                provider=seller(first.rented.offer, say),
                all=first.speed.count,
                n=first.replicas,
                count=first.speed.count // first.replicas,
            )
        ]
    return by_the_card(first.rented, first.speed.count, say)


def _measured(case: Case, first: Option, say: Wording) -> str:
    one = first.speed
    row = measurement(one.row, say)
    values = {"row": row, "measured": sizing_name(one.row.model)}
    if one.same_model and not one.bound:
        if one.count == one.row.count:
            return say.t("Measured with {measured}: {row}.", **values)
        if one.count % one.row.count == 0:
            replicas = say.number(one.count // one.row.count)
            return say.t(
                "{n} replicas of what was measured with {measured}: {row}.", n=replicas, **values
            )
        return say.t(
            "Measured with {measured} on another number of cards, taken by the card: {row}.",
            **values,
        )
    parts = []
    if not one.same_model:
        parts.append(say.t("x {n} for the size", n=say.number(one.size_factor, 2)))
    if one.bound:
        low, high = sorted((one.card_factor, one.best_card_factor))
        names = (say.t("compute"), say.t("bandwidth"))
        first_name, second_name = names if one.bound == "compute" else names[::-1]
        parts.append(
            say.t(
                "x {low} by {first} to {high} by {second}",
                low=say.number(low, 2),
                high=say.number(high, 2),
                first=first_name,
                second=second_name,
            )
        )
    scaled = say.t(
        "Not measured: scaled from {measured}, {row}; {rule}. Measure for an hour before you decide.",
        rule=", ".join(parts),
        **values,
    )
    if not one.is_capped:
        return scaled
    tokens = (one.input_tokens or USUAL[0]) + (one.output_tokens or USUAL[1])
    held = requests_at_once(case.model, one.precision, one.card, one.count, tokens)
    return f"{scaled} " + say.t(
        "The memory holds {n} of those requests at once, so no more than {tps} tokens/s.",
        n=say.number(held or 0),
        tps=say.number(round(one.tokens_per_second)),
    )


def _lengths(case: Case, first: Option, question: Question, say: Wording) -> list[str]:
    """A caution where requests of the asked lengths were not what was measured."""
    if case.lengths is None:
        return []
    measured = (first.speed.input_tokens, first.speed.output_tokens)
    read, written = case.lengths
    lines = []
    if not (question.input_tokens and question.output_tokens):
        lines.append(
            say.t(
                "Reckoned with {read} tokens in and {written} out for a request: the one you did not state is our default.",
                read=say.number(read),
                written=say.number(written),
            )
        )
    if all(
        known and 1 / ALIKE <= asked / known <= ALIKE
        for asked, known in zip(case.lengths, measured, strict=True)
    ):
        return lines
    values = {"read": say.number(read), "written": say.number(written)}
    if None in measured:
        return [
            *lines,
            say.t(
                "Nobody published the lengths that were measured: requests of {read} tokens in and {written} out may be faster or slower, so try yours before you decide.",
                **values,
            ),
        ]
    return [
        *lines,
        say.t(
            "Requests of {read} tokens in and {written} out were not measured: longer prompts take more work, so the true figure differs; try yours before you decide.",
            **values,
        ),
    ]


def sizing_name(slug: str) -> str:
    known = model_memory.named(slug)
    return known.name if known else slug


def _sum(first: Option, say: Wording) -> str:
    return say.t(
        "The sum: {rate} an hour / ({tps} tokens/s x {use} use x 3,600 s) = {cost} per million out; {ratio} in for 1 out: {both} in and out together.",
        rate=say.money(first.rented.usd_per_hour),
        tps=say.number(round(first.speed.tokens_per_second)),
        use=say.percent(first.utilisation),
        cost=per_million(first.output_usd, say),
        ratio=say.number(first.ratio),
        both=per_million(first.both_usd, say),
    )


def _api(
    hosts: list[ApiPrice], question: Question, ratio: float, say: Wording
) -> tuple[str, float] | None:
    """What to set beside: the asker's own API, else the one named, else the cheapest dated list;
    its name and USD per million tokens of both kinds."""
    if question.api_price:
        return say.t("your API"), question.api_price
    if question.api_bill and question.tokens_per_month:
        return say.t("your API"), question.api_bill / question.tokens_per_month * 1e6
    host = named_host(hosts, question)
    return (host_name(host), apis.both_ways(host, ratio)) if host else None


def _verdict(first: Option, hosts: list[ApiPrice], question: Question, say: Wording) -> list[str]:
    """The volume from which the set pays."""
    api = _api(hosts, question, first.ratio, say)
    if api is None:
        return [say.t("No API lists this model with a dated price, so there is no break-even.")]
    name, api_usd = api
    values = {"host": name, "api": per_million(api_usd, say)}
    volume = sums.break_even(first.rented.usd_per_hour, first.capacity, api_usd)
    if volume is not None:
        return [
            say.t(
                "Break-even with {host} ({api} per million, in and out together): {volume} a month; one set serves {capacity} at that use.",
                volume=say.tokens(volume),
                capacity=say.tokens(first.capacity),
                **values,
            )
        ]
    share = sums.break_even_use(first.both_usd * first.utilisation, api_usd)
    if share is not None and share <= 1:
        return [
            say.t(
                "Break-even with {host} ({api} per million, in and out together): at no volume while the cards are {use} in use; from {share} on it would pay.",
                use=say.percent(first.utilisation),
                share=say.percent(share),
                **values,
            )
        ]
    return [
        say.t(
            "Break-even with {host} ({api} per million, in and out together): at no volume; even at full load the cards cost {full}.",
            full=per_million(first.both_usd * first.utilisation, say),
            **values,
        )
    ]


def _table(shown: list[Option], question: Question, desk: Desk) -> Table:
    say = desk.say
    volume = question.tokens_per_month
    last = (
        Column(say.t("$/month"), "right", unit=say.t("US dollars a month for that volume"))
        if volume
        else Column(say.t("$/M in+out"), "right", unit=say.t("US dollars per million tokens, read and written"))
    )  # fmt: skip
    columns = (
        Column(say.t("Provider")),
        Column(say.t("Set")),
        Column(
            say.t("Total $/h"),
            "right",
            essential=False,
            unit=say.t("US dollars per hour for the whole set"),
        ),
        Column(
            say.t("tok/s"),
            "right",
            essential=False,
            unit=say.t("output tokens per second at full load"),
        ),
        Column(say.t("$/M out"), "right", unit=say.t("US dollars per million output tokens")),
        last,
        Column(say.t("Seen")),
    )
    rows = tuple(
        TableRow(
            cells=(
                say.t("your price")
                if question.paid_price
                else provider_cell(one.rented.offer, say),
                _short_set(one, say),
                say.plain_money(one.rented.usd_per_hour),
                ("" if one.speed.is_measured else "~")
                + say.number(round(one.speed.tokens_per_second)),
                plain_per_million(one.output_usd, say),
                say.number(round(one.monthly(volume)))
                if volume
                else plain_per_million(one.both_usd, say),
                "-" if question.paid_price else say.date(one.rented.offer.as_of, desk.now),
            ),
            url=None if question.paid_price else one.rented.offer.source_url,
            stale=one.rented.stale and not question.paid_price,
        )
        for one in shown
    )
    return Table(columns, rows)


def _short_set(one: Option, say: Wording) -> str:
    """The set without its memory where the card comes in one size only."""
    sizes = {card.memory_gb for card in variants(one.speed.card.canonical)}
    memory = one.speed.card.memory_gb if len(sizes) > 1 else None
    return f"{one.speed.count}x {say.card(one.speed.card.canonical, memory)}"


def _evidence(shown: list[Option], hosts: list[ApiPrice]) -> tuple[Evidence, ...]:
    return (*measured_by([one.speed.row for one in shown]), *of_apis(hosts))


def _figures(
    one: Option, hosts: list[ApiPrice], question: Question
) -> dict[str, float | str | None]:
    row = one.speed.row
    host = named_host(hosts, question)
    api = apis.both_ways(host, one.ratio) if host else None
    return {
        "provider": one.rented.offer.provider if question.paid_price is None else "own price",
        "accelerator": one.speed.card.canonical,
        "count": one.speed.count,
        "usd_per_hour": round(one.rented.usd_per_hour, 4),
        "tokens_per_second": round(one.speed.tokens_per_second, 1),
        "tokens_per_second_at_most": round(one.speed.at_most, 1),
        "measured": "yes" if one.speed.is_measured else "no",
        "measured_model": row.model,
        "scenario": row.scenario,
        "precision": one.speed.precision,
        "result_id": row.result_id,
        "measured_on": row.as_of,
        "measurement_url": row.source_url,
        "utilisation": one.utilisation,
        "input_per_output_token": round(one.ratio, 4),
        "usd_per_million_output": round(one.output_usd, 6),
        "usd_per_million_tokens": round(one.both_usd, 6),
        "capacity_tokens_per_month": round(one.capacity),
        "api": host.provider if host else None,
        "api_usd_per_million_tokens": round(api, 6) if api else None,
        "break_even_tokens_per_month": (
            _rounded(sums.break_even(one.rented.usd_per_hour, one.capacity, api)) if api else None
        ),
    }


def _rounded(volume: float | None) -> float | None:
    return None if volume is None else round(volume)


def _next(question: Question, case: Case, desk: Desk) -> tuple[FollowUp, ...]:
    say = desk.say
    asked = question if question.model else question._replace(model=case.model.slug)
    out = []
    if question.utilisation != 0.6:
        out.append(
            follow_up(
                asked._replace(utilisation=0.6), desk, label=say.t("At {share} use", share=say.percent(0.6))
            )
        )  # fmt: skip
    if not question.tokens_per_month:
        out.append(
            follow_up(
                asked._replace(tokens_per_month=1e9), desk, label=say.tokens(1e9)
            )
        )  # fmt: skip
    fit = Question("fit", lang=question.lang, model=case.model.slug)
    out.append(follow_up(fit, desk, label=say.t("Which cards hold it")))
    return tuple(out)


# -- other answers -----------------------------------------------------------------------------


def _which_model(question: Question, desk: Desk) -> Answer:
    """Nobody published how large it is: what APIs ask for it is known all the same, where they do."""
    say = desk.say
    name = question.model or ""
    hosts = apis.hosts(name, 1.0)
    if hosts:
        headline = say.t(
            "The size of {name} is not published, so I cannot say what runs it; the cheapest API asks {price} per million tokens, in and out together ({host}).",
            name=name,
            price=per_million(apis.both_ways(hosts[0], 1.0), say),
            host=api_name(hosts[0].provider),
        )
    else:
        headline = say.t(
            'I do not know the model "{name}". Give its size, for example: {example}',
            name=name,
            example=say.t("cost per million tokens of 13b"),
        )
    return Answer(
        headline=headline,
        lines=(say.t("One token read for each one written."),) if hosts else (),
        facts=api_facts(hosts, question, 1.0, say),
        evidence=of_apis(hosts),
        tone="caution",
        follow_ups=tuple(
            follow_up(question._replace(model=slug), desk, label=sizing_name(slug))
            for slug in ("llama-3.1-8b", "llama-3.3-70b", "gpt-oss-120b")
        ),
    )


def _not_measured(case: Case, question: Question, desk: Desk) -> Answer:
    """Nobody measured it, it does not fit, or nobody offers it: which of these, and what would help."""
    say = desk.say
    found = speeds_of(case, question)
    follow_ups = [
        follow_up(
            question._replace(accelerators=(), memory_gb=None, count=None, form_factor=None, model=case.model.slug),
            desk,
            label=say.t("Other cards"),
        )
    ]  # fmt: skip
    if found and not bounds.fits(case.model, found[0]):
        one = found[0]
        enough = bounds.smallest_count(case.model, one)
        if enough:
            follow_ups.insert(
                0,
                follow_up(
                    question._replace(count=enough, model=case.model.slug),
                    desk,
                    label=f"{enough}x {say.card(one.card.canonical)}",
                ),
            )
        headline = say.t(
            "{set} does not hold {model} in {precision} beside a few requests: it takes {gb} GB of {usable} usable.",
            set=set_name(one, say),
            model=case.model.name,
            precision=one.precision.upper() or "FP8",
            gb=say.number(math.ceil(bounds.needed_gb(case.model, one))),
            usable=say.number(round((one.card.memory_gb or 0) * one.count * model_memory.USABLE)),
        )
        if enough:
            headline += " " + say.t("{count} would.", count=f"{enough}x")
    elif found and too_many(found[0], question):
        headline = say.t(
            "{model} in {precision} takes {set}: nobody measured one model over so many machines. Cards with more memory hold it in one.",
            model=case.model.name,
            precision=found[0].precision.upper() or "FP8",
            set=set_name(found[0], say),
        )
    elif found:
        headline = say.t(
            "Nobody lists {set} for these terms, so there is no price per token.",
            set=set_name(found[0], say),
        )
    else:
        headline = say.t(
            "Nobody measured {model} or a near neighbour on these cards. Tell me your tokens per second and I do the sum.",
            model=case.model.name,
        )
    hosts = apis.hosts(case.model.slug, 1.0)
    return Answer(
        headline=headline,
        facts=api_facts(hosts, question, 1.0, say),
        evidence=of_apis(hosts),
        tone="caution",
        follow_ups=tuple(follow_ups),
    )
