"""Known vulnerabilities of what is locked: part of `make audit`.

Asks the vulnerability database through pip-audit. A package that nobody could be asked about is a
failure of its own: pip-audit itself would report "no known vulnerabilities" and succeed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
IGNORED: dict[str, str] = {}
"""Advisory id -> why it does not concern us, and until when."""
CLEAN, KNOWN, NOT_AUDITED = 0, 1, 3


def verdict(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Exit status and what to print, of pip-audit's JSON."""
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


def main() -> int:
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / "requirements.lock"),
        "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--timeout", "10",
        "--format", "json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1][:300]
        print(f"NOT AUDITED: pip-audit could not finish: {last}")
        return NOT_AUDITED
    status, lines = verdict(report)
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
