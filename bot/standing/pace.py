"""How fast the schedule runs."""

from __future__ import annotations

from typing import NamedTuple


class Pace(NamedTuple):
    """The defaults are for production; tests pass shorter ones."""

    tick: float = 1.0
    """Seconds between two looks at what is due."""
    lease: float = 60.0
    """Seconds a claim is good for; renewed while its send is under way."""
    send_timeout: float = 45.0
    """Seconds a post may take before it counts as "nobody knows"."""
    sends: int = 16
    """Posts under way at once in one replica."""
    share: float = 10.0
    """Seconds between two looks for a newer price store or contract prices."""
    refresh_lease: float = 300.0
    """Seconds a refresh is claimed for; renewed while it runs."""
    retry_refresh: float = 600.0
    """Seconds until a failed refresh is tried again, doubling up to its own interval."""
    stop: float = 30.0
    """Seconds that sends under way may take to end when we stop."""
