"""Known vulnerabilities of what is locked, what ships and what builds it: part of `make audit`.

Asks the vulnerability database through pip-audit. A package that nobody could be asked about is a
failure of its own: pip-audit itself would report "no known vulnerabilities" and succeed.

In a closed network, `AUDIT_DATABASE` names a copy instead: a directory or a zip of OSV records,
such as a checkout or GitHub's zip of github.com/pypa/advisory-database, or OSV's all.zip for PyPI.
What a copy older than a month does not know is not audited either, and it says so.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parent.parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")
IGNORED: dict[str, str] = {}
"""Advisory id -> why it does not concern us, and until when."""
FRESH = timedelta(days=31)
"""A database gets new advisories every few days."""
CLEAN, KNOWN, NOT_AUDITED = 0, 1, 3


class CopyFault(ValueError):
    """The copy of the database cannot be used; the message says why."""


def verdict(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Exit status and what to print, of a report in the shape of pip-audit's JSON."""
    packages = report["dependencies"]
    known = [
        f"{one['name']} {one['version']}: {vuln['id']}, mended in {', '.join(vuln['fix_versions']) or 'nothing yet'}"
        for one in packages
        for vuln in one.get("vulns", ())
        if vuln["id"] not in IGNORED and not IGNORED.keys() & set(vuln.get("aliases", ()))
    ]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    lines = [f"ignored: {advisory}: {why}" for advisory, why in IGNORED.items()]
    lines += known
    if skipped:
        lines.append(
            f"NOT AUDITED: nothing could be learned about {len(skipped)} of {len(packages)} packages; "
            "is the vulnerability database reachable from here?"
        )
    if not known and not skipped:
        lines.append(f"{len(packages)} packages, no known vulnerability")
    return (KNOWN if known else NOT_AUDITED if skipped else CLEAN), lines


# -- a copy of the database ------------------------------------------------------------------


def audited(database: Path, now: datetime) -> tuple[int, list[str]]:
    """The same of a copy of the database. Raises CopyFault."""
    records = list(_records(database))
    if not records:
        raise CopyFault(f"{database} holds no advisory (OSV records, .json or .yaml)")
    status, lines = verdict({"dependencies": _findings(records, _locked())})
    newest = max(_moment(one["modified"]) for one in records)
    lines.insert(0, f"{len(records):,} advisories, the newest of {newest:%Y-%m-%d}")
    if now - newest > FRESH:
        lines.append("NOT AUDITED: this copy cannot know newer advisories; renew it")
        status = status or NOT_AUDITED
    return status, lines


def _locked() -> dict[str, str]:
    """Name -> version of everything that is locked."""
    line = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)
    return {
        canonicalize_name(name): version
        for lock in LOCKS
        for name, version in line.findall((ROOT / lock).read_text())
    }


def _records(database: Path) -> Iterator[dict[str, Any]]:
    """OSV records that were not withdrawn."""
    try:
        for name, text in _files(database):
            record = _parsed(name, text)
            if "withdrawn" not in record:
                yield record
    except (OSError, ValueError, yaml.YAMLError, zipfile.BadZipFile) as fault:
        raise CopyFault(f"{database} cannot be read: {str(fault).splitlines()[0][:200]}") from fault


def _parsed(name: str, text: bytes) -> dict[str, Any]:
    record = json.loads(text) if name.endswith(".json") else yaml.load(text, yaml.CSafeLoader)
    if not isinstance(record, dict) or not {"id", "modified"} <= record.keys():
        raise ValueError(f"{name} is no OSV record")
    return record


def _files(database: Path) -> Iterator[tuple[str, bytes]]:
    if database.is_file():
        with zipfile.ZipFile(database) as archive:
            yield from ((name, archive.read(name)) for name in _advisories(archive.namelist()))
        return
    names = sorted(path.relative_to(database).as_posix() for path in database.rglob("*.*"))
    yield from ((name, (database / name).read_bytes()) for name in _advisories(names))


def _advisories(names: Iterable[str]) -> list[str]:
    """PyPA keeps them in `vulns`, in GitHub's zip below one more folder; beside it lie other files."""
    known = [name for name in names if name.endswith((".json", ".yaml", ".yml"))]
    return [name for name in known if "/vulns/" in f"/{name}"] or known


def _findings(records: list[dict[str, Any]], locked: dict[str, str]) -> list[dict[str, Any]]:
    """One entry for each package, as pip-audit writes them."""
    known: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in locked}
    for record in records:
        for affected in record.get("affected", ()):
            package = affected.get("package", {})
            name = canonicalize_name(package.get("name", ""))
            if package.get("ecosystem") != "PyPI" or name not in locked:
                continue
            if _affects(affected, Version(locked[name])):
                known[name][record["id"]] = {
                    "id": record["id"],
                    "aliases": record.get("aliases", []),
                    "fix_versions": [at for kind, at in _events(affected) if kind == "fixed"],
                }
    return [
        {"name": name, "version": version, "vulns": list(known[name].values())}
        for name, version in locked.items()
    ]


def _affects(affected: dict[str, Any], version: Version) -> bool:
    """OSV: versions are listed, or lie between what introduced and what mended the fault."""
    if any(_version(one) == version for one in affected.get("versions", ())):
        return True
    since = Version("0.dev0")
    within = False
    for kind, at in sorted(_events(affected), key=lambda event: _version(event[1]) or since):
        edge = _version(at) or since
        if kind == "introduced" and version >= edge:
            within = True
        elif (kind == "fixed" and version >= edge) or (kind == "last_affected" and version > edge):
            within = False
    return within


def _events(affected: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (kind, str(at))
        for span in affected.get("ranges", ())
        if span.get("type") == "ECOSYSTEM"
        for event in span.get("events", ())
        for kind, at in event.items()
    ]


def _version(text: str) -> Version | None:
    """None: what an index of today would not take, and we could not have locked."""
    try:
        return Version(str(text))
    except InvalidVersion:
        return None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(str(text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# -- the database itself ---------------------------------------------------------------------


def asked() -> tuple[int, list[str]]:
    """Exit status and what to print, of the database itself."""
    command = [
        sys.executable, "-m", "pip_audit", *(f"--requirement={ROOT / lock}" for lock in LOCKS),
        "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--timeout", "10",
        "--format", "json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return verdict(json.loads(done.stdout))
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1][:300]
        return NOT_AUDITED, [f"NOT AUDITED: pip-audit could not finish: {last}"]


def main() -> int:
    copy = os.environ.get("AUDIT_DATABASE")
    try:
        status, lines = audited(Path(copy), datetime.now(UTC)) if copy else asked()
    except CopyFault as fault:
        status, lines = NOT_AUDITED, [f"NOT AUDITED: {fault}"]
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
