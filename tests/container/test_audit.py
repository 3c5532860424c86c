"""`make audit` fails on what is known, and on what nobody could be asked about."""

from __future__ import annotations

import json
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

sys.path.append(str(ROOT / "tests" / "tools"))
import audit
from audit import CLEAN, KNOWN, NOT_AUDITED, CopyFault, audited, verdict

GOOD = {"name": "a", "version": "1", "vulns": []}
BAD = {
    "name": "b",
    "version": "2",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"], "aliases": []}],
}
SKIPPED = {"name": "c", "skip_reason": "not found"}
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def test_verdicts() -> None:
    assert verdict({"dependencies": [GOOD]})[0] == CLEAN
    status, lines = verdict({"dependencies": [GOOD, BAD]})
    assert status == KNOWN
    assert lines == ["b 2: PYSEC-1, mended in 3"]
    status, lines = verdict({"dependencies": [GOOD, SKIPPED]})
    assert status == NOT_AUDITED
    assert "NOT AUDITED: nothing could be learned about 1 of 2 packages" in lines[0]


def record(ecosystem: str = "PyPI", name: str = "Aio_HTTP", **affected: Any) -> dict[str, Any]:
    package = {"ecosystem": ecosystem, "name": name}
    return {
        "id": "PYSEC-9",
        "modified": "2026-11-20T10:00:00Z",
        "affected": [{"package": package, **affected}],
    }


def between(*events: tuple[str, str]) -> dict[str, Any]:
    return {"ranges": [{"type": "ECOSYSTEM", "events": [{kind: at} for kind, at in events]}]}


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_locked", lambda: {"aio-http": "3.9.1"})


@pytest.mark.usefixtures("locked")
@pytest.mark.parametrize(
    ("said", "status"),
    [
        (record(**between(("introduced", "0"), ("fixed", "3.9.2"))), KNOWN),
        (record(**between(("introduced", "0"), ("fixed", "3.9.1"))), CLEAN),
        (record(**between(("introduced", "3.10"))), CLEAN),
        (record(**between(("introduced", "3"), ("last_affected", "3.9.1"))), KNOWN),
        (record(**between(("introduced", "3"), ("last_affected", "3.9"))), CLEAN),
        (
            record(
                **between(
                    ("introduced", "0"), ("fixed", "2"), ("introduced", "3"), ("fixed", "3.10")
                )
            ),
            KNOWN,
        ),
        (record(versions=["3.9.0", "3.9.01"]), KNOWN),
        (record(versions=["3.9.0", "no version"]), CLEAN),
        (record(ecosystem="npm", versions=["3.9.1"]), CLEAN),
        (record(name="another", versions=["3.9.1"]), CLEAN),
        (record(versions=["3.9.1"]) | {"withdrawn": "2026-11-21T00:00:00Z"}, CLEAN),
    ],
)
def test_a_copy_of_the_database(said: dict[str, Any], status: int, tmp_path: Path) -> None:
    """As a checkout or as an archive; OSV's rules for what a record concerns."""
    other = record(name="another") | {"id": "PYSEC-8"}
    folder, archive = tmp_path / "copy", tmp_path / "all.zip"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(said))
    (folder / "two.yaml").write_text(json.dumps(other))  # YAML, too
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("one.json", json.dumps(said))
        zipped.writestr("two.json", json.dumps(other))
    for copy in (folder, archive):
        got, lines = audited(copy, NOW)
        assert got == status
        assert "the newest of 2026-11-20" in lines[0]
        assert ("PYSEC-9" in " ".join(lines)) == (status == KNOWN)


@pytest.mark.usefixtures("locked")
def test_what_lies_beside_the_advisories_is_no_record(tmp_path: Path) -> None:
    """PyPA's repository: a checkout, GitHub's zip of it, and that zip unpacked."""
    files = {
        "README.md": "# Advisories",
        ".github/workflows/validate.yaml": "on: push",
        "vulns/aio-http/PYSEC-9.yaml": json.dumps(record(versions=["3.9.1"])),
    }
    archive, unpacked = tmp_path / "main.zip", tmp_path / "unpacked"
    with zipfile.ZipFile(archive, "w") as zipped:
        for name, text in files.items():
            zipped.writestr(f"advisory-database-main/{name}", text)
        zipped.extractall(unpacked)
    for copy in (archive, unpacked, unpacked / "advisory-database-main"):
        status, lines = audited(copy, NOW)
        assert status == KNOWN
        assert lines[0].startswith("1 advisories")


@pytest.mark.usefixtures("locked")
def test_an_old_copy_is_no_audit(tmp_path: Path) -> None:
    old = record(name="another") | {"modified": "2024-10-10T00:00:00Z"}
    (tmp_path / "one.json").write_text(json.dumps(old))
    status, lines = audited(tmp_path, NOW)
    assert status == NOT_AUDITED
    assert "NOT AUDITED: this copy cannot know newer advisories" in lines[-1]


@pytest.mark.parametrize("holds", [None, "{", "[]"])
def test_what_is_no_copy_is_said(holds: str | None, tmp_path: Path) -> None:
    if holds is not None:
        (tmp_path / "one.json").write_text(holds)
    with pytest.raises(CopyFault, match="no advisory" if holds is None else "cannot be read"):
        audited(tmp_path, NOW)


def test_everything_that_is_locked_is_asked_about() -> None:
    found = audit._locked()
    assert {"aiohttp", "pytest", "hatchling"} <= found.keys()
    assert len(found) > 150
