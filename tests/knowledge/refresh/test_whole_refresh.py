"""`quartermaster refresh` from end to end: every default source's own server, then the answers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from feeds.everyone import Feeds, everyone

from bot.cli.main import cli
from bot.core.paths import prices_path
from knowledge.sources import SOURCES

ON_BY_DEFAULT = [
    name for name, source in SOURCES.items() if not source.key_setting and not source.opt_in
]
NAMED = {"coreweave", "lambda", "voltagepark", "together", "aws", "gcp", "azure"}
"""The providers of the mission."""


@pytest.fixture(scope="module")
def feeds() -> Iterator[Feeds]:
    with everyone() as running:
        yield running


@pytest.fixture(scope="module")
def filled(feeds: Feeds, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """One refresh of everything that is on without a key, as a person would run it."""
    folder = tmp_path_factory.mktemp("filled")
    environ = {**feeds.environ, "QUARTERMASTER_DATA_DIR": str(folder)}
    return folder, CliRunner().invoke(cli, ["refresh"], env=environ, catch_exceptions=False)


@pytest.fixture
def here(filled: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUARTERMASTER_DATA_DIR", str(filled[0]))
    return filled[0]


def _ask(words: str) -> dict[str, Any]:
    done = CliRunner().invoke(cli, ["ask", "--json", *words.split()], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def _rows(sql: str, *values: object) -> list[tuple[Any, ...]]:
    db = sqlite3.connect(prices_path())
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


def test_one_refresh_fills_the_store(filled: tuple[Path, Result]) -> None:
    """Exit status 0, a row a source, at least 25 providers with live prices."""
    _, done = filled
    assert done.exit_code == 0, done.output
    for name in ON_BY_DEFAULT:
        assert any(
            line.startswith(f"{name} ") and line.rstrip().endswith("ok")
            for line in done.stdout.splitlines()
        ), done.stdout
    assert f"offers from {len(ON_BY_DEFAULT)} of {len(ON_BY_DEFAULT)} sources" in done.stdout
    assert "Off: gcp_billing, lambda" in done.stdout


@pytest.mark.usefixtures("here")
def test_twenty_five_providers_have_live_prices() -> None:
    providers = {row[0] for row in _rows("SELECT provider FROM offers WHERE source <> 'bundled'")}
    assert len(providers) >= 25
    assert providers >= NAMED
    assert not providers & {"vastai", "runpod", "shadeform"}


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_provider_of_the_mission_has_two_routes(name: str) -> None:
    """Two independent ways to its prices, the bundled dated list among them."""
    routes = {row[0] for row in _rows("SELECT source FROM offers WHERE provider = ?", name)}
    assert len(routes) >= 2
    assert routes - {"bundled"}


@pytest.mark.usefixtures("here")
def test_sources_explains_every_one() -> None:
    """Titles, offers, ages; what was left out and why; who disagrees; who is off and why."""
    answer = _ask("sources")["answer"]
    shown = {row["cells"][0] for row in answer["table"]["rows"]}
    assert {*ON_BY_DEFAULT, "bundled", "ecb"} <= shown
    facts = {fact["label"]: fact["value"] for fact in answer["facts"]}
    assert "GPU rental price data by gpurentalprices.com" in facts["gpurentalprices.com"]
    assert "QUARTERMASTER_SOURCE_KEY_LAMBDA" in facts["Off until they have a key"]
    assert "QUARTERMASTER_SOURCES_OPT_IN" in facts["Vast.ai, off until allowed"]
    assert any("differ by more than 5%" in value for value in facts.values())
    assert any("a name the table does not know" in value for value in facts.values())


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "words", ["cheapest A100", "compare h100 aws vs coreweave", "price h200", "cheapest L4 spot"]
)
def test_questions_are_answered_from_live_prices(words: str) -> None:
    """The leading offer is live; each row says who, where it was read, and when."""
    said = _ask(words)
    first = said["offers"][0]
    assert first["source"] in ON_BY_DEFAULT
    assert first["as_of"] >= "2026-11"
    assert said["answer"]["tone"] == "plain"
    for offer in said["offers"]:
        assert offer["source_url"].startswith("https://")
    assert said["answer"]["evidence"]


@pytest.mark.usefixtures("here")
def test_history_ends_with_the_live_price() -> None:
    """Years of bundled facts, and the newest point from this refresh."""
    answer = _ask("history h100 90d")["answer"]
    assert "2026" in answer["headline"]
    assert len(answer["evidence"]) > 2
    newest = _rows("SELECT max(day) FROM daily WHERE accelerator = 'H100'")[0][0]
    assert newest > "2026-11-01"


@pytest.mark.usefixtures("here")
def test_euros_were_converted_and_say_so() -> None:
    """Scaleway and OVHcloud."""
    for name in ("scaleway", "ovhcloud"):
        told = _rows("SELECT DISTINCT fx FROM offers WHERE source = ?", name)
        assert told
        assert all(fx.startswith("EUR 1 = USD ") and "ECB 20" in fx for (fx,) in told)


def test_keys_and_the_operators_word_switch_sources_on(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything on: every source of the list brings offers."""
    for name, value in {**feeds.environ, **feeds.keys}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QUARTERMASTER_SOURCES_OPT_IN", "vastai, RunPod, shadeform")
    done = CliRunner().invoke(cli, ["refresh", "--json"], catch_exceptions=False)
    report = json.loads(done.stdout)
    assert {one["source"] for one in report["sources"]} == set(SOURCES)
    assert {one["source"]: one["fault"] for one in report["sources"]} == dict.fromkeys(SOURCES)
    assert all(one["offers"] for one in report["sources"])
    for value in feeds.keys.values():
        assert value not in done.output


def test_a_source_that_is_off_says_what_it_needs() -> None:
    """Named, and still off: nothing was asked, and the exit status tells."""
    done = CliRunner().invoke(cli, ["refresh", "vastai"], catch_exceptions=False)
    assert done.exit_code == 1
    assert "QUARTERMASTER_SOURCES_OPT_IN" in done.output


def test_a_wrong_name_is_wrong_use() -> None:
    done = CliRunner().invoke(cli, ["refresh", "azur"], catch_exceptions=False)
    assert done.exit_code == 2
    assert "Did you mean azure?" in done.output


def test_the_kills_leave_the_store_whole() -> None:
    """A few of the sixty that `make kills` does; each is a real process and a real SIGKILL."""
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "tests/feeds/killing.py", "--kills", "5", "--seed", "11"],
        cwd=ROOT, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every store whole" in done.stdout


async def test_the_service_refreshes_in_a_process_of_its_own(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is due; the report comes back, a total failure raises."""
    from bot.service.refreshing import RefreshFailed, refresh_apart

    for name, value in feeds.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QUARTERMASTER_SOURCES", "nebius,together")
    report = await refresh_apart()
    assert {one["source"] for one in report["sources"]} == {"nebius", "together"}
    assert (await refresh_apart())["sources"] == []  # nobody's turn
    monkeypatch.setenv("QUARTERMASTER_SOURCES", "verda")
    monkeypatch.setenv("QUARTERMASTER_SOURCE_URL_VERDA", feeds.servers["nebius"].url)
    with pytest.raises(RefreshFailed, match="every source failed"):
        await refresh_apart()
