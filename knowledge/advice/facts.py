"""What advice rules may ask about: every fact by name, with its kind. The one list.

A fact nobody knows is left out; a condition on it does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Value = str | float | bool | tuple[str, ...]
Facts = Mapping[str, Value | None]


class Kind(NamedTuple):
    """How a fact is compared and worded."""

    name: str
    """`number`, `usd`, `usd_rate`, `percent`, `gb`, `flag`, `word`, `words`, `text`
    or `date` (an ISO date, or only its year and month)."""
    allowed: tuple[str, ...] = ()
    """The closed set of a `word`, where there is one."""

    @property
    def numeric(self) -> bool:
        return self.name in NUMERIC


NUMERIC = frozenset({"number", "usd", "usd_rate", "percent", "gb"})
_NUMBER, _USD, _RATE = Kind("number"), Kind("usd"), Kind("usd_rate")
_PERCENT, _GB, _FLAG, _TEXT = Kind("percent"), Kind("gb"), Kind("flag"), Kind("text")
_DATE = Kind("date")

ABOUT = (
    "cheapest", "price", "compare", "estimate", "budget", "history", "fit", "provider",
    "need", "tier", "billing", "buy", "quote", "concentration", "timing", "alternatives", "sizing",
    "digest",
)  # fmt: skip
"""The command, or the kind of recommendation, that an answer gives."""

FACTS: dict[str, Kind] = {
    # what is asked
    "about": Kind("word", ABOUT),
    "workload": Kind(
        "word",
        (
            "training",
            "fine-tuning",
            "inference",
            "batch",
            "rendering",
            "classical-ml",
            "embeddings",
            "dev",
        ),
    ),
    "urgency": Kind("word", ("urgent", "normal", "patient")),
    "billing": Kind("word", ("on-demand", "spot", "reserved")),
    "method": Kind("word", ("lora", "qlora", "full")),
    "geo": Kind("word", ("us", "ca", "eu", "uk", "asia", "me", "sa", "oceania", "africa")),
    "compliance": Kind("words"),
    "data_sensitivity": Kind("word", ("public", "internal", "personal")),
    "residency": _FLAG,  # the data must stay in a place
    "can_checkpoint": _FLAG,
    "buying": _FLAG,  # own hardware is on the table
    "moving": _FLAG,  # leaving a provider is on the table
    "asks_future": _FLAG,  # future prices, or whether the sector will last
    "prepaid": _FLAG,
    "months": _NUMBER,
    "days": _NUMBER,
    "hours_per_month": _NUMBER,
    "gpu_count": _NUMBER,
    "nodes": _NUMBER,
    "utilisation": _PERCENT,
    "budget_usd": _USD,
    "egress_tb": _NUMBER,
    # the model and its memory
    "model": _TEXT,
    "model_kind": Kind("word", ("language", "diffusion", "speech", "encoder")),
    "params_b": _NUMBER,
    "active_params_b": _NUMBER,
    "precision": Kind("word", ("fp32", "fp16", "bf16", "fp8", "int8", "int4")),
    "precision_native": _FLAG,  # false: the card has no units for that precision
    "weights_gb": _GB,
    "kv_gb": _GB,
    "need_gb": _GB,
    "memory_gb": _GB,  # of the named card
    "memory_gb_needed": _GB,
    "context": _NUMBER,
    "concurrency": _NUMBER,
    "qlora_gb": _GB,
    "lora_gb": _GB,
    "full_gb": _GB,
    "split": _FLAG,  # one model over several cards
    "sets": _NUMBER,
    "best_set": _TEXT,
    "best_rate": _RATE,
    "smaller_set": _TEXT,
    "larger_set": _TEXT,
    "lower_precision": _TEXT,
    "gpu": _TEXT,
    "smaller_gpu": _TEXT,
    "tps": _NUMBER,
    # the market and the offer that leads the answer
    "tier": Kind("word", ("hyperscaler", "microcloud", "marketplace")),
    "tier_gap_pct": _PERCENT,
    "price_age_days": _NUMBER,
    "price_date": _TEXT,
    "rise_pct": _PERCENT,  # since the last digest
    "fall_pct": _PERCENT,
    "large_gpu": _FLAG,  # of the A100 class or above
    "providers": _NUMBER,
    "top_provider_share": _PERCENT,
    "alternative": _TEXT,
    "alternative_saving": _PERCENT,
    "option": _TEXT,
    "options": _NUMBER,
    "total": _USD,
    "difference": _TEXT,
    "monthly_cost": _USD,
    "break_even": _PERCENT,
    "own": _RATE,
    "rent": _RATE,
    "switch_cost": _USD,
    "saving": _USD,
    "months_payback": _NUMBER,
    "egress_cost": _USD,
    # the provider
    "provider": _TEXT,
    "provider_id": Kind("word"),
    "ownership": Kind("word", ("public", "private", "acquired")),
    "pending_deal": _FLAG,
    "founded": _NUMBER,
    "last_event_date": _DATE,
}
