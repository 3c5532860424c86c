"""The bundled facts: every row well-formed, sourced, dated, placed, believable and fresh."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from knowledge.building import offers as building
from knowledge.building import raw, tables
from knowledge.facts import attribution, bundled
from knowledge.facts.accelerators import canonical_names
from knowledge.prices.csv_rows import (
    BUNDLED_FILES,
    AcceleratorRow,
    RowFault,
    check_bundled,
    checked,
)
from knowledge.prices.plausibility import ANY_CARD_USD, bounds
from knowledge.sources import SOURCES

MISSION = "coreweave lambda voltagepark together aws gcp azure".split()


def offers() -> list[dict[str, str]]:
    return list(bundled.rows("offers"))


def unplaced(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Rows that neither name a place nor are said to hold everywhere."""
    return [row for row in rows if not (row["country"] or row["region"])]


def unbelievable(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Rows further than five times from the median of their card in their billing."""
    middle = building.medians(rows)
    return [row for row in rows if building.outlier(row, middle)]


def too_old(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Rows more than 200 days older than the newest."""
    newest = max(date.fromisoformat(row["as_of"]) for row in rows)
    since = (newest - timedelta(days=200)).isoformat()
    return [row for row in rows if row["as_of"] < since]


def routes(provider: str, rows: list[dict[str, str]]) -> set[str]:
    """The ways in which a provider's prices come: publishers of bundled rows, and live sources."""
    published = {
        attribution.publisher(row["source_url"]) for row in rows if row["provider"] == provider
    }
    return published | {name for name, source in SOURCES.items() if provider in source.providers}


def test_every_bundled_row_is_well_formed() -> None:
    """A bad row would fail here, naming file and line."""
    check_bundled()


@pytest.mark.parametrize("name", list(BUNDLED_FILES))
def test_a_bad_row_is_named_by_file_and_line(name: str) -> None:
    """Each file's check says where the fault stands."""
    rows = [dict(row) for row in list(bundled.rows(name))[:3]]
    rows[1]["source_url"] = "not a page"
    with pytest.raises(RowFault, match=rf"^{name}\.csv:3: source_url"):
        checked(f"{name}.csv", rows, BUNDLED_FILES[name])


def test_a_column_nobody_knows_is_a_fault() -> None:
    """A misspelt header must not lose its figures silently."""
    row = {**next(iter(bundled.rows("accelerators"))), "memroy": "80"}
    with pytest.raises(RowFault, match="memroy"):
        checked("accelerators.csv", [row], AcceleratorRow)


@pytest.mark.parametrize("fault", [unplaced, unbelievable, too_old])
def test_no_bundled_offer_has_a_fault_that_misleads(fault) -> None:
    """Without a place, with a price that is none, or of another season: none of them is current."""
    assert fault(offers()) == []


@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        (unplaced, {"region": "", "country": ""}),
        (unbelievable, {"price_usd_per_hour": "0.02"}),
        (unbelievable, {"price_usd_per_hour": "900"}),
        (too_old, {"as_of": "2026-02-01"}),
    ],
)
def test_a_row_with_such_a_fault_is_found(fault, wrong: dict[str, str]) -> None:
    """The checks above can fail."""
    rows = offers()
    place = next(i for i, row in enumerate(rows) if row["accelerator"] == "H100")
    rows[place] = {**rows[place], **wrong}
    assert rows[place] in fault(rows)


@pytest.mark.parametrize("provider", MISSION)
def test_every_provider_of_the_mission_has_prices_by_two_routes(provider: str) -> None:
    """When one feed falls silent another still knows its prices."""
    rows = offers()
    assert any(row["provider"] == provider for row in rows)
    assert any(row["id"] == provider for row in bundled.rows("providers"))
    assert len(routes(provider, rows)) >= 2


def test_every_offer_names_a_known_provider_and_card() -> None:
    """No row points at a name that has no row of its own."""
    providers = {row["id"] for row in bundled.rows("providers")}
    cards = {row["canonical"] for row in bundled.rows("accelerators")} | {""}
    for name in ("offers", "history"):
        for row in bundled.rows(name):
            assert row["provider"] in providers
            assert row["accelerator"] in cards


@pytest.mark.parametrize("card", canonical_names())
def test_every_card_has_a_range_of_believable_prices(card: str) -> None:
    """Also a card whose price nobody wrote down: cards like it tell."""
    low, high = bounds(card)
    assert (low, high) != ANY_CARD_USD
    assert high / low == pytest.approx(1000)


def test_facts_name_no_file_of_their_collector() -> None:
    """A note leads a reader to a page or nowhere."""
    for name in BUNDLED_FILES:
        for row in bundled.rows(name):
            assert not any(".csv " in cell or "facts/" in cell for cell in row.values()), row


# -- building ----------------------------------------------------------------------------------

TODAY = date(2026, 11, 29)


def row(**given: str) -> dict[str, str]:
    return {
        "provider": "lambda", "instance_type": "1x H100", "accelerator": "H100 SXM",
        "memory_gb": "80", "count": "1", "form_factor": "SXM5", "vcpus": "", "ram_gb": "",
        "region": "", "country": "", "billing": "on-demand", "price_usd_per_hour": "4.29",
        "as_of": "2026-10-10", "source_url": "https://lambda.ai/pricing", **given,
    }  # fmt: skip


def built(*current: dict[str, str], new: tuple[dict[str, str], ...] = ()) -> building.Built:
    return building.build(current, new, (), (), TODAY)


def test_the_newest_reading_of_an_offer_wins_and_the_other_becomes_history() -> None:
    """In whichever order the files come."""
    old = row(as_of="2026-09-01", price_usd_per_hour="3.99")
    for made in (built(old, new=(row(),)), built(row(), new=(old,))):
        assert [one["price_usd_per_hour"] for one in made.offers] == ["4.29"]
        assert [one["date"] for one in made.history] == ["2026-09-01", "2026-10-10"]


def test_a_price_of_another_season_is_history_only() -> None:
    """More than 200 days before the day of the bundle."""
    made = built(row(as_of="2026-05-08"), row(instance_type="gpu_1x_h100"))
    assert [one["instance_type"] for one in made.offers] == ["gpu_1x_h100"]
    assert [one["date"] for one in made.history] == ["2026-05-08", "2026-10-10"]


def test_a_price_that_is_none_is_left_out_and_named() -> None:
    """Five times off the median of its card; the reason says the figures."""
    rows = [row(instance_type=f"type {n}") for n in range(5)]
    made = built(*rows, row(instance_type="bargain", price_usd_per_hour="0.4"))
    assert len(made.offers) == 5
    assert made.dropped == [
        "lambda bargain: USD 0.400 a GPU-hour on-demand, the median of H100 is 4.290"
    ]


@pytest.mark.parametrize(
    ("given", "placed"),
    [
        ({"provider": "jarvislabs"}, ("", "IN")),
        ({"provider": "lambda"}, ("global", "")),
        ({"provider": "aws", "region": "eu-north-1"}, ("eu-north-1", "SE")),
        ({"provider": "lium", "country": "JP"}, ("", "JP")),
        ({"provider": "ovhcloud"}, ("global", "")),
    ],
)
def test_every_built_row_has_a_place_or_is_said_to_be_everywhere(given, placed) -> None:
    """One country where the provider lists one, its region's country, else every site."""
    made = built(row(**given)).offers[0]
    assert (made["region"], made["country"]) == placed


def test_a_tracker_that_renames_a_machine_does_not_keep_its_older_price() -> None:
    """Like offers of one GPU cloud: what is weeks older has been overtaken, not so a hyperscaler's."""
    older = {"as_of": "2026-08-22", "price_usd_per_hour": "3.29"}
    made = built(row(instance_type="H100 80GB SXM", **older), row())
    assert [one["instance_type"] for one in made.offers] == ["1x H100"]
    kept = built(
        row(provider="azure", instance_type="ND96is", region="eastus", **older),
        row(provider="azure", instance_type="ND96isr", region="eastus"),
    )
    assert len(kept.offers) == 2


def test_marketplace_aggregates_are_history() -> None:
    """A median or "cheapest" of a market is nothing anybody can rent."""
    made = built(row(provider="vastai", instance_type="H100 80GB (marketplace-median)"))
    assert made.offers == []
    assert len(made.history) == 1


def test_building_again_from_the_same_files_changes_nothing(tmp_path: Path) -> None:
    """Raw files are told apart by their header; the second run finds what the first wrote."""
    with (tmp_path / "whatever.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row()))
        writer.writeheader()
        writer.writerows([row(), row(provider="nobody"), row(accelerator="H9000")])
    found = raw.found(tmp_path)["offers"]
    first = built(new=tuple(found))
    again = building.build(first.offers, found, first.history, (), TODAY)
    assert again == first
    assert len(first.offers) == 1
    assert first.dropped == [
        "nobody 1x H100: no such provider in providers.csv",
        "lambda 1x H100: no such card (H9000)",
    ]
    assert building.changes([], first.offers) == ["lambda: 1 new, 0 gone, 0 at another price"]


def test_what_has_no_page_and_notes_to_oneself_do_not_come_in() -> None:
    """Facts without a source are left out, and so is what points at the collector's files."""
    kept = tables.sourced(
        [
            {"source_url": "https://a.example/terms", "note": "see x.csv; undated copy"},
            {"source_url": "", "note": "known by heart"},
        ],
        [],
    )
    assert kept == [{"source_url": "https://a.example/terms", "note": "undated copy"}]
