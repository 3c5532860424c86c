"""Advice rules: read from advice.toml, checked whole, and asked which of them the facts call up."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from knowledge.advice.facts import Facts
from knowledge.advice.rule import SEVERITIES, Fired, Rule, fires, severity

HERE = Path(__file__).parent
RULES_FILE = HERE / "advice.toml"


def fired(facts: Facts, rules: Sequence[Rule] | None = None) -> list[Fired]:
    """The rules these facts call up: cautions first, then the more specific ones.

    Specific is what asks more of the facts; among equals the file's order stands. No facts can
    make this raise.
    """
    found = [
        Fired(rule, severity(rule, facts))
        for rule in (load() if rules is None else rules)
        if fires(rule, facts)
    ]
    found.sort(key=lambda one: (SEVERITIES.index(one.severity), -len(one.rule.when)))
    return found


@cache
def load() -> tuple[Rule, ...]:
    """Every rule of advice.toml; raises AdviceFault naming file and rule.

    Parsing costs a cold question more than its answer, so the checked rules are kept as Python
    keeps its byte code: beside it, under the text's own digest, and made again when they differ.
    """
    import marshal
    import sys
    import zlib

    text = RULES_FILE.read_bytes()
    code = b"".join(
        (HERE / name).read_bytes() for name in ("rules.py", "facts.py", "rule.py", "rulebook.py")
    )
    stamp = (zlib.crc32(text), zlib.crc32(code), len(text))
    kept = (
        RULES_FILE.parent
        / "__pycache__"
        / f"{RULES_FILE.name}.{sys.implementation.cache_tag}.rules"
    )
    try:
        known_stamp, rows = marshal.loads(kept.read_bytes())  # noqa: S302  our own, as .pyc files are
        if known_stamp == stamp:
            return tuple(Rule(*row) for row in rows)
    except (OSError, ValueError, EOFError, TypeError):
        pass  # not kept yet, or cut off: read the text
    from knowledge.advice.rulebook import parse

    rules = parse(text.decode("utf-8"), RULES_FILE.name)
    if not sys.dont_write_bytecode:
        _keep(kept, marshal.dumps((stamp, tuple(map(tuple, rules)))))
    return rules


def _keep(path: Path, body: bytes) -> None:
    """Written whole or not at all; a folder that cannot be written to costs time, no more."""
    import os

    building = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        building.write_bytes(body)
        building.replace(path)
    except OSError:
        with suppress(OSError):
            building.unlink()
