"""Scores `parse` against questions with expectations: `python tests/score_questions.py FILE...`.

A line passes when the intent and every expected field are equal and no other scored field is
present. Prints pass rates per language, and what was wrong on the lines that failed.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

SCORED = (
    "intent accelerators memory_gb count region billing providers exclude_providers tier max_price "
    "hours budget_usd model workload schedule threshold direction period_days"
).split()
SETS = {"accelerators", "providers", "exclude_providers"}


def differences(stated: dict[str, Any], expected: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Scored fields that differ: name -> (expected, stated)."""
    wrong = {}
    for name in SCORED:
        want, got = expected.get(name), stated.get(name)
        if want is None and got is None:
            continue
        if name in SETS and want is not None and got is not None:
            same = set(want) == set(got)
        elif isinstance(want, int | float) and isinstance(got, int | float):
            same = abs(want - got) <= 0.001
        else:
            same = want == got
        if not same:
            wrong[name] = (want, got)
    return wrong


def score(path: Path, *, quiet: bool = False) -> float:
    """The share of lines that pass."""
    from bot.understand import understand

    totals: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        case = json.loads(line)
        stated = understand(case["q"]).stated()
        wrong = differences(stated, case["expect"])
        lang = case["lang"]
        for key in ("all", lang):
            totals[key, "lines"] += 1  # type: ignore[index]
            totals[key, "strict"] += not wrong  # type: ignore[index]
            totals[key, "intent"] += "intent" not in wrong  # type: ignore[index]
            totals[key, "lang"] += stated["lang"] == lang  # type: ignore[index]
        if not quiet and (wrong or stated["lang"] != lang):
            print(f"{case['q']!r} lang={stated['lang']}")
            for name, (want, got) in wrong.items():
                print(f"    {name}: want {want}, got {got}")
    for key in ("all", "en", "pt"):
        lines = totals[key, "lines"]  # type: ignore[index]
        if lines:
            print(
                f"{key}: {lines} lines, "
                + ", ".join(
                    f"{what} {totals[key, what] / lines:.1%}"  # type: ignore[index]
                    for what in ("strict", "intent", "lang")
                )
            )
    return totals["all", "strict"] / max(1, totals["all", "lines"])  # type: ignore[index]


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    for name in sys.argv[1:]:
        score(Path(name))
