"""What a question leaves behind for whoever runs the bot: its reference, and how long each step took.

Light, and silent until a service listens: code says `with step("render")` and knows nothing of
metrics or traces. A question's words are in none of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from functools import wraps
from typing import Literal, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

Step = Literal["understand", "answer", "render", "post"]


class Watcher(Protocol):
    """Who is told of steps: `bot.service.metrics`, in a service."""

    def step(self, name: Step) -> AbstractContextManager[None]: ...

    def waited(self, platform: str, seconds: float) -> None:
        """A post waited because its platform asked for patience."""


_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)
_arrived: ContextVar[float | None] = ContextVar("arrived", default=None)
_reference: ContextVar[str | None] = ContextVar("reference", default=None)


def watch(watcher: Watcher | None) -> None:
    """Reports to `watcher` from here on, in this task and in those that it starts."""
    _watcher.set(watcher)


def step(name: Step) -> AbstractContextManager[None]:
    watcher = _watcher.get()
    return nullcontext() if watcher is None else watcher.step(name)


def timed(name: Step) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The same for a whole function."""

    def around(work: Callable[P, R]) -> Callable[P, R]:
        @wraps(work)
        def counted(*args: P.args, **named: P.kwargs) -> R:
            with step(name):
                return work(*args, **named)

        return counted

    return around


def waited(platform: str, seconds: float) -> None:
    watcher = _watcher.get()
    if watcher is not None:
        watcher.waited(platform, seconds)


def arrive(at: float) -> None:
    """A request came in at this moment of `time.perf_counter`."""
    _arrived.set(at)


def arrived() -> float | None:
    """When the request came in that is being answered here; None for what no request began."""
    return _arrived.get()


def begin() -> str:
    """A new question: its reference stands in every log line from here on in this task."""
    import random  # a cold question needs none

    # It tells questions apart and is no secret: the system's own randomness costs 50 microseconds.
    reference = f"{random.getrandbits(32):08x}"
    _reference.set(reference)
    return reference


def current() -> str | None:
    """The reference of the question that is being answered here, if one is."""
    return _reference.get()


def reference() -> str:
    """The same, or a new one: what an apology asks the reader to quote."""
    return _reference.get() or begin()
