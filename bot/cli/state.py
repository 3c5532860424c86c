"""The ways in that concern what people entrusted to us, and the price stores replicas share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.language import LANGS

if TYPE_CHECKING:
    from bot.state import State
    from knowledge.prices.store import Store

SENT_WITHIN = 30.0
"""Seconds that `digest --send` waits for a running service to post it."""


@contextmanager
def open_state() -> Iterator[State]:
    """The state database of the settings; one clear line and exit status 1 when there is none."""
    from bot.cli.local import fail
    from bot.core.settings import SettingsFault, read_settings
    from bot.state import State, StateFault
    from bot.state.seal import keyring

    try:
        settings = read_settings()
        keys = keyring([key.get_secret_value() for key in settings.encryption_keys])
        opened = State.open(settings.state_address, key=keys)
    except (SettingsFault, StateFault) as fault:
        fail(str(fault))
    try:
        yield opened
    except StateFault as fault:
        fail(str(fault))
    finally:
        opened.close()


def bring_contracts(store: Store) -> None:
    """Negotiated prices out of the state database into this process."""
    from bot.standing.pricestore import copy_contracts

    with open_state() as state:
        copy_contracts(state, store)


@click.command()
@click.argument("text", nargs=-1)
@click.option("--now", is_flag=True, help="As things stand now (what happens anyway).")
@click.option("--send", "place", metavar="PLACE", help="Post it there, through a running service.")
@click.option("--lang", type=click.Choice(LANGS), help="Language of the digest.")
def digest(text: tuple[str, ...], now: bool, place: str | None, lang: Any) -> None:  # noqa: ARG001
    """Print a digest, or send it to a place, for example: digest weekly a100 h100."""
    import sys

    from bot.cli.local import open_store
    from bot.commands.digest import content
    from bot.core.desk import Asker, Desk
    from bot.core.wording import wording
    from bot.render.terminal import show
    from bot.understanding.understand import understand

    question = understand("digest " + " ".join(text))
    if place is not None:
        _send(question, place, lang)
        return
    moment = datetime.now(UTC)
    with open_store() as store:
        desk = Desk(store=store, now=moment, say=wording(lang or question.lang), asker=Asker())
        answer = content(question, desk)
        show(answer._replace(lang=lang or question.lang, question=question, now=moment), sys.stdout)


def _send(question: Any, place_id: str, lang: str | None) -> None:
    from bot.cli.local import fail
    from bot.standing.digests import DEFAULT_CARDS
    from bot.standing.watches import to_json

    with open_state() as state:
        place = state.places.get(place_id)
        if place is None:
            known = [place.id for place in state.places.below() if place.disabled_reason is None]
            some = ", ".join(known[:10]) + (", ..." if len(known) > 10 else "")
            fail(f"No place is called {place_id}. Known: {some or 'none yet; add the bot to one'}.")
        if place.disabled_reason is not None:
            fail(f"{place_id} takes no posts: {place.disabled_reason}.")
        moment = state.now()
        order = f"digest-by-hand-{moment:%Y%m%dT%H%M%S%f}"
        words = to_json(question._replace(accelerators=question.accelerators or DEFAULT_CARDS))
        payload = {"words": words, "every": question.every, "lang": lang or place.lang or "en"}
        state.deliveries.add(order, place.id, "digest", payload, moment)
        limit = time.monotonic() + SENT_WITHIN
        while time.monotonic() < limit:
            known_state, told = state.deliveries.state_of(order)
            if known_state == "sent":
                click.echo(f"Sent to {place_id}: message {told}.")
                return
            if known_state != "open":
                fail(f"Not sent: {told}.")
            time.sleep(0.2)  # polls what the service, another process, writes
    fail(
        "Not sent yet: no running `quartermaster serve` took it. It is sent as soon as one runs "
        "on this state database."
    )


@click.command()
def rollback() -> None:
    """Go back to the price store published before the current one, on every replica."""
    from bot.cli.local import fail, open_store
    from bot.standing import pricestore

    with open_state() as state:
        version = state.prices.rollback()
        if version is None:
            fail("There is no earlier price store to go back to.")
        with open_store() as store:
            pricestore.pull(state, store.path)
        was = next(
            published for published in state.prices.versions() if published.version == version
        )
    click.echo(f"Price store {version} is current now: a {was.note}. Replicas take it within 10 s.")


@click.group()
def state() -> None:
    """What people entrusted to us: back it up, move it to another database, change its keys."""


@state.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_all(file: Path) -> None:
    """Write every place, digest, watch, preference and contract price to FILE."""
    from bot.cli.local import fail
    from bot.state.moving import export_state

    with open_state() as opened:
        try:
            counts = export_state(opened, file)
        except OSError as fault:
            fail(f"{file} cannot be written: {fault.strerror}.")
    told = f"{_told(counts)} of {opened.engine.url.render_as_string()} written to {file}."
    click.echo(f"{told} Sealed values need the same keys again.")


@state.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_all(file: Path) -> None:
    """Read FILE into an empty state database: all of it, or nothing."""
    from bot.cli.local import fail
    from bot.state.moving import import_state

    with open_state() as opened:
        try:
            counts = import_state(opened, file)
        except (OSError, UnicodeDecodeError) as fault:
            fail(f"{file} cannot be read: {fault}.")
    click.echo(f"{_told(counts)} read from {file}.")


@state.command()
def reseal() -> None:
    """Seal everything again with the first key of QUARTERMASTER_ENCRYPTION_KEYS."""
    from bot.state.resealing import reseal as sealed_again

    with open_state() as opened:
        counts = sealed_again(opened)
    named = ", ".join(f"{name} {number}" for name, number in sorted(counts.items()) if number)
    click.echo(
        f"{_number(sum(counts.values()), 'value')} sealed with the first key"
        f"{f': {named}' if named else ''}. "
        "Other keys may go once every replica has started with the first."
    )


def _told(counts: Any) -> str:
    shown = {"place": "place", "subscription": "digest", "watch": "watch"}
    named = ", ".join(_number(counts[table], name) for table, name in shown.items())
    return f"{_number(sum(counts.values()), 'row')} ({named})"


def _number(n: int, of: str) -> str:
    """ "1 watch", "1,204 watches"."""
    if n != 1:
        of += "es" if of.endswith("ch") else "s"
    return f"{n:,} {of}"
