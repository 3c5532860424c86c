"""docs/extend.md, followed literally in a copy of the tree: each worked example works, and within a minute.

A paragraph that says "Make `file`:" writes the block below it; "In `file`, below `line`:" puts the block under the
first line that holds those words, "above" over it, "instead of" in its place. What a console block types is run, and
what it shows below a command is in that command's output.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import ROOT

PAGE = (ROOT / "docs" / "extend.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
SECONDS = 60
STEP = re.compile(
    r"^(?:Make `(?P<made>[^`]+)`|In `(?P<file>[^`]+)`, (?P<how>below|above|instead of) `(?P<line>[^`]+)`)[^\n]*:\n\n"
    r"```\w*\n(?P<block>.*?)^```|^```console\n(?P<typed>.*?)^```",
    re.MULTILINE | re.DOTALL,
)


class Command(NamedTuple):
    typed: str
    shown: tuple[str, ...]


def commands(block: str) -> Iterator[Command]:
    """The commands of a console block, each with what is shown under it; "..." stands for the rest."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        first, *rest = part.splitlines()
        yield Command(first, tuple(line for line in rest if line.strip() not in ("", "...")))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The tree as git lists it, with the environment of this one."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    folder = tmp_path / "tree"
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not (ROOT / name).is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def write(folder: Path, step: re.Match[str]) -> None:
    """One change of a file, as the paragraph says."""
    path = folder / (step["made"] or step["file"])
    if step["made"]:
        assert not path.exists(), f"{path} is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step["block"], "utf-8")
        return
    lines = path.read_text("utf-8").splitlines(keepends=True)
    at = next((n for n, line in enumerate(lines) if step["line"] in line), None)
    assert at is not None, f"{step['file']} holds no {step['line']!r}"
    begin, end = {"below": (at + 1, at + 1), "above": (at, at), "instead of": (at, at + 1)}[
        step["how"]
    ]
    lines[begin:end] = [step["block"]]
    path.write_text("".join(lines), "utf-8")


def cpu_seconds() -> float:
    """Of the programs that were run: a busy machine makes them wait, and not work longer."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(folder: Path, command: Command) -> None:
    """With this environment's programs, on the copy's modules."""
    programs = folder / "build" / "programs"
    programs.mkdir(parents=True, exist_ok=True)
    for name, words in (("quartermaster", "-m bot"), ("python", ""), ("pytest", "-m pytest -n 0")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
        program.chmod(0o755)
    done = subprocess.run(
        command.typed, shell=True, cwd=folder, capture_output=True, text=True, timeout=10 * SECONDS, check=False,
        env={
            **os.environ, "PYTHONPATH": str(folder), "PATH": f"{programs}:{os.environ['PATH']}",
            "QUARTERMASTER_DATA_DIR": str(folder / "build" / "data"),
        },
    )  # fmt: skip
    assert done.returncode == 0, f"{command.typed}\n{done.stdout}{done.stderr}"
    for line in command.shown:
        assert line in done.stdout + done.stderr, f"{command.typed}\n{done.stdout}{done.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_a_worked_example_works(section: str, copy: Path) -> None:
    """Every step of the section, in its order."""
    steps = list(STEP.finditer(SECTIONS[section]))
    assert steps, f"{section} has no step"
    begun = cpu_seconds()
    for step in steps:
        if step["typed"]:
            for command in commands(step["typed"]):
                run(copy, command)
        else:
            write(copy, step)
    assert cpu_seconds() - begun < SECONDS


def test_every_block_is_a_step() -> None:
    """No block of the page is passed over because its paragraph is worded otherwise."""
    steps = sum(len(list(STEP.finditer(text))) for text in SECTIONS.values())
    assert steps == PAGE.count("```") / 2
    assert set(SECTIONS) >= {
        "A price source",
        "A command",
        "A rule of advice",
        "A language",
        "A platform",
    }
