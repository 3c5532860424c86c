"""Parses every PromQL expression of the alert rules and the dashboard, as promtool would; runs in
the tools' own environment (`make lint-container`). Exits 1 naming those that cannot be read."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import yaml

MONITORING = Path(__file__).parents[3] / "deploy" / "monitoring"
DURATION = re.compile(r"(\d+(ms|[smhdwy]))+")
RULE = {"alert", "expr", "for", "labels", "annotations"}


def expressions() -> Iterator[tuple[str, str]]:
    """(where, expression)."""
    rules = yaml.safe_load((MONITORING / "alerts.yaml").read_text("utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            yield f"alert {rule['alert']}", rule["expr"]
    board = json.loads((MONITORING / "dashboard.json").read_text("utf-8"))
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            # Grafana puts its variables in before Prometheus sees them.
            yield f"panel {panel['title']}", re.sub(r"\$__\w+", "5m", target["expr"])


def misshapen() -> Iterator[str]:
    """What Prometheus or Grafana would refuse or show wrong, beyond expressions."""
    rules = yaml.safe_load((MONITORING / "alerts.yaml").read_text("utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            if unknown := rule.keys() - RULE:
                yield f"alert {rule['alert']}: unknown {', '.join(sorted(unknown))}"
            if not DURATION.fullmatch(rule.get("for", "0s")):
                yield f"alert {rule['alert']}: for: {rule['for']} is no duration"
    board = json.loads((MONITORING / "dashboard.json").read_text("utf-8"))
    ids = [panel["id"] for panel in board["panels"]]
    if len(set(ids)) != len(ids):
        yield "dashboard: two panels have one id"
    places: list[Any] = [panel["gridPos"] for panel in board["panels"]]
    for number, one in enumerate(places):
        if one["x"] + one["w"] > 24:
            yield f"panel {board['panels'][number]['title']}: wider than the grid"
        for other in places[:number]:
            if all(
                one[at] < other[at] + other[size] and other[at] < one[at] + one[size]
                for at, size in (("x", "w"), ("y", "h"))
            ):
                yield f"panel {board['panels'][number]['title']}: lies on another"


def main() -> int:
    faults = list(misshapen())
    read = 0
    for where, expression in expressions():
        try:
            promql_parser.parse(expression)
            read += 1
        except ValueError as fault:
            faults.append(f"{where}: {fault}")
    print("\n".join(faults) or f"{read} expressions can be read")
    return 1 if faults or not read else 0


if __name__ == "__main__":
    sys.exit(main())
