"""`quartermaster quote FILE...`: what sellers sent, read field by field and set side by side."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.language import LANGS


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
@click.option("--lang", type=click.Choice(LANGS), help="Language of the answer.")
def quote(files: tuple[Path, ...], as_json: bool, lang: str | None) -> None:
    """Read quotes out of FILEs (text, mail, CSV, XLSX, PDF); without FILE, of standard input."""
    from bot.cli.local import fail, open_store
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
    _show(readings, lang)


def _show(readings: list[dict[str, Any]], lang: Any) -> None:
    from bot.cli.local import open_store
    from bot.core.desk import TERMINAL, Desk
    from bot.core.wording import wording
    from bot.quotes import side
    from bot.render.terminal import show

    now = datetime.now(UTC)
    with open_store() as store:
        answer = side.answer(readings, Desk(store, now, wording(lang or "en"), TERMINAL))
        show(answer._replace(lang=lang or "en", now=now), sys.stdout)
    for one in readings:
        for name, clause in one.get("clauses", {}).items():
            said = " ".join(clause["sentences"][0].split())[:150] if clause["sentences"] else ""
            click.echo(f"{name.replace('_', ' '):<26}{clause['status']:<9}{said}")
        for row in one.get("usage", ()):
            click.echo(
                f"{row['month']}  {row['card']:<8} used {row['used']:,.1f} GPU-h, "
                f"committed {'not known' if row['committed'] is None else format(row['committed'], ',.1f')}, "
                f"idle {row['unused']:,.1f}"
            )
    if all(one["status"] in {"refused", "unreadable"} for one in readings):
        sys.exit(1)
