"""`doctor`: one line for each thing it looked at, what to do for each fault, no secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import NOW

from bot.app.doctor import checks
from bot.state import State


def found(folder: Path) -> dict[str, tuple[bool | None, str, str]]:
    return {check.name: (check.ok, check.what, check.mend) for check in checks(folder, NOW)}


def test_a_state_database_that_is_away_is_a_fault_with_its_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERMASTER_STATE_URL", "postgresql://me:hunter2@127.0.0.1:1/none")
    ok, what, mend = found(tmp_path)["state"]
    assert ok is False
    assert "does not answer" in what
    assert "hunter2" not in what
    assert "QUARTERMASTER_STATE_URL" in mend


def test_a_state_database_that_answers_is_said_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERMASTER_DATA_DIR", str(tmp_path))
    assert found(tmp_path)["state"][0] is None
    assert not (tmp_path / "state.db").exists()
    State.open(f"sqlite:///{tmp_path}/state.db").close()
    assert found(tmp_path)["state"][:2] == (True, "state.db answers")
    assert found(tmp_path)["sealing"][0] is None


def test_a_mistyped_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERMASTER_PROT", "1")
    told = [check for check in checks(tmp_path, NOW) if "QUARTERMASTER_PROT" in check.what]
    assert told[0].mend == "Did you mean QUARTERMASTER_PORT?"
