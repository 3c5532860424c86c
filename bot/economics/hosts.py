"""The APIs that serve a model: which one a question names, and what their dated lists say."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from bot.core.answer import Evidence, Fact
from bot.core.question import Question
from bot.core.wording import Wording
from bot.economics.apinames import api_name
from bot.economics.words import day, evidence_of, per_million
from knowledge.economics import apis
from knowledge.economics.apis import ApiPrice


def named_host(hosts: list[ApiPrice], question: Question) -> ApiPrice | None:
    named = [one for one in hosts if _named(one, question)]
    return next(iter(named or hosts), None)


def host_name(host: ApiPrice) -> str:
    """Who sells it; of a closed model the model, because that is what is compared."""
    return api_name(host.provider) if host.open_weights else host.name or host.model_id


def unlisted(hosts: list[ApiPrice], question: Question, say: Wording) -> list[str]:
    """APIs that are named and have no dated price for this model."""
    here = {one.provider for one in hosts}
    missing = [
        api_name(one)
        for one in apis.providers()
        if one not in here and api_name(one).lower() in _words(question.text)
    ]
    if not missing:
        return []
    return [
        say.t("No dated price of {names} for this model is held here.", names=say.listing(missing))
    ]


def api_facts(
    hosts: list[ApiPrice], question: Question, ratio: float, say: Wording
) -> tuple[Fact, ...]:
    """The cheapest API, the middle one and those named, with their dates."""
    picked: list[ApiPrice] = [one for one in hosts if _named(one, question)]
    picked += [*hosts[:1], *hosts[len(hosts) // 2 :][:1], *hosts[-1:]]
    facts = [_api_fact(one, ratio, say) for one in dict.fromkeys(picked)]
    return tuple(facts[:4])


def of_apis(hosts: list[ApiPrice]) -> tuple[Evidence, ...]:
    if not hosts:
        return ()
    return evidence_of("genai-prices (Pydantic, MIT)", hosts[0].source_url, [hosts[0].dated])


def _api_fact(one: ApiPrice, ratio: float, say: Wording) -> Fact:
    return Fact(
        say.t("API: {host}", host=host_name(one)),
        say.t(
            "{read} in, {written} out: {both} together ({date})",
            read=per_million(one.input_usd or 0.0, say),
            written=per_million(one.output_usd or 0.0, say),
            both=per_million(apis.both_ways(one, ratio), say),
            date=day(one.dated, say),
        ),
        one.source_url,
    )


def _named(one: ApiPrice, question: Question) -> bool:
    """Whether the question names this API: as a provider, by its name in the words, or its model."""
    return (
        one.provider in question.providers
        or not one.open_weights
        or api_name(one.provider).lower() in _words(question.text)
    )


@lru_cache(maxsize=64)
def _words(text: str) -> frozenset[str]:
    low = text.lower().split()
    pairs = (f"{one} {other}" for one, other in pairwise(low))
    return frozenset(word.strip("?!.,;:'\"()¿¡") for word in (*low, *pairs))
