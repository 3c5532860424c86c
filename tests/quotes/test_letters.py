"""Letters, files and contract sentences written by hand: every field, no wrong price, no wrong clause."""

from __future__ import annotations

import sys
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from articles import ARTICLES
from letters import LETTERS, Letter
from papers import Paper, papers

from bot.quotes import interpret
from bot.quotes.clauses import clauses
from bot.quotes.quote import FIELDS

LOOSE = {"seller", "place", "interconnect", "reseller", "machine"}
"""As written: who reads it compares words, not letters."""
REST = [name for name in FIELDS if name not in {"per_gpu_h", "all_in_usd_gpu_h", "converted_usd_gpu_h", "price"}]  # fmt: skip


@cache
def readings() -> list[tuple[Letter | Paper, dict[str, Any]]]:
    made: list[Letter | Paper] = [*LETTERS, *papers()]
    return [
        (one, interpret.file(one.body if isinstance(one.body, bytes) else one.body.encode(), one.file))
        for one in made
    ]  # fmt: skip


def same(name: str, wanted: Any, found: Any) -> bool:
    """`any`: not judged; `SXM?`: stated or not, as one sees it."""
    if wanted == "any" or (
        isinstance(wanted, str) and wanted.endswith("?") and found in {None, wanted[:-1]}
    ):
        return True
    if name in LOOSE and wanted and found:
        return str(wanted).lower() in str(found).lower()
    if name == "included" and isinstance(wanted, dict) and isinstance(found, dict):
        return all(key in found and value in ("any", found[key]) for key, value in wanted.items())
    return bool(wanted == found)


def pairs(
    truths: list[dict[str, Any]], quotes: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Each truth with the quote that is most like it."""
    left, out = list(quotes), []

    def likeness(truth: dict[str, Any], quote: dict[str, Any]) -> int:
        price = truth.get("price")
        hit = (
            isinstance(price, dict)
            and quote["price"]
            and quote["price"]["amount"] == price["amount"]
        )
        return 4 * bool(hit) + sum(
            same(name, truth.get(name), quote[name]) for name in ("seller", "card", "term", "count")
        )

    for truth in truths:
        best = max(left, key=lambda quote: likeness(truth, quote), default=None)
        if best is not None:
            left.remove(best)
        out.append((truth, best))
    return out


def test_nineteen_fields_of_twenty_are_right() -> None:
    right = total = 0
    faults = []
    for one, read in readings():
        for truth, quote in pairs(one.quotes, read["quotes"]):
            for name in REST:
                wanted, found = truth.get(name), quote and quote[name]
                if wanted == "any" or (wanted is None and found is None):
                    continue
                total += 1
                if quote is not None and same(name, wanted, found):
                    right += 1
                else:
                    faults.append(f"{one.name}: {name} {found!r} for {wanted!r}")
    assert total > 700
    assert right / total >= 0.95, "\n".join(faults)


@pytest.mark.parametrize("at", range(len(LETTERS) + len(papers())))
def test_no_price_is_wrong(at: int) -> None:
    one, read = readings()[at]
    left = list(read["quotes"])
    for truth, quote in pairs(one.quotes, read["quotes"]):
        if quote is None:
            continue
        left.remove(quote)
        price, wanted = quote["price"], truth.get("price")
        if isinstance(wanted, str):  # may be read or left
            assert price is None or Decimal(price["amount"]) == Decimal(wanted.split(":")[1])
            continue
        if wanted is None:
            assert price is None or truth.get("node_price") == price["amount"], price
            continue
        if price is None:
            continue
        assert Decimal(price["amount"]) == Decimal(wanted["amount"]), quote["read_from"]["price"]
        assert (price["high"] and Decimal(price["high"])) == (
            wanted["high"] and Decimal(wanted["high"])
        )
        assert {name: price[name] for name in ("currency", "unit", "kind")} == {name: wanted[name] for name in ("currency", "unit", "kind")}  # fmt: skip
        all_in = truth.get("all_in", "any")
        if all_in != "any":
            assert quote["all_in_usd_gpu_h"] == (all_in and pytest.approx(all_in, abs=0.002)), (
                quote["charges"]
            )
    assert not [quote for quote in left if quote["price"]], "a price of no offer"


def test_nineteen_prices_of_twenty_are_read() -> None:
    wanted = [
        (one.name, quote)
        for one, read in readings()
        for truth, quote in pairs(one.quotes, read["quotes"])
        if isinstance(truth.get("price"), dict)
    ]
    unread = [name for name, quote in wanted if quote is None or quote["price"] is None]
    assert len(unread) / len(wanted) <= 0.05, unread


def test_every_document_is_told_for_what_it_is() -> None:
    faults = [
        (one.name, read["status"]) for one, read in readings() if read["status"] != one.status
    ]
    assert len(faults) <= 1, faults


@pytest.mark.parametrize(("sentence", "truth"), ARTICLES)
def test_a_sentence_of_a_contract_holds_its_clauses(sentence: str, truth: dict[str, str]) -> None:
    found = clauses(f"AGREEMENT\n\n1. {sentence}\n")
    stated = {name: one["status"] for name, one in found.items() if one["status"] != "absent"}
    assert stated == truth


TRAPS: list[tuple[str, list[str | None]]] = [
    ("Crusoe: H100 server, $12,000 per month, 12 months", [None]),
    ("Nebius: 8x H100 SXM at $16.80/hr, 12 months", [None]),
    ("Lambda: 8x H100 for $2.10/hr each, 6 months", ["2.10 USD gpu_hour"]),
    ("Lambda: 16x H100 $33.60/hr, 6 months", ["33.60 USD hour"]),
    ("Azure: 8x H100 at $12.29/hour on demand", [None]),
    ("AWS: p5.48xlarge $98.32/hr on demand", ["98.32 USD node_hour"]),
    ("RunPod: 2x H100 PCIe $3.98/hr", [None]),
    ("Nebius: 64 H100 SXM, $109,791 monthly, 12 months", ["109791 USD month"]),
    ("Nebius: 64 H100 SXM, 12 months, $1,715 monthly per card", ["1715 USD gpu_month"]),
    ("Crusoe: 32 H100 SXM 12 months: $2,350 per GPU", [None]),
    ("Crusoe: A100 80GB $1.29, H100 $2.29 (per GPU-hour, 12 months)", ["1.29 USD gpu_hour", "2.29 USD gpu_hour"]),
    ("Nebius: price increases from $2.20 to $2.40 per GPU-hour on 1 January 2027 (64x H100 SXM)", [None]),
    ("Nebius: price reduced from $2.60 to $2.20 per GPU-hour (64x H100 SXM, 12 months)", ["2.20 USD gpu_hour"]),
    ("Lambda: 64x H100 SXM, 12 months; 12% off $2.49 = $2.19 per GPU-hour", [None]),
    ("Nebius: up to $2.60 per GPU-hour for 64x H100 SXM", []),
    ("Nebius: under $2.00 per GPU-hour for 64x H100 SXM is not possible", []),
    ("Our budget is $2.00 per GPU-hour for 64x H100 SXM, 12 months", []),
    ("Please quote 64x H100 SXM, 12 months; we currently pay $2.60 per GPU-hour", []),
    ("Nebius: 64x H100 SXM. Weekdays $2.50 per GPU-hour, weekends $1.90 per GPU-hour", [None]),
    ("Nebius: 64x H100 SXM at USD 2.20 (GBP 1.75) per GPU-hour, 12 months", ["2.20 USD gpu_hour"]),
    ("Nebius: H100 SXM at $0.0367 per GPU-minute", [None]),
    ("Nebius: B200 SXM rack, $150k/month, 72 GPUs, 12 months", ["150000 USD month"]),
    ("Nebius: 64x H100 SXM at $2.20/GPU-hr in year one and $2.40/GPU-hr in year two", [None]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "prices"), TRAPS)
def test_a_line_that_misleads_gives_its_price_or_none(text: str, prices: list[str | None]) -> None:
    found = interpret.text(text)["quotes"]
    assert [
        (price := quote["price"]) and f"{price['amount']} {price['currency']} {price['unit']}"
        for quote in found
    ] == prices


@pytest.mark.parametrize(
    "text",
    [
        "Lambda: 64x H100 SXM, 12 months at $2.49 per GPU-hour less a $50,000 signing credit",
        "Crusoe: 64x H100 SXM at $2.25/GPU/hr plus $0.10/GPU/hr for InfiniBand, 12 months",
        "Crusoe: 64x H100 SXM at $2.25/GPU/hr, power $0.15/GPU/hr extra, 12 months",
    ],
)
def test_a_fee_that_cannot_be_placed_leaves_no_sum_all_in(text: str) -> None:
    (quote,) = interpret.text(text)["quotes"]
    assert quote["price"]
    assert quote["all_in_usd_gpu_h"] is None
