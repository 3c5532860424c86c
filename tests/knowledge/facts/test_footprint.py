"""Where providers have GPUs."""

from __future__ import annotations

from knowledge.facts import bundled, footprint
from knowledge.facts.accelerators import canonical_names
from knowledge.facts.providers import provider


def test_every_site_names_a_known_provider_and_known_cards() -> None:
    """A misspelt card would silently place nothing."""
    known = set(canonical_names())
    for row in bundled.rows("footprint"):
        assert provider(row["provider"]), row
        assert set(bundled.names(row["accelerators"])) <= known, row


def test_a_provider_stands_in_the_countries_of_its_sites() -> None:
    """Nebius in Finland and France, CoreWeave in Spain; Voltage Park in the US alone."""
    assert {"FI", "FR"} <= set(footprint.countries("nebius"))
    assert "ES" in footprint.countries("coreweave")
    assert footprint.lists("nebius", "H100") == ("FI",)


def test_the_region_list_stands_in_where_no_site_was_read() -> None:
    """A provider without any list of either kind has no known place."""
    assert footprint.sites("voltagepark") == ()
    assert footprint.countries("voltagepark") == provider_countries("voltagepark")
    assert footprint.countries("nobody") == ()


def provider_countries(name: str) -> tuple[str, ...]:
    row = provider(name)
    assert row
    return row.countries
