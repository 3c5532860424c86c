"""The two databases as parts of the service: opened when they can be, mended when they break."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from bot.core.settings import Settings, SettingsFault
from bot.service.repeated import Repeated
from bot.state import State, StateFault
from bot.state.database import connect
from bot.state.seal import keyring
from bot.state.upgrading import upgrade
from knowledge.prices.store import Store, StoreFault

log = logging.getLogger(__name__)

LOOK_EVERY = 3.0
"""Seconds between two looks at a database."""
FIRST_TRY = 2.0
"""Seconds that a start waits for the state database; then it goes on without."""


class StoreKeeper:
    """The price store. A file that is gone or broken is made anew from the bundled prices; the
    schedule brings the newest ones back."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        """Raises StoreFault when no store can be made there."""
        self._clock = clock
        self.store = Store.open(path, clock())
        self._looking = threading.Lock()
        self._fault: str | None = None
        self._looks = Repeated("store keeper", self._look_again)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="store keeper")

    async def start(self) -> None:
        self._looks.start(after=LOOK_EVERY)

    async def stop(self) -> None:
        await self._looks.stop()
        self._pool.shutdown(wait=False)

    def not_ready(self) -> str | None:
        return self._fault

    async def _look_again(self) -> float:
        fault = await asyncio.get_running_loop().run_in_executor(self._pool, self.look)
        if fault != self._fault:
            if fault:
                log.error("the price store cannot be used: %s", fault)
            else:
                log.warning("the price store can be read again")
        self._fault = fault
        return LOOK_EVERY

    def look(self) -> str | None:
        """What is wrong with the store and could not be mended, or None."""
        with self._looking:
            return self._look(self.store.path)

    def _look(self, path: Path) -> str | None:
        try:
            self.store.version()
        except (StoreFault, IndexError) as fault:
            if not self.store.writable and path.exists():
                return str(fault)
            try:
                self._mend(path)
            except (StoreFault, OSError) as still:
                return str(still)
        return None

    def _mend(self, path: Path) -> None:
        """Moves a broken file aside, and makes a store in its place."""
        if path.exists():
            aside = path.with_name(f"{path.name}.broken")
            log.error("the price store is broken; it is kept as %s", aside.name)
            path.replace(aside)
        for side in ("-wal", "-shm"):  # they belong to the file that is gone
            with suppress(FileNotFoundError):
                path.with_name(path.name + side).unlink()
        Store.open(path, self._clock()).close()
        self.store.version()


class StateKeeper:
    """The state database. A service starts without it, says so, and goes on trying."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsFault for an address or a key that cannot be used."""
        keys = [key.get_secret_value() for key in settings.encryption_keys]
        try:
            self.state = State(connect(settings.state_address), key=keyring(keys), clock=None)
        except StateFault as fault:
            raise SettingsFault(str(fault)) from None
        self.state.watches.rearm = settings.rearm_percent / 100
        self._fault: str | None = "not reached yet"
        self._upgraded = False
        self._looked = asyncio.Event()
        self._looks = Repeated("state keeper", self._look_again)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="state keeper")

    async def start(self) -> None:
        self._looks.start()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._looked.wait(), FIRST_TRY)
        if self._fault:
            log.warning("starting without the state database: %s", self._fault)

    async def stop(self) -> None:
        await self._looks.stop()
        self._pool.shutdown(wait=False)

    def not_ready(self) -> str | None:
        return self._fault

    async def _look_again(self) -> float:
        fault = await asyncio.get_running_loop().run_in_executor(self._pool, self.look)
        if fault != self._fault and self._upgraded:
            log.log(
                logging.WARNING if fault else logging.INFO,
                "state database: %s", fault or "answers",
            )  # fmt: skip
        self._fault = fault
        self._looked.set()
        return LOOK_EVERY

    def look(self) -> str | None:
        """Why the state cannot be used, or None; brings its schema up to date first."""
        try:
            if not self._upgraded:
                upgrade(self.state)
                self._upgraded = True
            self.state.ping()
        except StateFault as fault:
            return str(fault)
        return None
