"""Hostile input for a set time: `make fuzz`, ten minutes by default; FUZZ_SECONDS sets another.

Takes turns among words, feed parsers, renderers and HTTP routes. What breaks one is written,
shrunk by hypothesis, to `tests/fuzz/crashes/<target>/`; `tests/fuzz/test_crashes.py` tries every
file there for ever after.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE.parent), str(HERE.parent / "support"), str(HERE)]

from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402  the path comes first
from targets import TARGETS, kept  # noqa: E402

EXAMPLES = 300
"""Of one target, before the next has its turn."""


def main() -> int:
    seconds = float(os.environ.get("FUZZ_SECONDS", "600"))
    begun = time.monotonic()
    tried = dict.fromkeys(TARGETS, 0)
    broken: dict[str, str] = {}
    turn = 0
    while time.monotonic() - begun < seconds and len(broken) < len(TARGETS):
        turn += 1
        for name, target in TARGETS.items():
            if name in broken or time.monotonic() - begun > seconds:
                continue
            last: list[object] = []

            @seed(turn)
            @settings(
                max_examples=EXAMPLES, deadline=None, database=None,
                suppress_health_check=list(HealthCheck),
                phases=(Phase.generate, Phase.shrink),
            )  # fmt: skip
            @given(target.given)
            def attempt(value: object) -> None:
                last[:] = [value]
                tried[name] += 1
                target.run(value)

            try:
                attempt()
            except Exception:  # noqa: BLE001  whatever it is, it is what we look for
                broken[name] = traceback.format_exc(limit=-4)
                print(f"{name}: kept as {kept(name, last[0])}", flush=True)
    for name, count in tried.items():
        print(f"{name:<12}{count:>8,} tried  {'BROKEN' if name in broken else 'ok'}")
    for name, trace in broken.items():
        print(f"\n{name}\n{trace}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
