"""Memory a model needs, and the smallest sets of accelerators that hold it.

Each formula names its source (all read 2026-11-22); F10 and F11 stand in `bot/advice/billing.py`
and `knowledge/sizing/owning.py`. What is a default of ours and not a sourced fact is named DEFAULT_...
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from knowledge.facts.accelerators import Accelerator
from knowledge.sizing.models import Model, resolve, table
from knowledge.sizing.native import native
from knowledge.sizing.quantisation import bytes_per_weight

BYTES = {"fp32": 4.0, "fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "int8": 1.0, "int4": 0.5}
"""Bytes a parameter takes, by precision."""
USABLE = 0.9
"""Share of a card's memory that an inference server uses by default."""
DEFAULT_OVERHEAD = 0.1
"""Activations and buffers, as a share of weights and cache."""
DEFAULT_CONTEXT = 8192
DEFAULT_REQUESTS = 1
LORA_GB_PER_B = 2.5
QLORA_GB_PER_B = 0.85
TRAINING_GB_PER_B = 18.0
"""AdamW in mixed precision: 6 weights, 8 optimiser and 4 gradient bytes; activations come on top."""
DECODE_SHARE = 0.8
"""Share of the memory bandwidth that decoding reaches."""
NODE = 8


class Need(NamedTuple):
    """Memory in GB, with its parts, so that a reader can add them up."""

    weights_gb: float
    cache_gb: float
    overhead_gb: float
    kv_heads: int | None = None
    """Over how many cards the cache can be spread; None where there is none or it is not known."""

    @property
    def total_gb(self) -> float:
        return self.weights_gb + self.cache_gb + self.overhead_gb

    def over(self, count: int) -> float:
        """GB that `count` cards must hold together.

        Tensor parallelism gives each card whole cache heads; with more cards than heads the cache
        is held several times. Beyond a node the layers are split, and nothing is held twice.
        """
        spread = min(count, NODE)
        if not self.cache_gb or not self.kv_heads or spread <= self.kv_heads:
            return self.total_gb
        again = self.cache_gb * (spread / self.kv_heads - 1)
        return self.total_gb + again * (1 + DEFAULT_OVERHEAD)


class Fit(NamedTuple):
    """So many of one card hold the need; whole nodes beyond 8."""

    card: Accelerator
    count: int  # type: ignore[assignment]  # a field, not tuple.count

    @property
    def usable_gb(self) -> float:
        return self.count * (self.card.memory_gb or 0) * USABLE


def cache_gb(model: Model, context: int, requests: int, width: float = 2.0) -> float:
    """F2, key-value cache: 2 x layers x kv_heads x head_dim x bytes x tokens x requests, in GB.

    https://github.com/stas00/ml-engineering/blob/master/inference/README.md. Where the maker's
    layout is known (`knowledge.sizing.native`: windows, compressed attention), its values count instead.
    """
    known = native(model.slug)
    values = known.cache_values(context) if known else None
    if values is not None:
        return values * width * requests / 1e9
    if not (model.hidden_layers and model.kv_heads and model.head_dim):
        return 0.0
    per_token = 2 * model.hidden_layers * model.kv_heads * model.head_dim * width
    return per_token * context * requests / 1e9


def weights_gb(params_b: float, precision: str) -> float:
    """F1, weights: billions of parameters x bytes each, in GB (same source as F2)."""
    return params_b * (bytes_per_weight(precision) or BYTES["fp16"])


def released(model: Model) -> str:
    """The precision in which the maker publishes a model; 16 bits where that is not known."""
    known = native(model.slug)
    name = known.released_precision.split(" ")[0] if known else ""
    width = bytes_per_weight(name)
    return name if width and width != BYTES["fp16"] else "fp16"


def model_weights_gb(model: Model, precision: str) -> float:
    """The weights of a model in GB; as published where it is published in mixed or 4-bit formats,
    in which only a part of it is that small."""
    known = native(model.slug)
    width = bytes_per_weight(precision)
    if (
        known
        and known.weights_gb
        and known.released_precision.split(" ")[0] == precision
        and (width is None or width < 1)
    ):
        return known.weights_gb
    return weights_gb(model.params_b, precision)


def inference(
    model: Model, precision: str, context: int, requests: int, cache_width: float = 2.0
) -> Need:
    """F3: (weights + cache) x 1.1, in parts. A mixture of experts must hold all its parameters.

    The tenth on top is a default for activations and buffers (same source as F2).
    """
    weights = model_weights_gb(model, precision)
    cache = cache_gb(model, context, requests, cache_width)
    return Need(weights, cache, (weights + cache) * DEFAULT_OVERHEAD, model.kv_heads)


def tuning(params_b: float) -> dict[str, float]:
    """F6, F7, F5: GB for LoRA (16-bit), QLoRA (4-bit) and full tuning before activations.

    https://gist.github.com/bigsnarfdude/50319bbab6c19fced1584f06d0d3e63f (the first two),
    https://github.com/stas00/ml-engineering/blob/master/training/performance/README.md.
    """
    return {
        "QLoRA": params_b * QLORA_GB_PER_B,
        "LoRA": params_b * LORA_GB_PER_B,
        "full": params_b * TRAINING_GB_PER_B,
    }


def smallest(need: Need | float, card: Accelerator) -> Fit | None:
    """F4: the smallest count of a card that holds the need: 1, 2, 4, 8, then whole nodes of 8.

    The count is the need over nine tenths of the card's memory (vLLM's usual share,
    https://github.com/vllm-project/vllm), rounded up to what tensor parallelism and machines
    come in. None where the card's memory is not known, or no number of cards would hold it.
    """
    whole = need if isinstance(need, Need) else Need(need, 0.0, 0.0)
    if not card.memory_gb or whole.total_gb <= 0:
        return None
    for count in (1, 2, 4, NODE):
        if whole.over(count) <= Fit(card, count).usable_gb:
            return Fit(card, count)
    nodes = math.ceil(whole.over(NODE) / Fit(card, NODE).usable_gb)
    return Fit(card, max(2, nodes) * NODE)


def decode_ceiling(model: Model, precision: str, card: Accelerator, count: int) -> float | None:
    """F8: tokens per second for one request at most; None where the bandwidth is not known.

    0.8 x bandwidth / (active parameters x bytes): decoding reads every active weight for each
    token. https://github.com/ai-dynamo/aiconfigurator uses the same share.
    """
    if not card.memory_bandwidth_gbps:
        return None
    per_token = weights_gb(model.active_params_b, precision)
    # One user's token passes node after node: their bandwidths do not add up.
    return DECODE_SHARE * card.memory_bandwidth_gbps * min(count, NODE) / per_token


def sync_seconds(params_b: float, precision: str, count: int, link_gb_per_s: float) -> float:
    """F9: seconds a step to bring `count` cards' gradients together over a link.

    2 x (n - 1) / n x parameters x bytes over the bandwidth: 2 B in fp32 on 450 GB/s take 0.035 s.
    https://github.com/stas00/ml-engineering/blob/master/network/README.md
    """
    return 2 * (count - 1) / count * weights_gb(params_b, precision) / link_gb_per_s


def like_sized(params_b: float, name: str) -> tuple[Model, Model]:
    """A model of a stated size and no known shape, and the known one whose shape it borrows."""
    dense = [
        model for model in table() if model.kv_heads and model.params_b == model.active_params_b
    ]
    shape = min(dense, key=lambda model: abs(math.log(model.params_b / params_b)))
    return shape._replace(slug=name, name=name, params_b=params_b, active_params_b=params_b), shape


_SIZE = re.compile(r"^(\d+(?:\.\d+)?)b$|-(\d+(?:\.\d+)?)b$")


def named(slug: str) -> Model | None:
    """The model of a slug; for a bare size ("8b", "orca-13b") one of that size and a usual shape."""
    known = resolve(slug)
    size = None if known else _SIZE.search(slug)
    if size is None:
        return known
    params = float(size.group(1) or size.group(2))
    if not 0 < params < 10_000:
        return None
    return like_sized(params, slug)[0]._replace(name=slug.upper() if size.group(1) else slug)
