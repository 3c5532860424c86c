"""Tokens per second of a model on a set of cards: measured, or scaled from a named neighbour.

A figure of a benchmark counts generated tokens; the work of reading the prompt is inside it.
Scenarios answer different questions and are never exchanged: `server` and the serving samples hold
a latency, `interactive` a tight one, `offline` none.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple

from knowledge.facts import bundled
from knowledge.facts.accelerators import Accelerator, specification
from knowledge.sizing import model_memory
from knowledge.sizing.models import Model, resolve
from knowledge.sizing.native import native

Use = Literal["chat", "interactive", "batch"]
SCENARIOS: dict[Use, tuple[str, ...]] = {
    "chat": ("server", "serving-20", "serving-50", "serving-max"),
    "interactive": ("interactive", "serving-50"),
    "batch": ("offline", "serving-max"),
}
"""What may answer for a use, the best first. `serving-max` is the fastest sample at a fixed load."""
SLOWEST_CHAT_MS = 200.0
"""A serving sample slower than this for each token is no chat (the limit of MLPerf's Server)."""
DEFAULT_USE: dict[Use, float] = {"chat": 0.3, "interactive": 0.3, "batch": 0.7}
"""Share of a paid hour in which tokens are made. Ours, measured by nobody: 20-40 % for one product
in one time zone, 60-90 % for batches."""
ORDINARY = (0.5, 0.7)
"""Ours: what an ordinary deployment reaches of a benchmark that its vendor tuned."""
FARTHEST_MODEL, FARTHEST_CARD = 4.0, 8.0
"""Beyond these ratios of size or bandwidth nothing is scaled: it is not measured, and said."""
FEWEST_REQUESTS = 4
"""Ours: cards that hold fewer requests of 2,048 tokens beside the weights serve nobody well."""
_BYTES = {**model_memory.BYTES, "fp4": 0.5, "mxfp4": 0.53, "mixed": 1.0, "": 1.0}


class Measured(NamedTuple):
    """One row of data/throughput.csv."""

    benchmark: str
    model: str
    proxy_for: tuple[str, ...]
    accelerator: str
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    memory_gb: float | None
    form_factor: str
    cpu: str
    scenario: str
    precision: str
    unit: str
    throughput: float
    """Of the whole machine, in `unit`."""
    statistic: str
    results: int
    submitter: str
    input_tokens: float | None
    output_tokens: float | None
    concurrency: float | None
    ttft_ms: float | None
    tpot_ms: float | None
    result_id: str
    source_url: str
    as_of: str
    licence: str

    @property
    def per_card(self) -> float:
        return self.throughput / self.count


class Benchmark(NamedTuple):
    """Mean lengths of a benchmark's requests and its latency limits."""

    model: str
    input_tokens: float | None
    output_tokens: float | None
    server_ttft_ms: float
    server_tpot_ms: float
    interactive_ttft_ms: float | None
    interactive_tpot_ms: float | None
    source_url: str


class Speed(NamedTuple):
    """Output tokens per second of one set of cards, and where the figure comes from."""

    tokens_per_second: float
    card: Accelerator
    count: int  # type: ignore[assignment]  # a field, not tuple.count
    precision: str
    """In which the weights are held here."""
    row: Measured
    """The measurement it rests on."""
    same_model: bool
    same_card: bool
    size_factor: float
    """Active parameters measured over those asked for; 1 for the same model."""
    card_factor: float
    """The lesser of both bounds: what the sum is made with. 1 for the same card and precision."""
    best_card_factor: float
    """The greater of both: the truth lies between."""
    bound: str
    """Which bound is the lesser: `bandwidth` or `compute`; "" when nothing was scaled by it."""
    input_tokens: float | None
    """Mean prompt of the measurement; None where nobody published it."""
    output_tokens: float | None
    ceiling: float = math.inf
    """What was scaled can be no faster: each step reads the weights once for the requests that the
    memory holds."""

    @property
    def is_capped(self) -> bool:
        """Whether memory and not the scaling decides."""
        return self.tokens_per_second >= self.ceiling

    @property
    def is_measured(self) -> bool:
        return self.same_model and self.same_card and not self.bound

    @property
    def at_most(self) -> float:
        """Output tokens per second by the more generous bound; the same where nothing was scaled."""
        if self.is_capped:
            return self.tokens_per_second
        return min(self.ceiling, self.tokens_per_second * self.best_card_factor / self.card_factor)

    @property
    def ratio(self) -> float | None:
        """Input tokens for each output token."""
        if self.input_tokens is None or not self.output_tokens:
            return None
        return self.input_tokens / self.output_tokens


@cache
def rows() -> tuple[Measured, ...]:
    return bundled.records("throughput", Measured)


@cache
def benchmarks() -> dict[str, Benchmark]:
    return {one.model: one for one in bundled.records("benchmarks", Benchmark)}


def lengths(row: Measured) -> tuple[float | None, float | None]:
    """Mean input and output tokens of a measurement's requests, where published."""
    if row.input_tokens and row.output_tokens:
        return row.input_tokens, row.output_tokens
    known = benchmarks().get(row.model) if row.benchmark.startswith("MLPerf") else None
    return (known.input_tokens, known.output_tokens) if known else (None, None)


def speed(
    model: Model,
    card: Accelerator,
    count: int,
    use: Use = "chat",
    precision: str | None = None,
    asked: tuple[float, float] | None = None,
) -> Speed | None:
    """The best-founded speed of `count` cards; None where nothing near enough was measured."""
    return next(iter(choices(model, card, count, use, precision, asked)), None)


@lru_cache(maxsize=1024)
def choices(
    model: Model,
    card: Accelerator,
    count: int,
    use: Use = "chat",
    precision: str | None = None,
    asked: tuple[float, float] | None = None,
) -> tuple[Speed, ...]:
    """The speeds that may be given for `count` cards, the best-founded first.

    `asked` are input and output tokens of a request: a measurement of like lengths goes first.
    Linear in `count`: so many replicas, or the figure per card of a machine of another size
    (single results and 8-card medians of MLPerf agree within 8 %). Without a stated precision the
    weights are held as they were measured, in fewer bits where the cards hold them only so.
    """
    found = speeds(model, card, count, use, precision, asked)
    if not found or precision or _fits(model, found[0]):
        return tuple(found)
    for smaller in ("fp8" if card.fp8_dense_tflops else "int8", "int4"):
        again = speeds(model, card, count, use, smaller, asked)
        if again and _fits(model, again[0]):
            return tuple(again)
    return tuple(found)


def _fits(model: Model, one: Speed) -> bool:
    held = requests_at_once(model, one.precision, one.card, one.count, 2048)
    return held is None or held >= FEWEST_REQUESTS


def speeds(
    model: Model,
    card: Accelerator,
    count: int,
    use: Use = "chat",
    precision: str | None = None,
    asked: tuple[float, float] | None = None,
) -> list[Speed]:
    """Every measurement that may answer, the best-founded first; those of farther neighbours only
    where nearer ones are missing."""
    found = []
    for rows_of in (_of_model(model, use), _of_use(use)):
        found = [
            (_rank(one, use, asked), one)
            for row in rows_of
            if (one := _applied(row, model, card, count, precision))
        ]
        if any(one.is_measured for _, one in found):
            break
    if not found:
        return []
    found.sort(key=lambda pair: pair[0])
    nearest = found[0][0][:3]
    return [one for rank, one in found if rank[:3] == nearest]


def measured_sets(model: Model, use: Use = "chat") -> list[tuple[Accelerator, int]]:
    """Cards, with the counts, on which this model or one of its shape was measured for a use."""
    found: dict[tuple[str, float | None, str | None, int], tuple[Accelerator, int]] = {}
    for row in _of_model(model, use):
        if row.count > model_memory.NODE:
            continue
        card = _specified(row)
        if card is not None:
            key = (card.canonical, card.memory_gb, card.form_factor, row.count)
            found.setdefault(key, (card, row.count))
    return list(found.values())


@cache
def _of_use(use: Use) -> tuple[Measured, ...]:
    return tuple(
        row
        for row in rows()
        if row.unit == "tokens/s"
        and row.count
        and row.scenario in SCENARIOS[use]
        and not (use == "chat" and (row.tpot_ms or 0) > SLOWEST_CHAT_MS)
    )


@lru_cache(maxsize=512)
def _of_model(model: Model, use: Use) -> tuple[Measured, ...]:
    return tuple(row for row in _of_use(use) if _same(row, model))


def _same(row: Measured, model: Model) -> bool:
    """Whether a row is of this very model, of one with the same shape, or of its stated stand-in."""
    if row.model == model.slug or model.slug in row.proxy_for:
        return True
    other = _model(row.model)
    return other is not None and _alike(other, model)


def _alike(one: Model, other: Model) -> bool:
    """The same layers, heads and sizes: the same work for each token."""
    return bool(
        one.hidden_layers
        and (one.hidden_layers, one.kv_heads, one.head_dim)
        == (other.hidden_layers, other.kv_heads, other.head_dim)
        and abs(one.params_b / other.params_b - 1) < 0.03
        and abs(one.active_params_b / other.active_params_b - 1) < 0.03
    )


@cache
def _model(slug: str) -> Model | None:
    return resolve(slug)


def _applied(
    row: Measured, model: Model, card: Accelerator, count: int, precision: str | None
) -> Speed | None:
    """A measurement carried over to these cards and this model, or None beyond reach."""
    same_model = _same(row, model)
    size_factor = 1.0 if same_model else _size_factor(row, model)
    if size_factor is None:
        return None
    same_card = row.accelerator == card.canonical and row.memory_gb == card.memory_gb
    target = precision or (
        row.precision if same_card else _held_in(card, row.precision, is_four_bit(model))
    )
    carried = _card_factors(row, card, target, same_card=same_card)
    if carried is None:
        return None
    decode, prefill = carried
    prompt, answer = lengths(row)
    ceiling = math.inf
    if not (same_model and same_card and carried == (1, 1)):
        ceiling = _ceiling(model, card, count, target, (prompt or USUAL[0]) + (answer or USUAL[1]))
    return Speed(
        tokens_per_second=min(ceiling, row.per_card * count * size_factor * min(carried)),
        card=card,
        count=count,
        precision=target,
        row=row,
        same_model=same_model,
        same_card=same_card,
        size_factor=size_factor,
        card_factor=min(carried),
        best_card_factor=max(carried),
        bound="" if same_card and carried == (1, 1) else "bandwidth" if decode <= prefill else "compute",
        input_tokens=prompt,
        output_tokens=answer,
        ceiling=ceiling,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _ceiling(model: Model, card: Accelerator, count: int, precision: str, tokens: float) -> float:
    """Tokens per second that the memory allows: the requests that fit beside the weights, times the
    steps in which the cards read the weights of a token. Infinite where that is not known."""
    held = requests_at_once(model, precision, card, count, tokens)
    weights = weights_gb(model, precision)
    if not held or not weights or not card.memory_bandwidth_gbps:
        return math.inf
    read_gb = weights * model.active_params_b / model.params_b
    steps = card.memory_bandwidth_gbps * count * model_memory.DECODE_SHARE / read_gb
    return held * steps


def is_four_bit(model: Model) -> bool:
    """Whether the maker releases the weights in four bits: every card unpacks them."""
    known = native(model.slug)
    return known is not None and "fp4" in known.released_precision


def _size_factor(row: Measured, model: Model) -> float | None:
    """Decoding reads, and prefill multiplies, every active weight: speed goes with one over them."""
    other = _model(row.model)
    if other is None or _is_mixture(other) != _is_mixture(model):
        return None
    factor = other.active_params_b / model.active_params_b
    whole = other.params_b / model.params_b  # of a mixture all of it lies in memory
    near = all(1 / FARTHEST_MODEL <= one <= FARTHEST_MODEL for one in (factor, whole))
    return factor if near else None


def _is_mixture(model: Model) -> bool:
    return model.active_params_b < 0.95 * model.params_b


def _card_factors(
    row: Measured, card: Accelerator, precision: str, *, same_card: bool
) -> tuple[float, float] | None:
    """How much faster these cards are, at decoding (bandwidth over the bytes of a weight) and at
    reading prompts (compute in the precision held). Cards of one vendor only: software differs."""
    if same_card and _BYTES.get(precision) == _BYTES.get(row.precision):
        return 1.0, 1.0
    other = _specified(row)
    if other is None or other.vendor != card.vendor or precision not in _BYTES:
        return None
    if not (card.memory_bandwidth_gbps and other.memory_bandwidth_gbps):
        return None
    width = card.memory_bandwidth_gbps / other.memory_bandwidth_gbps
    if not 1 / FARTHEST_CARD <= width <= FARTHEST_CARD:
        return None
    ours, theirs = _compute(card, precision), _compute(other, row.precision)
    if ours is None or theirs is None:
        return None
    return width * _BYTES[row.precision] / _BYTES[precision], ours / theirs


@cache
def _specified(row: Measured) -> Accelerator | None:
    return specification(row.accelerator, row.memory_gb, row.form_factor or None)


def _compute(card: Accelerator, precision: str) -> float | None:
    """Dense TFLOPS in which weights of a precision are multiplied on a card."""
    if precision == "fp4" and card.fp8_dense_tflops and _has_fp4(card):
        return 2 * card.fp8_dense_tflops
    if precision in ("fp8", "int8", "fp4", "mixed", "") and card.fp8_dense_tflops:
        return card.fp8_dense_tflops
    return card.fp16_dense_tflops


def _has_fp4(card: Accelerator) -> bool:
    return card.architecture.startswith(("Blackwell", "CDNA 4", "Rubin"))


def holds(card: Accelerator, precision: str) -> bool:
    """Whether a card multiplies in a precision itself; weights of four bits are unpacked anywhere."""
    return _held_in(card, precision, four_bit=False) == precision


def _held_in(card: Accelerator, precision: str, four_bit: bool) -> str:
    """The precision in which a card without units for the measured one holds the weights."""
    if precision in ("fp4", "mxfp4") and not _has_fp4(card):
        if four_bit:
            return "mxfp4"
        precision = "fp8"
    if precision in ("fp8", "mixed", "") and not card.fp8_dense_tflops:
        return "fp16"
    return precision


FLUENT_MS: dict[Use, float] = {"chat": 50.0, "interactive": 20.0, "batch": math.inf}
"""Milliseconds a token up to which a serving sample is as good as any: 20 and 50 tokens a second
for each reader."""
USUAL = (1024.0, 1024.0)
"""Lengths preferred among serving samples when none are asked for."""


def _rank(one: Speed, use: Use, asked: tuple[float, float] | None) -> tuple[Any, ...]:
    """Smaller is better founded: what was scaled and how far; then measured on more than a node
    where a node is asked for, known lengths, stated date and precision, like lengths, and latency. Of
    benchmarks the one on a like machine, then the newest; of samples the fastest replica."""
    scaled = (not one.same_model) + (one.bound != "")
    far = abs(math.log(one.size_factor)) + abs(math.log(one.card_factor))
    named = one.row.scenario in ("server", "interactive", "offline")
    unlike = _unlike(one, asked or USUAL)
    slow = (one.row.tpot_ms or 0) > FLUENT_MS[use]
    whole = one.count % one.row.count == 0
    unsaid = not (one.row.as_of and one.row.precision)
    return (
        scaled,
        not (one.same_model and one.same_card) if scaled else False,
        round(far, 2) if scaled else 0.0,
        one.row.count > model_memory.NODE >= one.count,
        unlike is None and use != "batch",
        # A benchmark's own scenario goes first unless lengths are asked for.
        (not named, unsaid) if asked is None else (round(unlike or 0.0, 1), unsaid),
        round(unlike or 0.0, 1),
        0 if named else 2 if slow else 1,
        bool(one.row.form_factor) and one.row.form_factor != one.card.form_factor,
        *(
            (abs(math.log2(one.count / one.row.count)), -_age(one.row), -one.row.per_card)
            if named
            else (not whole, -one.row.per_card, -_age(one.row))
        ),
    )


def _unlike(one: Speed, asked: tuple[float, float]) -> float | None:
    """How far a measurement's requests are from these; None where nobody published its lengths."""
    if one.input_tokens is None or one.output_tokens is None:
        return None
    return abs(math.log(one.input_tokens / max(asked[0], 1))) + abs(
        math.log(one.output_tokens / max(asked[1], 1))
    )


def _age(row: Measured) -> int:
    return int((row.as_of or "2025-01-01").replace("-", "").ljust(8, "0"))


def weights_gb(model: Model, precision: str) -> float | None:
    """GB of the weights as held; those released in four bits by their maker's own size."""
    known = native(model.slug)
    if precision in ("fp4", "mxfp4") and known and "fp4" in known.released_precision:
        return known.weights_gb
    return model.params_b * _BYTES[precision] if precision in _BYTES else None


def requests_at_once(
    model: Model, precision: str, card: Accelerator, count: int, tokens: float
) -> int | None:
    """How many requests of `tokens` tokens the memory holds beside the weights, cache in 16 bits.

    0: not even the weights fit. None where the memory of the card or the model's cache is not known.
    """
    weights = weights_gb(model, precision)
    if not card.memory_gb or weights is None:
        return None
    cache_gb = model_memory.cache_gb(model, math.ceil(tokens), 1)
    need = model_memory.Need(
        weights, cache_gb, (weights + cache_gb) * model_memory.DEFAULT_OVERHEAD, model.kv_heads
    )
    left = count * card.memory_gb * model_memory.USABLE - weights * (
        1 + model_memory.DEFAULT_OVERHEAD
    )
    if left <= 0:
        return 0
    each = need.over(count) - weights * (1 + model_memory.DEFAULT_OVERHEAD)
    return math.floor(left / each) if cache_gb else None
