"""`quartermaster manifest ...`: what an admin uploads to have the bot in a platform."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.group()
def manifest() -> None:
    """What an admin uploads to add this installation to Slack or Teams."""


@manifest.command()
@click.option("--url", help="Where Teams reaches this service. [default: QUARTERMASTER_PUBLIC_URL]")
@click.option("--app-id", help="Application id of the bot. [default: MICROSOFT_APP_ID]")
@click.option(
    "--app-version", default="1.0.0", show_default=True, help="Raise it with every upload."
)
@click.option("--website", help="Page about your bot. [default: --url]")
@click.option("--privacy", help="Your privacy statement. [default: --website]")
@click.option("--terms", help="Your terms of use. [default: --website]")
@click.option(
    "--assistant", metavar="ID",
    help="Microsoft 365 agents may ask us too, by MCP: the id of your API key in the developer portal.",
)  # fmt: skip
@click.option(
    "--schema", type=click.Choice(["1.22", "1.30"]), default="1.22", show_default=True,
    help="1.30: prompt starters, and slash commands that only the asker sees; where your tenant takes it.",
)  # fmt: skip
@click.option(
    "--out", "-o", type=click.Path(dir_okay=False, path_type=Path),
    default=Path("quartermaster-teams.zip"), show_default=True, help="The package; - for standard output.",
)  # fmt: skip
def teams(
    url: str | None,
    app_id: str | None,
    app_version: str,
    website: str | None,
    privacy: str | None,
    terms: str | None,
    assistant: str | None,
    schema: str,
    out: Path,
) -> None:
    """The Teams app package: manifest, icons, translations, in one zip."""
    from bot.core.settings import SettingsFault, read_settings
    from bot.teams.manifest import package

    try:
        settings = read_settings()
    except SettingsFault as fault:
        raise click.ClickException(str(fault)) from None
    url, app_id = url or settings.public_url, app_id or settings.microsoft_app_id
    if not url or not app_id:
        raise click.UsageError("--url and --app-id say what the package is for.")
    try:
        made = package(
            url, app_id, app_version,
            website=website, privacy=privacy, terms=terms, assistant=assistant, schema=schema,
        )  # fmt: skip
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None
    if str(out) == "-":
        sys.stdout.buffer.write(made)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(made)
    except OSError as fault:
        raise click.ClickException(f"{out} cannot be written: {fault.strerror}") from None
    click.echo(f"{out}: upload it in the Teams admin centre, under Manage apps.")


@manifest.command()
@click.option("--url", help="Where Slack reaches this service. [default: QUARTERMASTER_PUBLIC_URL]")
@click.option(
    "--socket-mode", is_flag=True, help="Without a public address: we open the connection."
)
@click.option("--assistant", is_flag=True, help="Slackbot may ask us too, by MCP.")
def slack(url: str | None, socket_mode: bool, assistant: bool) -> None:
    """The Slack app manifest, as YAML: paste it where Slack asks for one."""
    from bot.core.settings import SettingsFault, read_settings
    from bot.slack.manifest import as_yaml
    from bot.slack.manifest import manifest as made

    if url is None:
        try:
            url = read_settings().public_url
        except SettingsFault as fault:
            raise click.ClickException(str(fault)) from None
    if not url and not socket_mode:
        raise click.UsageError("Give --url https://..., or --socket-mode.")
    try:
        click.echo(as_yaml(made(url, socket_mode=socket_mode, assistant=assistant)), nl=False)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None
