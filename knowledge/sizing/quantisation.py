"""What a weight and a cached value take, by scheme (data/quantisation.csv)."""

from __future__ import annotations

from functools import cache

from knowledge.facts import bundled

PLAIN = {
    "fp32": 4.0, "fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "int8": 1.0, "w8a8": 1.0, "w8a16": 1.0,
    "int4": 0.5, "w4a16": 0.5, "awq": 0.5, "gptq": 0.5, "fp4": 0.5, "int3": 0.375, "int2": 0.25,
}  # fmt: skip
"""Bytes a value takes by the name alone; scales and zero points come on top, a few percent."""
_USUAL = {"q2": "q2_k", "q3": "q3_k_l", "q4": "q4_k_m", "q5": "q5_k_m", "q6": "q6_k", "q8": "q8_0"}
"""What a bare "q4" usually is."""


@cache
def _measured() -> dict[str, float]:
    """Bytes a weight, by scheme: whole files where they were measured, else the format."""
    kinds = ("GGUF file (mix of tensor types)", "weights", "GGML tensor type (one tensor)")
    known: dict[str, float] = {}
    for kind in kinds:
        for row in bundled.rows("quantisation"):
            if row["kind"] == kind and row["bits_per_weight"]:
                name = row["scheme"].split(" ")[0].lower()
                known.setdefault(name, float(row["bits_per_weight"]) / 8)
    return known


def bytes_per_weight(scheme: str) -> float | None:
    """Bytes a parameter takes in a scheme, in any case ("fp8", "Q6_K", "w4a16"); None for a name
    that the table does not know."""
    name = scheme.strip().lower().replace("-", "_")
    name = _USUAL.get(name, name)
    return PLAIN.get(name) or _measured().get(name)


def bytes_per_cached(scheme: str | None) -> float:
    """Bytes a value in the cache takes; 16 bits where nothing else is said."""
    return (bytes_per_weight(scheme) if scheme else None) or 2.0
