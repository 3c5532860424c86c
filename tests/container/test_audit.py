"""`make audit` fails on what is known, and on what nobody could be asked about."""

from __future__ import annotations

import sys

from conftest import ROOT

sys.path.append(str(ROOT / "tests" / "tools"))
from audit import CLEAN, KNOWN, NOT_AUDITED, verdict

GOOD = {"name": "a", "version": "1", "vulns": []}
BAD = {
    "name": "b",
    "version": "2",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"], "aliases": []}],
}
SKIPPED = {"name": "c", "skip_reason": "not found"}


def test_verdicts() -> None:
    assert verdict({"dependencies": [GOOD]})[0] == CLEAN
    status, lines = verdict({"dependencies": [GOOD, BAD]})
    assert status == KNOWN
    assert lines == ["b 2: PYSEC-1, mended in 3"]
    status, lines = verdict({"dependencies": [GOOD, SKIPPED]})
    assert status == NOT_AUDITED
    assert "NOT AUDITED: nothing could be learned about 1 of 2 packages" in lines[0]
