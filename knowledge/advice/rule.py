"""What a rule of advice is, and when the facts call it up.

The evaluator knows no language: a fired rule carries its texts in each, with placeholders that
whoever words the answer fills from the same facts.

A fact that is not known makes its condition false, whatever the comparison.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from knowledge.advice.facts import Facts, Value

SEVERITIES = ("caution", "consider", "info")
"""In the order they are said."""

Test = tuple[str, str, Any, float | None, str | None]
"""(fact, comparison, value, factor, other fact): value, or factor x other fact."""
Clause = tuple[Test, ...]
"""Holds when one of its tests does."""


class AdviceFault(Exception):
    """advice.toml cannot be used; one line a fault, naming file and rule."""


class Rule(NamedTuple):
    id: str
    severity: str
    when: tuple[Clause, ...]
    """Every clause must hold."""
    unless: tuple[Clause, ...]
    """None of these may hold."""
    consider_when: tuple[Clause, ...]
    """Raises the severity to `consider` when all hold."""
    caution_when: tuple[Clause, ...]
    advices: tuple[tuple[str, str], ...]
    """What it says, by language: (code, text)."""
    whys: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    """Web addresses, the first the main one."""
    reviewed: str
    """ISO date on which somebody last held the rule against its source."""
    needs: tuple[str, ...]
    """Facts that the advice's placeholders name: unknown, and the rule stays silent."""
    fires: tuple[tuple[str, Value], ...]
    """Facts that call the rule up: its first example."""
    silent: tuple[tuple[str, Value], ...]
    claim: str
    """The claim of the mission's source article that it stands for, or ""."""

    def advice(self, lang: str) -> str:
        """Its advice in a language it has; raises KeyError for another."""
        return dict(self.advices)[lang]

    def why(self, lang: str) -> str:
        return dict(self.whys)[lang]


class Fired(NamedTuple):
    rule: Rule
    severity: str


def fires(rule: Rule, facts: Facts) -> bool:
    """True when the facts call this rule up and fill its placeholders."""
    return (
        all(_holds(clause, facts) for clause in rule.when)
        and all(facts.get(name) is not None for name in rule.needs)
        and not any(_holds(clause, facts) for clause in rule.unless)
    )


def severity(rule: Rule, facts: Facts) -> str:
    if rule.caution_when and all(_holds(clause, facts) for clause in rule.caution_when):
        return "caution"
    if rule.consider_when and all(_holds(clause, facts) for clause in rule.consider_when):
        return "consider"
    return rule.severity


def _holds(clause: Clause, facts: Facts) -> bool:
    return any(_true(test, facts) for test in clause)


def _true(test: Test, facts: Facts) -> bool:
    name, comparison, value, factor, other = test
    known: Any = facts.get(name)
    if known is None:
        return False
    if comparison == "is":
        return True
    if other is not None:
        base: Any = facts.get(other)
        if base is None:
            return False
        value = (factor or 1.0) * base
    if comparison == "in":
        return known in value
    if comparison == "includes":
        return value in known
    if comparison == "=":
        return bool(known == value)
    if comparison == "!=":
        return bool(known != value)
    if comparison == "<":
        return bool(known < value)
    if comparison == "<=":
        return bool(known <= value)
    if comparison == ">":
        return bool(known > value)
    return bool(known >= value)
