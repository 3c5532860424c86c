"""Dollars for a quote in another currency, by our own dated rate; always beside, never instead."""

from __future__ import annotations

from typing import Any

from knowledge.prices.currencies import exchange
from knowledge.prices.store import Store


def foreign(reading: dict[str, Any]) -> bool:
    """Whether a quote of it is in another currency than dollars."""
    return any(
        (quote["per_gpu_h"] or {}).get("currency") not in {None, "USD"}
        for quote in reading["quotes"]
    )


def converted(reading: dict[str, Any], store: Store) -> dict[str, Any]:
    """The reading with `converted_usd_gpu_h` where a quote is in another currency."""
    for quote in reading.get("quotes", ()):
        price = quote["per_gpu_h"]
        if not price or price["currency"] in {None, "USD"} or quote["price"]["kind"] != "exact":
            continue
        rate = exchange(price["currency"], store)
        amount = quote.get("all_in_gpu_h") or price["amount"]
        if rate is not None:
            quote["converted_usd_gpu_h"] = {
                "amount": round(rate.to_usd(amount), 6), "rate": rate.usd_per_unit,
                "date": rate.day.isoformat(), "source": rate.source,
            }  # fmt: skip
    return reading
