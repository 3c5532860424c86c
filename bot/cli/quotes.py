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
@click.option(
    "--table",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the comparison there, as .xlsx or .csv.",
)
@click.option("--negotiate", is_flag=True, help="Print a negotiation sheet for each quote instead.")
@click.option("--lang", type=click.Choice(LANGS), help="Language of the answer.")
def quote(
    files: tuple[Path, ...], as_json: bool, table: Path | None, negotiate: bool, lang: str | None
) -> None:
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
    if any(foreign(reading) for reading in readings):
        with open_store() as store:
            readings = [converted(reading, store) for reading in readings]
    if table is not None:
        _write(table, readings)
    if negotiate:
        _sheets(readings, lang)
        return
    if as_json:
        for reading in readings:
            click.echo(json.dumps(reading, ensure_ascii=False))
        return
    _show(readings, lang)


def _write(path: Path, readings: list[dict[str, Any]]) -> None:
    from bot.cli.local import fail
    from bot.quotes import sheet

    made = {".xlsx": sheet.as_xlsx, ".csv": sheet.as_csv}.get(path.suffix.lower())
    if made is None:
        fail(f"{path}: a table is written as .xlsx or .csv.")
    try:
        path.write_bytes(made(readings))
    except OSError as fault:
        fail(f"{fault.filename}: {fault.strerror}.")


def _sheets(readings: list[dict[str, Any]], lang: Any) -> None:
    from bot.cli.local import open_store
    from bot.core.desk import TERMINAL, Desk
    from bot.core.wording import wording
    from bot.quotes import negotiation
    from bot.render.terminal import show

    now = datetime.now(UTC)
    with open_store() as store:
        desk = Desk(store, now, wording(lang or "en"), TERMINAL)
        for reading in readings:
            for found in reading["quotes"]:
                made = negotiation.answer(found, desk)
                show(made._replace(lang=lang or "en", now=now), sys.stdout)


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--table",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the table that sellers fill in, as .xlsx; `quote` reads it back.",
)
@click.option("--lang", type=click.Choice(LANGS), help="Language of the answer.")
def rfq(words: tuple[str, ...], table: Path | None, lang: Any) -> None:
    """Write a request for quotes from WORDS ("64 H100 SXM infiniband 6 months europe")."""
    from bot.cli.local import fail, open_store
    from bot.commands import rfq as command
    from bot.core.desk import TERMINAL, Desk
    from bot.core.wording import wording
    from bot.quotes import request
    from bot.render.terminal import show
    from bot.understanding.understand import understand

    question = understand("rfq " + " ".join(words))
    now, say = datetime.now(UTC), wording(lang or question.lang)
    with open_store() as store:
        desk = Desk(store, now, say, TERMINAL)
        made = command.answer(question, desk)
        sellers = [
            say.provider(best.offer.provider) for best in command.worth_asking(question, desk)
        ]
    if table is not None:
        if table.suffix.lower() != ".xlsx":
            fail(f"{table}: the table for sellers is an .xlsx file.")
        try:
            table.write_bytes(request.table(question, sellers, say))
        except OSError as fault:
            fail(f"{fault.filename}: {fault.strerror}.")
    show(made._replace(lang=say.lang, now=now), sys.stdout)


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
    for reading in readings:
        for name, clause in reading.get("clauses", {}).items():
            said = " ".join(clause["sentences"][0].split())[:150] if clause["sentences"] else ""
            click.echo(f"{name.replace('_', ' '):<26}{clause['status']:<9}{said}")
        for row in reading.get("usage", ()):
            click.echo(
                f"{row['month']}  {row['card']:<8} used {row['used']:,.1f} GPU-h, "
                f"committed {'not known' if row['committed'] is None else format(row['committed'], ',.1f')}, "
                f"idle {row['unused']:,.1f}"
            )
    if all(reading["status"] in {"refused", "unreadable"} for reading in readings):
        sys.exit(1)
