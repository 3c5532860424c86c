"""Open models: sizes and shapes that memory sums need (data/models.csv)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from knowledge.facts import bundled


class Model(NamedTuple):
    slug: str
    """Family, version and size joined by hyphens: llama-3.1-8b."""
    name: str
    aliases: tuple[str, ...]
    params_b: float
    """Billions of parameters that must be held."""
    active_params_b: float
    """Billions read for each token; less than `params_b` for a mixture of experts."""
    hidden_layers: int | None
    kv_heads: int | None
    """None together with head_dim: the model keeps no growing cache."""
    head_dim: int | None
    default_context: int | None
    source_url: str


@cache
def table() -> tuple[Model, ...]:
    """Every model of models.csv; sizes in billions of parameters."""
    return tuple(
        Model(
            slug=row["slug"],
            name=row["name"],
            aliases=bundled.names(row["aliases"]),
            params_b=float(row["params_b"]),
            active_params_b=float(row["active_params_b"]),
            hidden_layers=bundled.whole(row["hidden_layers"]),
            kv_heads=bundled.whole(row["kv_heads"]),
            head_dim=bundled.whole(row["head_dim"]),
            default_context=bundled.whole(row["default_context"]),
            source_url=row["source_url"],
        )
        for row in bundled.rows("models")
    )


def normalised(name: str) -> str:
    low = name.lower().rsplit("/", 1)[-1]
    return "".join(char for char in low if char.isalnum() or char == ".")


@cache
def _aliases() -> dict[str, Model]:
    known: dict[str, Model] = {}
    for model in table():
        for spelling in (model.slug, model.name, *model.aliases):
            known.setdefault(normalised(spelling), model)
    return known


USUAL = {
    "stablediffusion": "sdxl", "sd": "sdxl", "flux": "flux-dev", "whisper": "whisper-large-v3",
}  # fmt: skip
"""What a family's bare name is taken for."""


def resolve(name: str) -> Model | None:
    """The model a slug or another spelling names, or None."""
    plain = normalised(name)
    return _aliases().get(plain) or _aliases().get(normalised(USUAL.get(plain, "")))
