"""The list of sources: each has its file, its payload and its test, and says what its licence asks for."""

from __future__ import annotations

from collections import defaultdict

import pytest
from conftest import ROOT
from feed_payloads import PAYLOADS, Routes, parsed

from knowledge.facts import bundled, providers
from knowledge.feeds.source import RawOffer
from knowledge.refresh import rates
from knowledge.sources import RATES, SOURCES

NAMES = list(SOURCES)
FOLDER = ROOT / "knowledge" / "sources"
TESTS = ROOT / "tests" / "knowledge" / "sources"
MISSION = "coreweave lambda voltagepark together aws gcp azure".split()
RESTRICTED = {"vastai", "runpod", "shadeform"}


def test_every_file_is_listed_and_every_listed_source_has_its_file() -> None:
    """SOURCES is the one list."""
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert set(NAMES) == files
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_source_is_whole(name: str) -> None:
    """Its name is its file's, it says where a person can look, and whom it covers."""
    source = SOURCES[name]
    assert source.name == name
    assert source.title
    assert source.page.startswith("https://")
    assert source.base_url.startswith("https://")
    assert not source.base_url.endswith("/")
    assert source.good_for.total_seconds() >= 3600
    assert source.providers
    assert all(providers.provider(one) for one in source.providers), source.providers
    assert source.attribution or not source.licence, "a licence without its attribution"
    assert (PAYLOADS / name / "routes.toml").is_file()
    assert (TESTS / f"test_{name}.py").is_file()


def test_what_a_licence_asks_for_is_shown() -> None:
    """CC BY wants the name beside the prices."""
    assert SOURCES["gpurentalprices"].licence == "CC BY 4.0"
    assert "gpurentalprices.com" in (SOURCES["gpurentalprices"].attribution or "")


def test_restricted_sellers_own_feeds_are_off_until_named() -> None:
    """Their terms forbid automated comparison; the source says so."""
    for name in RESTRICTED & set(NAMES):
        assert SOURCES[name].opt_in, name


def test_the_rates_are_a_feed_too() -> None:
    """It sells nothing and is not in the list."""
    assert rates.SOURCE.name == RATES
    assert RATES not in SOURCES
    assert (PAYLOADS / RATES / "routes.toml").is_file()


def test_the_missions_providers_are_reached_by_two_routes() -> None:
    """Each of the seven has two sources that need no opt-in; the bundled dated list counts as one."""
    routes: defaultdict[str, set[str]] = defaultdict(set)
    for name in NAMES:
        if SOURCES[name].opt_in is None:
            for row in parsed(name):
                if isinstance(row, RawOffer) and row.accelerator_name and row.via is None:
                    routes[providers.resolve(row.provider) or ""].add(name)
    for row in bundled.rows("offers"):
        routes[row["provider"]].add("bundled")
    for provider in MISSION:
        assert len(routes[provider]) >= 2, (provider, routes[provider])


@pytest.mark.parametrize("name", NAMES)
def test_every_payload_is_asked_for(name: str) -> None:
    """No body lies in the folder that nothing serves."""
    routes = Routes.of(name)
    served = {route.file for route in routes.routes} | {
        file for route in routes.routes for file in route.zip.values()
    }
    files = {path.name for path in routes.folder.iterdir()} - {"routes.toml", "README.md"}
    assert files <= served
