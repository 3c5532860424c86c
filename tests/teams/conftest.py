"""Teams tests talk over loopback: one that waits for ever fails with its stack instead."""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

LONGEST = 60.0
"""Seconds; the slowest test here takes a few."""


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(_: int, __: FrameType | None) -> None:
        faulthandler.dump_traceback(file=sys.__stderr__)
        raise TimeoutError(f"a test took longer than {LONGEST:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
