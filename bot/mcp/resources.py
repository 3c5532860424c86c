"""What an assistant may read beside answers: the advice rules, and a card for each provider."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from bot.api.operations import Caller, Operations
from bot.api.problems import Problem
from bot.core.wording import wording
from bot.language import Lang
from bot.mcp.words import plain_data
from bot.render.answer_json import answer_json
from knowledge.advice.rule import Rule
from knowledge.advice.rules import load
from knowledge.facts.providers import all_providers, resolve

RULES = "quartermaster://rules"
RULE = "quartermaster://rule/"
PROVIDER = "quartermaster://provider/"
JSON = "application/json"


def listed(lang: Lang) -> list[dict[str, Any]]:
    """Every resource, in a fixed order."""
    say = wording(lang)
    cards = [
        {"uri": PROVIDER + one.id, "name": f"provider-{one.id}", "title": one.name, "mimeType": JSON}
        for one in all_providers()
    ]  # fmt: skip
    rules = {
        "uri": RULES,
        "name": "rules",
        "title": say.t("Advice rules"),
        "description": say.t("Every rule behind the advice, with its reason, its source and the day it was reviewed."),
        "mimeType": JSON,
    }  # fmt: skip
    return [rules, *cards]


def templates(lang: Lang) -> list[dict[str, Any]]:
    say = wording(lang)
    return [
        {"uriTemplate": RULE + "{id}", "name": "rule", "title": say.t("One advice rule"), "mimeType": JSON},
        {"uriTemplate": PROVIDER + "{id}", "name": "provider", "title": say.t("What is known of a provider"), "mimeType": JSON},
    ]  # fmt: skip


async def read(uri: str, on: Operations, caller: Caller) -> dict[str, Any] | None:
    """The contents of a resource; None for one that is none. Raises Problem."""
    document: Any = None
    if uri == RULES:
        document = {"rules": [_rule(rule, caller.reads) for rule in load()]}
    elif uri.startswith(RULE):
        name = unquote(uri.removeprefix(RULE))
        document = next((_rule(rule, caller.reads) for rule in load() if rule.id == name), None)
    elif uri.startswith(PROVIDER):
        name = unquote(uri.removeprefix(PROVIDER))
        if len(name) > 100 or resolve(name) is None:
            return None
        answer = await on.provider(caller, name)
        if answer.tone == "fault":
            raise Problem("no-prices")
        document = plain_data(answer_json(answer))
    if document is None:
        return None
    return {"uri": uri, "mimeType": JSON, "text": json.dumps(document, ensure_ascii=False)}


def _rule(rule: Rule, lang: Lang) -> dict[str, Any]:
    """A rule as it stands: its text keeps the places of its figures (`{price}`)."""
    return {
        "id": rule.id,
        "advice": rule.advice(lang),
        "why": rule.why(lang),
        "sources": list(rule.sources),
        "reviewed": rule.reviewed,
    }
