"""The house: walls between rooms, one list each, and claims compared with the code."""

from __future__ import annotations

import ast
import gettext
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from bot.core.command import BY_NAME, COMMANDS
from bot.core.settings import (
    GROUPS,
    Settings,
    SettingsFault,
    documented,
    read_settings,
    unknown_names,
)
from bot.language import FOLDERS, HERE, LANGS, Lang, catalogue
from knowledge.prices.seed import BUNDLED_LICENCE, BUNDLED_TITLE
from knowledge.sources import SOURCES

PRODUCT = sorted(
    path
    for room in ("bot", "knowledge")
    for path in (ROOT / room).rglob("*.py")
    if path.name != "pack.py"  # made of a language's own files
)
README = (ROOT / "README.md").read_text("utf-8")
LIGHT = {
    "pydantic",
    "sqlite_utils",
    "rapidfuzz",
    "rich",
    "plotext",
    "prompt_toolkit",
    "babel",
}
"""Packages a module may not import when it is imported itself: a cold `ask` pays for each."""
PLATFORMS = (
    "bot/slack/", "bot/teams/", "bot/state/", "bot/standing/", "bot/service/", "bot/app/", "bot/api/", "bot/mcp/",
)  # fmt: skip
"""Rooms of the service, which no question on a terminal enters."""
HEAVY_ROOMS = {
    "bot/core/settings.py",
    "knowledge/prices/csv_rows.py",
    "knowledge/refresh/sheet.py",
}
"""Rooms that are heavy by nature, and imported only inside functions."""


def _imports(path: Path, *, top_level: bool = False) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    nodes = tree.body if top_level else list(ast.walk(tree))
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize(
    "path", [p for p in PRODUCT if p.is_relative_to(ROOT / "knowledge")], ids=str
)
def test_knowledge_never_imports_the_bot(path: Path) -> None:
    """`bot` leans on `knowledge`, never the other way."""
    assert not any(name == "bot" or name.startswith("bot.") for name in _imports(path))


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_cold_question_imports_nothing_heavy(path: Path) -> None:
    """Heavy packages are imported inside the function that needs them."""
    room = str(path.relative_to(ROOT))
    if room in HEAVY_ROOMS or room.startswith(PLATFORMS):
        return
    assert {name.split(".")[0] for name in _imports(path, top_level=True)} & LIGHT == set()


def test_a_cold_question_really_loads_nothing_heavy() -> None:
    """The same, seen in a process that has answered a question."""
    code = (
        "import sys, io; from bot.cli.main import cli;"
        "cli(['ask', 'help'], standalone_mode=False);"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'pydantic', 'sqlite_utils', 'rapidfuzz', 'rich', 'plotext', 'prompt_toolkit'}), file=sys.stderr)"
    )
    subprocess.run(
        [sys.executable, "-m", "bot", "ask", "help"], cwd=ROOT, capture_output=True, check=True
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_time_is_given_never_asked_for(path: Path) -> None:
    """Only the ways in know what time it is: the command line, the prompt, a platform's door."""
    doors = {ROOT / "bot" / platform / "app.py" for platform in ("slack", "teams")}
    if path.is_relative_to(ROOT / "bot" / "cli") or path in {*doors, ROOT / "bot/app/serve.py"}:
        return
    text = path.read_text("utf-8")
    assert not re.search(r"datetime\.now\(|time\.time\(|date\.today\(", text)


def test_every_command_has_its_file_and_every_file_its_command() -> None:
    """COMMANDS is the one list."""
    files = {path.stem for path in (ROOT / "bot" / "commands").glob("*.py")} - {
        "__init__",
        "not_yet",
    }
    assert {command.name for command in COMMANDS} == files
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)


def _is_command(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value in BY_NAME


@pytest.mark.parametrize(
    "path",
    PRODUCT,
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_other_list_of_commands(path: Path) -> None:
    """Which commands do what stands in their records: a list elsewhere is forgotten silently."""
    exempt = ("bot/core/command.py", "bot/understanding/")
    if str(path.relative_to(ROOT)).startswith(exempt):
        return
    lists = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        items: list[ast.expr | None] = []
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            items = list(node.elts)
        elif isinstance(node, ast.Dict):
            items = list(node.keys)
        if len(items) > 1 and all(map(_is_command, items)):
            lists.append(node.lineno)  # type: ignore[attr-defined]
    assert lists == []


LANGUAGE = re.compile(
    r"""[=!]=\s*["'](?:en|pt|es)["']|["'](?:en|pt|es)["']\s*[=!]=|\[\s*pt\s*\]|\bpt\s*[:=]|\{\s*["']pt["']\s*:|pt[-_]BR"""
)


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_asks_which_language_it_is(path: Path) -> None:
    """What differs between languages stands in their folders: code looks it up by the language."""
    exempt = ("bot/language/", "bot/understanding/")
    if str(path.relative_to(ROOT)).startswith(exempt):
        return
    assert LANGUAGE.findall(path.read_text("utf-8")) == []


def _messages() -> dict[str, str | None]:
    """Every literal sentence of the code: message -> its plural or None."""
    found: dict[str, str | None] = {command.summary: None for command in COMMANDS}
    found |= {command.form: None for command in COMMANDS if command.form}
    found |= {command.order: None for command in COMMANDS if command.order}
    found |= {command.group: None for command in COMMANDS if command.group}
    found |= {source.opt_in: None for source in SOURCES.values() if source.opt_in}
    found |= {BUNDLED_TITLE: None, BUNDLED_LICENCE: None}
    for path in PRODUCT:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            words = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
            if node.func.attr == "t" and words and isinstance(words[0], str):
                found.setdefault(words[0], None)
            if node.func.attr == "tn" and len(words) > 1 and isinstance(words[0], str):
                found[words[0]] = str(words[1])
    return found


TRANSLATED: list[Lang] = [lang for lang in LANGS if any(catalogue.folder(lang).glob("*.po"))]


def _sentences(lang: Lang) -> dict[Any, str]:
    """The compiled messages of a language: a message, or (message, form) -> its words."""
    with (catalogue.folder(lang) / catalogue.MESSAGES).open("rb") as file:
        known: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key: words for key, words in known.items() if key}


@pytest.mark.parametrize("lang", TRANSLATED)
def test_every_sentence_has_its_translation(lang: Lang) -> None:
    """No answer falls back into English, and no placeholder is lost on the way."""
    known = _sentences(lang)
    missing = []
    for message, plural in _messages().items():
        keys = [(message, 0), (message, 1)] if plural else [message]
        if not all(known.get(key) for key in keys):
            missing.append(message)
            continue
        theirs = known[keys[-1]]
        holes = set(re.findall(r"{(\w+)}", plural or message))
        assert set(re.findall(r"{(\w+)}", theirs)) == holes, message
    assert missing == []


@pytest.mark.parametrize("lang", TRANSLATED)
def test_no_translation_is_left_over(lang: Lang) -> None:
    """A sentence the code no longer says has no translation either."""
    keys = {key[0] if isinstance(key, tuple) else key for key in _sentences(lang)}
    assert keys - set(_messages()) == set()


@pytest.mark.parametrize("lang", TRANSLATED)
def test_the_compiled_catalogue_is_the_written_one(lang: Lang) -> None:
    """`make catalog` was run after the last change of a .po file."""
    import io

    written = gettext.GNUTranslations(io.BytesIO(catalogue.merged(lang)))
    theirs = {key: words for key, words in written._catalog.items() if key}  # type: ignore[attr-defined]
    assert _sentences(lang) == theirs


@pytest.mark.parametrize("lang", LANGS)
def test_the_compiled_pack_is_the_written_one(lang: Lang) -> None:
    """`make catalog` was run after the last change of a pack's files."""
    assert (catalogue.folder(lang) / "pack.py").read_text("utf-8") == catalogue.module(lang)


def test_every_folder_of_a_language_is_one_we_speak() -> None:
    folders = {path.name for path in HERE.iterdir() if (path / "language.toml").exists()}
    assert folders == set(FOLDERS.values())
    assert tuple(FOLDERS) == LANGS


def _entries(value: object, *, inside: str = "") -> set[str]:
    """The names of all entries of a pack; what is free to differ by language is left out."""
    if not isinstance(value, dict) or inside in FREE:
        return {inside}
    return {
        name
        for key, held in value.items()
        for name in _entries(held, inside=f"{inside}.{key}" if inside else str(key))
    }


FREE = {"formats", "country_names", "places.countries.before"}
"""Tables whose keys belong to one language: its locales, its prepositions, CLDR's countries."""


@pytest.mark.parametrize("lang", LANGS)
def test_every_pack_holds_the_same_entries(lang: Lang) -> None:
    """An entry that one language has and another lacks would fail when it is first asked for."""
    assert _entries(catalogue.data(lang)) ^ _entries(catalogue.data("en")) == set()
    for name, held in catalogue.data(lang)["formats"].items():
        assert set(held) == set(catalogue.data("en")["formats"]["en-US"]), name
        assert len(held["months"]) == 12


def test_the_page_of_settings_is_made_from_the_model() -> None:
    """`make schemas` was run after the last change of a setting."""
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == documented()
    assert set().union(*(group.model_fields for group in GROUPS)) == set(Settings.model_fields)
    assert all(info.description for info in Settings.model_fields.values())


def test_every_kind_of_setting_is_read() -> None:
    """Lists, secrets, one variable for each source, customary names; empty is unset."""
    key = "A" * 43 + "="
    read = read_settings(
        {
            "QUARTERMASTER_SOURCES": " Azure, aws ,",
            "QUARTERMASTER_ENCRYPTION_KEYS": key,
            "QUARTERMASTER_SOURCE_KEY_LAMBDA": "hunter2",
            "QUARTERMASTER_SOURCE_URL_AWS": "http://127.0.0.1:1/",
            "QUARTERMASTER_SLACK_ADMINS": "U1,U2",
            "QUARTERMASTER_HOST": "",
            "QUARTERMASTER_DEV": "1",
            "SLACK_BOT_TOKEN": "xoxb-hunter2",
            "MICROSOFT_APP_ID": "id",
        }
    )
    assert read.sources == ("azure", "aws")
    assert read.encryption_keys[0].get_secret_value() == key
    assert read.source_keys["lambda"].get_secret_value() == "hunter2"
    assert read.source_urls == {"aws": "http://127.0.0.1:1/"}
    assert (read.slack_admins, read.host, read.dev) == (("U1", "U2"), "127.0.0.1", True)
    assert read.microsoft_app_id == "id"
    assert read.state_address.endswith("/state.db")
    assert "hunter2" not in repr(read) + str(read) + str(read.model_dump())


def test_a_mistyped_setting_is_noticed() -> None:
    assert unknown_names({"QUARTERMASTER_PROT": "1", "QUARTERMASTER_PORT": "1"}) == {
        "QUARTERMASTER_PROT": "QUARTERMASTER_PORT"
    }


def test_all_faults_of_the_settings_are_told_at_once() -> None:
    """And no value is repeated: one of them may be a secret."""
    with pytest.raises(SettingsFault) as raised:
        read_settings(
            {
                "QUARTERMASTER_SOURCE_URL_AZURE": "hunter2",
                "QUARTERMASTER_CONTACT": "hunter2" * 90,
                "QUARTERMASTER_ENCRYPTION_KEYS": "hunter2",
                "QUARTERMASTER_COMMANDS_PER_MINUTE": "hunter2",
                "QUARTERMASTER_PORT": "tcp://hunter2",
                "MICROSOFT_APP_TYPE": "hunter2",
            }
        )
    for name in (
        "QUARTERMASTER_SOURCE_URL_AZURE",
        "QUARTERMASTER_CONTACT",
        "QUARTERMASTER_ENCRYPTION_KEYS",
        "QUARTERMASTER_COMMANDS_PER_MINUTE",
        "QUARTERMASTER_PORT",
        "MICROSOFT_APP_TYPE",
    ):
        assert f"{name}: " in str(raised.value)
    assert len(str(raised.value).splitlines()) == 6
    assert "hunter2" not in str(raised.value)


DOCS = sorted((ROOT / "docs").glob("*.md"))


def _readme_commands() -> list[str]:
    """Of the README and of docs/, once each; what docs/extend.md types has a test of its own."""
    texts = [README, *(path.read_text("utf-8") for path in DOCS if path.name != "extend.md")]
    blocks = [
        block for text in texts for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    ]
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return list(dict.fromkeys(line[2:] for line in lines if line.startswith("$ quartermaster")))


@pytest.mark.parametrize("path", [ROOT / "README.md", *DOCS], ids=lambda path: path.name)
def test_every_link_between_documents_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("line", _readme_commands())
def test_every_command_of_the_readme_runs(line: str) -> None:
    """As it stands there, from the top of the checkout."""
    words = shlex.split(line)[1:]
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_nothing_names_a_registry_or_a_path_of_somebody() -> None:
    """Lock files carry hashes and no addresses; no file carries a developer's folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    hosts = re.compile(
        r"py"
        r"pi\.org|python"
        r"hosted\.org|registry\.npm"
        r"js\.org|/home/\w+/|/Users/\w+/|/work/"
    )
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.suffix in {".mo", ".png"} or not path.is_file():
            continue
        found = hosts.search(path.read_text("utf-8", errors="replace"))
        assert found is None or name == "tests/test_house.py", f"{name}: {found and found.group()}"


def test_rooms_stay_small() -> None:
    """Over 650 lines a room has become two."""
    for path in PRODUCT:
        if path.name == "pack.py":
            continue  # made from the TOML files beside it
        assert len(path.read_text("utf-8").splitlines()) <= 650, path


def test_every_test_that_security_leans_on_exists() -> None:
    """SECURITY.md names tests; a renamed one must be renamed there too."""
    named = re.findall(
        r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "SECURITY.md").read_text("utf-8")
    )
    assert len(named) > 20
    for path, test in named:
        assert f"def {test}" in (ROOT / path).read_text("utf-8"), f"{path}::{test}"
