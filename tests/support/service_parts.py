"""A service to test: the real one, in this process or in one of its own, and what surrounds it."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from conftest import ROOT

from bot.app.serve import Service
from bot.core.settings import read_settings


def settings(folder: Path, **environ: str) -> Any:
    """Settings for development: Teams without credentials, no scheduled refresh."""
    given = {
        "QUARTERMASTER_DATA_DIR": str(folder),
        "QUARTERMASTER_DEV": "1",
        "QUARTERMASTER_PORT": "0",
        "QUARTERMASTER_REFRESH_EVERY_HOURS": "0",
        "QUARTERMASTER_MARKETPLACES_EVERY_HOURS": "0",
    }
    return read_settings(given | environ)


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[Service]:
    """The service on a free port, stopped at the end as SIGTERM would."""
    task = asyncio.create_task(service.run())
    started = asyncio.create_task(service.started.wait())
    await asyncio.wait({task, started}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    assert service.started.is_set(), task
    started.cancel()
    try:
        yield service
    finally:
        service.stop()
        assert await task == 0


class Process:
    """A real `quartermaster serve`, its log lines read as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._found = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._found:
                self.lines.append(line)
                self._found.notify_all()
        with self._found:
            self._found.notify_all()

    def wait_for(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        """The first log line that matches; fails when the process ends without one."""

        def found() -> re.Match[str] | None:
            return next((m for line in self.lines if (m := re.search(pattern, line))), None)

        with self._found:
            self._found.wait_for(lambda: found() or not self._reader.is_alive(), seconds)
            match = found()
        assert match, "".join(self.lines)
        return match

    def read_to_the_end(self) -> None:
        """Before the pipe is closed under the reader."""
        self._reader.join(20)

    @property
    def address(self) -> str:
        return self.wait_for(r"listening on (http://[^\s\"]+)").group(1)


@contextmanager
def process(folder: Path, **environ: str) -> Iterator[Process]:
    """Started with a clean environment; killed at the end if it still runs."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {
        "QUARTERMASTER_DATA_DIR": str(folder),
        "QUARTERMASTER_DEV": "1",
        "QUARTERMASTER_PORT": "0",
        "QUARTERMASTER_REFRESH_EVERY_HOURS": "0",
        "QUARTERMASTER_MARKETPLACES_EVERY_HOURS": "0",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        cwd=ROOT, env=keep | given | environ, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as started:  # fmt: skip
        found = Process(started)
        try:
            yield found
        finally:
            if started.poll() is None:
                started.kill()
            found.read_to_the_end()
