"""Where two sources say different prices for one offer: found after a refresh, shown by `sources`."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from knowledge.prices.records import Disagreement
from knowledge.prices.store import Store

TOLERANCE = 0.05
"""Roundings and hourly spot moves stay below; beyond, one of the two is wrong or old."""


def find_disagreements(store: Store) -> list[Disagreement]:
    """Compares every offer that is shown with those that stepped back for it, and keeps the result."""
    shown: dict[tuple[Any, ...], tuple[str, float]] = {}
    hidden: list[tuple[tuple[Any, ...], str, float]] = []
    for row in store.told_by_several():
        key, (source, price, is_shown) = row[:-3], row[-3:]
        if is_shown:
            shown.setdefault(key, (source, price))
        else:
            hidden.append((key, source, price))
    pairs: dict[tuple[str, str, str, str], list[tuple[float, tuple[Any, ...], float, float]]] = {}
    for key, other, theirs in hidden:
        if key not in shown or shown[key][0] == other:
            continue
        source, ours = shown[key]
        provider, _, _, billing, _ = key
        apart = max(ours / theirs, theirs / ours) - 1
        pairs.setdefault((source, other, provider, billing), []).append((apart, key, ours, theirs))
    found = []
    for (source, other, provider, billing), compared in pairs.items():
        wide = [entry for entry in compared if entry[0] > TOLERANCE]
        if wide:
            _, key, ours, theirs = max(wide, key=itemgetter(0))
            found.append(
                Disagreement(
                    source,
                    other,
                    provider,
                    billing,
                    len(wide),
                    len(compared),
                    key[1],
                    key[2],
                    ours,
                    theirs,
                )
            )
    store.keep_disagreements(found)
    return found
