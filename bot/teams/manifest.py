"""The Teams app package of an installation: manifest, two icons, a Portuguese translation. Pure.

https://learn.microsoft.com/microsoft-365/extensibility/schema/
"""

from __future__ import annotations

import io
import json
import re
import uuid
import zipfile
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from bot.core.command import COMMANDS, RANKED, Command
from bot.core.question import Lang
from bot.core.wording import wording
from bot.language import LANGS, pack

SCHEMA = "https://developer.microsoft.com/json-schemas/teams/v{version}/MicrosoftTeams.schema.json"
LOCAL_SCHEMA = "https://developer.microsoft.com/json-schemas/teams/v{version}/MicrosoftTeams.Localization.schema.json"
VERSION = "1.22"
"""What every tenant takes."""
NEWEST = "1.30"
"""From 1.29 on answers may be shown to who asked alone, by slash; from 1.27 on a chat has prompt starters."""
MAX_STARTERS = 12
CONNECTOR_VERSION = "1.29"
"""The first in which an agent connector needs no list of tools: it asks our server for them."""
SCOPES = ("personal", "team", "groupChat")
MAX_COMMANDS = 10
"""Of one list; Teams shows no more."""
MAX_TITLE = 32
MAX_DESCRIPTION = 128
NAME = "Quartermaster"
ACCENT = "#1D3557"
SEARCH = "ask"
"""Id of the search command of the compose box."""
COLOUR_SIZE, OUTLINE_SIZE = 192, 32
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION = re.compile(r"(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){2}")
_REFERENCE = re.compile(r"[A-Za-z0-9+/=_.-]{8,128}")
TRANSLATED: tuple[Lang, ...] = LANGS[1:]
"""The manifest itself is in the first language; each other one has a file of its own."""
FILES = ("manifest.json", "color.png", "outline.png", *(f"{pack(lang)['tag']}.json" for lang in TRANSLATED))  # fmt: skip
# A date in a zip changes its bytes: the same installation gives the same package.
_WHEN = (2026, 1, 1, 0, 0, 0)


def package(
    url: str,
    app_id: str,
    version: str,
    *,
    website: str | None = None,
    privacy: str | None = None,
    terms: str | None = None,
    assistant: str | None = None,
    schema: str = VERSION,
) -> bytes:
    """The zip an admin uploads. `url` is where Teams reaches us, `app_id` the bot's application
    id; `version` goes up with every change. The three pages are of whoever runs the bot.
    `assistant`: the id under which our key is registered in the Teams developer portal; with it
    Microsoft 365 agents may ask our MCP server. `schema`: VERSION or NEWEST. Raises ValueError in words for the operator."""
    host = _host(url)
    if not _GUID.fullmatch(app_id):
        raise ValueError(
            "--app-id is no application id: it looks like 1f2e3d4c-5b6a-4788-9990-a1b2c3d4e5f6."
        )
    if not _VERSION.fullmatch(version):
        raise ValueError(
            "--app-version is three numbers, such as 1.0.1; raise it with every upload."
        )
    for option, page in (("--website", website), ("--privacy", privacy), ("--terms", terms)):
        if page is not None and not page.startswith("https://"):
            raise ValueError(f"{option} must be an https address.")
    if assistant is not None and not _REFERENCE.fullmatch(assistant):
        raise ValueError("--assistant is the id that the developer portal gave your API key.")
    made = manifest(
        host, app_id.lower(), version,
        website=website, privacy=privacy, terms=terms, assistant=assistant, schema=schema,
    )  # fmt: skip
    files: dict[str, bytes] = {
        "manifest.json": _json(made),
        "color.png": icon("color"),
        "outline.png": icon("outline"),
        **{
            f"{pack(lang)['tag']}.json": _json(translation(lang, made["manifestVersion"]))
            for lang in TRANSLATED
        },
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in FILES:
            archive.writestr(zipfile.ZipInfo(name, _WHEN), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def manifest(
    host: str,
    app_id: str,
    version: str,
    *,
    website: str | None = None,
    privacy: str | None = None,
    terms: str | None = None,
    assistant: str | None = None,
    schema: str = VERSION,
) -> dict[str, Any]:
    """manifest.json as a dict."""
    if assistant and schema == VERSION:
        schema = CONNECTOR_VERSION
    site = website or f"https://{host}/"
    say = wording("en")
    return {
        "$schema": SCHEMA.format(version=schema),
        "manifestVersion": schema,
        "version": version,
        # Not the bot's id, which may serve other apps too; the same for the same bot.
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"quartermaster:{app_id}")),
        "developer": {
            "name": NAME,
            "websiteUrl": site,
            "privacyUrl": privacy or site,
            "termsOfUseUrl": terms or site,
        },
        "name": {"short": NAME, "full": f"{NAME}: GPU rental prices and advice"},
        "description": {"short": _short("en"), "full": _full("en")},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": ACCENT,
        "localizationInfo": {
            "defaultLanguageTag": "en",
            "additionalLanguages": [
                {"languageTag": tag, "file": f"{tag}.json"}
                for tag in (pack(lang)["tag"] for lang in TRANSLATED)
            ],
        },
        "bots": [
            {
                "botId": app_id,
                "scopes": list(SCOPES),
                "isNotificationOnly": False,
                "supportsFiles": True,
                "supportsCalling": False,
                "supportsVideo": False,
                **_lists("en", schema),
            }
        ],
        "composeExtensions": [
            {
                "botId": app_id,
                "commands": [
                    {
                        "id": SEARCH,
                        "type": "query",
                        "title": say.t("Ask for prices"),
                        "description": say.t("Puts an answer about GPU prices into your message"),
                        "initialRun": True,
                        "context": ["compose", "commandBox"],
                        "parameters": [
                            {
                                "name": "question",
                                "title": say.t("Question"),
                                "description": COMMANDS[0].example(LANGS[0]),
                                "inputType": "text",
                            }
                        ],
                    }
                ],
            }
        ],
        "validDomains": [host],
        **({"agentConnectors": [_connector(host, assistant)]} if assistant else {}),
    }


def _connector(host: str, reference: str) -> dict[str, Any]:
    """Our MCP server, for agents of Microsoft 365; the key itself lies in Microsoft's vault."""
    return {
        "id": "quartermaster",
        "displayName": NAME,
        "description": _short("en"),
        "toolSource": {
            "remoteMcpServer": {
                "mcpServerUrl": f"https://{host}/mcp",
                "authorization": {"type": "ApiKeyPluginVault", "referenceId": reference},
            }
        },
    }


def _lists(lang: Lang, schema: str) -> dict[str, Any]:
    """The menus of the compose box; where the schema knows them, slash commands of channels, whose
    answers are the asker's alone, and prompt starters of a chat."""
    menu = list(_menu(lang))
    if schema != NEWEST:
        return {"commandLists": [{"scopes": list(SCOPES), "commands": menu}]}
    return {
        "supportsTargetedMessages": True,
        "commandLists": [
            {"scopes": ["team", "groupChat"], "triggers": ["mention", "slash"], "commands": menu},
            {"scopes": ["personal"], "commands": list(_starters(lang))},
        ],
    }


def _starters(lang: Lang) -> Iterable[dict[str, str]]:
    """Questions worth a first click, whole: a title may be cut, its prompt is not."""
    for command in RANKED[:MAX_STARTERS]:
        example = command.example(lang)
        yield {"type": "prompt", "title": _cut(example, MAX_TITLE), "prompt": example}


def translation(lang: Lang, schema: str = VERSION) -> dict[str, Any]:
    """The manifest in another language: JSON paths into it, and what stands there instead."""
    say = wording(lang)
    search = "composeExtensions[0].commands[0]"
    found: dict[str, Any] = {
        "$schema": LOCAL_SCHEMA.format(version=schema),
        "name.short": NAME,
        "name.full": f"{NAME}: {say.t('GPU rental prices and advice')}",
        "description.short": _short(lang),
        "description.full": _full(lang),
        f"{search}.title": say.t("Ask for prices"),
        f"{search}.description": say.t("Puts an answer about GPU prices into your message"),
        f"{search}.parameters[0].title": say.t("Question"),
        f"{search}.parameters[0].description": COMMANDS[0].example(lang),
    }
    for number, menu in enumerate(_lists(lang, schema)["commandLists"]):
        for at, entry in enumerate(menu["commands"]):
            for name in ("title", "description", "prompt"):
                if name in entry:
                    found[f"bots[0].commandLists[{number}].commands[{at}].{name}"] = entry[name]
    return found


def menu_commands() -> tuple[Command, ...]:
    """The commands of the menu: those asked most; help names the others."""
    return RANKED[:MAX_COMMANDS]


def _menu(lang: Lang) -> Iterable[dict[str, str]]:
    """A picked title is written into the compose box as it stands: it is a question that works."""
    say = wording(lang)
    for command in menu_commands():
        example = command.example(lang)
        title = example if len(example) <= MAX_TITLE else _first_words(example)
        yield {
            "title": title,
            "description": _cut(say.t(command.summary), MAX_DESCRIPTION),
        }


def _first_words(example: str) -> str:
    """As many whole words as fit: "cheapest 8x A100 80GB in" still asks, so ends are trimmed."""
    words = example.split()
    while words and len(" ".join(words)) > MAX_TITLE:
        words.pop()
    while len(words) > 1 and len(words[-1]) <= 3 and words[-1].isalpha() and words[-1].islower():
        words.pop()
    return " ".join(words).rstrip(",;:")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _short(lang: Lang) -> str:
    return wording(lang).t("What GPUs cost to rent, with source and date")


def _full(lang: Lang) -> str:
    return wording(lang).t(
        "Ask in plain words, in English, Portuguese or Spanish: the cheapest offers, prices provider by "
        "provider, comparisons, estimates, history, and whether you need a GPU at all. Every price "
        "comes with its source and its date. Digests and price alerts arrive where you asked for them."
    )


def _host(url: str) -> str:
    """The host of the service's public address; raises ValueError for what Teams would refuse."""
    parts = urlsplit(url if "//" in url else f"https://{url}")
    try:
        port = parts.port
    except ValueError:
        port = 0
    host = parts.hostname or ""
    if parts.scheme != "https" or "." not in host or parts.username or port not in (None, 443):
        raise ValueError(
            "--url must be a public https address without a port, such as https://gpu.example.com: "
            "Teams calls it from outside."
        )
    return host


@cache
def icon(name: str) -> bytes:
    """PNG of one of the two icons, drawn from its SVG."""
    import resvg_py

    size = {"color": COLOUR_SIZE, "outline": OUTLINE_SIZE}[name]
    svg = resources.files("bot.teams").joinpath(f"icons/{name}.svg").read_text("utf-8")
    return bytes(
        resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, skip_system_fonts=True)
    )


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
