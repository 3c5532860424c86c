"""Teams tests talk over loopback: one that waits for ever fails with its stack instead."""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

LONGEST, LONGEST_SLOW = 60.0, 400.0
"""Seconds; the slowest test here takes a few, and one marked slow about a minute."""


@pytest.fixture(autouse=True)
def _bounded(request: pytest.FixtureRequest) -> Iterator[None]:
    longest = LONGEST_SLOW if request.node.get_closest_marker("slow") else LONGEST

    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(_: int, __: FrameType | None) -> None:
        faulthandler.dump_traceback(file=sys.__stderr__)
        raise TimeoutError(f"a test took longer than {longest:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, longest)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
