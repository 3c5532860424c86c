"""The inner loop knows which tests a changed file touches: `make quick`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

sys.path.append(str(ROOT / "tests" / "tools"))

from quick import test_files, touched

test_files.__test__ = False  # type: ignore[attr-defined]  a list of files, no test


@pytest.mark.parametrize(
    ("changed", "nearest"),
    [
        ("bot/slack/blocks.py", "tests/slack/test_blocks.py"),
        ("knowledge/sources/vultr.py", "tests/knowledge/sources/test_vultr.py"),
        ("tests/cli/test_cli.py", "tests/cli/test_cli.py"),
        ("docs/prices.md", "tests/test_docs.py"),
    ],
)
def test_the_nearest_test_comes_first(changed: str, nearest: str) -> None:
    assert touched(Path(changed))[0] == Path(nearest)


def test_no_file_of_the_product_is_without_a_test() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "bot", "knowledge"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert [name for name in listed.splitlines() if not touched(Path(name))] == []
