"""Functions stay short: over fifteen branches or sixty lines each has its reason here, and none may join."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

LINES = 60
CASES = "a list of cases, each of which stands for itself: split, it would be read in pieces"
STEPS = "one thing after another, once, with what each step found: its parts have no other use"
FORM = "one form of a document, filled in from top to bottom"

KNOWN = {
    "bot/advice/quote.py:_aims": STEPS,
    "bot/api/problems.py:sentence": CASES,
    "bot/commands/token_cost.py:_headline": CASES,
    "bot/understanding/fields.py:_subject": STEPS,
    "bot/quotes/about.py:about_of": STEPS,
    "bot/quotes/about.py:agreed": CASES,
    "bot/quotes/assemble.py:_read_line": CASES,
    "bot/quotes/assemble.py:_sections": STEPS,
    "bot/quotes/files.py:_looked_into": CASES,
    "bot/quotes/labels.py:labelled_value": CASES,
    "bot/quotes/layout.py:_headed": CASES,
    "bot/quotes/money.py:sums_in": STEPS,
    "bot/quotes/rest.py:fill": CASES,
    "bot/quotes/roles.py:_near": CASES,
    "bot/quotes/roles.py:role_of": CASES,
    "bot/quotes/spans.py:counts_in": CASES,
    "bot/understanding/features.py:features": CASES,
    "bot/understanding/features.py:of_text": CASES,
    "bot/understanding/fields.py:_money": CASES,
    "bot/understanding/figures.py:_lengths": CASES,
    "bot/understanding/figures.py:_machines": CASES,
    "bot/understanding/mentions.py:_mention": CASES,
    "bot/understanding/quantities.py:_measure": CASES,
    "bot/understanding/quantities.py:_rate": CASES,
    "bot/understanding/quantities.py:quantity": CASES,
    "knowledge/sources/skypilot.py:_google": CASES,
    "bot/advice/billing.py:_verdict": CASES,
    "bot/advice/buy.py:_facts": FORM,
    "bot/answers/any_card.py:affordable": STEPS,
    "bot/answers/any_card.py:ranking": STEPS,
    "bot/answers/needs.py:serving_need": STEPS,
    "bot/commands/compare.py:_headline": CASES,
    "bot/commands/estimate.py:answer": STEPS,
    "bot/commands/watch.py:_keep": STEPS,
    "bot/economics/job.py:_lines": FORM,
    "bot/economics/makes.py:make": FORM,
    "bot/economics/makes.py:vectors": FORM,
    "bot/economics/ownspeed.py:own_speed": STEPS,
    "bot/economics/perdollar.py:answer": STEPS,
    "bot/slack/listeners.py:register": "what Slack sends, each with its listener; bolt wants closures",
    "bot/slack/manifest.py:manifest": FORM,
    "bot/state/deliveries.py:claim": "one transaction: what is claimed is looked at and marked together",
    "bot/state/migrations/versions/0001_first.py:upgrade": FORM,
    "bot/state/migrations/versions/0002_slack.py:upgrade": FORM,
    "bot/teams/card.py:_compose": FORM,
    "bot/teams/incoming.py:read": FORM,
    "bot/teams/manifest.py:manifest": FORM,
    "knowledge/prices/replacing.py:_settled": STEPS,
    "knowledge/refresh/normalising.py:_offer": FORM,
}


def _complex() -> set[str]:
    """Functions of more than fifteen branches, as ruff counts them."""
    done = subprocess.run(
        [
            Path(sys.executable).with_name("ruff"), "check", "--isolated", "--select", "C901",
            "--config", "lint.mccabe.max-complexity=15", "--output-format", "json", "bot", "knowledge",
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return {
        f"{Path(found['filename']).relative_to(ROOT)}:{re.findall('`(.+?)`', found['message'])[0]}"
        for found in json.loads(done.stdout)
    }


def _long() -> set[str]:
    return {
        f"{path.relative_to(ROOT)}:{node.name}"
        for package in ("bot", "knowledge")
        for path in (ROOT / package).rglob("*.py")
        if path.name != "pack.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LINES
    }


def test_no_function_joins_those_that_are_long() -> None:
    assert (_complex() | _long()) - set(KNOWN) == set()


def test_those_that_became_short_have_left_the_list() -> None:
    assert set(KNOWN) - (_complex() | _long()) == set()
