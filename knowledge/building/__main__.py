"""`make facts RAW=folder`: the bundled facts anew, and what that changes.

Reads every CSV below the folder whose header it knows (`raw.py`), and what is bundled now; writes
knowledge/data. Nothing is fetched. A maintainer runs it monthly, reads what it says, and commits.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from knowledge.building import economics, offers, raw, tables
from knowledge.building.raw import Row
from knowledge.facts import bundled

_TABLES: dict[str, tuple[tuple[str, ...], Callable[[Iterable[Row], Iterable[Row]], list[Row]]]] = {
    "terms": (
        ("provider", "topic", "term", "value", "unit", "condition", "source_url", "source_date",
         "note"),
        tables.sourced,
    ),
    "compliance": (
        ("provider", "item", "status", "detail", "evidence", "source_url", "source_date", "note"),
        tables.sourced,
    ),
    "fabric": (
        ("provider", "product", "clusters_offered", "fabric", "gbps_per_node", "largest_stated",
         "smallest_block", "minimum_term", "lead_time", "self_service_or_sales", "source_url",
         "source_date", "note"),
        tables.sourced,
    ),
    "currencies": (
        ("currency", "per_eur", "usd_per_unit", "date", "source", "official", "largest_month_move_pct",
         "source_url", "licence"),
        tables.currencies,
    ),
    "machines": (
        ("provider", "instance_type", "accelerator", "memory_gb", "count", "form_factor", "vcpus",
         "ram_gb", "intra_node_link", "fabric", "network_gbps", "network_note", "source_url",
         "checked_on"),
        tables.machines,
    ),
    "throughput": (
        ("benchmark", "model", "proxy_for", "accelerator", "count", "memory_gb", "form_factor",
         "cpu", "scenario", "precision", "unit", "throughput", "statistic", "results", "submitter",
         "input_tokens", "output_tokens", "concurrency", "ttft_ms", "tpot_ms", "result_id",
         "source_url", "as_of", "licence", "note"),
        economics.throughput,
    ),
    "training_throughput": (
        ("benchmark", "model", "name", "method", "accelerator", "count", "memory_gb", "form_factor",
         "precision", "sequence_length", "tokens_per_second_per_accelerator",
         "tflops_per_accelerator", "tflops_basis", "pct_of_bf16_peak", "statistic", "submitter",
         "result_id", "source_url", "as_of", "licence", "note"),
        economics.training,
    ),
    "api_prices": (
        ("provider", "kind", "model_id", "name", "model", "open_weights", "input_usd", "output_usd",
         "cached_usd", "standing", "price_since", "as_of", "checked_on", "source_url", "licence",
         "note"),
        economics.api_prices,
    ),
    "models_native": (
        ("slug", "released_precision", "other_precisions", "weights_gb", "weights_basis",
         "kv_values_per_token", "kv_values_per_token_windowed", "window_tokens", "max_context",
         "makers_card", "source_url", "as_of", "licence", "note"),
        economics.models_native,
    ),
    "quantisation": (
        ("scheme", "kind", "bits_per_weight", "basis", "hardware", "source_url", "checked_on",
         "licence", "note"),
        economics.quantisation,
    ),
    "grid": (
        ("country", "grams_per_kwh", "year", "source_url", "licence", "checked_on"),
        economics.grid,
    ),
}  # fmt: skip


def main() -> None:
    """Builds every table of the bundle anew and says what changes; raises SystemExit for wrong use."""
    parser = argparse.ArgumentParser(prog="make facts", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the raw CSV files lie")
    parser.add_argument(
        "--today", type=date.fromisoformat, required=True, help="the day of the bundle"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    asked = parser.parse_args()
    if not asked.folder.is_dir():
        parser.error(f"{asked.folder} is no folder")
    found = raw.found(asked.folder)
    print(", ".join(f"{len(rows):,} rows of {kind}" for kind, rows in found.items()) or "no rows")
    for name, (columns, build) in _TABLES.items():
        current = list(raw.read(bundled.DATA / f"{name}.csv"))
        after = build(found.get(name, ()), current)
        print(f"{name}: {len(current):,} rows, now {len(after):,}")
        if not asked.dry_run:
            raw.written(bundled.DATA / f"{name}.csv", columns, after)
    if "models_native" in found:
        path = bundled.DATA / "models.csv"
        after = economics.models(found["models_native"], list(raw.read(path)))
        print(f"models: now {len(after):,}")
        if not asked.dry_run:
            raw.written(path, raw.columns_of(path), after)
    if "footprint" in found:
        _regions(found["footprint"], write=not asked.dry_run)
    _offers(found, asked.today, write=not asked.dry_run)
    if not asked.dry_run:
        from knowledge.prices.csv_rows import check_bundled

        check_bundled()


def _regions(footprint: Iterable[Row], *, write: bool) -> None:
    path = bundled.DATA / "regions.csv"
    current = list(raw.read(path))
    after = tables.regions(footprint, current)
    print(f"regions: {len(current):,} rows, now {len(after):,}")
    if write:
        raw.written(path, raw.columns_of(path), after)


_OFFERS = (
    "provider", "instance_type", "accelerator", "memory_gb", "count", "form_factor", "vcpus",
    "ram_gb", "region", "country", "billing", "term_months", "price_usd_per_hour", "as_of",
    "source_url", "host_included", "starting_at", "note",
)  # fmt: skip
_HISTORY = (
    "provider", "accelerator", "memory_gb", "billing", "term_months", "date",
    "price_usd_per_gpu_hour", "source_url",
)  # fmt: skip


def _offers(found: dict[str, list[Row]], today: date, *, write: bool) -> None:
    before, past = list(bundled.rows("offers")), list(bundled.rows("history"))
    built = offers.build(before, found.get("offers", ()), past, found.get("history", ()), today)
    print(f"offers: {len(before):,} rows, now {len(built.offers):,}; no price older than "
          f"{min(row['as_of'] for row in built.offers)}")  # fmt: skip
    for line in offers.changes(before, built.offers):
        print(f"  {line}")
    print(f"history: {len(past):,} rows, now {len(built.history):,}")
    print(f"left out: {len(built.dropped):,}")
    for line in built.dropped:
        print(f"  {line}")
    if write:
        raw.written(bundled.DATA / "offers.csv", _OFFERS, built.offers)
        raw.written(bundled.DATA / "history.csv", _HISTORY, built.history)


if __name__ == "__main__":
    main()
