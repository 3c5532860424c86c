"""`quartermaster quote FILE...`: what sellers sent, read field by field and set side by side."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from bot.language import LANGS


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
@click.option("--lang", type=click.Choice(LANGS), help="Language of the answer.")
def quote(files: tuple[Path, ...], as_json: bool, lang: str | None) -> None:
    """Read quotes out of FILEs (text, mail, CSV, XLSX, PDF); without FILE, of standard input."""
    from bot.local import fail, open_store
    from bot.quotes.converting import converted, foreign
    from bot.quotes.reading import read_file, read_text

    readings = []
    try:
        readings = [read_file(path) for path in files]
    except OSError as fault:
        fail(f"{fault.filename}: {fault.strerror}.")
    if not files:
        readings = [{"file": "-", **read_text(sys.stdin.read())}]
    if any(foreign(one) for one in readings):
        with open_store() as store:
            readings = [converted(one, store) for one in readings]
    if as_json:
        for one in readings:
            click.echo(json.dumps(one, ensure_ascii=False))
        return
    del lang
