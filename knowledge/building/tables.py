"""The other fact tables: raw rows in the product's columns, only those with a source."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.building.raw import Row, form_of, without_own_files
from knowledge.facts import bundled
from knowledge.facts.accelerators import resolve, settled_memory
from knowledge.facts.regions import geo_of


def sourced(raw: Iterable[Row], current: Iterable[Row]) -> list[Row]:
    """Rows that name their page; without raw ones the current rows stay."""
    rows = [
        {**row, "note": without_own_files(row.get("note", ""))}
        for row in raw
        if row["source_url"].startswith("http")
    ]
    return rows or list(current)


def currencies(raw: Iterable[Row], current: Iterable[Row]) -> list[Row]:
    """The newest rate of each currency."""
    newest: dict[str, Row] = {}
    for row in (*current, *raw):
        known = newest.get(row["currency"])
        if known is None or row["date"] >= known["date"]:
            newest[row["currency"]] = {
                **row,
                "largest_month_move_pct": row["largest_month_move_pct"]
                or (known["largest_month_move_pct"] if known else ""),
            }
    return [newest[name] for name in sorted(newest)]


def machines(raw: Iterable[Row], current: Iterable[Row]) -> list[Row]:
    """Instance types of both; what a raw row says of a known type fills its empty cells only."""
    table = {(row["provider"], row["instance_type"].lower()): dict(row) for row in current}
    for row in raw:
        card = resolve(row["accelerator"])
        if card is None or not row["count"] or " " in row["name"]:
            continue  # a card without a row of its own, a size nobody states, words and no type
        memory = bundled.number(row["memory_gb"]) or card.memory_gb
        settled = settled_memory(card.canonical, memory) if memory else None
        stated = {
            "provider": row["provider"],
            "instance_type": row["name"],
            "accelerator": card.canonical,
            "memory_gb": f"{settled:g}" if settled else "",
            "count": row["count"],
            "form_factor": form_of(row["form_factor"]),
            "vcpus": row["vcpus"],
            "ram_gb": row["ram_gb"],
            "intra_node_link": row["intra_node_link"],
            "fabric": row["fabric"],
            "network_gbps": row["network_gbps"],
            "network_note": without_own_files(row["network_note"]),
            "source_url": row["source_url"],
            "checked_on": row["source_date"],
        }
        known = table.setdefault((row["provider"], row["name"].lower()), {})
        for name, cell in stated.items():
            known[name] = known.get(name) or cell
    return [table[key] for key in sorted(table)]


def regions(footprint: Iterable[Row], current: Iterable[Row]) -> list[Row]:
    """Places of both; a code that is known keeps its place."""
    table = {(row["provider"], row["region"].lower()): dict(row) for row in current}
    for row in footprint:
        key = row["provider"], row["region"].lower()
        geo = geo_of(row["country"])
        if row["region"] and row["region"] != "global" and geo and key not in table:
            table[key] = {
                "provider": row["provider"],
                "region": row["region"],
                "city": row["city"],
                "country": row["country"],
                "geo": geo,
                "source_url": row["source_url"],
                "checked_on": row["source_date"],
            }
    return list(table.values())
