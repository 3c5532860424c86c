"""A real PostgreSQL for tests: our own server on a free port, its files in a temporary folder."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
if found := shutil.which("initdb"):
    BINARIES.append(Path(found).parent)
MISSING = "no PostgreSQL server is installed; run: make parts"


class Server:
    """`url` names no database; `database()` makes one and gives its whole address."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="qm-pg-", dir="/tmp"))
        self.port = _free_port()
        self.root = os.geteuid() == 0
        self.user = "postgres" if self.root else pwd.getpwuid(os.geteuid()).pw_name
        if self.root:
            shutil.chown(self.folder, "postgres", "postgres")
        # A run that is killed closes nothing: what it held open ends, and the watcher sees that.
        self._watcher = subprocess.Popen(
            [sys.executable, __file__, str(self.folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        self._run("initdb", "-D", self.data, "-U", "quartermaster", "-A", "trust", "-E", "UTF8")
        self.start()

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def _as_user(self, *words: str) -> list[str]:
        command = [str(BINARIES[0] / words[0]), *words[1:]]
        if not self.root:
            return command
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]

    def _run(self, *words: str) -> None:
        done = subprocess.run(
            self._as_user(*words), cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.fail(f"{words[0]}: {done.stderr[-400:]}")

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} "
            "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"
        )
        self._run(
            "pg_ctl", "-D", self.data, "-o", options, "-l", str(self.folder / "log"), "-w", "start"
        )

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def pause(self) -> None:
        """Every process of the server stands still: slow beyond patience."""
        _signal(self.folder, signal.SIGSTOP)

    def go_on(self) -> None:
        _signal(self.folder, signal.SIGCONT)

    def database(self) -> str:
        import psycopg

        name = f"t{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name}")
        return self._address(name)

    def _address(self, name: str) -> str:
        return f"postgresql://quartermaster@127.0.0.1:{self.port}/{name}"

    def close(self) -> None:
        _end(self.folder)
        assert self._watcher.stdin is not None
        self._watcher.stdin.close()
        self._watcher.wait()


def _signal(folder: Path, number: signal.Signals) -> int | None:
    """To every process of the server; the main one's id, None when there is no server."""
    try:
        main = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    except (OSError, IndexError, ValueError):
        return None
    for pid in (main, *map(int, children)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    return main


def _end(folder: Path) -> None:
    """The server and its files, whatever state they are in."""
    _signal(folder, signal.SIGCONT)
    if main := _signal(folder, signal.SIGQUIT):
        limit = time.monotonic() + 10
        while Path(f"/proc/{main}").exists() and time.monotonic() < limit:
            time.sleep(0.02)  # polls for the end of a process that is not our child
    shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server of this test run."""
    if not BINARIES:
        pytest.skip(MISSING)
    server = Server()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty state database's address, on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state.db'}"
    return str(request.getfixturevalue("postgres").database())


def wait_until(condition: object, seconds: float = 20.0, what: str = "") -> None:
    """Waits until `condition()` is true; fails saying what did not come."""
    limit = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > limit:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)  # polls a condition


if __name__ == "__main__":
    sys.stdin.read()  # ends when whoever started us does, however it ends
    _end(Path(sys.argv[1]))
