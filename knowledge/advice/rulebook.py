"""Reads advice.toml: every rule checked whole, its two examples tried, each fault named.

A condition is `fact comparison value`, several may be joined by " or ":

    months >= 3                     =  !=  <  <=  >  >=  against a number,
    memory_gb > 3 x need_gb         or another fact of numbers, times a factor,
    workload in batch, inference    one of a list (`=` for one alone),
    compliance includes HIPAA       a list that holds a word,
    buying = yes                    yes or no,
    egress_tb is known              any value at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from knowledge.advice.facts import FACTS, Value
from knowledge.advice.rule import SEVERITIES, AdviceFault, Clause, Rule, Test, fires

LANGUAGES = ("en", "pt", "es")
_TEXTS = ("advice", "why")
"""Tables of texts by language: `advice.en = "..."`."""
_MUST = (*_TEXTS, "when", "source", "reviewed", "fires", "silent")
_MAY = ("severity", "unless", "consider_when", "caution_when", "claim")
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=", "in", "includes", "is")
_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
_PLACEHOLDER = re.compile(r"{(\w*)}")
_TIMES = re.compile(r"(?:(\d+(?:\.\d+)?) x )?([a-z]\w*)")


def parse(text: str, name: str) -> tuple[Rule, ...]:
    """The rules of a TOML text, every example tried; raises AdviceFault with every fault."""
    import tomllib

    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise AdviceFault(f"{name}: {fault}") from fault
    rules: list[Rule] = []
    faults: list[str] = []
    for rule_id, table in tables.items():
        try:
            rule = _rule(rule_id, table)
            _try_examples(rule)
            rules.append(rule)
        except _Wrong as wrong:
            faults.append(f"{name}: {rule_id}: {wrong}")
    if faults:
        raise AdviceFault("\n".join(faults))
    return tuple(rules)


class _Wrong(Exception):
    """What is wrong with one rule."""


def _rule(rule_id: str, table: object) -> Rule:
    if not _ID.fullmatch(rule_id):
        raise _Wrong("an id is words in lower case joined by hyphens")
    if not isinstance(table, dict):
        raise _Wrong(f"a rule is a table: [{rule_id}]")
    missing = [key for key in _MUST if not table.get(key)]
    if missing:
        raise _Wrong(f"{', '.join(missing)} is missing")
    unknown = sorted(set(table) - set(_MUST) - set(_MAY))
    if unknown:
        raise _Wrong(f"unknown key {', '.join(unknown)}")
    severity = table.get("severity", "consider")
    if severity not in SEVERITIES:
        raise _Wrong(f"severity {severity!r} is none of {', '.join(SEVERITIES)}")
    for key in _TEXTS:
        _spoken(key, table[key])
    return Rule(
        id=rule_id,
        severity=severity,
        when=_clauses(table["when"], "when"),
        unless=_clauses(table.get("unless", []), "unless"),
        consider_when=_clauses(table.get("consider_when", []), "consider_when"),
        caution_when=_clauses(table.get("caution_when", []), "caution_when"),
        advices=tuple((lang, table["advice"][lang]) for lang in LANGUAGES),
        whys=tuple((lang, table["why"][lang]) for lang in LANGUAGES),
        sources=_sources(table["source"]),
        reviewed=_reviewed(table["reviewed"]),
        needs=_needs(table),
        fires=_example(table["fires"], "fires"),
        silent=_example(table["silent"], "silent"),
        claim=str(table.get("claim", "")),
    )


def _needs(table: Mapping[str, Any]) -> tuple[str, ...]:
    """The placeholders of the advice; every language must name the same, and only facts."""
    for lang, text in table["why"].items():
        if "{" in text:
            raise _Wrong(f"why.{lang} takes no placeholders")
    found: dict[str, set[str]] = {}
    for lang, text in table["advice"].items():
        found[lang] = set(_PLACEHOLDER.findall(text))
        if unknown := sorted(found[lang] - set(FACTS)):
            raise _Wrong(f"advice.{lang} has a placeholder without a value: {', '.join(unknown)}")
        if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
            raise _Wrong(f"advice.{lang} has a stray brace")
    first = found[LANGUAGES[0]]
    for lang, names in found.items():
        if odd := sorted(names ^ first):
            raise _Wrong(f"advice.{lang}: placeholder {', '.join(odd)} is not in every language")
    return tuple(sorted(first))


def _spoken(key: str, texts: object) -> None:
    """A text in every language, and in no other."""
    if not isinstance(texts, dict):
        raise _Wrong(f'{key} is a text in each language: {key}.{LANGUAGES[0]} = "..."')
    for lang in LANGUAGES:
        if not texts.get(lang):
            raise _Wrong(f"{key}.{lang} is missing")
        if not isinstance(texts[lang], str):
            raise _Wrong(f"{key}.{lang} must be text")
    if unknown := sorted(set(texts) - set(LANGUAGES)):
        raise _Wrong(f"unknown language {key}.{unknown[0]}")


def _sources(given: object) -> tuple[str, ...]:
    sources = (
        (given,) if isinstance(given, str) else tuple(given) if isinstance(given, list) else ()
    )
    for source in sources:
        if not isinstance(source, str) or not re.fullmatch(r"https?://\S+", source):
            raise _Wrong(f"source {source!r} is no web address")
    if not sources:
        raise _Wrong("source must be a web address or a list of them")
    return cast("tuple[str, ...]", sources)


def _reviewed(given: object) -> str:
    from datetime import date

    if not isinstance(given, date):
        raise _Wrong("reviewed must be a date such as 2026-11-22, without quotes")
    return given.isoformat()[:10]


def _clauses(given: object, key: str) -> tuple[Clause, ...]:
    lines = [given] if isinstance(given, str) else given
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise _Wrong(f'{key} must be conditions in quotes, such as ["months >= 3"]')
    return tuple(tuple(_test(part.strip()) for part in line.split(" or ")) for line in lines)


def _test(text: str) -> Test:
    words = text.split(None, 2)
    if len(words) != 3:
        raise _Wrong(f'"{text}" is no condition; write fact, comparison, value')
    name, comparison, value = words
    kind = FACTS.get(name)
    if kind is None:
        raise _Wrong(f'unknown fact "{name}"{_near(name)}')
    if comparison not in _COMPARISONS:
        raise _Wrong(f'unknown comparison "{comparison}"; known are {" ".join(_COMPARISONS)}')
    if comparison == "is":
        if value != "known":
            raise _Wrong(f'"{text}": after "is" comes "known"')
        return (name, "is", None, None, None)
    if kind.numeric:
        return _number_test(name, comparison, value)
    if kind.name == "flag":
        if comparison != "=" or value not in ("yes", "no"):
            raise _Wrong(f'"{text}": {name} is compared as "{name} = yes" or "{name} = no"')
        return (name, "=", value == "yes", None, None)
    if kind.name == "words":
        if comparison != "includes":
            raise _Wrong(f'"{text}": {name} is compared with "includes"')
        return (name, "includes", value, None, None)
    if kind.name != "word" or comparison not in ("=", "!=", "in"):
        raise _Wrong(f'"{text}": {name} cannot be compared with "{comparison}"')
    choices = tuple(word.strip() for word in value.split(","))
    wrong = [word for word in choices if kind.allowed and word not in kind.allowed]
    if wrong:
        raise _Wrong(f'"{wrong[0]}" is no value of {name}; known are {", ".join(kind.allowed)}')
    return (name, comparison, choices if comparison == "in" else choices[0], None, None)


def _number_test(name: str, comparison: str, value: str) -> Test:
    if comparison in ("in", "includes"):
        raise _Wrong(f'"{name} {comparison} {value}": {name} is a number')
    try:
        return (name, comparison, float(value), None, None)
    except ValueError:
        pass
    times = _TIMES.fullmatch(value)
    other = FACTS.get(times.group(2)) if times else None
    if times is None or other is None or not other.numeric:
        raise _Wrong(f'"{value}" is neither a number nor a fact of numbers')
    return (name, comparison, None, float(times.group(1) or 1), times.group(2))


def _near(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, FACTS, 1)
    return f', perhaps "{near[0]}"' if near else "; knowledge/advice/facts.py lists them all"


def _example(given: object, key: str) -> tuple[tuple[str, Value], ...]:
    if not isinstance(given, dict):
        raise _Wrong(f"{key} must be facts, such as {{ months = 6 }}")
    out: list[tuple[str, Value]] = []
    for name, value in given.items():
        kind = FACTS.get(name)
        if kind is None:
            raise _Wrong(f'{key}: unknown fact "{name}"{_near(name)}')
        shaped: Any = tuple(value) if isinstance(value, list) else value
        wanted: tuple[type, ...] = (
            (int, float) if kind.numeric
            else (bool,) if kind.name == "flag"
            else (tuple,) if kind.name == "words"
            else (str,)
        )  # fmt: skip
        if not isinstance(shaped, wanted) or (kind.numeric and isinstance(shaped, bool)):
            raise _Wrong(f"{key}: {name} cannot be {value!r}")
        if kind.allowed and shaped not in kind.allowed:
            raise _Wrong(f"{key}: {value!r} is no value of {name}")
        out.append((name, cast("Value", shaped)))
    return tuple(out)


def _try_examples(rule: Rule) -> None:
    """The two examples of a rule are its tests."""
    if not fires(rule, dict(rule.fires)):
        missing = [name for name in rule.needs if name not in dict(rule.fires)]
        tail = f" (the advice also needs {', '.join(missing)})" if missing else ""
        raise _Wrong(f"its example `fires` does not call it up{tail}")
    if fires(rule, dict(rule.silent)):
        raise _Wrong("its example `silent` calls it up")
