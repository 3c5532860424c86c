"""A quote as fixed fields, each with the words it was read from, and its arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from knowledge.facts.units import DAY, MONTH, WEEK

FIELDS = (
    "seller", "reseller", "card", "form_factor", "memory_gb", "count", "count_min", "count_max",
    "machine", "gpus_per_machine", "interconnect", "place", "billing", "term", "start", "price",
    "discount_pct", "tax", "tax_pct", "per_gpu_h", "all_in_usd_gpu_h", "converted_usd_gpu_h",
    "included", "prepayment", "min_commitment", "sla_pct", "notice_days", "renewal", "price_rise",
    "valid_until", "quote_number", "date",
)  # fmt: skip
HOURS = {"hour": 1.0, "day": DAY, "week": WEEK}


@dataclass
class Charge:
    """Something beside the card's price that must be paid."""

    kind: str
    """setup, storage, support, network, egress, cpu."""
    amount: Decimal | None
    """In the quote's currency; None where `pct` says it as a share of the card's price."""
    unit: str
    """once, month, hour, gpu_hour, gpu_month, node_hour, node_month, year, term."""
    words: str
    pct: Decimal | None = None
    currency: str | None = None


@dataclass
class Quote:
    """One offer of a seller: what it states and nothing more. None: not stated."""

    values: dict[str, Any] = field(default_factory=dict)
    read_from: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    """Codes of what a person must settle: price_ambiguous, two_prices, total_differs ..."""
    charges: list[Charge] = field(default_factory=list)
    month: float = MONTH
    """Hours of one month by this document."""
    fx: Decimal | None = None
    """US dollars for one unit of the price's currency, where the document fixes it."""
    seller_id: str | None = None
    size: int | None = None
    """GPUs of the machine that a price per machine is of."""

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def put(self, name: str, value: Any, words: str) -> None:
        """Keeps the first statement of a field."""
        if value is not None and self.values.get(name) is None:
            self.values[name] = value
            self.read_from[name] = words.strip()[:240]

    def term_hours(self) -> float | None:
        term = self["term"]
        if term is None:
            return None
        value, unit = float(term["value"]), term["unit"]
        if unit in HOURS:
            return value * HOURS[unit]
        return value * self.month * (12 if unit == "year" else 1)

    def gpu_hour(self) -> float | None:
        """The price as one GPU-hour in its own currency; None where a figure for it is missing."""
        price = self["price"]
        if price is None or price["amount"] is None:
            return None
        return self.per_gpu_hour(Decimal(price["amount"]), price["unit"])

    def per_gpu_hour(self, amount: Decimal, unit: str) -> float | None:
        """A sum in a unit as one GPU-hour; None where a figure for it is missing."""
        count: int | None = self["count"] or self["count_min"]
        size: int | None = self.size or self["gpus_per_machine"]
        value, hours = float(amount), self.term_hours()
        if unit == "gpu_hour":
            return value
        if unit == "gpu_day":
            return value / 24
        if unit == "gpu_month":
            return value / self.month
        if unit == "gpu_year":
            return value / (12 * self.month)
        if unit in {"node_hour", "node_month"}:
            if not size:
                return None
            return value / size / (self.month if unit == "node_month" else 1)
        if not count:
            return None
        if unit == "month":
            return value / count / self.month
        if unit == "year":
            return value / count / (12 * self.month)
        if unit == "day":
            return value / count / 24
        if unit == "hour":
            return value / count
        if unit == "term" and hours:
            return value / count / hours
        return None

    def charge_hour(self, charge: Charge, base: float) -> float | None:
        """A charge spread over every GPU-hour of the term, in the price's currency."""
        if charge.pct is not None:
            return base * float(charge.pct) / 100
        if charge.amount is None:
            return None
        count: int | None = self["count"] or self["count_min"]
        hours = self.term_hours()
        value = float(charge.amount)
        if charge.unit in {
            "gpu_hour",
            "gpu_month",
            "node_hour",
            "node_month",
            "gpu_year",
            "gpu_day",
        }:
            return self.per_gpu_hour(charge.amount, charge.unit)
        if not count:
            return None
        if charge.unit == "hour":
            return value / count
        if charge.unit == "month":
            return value / count / self.month
        if charge.unit == "year":
            return value / count / (12 * self.month)
        if charge.unit == "day":
            return value / count / 24
        if not hours:
            return None
        if charge.unit in {"once", "term"}:
            return value / count / hours
        if charge.unit == "gpu":
            return value / hours
        if charge.unit == "node":
            size: int | None = self.size or self["gpus_per_machine"]
            return value / size / hours if size else None
        return None

    def reckon(self) -> None:
        """Fills in `per_gpu_h` and `all_in_usd_gpu_h`."""
        self.values["per_gpu_h"] = self.values["all_in_usd_gpu_h"] = None
        base = self.gpu_hour()
        price = self["price"]
        if base is None or price is None:
            return
        self.values["per_gpu_h"] = {"amount": round(base, 6), "currency": price["currency"]}
        self.read_from.setdefault("per_gpu_h", self.read_from.get("price", ""))
        total = self.all_in()
        if total is None or price["currency"] is None:
            return
        rate = Decimal(1) if price["currency"] == "USD" else self.fx
        if rate is None:
            return
        self.values["all_in_usd_gpu_h"] = round(total * float(rate), 6)

    def all_in(self) -> float | None:
        """Everything that must be paid, before tax, for one GPU-hour in the price's currency."""
        base, price = self.gpu_hour(), self["price"]
        if base is None or price is None or price["kind"] != "exact":
            return None
        if "unplaced_sum" in self.doubts:
            return None  # a fee whose place is not known may be part of it
        if self["discount_pct"] is not None:
            base *= 1 - float(self["discount_pct"]) / 100
        total = base
        for charge in self.charges:
            more = self.charge_hour(charge, base)
            if more is None:
                return None
            if charge.currency and charge.currency != price["currency"]:
                return None
            total += more
        if self["tax"] == "included":
            if self["tax_pct"] is None:
                return None
            total /= 1 + float(self["tax_pct"]) / 100
        return total

    def as_json(self) -> dict[str, Any]:
        """The object of the contract: every field, null where not stated."""
        out: dict[str, Any] = {name: self.values.get(name) for name in FIELDS}
        out["read_from"] = {
            name: words for name, words in self.read_from.items() if out.get(name) is not None
        }
        out["doubts"] = list(dict.fromkeys(self.doubts))
        out["charges"] = [
            {"kind": one.kind, "amount": None if one.amount is None else format(one.amount, "f"), "pct": None if one.pct is None else float(one.pct), "unit": one.unit, "words": one.words}
            for one in self.charges
        ]  # fmt: skip
        out["seller_id"] = self.seller_id
        total = self.all_in()
        out["all_in_gpu_h"] = None if total is None else round(total, 6)  # in the price's currency
        return out
