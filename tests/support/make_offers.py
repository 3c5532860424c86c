"""Synthetic offers for benchmarks: seeded, so that the same size and seed give the same rows.

`python tests/support/make_offers.py ROWS FILE` writes an import CSV. Prices are invented around list
level; nothing here reaches the product.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from knowledge.refresh.importing import HEADER

_CARDS = (
    ("A100", 40, "PCIe", 1.6), ("A100", 40, "SXM", 1.9), ("A100", 80, "PCIe", 1.95),
    ("A100", 80, "SXM", 2.2), ("H100", 80, "PCIe", 2.7), ("H100", 80, "SXM", 3.3),
    ("H100", 94, "NVL", 3.0), ("H200", 141, "SXM", 3.9), ("B200", 180, "SXM", 5.5),
    ("B300", 270, "SXM", 7.2), ("GB200", 186, "Superchip", 6.8), ("GH200", 96, "Superchip", 2.3),
    ("L4", 24, "PCIe", 0.65), ("L40", 48, "PCIe", 0.95), ("L40S", 48, "PCIe", 1.2),
    ("A10", 24, "PCIe", 0.8), ("A10G", 24, "PCIe", 1.0), ("A16", 16, "PCIe", 0.45),
    ("A40", 48, "PCIe", 0.6), ("A30", 24, "PCIe", 0.55), ("A4000", 16, "PCIe", 0.25),
    ("A5000", 24, "PCIe", 0.38), ("A6000", 48, "PCIe", 0.7), ("RTX6000Ada", 48, "PCIe", 0.95),
    ("RTX4000Ada", 20, "PCIe", 0.38), ("RTX2000Ada", 16, "PCIe", 0.28),
    ("RTXPRO6000", 96, "PCIe", 1.9), ("RTXPRO4500", 32, "PCIe", 0.6), ("RTX5090", 32, "PCIe", 0.75),
    ("RTX5080", 16, "PCIe", 0.45), ("RTX4090", 24, "PCIe", 0.5), ("RTX4080", 16, "PCIe", 0.35),
    ("RTX3090", 24, "PCIe", 0.28), ("RTX3080", 10, "PCIe", 0.18), ("RTX3060", 12, "PCIe", 0.11),
    ("V100", 16, "SXM", 0.9), ("V100", 32, "SXM", 1.1), ("P100", 16, "PCIe", 0.75),
    ("T4", 16, "PCIe", 0.4), ("P4", 8, "PCIe", 0.5), ("K80", 12, "PCIe", 0.35),
    ("M60", 8, "PCIe", 0.6), ("MI100", 32, "PCIe", 0.7), ("MI210", 64, "PCIe", 1.0),
    ("MI250", 128, "OAM", 1.4), ("MI250X", 128, "OAM", 1.5), ("MI300X", 192, "OAM", 2.6),
    ("MI325X", 256, "OAM", 3.0), ("MI350X", 288, "OAM", 3.8), ("MI355X", 288, "OAM", 4.2),
    ("Gaudi2", 96, "OAM", 1.3), ("Gaudi3", 128, "OAM", 2.0), ("GB300", 278, "Superchip", 8.4),
)  # fmt: skip
# provider: share of rows, price factor, number of regions
_PROVIDERS = {
    "aws": (0.27, 1.25, 32), "azure": (0.25, 1.3, 44), "gcp": (0.05, 1.2, 36), "oci": (0.08, 1.15, 28),
    "lambda": (0.05, 0.85, 12), "nebius": (0.03, 0.9, 8), "verda": (0.03, 0.82, 6),
    "runpod": (0.11, 0.78, 26), "vastai": (0.13, 0.55, 40),
}  # fmt: skip
_COUNTRIES = "US US US US CA BR GB IE FR DE NL SE FI NO ES IT PL CH AT BE PT DK JP KR SG IN AU HK TW ID AE IL ZA MX CL".split()
_COUNTS = (1, 2, 4, 8)
FRESH = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def rows(size: int, seed: int = 11) -> Iterator[dict[str, Any]]:
    """`size` rows with the import header."""
    for provider, (share, factor, regions) in _PROVIDERS.items():
        rng = random.Random(f"{seed}/{provider}")
        wanted = round(size * share)
        for number in range(wanted):
            card, memory, form, base = _CARDS[rng.randrange(len(_CARDS))]
            count = rng.choice(_COUNTS)
            place = rng.randrange(regions)
            country = _COUNTRIES[place % len(_COUNTRIES)]
            spot = rng.random() < 0.42
            price = (
                base
                * count
                * factor
                * rng.uniform(0.8, 1.4)
                * (rng.uniform(0.28, 0.62) if spot else 1)
            )
            old = rng.random() < 0.02
            # A name in letters: figures alone would make a family of sizes out of strangers.
            name = _letters(number)
            yield {
                "provider": provider,
                "instance_type": f"{provider}-{card.lower()}-{memory}-{count}x-{name}",
                "accelerator": card,
                "memory_gb": memory,
                "count": count,
                "form_factor": form,
                "vcpus": 8 * count,
                "ram_gb": 64 * count,
                "region": f"{country.lower()}-zone-{place}",
                "country": country,
                "billing": "spot" if spot else "on-demand",
                "price_usd_per_hour": round(price, 4),
                "as_of": (FRESH - timedelta(days=50 if old else 0)).isoformat(),
                "source_url": f"https://prices.example/{provider}",
            }


_LETTERS = "bcdfhjkmnpqrtwxz"
"""No vowels: letters must not happen to say that a machine is a slice ("mig")."""


def _letters(number: int) -> str:
    """A number in letters alone."""
    return "".join(_LETTERS[int(digit, 16)] for digit in f"{number:x}")


def write(size: int, path: Path, seed: int = 11) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows(size, seed))


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
