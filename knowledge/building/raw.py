"""Raw files of a folder, told apart by their header and not by their name."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

Row = dict[str, str]

_KINDS: dict[str, frozenset[str]] = {
    "offers": frozenset({"provider", "instance_type", "billing", "price_usd_per_hour", "as_of"}),
    "history": frozenset({"provider", "accelerator", "billing", "date", "source_url"}),
    "machines": frozenset({"provider", "name", "accelerator", "intra_node_link"}),
    "footprint": frozenset({"provider", "region", "country", "basis"}),
    "terms": frozenset({"provider", "topic", "term", "value", "unit", "condition"}),
    "compliance": frozenset({"provider", "item", "status", "evidence"}),
    "fabric": frozenset({"provider", "product", "fabric", "smallest_block"}),
    "currencies": frozenset({"currency", "per_eur", "usd_per_unit", "date", "official"}),
    "throughput": frozenset({"benchmark", "scenario", "throughput", "tpot_ms"}),
    "training_throughput": frozenset({"benchmark", "method", "model_tflops_per_accelerator"}),
    "api_prices": frozenset({"provider", "model_slug", "input_usd_per_mtok"}),
    "models_native": frozenset({"slug", "released_precision", "kv_values_per_token_growing"}),
    "quantisation": frozenset({"scheme", "bits_per_weight", "bits_basis"}),
    "grid": frozenset({"country", "grams_per_kwh", "year"}),
}


def found(folder: Path) -> dict[str, list[Row]]:
    """Rows of every CSV below `folder` whose header is known, by kind; other files are left alone."""
    rows: dict[str, list[Row]] = {}
    for path in sorted(folder.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            header = frozenset(reader.fieldnames or ())
            kind = next((name for name, columns in _KINDS.items() if columns <= header), None)
            if kind:
                rows.setdefault(kind, []).extend(
                    {name: (cell or "").strip() for name, cell in row.items() if name}
                    for row in reader
                )
    return rows


# Working notes of whoever collected the facts name files that nobody else has.
_OWN_FILES = re.compile(r"[\w/-]+\.(?:csv|md)\b")


def without_own_files(text: str) -> str:
    """A note without the parts that point at the collector's own files."""
    text = text.replace("computed from offers.csv", "computed from list prices")
    parts = [part.strip() for part in re.split(r"[;.](?:\s|$)", text) if part.strip()]
    return "; ".join(part for part in parts if not _OWN_FILES.search(part))


def written(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    """The file anew, with this header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, list(columns), extrasaction="ignore", restval="", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def columns_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def read(path: Path) -> Iterator[Row]:
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def form_of(text: str) -> str:
    """A form factor as the bundle names it ("SXM2" is SXM, "NVL72 superchip" a Superchip)."""
    low = text.lower()
    if "superchip" in low:
        return "Superchip"
    forms = ("SXM", "PCIe", "NVL", "OAM")
    return next((form for form in forms if low.startswith(form.lower())), "")
