"""The inner loop: lint of the files that changed, and the tests nearest to them: `make quick`.

Changed is what differs from the commit given (the last one, when none is), and what git does not know yet.
Nearest first: the test files that changed, those that a changed module is the subject of (`store.py`,
`test_store.py`), those that import it themselves, those of its room. After twelve seconds no further test is
begun, and how many were left out is said; `make test` runs everything.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TESTS = ROOT / "tests"
SECONDS = 12.0
MANY = 8
"""A module that more test files import is tried by those of its own room alone."""
WHOLE = "test_same_facts.py"
"""Thirty questions from words to blocks and cards: what nobody's own tests touch is tried by these."""


@cache
def begun() -> float:
    """When the first test of this process was."""
    return time.monotonic()


def pytest_runtest_setup() -> None:
    """In pytest, which loads this file as a plugin: no test is begun when the time is over."""
    if time.monotonic() - begun() > SECONDS:
        pytest.skip("the time of `make quick` was over; `make test` runs them")


def changed(since: str) -> list[Path]:
    """Files that differ from the commit and still exist, relative to the checkout."""
    commands = (
        ("git", "diff", "--name-only", since),
        ("git", "ls-files", "--others", "--exclude-standard"),
    )
    names = [
        name
        for command in commands
        for name in subprocess.run(
            command, cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.splitlines()
    ]
    return [Path(name) for name in dict.fromkeys(names) if (ROOT / name).is_file()]


@cache
def test_files() -> tuple[Path, ...]:
    left_out = {"live", "tools", "node_modules", "site"}
    return tuple(
        sorted(
            path.relative_to(ROOT)
            for path in TESTS.rglob("test_*.py")
            if not left_out & set(path.relative_to(TESTS).parts)
        )
    )


@cache
def imported(test: Path) -> frozenset[str]:
    """The modules that a test file names in its imports; `from a import b` names `a` and `a.b`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / test).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def module_of(path: Path) -> str:
    """The name a file is imported by; helpers of tests by their last name alone."""
    parts = path.with_suffix("").parts
    if parts[0] == "tests":
        return parts[-1]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def same_room(path: Path, test: Path) -> bool:
    """`bot/slack/blocks.py` and `tests/slack/test_door.py`; `bot/cli/main.py` and `tests/cli/test_cli.py`."""
    room = path.parts[1].removesuffix(".py") if len(path.parts) > 1 else ""
    return bool(room) and (room in test.parts[:-1] or test.name == f"test_{room}.py")


def touched(path: Path) -> list[Path]:
    """The test files that a changed file touches, the nearest first."""
    tests = test_files()
    if path in tests:
        return [path]
    if path.suffix == ".md" or path.name == "Makefile":
        return [test for test in tests if test.name == "test_docs.py"]
    found: list[Path] = []
    if path.suffix == ".py":
        subject = [test for test in tests if test.name == f"test_{path.stem}.py"]
        found += [test for test in subject if same_room(path, test)] or subject
        names = module_of(path)
        importing = [
            test
            for test in tests
            if any(name == names or name.endswith(f".{names}") for name in imported(test))
        ]
        found += importing if len(importing) <= MANY else []
        found += [test for test in tests if same_room(path, test)] or importing[:MANY]
    else:
        found = [test for test in tests if same_room(path, test)]
    if not found:
        room = ".".join(path.parts[:2]) + "."
        found = [test for test in tests if any(f"{n}.".startswith(room) for n in imported(test))]
    return list(dict.fromkeys(found)) or [test for test in tests if test.name == WHOLE]


def main(since: str = "HEAD") -> int:
    """0 when lint and tests are content, else the first program's exit status."""
    files = changed(since)
    code = [str(path) for path in files if path.suffix == ".py" and path.name != "pack.py"]
    # Each changed file's nearest before anybody's second nearest.
    ranked = [(rank, str(test)) for path in files for rank, test in enumerate(touched(path))]
    wanted = list(dict.fromkeys(test for _, test in sorted(ranked)))
    if not files:
        print(f"Nothing differs from {since}.")
        return 0
    commands: list[list[str]] = []
    if code:
        commands += [["ruff", "check", *code], ["ruff", "format", "--check", *code]]
    if wanted:
        commands.append(["pytest", "-n", "auto", "-x", "-p", "quick", "-m", "not slow", *wanted])
    folder = Path(sys.executable).parent
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    for command in commands:
        done = subprocess.run(
            [folder / command[0], *command[1:]], cwd=ROOT, env=environment, check=False
        )
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
