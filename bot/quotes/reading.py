"""Reads a file in a child process with limits: what is hostile in it ends the child, not us."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

WALL = 6.0
USAGE_WALL = 120.0
"""Seconds on a busy machine's clock; the child's own limit is of the processor."""


def read_file(path: Path) -> dict[str, Any]:
    """The reading of a file on this machine, as `quotes.md`'s JSON with `file`. Raises OSError."""
    from bot.quotes import usage
    from bot.quotes.files import MOST_BYTES

    if not path.is_file():
        raise FileNotFoundError(2, "no such file", str(path))
    size = path.stat().st_size
    with path.open("rb") as file:
        billing = usage.is_focus(file.read(65536))
    if size > (usage.MOST_BYTES if billing else MOST_BYTES):
        return {"file": path.name, "status": "refused", "reason": "too_large", "quotes": []}
    return read_bytes(path.read_bytes(), path.name)


def read_bytes(body: bytes, name: str) -> dict[str, Any]:
    """The reading of an uploaded file; `name` is only shown and its ending looked at."""
    from bot.quotes import usage
    from bot.quotes.files import MOST_BYTES

    shown = Path(name.replace("\\", "/")).name[:120]
    if len(body) > (usage.MOST_BYTES if usage.is_focus(body[:65536]) else MOST_BYTES):
        return {"file": shown, "status": "refused", "reason": "too_large", "quotes": []}
    command = [sys.executable, "-I", "-m", "bot.quotes.child", shown]
    try:
        done = subprocess.run(  # noqa: S603  our own program, the name is data
            command, input=body, capture_output=True, timeout=USAGE_WALL if usage.is_focus(body[:65536]) else WALL, check=False, env={"PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        made = json.loads(done.stdout) if done.returncode == 0 else None
    except subprocess.TimeoutExpired:
        made = None
    except ValueError:
        made = None
    if made is None:
        made = {"status": "refused", "reason": "too_costly", "quotes": []}
    return {"file": shown, **made}


def read_text(text: str) -> dict[str, Any]:
    """The reading of text that somebody pasted; ours to read here, it has no parser to attack."""
    from bot.quotes import interpret

    return interpret.text(text)
