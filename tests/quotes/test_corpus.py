"""Made-up quotes whose truth is known: fields, prices, and the all-in sum by hand."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any

from bot.quotes import interpret

_SPEC = importlib.util.spec_from_file_location(
    "quote_corpus", Path(__file__).with_name("corpus.py")
)
assert _SPEC is not None
assert _SPEC.loader is not None
corpus = importlib.util.module_from_spec(_SPEC)
sys.modules["quote_corpus"] = corpus
_SPEC.loader.exec_module(corpus)

LOOSE = {"seller", "place", "interconnect"}
"""As written: who reads it compares words, not letters."""


def same(name: str, found: Any, wanted: Any) -> bool:
    if name in LOOSE and found and wanted:
        return str(wanted).lower() in str(found).lower()
    return bool(found == wanted)


@cache
def readings() -> list[tuple[Any, dict[str, Any]]]:
    return [(made, interpret.file(made.body, made.file)) for made in corpus.corpus()]


def matched(made: Any, read: dict[str, Any]) -> list[tuple[Any, dict[str, Any] | None]]:
    """Each deal with its quote; by seller where there are several."""
    if len(made.deals) == 1:
        return [(made.deals[0], read["quotes"][0] if len(read["quotes"]) == 1 else None)]
    by = {str(quote["seller"]): quote for quote in read["quotes"]}
    return [(deal, by.get(deal.seller)) for deal in made.deals]


def test_the_corpus_is_large_and_mixed() -> None:
    made = corpus.corpus()
    assert len(made) >= 120
    assert {one.file.rsplit(".", 1)[1] for one in made} == {"txt", "eml", "csv", "xlsx", "pdf"}
    assert len({deal.currency for one in made for deal in one.deals}) == 5


def test_nineteen_fields_of_twenty_are_right() -> None:
    right = total = 0
    wrong: dict[str, list[str]] = {}
    for made, read in readings():
        for deal, quote in matched(made, read):
            for name, wanted in deal.expected().items():
                total += 1
                if quote is not None and same(name, quote[name], wanted):
                    right += 1
                else:
                    wrong.setdefault(name, []).append(
                        f"{made.name}: {quote and quote[name]!r} for {wanted!r}"
                    )
    assert right / total >= 0.95, f"{right}/{total}\n" + "\n".join(
        f"{name} {len(rows)}: {rows[:4]}" for name, rows in wrong.items()
    )


def test_no_price_is_wrong_and_nineteen_of_twenty_are_read() -> None:
    read_right = total = 0
    unread = []
    for made, read in readings():
        for deal, quote in matched(made, read):
            total += 1
            price = quote["price"] if quote else None
            if price is None:
                unread.append((made.name, quote and quote["doubts"]))
                continue
            said = (float(price["amount"]), price["currency"], price["unit"])
            assert said == (float(deal.amount), deal.currency, deal.unit), (
                f"{made.name}: {quote['read_from']['price']}"
            )
            assert price["kind"] == "exact"
            read_right += 1
        if len(made.deals) == 1:
            assert len(read["quotes"]) <= 1, f"{made.name}: one quote read as several"
    assert read_right / total >= 0.95, unread


def test_all_in_is_the_sum_by_hand() -> None:
    checked = 0
    for made, read in readings():
        for deal, quote in matched(made, read):
            if quote is None or quote["all_in_usd_gpu_h"] is None:
                continue
            by_hand = deal.all_in()
            assert by_hand is not None, made.name
            assert abs(quote["all_in_usd_gpu_h"] - by_hand) < 0.005, (made.name, quote["charges"])
            checked += 1
    assert checked > 40


def test_every_field_names_words_of_the_document() -> None:
    for made, read in readings():
        for quote in read["quotes"]:
            for name in corpus.Deal.expected(made.deals[0]):
                if quote[name] is not None:
                    assert quote["read_from"].get(name), f"{made.name}: {name}"
