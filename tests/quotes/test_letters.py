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
