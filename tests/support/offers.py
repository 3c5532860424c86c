"""Offers for tests: one honest default, changed where a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from knowledge.prices.offer import Offer

SEEN = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)

PLAIN = Offer(
    provider="lambda",
    instance_type="gpu_8x_h100_sxm5",
    accelerator="H100",
    memory_gb=80,
    count=8,
    form_factor="SXM",
    vcpus=208,
    ram_gb=1800,
    region="us-east-1",
    country="US",
    geo="us",
    billing="on-demand",
    term_months=None,
    price_usd_per_hour=24.0,
    as_of=SEEN,
    source="feed",
    source_url="https://prices.example/h100",
    fetched_at=SEEN,
    fresh_until=SEEN + timedelta(days=1),
)


def offer(**changes: Any) -> Offer:
    """The plain offer with these fields changed."""
    return PLAIN._replace(**changes)
