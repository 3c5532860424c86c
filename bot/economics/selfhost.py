"""Rented sets that could serve a model, each with a speed and an offer."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import NamedTuple

from bot.answers.sets import cards
from bot.core.desk import Desk
from bot.core.question import Question
from bot.economics import bounds
from bot.economics.renting import CANDIDATES, Rented, at_providers, cheapest
from knowledge.economics import apis
from knowledge.economics import tokens as sums
from knowledge.economics.apis import ApiPrice
from knowledge.economics.throughput import (
    DEFAULT_USE,
    USUAL,
    Speed,
    Use,
    choices,
    is_four_bit,
    measured_sets,
    weights_gb,
)
from knowledge.facts.accelerators import Accelerator, specification
from knowledge.sizing import model_memory
from knowledge.sizing.models import Model

ROWS = 3
DEFAULT_MODEL = "llama-3.1-8b"


_AGAINST = re.compile(
    r"\b(?:apis?|vs|versus|against|instead|rather than|compar\w+|paying|frente|contra|en vez|em vez|pagar|pagando)\b",
    re.IGNORECASE,
)
"""Words that set a provider's API against cards of one's own."""


class Option(NamedTuple):
    """A set of cards at an offer, and what its tokens cost."""

    speed: Speed
    rented: Rented
    ratio: float
    utilisation: float
    replicas: int = 1
    """Sets like the one asked for in what is rented, all in use."""

    @property
    def output_usd(self) -> float:
        """USD per million output tokens."""
        return sums.usd_per_million(
            self.rented.usd_per_hour, self.speed.tokens_per_second, self.utilisation
        )

    @property
    def both_usd(self) -> float:
        """USD per million tokens, read and written."""
        return sums.both_ways(self.output_usd, self.ratio)

    @property
    def capacity(self) -> float:
        """Tokens of both kinds a month at that use."""
        return sums.capacity(self.speed.tokens_per_second, self.ratio, self.utilisation)

    @property
    def full_capacity(self) -> float:
        return self.capacity / self.utilisation

    def monthly(self, volume: float) -> float:
        return sums.monthly_cost(volume, self.rented.usd_per_hour, self.capacity)


class Case(NamedTuple):
    """What is asked, with the defaults that were taken."""

    model: Model
    use: Use
    utilisation: float
    lengths: tuple[float, float] | None
    closed: ApiPrice | None
    default_model: bool


def case_of(question: Question) -> Case | None:
    """The model and the use; None where the model is neither known nor a size."""
    use: Use = "batch" if question.workload in ("batch", "embeddings") else "chat"
    lengths = None
    if question.input_tokens or question.output_tokens:
        lengths = (question.input_tokens or USUAL[0], question.output_tokens or USUAL[1])
    use_share = question.utilisation or DEFAULT_USE[use]
    model = model_memory.named(question.model or DEFAULT_MODEL)
    closed = None
    if model is None and question.model:
        closed = apis.closed(question.model)
        if closed is None:
            return None
        model = model_memory.named(apis.open_of_maker(closed))
    if model is None:
        return None
    return Case(model, use, use_share, lengths, closed, question.model is None)


def options_of(case: Case, question: Question, desk: Desk) -> list[Option]:
    """Sets with a speed and an offer, the cheapest per output token first."""
    if _is_api(case, question):
        question = question._replace(providers=())
    options = _options(case, question, desk)
    if options or not question.providers:
        return options
    # "Together's API or an own L4": who sells the API need not rent the card.
    return _options(case, question._replace(providers=()), desk)


def _is_api(case: Case, question: Question) -> bool:
    """Whether the named providers are the API to compare with, and not who rents the cards."""
    listed = {one.provider for one in apis.hosts(case.model.slug, 1.0)}
    return (
        bool(question.providers)
        and listed.issuperset(question.providers)
        and _AGAINST.search(question.text) is not None
    )


def _options(case: Case, question: Question, desk: Desk) -> list[Option]:
    found = _speeds(case, question)
    if not found:
        return []
    first = found[0]
    if question.accelerators and len(found) == 1:
        rented = at_providers(first.card, first.count, question, desk, ROWS)
        pairs = [(first, one) for one in rented]
    else:
        offers = cheapest([(one.card, one.count) for one in found], question, desk)
        pairs = [
            (one, offers[one.card, one.count]) for one in found if (one.card, one.count) in offers
        ]
    ratio = _ratio(case, first)
    if question.paid_price:
        pairs = [(one, _at_price(one, rent, question.paid_price)) for one, rent in pairs[:1]]
    own = question.paid_price is not None
    options = [_option(one, rent, ratio, case.utilisation, own=own) for one, rent in pairs]
    volume = question.tokens_per_month

    def cost(one: Option) -> tuple[tuple[bool, int], bool, float]:
        unasked = question.count is not None and one.replicas > 1
        return one.rented.rank, unasked, one.monthly(volume) if volume else one.output_usd

    return sorted(options, key=cost)


def _option(speed: Speed, rent: Rented, ratio: float, use: float, *, own: bool) -> Option:
    """A machine that holds the set several times over serves so many times as much."""
    many = 1 if own else rent.replicas(speed.count)
    grown = speed._replace(
        count=speed.count * many,
        tokens_per_second=speed.tokens_per_second * many,
        ceiling=speed.ceiling * many,
    )
    return Option(grown, rent, ratio, use, many)


def _at_price(speed: Speed, rent: Rented, usd_per_gpu_hour: float) -> Rented:
    """The asker's own price in the place of an offer's."""
    return rent._replace(usd_per_hour=usd_per_gpu_hour * speed.count)


def _speeds(case: Case, question: Question) -> list[Speed]:
    """A speed for each set worth asking about."""
    found = speeds_of(case, question)
    if not question.accelerators:
        found = [one for one in found if one.is_measured] or found
    return [one for one in found if bounds.fits(case.model, one) and not too_many(one, question)]


def too_many(one: Speed, question: Question) -> bool:
    """A set nobody asked for that spreads one model over more machines than anybody measured."""
    return question.count is None and one.count > 2 * model_memory.NODE


def speeds_of(case: Case, question: Question) -> list[Speed]:
    """Of each set the best-founded speed; of several those by requests of like lengths, because a
    long prompt costs more than a short one."""
    found = [
        each
        for card, count in sets_of(case, question)
        if (each := choices(case.model, card, count, case.use, question.precision, case.lengths))
    ]
    if case.lengths is not None or len(found) < 2:
        return [each[0] for each in found]
    ways = Counter(way for each in found for way in {_way(one) for one in each})
    # Named cards are all to be compared; else what is known best goes before what is known of most.
    named = bool(question.accelerators)

    def worth(way: _Way) -> tuple[int, bool, int, float]:
        return ways[way] * named, isinstance(way[0], float), ways[way], -_from_usual(way)

    usual = max(ways, key=worth)
    alike = (next((one for one in each if _way(one) == usual), None) for each in found)
    return [one for one in alike if one is not None]


_Way = tuple[float, float] | tuple[str, str]


def _from_usual(way: _Way) -> float:
    """How far lengths of requests are from those that are taken where none are asked for."""
    pairs = zip(way, USUAL, strict=True)
    return sum(abs(math.log(one / usual)) for one, usual in pairs if isinstance(one, float))


def _way(one: Speed) -> _Way:
    """What is the same in measurements that may stand side by side: the lengths of requests, or the
    benchmark where nobody published them."""
    if one.input_tokens is None or one.output_tokens is None:
        return one.row.model, one.row.scenario
    return float(one.input_tokens), float(one.output_tokens)


def sets_of(case: Case, question: Question) -> list[tuple[Accelerator, int]]:
    """Named cards in the count that is asked, else in the smallest that holds the model; without
    a card, what was measured, else the cards that people rent."""
    if question.accelerators:
        return [_named_set(case.model, card, question) for card in cards(question)]
    measured = measured_sets(case.model, case.use)
    if measured:
        return measured
    usual = (specification(name, memory) for name, memory in CANDIDATES)
    return [(card, _smallest(case.model, card, question.precision)) for card in usual if card]


def _named_set(model: Model, card: Accelerator, question: Question) -> tuple[Accelerator, int]:
    """The named card and how many; where its memory is not stated, the size that people rent and
    that holds the model with the fewest, or in the stated count."""
    sizes = [card]
    if question.memory_gb is None and question.form_factor is None:
        rented = [gb for name, gb in CANDIDATES if name == card.canonical]
        known = (specification(card.canonical, gb) for gb in rented)
        sizes = [one for one in known if one] or sizes
    counts = [_smallest(model, one, question.precision) for one in sizes]
    fewest = min(range(len(sizes)), key=lambda at: (counts[at], sizes[at].memory_gb or 0.0))
    return sizes[fewest], question.count or counts[fewest]


def _smallest(model: Model, card: Accelerator, precision: str | None) -> int:
    held = precision or ("fp8" if card.fp8_dense_tflops else "fp16")
    if precision is None and is_four_bit(model):
        held = "mxfp4"
    weights = weights_gb(model, held) or model.params_b
    fit = model_memory.smallest(weights * 1.2, card)
    return fit.count if fit else 1


def _ratio(case: Case, one: Speed) -> float:
    """Input for each output token: as asked, as measured, else one to one."""
    if case.lengths:
        return case.lengths[0] / case.lengths[1]
    return one.ratio if one.ratio is not None else 1.0
