"""Log lines as JSON (or as readable text on a terminal): a reference for each question, and never
a secret or anybody's words.

Two walls. What an exception says is left out while a question is being answered, unless it is a
fault of our own making: a KeyError repeats what somebody typed. And whatever is written, the
secrets of the settings and whatever looks like a token are struck out of the finished line.
"""

from __future__ import annotations

import io
import json
import logging
import queue
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener
from typing import TYPE_CHECKING, Any, TextIO, cast

import structlog
from pydantic import SecretStr

from bot.core import telemetry
from bot.core.settings import Settings

if TYPE_CHECKING:
    from types import TracebackType

WAITING = 10_000
"""Lines that may wait for a slow reader of our output; further ones are dropped and counted."""
LONGEST = 16_000
STRUCK = "[struck out]"
_OURS = ("bot.", "knowledge.")
_DATABASES = ("sqlalchemy.", "psycopg.", "sqlite3.")
"""Their faults repeat what is in a row."""
_SHAPES = re.compile(
    r"xox[a-z]-[\w-]{4,}|xapp-[\w-]{4,}"
    r"|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # JSON web tokens
    r"|(?i:bearer )[\w.~+/=-]{8,}"
    r"|(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"  # user:password@
    r"|(?<=hooks\.slack\.com/)[\w/-]+"
    r"|(?i:(?<=[?&]key=)|(?<=[?&]api_key=)|(?<=[?&]token=)|(?<=[?&]sig=))[^&\s\"']+"
)
_HINTS = ("xox", "xapp-", "eyj", "bearer ", "://", "hooks.slack.com/", "?", "&")
"""One of them stands in every text with such a shape, in small letters; found twenty times as fast."""
Event = MutableMapping[str, Any]


def secrets_of(settings: Settings) -> list[str]:
    """Every secret value of the settings, longest first."""
    found: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, SecretStr):
            found.add(value.get_secret_value())
        elif isinstance(value, dict):
            for held in value.values():
                collect(held)
        elif isinstance(value, tuple):
            for held in value:
                collect(held)

    for name in type(settings).model_fields:
        collect(getattr(settings, name))
    return sorted((value for value in found if len(value) >= 4), key=len, reverse=True)


def striker(secrets: Iterable[str]) -> Callable[[str], str]:
    """Strikes these values, and whatever looks like a token, out of a text."""
    known = tuple(secrets)

    def strike(text: str) -> str:
        for value in known:
            if value in text:
                text = text.replace(value, STRUCK)
        small = text.lower()
        return _SHAPES.sub(STRUCK, text) if any(hint in small for hint in _HINTS) else text

    return strike


def told(fault: BaseException) -> str:
    """What may be said of an exception: its kind; its words only when nobody else's are in them."""
    kind = type(fault)
    module = f"{kind.__module__}."
    ours = module.startswith(_OURS) or isinstance(fault, OSError)
    if ours or (telemetry.current() is None and not module.startswith(_DATABASES)):
        return f"{kind.__name__}: {fault}"
    return kind.__name__


def _trace(
    info: tuple[type[BaseException], BaseException, TracebackType | None],
) -> list[str]:
    """Where it happened, innermost last; chained faults after a line that says so."""
    out: list[str] = []
    fault: BaseException | None = info[1]
    seen: set[int] = set()
    while fault is not None and id(fault) not in seen:
        seen.add(id(fault))
        out.append(told(fault))
        out += [
            f"  {frame.filename.rpartition('/site-packages/')[2]}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(fault.__traceback__)[-25:]
        ]
        cause = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
        if cause is not None:
            out.append("after")
        fault = cause
    return out


class _Queued(QueueHandler):
    """Formats here, where the reference of the question is known; a thread writes, so that a slow
    reader of our output never stops the event loop."""

    dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return logging.makeLogRecord({"msg": self.format(record)})

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1


class _Writer(QueueListener):
    def enqueue_sentinel(self) -> None:
        """Waits for a place: at the end everything is written."""
        cast("queue.Queue[Any]", self.queue).put(None)


class _Written(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the name is the library's
        """What reads our output may be gone: that must not end the service."""


_ENCODE = json.JSONEncoder(ensure_ascii=False, default=str).encode
_ALWAYS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "taskName"}


class _Formatter(logging.Formatter):
    """One event; secrets are struck out last, of the finished line."""

    def __init__(
        self, render: Callable[[Any, str, Event], Any], strike: Callable[[str], str]
    ) -> None:
        super().__init__()
        self._render = render
        self._strike = strike

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        event |= {name: value for name, value in record.__dict__.items() if name not in _ALWAYS}
        reference = telemetry.current()
        if reference is not None:
            event.setdefault("reference", reference)
        if record.exc_info and record.exc_info[1] is not None:
            event["fault"] = _trace(record.exc_info)
        line = self._strike(str(self._render(None, "", event)))
        return line if len(line) <= LONGEST else line[:LONGEST] + "…"


def formatter(settings: Settings, *, readable: bool) -> logging.Formatter:
    """One line of JSON an event, or a coloured line for a person."""
    render = (
        structlog.dev.ConsoleRenderer(colors=True, timestamp_key="time")
        if readable
        else structlog.processors.JSONRenderer(serializer=lambda event, **_: _ENCODE(event))
    )
    return _Formatter(render, striker(secrets_of(settings)))


@contextmanager
def logging_to(stream: TextIO, settings: Settings) -> Iterator[None]:
    """Everything that is logged goes to `stream`, until the service ends."""
    if isinstance(stream, io.TextIOWrapper):  # half a character must not cost the lines beside it
        stream.reconfigure(errors="backslashreplace")
    handler = _Queued(queue.Queue(WAITING))
    writer = _Writer(handler.queue, _Written(stream))
    writer.start()
    handler.setFormatter(formatter(settings, readable=stream.isatty()))
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    # Libraries that log every request, with its address, at info.
    quiet = (
        "alembic",
        "httpx",
        "httpcore",
        "aiohttp.access",
        "msal",
        "slack_bolt",
        "slack_sdk",
        "urllib3",
    )
    for name in quiet:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    try:
        yield
    finally:
        writer.stop()  # returns when everything is written
        if handler.dropped:
            with suppress(OSError, ValueError):
                stream.write(f'{{"event": "log lines dropped", "lines": {handler.dropped}}}\n')
        root.setLevel(before[0])
        root.handlers[:] = before[1]
