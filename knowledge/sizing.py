"""Memory a model needs, and the smallest sets of accelerators that hold it.

Formulas and their sources (read 2026-11-22):

- weights, key-value cache: https://github.com/stas00/ml-engineering/blob/master/inference/README.md
- share of memory a server may use (0.9): https://github.com/vllm-project/vllm
- full training: https://github.com/stas00/ml-engineering/blob/master/training/performance/README.md
- LoRA and QLoRA: the table of LLaMA-Factory's documentation, in GB per billion parameters

What is a default of ours and not a sourced fact is named DEFAULT_...
"""

from __future__ import annotations

import math
from typing import NamedTuple

from knowledge.accelerators import Accelerator
from knowledge.models import Model, table

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

    @property
    def total_gb(self) -> float:
        return self.weights_gb + self.cache_gb + self.overhead_gb


class Fit(NamedTuple):
    """So many of one card hold the need; whole nodes beyond 8."""

    card: Accelerator
    count: int  # type: ignore[assignment]  # a field, not tuple.count

    @property
    def usable_gb(self) -> float:
        return self.count * (self.card.memory_gb or 0) * USABLE


def cache_gb(model: Model, context: int, requests: int) -> float:
    """Key-value cache at 16 bits: 2 x layers x kv_heads x head_dim x bytes x tokens x requests."""
    if not (model.hidden_layers and model.kv_heads and model.head_dim):
        return 0.0
    per_token = 2 * model.hidden_layers * model.kv_heads * model.head_dim * 2
    return per_token * context * requests / 1e9


def inference(model: Model, precision: str, context: int, requests: int) -> Need:
    """(weights + cache) x 1.1, in parts. A mixture of experts must hold all its parameters."""
    weights = model.params_b * BYTES[precision]
    cache = cache_gb(model, context, requests)
    return Need(weights, cache, (weights + cache) * DEFAULT_OVERHEAD)


def tuning(params_b: float) -> dict[str, float]:
    """GB for QLoRA (4-bit), LoRA (16-bit) and full fine-tuning before activations."""
    return {
        "QLoRA": params_b * QLORA_GB_PER_B,
        "LoRA": params_b * LORA_GB_PER_B,
        "full": params_b * TRAINING_GB_PER_B,
    }


def smallest(need_gb: float, card: Accelerator) -> Fit | None:
    """The smallest count of a card that holds `need_gb`: 1, 2, 4, 8, then whole nodes of 8."""
    if not card.memory_gb or need_gb <= 0:
        return None
    least = math.ceil(need_gb / (USABLE * card.memory_gb))
    for count in (1, 2, 4, NODE):
        if least <= count:
            return Fit(card, count)
    return Fit(card, math.ceil(least / NODE) * NODE)


def decode_ceiling(model: Model, precision: str, card: Accelerator, count: int) -> float | None:
    """Tokens per second for one request at most; None where the bandwidth is not known."""
    if not card.memory_bandwidth_gbps:
        return None
    per_token = model.active_params_b * BYTES[precision]
    return DECODE_SHARE * card.memory_bandwidth_gbps * count / per_token


def like_sized(params_b: float, name: str) -> tuple[Model, Model]:
    """A model of a stated size and no known shape, and the known one whose shape it borrows."""
    dense = [one for one in table() if one.kv_heads and one.params_b == one.active_params_b]
    shape = min(dense, key=lambda one: abs(math.log(one.params_b / params_b)))
    return shape._replace(slug=name, name=name, params_b=params_b, active_params_b=params_b), shape
