"""The inner loop: lint of the files that changed, and the tests of what they touch: `make quick`.

Changed is what differs from the commit given (the last one, when none is), and what git does not know yet.
A test file is touched when it changed, when a changed module is its subject (`store.py`, `test_store.py`), or
when it imports a changed module itself. What many tests import is tried by those of its own room. Slow tests
are left out; `make test` runs everything.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TESTS = ROOT / "tests"
MANY = 8
"""A module that more test files import is tried by those of its own room alone."""

WHOLE = "test_same_facts.py"
"""Thirty questions from words to blocks and cards: what nobody's own tests touch is tried by these."""


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


def test_files() -> list[Path]:
    left_out = {"live", "tools", "node_modules", "site"}
    return sorted(
        path.relative_to(ROOT)
        for path in TESTS.rglob("test_*.py")
        if not left_out & set(path.relative_to(TESTS).parts)
    )


def module_of(path: Path) -> str:
    """The name a file is imported by; helpers of tests by their last name alone."""
    parts = path.with_suffix("").parts
    if parts[0] == "tests":
        return parts[-1]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def touched(path: Path, tests: Iterable[Path]) -> set[Path]:
    """The test files that a changed file touches."""
    if path.name.startswith("test_") and path.suffix == ".py":
        return {path}
    tests = list(tests)
    if path.suffix == ".md" or path.name == "Makefile":
        return {test for test in tests if test.name == "test_docs.py"}
    if path.suffix == ".py":
        subject = {test for test in tests if test.name == f"test_{path.stem}.py"}
        subject = {test for test in subject if same_room(path, test)} or subject
        names = module_of(path)
        importing = {
            test
            for test in tests
            if any(name == names or name.endswith(f".{names}") for name in imported(test))
        }
        if len(importing) > MANY:
            importing = {test for test in importing if same_room(path, test)}
        if subject | importing:
            return subject | importing
    if mirrored := {test for test in tests if same_room(path, test)}:
        return mirrored
    room = ".".join(path.parts[:2])
    importing = {
        test for test in tests if any(f"{name}.".startswith(f"{room}.") for name in imported(test))
    }
    return importing or {test for test in tests if test.name == WHOLE}


def same_room(path: Path, test: Path) -> bool:
    """`bot/slack/blocks.py` and `tests/slack/test_door.py`; `bot/cli.py` and `tests/test_cli.py`."""
    room = path.parts[1].removesuffix(".py") if len(path.parts) > 1 else ""
    return bool(room) and (room in test.parts[:-1] or test.name == f"test_{room}.py")


def main(since: str = "HEAD") -> int:
    files = changed(since)
    code = [str(path) for path in files if path.suffix == ".py" and path.name != "pack.py"]
    tests = test_files()
    wanted = sorted({str(test) for path in files for test in touched(path, tests)})
    if not files:
        print(f"Nothing differs from {since}.")
        return 0
    commands: list[list[str]] = []
    if code:
        commands += [["ruff", "check", *code], ["ruff", "format", "--check", *code]]
    if wanted:
        print("tests:", *wanted)
        commands.append(["pytest", "-n", "auto", "-x", "-m", "not slow", *wanted])
    folder = Path(sys.executable).parent
    for command in commands:
        done = subprocess.run([folder / command[0], *command[1:]], cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
