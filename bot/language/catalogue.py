"""Makes what a language is read from: `python -m bot.language.catalogue` (make catalog).

Messages are translated in one small file a topic (`*.po`), so that whoever adds a command adds its
words beside it; gettext reads the one compiled file made here. English needs none: the messages are
English. `pack.py` holds the TOML files of the folder, and of Babel's CLDR data the separators,
months and countries of each locale.
"""

from __future__ import annotations

import io
import pprint
import tomllib
from pathlib import Path
from typing import Any

from bot.language import DOMAIN, FOLDERS, HERE, Lang

MESSAGES = DOMAIN + ".mo"


def folder(lang: Lang) -> Path:
    return HERE / FOLDERS[lang]


def merged(lang: Lang) -> bytes:
    """The compiled catalogue of every topic file; a message translated twice differently fails."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    locale = language(lang)["folder_locale"]
    whole = Catalog(locale=locale, charset="utf-8", project="quartermaster", version="1")
    whole.header_comment = ""
    for path in sorted(folder(lang).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale, charset="utf-8"):
                if not message.id:
                    continue
                known = whole.get(message.id)
                if known is not None and known.string != message.string:
                    raise SystemExit(f"{path}: {message.id!r} is translated in two ways")
                whole.add(message.id, message.string)
    out = io.BytesIO()
    write_mo(out, whole)
    return out.getvalue()


def language(lang: Lang) -> dict[str, Any]:
    return tomllib.loads((folder(lang) / "language.toml").read_text("utf-8"))


def data(lang: Lang) -> dict[str, Any]:
    """The tables of a folder, and what CLDR knows of its locales."""
    from babel import Locale

    whole = language(lang)
    for name, held in whole["formats"].items():
        locale = Locale.parse(name, sep="-")
        symbols = locale.number_symbols["latn"]
        months = locale.months["format"]["abbreviated"]
        held["group"], held["decimal"] = symbols["group"], symbols["decimal"]
        held["months"] = [months[number].rstrip(".") for number in range(1, 13)]
        full = locale.months["format"]["wide"]
        held["full_months"] = [full[number] for number in range(1, 13)]
    whole["country_names"] = {
        code: str(country)
        for code, country in sorted(Locale.parse(whole["folder_locale"]).territories.items())
        if len(code) == 2 and code.isalpha()
    }
    for path in sorted(folder(lang).glob("*.toml")):
        if path.stem != "language":
            whole[path.stem] = tomllib.loads(path.read_text("utf-8"))
    return whole


def module(lang: Lang) -> str:
    """The text of `pack.py`."""
    body = pprint.pformat(data(lang), width=110, sort_dicts=False)
    return f'"""Made by `make catalog`; not edited by hand."""\n\nDATA = {body}\n'


def main() -> None:
    for lang in FOLDERS:
        (folder(lang) / "pack.py").write_text(module(lang), "utf-8")
        if any(folder(lang).glob("*.po")):
            (folder(lang) / MESSAGES).write_bytes(merged(lang))


if __name__ == "__main__":
    main()
