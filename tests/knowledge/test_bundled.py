"""The bundled facts: every row well-formed, sourced and dated."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from knowledge import bundled
from knowledge.rows import BUNDLED_FILES, AcceleratorRow, RowFault, check_bundled, checked

MISSION = "coreweave lambda voltagepark together aws gcp azure".split()


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


def test_old_offers_are_history() -> None:
    """Nothing older than 200 days before the newest bundled price is a current offer."""
    days = [date.fromisoformat(row["as_of"]) for row in bundled.rows("offers")]
    assert max(days) - min(days) <= timedelta(days=200)


@pytest.mark.parametrize("provider", MISSION)
def test_every_provider_of_the_mission_has_prices(provider: str) -> None:
    """Offers and a provider row for each of the seven."""
    assert any(row["provider"] == provider for row in bundled.rows("offers"))
    assert any(row["id"] == provider for row in bundled.rows("providers"))


def test_every_offer_names_a_known_provider_and_card() -> None:
    """No row points at a name that has no row of its own."""
    providers = {row["id"] for row in bundled.rows("providers")}
    cards = {row["canonical"] for row in bundled.rows("accelerators")} | {""}
    for name in ("offers", "history"):
        for row in bundled.rows(name):
            assert row["provider"] in providers
            assert row["accelerator"] in cards
