"""The ways in from a terminal. Each command imports what it needs when it runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.cli import key, manifest, quotes
from bot.cli import state as state_cli
from bot.cli.local import fail, open_store, terminal
from bot.core.paths import default_data_dir
from bot.language import LANGS


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="quartermaster")
def cli() -> None:
    """Quartermaster answers GPU-rental procurement questions with sourced, dated prices.

    Try: quartermaster ask cheapest A100
    """


@contextmanager
def working(what: str) -> Iterator[None]:
    """A moving line while something takes its time; only for people at a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


# -- questions -------------------------------------------------------------------------------


@cli.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print question, answer and offers as JSON.")
@click.option(
    "--as",
    "target",
    type=click.Choice(["text", "slack", "teams"]),
    default="text",
    help="Render for a terminal, or print the blocks or the card that Slack or Teams would get.",
)
@click.option("--lang", type=click.Choice(LANGS), help="Language of the answer.")
@click.option(
    "--owner", help="Workspace whose negotiated prices may be seen beside the list prices."
)
def ask(text: tuple[str, ...], as_json: bool, target: str, lang: Any, owner: str | None) -> None:
    """Answer one question, for example: ask cheapest 8x A100 80GB eu."""
    import json

    from bot.reply.reply import reply

    with open_store() as store:
        if owner:
            state_cli.bring_contracts(store)
        asker = terminal()._replace(lang=lang, workspace=owner)
        answer = reply(" ".join(text), asker, datetime.now(UTC), store)
        if as_json:
            from bot.render.answer_json import answer_json

            click.echo(json.dumps(answer_json(answer), ensure_ascii=False, indent=2))
        elif target == "slack":
            from bot.slack.blocks import render as blocks

            click.echo(json.dumps(blocks(answer), ensure_ascii=False, indent=2))
        elif target == "teams":
            from bot.teams.card import render

            click.echo(json.dumps(render(answer), ensure_ascii=False, indent=2))
        else:
            from bot.render.terminal import show

            show(answer, sys.stdout)
    if answer.tone == "fault":
        sys.exit(1)


@cli.command()
@click.argument("text", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--jsonl", is_flag=True, help='Read {"q": ..., "after": [...]} lines on standard input.'
)
@click.option(
    "--why", is_flag=True, help="Show the mentions, their roles and what decided the intent."
)
@click.option(
    "--after",
    multiple=True,
    metavar="TEXT",
    help="An earlier text of the same thread; may be given several times.",
)
def parse(
    text: tuple[str, ...], as_json: bool, jsonl: bool, why: bool, after: tuple[str, ...]
) -> None:
    """Show what was understood of a text."""
    import json

    from bot.understanding.understand import thread, understand

    if jsonl:
        _parse_lines()
        return
    if not text:
        raise click.UsageError("Give a TEXT, or --jsonl with lines on standard input.")
    words = " ".join(text)
    before = thread(after)
    if why:
        from bot.understanding.why import lines

        for line in lines(words, before):
            click.echo(line)
        return
    stated = understand(words, before).stated()
    if as_json:
        click.echo(json.dumps(stated, ensure_ascii=False))
        return
    width = max(map(len, stated))
    for name, value in stated.items():
        click.echo(f"{name.ljust(width)}  {value}")


def _parse_lines() -> None:
    import json

    from bot.understanding.understand import thread, understand

    bad = 0
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text, after = str(row["q"]), [str(earlier) for earlier in row.get("after", ())]
        except (ValueError, KeyError, TypeError, AttributeError):
            click.echo(f'line {number}: not a JSON object with a text "q"', err=True)
            click.echo(json.dumps({"error": "no text q"}))
            bad += 1
            continue
        click.echo(json.dumps(understand(text, thread(after)).stated(), ensure_ascii=False))
    if bad:
        sys.exit(1)


@cli.command()
@click.option("--lang", type=click.Choice(LANGS), help="Language of the answers.")
def chat(lang: Any) -> None:
    """Ask at a prompt, with history and completion; Ctrl-D ends."""
    from bot.cli.chat import run

    with open_store() as store:
        run(store, lang)


@cli.command()
@click.argument("text", nargs=-1, required=True)
@click.option(
    "--png",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Also write the chart to this file.",
)
def history(text: tuple[str, ...], png: Path | None) -> None:
    """Prices over time, for example: history h100 90d."""
    from bot.render.terminal import show
    from bot.reply.reply import reply

    with open_store() as store:
        answer = reply("history " + " ".join(text), terminal(), datetime.now(UTC), store)
        show(answer, sys.stdout)
    if png and answer.chart:
        from bot.render.chart import png as drawn

        png.write_bytes(drawn(answer.chart, answer.lang, answer.locale))
    if answer.tone != "plain":
        sys.exit(1)


# -- prices in and out -----------------------------------------------------------------------


@cli.command()
@click.argument("sources", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Fetch, read and check, but store nothing.")
@click.option(
    "--accept",
    is_flag=True,
    help="Store what was refused because offers were lost or prices jumped; name the sources.",
)
@click.option("--due", is_flag=True, help="Only the sources whose turn it is by the settings.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def refresh(
    sources: tuple[str, ...], dry_run: bool, accept: bool, due: bool, as_json: bool
) -> None:
    """Fetch live prices from every source that is on, or from the SOURCEs named."""
    import asyncio

    from bot.core.settings import SettingsFault, read_settings
    from bot.service import refreshing
    from knowledge.prices.store import StoreFault
    from knowledge.refresh.refresh import RefreshFault
    from knowledge.refresh.refresh import refresh as run

    if accept and not sources:
        raise click.UsageError(
            "Name the sources whose changes you looked at: refresh NAME --accept"
        )
    try:
        settings = read_settings()
    except SettingsFault as fault:
        fail(str(fault))
    names = tuple(name.lower() for name in sources)
    wanted = refreshing.wanted(settings, names, dry_run=dry_run, accept=accept)
    turns = refreshing.due(settings) if due else None
    with open_store() as store, refreshing.Display(sys.stderr) as display:
        try:
            report = asyncio.run(
                run(store, wanted, clock=lambda: datetime.now(UTC), due=turns, tell=display.tell)
            )
        except RefreshFault as fault:
            raise click.UsageError(str(fault)) from None
        except StoreFault as fault:
            fail(str(fault))
    if as_json:
        click.echo(refreshing.as_json(report))
    else:
        refreshing.show(report, sys.stdout, dry_run=dry_run)
    # With --due, nobody's turn is no failure.
    if report.nothing_worked and (report.sources or not due):
        sys.exit(1)


@cli.command("sources")
@click.argument("names", nargs=-1)
@click.option("--hidden", is_flag=True, help="The offers that step back, and what stands for each.")
def sources_command(names: tuple[str, ...], hidden: bool) -> None:
    """What each source brought; with --hidden, which offers are held and not shown."""
    from bot.render.terminal import show
    from bot.reply.reply import reply
    from knowledge.prices.hidden import hidden as stepping_back

    with open_store() as store:
        if not hidden:
            show(reply("sources", terminal(), datetime.now(UTC), store), sys.stdout)
            return
        count = 0
        for offer in stepping_back(store, names):
            count += 1
            where = offer.region or offer.country or "no place stated"
            term = f" {offer.term_months} months" if offer.term_months else ""
            instead = (
                f"{offer.instead} ${offer.instead_usd_per_hour:,.2f}"
                if offer.instead
                else "nothing now"
            )
            click.echo(
                f"{offer.provider}  {offer.instance_type}  {offer.count}x {offer.accelerator or 'no card'}  "
                f"{where}  {offer.billing}{term}  ${offer.price_usd_per_hour:,.2f}  {offer.as_of[:10]}  "
                f"{offer.source}  <- {instead}"
            )
        click.echo(f"{count:,} offers are held and not shown.")


@cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source", default="import", show_default=True, help="Name these offers are kept under."
)
@click.option("--owner", help="Workspace whose negotiated prices these are; only it will see them.")
@click.option("--dry-run", is_flag=True, help="Judge the file and show what would change.")
def import_file(file: Path, source: str, owner: str | None, dry_run: bool) -> None:
    """Offers from a CSV or an XLSX: all rows or none, each bad row named by its line."""
    from knowledge.prices.store import StoreFault
    from knowledge.refresh.importing import ImportFault, import_csv

    with open_store() as store, working(f"Importing {file.name}"):
        if owner:
            state_cli.bring_contracts(store)
        try:
            done = import_csv(
                file, store, source=source, owner=owner, now=datetime.now(UTC), dry_run=dry_run
            )
        except (ImportFault, StoreFault) as fault:
            fail(str(fault))
        if owner and not dry_run:
            from bot.standing.pricestore import keep_imported

            with state_cli.open_state() as state:  # sealed there, and in no file in clear
                keep_imported(state, store, owner, source)
                if not state.seal.seals:
                    click.echo(
                        "Kept in clear: set QUARTERMASTER_ENCRYPTION_KEYS and import again to seal these prices.",
                        err=True,
                    )
    for note in done.notes:
        click.echo(note)
    verb = "would be" if dry_run else "are now"
    click.echo(
        f"{done.offers} offers from {file.name} {verb} source {source!r}: {done.new} new, {done.changed} changed, {done.gone} gone."
    )


@cli.command()
@click.option(
    "--csv", "kind", flag_value="csv", default=True, help="CSV with the import header (default)."
)
@click.option("--json", "kind", flag_value="json", help="A JSON list.")
def export(kind: str) -> None:
    """The current offers on standard output."""
    import json

    from knowledge.refresh.importing import export_rows, write_csv

    with open_store() as store:
        rows = export_rows(store)
        if kind == "json":
            json.dump(list(rows), sys.stdout, ensure_ascii=False, indent=1)
            click.echo()
        else:
            write_csv(rows, sys.stdout)


@cli.command()
@click.argument("name", type=click.Choice(["answer", "question", "openapi"]), default="answer")
def schema(name: str) -> None:
    """The JSON Schema of what `ask --json` prints, of a structured question, or the API's document."""
    import json

    if name == "answer":
        from bot.render.answer_json import schema as made
    elif name == "openapi":
        from bot.api.app import document as made
    else:
        from bot.render.question_json import schema as made
    click.echo(json.dumps(made(), ensure_ascii=False, indent=2))


# -- looking after it ------------------------------------------------------------------------


@cli.command()
@click.option("--host", help="Address to listen on (QUARTERMASTER_HOST, else 127.0.0.1).")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port (QUARTERMASTER_PORT, else 3978); 0: any."
)
def serve(host: str | None, port: int | None) -> None:
    """Slack, Teams, standing orders, health and metrics in one process."""
    from bot.core.settings import SettingsFault, read_settings

    try:
        settings = read_settings()
    except SettingsFault as fault:
        fail(str(fault))
    given = {"host": host, "port": port}
    settings = settings.model_copy(update={k: v for k, v in given.items() if v is not None})
    from bot.app.serve import serve as run

    sys.exit(run(settings))


@cli.command()
@click.option("--owner", help="Workspace whose negotiated prices may be seen.")
@click.option("--lang", type=click.Choice(LANGS), help="Language of the answers.")
def mcp(owner: str | None, lang: Any) -> None:
    """An MCP server on standard input and output, for an assistant on this machine."""
    from bot.mcp.stdio import run

    with open_store() as store:
        if owner:
            state_cli.bring_contracts(store)
        run(store, lambda: datetime.now(UTC), owner=owner, lang=lang)


@cli.command()
def doctor() -> None:
    """Check settings, store, state, credentials and sources; says how to mend each fault."""
    from bot.app.doctor import run

    sys.exit(run(default_data_dir(), datetime.now(UTC)))


# -- what people entrusted to us ---------------------------------------------------------------

cli.add_command(key.key)
cli.add_command(manifest.manifest)
cli.add_command(quotes.quote)
cli.add_command(quotes.rfq)
cli.add_command(state_cli.digest)
cli.add_command(state_cli.rollback)
cli.add_command(state_cli.state)
