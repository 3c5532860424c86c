"""What commands at a terminal share: the local store, who sits here, and how they fail."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

from bot.core.desk import Asker
from bot.core.paths import prices_path

if TYPE_CHECKING:
    from knowledge.prices.store import Store


def fail(message: str) -> NoReturn:
    """One clear line and exit status 1."""
    sys.stderr.write(f"{message}\n")
    sys.exit(1)


@contextmanager
def open_store() -> Iterator[Store]:
    """The local price store, seeded from the bundled prices on first use."""
    from knowledge.advice.rule import AdviceFault
    from knowledge.advice.rules import load
    from knowledge.prices.store import Store, StoreFault

    try:
        load()
        store = Store.open(prices_path(), datetime.now(UTC))
    except (AdviceFault, StoreFault) as fault:
        fail(str(fault))
    try:
        yield store
    finally:
        store.close()


def terminal() -> Asker:
    """Whoever sits here, with the formats that their environment asks for."""
    from bot.core.desk import TERMINAL

    names = ("LC_ALL", "LC_NUMERIC", "LANG")
    locale = next((os.environ[name] for name in names if os.environ.get(name)), None)
    return TERMINAL._replace(locale=locale)
