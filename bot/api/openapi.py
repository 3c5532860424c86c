"""The OpenAPI 3.1 document, made from the models the handlers use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.api.listing import OffersDocument, SourcesDocument
from bot.api.operations import LONGEST_WORDS, OrdersDocument
from bot.api.problems import CONTENT_TYPE, STATUS
from bot.api.route import PREFIX, Route
from bot.language import LANGS
from bot.render.answer_json import AnswerDocument, described, plain
from bot.render.question_json import schema as question_schema

REFS = "#/components/schemas/{model}"
_SUMMARIES = {
    "ask": ("Ask in words, or by a stated question", "The answer people get in chat, with the offers behind it. It sets nothing up."),
    "offers": ("Offers of a GPU", "Every offer, cheapest per GPU-hour first, in pages; also as CSV."),
    "availability": ("Who has a GPU in stock", "Who says so and since when, who sold out, who does not tell, and what to do then."),
    "history": ("Prices over time", "The lowest known price of each day; days nobody knows are absent."),
    "provider": ("What is known of a provider", "Facts with dates and sources, and what to ask before signing."),
    "sources": ("Where prices come from", "Every source with its ages and licence."),
    "orders": ("Watches and digests of the key's conversation", "For keys made with --may orders."),
    "order": ("Set up a watch or a digest", "In the key's conversation, where its messages arrive."),
    "end_order": ("End a watch or a digest", "By its id."),
    "schema": ("JSON Schema of a document", "`answer` or `question`."),
    "openapi": ("This document", "OpenAPI 3.1."),
}  # fmt: skip
_DOCUMENTS = {
    "ask": "AnswerDocument", "offers": "OffersDocument", "availability": "AnswerDocument",
    "history": "AnswerDocument", "provider": "AnswerDocument", "sources": "SourcesDocument",
    "orders": "OrdersDocument", "order": "AnswerDocument",
}  # fmt: skip
_TABLES = frozenset({"ask", "offers", "availability", "history", "provider", "sources"})
_EXAMPLES = {"ask": {"words": "cheapest 8x H100 in europe"}, "order": {"words": "watch h100 < 2.00 eu"}}  # fmt: skip
_PATHS = {
    "id": ("A provider's id or name.", "lambda"),
    "order": ("`watch-7` or `digest-3`.", "watch-7"),
    "name": ("`answer` or `question`.", "answer"),
}


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole document of the API's addresses."""
    from importlib.metadata import version

    paths: dict[str, Any] = {}
    for route in routes:
        if route.path in ("/", "/try.js"):
            continue
        methods = {}
        for method, work in route.methods.items():
            methods[method.lower()] = _operation(route, work.__name__)
        paths[PREFIX + route.path] = methods
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Quartermaster",
            "version": version("quartermaster"),
            "summary": "GPU-rental prices with source, day and advice, for a workspace's own programs",
            "description": "A key is made by `quartermaster key create`. Name whose figures these are wherever you show them: `publisher`, `evidence`. This is no public price service.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "bearerFormat": "qm_<id>_<secret>"}
            },
            "schemas": _schemas(),
            "responses": {
                "Problem": {
                    "description": "What is wrong, in one sentence (RFC 9457).",
                    "content": {CONTENT_TYPE: {"schema": {"$ref": REFS.format(model="Problem")}}},
                }
            },
        },
    }


def _operation(route: Any, name: str) -> dict[str, Any]:
    summary, description = _SUMMARIES[name]
    parameters = [
        {"name": part, "in": "path", "required": True, "description": _PATHS[part][0],
         "example": _PATHS[part][1], "schema": {"type": "string", "minLength": 1}}
        for part in _parts(route.path)
    ]  # fmt: skip
    made: dict[str, Any] = {"operationId": name, "summary": summary, "description": description}
    if route.query is not None and name != "order":
        parameters += _query(route.query)
    if parameters:
        made["parameters"] = parameters
    if name in _EXAMPLES:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": {"$ref": REFS.format(model="AskBody")}, "example": _EXAMPLES[name]}}}  # fmt: skip
    made["responses"] = _responses(name, needs_key=route.needs_key)
    if not route.needs_key:
        made["security"] = []
    return made


def _responses(name: str, *, needs_key: bool) -> dict[str, Any]:
    problem = {"$ref": "#/components/responses/Problem"}
    if name == "end_order":
        good: dict[str, Any] = {"204": {"description": "Ended."}}
    else:
        schema = {"$ref": REFS.format(model=_DOCUMENTS[name])} if name in _DOCUMENTS else {"type": "object"}  # fmt: skip
        content = {"application/json": {"schema": schema}}
        if name in _TABLES:
            content["text/csv"] = {"schema": {"type": "string"}}
        good = {"200": {"description": _SUMMARIES[name][0] + ".", "content": content}}
    refused = sorted({str(status) for status in STATUS.values()}) if needs_key else ["404", "405"]
    return good | dict.fromkeys(refused, problem)


def _query(model: Any) -> list[dict[str, Any]]:
    made = plain(model.model_json_schema(mode="validation"))
    required = made.get("required", [])
    found = []
    for name, held in made["properties"].items():
        shown = dict(held)
        text = shown.pop("description", None)
        # A parameter that is left out is absent, never null.
        kinds = [one for one in shown.get("anyOf", ()) if one != {"type": "null"}]
        if len(kinds) == 1:
            shown = kinds[0]
        if shown.get("default", 0) is None:
            del shown["default"]
        one = {"name": name, "in": "query", "required": name in required, "schema": shown}
        found.append({**one, "description": text} if text else one)
    return found


def _parts(path: str) -> list[str]:
    return [part.strip("{}") for part in path.split("/") if part.startswith("{")]


def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in (AnswerDocument, OffersDocument, SourcesDocument, OrdersDocument):  # fmt: skip
        made = described(kind, refs=REFS)
        found |= made.pop("$defs", {})
        found[kind.__name__] = made
    question = question_schema()
    found |= question.pop("$defs", {})
    text = {name: held for name, held in question.items() if not name.startswith("$")}
    found["Question"] = _moved(text)
    found["AskBody"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "words": {"type": "string", "minLength": 1, "maxLength": LONGEST_WORDS, "pattern": r"\S", "description": "As you would type it in chat."},
            "question": {"$ref": REFS.format(model="Question")},
            "lang": {"enum": list(LANGS), "description": "Language of the answer."},
        },
        "oneOf": [{"required": ["words"]}, {"required": ["question"]}],
    }  # fmt: skip
    found["Problem"] = {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "enum": [f"urn:quartermaster:problem:{kind}" for kind in STATUS]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "One sentence, in the caller's language."},
            "instance": {"type": "string", "description": "What to quote to the operator."},
            "errors": {"type": "array", "items": {"type": "object", "required": ["pointer", "detail"], "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}}}},
            "did_you_mean": {"type": "array", "items": {"type": "string"}},
        },
    }  # fmt: skip
    return dict(sorted(found.items()))


def _moved(value: Any) -> Any:
    """The schema with its own definitions found among the components."""
    if isinstance(value, list):
        return [_moved(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        name: held.replace("#/$defs/", "#/components/schemas/") if name == "$ref" else _moved(held)
        for name, held in value.items()
    }
