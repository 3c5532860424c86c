"""Looks at what an installation leans on: one line each, and what to do about each fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import click

from bot.core.settings import SettingsFault, read_settings, unknown_names
from bot.core.wording import wording
from bot.service.doctor_check import Check
from knowledge.prices.store import Store, StoreFault


def run(data_dir: Path, now: datetime) -> int:
    """Prints every check; 0 when nothing is wrong, else 1."""
    wrong = 0
    for check in checks(data_dir, now):
        mark = {True: "ok", False: "FAULT", None: "-"}[check.ok]
        click.echo(f"{mark:<6}{check.name:<10}{check.what}")
        if check.ok is False:
            wrong += 1
            click.echo(f"{'':<16}{check.mend}")
    return 1 if wrong else 0


def checks(data_dir: Path, now: datetime) -> Iterator[Check]:
    yield from _settings()
    yield from _store(data_dir, now)
    yield from _bundled()
    yield from _state(now)
    yield from _platforms(now)
    yield from _advice()


def _settings() -> Iterator[Check]:
    try:
        read_settings()
    except SettingsFault as fault:
        for line in str(fault).splitlines():
            yield Check(
                "settings", ok=False, what=line, mend="Mend it in the environment and start again."
            )
    else:
        yield Check("settings", ok=True, what="all settings are readable")
    for name, meant in unknown_names().items():
        yield Check(
            "settings", ok=False, what=f"{name} is no setting",
            mend=f"Did you mean {meant}?" if meant else "docs/settings.md lists every setting.",
        )  # fmt: skip


def _state(now: datetime) -> Iterator[Check]:
    """Looks, and changes nothing: `serve` makes what is missing."""
    try:
        settings = read_settings()
    except SettingsFault:
        return  # told already
    from bot.state import State, StateFault
    from bot.state.database import connect
    from bot.state.seal import keyring

    kind = settings.state_address.partition(":")[0].replace("sqlite", "state.db")
    if settings.state_url is None and not (settings.data_dir / "state.db").exists():
        yield Check("state", ok=None, what="no state.db yet; serve makes it")
    else:
        try:
            keys = [key.get_secret_value() for key in settings.encryption_keys]
            state = State(connect(settings.state_address), key=keyring(keys), clock=None)
            try:
                ahead = abs((state.now() - now).total_seconds())
            finally:
                state.close()
        except StateFault as fault:
            yield Check(
                "state", ok=False, what=str(fault), mend="Mend QUARTERMASTER_STATE_URL, or start the database."
            )  # fmt: skip
        else:
            yield Check("state", ok=True, what=f"{kind} answers")
            if ahead > 60:
                yield Check(
                    "clock", ok=False, what=f"this machine and the state database are {ahead:.0f} s apart",
                    mend="Set both clocks by NTP; Slack's signatures are good for five minutes.",
                )  # fmt: skip
    if not settings.encryption_keys:
        yield Check(
            "sealing", ok=None, what="QUARTERMASTER_ENCRYPTION_KEYS is not set: contract prices and conversations are kept in clear"
        )  # fmt: skip


def _platforms(now: datetime) -> Iterator[Check]:
    try:
        settings = read_settings()
    except SettingsFault:
        return  # told already
    from bot.app.platforms import PLATFORMS

    for platform in PLATFORMS:
        yield from platform.doctor(settings, now)


def _store(data_dir: Path, now: datetime) -> Iterator[Check]:
    path = data_dir / "prices.db"
    try:
        store = Store.open(path, now)
    except StoreFault as fault:
        yield Check("store", ok=False, what=f"{path}", mend=str(fault))
        return
    say = wording("en")
    try:
        how = "read and write" if store.writable else "read-only"
        sources = store.sources(now)
        offers = sum(source.offers for source in sources)
        yield Check("store", ok=True, what=f"{path} ({how}), {say.number(offers)} offers")
        for source in sources:
            if source.newest is None:
                continue
            ahead = source.newest > now + timedelta(days=1)
            if ahead:
                yield Check(
                    "clock", ok=False, what=f"{source.name} has a price of {say.date(source.newest)}",
                    mend="Check this machine's clock.",
                )  # fmt: skip
            elif source.fault:
                yield Check(
                    "source", ok=False, what=f"{source.name}: {source.fault}", mend="Old prices stay in use."
                )  # fmt: skip
            else:
                state = "stale" if source.stale_offers == source.offers else "ok"
                yield Check(
                    "source",
                    ok=True,
                    what=f"{source.name}: {say.number(source.offers)} offers, newest of {say.date(source.newest)} ({state})",
                )
    except StoreFault as fault:
        yield Check("store", ok=False, what=str(path), mend=str(fault))
    finally:
        store.close()


def _bundled() -> Iterator[Check]:
    from knowledge.prices.csv_rows import RowFault, check_bundled

    try:
        check_bundled()
    except RowFault as fault:
        yield Check(
            "bundled",
            ok=False,
            what=str(fault).splitlines()[0],
            mend="Install quartermaster again.",
        )
    else:
        yield Check("bundled", ok=True, what="every bundled row is well-formed")


def _advice() -> Iterator[Check]:
    from knowledge.advice.rule import AdviceFault
    from knowledge.advice.rules import load

    try:
        rules = load()
    except AdviceFault as fault:
        for line in str(fault).splitlines():
            yield Check("advice", ok=False, what=line, mend="Mend the rule and start again.")
    else:
        oldest = min(rule.reviewed for rule in rules)
        yield Check("advice", ok=True, what=f"{len(rules)} rules, the oldest reviewed on {oldest}")
