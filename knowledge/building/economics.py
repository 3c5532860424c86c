"""Throughput, training, API prices and models: raw rows in the product's columns.

Kept are rows that name their page. Of several results of one round, scenario and machine the
median is kept, of several rounds the newest: a best result is a vendor's day, not a buyer's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.building.raw import Row, form_of, without_own_files
from knowledge.facts.accelerators import resolve

_SCENARIOS = {
    "Offline": "offline",
    "Server": "server",
    "Interactive": "interactive",
    "Serving highest throughput measured": "serving-max",
    "Serving at 20 tok/s per user or better (TPOT <= 50 ms)": "serving-20",
    "Serving at 50 tok/s per user or better (TPOT <= 20 ms)": "serving-50",
}
_PRECISIONS = {"bfloat16": "bf16", "nvfp4": "fp4"}
_DRAWING = ("stable-diffusion", "flux", "qwen-image", "wan-")
"""Models of pictures: nothing they hold grows with a text."""
_STATISTICS = ("median", "only", "mean of runs without fastest and slowest", "best")


def throughput(raw: Iterable[Row], current: Iterable[Row]) -> list[Row]:
    """One row for each benchmark, model, machine, scenario and precision; without raw ones the
    current rows stay. Machines that cannot be rented yet are left out, and cards without a row of
    their own."""
    best: dict[tuple[str, ...], Row] = {}
    for row in raw:
        card = row["accelerator"]
        if row["availability"] == "preview" or (card and resolve(card) is None):
            continue
        said = _measured(row)
        key = _of_machine(said)
        known = best.get(key)
        if known is None or _newer(said, known):
            best[key] = said
    return [best[key] for key in sorted(best)] or list(current)


def _measured(row: Row) -> Row:
    precision = row["precision"]
    if ":" in precision or "," in precision:
        precision = "mixed"
    cpu = re.match(r"CPU(?: only:)? ([^;]+)", row["notes"]) if not row["accelerator"] else None
    notes = without_own_files(row["notes"])
    return {
        "benchmark": re.sub(r" \(aiconfigurator silicon_sample\)| closed$", "", row["benchmark"]),
        "model": row["model_slug"],
        "proxy_for": row["proxy_for"],
        "accelerator": row["accelerator"],
        "count": row["count"],
        "memory_gb": row["memory_gb"],
        "form_factor": "NVL" if "NVL" in row["form_factor"] and "super" not in row["form_factor"] else form_of(row["form_factor"]),
        "cpu": re.sub(r"INTEL\(R\) XEON\(R\)|Intel\(R\) Xeon\(R\)", "Xeon", cpu.group(1)).strip() if cpu else "",
        "scenario": _SCENARIOS[row["scenario"]],
        "precision": _PRECISIONS.get(precision, precision),
        "unit": row["unit"],
        "throughput": row["throughput"],
        "statistic": row["statistic"],
        "results": row["n_results"],
        "submitter": row["submitter"],
        "input_tokens": row["input_tokens"],
        "output_tokens": row["output_tokens"],
        "concurrency": row["concurrency"],
        "ttft_ms": row["ttft_ms"],
        "tpot_ms": row["tpot_ms"],
        "result_id": row["result_id"],
        "source_url": row["source_url"].split(" ")[0],
        "as_of": row["date"],
        "licence": row["licence"],
        "note": "" if cpu else notes,
    }  # fmt: skip


def _of_machine(row: Row) -> tuple[str, ...]:
    """What a result is of; serving samples differ by lengths and load too."""
    names = ["model", "accelerator", "memory_gb", "form_factor", "cpu", "scenario", "precision"]
    if row["scenario"].startswith("serving"):
        names += ["input_tokens", "output_tokens", "concurrency"]
    return (row["model"], row["accelerator"], row["count"].zfill(4), *(row[name] for name in names))


def _newer(one: Row, other: Row) -> bool:
    def rank(row: Row) -> tuple[str, int]:
        return row["as_of"], -_STATISTICS.index(row["statistic"])

    return rank(one) > rank(other)


def training(raw: Iterable[Row], current: Iterable[Row]) -> list[Row]:
    """Tokens a second in training and tuning."""
    out = []
    for row in raw:
        if not row["accelerator"] or not row["source_url"].startswith("http"):
            continue
        method = row["method"].split(" (")[0]
        out.append(
            {
                "benchmark": row["benchmark"].removesuffix(" closed"),
                "model": row["model_slug"],
                "name": row["model"],
                "method": {"LoRA fine-tuning": "lora", "full fine-tuning": "full", "pre-training": "pretraining"}[method],
                "accelerator": row["accelerator"],
                "count": row["count"],
                "memory_gb": row["memory_gb"],
                "form_factor": form_of(row["form_factor"]),
                "precision": row["precision"],
                "sequence_length": row["sequence_length"],
                "tokens_per_second_per_accelerator": row["tokens_per_second_per_accelerator"],
                "tflops_per_accelerator": row["model_tflops_per_accelerator"],
                "tflops_basis": row["tflops_basis"],
                "pct_of_bf16_peak": row["pct_of_bf16_peak"],
                "statistic": row["statistic"],
                "submitter": row["submitter"],
                "result_id": row["result_id"],
                "source_url": row["source_url"].split(" ")[0],
                "as_of": row["date"],
                "licence": row["licence"],
                "note": without_own_files(row["notes"]),
            }
        )  # fmt: skip
    return out or list(current)


def api_prices(raw: Iterable[Row], current: Iterable[Row]) -> list[Row]:
    """List prices of APIs; what is retired or priced through somebody else is marked and not lost."""
    out = []
    for row in raw:
        note = row["notes"]
        standing = "listed"
        if row["deprecated"] or "no longer listed" in note or "retired" in note:
            standing = "retired"
        elif (
            row["provider_kind"] == "aggregator"
            or "Hugging Face router" in note
            or "OpenRouter" in note
        ):
            standing = "resold"
        elif "batch price" in note:
            standing = "batch"
        elif "outlier" in note:
            standing = "outlier"
        elif not row["as_of"]:
            standing = "undated"
        out.append(
            {
                "provider": row["provider"],
                "kind": row["provider_kind"],
                "model_id": row["model_id"],
                "name": row["model"],
                "model": row["model_slug"],
                "open_weights": row["open_weights"],
                "input_usd": row["input_usd_per_mtok"],
                "output_usd": row["output_usd_per_mtok"],
                "cached_usd": row["cached_input_usd_per_mtok"],
                "standing": standing,
                "price_since": row["price_since"],
                "as_of": row["as_of"],
                "checked_on": row["read_on"],
                "source_url": row["source_url"],
                "licence": row["licence"],
                "note": without_own_files(note),
            }
        )  # fmt: skip
    return out or list(current)


def models_native(raw: Iterable[Row], current: Iterable[Row]) -> list[Row]:
    """How a model is released and what its cache takes, by slug."""
    rows = [
        {
            "slug": row["slug"],
            "released_precision": row["released_precision"],
            "other_precisions": row["other_maker_precisions"],
            "weights_gb": row["weights_gb"],
            "weights_basis": row["weights_basis"],
            "kv_values_per_token": row["kv_values_per_token_growing"],
            "kv_values_per_token_windowed": row["kv_values_per_token_windowed"],
            "window_tokens": row["sliding_window_tokens"],
            "max_context": row["max_context"],
            "makers_card": row["maker_serving_card"],
            "source_url": row["source_url"],
            "as_of": row["date"],
            "licence": row["licence"],
            "note": without_own_files(row["notes"]),
        }
        for row in raw
    ]
    return rows or list(current)


def models(native: Iterable[Row], current: Iterable[Row]) -> list[Row]:
    """The table of models with those of the native table that it lacks, at its end."""
    rows = list(current)
    known = {row["slug"] for row in rows}
    for row in native:
        # Without its layers a language model would look as if it kept no cache.
        drawn = row["slug"].startswith(_DRAWING)
        whole = row["params_b"] and row["active_params_b"] and (row["layers"] or drawn)
        if row["slug"] in known or not whole:
            continue
        rows.append(
            {
                "slug": row["slug"],
                "name": row["name"],
                "aliases": row["hf_id"].rsplit("/", 1)[-1],
                "params_b": row["params_b"],
                "active_params_b": row["active_params_b"],
                "hidden_layers": row["layers"],
                "kv_heads": row["kv_heads"],
                "head_dim": row["head_dim"],
                "default_context": row["max_context"],
                "source_url": row["source_url"],
                "checked_on": "2026-11-29",
            }
        )
    return rows


def quantisation(raw: Iterable[Row], current: Iterable[Row]) -> list[Row]:
    """Bits a weight takes, by scheme."""
    rows = [
        {
            "scheme": row["scheme"],
            "kind": row["kind"],
            "bits_per_weight": row["bits_per_weight"],
            "basis": row["bits_basis"],
            "hardware": row["hardware_note"],
            "source_url": row["source_url"].split(" ")[0],
            "checked_on": row["date"].removeprefix("read ") or "2026-11-29",
            "licence": row["licence"],
            "note": row["notes"],
        }
        for row in raw
        if row["bits_per_weight"]
    ]
    return rows or list(current)


def grid(raw: Iterable[Row], current: Iterable[Row]) -> list[Row]:
    """Grams of CO2 a kWh of a country's electricity, the newest year of each."""
    newest: dict[str, Row] = {}
    for row in (*current, *raw):
        known = newest.get(row["country"])
        if known is None or row["year"] >= known["year"]:
            newest[row["country"]] = row
    return [newest[country] for country in sorted(newest)]
