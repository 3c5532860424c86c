"""Keys at the terminal, and what `doctor` says of programs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import NOW

from bot.api import keys
from bot.api.doctor import checks
from bot.cli.main import cli
from bot.core.settings import read_settings
from bot.state import Place, State


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["key", *words], catch_exceptions=False)
    return done.exit_code, done.output


def test_a_key_is_made_shown_once_listed_and_ended() -> None:
    status, told = run("create", "acme", "--label", "nightly", "--may", "contracts")
    assert status == 0
    found = keys.TOKEN.search(told)
    assert found is not None
    listed = run("list")[1]
    assert re.search(
        rf"{found[1]}  acme  ask, contracts  made \d{{4}}-\d\d-\d\d  never used  nightly", listed
    )
    assert found[2] not in listed
    assert run("revoke", found[0])[0] == 0
    assert run("list")[1] == ""
    status, told = run("revoke", found[1])
    assert status == 1
    assert "No key has that id" in told


@pytest.mark.parametrize(
    "words",
    [
        ("acme", "--may", "orders"),
        ("acme", "--place", "slack:T1:C1"),
        ("acme", "--may", "orders", "--place", "slack:T1:C1"),
        ("",),
        ("acme", "--label", "x" * 81),
        ("acme\x1b[31m",),
    ],
)
def test_a_key_that_could_do_what_nobody_meant_is_not_made(words: tuple[str, ...]) -> None:
    status, told = run("create", *words)
    assert status == 1, told
    assert keys.TOKEN.search(told) is None
    assert len(told.strip().splitlines()) == 1


def test_a_key_keeps_orders_of_its_own_workspace_only(tmp_path: Path) -> None:
    state = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    state.places.save(Place("slack:T1:C1", "slack", "slack:T1", "T1", "C1"))
    with pytest.raises(keys.KeyFault):
        keys.create(state, "slack:T2", abilities=["orders"], place="slack:T1:C1", now=NOW)
    key, text = keys.create(state, "slack:T1", abilities=["orders"], place="slack:T1:C1", now=NOW)
    assert keys.match({key.id: key}, text) == key
    assert keys.match({}, text) is None
    state.close()


def test_doctor_says_what_is_on_and_whether_there_is_a_key(tmp_path: Path) -> None:
    off = list(checks(read_settings({"QUARTERMASTER_DATA_DIR": str(tmp_path)})))
    assert [(one.name, one.ok) for one in off] == [("http", None), ("mcp", None)]
    given = {
        "QUARTERMASTER_DATA_DIR": str(tmp_path),
        "QUARTERMASTER_API": "1",
        "QUARTERMASTER_MCP": "1",
    }
    assert "no key yet" in [one.what for one in checks(read_settings(given))][2]
    state = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    state.places.save(Place("slack:T1:C1", "slack", "slack:T1", "T1", "C1"))
    keys.create(state, "slack:T1", abilities=["orders"], place="slack:T1:C1", now=NOW)
    assert "1 keys, 1 of them never used" in [one.what for one in checks(read_settings(given))]
    state.places.forget("slack:T1:C1")
    state.close()
    bad = {
        "QUARTERMASTER_PUBLIC_URL": "http://gpu.example.com",
        "QUARTERMASTER_API_ORIGINS": "gpu.example.com",
    }
    faults = [one for one in checks(read_settings(given | bad)) if one.ok is False]
    assert len(faults) == 3
    assert all(one.mend for one in faults)


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({"QUARTERMASTER_API": "1"}, {"Claude Code and VS Code", "Slackbot", "Copilot"}),
        ({"QUARTERMASTER_MCP": "1"}, {"curl and Python", "Slackbot", "Copilot"}),
        (
            {
                "QUARTERMASTER_API": "1", "QUARTERMASTER_MCP": "1", "SLACK_SIGNING_SECRET": "s" * 32,
                "QUARTERMASTER_PUBLIC_URL": "https://gpu.example.com",
                "MICROSOFT_APP_ID": "6a7f2c1e-0b3d-4f5a-9c8e-1d2b3a4c5e6f",
            },
            set(),
        ),
    ],
)  # fmt: skip
def test_doctor_says_of_each_client_what_it_lacks(
    given: dict[str, str], lacking: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every client that the README names has its line; what is missing is named."""
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/quartermaster")
    settings = read_settings({"QUARTERMASTER_DATA_DIR": str(tmp_path), **given})
    clients = (
        "curl and Python",
        "Claude Desktop",
        "Claude Code and VS Code",
        "Slackbot",
        "Copilot",
    )
    said = {one.what.partition(":")[0]: one for one in checks(settings) if one.name == "client"}
    assert set(said) == set(clients)
    assert {name for name, one in said.items() if one.ok is None} == lacking
    assert all("lacks" in said[name].what for name in lacking)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert any("Claude Desktop: lacks" in one.what for one in checks(settings))
