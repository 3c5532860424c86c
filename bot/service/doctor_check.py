"""One thing `doctor` looked at."""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    name: str
    ok: bool | None
    """None: not configured, which is no fault."""
    what: str
    """What was found, in one line, never with a secret's value."""
    mend: str = ""
    """What to do about it."""
