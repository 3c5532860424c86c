"""The Dockerfile's steps, one by one, where no container engine runs: `make container-steps`.

Reads the Dockerfile, does what each instruction says in a fresh folder that stands for the build
stage, then makes the folder it gathered the root (chroot): whatever was forgotten is not there. As
an unprivileged user who can write to nothing but the volume and /tmp it starts the service, checks
it from outside as HEALTHCHECK does, asks, and stops it with SIGTERM. Prints each step and what was
measured; exits 1 on the first that fails.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
USER = 10001
MOST_MB = 250
"""Of the whole image, unpacked, compiled files included."""
MOVED = ("/opt/quartermaster", "/tools", "/src", "/rootfs")
"""Paths of the build stage that this folder stands for."""
PARTS = (
    "opt/quartermaster/lib",
    "usr/lib/python3.11",
    "usr/lib/x86_64-linux-gnu",
    "usr/local",
    "usr/bin",
)
LOAD_ALL = """
import ctypes, pathlib
for path in pathlib.Path("/opt/quartermaster/lib").rglob("*.so*"):
    ctypes.CDLL(str(path))
"""


def python() -> str:
    """A Python that an unprivileged user may run: not one in somebody's home folder."""
    for given in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        found = Path(given).resolve()
        if found.exists() and all(p.stat().st_mode & 0o001 for p in (found, *found.parents)):
            return str(found)
    raise SystemExit("No Python here can be run by an unprivileged user.")


class Step(NamedTuple):
    word: str
    rest: str


def steps(text: str) -> Iterator[Step]:
    """The instructions of a Dockerfile, continuations joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for joined in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if joined.strip():
            word, _, rest = joined.strip().partition(" ")
            yield Step(word.upper(), re.sub(r"\s+", " ", rest).strip())


class Machine:
    """A folder that stands for an image while it is built, and then for its container."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.env: dict[str, str] = {}
        self.user = 0
        self.work = "/"
        self.entry: list[str] = []
        self.command: list[str] = []
        self.health: list[str] = []
        self.volumes: list[str] = []

    def real(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def moved(self, text: str) -> str:
        """The same words with the image's paths put under our folder."""
        for path in MOVED:
            text = re.sub(rf"(?<![\w.]){re.escape(path)}(?=[/\s:]|$)", str(self.real(path)), text)
        return text

    def environ(self) -> dict[str, str]:
        keep = {name: os.environ[name] for name in ("PATH", "HOME")}
        return keep | {name: self.moved(value) for name, value in self.env.items()}

    def do(self, step: Step) -> str:
        """Does it; returns what there is to say of it."""
        return getattr(self, f"_{step.word.lower()}", self._noted)(step.rest)

    def _noted(self, rest: str) -> str:
        return "noted"

    def _from(self, rest: str) -> str:
        self.env, self.work = {}, "/"
        if rest == "scratch":
            return "nothing"
        return (
            f"this machine's Python {sys.version.split()[0]} stands for {rest.split(maxsplit=1)[0]}"
        )

    def _env(self, rest: str) -> str:
        self.env |= dict(part.split("=", 1) for part in shlex.split(rest))
        return "set"

    def _workdir(self, rest: str) -> str:
        self.work = rest
        self.real(rest).mkdir(parents=True, exist_ok=True)
        return "made"

    def _copy(self, rest: str) -> str:
        words = rest.split()
        if words[0].startswith("--from="):
            assert words[1:] == ["/rootfs", "/"], rest
            return "from now on the root"
        target = self.real(self.work) / words[-1] if words[-1].startswith(".") else None
        assert target is not None, rest
        for name in words[:-1]:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)  # a file's folder is not kept, as in an image
        return "copied"

    def _run(self, rest: str) -> str:
        script = self.moved(rest).replace("python -m venv", f"{python()} -m venv")
        begun = time.monotonic()
        done = subprocess.run(
            ["sh", "-euc", script], cwd=self.real(self.work), env=self.environ(),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"failed:\n{done.stdout}\n{done.stderr}")
        return f"{time.monotonic() - begun:.0f} s"

    def _user(self, rest: str) -> str:
        self.user = int(rest.split(":", maxsplit=1)[0])
        return "from here on"

    def _volume(self, rest: str) -> str:
        self.volumes.append(rest)
        return "kept writable"

    def _entrypoint(self, rest: str) -> str:
        self.entry = json.loads(rest)
        return "noted"

    def _cmd(self, rest: str) -> str:
        self.command = json.loads(rest)
        return "noted"

    def _healthcheck(self, rest: str) -> str:
        self.health = json.loads(rest[rest.index("CMD ") + 4 :])
        return "noted"


def size_mb(folder: Path) -> float:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 1e6


def main() -> None:
    if os.getuid() != 0:
        raise SystemExit("Run it as root: it becomes another user.")
    with tempfile.TemporaryDirectory(prefix="quartermaster-image-") as name:
        machine = Machine(Path(name))
        machine.root.chmod(0o755)
        for step in steps((ROOT / "Dockerfile").read_text("utf-8")):
            print(f"{step.word:<12}{step.rest[:90]:<92}", end="", flush=True)
            print(machine.do(step), flush=True)
        rootfs = machine.real("/rootfs")
        moved_back(rootfs, machine.root)
        total = size_mb(rootfs)
        print(f"\nthe image: {total:.0f} MB unpacked, of which")
        for part in PARTS:
            if (rootfs / part).exists():
                print(f"  {size_mb(rootfs / part):>5.0f} MB  /{part}")
        assert total < MOST_MB, "too large"
        served(machine, rootfs)


def moved_back(rootfs: Path, folder: Path) -> None:
    """Scripts and settings that name the folder which stood for the build stage name the image's."""
    for path in (rootfs / "opt" / "quartermaster").glob("bin/*"):
        if path.is_file() and not path.is_symlink():
            path.write_bytes(path.read_bytes().replace(str(folder).encode(), b""))
    settings = rootfs / "opt" / "quartermaster" / "pyvenv.cfg"
    settings.write_text(settings.read_text("utf-8").replace(str(folder), ""), "utf-8")


def devices(rootfs: Path) -> None:
    """What an engine gives every container."""
    (rootfs / "dev").mkdir()
    for name, minor in (("null", 3), ("urandom", 9)):
        os.mknod(rootfs / "dev" / name, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
        (rootfs / "dev" / name).chmod(0o666)


def served(machine: Machine, rootfs: Path) -> None:
    """Starts it with a tree nobody may write to, and looks at it from outside."""
    assert machine.user == USER
    devices(rootfs)
    port = 20_000 + os.getpid() % 10_000
    env = machine.env | {
        "QUARTERMASTER_PORT": str(port), "QUARTERMASTER_HOST": "127.0.0.1",
        "QUARTERMASTER_DEV": "1", "QUARTERMASTER_REFRESH_EVERY_HOURS": "0",
    }  # fmt: skip

    def run(words: list[str], **more: object) -> subprocess.Popen[str]:
        found = f"{env['PATH']}/{words[0]}"
        return subprocess.Popen(
            ["/usr/sbin/chroot", f"--userspec={USER}:{USER}", str(rootfs), found, *words[1:]],
            env=env, text=True, **more,
        )  # type: ignore[call-overload,no-any-return]  # fmt: skip

    names = {path.name for path in rootfs.rglob("*")}
    assert not names & {"sh", "bash", "dash", "apt", "dpkg", "pip"}, "a shell or an installer"
    assert run(["python", "-c", LOAD_ALL]).wait() == 0, "a library cannot be loaded"
    nosy = run(["python", "-c", "open('/opt/quartermaster/x', 'w')"], stderr=subprocess.PIPE)
    assert nosy.wait() != 0, "the tree can be written to"
    begun = time.monotonic()
    service = run([*machine.entry, *machine.command], stderr=subprocess.PIPE)
    try:
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                    print(
                        f"ready after {time.monotonic() - begun:.1f} s as uid {USER}: {answer.read().decode().strip()}"
                    )
                break
            except OSError as fault:
                if service.poll() is not None or time.monotonic() - begun > 60:
                    service.kill()
                    assert service.stderr
                    raise SystemExit(f"not ready: {fault}\n{service.stderr.read()}") from None
                time.sleep(0.05)  # polls a port of another process
        assert run(machine.health).wait(20) == 0, "HEALTHCHECK failed"
        print("HEALTHCHECK passes")
        asked = run([*machine.entry, "ask", "cheapest", "A100"], stdout=subprocess.PIPE)
        assert asked.stdout
        print("ask:", asked.stdout.read().splitlines()[0])
    finally:
        service.send_signal(signal.SIGTERM)
    assert service.wait(30) == 0, "not a clean stop"
    left = [
        path
        for path in rootfs.rglob("*")
        if path.lstat().st_uid == USER and path.relative_to(rootfs).parts[0] not in {"data", "tmp"}
    ]
    assert not left, left
    print("stopped cleanly; nothing was written outside the volume")


if __name__ == "__main__":
    main()
