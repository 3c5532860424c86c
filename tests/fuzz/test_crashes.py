"""What once broke something, tried for ever after (`make fuzz` finds them)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from targets import CRASHES, TARGETS, loaded

FOUND = sorted(CRASHES.glob("*/*.json"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_once_broke_something_no_longer_does(path: Path) -> None:
    TARGETS[path.parent.name].run(loaded(path))
