"""`quartermaster key ...`: keys of a workspace's own programs and assistants."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from bot.language import LANGS


@click.group()
def key() -> None:
    """Keys of programs and assistants: make one, list them, end one."""


@key.command()
@click.argument("workspace")
@click.option("--label", default="", help="What it is for, to know it by.")
@click.option(
    "--may", "abilities", multiple=True, type=click.Choice(["contracts", "orders"]),
    help="Beyond asking: see the workspace's contract prices; keep watches and digests.",
)  # fmt: skip
@click.option("--place", help="The conversation whose watches and digests it keeps.")
@click.option("--lang", type=click.Choice(LANGS), help="Language of its answers.")
def create(
    workspace: str, label: str, abilities: tuple[str, ...], place: str | None, lang: str | None
) -> None:
    """Make a key for WORKSPACE (slack:T123, teams:<tenant>, or a name); it is shown this once."""
    from bot.api.keys import KeyFault
    from bot.api.keys import create as made
    from bot.cli.local import fail
    from bot.cli.state import open_state

    with open_state() as state:
        try:
            known, text = made(
                state, workspace, abilities=abilities, label=label, place=place, lang=lang,
                now=datetime.now(UTC),
            )  # fmt: skip
        except KeyFault as fault:
            fail(str(fault))
    click.echo(text)
    click.echo(
        f"Key {known.id} of {workspace}. Keep it as a password: it is not shown again.", err=True
    )


@key.command("list")
def list_keys() -> None:
    """Every key: its id, workspace, abilities, the day it was made and last used."""
    from bot.api.keys import every
    from bot.cli.state import open_state

    with open_state() as state:
        for key in every(state):
            may = ", ".join(["ask", *sorted(key.abilities)])
            last = f"last used {key.last_used}" if key.last_used else "never used"
            label = f"  {key.label}" if key.label else ""
            click.echo(f"{key.id}  {key.workspace}  {may}  made {key.created}  {last}{label}")


@key.command()
@click.argument("identity", metavar="ID")
def revoke(identity: str) -> None:
    """End a key by its id, or by the key itself; it is refused within a second."""
    from bot.api.keys import revoke as ended
    from bot.cli.local import fail
    from bot.cli.state import open_state

    with open_state() as state:
        gone = ended(state, identity)
    if gone is None:
        fail("No key has that id; `quartermaster key list` shows them.")
    click.echo(f"Key {gone.id} of {gone.workspace} is revoked.")
