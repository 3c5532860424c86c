"""The languages we speak: one folder each, and nothing about a language anywhere else.

A folder holds plain files: `*.toml` (names, formats, places, commands, how a Question is put back
into words) and `*.po` (the sentences of the code). `make catalog` makes `pack.py` and
`quartermaster.mo` of them, with the names of months and countries from Babel's CLDR data: loading
Babel or a TOML reader would cost a cold question more than its answer. A fourth language is a
fourth folder, its code in `Lang`, and its line in `FOLDERS`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, cast, get_args

Lang = Literal["en", "pt", "es"]
FOLDERS: dict[Lang, str] = {"en": "en", "pt": "pt_br", "es": "es"}
LANGS: tuple[Lang, ...] = get_args(Lang)
HERE = Path(__file__).parent
DOMAIN = "quartermaster"


@cache
def pack(lang: Lang) -> dict[str, Any]:
    """The data of a language: the tables of `language.toml` at the top, every other file by name.

    `pack("es")["places"]` is `es/places.toml`; `formats` holds the figures of each locale.
    """
    return cast("dict[str, Any]", import_module(f"bot.language.{FOLDERS[lang]}.pack").DATA)


def lang_of(tag: str | None) -> Lang | None:
    """The language of a locale as platforms write it ("pt-BR", "es_MX"); None when we speak none."""
    code = (tag or "").replace("_", "-").partition("-")[0].lower()
    return next((lang for lang in LANGS if lang == code), None)


def locale_of(lang: Lang, tag: str | None = None, zone: str | None = None) -> str:
    """The locale whose formats a reader of `lang` expects: that of `tag` when we hold it.

    `tag` is what their platform says ("es-MX"); `also` in a format names further ones that share
    it. One without a country ("es", Slack's "es-LA") leaves it to `zone`, their IANA time zone.
    """
    formats: dict[str, dict[str, Any]] = pack(lang)["formats"]
    asked = (tag or "").replace("_", "-").partition(".")[0].lower()
    for name, held in formats.items():
        if asked in (name.lower(), *held["also"]):
            return name
    for name, held in formats.items():
        if zone in held["zones"]:
            return name
    return next(iter(formats))
