"""Gathers all that the image holds into one folder: `python rootfs.py ROOTFS INSTALLED`.

The interpreter that runs this, its standard library, what was INSTALLED, every shared library that
these ask the loader for, certificates, and a user. No shell, no package manager, no installer: what
is not there needs no update and helps nobody who gets in. Runs in the build stage, and without an
engine in `make container-steps`, which starts the result in a chroot.
"""

from __future__ import annotations

import compileall
import os
import re
import shutil
import ssl
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

USER = 10001
TREE = "/opt/quartermaster"
NOT_FROM_LIBRARY = {
    "__pycache__", "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo",
    "turtle.py", "ensurepip", "lib2to3", "pydoc_data", "config-*", "EXTERNALLY-MANAGED",
}  # fmt: skip
"""For developers, for windows on a screen, or compiled anew below."""
NOT_FROM_TREE = {
    "pip", "pip-*", "tests", "*.c", "*.cpp", "*.h", "*.pyx", "*.pxd", "*.pyi", "__pycache__",
}  # fmt: skip
"""An installer, tests, and what packages were compiled from."""
LOADED_LATER = ("libgcc_s.so.1",)
"""Libraries that glibc opens by name: no list of needed ones holds them."""
ETC = {
    "passwd": f"quartermaster:x:{USER}:{USER}::/data:/nonexistent\n",
    "group": f"quartermaster:x:{USER}:\n",
    "nsswitch.conf": "hosts: files dns\n",
}


class Rootfs:
    def __init__(self, root: Path) -> None:
        self.root = root

    def at(self, path: Path | str) -> Path:
        """Where a path of the image lies; its folder is made."""
        found = self.root / str(path).lstrip("/")
        found.parent.mkdir(parents=True, exist_ok=True)
        return found

    def skeleton(self) -> None:
        for name in ("bin", "lib", "lib64", "sbin"):  # as Debian has it
            (self.root / "usr" / name).mkdir(parents=True)
            (self.root / name).symlink_to(f"usr/{name}")
        for name, text in ETC.items():
            self.at(f"/etc/{name}").write_text(text, "utf-8")
        for name, mode, owner in (("data", 0o700, USER), ("tmp", 0o1777, 0)):
            (self.root / name).mkdir()
            (self.root / name).chmod(mode)
            os.chown(self.root / name, owner, owner)

    def interpreter(self) -> None:
        binary = Path(sys.executable).resolve()
        shutil.copy2(binary, self.at(binary))
        for name in ("python", "python3"):
            self.at(binary.with_name(name)).symlink_to(binary.name)
        library = Path(sysconfig.get_path("stdlib"))
        left_out = shutil.ignore_patterns(*NOT_FROM_LIBRARY)
        shutil.copytree(library, self.at(library), ignore=left_out)

    def tree(self, installed: Path) -> None:
        left_out = shutil.ignore_patterns(*NOT_FROM_TREE)
        shutil.copytree(installed, self.at(TREE), symlinks=True, ignore=left_out)

    def strip(self) -> None:
        """Debugging symbols go, a seventh of everything. Libraries that packages bring along in
        `*.libs` stay as they are: their headers were rewritten, which strip does not expect."""
        files = [path for path in self._objects() if not path.parent.name.endswith(".libs")]
        subprocess.run(["strip", "--strip-unneeded", "--preserve-dates", *files], check=True)

    def certificates(self) -> None:
        known = ssl.get_default_verify_paths()
        bundle = "/etc/ssl/certs/ca-certificates.crt"
        shutil.copy2(bundle, self.at(bundle))
        default = self.at(known.openssl_cafile)
        if not default.exists():
            default.symlink_to(bundle)

    def libraries(self) -> None:
        """Everything that is asked for, and what that asks for."""
        asked = needed(sorted(self._objects()), apart_from=self.root)
        for path in sorted(asked | set(by_name(LOADED_LATER))):
            real = Path(os.path.realpath(Path(path).parent)) / Path(path).name
            if not self.at(real).exists():
                shutil.copy2(path, self.at(real))  # the file itself, under the name asked for
        cache = Path("/etc/ld.so.cache")
        shutil.copy2(cache, self.at(cache))

    def _objects(self) -> Iterator[Path]:
        for path in self.root.rglob("*"):
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    if file.read(4) == b"\x7fELF":
                        yield path

    def compile(self) -> None:
        """Nothing can be written there later. Paths in traces are those of the image."""
        done = compileall.compile_dir(
            self.root, maxlevels=30, quiet=1, workers=0, stripdir=str(self.root), prependdir="/"
        )
        if not done:
            raise SystemExit("Some files could not be compiled.")


def needed(files: Sequence[Path], *, apart_from: Path) -> set[str]:
    """Paths of the shared libraries these files ask for, and those ask for in turn."""
    told = subprocess.run(["ldd", *files], capture_output=True, text=True, check=False).stdout
    missing = set(re.findall(r"(\S+) => not found", told))
    if missing:
        raise SystemExit(f"Not here, but asked for: {', '.join(sorted(missing))}.")
    found = set(re.findall(r"(?:=>|^)\s+(/\S+) \(0x", told, re.MULTILINE))
    return {path for path in found if not path.startswith(f"{apart_from}/")}


def by_name(names: Iterable[str]) -> Iterator[str]:
    told = subprocess.run(
        ["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True
    ).stdout
    for name in names:
        found = re.search(rf"^\s+{re.escape(name)} .*=> (\S+)$", told, re.MULTILINE)
        if found is None:
            raise SystemExit(f"{name} is not here.")
        yield found[1]


def main() -> None:
    root, installed = Path(sys.argv[1]), Path(sys.argv[2])
    rootfs = Rootfs(root)
    rootfs.skeleton()
    rootfs.interpreter()
    rootfs.tree(installed)
    rootfs.certificates()
    rootfs.libraries()
    rootfs.strip()
    rootfs.compile()


if __name__ == "__main__":
    main()
