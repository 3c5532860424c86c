"""The app package: what Teams refuses is refused here, and the menu's entries are questions."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import ROOT
from jsonschema import Draft4Validator, Draft7Validator
from PIL import Image
from teams_parts import APP_ID

from bot.cli.main import cli
from bot.core.command import COMMANDS, RANKED
from bot.language import LANGS, Lang, pack
from bot.teams import manifest
from bot.understanding.understand import understand

URL = "https://gpu.example.com"
PARTS = ROOT / "tests" / "tools" / "teams" / "node_modules"


def text(most: int, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most, **more}


def shape(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def listed(items: dict[str, Any], most: int, least: int = 1) -> dict[str, Any]:
    return {
        "type": "array",
        "items": items,
        "minItems": least,
        "maxItems": most,
        "uniqueItems": True,
    }


HTTPS = text(2048, pattern="^https://")
GUID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
BOT_SCOPES = listed({"enum": ["team", "personal", "groupChat", "copilot"]}, 4)
# The parts of the published schema 1.22 that we use, with its names and limits; the whole of it
# ships with no package. Version 1.22 of it took this manifest and its translation without a fault.
SHAPE = shape(
    {
        "$schema": {"const": manifest.SCHEMA.format(version="1.22")},
        "manifestVersion": {"const": "1.22"},
        "version": text(256, pattern=r"^(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){2}$"),
        "id": GUID,
        "developer": shape(
            {"name": text(32), "websiteUrl": HTTPS, "privacyUrl": HTTPS, "termsOfUseUrl": HTTPS},
            mpnId=text(10),
        ),
        "name": shape({"short": text(30)}, full=text(100)),
        "description": shape({"short": text(80), "full": text(4000)}),
        "icons": shape({"color": text(2048), "outline": text(2048)}),
        "accentColor": {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"},
    },
    localizationInfo=shape(
        {
            "defaultLanguageTag": text(5),
            "additionalLanguages": listed(
                shape({"languageTag": text(5), "file": text(2048, pattern=r"^[^/]+\.json$")}), 30
            ),
        }
    ),
    bots=listed(
        shape(
            {"botId": GUID, "scopes": BOT_SCOPES},
            isNotificationOnly={"type": "boolean"},
            supportsFiles={"type": "boolean"},
            supportsCalling={"type": "boolean"},
            supportsVideo={"type": "boolean"},
            commandLists=listed(
                shape(
                    {
                        "scopes": BOT_SCOPES,
                        "commands": listed(shape({"title": text(128), "description": text(4000)}), 10),
                    }
                ),
                3,
            ),
        ),
        1,
    ),
    composeExtensions=listed(
        shape(
            {
                "botId": GUID,
                "commands": listed(
                    shape(
                        {
                            "id": text(64),
                            "title": text(32),
                            "parameters": listed(
                                shape(
                                    {"name": text(64), "title": text(32)},
                                    description=text(128),
                                    inputType={"enum": ["text", "textarea", "number", "date", "time", "toggle", "choiceset"]},
                                ),
                                5,
                            ),
                        },
                        type={"enum": ["query", "action"]},
                        description=text(128),
                        initialRun={"type": "boolean"},
                        context=listed({"enum": ["compose", "commandBox", "message"]}, 3),
                    ),
                    10,
                ),
            }
        ),
        1,
    ),
    validDomains=listed(text(2048), 16, 0),
)  # fmt: skip


def opened(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return opened(manifest.package(URL, APP_ID.upper(), "1.2.3"))


def test_the_manifest_has_the_published_shape(files: dict[str, bytes]) -> None:
    """Names, lengths, scopes and ids as version 1.22 wants them; files at the zip's top level."""
    made = json.loads(files["manifest.json"])
    assert [fault.message for fault in Draft7Validator(SHAPE).iter_errors(made)] == []
    assert set(files) == {"manifest.json", "color.png", "outline.png", "pt-br.json", "es.json"}
    assert made["bots"][0]["botId"] == APP_ID
    assert made["composeExtensions"][0]["botId"] == APP_ID
    assert made["id"] != APP_ID
    assert made["validDomains"] == ["gpu.example.com"]
    assert "webApplicationInfo" not in made, "it asks for no permission"
    assert files == opened(manifest.package(URL, APP_ID, "1.2.3")), "the same bytes every time"


def test_icons(files: dict[str, bytes]) -> None:
    """192 pixels in full colour without holes; 32 pixels, white on nothing."""
    colour = Image.open(io.BytesIO(files["color.png"])).convert("RGBA")
    outline = Image.open(io.BytesIO(files["outline.png"])).convert("RGBA")
    assert colour.size == (192, 192)
    assert colour.getextrema()[3] == (255, 255)
    assert outline.size == (32, 32)
    raw = outline.tobytes()
    pixels = [tuple(raw[at : at + 4]) for at in range(0, len(raw), 4)]
    assert any(alpha == 0 for *_, alpha in pixels)
    assert all(pixel[:3] == (255, 255, 255) for pixel in pixels if pixel[3] == 255)


@pytest.mark.parametrize("lang", LANGS)
def test_the_menu_holds_questions_that_fit(lang: Lang) -> None:
    """At most ten, from COMMANDS, each short enough and the beginning of the command's example."""
    chosen = manifest.menu_commands()
    entries = list(manifest._menu(lang))
    assert len(entries) <= 10
    assert set(chosen) <= set(COMMANDS)
    for command, entry in zip(chosen, entries, strict=True):
        assert len(entry["title"]) <= 32
        assert len(entry["description"]) <= 128
        assert command.example(lang).startswith(entry["title"])
    assert chosen[0].name == "cheapest"
    assert chosen[-1].name == "help"


@pytest.mark.parametrize("lang", ["en", "pt"])
def test_the_menu_holds_questions_that_work(lang: Lang) -> None:
    """A title is written into the compose box as it stands, and understood as its command."""
    for command, entry in zip(manifest.menu_commands(), manifest._menu(lang), strict=True):
        assert understand(entry["title"]).intent == command.name, entry


@pytest.mark.parametrize("lang", LANGS[1:])
def test_the_translation_points_into_the_manifest(files: dict[str, bytes], lang: Lang) -> None:
    """Every path it translates exists, and is as short as the original may be."""
    made, words = json.loads(files["manifest.json"]), json.loads(files[f"{pack(lang)['tag']}.json"])
    for path, value in words.items():
        if path == "$schema":
            continue
        found: Any = made
        for part in re.findall(r"[A-Za-z]+|\d+", path):
            found = found[int(part)] if part.isdigit() else found[part]
        assert isinstance(found, str), path
        if path.endswith(".title"):
            assert len(value) <= 32, path
    assert len(words["name.full"]) <= 100
    assert len(words["description.short"]) <= 80


# https://learn.microsoft.com/microsoft-365/extensibility/schema/root-agent-connectors
CONNECTOR = shape(
    {
        "id": text(64),
        "displayName": text(128),
        "toolSource": shape(
            {
                "remoteMcpServer": shape(
                    {"mcpServerUrl": HTTPS},
                    authorization=shape(
                        {"type": {"enum": ["None", "OAuthPluginVault", "ApiKeyPluginVault", "DynamicClientRegistration", "AzureKeyVault"]}},
                        referenceId=text(128),
                    ),
                )
            }
        ),
    },
    description=text(4000),
)  # fmt: skip


def test_agents_of_microsoft_365_may_ask_when_a_key_is_registered() -> None:
    """The package names our server and the id of the key, never a key; without it nothing changes."""
    files = opened(manifest.package(URL, APP_ID, "1.0.0", assistant="ZGV2LXBvcnRhbC1rZXk="))
    made = json.loads(files["manifest.json"])
    assert made.pop("manifestVersion") == "1.29"
    assert "/v1.29/" in made.pop("$schema")
    (connector,) = made.pop("agentConnectors")
    assert not list(Draft7Validator(CONNECTOR).iter_errors(connector))
    server = connector["toolSource"]["remoteMcpServer"]
    assert server["mcpServerUrl"] == "https://gpu.example.com/mcp"
    assert server["authorization"]["referenceId"] == "ZGV2LXBvcnRhbC1rZXk="
    plain = json.loads(opened(manifest.package(URL, APP_ID, "1.0.0"))["manifest.json"])
    assert "agentConnectors" not in plain
    assert plain.pop("manifestVersion") == "1.22"
    del plain["$schema"]
    assert made == plain
    words = json.loads(files[f"{pack('pt')['tag']}.json"])
    assert "/v1.29/" in words["$schema"]


def published(version: str, kind: str = "MicrosoftTeams.schema.json") -> Draft4Validator:
    """Microsoft's own schema of a version, as its package ships it."""
    file = PARTS / f"@microsoft/app-manifest/build/json-schemas/teams/v{version}/{kind}"
    if not file.exists():
        pytest.skip("Microsoft's manifest schemas are not installed; run: make parts")
    return Draft4Validator(json.loads(file.read_text("utf-8-sig")))


@pytest.mark.parametrize("schema", ["1.22", "1.30"])
@pytest.mark.parametrize("assistant", [None, "ZGV2LXBvcnRhbC1rZXk="])
def test_microsofts_own_schemas_take_the_package(schema: str, assistant: str | None) -> None:
    """Manifest and translations, without a fault."""
    files = opened(manifest.package(URL, APP_ID, "1.0.0", schema=schema, assistant=assistant))
    made = json.loads(files["manifest.json"])
    version = made["manifestVersion"]
    assert [fault.message for fault in published(version).iter_errors(made)] == []
    for lang in LANGS[1:]:
        words = json.loads(files[f"{pack(lang)['tag']}.json"])
        check = published(version, "MicrosoftTeams.Localization.schema.json")
        assert [fault.message for fault in check.iter_errors(words)] == []


@pytest.mark.parametrize("lang", LANGS)
def test_the_newest_manifest_starts_a_chat_and_answers_slashes_alone(lang: Lang) -> None:
    made = json.loads(
        opened(manifest.package(URL, APP_ID, "1.0.0", schema="1.30"))["manifest.json"]
    )
    (bot,) = made["bots"]
    assert bot["supportsTargetedMessages"] is True
    channels, chat = bot["commandLists"]
    assert channels["triggers"] == ["mention", "slash"]
    assert chat["scopes"] == ["personal"]
    assert len(chat["commands"]) <= 12
    for command, starter in zip(RANKED, manifest._starters(lang), strict=False):
        assert starter["type"] == "prompt"
        assert understand(starter["prompt"]).intent == command.name
        assert len(starter["title"]) <= 32
    words = manifest.translation(lang, "1.30")
    assert f"bots[0].commandLists[1].commands[{len(chat['commands']) - 1}].prompt" in words


@pytest.mark.parametrize(
    "url",
    ["http://gpu.example.com", "https://localhost", "https://gpu.example.com:8443", "ftp://x.y", "", "https://u:p@x.y", "https://x.y:nan"],
)  # fmt: skip
def test_addresses_that_teams_cannot_call(url: str) -> None:
    """Said in words, before an admin uploads something that stays silent."""
    with pytest.raises(ValueError, match="--url must be a public https address"):
        manifest.package(url, APP_ID, "1.0.0")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"app_id": "my-bot"}, "application id"),
        ({"version": "1.0"}, "three numbers"),
        ({"version": "01.0.0"}, "three numbers"),
        ({"privacy": "http://x.y"}, "--privacy must be an https"),
        ({"assistant": "qm key"}, "developer portal"),
    ],
)
def test_what_else_is_refused(more: dict[str, str], says: str) -> None:
    """Ids, versions and pages that Teams would turn down."""
    with pytest.raises(ValueError, match=says):
        manifest.package(**{"url": URL, "app_id": APP_ID, "version": "1.0.0", **more})  # type: ignore[arg-type]


def test_the_command_writes_the_package(tmp_path: Path) -> None:
    """With options, or from the settings of the installation; wrong use is 2, with a reason."""
    out = tmp_path / "app.zip"
    words = ["manifest", "teams", "--out", str(out)]
    run = CliRunner()
    done = run.invoke(cli, [*words, "--url", URL, "--app-id", APP_ID, "--privacy", "https://x.y/p"])
    assert done.exit_code == 0, done.output
    made = json.loads(opened(out.read_bytes())["manifest.json"])
    assert made["developer"]["privacyUrl"] == "https://x.y/p"
    done = run.invoke(
        cli, words, env={"QUARTERMASTER_PUBLIC_URL": "https://a.example.org", "MICROSOFT_APP_ID": APP_ID}
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert json.loads(opened(out.read_bytes())["manifest.json"])["validDomains"] == [
        "a.example.org"
    ]
    done = run.invoke(cli, [*words, "--url", "http://x", "--app-id", APP_ID])
    assert done.exit_code == 2
    assert "public https address" in done.output
    assert run.invoke(cli, words).exit_code == 2
