"""GPU-hours of training and tuning: measured tokens a second where a row fits, else arithmetic with
measured shares of the cards' peak. Always a range: the tuned record and a first run.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from knowledge.facts import bundled
from knowledge.facts.accelerators import Accelerator
from knowledge.sizing import model_memory
from knowledge.sizing.models import Model, resolve

Method = Literal["pretraining", "full", "lora", "qlora"]
FIRST_RUN = 0.25
"""Share of the dense 16-bit peak that a first run of an ordinary team reaches: ours, the lower end
of what is measured (torchtitan 28 %, Llama 3 70B's whole run 25 %)."""
USUAL_BEST = 0.46
"""The best share measured in BF16 on an H100 (llm-foundry, 2024-04); for cards without rows."""
OVERHEAD = 0.2
"""Loading, evaluation, checkpoints: ours."""
FLOPS_PER_TOKEN = {"pretraining": 6, "full": 6, "lora": 4, "qlora": 4}
"""Times parameters. Frozen weights take no gradient of their own: 4 of the 6."""
GB_PER_B = {
    "pretraining": model_memory.TRAINING_GB_PER_B,
    "full": model_memory.TRAINING_GB_PER_B,
    "lora": model_memory.LORA_GB_PER_B,
    "qlora": model_memory.QLORA_GB_PER_B,
}


class Run(NamedTuple):
    """One row of data/training_throughput.csv."""

    benchmark: str
    model: str
    name: str
    method: str
    accelerator: str
    count: int | None  # type: ignore[assignment]  # a field, not tuple.count
    memory_gb: float | None
    precision: str
    tokens_per_second_per_accelerator: float | None
    pct_of_bf16_peak: float | None
    submitter: str
    result_id: str
    source_url: str
    as_of: str


class Hours(NamedTuple):
    """GPU-hours, from the tuned record to a first run."""

    fast: float
    slow: float
    record: Run | None
    """The measured run behind `fast`; None: arithmetic with `share`."""
    share: float
    """Share of the 16-bit peak behind `fast` where nothing was measured."""


@cache
def runs() -> tuple[Run, ...]:
    return bundled.records("training_throughput", Run)


def flops(model: Model, tokens: float, method: Method) -> float:
    """6 x N x D; 4 x N x D with frozen weights. N: parameters that each token meets. Attention is
    left out."""
    return FLOPS_PER_TOKEN[method] * model.active_params_b * 1e9 * tokens


def gpu_hours_at(
    model: Model, tokens: float, method: Method, peak_tflops: float, share: float
) -> float:
    """Hours of one card at a share of its peak."""
    return flops(model, tokens, method) / (peak_tflops * 1e12 * share * 3600)


def gpu_hours(model: Model, tokens: float, method: Method, card: Accelerator) -> Hours | None:
    """GPU-hours for so many tokens (epochs counted) on one kind of card; None where its 16-bit
    peak is not known. Full tuning may lean on pre-training runs: the work for each token is one."""
    if not card.fp16_dense_tflops:
        return None
    slow = gpu_hours_at(model, tokens, method, card.fp16_dense_tflops, FIRST_RUN)
    record = _record(model, method, card)
    if record is not None and record.tokens_per_second_per_accelerator:
        fast = tokens / (record.tokens_per_second_per_accelerator * 3600)
        return Hours(min(fast, slow), max(fast, slow), record, 0.0)
    share = best_share(card)
    fast = gpu_hours_at(model, tokens, method, card.fp16_dense_tflops, share)
    return Hours(fast, slow, None, share)


def _record(model: Model, method: Method, card: Accelerator) -> Run | None:
    """The fastest measured run of this model (or of one with its shape) by the same work."""
    same_work = {"lora": ("lora",), "qlora": (), "full": ("full", "pretraining")}.get(
        method, ("pretraining", "full")
    )
    fitting = [
        run
        for run in runs()
        if run.method in same_work
        and run.accelerator == card.canonical
        and run.memory_gb in (None, card.memory_gb)
        and run.tokens_per_second_per_accelerator
        and run.count
        and _alike(run.model, model)
    ]
    return max(fitting, key=lambda run: run.tokens_per_second_per_accelerator or 0.0, default=None)


def _alike(slug: str, model: Model) -> bool:
    if slug == model.slug:
        return True
    other = resolve(slug) if slug else None
    return other is not None and (
        other.hidden_layers == model.hidden_layers
        and abs(other.params_b / model.params_b - 1) < 0.03
        and abs(other.active_params_b / model.active_params_b - 1) < 0.03
    )


@cache
def best_share(card: Accelerator) -> float:
    """The best share of the 16-bit peak measured on this card in 16 bits; where there is none, or only
    of mixtures, which reach less, the H100's, or the card's own best in any precision if that is less."""
    own = [run for run in runs() if run.accelerator == card.canonical and run.pct_of_bf16_peak]
    shares = [(run.pct_of_bf16_peak or 0.0) / 100 for run in own]
    sixteen = [share for run, share in zip(own, shares, strict=True) if run.precision == "bf16"]
    best = max(sixteen, default=0.0)
    return best if best > FIRST_RUN else min([USUAL_BEST, *([max(shares)] if shares else [])])


def memory_gb(model: Model, method: Method) -> float:
    """GB before activations of long sequences; all parameters, also those a token does not meet."""
    return model.params_b * GB_PER_B[method]
