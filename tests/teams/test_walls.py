"""What the successor SDK would touch: one module of the product, and its tests."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

SDK = ("botbuilder", "botframework", "msrest", "microsoft_agents")
ALONE = ROOT / "bot" / "teams" / "app.py"
TEAMS = sorted((ROOT / "bot" / "teams").glob("*.py"))
PURE = ("card", "chart", "table", "markdown", "replies", "values", "incoming")


def imported(path: Path) -> set[str]:
    """Top-level packages a file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_the_sdk_lives_in_one_module() -> None:
    """botbuilder and its kin are imported by bot/teams/app.py and nowhere else in the product."""
    users = {
        path
        for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("knowledge/**/*.py")]
        if imported(path) & set(SDK)
    }
    assert users == {ALONE}


def test_tests_reach_it_by_the_platform() -> None:
    """No test and no tool imports the SDK, but the bench, which measures it as it comes."""
    users = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("tests/**/*.py")
        if "site" not in path.parts
        and "node_modules" not in path.parts
        and imported(path) & set(SDK)
    }
    assert users <= {"tests/bench/teams.py"}


@pytest.mark.parametrize("name", PURE)
def test_renderers_know_neither_sdk_nor_network(name: str) -> None:
    """Answer in, dict out: imported alone, they load no platform library."""
    code = f"import sys, bot.teams.{name}; print([m for m in ('aiohttp', 'requests', 'msal', *{SDK!r}) if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
