"""Speed, each figure beside its floor of the same run: `make bench`.

`python tests/bench/run.py [PART...]` prints JSON with medians and ratios. Ratios are what
counts: floors (a bare SQLite query, a blank Python process, a bare executemany) are measured in
turn with ours. A part is a file in this folder with `measure(folder) -> dict`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
ROOMS = [str(HERE.parent.parent), str(HERE.parent), str(HERE.parent / "support")]
sys.path[:0] = ROOMS
# Parts start themselves again as processes of their own.
os.environ["PYTHONPATH"] = os.pathsep.join(ROOMS)
PARTS = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in {"run", "timing"})


def main() -> None:
    wanted = sys.argv[1:] or PARTS
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"No such part: {', '.join(sorted(unknown))}. Parts: {', '.join(PARTS)}")
    report = {}
    for name in wanted:
        print(f"measuring {name} ...", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            report[name] = import_module(name).measure(Path(folder))
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
