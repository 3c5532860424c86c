"""Builds what wording reads: `python -m bot.locale.catalogue` (make catalog).

Messages are translated in one small file a topic (`pt_BR/*.po`), so that whoever adds a command
adds its words beside it; gettext reads the one compiled file made here. Separators, months and
country names are taken from Babel's CLDR data into `cldr.py`: loading Babel itself would cost a
cold question more than its answer.
"""

from __future__ import annotations

import io
from pathlib import Path

HERE = Path(__file__).parent
COMPILED = HERE / "pt_BR" / "LC_MESSAGES" / "quartermaster.mo"
CLDR = HERE / "cldr.py"


def merged() -> bytes:
    """The compiled catalogue of every topic file; a message translated twice differently fails."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    whole = Catalog(locale="pt_BR", charset="utf-8", project="quartermaster", version="1")
    whole.header_comment = ""
    for path in sorted((HERE / "pt_BR").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="pt_BR", charset="utf-8"):
                if not message.id:
                    continue
                known = whole.get(message.id)
                if known is not None and known.string != message.string:
                    raise SystemExit(f"{path.name}: {message.id!r} is translated in two ways")
                whole.add(message.id, message.string)
    out = io.BytesIO()
    write_mo(out, whole)
    return out.getvalue()


def cldr() -> str:
    """The text of `cldr.py`: what Babel knows of our two languages."""
    from babel import Locale

    lines = ['"""Made by `make catalog` from Babel\'s CLDR data; not edited by hand."""', ""]
    for name in ("SEPARATORS", "MONTHS", "COUNTRIES"):
        kind = "dict[str, dict[str, str]]" if name == "COUNTRIES" else "dict[str, tuple[str, ...]]"
        lines.append(f"{name}: {kind} = {{")
        for lang, tag in (("en", "en_US"), ("pt", "pt_BR")):
            locale = Locale.parse(tag)
            symbols = locale.number_symbols["latn"]
            months = locale.months["format"]["abbreviated"]
            value: object
            if name == "SEPARATORS":
                value = (symbols["group"], symbols["decimal"])
            elif name == "MONTHS":
                value = tuple(months[number].rstrip(".") for number in range(1, 13))
            else:
                value = {
                    code: str(country)
                    for code, country in sorted(locale.territories.items())
                    if len(code) == 2 and code.isalpha()
                }
            lines.append(f"    {lang!r}: {value!r},")
        lines += ["}", ""]
    return "\n".join(lines)


def main() -> None:
    COMPILED.parent.mkdir(parents=True, exist_ok=True)
    COMPILED.write_bytes(merged())
    CLDR.write_text(cldr(), "utf-8")


if __name__ == "__main__":
    main()
