"""What the documents tell people to type exists: commands, options, make targets, programs.

Those in ```console blocks are run as they stand (`tests/test_house.py`); the rest need a machine
of the reader's own, so that here each word is looked up.
"""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from conftest import ROOT

from bot.cli.main import cli

DOCS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def typed(path: Path) -> list[str]:
    """Every line of a code block and every piece of code within a sentence, comments left out."""
    text = path.read_text("utf-8")
    blocks = re.findall(r"^ *```(?:console|sh)\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    rest = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
    lines += [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", rest)]
    return [re.split(r"\s#\s", line)[0].strip().removeprefix("$ ") for line in lines]


def found(pattern: str) -> list[str]:
    return list(
        dict.fromkeys(m for path in DOCS for line in typed(path) for m in re.findall(pattern, line))
    )


COMMAND = r"\bquartermaster (?!https?://)([a-z][^|&;)]*)"
"""Followed by an address, it names a server in another program's command."""


@pytest.mark.parametrize("words", found(COMMAND))
def test_every_command_that_is_named_exists(words: str) -> None:
    """With the options that are given to it."""
    command: click.Command = cli
    left = words.split()
    while isinstance(command, click.Group) and left:
        name = left.pop(0)
        known = command.get_command(click.Context(command), name)
        assert known is not None, f"quartermaster {words}"
        command = known
    options = {option for one in command.params for option in one.opts} | {"--help"}
    free = {"ask", "parse"}  # what follows is somebody's question
    given = {word.split("=")[0] for word in left if word.startswith("--")}
    assert command.name in free or given <= options, f"quartermaster {words}"


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    named = {name for one in found(r"^make ([a-z-]+(?: [a-z-]+)*)$") for name in one.split()}
    assert len(named) > 8
    assert named - targets == set()


@pytest.mark.parametrize("line", found(r"python (tests/\S+\.py[^|&;]*)"))
def test_every_program_that_is_named_exists(line: str) -> None:
    """With the options that are given to it."""
    name, *given = line.split()
    text = (ROOT / name).read_text("utf-8")
    for option in given:
        if option.startswith("--"):
            assert f'"{option}"' in text, line


def test_everything_is_looked_at() -> None:
    """The patterns above still find what they are for."""
    assert "state import state.jsonl" in {one.strip() for one in found(COMMAND)}
    assert found(r"python (tests/\S+\.py[^|&;]*)")


NAMED = re.compile(r"`((?:bot|knowledge|tests|docs|deploy)/[\w/.]*)(?::(\w+))?`")


@pytest.mark.parametrize(
    "path", [path for path in DOCS if path.name != "extend.md"], ids=lambda path: path.name
)
def test_every_file_and_function_that_is_named_exists(path: Path) -> None:
    """A page that leads to a place that has moved leads nowhere; what extend.md makes, it makes itself."""
    for name, function in NAMED.findall(path.read_text("utf-8")):
        place = ROOT / name
        assert place.exists(), name
        if function:
            assert re.search(rf"def {function}\b", place.read_text("utf-8")), f"{name}:{function}"
