"""Advice rules: read from advice.toml, checked whole, and asked which of them the facts call up."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from knowledge.advice.facts import Facts
from knowledge.advice.rule import SEVERITIES, Fired, Rule, fires, severity
from knowledge.advice.rulebook import parse

RULES_FILE = Path(__file__).with_name("advice.toml")


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
    found.sort(key=lambda rule: (SEVERITIES.index(rule.severity), -len(rule.rule.when)))
    return found


@cache
def load() -> tuple[Rule, ...]:
    """Every rule of advice.toml; raises AdviceFault naming file and rule."""
    return parse(RULES_FILE.read_text("utf-8"), RULES_FILE.name)
