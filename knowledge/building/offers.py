"""Current offers and history from what is bundled and what is new: the newest reading wins."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from knowledge.building.raw import Row, form_of
from knowledge.facts import bundled
from knowledge.facts.accelerators import resolve, settled_memory, variants
from knowledge.facts.providers import provider, tier_of
from knowledge.facts.providers import resolve as resolve_provider
from knowledge.facts.regions import place

KEPT_DAYS = 200
"""Older than this, a price is history."""
OUTLIER = 5.0
"""This many times above or below the median of its card in its billing, a price is not believed."""
OVERTAKEN = timedelta(days=14)
"""A like price of the same seller that is older by more than this has been overtaken."""
EVERYWHERE = "global"
"""The region of a price that holds wherever the provider sells."""

_AGGREGATE = re.compile(r"median|average|cheapest", re.IGNORECASE)
_TERMS = {"1m": "1", "3m": "3", "6m": "6", "1y": "12", "2y": "24", "3y": "36"}


class Built(NamedTuple):
    offers: list[Row]
    history: list[Row]
    dropped: list[str]
    """Why each row that is in neither was left out."""


def build(
    current: Iterable[Row], raw: Iterable[Row], past: Iterable[Row], raw_past: Iterable[Row],
    today: date,
) -> Built:  # fmt: skip
    """Offers and history of the next bundle. Same rows in, same rows out, in any order."""
    dropped: list[str] = []
    newest: dict[tuple[str, ...], Row] = {}
    old: list[Row] = []
    for row in (*current, *raw):
        known = _settled(row, dropped)
        if known is None:
            continue
        key = tuple(known[name] for name in _SAME)
        before = newest.get(key)
        if before is not None:
            known, before = sorted((before, known), key=_newer)[::-1]
            old.append(before)
        newest[key] = known
    rows: list[Row] = []
    since = (today - timedelta(days=KEPT_DAYS)).isoformat()
    for row in newest.values():
        aggregate = _AGGREGATE.search(row["instance_type"]) and tier_of(row["provider"]) == (
            "marketplace"
        )
        (old if row["as_of"] < since or aggregate else rows).append(row)
    rows, overtaken = _without_overtaken(rows)
    rows, outliers = _without_outliers(rows)
    dropped += outliers
    points = [_point(row) for row in (*old, *overtaken, *rows) if _in_history(row)]
    return Built(
        sorted(rows, key=lambda row: tuple(row[name] for name in (*_SAME, "as_of"))),
        _history((*past, *_renamed(raw_past), *points)),
        dropped,
    )


_SAME = (
    "provider", "instance_type", "accelerator", "memory_gb", "count", "form_factor", "region",
    "country", "billing", "term_months",
)  # fmt: skip


def _newer(row: Row) -> tuple[str, bool, str]:
    """Orders two readings of one offer: the later, then the one that says more, then the page."""
    return row["as_of"], bool(row["vcpus"]), row["source_url"]


def _settled(row: Row, dropped: list[str]) -> Row | None:
    """A row in the bundle's own names, with a place; None and a reason when it cannot be."""
    what = f"{row['provider']} {row['instance_type']}"
    seller = resolve_provider(row["provider"])
    if seller is None:
        dropped.append(f"{what}: no such provider in providers.csv")
        return None
    row = {**row, "provider": seller}
    card = resolve(row["accelerator"]) if row["accelerator"] else None
    if row["accelerator"] and (card is None or not row["count"]):
        dropped.append(f"{what}: no such card ({row['accelerator']})")
        return None
    if card is not None:
        memory = bundled.number(row["memory_gb"]) or card.memory_gb
        settled = settled_memory(card.canonical, memory) if memory else None
        sizes = {variant.memory_gb for variant in variants(card.canonical) if variant.memory_gb}
        if settled and sizes and settled not in sizes:
            dropped.append(f"{what}: no {card.canonical} has {settled:g} GB")
            return None
        row["accelerator"] = card.canonical
        row["memory_gb"] = f"{settled:g}" if settled else ""
        row["form_factor"] = form_of(row["form_factor"]) or card.form_factor or ""
    if row["billing"].startswith("reserved-"):
        row["term_months"] = _TERMS.get(row["billing"].removeprefix("reserved-"), "")
        row["billing"] = "reserved"
    row["term_months"] = row.get("term_months", "")
    row["host_included"] = row.get("host_included") or "yes"
    row["starting_at"] = row.get("starting_at") or "no"
    row["note"] = row.get("note", "")
    row["price_usd_per_hour"] = f"{float(row['price_usd_per_hour']):.6f}".rstrip("0").rstrip(".")
    row["region"], row["country"] = placed(seller, row["region"], row["country"])
    return row


def placed(seller: str, region: str, country: str) -> tuple[str, str]:
    """Region and country of a price: stated, known, or "global" where it holds at every site."""
    if country:
        return "" if region == EVERYWHERE else region, country
    known = place(seller, region) if region and region != EVERYWHERE else None
    if known is not None:
        return region, known.country or ""
    if region and region != EVERYWHERE:
        return region, ""
    sites = countries(seller)
    return ("", sites[0]) if len(sites) == 1 else (EVERYWHERE, "")


@cache
def countries(seller: str) -> tuple[str, ...]:
    """The countries that a provider itself lists: only a whole list says that there is one."""
    known = provider(seller)
    return known.countries if known else ()


def _without_overtaken(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """Trackers name a GPU cloud's machine in their own words, so one machine stands there under
    several names: of like offers the fresh ones stay. Hyperscalers' type names are their own."""
    like: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        like[tuple(row[name] for name in _LIKE)].append(row)
    kept: list[Row] = []
    gone: list[Row] = []
    for group in like.values():
        for row in group:
            later = any(_overtakes(other, row) for other in group)
            (gone if later and tier_of(row["provider"]) != "hyperscaler" else kept).append(row)
    return kept, gone


_LIKE = (
    "provider", "accelerator", "memory_gb", "count", "billing", "term_months", "host_included",
    "starting_at",
)  # fmt: skip


def _overtakes(other: Row, row: Row) -> bool:
    later = date.fromisoformat(other["as_of"]) - date.fromisoformat(row["as_of"]) > OVERTAKEN
    form = row["form_factor"] in ("", other["form_factor"])
    here = (row["region"], row["country"]) == (other["region"], other["country"])
    return later and form and (here or EVERYWHERE in (row["region"], other["region"]))


def _without_outliers(rows: list[Row]) -> tuple[list[Row], list[str]]:
    """Rows near their card's median; the rest with the reason. Again until nothing changes, as
    what is dropped moves the median."""
    why: list[str] = []
    while True:
        middle = medians(rows)
        far = [row for row in rows if outlier(row, middle)]
        if not far:
            return rows, why
        why += [
            f"{row['provider']} {row['instance_type']}: USD {_each(row):.3f} a GPU-hour {row['billing']}, "
            f"the median of {row['accelerator']} is {middle[_card(row)]:.3f}"
            for row in far
        ]
        gone = {id(row) for row in far}
        rows = [row for row in rows if id(row) not in gone]


def medians(rows: Iterable[Row]) -> dict[tuple[str, str], float]:
    """(accelerator, billing) -> median USD per GPU-hour."""
    prices: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        if row["accelerator"]:
            prices[_card(row)].append(_each(row))
    return {card: statistics.median(known) for card, known in prices.items()}


def _card(row: Row) -> tuple[str, str]:
    return row["accelerator"], row["billing"]


def _each(row: Row) -> float:
    return float(row["price_usd_per_hour"]) / int(row["count"])


def outlier(row: Row, middle: Mapping[tuple[str, str], float]) -> bool:
    """Whether a price is further than OUTLIER from the median of its card in its billing."""
    usual = middle.get(_card(row))
    return usual is not None and not usual / OUTLIER <= _each(row) <= usual * OUTLIER


def _in_history(row: Row) -> bool:
    return bool(row["accelerator"]) and row["host_included"] == "yes"


def _point(row: Row) -> Row:
    return {**row, "date": row["as_of"], "price_usd_per_gpu_hour": f"{_each(row):.6g}"}


def _renamed(rows: Iterable[Row]) -> Iterable[Row]:
    """Raw history rows in the bundle's own names."""
    for row in rows:
        seller, card = resolve_provider(row["provider"]), resolve(row["accelerator"])
        if seller is None or card is None:
            continue
        memory = bundled.number(row["memory_gb"]) or card.memory_gb
        settled = settled_memory(card.canonical, memory) if memory else None
        billing, _, term = row["billing"].partition("-") if "reserved" in row["billing"] else (
            row["billing"], "", ""
        )  # fmt: skip
        price = row.get("price_usd_per_gpu_hour") or row["price_usd_per_accelerator_hour"]
        yield {
            **row,
            "provider": seller,
            "accelerator": card.canonical,
            "memory_gb": f"{settled:g}" if settled else "",
            "billing": billing,
            "term_months": row.get("term_months") or _TERMS.get(term, ""),
            "price_usd_per_gpu_hour": f"{float(price):.6g}",
        }


_DAY = ("provider", "accelerator", "memory_gb", "billing", "term_months", "date")


def _history(rows: Iterable[Row]) -> list[Row]:
    """The lowest of each (provider, card, memory, billing, term, day), without outliers."""
    lowest: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in _DAY)
        known = lowest.get(key)
        price = float(row["price_usd_per_gpu_hour"])
        if known is None or price < float(known["price_usd_per_gpu_hour"]):
            lowest[key] = row
    return [lowest[key] for key in sorted(lowest)]


def changes(before: Iterable[Row], after: Iterable[Row]) -> list[str]:
    """What the next bundle changes, provider by provider, in lines to read."""
    had = {tuple(row[name] for name in _SAME): float(row["price_usd_per_hour"]) for row in before}
    has = {tuple(row[name] for name in _SAME): float(row["price_usd_per_hour"]) for row in after}
    new = Counter(key[0] for key in has.keys() - had.keys())
    gone = Counter(key[0] for key in had.keys() - has.keys())
    moved = Counter(key[0] for key in had.keys() & has.keys() if had[key] != has[key])
    return [
        f"{name}: {new[name]} new, {gone[name]} gone, {moved[name]} at another price"
        for name in sorted({*new, *gone, *moved})
    ]
