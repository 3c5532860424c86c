"""What is released, built and tried: wheel and sdist into artefacts/dist. `make release-check` adds image steps and SBOM.

The wheel is installed into a fresh environment, beside the locked packages, and answers from there. The sdist
holds the tests, and a wheel built from it holds the same files. The version is the same everywhere it stands.
Exits 1 naming the first fault.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DIST = ROOT / "artefacts" / "dist"
NEEDED = (
    "knowledge/data/offers.csv",
    "bot/language/es/quartermaster.mo",
    "bot/understanding/weights.bin",
)


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """What a program says on standard output; raises SystemExit with all it said when it fails."""
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command}:\n{done.stdout}{done.stderr}")
    return done.stdout


def versions() -> dict[str, str]:
    """Where the version stands -> what stands there."""
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    docker = (ROOT / "Dockerfile").read_text("utf-8")
    return {
        "pyproject.toml": tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"],
        "CHANGELOG.md": re.findall(r"^## (\S+)", changes, re.MULTILINE)[0],
        "Dockerfile": re.findall(r"^ARG VERSION=(\S+)", docker, re.MULTILINE)[0],
        "docs/openapi.json": json.loads((ROOT / "docs/openapi.json").read_text("utf-8"))["info"]["version"],
    }  # fmt: skip


def build(source: Path, into: Path) -> list[Path]:
    run(sys.executable, "-m", "hatchling", "build", "-d", into, cwd=source)
    return sorted(into.glob("quartermaster-*"))


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as file:
        return {name for name in file.namelist() if ".dist-info/" not in name}


def answers(wheel: Path, folder: Path) -> str:
    """The first line of what an installation of its own answers."""
    home = folder / "installed"
    venv.create(home, with_pip=False)
    python, uv = home / "bin" / "python", Path(sys.executable).parent / "uv"
    lock = ROOT / "requirements.lock"
    run(uv, "pip", "install", "-q", "--python", python, "--require-hashes", "-r", lock)
    run(uv, "pip", "install", "-q", "--python", python, "--no-deps", wheel)
    said = run(
        home / "bin" / "quartermaster", "ask", "cheapest", "A100",
        cwd=folder, QUARTERMASTER_DATA_DIR=str(folder / "data"),
    )  # fmt: skip
    return said.splitlines()[0]


def main() -> int:
    found = versions()
    if len(set(found.values())) != 1:
        raise SystemExit(f"The version differs: {found}")
    shutil.rmtree(DIST, ignore_errors=True)
    wheel, sdist = build(ROOT, DIST)
    if missing := [name for name in NEEDED if name not in contents(wheel)]:
        raise SystemExit(f"{wheel.name} lacks {missing}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with tarfile.open(sdist) as file:
            file.extractall(folder, filter="data")
        (source,) = folder.iterdir()
        if not (source / "tests" / "conftest.py").exists():
            raise SystemExit(f"{sdist.name} lacks the tests")
        again, _ = build(source, folder / "again")
        if differing := contents(again) ^ contents(wheel):
            raise SystemExit(f"A wheel of the sdist differs: {sorted(differing)[:5]}")
        said = answers(wheel, folder)
    for path in (wheel, sdist):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1e6:.1f} MB")
    print("installed, it answers:", said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
