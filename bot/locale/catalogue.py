"""Builds the Portuguese catalogue: `python -m bot.locale.catalogue` (make catalog).

Messages are translated in one small file a topic (`pt_BR/*.po`), so that whoever adds a command
adds its words beside it; gettext reads the one compiled file made here.
"""

from __future__ import annotations

import io
from pathlib import Path

HERE = Path(__file__).parent
COMPILED = HERE / "pt_BR" / "LC_MESSAGES" / "quartermaster.mo"
PLURAL = "nplurals=2; plural=(n != 1);"


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


def main() -> None:
    COMPILED.parent.mkdir(parents=True, exist_ok=True)
    COMPILED.write_bytes(merged())


if __name__ == "__main__":
    main()
